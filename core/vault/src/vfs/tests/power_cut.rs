//! a34, a36: the power is cut at every write and every sync of a day's work. What was acknowledged is there, what was not
//! is there whole or not at all, and SQLite finds nothing wrong.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rusqlite::Connection;

use super::super::{add_key, settle_key};
use super::disk::{Disk, Event, Files};
use super::replay::{Cut, Replay};
use super::store_key;
use super::workload::{Dice, Journal, SCHEMA, SMALL, digest, faults, statement_of};

const STORE: &str = "/store.kist";

/// A day's work on a disk: what was there before, what happened, and what was so at each mark.
struct Day {
    before: Files,
    events: Vec<Event>,
    states: Vec<State>,
}

/// What the owner of a store knows of it: its content, and the key that opens it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct State {
    content: [u8; 32],
    key: u8,
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

/// Someone who works on a store, and keeps account of it.
struct Owner {
    disk: Disk,
    dice: Dice,
    journal: Journal,
    key: u8,
    connection: Option<Connection>,
    states: Vec<State>,
}

impl Owner {
    fn sql(&self) -> &Connection {
        self.connection.as_ref().unwrap()
    }

    fn open(&mut self) {
        let connection = self.disk.vfs.connect_existing(Path::new(STORE), &store_key(self.key));
        let connection = connection.unwrap();
        self.journal.configure(&connection, 10).unwrap();
        self.connection = Some(connection);
    }

    fn close(&mut self) {
        self.connection.take().unwrap().close().unwrap();
    }

    /// What is so from now on, whatever happens.
    fn acknowledge(&mut self) {
        self.states.push(State {
            content: digest(self.sql()).unwrap(),
            key: self.key,
        });
        self.disk.mark(self.states.len() - 1);
    }

    fn transaction(&mut self) {
        let mut script = String::from("BEGIN;");
        for _ in 0..1 + self.dice.roll(4) {
            script += &statement_of(&mut self.dice, SMALL);
            script += ";";
            if self.dice.chance(20) {
                let taken_back = statement_of(&mut self.dice, SMALL);
                script += &format!("SAVEPOINT s; {taken_back}; ROLLBACK TO s; RELEASE s;");
            }
        }
        script += if self.dice.chance(10) { "ROLLBACK" } else { "COMMIT" };
        self.sql().execute_batch(&script).unwrap();
        self.acknowledge();
    }

    fn checkpoint(&self, mode: &str) {
        let done = self
            .sql()
            .query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |_| Ok(()));
        done.unwrap();
    }

    fn rekey(&mut self) {
        let (held, added) = (store_key(self.key), store_key(self.key % 100 + 1));
        add_key(self.sql(), &held, &added).unwrap();
        // Here the owner keeps the new key.
        self.key = self.key % 100 + 1;
        self.acknowledge();
        settle_key(self.sql(), &added).unwrap();
    }

    fn reseal(&mut self) {
        self.close();
        let go_on = &mut |_| ControlFlow::Continue(());
        self.disk
            .vfs
            .reseal(Path::new(STORE), &store_key(self.key), go_on)
            .unwrap();
        self.open();
    }

    fn between_transactions(&mut self) {
        match self.dice.roll(14) {
            0 => self.checkpoint("PASSIVE"),
            1 => self.checkpoint("RESTART"),
            2 => self.checkpoint("TRUNCATE"),
            3 => {
                self.close();
                self.open();
            }
            4 => self.rekey(),
            5 => {
                self.sql().execute_batch("VACUUM").unwrap();
                self.acknowledge();
            }
            _ => {}
        }
    }
}

fn work(before: Files, key: u8, journal: Journal, seed: u64, transactions: usize) -> Day {
    let disk = Disk::new();
    disk.load(before.clone());
    disk.record();
    let mut owner = Owner {
        disk,
        dice: Dice(seed),
        journal,
        key,
        connection: None,
        states: Vec::new(),
    };
    owner.open();
    owner.acknowledge();
    for _ in 0..transactions {
        owner.transaction();
        owner.between_transactions();
    }
    owner.rekey();
    let large = "INSERT OR REPLACE INTO note VALUES(77, 'large', printf('%0150000d', 7))";
    for script in [large, "DELETE FROM note WHERE id % 2", "VACUUM"] {
        owner.sql().execute_batch(script).unwrap();
        owner.acknowledge();
    }
    owner.reseal();
    owner.transaction();
    owner.close();
    Day {
        before,
        events: disk.recorded(),
        states: owner.states,
    }
}

/// Opens what a cut left, as its owner would, and looks. Gives what is so then.
fn open_after_cut(disk: Disk, files: Files, day: &Day, acknowledged: usize) -> Result<State, String> {
    disk.load(files);
    let known = day.states[acknowledged];
    let connection = disk
        .vfs
        .connect_existing(Path::new(STORE), &store_key(known.key))
        .map_err(|error| format!("does not open: {error}"))?;
    let content = digest(&connection).map_err(|error| format!("does not read: {error}"))?;
    let next = day.states.get(acknowledged + 1).unwrap_or(&known);
    if content != known.content && content != next.content {
        let number = day.states.iter().position(|state| state.content == content);
        return Err(format!("content of state {number:?}"));
    }
    match faults(&connection).map_err(|error| format!("does not check: {error}"))? {
        None => Ok(State { content, ..known }),
        Some(fault) => Err(fault),
    }
}

/// Cuts a day at every event. Gives how often, and a few of the disks that the cuts left, with the key of each.
fn cut_at_every_event(day: &Day, name: &str, seed: u64, random_cuts: usize) -> (usize, Vec<(Files, u8)>) {
    let disk = Disk::new();
    let mut dice = Dice(seed ^ 0xC07);
    let mut replay = Replay::new(&day.before);
    let (mut acknowledged, mut count, mut left) = (None, 0, Vec::new());
    for (index, event) in day.events.iter().enumerate() {
        let unsynced = !matches!(event, Event::Sync { .. } | Event::SyncFolder | Event::Mark { .. });
        replay.play(event);
        if let Event::Mark { number } = event {
            acknowledged = Some(*number);
        }
        let kinds = [Cut::Sectors(10), Cut::Sectors(50), Cut::Sectors(90), Cut::Split];
        let random = (0..random_cuts).map(|_| kinds[dice.roll(4) as usize]);
        let random: Vec<_> = random.filter(|_| unsynced).collect();
        for cut in [Cut::Nothing, Cut::Everything].into_iter().chain(random) {
            count += 1;
            let files = replay.cut(cut, &mut dice);
            let chosen = dice.roll(day.events.len() as u64) == 0;
            let known = acknowledged.unwrap_or(0);
            match open_after_cut(disk, files.clone(), day, known) {
                Ok(state) if chosen => left.push((files, state.key)),
                Ok(_) => {}
                Err(fault) => panic!("{name}, {cut:?} at event {index} {event:?}, after state {known}: {fault}"),
            }
        }
    }
    (count, left)
}

/// One seed's day, cut everywhere; then work goes on where the power was cut, over what the cut left, and is cut again.
fn days(journal: Journal, seed: u64, transactions: usize, random_cuts: usize) -> usize {
    let name = format!("{journal:?} journal, seed {seed}");
    let day = work(new_store(), 1, journal, seed, transactions);
    let (mut count, left) = cut_at_every_event(&day, &name, seed, random_cuts);
    for (files, key) in left.into_iter().take(1) {
        let day = work(files, key, journal, seed + 1000, 3);
        count += cut_at_every_event(&day, &name, seed, random_cuts).0;
    }
    count
}

#[test]
fn a34_a_power_cut_at_any_point_loses_nothing_acknowledged() {
    let long = std::env::var_os("KIST_LONG").is_some();
    let (rounds, transactions, random_cuts, least) = if long { (5, 20, 4, 100_000) } else { (1, 8, 1, 10_000) };
    // A transaction with a log has fewer writes than one with a journal.
    let jobs: Vec<_> = Journal::ALL
        .into_iter()
        .flat_map(|journal| {
            let (days, transactions) = match journal {
                Journal::Wal => (3 * rounds, transactions),
                _ => (rounds, transactions / 2),
            };
            (0..days).map(move |seed| (journal, seed, transactions))
        })
        .collect();
    let jobs = Mutex::new(jobs.into_iter());
    let (count, threads) = (
        AtomicUsize::new(0),
        thread::available_parallelism().map_or(2, usize::from),
    );
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let Some((journal, seed, transactions)) = jobs.lock().unwrap().next() else {
                        break;
                    };
                    let cuts = days(journal, seed, transactions, random_cuts);
                    println!("{journal:?} journal, seed {seed}: {cuts} cuts");
                    count.fetch_add(cuts, Ordering::Relaxed);
                }
            });
        }
    });
    let count = count.into_inner();
    println!("{count} power cuts");
    assert!(count >= least, "only {count} cuts");
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
