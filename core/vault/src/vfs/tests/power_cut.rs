//! a34: the power is cut at every write and every sync of a day's work. What was acknowledged is there, what was not
//! is there whole or not at all, and SQLite finds nothing wrong.
//!
//! The disk's model: a 512-byte sector that was not synced is wholly old or wholly new, bytes outside a write never
//! change, and between two syncs the order is free.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::{add_key, settle_key};
use super::disk::{Disk, Event, Files};
use super::store_key;
use super::workload::{Dice, SCHEMA, digest, faults, statement};

const SECTOR: usize = 512;
const STORE: &str = "/store.kist";

/// How much of what was not synced a cut leaves.
#[derive(Clone, Copy, Debug)]
enum Cut {
    Nothing,
    Everything,
    /// Each sector by itself is new with this chance, in percent.
    Sectors(u64),
}

/// A file of which a part is not synced.
#[derive(Clone, Debug, Default)]
struct Unsynced {
    /// Whether the file's name is durable.
    named: bool,
    deleted: bool,
    durable: Vec<u8>,
    changes: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate { size: usize },
}

impl Change {
    fn apply_size(&self, size: usize) -> usize {
        match self {
            Change::Write { offset, bytes } => size.max(offset + bytes.len()),
            Change::Truncate { size } => *size,
        }
    }

    /// What this change does to the sector that begins at `start`.
    fn apply_sector(&self, sector: &mut [u8], start: usize) {
        match self {
            Change::Write { offset, bytes } => {
                let from = (*offset).max(start);
                let to = (offset + bytes.len()).min(start + sector.len());
                if from < to {
                    sector[from - start..to - start].copy_from_slice(&bytes[from - offset..to - offset]);
                }
            }
            Change::Truncate { size } => {
                let kept = size.saturating_sub(start).min(sector.len());
                sector[kept..].fill(0);
            }
        }
    }

    fn touches(&self, start: usize) -> bool {
        match self {
            Change::Write { offset, bytes } => *offset < start + SECTOR && start < offset + bytes.len(),
            Change::Truncate { size } => *size < start + SECTOR,
        }
    }
}

impl Unsynced {
    fn sync(&mut self) {
        self.durable = self.after(Cut::Everything, &mut Dice(0));
        self.changes.clear();
        self.named = true;
    }

    /// What a cut leaves of the file.
    fn after(&self, cut: Cut, dice: &mut Dice) -> Vec<u8> {
        let mut kept = |count: usize| match cut {
            Cut::Nothing => 0,
            Cut::Everything => count,
            Cut::Sectors(percent) if dice.chance(percent) => count,
            Cut::Sectors(_) => dice.roll(count as u64 + 1) as usize,
        };
        let known = kept(self.changes.len());
        let size = self.changes[..known]
            .iter()
            .fold(self.durable.len(), |size, change| change.apply_size(size));
        let mut content = self.durable.clone();
        content.resize(size, 0);
        for (index, sector) in content.chunks_mut(SECTOR).enumerate() {
            let start = index * SECTOR;
            let changes: Vec<_> = self.changes.iter().filter(|change| change.touches(start)).collect();
            for change in &changes[..kept(changes.len())] {
                change.apply_sector(sector, start);
            }
        }
        content
    }
}

/// What is on a disk while its events are played again.
#[derive(Clone, Debug, Default)]
struct Replay {
    files: BTreeMap<String, Unsynced>,
}

impl Replay {
    fn new(files: &Files) -> Self {
        let durable = |bytes: &Vec<u8>| Unsynced {
            named: true,
            durable: bytes.clone(),
            ..Unsynced::default()
        };
        Replay {
            files: files
                .iter()
                .map(|(name, bytes)| (name.clone(), durable(bytes)))
                .collect(),
        }
    }

    fn play(&mut self, event: &Event) {
        let change = match event {
            Event::Write { offset, bytes, .. } => Some(Change::Write {
                offset: *offset,
                bytes: bytes.clone(),
            }),
            Event::Truncate { size, .. } => Some(Change::Truncate { size: *size }),
            _ => None,
        };
        match event {
            Event::Write { file, .. } | Event::Truncate { file, .. } => {
                let file = self.files.entry(file.clone()).or_default();
                file.changes.extend(change);
            }
            Event::Sync { file } => self.files.entry(file.clone()).or_default().sync(),
            Event::Create { file } => {
                self.files.insert(file.clone(), Unsynced::default());
            }
            Event::Delete { file } => {
                if let Some(file) = self.files.get_mut(file) {
                    file.deleted = true;
                }
            }
            Event::Mark { .. } => {}
        }
    }

    /// The files that a cut leaves.
    fn cut(&self, cut: Cut, dice: &mut Dice) -> Files {
        let mut files = Files::new();
        for (name, file) in &self.files {
            let there = match cut {
                Cut::Nothing => file.named,
                Cut::Everything => !file.deleted,
                Cut::Sectors(_) => (file.named || dice.chance(50)) && (!file.deleted || dice.chance(50)),
            };
            if there {
                files.insert(name.clone(), file.after(cut, dice));
            }
        }
        files
    }
}

/// A day's work on a disk: what was there before, what happened, and the content after each transaction.
struct Day {
    before: Files,
    events: Vec<Event>,
    digests: Vec<[u8; 32]>,
}

/// Files of a new store with empty tables.
fn new_store() -> Files {
    let disk = Disk::new();
    let connection = disk
        .vfs
        .create_in_place(Path::new(STORE), [7; 16], &store_key(1))
        .unwrap();
    connection.execute_batch(SCHEMA).unwrap();
    connection.close().unwrap();
    disk.files()
}

fn work(before: Files, seed: u64, transactions: usize) -> Day {
    let disk = Disk::new();
    let mut dice = Dice(seed);
    disk.load(before.clone());
    disk.record();
    let open = || {
        let connection = disk.vfs.open(Path::new(STORE), &store_key(1)).unwrap();
        // So small that transactions spill to the log before they commit.
        connection.execute_batch("PRAGMA cache_size = 10").unwrap();
        connection
    };
    let mut connection = open();
    let mut digests = vec![digest(&connection).unwrap()];
    for number in 1..=transactions {
        connection.execute_batch("BEGIN").unwrap();
        for _ in 0..1 + dice.roll(5) {
            connection.execute_batch(&statement(&mut dice)).unwrap();
        }
        if dice.chance(10) {
            connection.execute_batch("ROLLBACK").unwrap();
        } else {
            connection.execute_batch("COMMIT").unwrap();
        }
        digests.push(digest(&connection).unwrap());
        disk.mark(number);
        match dice.roll(12) {
            0 => checkpoint(&connection, "PASSIVE"),
            1 => checkpoint(&connection, "RESTART"),
            2 => checkpoint(&connection, "TRUNCATE"),
            3 => {
                connection.close().unwrap();
                connection = open();
            }
            _ => {}
        }
    }
    connection
        .execute_batch("DELETE FROM note WHERE id % 2; VACUUM")
        .unwrap();
    digests.push(digest(&connection).unwrap());
    connection.close().unwrap();
    disk.mark(digests.len() - 1);
    Day {
        before,
        events: disk.recorded(),
        digests,
    }
}

fn checkpoint(connection: &rusqlite::Connection, mode: &str) {
    connection
        .query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()))
        .unwrap();
}

/// Opens what a cut left, and looks. Gives the number of the transaction whose content is there.
fn open_after_cut(disk: Disk, files: Files, day: &Day, acknowledged: usize) -> Result<(), String> {
    disk.load(files);
    let connection = disk
        .vfs
        .open(Path::new(STORE), &store_key(1))
        .map_err(|error| format!("does not open: {error}"))?;
    let content = digest(&connection).map_err(|error| format!("does not read: {error}"))?;
    if !day.digests[acknowledged..day.digests.len().min(acknowledged + 2)].contains(&content) {
        let number = day.digests.iter().position(|digest| *digest == content);
        return Err(format!("content of transaction {number:?}"));
    }
    match faults(&connection).map_err(|error| format!("does not check: {error}"))? {
        None => Ok(()),
        Some(fault) => Err(fault),
    }
}

/// Cuts a day at every event. Gives how often, and a few of the disks that the cuts left.
fn cut_at_every_event(day: &Day, seed: u64, random_cuts: usize) -> (usize, Vec<Files>) {
    let disk = Disk::new();
    let mut dice = Dice(seed ^ 0xC07);
    let mut replay = Replay::new(&day.before);
    let (mut acknowledged, mut count, mut left) = (0, 0, Vec::new());
    for (index, event) in day.events.iter().enumerate() {
        let unsynced = !matches!(event, Event::Sync { .. } | Event::Mark { .. });
        replay.play(event);
        if let Event::Mark { number } = event {
            acknowledged = *number;
        }
        let random = (0..random_cuts).map(|_| Cut::Sectors([10, 50, 90][dice.roll(3) as usize]));
        let random: Vec<_> = random.filter(|_| unsynced).collect();
        for cut in [Cut::Nothing, Cut::Everything].into_iter().chain(random) {
            count += 1;
            let files = replay.cut(cut, &mut dice);
            if dice.roll(day.events.len() as u64) == 0 {
                left.push(files.clone());
            }
            if let Err(fault) = open_after_cut(disk, files, day, acknowledged) {
                panic!("seed {seed}, {cut:?} at event {index}, after transaction {acknowledged}: {fault}");
            }
        }
    }
    (count, left)
}

#[test]
fn a34_a_power_cut_at_any_point_loses_nothing_acknowledged() {
    let (seeds, transactions, random_cuts) = if std::env::var_os("KIST_LONG").is_some() {
        (1..12, 60, 6)
    } else {
        (1..3, 20, 1)
    };
    let mut count = 0;
    for seed in seeds {
        let day = work(new_store(), seed, transactions);
        let (cuts, left) = cut_at_every_event(&day, seed, random_cuts);
        count += cuts;
        // Work goes on where the power was cut, over what the cut left in the log, and is cut again.
        for files in left.into_iter().take(random_cuts) {
            let day = work(files, seed + 1000, 5);
            count += cut_at_every_event(&day, seed, random_cuts).0;
        }
    }
    assert!(count > 1000, "only {count} cuts");
}

#[test]
fn a36_a_new_key_survives_a_cut_at_any_point() {
    let disk = Disk::new();
    let store = Path::new(STORE);
    let connection = disk.vfs.create_in_place(store, [7; 16], &store_key(1)).unwrap();
    connection.close().unwrap();
    let before = disk.files();
    let [one, two] = [1, 2].map(store_key);
    disk.record();
    let connection = disk.vfs.open(store, &one).unwrap();
    add_key(&connection, &one, &two).unwrap();
    disk.mark(1);
    // The caller makes the new key durable here, and from now on opens with it.
    settle_key(&connection, &two).unwrap();
    disk.mark(2);
    connection.close().unwrap();

    let mut replay = Replay::new(&before);
    let mut reached = 0;
    let mut dice = Dice(1);
    for event in disk.recorded() {
        replay.play(&event);
        if let Event::Mark { number } = event {
            reached = number;
        }
        for cut in [Cut::Nothing, Cut::Everything]
            .into_iter()
            .chain([Cut::Sectors(50); 20])
        {
            disk.load(replay.cut(cut, &mut dice));
            let old = disk.vfs.open(store, &one).is_ok();
            let new = disk.vfs.open(store, &two).is_ok();
            match reached {
                0 => assert!(old),
                1 => assert!(new),
                _ => assert!(new && !old),
            }
        }
    }
    assert_eq!(reached, 2);
}
