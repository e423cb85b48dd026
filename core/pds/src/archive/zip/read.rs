//! A zip file of somebody else's making, read without believing what it says.
//!
//! The directory is walked entry by entry, so that it costs no memory. Nothing is read beyond what an entry's header
//! declares, and content that is longer, shorter or other than declared is damage. Entries that share bytes of the file
//! (the way in which small zip files become enormous) are refused as a whole.

use std::io::{self, Read, Seek, SeekFrom};

use miniz_oxide::inflate::stream::{InflateState, inflate};
use miniz_oxide::{DataFormat, MZFlush, MZStatus};

use super::crc::Crc;
use super::{
    CENTRAL_HEADER, ENCRYPTED, END, END_64, EXTRA_64, Fields, IN_EXTRA, LOCAL_HEADER, LOCATOR_64, MAX_ENTRY_NAME,
    Method, signature,
};

/// The most entries that are read.
pub(in crate::archive) const MAX_ENTRIES: u64 = 4_000_000;
/// The longest comment of a zip file.
const MAX_COMMENT: usize = u16::MAX as usize;
/// DEFLATE makes at most 1032 bytes of one; text as regular as that is not refused up to this size.
const MAX_EXPANDED: u64 = 64 << 20;
/// Above that size, the most that an entry may grow when it is inflated.
const MAX_RATIO: u64 = 200;
const BUFFER: usize = 32 << 10;
/// The type of a file and that of a plain one, in Unix attributes.
const FILE_TYPE: u32 = 0o170_000;
const PLAIN: u32 = 0o100_000;

/// An error that says: what was read is not what it should be.
pub(super) fn damage() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// Whether an error says that what was read is not what it should be, rather than that the disk failed.
pub(in crate::archive) fn is_damage(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

/// A zip file being read.
pub(in crate::archive) struct ZipReader<R> {
    file: R,
    /// Where the directory begins and ends, and how many entries it has.
    start: u64,
    end: u64,
    entries: u64,
}

/// An entry as the directory has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::archive) struct Entry {
    /// The name; `None` where it is no text.
    pub(in crate::archive) name: Option<String>,
    /// The content's length.
    pub(in crate::archive) size: u64,
    /// Something that this reader opens: plain, not encrypted, by a method that it knows, not out of all proportion.
    pub(in crate::archive) is_readable: bool,
    method: Option<Method>,
    crc: u32,
    packed: u64,
    place: u64,
}

impl Entry {
    /// What it takes to read the content, in the least memory.
    pub(in crate::archive) fn without_name(&self) -> Self {
        Entry {
            name: None,
            ..self.clone()
        }
    }
}

impl<R: Read + Seek> ZipReader<R> {
    /// Finds the directory and looks through it.
    ///
    /// Errors: `InvalidData` and `UnexpectedEof` for what is no zip file, or none of one volume, or one with too many
    /// entries or with entries that overlap.
    pub(in crate::archive) fn open(mut file: R) -> io::Result<Self> {
        let (start, end, entries) = find_directory(&mut file)?;
        if entries > MAX_ENTRIES || start > end || entries > (end - start) / CENTRAL_HEADER as u64 {
            return Err(damage());
        }
        let mut reader = ZipReader {
            file,
            start,
            end,
            entries,
        };
        reader.check_room()?;
        Ok(reader)
    }

    /// That the entries together fit in the file before the directory.
    fn check_room(&mut self) -> io::Result<()> {
        let (mut total, start) = (0_u64, self.start);
        self.each(|_, _, entry| {
            total = total.saturating_add(entry.packed).saturating_add(LOCAL_HEADER as u64);
            if total > start { Err(damage()) } else { Ok(()) }
        })
    }

    /// How many entries there are.
    pub(in crate::archive) fn entries(&self) -> u64 {
        self.entries
    }

    /// Visits every entry with its number; `visit` may open it.
    pub(in crate::archive) fn each<E: From<io::Error>>(
        &mut self,
        mut visit: impl FnMut(&mut Self, u64, Entry) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut page = Page::default();
        let mut place = self.start;
        for number in 0..self.entries {
            let (entry, next) = self.entry_at(place, &mut page)?;
            place = next;
            visit(self, number, entry)?;
        }
        Ok(())
    }

    /// The entry whose header is at `place` of the directory, and where the next one is.
    fn entry_at(&mut self, place: u64, page: &mut Page) -> io::Result<(Entry, u64)> {
        let fixed: [u8; CENTRAL_HEADER] = page
            .read(&mut self.file, place, CENTRAL_HEADER, self.end)?
            .try_into()
            .map_err(|_| damage())?;
        let mut fields = Fields(&fixed);
        if fields.u32() != signature::CENTRAL {
            return Err(damage());
        }
        let made_by = fields.u16();
        fields.skip(2);
        let (flags, method) = (fields.u16(), fields.u16());
        fields.skip(4);
        let (crc, packed, size) = (fields.u32(), fields.u32(), fields.u32());
        let (name, extra, comment) = (fields.u16(), fields.u16(), fields.u16());
        fields.skip(4);
        let (attributes, offset) = (fields.u32(), fields.u32());
        let (name, extra) = (usize::from(name), usize::from(extra));
        let rest = page.read(&mut self.file, place + CENTRAL_HEADER as u64, name + extra, self.end)?;
        let (name, extra) = rest.split_at_checked(name).ok_or_else(damage)?;
        let mut sizes = [size, packed, offset].map(u64::from);
        widen(&mut sizes, extra)?;
        let [size, packed, offset] = sizes;
        let method = Method::from_number(method);
        // Where the archive was made on Unix, the upper half has the type of the file.
        let is_plain = made_by >> 8 != 3 || matches!((attributes >> 16) & FILE_TYPE, 0 | PLAIN);
        let fits = size <= MAX_EXPANDED || size / MAX_RATIO <= packed;
        let is_same_size = method != Some(Method::Stored) || size == packed;
        let name = str::from_utf8(name).ok().filter(|name| is_safe(name));
        let entry = Entry {
            name: name.map(str::to_owned),
            size,
            is_readable: method.is_some() && flags & ENCRYPTED == 0 && is_plain && fits && is_same_size,
            method,
            crc,
            packed,
            place: offset,
        };
        let next = place + (CENTRAL_HEADER + rest.len()) as u64 + u64::from(comment);
        Ok((entry, next))
    }

    /// Reads the content of an entry.
    pub(in crate::archive) fn content(&mut self, entry: &Entry) -> io::Result<EntryReader<'_, R>> {
        let method = entry.method.filter(|_| entry.is_readable).ok_or_else(damage)?;
        let mut fixed = [0; LOCAL_HEADER];
        self.file.seek(SeekFrom::Start(entry.place))?;
        self.file.read_exact(&mut fixed)?;
        let mut fields = Fields(&fixed);
        if fields.u32() != signature::LOCAL {
            return Err(damage());
        }
        fields.skip(22);
        let skipped = u64::from(fields.u16()) + u64::from(fields.u16());
        let begin = entry.place.saturating_add(LOCAL_HEADER as u64).saturating_add(skipped);
        if begin.checked_add(entry.packed).is_none_or(|end| end > self.start) {
            return Err(damage());
        }
        self.file.seek(SeekFrom::Start(begin))?;
        let inflater = (method == Method::Deflated).then(|| Inflater {
            state: InflateState::new_boxed(DataFormat::Raw),
            buffer: vec![0; BUFFER].into_boxed_slice(),
            used: 0,
            filled: 0,
            ended: false,
        });
        Ok(EntryReader {
            packed: (&mut self.file).take(entry.packed),
            inflater,
            left: entry.size,
            crc: Crc::new(),
            expected: entry.crc,
        })
    }
}

/// A piece of the directory, so that it isn't asked of the system entry by entry.
#[derive(Default)]
struct Page {
    begin: u64,
    bytes: Vec<u8>,
}

impl Page {
    fn read<'a>(
        &'a mut self,
        file: &mut (impl Read + Seek),
        place: u64,
        length: usize,
        end: u64,
    ) -> io::Result<&'a [u8]> {
        if place.checked_add(length as u64).is_none_or(|after| after > end) {
            return Err(damage());
        }
        let has = |page: &Page| place >= page.begin && place + length as u64 <= page.begin + page.bytes.len() as u64;
        if !has(self) {
            // Two lengths of 16 bits at most: far below 1 MiB.
            let size = (end - place).min(length.max(BUFFER) as u64);
            self.bytes.resize(size as usize, 0);
            self.begin = place;
            file.seek(SeekFrom::Start(place))?;
            file.read_exact(&mut self.bytes)?;
        }
        let from = (place - self.begin) as usize;
        self.bytes.get(from..from + length).ok_or_else(damage)
    }
}

/// An entry's content, exactly as long and with exactly the checksum that the directory says, or an error.
pub(in crate::archive) struct EntryReader<'a, R> {
    packed: io::Take<&'a mut R>,
    inflater: Option<Inflater>,
    left: u64,
    crc: Crc,
    expected: u32,
}

struct Inflater {
    state: Box<InflateState>,
    buffer: Box<[u8]>,
    used: usize,
    filled: usize,
    ended: bool,
}

impl Inflater {
    fn read(&mut self, packed: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.ended {
                return Ok(0);
            }
            if self.used == self.filled {
                (self.used, self.filled) = (0, packed.read(&mut self.buffer)?);
            }
            let input = self.buffer.get(self.used..self.filled).unwrap_or_default();
            let done = inflate(&mut self.state, input, out, MZFlush::None);
            self.used += done.bytes_consumed;
            self.ended = matches!(done.status, Ok(MZStatus::StreamEnd));
            if done.bytes_written > 0 {
                return Ok(done.bytes_written);
            }
            let is_stuck = done.bytes_consumed == 0 && !self.ended;
            if done.status.is_err() || is_stuck {
                return Err(damage());
            }
        }
    }
}

impl<R: Read> Read for EntryReader<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        // One byte more than is left, so that content which goes on is found out.
        let most = usize::try_from(self.left.saturating_add(1))
            .unwrap_or(usize::MAX)
            .min(out.len());
        let out = &mut out[..most];
        let count = match &mut self.inflater {
            Some(inflater) => inflater.read(&mut self.packed, out)?,
            None => self.packed.read(out)?,
        };
        self.left = self.left.checked_sub(count as u64).ok_or_else(damage)?;
        self.crc.update(&out[..count]);
        if count == 0 && (self.left > 0 || self.crc.finish() != self.expected) {
            return Err(damage());
        }
        Ok(count)
    }
}

/// Where the directory begins and ends, and how many entries it says it has.
fn find_directory(file: &mut (impl Read + Seek)) -> io::Result<(u64, u64, u64)> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail_length = length.min((END + MAX_COMMENT) as u64);
    let tail_start = length - tail_length;
    file.seek(SeekFrom::Start(tail_start))?;
    let mut tail = Vec::new();
    file.by_ref().take(tail_length).read_to_end(&mut tail)?;
    let found = tail
        .windows(END)
        .rposition(|window| window.starts_with(&signature::END.to_le_bytes()));
    let at = found.ok_or_else(damage)?;
    let mut fields = Fields(tail.get(at + 4..).unwrap_or_default());
    let volumes = (fields.u16(), fields.u16());
    fields.skip(2);
    let (entries, size, start) = (fields.u16(), fields.u32(), fields.u32());
    let end = tail_start + at as u64;
    if (entries == u16::MAX || size == IN_EXTRA || start == IN_EXTRA)
        && let Some(found) = find_directory_64(file, end)?
    {
        return Ok(found);
    }
    let end_by_size = u64::from(start) + u64::from(size);
    if volumes != (0, 0) || end_by_size > end {
        return Err(damage());
    }
    Ok((start.into(), end_by_size, entries.into()))
}

/// By the Zip64 structures, which stand before the usual end.
fn find_directory_64(file: &mut (impl Read + Seek), end: u64) -> io::Result<Option<(u64, u64, u64)>> {
    let Some(at) = end.checked_sub(LOCATOR_64 as u64) else {
        return Ok(None);
    };
    let mut locator = [0; LOCATOR_64];
    file.seek(SeekFrom::Start(at))?;
    file.read_exact(&mut locator)?;
    let mut fields = Fields(&locator);
    if fields.u32() != signature::LOCATOR_64 {
        return Ok(None);
    }
    fields.skip(4);
    let place = fields.u64();
    if place.checked_add(END_64 as u64).is_none_or(|after| after > at) {
        return Err(damage());
    }
    let mut record = [0; END_64];
    file.seek(SeekFrom::Start(place))?;
    file.read_exact(&mut record)?;
    let mut fields = Fields(&record);
    if fields.u32() != signature::END_64 {
        return Err(damage());
    }
    fields.skip(12);
    let volumes = (fields.u32(), fields.u32());
    fields.skip(8);
    let (entries, size, start) = (fields.u64(), fields.u64(), fields.u64());
    let directory_end = start.checked_add(size).filter(|end| *end <= place).ok_or_else(damage)?;
    if volumes != (0, 0) {
        return Err(damage());
    }
    Ok(Some((start, directory_end, entries)))
}

/// Takes sizes and offset from the Zip64 field where the fields of 32 bits say so, in this order.
fn widen(sizes: &mut [u64; 3], mut extra: &[u8]) -> io::Result<()> {
    if sizes.iter().all(|size| *size != u64::from(IN_EXTRA)) {
        return Ok(());
    }
    while extra.len() >= 4 {
        let mut fields = Fields(extra);
        let (id, length) = (fields.u16(), usize::from(fields.u16()));
        let data = extra.get(4..4 + length).ok_or_else(damage)?;
        if id == EXTRA_64 {
            let mut wide = Fields(data);
            for size in sizes.iter_mut().filter(|size| **size == u64::from(IN_EXTRA)) {
                if wide.0.len() < 8 {
                    return Err(damage());
                }
                *size = wide.u64();
            }
            return Ok(());
        }
        extra = extra.get(4 + length..).unwrap_or_default();
    }
    Ok(())
}

/// Whether a name stays below the folder in which it is unpacked, on any system.
fn is_safe(name: &str) -> bool {
    let folders = name.strip_suffix('/').unwrap_or(name);
    !name.is_empty()
        && name.len() <= MAX_ENTRY_NAME
        && !name.contains(['\\', ':', '\0'])
        && folders.split('/').all(|part| !matches!(part, "" | "." | ".."))
}
