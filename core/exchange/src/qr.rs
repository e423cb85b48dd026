//! QR codes (ISO/IEC 18004): a link drawn as modules, and codes read from a picture's brightness.
//!
//! A picture is untrusted: its size is bounded, and a picture made of finder patterns is not searched.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fast_qr::{ECL, QRBuilder};

use crate::picture::Bitmap;
use crate::{Error, Result};

/// The longest text that is drawn, in bytes: version 40 at error correction level M.
pub const MAX_TEXT: usize = 2331;
/// The largest picture that is read, in pixels: a camera of 50 megapixels.
pub const MAX_PIXELS: usize = 50_000_000;
/// The most finder patterns in a picture; a code has three.
const MAX_FINDERS: usize = 36;
/// Light modules around a code, on each side.
const QUIET_ZONE: usize = 4;

/// A drawn code: a square of modules, row by row, without its quiet zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrModules {
    /// Modules on a side: 21 to 177.
    pub size: usize,
    /// `size × size` modules; `true` is dark.
    pub dark: Vec<bool>,
}

/// A picture's brightness, one byte a pixel, row by row: 0 is black.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Luma {
    /// Pixels on a side.
    pub side: usize,
    /// `side × side` bytes.
    pub pixels: Vec<u8>,
}

/// Draws a text, at error correction level M. `TooLarge` above [`MAX_TEXT`] bytes.
pub fn draw(text: &str) -> Result<QrModules> {
    const TOO_LARGE: Error = Error::TooLarge {
        what: "QR text",
        limit: MAX_TEXT,
    };
    if text.len() > MAX_TEXT {
        return Err(TOO_LARGE);
    }
    let code = QRBuilder::new(text).ecl(ECL::M).build().map_err(|_| TOO_LARGE)?;
    let size = code.size;
    let dark = code.data[..size * size].iter().map(|module| module.value()).collect();
    Ok(QrModules { size, dark })
}

impl QrModules {
    /// Whether the module is dark; outside the code everything is light.
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        x < self.size && y < self.size && self.dark.get(y * self.size + x).copied().unwrap_or(false)
    }

    /// The code with its quiet zone as an SVG of one unit a module.
    pub fn to_svg(&self) -> String {
        let side = self.size + 2 * QUIET_ZONE;
        let mut path = String::new();
        for y in 0..self.size {
            for x in (0..self.size).filter(|&x| self.is_dark(x, y)) {
                path.push_str(&format!("M{} {}h1v1h-1z", x + QUIET_ZONE, y + QUIET_ZONE));
            }
        }
        format!(
            r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path d="{path}"/></svg>"##
        )
    }

    /// The code with its quiet zone as a picture of `scale` pixels a module (1 to 64).
    pub fn to_luma(&self, scale: usize) -> Luma {
        let scale = scale.clamp(1, 64);
        let side = (self.size + 2 * QUIET_ZONE) * scale;
        let module = |pixel: usize| (pixel / scale).wrapping_sub(QUIET_ZONE);
        let pixels = (0..side * side)
            .map(|i| {
                if self.is_dark(module(i % side), module(i / side)) {
                    0
                } else {
                    255
                }
            })
            .collect();
        Luma { side, pixels }
    }
}

/// The texts of all codes that are found in a picture's brightness, row by row, `width × height` bytes.
///
/// A picture without a code gives none. `Malformed` when the size is not the bytes', `TooLarge` above [`MAX_PIXELS`] and
/// for a picture that is made of finder patterns.
pub fn read(luma: &[u8], width: usize, height: usize) -> Result<Vec<String>> {
    match width.checked_mul(height) {
        Some(pixels) if pixels > MAX_PIXELS => {
            return Err(Error::TooLarge {
                what: "picture",
                limit: MAX_PIXELS,
            });
        }
        Some(pixels) if pixels > 0 && pixels == luma.len() => {}
        _ => return Err(Error::Malformed { what: "picture" }),
    }
    let picture = Bitmap::from_luma(luma, width, height);
    // The decoder tries every three finder patterns on a copy of the picture.
    if picture.finder_patterns() > MAX_FINDERS {
        return Err(Error::TooLarge {
            what: "QR picture",
            limit: MAX_FINDERS,
        });
    }
    // The decoder asserts on some degenerate geometries; a picture is not worth a process.
    Ok(catch_unwind(AssertUnwindSafe(|| picture.decode())).unwrap_or_default())
}
