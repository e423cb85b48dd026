//! A zip file written entry by entry, in constant memory.
//!
//! The SHA-256 of an entry stands in an extra field of its local header, where the list of all of them is made from. An
//! entry whose content fails half-way leaves nothing behind.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use kist_crypto::Sha256Stream;
use miniz_oxide::deflate::core::{CompressorOxide, create_comp_flags_from_zip_params};
use miniz_oxide::deflate::stream::deflate;
use miniz_oxide::{MZFlush, MZStatus};

use super::crc::Crc;
use super::{
    CENTRAL_HEADER, END, END_64, EXTRA_64, Fields, IN_EXTRA, LOCAL_HEADER, LOCATOR_64, MAX_ENTRY_NAME, Method, UTF_8,
    signature,
};

/// A SHA-256.
pub(in crate::archive) type Digest = [u8; 32];

/// The extra field of a local header with the content's SHA-256; others pass over it.
const EXTRA_DIGEST: u16 = 0x4b53;
/// Bytes of that field.
const DIGEST_FIELD: usize = 4 + 32;
/// Bytes of the Zip64 field of a local header.
const WIDE_FIELD: usize = 4 + 16;
/// Version 2.0 of the format: deflate; 4.5: Zip64.
const VERSION: u16 = 20;
const VERSION_64: u16 = 45;
/// Made by version 4.5 on Unix: the attributes are those of Unix.
const MADE_BY: u16 = 3 << 8 | VERSION_64;
/// A plain file that its owner may write and everybody read.
const PLAIN_FILE: u32 = 0o100_644 << 16;
/// DEFLATE's level, window and strategy: the usual ones, raw.
const LEVEL: i32 = 6;
const RAW_WINDOW: i32 = -15;
const BUFFER: usize = 64 << 10;

/// A zip file being written.
pub(in crate::archive) struct ZipWriter {
    file: BufWriter<File>,
    /// For reading back what was written.
    path: PathBuf,
    position: u64,
    entries: u64,
    stamp: DosTime,
    compressor: Box<CompressorOxide>,
}

/// Date and time as zip has them: local time by convention, UTC here, two seconds apart, from 1980 to 2107.
#[derive(Debug, Clone, Copy)]
pub(in crate::archive) struct DosTime {
    pub(in crate::archive) date: u16,
    pub(in crate::archive) time: u16,
}

/// What a local header says of its entry.
struct Written {
    name: String,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    digest: Digest,
    /// Where its header begins, and where the next one does.
    start: u64,
    end: u64,
}

impl ZipWriter {
    /// Makes the file; there must be none. Every entry gets the same time.
    pub(in crate::archive) fn create(path: &Path, stamp: DosTime) -> io::Result<Self> {
        let file = create_private(path)?;
        Ok(ZipWriter {
            file: BufWriter::with_capacity(BUFFER, file),
            path: path.to_owned(),
            position: 0,
            entries: 0,
            stamp,
            compressor: Box::new(CompressorOxide::new(create_comp_flags_from_zip_params(
                LEVEL, RAW_WINDOW, 0,
            ))),
        })
    }

    /// Writes an entry whose content `fill` gives, of about `size` bytes: above 4 GiB it must be said. Gives the
    /// content's SHA-256. When `fill` fails there is no such entry.
    pub(in crate::archive) fn entry<E: From<io::Error>>(
        &mut self,
        name: &str,
        method: Method,
        size: u64,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<Digest, E> {
        if name.len() > MAX_ENTRY_NAME {
            return Err(io::Error::from(io::ErrorKind::InvalidFilename).into());
        }
        let start = self.position;
        match self.fill_entry(name, method, size, fill) {
            Ok(digest) => {
                self.entries += 1;
                Ok(digest)
            }
            Err(error) => {
                self.rewind(start)?;
                Err(error)
            }
        }
    }

    fn fill_entry<E: From<io::Error>>(
        &mut self,
        name: &str,
        method: Method,
        size: u64,
        fill: impl FnOnce(&mut dyn Write) -> Result<(), E>,
    ) -> Result<Digest, E> {
        let start = self.position;
        let wide = size >= u64::from(IN_EXTRA);
        let mut written = Written {
            name: name.to_owned(),
            method: method.number(),
            crc: 0,
            packed: 0,
            size: 0,
            digest: [0; 32],
            start,
            end: start,
        };
        // Its place is taken now, and filled in when the content is known.
        self.put(&written.local_header(self.stamp, wide))?;
        if method == Method::Deflated {
            self.compressor.reset();
        }
        let mut content = Content {
            writer: self,
            method,
            crc: Crc::new(),
            digest: Sha256Stream::new(),
            size: 0,
            buffer: vec![0; BUFFER].into_boxed_slice(),
        };
        fill(&mut content)?;
        content.finish()?;
        written.crc = content.crc.finish();
        written.size = content.size;
        written.digest = content.digest.finish();
        let header = written.local_header(self.stamp, wide);
        written.packed = self.position - start - header.len() as u64;
        if !wide && written.packed.max(written.size) >= u64::from(IN_EXTRA) {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge).into());
        }
        let header = written.local_header(self.stamp, wide);
        self.file.seek(SeekFrom::Start(start))?;
        self.file.write_all(&header)?;
        self.file.seek(SeekFrom::Start(self.position))?;
        Ok(written.digest)
    }

    /// Writes an entry that lists the SHA-256 of every entry before it, as `sha256sum` does; gives its own.
    pub(in crate::archive) fn list_digests(&mut self, name: &str) -> io::Result<Digest> {
        let written = self.written()?;
        self.entry(name, Method::Deflated, 0, |out| {
            for written in written {
                let Written { name, digest, .. } = written?;
                writeln!(out, "{}  {name}", hex(&digest))?;
            }
            Ok(())
        })
    }

    /// Writes the directory and syncs the file.
    pub(in crate::archive) fn finish(mut self) -> io::Result<()> {
        let (start, entries, stamp) = (self.position, self.entries, self.stamp);
        for written in self.written()? {
            self.put(&written?.central_header(stamp))?;
        }
        let size = self.position - start;
        if entries >= u64::from(u16::MAX) || self.position >= u64::from(IN_EXTRA) {
            self.put_end_64(start, size)?;
        }
        let count = u16::try_from(entries).unwrap_or(u16::MAX).to_le_bytes();
        let narrow = |value: u64| u32::try_from(value).unwrap_or(IN_EXTRA).to_le_bytes();
        let mut end = Vec::with_capacity(END);
        end.extend(signature::END.to_le_bytes());
        end.extend([0; 4]); // One volume.
        end.extend(count);
        end.extend(count);
        end.extend(narrow(size));
        end.extend(narrow(start));
        end.extend([0; 2]); // No comment.
        self.put(&end)?;
        self.file.flush()?;
        self.file.get_ref().sync_all()
    }

    fn put_end_64(&mut self, start: u64, size: u64) -> io::Result<()> {
        let at = self.position;
        let mut end = Vec::with_capacity(END_64 + LOCATOR_64);
        end.extend(signature::END_64.to_le_bytes());
        end.extend((END_64 as u64 - 12).to_le_bytes());
        end.extend(MADE_BY.to_le_bytes());
        end.extend(VERSION_64.to_le_bytes());
        end.extend([0; 8]); // One volume.
        end.extend(self.entries.to_le_bytes());
        end.extend(self.entries.to_le_bytes());
        end.extend(size.to_le_bytes());
        end.extend(start.to_le_bytes());
        end.extend(signature::LOCATOR_64.to_le_bytes());
        end.extend([0; 4]);
        end.extend(at.to_le_bytes());
        end.extend(1_u32.to_le_bytes());
        self.put(&end)
    }

    /// Reads back the headers of the entries that there are; more may be written meanwhile.
    fn written(&mut self) -> io::Result<impl Iterator<Item = io::Result<Written>> + use<>> {
        self.file.flush()?;
        let mut file = BufReader::new(File::open(&self.path)?);
        let mut place = 0;
        Ok((0..self.entries).map(move |_| {
            let written = Written::read(&mut file, place)?;
            file.seek_relative(written.packed.cast_signed())?;
            place = written.end;
            Ok(written)
        }))
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.position += bytes.len() as u64;
        Ok(())
    }

    fn rewind(&mut self, start: u64) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(start))?;
        self.file.get_ref().set_len(start)?;
        self.position = start;
        Ok(())
    }
}

/// The content of an entry on its way into the file.
struct Content<'a> {
    writer: &'a mut ZipWriter,
    method: Method,
    crc: Crc,
    digest: Sha256Stream,
    size: u64,
    buffer: Box<[u8]>,
}

impl Content<'_> {
    fn deflate(&mut self, mut bytes: &[u8], flush: MZFlush) -> io::Result<()> {
        loop {
            let done = deflate(&mut self.writer.compressor, bytes, &mut self.buffer, flush);
            self.writer
                .put(self.buffer.get(..done.bytes_written).unwrap_or_default())?;
            bytes = bytes.get(done.bytes_consumed..).unwrap_or_default();
            match done.status {
                Ok(MZStatus::StreamEnd) => return Ok(()),
                Ok(_) if flush == MZFlush::Finish || !bytes.is_empty() => {}
                Ok(_) => return Ok(()),
                Err(_) => return Err(io::ErrorKind::Other.into()),
            }
        }
    }

    fn finish(&mut self) -> io::Result<()> {
        match self.method {
            Method::Stored => Ok(()),
            Method::Deflated => self.deflate(&[], MZFlush::Finish),
        }
    }
}

impl Write for Content<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        match self.method {
            Method::Stored => self.writer.put(bytes)?,
            Method::Deflated => self.deflate(bytes, MZFlush::None)?,
        }
        self.crc.update(bytes);
        self.digest.update(bytes);
        self.size += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Written {
    fn local_header(&self, stamp: DosTime, wide: bool) -> Vec<u8> {
        let extra = DIGEST_FIELD + if wide { WIDE_FIELD } else { 0 };
        let narrow = |value: u64| if wide { IN_EXTRA } else { value as u32 }.to_le_bytes();
        let mut header = Vec::with_capacity(LOCAL_HEADER + self.name.len() + extra);
        header.extend(signature::LOCAL.to_le_bytes());
        header.extend(if wide { VERSION_64 } else { VERSION }.to_le_bytes());
        self.common(&mut header, stamp);
        header.extend(narrow(self.packed));
        header.extend(narrow(self.size));
        header.extend((self.name.len() as u16).to_le_bytes());
        header.extend((extra as u16).to_le_bytes());
        header.extend(self.name.as_bytes());
        if wide {
            header.extend(EXTRA_64.to_le_bytes());
            header.extend(16_u16.to_le_bytes());
            header.extend(self.size.to_le_bytes());
            header.extend(self.packed.to_le_bytes());
        }
        header.extend(EXTRA_DIGEST.to_le_bytes());
        header.extend(32_u16.to_le_bytes());
        header.extend(self.digest);
        header
    }

    fn central_header(&self, stamp: DosTime) -> Vec<u8> {
        let mut wide = Vec::new();
        let mut narrow = |value: u64| {
            u32::try_from(value)
                .ok()
                .filter(|value| *value != IN_EXTRA)
                .unwrap_or_else(|| {
                    wide.extend(value.to_le_bytes());
                    IN_EXTRA
                })
        };
        // In this order: that of the extra field.
        let (size, packed, start) = (narrow(self.size), narrow(self.packed), narrow(self.start));
        let extra = if wide.is_empty() { 0 } else { 4 + wide.len() as u16 };
        let mut header = Vec::with_capacity(CENTRAL_HEADER + self.name.len() + wide.len() + 4);
        header.extend(signature::CENTRAL.to_le_bytes());
        header.extend(MADE_BY.to_le_bytes());
        header.extend(if wide.is_empty() { VERSION } else { VERSION_64 }.to_le_bytes());
        self.common(&mut header, stamp);
        header.extend(packed.to_le_bytes());
        header.extend(size.to_le_bytes());
        header.extend((self.name.len() as u16).to_le_bytes());
        header.extend(extra.to_le_bytes());
        header.extend([0; 6]); // No comment, first volume, no internal attributes.
        header.extend(PLAIN_FILE.to_le_bytes());
        header.extend(start.to_le_bytes());
        header.extend(self.name.as_bytes());
        if !wide.is_empty() {
            header.extend(EXTRA_64.to_le_bytes());
            header.extend((wide.len() as u16).to_le_bytes());
            header.extend(wide);
        }
        header
    }

    /// Flags to checksum, which both headers have.
    fn common(&self, header: &mut Vec<u8>, stamp: DosTime) {
        header.extend(UTF_8.to_le_bytes());
        header.extend(self.method.to_le_bytes());
        header.extend(stamp.time.to_le_bytes());
        header.extend(stamp.date.to_le_bytes());
        header.extend(self.crc.to_le_bytes());
    }

    /// Reads what [`Written::local_header`] made at `start`, where the file stands.
    fn read(file: &mut impl Read, start: u64) -> io::Result<Self> {
        let mut fixed = [0; LOCAL_HEADER];
        file.read_exact(&mut fixed)?;
        let mut fields = Fields(&fixed);
        fields.skip(8);
        let method = fields.u16();
        fields.skip(4);
        let (crc, packed, size) = (fields.u32(), fields.u32(), fields.u32());
        let (name_length, extra_length) = (usize::from(fields.u16()), usize::from(fields.u16()));
        let mut rest = vec![0; name_length + extra_length];
        file.read_exact(&mut rest)?;
        let (name, extra) = rest.split_at(name_length);
        let mut fields = Fields(extra);
        let (mut packed, mut size) = (u64::from(packed), u64::from(size));
        if extra_length > DIGEST_FIELD {
            fields.skip(4);
            (size, packed) = (fields.u64(), fields.u64());
        }
        fields.skip(4);
        let digest = fields.take();
        let name = String::from_utf8(name.to_vec()).map_err(|_| io::ErrorKind::InvalidData)?;
        Ok(Written {
            name,
            method,
            crc,
            packed,
            size,
            digest,
            start,
            end: start + (LOCAL_HEADER + rest.len()) as u64 + packed,
        })
    }
}

/// Lower-case hexadecimal digits.
pub(in crate::archive) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A new file that its owner alone reads: it is in the clear.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
