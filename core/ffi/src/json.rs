//! Free JSON, which crosses as text; and what the core names by tagged JSON alone.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::KistError;
use crate::error::Result;

/// The value that a caller wrote; `Malformed` where it is no JSON.
pub(crate) fn read(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|_| KistError::malformed("JSON"))
}

/// What the caller hands on from someone else, such as a framework's bundle.
pub(crate) fn read_as<T: DeserializeOwned>(text: &str, what: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| KistError::malformed(what))
}

/// Text of what the core gave.
pub(crate) fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|_| KistError::Internal)
}

/// The core's value in the shape of the bridge, through the JSON that both have: for types of the core's inner rooms.
pub(crate) fn reshape<T: DeserializeOwned>(value: &impl Serialize) -> Result<T> {
    let value = serde_json::to_value(value).map_err(|_| KistError::Internal)?;
    serde_json::from_value(value).map_err(|_| KistError::Internal)
}
