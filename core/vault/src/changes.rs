//! Changes: what one vault wrote, as another can take it in. They carry everything but the chunks of files.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

use crate::error::Rule;
use crate::record::{LifeArea, MAX_BODY, MAX_LABELS, MAX_NAME, Provenance};
use crate::schema::Violation;
use crate::{Error, FileId, HybridTime, Manifest, Mark, RecordId, Result};

/// The version that an encoded change begins with.
const VERSION: u8 = 1;
/// The largest encoded change that is read, in bytes: far more than the largest file, body or kept item takes.
pub const MAX_CHANGE: usize = 24 << 20;
/// The largest kept value, in bytes.
pub const MAX_KEPT: usize = 4 << 20;

/// One change of a vault. Taking in the same change twice, or changes in another order, ends in the same content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Change {
    /// A record got a revision.
    Revision(Box<Revision>),
    /// A record was deleted. This is final: revisions written elsewhere meanwhile go too.
    Deleted {
        /// The record.
        id: RecordId,
        /// When.
        time: HybridTime,
    },
    /// An item was kept.
    Kept {
        /// Its collection.
        collection: String,
        /// Its key in the collection.
        key: String,
        /// The value, which this room does not read.
        #[serde(with = "byte_string")]
        value: Vec<u8>,
        /// When.
        time: HybridTime,
    },
    /// An item was forgotten.
    Forgotten {
        /// Its collection.
        collection: String,
        /// Its key in the collection.
        key: String,
        /// When.
        time: HybridTime,
    },
    /// A file was attached to a record, or its thumbnail set.
    File(Manifest),
    /// The person marked a record, or took a mark back.
    Mark(Box<Mark>),
    /// A change of a kind that this build does not know. It is kept, and a later build that knows it takes it in.
    #[serde(skip)]
    Unknown(UnknownChange),
}

/// The kinds that this build knows, as they are named in an encoded change.
const KNOWN: [&str; 6] = ["Revision", "Deleted", "Kept", "Forgotten", "File", "Mark"];

/// A change of a kind that this build does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownChange {
    /// The member `id` of the change: where it is about a record, that record.
    pub record: Option<RecordId>,
    /// The whole encoded change.
    pub encoded: Vec<u8>,
}

/// A revision of a record as it travels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Revision {
    /// The record.
    pub id: RecordId,
    /// When the record was first put: milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// Counts from 1 along the chain.
    pub revision: u32,
    /// When this revision was written.
    pub time: HybridTime,
    /// The revisions that it was made from.
    pub parents: Vec<HybridTime>,
    /// The schema's URI.
    pub schema: String,
    /// The part of life.
    pub area: LifeArea,
    /// The person's labels.
    pub tags: Vec<String>,
    /// Where it came from.
    pub provenance: Provenance,
    /// The body: the text of a JSON object.
    pub body: String,
    /// The files, in order.
    pub files: Vec<FileId>,
    /// Where members come from that have another source than the revision, by their JSON pointers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub origins: BTreeMap<String, Provenance>,
}

/// Changes in the order in which they were written.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangeSet {
    /// The changes.
    pub changes: Vec<Change>,
    /// The position of the last of them: where to go on.
    pub upto: u64,
    /// There are later ones.
    pub more: bool,
}

impl Change {
    /// `1 ‖ CBOR` (RFC 8949; docs/formats/vault.md).
    pub fn encode(&self) -> Vec<u8> {
        if let Change::Unknown(unknown) = self {
            return unknown.encoded.clone();
        }
        let mut bytes = Vec::with_capacity(self.approximate_size());
        bytes.push(VERSION);
        #[allow(clippy::expect_used)]
        ciborium::into_writer(self, &mut bytes).expect("writing to memory, with keys that are text, does not fail");
        bytes
    }

    /// Reads what [`Change::encode`] made. A kind that is not known is [`Change::Unknown`]: later builds can add kinds,
    /// and change the version where an older build must not go on without them.
    ///
    /// Errors: `TooLarge` above [`MAX_CHANGE`], `UnsupportedVersion`, `Malformed`.
    pub fn decode(bytes: &[u8]) -> Result<Self> {
        if bytes.len() > MAX_CHANGE {
            return Err(Error::TooLarge {
                what: "change",
                limit: MAX_CHANGE,
            });
        }
        let malformed = Error::Malformed { what: "change" };
        let (&version, mut cbor) = bytes.split_first().ok_or(malformed.clone())?;
        if version != VERSION {
            return Err(Error::UnsupportedVersion { found: version.into() });
        }
        let begin = cbor;
        let change = match ciborium::from_reader(&mut cbor) {
            Ok(change) => change,
            Err(_) => {
                cbor = begin;
                let About { record } = ciborium::from_reader(&mut cbor).map_err(|_| malformed.clone())?;
                Change::Unknown(UnknownChange {
                    record,
                    encoded: bytes.to_vec(),
                })
            }
        };
        if cbor.is_empty() { Ok(change) } else { Err(malformed) }
    }

    /// About how many bytes the encoding has; never far below.
    pub(crate) fn approximate_size(&self) -> usize {
        match self {
            Change::Revision(revision) => revision.approximate_size(),
            Change::Deleted { .. } => 64,
            Change::Kept {
                collection, key, value, ..
            } => 80 + collection.len() + key.len() + value.len(),
            Change::Forgotten { collection, key, .. } => 80 + collection.len() + key.len(),
            Change::File(file) => file.approximate_size(),
            Change::Unknown(unknown) => unknown.encoded.len(),
            Change::Mark(mark) => {
                160 + mark.kind.len() + mark.subject.len() + mark.value.as_ref().map_or(0, String::len)
            }
        }
    }
}

/// What can be read of a change of a kind that is not known: `{kind: {"id": record, …}}`.
struct About {
    record: Option<RecordId>,
}

impl<'de> Deserialize<'de> for About {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AboutVisitor)
    }
}

struct AboutVisitor;

impl<'de> de::Visitor<'de> for AboutVisitor {
    type Value = About;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map with one entry, of a kind that is not known")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<About, A::Error> {
        #[derive(Deserialize)]
        struct Content {
            #[serde(default)]
            id: Option<RecordId>,
        }
        let kind: String = map.next_key()?.ok_or_else(|| de::Error::invalid_length(0, &self))?;
        if KNOWN.contains(&&*kind) {
            return Err(de::Error::unknown_variant(&kind, &[]));
        }
        let content: Content = map.next_value()?;
        if map.next_key::<de::IgnoredAny>()?.is_some() {
            return Err(de::Error::invalid_length(2, &self));
        }
        Ok(About { record: content.id })
    }
}

impl Revision {
    fn approximate_size(&self) -> usize {
        let lists = 20 * self.parents.len()
            + 300 * self.origins.len()
            + 17 * self.files.len()
            + self.tags.iter().map(|t| t.len() + 3).sum::<usize>();
        512 + lists + self.schema.len() + self.area.as_str().len() + self.body.len()
    }

    /// The body of a revision that came from elsewhere, checked as [`crate::Vault::apply`] does. It may be of a newer
    /// schema than this build's, so it is not validated, only known to be an object.
    ///
    /// Errors: `Malformed`, `TooLarge` for what no vault wrote.
    pub fn checked_body(&self) -> Result<Value> {
        self.check()?;
        let Ok(body @ Value::Object(_)) = serde_json::from_str(&self.body) else {
            return Err(Error::Malformed { what: "revision" });
        };
        self.check_record(&body)?;
        Ok(body)
    }

    /// Refuses what is no record: a body that is no object or too large, names that are empty or too long.
    pub(crate) fn check_record(&self, body: &Value) -> Result<()> {
        if !body.is_object() {
            let violation = Violation {
                field: String::new(),
                rule: Rule::Type,
            };
            return Err(Error::RecordInvalid {
                violations: vec![violation],
            });
        }
        for (what, count) in [
            ("tags", self.tags.len()),
            ("files of a record", self.files.len()),
            ("origins", self.origins.len()),
        ] {
            if count > MAX_LABELS {
                return Err(Error::TooLarge {
                    what,
                    limit: MAX_LABELS,
                });
            }
        }
        let names = [("schema", self.schema.as_str()), ("area", self.area.as_str())];
        for (what, name) in names
            .into_iter()
            .chain(self.tags.iter().map(|tag| ("tag", tag.as_str())))
        {
            if name.len() > MAX_NAME {
                return Err(Error::TooLarge { what, limit: MAX_NAME });
            }
            if name.is_empty() {
                return Err(Error::Malformed { what });
            }
        }
        Ok(())
    }

    /// Refuses what no vault wrote.
    fn check(&self) -> Result<()> {
        if self.body.len() > MAX_BODY {
            return Err(Error::TooLarge {
                what: "body",
                limit: MAX_BODY,
            });
        }
        if self.parents.len() > MAX_PARENTS || self.parents.iter().any(|parent| *parent >= self.time) {
            return Err(Error::Malformed { what: "revision" });
        }
        Ok(())
    }
}

/// The most revisions that one revision can settle: as many devices can have written at once.
pub(crate) const MAX_PARENTS: usize = 256;

/// Byte strings of any length, which serde would make arrays of numbers.
pub(crate) mod byte_string {
    use std::fmt;

    use serde::{Deserializer, Serializer, de};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        deserializer.deserialize_byte_buf(ByteString)
    }

    struct ByteString;

    impl de::Visitor<'_> for ByteString {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a byte string")
        }

        fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
            Ok(bytes)
        }

        fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_vec())
        }
    }
}
