//! ES256: ECDSA over P-256 with SHA-256 (FIPS 186-5; RFC 7518, section 3.4), deterministic by RFC 6979, and keys as JWK.

use std::fmt;

use p256::ecdsa::signature::{Signer, Verifier};
use p256::ecdsa::{self, Signature};
use p256::pkcs8::{DecodePublicKey, EncodePublicKey};
use rand_core::CryptoRng;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use serde::{Deserialize, Serialize};

use crate::root::derive;
use crate::{Error, Result, Secret, base64url, from_base64url, sha256};

/// A P-256 key that signs, and by [`crate::jwe`] also agrees. Wiped on drop.
#[derive(Clone)]
pub struct SigningKey(ecdsa::SigningKey);

impl SigningKey {
    /// A fresh random key.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        SigningKey(<ecdsa::SigningKey as p256::elliptic_curve::Generate>::generate_from_rng(rng))
    }

    /// The key from its 32-byte scalar.
    pub fn from_secret(secret: &Secret<32>) -> Result<Self> {
        ecdsa::SigningKey::from_slice(secret.expose())
            .map(SigningKey)
            .map_err(|_| Error::InvalidKey)
    }

    /// The scalar, for sealing alone.
    pub fn to_secret(&self) -> Secret<32> {
        Secret::new(self.0.to_bytes().into())
    }

    /// A key that follows from a uniformly random secret and a label. A candidate that is no scalar (one in 2³²) is
    /// followed by the next.
    pub(crate) fn derive(secret: &[u8], label: &str) -> Self {
        let mut candidate = derive(secret, label);
        loop {
            match Self::from_secret(&candidate) {
                Ok(key) => return key,
                Err(_) => candidate = derive(candidate.expose(), label),
            }
        }
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(*self.0.verifying_key())
    }

    /// Signs `message`: `r ‖ s`, 64 bytes.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let signature: Signature = self.0.sign(message);
        signature.to_bytes().into()
    }

    pub(crate) fn agree(&self, public: &PublicKey) -> Secret<32> {
        let shared = p256::ecdh::diffie_hellman(self.0.as_nonzero_scalar(), public.0.as_affine());
        Secret::new((*shared.raw_secret_bytes()).into())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// A public P-256 key: a valid point that is not the identity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(ecdsa::VerifyingKey);

impl PublicKey {
    /// From an SEC 1 point, compressed (33 bytes) or not (65).
    pub fn from_sec1(bytes: &[u8]) -> Result<Self> {
        ecdsa::VerifyingKey::from_sec1_bytes(bytes)
            .map(PublicKey)
            .map_err(|_| Error::InvalidKey)
    }

    /// The uncompressed SEC 1 point: `4 ‖ x ‖ y`.
    pub fn to_sec1(&self) -> [u8; 65] {
        let mut out = [0; 65];
        out.copy_from_slice(self.0.to_sec1_point(false).as_bytes());
        out
    }

    /// From a DER SubjectPublicKeyInfo (RFC 5480).
    pub fn from_spki_der(der: &[u8]) -> Result<Self> {
        ecdsa::VerifyingKey::from_public_key_der(der)
            .map(PublicKey)
            .map_err(|_| Error::InvalidKey)
    }

    /// As a DER SubjectPublicKeyInfo.
    pub fn to_spki_der(&self) -> Vec<u8> {
        #[allow(clippy::expect_used)]
        self.0
            .to_public_key_der()
            .expect("a valid point has an encoding")
            .into_vec()
    }

    /// From a JWK; whatever it says of use or algorithm is the caller's to check.
    pub fn from_jwk(jwk: &Jwk) -> Result<Self> {
        if jwk.kty != "EC" || jwk.crv != "P-256" {
            return Err(Error::UnsupportedAlgorithm);
        }
        let (x, y) = (from_base64url(&jwk.x)?, from_base64url(&jwk.y)?);
        if x.len() != 32 || y.len() != 32 {
            return Err(Error::InvalidKey);
        }
        let mut point = [4; 65];
        point[1..33].copy_from_slice(&x);
        point[33..].copy_from_slice(&y);
        Self::from_sec1(&point)
    }

    /// As a JWK (RFC 7517) with the point alone.
    pub fn jwk(&self) -> Jwk {
        let point = self.to_sec1();
        Jwk {
            kty: "EC".into(),
            crv: "P-256".into(),
            x: base64url(&point[1..33]),
            y: base64url(&point[33..]),
            kid: None,
            use_: None,
            alg: None,
        }
    }

    /// The JWK thumbprint with SHA-256 (RFC 7638), base64url.
    pub fn thumbprint(&self) -> String {
        let jwk = self.jwk();
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#, jwk.x, jwk.y);
        base64url(sha256(&[canonical.as_bytes()]))
    }

    /// Verifies `r ‖ s` over `message`.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.to_sec1())
            .verify(message, signature)
            .map_err(|_| Error::SignatureInvalid)
    }

    /// Verifies a DER `ECDSA-Sig-Value`, as certificates carry it (RFC 5480, appendix A).
    pub fn verify_der(&self, message: &[u8], signature: &[u8]) -> Result<()> {
        let signature = Signature::from_der(signature).map_err(|_| Error::SignatureInvalid)?;
        self.0.verify(message, &signature).map_err(|_| Error::SignatureInvalid)
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.thumbprint())
    }
}

/// `r ‖ s` as the DER that certificates carry.
pub fn signature_to_der(signature: &[u8; 64]) -> Result<Vec<u8>> {
    let signature = Signature::from_slice(signature).map_err(|_| Error::SignatureInvalid)?;
    Ok(signature.to_der().as_bytes().to_vec())
}

/// A public P-256 key as JSON (RFC 7517; RFC 7518, section 6.2). Unknown members are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Jwk {
    /// `EC`.
    pub kty: String,
    /// `P-256`.
    pub crv: String,
    /// The point's x, base64url of 32 bytes.
    pub x: String,
    /// The point's y, base64url of 32 bytes.
    pub y: String,
    /// The key's id, where one is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kid: Option<String>,
    /// `sig` or `enc`, where one is given.
    #[serde(default, rename = "use", skip_serializing_if = "Option::is_none")]
    pub use_: Option<String>,
    /// The algorithm that it is for, where one is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alg: Option<String>,
}
