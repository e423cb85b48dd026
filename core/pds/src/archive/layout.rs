//! Where things stand in an archive: names that every file system takes, and that carry the id.

use kist_vault::{FileId, LifeArea, RecordId};

/// What the archive says of itself.
pub(super) const MANIFEST: &str = "kist-export.json";
/// The SHA-256 of every entry but the manifest and the sealed state, for `sha256sum`.
pub(super) const SUMS: &str = "SHA256SUMS";
/// What only a Kist can use, sealed.
pub(super) const STATE: &str = "kist/state.sealed";
/// The page to read everything from.
pub(super) const INDEX: &str = "index.html";
pub(super) const HISTORY: &str = "history.json";
pub(super) const RECORDS: &str = "records/";
pub(super) const FILES: &str = "files/";
pub(super) const THUMBNAILS: &str = "thumbnails/";
pub(super) const CREDENTIALS: &str = "credentials/";
/// How many characters of a title or a file's name an entry's name has, at most.
const MAX_STEM: usize = 60;
/// Characters of an id: a UUID.
const ID: usize = 36;

/// A record's entry.
pub(super) fn record(area: &LifeArea, title: &str, id: &RecordId) -> String {
    format!("{RECORDS}{}/{}-{id}.json", folder(area), stem(title, "record"))
}

/// A file's entry: its name with the id before the ending, so that a double click still opens it.
pub(super) fn file(name: &str, id: &FileId) -> String {
    let (name, ending) = match name.rsplit_once('.') {
        Some((name, ending)) if is_ending(ending) => (name, format!(".{ending}")),
        _ => (name, String::new()),
    };
    format!("{FILES}{}-{id}{ending}", stem(name, "file"))
}

/// The entry of a file's small picture.
pub(super) fn thumbnail(media_type: &str, id: &FileId) -> String {
    let ending = media_type.strip_prefix("image/").filter(|ending| is_ending(ending));
    format!("{THUMBNAILS}{id}.{}", ending.unwrap_or("bin"))
}

/// The page of a life area.
pub(super) fn area_page(area: &LifeArea) -> String {
    format!("areas/{}.html", folder(area))
}

pub(super) fn credential(key: &str) -> String {
    format!("{CREDENTIALS}{}.sd-jwt", clean(key))
}

pub(super) fn agreement(id: &str) -> String {
    format!("agreements/{}.json", clean(id))
}

pub(super) fn receipt(id: &str) -> String {
    format!("receipts/{}.jsonld", clean(id))
}

/// The record that an entry is, by its name.
pub(super) fn record_id(name: &str) -> Option<RecordId> {
    id_of(name.strip_prefix(RECORDS)?.strip_suffix(".json")?)
}

/// The file that an entry is, by its name.
pub(super) fn file_id(name: &str) -> Option<FileId> {
    file_in(name.strip_prefix(FILES)?)
}

/// The file whose small picture an entry is, by its name.
pub(super) fn thumbnail_id(name: &str) -> Option<FileId> {
    file_in(name.strip_prefix(THUMBNAILS)?)
}

fn file_in(name: &str) -> Option<FileId> {
    match name.rsplit_once('.') {
        Some((stem, ending)) if is_ending(ending) => id_of(stem),
        _ => id_of(name),
    }
}

/// The key that a credential is kept by, from its entry's name.
pub(super) fn credential_key(name: &str) -> Option<&str> {
    name.strip_prefix(CREDENTIALS)?.strip_suffix(".sd-jwt")
}

/// What an error may say of an entry: an id, or a name that every archive has. Titles and names of files are personal.
pub(super) fn public_name(name: &str) -> String {
    match (record_id(name), file_id(name).or(thumbnail_id(name))) {
        (Some(id), _) => id.to_string(),
        (_, Some(id)) => id.to_string(),
        _ if [MANIFEST, SUMS, STATE, INDEX, HISTORY].contains(&name) => name.to_owned(),
        _ => name
            .split('/')
            .next()
            .filter(|first| FOLDERS.contains(first))
            .unwrap_or("entry")
            .to_owned(),
    }
}

const FOLDERS: [&str; 7] = [
    "records",
    "files",
    "thumbnails",
    "areas",
    "credentials",
    "agreements",
    "receipts",
];

fn id_of<T: std::str::FromStr>(stem: &str) -> Option<T> {
    stem.get(stem.len().checked_sub(ID)?..)?.parse().ok()
}

fn is_ending(ending: &str) -> bool {
    (1..=10).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn folder(area: &LifeArea) -> String {
    // A folder that Windows takes: no device's name stands alone, and two areas never share a page by their case alone.
    let name = stem(area.as_str(), LifeArea::OTHER).to_lowercase();
    let is_plain = name == area.as_str() && !is_device(&name);
    if is_plain {
        name
    } else {
        format!("{name}-{:08x}", short_hash(area.as_str()))
    }
}

/// Names of devices on Windows, whatever their ending.
fn is_device(name: &str) -> bool {
    let digit = |rest: &str| matches!(rest.as_bytes(), [b'0'..=b'9']);
    matches!(name, "con" | "prn" | "aux" | "nul")
        || name.strip_prefix("com").or(name.strip_prefix("lpt")).is_some_and(digit)
}

fn short_hash(text: &str) -> u32 {
    let [a, b, c, d, ..] = kist_crypto::sha256(&[text.as_bytes()]);
    u32::from_be_bytes([a, b, c, d])
}

/// The beginning of a title or a name, as every file system takes it; `instead` where nothing is left.
fn stem(text: &str, instead: &str) -> String {
    let clean = clean(&text.chars().take(MAX_STEM).collect::<String>());
    let clean = clean.trim_matches(|symbol| matches!(symbol, '.' | ' ' | '-'));
    if clean.is_empty() {
        instead.to_owned()
    } else {
        clean.to_owned()
    }
}

/// Without what Windows, macOS or a terminal reads as something else than a letter.
fn clean(text: &str) -> String {
    let is_odd = |symbol: char| {
        symbol.is_control()
            || matches!(symbol, '<' | '>' | ':' | '"' | '/' | '\\' | '|' | '?' | '*' | '\u{feff}')
            // Invisible, or turning the direction of what follows.
            || matches!(symbol, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    text.chars()
        .map(|symbol| if is_odd(symbol) { '_' } else { symbol })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0192d2f0-7c1a-7000-8000-000000000001";

    #[test]
    fn d7_a_name_that_no_file_system_would_take_becomes_one_that_all_do_and_gives_its_id_back() {
        let id: FileId = ID.parse().unwrap_or_else(|_| unreachable!());
        for (name, entry) in [
            ("letter.pdf", format!("files/letter-{ID}.pdf")),
            ("../../etc/passwd", format!("files/_.._etc_passwd-{ID}")),
            ("C:\\CON", format!("files/C__CON-{ID}")),
            ("evil\u{202e}fdp.exe", format!("files/evil_fdp-{ID}.exe")),
            ("…", format!("files/…-{ID}")),
            (" . ", format!("files/file-{ID}")),
            ("archive.tar.gz", format!("files/archive.tar-{ID}.gz")),
            ("what is this. Or that", format!("files/what is this. Or that-{ID}")),
        ] {
            assert_eq!(file(name, &id), entry);
            assert_eq!(file_id(&entry), Some(id));
        }
        let record_of: RecordId = ID.parse().unwrap_or_else(|_| unreachable!());
        let entry = record(&LifeArea::new("Health"), "a/b", &record_of);
        assert!(entry.starts_with("records/health-") && entry.ends_with(&format!("/a_b-{ID}.json")));
        assert_eq!(record_id(&entry), Some(record_of));
        assert!(area_page(&LifeArea::new("nul")).starts_with("areas/nul-"));
        assert_eq!(area_page(&LifeArea::new("health")), "areas/health.html");
    }
}
