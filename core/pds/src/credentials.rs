//! Credentials: those that were delivered, which the store keeps beside the records of their claims, and the person's own
//! word.

use kist_crypto::{OsRandom, base64url, sha256};
use kist_identity::{Credential, CredentialDraft, RelationshipKey};
use serde_json::{Map, Value};

use crate::Result;

/// By [`key`].
pub(crate) const CREDENTIALS: &str = "credentials";
/// Claims that say what a credential is and nothing of the person.
const REGISTERED: [&str; 10] = [
    "iss",
    "iat",
    "nbf",
    "exp",
    "cnf",
    "vct",
    "status",
    "sub",
    "aka_vcts",
    "vct#integrity",
];

/// What a credential is kept by: the hash of its compact form.
pub(crate) fn key(credential: &Credential) -> String {
    base64url(sha256(&[credential.compact().as_bytes()]))
}

/// The claims about the person.
pub(crate) fn data_of(claims: &Map<String, Value>) -> Map<String, Value> {
    let about = |name: &&String| !REGISTERED.contains(&name.as_str());
    claims
        .iter()
        .filter(|(name, _)| about(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Signs what the person says of themselves.
pub(crate) fn assert(draft: CredentialDraft, key: &RelationshipKey) -> Result<Credential> {
    let unsigned = draft.prepare(&mut OsRandom)?;
    let signature = key.sign(unsigned.signing_input());
    Ok(Credential::parse(&unsigned.complete(&signature))?)
}
