//! What the person keeps: collect, correct, search, delete.

mod curation;

use std::sync::Arc;

use kist_crypto::OsRandom;
use kist_vault::{
    Edit, Facets, Filter, Hit, HybridTime, LifeArea, Provenance, Record, RecordDraft, RecordId, RecordSummary, Source,
    Transaction,
    schema::{self, Schema},
};
use serde::Serialize;
use serde_json::Value;

use super::standing_access::updates;
use crate::credentials::CREDENTIALS;
use crate::home::{Home, let_go};
use crate::{Error, Result};

/// Deletes a record with the credentials that delivered it.
fn delete(changes: &Transaction<'_>, id: &RecordId) -> Result<()> {
    for revision in changes.revisions(id)? {
        if let Source::Delivered { credential, .. } = revision.provenance.source {
            let_go(changes, CREDENTIALS, &credential)?;
        }
    }
    Ok(changes.delete(id)?)
}

/// A type of record that this build knows. Others are taken as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SchemaInfo {
    /// Its URI.
    pub uri: String,
    /// Its name, in English.
    pub title: String,
    /// What it is for, in English.
    pub description: String,
    /// The part of life that such records are put in.
    pub area: String,
    /// The whole JSON Schema, for a form.
    pub schema: Value,
}

/// The records of a store.
#[derive(Clone)]
pub struct Records {
    pub(crate) home: Arc<Home>,
}

impl Records {
    /// Adds a record.
    ///
    /// Errors: `RecordInvalid` with the field and the rule, `TooLarge`, `StorageFull`.
    pub async fn add(&self, draft: RecordDraft) -> Result<Record> {
        let put = move |home: &Home| updates::transaction(home, |changes| Ok(changes.put(draft, &mut OsRandom)?));
        self.home.blocking(put).await
    }

    /// Adds many records, all or none; much quicker than one by one.
    pub async fn add_many(&self, drafts: Vec<RecordDraft>) -> Result<Vec<Record>> {
        let put = move |home: &Home| {
            updates::transaction(home, |changes| {
                let put = |draft| Ok(changes.put(draft, &mut OsRandom)?);
                drafts.into_iter().map(put).collect()
            })
        };
        self.home.blocking(put).await
    }

    /// Adds what the person types themselves, in the part of life that its schema belongs to.
    pub async fn add_self_asserted(&self, schema: &str, body: Value) -> Result<Record> {
        let uri = schema.to_owned();
        let put = move |home: &Home| {
            let now = home.platform.now_ms();
            let schema = home.vault.schema(&uri)?;
            let area = schema.as_deref().and_then(Schema::area).unwrap_or(LifeArea::OTHER);
            let draft = RecordDraft::new(uri.as_str(), area, body, Provenance::self_asserted(now));
            updates::transaction(home, |changes| Ok(changes.put(draft, &mut OsRandom)?))
        };
        self.home.blocking(put).await
    }

    /// Corrects a record: a new revision, typed by the person. Earlier ones are kept.
    pub async fn correct(&self, id: RecordId, body: Value) -> Result<Record> {
        self.edit(id, Edit::of_body(body)).await
    }

    /// Writes what the person changed about a record, its labels and files included, as one new revision. Earlier ones are
    /// kept; an edit that changes nothing writes none. Labels and files leave what the record says, and whose word it is, as
    /// they are.
    ///
    /// Errors: `NotFound`, `RecordInvalid` with the field and the rule, `DeliveredFiles` where somebody delivered the record
    /// and its files would be others than came with it, `TooLarge`, `StorageFull`.
    pub async fn edit(&self, id: RecordId, edit: Edit) -> Result<Record> {
        let write = move |home: &Home| updates::transaction(home, |changes| Ok(changes.edit(&id, edit)?));
        self.home.blocking(write).await
    }

    /// A record at its current revision.
    pub async fn get(&self, id: RecordId) -> Result<Record> {
        let missing = || Error::new("NotFound").with("what", "record");
        self.home
            .blocking(move |home| home.vault.record(&id)?.ok_or_else(missing))
            .await
    }

    /// All revisions of a record, oldest first.
    pub async fn revisions(&self, id: RecordId) -> Result<Vec<Record>> {
        self.home.blocking(move |home| Ok(home.vault.revisions(&id)?)).await
    }

    /// Records that the filter lets through, the last written first.
    pub async fn list(&self, filter: Filter) -> Result<Vec<RecordSummary>> {
        self.home.blocking(move |home| Ok(home.vault.list(&filter)?)).await
    }

    /// One page of [`Records::list`]: at most `limit`, of those written before a time (the last page's last).
    pub async fn list_page(
        &self,
        filter: Filter,
        before: Option<HybridTime>,
        limit: u32,
    ) -> Result<Vec<RecordSummary>> {
        let list = move |home: &Home| Ok(home.vault.list_page(&filter, before, limit)?);
        self.home.blocking(list).await
    }

    /// How many records in sight there are of each part of life, schema, tag and source: what a [`Filter`] can ask for.
    pub async fn facets(&self) -> Result<Facets> {
        self.home.blocking(|home| Ok(home.vault.facets()?)).await
    }

    /// Finds records that have every word of `text`, the last as the beginning of a word. Best first.
    pub async fn search(&self, text: &str, filter: Filter, limit: u32) -> Result<Vec<Hit>> {
        let text = text.to_owned();
        self.home
            .blocking(move |home| Ok(home.vault.search(&text, &filter, limit)?))
            .await
    }

    /// Deletes a record with all its revisions, its files and the credential that delivered it; no content of it stays in
    /// any file.
    pub async fn delete(&self, id: RecordId) -> Result<()> {
        self.home
            .blocking(move |home| updates::transaction(home, |changes| delete(changes, &id)))
            .await
    }

    /// The types of record that this store knows: those of this build, which [`schemas`] has without a store, and the
    /// person's own.
    pub fn schemas(&self) -> Result<Vec<SchemaInfo>> {
        Ok(self.home.vault.schemas()?.iter().map(SchemaInfo::of).collect())
    }

    /// Adds a type of the person's own, or of an app's, in place of the one with the same `$id`: a JSON Schema as
    /// docs/schemas/README.md describes. It reaches the person's other devices.
    ///
    /// Errors: `SchemaInvalid` with the place, `TooLarge`.
    pub async fn add_schema(&self, schema: Value) -> Result<()> {
        let add = move |home: &Home| Ok(home.vault.add_schema(&schema, home.platform.now_ms())?);
        self.home.blocking(add).await
    }

    /// Removes a type of the person's own. Its records stay.
    ///
    /// Errors: `NotFound`.
    pub async fn remove_schema(&self, uri: &str) -> Result<()> {
        let uri = uri.to_owned();
        let remove = move |home: &Home| Ok(home.vault.remove_schema(&uri, home.platform.now_ms())?);
        self.home.blocking(remove).await
    }
}

impl SchemaInfo {
    fn of(schema: &Schema) -> Self {
        SchemaInfo {
            uri: schema.uri().to_owned(),
            title: schema.title().to_owned(),
            description: schema.description().to_owned(),
            area: schema.area().unwrap_or(LifeArea::OTHER).to_owned(),
            schema: schema.json().clone(),
        }
    }
}

/// The types of record that this build knows.
pub fn schemas() -> Vec<SchemaInfo> {
    schema::known().filter_map(schema::schema).map(SchemaInfo::of).collect()
}
