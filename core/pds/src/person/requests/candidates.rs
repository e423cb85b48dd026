//! What the person can answer a request with: records that they can assert themselves, and credentials that this
//! organisation bound to its own relationship with them.
//!
//! A credential that another organisation delivered is bound to another relationship's key. Showing it here would let the
//! two organisations find out that they know the same person, so it is left out until issuers give copies for it.

use kist_consent::evaluation::{Candidates, FieldMarks, HeldCredential, Provenance as HeldProvenance};
use kist_crypto::es256::PublicKey;
use kist_identity::dcql::{Candidate, Format, Meta, Query};
use kist_identity::{ClaimPath, Credential, Issuer};
use kist_vault::{Content, RecordId, Source};
use serde_json::{Map, Value};

use super::marks::Marks;
use crate::credentials::CREDENTIALS;
use crate::home::Home;
use crate::{Error, Result};

/// The most records of one type that are offered for a field, the newest.
const MAX_OFFERED: u32 = 50;

/// Everything that could answer one request.
pub(in crate::person) struct Held {
    items: Vec<Item>,
    marks: Marks,
}

/// One thing that could answer.
pub(in crate::person) struct Item {
    id: String,
    /// The record that it comes from.
    pub(in crate::person) record: RecordId,
    vct: String,
    claims: Map<String, Value>,
    provenance: HeldProvenance,
    pub(in crate::person) kind: Kind,
}

/// What an item is.
pub(in crate::person) enum Kind {
    /// A record that the person asserts with the relationship's key.
    Record,
    /// A credential that is bound to the relationship's key already.
    Credential(Box<Credential>),
}

impl Held {
    /// What there is for the types that a query names.
    pub(in crate::person) fn for_query(home: &Home, query: &Query, relationship: Option<&PublicKey>) -> Result<Held> {
        let mut types: Vec<&str> = Vec::new();
        for credential in query.credentials() {
            if let Meta::SdJwtVc { vct_values } = &credential.meta {
                types.extend(vct_values.iter().map(String::as_str));
            }
        }
        types.sort_unstable();
        types.dedup();
        let marks = Marks::of_types(home, &types)?;
        let mut items = Vec::new();
        for schema in types {
            items.extend(newest(home, schema, relationship)?);
        }
        Ok(Held { items, marks })
    }

    /// The item of this id.
    pub(in crate::person) fn get(&self, id: &str) -> Result<&Item> {
        self.items
            .iter()
            .find(|item| item.id == id)
            .ok_or_else(|| Error::new("NotFound").with("what", "candidate"))
    }
}

impl Item {
    /// The type.
    pub(in crate::person) fn vct(&self) -> &str {
        &self.vct
    }

    /// Every claim.
    pub(in crate::person) fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }
}

impl Candidates for Held {
    fn of_types(&self, types: &[&str]) -> Vec<HeldCredential<'_>> {
        let wanted = self.items.iter().filter(|item| types.contains(&item.vct.as_str()));
        let held = wanted.map(|item| HeldCredential {
            id: item.id.clone(),
            candidate: Candidate {
                format: Format::SdJwtVc,
                types: vec![&item.vct],
                claims: &item.claims,
                authorities: &[],
                holder_binding: true,
            },
            provenance: item.provenance.clone(),
        });
        held.collect()
    }

    fn marks(&self, credential_type: &str, path: Option<&ClaimPath>) -> FieldMarks {
        self.marks.of(credential_type, path)
    }
}

/// The newest of a type that can answer, at most [`MAX_OFFERED`]: what can't isn't counted, so that others who deliver much
/// hide nothing.
fn newest(home: &Home, schema: &str, relationship: Option<&PublicKey>) -> Result<Vec<Item>> {
    let (mut items, mut before) = (Vec::new(), None);
    loop {
        let page = home.vault.newest(schema, before, MAX_OFFERED)?;
        let Some(last) = page.last() else { return Ok(items) };
        before = Some(last.time);
        for record in page {
            items.extend(item(home, record, relationship)?);
            if items.len() == MAX_OFFERED as usize {
                return Ok(items);
            }
        }
    }
}

fn item(home: &Home, record: Content, relationship: Option<&PublicKey>) -> Result<Option<Item>> {
    if let Source::Delivered {
        by,
        organisation_id,
        credential,
    } = &record.provenance.source
    {
        let issuer = Issuer::Organisation {
            id: organisation_id.clone(),
            name: by.clone(),
        };
        return delivered(home, &record, credential, issuer, relationship);
    }
    let Value::Object(claims) = record.body else {
        return Ok(None);
    };
    Ok(Some(Item {
        id: format!("record:{}", record.id),
        record: record.id,
        vct: record.schema,
        claims,
        provenance: HeldProvenance {
            issuer: Issuer::SelfAsserted,
            as_of: record.provenance.collected_ms.div_euclid(1000),
            expires_at: None,
        },
        kind: Kind::Record,
    }))
}

fn delivered(
    home: &Home,
    record: &Content,
    key: &str,
    issuer: Issuer,
    relationship: Option<&PublicKey>,
) -> Result<Option<Item>> {
    let Some(bytes) = home.vault.kept(CREDENTIALS, key)? else {
        return Ok(None);
    };
    let credential = Credential::from_bytes(&bytes)?;
    if credential.holder() != relationship {
        return Ok(None);
    }
    let as_of = credential
        .issued_at()
        .unwrap_or_else(|| record.provenance.collected_ms.div_euclid(1000));
    Ok(Some(Item {
        id: format!("credential:{key}"),
        record: record.id,
        vct: credential.vct().to_owned(),
        claims: credential.claims().clone(),
        provenance: HeldProvenance {
            issuer,
            as_of,
            expires_at: credential.expires(),
        },
        kind: Kind::Credential(Box::new(credential)),
    }))
}
