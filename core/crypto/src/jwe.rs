//! JWE in compact form: ECDH-ES on P-256 with A128GCM or A256GCM (RFC 7516; RFC 7518, sections 4.6 and 5.3).

use aes_gcm::aead::AeadInOut;
use aes_gcm::{Aes128Gcm, Aes256Gcm, KeyInit};
use rand_core::CryptoRng;
use serde::{Deserialize, Serialize};

use crate::es256::{PublicKey, SigningKey};
use crate::{Error, Jwk, Result, Secret, SecretBytes, base64url, from_base64url, sha256};

/// The largest compact JWE that is read, in bytes.
pub const MAX_JWE: usize = 4 << 20;
const MAX_HEADER: usize = 8 << 10;

/// How the content is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContentEncryption {
    /// AES-128-GCM.
    A128GCM,
    /// AES-256-GCM.
    A256GCM,
}

impl ContentEncryption {
    fn name(self) -> &'static str {
        match self {
            ContentEncryption::A128GCM => "A128GCM",
            ContentEncryption::A256GCM => "A256GCM",
        }
    }

    fn key_bits(self) -> u32 {
        match self {
            ContentEncryption::A128GCM => 128,
            ContentEncryption::A256GCM => 256,
        }
    }
}

/// The protected header of a JWE that this room reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    alg: String,
    /// How the content is encrypted.
    pub enc: ContentEncryption,
    epk: Jwk,
    /// The recipient key's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// Agreement PartyUInfo, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apu: Option<String>,
    /// Agreement PartyVInfo, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apv: Option<String>,
    #[serde(default, skip_serializing)]
    crit: Option<serde_json::Value>,
    #[serde(default, skip_serializing)]
    zip: Option<serde_json::Value>,
}

/// What the sender binds and chooses beside the content.
#[derive(Debug, Clone, Copy)]
pub struct Parameters<'a> {
    /// How the content is encrypted.
    pub enc: ContentEncryption,
    /// The recipient key's id.
    pub kid: Option<&'a str>,
    /// Agreement PartyUInfo; empty leaves it out.
    pub apu: &'a [u8],
    /// Agreement PartyVInfo; empty leaves it out.
    pub apv: &'a [u8],
}

/// Encrypts `plain` to `recipient` with a fresh ephemeral key.
pub fn encrypt<R: CryptoRng + ?Sized>(
    recipient: &PublicKey,
    parameters: &Parameters<'_>,
    plain: &[u8],
    rng: &mut R,
) -> String {
    let ephemeral = SigningKey::generate(rng);
    let optional = |bytes: &[u8]| (!bytes.is_empty()).then(|| base64url(bytes));
    let header = Header {
        alg: "ECDH-ES".into(),
        enc: parameters.enc,
        epk: ephemeral.public().jwk(),
        kid: parameters.kid.map(str::to_owned),
        apu: optional(parameters.apu),
        apv: optional(parameters.apv),
        crit: None,
        zip: None,
    };
    #[allow(clippy::expect_used)]
    let protected = base64url(serde_json::to_vec(&header).expect("a header of strings serialises"));
    let shared = ephemeral.agree(recipient);
    let key = concat_kdf(&shared, parameters.enc, parameters.apu, parameters.apv);
    let mut iv = [0; 12];
    rng.fill_bytes(&mut iv);
    let mut content = plain.to_vec();
    let tag = gcm_seal(parameters.enc, &key, &iv, protected.as_bytes(), &mut content);
    format!(
        "{protected}..{}.{}.{}",
        base64url(iv),
        base64url(content),
        base64url(tag)
    )
}

/// Opens a compact JWE that was encrypted to `key`. Every failure of the cryptography is `AuthenticationFailed`.
pub fn decrypt(key: &SigningKey, compact: &str) -> Result<(Header, SecretBytes)> {
    const MALFORMED: Error = Error::Malformed { what: "JWE" };
    if compact.len() > MAX_JWE {
        return Err(Error::TooLarge {
            what: "JWE",
            limit: MAX_JWE,
        });
    }
    let parts: Vec<&str> = compact.splitn(6, '.').collect();
    let &[protected, "", iv, content, tag] = parts.as_slice() else {
        return Err(MALFORMED);
    };
    let header = parse_header(protected)?;
    let iv: [u8; 12] = from_base64url(iv)?.try_into().map_err(|_| MALFORMED)?;
    let tag: [u8; 16] = from_base64url(tag)?.try_into().map_err(|_| MALFORMED)?;
    let mut content = from_base64url(content)?;
    let info = |text: &Option<String>| text.as_deref().map_or(Ok(Vec::new()), from_base64url);
    let shared = key.agree(&PublicKey::from_jwk(&header.epk)?);
    let derived = concat_kdf(&shared, header.enc, &info(&header.apu)?, &info(&header.apv)?);
    gcm_open(header.enc, &derived, &iv, protected.as_bytes(), &mut content, &tag)?;
    Ok((header, SecretBytes::new(content)))
}

/// The header of a compact JWE, to find the key it wants; nothing in it is authenticated yet.
pub fn peek(compact: &str) -> Result<Header> {
    parse_header(compact.split('.').next().unwrap_or_default())
}

fn parse_header(protected: &str) -> Result<Header> {
    if protected.len() > MAX_HEADER {
        return Err(Error::TooLarge {
            what: "JWE header",
            limit: MAX_HEADER,
        });
    }
    let header: Header =
        serde_json::from_slice(&from_base64url(protected)?).map_err(|_| Error::Malformed { what: "JWE header" })?;
    if header.alg != "ECDH-ES" || header.crit.is_some() || header.zip.is_some() {
        return Err(Error::UnsupportedAlgorithm);
    }
    Ok(header)
}

/// One round of the Concat KDF (NIST SP 800-56A; RFC 7518, section 4.6.2), which is enough for 256 bits.
fn concat_kdf(shared: &Secret<32>, enc: ContentEncryption, apu: &[u8], apv: &[u8]) -> Secret<32> {
    let length = |bytes: &[u8]| (bytes.len() as u32).to_be_bytes();
    Secret::new(sha256(&[
        &1u32.to_be_bytes(),
        shared.expose(),
        &length(enc.name().as_bytes()),
        enc.name().as_bytes(),
        &length(apu),
        apu,
        &length(apv),
        apv,
        &enc.key_bits().to_be_bytes(),
    ]))
}

fn gcm_seal(enc: ContentEncryption, key: &Secret<32>, iv: &[u8; 12], aad: &[u8], content: &mut [u8]) -> [u8; 16] {
    let iv = (*iv).into();
    let tag = match enc {
        ContentEncryption::A128GCM => aes128(key)
            .encrypt_inout_detached(&iv, aad, content.into())
            .map(<[u8; 16]>::from),
        ContentEncryption::A256GCM => aes256(key)
            .encrypt_inout_detached(&iv, aad, content.into())
            .map(<[u8; 16]>::from),
    };
    #[allow(clippy::expect_used)]
    tag.expect("no input here comes near GCM's 64 GiB")
}

fn gcm_open(
    enc: ContentEncryption,
    key: &Secret<32>,
    iv: &[u8; 12],
    aad: &[u8],
    content: &mut [u8],
    tag: &[u8; 16],
) -> Result<()> {
    let (iv, tag) = ((*iv).into(), (*tag).into());
    match enc {
        ContentEncryption::A128GCM => aes128(key).decrypt_inout_detached(&iv, aad, content.into(), &tag),
        ContentEncryption::A256GCM => aes256(key).decrypt_inout_detached(&iv, aad, content.into(), &tag),
    }
    .map_err(|_| Error::AuthenticationFailed)
}

fn aes128(key: &Secret<32>) -> Aes128Gcm {
    let mut half = [0; 16];
    half.copy_from_slice(&key.expose()[..16]);
    Aes128Gcm::new(&half.into())
}

fn aes256(key: &Secret<32>) -> Aes256Gcm {
    Aes256Gcm::new(&(*key.expose()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7518, appendix C: Alice's ephemeral key, Bob's static one, and the key they derive.
    #[test]
    fn rfc_7518_appendix_c() {
        let bob = Jwk {
            kty: "EC".into(),
            crv: "P-256".into(),
            x: "weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ".into(),
            y: "e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck".into(),
            kid: None,
            use_: None,
            alg: None,
        };
        let alice = from_base64url("0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo").unwrap();
        let alice = SigningKey::from_secret(&Secret::from_slice(&alice).unwrap()).unwrap();
        let shared = alice.agree(&PublicKey::from_jwk(&bob).unwrap());
        let key = concat_kdf(&shared, ContentEncryption::A128GCM, b"Alice", b"Bob");
        assert_eq!(base64url(&key.expose()[..16]), "VqqN6vgjbSBcIijNcacQGg");
    }
}
