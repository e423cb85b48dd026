//! What an organisation asks for, as a query: required and optional parts, each of which the person can leave or give.

use kist_identity::ClaimPath;
use kist_identity::dcql::Query;
use serde_json::{Value, json};

use crate::Result;
use crate::return_address::{CONNECTION, CONNECTION_TYPE};

/// One part of a request: claims of one credential that are given together or not at all.
///
/// The language has no optional claim within a credential query, so what the person may leave out is a part of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// The credential query's id: letters, digits, `_`, `-`.
    pub id: String,
    /// The types of credential that answer, at least one.
    pub types: Vec<String>,
    /// The claims.
    pub claims: Vec<ClaimPath>,
    /// Whether there is no answer without it.
    pub required: bool,
}

/// The query for these parts. With `agreement`, it also asks for the person's return address, as every offer of an
/// agreement has to.
pub fn query(asks: &[Ask], agreement: bool) -> Result<Query> {
    let connection = agreement.then(|| Ask {
        id: CONNECTION.to_owned(),
        types: vec![CONNECTION_TYPE.to_owned()],
        claims: Vec::new(),
        required: true,
    });
    let asks: Vec<&Ask> = asks.iter().chain(&connection).collect();
    let credentials: Vec<Value> = asks.iter().map(|ask| ask.to_value()).collect();
    let mut value = json!({ "credentials": credentials });
    if asks.iter().any(|ask| !ask.required) {
        let required: Vec<&str> = asks
            .iter()
            .filter(|ask| ask.required)
            .map(|ask| ask.id.as_str())
            .collect();
        let optional = asks.iter().filter(|ask| !ask.required);
        let mut sets: Vec<Value> = optional
            .map(|ask| json!({ "required": false, "options": [[ask.id]] }))
            .collect();
        if !required.is_empty() {
            sets.insert(0, json!({ "options": [required] }));
        }
        value["credential_sets"] = sets.into();
    }
    Ok(Query::from_value(&value)?)
}

impl Ask {
    fn to_value(&self) -> Value {
        let mut value = json!({ "id": self.id, "format": "dc+sd-jwt", "meta": { "vct_values": self.types } });
        if !self.claims.is_empty() {
            value["claims"] = self.claims.iter().map(|path| json!({ "path": path })).collect();
        }
        value
    }
}
