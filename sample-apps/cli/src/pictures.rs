//! Pictures: QR codes read from PNG and JPEG, drawn as PNG, SVG and in the terminal.

use std::io::Cursor;
use std::path::Path;

use image::{GrayImage, ImageFormat, ImageReader, Limits};
use kist_pds::qr::{self, QrModules};

use crate::failure::{Failure, Result};
use crate::input;

/// Pixels of a module in a PNG.
const SCALE: usize = 8;
/// The largest side of a picture, in pixels.
const MAX_SIDE: u32 = 12_000;

/// A picture's brightness: bytes, width, height.
pub(crate) fn luma(path: &Path) -> Result<(Vec<u8>, usize, usize)> {
    let bad = || Failure::own("BadPicture").with("path", path.display().to_string());
    let bytes = input::bytes(path)?;
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| bad())?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    reader.limits(limits);
    let picture = reader.decode().map_err(|_| bad())?.into_luma8();
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    Ok((picture.into_raw(), width, height))
}

/// The texts of all codes in a picture.
pub(crate) fn read_codes(path: &Path) -> Result<Vec<String>> {
    let (luma, width, height) = luma(path)?;
    let bad = |_| Failure::own("BadPicture").with("path", path.display().to_string());
    qr::read(&luma, width, height).map_err(bad)
}

/// A text's code.
pub(crate) fn code(text: &str) -> Result<QrModules> {
    qr::draw(text).map_err(|_| Failure::own("WrongPictureType").with("path", "QR"))
}

/// Whether [`write`] knows what to write by this name, asked before there is something to lose.
pub(crate) fn check_name(path: &Path) -> Result<()> {
    match extension(path).as_str() {
        "png" | "svg" => Ok(()),
        _ => Err(Failure::own("WrongPictureType").with("path", path.display().to_string())),
    }
}

/// Writes a code as PNG or SVG, by the file's name.
pub(crate) fn write(path: &Path, code: &QrModules) -> Result<()> {
    check_name(path)?;
    match extension(path).as_str() {
        "svg" => input::write(path, code.to_svg()),
        _ => input::write(path, png(code).ok_or_else(|| Failure::own("WrongPictureType"))?),
    }
}

fn png(code: &QrModules) -> Option<Vec<u8>> {
    let luma = code.to_luma(SCALE);
    let side = u32::try_from(luma.side).ok()?;
    let picture = GrayImage::from_raw(side, side, luma.pixels)?;
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).ok()?;
    Some(bytes.into_inner())
}

/// A file name's extension, in lower case.
pub(crate) fn extension(path: &Path) -> String {
    let extension = path.extension().unwrap_or_default();
    extension.to_string_lossy().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn h1_a_code_written_as_png_is_read_back() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("request.PNG");
        let link = format!(
            "openid4vp://?client_id=x509_hash%3A{}&request_uri=https%3A%2F%2Frelay.example",
            "A".repeat(43)
        );
        write(&path, &code(&link).expect("a code")).expect("a picture");
        assert_eq!(read_codes(&path).expect("a picture"), [link]);
    }

    #[test]
    fn a_code_is_written_as_svg_and_as_nothing_else() {
        let dir = tempfile::tempdir().expect("a folder");
        let drawn = code("openid4vp://").expect("a code");
        write(&dir.path().join("request.svg"), &drawn).expect("a picture");
        let svg = std::fs::read_to_string(dir.path().join("request.svg")).expect("the picture");
        assert!(svg.starts_with("<svg "));
        let other = write(&dir.path().join("request.gif"), &drawn).expect_err("no GIF");
        assert_eq!(other.code(), "WrongPictureType");
    }
}
