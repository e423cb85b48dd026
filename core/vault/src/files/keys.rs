//! What names and seals chunks: the keys of the current root key, and those of earlier ones, which go on opening what
//! they sealed. docs/adr/0018-chunks-keep-their-keys.md says why.

use kist_crypto::{Context, CryptoRng, MacKey, Purpose, RootKey, SealingKey, Secret, SecretBytes};
use rusqlite::Connection;

use crate::{ChunkId, Error, Result, Transaction, kept};

/// The collection of earlier keys: like every kept item they reach the person's other devices, sealed.
pub(crate) const EARLIER: &str = "vault/chunk-keys";
/// The format of an earlier key: this byte, the file key, the chunk-id key.
const VERSION: u8 = 1;
const ENCODED: usize = 1 + 32 + 32;

/// The keys of every root key that this store has had.
#[derive(Clone)]
pub(crate) struct ChunkKeys {
    current: Generation,
    boundaries: u64,
    /// Those before it, the newest first.
    earlier: Vec<Generation>,
    /// How many items they were read from.
    items: usize,
}

/// The keys that one root key gives.
#[derive(Clone)]
struct Generation {
    number: u32,
    file: Secret<32>,
    chunk_id: Secret<32>,
}

impl ChunkKeys {
    /// The keys of a store's current root key, and those that the store keeps of earlier ones.
    pub(crate) fn load(root: &RootKey, connection: &Connection) -> Result<Self> {
        let mut keys = ChunkKeys {
            current: Generation {
                number: root.generation(),
                file: root.derive(Purpose::File),
                chunk_id: root.derive(Purpose::ChunkId),
            },
            boundaries: root.chunk_boundary_seed(),
            earlier: Vec::new(),
            items: 0,
        };
        keys.read_earlier(connection)?;
        Ok(keys)
    }

    /// The same with the earlier keys that came from another device since, or `None` where none came.
    pub(crate) fn renewed(&self, connection: &Connection) -> Result<Option<Self>> {
        if kept::count(connection, EARLIER)? == self.items {
            return Ok(None);
        }
        let mut keys = self.clone();
        keys.read_earlier(connection)?;
        Ok(Some(keys))
    }

    fn read_earlier(&mut self, connection: &Connection) -> Result<()> {
        let items: Vec<(String, SecretBytes)> = kept::all(connection, EARLIER)?
            .into_iter()
            .map(|(key, value)| (key, SecretBytes::new(value)))
            .collect();
        self.items = items.len();
        // What a later build keeps opens nothing here. The current key is among them while it is being replaced.
        self.earlier = items
            .iter()
            .rev()
            .filter_map(|(key, value)| Generation::decode(key, value.expose()))
            .filter(|earlier| earlier.number != self.current.number)
            .collect();
        Ok(())
    }

    /// The generation of the current root key.
    pub(crate) fn generation(&self) -> u32 {
        self.current.number
    }

    /// Whether the current keys are those of this root key.
    pub(crate) fn are_of(&self, root: &RootKey) -> bool {
        self.current.number == root.generation() && self.current.file == root.derive(Purpose::File)
    }

    /// Keeps the current keys, for when they will be earlier ones. A second time it changes nothing.
    pub(crate) fn keep_current(&self, changes: &Transaction<'_>) -> Result<()> {
        let (key, value) = self.current.encode();
        let kept = changes.kept(EARLIER, &key)?.map(SecretBytes::new);
        if kept.is_some_and(|kept| kept.expose() == value.expose()) {
            return Ok(());
        }
        changes.keep(EARLIER, &key, value.expose())
    }

    /// The seed of the boundaries at which files are cut.
    pub(super) fn boundaries(&self) -> u64 {
        self.boundaries
    }

    /// The name of a chunk that is written now.
    pub(super) fn id(&self, plain: &[u8]) -> ChunkId {
        self.current.id(plain)
    }

    pub(super) fn seal<R: CryptoRng + ?Sized>(&self, id: &ChunkId, plain: &[u8], rng: &mut R) -> Vec<u8> {
        self.current.seal_key().seal(&context(&[id.as_bytes()]), plain, rng)
    }

    /// Opens a chunk under whichever key sealed it. Each key that did not is found by the tag alone.
    pub(super) fn open(&self, id: &ChunkId, sealed: &[u8]) -> Result<SecretBytes> {
        self.find(id, sealed).map(|(_, plain)| plain)
    }

    /// Refuses bytes that are not the chunk of this id, also where somebody who has an earlier key sealed them.
    pub(super) fn check(&self, id: &ChunkId, sealed: &[u8]) -> Result<()> {
        let (generation, plain) = self.find(id, sealed)?;
        if generation.id(plain.expose()) == *id {
            Ok(())
        } else {
            Err(Error::AuthenticationFailed)
        }
    }

    fn find(&self, id: &ChunkId, sealed: &[u8]) -> Result<(&Generation, SecretBytes)> {
        let fields = [&id.as_bytes()[..]];
        let context = context(&fields);
        for generation in std::iter::once(&self.current).chain(&self.earlier) {
            match generation.seal_key().open(&context, sealed) {
                Ok(plain) => return Ok((generation, plain)),
                Err(kist_crypto::Error::AuthenticationFailed) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::AuthenticationFailed)
    }
}

impl Generation {
    fn id(&self, plain: &[u8]) -> ChunkId {
        ChunkId::from_bytes(MacKey::new(self.chunk_id.clone()).mac(&[plain]))
    }

    fn seal_key(&self) -> SealingKey {
        SealingKey::new(self.file.clone())
    }

    /// Key and value of the kept item.
    fn encode(&self) -> (String, SecretBytes) {
        let mut value = Vec::with_capacity(ENCODED);
        value.push(VERSION);
        value.extend_from_slice(self.file.expose());
        value.extend_from_slice(self.chunk_id.expose());
        (format!("{:010}", self.number), SecretBytes::new(value))
    }

    fn decode(key: &str, value: &[u8]) -> Option<Self> {
        let (file, chunk_id) = value.strip_prefix(&[VERSION])?.split_at_checked(32)?;
        Some(Generation {
            number: key.parse().ok()?,
            file: Secret::from_slice(file)?,
            chunk_id: Secret::from_slice(chunk_id)?,
        })
    }
}

fn context<'a>(fields: &'a [&'a [u8]]) -> Context<'a> {
    Context {
        label: "kist/2026-11/chunk",
        version: 1,
        fields,
    }
}
