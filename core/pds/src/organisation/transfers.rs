//! Files to people and from them, under agreements (D9).

use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use kist_channel::Message;
use kist_consent::Right;
use kist_crypto::OsRandom;
use kist_crypto::es256::SigningKey;
use kist_identity::{Credential, CredentialDraft, IssuedBy, Issuer, SelfAssertedOnly, start_of_day};
use kist_vault::{FileId, FileMeta, LifeArea, Provenance, RecordDraft, RecordId, Transaction};
use serde_json::json;

use super::agreements;
use super::deliveries::check_may_issue;
use super::events::{self, OrgEvent};
use super::membership::Membership;
use super::outgoing::Sender;
use super::profile::signing_key;
use super::relationships;
use crate::home::Home;
use crate::mail::Author;
use crate::transfer::{self, FILE, FileTransfer, Happened, MAX_SIZE, Party, TransferDirection, TransferState, Whole};
use crate::{Error, Result, disk};

/// The type of the record that has a file in an organisation's store.
const TRANSFERRED: &str = "urn:kist:transferred-file:1";

/// Files of a store.
#[derive(Clone)]
pub struct OrgFiles {
    pub(super) home: Arc<Home>,
    pub(super) sender: Sender,
}

/// An organisation's side of transfers in one relationship.
struct Ours<'a> {
    home: &'a Home,
    relationship: &'a str,
}

impl Ours<'_> {
    fn check(&self, changes: &Transaction<'_>, agreement: &str, right: Right) -> Result<()> {
        let kept = agreements::by_id(changes, agreement)?;
        match kept.relationship == self.relationship {
            true => Ok(kept.agreement.check_use(right, self.home.platform.now())?),
            false => Err(Error::new("NotCovered")),
        }
    }
}

impl Party for Ours<'_> {
    fn may_come(&self, changes: &Transaction<'_>, agreement: &str) -> Result<()> {
        self.check(changes, agreement, Right::Read)
    }

    fn may_go(&self, changes: &Transaction<'_>, agreement: &str) -> Result<()> {
        self.check(changes, agreement, Right::Deliver)
    }

    fn believe(&self, changes: &Transaction<'_>, agreement: &str, credential: &str) -> Result<Credential> {
        let kept = agreements::by_id(changes, agreement)?;
        let now = self.home.platform.now();
        let (credential, issuer) = Credential::parse_and_verify(credential, &SelfAssertedOnly, now)?;
        let is_theirs = credential.holder() == Some(kept.agreement.relationship());
        match is_theirs && issuer == Issuer::SelfAsserted {
            true => Ok(credential),
            false => Err(Error::new("SignatureInvalid")),
        }
    }
}

impl OrgFiles {
    /// Delivers a file under an agreement: sealed chunk by chunk, bound by a credential under the access certificate. It goes
    /// on with each refresh of the inbox. The store keeps a copy of the file.
    ///
    /// Errors: `NotFound`; `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`; `TooLarge` above 100 MiB;
    /// `OrganisationNotTrusted` where a framework believed here doesn't let the organisation issue
    /// `urn:kist:schema:file:1`.
    pub async fn deliver(&self, agreement: &str, path: &Path) -> Result<FileTransfer> {
        let (agreement, path) = (agreement.to_owned(), path.to_owned());
        let transfer = self.home.blocking(move |home| deliver(home, agreement, path)).await?;
        self.sender.send().await?;
        Ok(transfer)
    }

    /// Files that go to people and come from them, with what became of each.
    pub async fn transfers(&self) -> Result<Vec<FileTransfer>> {
        self.home.blocking(transfer::all).await
    }

    /// Writes a file that came to disk: whole and verified, or not at all.
    ///
    /// Errors: `NotFound` for a transfer that isn't done, or was deleted after a withdrawal; `Corrupt`, `StorageFull`.
    pub async fn save(&self, transfer: &str, to: &Path) -> Result<()> {
        let (id, to) = (transfer.to_owned(), to.to_owned());
        let files = crate::Files {
            home: Arc::clone(&self.home),
        };
        let found = self.home.blocking(move |home| {
            let came =
                |transfer: &FileTransfer| transfer.id == id && transfer.direction == TransferDirection::Receiving;
            let missing = || Error::new("NotFound").with("what", "file");
            transfer::all(home)?
                .into_iter()
                .find(came)
                .and_then(|transfer| transfer.file)
                .ok_or_else(missing)
        });
        files.save(found.await?, &to, crate::no_progress()).await
    }
}

fn deliver(home: &Home, agreement: String, path: PathBuf) -> Result<FileTransfer> {
    let (membership, now) = (Membership::of(home)?, home.platform.now());
    check_may_issue(home, &membership, FILE, now)?;
    agreements::read(home, &agreement)?
        .agreement
        .check_use(Right::Deliver, now)?;
    let file = attach(home, &path)?;
    let sent = send(home, &membership, agreement, file);
    if sent.is_err() {
        // What can't be removed now is removed at the next opening.
        let _ = home.vault.give_up_file(&file);
    }
    sent
}

fn attach(home: &Home, path: &Path) -> Result<FileId> {
    let from_io = |error: std::io::Error| disk::from_io(&error);
    let metadata = std::fs::metadata(path).map_err(from_io)?;
    if !metadata.is_file() {
        return Err(Error::new("Malformed").with("what", "file"));
    }
    if metadata.len() > MAX_SIZE {
        return Err(Error::new("TooLarge").with("what", "file").with("limit", MAX_SIZE));
    }
    let meta = FileMeta::named(path.file_name().unwrap_or_default().to_string_lossy());
    let go_on = &mut |_| ControlFlow::Continue(());
    let (stream, now) = (File::open(path).map_err(from_io)?, home.platform.now_ms());
    Ok(home.vault.attach(stream, meta, now, &mut OsRandom, go_on)?.id)
}

fn send(home: &Home, membership: &Membership, agreement: String, file: FileId) -> Result<FileTransfer> {
    let (about, chunks) = transfer::digests(home, &file)?;
    let kept = agreements::read(home, &agreement)?;
    let sign = |input: &[u8]| membership.key.sign(input);
    let author = Author {
        relationship: &kept.relationship,
        sign: &sign,
    };
    let party = Ours {
        home,
        relationship: &kept.relationship,
    };
    let transfer = home.transaction(|changes| {
        party.may_go(changes, &agreement)?;
        let (issuer, day) = (
            IssuedBy::Certificates(membership.chain.clone()),
            start_of_day(home.platform.now()),
        );
        let draft = CredentialDraft::new(FILE, about.claims(), *kept.agreement.relationship(), issuer, day);
        let credential = draft.prepare(&mut OsRandom)?.sign(&membership.key);
        let record = Some(record(home, changes, &about.name, file)?);
        let start = transfer::Start {
            agreement,
            file,
            record,
            about,
            chunks,
            credential,
        };
        transfer::start(home, changes, &author, start)
    })?;
    transfer::pump(home, &party, &author)?;
    Ok(transfer)
}

/// A record that holds a file in the store.
fn record(home: &Home, changes: &Transaction<'_>, name: &str, file: FileId) -> Result<RecordId> {
    let provenance = Provenance::imported("transfer", home.platform.now_ms());
    let mut draft = RecordDraft::new(TRANSFERRED, LifeArea::OTHER, json!({ "name": name }), provenance);
    draft.files = vec![file];
    Ok(changes.put(draft, &mut OsRandom)?.id)
}

/// Takes in a message about a file.
pub(super) fn take_in(home: &Home, changes: &Transaction<'_>, relationship: &str, message: &Message) -> Result<()> {
    let key = signing_key(home)?;
    let sign = |input: &[u8]| key.sign(input);
    let (author, party) = (
        Author {
            relationship,
            sign: &sign,
        },
        Ours { home, relationship },
    );
    match transfer::take_in(home, changes, &party, &author, message)? {
        Some(Happened::Arrived(transfer) | Happened::Refused(transfer)) => tell(changes, transfer),
        None => Ok(()),
    }
}

fn tell(changes: &Transaction<'_>, transfer: FileTransfer) -> Result<()> {
    let FileTransfer {
        id, agreement, name, ..
    } = transfer;
    let event = match (transfer.direction, transfer.state) {
        (_, TransferState::Refused { code, chunk }) => OrgEvent::FileRefused {
            agreement,
            transfer: id,
            name,
            code,
            chunk,
        },
        (TransferDirection::Sending, _) => OrgEvent::FileArrived {
            agreement,
            transfer: id,
            name,
        },
        (TransferDirection::Receiving, _) => OrgEvent::FileReceived {
            agreement,
            transfer: id,
            name,
        },
    };
    events::tell(changes, &event)
}

/// Puts together what has come whole, and posts the chunks that there is room for.
pub(super) fn go_on(home: &Home) -> Result<()> {
    let underway = transfer::all(home)?;
    if underway
        .iter()
        .all(|transfer| transfer.state != TransferState::Underway)
    {
        return Ok(());
    }
    let key: SigningKey = signing_key(home)?;
    let sign = |input: &[u8]| key.sign(input);
    for name in relationships::names(home)? {
        let (author, party) = (
            Author {
                relationship: &name,
                sign: &sign,
            },
            Ours {
                home,
                relationship: &name,
            },
        );
        let keep = |changes: &Transaction<'_>, whole: Whole| record(home, changes, &whole.file.name, whole.file.id);
        for ended in transfer::finish(home, &party, &author, keep)? {
            home.transaction(|changes| tell(changes, ended))?;
        }
        transfer::pump(home, &party, &author)?;
    }
    Ok(())
}
