//! Sealed pages: the primitives of the encrypted store. A database page is sealed in place, its tag and nonce in the
//! bytes that SQLite leaves free at a page's end; the headers of the write-ahead log are sealed apart.
//!
//! All of it is XChaCha20-Poly1305 under one random page key, with random nonces and one label a kind. What lies
//! where in the files is documented in docs/formats/store.md.

use rand_core::CryptoRng;
use subtle::ConstantTimeEq;

use crate::root::derive;
use crate::xchacha::{self, NONCE, TAG};
use crate::{Context, Error, OsRandom, Result, SealingKey, Secret};

/// Bytes of a page, sealed or not.
pub const PAGE: usize = 4096;
/// Bytes at a page's end that sealing takes: tag (16), then nonce (24).
pub const RESERVED: usize = TAG + NONCE;
/// Bytes of a write-ahead log's header as SQLite writes it.
pub const LOG_HEADER: usize = 32;
/// Bytes of the header of a frame of the write-ahead log as SQLite writes it.
pub const FRAME_HEADER: usize = 24;
/// Bytes of the salts that SQLite draws for each log.
const SALTS: usize = 8;
/// Bytes of a wrapped page key's envelope.
pub const WRAPPED: usize = SealingKey::OVERHEAD + 32;

/// A page as the store has it.
pub type Page = [u8; PAGE];
/// A log's header, sealed: ciphertext, tag, nonce.
pub type SealedLogHeader = [u8; LOG_HEADER + RESERVED];
/// The place of a frame header: what it is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FramePlace {
    /// The salts of the log, from its header.
    pub salts: [u8; SALTS],
    /// The frame's number; the log's first is 1.
    pub number: u32,
    /// The tag of the sealed page that it heads ([`tag_of`]).
    pub page_tag: [u8; TAG],
}

/// The place of a piece of a rollback journal: what it is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalPlace {
    /// The journal's random id.
    pub journal: [u8; 16],
    /// Where the piece lies in the journal's file, in bytes.
    pub position: u64,
    /// The tag of the piece that heads it; zeros for a head.
    pub head_tag: [u8; TAG],
}

/// A frame's header, sealed: ciphertext, tag, nonce.
pub type SealedFrameHeader = [u8; FRAME_HEADER + RESERVED];

/// The random key under which a store's pages are sealed. It lives as long as the store; a new root key rewraps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageKey(Secret<32>);

/// A page key as the store's file holds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrappedPageKey {
    /// What only the right store key gives; found before anything is opened.
    pub commitment: [u8; 32],
    /// The page key in an envelope ([`SealingKey`]).
    pub envelope: [u8; WRAPPED],
}

impl PageKey {
    /// Takes uniformly random bytes.
    pub fn new(key: Secret<32>) -> Self {
        PageKey(key)
    }

    /// A fresh key for a new store.
    pub fn generate<R: CryptoRng + ?Sized>(rng: &mut R) -> Self {
        PageKey(Secret::generate(rng))
    }

    /// Wraps the key under the store key. `file` is the fixed part of the store's header and `generation` the slot's
    /// number: both are bound.
    pub fn wrap<R: CryptoRng + ?Sized>(
        &self,
        store_key: &SealingKey,
        file: &[u8],
        generation: u64,
        rng: &mut R,
    ) -> WrappedPageKey {
        let generation = generation.to_be_bytes();
        let sealed = wrapping_key(store_key).seal(&wrapping(&[file, &generation]), self.0.expose(), rng);
        let mut envelope = [0; WRAPPED];
        envelope.copy_from_slice(&sealed);
        WrappedPageKey {
            commitment: commitment(store_key),
            envelope,
        }
    }

    /// Unwraps a key.
    ///
    /// Errors: `KeyMismatch` for another store key than the one that wrapped it; `AuthenticationFailed` or
    /// `UnsupportedVersion` for a wrap, or a header, that was altered.
    pub fn unwrap(store_key: &SealingKey, file: &[u8], generation: u64, wrapped: &WrappedPageKey) -> Result<Self> {
        if !bool::from(wrapped.commitment.ct_eq(&commitment(store_key))) {
            return Err(Error::KeyMismatch);
        }
        let generation = generation.to_be_bytes();
        let opened = wrapping_key(store_key).open(&wrapping(&[file, &generation]), &wrapped.envelope)?;
        Secret::from_slice(opened.expose())
            .map(PageKey)
            .ok_or(Error::AuthenticationFailed)
    }

    /// What seals the pages of the store of this id.
    pub fn sealer(&self, store: &[u8; 16]) -> PageSealer {
        PageSealer {
            key: self.0.clone(),
            page: Template::new("kist/2026-11/store-page", &[store, &[0; 4]]),
            log: Template::new("kist/2026-11/store-log", &[store]),
            frame: Template::new("kist/2026-11/store-frame", &[store, &[0; SALTS], &[0; 4], &[0; TAG]]),
            journal: Template::new("kist/2026-11/store-journal", &[store, &[0; 16], &[0; 8], &[0; TAG]]),
        }
    }
}

fn commitment(store_key: &SealingKey) -> [u8; 32] {
    *derive(store_key.expose(), "kist/2026-11/store-page-key/commitment").expose()
}

fn wrapping_key(store_key: &SealingKey) -> SealingKey {
    SealingKey::new(derive(store_key.expose(), "kist/2026-11/store-page-key/seal"))
}

fn wrapping<'a>(fields: &'a [&'a [u8]]) -> Context<'a> {
    Context {
        label: "kist/2026-11/store-page-key",
        version: 1,
        fields,
    }
}

/// Seals and opens the pages of one store, the headers of its log, and the pieces of its rollback journals.
#[derive(Clone, Debug)]
pub struct PageSealer {
    key: Secret<32>,
    page: Template<64>,
    log: Template<64>,
    frame: Template<96>,
    journal: Template<112>,
}

impl PageSealer {
    /// Seals page `number` in place. The last [`RESERVED`] bytes are overwritten by tag and nonce; `nonce` is never to
    /// be used again.
    pub fn seal_page(&self, number: u32, nonce: &[u8; NONCE], page: &mut Page) {
        let (body, end) = split_page(page);
        let aad = self.page.with(0, &number.to_be_bytes());
        let tag = xchacha::seal(self.key.expose(), nonce, aad.bytes(), body);
        end[..TAG].copy_from_slice(&tag);
        end[TAG..].copy_from_slice(nonce);
    }

    /// Opens page `number` in place, and leaves zeros in the last [`RESERVED`] bytes.
    ///
    /// Errors: `AuthenticationFailed` for other bytes, another number, another store; what `page` holds then is of no
    /// use, and never plaintext.
    pub fn open_page(&self, number: u32, page: &mut Page) -> Result<()> {
        let (body, end) = split_page(page);
        let (tag, nonce) = split_end(end);
        let aad = self.page.with(0, &number.to_be_bytes());
        xchacha::open(self.key.expose(), &nonce, aad.bytes(), body, &tag)?;
        end.fill(0);
        Ok(())
    }

    /// Seals the header of a write-ahead log.
    pub fn seal_log_header(&self, nonce: &[u8; NONCE], header: &[u8; LOG_HEADER]) -> SealedLogHeader {
        let mut sealed = [0; LOG_HEADER + RESERVED];
        sealed[..LOG_HEADER].copy_from_slice(header);
        self.seal_small(&self.log, nonce, &mut sealed);
        sealed
    }

    /// Opens the header of a write-ahead log. Errors: `AuthenticationFailed`.
    pub fn open_log_header(&self, sealed: &SealedLogHeader) -> Result<[u8; LOG_HEADER]> {
        let mut opened = *sealed;
        self.open_small(&self.log, &mut opened)?;
        let mut header = [0; LOG_HEADER];
        header.copy_from_slice(&opened[..LOG_HEADER]);
        Ok(header)
    }

    /// Seals the header of a frame.
    pub fn seal_frame_header(
        &self,
        place: &FramePlace,
        nonce: &[u8; NONCE],
        header: &[u8; FRAME_HEADER],
    ) -> SealedFrameHeader {
        let mut sealed = [0; FRAME_HEADER + RESERVED];
        sealed[..FRAME_HEADER].copy_from_slice(header);
        self.seal_small(&self.frame_aad(place), nonce, &mut sealed);
        sealed
    }

    /// Opens the header of a frame. Errors: `AuthenticationFailed`, also in another place.
    pub fn open_frame_header(&self, place: &FramePlace, sealed: &SealedFrameHeader) -> Result<[u8; FRAME_HEADER]> {
        let mut opened = *sealed;
        self.open_small(&self.frame_aad(place), &mut opened)?;
        let mut header = [0; FRAME_HEADER];
        header.copy_from_slice(&opened[..FRAME_HEADER]);
        Ok(header)
    }

    /// Seals a piece of a rollback journal in place. The last [`RESERVED`] bytes are overwritten by tag and nonce; gives the
    /// tag. `piece` has at least as many bytes.
    pub fn seal_journal(&self, place: &JournalPlace, nonce: &[u8; NONCE], piece: &mut [u8]) -> [u8; TAG] {
        self.seal_small(&self.journal_aad(place), nonce, piece);
        split_end(&piece[piece.len() - RESERVED..]).0
    }

    /// Opens a piece of a rollback journal in place, but for its last [`RESERVED`] bytes; gives the tag. `piece` has at
    /// least as many bytes.
    ///
    /// Errors: `AuthenticationFailed`, also in another place.
    pub fn open_journal(&self, place: &JournalPlace, piece: &mut [u8]) -> Result<[u8; TAG]> {
        self.open_small(&self.journal_aad(place), piece)?;
        Ok(split_end(&piece[piece.len() - RESERVED..]).0)
    }

    fn journal_aad(&self, place: &JournalPlace) -> Template<112> {
        // From the end, each behind its length of four bytes: head's tag, position, journal.
        self.journal
            .with(0, &place.head_tag)
            .with(TAG + 4, &place.position.to_be_bytes())
            .with(TAG + 4 + 8 + 4, &place.journal)
    }

    fn frame_aad(&self, place: &FramePlace) -> Template<96> {
        // From the end, each behind its length of four bytes: tag, number, salts.
        self.frame
            .with(0, &place.page_tag)
            .with(TAG + 4, &place.number.to_be_bytes())
            .with(TAG + 4 + 4 + 4, &place.salts)
    }

    fn seal_small<const N: usize>(&self, aad: &Template<N>, nonce: &[u8; NONCE], sealed: &mut [u8]) {
        let (body, end) = sealed.split_at_mut(sealed.len() - RESERVED);
        let tag = xchacha::seal(self.key.expose(), nonce, aad.bytes(), body);
        end[..TAG].copy_from_slice(&tag);
        end[TAG..].copy_from_slice(nonce);
    }

    fn open_small<const N: usize>(&self, aad: &Template<N>, sealed: &mut [u8]) -> Result<()> {
        let (body, end) = sealed.split_at_mut(sealed.len() - RESERVED);
        let (tag, nonce) = split_end(end);
        xchacha::open(self.key.expose(), &nonce, aad.bytes(), body, &tag)
    }
}

/// The tag that a sealed page carries.
pub fn tag_of(page: &Page) -> [u8; TAG] {
    split_end(&page[PAGE - RESERVED..]).0
}

fn split_page(page: &mut Page) -> (&mut [u8], &mut [u8]) {
    page.split_at_mut(PAGE - RESERVED)
}

fn split_end(end: &[u8]) -> ([u8; TAG], [u8; NONCE]) {
    let mut tag = [0; TAG];
    let mut nonce = [0; NONCE];
    tag.copy_from_slice(&end[..TAG]);
    nonce.copy_from_slice(&end[TAG..]);
    (tag, nonce)
}

/// Associated data encoded once, by [`Context::encode`], and patched for each page: sealing must not allocate.
#[derive(Clone, Copy, Debug)]
struct Template<const N: usize> {
    bytes: [u8; N],
    length: usize,
}

impl<const N: usize> Template<N> {
    fn new(label: &'static str, fields: &[&[u8]]) -> Self {
        let context = Context {
            label,
            version: 1,
            fields,
        };
        let encoded = context.encode();
        let mut bytes = [0; N];
        bytes[..encoded.len()].copy_from_slice(&encoded);
        Template {
            bytes,
            length: encoded.len(),
        }
    }

    /// A copy with `value` written so that it ends `from_end` bytes before the end.
    fn with(&self, from_end: usize, value: &[u8]) -> Self {
        let mut copy = *self;
        let end = self.length - from_end;
        copy.bytes[end - value.len()..end].copy_from_slice(value);
        copy
    }

    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

/// Random nonces, drawn from the system a block at a time. A fork throws the block away, so that parent and child
/// never use the same one.
#[derive(Debug)]
pub struct NonceSource {
    block: [u8; NonceSource::BLOCK],
    used: usize,
    process: u32,
}

impl NonceSource {
    const BLOCK: usize = 64 * NONCE;

    /// An empty source.
    pub fn new() -> Self {
        NonceSource {
            block: [0; Self::BLOCK],
            used: Self::BLOCK,
            process: 0,
        }
    }

    /// A nonce that was never given out before, by this process or another.
    pub fn draw(&mut self) -> [u8; NONCE] {
        self.draw_in(std::process::id(), &mut OsRandom)
    }

    fn draw_in<R: CryptoRng + ?Sized>(&mut self, process: u32, rng: &mut R) -> [u8; NONCE] {
        if self.used == Self::BLOCK || self.process != process {
            rng.fill_bytes(&mut self.block);
            self.used = 0;
            self.process = process;
        }
        let mut nonce = [0; NONCE];
        nonce.copy_from_slice(&self.block[self.used..self.used + NONCE]);
        self.used += NONCE;
        nonce
    }
}

impl Default for NonceSource {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use chacha20poly1305::aead::AeadInOut;
    use chacha20poly1305::{KeyInit, XChaCha20Poly1305};

    use super::*;
    use crate::testing::SeededRandom;

    const STORE: [u8; 16] = [7; 16];
    const PLACE: FramePlace = FramePlace {
        salts: [2; 8],
        number: 3,
        page_tag: [5; 16],
    };

    fn key(seed: u64) -> PageKey {
        PageKey::generate(&mut SeededRandom::new(seed))
    }

    fn page() -> Page {
        let mut page = [0; PAGE];
        page[..PAGE - RESERVED].fill_with({
            let mut byte = 0u8;
            move || {
                byte = byte.wrapping_add(31);
                byte
            }
        });
        page
    }

    #[test]
    fn a_page_is_what_the_portable_crate_seals_under_the_documented_associated_data() {
        let (key, nonce) = (key(1), [9; 24]);
        let mut ours = page();
        key.sealer(&STORE).seal_page(77, &nonce, &mut ours);

        let mut theirs = page();
        let context = Context {
            label: "kist/2026-11/store-page",
            version: 1,
            fields: &[&STORE, &77u32.to_be_bytes()],
        };
        let (body, end) = theirs.split_at_mut(PAGE - RESERVED);
        let tag = XChaCha20Poly1305::new(&(*key.0.expose()).into())
            .encrypt_inout_detached(&nonce.into(), &context.encode(), body.into())
            .unwrap();
        end[..16].copy_from_slice(&tag);
        end[16..].copy_from_slice(&nonce);
        assert_eq!(ours, theirs);
        assert_eq!(tag_of(&ours), &tag[..]);
    }

    #[test]
    fn a_frame_header_is_bound_to_the_documented_associated_data() {
        let (key, nonce) = (key(1), [9; 24]);
        let ours = key.sealer(&STORE).seal_frame_header(&PLACE, &nonce, &[1; 24]);
        let mut theirs = [1; 24];
        let context = Context {
            label: "kist/2026-11/store-frame",
            version: 1,
            fields: &[&STORE, &[2; 8], &3u32.to_be_bytes(), &[5; 16]],
        };
        let sealed = xchacha::seal(key.0.expose(), &nonce, &context.encode(), &mut theirs);
        assert_eq!(ours[..24], theirs);
        assert_eq!(ours[24..40], sealed);
        assert_eq!(ours[40..], nonce);
    }

    #[test]
    fn a5_a_page_opens_only_in_its_place() {
        let sealer = key(1).sealer(&STORE);
        let mut sealed = page();
        sealer.seal_page(2, &[1; 24], &mut sealed);
        let opens = |sealer: &PageSealer, number| sealer.open_page(number, &mut sealed.clone());
        assert_eq!(opens(&sealer, 2), Ok(()));
        assert_eq!(opens(&sealer, 3), Err(Error::AuthenticationFailed));
        assert_eq!(opens(&key(1).sealer(&[8; 16]), 2), Err(Error::AuthenticationFailed));
        assert_eq!(opens(&key(2).sealer(&STORE), 2), Err(Error::AuthenticationFailed));
        let mut opened = sealed;
        sealer.open_page(2, &mut opened).unwrap();
        assert_eq!(opened, page());
    }

    #[test]
    fn a5_a_frame_header_opens_only_in_its_place() {
        let sealer = key(1).sealer(&STORE);
        let sealed = sealer.seal_frame_header(&PLACE, &[1; 24], &[6; 24]);
        assert_eq!(sealer.open_frame_header(&PLACE, &sealed), Ok([6; 24]));
        let [mut salts, mut number, mut page_tag] = [PLACE; 3];
        salts.salts[0] = 0;
        number.number += 1;
        page_tag.page_tag[15] = 0;
        for place in [salts, number, page_tag] {
            assert_eq!(
                sealer.open_frame_header(&place, &sealed),
                Err(Error::AuthenticationFailed)
            );
        }
        let log = sealer.seal_log_header(&[2; 24], &[3; 32]);
        assert_eq!(sealer.open_log_header(&log), Ok([3; 32]));
        assert_eq!(
            key(1).sealer(&[8; 16]).open_log_header(&log),
            Err(Error::AuthenticationFailed)
        );
    }

    #[test]
    fn a5_a_piece_of_a_journal_opens_only_in_its_place() {
        const PLACE: JournalPlace = JournalPlace {
            journal: [2; 16],
            position: 512,
            head_tag: [5; 16],
        };
        let (sealer, nonce) = (key(1).sealer(&STORE), [9; 24]);
        let mut sealed = [6; 100 + RESERVED];
        let tag = sealer.seal_journal(&PLACE, &nonce, &mut sealed);
        let mut theirs = [6; 100];
        let context = Context {
            label: "kist/2026-11/store-journal",
            version: 1,
            fields: &[&STORE, &[2; 16], &512u64.to_be_bytes(), &[5; 16]],
        };
        assert_eq!(
            tag,
            xchacha::seal(key(1).0.expose(), &nonce, &context.encode(), &mut theirs)
        );
        assert_eq!(sealed[..100], theirs);
        assert_eq!(sealed[100..], [&tag[..], &nonce[..]].concat());

        let opens = |sealer: &PageSealer, place: JournalPlace| sealer.open_journal(&place, &mut sealed.clone());
        assert_eq!(opens(&sealer, PLACE), Ok(tag));
        let [mut journal, mut position, mut head_tag] = [PLACE; 3];
        journal.journal[0] = 0;
        position.position += 1;
        head_tag.head_tag[15] = 0;
        for place in [journal, position, head_tag] {
            assert_eq!(opens(&sealer, place), Err(Error::AuthenticationFailed));
        }
        assert_eq!(opens(&key(1).sealer(&[8; 16]), PLACE), Err(Error::AuthenticationFailed));
        sealer.open_journal(&PLACE, &mut sealed).unwrap();
        assert_eq!(sealed[..100], [6; 100]);
    }

    #[test]
    fn a6_every_flipped_byte_of_a_sealed_page_is_found() {
        let sealer = key(1).sealer(&STORE);
        let mut sealed = page();
        sealer.seal_page(1, &[1; 24], &mut sealed);
        for at in 0..PAGE {
            let mut broken = sealed;
            broken[at] ^= 0x40;
            assert_eq!(
                sealer.open_page(1, &mut broken),
                Err(Error::AuthenticationFailed),
                "byte {at}"
            );
        }
    }

    #[test]
    fn a7_a_wrapped_page_key_opens_under_its_store_key_alone() {
        let rng = &mut SeededRandom::new(3);
        let right = SealingKey::new(Secret::generate(rng));
        let wrong = SealingKey::new(Secret::generate(rng));
        let wrapped = key(1).wrap(&right, b"header", 4, rng);
        assert_eq!(PageKey::unwrap(&right, b"header", 4, &wrapped), Ok(key(1)));
        assert_eq!(PageKey::unwrap(&wrong, b"header", 4, &wrapped), Err(Error::KeyMismatch));
        for (header, generation) in [(&b"Header"[..], 4), (b"header", 5)] {
            assert_eq!(
                PageKey::unwrap(&right, header, generation, &wrapped),
                Err(Error::AuthenticationFailed)
            );
        }
    }

    #[test]
    fn a39_nonces_are_never_drawn_twice_also_across_a_fork() {
        let rng = &mut SeededRandom::new(5);
        let mut seen = HashSet::new();
        let mut parent = NonceSource::new();
        for _ in 0..100 {
            assert!(seen.insert(parent.draw_in(1, rng)));
        }
        let mut child = NonceSource {
            block: parent.block,
            used: parent.used,
            process: parent.process,
        };
        for _ in 0..100 {
            assert!(seen.insert(child.draw_in(2, rng)));
            assert!(seen.insert(parent.draw_in(1, rng)));
        }
    }
}
