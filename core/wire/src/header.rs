//! Names of headers and media types, all in lower case as HTTP libraries ask.

/// Carries a bearer token: `Bearer <base64url>`.
pub const AUTHORIZATION: &str = "authorization";
/// Carries an [`crate::IdempotencyKey`] with each message sent.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// A head's tag: the SHA-256 of its bytes in base64url, within double quotes.
pub const ETAG: &str = "etag";
/// The tag of the head that a new one replaces; on a read, see [`IF_NONE_MATCH`].
pub const IF_MATCH: &str = "if-match";
/// `*` with the first head of a vault; on a read, the tag that the client has, answered with 304 when it still holds.
pub const IF_NONE_MATCH: &str = "if-none-match";
/// Seconds to wait after a 429 or 503.
pub const RETRY_AFTER: &str = "retry-after";
/// The number of the last event that an event stream gave, when it is resumed.
pub const LAST_EVENT_ID: &str = "last-event-id";

/// Blobs, log entries, heads, messages: bytes that the relay doesn't read.
pub const OCTET_STREAM: &str = "application/octet-stream";
/// Several numbered byte strings in one body: see [`crate::decode_frames`].
pub const FRAMES: &str = "application/vnd.kist.frames";
/// A signed authorization request (RFC 9101, section 10.7).
pub const REQUEST_OBJECT: &str = "application/oauth-authz-req+jwt";
/// A wallet's response (OpenID4VP 1.0, section 8.2).
pub const FORM: &str = "application/x-www-form-urlencoded";
