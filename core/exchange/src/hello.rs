//! A hello: a person knocks at an organisation's invitation (docs/formats/connections.md).
//!
//! It says where this relationship is reached, with which key it signs, and for which intended use the organisation is asked
//! to make its request; nothing that identifies the person. It is sealed to the invitation's key and padded, so that the
//! relay sees that somebody knocks, and not for what.

use kist_crypto::es256::{Jwk, PublicKey};
use kist_crypto::{Context, CryptoRng, hpke, jws};
use kist_identity::{DAY, start_of_day};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::address::allowed_origin;
use crate::invitation::MAX_NAME;
use crate::{Error, Result, ReturnAddress, TransportPolicy, VerifiedInvitation};

const TYPE: &str = "kist-hello+jwt";
const VERSION: u64 = 1;
/// The smallest and the largest sealed hello; sizes are powers of two.
const SMALLEST: usize = 2048;
/// The largest sealed hello that is read, in bytes.
pub const MAX_HELLO: usize = 8192;
/// Bytes that say how long a hello is, inside.
const LENGTH: usize = 4;
/// A hello is taken for so many days. Whoever takes hellos in remembers their keys for longer.
pub const HELLO_DAYS: i64 = 8;
const MALFORMED: Error = Error::Malformed { what: "hello" };

/// What a person says to an organisation that they don't know yet.
#[derive(Clone)]
pub struct Hello {
    /// The intended use that the organisation is asked to make its request for, by id.
    pub intended_use: String,
    /// Where the person is reached, in this relationship alone.
    pub address: ReturnAddress,
    /// The relationship's key, which signs this.
    pub key: PublicKey,
    /// The letter's secret, where a letter invited.
    pub letter: Option<String>,
    /// The invitation's hash: no other organisation can be shown this hello.
    pub invitation: String,
    /// Random: by it and the key a hello is told from one that came before.
    pub id: String,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    version: u64,
    jti: String,
    invitation: String,
    #[serde(rename = "use")]
    intended_use: String,
    address: Map<String, Value>,
    key: Jwk,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    letter: Option<String>,
    /// The first second of the day: the exact time would be the same in two hellos that one touch sent.
    iat: i64,
}

impl Hello {
    /// A hello at an invitation; `id` is random.
    ///
    /// Errors: `Malformed` for a use that it doesn't offer.
    pub fn at(
        invitation: &VerifiedInvitation,
        intended_use: &str,
        address: ReturnAddress,
        key: PublicKey,
        id: String,
    ) -> Result<Hello> {
        if !invitation.uses().iter().any(|offered| offered == intended_use) {
            return Err(Error::Malformed { what: "intended use" });
        }
        Ok(Hello {
            intended_use: intended_use.to_owned(),
            address,
            key,
            letter: invitation.letter().map(str::to_owned),
            invitation: invitation.hash().to_owned(),
            id,
        })
    }

    /// What the relationship's key signs, at `now` (Unix seconds).
    pub fn prepare(&self, now: i64) -> Result<jws::Unsigned> {
        let payload = Payload {
            version: VERSION,
            jti: self.id.clone(),
            invitation: self.invitation.clone(),
            intended_use: self.intended_use.clone(),
            address: self.address.to_claims(),
            key: self.key.jwk(),
            letter: self.letter.clone(),
            iat: start_of_day(now),
        };
        let header = Map::from_iter([("typ".to_owned(), Value::from(TYPE))]);
        let payload = serde_json::to_vec(&payload).map_err(|_| MALFORMED)?;
        Ok(jws::Unsigned::new(header, &payload))
    }

    /// Seals a hello that was signed, for the invitation's mailbox.
    ///
    /// Errors: `TooLarge`.
    pub fn seal<R: CryptoRng + ?Sized>(signed: &str, to: &ReturnAddress, rng: &mut R) -> Result<Vec<u8>> {
        let length = LENGTH + signed.len() + hpke::OVERHEAD;
        let bucket = length.next_power_of_two().max(SMALLEST);
        if bucket > MAX_HELLO {
            return Err(Error::TooLarge {
                what: "hello",
                limit: MAX_HELLO,
            });
        }
        let mut plain = Vec::with_capacity(bucket - hpke::OVERHEAD);
        plain.extend_from_slice(&(signed.len() as u32).to_be_bytes());
        plain.extend_from_slice(signed.as_bytes());
        plain.resize(bucket - hpke::OVERHEAD, 0);
        Ok(hpke::seal(&to.receiving_key, &info(&to.mailbox), b"", &plain, rng))
    }

    /// Opens what lay in an invitation's mailbox, at `now` (Unix seconds). That the invitation is one of the mailbox's, and
    /// that the same key has not knocked before, is for the caller to see.
    ///
    /// Errors: `AuthenticationFailed` and `Malformed` for bytes that are none, `SignatureInvalid`, `RequestExpired` and
    /// `NotYetValid`, `AddressRefused`, `TooLarge`, `Unsupported`.
    pub fn open(
        sealed: &[u8],
        key: &hpke::PrivateKey,
        mailbox: &str,
        now: i64,
        policy: TransportPolicy,
    ) -> Result<Hello> {
        if sealed.len() > MAX_HELLO {
            return Err(Error::TooLarge {
                what: "hello",
                limit: MAX_HELLO,
            });
        }
        let plain = hpke::open(key, &info(mailbox), b"", sealed)?;
        let parsed = jws::parse(text(plain.expose()).ok_or(MALFORMED)?)?;
        if parsed.header_str("typ") != Some(TYPE) {
            return Err(MALFORMED);
        }
        let payload: Payload = serde_json::from_slice(&parsed.payload).map_err(|_| MALFORMED)?;
        let key = PublicKey::from_jwk(&payload.key)?;
        parsed.verify(&key)?;
        payload.check(now)?;
        let address = ReturnAddress::from_claims(&payload.address)?;
        allowed_origin(&address.relay, policy)?;
        Ok(Hello {
            intended_use: payload.intended_use,
            address,
            key,
            letter: payload.letter,
            invitation: payload.invitation,
            id: payload.jti,
        })
    }
}

impl std::fmt::Debug for Hello {
    /// What is wanted alone: the address carries a token, and a letter its secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Hello({}, …)", self.intended_use)
    }
}

impl Payload {
    fn check(&self, now: i64) -> Result<()> {
        if self.version != VERSION {
            return Err(Error::Unsupported { what: "hello" });
        }
        let names = [&self.intended_use, &self.invitation, &self.jti];
        if names.into_iter().chain(&self.letter).any(|name| name.len() > MAX_NAME) {
            return Err(MALFORMED);
        }
        if self.iat > now.saturating_add(DAY) {
            return Err(Error::NotYetValid { at: self.iat });
        }
        match self.iat >= now.saturating_sub(HELLO_DAYS * DAY) {
            true => Ok(()),
            false => Err(Error::RequestExpired),
        }
    }
}

fn text(plain: &[u8]) -> Option<&str> {
    let (length, rest) = plain.split_first_chunk::<LENGTH>()?;
    let (signed, _padding) = rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)?;
    std::str::from_utf8(signed).ok()
}

/// HPKE's `info`: the purpose, and the mailbox.
fn info(mailbox: &str) -> Vec<u8> {
    Context {
        label: "kist/2026-11/hello",
        version: 1,
        fields: &[mailbox.as_bytes()],
    }
    .encode()
}
