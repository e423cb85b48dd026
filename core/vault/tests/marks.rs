//! D1: favourites, notes and the trash, which are marks on a record and no revisions of it.

#![allow(clippy::unwrap_used)]

mod common;

use common::{Home, NOW, note};
use kist_vault::{Change, Error, Filter, MAX_NOTE, RecordId, Shown, TRASH_DAYS, Vault};

const DAY: i64 = 24 * 3600 * 1000;

fn ids(vault: &Vault, shown: Shown) -> Vec<RecordId> {
    let filter = Filter {
        shown,
        ..Filter::default()
    };
    vault.list(&filter).unwrap().iter().map(|found| found.id).collect()
}

#[test]
fn d1_favourites_and_notes_are_kept_with_a_record_and_make_no_revision() {
    let mut home = Home::new();
    let vault = home.create();
    let put = vault.put(note("Boiler", "leaks"), NOW, &mut home.rng).unwrap();
    vault.put(note("Bike", "red"), NOW, &mut home.rng).unwrap();
    vault.set_favourite(&put.id, true, NOW + 1).unwrap();
    vault.set_note(&put.id, "call Dai", NOW + 1).unwrap();
    let generation = vault.generation().unwrap();
    vault.set_favourite(&put.id, true, NOW + 2).unwrap();
    assert_eq!(vault.generation().unwrap(), generation, "nothing was to be changed");
    drop(vault);

    let vault = home.open();
    let record = vault.record(&put.id).unwrap().unwrap();
    assert_eq!((record.revision, record.favourite), (1, true));
    assert_eq!(vault.marks(&put.id).unwrap().note, "call Dai");
    let favourites = Filter {
        favourites: true,
        ..Filter::default()
    };
    let listed = vault.list(&favourites).unwrap();
    assert_eq!((listed.len(), listed[0].id, listed[0].favourite), (1, put.id, true));
    assert_eq!(vault.search("b", &favourites, 9).unwrap().len(), 1);

    vault.set_favourite(&put.id, false, NOW + 3).unwrap();
    vault.set_note(&put.id, "", NOW + 3).unwrap();
    assert_eq!(vault.list(&favourites).unwrap(), []);
    assert_eq!(vault.marks(&put.id).unwrap(), Default::default());
    let long = "x".repeat(MAX_NOTE + 1);
    assert_eq!(vault.set_note(&put.id, &long, NOW).unwrap_err().code(), "TooLarge");
    let nobody = RecordId::from_bytes([9; 16]);
    assert_eq!(
        vault.set_favourite(&nobody, true, NOW),
        Err(Error::NotFound { what: "record" })
    );
}

#[test]
fn d1_what_is_in_the_trash_is_out_of_sight_until_it_is_restored_or_deleted() {
    let mut home = Home::new();
    let vault = home.create();
    let [old, new, kept] =
        ["old", "new", "kept"].map(|title| vault.put(note(title, "word"), NOW, &mut home.rng).unwrap().id);
    vault.trash(&old, NOW).unwrap();
    vault.trash(&new, NOW + 10 * DAY).unwrap();
    vault.trash(&old, NOW + 20 * DAY).unwrap();
    assert_eq!(ids(&vault, Shown::InSight), [kept]);
    assert_eq!(ids(&vault, Shown::Trashed), [new, old]);
    assert_eq!(ids(&vault, Shown::Anywhere).len(), 3);
    assert_eq!(vault.search("word", &Filter::default(), 9).unwrap().len(), 1);
    assert!(
        vault.record(&old).unwrap().unwrap().trashed,
        "it can still be looked at"
    );

    vault.restore(&new, NOW + 11 * DAY).unwrap();
    assert_eq!(ids(&vault, Shown::InSight), [kept, new]);
    vault.trash(&new, NOW + 12 * DAY).unwrap();
    let days = |days: i64| NOW + days * DAY;
    assert_eq!(vault.purge_trash(TRASH_DAYS, days(29)).unwrap(), 0);
    assert_eq!(
        vault.purge_trash(TRASH_DAYS, days(30)).unwrap(),
        1,
        "since it was first put there"
    );
    assert_eq!(ids(&vault, Shown::Trashed), [new]);
    assert_eq!(vault.record(&old).unwrap(), None);
    assert_eq!(vault.empty_trash(days(31)).unwrap(), 1);
    assert_eq!(ids(&vault, Shown::Anywhere), [kept]);
}

#[test]
fn d2_a_replaced_record_is_out_of_sight_while_there_is_the_other() {
    let mut home = Home::new();
    let vault = home.create();
    let [old, new] = ["old", "new"].map(|title| vault.put(note(title, "word"), NOW, &mut home.rng).unwrap().id);
    assert!(vault.replace(&old, &old, NOW).is_err());
    vault.replace(&old, &new, NOW).unwrap();
    assert_eq!(
        (ids(&vault, Shown::InSight), ids(&vault, Shown::Replaced)),
        (vec![new], vec![old])
    );
    vault.restore(&old, NOW).unwrap();
    assert_eq!(ids(&vault, Shown::InSight), [new, old]);
    vault.replace(&old, &new, NOW).unwrap();
    vault.delete(&new, NOW).unwrap();
    assert_eq!(
        ids(&vault, Shown::InSight),
        [old],
        "nothing is left out of sight for something that is gone"
    );
}

#[test]
fn d1_lists_are_narrowed_by_date_and_by_several_schemas() {
    let mut home = Home::new();
    let vault = home.create();
    let put: Vec<RecordId> = (0..3)
        .map(|day| {
            let mut draft = note("n", "word");
            if day > 0 {
                draft.schema = format!("x:{day}");
            }
            vault.put(draft, NOW + day * DAY, &mut home.rng).unwrap().id
        })
        .collect();
    let found = |filter: Filter| -> Vec<RecordId> {
        let searched = vault.search("word", &filter, 9).unwrap().len();
        let listed: Vec<_> = vault.list(&filter).unwrap().iter().map(|found| found.id).collect();
        assert_eq!(searched, listed.len());
        listed
    };
    let dated = |from_ms, until_ms| {
        found(Filter {
            from_ms,
            until_ms,
            ..Filter::default()
        })
    };
    assert_eq!(dated(Some(NOW + DAY), None), [put[2], put[1]]);
    assert_eq!(dated(Some(NOW + 1), Some(NOW + 2 * DAY)), [put[1]]);
    assert_eq!(dated(None, Some(NOW)), []);
    let schemas = vec!["x:1".into(), "x:2".into(), "x:3".into()];
    let several = Filter {
        schemas,
        ..Filter::default()
    };
    assert_eq!(found(several), [put[2], put[1]]);
}

#[test]
fn a_mark_that_comes_before_its_record_counts_when_that_comes_and_none_outlives_it() {
    let mut home = Home::new();
    let vault = home.create();
    let put = vault.put(note("a", "b"), NOW, &mut home.rng).unwrap();
    vault.trash(&put.id, NOW).unwrap();
    vault.set_note(&put.id, "quokka", NOW).unwrap();
    let mut changes = vault.changes_after(0, usize::MAX).unwrap().changes;
    changes.reverse();
    let other = home.second().create();
    other.apply(&changes).unwrap();
    assert_eq!(ids(&other, Shown::Trashed), [put.id]);

    vault.delete(&put.id, NOW).unwrap();
    let after = vault.changes_after(0, usize::MAX).unwrap().changes;
    assert!(matches!(after[..], [Change::Deleted { .. }]), "{after:?}");
    changes.extend(after);
    other.apply(&changes).unwrap();
    other.apply(&changes).unwrap();
    assert_eq!(other.marks(&put.id).unwrap(), Default::default());
}
