//! QR codes: drawn as modules, read from a picture's brightness.

use kist_pds::{Requests, qr};

use crate::KistError;
use crate::error::Result;
use crate::task::hush_panics;

/// A drawn code: a square of modules without its quiet zone, which is to be four light modules on each side.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct QrModules {
    /// Modules on a side.
    pub size: u32,
    /// `size × size` bytes, row by row: 1 is dark, 0 is light.
    pub modules: Vec<u8>,
}

/// Draws a text. `TooLarge` above 2331 bytes.
#[uniffi::export]
pub fn draw_qr(text: String) -> Result<QrModules> {
    hush_panics();
    let drawn = qr::draw(&text).map_err(kist_pds::Error::from)?;
    Ok(QrModules {
        size: u32::try_from(drawn.size).map_err(|_| KistError::Internal)?,
        modules: drawn.dark.into_iter().map(u8::from).collect(),
    })
}

/// The texts of all codes in a picture: `luma` has a byte a pixel, row by row, 0 is black.
///
/// Errors: `Malformed` where the size isn't the bytes', `TooLarge`.
#[uniffi::export]
pub fn read_qr(luma: Vec<u8>, width: u32, height: u32) -> Result<Vec<String>> {
    hush_panics();
    Ok(qr::read(&luma, width as usize, height as usize).map_err(kist_pds::Error::from)?)
}

/// The one link in a picture that starts a handshake; see [`read_qr`]. `NotARequest` where there is none.
#[uniffi::export]
pub fn read_request_qr(luma: Vec<u8>, width: u32, height: u32) -> Result<String> {
    hush_panics();
    Ok(Requests::read_qr(&luma, width as usize, height as usize)?)
}
