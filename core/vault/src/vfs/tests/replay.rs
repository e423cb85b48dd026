//! What a power cut leaves of a disk: its events played again, and cut off anywhere.
//!
//! The disk's model: a 512-byte sector that was not synced is wholly old or wholly new, bytes outside a write never
//! change, and between two syncs the order is free. A file is cut as a whole or not at all. A name that was made,
//! changed or removed is so after a cut, or is not, until the file (for a new one) or the folder is synced.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::disk::{Event, Files};
use super::workload::Dice;

const SECTOR: usize = 512;

/// How much of what was not synced a cut leaves.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cut {
    Nothing,
    Everything,
    /// Each sector by itself is new with this chance, in percent; else it is as after some earlier write.
    Sectors(u64),
    /// Sectors before some place are new, those behind it are not, or the other way round.
    Split,
}

/// A file of which a part is not synced.
#[derive(Clone, Debug, Default)]
struct Unsynced {
    /// Whether the file's name is durable.
    named: bool,
    deleted: bool,
    /// The file that had this name before, where that is not durably gone.
    before: Option<Vec<u8>>,
    durable: Vec<u8>,
    changes: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write { offset: usize, bytes: Vec<u8> },
    Truncate { size: usize },
}

impl Change {
    fn is_truncation(&self) -> bool {
        matches!(self, Change::Truncate { .. })
    }

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
        self.sync_name();
    }

    fn sync_name(&mut self) {
        self.named = true;
        self.before = None;
    }

    /// The changes, but of the truncations only the first `count`.
    fn without_truncations_after(&self, mut count: usize) -> Vec<&Change> {
        let mut keep = |change: &&Change| {
            if !change.is_truncation() {
                return true;
            }
            let kept = count > 0;
            count = count.saturating_sub(1);
            kept
        };
        self.changes.iter().filter(|change| keep(change)).collect()
    }

    /// What a cut leaves of the file's content.
    fn after(&self, cut: Cut, dice: &mut Dice) -> Vec<u8> {
        if self.changes.is_empty() {
            return self.durable.clone();
        }
        let kept = |count: usize, dice: &mut Dice| match cut {
            Cut::Nothing => 0,
            Cut::Everything => count,
            Cut::Sectors(percent) if dice.chance(percent) => count,
            Cut::Sectors(_) => dice.roll(count as u64 + 1) as usize,
            Cut::Split => count * dice.roll(2) as usize,
        };
        let truncations = self.changes.iter().filter(|change| change.is_truncation()).count();
        let truncated = kept(truncations, dice);
        let changes = self.without_truncations_after(truncated);
        // Whatever else is lost, what is cut is cut for the whole file.
        let least = |changes: &[&Change]| match changes.iter().rposition(|change| change.is_truncation()) {
            Some(last) => last + 1,
            None => 0,
        };
        let known = kept(changes.len(), dice).max(least(&changes));
        let size = changes[..known]
            .iter()
            .fold(self.durable.len(), |size, change| change.apply_size(size));
        let mut content = self.durable.clone();
        content.resize(size, 0);
        let split = dice.roll((size / SECTOR) as u64 + 1) as usize;
        let first_is_new = dice.chance(50);
        for (index, sector) in content.chunks_mut(SECTOR).enumerate() {
            let start = index * SECTOR;
            let touching = changes.iter().filter(|change| change.touches(start));
            let changes: Vec<&Change> = touching.copied().collect();
            let count = match cut {
                Cut::Split if (index < split) == first_is_new => changes.len(),
                Cut::Split => 0,
                _ => kept(changes.len(), dice),
            };
            for change in &changes[..count.max(least(&changes))] {
                change.apply_sector(sector, start);
            }
        }
        content
    }

    /// What is at the file's name after a cut.
    fn left(&self, cut: Cut, dice: &mut Dice) -> Option<Vec<u8>> {
        let unchanged = |dice: &mut Dice| match cut {
            Cut::Nothing => true,
            Cut::Everything => false,
            Cut::Sectors(_) | Cut::Split => dice.chance(50),
        };
        if !self.named && unchanged(dice) {
            return self.before.clone();
        }
        if self.deleted && !unchanged(dice) {
            return None;
        }
        Some(self.after(cut, dice))
    }
}

/// What is on a disk while its events are played again.
#[derive(Clone, Debug, Default)]
pub(super) struct Replay {
    files: BTreeMap<String, Unsynced>,
    /// A rename that is not durable yet.
    renamed: Option<(String, String)>,
}

impl Replay {
    /// A disk with these files, all durable.
    pub(super) fn new(files: &Files) -> Self {
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
            renamed: None,
        }
    }

    pub(super) fn play(&mut self, event: &Event) {
        match event {
            Event::Write { file, offset, bytes } => self.file(file).changes.push(Change::Write {
                offset: *offset,
                bytes: bytes.clone(),
            }),
            Event::Truncate { file, size } => self.file(file).changes.push(Change::Truncate { size: *size }),
            Event::Sync { file } => self.file(file).sync(),
            Event::Create { file } => {
                let before = self.files.remove(file).and_then(|before| match before.named {
                    true => Some(before.durable),
                    false => before.before,
                });
                let new = Unsynced {
                    before,
                    ..Unsynced::default()
                };
                self.files.insert(file.clone(), new);
            }
            Event::Delete { file } => self.file(file).deleted = true,
            Event::Rename { from, to } => self.renamed = Some((from.clone(), to.clone())),
            Event::SyncFolder => {
                self.rename();
                self.files.retain(|_, file| !file.deleted);
                self.files.values_mut().for_each(Unsynced::sync_name);
            }
            Event::Mark { .. } => {}
        }
    }

    fn file(&mut self, name: &str) -> &mut Unsynced {
        self.files.entry(name.to_owned()).or_default()
    }

    fn rename(&mut self) {
        if let Some((from, to)) = self.renamed.take()
            && let Some(file) = self.files.remove(&from)
        {
            self.files.insert(to, file);
        }
    }

    /// The files that a cut leaves.
    pub(super) fn cut(&self, cut: Cut, dice: &mut Dice) -> Files {
        let renamed = match cut {
            Cut::Nothing => false,
            Cut::Everything => true,
            Cut::Sectors(_) | Cut::Split => dice.chance(50),
        };
        let mut after = Cow::Borrowed(self);
        if renamed && self.renamed.is_some() {
            after.to_mut().rename();
        }
        let left = |(name, file): (&String, &Unsynced)| Some((name.clone(), file.left(cut, dice)?));
        after.files.iter().filter_map(left).collect()
    }
}
