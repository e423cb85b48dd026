//! What kind of file it is, by its first bytes: for the usual kinds of papers, pictures and recordings.
//!
//! What has a signature is known by it alone, whatever its name says. The name only tells kinds of text, of ZIP and of
//! old Office files from each other. docs/formats/vault.md has the table.

/// What nothing is known of.
pub(super) const UNKNOWN: &str = "application/octet-stream";
const ZIP: &str = "application/zip";
const OLE: &str = "application/x-ole-storage";
const TEXT: &str = "text/plain";
/// How far into a ZIP file the names of its first members are looked for, in bytes.
const ZIP_HEAD: usize = 4 << 10;
/// How much of a file has to be text for it to be text, in bytes.
const TEXT_HEAD: usize = 4 << 10;

/// Files that begin with these bytes, at an offset.
const SIGNATURES: [(usize, &[u8], &str); 21] = [
    (0, b"%PDF-", "application/pdf"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"II*\0", "image/tiff"),
    (0, b"MM\0*", "image/tiff"),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"),
    (128, b"DICM", "application/dicom"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"OggS", "audio/ogg"),
    (0, b"#!AMR", "audio/amr"),
    (0, b"PK\x03\x04", ZIP),
    (0, b"PK\x05\x06", ZIP), // An empty one.
    (0, b"\x1f\x8b\x08", "application/gzip"),
    (0, b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLE),
    (0, b"SQLite format 3\0", "application/vnd.sqlite3"),
    (0, b"wOF2", "font/woff2"),
];

/// Brands of the ISO base media format (ISO/IEC 14496-12), which stand at offset 8 after `ftyp`.
const BRANDS: [(&[u8], &str); 13] = [
    (b"heic", "image/heic"),
    (b"heix", "image/heic"),
    (b"heim", "image/heic"),
    (b"heis", "image/heic"),
    (b"hevc", "image/heic-sequence"),
    (b"mif1", "image/heif"),
    (b"msf1", "image/heif-sequence"),
    (b"avif", "image/avif"),
    (b"qt  ", "video/quicktime"),
    (b"M4A ", "audio/mp4"),
    (b"M4B ", "audio/mp4"),
    (b"3gp", "video/3gpp"),
    (b"3g2", "video/3gpp2"),
];

/// Kinds of ZIP file: the name that a member's begins with, the extension, the type.
const IN_ZIP: [(&[u8], &str, &str); 3] = [
    (
        b"word/",
        "docx",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    (
        b"xl/",
        "xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    (
        b"ppt/",
        "pptx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ),
];

/// Types that a ZIP file names itself, in a first member `mimetype` (OpenDocument, EPUB).
const NAMED_IN_ZIP: [&str; 4] = [
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
    "application/epub+zip",
];

/// Old Office files, by extension.
const OLD_OFFICE: [(&str, &str); 4] = [
    ("doc", "application/msword"),
    ("xls", "application/vnd.ms-excel"),
    ("ppt", "application/vnd.ms-powerpoint"),
    ("msg", "application/vnd.ms-outlook"),
];

/// Kinds of text, by what they begin with, letters of either case.
const TEXT_BEGINNINGS: [(&[u8], &str); 6] = [
    (b"begin:vcard", "text/vcard"),
    (b"begin:vcalendar", "text/calendar"),
    (b"<!doctype html", "text/html"),
    (b"<html", "text/html"),
    (b"<svg", "image/svg+xml"),
    (b"<?xml", "application/xml"),
];

/// Kinds of text, by extension.
const TEXT_EXTENSIONS: [(&str, &str); 13] = [
    ("txt", TEXT),
    ("html", "text/html"),
    ("htm", "text/html"),
    ("csv", "text/csv"),
    ("tsv", "text/tab-separated-values"),
    ("json", "application/json"),
    ("xml", "application/xml"),
    ("svg", "image/svg+xml"),
    ("md", "text/markdown"),
    ("vcf", "text/vcard"),
    ("ics", "text/calendar"),
    ("eml", "message/rfc822"),
    ("css", "text/css"),
];

/// The media type (RFC 6838) of a file with this name that begins with these bytes; `application/octet-stream` where
/// nothing is known of it. At least 4 KiB of the file, or all of it, are enough.
pub fn detect(name: &str, head: &[u8]) -> &'static str {
    let extension = name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase())
        .unwrap_or_default();
    match by_signature(head) {
        Some(ZIP) => in_zip(&extension, head),
        Some(OLE) => by_extension(&OLD_OFFICE, &extension).unwrap_or(OLE),
        Some(found) => found,
        None => text(&extension, head).unwrap_or(UNKNOWN),
    }
}

fn by_signature(head: &[u8]) -> Option<&'static str> {
    let at = |offset: usize, bytes: &[u8]| head.get(offset..).is_some_and(|rest| rest.starts_with(bytes));
    if at(4, b"ftyp") {
        let brand = BRANDS.iter().find(|(brand, _)| at(8, brand));
        return Some(brand.map_or("video/mp4", |(_, found)| found));
    }
    if at(0, b"RIFF") {
        let forms: [(&[u8], _); 3] = [
            (b"WEBP", "image/webp"),
            (b"WAVE", "audio/wav"),
            (b"AVI ", "video/x-msvideo"),
        ];
        return forms.iter().find(|(form, _)| at(8, form)).map(|(_, found)| *found);
    }
    if at(0, b"\x1a\x45\xdf\xa3") {
        let is_webm = contains(head.get(..64).unwrap_or(head), b"webm");
        return Some(if is_webm { "video/webm" } else { "video/x-matroska" });
    }
    let found = SIGNATURES.iter().find(|(offset, bytes, _)| at(*offset, bytes));
    found.map(|(_, _, found)| *found)
}

fn in_zip(extension: &str, head: &[u8]) -> &'static str {
    /// Where a member's name begins after its header (APPNOTE.TXT, 4.3.7).
    const NAME: usize = 30;
    let head = head.get(..ZIP_HEAD).unwrap_or(head);
    if let Some(named) = head.get(NAME..).and_then(|rest| rest.strip_prefix(b"mimetype")) {
        let known = NAMED_IN_ZIP.iter().find(|found| named.starts_with(found.as_bytes()));
        return known.copied().unwrap_or(ZIP);
    }
    let is_office = contains(head, b"[Content_Types].xml");
    let by_member = IN_ZIP.iter().find(|(member, ..)| is_office && contains(head, member));
    let by_name = IN_ZIP.iter().find(|(_, known, _)| *known == extension);
    by_member.or(by_name).map_or(ZIP, |(.., found)| found)
}

fn text(extension: &str, head: &[u8]) -> Option<&'static str> {
    let head = head.get(..TEXT_HEAD).unwrap_or(head);
    let by_name = by_extension(&TEXT_EXTENSIONS, extension);
    if head.is_empty() {
        return by_name;
    }
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return by_name; // UTF-16, where the name says that it is text.
    }
    let is_control = |byte: &u8| *byte < b' ' && !matches!(*byte, b'\t' | b'\n' | b'\r' | 0x0c) || *byte == 0x7f;
    if head.iter().any(is_control) {
        return None;
    }
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(), // The last character goes on after the head.
    };
    // Text in an older encoding is taken for text where its name says so.
    by_beginning(head).or(by_name).or(is_utf8.then_some(TEXT))
}

fn by_beginning(head: &[u8]) -> Option<&'static str> {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    let begins = |bytes: &[u8]| head.get(..bytes.len()).is_some_and(|it| it.eq_ignore_ascii_case(bytes));
    match TEXT_BEGINNINGS.iter().find(|(bytes, _)| begins(bytes)) {
        Some((_, "application/xml")) if contains(head, b"<svg") => Some("image/svg+xml"),
        found => found.map(|(_, found)| *found),
    }
}

fn by_extension(table: &[(&str, &'static str)], extension: &str) -> Option<&'static str> {
    let found = table.iter().find(|(known, _)| *known == extension);
    found.map(|(_, found)| *found)
}

fn contains(bytes: &[u8], sought: &[u8]) -> bool {
    bytes.windows(sought.len()).any(|window| window == sought)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn usual_files_are_known_by_their_first_bytes_whatever_their_name() {
        let zip = |member: &str| [b"PK\x03\x04".as_slice(), &[0; 26], member.as_bytes()].concat();
        let ftyp = |brand: &str| [b"\0\0\0\x18ftyp".as_slice(), brand.as_bytes(), b"\0\0\0\0"].concat();
        let dicom = [&[0; 128][..], b"DICM"].concat();
        for (head, expected) in [
            (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3".to_vec(), "application/pdf"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF".to_vec(), "image/jpeg"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "image/png"),
            (b"GIF89a\x01".to_vec(), "image/gif"),
            (b"RIFF\x24\0\0\0WEBPVP8 ".to_vec(), "image/webp"),
            (b"RIFF\x24\0\0\0WAVEfmt ".to_vec(), "audio/wav"),
            (b"RIFF\x24\0\0\0what".to_vec(), UNKNOWN),
            (ftyp("heic"), "image/heic"),
            (ftyp("mif1"), "image/heif"),
            (ftyp("isom"), "video/mp4"),
            (ftyp("mp42"), "video/mp4"),
            (ftyp("qt  "), "video/quicktime"),
            (ftyp("3gp4"), "video/3gpp"),
            (ftyp("M4A "), "audio/mp4"),
            (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm".to_vec(), "video/webm"),
            (dicom, "application/dicom"),
            (zip("photos/a.jpg"), ZIP),
            (zip("[Content_Types].xmlPK\x03\x04word/document.xml"), IN_ZIP[0].2),
            (zip("[Content_Types].xmlPK\x03\x04xl/workbook.xml"), IN_ZIP[1].2),
            (
                zip("mimetypeapplication/vnd.oasis.opendocument.textPK"),
                NAMED_IN_ZIP[0],
            ),
            (zip("mimetypeapplication/epub+zipPK"), NAMED_IN_ZIP[3]),
            (b"Dear Ms Moreau,\r\n\tthank you.".to_vec(), "text/plain"),
            ("Übermorgen".as_bytes()[..1].to_vec(), "text/plain"),
            (b"\xef\xbb\xbfBEGIN:VCARD\r\n".to_vec(), "text/vcard"),
            (b"begin:vcalendar\r\n".to_vec(), "text/calendar"),
            (b"\n<!DOCTYPE html><html>".to_vec(), "text/html"),
            (b"<?xml version=\"1.0\"?><svg/>".to_vec(), "image/svg+xml"),
            (b"\x01\x02\x03".to_vec(), UNKNOWN),
            (Vec::new(), UNKNOWN),
        ] {
            for name in ["f", "f.exe", "f.jpg", "f.pdf"] {
                assert_eq!(detect(name, &head), expected, "{name}");
            }
        }
    }

    #[test]
    fn names_tell_kinds_of_text_of_zip_and_of_old_office_files_apart() {
        let old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0";
        for (name, head, expected) in [
            ("bills.CSV", b"date,amount\n".as_slice(), "text/csv"),
            ("data.json", b"{}", "application/json"),
            ("empty.txt", b"", "text/plain"),
            ("old.txt", b"gr\xfc\xdfe", "text/plain"),
            ("old.jpg", b"gr\xfc\xdfe", UNKNOWN),
            ("letter.docx", b"PK\x03\x04", IN_ZIP[0].2),
            ("letter.doc", old, "application/msword"),
            ("letter", old, OLE),
        ] {
            assert_eq!(detect(name, head), expected, "{name}");
        }
    }

    proptest! {
        #[test]
        fn a31_any_bytes_under_any_name_have_a_type(name: String, head: Vec<u8>, signature in 0..SIGNATURES.len()) {
            prop_assert!(detect(&name, &head).contains('/'));
            let (offset, bytes, _) = SIGNATURES[signature];
            let head = [&vec![0; offset], bytes, &head].concat();
            prop_assert!(detect(&name, &head) != UNKNOWN);
        }
    }
}
