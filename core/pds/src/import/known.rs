//! What of a plan the store has already.

use std::collections::{HashMap, HashSet};

use kist_vault::{Filter, Record, RecordId, schema};
use serde_json::Value;

use super::journal;
use super::plan::{ImportPlan, Known, Planned};
use crate::Result;
use crate::home::Home;

/// The most records of one title that a planned one is compared with.
const MAX_COMPARED: usize = 20;

/// Marks the records that were imported before and are still there, those that stand there word for word, and those about
/// the same thing as another.
pub(super) fn mark(home: &Home, plan: &mut ImportPlan) -> Result<()> {
    let imported = journal::imported(home)?;
    let digests = journal::digests(&plan.records);
    let schemas: HashSet<String> = plan.records.iter().map(|planned| planned.schema.clone()).collect();
    let by_title = by_title(home, schemas)?;
    let mut taken: HashSet<RecordId> = HashSet::new();
    for (planned, digest) in plan.records.iter_mut().zip(&digests) {
        if let Some(id) = imported.get(digest)
            && home.vault.record(id)?.is_some_and(|record| !record.trashed)
        {
            planned.known = Known::There(*id);
            taken.insert(*id);
            continue;
        }
        let alike = by_title.get(&(planned.schema.clone(), folded(&planned.title)));
        for id in alike.into_iter().flatten().take(MAX_COMPARED) {
            let Some(record) = home.vault.record(id)? else { continue };
            match compared(planned, &record) {
                Known::There(_) if taken.contains(id) => {}
                Known::New => {}
                known => {
                    planned.known = known;
                    break;
                }
            }
        }
        if let Known::There(id) = planned.known {
            taken.insert(id);
        }
    }
    Ok(())
}

/// The ids of the store's records by schema and title.
fn by_title(home: &Home, schemas: HashSet<String>) -> Result<HashMap<(String, String), Vec<RecordId>>> {
    let mut by_title: HashMap<_, Vec<_>> = HashMap::new();
    if schemas.is_empty() {
        return Ok(by_title);
    }
    let filter = Filter {
        schemas: schemas.into_iter().collect(),
        ..Filter::default()
    };
    for summary in home.vault.list(&filter)? {
        by_title
            .entry((summary.schema, folded(&summary.title)))
            .or_default()
            .push(summary.id);
    }
    Ok(by_title)
}

/// A file of the disk isn't compared with one in the store: only its import is known again.
fn compared(planned: &Planned, record: &Record) -> Known {
    if record.body == planned.body && planned.attachments.is_empty() && record.files.is_empty() {
        return Known::There(record.id);
    }
    match same_thing(&planned.schema, &planned.body, &record.body) {
        true => Known::Similar(record.id),
        false => Known::New,
    }
}

/// Whether two bodies are about the same thing; see [`schema::key`].
fn same_thing(uri: &str, one: &Value, other: &Value) -> bool {
    let Some(key) = schema::key(uri) else {
        return false;
    };
    let value = |body: &Value, member: &str| {
        body.get(member)
            .map(|value| folded(value.as_str().unwrap_or(&value.to_string())))
    };
    key.iter().all(|member| value(one, member) == value(other, member))
}

fn folded(text: &str) -> String {
    text.split_whitespace()
        .map(str::to_lowercase)
        .collect::<Vec<_>>()
        .join(" ")
}
