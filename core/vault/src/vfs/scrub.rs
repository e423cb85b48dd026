//! What SQLite leaves behind in a page. `secure_delete` overwrites a cell that is deleted; but where a page is balanced, a
//! copy of each cell that moved to another page stays in the unused bytes of the one that it left, and nothing
//! overwrites it when the cell is deleted there. So unused bytes of b-tree pages become zeros when they are written to
//! the database.
//!
//! A page does not say of what kind it is. What else there is begins with the number of a page: the next overflow page,
//! the next trunk of the free list. Below [`MAX_PAGES`] its first byte is none of a b-tree page's. Pointer maps,
//! which only `auto_vacuum` makes, could be mistaken for one: such a database is no store.

use std::ops::Range;

use kist_crypto::page::{PAGE, Page, RESERVED};

/// The most pages that a store can have: 128 GiB.
pub(super) const MAX_PAGES: u32 = 0x0200_0000 - 1;
/// Bytes of a page that SQLite uses.
const USABLE: usize = PAGE - RESERVED;
/// Bytes of a free block that link it to the next and say its size.
const FREE_BLOCK: usize = 4;

/// Page `number` with zeros in its unused bytes, or `None` where they are zeros, and for what is no sound b-tree page.
pub(super) fn scrubbed(number: u32, page: &Page) -> Option<Page> {
    if is_clean(number, page) {
        return None;
    }
    let mut clean = *page;
    visit_unused(number, page, |range| clean[range].fill(0))?;
    Some(clean)
}

/// Whether [`scrubbed`] has nothing to do.
pub(super) fn is_clean(number: u32, page: &Page) -> bool {
    let mut zeros = true;
    let visited = visit_unused(number, page, |range| zeros &= is_zero(&page[range]));
    zeros || visited.is_none()
}

/// Looks at many bytes at once: every page that is written comes here.
fn is_zero(bytes: &[u8]) -> bool {
    bytes
        .chunks(64)
        .all(|part| part.iter().fold(0, |any, byte| any | byte) == 0)
}

/// Visits the bytes of a b-tree page that hold nothing: those between its cell pointers and its cells, and its free blocks. Up to
/// three bytes between two cells, which SQLite keeps no list of, are not among them. The file format's sections 1.6 and
/// on (sqlite.org/fileformat2.html) say where what lies. `None` for what is no sound b-tree page.
fn visit_unused(number: u32, page: &Page, mut visit: impl FnMut(Range<usize>)) -> Option<()> {
    let start = if number == 1 { 100 } else { 0 };
    let header = match page[start] {
        2 | 5 => 12,
        10 | 13 => 8,
        _ => return None,
    };
    let content = read(page, start + 5)?;
    let gap = start + header + 2 * read(page, start + 3)?..content;
    if gap.start > gap.end || gap.end > USABLE {
        return None;
    }
    visit(gap);
    let (mut block, mut least) = (read(page, start + 1)?, content);
    while block != 0 {
        let end = block + read(page, block + 2)?;
        if block < least || end < block + FREE_BLOCK || end > USABLE {
            return None;
        }
        visit(block + FREE_BLOCK..end);
        (block, least) = (read(page, block)?, end);
    }
    Some(())
}

fn read(page: &Page, at: usize) -> Option<usize> {
    let bytes = page.get(at..at + 2)?.try_into().ok()?;
    Some(usize::from(u16::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A leaf with two cells, 16 bytes between them free, and something in every byte that holds nothing.
    fn leaf(start: usize) -> Page {
        let mut page = [7; PAGE];
        page[USABLE..].fill(0);
        let cells: [u16; 2] = [4000, 4030];
        page[start..start + 8].copy_from_slice(&[13, 0x0F, 0xAA, 0, 2, 0x0F, 0xA0, 0]);
        page[start + 8..start + 10].copy_from_slice(&cells[0].to_be_bytes());
        page[start + 10..start + 12].copy_from_slice(&cells[1].to_be_bytes());
        page[4010..4014].copy_from_slice(&[0, 0, 0, 16]);
        page
    }

    #[test]
    fn what_no_cell_has_becomes_zeros_and_cells_stay() {
        for (number, start) in [(2, 0), (1, 100)] {
            let page = leaf(start);
            let clean = scrubbed(number, &page).unwrap();
            for at in 0..PAGE {
                let unused = (start + 12..4000).contains(&at) || (4014..4026).contains(&at);
                assert_eq!(clean[at], if unused { 0 } else { page[at] }, "byte {at}");
            }
            assert_eq!(scrubbed(number, &clean), None);
        }
    }

    #[test]
    fn what_is_no_sound_b_tree_page_stays_as_it_is() {
        let broken: [(usize, &[u8]); 8] = [
            (0, &[0]),             // an overflow page
            (0, &[1]),             // no kind of page
            (5, &[0x0F, 0xD9]),    // cells that begin behind the page's end
            (3, &[0x0F, 0xA0]),    // more pointers than there is room for
            (1, &[0x00, 0x20]),    // a free block among the pointers
            (4010, &[0x0F, 0xAA]), // free blocks in a circle
            (4012, &[0, 3]),       // one that is too small
            (4012, &[0x10, 0]),    // one that is too large
        ];
        for (at, bytes) in broken {
            let mut page = leaf(0);
            page[at..at + bytes.len()].copy_from_slice(bytes);
            assert_eq!(scrubbed(2, &page), None, "{bytes:?} at {at}");
        }
        assert_eq!(scrubbed(2, &[0xFF; PAGE]), None);
    }
}
