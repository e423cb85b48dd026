//! Links that begin a connection and ask for nothing: `kist-connect://…`. They are told apart from requests by scheme and
//! from each other by host, so that none is taken for another (ATTACKS A29).

use crate::address::{allowed_origin, form_pairs, percent_encode};
use crate::link::{MAX_LINK, only};
use crate::{CodePurpose, Error, Result, TransportPolicy};

const SCHEME: &str = "kist-connect";
const MAX_PAIRS: usize = 16;

/// What a link that begins a connection leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContactLink {
    /// An organisation's invitation.
    Invitation {
        /// Whose: the hash of the access certificate, `x509_hash:…`.
        client_id: String,
        /// Where it is fetched.
        invitation_uri: String,
    },
    /// A cluster's statement.
    Cluster {
        /// Who leads it: the hash of the access certificate, `x509_hash:…`.
        client_id: String,
        /// Where it is fetched.
        cluster_uri: String,
    },
    /// A letter's invitation.
    Letter {
        /// The code, as on paper.
        code: String,
        /// The relay that holds the invitation.
        relay: String,
    },
    /// Another person's invitation: what it carries are its parameters.
    Person {
        /// Its parameters.
        parameters: String,
    },
}

impl ContactLink {
    /// Reads what a QR or a link carried.
    ///
    /// Errors: `WrongPurpose` for a request for data, which is another thing to decide; `NotARequest` for anything else that
    /// is none; `AddressRefused`.
    pub fn parse(text: &str, policy: TransportPolicy) -> Result<Self> {
        let text = text.trim_ascii();
        if text.len() > MAX_LINK {
            return Err(Error::NotARequest);
        }
        let (scheme, rest) = text.split_once("://").ok_or(Error::NotARequest)?;
        if !scheme.eq_ignore_ascii_case(SCHEME) {
            return Err(match CodePurpose::of(text) {
                Some(found) => Error::WrongPurpose { found },
                None => Error::NotARequest,
            });
        }
        let (host, parameters) = rest.split_once('?').ok_or(Error::NotARequest)?;
        let pairs = form_pairs(parameters, MAX_PAIRS).ok_or(Error::NotARequest)?;
        let value = |name: &str| -> Result<String> { Ok(only(&pairs, name)?.ok_or(Error::NotARequest)?.to_owned()) };
        let link = match host.trim_end_matches('/') {
            "invitation" => ContactLink::Invitation {
                client_id: value("client_id")?,
                invitation_uri: value("invitation_uri")?,
            },
            "cluster" => ContactLink::Cluster {
                client_id: value("client_id")?,
                cluster_uri: value("cluster_uri")?,
            },
            "letter" => ContactLink::Letter {
                code: value("code")?,
                relay: value("relay")?,
            },
            "person" => ContactLink::Person {
                parameters: parameters.to_owned(),
            },
            _ => return Err(Error::NotARequest),
        };
        match &link {
            ContactLink::Invitation {
                invitation_uri: url, ..
            }
            | ContactLink::Cluster { cluster_uri: url, .. }
            | ContactLink::Letter { relay: url, .. } => {
                allowed_origin(url, policy)?;
            }
            ContactLink::Person { .. } => {}
        }
        Ok(link)
    }

    /// The link for a QR.
    pub fn to_uri(&self) -> String {
        match self {
            ContactLink::Invitation {
                client_id,
                invitation_uri,
            } => format!(
                "{SCHEME}://invitation?client_id={}&invitation_uri={}",
                percent_encode(client_id),
                percent_encode(invitation_uri)
            ),
            ContactLink::Cluster { client_id, cluster_uri } => format!(
                "{SCHEME}://cluster?client_id={}&cluster_uri={}",
                percent_encode(client_id),
                percent_encode(cluster_uri)
            ),
            ContactLink::Letter { code, relay } => {
                format!(
                    "{SCHEME}://letter?code={}&relay={}",
                    percent_encode(code),
                    percent_encode(relay)
                )
            }
            ContactLink::Person { parameters } => format!("{SCHEME}://person?{parameters}"),
        }
    }
}
