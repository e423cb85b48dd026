//! One person's invitation to another, and what both compare to know that nobody stands between them (REQUIREMENTS C3).

use kist_crypto::es256::PublicKey;
use kist_crypto::{Context, base64url, from_base64url, sha256};
use serde_json::{Map, Value};

use crate::address::{allowed_origin, form_pairs, percent_encode};
use crate::link::only;
use crate::{CodePurpose, ContactLink, Error, Result, ReturnAddress, TransportPolicy};

const MAX_PAIRS: usize = 16;
const MEMBERS: [&str; 4] = ["relay", "mailbox", "send_token", "receiving_key"];
/// What stands for the intended use in a hello to a person.
pub const TO_A_PERSON: &str = "person";

/// What one person shows another: where they are reached, in this relationship alone, and the key that signs what they
/// say. It is answered by a [`crate::Hello`], once.
#[derive(Debug, Clone)]
pub struct PersonInvitation {
    /// Where the hello goes.
    pub address: ReturnAddress,
    /// The relationship's key.
    pub key: PublicKey,
}

impl PersonInvitation {
    /// Reads a link.
    ///
    /// Errors: as [`ContactLink::parse`]; `WrongPurpose` for a link that begins a connection with an organisation.
    pub fn parse(text: &str, policy: TransportPolicy) -> Result<Self> {
        let ContactLink::Person { parameters } = ContactLink::parse(text, policy)? else {
            return Err(Error::WrongPurpose {
                found: CodePurpose::Connection,
            });
        };
        let pairs = form_pairs(&parameters, MAX_PAIRS).ok_or(Error::NotARequest)?;
        let value = |name: &str| -> Result<String> { Ok(only(&pairs, name)?.ok_or(Error::NotARequest)?.to_owned()) };
        let mut claims = Map::new();
        for name in MEMBERS {
            claims.insert(name.to_owned(), value(name)?.into());
        }
        let address = ReturnAddress::from_claims(&claims)?;
        allowed_origin(&address.relay, policy)?;
        Ok(PersonInvitation {
            address,
            key: PublicKey::from_sec1(&from_base64url(&value("key")?)?)?,
        })
    }

    /// The link, for a QR.
    pub fn to_uri(&self) -> String {
        let claims = self.address.to_claims();
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let mut pairs: Vec<String> = MEMBERS
            .iter()
            .map(|name| format!("{name}={}", percent_encode(text(name))))
            .collect();
        pairs.push(format!("key={}", base64url(self.key.to_sec1())));
        let parameters = pairs.join("&");
        ContactLink::Person { parameters }.to_uri()
    }

    /// Its name in a hello: SHA-256 of the link, base64url.
    pub fn hash(&self) -> String {
        base64url(self.digest())
    }

    fn digest(&self) -> [u8; 32] {
        sha256(&[self.to_uri().as_bytes()])
    }

    /// What both read to each other: five groups of five digits, from everything that the one invited by and the key that
    /// the other answered with. Whoever stands between them shows each another link or another key, and to make the codes
    /// the same would have to try about 2⁸³ keys.
    pub fn check_code(&self, answered_with: &PublicKey) -> String {
        let context = Context {
            label: "kist/2026-11/person-check",
            version: 1,
            fields: &[&self.digest(), &answered_with.to_sec1()],
        };
        let digest = sha256(&[&context.encode()]);
        let groups = digest.chunks(6).take(5).map(|chunk| {
            let number = chunk.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
            format!("{:05}", number % 100_000)
        });
        groups.collect::<Vec<_>>().join(" ")
    }
}
