//! base64url without padding (RFC 4648, section 5), the encoding of everything that JOSE carries.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use crate::{Error, Result};

/// Encodes without padding.
pub fn base64url(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes strictly: no padding, no white space, no stray bits.
pub fn from_base64url(text: &str) -> Result<Vec<u8>> {
    BASE64_URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| Error::Malformed { what: "base64url" })
}
