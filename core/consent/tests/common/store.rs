//! What Alice holds, and how it is asked for.

use kist_consent::evaluation::*;
use kist_consent::*;
use kist_identity::dcql::{Authority, Candidate, Format, Query};
use kist_identity::{ClaimPath, Issuer};
use serde_json::{Map, Value, json};

use super::*;

pub(crate) const CONNECTION: &str = "connection";

/// What Alice holds.
pub(crate) struct Store(pub(crate) Vec<Held>);

#[derive(Clone)]
pub(crate) struct Held {
    pub(crate) id: &'static str,
    pub(crate) vct: &'static str,
    pub(crate) claims: Map<String, Value>,
    pub(crate) provenance: Provenance,
}

impl Candidates for Store {
    fn of_types(&self, types: &[&str]) -> Vec<HeldCredential<'_>> {
        let of_type = self.0.iter().filter(|held| types.contains(&held.vct));
        of_type
            .map(|held| HeldCredential {
                id: held.id.to_owned(),
                candidate: Candidate {
                    format: Format::SdJwtVc,
                    types: vec![held.vct],
                    claims: &held.claims,
                    authorities: const { &[] as &[Authority] },
                    holder_binding: true,
                },
                provenance: held.provenance.clone(),
            })
            .collect()
    }

    /// As a schema of a clinic would have it: diagnoses are health, a member's number names its member.
    fn marks(&self, _: &str, path: Option<&ClaimPath>) -> FieldMarks {
        let is = |name: &str| path.is_some_and(|path| *path == ClaimPath::top(name));
        FieldMarks {
            sensitive: is("diagnosis"),
            links: is("member"),
        }
    }
}

pub(crate) fn held(id: &'static str, vct: &'static str, claims: Value) -> Held {
    let Value::Object(claims) = claims else {
        panic!("claims are an object")
    };
    let provenance = Provenance {
        issuer: Issuer::SelfAsserted,
        as_of: NOW - 10 * 86_400,
        expires_at: None,
    };
    Held {
        id,
        vct,
        claims,
        provenance,
    }
}

pub(crate) fn alices() -> Store {
    let person = json!({"name": "Alice Rendall", "birth_date": "1990-01-02", "address": {"street": "2 Shore Road"}});
    Store(vec![
        held("person-1", PERSON, person),
        held(
            "phone-1",
            CONTACT,
            json!({"phone_number": "+44 1856 000000", "email": "alice@example.org"}),
        ),
    ])
}

pub(crate) fn query(parts: &[(&str, &str, &[&str])], optional: &[&str]) -> Query {
    let credentials: Vec<Value> = parts
        .iter()
        .map(|(id, vct, claims)| {
            let claims: Vec<Value> = claims.iter().map(|name| json!({"path": [name]})).collect();
            let mut part = json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [vct]}});
            if !claims.is_empty() {
                part["claims"] = claims.into();
            }
            part
        })
        .collect();
    let required: Vec<&str> = parts
        .iter()
        .map(|(id, ..)| *id)
        .filter(|id| !optional.contains(id))
        .collect();
    let mut sets = vec![json!({"options": [required]})];
    sets.extend(optional.iter().map(|id| json!({"required": false, "options": [[id]]})));
    Query::from_value(&json!({"credentials": credentials, "credential_sets": sets})).unwrap()
}

/// What [`offer`] asks, and the return address.
pub(crate) fn clinics_query() -> Query {
    let parts: [(&str, &str, &[&str]); 3] = [
        ("person", PERSON, &["name", "birth_date", "address"]),
        ("phone", CONTACT, &["phone_number"]),
        (CONNECTION, "urn:kist:vct:connection:1", &[]),
    ];
    query(&parts, &["phone"])
}

pub(crate) fn facts<'a>(query: &'a Query, offer: Option<&'a Offer>) -> RequestFacts<'a> {
    RequestFacts {
        query,
        connection: Some(CONNECTION),
        offer,
        supplier: None,
        unverified: None,
    }
}

pub(crate) fn evaluate_with(query: &Query, offer: Option<&Offer>, store: &Store, shared: &SharedBefore) -> Evaluation {
    evaluate(&facts(query, offer), &party(), store, shared, NOW)
}

pub(crate) fn clinics() -> Evaluation {
    evaluate_with(&clinics_query(), Some(&offer()), &alices(), &SharedBefore::default())
}
