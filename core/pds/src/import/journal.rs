//! What was imported: kept in the vault, so that an import that was cut off is taken up where it stopped, and the same file
//! a second time adds nothing.
//!
//! One item a batch in the collection `imports`, written in the batch's own transaction; the mappings of tables in
//! `import-mappings`. docs/formats/import.md describes both.

use std::collections::HashMap;

use kist_crypto::{Sha256Stream, base64url, from_base64url, sha256};
use kist_vault::{RecordId, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::plan::{Attachment, Columns, Planned};
use crate::home::{Home, to_json};
use crate::{Error, Result};

const IMPORTS: &str = "imports";
const MAPPINGS: &str = "import-mappings";
/// The most mappings that are remembered.
const MAX_MAPPINGS: usize = 200;

/// The beginning of the SHA-256 of a record as it would be taken: the same record gives the same.
pub(super) type Digest = [u8; 16];

/// One batch of an import.
#[derive(Serialize, Deserialize)]
struct Entry {
    version: u8,
    format: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// When: milliseconds since 1970 UTC.
    at_ms: i64,
    /// Each record's digest, base64url, with its id.
    records: Vec<(String, String)>,
}

/// The digests of records in their order. The second of two that are alike in one source has another than the first, so
/// that both are taken, and both known again.
pub(super) fn digests(records: &[Planned]) -> Vec<Digest> {
    let mut seen: HashMap<Digest, u64> = HashMap::new();
    let each = records.iter().map(|planned| {
        let mut stream = Sha256Stream::new();
        stream.update(b"kist/2026-11/import\0");
        stream.update(planned.schema.as_bytes());
        stream.update(b"\0");
        stream.update(planned.body.to_string().as_bytes());
        for file in &planned.attachments {
            stream.update(b"\0");
            stream.update(file.name().as_bytes());
            stream.update(&file.size().to_be_bytes());
            if let Attachment::Bytes { bytes, .. } = file {
                stream.update(bytes);
            }
        }
        // Files of a folder are told apart by where they lie.
        if matches!(planned.attachments.first(), Some(Attachment::Path { .. })) {
            stream.update(planned.place.file.as_deref().unwrap_or_default().as_bytes());
        }
        let digest = shortened(stream.finish());
        let count = seen.entry(digest).or_default();
        *count += 1;
        match *count {
            1 => digest,
            nth => shortened(sha256(&[&digest, &nth.to_be_bytes()])),
        }
    });
    each.collect()
}

fn shortened(whole: [u8; 32]) -> Digest {
    let mut digest = [0; 16];
    digest.copy_from_slice(whole.split_at(16).0);
    digest
}

/// Every record that was imported, by its digest.
pub(super) fn imported(home: &Home) -> Result<HashMap<Digest, RecordId>> {
    let entries: Vec<(String, Entry)> = home.all_kept(IMPORTS)?;
    let records = entries.into_iter().flat_map(|(_, entry)| entry.records);
    let read =
        |(digest, id): (String, String)| Some((from_base64url(&digest).ok()?.try_into().ok()?, id.parse().ok()?));
    Ok(records.filter_map(read).collect())
}

/// Notes a batch, in its transaction.
pub(super) fn note(
    changes: &Transaction<'_>,
    format: &str,
    name: Option<&str>,
    at_ms: i64,
    records: &[(Digest, RecordId)],
) -> Result<()> {
    let Some((_, first)) = records.first() else {
        return Ok(());
    };
    let named = records.iter().map(|(digest, id)| (base64url(digest), id.to_string()));
    let entry = Entry {
        version: 1,
        format: format.to_owned(),
        name: name.map(str::to_owned),
        at_ms,
        records: named.collect(),
    };
    Ok(changes.keep(IMPORTS, &first.to_string(), &to_json(&entry)?)?)
}

/// Remembers what the columns of a table became.
pub(super) fn remember(changes: &Transaction<'_>, columns: &Columns) -> Result<()> {
    let headers: Vec<&str> = columns.columns.iter().map(|column| column.header.as_str()).collect();
    let header = serde_json::to_vec(&headers).map_err(|_| Error::new("Internal"))?;
    let key = base64url(shortened(sha256(&[&header])));
    let value = to_json(columns)?;
    if changes.kept(MAPPINGS, &key)?.as_deref() == Some(value.as_slice()) {
        return Ok(());
    }
    Ok(changes.keep(MAPPINGS, &key, &value)?)
}

/// The mappings that were used before.
pub(super) fn mappings(home: &Home) -> Result<Vec<Columns>> {
    let kept: Vec<(String, Value)> = home.all_kept(MAPPINGS)?;
    let read = kept
        .into_iter()
        .filter_map(|(_, value)| serde_json::from_value(value).ok());
    Ok(read.take(MAX_MAPPINGS).collect())
}
