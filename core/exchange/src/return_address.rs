//! The return address: where an organisation reaches a person of one relationship, and no other organisation does. It
//! travels as a self-asserted credential, so the agreement's query asks for it as it asks for everything else.

use kist_crypto::es256::PublicKey;
use kist_crypto::{base64url, from_base64url, hpke};
use kist_identity::sd_jwt::Disclosable;
use kist_identity::{CredentialDraft, IssuedBy};
use serde_json::{Map, Value, json};

use crate::{Error, Result};

/// The type of the credential that carries a return address; its last part is its version.
pub const CONNECTION_TYPE: &str = "urn:kist:vct:connection:1";
/// The id of the credential query that asks for it in every request that offers an agreement.
pub const CONNECTION: &str = "connection";
const MAX_TEXT: usize = 2048;

/// Where sealed messages for a person go: a mailbox on a relay, the token that may send to it, the key they are sealed to.
#[derive(Clone, PartialEq, Eq)]
pub struct ReturnAddress {
    /// The relay's address.
    pub relay: String,
    /// The mailbox on it.
    pub mailbox: String,
    /// The token that may send, base64url. A secret of this relationship.
    pub send_token: String,
    /// The first key that messages are sealed to.
    pub receiving_key: hpke::PublicKey,
}

impl ReturnAddress {
    /// The claims of the connection credential.
    pub fn to_claims(&self) -> Map<String, Value> {
        let claims = json!({
            "relay": self.relay,
            "mailbox": self.mailbox,
            "send_token": self.send_token,
            "receiving_key": base64url(self.receiving_key.to_bytes()),
        });
        match claims {
            Value::Object(claims) => claims,
            _ => Map::new(),
        }
    }

    /// The credential to sign with the relationship's key. Nothing in it can be kept back: it is made for one
    /// organisation, as a whole.
    pub fn credential(&self, relationship: PublicKey, issued_at: i64) -> CredentialDraft {
        let claims = self.to_claims();
        let draft = CredentialDraft::new(CONNECTION_TYPE, claims, relationship, IssuedBy::Holder, issued_at);
        CredentialDraft {
            disclosable: Disclosable::Only(Vec::new()),
            ..draft
        }
    }

    /// From the claims of a connection credential that was verified.
    pub fn from_claims(claims: &Map<String, Value>) -> Result<Self> {
        const MALFORMED: Error = Error::Malformed { what: "connection" };
        let text = |name: &str| {
            let text = claims
                .get(name)
                .and_then(Value::as_str)
                .filter(|text| text.len() <= MAX_TEXT);
            text.map(str::to_owned).ok_or(MALFORMED)
        };
        let key = from_base64url(&text("receiving_key")?).map_err(|_| MALFORMED)?;
        Ok(ReturnAddress {
            relay: text("relay")?,
            mailbox: text("mailbox")?,
            send_token: text("send_token")?,
            receiving_key: hpke::PublicKey::from_bytes(&key).map_err(|_| MALFORMED)?,
        })
    }
}

impl std::fmt::Debug for ReturnAddress {
    /// The relay alone: the token is a secret, and the mailbox points to a person.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ReturnAddress({}, …)", self.relay)
    }
}
