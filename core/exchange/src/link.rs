//! The link that starts a handshake, as a QR, a URI or an https link carries it: who asks, and where the request lies
//! (OpenID4VP 1.0, sections 5.7 and 12; RFC 9101, section 5.2).

use kist_crypto::from_base64url;

use crate::address::{allowed_origin, form_pairs, percent_encode};
use crate::{CodePurpose, Error, Result, TransportPolicy};

/// The longest link that is read, in bytes; no QR holds more.
pub const MAX_LINK: usize = 2953;
const MAX_PAIRS: usize = 16;
/// Schemes by which wallets are called: OpenID4VP's own, HAIP's, and the European reference wallet's.
pub(crate) const SCHEMES: [&str; 3] = ["openid4vp", "haip-vp", "eudi-openid4vp"];
/// The one client identifier prefix of the hosted profile (OpenID4VP 1.0, section 5.9.3).
const CLIENT_ID_PREFIX: &str = "x509_hash:";

/// Who asks, and where the signed request is fetched. Its address satisfies the policy it was read under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestLink {
    client_id: String,
    request_uri: String,
    method: RequestUriMethod,
}

/// How the request is fetched (OpenID4VP 1.0, section 5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RequestUriMethod {
    /// By GET. The hosted profile has nothing else.
    #[default]
    Get,
    /// By POST, with a nonce of the wallet; a wallet that can't may use GET.
    Post,
}

impl RequestLink {
    /// The link to a request at `request_uri`, fetched by GET.
    ///
    /// `Unsupported` for a client identifier without `x509_hash`, `AddressRefused` for an address that `policy` refuses.
    pub fn new(client_id: &str, request_uri: &str, policy: TransportPolicy) -> Result<Self> {
        check_client_id(client_id)?;
        allowed_origin(request_uri, policy)?;
        Ok(RequestLink {
            client_id: client_id.to_owned(),
            request_uri: request_uri.to_owned(),
            method: RequestUriMethod::Get,
        })
    }

    /// Reads what a QR or an app link carried.
    ///
    /// `WrongPurpose` for another code of Kist's, such as a recovery kit; `NotARequest` for anything else that is no
    /// authorisation request by reference. What is one and can't be answered is
    /// named: `Unsupported` (request by value, another client identifier prefix or method), `AddressRefused`.
    pub fn parse(text: &str, policy: TransportPolicy) -> Result<Self> {
        let text = text.trim_ascii();
        if text.len() > MAX_LINK {
            return Err(Error::NotARequest);
        }
        if let Some(found) = CodePurpose::of(text).filter(|found| *found != CodePurpose::Request) {
            return Err(Error::WrongPurpose { found });
        }
        let pairs = form_pairs(query(text)?, MAX_PAIRS).ok_or(Error::NotARequest)?;
        let client_id = only(&pairs, "client_id")?.ok_or(Error::NotARequest)?;
        let Some(request_uri) = only(&pairs, "request_uri")? else {
            let by_value = pairs
                .iter()
                .any(|(name, _)| name == "request" || name == "response_type");
            return Err(if by_value {
                Error::Unsupported {
                    what: "request by value",
                }
            } else {
                Error::NotARequest
            });
        };
        let method = match only(&pairs, "request_uri_method")? {
            None | Some("get") => RequestUriMethod::Get,
            Some("post") => RequestUriMethod::Post,
            Some(_) => {
                return Err(Error::Unsupported {
                    what: "request_uri_method",
                });
            }
        };
        Ok(RequestLink {
            method,
            ..RequestLink::new(client_id, request_uri, policy)?
        })
    }

    /// The client identifier, prefix and all.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Where the request is fetched.
    pub fn request_uri(&self) -> &str {
        &self.request_uri
    }

    /// How the request is fetched.
    pub fn method(&self) -> RequestUriMethod {
        self.method
    }

    /// The link for a QR and for wallets on the same device: `openid4vp://?…`.
    pub fn to_uri(&self) -> String {
        format!("openid4vp://?{}", self.to_query())
    }

    /// The link through a web address that an app has claimed. The parameters stand in the fragment, so that a browser
    /// without the app tells the site nothing.
    pub fn to_universal_link(&self, base: &str) -> String {
        format!("{base}#{}", self.to_query())
    }

    fn to_query(&self) -> String {
        let method = match self.method {
            RequestUriMethod::Get => "",
            RequestUriMethod::Post => "&request_uri_method=post",
        };
        let (client_id, request_uri) = (percent_encode(&self.client_id), percent_encode(&self.request_uri));
        format!("client_id={client_id}&request_uri={request_uri}{method}")
    }
}

/// The parameters of a link with a scheme that calls a wallet, or of a universal link: its query, else its fragment.
fn query(text: &str) -> Result<&str> {
    let (scheme, rest) = text.split_once(':').ok_or(Error::NotARequest)?;
    let scheme = scheme.to_ascii_lowercase();
    if scheme != "https" && !SCHEMES.contains(&scheme.as_str()) {
        return Err(Error::NotARequest);
    }
    let (before, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    match before.split_once('?') {
        Some((_, query)) if !query.is_empty() => Ok(query),
        _ if scheme == "https" => Ok(fragment),
        _ => Err(Error::NotARequest),
    }
}

/// The value of a parameter; given twice it could mean two things to two readers, and is refused.
pub(crate) fn only<'a>(pairs: &'a [(String, String)], name: &str) -> Result<Option<&'a str>> {
    let mut values = pairs
        .iter()
        .filter(|(key, _)| key == name)
        .map(|(_, value)| value.as_str());
    match (values.next(), values.next()) {
        (value, None) => Ok(value),
        _ => Err(Error::NotARequest),
    }
}

/// That a client identifier is `x509_hash:` and the base64url of 32 bytes.
fn check_client_id(client_id: &str) -> Result<()> {
    let hash = client_id.strip_prefix(CLIENT_ID_PREFIX).ok_or(Error::Unsupported {
        what: "client_id prefix",
    })?;
    match from_base64url(hash) {
        Ok(bytes) if bytes.len() == 32 => Ok(()),
        _ => Err(Error::Malformed { what: "client_id" }),
    }
}
