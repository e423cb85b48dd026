//! The strict reader: every rule of OpenID4VP 1.0, section 6, and a bound on every list. Unknown properties are passed
//! over, as the standard asks.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::query::{ClaimValue, ClaimsQuery, CredentialQuery, CredentialSetQuery, Meta, Query, TrustedAuthorities};
use crate::path::PathElement;
use crate::{ClaimPath, Error, Result};

/// The most bytes of a query.
const MAX_QUERY: usize = 1 << 18;
/// The most credential queries of a query.
pub const MAX_CREDENTIALS: usize = 64;
/// The most claims of a credential query.
pub const MAX_CLAIMS: usize = 256;
/// The most items of any other list.
pub const MAX_LIST: usize = 64;
/// The longest text, in bytes.
pub const MAX_TEXT: usize = 1024;

const MALFORMED: Error = Error::Malformed { what: "DCQL query" };

impl Query {
    /// Reads a query from JSON text. Errors: [`Error::Malformed`], [`Error::TooLarge`].
    pub fn parse(json: &str) -> Result<Self> {
        if json.len() > MAX_QUERY {
            return Err(Error::TooLarge {
                what: "DCQL query",
                limit: MAX_QUERY,
            });
        }
        Self::from_value(&serde_json::from_str(json).map_err(|_| MALFORMED)?)
    }

    /// Reads a query from JSON that was parsed already, such as a request's `dcql_query`.
    pub fn from_value(value: &Value) -> Result<Self> {
        let object = value.as_object().ok_or(MALFORMED)?;
        let credentials = items(object, "credentials", MAX_CREDENTIALS)?.ok_or(MALFORMED)?;
        let credential_sets = items(object, "credential_sets", MAX_LIST)?.unwrap_or_default();
        let query = Query {
            credentials: credentials.iter().map(credential).collect::<Result<_>>()?,
            credential_sets: credential_sets.iter().map(credential_set).collect::<Result<_>>()?,
        };
        let ids = unique(query.credentials.iter().map(|query| query.id.as_str()))?;
        refer_to(
            &ids,
            query.credential_sets.iter().flat_map(|set| &set.options).flatten(),
        )?;
        Ok(query)
    }
}

fn credential(value: &Value) -> Result<CredentialQuery> {
    let object = value.as_object().ok_or(MALFORMED)?;
    let meta = meta(
        text(object.get("format"))?,
        object.get("meta").and_then(Value::as_object).ok_or(MALFORMED)?,
    )?;
    let claims = items(object, "claims", MAX_CLAIMS)?.unwrap_or_default();
    let claim_sets = items(object, "claim_sets", MAX_LIST)?.unwrap_or_default();
    let authorities = items(object, "trusted_authorities", MAX_LIST)?.unwrap_or_default();
    let query = CredentialQuery {
        id: id(object.get("id"))?,
        multiple: flag(object, "multiple")?.unwrap_or(false),
        trusted_authorities: authorities.iter().map(trusted_authorities).collect::<Result<_>>()?,
        require_cryptographic_holder_binding: flag(object, "require_cryptographic_holder_binding")?.unwrap_or(true),
        claims: claims
            .iter()
            .map(|claim| claims_query(claim, &meta))
            .collect::<Result<_>>()?,
        claim_sets: claim_sets.iter().map(|set| ids(Some(set))).collect::<Result<_>>()?,
        meta,
    };
    let known = unique(query.claims.iter().filter_map(|claim| claim.id.as_deref()))?;
    if !query.claim_sets.is_empty() && known.len() != query.claims.len() {
        return Err(MALFORMED); // claim_sets without claims, or with a claim that has no id
    }
    refer_to(&known, query.claim_sets.iter().flatten())?;
    Ok(query)
}

fn meta(format: &str, meta: &Map<String, Value>) -> Result<Meta> {
    Ok(match format {
        "dc+sd-jwt" => Meta::SdJwtVc {
            vct_values: texts(meta.get("vct_values"))?,
        },
        "mso_mdoc" => Meta::Mdoc {
            doctype_value: text(meta.get("doctype_value"))?.to_owned(),
        },
        _ => Meta::Other {
            format: format.to_owned(),
            meta: meta.clone(),
        },
    })
}

fn trusted_authorities(value: &Value) -> Result<TrustedAuthorities> {
    let object = value.as_object().ok_or(MALFORMED)?;
    Ok(TrustedAuthorities {
        kind: text(object.get("type"))?.to_owned(),
        values: texts(object.get("values"))?,
    })
}

fn claims_query(value: &Value, meta: &Meta) -> Result<ClaimsQuery> {
    let object = value.as_object().ok_or(MALFORMED)?;
    let path = ClaimPath::from_value(object.get("path").ok_or(MALFORMED)?)?;
    let names = path.elements().iter().filter_map(|element| match element {
        PathElement::Name(name) => Some(name),
        _ => None,
    });
    if names.clone().any(|name| name.len() > MAX_TEXT) {
        return Err(Error::TooLarge {
            what: "DCQL text",
            limit: MAX_TEXT,
        });
    }
    if matches!(meta, Meta::Mdoc { .. }) && (path.elements().len(), names.count()) != (2, 2) {
        return Err(MALFORMED); // a namespace and an element (section 7.2)
    }
    let values = items(object, "values", MAX_LIST)?.unwrap_or_default();
    Ok(ClaimsQuery {
        id: object.get("id").map(|value| id(Some(value))).transpose()?,
        path,
        values: values.iter().map(claim_value).collect::<Result<_>>()?,
        intent_to_retain: flag(object, "intent_to_retain")?,
    })
}

fn claim_value(value: &Value) -> Result<ClaimValue> {
    match value {
        Value::String(_) => Ok(ClaimValue::Text(text(Some(value))?.to_owned())),
        Value::Number(number) => number.as_i64().map(ClaimValue::Integer).ok_or(MALFORMED),
        Value::Bool(truth) => Ok(ClaimValue::Boolean(*truth)),
        _ => Err(MALFORMED),
    }
}

fn credential_set(value: &Value) -> Result<CredentialSetQuery> {
    let object = value.as_object().ok_or(MALFORMED)?;
    let options = items(object, "options", MAX_LIST)?.ok_or(MALFORMED)?;
    Ok(CredentialSetQuery {
        required: flag(object, "required")?.unwrap_or(true),
        options: options.iter().map(|option| ids(Some(option))).collect::<Result<_>>()?,
    })
}

/// The non-empty array under `name`, if there is one.
fn items<'a>(object: &'a Map<String, Value>, name: &str, limit: usize) -> Result<Option<&'a [Value]>> {
    object.get(name).map(|value| list(value, limit)).transpose()
}

fn list(value: &Value, limit: usize) -> Result<&[Value]> {
    match value.as_array() {
        Some(items) if items.len() > limit => Err(Error::TooLarge {
            what: "DCQL list",
            limit,
        }),
        Some(items) if !items.is_empty() => Ok(items),
        _ => Err(MALFORMED),
    }
}

fn text(value: Option<&Value>) -> Result<&str> {
    match value.and_then(Value::as_str) {
        Some(text) if text.len() > MAX_TEXT => Err(Error::TooLarge {
            what: "DCQL text",
            limit: MAX_TEXT,
        }),
        Some(text) => Ok(text),
        None => Err(MALFORMED),
    }
}

fn texts(value: Option<&Value>) -> Result<Vec<String>> {
    list(value.ok_or(MALFORMED)?, MAX_LIST)?
        .iter()
        .map(|value| text(Some(value)).map(str::to_owned))
        .collect()
}

/// An id: letters, digits, `_` and `-`.
fn id(value: Option<&Value>) -> Result<String> {
    let id = text(value)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    match !id.is_empty() && id.bytes().all(allowed) {
        true => Ok(id.to_owned()),
        false => Err(MALFORMED),
    }
}

fn ids(value: Option<&Value>) -> Result<Vec<String>> {
    list(value.ok_or(MALFORMED)?, MAX_CLAIMS)?
        .iter()
        .map(|value| id(Some(value)))
        .collect()
}

fn flag(object: &Map<String, Value>, name: &str) -> Result<Option<bool>> {
    object
        .get(name)
        .map(|value| value.as_bool().ok_or(MALFORMED))
        .transpose()
}

fn unique<'a>(ids: impl Iterator<Item = &'a str>) -> Result<HashSet<&'a str>> {
    let mut seen = HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(MALFORMED);
        }
    }
    Ok(seen)
}

fn refer_to<'a>(known: &HashSet<&str>, mut references: impl Iterator<Item = &'a String>) -> Result<()> {
    match references.all(|id| known.contains(id.as_str())) {
        true => Ok(()),
        false => Err(MALFORMED),
    }
}
