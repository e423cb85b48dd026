//! What standing access sends: updates by the person, questions of the organisation, answers to them. The same for both
//! sides.

use kist_consent::FieldRef;
use kist_crypto::{Context, base64url, sha256};
use kist_identity::start_of_day;
use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// The most presentations in one message: an offer has no more fields.
const MAX_SHOWN: usize = kist_consent::MAX_FIELDS;
/// The longest id of a question, in bytes.
const MAX_ID: usize = 64;
/// How old what is shown may be when it is read, in seconds: a message may wait in its mailbox.
pub(crate) const MAX_AGE: i64 = 400 * 24 * 60 * 60;

/// An organisation asks to read (`read`).
#[derive(Serialize, Deserialize)]
pub(crate) struct ReadBody {
    /// The question's id, random.
    pub(crate) id: String,
    /// The agreement's name.
    pub(crate) agreement: String,
    /// What it wants to read; nothing for all that was chosen.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) fields: Vec<FieldRef>,
}

impl ReadBody {
    /// That it is within its bounds; asked by the side that reads it.
    pub(crate) fn check(self) -> Result<Self> {
        let sound = !self.id.is_empty()
            && self.id.len() <= MAX_ID
            && self
                .id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && self.fields.len() <= kist_consent::MAX_FIELDS;
        match sound {
            true => Ok(self),
            false => Err(Error::new("Malformed").with("what", "read")),
        }
    }
}

/// What a person shows: a change (`update`), or the answer to a question (`answer`).
#[derive(Serialize, Deserialize)]
pub(crate) struct ShownBody {
    /// The agreement's name.
    pub(crate) agreement: String,
    /// The question that this answers; none in an update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) read: Option<String>,
    /// What is shown is so on this day: its first second, Unix time. No second is told, since two organisations that are
    /// told of one change would find it in common.
    pub(crate) as_of: i64,
    /// What is shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) shown: Vec<Shown>,
    /// Fields that the person has no value for any more.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) gone: Vec<FieldRef>,
    /// Why a question isn't answered: a code. Nothing is shown then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<String>,
}

/// A presentation of some fields of one credential.
#[derive(Serialize, Deserialize)]
pub(crate) struct Shown {
    /// The id of the credential query that the fields are named by.
    pub(crate) query: String,
    /// SD-JWT VC with key binding.
    pub(crate) presentation: String,
}

impl ShownBody {
    /// That it is within its bounds; asked by the side that reads it.
    pub(crate) fn check(self) -> Result<Self> {
        let few = self.shown.len() <= MAX_SHOWN && self.gone.len() <= MAX_SHOWN;
        let code = |code: &String| code.len() <= MAX_ID && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
        let whole_day = self.as_of == start_of_day(self.as_of);
        let empty = self.shown.is_empty() && self.gone.is_empty();
        match few && whole_day && self.refused.as_ref().is_none_or(|refused| code(refused) && empty) {
            true => Ok(self),
            false => Err(Error::new("Malformed").with("what", "answer")),
        }
    }
}

/// The nonce that presentations of a message are bound to: they prove nothing in another message.
pub(crate) fn nonce(agreement: &str, number: u64) -> String {
    let context = Context {
        label: "kist/2026-11/standing-access",
        version: 1,
        fields: &[agreement.as_bytes(), &number.to_be_bytes()],
    };
    base64url(sha256(&[&context.encode()]))
}

#[cfg(test)]
#[allow(clippy::expect_used)] // tests
mod tests {
    use kist_crypto::OsRandom;
    use kist_identity::{
        ClaimPath, Credential, CredentialDraft, Expected, IssuedBy, KeyBinding, RelationshipKey, SelfAssertedOnly,
        UnsignedPresentation, verify_presentation,
    };

    use super::*;

    /// The vector of docs/formats/messages.md.
    #[test]
    fn the_nonce_of_what_is_shown_is_of_its_message() {
        assert_eq!(nonce("agreement", 7), "DLuGTfINUc9zktQlP9YdITtWQPBkZyW83rVTwHwKifE");
        assert_ne!(nonce("agreement", 7), nonce("agreement", 8));
    }

    #[test]
    fn a16_what_is_shown_proves_nothing_in_another_message() {
        let key = RelationshipKey::generate(&mut OsRandom);
        let claims = serde_json::json!({"given_name": "Alice"})
            .as_object()
            .cloned()
            .unwrap_or_default();
        let draft = CredentialDraft::new("urn:x:name", claims, key.public(), IssuedBy::Holder, 86_400);
        let unsigned = draft.prepare(&mut OsRandom).expect("a credential");
        let signature = key.sign(unsigned.signing_input());
        let credential = Credential::parse(&unsigned.complete(&signature)).expect("a credential");
        let bound = KeyBinding {
            nonce: &nonce("agreement", 7),
            audience: "clinic",
            issued_at: 86_400,
            transaction_data: &[],
        };
        let unsigned = UnsignedPresentation::prepare(&credential, &[ClaimPath::top("given_name")], &bound);
        let unsigned = unsigned.expect("a presentation");
        let signature = key.sign(unsigned.signing_input());
        let shown = unsigned.complete(&signature);
        let verify = |agreement: &str, number: u64, audience: &str| {
            let expected = Expected {
                nonce: &nonce(agreement, number),
                audience,
                transaction_data: &[],
                max_age: MAX_AGE,
                require_holder_binding: true,
            };
            verify_presentation(&shown, &expected, &SelfAssertedOnly, 2 * 86_400).map_err(|error| error.code())
        };
        assert!(verify("agreement", 7, "clinic").is_ok());
        assert_eq!(verify("agreement", 8, "clinic").err(), Some("NonceMismatch"));
        assert_eq!(verify("another", 7, "clinic").err(), Some("NonceMismatch"));
        assert_eq!(verify("agreement", 7, "council").err(), Some("AudienceMismatch"));
    }

    #[test]
    fn a21_no_exact_time_and_nothing_unbounded_is_taken() {
        let body = |as_of: i64, gone: usize| {
            let gone: Vec<_> = (0..gone)
                .map(|_| serde_json::json!({"credential": "x", "path": ["y"]}))
                .collect();
            let body = serde_json::json!({"agreement": "a", "as_of": as_of, "gone": gone});
            serde_json::from_value::<ShownBody>(body).map(ShownBody::check)
        };
        assert!(matches!(body(86_400, 256), Ok(Ok(_))));
        assert!(matches!(body(86_401, 1), Ok(Err(_))));
        assert!(matches!(body(86_400, 257), Ok(Err(_))));
    }
}
