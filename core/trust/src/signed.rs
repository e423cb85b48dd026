//! What the registrar signs: a JWS whose `x5c` leads to the anchor, told apart by `typ`.

use kist_crypto::{from_base64url, jws, sha256};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::certificate::{Ground, MAX_CHAIN, Usage, Validated, validate};
use crate::encoding::{base64, from_base64};
use crate::{Error, Reason, Result, json};

/// By how many seconds a clock may be behind another's before what the other signed is "from the future".
pub const CLOCK_SKEW: i64 = 300;

/// What was signed, and the path of who signed it.
pub(crate) struct Opened<'a> {
    /// `None` where what was signed is no JSON.
    pub(crate) payload: Option<Value>,
    pub(crate) signer: Validated<'a>,
    /// SHA-256 of the payload's bytes.
    pub(crate) sha256: [u8; 32],
}

/// A JWS to be signed by the registrar, whose certificates are `chain`, DER, its own first; and SHA-256 of its payload.
pub(crate) fn unsigned(typ: &str, chain: &[Vec<u8>], payload: &impl Serialize) -> Result<(jws::Unsigned, [u8; 32])> {
    let mut header = Map::new();
    header.insert("typ".into(), typ.into());
    let chain: Vec<Value> = chain.iter().map(|der| base64(der).into()).collect();
    header.insert("x5c".into(), chain.into());
    let payload = serde_json::to_vec(payload).map_err(|_| Error::Malformed { what: "payload" })?;
    Ok((jws::Unsigned::new(header, &payload), sha256(&[&payload])))
}

/// Opens a JWS of type `typ` that the registrar of the anchor signed.
pub(crate) fn open<'a>(
    compact: &str,
    typ: &str,
    ground: &Ground<'a>,
    now: i64,
) -> std::result::Result<Opened<'a>, Reason> {
    let parsed = parse(compact)?;
    if parsed.header_str("typ") != Some(typ) {
        return Err(Reason::WrongType);
    }
    let chain = certificates(&parsed.header).ok_or(Reason::CertificateMalformed)?;
    let signer = validate(&chain, std::slice::from_ref(ground), Usage::Registrar, now)?;
    parsed.verify(&signer.leaf.key).map_err(|_| Reason::SignatureInvalid)?;
    Ok(Opened {
        payload: json::read(&parsed.payload),
        sha256: sha256(&[&parsed.payload]),
        signer,
    })
}

/// Reads a compact JWS whose header names each member once.
pub(crate) fn parse(compact: &str) -> std::result::Result<jws::Parsed, Reason> {
    let parsed = jws::parse(compact).map_err(|error| match error {
        kist_crypto::Error::UnsupportedAlgorithm => Reason::AlgorithmRefused,
        _ => Reason::SignatureInvalid,
    })?;
    let header = compact.split('.').next().and_then(|header| from_base64url(header).ok());
    match header.and_then(|header| json::read(&header)) {
        Some(_) => Ok(parsed),
        None => Err(Reason::SignatureInvalid),
    }
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
