//! The session of a browser that a request belongs to: who began it is who has to finish it (ATTACKS A28).
//!
//! A code that the phone makes travels inside the sealed answer, and by the person's own hand or browser to the session. The
//! organisation gives the answer out where both meet, and nowhere else. So whoever shows a person a request of a session
//! of their own gets nothing, unless the person also brings them the code.

use kist_crypto::{CryptoRng, base64url};
use serde::{Deserialize, Serialize};

use crate::address::allowed_origin;
use crate::{Result, TransportPolicy};

/// How many wrong codes end a request.
pub const SESSION_TRIES: u8 = 5;
const DIGITS: u32 = 1_000_000;

/// The session that a request belongs to, as the request says it (`kist_session` in `client_metadata`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Session {
    /// In a browser on the phone itself.
    SameDevice {
        /// Where that browser brings the code to, as `response_code` in the query: https, without a fragment.
        return_uri: String,
    },
    /// In a browser on another device, into which the person types the code.
    AcrossDevices,
}

/// What the person, or their browser, brings back to the session. Whoever has it gets the answer out.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum SessionCode {
    /// An address to open in the phone's browser.
    Open {
        /// The address, with the code in it.
        uri: String,
    },
    /// Six digits to type where the session was begun.
    Type {
        /// The digits.
        code: String,
    },
}

impl Session {
    pub(crate) fn check(&self, policy: TransportPolicy) -> Result<()> {
        match self {
            Session::SameDevice { return_uri } => allowed_origin(return_uri, policy).map(|_| ()),
            Session::AcrossDevices => Ok(()),
        }
    }

    /// A fresh code, as it travels in the answer, and as it is brought back.
    pub(crate) fn code<R: CryptoRng + ?Sized>(&self, rng: &mut R) -> (String, SessionCode) {
        match self {
            Session::SameDevice { return_uri } => {
                let mut bytes = [0; 32];
                rng.fill_bytes(&mut bytes);
                let code = base64url(bytes);
                let separator = if return_uri.contains('?') { '&' } else { '?' };
                let uri = format!("{return_uri}{separator}response_code={code}");
                (code, SessionCode::Open { uri })
            }
            Session::AcrossDevices => {
                let code = digits(rng);
                (code.clone(), SessionCode::Type { code })
            }
        }
    }
}

/// Six digits, each number as likely as any other.
fn digits<R: CryptoRng + ?Sized>(rng: &mut R) -> String {
    const FAIR: u32 = u32::MAX - u32::MAX % DIGITS;
    loop {
        let mut bytes = [0; 4];
        rng.fill_bytes(&mut bytes);
        let drawn = u32::from_be_bytes(bytes);
        if drawn < FAIR {
            return format!("{:06}", drawn % DIGITS);
        }
    }
}

impl std::fmt::Debug for SessionCode {
    /// Without the code.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            SessionCode::Open { .. } => "SessionCode::Open(…)",
            SessionCode::Type { .. } => "SessionCode::Type(…)",
        })
    }
}
