//! D2: conflicts settled by the person's choice. Nothing is lost: what is not chosen stays, out of sight or in the history.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use super::Date;
use super::conflicts::{self, SideId};
use super::fields::History;
use super::marks::kind;
use super::members;
use crate::record::{Correction, Provenance, Record};
use crate::records::read;
use crate::{Error, RecordId, Result, Transaction, Vault};

/// What the person chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// This side is right: the others are replaced by it.
    Take(SideId),
    /// This side is right, with some members as they are on other sides; the others are replaced by it.
    Merge {
        /// The side that the rest comes from.
        into: SideId,
        /// Members, as JSON pointers, each with the side that it is taken from. One that is missing there is removed.
        members: Vec<(String, SideId)>,
    },
    /// All are right, as records of their own: nothing is asked until one of them says something else.
    AllRight,
}

/// The sides of a conflict, looked up.
struct Sides<'a> {
    ids: &'a [SideId],
    histories: BTreeMap<RecordId, History>,
}

impl Sides<'_> {
    fn get(&self, side: &SideId) -> Result<&Record> {
        let found = self
            .ids
            .contains(side)
            .then(|| self.histories.get(&side.record)?.at(side.time));
        found.flatten().ok_or(Error::NotFound { what: "revision" })
    }

    /// The body that a choice of members comes to, and where those come from that are other than before.
    fn merged(&self, into: &SideId, chosen: &[(String, SideId)]) -> Result<(Value, BTreeMap<String, Provenance>)> {
        let base = self.get(into)?;
        let mut body = base.body.clone();
        let mut origins = BTreeMap::new();
        for (member, side) in chosen {
            let from = self.get(side)?;
            let value = from.body.pointer(member);
            if member.is_empty() || value == base.body.pointer(member) {
                continue;
            }
            members::set(&mut body, member, value.cloned());
            let history = self
                .histories
                .get(&side.record)
                .ok_or(Error::NotFound { what: "record" })?;
            // What day it is has no part in where a value comes from.
            let fields = history.fields(from, Date::from_ms(0)).into_iter();
            let taken =
                fields.filter(|field| field.member == *member || field.member.starts_with(&format!("{member}/")));
            origins.extend(taken.map(|field| (field.member, field.provenance)));
        }
        Ok((body, origins))
    }
}

impl Transaction<'_> {
    /// As [`Vault::settle`].
    pub fn settle(&self, sides: &[SideId], choice: &Settlement) -> Result<()> {
        conflicts::check_count(sides)?;
        let records: HashSet<RecordId> = sides.iter().map(|side| side.record).collect();
        let mut found = Sides {
            ids: sides,
            histories: BTreeMap::new(),
        };
        for id in &records {
            self.check_seen(id, sides)?;
            let history = History::load(self.sql(), id)?.ok_or(Error::NotFound { what: "record" })?;
            found.histories.insert(*id, history);
        }
        match records.len() {
            1 if sides.len() > 1 => self.settle_versions(&found, choice),
            count if count > 1 && count == sides.len() => self.settle_records(&found, choice),
            _ => Err(Error::Malformed { what: "sides" }),
        }
    }

    /// The person must have seen what they settle: the sides of a record are all its versions, as they are now.
    fn check_seen(&self, id: &RecordId, sides: &[SideId]) -> Result<()> {
        let seen: HashSet<_> = sides
            .iter()
            .filter(|side| side.record == *id)
            .map(|side| side.time)
            .collect();
        let current = self.record(id)?.ok_or(Error::NotFound { what: "record" })?;
        let versions: HashSet<_> = read::versions(self.sql(), id)?
            .iter()
            .map(|version| version.time)
            .collect();
        if seen == versions || (seen.len() == 1 && seen.contains(&current.time)) {
            Ok(())
        } else {
            Err(Error::NotFound { what: "revision" })
        }
    }

    fn settle_versions(&self, sides: &Sides<'_>, choice: &Settlement) -> Result<()> {
        let (side, body, provenance, origins) = match choice {
            Settlement::Take(side) => {
                let taken = sides.get(side)?;
                (
                    side,
                    taken.body.clone(),
                    taken.provenance.clone(),
                    taken.origins.clone(),
                )
            }
            Settlement::Merge { into, members } => {
                let (body, origins) = sides.merged(into, members)?;
                (into, body, Provenance::self_asserted(self.now_ms()), origins)
            }
            Settlement::AllRight => return Err(Error::Malformed { what: "settlement" }),
        };
        let base = sides.get(side)?;
        let correction = Correction {
            area: Some(base.area.clone()),
            tags: Some(base.tags.clone()),
            files: Some(read::file_ids_of(self.sql(), &side.record, side.time)?),
            settles: true,
            keep_violations: true,
            origins,
            ..Correction::new(body, provenance)
        };
        self.correct(&side.record, correction)?;
        Ok(())
    }

    fn settle_records(&self, sides: &Sides<'_>, choice: &Settlement) -> Result<()> {
        match choice {
            Settlement::Take(side) => {
                sides.get(side)?;
                self.replace_others(sides, side)
            }
            Settlement::Merge { into, members } => {
                let (body, origins) = sides.merged(into, members)?;
                if body != sides.get(into)?.body {
                    let correction = Correction {
                        keep_violations: true,
                        origins,
                        ..Correction::new(body, Provenance::self_asserted(self.now_ms()))
                    };
                    self.correct(&into.record, correction)?;
                }
                self.replace_others(sides, into)
            }
            Settlement::AllRight => self.mark_all_right(sides),
        }
    }

    fn replace_others(&self, sides: &Sides<'_>, by: &SideId) -> Result<()> {
        let others = sides.ids.iter().filter(|side| side.record != by.record);
        for other in others {
            self.replace(&other.record, &by.record)?;
        }
        Ok(())
    }

    fn mark_all_right(&self, sides: &Sides<'_>) -> Result<()> {
        let mut compared = Vec::new();
        for side in sides.ids {
            let (key, content) =
                conflicts::key_and_content(self.sql(), &side.record)?.ok_or(Error::Malformed { what: "settlement" })?;
            compared.push((side.record, key, content));
        }
        compared.sort();
        for (index, (lesser, key, here)) in compared.iter().enumerate() {
            for (greater, other_key, there) in compared.iter().skip(index + 1) {
                if key != other_key {
                    return Err(Error::Malformed { what: "settlement" });
                }
                let subject = greater.to_string();
                self.mark(lesser, kind::BOTH_RIGHT, &subject, Some(*greater), Some([here, there]))?;
            }
        }
        Ok(())
    }
}

impl Vault {
    /// Settles a conflict: the sides of one of [`Vault::conflicts`], and what the person chose. The choice can be taken
    /// back: what was replaced by [`Vault::restore`], a merge by a correction.
    ///
    /// Errors: `NotFound` where a side is not what it was when the person looked, `Malformed` where the sides are no
    /// conflict or the choice is none for it, `TooLarge`.
    pub fn settle(&self, sides: &[SideId], choice: &Settlement, now_ms: i64) -> Result<()> {
        self.transaction(now_ms, |changes| changes.settle(sides, choice))
    }
}
