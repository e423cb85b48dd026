//! The write-ahead log: its header sealed, then frames. A frame's page is sealed as in the database; its header is
//! sealed apart, bound to the page's tag, the log's salts and the frame's number.
//!
//! A frame is longer here than SQLite thinks, so offsets are translated. SQLite writes a frame's header before its
//! page, but a header can be sealed only with the page's tag: it is held until the page comes.

use std::sync::Arc;

use kist_crypto::page::{
    FRAME_HEADER, FramePlace, LOG_HEADER, NonceSource, PAGE, Page, SealedFrameHeader, SealedLogHeader, tag_of,
};

use super::below::{BelowFile, Filled};
use super::code::{Code, IoResult};
use super::pages::{OpenStore, check_sealable};
use super::scrub::{is_clean, scrubbed};

/// What a sealed log begins with: what it is, and its format's version.
const PREFIX: [u8; 8] = *b"KistLog\x01";
/// Bytes of the sealed log's header.
const SEALED_START: usize = PREFIX.len() + size_of::<SealedLogHeader>();
/// Bytes of a sealed frame.
const SEALED_FRAME: usize = SEALED_HEADER + PAGE;
const SEALED_HEADER: usize = size_of::<SealedFrameHeader>();
/// Bytes of a frame as SQLite counts them.
const FRAME: usize = FRAME_HEADER + PAGE;
/// Where salts and checksum lie in a log's header.
const LOG_SALTS: usize = 16;
const LOG_CHECKSUM: usize = 24;
/// Where salts and checksum lie in a frame's header.
const FRAME_SALTS: usize = 8;
const FRAME_CHECKSUM: usize = 16;
const CHECKSUM: usize = 8;
/// A bit of a frame header's first byte, which is a page number's and so free: the page has unused bytes that are not
/// zeros. SQLite never sees it.
const UNCLEAN: u8 = 0x80;

type FrameHeader = [u8; FRAME_HEADER];
type Salts = [u8; 8];
type SealedFrame = [u8; SEALED_FRAME];

/// A write-ahead log.
pub(super) struct LogFile {
    file: BelowFile,
    store: Arc<OpenStore>,
    nonces: NonceSource,
    /// A header whose page has not come yet.
    held: Option<(u32, FrameHeader)>,
    /// The frame whose whole was read by the last operation.
    just_read: Option<JustRead>,
    /// SQLite reads frames in order to rewrite their checksums, not to recover.
    rewriting: bool,
    /// The salts of the log, as last seen or written; another connection may have begun a new log since.
    salts: Salts,
    /// The frame last read or written, as it is sealed.
    frame: Box<SealedFrame>,
}

/// What a frame's header is sealed anew with, when its checksum alone changes.
struct JustRead {
    number: u32,
    page_tag: [u8; 16],
    is_unclean: bool,
}

/// A part of the log that SQLite reads or writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    LogHeader,
    LogChecksum,
    Frame(u32),
    FrameHeader(u32),
    FrameChecksum(u32),
    Page(u32),
}

impl LogFile {
    /// The log of an open store.
    pub(super) fn new(file: BelowFile, store: Arc<OpenStore>) -> Self {
        LogFile {
            file,
            store,
            nonces: NonceSource::new(),
            held: None,
            just_read: None,
            rewriting: false,
            salts: Salts::default(),
            frame: Box::new([0; SEALED_FRAME]),
        }
    }

    /// The file below.
    pub(super) fn below(&mut self) -> &mut BelowFile {
        &mut self.file
    }

    /// Reads a part of the log.
    ///
    /// To recovery, a header or frame that does not authenticate reads as zeros: the end of a log that a crash tore
    /// is no error. Everywhere else it is `CORRUPT`.
    pub(super) fn read(&mut self, buffer: &mut [u8], offset: u64) -> IoResult<()> {
        self.just_read = None;
        match part(offset, buffer.len()).ok_or(Code::READ)? {
            Part::LogHeader => {
                self.rewriting = false;
                let header = self.log_header()?.unwrap_or([0; LOG_HEADER]);
                buffer.copy_from_slice(&header);
            }
            Part::LogChecksum => {
                self.rewriting = true;
                let header = self.log_header()?.ok_or(Code::CORRUPT)?;
                buffer.copy_from_slice(&header[LOG_CHECKSUM..]);
            }
            Part::FrameChecksum(number) => {
                self.rewriting = true;
                let header = self.frame_header(number)?.ok_or(Code::CORRUPT)?;
                buffer.copy_from_slice(&header[FRAME_CHECKSUM..]);
            }
            Part::Frame(number) => {
                self.just_read = self.read_frame(number, buffer)?;
                if self.just_read.is_none() && self.rewriting {
                    return Err(Code::CORRUPT);
                }
            }
            Part::Page(number) => {
                let page = <&mut Page>::try_from(buffer).map_err(|_| Code::READ)?;
                self.read_page(number, page)?;
            }
            Part::FrameHeader(_) => return Err(Code::READ),
        }
        Ok(())
    }

    /// Writes a part of the log.
    pub(super) fn write(&mut self, bytes: &[u8], offset: u64) -> IoResult<()> {
        let just_read = self.just_read.take();
        let held = self.held.take();
        match part(offset, bytes.len()).ok_or(Code::WRITE)? {
            Part::LogHeader => self.write_log_header(bytes.try_into().map_err(|_| Code::WRITE)?),
            Part::FrameHeader(number) => {
                let header = bytes.try_into().map_err(|_| Code::WRITE)?;
                self.learn_salts(header);
                match just_read {
                    Some(read) if read.number == number => self.write_frame_header(&read, header),
                    _ => {
                        self.held = Some((number, *header));
                        Ok(())
                    }
                }
            }
            Part::Page(number) => {
                let header = match held {
                    Some((of, header)) if of == number => header,
                    // A page that is written again in the same transaction keeps its header until the commit.
                    _ => self.frame_header(number)?.ok_or(Code::CORRUPT)?,
                };
                self.write_frame(number, &header, bytes.try_into().map_err(|_| Code::WRITE)?)
            }
            Part::LogChecksum | Part::Frame(_) | Part::FrameChecksum(_) => Err(Code::WRITE),
        }
    }

    /// Cuts the log behind a frame.
    pub(super) fn truncate(&mut self, size: u64) -> IoResult<()> {
        self.just_read = None;
        self.held = None;
        self.file.truncate(size_below(size))
    }

    /// The log's size as SQLite counts it: whole frames alone.
    pub(super) fn size(&mut self) -> IoResult<u64> {
        Ok(size_above(self.file.size()?))
    }

    fn log_header(&mut self) -> IoResult<Option<[u8; LOG_HEADER]>> {
        let mut bytes = [0; SEALED_START];
        if self.file.read(&mut bytes, 0)? == Filled::Short {
            return Ok(None);
        }
        let (prefix, sealed) = bytes.split_at(PREFIX.len());
        let header = match sealed.try_into() {
            Ok(sealed) if prefix == PREFIX => self.store.sealer.open_log_header(sealed).ok(),
            _ => None,
        };
        if let Some(header) = &header {
            self.salts.copy_from_slice(&header[LOG_SALTS..LOG_CHECKSUM]);
        }
        Ok(header)
    }

    fn write_log_header(&mut self, header: &[u8; LOG_HEADER]) -> IoResult<()> {
        self.salts.copy_from_slice(&header[LOG_SALTS..LOG_CHECKSUM]);
        let mut bytes = [0; SEALED_START];
        bytes[..PREFIX.len()].copy_from_slice(&PREFIX);
        let sealed = self.store.sealer.seal_log_header(&self.nonces.draw(), header);
        bytes[PREFIX.len()..].copy_from_slice(&sealed);
        self.file.write(&bytes, 0)
    }

    /// A frame that is to be written says which log it belongs to, so that no stale salts are used. While checksums of
    /// a transaction wait for their commit SQLite writes zeros there, and has written an earlier frame before.
    fn learn_salts(&mut self, header: &FrameHeader) {
        let salts = &header[FRAME_SALTS..FRAME_CHECKSUM];
        if salts != [0; 8] {
            self.salts.copy_from_slice(salts);
        }
    }

    /// Reads a whole frame into `buffer`; one that ends early or does not authenticate is zeros there, and `None`.
    fn read_frame(&mut self, number: u32, buffer: &mut [u8]) -> IoResult<Option<JustRead>> {
        let Some((head, page)) = buffer.split_first_chunk_mut::<FRAME_HEADER>() else {
            return Err(Code::READ);
        };
        let page = <&mut Page>::try_from(page).map_err(|_| Code::READ)?;
        let Some(header) = self.frame_header(number)?.filter(|header| self.open_page(header, page)) else {
            buffer.fill(0);
            return Ok(None);
        };
        *head = marked(&header, false);
        Ok(Some(JustRead {
            number,
            page_tag: tag_of(self.sealed_page()?),
            is_unclean: is_unclean(&header),
        }))
    }

    /// Reads the page of a frame: opened; or, during a checkpoint, as it is to lie in the database.
    fn read_page(&mut self, number: u32, page: &mut Page) -> IoResult<()> {
        let header = self.frame_header(number)?.ok_or(Code::CORRUPT)?;
        let (of, is_copied) = (page_number(&header), self.store.is_copying());
        if is_copied && !is_unclean(&header) {
            *page = *self.sealed_page()?;
        } else if !self.open_page(&header, page) {
            return Err(Code::CORRUPT);
        } else if is_copied {
            *page = scrubbed(of, page).unwrap_or(*page);
            self.store.sealer.seal_page(of, &self.nonces.draw(), page);
        }
        if is_copied {
            self.store.copies(of, page);
        }
        Ok(())
    }

    /// Reads a frame, sealed, and opens its header. `None` for one that ends early or does not authenticate.
    fn frame_header(&mut self, number: u32) -> IoResult<Option<FrameHeader>> {
        if self.file.read(self.frame.as_mut_slice(), frame_below(number))? == Filled::Short {
            return Ok(None);
        }
        let known = self.salts;
        let opened = self.open_header(number);
        if opened.is_some() || self.log_header()?.is_none() || self.salts == known {
            return Ok(opened);
        }
        Ok(self.open_header(number))
    }

    fn open_header(&self, number: u32) -> Option<FrameHeader> {
        let place = self.place(number, tag_of(self.sealed_page().ok()?));
        let sealed = self.frame.first_chunk()?;
        self.store.sealer.open_frame_header(&place, sealed).ok()
    }

    /// Opens the page of the frame that was read, whose header this is. `page` is zeros where it does not authenticate.
    fn open_page(&self, header: &FrameHeader, page: &mut Page) -> bool {
        let opened = self.sealed_page().is_ok_and(|sealed| {
            *page = *sealed;
            self.store.sealer.open_page(page_number(header), page).is_ok()
        });
        if !opened {
            page.fill(0);
        }
        opened
    }

    /// The page of the frame last read or written, sealed.
    fn sealed_page(&self) -> IoResult<&Page> {
        self.frame.last_chunk().ok_or(Code::READ)
    }

    fn place(&self, number: u32, page_tag: [u8; 16]) -> FramePlace {
        FramePlace {
            salts: self.salts,
            number,
            page_tag,
        }
    }

    fn write_frame_header(&mut self, of: &JustRead, header: &FrameHeader) -> IoResult<()> {
        let nonce = self.nonces.draw();
        let place = self.place(of.number, of.page_tag);
        let header = marked(header, of.is_unclean);
        let sealed = self.store.sealer.seal_frame_header(&place, &nonce, &header);
        self.file.write(&sealed, frame_below(of.number))
    }

    fn write_frame(&mut self, number: u32, header: &FrameHeader, page: &Page) -> IoResult<()> {
        let page_number = page_number(header);
        check_sealable(page_number, page)?;
        let (head, body) = self.frame.split_first_chunk_mut().ok_or(Code::WRITE)?;
        let body = <&mut Page>::try_from(body).map_err(|_| Code::WRITE)?;
        *body = *page;
        self.store.sealer.seal_page(page_number, &self.nonces.draw(), body);
        let place = FramePlace {
            salts: self.salts,
            number,
            page_tag: tag_of(body),
        };
        let header = marked(header, !is_clean(page_number, page));
        *head = self
            .store
            .sealer
            .seal_frame_header(&place, &self.nonces.draw(), &header);
        self.file.write(self.frame.as_slice(), frame_below(number))
    }
}

fn page_number(header: &FrameHeader) -> u32 {
    let [a, b, c, d, ..] = *header;
    u32::from_be_bytes([a & !UNCLEAN, b, c, d])
}

fn is_unclean(header: &FrameHeader) -> bool {
    header[0] & UNCLEAN != 0
}

/// A frame's header, saying whether its page has unused bytes that are not zeros.
fn marked(header: &FrameHeader, is_unclean: bool) -> FrameHeader {
    let mut marked = *header;
    marked[0] = (header[0] & !UNCLEAN) | if is_unclean { UNCLEAN } else { 0 };
    marked
}

/// Which part of the log SQLite means.
fn part(offset: u64, length: usize) -> Option<Part> {
    let Some(in_frames) = offset.checked_sub(LOG_HEADER as u64) else {
        return match (usize::try_from(offset).ok()?, length) {
            (0, LOG_HEADER) => Some(Part::LogHeader),
            (LOG_CHECKSUM, CHECKSUM) => Some(Part::LogChecksum),
            _ => None,
        };
    };
    let number = u32::try_from(in_frames / FRAME as u64).ok()?.checked_add(1)?;
    match (usize::try_from(in_frames % FRAME as u64).ok()?, length) {
        (0, FRAME) => Some(Part::Frame(number)),
        (0, FRAME_HEADER) => Some(Part::FrameHeader(number)),
        (FRAME_CHECKSUM, CHECKSUM) => Some(Part::FrameChecksum(number)),
        (FRAME_HEADER, PAGE) => Some(Part::Page(number)),
        _ => None,
    }
}

/// Where a frame lies in the file below.
fn frame_below(number: u32) -> u64 {
    SEALED_START as u64 + u64::from(number.saturating_sub(1)) * SEALED_FRAME as u64
}

/// The size below of a log that SQLite thinks is this long; a frame cut in two is left out.
fn size_below(size: u64) -> u64 {
    match size.checked_sub(LOG_HEADER as u64) {
        Some(in_frames) => SEALED_START as u64 + in_frames / FRAME as u64 * SEALED_FRAME as u64,
        None => 0,
    }
}

/// The size as SQLite counts it of a log that is this long below.
fn size_above(size: u64) -> u64 {
    match size.checked_sub(SEALED_START as u64) {
        Some(in_frames) => LOG_HEADER as u64 + in_frames / SEALED_FRAME as u64 * FRAME as u64,
        None => 0,
    }
}
