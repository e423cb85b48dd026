//! The header of our own in front of the database file: a fixed part that says what the file is, then two slots that
//! hold the page key wrapped, written in turn so that a torn write leaves the other. See docs/formats/store.md.

use kist_crypto::page::{PAGE, PageKey, RESERVED, WRAPPED, WrappedPageKey};
use kist_crypto::{CryptoRng, SealingKey, sha256};

use super::Refusal;

/// Bytes that the header takes in front of the database.
pub(super) const HEADER: usize = 4096;
/// The format that this build writes, and the only one that it reads.
const VERSION: u32 = 1;
const MAGIC: [u8; 16] = *b"Kist vault file\0";
/// Bytes of the fixed part: magic, version, page size, reserved bytes, zero, store id.
const FIXED: usize = 48;
/// Where the slots lie: in sectors of their own.
const SLOT_OFFSETS: [usize; 2] = [512, 1024];
/// Bytes of a slot: generation, commitment, envelope, checksum.
const SLOT: usize = SLOT_BODY + 32;
const SLOT_BODY: usize = 8 + 32 + WRAPPED;

/// The bytes of a header.
pub(super) type HeaderBytes = [u8; HEADER];

/// A store's header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    store: [u8; 16],
    slots: [Option<Slot>; 2],
}

/// One wrap of the page key. The slot of the higher generation was written last.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Slot {
    generation: u64,
    key: WrappedPageKey,
}

/// A slot as it is to be written, and where.
pub(super) struct SlotWrite {
    pub(super) offset: u64,
    pub(super) bytes: [u8; SLOT],
}

impl Header {
    /// The header of a new store: the first slot wraps `key`, the second is empty.
    pub(super) fn new<R: CryptoRng + ?Sized>(
        store: [u8; 16],
        key: &PageKey,
        store_key: &SealingKey,
        rng: &mut R,
    ) -> Self {
        let generation = 1;
        let key = key.wrap(store_key, &fixed(&store), generation, rng);
        Header {
            store,
            slots: [Some(Slot { generation, key }), None],
        }
    }

    /// The store's id.
    pub(super) fn store(&self) -> [u8; 16] {
        self.store
    }

    /// The bytes as they lie in the file.
    pub(super) fn encode(&self) -> HeaderBytes {
        let mut bytes = [0; HEADER];
        bytes[..FIXED].copy_from_slice(&fixed(&self.store));
        for (slot, offset) in self.slots.iter().zip(SLOT_OFFSETS) {
            if let Some(slot) = slot {
                bytes[offset..offset + SLOT].copy_from_slice(&slot.encode());
            }
        }
        bytes
    }

    /// Reads a header. A slot whose checksum is wrong counts as empty.
    ///
    /// Errors: `UnsupportedVersion` for a version other than ours; `Corrupt` for everything else.
    pub(super) fn decode(bytes: &HeaderBytes) -> Result<Self, Refusal> {
        let mut reader = &bytes[..FIXED];
        if take::<16>(&mut reader) != Some(MAGIC) {
            return Err(Refusal::Corrupt);
        }
        let version = take(&mut reader).map(u32::from_be_bytes).ok_or(Refusal::Corrupt)?;
        if version != VERSION {
            return Err(Refusal::UnsupportedVersion { found: version });
        }
        let store = bytes[..FIXED].last_chunk().copied().ok_or(Refusal::Corrupt)?;
        let slots = SLOT_OFFSETS.map(|offset| Slot::decode(&bytes[offset..offset + SLOT]));
        if bytes[..FIXED] != fixed(&store) || !unused(bytes).all(|byte| byte == 0) {
            return Err(Refusal::Corrupt);
        }
        Ok(Header { store, slots })
    }

    /// The page key, from whichever slot this store key wrapped.
    ///
    /// Errors: `KeyMismatch` when there are slots and none is of this key; `Corrupt` when there is none, or when the
    /// slot of this key was altered.
    pub(super) fn unlock(&self, store_key: &SealingKey) -> Result<PageKey, Refusal> {
        let fixed = fixed(&self.store);
        let mut refusal = Refusal::Corrupt;
        for slot in self.slots.iter().flatten() {
            match PageKey::unwrap(store_key, &fixed, slot.generation, &slot.key) {
                Ok(key) => return Ok(key),
                Err(kist_crypto::Error::KeyMismatch) => refusal = Refusal::KeyMismatch,
                Err(_) => return Err(Refusal::Corrupt),
            }
        }
        Err(refusal)
    }

    /// Wraps `key` under `added` as well, in the slot that `held` has no wrap in, so that a torn write leaves `held` valid.
    /// `None` where `added` has a wrap already.
    ///
    /// Errors: `KeyMismatch` when `held` has no wrap here.
    pub(super) fn add<R: CryptoRng + ?Sized>(
        &mut self,
        key: &PageKey,
        held: &SealingKey,
        added: &SealingKey,
        rng: &mut R,
    ) -> Result<Option<SlotWrite>, Refusal> {
        let index = match self.wraps(held) {
            [false, false] => return Err(Refusal::KeyMismatch),
            [true, true] => 1 - self.newest(),
            [first, _] => usize::from(first),
        };
        if self.wraps(added) == [false, false] {
            Ok(Some(self.write(index, key, added, rng)))
        } else {
            Ok(None)
        }
    }

    /// Overwrites the wrap of another store key by one more under `held`, if `held` was added last. `None` where there is
    /// nothing to overwrite.
    pub(super) fn settle<R: CryptoRng + ?Sized>(
        &mut self,
        key: &PageKey,
        held: &SealingKey,
        rng: &mut R,
    ) -> Option<SlotWrite> {
        let (newest, wraps) = (self.newest(), self.wraps(held));
        let other = 1 - newest;
        let stale = wraps[newest] && !wraps[other] && self.slots[other].is_some();
        stale.then(|| self.write(other, key, held, rng))
    }

    /// Which slots this store key wrapped.
    fn wraps(&self, store_key: &SealingKey) -> [bool; 2] {
        let fixed = fixed(&self.store);
        self.slots.each_ref().map(|slot| {
            slot.as_ref()
                .is_some_and(|slot| PageKey::unwrap(store_key, &fixed, slot.generation, &slot.key).is_ok())
        })
    }

    fn generations(&self) -> [u64; 2] {
        self.slots
            .each_ref()
            .map(|slot| slot.as_ref().map_or(0, |slot| slot.generation))
    }

    fn newest(&self) -> usize {
        let [first, second] = self.generations();
        usize::from(second > first)
    }

    fn write<R: CryptoRng + ?Sized>(
        &mut self,
        index: usize,
        key: &PageKey,
        store_key: &SealingKey,
        rng: &mut R,
    ) -> SlotWrite {
        let [first, second] = self.generations();
        let generation = first.max(second).saturating_add(1);
        let slot = Slot {
            generation,
            key: key.wrap(store_key, &fixed(&self.store), generation, rng),
        };
        let bytes = slot.encode();
        self.slots[index] = Some(slot);
        SlotWrite {
            offset: SLOT_OFFSETS[index] as u64,
            bytes,
        }
    }
}

impl Slot {
    fn encode(&self) -> [u8; SLOT] {
        let mut bytes = [0; SLOT];
        bytes[..8].copy_from_slice(&self.generation.to_be_bytes());
        bytes[8..40].copy_from_slice(&self.key.commitment);
        bytes[40..SLOT_BODY].copy_from_slice(&self.key.envelope);
        let checksum = sha256(&[&bytes[..SLOT_BODY]]);
        bytes[SLOT_BODY..].copy_from_slice(&checksum);
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (mut body, checksum) = bytes.split_at_checked(SLOT_BODY)?;
        if checksum != sha256(&[body]) {
            return None;
        }
        Some(Slot {
            generation: u64::from_be_bytes(take(&mut body)?),
            key: WrappedPageKey {
                commitment: take(&mut body)?,
                envelope: take(&mut body)?,
            },
        })
    }
}

/// The fixed part, which the wrap of the page key is bound to.
fn fixed(store: &[u8; 16]) -> [u8; FIXED] {
    let mut bytes = [0; FIXED];
    bytes[..16].copy_from_slice(&MAGIC);
    bytes[16..20].copy_from_slice(&VERSION.to_be_bytes());
    bytes[20..24].copy_from_slice(&(PAGE as u32).to_be_bytes());
    bytes[24..28].copy_from_slice(&(RESERVED as u32).to_be_bytes());
    bytes[32..].copy_from_slice(store);
    bytes
}

/// Every byte that neither the fixed part nor a slot takes.
fn unused(bytes: &HeaderBytes) -> impl Iterator<Item = u8> {
    let [first, second] = SLOT_OFFSETS;
    let gaps = [FIXED..first, first + SLOT..second, second + SLOT..HEADER];
    gaps.into_iter().flat_map(|gap| bytes[gap].iter().copied())
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}
