//! Trust framework: certificate paths, signed lists and registrations.
//!
//! A framework's operator keeps a root, pinned on phones as an [`Anchor`]. Beneath it stand the registrar's certificate,
//! which signs a [`Registration`] for each organisation and one [`TrustList`] for all, and an access certificate for each
//! organisation, which signs its requests, its agreements and the credentials that it issues. [`verify_request`] and
//! [`verify_issuer`] decide who is believed; [`framework`] is the operator's side. Nothing here does I/O.

pub mod certificate;
mod changes;
mod decision;
mod encoding;
mod error;
pub mod framework;
mod json;
mod list;
mod lote;
mod registration;
mod signed;
mod terms;
mod text;
mod verdict;

pub use certificate::{Anchor, AnchorKind, Certificate, Subject, Usage, ValidatedLeaf, validate_path, x509_hash};
pub use changes::StatusChange;
pub use decision::{TrustedIssuer, TrustedParty, verify_issuer, verify_organisation};
pub use error::{Error, Reason, Result};
pub use list::{Entry, Freshness, Seen, Status, TrustList};
pub use registration::{Authority, CredentialUse, IntendedUse, Registration, SealedTo, Supplier};
pub use signed::CLOCK_SKEW;
pub use terms::{FrameworkTerms, SignedTerms, Terms, TermsNotice};
pub use text::Localised;
pub use verdict::{ActingParty, Grounds, Mode, NOBODY, Presented, UnverifiedParty, Verdict, verify_request};
