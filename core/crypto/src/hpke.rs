//! HPKE (RFC 9180), base mode: DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. One message a call.

use std::fmt;

use hpke::aead::ChaCha20Poly1305;
use hpke::kdf::HkdfSha256;
use hpke::kem::DhP256HkdfSha256 as Kem;
use hpke::{Deserializable, Kem as _, OpModeR, OpModeS, Serializable};
use rand_core::{CryptoRng, Infallible, TryCryptoRng, TryRng};

use crate::{Error, Result, Secret, SecretBytes};

/// Bytes of an encapsulated key, which stands in front of the ciphertext.
pub const ENCAPSULATED: usize = 65;
/// Bytes that sealing adds.
pub const OVERHEAD: usize = ENCAPSULATED + 16;

/// A receiving key. Wiped on drop, used for what is sealed to its public half and nothing else.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey(Secret<32>);

impl PrivateKey {
    /// A fresh random key.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        let ikm = Secret::<32>::generate(rng);
        let (private, _) = Kem::derive_keypair(ikm.expose());
        PrivateKey(Secret::new(private.to_bytes().into()))
    }

    /// The key from its 32-byte scalar.
    pub fn from_secret(secret: Secret<32>) -> Result<Self> {
        <Kem as hpke::Kem>::PrivateKey::from_bytes(secret.expose()).map_err(|_| Error::InvalidKey)?;
        Ok(PrivateKey(secret))
    }

    /// The scalar, for sealing alone.
    pub fn secret(&self) -> &Secret<32> {
        &self.0
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(Kem::sk_to_pk(&self.inner()))
    }

    fn inner(&self) -> <Kem as hpke::Kem>::PrivateKey {
        #[allow(clippy::expect_used)]
        <Kem as hpke::Kem>::PrivateKey::from_bytes(self.0.expose()).expect("checked when it was made")
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey(…)")
    }
}

/// A key that bytes can be sealed to.
#[derive(Clone, PartialEq, Eq)]
pub struct PublicKey(<Kem as hpke::Kem>::PublicKey);

impl PublicKey {
    /// From an uncompressed SEC 1 point of 65 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        <Kem as hpke::Kem>::PublicKey::from_bytes(bytes)
            .map(PublicKey)
            .map_err(|_| Error::InvalidKey)
    }

    /// The uncompressed SEC 1 point.
    pub fn to_bytes(&self) -> [u8; 65] {
        self.0.to_bytes().into()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", crate::base64url(self.to_bytes()))
    }
}

/// hpke takes a sized generator; this hands it one that may be a trait object.
struct Borrowed<'a, R: ?Sized>(&'a mut R);

impl<R: CryptoRng + ?Sized> TryRng for Borrowed<'_, R> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> std::result::Result<u32, Infallible> {
        Ok(self.0.next_u32())
    }

    fn try_next_u64(&mut self) -> std::result::Result<u64, Infallible> {
        Ok(self.0.next_u64())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> std::result::Result<(), Infallible> {
        self.0.fill_bytes(bytes);
        Ok(())
    }
}

impl<R: CryptoRng + ?Sized> TryCryptoRng for Borrowed<'_, R> {}

/// Seals `plain` to `to`: encapsulated key (65 bytes) ‖ ciphertext ‖ tag. `info` names the purpose.
pub fn seal<R: CryptoRng + ?Sized>(to: &PublicKey, info: &[u8], aad: &[u8], plain: &[u8], rng: &mut R) -> Vec<u8> {
    #[allow(clippy::expect_used)]
    let (encapsulated, ciphertext) = hpke::single_shot_seal_with_rng::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeS::Base,
        &to.0,
        info,
        plain,
        aad,
        &mut Borrowed(rng),
    )
    .expect("a valid point agrees, and one message never exhausts the nonces");
    let mut out = encapsulated.to_bytes().to_vec();
    out.extend_from_slice(&ciphertext);
    out
}

/// Opens what [`seal`] made for `key`. Everything that can be wrong is `AuthenticationFailed`.
pub fn open(key: &PrivateKey, info: &[u8], aad: &[u8], sealed: &[u8]) -> Result<SecretBytes> {
    let (encapsulated, ciphertext) = sealed
        .split_first_chunk::<ENCAPSULATED>()
        .ok_or(Error::AuthenticationFailed)?;
    let encapsulated =
        <Kem as hpke::Kem>::EncappedKey::from_bytes(encapsulated).map_err(|_| Error::AuthenticationFailed)?;
    hpke::single_shot_open::<ChaCha20Poly1305, HkdfSha256, Kem>(
        &OpModeR::Base,
        &key.inner(),
        &encapsulated,
        info,
        ciphertext,
        aad,
    )
    .map(SecretBytes::new)
    .map_err(|_| Error::AuthenticationFailed)
}
