//! The framework's terms: in several languages with a summary in plain words, signed by the registrar, and named by a
//! hash that registrations, agreements and acceptances carry.

use kist_crypto::{base64url, jws};
use serde::{Deserialize, Serialize};

use crate::certificate::{Anchor, Ground};
use crate::registration::Versioned;
use crate::signed;
use crate::text::is_shown;
use crate::{Error, Localised, Reason, Result, TrustList};

/// The `typ` of terms.
const TYP: &str = "kist-terms+jwt";
const VERSION: u64 = 1;
/// The largest terms that are read, in bytes of their compact form.
const MAX_TERMS: usize = 512 << 10;
/// The longest summary in one language, in bytes: a screen.
const MAX_SUMMARY: usize = 4 << 10;
/// A dot and base64url of 64 bytes.
const MAX_SIGNATURE: usize = 87;
const MALFORMED: Error = Error::Malformed { what: "terms" };

/// The terms of the framework in the version that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Their version.
    pub version: String,
    /// SHA-256 of what was signed of them, base64url.
    pub sha256: String,
}

/// The terms that a list says to be in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct TermsNotice {
    /// Their version.
    pub version: String,
    /// SHA-256 of what was signed of them, base64url.
    pub sha256: String,
    /// From when on they hold, in Unix seconds.
    pub effective: i64,
}

impl TermsNotice {
    /// As a registration names them.
    pub fn terms(&self) -> Terms {
        Terms {
            version: self.version.clone(),
            sha256: self.sha256.clone(),
        }
    }
}

/// Terms, as the operator writes and the registrar signs them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameworkTerms {
    /// Their version, as people say it: `2`, `2026-11`. Called so, since `version` is the format's.
    pub terms_version: String,
    /// From when on they hold, in Unix seconds.
    pub effective: i64,
    /// What they come to, in plain words, by language.
    pub summary: Localised,
    /// The terms themselves, by language; every language of the summary, and it alone.
    pub text: Localised,
    /// SHA-256 of the terms that they replace, base64url.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
}

/// Terms that the registrar signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedTerms {
    /// What they say.
    pub content: FrameworkTerms,
    /// SHA-256 of what was signed, base64url: what acceptances name.
    pub sha256: String,
}

impl SignedTerms {
    /// As a registration or an agreement names them.
    pub fn terms(&self) -> Terms {
        Terms {
            version: self.content.terms_version.clone(),
            sha256: self.sha256.clone(),
        }
    }

    /// Reads terms that the registrar of `anchor` signed, at `now` (Unix seconds). `list` is the anchor's, where there is
    /// one: terms that were signed under a root which has been replaced are read by it.
    ///
    /// Fails with `TrustListNotTrusted`, `Malformed`, `UnsupportedVersion` or `TooLarge`.
    pub fn verify(compact: &str, anchor: &Anchor, list: Option<&TrustList>, now: i64) -> Result<Self> {
        if compact.len() > MAX_TERMS {
            return Err(Error::TooLarge {
                what: "terms",
                limit: MAX_TERMS,
            });
        }
        let ground = Ground {
            anchor,
            links: list.map_or(&[], TrustList::links),
        };
        let opened = signed::open(compact, TYP, &ground, now);
        let opened = opened.map_err(|reason: Reason| Error::TrustListNotTrusted { reason })?;
        let payload = opened.payload.ok_or(MALFORMED)?;
        crate::registration::check_version(&payload, VERSION, MALFORMED)?;
        let content: FrameworkTerms = serde_json::from_value(payload).map_err(|_| MALFORMED)?;
        content.check()?;
        Ok(SignedTerms {
            content,
            sha256: base64url(opened.sha256),
        })
    }
}

impl FrameworkTerms {
    /// The JWS to be signed by the registrar whose certificates are `chain`, and SHA-256 of its payload. `TooLarge` where
    /// phones would not read it.
    pub(crate) fn unsigned(&self, chain: &[Vec<u8>]) -> Result<(jws::Unsigned, [u8; 32])> {
        self.check()?;
        let (unsigned, sha256) = signed::unsigned(TYP, chain, &Versioned::new(VERSION, self))?;
        if unsigned.signing_input().len() > MAX_TERMS - MAX_SIGNATURE {
            return Err(Error::TooLarge {
                what: "terms",
                limit: MAX_TERMS,
            });
        }
        Ok((unsigned, sha256))
    }

    fn check(&self) -> Result<()> {
        let summaries = &self.summary.0;
        let shown = summaries
            .values()
            .all(|text| is_shown(text) && text.len() <= MAX_SUMMARY);
        let whole = !summaries.is_empty() && summaries.keys().eq(self.text.0.keys());
        let texts = self.text.0.values().all(|text| is_shown(text));
        if is_shown(&self.terms_version) && shown && whole && texts {
            Ok(())
        } else {
            Err(MALFORMED)
        }
    }
}
