//! The sealed part of an archive: what only a Kist can use. Keys of relationships, connections, tokens, and what the
//! other kept items need to be the same again.
//!
//! A code of 128 random bits opens it, as a recovery code does: an archive lies about where a backup doesn't, and a
//! passphrase that a person chooses can be guessed at leisure. It also vouches for the rest of the archive, whose hashes it
//! is bound to: what opens was written by who was shown the code.

use std::io::{self, Read, Write};
use std::ops::ControlFlow;

use kist_crypto::slots::WrappedRoot;
use kist_crypto::{Context, OsRandom, RecoveryCode, RootKey, SealingKey};
use kist_vault::{Change, MAX_KEPT, Snapshot};

use super::zip::Digest;
use crate::{Error, Result};

const VERSION: u8 = 1;
/// The label of a frame, and that of the key's wrap.
const LABEL: &str = "kist/2026-11/archive-state";
const PURPOSE: &[u8] = b"archive";
/// The longest wrapped key, in bytes.
const MAX_WRAP: usize = 4096;
/// A frame is full from this size on, in bytes.
const FRAME: usize = 1 << 20;
/// The longest frame: a full one and one change more, with its names.
const MAX_FRAME: usize = FRAME + MAX_KEPT + (4 << 10);

/// Makes frames out of changes.
struct Sealer<'a> {
    out: &'a mut dyn Write,
    key: SealingKey,
    sums: Digest,
    index: u64,
    frame: Vec<u8>,
}

impl Sealer<'_> {
    fn add(&mut self, change: &Change) -> Result<()> {
        let bytes = change.encode();
        self.frame.extend((bytes.len() as u32).to_be_bytes());
        self.frame.extend(bytes);
        if self.frame.len() < FRAME {
            Ok(())
        } else {
            self.put(false)
        }
    }

    fn put(&mut self, is_last: bool) -> Result<()> {
        let frame = zeroing(std::mem::take(&mut self.frame));
        let sealed = with_context(&self.sums, self.index, is_last, |context| {
            self.key.seal(context, frame.expose(), &mut OsRandom)
        });
        self.index += 1;
        self.out.write_all(&[u8::from(is_last)])?;
        self.out.write_all(&(sealed.len() as u32).to_be_bytes())?;
        Ok(self.out.write_all(&sealed)?)
    }
}

fn zeroing(bytes: Vec<u8>) -> kist_crypto::SecretBytes {
    kist_crypto::SecretBytes::new(bytes)
}

fn with_context<T>(sums: &Digest, index: u64, is_last: bool, f: impl FnOnce(&Context<'_>) -> T) -> T {
    f(&Context {
        label: LABEL,
        version: 1,
        fields: &[sums, &index.to_be_bytes(), &[u8::from(is_last)]],
    })
}

/// Seals every kept item of a snapshot under a code, bound to the list of the archive's hashes.
pub(super) fn seal(snapshot: &Snapshot, code: &RecoveryCode, sums: Digest, out: &mut dyn Write) -> Result<()> {
    let root = RootKey::generate(1, &mut OsRandom);
    let wrapped = WrappedRoot::wrap(&root, &code.wrapping_key(), PURPOSE, &mut OsRandom);
    let wrapped = serde_json::to_vec(&wrapped)?;
    out.write_all(&[VERSION])?;
    out.write_all(&(wrapped.len() as u32).to_be_bytes())?;
    out.write_all(&wrapped)?;
    let mut sealer = Sealer {
        out,
        key: SealingKey::new(root.secret().clone()),
        sums,
        index: 0,
        frame: Vec::new(),
    };
    snapshot.kept(|change| -> Result<_> {
        sealer.add(&change)?;
        Ok(ControlFlow::Continue(()))
    })?;
    sealer.put(true)
}

/// Opens a sealed state and hands out its changes, frame by frame.
///
/// Errors: `KeyMismatch` for another code, `AuthenticationFailed` for what was changed, here or in the rest of the
/// archive; `Malformed`, `DowngradeRefused`; those of `visit`.
pub(super) fn open(
    sealed: &mut dyn Read,
    code: &RecoveryCode,
    sums: &Digest,
    mut visit: impl FnMut(Vec<Change>) -> Result<()>,
) -> Result<()> {
    let [version] = array(sealed)?;
    if version != VERSION {
        return Err(Error::new("DowngradeRefused").with("found", version));
    }
    let wrapped = bytes(sealed, MAX_WRAP)?;
    let wrapped: WrappedRoot = serde_json::from_slice(&wrapped).map_err(|_| malformed())?;
    let root = wrapped
        .unwrap(&code.wrapping_key(), PURPOSE)
        .map_err(|error| match error {
            kist_crypto::Error::Malformed { .. } => malformed(),
            error => error.into(),
        })?;
    let key = SealingKey::new(root.secret().clone());
    for index in 0.. {
        let [last] = array(sealed)?;
        let frame = bytes(sealed, MAX_FRAME)?;
        let opened = with_context(sums, index, last == 1, |context| key.open(context, &frame));
        let opened = opened.map_err(|_| Error::new("AuthenticationFailed").with("what", "archive"))?;
        visit(changes(opened.expose())?)?;
        if last == 1 {
            break;
        }
    }
    match sealed.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(malformed()),
    }
}

fn changes(mut frame: &[u8]) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    while !frame.is_empty() {
        let change = bytes(&mut frame, MAX_FRAME)?;
        changes.push(Change::decode(&change)?);
    }
    Ok(changes)
}

fn array<const N: usize>(reader: &mut dyn Read) -> Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes).map_err(cut_short)?;
    Ok(bytes)
}

/// Bytes after their length; no more room is taken than there are bytes.
fn bytes(reader: &mut dyn Read, limit: usize) -> Result<Vec<u8>> {
    let length = u32::from_be_bytes(array(reader)?) as usize;
    if length > limit {
        return Err(malformed());
    }
    let mut bytes = Vec::new();
    reader.take(length as u64).read_to_end(&mut bytes).map_err(cut_short)?;
    if bytes.len() == length {
        Ok(bytes)
    } else {
        Err(malformed())
    }
}

fn cut_short(error: io::Error) -> Error {
    if super::zip::is_damage(&error) {
        malformed()
    } else {
        error.into()
    }
}

fn malformed() -> Error {
    Error::new("Malformed").with("what", "archive state")
}
