//! The language's terms, and their JSON.

use serde_json::{Map, Value, json};

use crate::ClaimPath;

/// A valid query: ids are unique, sets refer to what exists, every list is within its bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    pub(super) credentials: Vec<CredentialQuery>,
    pub(super) credential_sets: Vec<CredentialSetQuery>,
}

/// Asks for one credential, or for several of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialQuery {
    /// The name that the answer refers to.
    pub id: String,
    /// What the credential's format and type must be.
    pub meta: Meta,
    /// Whether several credentials may answer.
    pub multiple: bool,
    /// Authorities, of which one at least must stand behind the issuer; empty for any issuer.
    pub trusted_authorities: Vec<TrustedAuthorities>,
    /// Whether the holder's key must be proved. The language's default is true.
    pub require_cryptographic_holder_binding: bool,
    /// The claims asked for; empty for none beyond those that are always open.
    pub claims: Vec<ClaimsQuery>,
    /// Combinations of claims' ids, the verifier's favourite first; empty for all of `claims`.
    pub claim_sets: Vec<Vec<String>>,
}

/// The format of a credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    /// `dc+sd-jwt`.
    SdJwtVc,
    /// `mso_mdoc`.
    Mdoc,
    /// Any other: understood as a query, satisfied by nothing.
    Other(String),
}

/// Format and type that are asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meta {
    /// `dc+sd-jwt` of one of these types, at least one.
    SdJwtVc {
        /// `vct_values`.
        vct_values: Vec<String>,
    },
    /// `mso_mdoc` of this document type.
    Mdoc {
        /// `doctype_value`.
        doctype_value: String,
    },
    /// Another format.
    Other {
        /// The format's identifier.
        format: String,
        /// Its own parameters.
        meta: Map<String, Value>,
    },
}

impl Meta {
    /// The format that this belongs to.
    pub fn format(&self) -> Format {
        match self {
            Meta::SdJwtVc { .. } => Format::SdJwtVc,
            Meta::Mdoc { .. } => Format::Mdoc,
            Meta::Other { format, .. } => Format::Other(format.clone()),
        }
    }
}

impl Format {
    /// The Credential Format Identifier.
    pub fn as_str(&self) -> &str {
        match self {
            Format::SdJwtVc => "dc+sd-jwt",
            Format::Mdoc => "mso_mdoc",
            Format::Other(name) => name,
        }
    }
}

/// Asks for one claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimsQuery {
    /// The name that `claim_sets` refer to.
    pub id: Option<String>,
    /// Where the claim stands.
    pub path: ClaimPath,
    /// The values it must have one of; empty for any.
    pub values: Vec<ClaimValue>,
    /// Whether the verifier says that it will keep the element (ISO mdoc).
    pub intent_to_retain: Option<bool>,
}

/// A value that a claim must have, in type too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimValue {
    /// A string.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A truth value.
    Boolean(bool),
}

impl ClaimValue {
    /// Whether type and value are the same.
    pub fn matches(&self, value: &Value) -> bool {
        match (self, value) {
            (ClaimValue::Text(asked), Value::String(held)) => asked == held,
            (ClaimValue::Integer(asked), Value::Number(held)) => held.as_i64() == Some(*asked),
            (ClaimValue::Boolean(asked), Value::Bool(held)) => asked == held,
            _ => false,
        }
    }
}

/// Asks that one of several authorities stands behind the issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedAuthorities {
    /// `aki`, `etsi_tl`, `openid_federation`, or another.
    pub kind: String,
    /// The authorities' names, as the kind defines them; at least one.
    pub values: Vec<String>,
}

/// Asks for one of several combinations of credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialSetQuery {
    /// Whether one combination must be given. The language's default is true.
    pub required: bool,
    /// Combinations of credential queries' ids; at least one, none empty.
    pub options: Vec<Vec<String>>,
}

impl Query {
    /// The credential queries in the verifier's order, at least one.
    pub fn credentials(&self) -> &[CredentialQuery] {
        &self.credentials
    }

    /// The credential query of this id.
    pub fn credential(&self, id: &str) -> Option<&CredentialQuery> {
        self.credentials.iter().find(|query| query.id == id)
    }

    /// The combinations asked for; empty for all credentials.
    pub fn credential_sets(&self) -> &[CredentialSetQuery] {
        &self.credential_sets
    }

    /// The query's JSON, for a request's `dcql_query`. Defaults and unknown properties are left out.
    pub fn to_value(&self) -> Value {
        let mut value = json!({ "credentials": list(&self.credentials, CredentialQuery::to_value) });
        if !self.credential_sets.is_empty() {
            value["credential_sets"] = list(&self.credential_sets, CredentialSetQuery::to_value);
        }
        value
    }
}

impl CredentialQuery {
    fn to_value(&self) -> Value {
        let meta = match &self.meta {
            Meta::SdJwtVc { vct_values } => json!({ "vct_values": vct_values }),
            Meta::Mdoc { doctype_value } => json!({ "doctype_value": doctype_value }),
            Meta::Other { meta, .. } => Value::Object(meta.clone()),
        };
        let mut value = json!({ "id": self.id, "format": self.meta.format().as_str(), "meta": meta });
        if self.multiple {
            value["multiple"] = true.into();
        }
        if !self.require_cryptographic_holder_binding {
            value["require_cryptographic_holder_binding"] = false.into();
        }
        if !self.trusted_authorities.is_empty() {
            value["trusted_authorities"] = list(
                &self.trusted_authorities,
                |query| json!({ "type": query.kind, "values": query.values }),
            );
        }
        if !self.claims.is_empty() {
            value["claims"] = list(&self.claims, ClaimsQuery::to_value);
        }
        if !self.claim_sets.is_empty() {
            value["claim_sets"] = json!(self.claim_sets);
        }
        value
    }
}

impl ClaimsQuery {
    fn to_value(&self) -> Value {
        let mut value = json!({ "path": self.path });
        if let Some(id) = &self.id {
            value["id"] = id.as_str().into();
        }
        if !self.values.is_empty() {
            value["values"] = list(&self.values, |value| match value {
                ClaimValue::Text(text) => text.as_str().into(),
                ClaimValue::Integer(number) => (*number).into(),
                ClaimValue::Boolean(truth) => (*truth).into(),
            });
        }
        if let Some(intent) = self.intent_to_retain {
            value["intent_to_retain"] = intent.into();
        }
        value
    }
}

impl CredentialSetQuery {
    fn to_value(&self) -> Value {
        let mut value = json!({ "options": self.options });
        if !self.required {
            value["required"] = false.into();
        }
        value
    }
}

fn list<T>(items: &[T], to_value: impl Fn(&T) -> Value) -> Value {
    items.iter().map(to_value).collect()
}
