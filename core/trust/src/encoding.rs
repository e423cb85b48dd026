//! How this room's JSON writes times (RFC 3339, in UTC and whole seconds), DER and digests.

use std::str::FromStr;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use der::DateTime;

use crate::{Error, Result};

/// Unix seconds as a calendar time. Years 1970 to 9999.
pub(crate) fn date_time(seconds: i64) -> Result<DateTime> {
    u64::try_from(seconds)
        .ok()
        .and_then(|seconds| DateTime::from_unix_duration(Duration::from_secs(seconds)).ok())
        .ok_or(Error::Malformed { what: "time" })
}

/// Unix seconds of a calendar time, which ends with the year 9999.
pub(crate) fn unix_seconds(time: DateTime) -> i64 {
    i64::try_from(time.unix_duration().as_secs()).unwrap_or(i64::MAX)
}

/// `2026-11-23T21:00:00Z`.
pub(crate) fn timestamp(seconds: i64) -> Result<String> {
    Ok(date_time(seconds)?.to_string())
}

pub(crate) fn from_timestamp(text: &str) -> Result<i64> {
    DateTime::from_str(text)
        .map(unix_seconds)
        .map_err(|_| Error::Malformed { what: "time" })
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}

pub(crate) fn from_base64(text: &str) -> Result<Vec<u8>> {
    BASE64_STANDARD
        .decode(text)
        .map_err(|_| Error::Malformed { what: "base64" })
}

/// Serde of one certificate in DER as base64.
pub(crate) mod der_base64 {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(der: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&super::base64(der))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        super::from_base64(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}
