//! Identity layer: relationship keys, credentials (SD-JWT VC) and the query language over them (DCQL).
//!
//! Everything that leaves a Kist as data leaves as a credential, whether an organisation issued it or the person did.
//! Start at [`CredentialDraft`] (an issuer makes one), [`Credential`] (a holder keeps one), [`UnsignedPresentation`] (a
//! holder shows some of it), [`verify_presentation`] (a verifier believes it), and [`dcql::Query`] (what a verifier asks).
//! Nothing here does I/O: time and randomness come in, and whatever is signed is signed in two steps.
//!
//! ```
//! # fn main() -> kist_identity::Result<()> {
//! use kist_crypto::OsRandom;
//! use kist_identity::*;
//!
//! let now = 1_795_435_200;
//! let relationship = RelationshipKey::generate(&mut OsRandom);
//!
//! // The person issues a credential to themselves …
//! let claims = [("name".into(), "Ada".into()), ("over_18".into(), true.into())].into_iter().collect();
//! let draft = CredentialDraft::new("urn:x:person", claims, relationship.public(), IssuedBy::Holder, start_of_day(now));
//! let unsigned = draft.prepare(&mut OsRandom)?;
//! let signature = relationship.sign(unsigned.signing_input());
//! let credential = Credential::parse(&unsigned.complete(&signature))?;
//!
//! // … shows one claim of it to one organisation …
//! let to = KeyBinding { nonce: "n-1", audience: "x509_hash:…", issued_at: now, transaction_data: &[] };
//! let unsigned = UnsignedPresentation::prepare(&credential, &[ClaimPath::top("over_18")], &to)?;
//! let signature = relationship.sign(unsigned.signing_input());
//! let presentation = unsigned.complete(&signature);
//!
//! // … which sees that claim, who says so, and nothing else.
//! let expected = Expected {
//!     nonce: "n-1",
//!     audience: "x509_hash:…",
//!     transaction_data: &[],
//!     max_age: MAX_AGE,
//!     require_holder_binding: true,
//! };
//! let verified = verify_presentation(&presentation, &expected, &SelfAssertedOnly, now)?;
//! assert_eq!(verified.issuer(), &Issuer::SelfAsserted);
//! assert_eq!(verified.claims()["over_18"], true);
//! assert!(!verified.claims().contains_key("name"));
//! # Ok(())
//! # }
//! ```

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
pub use credential::{CLOCK_SKEW, Credential, MAX_TIME};
pub use error::{BindingFault, Error, Result};
pub use issue::{CredentialDraft, IssuedBy, UnsignedCredential};
pub use issuer::{Issuer, IssuerEvidence, IssuerTrust, SelfAssertedOnly, TrustedIssuer};
pub use path::{ClaimPath, MAX_PATH, MAX_SELECTED, PathElement};
pub use presentation::{KeyBinding, UnsignedPresentation, present_unbound, transaction_data_hash};
pub use relationship::{RelationshipId, RelationshipKey};
pub use sd_jwt::Disclosable;
pub use verification::{Expected, MAX_AGE, VerifiedPresentation, verify_presentation};
