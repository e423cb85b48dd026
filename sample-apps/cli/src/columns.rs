//! Text that fits a terminal of 80 columns: wrapped at words, or in columns side by side.

/// The width that everything fits.
pub(crate) const WIDTH: usize = 80;
/// Between two columns.
const GAP: &str = "  ";

/// A text in lines of at most `width` symbols, broken between words; a longer word is cut.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    for paragraph in text.lines() {
        let mut line = String::new();
        let mut length = 0;
        for word in paragraph.split_whitespace() {
            let mut rest: Vec<char> = word.chars().collect();
            if length > 0 && length + 1 + rest.len() > width {
                lines.push(std::mem::take(&mut line));
                length = 0;
            }
            while rest.len() > width {
                let tail = rest.split_off(width);
                lines.push(rest.into_iter().collect());
                rest = tail;
            }
            if length > 0 {
                line.push(' ');
                length += 1;
            }
            length += rest.len();
            line.extend(rest);
        }
        lines.push(line);
    }
    lines
}

/// A text that is wrapped within the terminal's width, each line after an indent.
pub(crate) fn indented(text: &str, indent: usize) -> Vec<String> {
    let margin = " ".repeat(indent);
    let lines = wrap(text, WIDTH.saturating_sub(indent));
    lines.into_iter().map(|line| format!("{margin}{line}")).collect()
}

/// Rows of cells, each column as wide as its share of what the first leaves, and cells wrapped in them.
pub(crate) fn table(rows: &[Vec<String>]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let labels = rows
        .iter()
        .filter_map(|row| row.first())
        .map(|label| label.chars().count());
    let first = labels.max().unwrap_or(0).min(WIDTH / 4);
    let others = columns.saturating_sub(1).max(1);
    let width = (WIDTH - first).saturating_sub(others * GAP.len()) / others;
    let mut lines = Vec::new();
    for row in rows {
        let widths = std::iter::once(first).chain(std::iter::repeat(width));
        let cells: Vec<(usize, Vec<String>)> = row
            .iter()
            .zip(widths)
            .map(|(cell, width)| (width, wrap(cell, width)))
            .collect();
        let height = cells.iter().map(|(_, cell)| cell.len()).max().unwrap_or(0);
        for at in 0..height {
            let pad = |(width, cell): &(usize, Vec<String>)| {
                let text = cell.get(at).map_or("", String::as_str);
                format!("{text:<width$}")
            };
            let line = cells.iter().map(pad).collect::<Vec<_>>().join(GAP);
            lines.push(line.trim_end().to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_fits_whatever_stands_in_the_cells() {
        let long = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch, on the island of Anglesey in Wales";
        for columns in 2..=4 {
            let row = vec![long.to_owned(); columns];
            let lines = table(&[row, vec!["Town".to_owned(); columns]]);
            assert!(lines.len() > 2);
            assert!(lines.iter().all(|line| line.chars().count() <= WIDTH), "{lines:?}");
        }
    }

    #[test]
    fn words_are_wrapped_whole_and_nothing_is_lost() {
        let text = "12 Bute Street\nCardiff";
        assert_eq!(wrap(text, 9), ["12 Bute", "Street", "Cardiff"]);
        assert_eq!(wrap("aaaaaa", 4), ["aaaa", "aa"]);
        assert_eq!(wrap("", 4), [] as [&str; 0]);
        assert_eq!(indented("one", 2), ["  one"]);
    }
}
