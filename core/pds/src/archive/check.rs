//! An archive looked through before anything of it is taken: what a stranger or a bad disk made of it ends here.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::io::{BufRead, BufReader, Read, Seek};
use std::ops::ControlFlow;

use kist_crypto::Sha256Stream;
use kist_identity::Credential;
use kist_vault::{HybridTime, MAX_FILE, MAX_THUMBNAIL, Thumbnail};

use super::record::{self, Heading, Part, RevisionEntry};
use super::zip::{Digest, Entry, EntryReader, MAX_ENTRY_NAME, ZipReader, hex};
use super::{ArchiveAbout, ArchiveDamage, FORMAT, damaged, layout};
use crate::{Error, Result};

/// The largest manifest, in bytes.
const MAX_MANIFEST: u64 = 64 << 10;
/// The largest credential, in bytes.
const MAX_CREDENTIAL: u64 = 1 << 20;
/// The most entries that are named as damaged; above, the whole is refused.
const MAX_DAMAGED: usize = 10_000;
/// The longest line of the list: a hash, two spaces, a name, its end.
const MAX_LINE: u64 = 64 + 2 + MAX_ENTRY_NAME as u64 + 2;
/// How far ahead of this clock a revision may be, in milliseconds: 366 days. A clock can be wrong, and every later write
/// goes on from the latest time that was seen.
const MAX_AHEAD: i64 = 366 * 24 * 60 * 60 * 1000;
const BUFFER: usize = 64 << 10;

/// Bytes done and in all; may stop the work.
pub(super) type Report<'a> = &'a mut dyn FnMut(u64, u64) -> ControlFlow<()>;

/// An archive that was looked through.
pub(super) struct Checked<R> {
    pub(super) zip: ZipReader<R>,
    pub(super) about: ArchiveAbout,
    /// The SHA-256 of the list of hashes.
    pub(super) sums: Digest,
    pub(super) damaged: Vec<ArchiveDamage>,
    pub(super) unlisted: u64,
    /// What all entries come to, in bytes.
    pub(super) total: u64,
    /// The sealed part.
    pub(super) state: Option<Entry>,
    /// Numbers of the entries that are not to be taken, in order.
    passed_over: Vec<u64>,
}

impl<R: Read + Seek> Checked<R> {
    /// Visits every sound entry that the list has, by its name.
    pub(super) fn each_sound(
        &mut self,
        mut visit: impl FnMut(&mut ZipReader<R>, &str, &Entry) -> Result<()>,
    ) -> Result<()> {
        let passed_over = &self.passed_over;
        self.zip.each(|zip, number, entry| match &entry.name {
            Some(name) if passed_over.binary_search(&number).is_err() => visit(zip, name, &entry),
            _ => Ok(()),
        })
    }
}

/// Looks through all of it.
pub(super) fn check<R: Read + Seek>(archive: R, now_ms: i64, report: Report<'_>) -> Result<Checked<R>> {
    let mut zip = ZipReader::open(archive)?;
    let Ends {
        manifest,
        list,
        state,
        total,
    } = Ends::find(&mut zip)?;
    let about = read_manifest(&mut zip, &manifest)?;
    let (mut rows, sums) = List::read(&mut zip, &list)?;
    if hex(&sums) != about.sums {
        return Err(damaged(layout::SUMS));
    }
    let mut check = Check {
        list: &mut rows,
        now_ms,
        report,
        done: 0,
        total,
        damaged: Vec::new(),
        passed_over: Vec::new(),
        unlisted: 0,
    };
    zip.each(|zip, number, entry| check.entry(zip, number, &entry))?;
    let (mut found, passed_over, unlisted) = (check.damaged, check.passed_over, check.unlisted);
    if rows.seen.iter().any(|seen| !seen) {
        rows.name_missing(&mut zip, &list, &mut found)?;
    }
    Ok(Checked {
        zip,
        about,
        sums,
        damaged: found,
        unlisted,
        total,
        state,
        passed_over,
    })
}

/// The entries that say what the others are.
struct Ends {
    manifest: Entry,
    list: Entry,
    state: Option<Entry>,
    total: u64,
}

impl Ends {
    fn find<R: Read + Seek>(zip: &mut ZipReader<R>) -> Result<Self> {
        let (mut manifest, mut list, mut state, mut total) = (None, None, None, 0_u64);
        zip.each(|_, _, entry| {
            total = total.saturating_add(entry.size);
            let name = entry.name.clone().unwrap_or_default();
            let place = match name.as_str() {
                layout::MANIFEST => &mut manifest,
                layout::SUMS => &mut list,
                layout::STATE => &mut state,
                _ => return Ok(()),
            };
            match place.replace(entry) {
                None => Ok(()),
                Some(_) => Err(damaged(&name)), // Two: which one counts would depend on the reader.
            }
        })?;
        Ok(Ends {
            manifest: manifest.ok_or_else(|| Error::new("Malformed").with("what", "archive"))?,
            list: list.ok_or_else(|| damaged(layout::SUMS))?,
            state,
            total,
        })
    }
}

fn read_manifest<R: Read + Seek>(zip: &mut ZipReader<R>, entry: &Entry) -> Result<ArchiveAbout> {
    /// Read first: another version may have other members.
    #[derive(serde::Deserialize)]
    struct Version {
        kist_export: u64,
    }
    if entry.size > MAX_MANIFEST {
        return Err(damaged(layout::MANIFEST));
    }
    let mut bytes = Vec::new();
    zip.content(entry)?.read_to_end(&mut bytes)?;
    let no_manifest = |_| damaged(layout::MANIFEST);
    let Version { kist_export } = serde_json::from_slice(&bytes).map_err(no_manifest)?;
    if kist_export != u64::from(FORMAT) {
        return Err(Error::new("DowngradeRefused").with("found", kist_export));
    }
    serde_json::from_slice(&bytes).map_err(no_manifest)
}

/// The list of hashes: 41 bytes of memory for each entry.
struct List {
    /// Hash of the name under a key of this run, so that nobody can make two names meet; SHA-256 of the content. Sorted.
    rows: Vec<(u64, Digest)>,
    seen: Vec<bool>,
    hasher: RandomState,
}

impl List {
    fn read<R: Read + Seek>(zip: &mut ZipReader<R>, entry: &Entry) -> Result<(Self, Digest)> {
        let (most, hasher) = (zip.entries() as usize, RandomState::new());
        let (mut rows, mut digest) = (Vec::new(), Sha256Stream::new());
        each_line(zip.content(entry)?, |line, name, sum| {
            digest.update(line);
            if rows.len() == most {
                return Err(damaged(layout::SUMS)); // It lists more than there is.
            }
            rows.push((hasher.hash_one(name), sum));
            Ok(())
        })?;
        rows.sort_unstable();
        if rows.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(damaged(layout::SUMS));
        }
        let seen = vec![false; rows.len()];
        Ok((List { rows, seen, hasher }, digest.finish()))
    }

    fn find(&self, name: &str) -> Option<usize> {
        let hash = self.hasher.hash_one(name);
        self.rows.binary_search_by_key(&hash, |row| row.0).ok()
    }

    /// Adds what is listed and not there.
    fn name_missing<R: Read + Seek>(
        &self,
        zip: &mut ZipReader<R>,
        entry: &Entry,
        found: &mut Vec<ArchiveDamage>,
    ) -> Result<()> {
        each_line(zip.content(entry)?, |_, name, _| match self.find(name) {
            Some(row) if !self.seen[row] => note(found, name, "NotFound"),
            _ => Ok(()),
        })
    }
}

/// Visits the lines of a list: the line, the name in it, the hash.
fn each_line(content: impl Read, mut visit: impl FnMut(&[u8], &str, Digest) -> Result<()>) -> Result<()> {
    let (mut lines, mut line) = (BufReader::with_capacity(BUFFER, content), Vec::new());
    loop {
        line.clear();
        if lines.by_ref().take(MAX_LINE).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        let (name, sum) = parse_line(&line).ok_or_else(|| damaged(layout::SUMS))?;
        visit(&line, name, sum)?;
    }
}

fn parse_line(line: &[u8]) -> Option<(&str, Digest)> {
    let line = str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (sum, name) = line.split_once("  ")?;
    let sum: kist_vault::Digest = sum.parse().ok()?;
    Some((name, *sum.as_bytes()))
}

fn note(found: &mut Vec<ArchiveDamage>, name: &str, code: &str) -> Result<()> {
    if found.len() == MAX_DAMAGED {
        return Err(damaged(name));
    }
    found.push(ArchiveDamage {
        entry: name.to_owned(),
        code: code.to_owned(),
    });
    Ok(())
}

/// The looking through.
struct Check<'a> {
    list: &'a mut List,
    now_ms: i64,
    report: Report<'a>,
    done: u64,
    total: u64,
    damaged: Vec<ArchiveDamage>,
    passed_over: Vec<u64>,
    unlisted: u64,
}

impl Check<'_> {
    fn entry<R: Read + Seek>(&mut self, zip: &mut ZipReader<R>, number: u64, entry: &Entry) -> Result<()> {
        let Some(name) = &entry.name else {
            self.passed_over.push(number);
            return note(&mut self.damaged, "", "Malformed");
        };
        if name.ends_with('/') || [layout::MANIFEST, layout::SUMS, layout::STATE].contains(&name.as_str()) {
            self.passed_over.push(number);
            return Ok(());
        }
        let Some(row) = self.list.find(name) else {
            self.passed_over.push(number);
            self.unlisted += 1;
            return Ok(());
        };
        let is_second = std::mem::replace(&mut self.list.seen[row], true);
        let sound = match is_second {
            true => Err(damaged(name)),
            false => self.content(zip, name, entry, row),
        };
        match sound {
            Ok(()) => Ok(()),
            Err(error) if is_of_the_entry(&error) => {
                self.passed_over.push(number);
                note(&mut self.damaged, name, error.code())
            }
            Err(error) => Err(error),
        }
    }

    fn content<R: Read + Seek>(&mut self, zip: &mut ZipReader<R>, name: &str, entry: &Entry, row: usize) -> Result<()> {
        let expected = self.list.rows[row].1;
        let now_ms = self.now_ms;
        let mut content = Hashing {
            content: zip.content(entry)?,
            digest: Sha256Stream::new(),
        };
        let mut fits = Ok(());
        let sizes = match (layout::file_id(name), layout::thumbnail_id(name)) {
            (Some(_), _) => 0..=MAX_FILE,
            (_, Some(_)) => 1..=MAX_THUMBNAIL as u64,
            _ => 0..=u64::MAX,
        };
        if !sizes.contains(&entry.size) {
            return Err(Error::new("Malformed").with("what", "file"));
        }
        if name.starts_with(layout::RECORDS) {
            let id = layout::record_id(name);
            let list = &*self.list;
            let heading = record::read(&mut content, |heading, part| match part {
                Part::Marks(marks) => marks.iter().try_for_each(|mark| check_time(&mark.time, now_ms)),
                Part::Revision(revision) => check_revision(heading, *revision, now_ms, |entry| {
                    list.find(entry).map(|row| list.rows[row].1)
                }),
            });
            fits = heading.and_then(|heading| match id == Some(heading.id) {
                true => Ok(()),
                false => Err(Error::new("Malformed").with("what", "record")),
            });
        } else if name.starts_with(layout::CREDENTIALS) {
            fits = read_credential(&mut content, entry.size).map(drop);
        }
        // Damage before meaning: what the hash doesn't fit isn't what was written.
        let mut buffer = vec![0; BUFFER];
        loop {
            let count = content.read(&mut buffer)?;
            if count == 0 {
                break;
            }
            self.done = self.done.saturating_add(count as u64);
            if (self.report)(self.done.min(self.total), self.total.saturating_mul(2)).is_break() {
                return Err(Error::new("Cancelled"));
            }
        }
        match content.digest.finish() == expected {
            true => fits,
            false => Err(damaged(name)),
        }
    }
}

/// Whether an error is about one entry, and not about the disk or the caller.
fn is_of_the_entry(error: &Error) -> bool {
    !matches!(
        error.code(),
        "Cancelled" | "Storage" | "StorageFull" | "Internal" | "NotFound"
    )
}

/// Reads a credential.
pub(super) fn read_credential(content: &mut impl Read, size: u64) -> Result<Credential> {
    if size > MAX_CREDENTIAL {
        return Err(Error::new("TooLarge")
            .with("what", "credential")
            .with("limit", MAX_CREDENTIAL));
    }
    let mut compact = Vec::new();
    content.take(MAX_CREDENTIAL).read_to_end(&mut compact)?;
    let malformed = |_| Error::new("Malformed").with("what", "credential");
    Ok(Credential::parse(str::from_utf8(&compact).map_err(malformed)?)?)
}

/// That a revision is one that a vault could have written, not far in the future, with files that are as it says.
fn check_revision(
    heading: Heading,
    revision: RevisionEntry,
    now_ms: i64,
    digest: impl Fn(&str) -> Option<Digest>,
) -> Result<()> {
    let malformed = || Error::new("Malformed").with("what", "record");
    check_time(&revision.time, now_ms)?;
    if heading.created_ms > now_ms.saturating_add(MAX_AHEAD) {
        return Err(malformed());
    }
    for file in &revision.files {
        let Some(about) = &file.about else { continue };
        let is_that = digest(&about.entry).is_none_or(|digest| digest == *about.sha256.as_bytes());
        let mut meta = about.meta();
        if let Some(thumbnail) = &about.thumbnail {
            check_time(&thumbnail.time, now_ms)?;
            meta.thumbnail = Some(Thumbnail {
                media_type: thumbnail.media_type.clone(),
                bytes: vec![0], // Its size is looked at where its entry is.
            });
        }
        meta.check()?;
        if !is_that {
            return Err(malformed());
        }
    }
    revision.into_revision(heading.id, heading.created_ms).checked_body()?;
    Ok(())
}

fn check_time(time: &HybridTime, now_ms: i64) -> Result<()> {
    match time.wall_ms() <= now_ms.saturating_add(MAX_AHEAD) {
        true => Ok(()),
        false => Err(Error::new("Malformed").with("what", "record")),
    }
}

/// Content, hashed as it is read.
struct Hashing<'a, R> {
    content: EntryReader<'a, R>,
    digest: Sha256Stream,
}

impl<R: Read> Read for Hashing<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.content.read(out)?;
        self.digest.update(&out[..count]);
        Ok(count)
    }
}
