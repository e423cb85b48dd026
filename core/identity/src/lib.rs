//! Identity layer: relationship keys, credentials (SD-JWT VC) and the query language over them (DCQL).
//!
//! Everything that leaves a Kist as data leaves as a credential, whether an organisation issued it or the person did.
//! Start at [`CredentialDraft`] (an issuer makes one), [`Credential`] (a holder keeps one), [`UnsignedPresentation`] (a
//! holder shows some of it), [`verify_presentation`] (a verifier believes it), and [`dcql::Query`] (what a verifier asks).
//! Nothing here does I/O: time and randomness come in, and whatever is signed is signed in two steps.

mod coarse;
mod credential;
pub mod dcql;
mod error;
mod issue;
mod issuer;
mod path;
mod presentation;
mod relationship;
pub mod sd_jwt;
mod verification;

pub use coarse::{DAY, end_of_day, start_of_day};
pub use credential::Credential;
pub use error::{BindingFault, Error, Result};
pub use issue::{CredentialDraft, IssuedBy, UnsignedCredential};
pub use issuer::{Issuer, IssuerEvidence, IssuerTrust, SelfAssertedOnly, TrustedIssuer};
pub use path::{ClaimPath, MAX_PATH, MAX_SELECTED, PathElement};
pub use presentation::{KeyBinding, UnsignedPresentation, present_unbound};
pub use relationship::{RelationshipId, RelationshipKey};
pub use sd_jwt::Disclosable;
pub use verification::{
    CLOCK_SKEW, Expected, MAX_AGE, VerifiedPresentation, transaction_data_hash, verify_presentation,
};
