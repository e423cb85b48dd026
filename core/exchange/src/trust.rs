//! Whom the person's side believes: pinned anchors, and a verified list of each.

use kist_trust::{Anchor, TrustList, TrustedParty, verify_organisation};

use crate::Result;

/// Anchors and lists, as the phone keeps them.
#[derive(Debug, Clone, Copy)]
pub struct TrustContext<'a> {
    /// The pinned anchors.
    pub anchors: &'a [Anchor],
    /// One verified list of each.
    pub lists: &'a [TrustList],
}

impl TrustContext<'_> {
    pub(crate) fn verify(&self, chain: &[Vec<u8>], registration: &str, now: i64) -> Result<TrustedParty> {
        Ok(verify_organisation(chain, registration, self.lists, self.anchors, now)?)
    }
}
