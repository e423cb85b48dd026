//! Files between the two sides of a relationship (D9), in either direction, under an agreement.
//!
//! A credential binds name, size and digest of the file, and the list of its chunks' digests. Each chunk is a sealed message
//! of its own; so many are on their way at most, and the other side says how far it has them. Both sides keep what they have
//! done in the transaction that did it, so that a transfer goes on where it was stopped. Format: docs/formats/messages.md.

mod coming;
mod going;

use kist_channel::{Message, MessageKind};
use kist_crypto::{base64url, sha256};
use kist_identity::Credential;
use kist_vault::{FileId, RecordId, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::home::{Home, from_json, to_json};
use crate::mail::{self, Author};
use crate::{Error, Result};

pub(crate) use coming::{Whole, finish, forget_received};
pub(crate) use going::{Start, call_back, digests, pump, start};

/// The type of the credential that binds a file.
pub(crate) const FILE: &str = "urn:kist:schema:file:1";
/// The largest file, in bytes.
pub(crate) const MAX_SIZE: u64 = 100 << 20;
/// Bytes of a chunk; the last of a file may be shorter.
const CHUNK: usize = 240 << 10;
/// The most chunks that are on their way: half of what a relay keeps of a mailbox, by bytes.
const WINDOW: u32 = 32;
/// The receiver says how far it is each time that it has so many more.
const SAY_AFTER: u32 = WINDOW / 2;
/// The longest text of what isn't a chunk's bytes: a credential, and the digests of 100 MiB.
const MAX_TEXT: usize = 128 << 10;

/// Where the transfers of a store are kept: of this device alone, since another one has not the chunks.
const GOING: &str = "local/files-going";
const COMING: &str = "local/files-coming";
/// The digests of a coming file's chunks.
const DIGESTS: &str = "local/files-digests";

/// Which way a file goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferDirection {
    /// From here.
    Sending,
    /// To here.
    Receiving,
}

/// How far a transfer is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TransferState {
    /// It goes on with each refresh.
    Underway,
    /// The receiver has the whole file, and found it to be what the credential says.
    Done,
    /// The receiver refused it.
    Refused {
        /// Why: a code.
        code: String,
        /// Which chunk was not what the credential says, counted from 0.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chunk: Option<u32>,
    },
}

/// A file on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileTransfer {
    /// Its id, random.
    pub id: String,
    /// Under which agreement.
    pub agreement: String,
    /// Which way it goes.
    pub direction: TransferDirection,
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its length in bytes.
    pub size: u64,
    /// The bytes that the receiver is known to have.
    pub done: u64,
    /// How far it is.
    pub state: TransferState,
    /// The record that has it; on the receiving side once it is done.
    pub record: Option<RecordId>,
    /// The file in this store, where it is there.
    pub file: Option<FileId>,
}

/// What a credential says of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct About {
    pub(crate) name: String,
    pub(crate) media_type: String,
    pub(crate) size: u64,
    /// SHA-256 of the whole, base64url.
    pub(crate) sha256: String,
    /// SHA-256 of the digests of its chunks, one after the other, base64url.
    pub(crate) chunks_sha256: String,
}

impl About {
    /// The claims of the credential.
    pub(crate) fn claims(&self) -> Map<String, Value> {
        let claims = json!(self);
        claims.as_object().cloned().unwrap_or_default()
    }

    fn of(credential: &Credential) -> Result<About> {
        let about: About = serde_json::from_value(Value::Object(credential.claims().clone()))?;
        let is_text = |text: &str| !text.is_empty() && text.len() <= kist_vault::MAX_FILE_NAME;
        match credential.vct() == FILE && is_text(&about.name) && is_text(&about.media_type) {
            true if about.size > MAX_SIZE => Err(Error::new("TooLarge").with("what", "file").with("limit", MAX_SIZE)),
            true => Ok(about),
            false => Err(Error::new("Malformed").with("what", "file")),
        }
    }

    fn chunks(&self) -> u32 {
        self.size.div_ceil(CHUNK as u64) as u32
    }
}

/// What a message about a transfer says; the bytes of a chunk follow.
#[derive(Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
enum Step {
    /// A file is coming.
    Begin {
        id: String,
        agreement: String,
        credential: String,
        /// SHA-256 of each chunk, base64url.
        chunks: Vec<String>,
    },
    /// A chunk, counted from 0.
    Chunk { id: String, index: u32 },
    /// The receiver has all chunks before this one; with `again`, the later ones never came and are wanted anew.
    Have {
        id: String,
        next: u32,
        #[serde(default)]
        again: bool,
    },
    /// The receiver has it all.
    Done { id: String },
    /// The receiver won't have it.
    Refused {
        id: String,
        code: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        chunk: Option<u32>,
    },
}

impl Step {
    /// u32 length ‖ JSON ‖ bytes.
    fn encode(&self, bytes: &[u8]) -> Result<Vec<u8>> {
        let text = to_json(self)?;
        let mut body = Vec::with_capacity(4 + text.len() + bytes.len());
        body.extend_from_slice(&(text.len() as u32).to_be_bytes());
        body.extend_from_slice(&text);
        body.extend_from_slice(bytes);
        Ok(body)
    }

    fn decode(body: &[u8]) -> Result<(Step, &[u8])> {
        let malformed = || Error::new("Malformed").with("what", "file");
        let (length, rest) = body.split_first_chunk::<4>().ok_or_else(malformed)?;
        let length = u32::from_be_bytes(*length) as usize;
        let (text, bytes) = rest
            .split_at_checked(length)
            .filter(|_| length <= MAX_TEXT)
            .ok_or_else(malformed)?;
        let step: Step = serde_json::from_slice(text)?;
        match step.id().len() <= 64 && (bytes.is_empty() || matches!(step, Step::Chunk { .. })) {
            true => Ok((step, bytes)),
            false => Err(malformed()),
        }
    }

    fn id(&self) -> &str {
        match self {
            Step::Begin { id, .. }
            | Step::Chunk { id, .. }
            | Step::Have { id, .. }
            | Step::Done { id }
            | Step::Refused { id, .. } => id,
        }
    }
}

/// What the two sides do differently.
pub(crate) trait Party {
    /// That a file may come under an agreement now.
    fn may_come(&self, changes: &Transaction<'_>, agreement: &str) -> Result<()>;

    /// That a file may go under an agreement now.
    fn may_go(&self, changes: &Transaction<'_>, agreement: &str) -> Result<()>;

    /// Verifies a credential that the other side signed, for this relationship.
    fn believe(&self, changes: &Transaction<'_>, agreement: &str, credential: &str) -> Result<Credential>;
}

/// What a message about a transfer came to, for whoever is told.
pub(crate) enum Happened {
    /// A file that was sent from here has arrived.
    Arrived(FileTransfer),
    /// A file won't come, or wasn't taken.
    Refused(FileTransfer),
}

/// Takes in a message of the kind `file`.
pub(crate) fn take_in(
    home: &Home,
    changes: &Transaction<'_>,
    party: &dyn Party,
    author: &Author<'_>,
    message: &Message,
) -> Result<Option<Happened>> {
    let (step, bytes) = Step::decode(&message.body)?;
    match step {
        Step::Begin {
            id,
            agreement,
            credential,
            chunks,
        } => coming::begin(
            home,
            changes,
            party,
            author,
            coming::Offered {
                id,
                agreement,
                credential,
                chunks,
            },
        ),
        Step::Chunk { id, index } => coming::chunk(home, changes, party, author, &id, index, bytes),
        Step::Have { id, next, again } => {
            going::have(home, changes, author.relationship, &id, next, again).map(|()| None)
        }
        Step::Done { id } => going::end(changes, author.relationship, &id, TransferState::Done),
        Step::Refused { id, code, chunk } => {
            let code = code.chars().filter(char::is_ascii_alphanumeric).take(64).collect();
            going::end(
                changes,
                author.relationship,
                &id,
                TransferState::Refused { code, chunk },
            )
        }
    }
}

/// Every transfer, the newest last.
pub(crate) fn all(home: &Home) -> Result<Vec<FileTransfer>> {
    let going = home
        .all_kept::<going::Going>(GOING)?
        .into_iter()
        .map(|(_, going)| going.told());
    let coming = home
        .all_kept::<coming::Coming>(COMING)?
        .into_iter()
        .map(|(_, coming)| coming.told());
    Ok(going.chain(coming).collect())
}

/// Puts a message about a file into the outbox; gives its key there.
fn post(home: &Home, changes: &Transaction<'_>, author: &Author<'_>, step: &Step, bytes: &[u8]) -> Result<String> {
    let (kind, body, now) = (MessageKind::File, step.encode(bytes)?, home.platform.now());
    mail::post_named(changes, author, kind, body, now)
}

fn digest(bytes: &[u8]) -> String {
    base64url(sha256(&[bytes]))
}

fn read<T: serde::de::DeserializeOwned>(changes: &Transaction<'_>, collection: &str, id: &str) -> Result<Option<T>> {
    changes.kept(collection, id)?.map(|bytes| from_json(&bytes)).transpose()
}

#[cfg(test)]
mod transfer_test;
