//! Frames: several numbered byte strings in one body, for reads of a mailbox or a log.
//!
//! `version(1) = 1 ‖ (number u64be ‖ length u32be ‖ bytes)*`, numbers strictly ascending. No frames is one byte.

use crate::{Error, Result};

/// The version byte that a list of frames begins with.
pub const FRAMES_VERSION: u8 = 1;

const MALFORMED: Error = Error::Malformed { what: "frames" };

/// One message of a mailbox or one entry of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The message's number, from 1, or the entry's index, from 0.
    pub number: u64,
    /// The bytes as they were sent.
    pub body: Vec<u8>,
}

/// Builds a list of frames.
#[derive(Debug)]
pub struct FrameWriter(Vec<u8>);

impl Default for FrameWriter {
    fn default() -> Self {
        Self(vec![FRAMES_VERSION])
    }
}

impl FrameWriter {
    /// Appends a frame. Numbers must ascend.
    ///
    /// Errors: `Malformed` when the body is longer than 4 GiB.
    pub fn push(&mut self, number: u64, body: &[u8]) -> Result<()> {
        let length = u32::try_from(body.len()).map_err(|_| MALFORMED)?;
        self.0.extend_from_slice(&number.to_be_bytes());
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(body);
        Ok(())
    }

    /// The bytes that the list takes so far.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no frame has been pushed.
    pub fn is_empty(&self) -> bool {
        self.0.len() == 1
    }

    /// The whole list.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads a list of frames. What it allocates is bounded by the length of `bytes`.
///
/// Errors: `UnsupportedVersion`; `Malformed` when a frame is cut, a number doesn't ascend, or nothing is there at all.
pub fn decode_frames(bytes: &[u8]) -> Result<Vec<Frame>> {
    let (&version, mut rest) = bytes.split_first().ok_or(MALFORMED)?;
    if version != FRAMES_VERSION {
        return Err(Error::UnsupportedVersion { found: version });
    }
    let mut frames: Vec<Frame> = Vec::new();
    while !rest.is_empty() {
        let (number, after) = rest.split_first_chunk::<8>().ok_or(MALFORMED)?;
        let (length, after) = after.split_first_chunk::<4>().ok_or(MALFORMED)?;
        let number = u64::from_be_bytes(*number);
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| MALFORMED)?;
        let (body, after) = after.split_at_checked(length).ok_or(MALFORMED)?;
        if frames.last().is_some_and(|last| last.number >= number) {
            return Err(MALFORMED);
        }
        frames.push(Frame {
            number,
            body: body.to_vec(),
        });
        rest = after;
    }
    Ok(frames)
}
