//! Separated values (RFC 4180), with the separators and quotes that programs write.

use super::plan::{Collector, Place, Reason};

/// The most columns.
pub(super) const MAX_COLUMNS: usize = 512;
/// The longest value, in bytes.
pub(super) const MAX_VALUE: usize = 1 << 20;

/// A row: the line that it begins at, and its values.
pub(super) struct Row {
    pub(super) line: usize,
    pub(super) values: Vec<String>,
}

/// Reads all rows; a row whose quote doesn't end or that is too large is left out, and reading goes on at the next line.
pub(super) fn rows(text: &str, separator: Option<char>, found: &mut Collector) -> Vec<Row> {
    let (mut text, mut line) = (text, 1);
    let mut separator = separator;
    if let Some(rest) = text.strip_prefix("sep=") {
        // Excel's own first line.
        let (first, after) = rest.split_once('\n').unwrap_or((rest, ""));
        separator = separator.or(first.trim_end_matches('\r').chars().next());
        (text, line) = (after, 2);
    }
    let mut reader = Reader {
        separator: separator.unwrap_or_else(|| detect(text)),
        rest: text,
        line,
        one_line: false,
    };
    let mut rows = Vec::new();
    while !reader.rest.is_empty() {
        let line = reader.line;
        match reader.row() {
            Ok(values) if values.iter().all(String::is_empty) => {}
            Ok(values) => rows.push(Row { line, values }),
            Err(reason) => found.leave_out(Place::line(line), "", reason),
        }
    }
    rows
}

/// The separator that stands most often outside quotes in the first line: `,`, `;`, tab or `|`.
pub(super) fn detect(text: &str) -> char {
    const CANDIDATES: [char; 4] = [',', ';', '\t', '|'];
    let mut counts = [0_usize; 4];
    let mut quoted = false;
    for symbol in text.chars().take(MAX_VALUE) {
        match symbol {
            '"' => quoted = !quoted,
            '\n' if !quoted => break,
            _ if quoted => {}
            other => {
                if let Some(count) = CANDIDATES
                    .iter()
                    .position(|one| *one == other)
                    .and_then(|at| counts.get_mut(at))
                {
                    *count += 1;
                }
            }
        }
    }
    let most = counts.iter().copied().max().unwrap_or(0);
    let best = CANDIDATES.into_iter().zip(counts).find(|(_, count)| *count == most);
    best.map_or(',', |(separator, _)| separator)
}

struct Reader<'a> {
    separator: char,
    rest: &'a str,
    line: usize,
    /// A quote didn't end: from here on quotes end with their line, so that one can't swallow all that follows twice.
    one_line: bool,
}

impl Reader<'_> {
    fn row(&mut self) -> Result<Vec<String>, Reason> {
        let (begin, begin_line) = (self.rest, self.line);
        let read = self.values();
        if let Err(reason) = read {
            self.one_line |= reason == Reason::Unfinished;
            let (first, after) = begin.split_once('\n').unwrap_or((begin, ""));
            debug_assert!(first.len() <= begin.len());
            (self.rest, self.line) = (after, begin_line + 1);
        }
        read
    }

    fn values(&mut self) -> Result<Vec<String>, Reason> {
        let mut values = Vec::new();
        loop {
            if values.len() >= MAX_COLUMNS {
                return Err(Reason::TooMany);
            }
            let (value, last) = self.value()?;
            values.push(value);
            if last {
                return Ok(values);
            }
        }
    }

    /// One value, and whether the row ends after it.
    fn value(&mut self) -> Result<(String, bool), Reason> {
        match self.rest.trim_start_matches(' ').strip_prefix('"') {
            Some(quoted) if self.separator != '"' => {
                self.rest = quoted;
                self.quoted()
            }
            _ => {
                let end = self.rest.find([self.separator, '\n']).unwrap_or(self.rest.len());
                let (value, _) = self.rest.split_at(end);
                if value.len() > MAX_VALUE {
                    return Err(Reason::TooLarge);
                }
                let value = value.trim().to_owned();
                let last = self.step(end);
                Ok((value, last))
            }
        }
    }

    fn quoted(&mut self) -> Result<(String, bool), Reason> {
        let mut value = String::new();
        loop {
            let end = self.rest.find('"').ok_or(Reason::Unfinished)?;
            let (part, after) = (
                self.rest.get(..end).unwrap_or_default(),
                self.rest.get(end + 1..).unwrap_or_default(),
            );
            if self.one_line && part.contains('\n') {
                return Err(Reason::Unfinished);
            }
            if value.len() + part.len() > MAX_VALUE {
                return Err(Reason::TooLarge);
            }
            value.push_str(part);
            self.line += part.matches('\n').count();
            self.rest = after;
            match after.strip_prefix('"') {
                Some(after) => {
                    value.push('"');
                    self.rest = after;
                }
                None => break,
            }
        }
        // What follows the quote belongs to no value.
        let end = self.rest.find([self.separator, '\n']).unwrap_or(self.rest.len());
        if !self.rest.get(..end).unwrap_or_default().trim().is_empty() {
            return Err(Reason::Malformed);
        }
        let last = self.step(end);
        Ok((value.replace("\r\n", "\n"), last))
    }

    /// Goes past the separator or the line's end; says whether the row ends there.
    fn step(&mut self, end: usize) -> bool {
        let after = self.rest.get(end..).unwrap_or_default();
        let mut symbols = after.chars();
        let last = match symbols.next() {
            Some('\n') => {
                self.line += 1;
                true
            }
            None => true,
            Some(_) => false,
        };
        self.rest = symbols.as_str();
        last
    }
}
