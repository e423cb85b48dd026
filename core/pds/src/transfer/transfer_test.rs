//! Chunks that aren't what the credential says, and bytes that are no step at all.

#![allow(clippy::unwrap_used)] // tests

use std::sync::Arc;

use kist_channel::{Connection, OwnMailbox};
use kist_crypto::{OsRandom, es256::SigningKey, hpke};
use kist_identity::{CredentialDraft, IssuedBy, RelationshipKey};
use kist_vault::{Filter, LifeArea, Provenance, RecordDraft};
use proptest::prelude::*;

use super::*;
use crate::{KdfCost, Platform};

const RELATIONSHIP: &str = "relationship";

/// A side that allows everything, and believes what the holder of the key says.
struct Anything;

impl Party for Anything {
    fn may_come(&self, _: &Transaction<'_>, _: &str) -> Result<()> {
        Ok(())
    }

    fn may_go(&self, _: &Transaction<'_>, _: &str) -> Result<()> {
        Ok(())
    }

    fn believe(&self, _: &Transaction<'_>, _: &str, credential: &str) -> Result<Credential> {
        Ok(Credential::parse(credential)?)
    }
}

/// A side that says why nothing may come now.
struct Nothing(&'static str);

impl Party for Nothing {
    fn may_come(&self, _: &Transaction<'_>, _: &str) -> Result<()> {
        Err(Error::new(self.0))
    }

    fn may_go(&self, _: &Transaction<'_>, _: &str) -> Result<()> {
        Err(Error::new(self.0))
    }

    fn believe(&self, _: &Transaction<'_>, _: &str, _: &str) -> Result<Credential> {
        Err(Error::new(self.0))
    }
}

fn own(mailbox: u8) -> OwnMailbox {
    OwnMailbox {
        relay: "https://relay.example".into(),
        mailbox: [mailbox; 32].into(),
        receive_token: [mailbox; 32].into(),
    }
}

fn home(dir: &std::path::Path) -> Arc<Home> {
    let platform = Platform {
        kdf_cost: KdfCost::FLOOR,
        ..Platform::desktop("test")
    };
    let home = Home::create(dir, platform, "passphrase").unwrap();
    let key = SigningKey::generate(&mut OsRandom).public();
    let other = Connection::new(own(2), key, hpke::PrivateKey::generate(&mut OsRandom));
    let mut connection = Connection::new(own(1), key, hpke::PrivateKey::generate(&mut OsRandom));
    connection.set_peer(other.own_address([3; 32].into())).unwrap();
    home.transaction(|changes| mail::keep_connection(changes, RELATIONSHIP, &connection))
        .unwrap();
    Arc::new(home)
}

fn begin(content: &[u8]) -> Step {
    let chunks: Vec<String> = content.chunks(CHUNK).map(digest).collect();
    let about = About {
        name: "a.bin".into(),
        media_type: "application/octet-stream".into(),
        size: content.len() as u64,
        sha256: digest(content),
        chunks_sha256: digest(chunks.concat().as_bytes()),
    };
    let key = RelationshipKey::generate(&mut OsRandom);
    let draft = CredentialDraft::new(FILE, about.claims(), key.public(), IssuedBy::Holder, 0);
    let unsigned = draft.prepare(&mut OsRandom).unwrap();
    let signature = key.sign(unsigned.signing_input());
    Step::Begin {
        id: "file".into(),
        agreement: "agreement".into(),
        credential: unsigned.complete(&signature),
        chunks,
    }
}

fn take(home: &Home, step: &Step, bytes: &[u8]) -> Result<Option<Happened>> {
    let sign = |_: &[u8]| [0; 64];
    let author = Author {
        relationship: RELATIONSHIP,
        sign: &sign,
    };
    let message = Message {
        number: 1,
        kind: MessageKind::File,
        sent_at: 0,
        body: step.encode(bytes)?,
    };
    home.transaction(|changes| take_in(home, changes, &Anything, &author, &message))
}

fn chunk(index: u32) -> Step {
    Step::Chunk {
        id: "file".into(),
        index,
    }
}

/// A store with a file of which every chunk has come, and nothing was made.
fn whole(dir: &std::path::Path) -> Arc<Home> {
    let (home, content) = (home(dir), vec![7; CHUNK]);
    take(&home, &begin(&content), &[]).unwrap();
    take(&home, &chunk(0), &content).unwrap();
    home
}

/// Makes a record of what has come whole; gives what ended.
fn finished(home: &Home, party: &dyn Party) -> Vec<FileTransfer> {
    let sign = |_: &[u8]| [0; 64];
    let author = Author {
        relationship: RELATIONSHIP,
        sign: &sign,
    };
    finish(home, party, &author, keep).unwrap()
}

fn keep(changes: &Transaction<'_>, whole: Whole) -> Result<RecordId> {
    let provenance = Provenance::imported("test", 0);
    let mut draft = RecordDraft::new(
        "urn:test",
        LifeArea::OTHER,
        json!({ "name": whole.file.name }),
        provenance,
    );
    draft.files = vec![whole.file.id];
    Ok(changes.put(draft, &mut OsRandom)?.id)
}

fn records(home: &Home) -> usize {
    home.vault.list(&Filter::default()).unwrap().len()
}

#[test]
fn k10_a_file_that_has_come_whole_waits_while_it_is_paused() {
    let folder = tempfile::tempdir().unwrap();
    let home = whole(folder.path());
    assert_eq!(finished(&home, &Nothing("ConsentPaused")), []);
    assert_eq!(
        (records(&home), &all(&home).unwrap()[0].state),
        (0, &TransferState::Underway)
    );
    assert_eq!(finished(&home, &Anything)[0].state, TransferState::Done);
    assert_eq!(records(&home), 1);
}

#[test]
fn a20_a_file_that_has_come_whole_is_not_kept_after_a_withdrawal() {
    let folder = tempfile::tempdir().unwrap();
    let home = whole(folder.path());
    let refused = TransferState::Refused {
        code: "ConsentWithdrawn".into(),
        chunk: None,
    };
    assert_eq!(finished(&home, &Nothing("ConsentWithdrawn"))[0].state, refused);
    assert_eq!(finished(&home, &Anything), []);
    assert_eq!(records(&home), 0);
}

#[test]
fn d9_a_file_that_two_found_whole_is_put_together_once() {
    let folder = tempfile::tempdir().unwrap();
    let home = whole(folder.path());
    let sign = |_: &[u8]| [0; 64];
    let author = Author {
        relationship: RELATIONSHIP,
        sign: &sign,
    };
    let key = format!("{RELATIONSHIP}/file");
    let again = || coming::put_together(&home, &Anything, &author, &key, keep).unwrap();
    assert_eq!(again().unwrap().state, TransferState::Done);
    assert_eq!(again(), None);
    assert_eq!(records(&home), 1);
}

#[test]
fn d9_a_changed_chunk_is_refused_and_named() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    let content = vec![7; 3 * CHUNK];
    take(&home, &begin(&content), &[]).unwrap();
    assert!(take(&home, &chunk(0), &content[..CHUNK]).unwrap().is_none());
    let mut changed = content[..CHUNK].to_vec();
    changed[CHUNK / 2] ^= 1;
    let Some(Happened::Refused(transfer)) = take(&home, &chunk(1), &changed).unwrap() else {
        panic!("it is refused")
    };
    let named = TransferState::Refused {
        code: "ManifestMismatch".into(),
        chunk: Some(1),
    };
    assert_eq!(transfer.state, named);
    // Nothing of it is kept, and nothing more of it is taken.
    assert!(take(&home, &chunk(1), &content[..CHUNK]).unwrap().is_none());
    assert_eq!(home.vault.kept_keys(DIGESTS).unwrap(), [] as [&str; 0]);
    assert_eq!(all(&home).unwrap()[0].done, CHUNK as u64);
}

#[test]
fn d9_a_list_of_chunks_that_the_credential_does_not_bind_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let home = home(folder.path());
    let content = vec![7; 2 * CHUNK];
    let Step::Begin {
        id,
        agreement,
        credential,
        mut chunks,
    } = begin(&content)
    else {
        panic!("it begins")
    };
    chunks.swap(0, 1);
    chunks[0].replace_range(0..1, "A");
    let forged = Step::Begin {
        id,
        agreement,
        credential,
        chunks,
    };
    assert!(take(&home, &forged, &[]).unwrap().is_none());
    assert_eq!(all(&home).unwrap(), []);
}

proptest! {
    #[test]
    fn a31_any_bytes_are_a_step_or_an_error(body in proptest::collection::vec(any::<u8>(), 0..300), text in ".{0,200}") {
        let _ = Step::decode(&body);
        let mut framed = (text.len() as u32).to_be_bytes().to_vec();
        framed.extend(text.as_bytes());
        framed.extend(body);
        let _ = Step::decode(&framed);
    }
}
