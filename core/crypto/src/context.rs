//! The one byte encoding of associated data: what a sealed thing is, and what it belongs to.

/// Says what sealed bytes are and what they are bound to. Bytes sealed under one context open under no other.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// What kind of thing this is, dated: `kist/2026-11/log-entry`.
    pub label: &'static str,
    /// The format's version.
    pub version: u8,
    /// What it belongs to: ids, numbers in big-endian.
    pub fields: &'a [&'a [u8]],
}

impl Context<'_> {
    /// `len(label) as u32 ‖ label ‖ version ‖ count of fields as u8 ‖ (len as u32 ‖ field)*`, numbers big-endian.
    pub fn encode(&self) -> Vec<u8> {
        let length = 6 + self.label.len() + self.fields.iter().map(|f| 4 + f.len()).sum::<usize>();
        let mut bytes = Vec::with_capacity(length);
        push(&mut bytes, self.label.as_bytes());
        bytes.push(self.version);
        debug_assert!(
            self.fields.len() <= usize::from(u8::MAX),
            "a context names a handful of fields"
        );
        bytes.push(self.fields.len() as u8);
        for field in self.fields {
            push(&mut bytes, field);
        }
        bytes
    }
}

fn push(bytes: &mut Vec<u8>, field: &[u8]) {
    debug_assert!(u32::try_from(field.len()).is_ok(), "a field is an id or a number");
    bytes.extend_from_slice(&(field.len() as u32).to_be_bytes());
    bytes.extend_from_slice(field);
}
