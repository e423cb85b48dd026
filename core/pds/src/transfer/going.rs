//! A file that goes to the other side.

use std::collections::BTreeMap;

use kist_vault::{FileId, FileReader, RecordId, Transaction};
use serde::{Deserialize, Serialize};

use super::{
    About, CHUNK, FileTransfer, GOING, Happened, MAX_SIZE, Party, Step, TransferDirection, TransferState, WINDOW,
    digest, post, read,
};
use crate::home::{Home, from_json, let_go, to_json};
use crate::mail::{self, Author};
use crate::{Error, Result};

/// After so many seconds without a word of the receiver, what it doesn't have is sent again.
const AGAIN_AFTER: i64 = 24 * 60 * 60;

/// A file on its way out.
#[derive(Serialize, Deserialize)]
pub(super) struct Going {
    id: String,
    relationship: String,
    agreement: String,
    file: FileId,
    record: Option<RecordId>,
    about: About,
    /// The next chunk to post, and the first that the receiver isn't known to have.
    sent: u32,
    had: u32,
    /// When something last moved, Unix seconds.
    moved_at: i64,
    state: TransferState,
    /// What of it may still lie in the outbox, by the key there: a chunk by its number, none for its beginning.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    posted: BTreeMap<String, Option<u32>>,
}

impl Going {
    /// Notes a message in the outbox, and forgets those that have left.
    fn note_posted(&mut self, changes: &Transaction<'_>, key: String, chunk: Option<u32>) -> Result<()> {
        for (key, chunk) in std::mem::take(&mut self.posted) {
            if mail::is_outgoing(changes, &key)? {
                self.posted.insert(key, chunk);
            }
        }
        self.posted.insert(key, chunk);
        Ok(())
    }

    fn keep(&self, changes: &Transaction<'_>) -> Result<()> {
        Ok(changes.keep(GOING, &self.id, &to_json(self)?)?)
    }

    pub(super) fn told(self) -> FileTransfer {
        FileTransfer {
            done: (u64::from(self.had) * CHUNK as u64).min(self.about.size),
            id: self.id,
            agreement: self.agreement,
            direction: TransferDirection::Sending,
            name: self.about.name,
            media_type: self.about.media_type,
            size: self.about.size,
            state: self.state,
            record: self.record,
            file: Some(self.file),
        }
    }
}

/// What is known of a file of this store before it goes: what its credential will say, and the digests of its chunks. Reads
/// it once, a chunk at a time.
///
/// Errors: `TooLarge` above 100 MiB.
pub(crate) fn digests(home: &Home, file: &FileId) -> Result<(About, Vec<String>)> {
    let mut reader = home.vault.read_file(file)?;
    let known = reader.file().clone();
    if known.size > MAX_SIZE {
        return Err(Error::new("TooLarge").with("what", "file").with("limit", MAX_SIZE));
    }
    let mut chunks = Vec::new();
    for start in (0..known.size).step_by(CHUNK) {
        chunks.push(digest(reader.read_at(start, CHUNK)?.expose()));
    }
    let about = About {
        name: known.name,
        media_type: known.media_type,
        size: known.size,
        sha256: kist_crypto::base64url(known.digest.as_bytes()),
        chunks_sha256: digest(chunks.concat().as_bytes()),
    };
    Ok((about, chunks))
}

/// A file to send, with the credential that binds it.
pub(crate) struct Start {
    pub(crate) agreement: String,
    pub(crate) file: FileId,
    pub(crate) record: Option<RecordId>,
    pub(crate) about: About,
    pub(crate) chunks: Vec<String>,
    pub(crate) credential: String,
}

/// Begins a transfer, in the transaction of what it tells of; [`pump`] goes on with it. Gives its id.
pub(crate) fn start(home: &Home, changes: &Transaction<'_>, author: &Author<'_>, start: Start) -> Result<FileTransfer> {
    let id = kist_crypto::base64url(kist_crypto::Secret::<16>::generate(&mut kist_crypto::OsRandom).expose());
    let mut going = Going {
        id: id.clone(),
        relationship: author.relationship.to_owned(),
        agreement: start.agreement.clone(),
        file: start.file,
        record: start.record,
        about: start.about,
        sent: 0,
        had: 0,
        moved_at: home.platform.now(),
        state: TransferState::Underway,
        posted: BTreeMap::new(),
    };
    let step = Step::Begin {
        id,
        agreement: start.agreement,
        credential: start.credential,
        chunks: start.chunks,
    };
    let key = post(home, changes, author, &step, &[])?;
    going.note_posted(changes, key, None)?;
    going.keep(changes)?;
    Ok(going.told())
}

/// Calls back what of files lies in the outbox under agreements by which they may not go now. It goes on where it was when
/// they may; a file that has not begun is given up.
///
/// Errors: the store's own.
pub(crate) fn call_back(changes: &Transaction<'_>, may_go: impl Fn(&str) -> Result<()>) -> Result<()> {
    for (id, bytes) in changes.all_kept(GOING)? {
        let mut going: Going = from_json(&bytes)?;
        if going.state != TransferState::Underway || going.posted.is_empty() {
            continue;
        }
        let error = match may_go(&going.agreement) {
            Ok(()) => continue,
            Err(error) if mail::is_own(&error) => return Err(error),
            Err(error) => error,
        };
        let mut has_begun = true;
        for (key, chunk) in std::mem::take(&mut going.posted) {
            if !mail::is_outgoing(changes, &key)? {
                continue;
            }
            let_go(changes, mail::OUTBOX, &key)?;
            has_begun &= chunk.is_some();
            going.sent = going.sent.min(chunk.unwrap_or_default()).max(going.had);
        }
        going.keep(changes)?;
        if !has_begun {
            give_up(changes, &id, error.code())?;
        }
    }
    Ok(())
}

/// Posts the chunks that there is room for, of every file of a relationship.
pub(crate) fn pump(home: &Home, party: &dyn Party, author: &Author<'_>) -> Result<()> {
    for (id, going) in home.all_kept::<Going>(GOING)? {
        if going.relationship == author.relationship && going.state == TransferState::Underway {
            let mut reader = match home.vault.read_file(&going.file) {
                Err(kist_vault::Error::NotFound { .. }) => {
                    home.transaction(|changes| give_up(changes, &id, "NotFound"))?;
                    continue;
                }
                reader => reader?,
            };
            while home.transaction(|changes| post_next(home, changes, party, author, &id, &mut reader))? {}
        }
    }
    Ok(())
}

/// Posts one chunk; gives whether there may be more to post now.
fn post_next(
    home: &Home,
    changes: &Transaction<'_>,
    party: &dyn Party,
    author: &Author<'_>,
    id: &str,
    reader: &mut FileReader,
) -> Result<bool> {
    let Some(mut going) = read::<Going>(changes, GOING, id)? else {
        return Ok(false);
    };
    let now = home.platform.now();
    if going.sent > going.had && now.saturating_sub(going.moved_at) >= AGAIN_AFTER {
        (going.sent, going.moved_at) = (going.had, now);
    }
    let has_room = going.sent < going.about.chunks() && going.sent - going.had < WINDOW;
    if going.state != TransferState::Underway || !has_room {
        return Ok(false);
    }
    match party.may_go(changes, &going.agreement) {
        Err(error) if matches!(error.code(), "ConsentWithdrawn" | "ConsentExpired") => {
            give_up(changes, id, error.code())?;
            return Ok(false);
        }
        // Such as while sharing is paused: it waits.
        Err(error) if !mail::is_own(&error) => return Ok(false),
        may => may?,
    }
    let (index, id) = (going.sent, id.to_owned());
    let bytes = reader.read_at(u64::from(index) * CHUNK as u64, CHUNK)?;
    let key = match post(home, changes, author, &Step::Chunk { id, index }, bytes.expose()) {
        Err(error) if error.code() == "TooLarge" => return Ok(false), // The outbox is full.
        posted => posted?,
    };
    going.note_posted(changes, key, Some(index))?;
    going.sent += 1;
    going.keep(changes)?;
    Ok(true)
}

/// The receiver says how far it is.
pub(super) fn have(
    home: &Home,
    changes: &Transaction<'_>,
    relationship: &str,
    id: &str,
    next: u32,
    again: bool,
) -> Result<()> {
    let mut going = known(changes, relationship, id)?;
    if next > going.about.chunks() {
        return Err(Error::new("Malformed").with("what", "file"));
    }
    going.had = going.had.max(next);
    going.sent = match again {
        true => going.had,
        false => going.sent.max(going.had),
    };
    going.moved_at = home.platform.now();
    going.keep(changes)
}

/// The receiver has it, or won't.
pub(super) fn end(
    changes: &Transaction<'_>,
    relationship: &str,
    id: &str,
    state: TransferState,
) -> Result<Option<Happened>> {
    let mut going = known(changes, relationship, id)?;
    if going.state != TransferState::Underway {
        return Ok(None);
    }
    if state == TransferState::Done {
        (going.sent, going.had) = (going.about.chunks(), going.about.chunks());
    }
    going.state = state;
    going.keep(changes)?;
    Ok(Some(match going.state {
        TransferState::Refused { .. } => Happened::Refused(going.told()),
        _ => Happened::Arrived(going.told()),
    }))
}

fn give_up(changes: &Transaction<'_>, id: &str, code: &str) -> Result<()> {
    if let Some(mut going) = read::<Going>(changes, GOING, id)? {
        going.state = TransferState::Refused {
            code: code.to_owned(),
            chunk: None,
        };
        going.keep(changes)?;
    }
    Ok(())
}

fn known(changes: &Transaction<'_>, relationship: &str, id: &str) -> Result<Going> {
    let going = read::<Going>(changes, GOING, id)?.filter(|going| going.relationship == relationship);
    going.ok_or_else(|| Error::new("NotFound").with("what", "file"))
}
