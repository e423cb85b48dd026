//! Import: what comes from a file of another program, with its source noted on every record.

use kist_crypto::OsRandom;
use kist_vault::{LifeArea, Provenance, RecordDraft, RecordId, schema};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::home::Home;
use crate::vcard::{self, Address, Card, Typed};
use crate::{Error, Result};

/// The largest JSON file that is imported, in bytes.
const MAX_JSON: usize = 32 << 20;
/// The most records of one import.
const MAX_RECORDS: usize = 100_000;
/// The schema of JSON objects that name none.
const ANY: &str = "urn:kist:schema:any:1";

/// Whose a vCard is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CardOwner {
    /// The person's own: name, birth date, addresses, telephone numbers and mail addresses become records of their own.
    Mine,
    /// Somebody else's: one contact.
    Contact,
}

/// What an import took, and what it did not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// The records that were added.
    pub added: Vec<RecordId>,
    /// Names of properties that no record has a place for, or that break a record's rules; `VCARD` for a whole card.
    pub left_out: Vec<String>,
}

/// Reads vCards. What a card says that can't stand in a record is left out and named; the rest is taken.
pub(crate) fn vcards(home: &Home, bytes: &[u8], whose: CardOwner) -> Result<ImportReport> {
    let cards = vcard::parse(bytes)?;
    let (mut left_out, mut drafts) = (Vec::new(), Vec::new());
    let provenance = Provenance::imported("vcard", home.platform.now_ms());
    for card in cards {
        let found = match whose {
            CardOwner::Mine => own_records(&card),
            CardOwner::Contact => vec![("VCARD", schema::CONTACT, contact(&card))],
        };
        for (property, schema, body) in found {
            match schema::validate(schema, &body) {
                Ok(()) => drafts.push(draft(schema, body, provenance.clone())),
                Err(_) => left_out.push(property.to_owned()),
            }
        }
        left_out.extend(without_a_place(&card, whose).map(str::to_owned));
        left_out.extend(card.left_out);
    }
    left_out.sort();
    left_out.dedup();
    put(home, drafts, left_out)
}

/// Reads JSON: an object, or an array of objects.
pub(crate) fn json(home: &Home, bytes: &[u8], schema: Option<&str>) -> Result<ImportReport> {
    if bytes.len() > MAX_JSON {
        return Err(Error::new("TooLarge").with("what", "JSON").with("limit", MAX_JSON));
    }
    let value: Value = serde_json::from_slice(bytes)?;
    let objects = match value {
        Value::Array(objects) => objects,
        object => vec![object],
    };
    if objects.len() > MAX_RECORDS {
        return Err(Error::new("TooLarge")
            .with("what", "records")
            .with("limit", MAX_RECORDS));
    }
    let provenance = Provenance::imported("json", home.platform.now_ms());
    let schema = schema.unwrap_or(ANY);
    let drafts = objects
        .into_iter()
        .map(|body| draft(schema, body, provenance.clone()))
        .collect();
    put(home, drafts, Vec::new())
}

fn put(home: &Home, drafts: Vec<RecordDraft>, left_out: Vec<String>) -> Result<ImportReport> {
    let records = home.vault.put_many(drafts, home.platform.now_ms(), &mut OsRandom)?;
    Ok(ImportReport {
        added: records.into_iter().map(|record| record.id).collect(),
        left_out,
    })
}

fn draft(schema: &str, body: Value, provenance: Provenance) -> RecordDraft {
    RecordDraft::new(
        schema,
        schema::area(schema).unwrap_or(LifeArea::OTHER),
        body,
        provenance,
    )
}

/// Properties that the reader knows and no record has a place for.
fn without_a_place(card: &Card, whose: CardOwner) -> impl Iterator<Item = &'static str> {
    let mine = whose == CardOwner::Mine;
    let found = [
        ("PHOTO", card.photo.is_some()),
        ("URL", mine && card.url.is_some()),
        ("ORG", mine && card.organisation.is_some()),
        ("TITLE", mine && card.job_title.is_some()),
        ("NOTE", mine && card.note.is_some()),
    ];
    found.into_iter().filter_map(|(name, left)| left.then_some(name))
}

/// The person's own card, as records that an organisation can ask for one by one: each with its property and schema.
fn own_records(card: &Card) -> Vec<(&'static str, &'static str, Value)> {
    let mut records = Vec::new();
    if let Some(given) = card.given_name.as_ref().or(card.formatted_name.as_ref()) {
        let name = object([
            ("given_name", Some(given.clone())),
            ("middle_name", card.additional_names.clone()),
            ("family_name", card.family_name.clone()),
            ("name", card.formatted_name.clone()),
        ]);
        records.push(("N", schema::NAME, name));
    }
    if let Some(date) = &card.birth_date {
        records.push(("BDAY", schema::BIRTH, json!({ "birthdate": date })));
    }
    let addresses = card.addresses.iter().map(|one| ("ADR", schema::ADDRESS, address(one)));
    records.extend(addresses);
    records.extend(
        card.phones
            .iter()
            .map(|one| ("TEL", schema::PHONE, json!({ "phone_number": one.value }))),
    );
    records.extend(
        card.emails
            .iter()
            .map(|one| ("EMAIL", schema::EMAIL, json!({ "email": one.value }))),
    );
    records
}

fn contact(card: &Card) -> Value {
    let names = [card.given_name.as_deref(), card.family_name.as_deref()];
    let joined = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let full_name = card
        .formatted_name
        .clone()
        .or((!joined.is_empty()).then_some(joined))
        .or(card.organisation.clone());
    let mut body = object([
        (
            "full_name",
            full_name.or_else(|| {
                card.emails
                    .iter()
                    .chain(&card.phones)
                    .next()
                    .map(|one| one.value.clone())
            }),
        ),
        ("given_name", card.given_name.clone()),
        ("family_name", card.family_name.clone()),
        ("organisation", card.organisation.clone()),
        ("role", card.job_title.clone()),
        ("birthday", card.birth_date.clone()),
        ("url", card.url.clone()),
        ("note", card.note.clone()),
    ]);
    let lists = [
        ("phones", card.phones.iter().map(listed).collect::<Vec<_>>()),
        ("emails", card.emails.iter().map(listed).collect()),
        ("addresses", card.addresses.iter().map(address).collect()),
    ];
    for (name, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        body[name] = list.into();
    }
    body
}

/// A country that is no code of two letters stays in the whole address, where nothing is lost.
fn address(address: &Address) -> Value {
    let code = address
        .country
        .clone()
        .filter(|country| country.len() == 2 && country.is_ascii());
    let lines = [
        &address.street,
        &address.locality,
        &address.region,
        &address.postal_code,
        &address.country,
    ];
    let whole: Vec<&str> = lines.into_iter().filter_map(|line| line.as_deref()).collect();
    let formatted = (code.is_none() && address.country.is_some()).then(|| whole.join("\n"));
    object([
        ("formatted", formatted),
        ("street_address", address.street.clone()),
        ("locality", address.locality.clone()),
        ("region", address.region.clone()),
        ("postal_code", address.postal_code.clone()),
        ("country", code.map(|code| code.to_ascii_uppercase())),
    ])
}

/// An item of a contact's list, with what it is for.
fn listed(value: &Typed) -> Value {
    object([("value", Some(value.value.clone())), ("kind", value.kind.clone())])
}

fn object<const N: usize>(members: [(&str, Option<String>); N]) -> Value {
    let present = members
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), Value::from(value?))));
    Value::Object(present.collect::<Map<_, _>>())
}
