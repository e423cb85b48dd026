//! The parameters of request and response as they travel (OpenID4VP 1.0, sections 5 and 8), and this profile's constants.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_crypto::Jwk;
use kist_crypto::es256::PublicKey;
use kist_crypto::jwe::ContentEncryption;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{Error, Result, Session};

/// The largest request object that is read, in bytes of its compact form.
pub const MAX_REQUEST: usize = 256 << 10;
/// Seconds by which two clocks may differ.
pub const CLOCK_SKEW: i64 = kist_identity::CLOCK_SKEW;
/// The media type of a request object (RFC 9101, section 9.4.1).
pub const REQUEST_MEDIA_TYPE: &str = "application/oauth-authz-req+jwt";
/// The media type of an answer's body.
pub const ANSWER_MEDIA_TYPE: &str = "application/x-www-form-urlencoded";

pub(crate) const TYPE: &str = "oauth-authz-req+jwt";
pub(crate) const AUDIENCE: &str = "https://self-issued.me/v2";
pub(crate) const RESPONSE_TYPE: &str = "vp_token";
pub(crate) const RESPONSE_MODE: &str = "direct_post.jwt";
/// The format of a commission among the statements about a verifier; its last part is its version.
const COMMISSION: &str = "urn:kist:commission:1";
const MAX_CERTIFICATES: usize = 8;
const MAX_CERTIFICATE: usize = 16 << 10;
const MAX_KEYS: usize = 16;
const KEY_AGREEMENT: &str = "ECDH-ES";

/// A request object's payload. Parameters that are not listed are passed over.
#[derive(Serialize, Deserialize)]
pub(crate) struct RequestObject {
    pub(crate) client_id: String,
    pub(crate) response_type: String,
    pub(crate) response_mode: String,
    pub(crate) response_uri: String,
    pub(crate) nonce: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
    pub(crate) dcql_query: Value,
    pub(crate) client_metadata: ClientMetadata,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) transaction_data: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) verifier_info: Vec<VerifierInfo>,
    pub(crate) aud: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    /// Contradicts `response_uri` (section 8.2).
    #[serde(default, skip_serializing)]
    pub(crate) redirect_uri: Option<IgnoredAny>,
    /// Contradicts `dcql_query` (section 5.1).
    #[serde(default, skip_serializing)]
    pub(crate) scope: Option<IgnoredAny>,
}

/// What the request says of the verifier itself (section 11.1).
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ClientMetadata {
    pub(crate) jwks: KeySet,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) encrypted_response_enc_values_supported: Option<Vec<String>>,
    #[serde(default)]
    pub(crate) vp_formats_supported: Value,
    /// The session that the answer is given out to; a wallet that doesn't know it brings no code, and gets nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kist_session: Option<Session>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeySet {
    /// Other kinds of keys than ours may stand here, so each is read by itself.
    pub(crate) keys: Vec<Value>,
}

/// A statement about the verifier (section 5.11).
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct VerifierInfo {
    pub(crate) format: String,
    pub(crate) data: Value,
}

/// The payload of an encrypted response: a success or an error.
#[derive(Serialize, Deserialize)]
pub(crate) struct ResponseObject {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) vp_token: Option<BTreeMap<String, Vec<String>>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<String>,
    /// The acceptance of the agreement that was offered, a compact JWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kist_acceptance: Option<String>,
    /// What the person brings to the session too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) kist_session_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

/// A public key that an answer is encrypted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EncryptionKey {
    pub(crate) key: PublicKey,
    pub(crate) kid: String,
    pub(crate) enc: ContentEncryption,
}

impl ClientMetadata {
    /// What a verifier of this profile says: one key, both encryptions (HAIP 1.0, section 5), SD-JWT VC with ES256.
    pub(crate) fn new(key: &PublicKey, kid: &str) -> Self {
        let jwk = Jwk {
            kid: Some(kid.to_owned()),
            use_: Some("enc".to_owned()),
            alg: Some(KEY_AGREEMENT.to_owned()),
            ..key.jwk()
        };
        ClientMetadata {
            jwks: KeySet { keys: vec![json!(jwk)] },
            encrypted_response_enc_values_supported: Some(vec!["A256GCM".to_owned(), "A128GCM".to_owned()]),
            vp_formats_supported: json!({
                "dc+sd-jwt": { "sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"] }
            }),
            kist_session: None,
        }
    }

    /// The first key that an answer can be encrypted to, and how (section 8.3): P-256, ECDH-ES, not meant for signing.
    /// A256GCM where the verifier takes it, else A128GCM.
    pub(crate) fn encryption_key(&self) -> Result<EncryptionKey> {
        const UNSUPPORTED: Error = Error::Unsupported {
            what: "response encryption",
        };
        let enc = match &self.encrypted_response_enc_values_supported {
            Some(values) if values.iter().any(|value| value == "A256GCM") => ContentEncryption::A256GCM,
            Some(values) if !values.iter().any(|value| value == "A128GCM") => return Err(UNSUPPORTED),
            _ => ContentEncryption::A128GCM,
        };
        let usable = |value: &Value| {
            let jwk: Jwk = serde_json::from_value(value.clone()).ok()?;
            let meant = jwk.use_.as_deref().is_none_or(|meant| meant == "enc");
            let agrees = jwk.alg.as_deref() == Some(KEY_AGREEMENT);
            let key = PublicKey::from_jwk(&jwk).ok()?;
            (meant && agrees).then_some(EncryptionKey {
                key,
                kid: jwk.kid?,
                enc,
            })
        };
        self.jwks.keys.iter().take(MAX_KEYS).find_map(usable).ok_or(UNSUPPORTED)
    }
}

impl VerifierInfo {
    /// A registration as the trust framework signs it.
    pub(crate) fn registration(jwt: &str) -> Self {
        VerifierInfo {
            format: "jwt".to_owned(),
            data: jwt.into(),
        }
    }

    /// An organisation's commission to the supplier that asks, and the organisation's registration.
    pub(crate) fn commission(commission: &str, registration: &str) -> Self {
        VerifierInfo {
            format: COMMISSION.to_owned(),
            data: json!({ "commission": commission, "registration": registration }),
        }
    }

    /// Commission and registration, if it is such a statement.
    pub(crate) fn commissioned(&self) -> Option<(&str, &str)> {
        let text = |name: &str| self.data.get(name).and_then(Value::as_str).unwrap_or_default();
        (self.format == COMMISSION).then(|| (text("commission"), text("registration")))
    }

    /// The statement, if it is a JWT.
    pub(crate) fn jwt(&self) -> Option<&str> {
        self.data.as_str().filter(|_| self.format == "jwt")
    }
}

/// The `x5c` header (RFC 7515, section 4.1.6): certificates in DER, leaf first.
pub(crate) fn x5c(certificates: &[Vec<u8>]) -> Value {
    certificates.iter().map(|der| BASE64_STANDARD.encode(der)).collect()
}

/// The certificates of an `x5c` header; none where nobody has signed by one.
pub(crate) fn certificates(x5c: Option<&Value>) -> Result<Vec<Vec<u8>>> {
    const MALFORMED: Error = Error::Malformed { what: "x5c" };
    let Some(x5c) = x5c else { return Ok(Vec::new()) };
    let chain = x5c.as_array().filter(|chain| !chain.is_empty()).ok_or(MALFORMED)?;
    if chain.len() > MAX_CERTIFICATES {
        return Err(Error::TooLarge {
            what: "x5c",
            limit: MAX_CERTIFICATES,
        });
    }
    let certificate = |value: &Value| {
        let text = value
            .as_str()
            .filter(|text| text.len() <= MAX_CERTIFICATE)
            .ok_or(MALFORMED)?;
        BASE64_STANDARD.decode(text).map_err(|_| MALFORMED)
    };
    chain.iter().map(certificate).collect()
}

/// Whether a nonce or a state has only the symbols that it may have (section 5.2), and not too many.
pub(crate) fn is_url_safe(text: &str) -> bool {
    let safe = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (1..=512).contains(&text.len()) && text.bytes().all(safe)
}

#[cfg(test)]
mod tests {
    use kist_crypto::es256::SigningKey;
    use kist_crypto::{Secret, from_base64url, jwe};

    use super::*;

    /// The example of OpenID4VP 1.0, section 8.3: four keys, of which ours is the first, and a response to it.
    #[test]
    fn openid4vp_8_3_the_encrypted_response_opens() {
        let vector = include_str!("../../../tests/vectors/openid4vp/encrypted_response.json");
        let vector: Value = serde_json::from_str(vector).unwrap();
        let metadata: ClientMetadata = serde_json::from_value(vector["request"]["client_metadata"].clone()).unwrap();
        let chosen = metadata.encryption_key().unwrap();
        assert_eq!((chosen.kid.as_str(), chosen.enc), ("ac", ContentEncryption::A128GCM));

        let scalar = from_base64url(vector["private_key"]["d"].as_str().unwrap()).unwrap();
        let key = SigningKey::from_secret(&Secret::from_slice(&scalar).unwrap()).unwrap();
        assert_eq!(key.public(), chosen.key);
        let (header, plain) = jwe::decrypt(&key, vector["response"].as_str().unwrap()).unwrap();
        assert_eq!(header.kid.as_deref(), Some("ac"));
        assert_eq!(
            serde_json::from_slice::<Value>(plain.expose()).unwrap(),
            vector["payload"]
        );
        let response: ResponseObject = serde_json::from_slice(plain.expose()).unwrap();
        assert_eq!(response.vp_token.unwrap()["example_credential_id"], ["eyJhb...YMetA"]);
    }

    #[test]
    fn a_key_that_is_not_for_encryption_is_passed_over() {
        let mut random = kist_crypto::testing::SeededRandom::new(1);
        let key = SigningKey::generate(&mut random).public();
        let usable = |change: fn(&mut Value)| {
            let mut metadata = ClientMetadata::new(&key, "1");
            change(&mut metadata.jwks.keys[0]);
            metadata.encryption_key()
        };
        assert_eq!(usable(|_| {}).unwrap().enc, ContentEncryption::A256GCM);
        assert!(usable(|jwk| jwk["use"] = "sig".into()).is_err());
        assert!(usable(|jwk| jwk["alg"] = "ECDH-ES+A128KW".into()).is_err());
        assert!(usable(|jwk| jwk["kid"] = Value::Null).is_err());
        assert!(usable(|jwk| jwk["y"] = jwk["x"].clone()).is_err());
    }
}
