//! Everything out of a vault, as it was at one moment, and into another as its own.

#![allow(clippy::unwrap_used)] // tests

mod common;

use std::io::Read;
use std::ops::ControlFlow;

use common::{Home, NOW, noise, note};
use kist_crypto::RootKey;
use kist_crypto::testing::SeededRandom;
use kist_vault::{Change, Correction, Error, FileMeta, LifeArea, Vault};

/// Every record with its marks, as the changes that another vault takes in.
fn records(vault: &Vault) -> Vec<Change> {
    let (snapshot, mut changes) = (vault.take_snapshot().unwrap(), Vec::new());
    for (area, _) in snapshot.areas().unwrap() {
        for id in snapshot.records(&area).unwrap() {
            snapshot
                .revisions(&id, |revision| {
                    changes.push(Change::Revision(Box::new(revision)));
                    Ok::<_, Error>(())
                })
                .unwrap();
            let marks = snapshot.marks(&id).unwrap();
            changes.extend(marks.into_iter().map(|mark| Change::Mark(Box::new(mark))));
        }
    }
    changes
}

/// A vault of another person's key.
fn another() -> Home {
    let mut rng = SeededRandom::new(9);
    Home {
        root: RootKey::generate(1, &mut rng),
        rng,
        ..Home::new()
    }
}

#[test]
fn d7_a_snapshot_is_of_one_moment_whatever_is_written_meanwhile() {
    let mut home = Home::new();
    let vault = home.create();
    let bytes = noise(2, 200_000);
    let file = home.attach(&vault, "letter.pdf", &bytes);
    let mut draft = note("Letter", "see file");
    draft.files = vec![file.id];
    let put = vault.put(draft, NOW, &mut home.rng).unwrap();
    let corrected = Correction::new(put.body.clone(), put.provenance.clone());
    vault.correct(&put.id, corrected, NOW + 1).unwrap();
    vault.trash(&put.id, NOW + 2).unwrap();
    home.attach(&vault, "given to nobody", b"x");
    vault.keep("receipts", "r", b"1", NOW).unwrap();
    vault.keep("local/device", "d", b"2", NOW).unwrap();
    vault.keep("vault/own", "v", b"3", NOW).unwrap();

    let snapshot = vault.take_snapshot().unwrap();
    vault.put(note("Later", ""), NOW + 3, &mut home.rng).unwrap();
    vault.keep("receipts", "later", b"", NOW + 3).unwrap();
    let counts = snapshot.counts().unwrap();
    assert_eq!((counts.records, counts.files, counts.file_bytes), (1, 1, 200_000));
    assert_eq!(snapshot.areas().unwrap(), [(LifeArea::new("other"), 1)]);
    assert_eq!(snapshot.files().unwrap(), [file.id]);
    let (title, current) = snapshot.current(&put.id).unwrap().unwrap();
    assert_eq!((title.as_str(), current.revision), ("Letter", 2));
    let mut kept = Vec::new();
    snapshot
        .kept(|change| {
            if let Change::Kept { collection, key, .. } = change {
                kept.push(format!("{collection}/{key}"));
            }
            Ok::<_, Error>(ControlFlow::Continue(()))
        })
        .unwrap();
    assert_eq!(kept, ["receipts/r"]);
    let manifest = snapshot.manifest(&file.id).unwrap().unwrap();
    let mut read = Vec::new();
    snapshot.read_file(manifest).read_to_end(&mut read).unwrap();
    assert!(read == bytes);
    let stopped = snapshot.kept::<Error>(|_| Ok(ControlFlow::Break(())));
    assert_eq!(stopped, Err(Error::Cancelled));
}

#[test]
fn d7_what_a_vault_adopts_is_its_own_and_reaches_its_other_devices() {
    let mut home = Home::new();
    let vault = home.create();
    let file = home.attach(&vault, "letter.pdf", b"Dear Alice");
    let mut draft = note("Letter", "see file");
    draft.files = vec![file.id];
    let put = vault.put(draft, NOW, &mut home.rng).unwrap();
    vault.set_favourite(&put.id, true, NOW).unwrap();
    let changes = records(&vault);

    let mut other = another();
    let adopting = other.create();
    let go_on = &mut |_| ControlFlow::Continue(());
    let meta = FileMeta::named("letter.pdf");
    let again = adopting
        .attach_again(file.id, &b"Dear Alice"[..], meta, NOW, &mut other.rng, go_on)
        .unwrap();
    assert_eq!((again.id, again.digest), (file.id, file.digest));
    adopting.adopt(&changes).unwrap();
    adopting.adopt(&changes).unwrap();
    assert_eq!(records(&adopting), changes);

    // In the order in which a second device can take it in.
    let logged = adopting.changes_after(0, 1 << 20).unwrap().changes;
    let kinds: Vec<_> = logged
        .iter()
        .map(|change| match change {
            Change::File(_) => "file",
            Change::Revision(_) => "revision",
            Change::Mark(_) => "mark",
            _ => "other",
        })
        .collect();
    assert_eq!(kinds, ["file", "revision", "mark"]);
    let device = other.second();
    let device = device.create();
    device.apply(&logged).unwrap();
    assert_eq!(records(&device), changes);
    drop(adopting);

    // The file stays when the vault is opened again, and what was deleted isn't adopted.
    let adopting = other.open();
    assert!(adopting.file(&file.id).unwrap().is_some());
    adopting.delete(&put.id, NOW + 1).unwrap();
    assert!(adopting.is_deleted(&put.id).unwrap());
    adopting.adopt(&changes).unwrap();
    assert_eq!(records(&adopting), []);
}
