//! The archive that a person leaves with: a zip file of anybody's making.

use std::io::Cursor;
use std::ops::ControlFlow;

use kist_crypto::sha256;

const NOW_MS: i64 = 1_795_435_200_000;
const RECORD: &str = r#"{
  "kist_record": 1,
  "id": "019d2d47-2c00-7000-8000-000000000001",
  "title": "Letter",
  "created_ms": 1793491200000,
  "marks": [{"kind":"note","value":"keep","time":"000001a19400000000000000000000000000000b"}],
  "revisions": [
{"revision": 1, "time": "000001a19400000000000000000000000000000a", "written_at": "", "parents": [],
 "schema": "urn:kist:schema:document:1", "area": "home", "tags": ["a"],
 "provenance": {"source": {"kind": "imported", "from": "file"}, "verification": {"kind": "none"}, "collected_ms": 1},
 "body": {"title": "Letter", "deep": [[[{"a": 1e300}]]]},
 "files": [{"id": "019d2d47-2c00-7000-8000-000000000002", "name": "a.txt", "media_type": "text/plain", "size": 1,
   "sha256": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", "created_ms": 1,
   "entry": "files/a-019d2d47-2c00-7000-8000-000000000002.txt"}]}
]}"#;

/// An archive whose entries are stored as they are, so that a mutation of the file is one of an entry too; and one
/// without a directory that can be found.
pub(crate) fn seeds() -> Vec<Vec<u8>> {
    let content = [
        ("records/home/Letter-019d2d47-2c00-7000-8000-000000000001.json", RECORD),
        ("files/a-019d2d47-2c00-7000-8000-000000000002.txt", "a"),
        ("credentials/x.sd-jwt", "eyJhbGciOiJFUzI1NiJ9.e30.AA~"),
    ];
    let hex = |text: &str| -> String {
        let digest = sha256(&[text.as_bytes()]);
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let list: String = content
        .iter()
        .map(|(name, text)| format!("{}  {name}\n", hex(text)))
        .collect();
    let manifest = serde_json::json!({
        "kist_export": 2, "made_at": 1, "sums": hex(&list), "sealed_state": false,
        "contains": { "records": 1, "files": 1, "credentials": 1, "agreements": 0, "history": 0 },
    })
    .to_string();
    let mut entries = content.to_vec();
    entries.extend([("SHA256SUMS", list.as_str()), ("kist-export.json", manifest.as_str())]);
    let whole = zip(&entries);
    let seen = review(&whole).unwrap();
    assert_eq!(
        seen.damaged.len(),
        1,
        "all but the credential is sound: {:?}",
        seen.damaged
    );
    let cut = whole[..whole.len() - 30].to_vec();
    vec![whole, cut]
}

pub(crate) fn archive(bytes: &[u8]) {
    let _ = review(bytes);
}

fn review(bytes: &[u8]) -> kist_pds::Result<kist_pds::ArchiveReview> {
    kist_pds::review_archive(Cursor::new(bytes), NOW_MS, &mut |_, _| ControlFlow::Continue(()))
}

/// A zip file (PKWARE APPNOTE) of stored entries.
fn zip(entries: &[(&str, &str)]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in entries {
        let (start, size) = (file.len() as u32, (text.len() as u32).to_le_bytes());
        let mut common = vec![20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0]; // Version 2.0, UTF-8, stored, 1980-01-01.
        common.extend(crc_32(text.as_bytes()).to_le_bytes());
        common.extend([size, size].concat());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        file.extend(b"PK\x03\x04");
        file.extend(&common);
        file.extend(name.as_bytes());
        file.extend(text.as_bytes());
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(common);
        directory.extend([0; 10]);
        directory.extend(start.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let (count, start, size) = (entries.len() as u16, file.len() as u32, directory.len() as u32);
    file.extend(directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    file.extend([size.to_le_bytes(), start.to_le_bytes()].concat());
    file.extend([0, 0]);
    file
}

fn crc_32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}
