//! A relay's origin: scheme, host and port (RFC 6454), as every statement names it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Error, Result};

const MALFORMED: Error = Error::Malformed { what: "Origin" };
/// The longest origin read: a host name of 253 characters with scheme and port.
const MAX_LENGTH: usize = 280;

/// A relay's origin in its one written form: lower case, no default port, no slash at the end.
///
/// Whether `http` is allowed at all is for the caller to decide, see [`Origin::is_https`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

impl Origin {
    /// The origin of any `http` or `https` URL; path, query and fragment are left out.
    ///
    /// Errors: `Malformed` for another scheme, user information, an empty or international host, a port out of range.
    pub fn of_url(url: &str) -> Result<Self> {
        let (scheme, rest) = split_scheme(url).ok_or(MALFORMED)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let authority = rest.get(..end).ok_or(MALFORMED)?;
        let (host, port) = split_port(authority).ok_or(MALFORMED)?;
        if !is_host(host) || authority.len() > MAX_LENGTH {
            return Err(MALFORMED);
        }
        let default = if scheme == "https" { 443 } else { 80 };
        let host = host.to_ascii_lowercase();
        Ok(Self(match port {
            Some(port) if port != default => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        }))
    }

    /// The written form, for example `https://relay.example`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the connection is to be protected by TLS.
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// The URL of a path that [`crate::path`] built.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl FromStr for Origin {
    type Err = Error;

    /// Reads an origin that stands alone; one slash may follow.
    fn from_str(text: &str) -> Result<Self> {
        let authority = split_scheme(text).ok_or(MALFORMED)?.1;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        if authority.contains(['/', '?', '#']) {
            return Err(MALFORMED);
        }
        Self::of_url(text)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({})", self.0)
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

fn split_scheme(url: &str) -> Option<(&'static str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    ["https", "http"]
        .into_iter()
        .find(|known| scheme.eq_ignore_ascii_case(known))
        .map(|known| (known, rest))
}

/// Splits `host[:port]`; the colons of an IPv6 address stand within brackets.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    let bracket = authority.rfind(']').unwrap_or(0);
    match authority.rfind(':').filter(|colon| *colon > bracket) {
        None => Some((authority, None)),
        Some(colon) => {
            let digits = authority.get(colon + 1..)?;
            let port = digits
                .bytes()
                .all(|byte| byte.is_ascii_digit())
                .then(|| digits.parse().ok())??;
            (port != 0).then_some((authority.get(..colon)?, Some(port)))
        }
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    !host.is_empty()
        && host
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}
