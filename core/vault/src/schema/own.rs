//! Schemas of the person's own, kept in the vault beside those of the program.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rusqlite::Connection;
use serde_json::Value;

use super::check::check_own;
use super::{Schema, known, schema};
use crate::records::text;
use crate::{Error, Result, Transaction, Vault, kept};

/// The collection of kept items with the person's own schemas: JSON Schemas by their URIs.
pub const COLLECTION: &str = "schemas";
/// The most schemas of the person's own.
pub const MAX_OWN: usize = 1_000;

/// All schemas that a vault knows at one moment: the program's and the person's own.
#[derive(Debug, Clone, Default)]
pub struct Schemas {
    own: BTreeMap<String, Schema>,
}

impl Schemas {
    pub(crate) fn load(connection: &Connection) -> Result<Self> {
        let kept = kept::all(connection, COLLECTION)?.into_iter();
        let own = kept.filter_map(|(uri, text)| Some((uri.clone(), read(&uri, &text)?)));
        Ok(Schemas { own: own.collect() })
    }

    /// A schema by its URI.
    pub fn get(&self, uri: &str) -> Option<&Schema> {
        schema(uri).or_else(|| self.own.get(uri))
    }

    /// All: the program's by name, then the person's own by URI.
    pub fn iter(&self) -> impl Iterator<Item = &Schema> {
        known().filter_map(|uri| self.get(uri)).chain(self.own.values())
    }

    /// The person's own.
    pub fn own(&self) -> impl Iterator<Item = &Schema> {
        self.own.values()
    }
}

/// A schema of the program or of the person's own.
pub(crate) fn find(connection: &Connection, uri: &str) -> Result<Option<Cow<'static, Schema>>> {
    if let Some(schema) = schema(uri) {
        return Ok(Some(Cow::Borrowed(schema)));
    }
    let kept = kept::get(connection, COLLECTION, uri)?;
    Ok(kept.and_then(|text| read(uri, &text)).map(Cow::Owned))
}

/// Checks a body against its schema, the person's own too.
///
/// Errors: `RecordInvalid`.
pub(crate) fn validate_in(connection: &Connection, uri: &str, body: &Value) -> Result<()> {
    find(connection, uri)?.map_or(Ok(()), |schema| schema.validate(body))
}

/// Follows a change of a kept item: where it is a schema that came, changed or went, its records are named anew.
pub(crate) fn follow(connection: &Connection, collection: &str, key: &str) -> Result<()> {
    match collection {
        COLLECTION => text::rename(connection, key),
        _ => Ok(()),
    }
}

impl Transaction<'_> {
    /// As [`Vault::add_schema`].
    pub fn add_schema(&self, json: &Value) -> Result<()> {
        check_own(json)?;
        let uri = json["$id"].as_str().unwrap_or_default();
        if self.kept(COLLECTION, uri)?.is_none() && kept::count(self.sql(), COLLECTION)? >= MAX_OWN {
            return Err(Error::TooLarge {
                what: "schemas",
                limit: MAX_OWN,
            });
        }
        self.keep(COLLECTION, uri, json.to_string().as_bytes())
    }

    /// As [`Vault::schema`].
    pub fn schema(&self, uri: &str) -> Result<Option<Cow<'static, Schema>>> {
        find(self.sql(), uri)
    }

    /// As [`Vault::schemas`].
    pub fn schemas(&self) -> Result<Schemas> {
        Schemas::load(self.sql())
    }
}

impl Vault {
    /// Adds a schema of the person's own, or of an app's, in place of the one with the same `$id`. From then on its
    /// records, those too that are there already, are titled, checked, compared and reminded of as it says. What they
    /// hold stays as it is.
    ///
    /// It is a JSON Schema about objects with an `$id` (a URI that doesn't begin with `urn:kist:schema:`), a `title`, and
    /// no keywords but those of docs/schemas/README.md.
    ///
    /// Errors: `SchemaInvalid` with the place, `TooLarge` above [`MAX_SCHEMA`](super::MAX_SCHEMA) or with [`MAX_OWN`]
    /// there already.
    pub fn add_schema(&self, json: &Value, now_ms: i64) -> Result<()> {
        self.transaction(now_ms, |changes| changes.add_schema(json))
    }

    /// Removes a schema of the person's own. Its records stay.
    ///
    /// Errors: `NotFound`.
    pub fn remove_schema(&self, uri: &str, now_ms: i64) -> Result<()> {
        self.forget(COLLECTION, uri, now_ms)
    }

    /// A schema of the program or of the person's own; `None` where it is not known here.
    pub fn schema(&self, uri: &str) -> Result<Option<Cow<'static, Schema>>> {
        self.read(|sql| find(sql, uri))
    }

    /// The schemas that this vault knows now.
    pub fn schemas(&self) -> Result<Schemas> {
        self.read(Schemas::load)
    }
}

/// A kept schema; `None` where it is none that this build can use, such as one that a later build kept.
fn read(uri: &str, text: &[u8]) -> Option<Schema> {
    let text = std::str::from_utf8(text).ok()?;
    check_own(&serde_json::from_str(text).ok()?).ok()?;
    Schema::read(text).ok().filter(|schema| schema.uri() == uri)
}
