//! What the registrar signs: a JWS whose `x5c` leads to the anchor, told apart by `typ`.

use kist_crypto::jws;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::certificate::{Anchor, MAX_CHAIN, Usage, validate};
use crate::encoding::{base64, from_base64};
use crate::{Error, Reason, Result};

/// By how many seconds a clock may be behind another's before what the other signed is "from the future".
pub const CLOCK_SKEW: i64 = 300;

/// A JWS to be signed by the registrar, whose certificate is `registrar`.
pub(crate) fn unsigned(typ: &str, registrar: &[u8], payload: &impl Serialize) -> Result<jws::Unsigned> {
    let mut header = Map::new();
    header.insert("typ".into(), typ.into());
    header.insert("x5c".into(), vec![base64(registrar)].into());
    let payload = serde_json::to_vec(payload).map_err(|_| Error::Malformed { what: "payload" })?;
    Ok(jws::Unsigned::new(header, &payload))
}

/// The payload of a JWS of type `typ` that the anchor's registrar signed; `None` where what was signed is no `T`.
pub(crate) fn open<T: DeserializeOwned>(
    compact: &str,
    typ: &str,
    anchor: &Anchor,
    now: i64,
) -> std::result::Result<Option<T>, Reason> {
    let parsed = jws::parse(compact).map_err(|_| Reason::SignatureInvalid)?;
    if parsed.header_str("typ") != Some(typ) {
        return Err(Reason::WrongUsage);
    }
    let chain = certificates(&parsed.header).ok_or(Reason::CertificateMalformed)?;
    let signer = validate(&chain, std::slice::from_ref(anchor), Usage::Registrar, now)?;
    parsed.verify(&signer.key).map_err(|_| Reason::SignatureInvalid)?;
    Ok(serde_json::from_slice(&parsed.payload).ok())
}

/// The certificates of an `x5c` header (RFC 7515, section 4.1.6), leaf first.
fn certificates(header: &Map<String, Value>) -> Option<Vec<Vec<u8>>> {
    let chain = header.get("x5c")?.as_array()?;
    // One more than a path: the anchor may stand at its end.
    if chain.len() > MAX_CHAIN + 1 {
        return None;
    }
    chain.iter().map(|value| from_base64(value.as_str()?).ok()).collect()
}
