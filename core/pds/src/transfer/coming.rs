//! A file that comes from the other side.

use std::io::{self, Read};
use std::ops::ControlFlow;

use kist_crypto::OsRandom;
use kist_identity::Credential;
use kist_vault::{FileId, FileMeta, FileRef, RecordId, Transaction};
use serde::{Deserialize, Serialize};

use super::{
    About, CHUNK, COMING, DIGESTS, FileTransfer, Happened, Party, SAY_AFTER, Step, TransferDirection, TransferState,
    digest, post, read,
};
use crate::home::{Home, let_go, to_json};
use crate::mail::Author;
use crate::{Error, Result, mail};

/// The most files of one relationship that come at once.
const MAX_COMING: usize = 8;
/// The most transfers of one relationship that are remembered; the oldest that are over are forgotten.
const MAX_KNOWN: usize = 200;
/// The chunks of a file that comes, by its id.
const CHUNKS: &str = "local/files-chunks/";

/// A file on its way in.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Coming {
    id: String,
    relationship: String,
    agreement: String,
    credential: String,
    about: About,
    began_ms: i64,
    /// The chunk that comes next, and the one that the sender was last told.
    next: u32,
    said: u32,
    /// The sender was asked to go back to this one.
    asked: Option<u32>,
    /// Chunks came while the person had paused it, and were let go of.
    is_paused: bool,
    state: TransferState,
    record: Option<RecordId>,
    file: Option<FileId>,
}

impl Coming {
    fn key(&self) -> String {
        key(&self.relationship, &self.id)
    }

    fn keep(&self, changes: &Transaction<'_>) -> Result<()> {
        Ok(changes.keep(COMING, &self.key(), &to_json(self)?)?)
    }

    pub(super) fn told(self) -> FileTransfer {
        FileTransfer {
            done: (u64::from(self.next) * CHUNK as u64).min(self.about.size),
            id: self.id,
            agreement: self.agreement,
            direction: TransferDirection::Receiving,
            name: self.about.name,
            media_type: self.about.media_type,
            size: self.about.size,
            state: self.state,
            record: self.record,
            file: self.file,
        }
    }

    /// Ends it, says so to the sender, and forgets what came of it.
    fn refuse(
        mut self,
        home: &Home,
        changes: &Transaction<'_>,
        author: &Author<'_>,
        code: &str,
        chunk: Option<u32>,
    ) -> Result<FileTransfer> {
        forget_chunks(changes, &self.key())?;
        let (id, code) = (self.id.clone(), code.to_owned());
        self.state = TransferState::Refused {
            code: code.clone(),
            chunk,
        };
        self.keep(changes)?;
        post(home, changes, author, &Step::Refused { id, code, chunk }, &[])?;
        Ok(self.told())
    }
}

fn key(relationship: &str, id: &str) -> String {
    format!("{relationship}/{id}")
}

fn forget_chunks(changes: &Transaction<'_>, key: &str) -> Result<()> {
    let collection = format!("{CHUNKS}{key}");
    for chunk in changes.kept_keys(&collection)? {
        changes.forget(&collection, &chunk)?;
    }
    let_go(changes, DIGESTS, key)
}

/// A file that the other side wants to send.
pub(super) struct Offered {
    pub(super) id: String,
    pub(super) agreement: String,
    pub(super) credential: String,
    pub(super) chunks: Vec<String>,
}

/// Takes the beginning of a file in, where the agreement allows it and its credential is believed; else says no.
pub(super) fn begin(
    home: &Home,
    changes: &Transaction<'_>,
    party: &dyn Party,
    author: &Author<'_>,
    offered: Offered,
) -> Result<Option<Happened>> {
    let (id, key) = (offered.id.clone(), key(author.relationship, &offered.id));
    let is_name = !id.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    if !is_name {
        return Err(Error::new("Malformed").with("what", "file"));
    }
    if changes.kept(COMING, &key)?.is_some() {
        return Err(Error::new("ReplayRejected"));
    }
    let refused = |code: &str| {
        let (id, code) = (id.clone(), code.to_owned());
        post(home, changes, author, &Step::Refused { id, code, chunk: None }, &[]).map(|_| None)
    };
    if !make_room(changes, author.relationship)? {
        return refused("TooLarge");
    }
    match check(changes, party, &offered) {
        Err(error) if mail::is_own(&error) => Err(error),
        Err(error) => refused(error.code()),
        Ok(about) => {
            changes.keep(DIGESTS, &key, &to_json(&offered.chunks)?)?;
            let coming = Coming {
                id: offered.id,
                relationship: author.relationship.to_owned(),
                agreement: offered.agreement,
                credential: offered.credential,
                about,
                began_ms: home.platform.now_ms(),
                next: 0,
                said: 0,
                asked: None,
                is_paused: false,
                state: TransferState::Underway,
                record: None,
                file: None,
            };
            coming.keep(changes).map(|()| None)
        }
    }
}

/// Whether nothing comes for now, since the person has paused it or the framework's list is too old: it isn't refused, and
/// the sender isn't told.
fn is_paused(error: &Error) -> bool {
    matches!(error.code(), "ConsentPaused" | "TrustListExpired")
}

fn check(changes: &Transaction<'_>, party: &dyn Party, offered: &Offered) -> Result<About> {
    match party.may_come(changes, &offered.agreement) {
        Err(error) if !is_paused(&error) => return Err(error),
        _ => {}
    }
    let about = About::of(&party.believe(changes, &offered.agreement, &offered.credential)?)?;
    let is_bound = digest(offered.chunks.concat().as_bytes()) == about.chunks_sha256;
    match is_bound && offered.chunks.len() == about.chunks() as usize {
        true => Ok(about),
        false => Err(Error::new("ManifestMismatch")),
    }
}

/// Whether one more may come; forgets the oldest of those that are over.
fn make_room(changes: &Transaction<'_>, relationship: &str) -> Result<bool> {
    let (mut underway, mut over) = (0, Vec::new());
    for key in changes.kept_keys(COMING)? {
        let coming = read::<Coming>(changes, COMING, &key)?;
        let Some(coming) = coming.filter(|coming| coming.relationship == relationship) else {
            continue;
        };
        match coming.state {
            TransferState::Underway => underway += 1,
            _ => over.push((coming.began_ms, key)),
        }
    }
    over.sort();
    let surplus = (over.len() + 1).saturating_sub(MAX_KNOWN);
    for (_, key) in over.into_iter().take(surplus) {
        changes.forget(COMING, &key)?;
    }
    Ok(underway < MAX_COMING)
}

/// Takes a chunk in: the next one, and only what the credential says.
pub(super) fn chunk(
    home: &Home,
    changes: &Transaction<'_>,
    party: &dyn Party,
    author: &Author<'_>,
    id: &str,
    index: u32,
    bytes: &[u8],
) -> Result<Option<Happened>> {
    let key = key(author.relationship, id);
    let coming = read::<Coming>(changes, COMING, &key)?;
    let Some(mut coming) = coming.filter(|coming| coming.state == TransferState::Underway) else {
        return Ok(None); // It was refused, which the sender hasn't heard yet.
    };
    match party.may_come(changes, &coming.agreement) {
        Err(error) if mail::is_own(&error) => return Err(error),
        Err(error) if is_paused(&error) => {
            coming.is_paused = true;
            return coming.keep(changes).map(|()| None);
        }
        Err(error) => {
            let refused = coming.refuse(home, changes, author, error.code(), None)?;
            return Ok(Some(Happened::Refused(refused)));
        }
        Ok(()) => {}
    }
    if index != coming.next {
        if index > coming.next && coming.asked != Some(coming.next) {
            let (id, next) = (id.to_owned(), coming.next);
            let step = Step::Have { id, next, again: true };
            post(home, changes, author, &step, &[])?;
            coming.asked = Some(next);
            coming.keep(changes)?;
        }
        return Ok(None);
    }
    let digests: Vec<String> = read(changes, DIGESTS, &key)?.unwrap_or_default();
    if digests
        .get(index as usize)
        .is_none_or(|expected| *expected != digest(bytes))
    {
        let refused = coming.refuse(home, changes, author, "ManifestMismatch", Some(index))?;
        return Ok(Some(Happened::Refused(refused)));
    }
    changes.keep(&format!("{CHUNKS}{key}"), &format!("{index:08}"), bytes)?;
    coming.next += 1;
    coming.asked = None;
    if coming.next - coming.said >= SAY_AFTER && coming.next < coming.about.chunks() {
        let (id, next) = (id.to_owned(), coming.next);
        let step = Step::Have { id, next, again: false };
        post(home, changes, author, &step, &[])?;
        coming.said = coming.next;
    }
    coming.keep(changes)?;
    Ok(None)
}

/// A file that is here whole, for whoever makes a record of it.
pub(crate) struct Whole {
    pub(crate) agreement: String,
    pub(crate) credential: Credential,
    pub(crate) file: FileRef,
}

/// Puts together what has come whole, of one relationship. `keep` makes a record of a file, in the transaction that ends
/// the transfer; gives the transfers that ended.
pub(crate) fn finish(
    home: &Home,
    party: &dyn Party,
    author: &Author<'_>,
    keep: impl Fn(&Transaction<'_>, Whole) -> Result<RecordId>,
) -> Result<Vec<FileTransfer>> {
    let mut ended = Vec::new();
    for (key, coming) in home.all_kept::<Coming>(COMING)? {
        if coming.relationship != author.relationship || coming.state != TransferState::Underway {
            continue;
        }
        if coming.next == coming.about.chunks() {
            ended.extend(put_together(home, party, author, &key, &keep)?);
        } else if coming.is_paused {
            home.transaction(|changes| resume(home, changes, party, author, &key))?;
        }
    }
    Ok(ended)
}

/// A transfer that is underway still; none where it has ended meanwhile.
fn underway(changes: &Transaction<'_>, key: &str) -> Result<Option<Coming>> {
    let coming = read::<Coming>(changes, COMING, key)?;
    Ok(coming.filter(|coming| coming.state == TransferState::Underway))
}

/// As [`underway`].
///
/// Errors: why it may not come now.
fn allowed(changes: &Transaction<'_>, party: &dyn Party, key: &str) -> Result<Option<Coming>> {
    let coming = underway(changes, key)?;
    if let Some(coming) = &coming {
        party.may_come(changes, &coming.agreement)?;
    }
    Ok(coming)
}

/// Asks for the chunks that were let go of, once they may come again.
fn resume(home: &Home, changes: &Transaction<'_>, party: &dyn Party, author: &Author<'_>, key: &str) -> Result<()> {
    let mut coming = match allowed(changes, party, key) {
        Err(error) if mail::is_own(&error) => return Err(error),
        Err(_) | Ok(None) => return Ok(()),
        Ok(Some(coming)) => coming,
    };
    let (id, next) = (coming.id.clone(), coming.next);
    let step = Step::Have { id, next, again: true };
    post(home, changes, author, &step, &[])?;
    coming.is_paused = false;
    coming.keep(changes)
}

/// Puts a file together, or refuses it. While it may not come, its chunks wait. Gives nothing where it has not ended here.
pub(super) fn put_together(
    home: &Home,
    party: &dyn Party,
    author: &Author<'_>,
    key: &str,
    keep: impl Fn(&Transaction<'_>, Whole) -> Result<RecordId>,
) -> Result<Option<FileTransfer>> {
    match keep_whole(home, party, author, key, keep) {
        Err(error) if is_paused(&error) => Ok(None),
        Err(error) => home.transaction(|changes| match underway(changes, key)? {
            Some(_) if mail::is_own(&error) => Err(error),
            Some(coming) => coming.refuse(home, changes, author, error.code(), None).map(Some),
            None => Ok(None),
        }),
        kept => kept,
    }
}

fn keep_whole(
    home: &Home,
    party: &dyn Party,
    author: &Author<'_>,
    key: &str,
    keep: impl Fn(&Transaction<'_>, Whole) -> Result<RecordId>,
) -> Result<Option<FileTransfer>> {
    let Some(coming) = home.transaction(|changes| allowed(changes, party, key))? else {
        return Ok(None);
    };
    let meta = FileMeta {
        media_type: Some(coming.about.media_type.clone()),
        ..FileMeta::named(coming.about.name.clone())
    };
    let reader = Chunks::new(home, key, coming.about.chunks());
    let go_on = &mut |_| ControlFlow::Continue(());
    let file = home
        .vault
        .attach(reader, meta, home.platform.now_ms(), &mut OsRandom, go_on)?;
    let id = file.id;
    let kept = home.transaction(|changes| {
        // The person may have paused or withdrawn, and another refresh may have put it together.
        let Some(mut coming) = allowed(changes, party, key)? else {
            return Ok(None);
        };
        let sha256 = kist_crypto::base64url(file.digest.as_bytes());
        if sha256 != coming.about.sha256 || file.size != coming.about.size {
            return Err(Error::new("ManifestMismatch"));
        }
        let whole = Whole {
            agreement: coming.agreement.clone(),
            credential: Credential::parse(&coming.credential)?,
            file,
        };
        coming.record = Some(keep(changes, whole)?);
        coming.file = Some(id);
        coming.state = TransferState::Done;
        forget_chunks(changes, key)?;
        coming.keep(changes)?;
        let done = Step::Done { id: coming.id.clone() };
        post(home, changes, author, &done, &[])?;
        Ok(Some(coming.told()))
    });
    if !matches!(kept, Ok(Some(_))) {
        // What can't be removed now is removed at the next opening.
        let _ = home.vault.give_up_file(&id);
    }
    kept
}

/// Deletes the records of files that came under an agreement.
pub(crate) fn forget_received(changes: &Transaction<'_>, agreement: &str) -> Result<()> {
    for key in changes.kept_keys(COMING)? {
        let coming = read::<Coming>(changes, COMING, &key)?;
        let Some(mut coming) = coming.filter(|coming| coming.agreement == agreement) else {
            continue;
        };
        if let Some(record) = coming.record.take()
            && changes.record(&record)?.is_some()
        {
            changes.delete(&record)?;
        }
        coming.file = None;
        forget_chunks(changes, &key)?;
        coming.keep(changes)?;
    }
    Ok(())
}

/// The chunks of a file, read one after the other.
struct Chunks<'a> {
    home: &'a Home,
    collection: String,
    next: u32,
    count: u32,
    bytes: Vec<u8>,
    used: usize,
}

impl<'a> Chunks<'a> {
    fn new(home: &'a Home, key: &str, count: u32) -> Self {
        Chunks {
            home,
            collection: format!("{CHUNKS}{key}"),
            next: 0,
            count,
            bytes: Vec::new(),
            used: 0,
        }
    }
}

impl Read for Chunks<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.used == self.bytes.len() {
            if self.next == self.count {
                return Ok(0);
            }
            let chunk = self.home.vault.kept(&self.collection, &format!("{:08}", self.next));
            let chunk = chunk.map_err(io::Error::other)?;
            self.bytes = chunk.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
            (self.next, self.used) = (self.next + 1, 0);
        }
        let rest = &self.bytes[self.used..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.used += count;
        Ok(count)
    }
}
