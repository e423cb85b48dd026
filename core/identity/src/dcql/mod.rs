//! The Digital Credentials Query Language (OpenID4VP 1.0, section 6): what a verifier asks, and what answers it.
//!
//! A [`Query`] is valid by construction. [`Query::evaluate`] finds which of a holder's credentials satisfy it, and with
//! which claims exactly; [`Query::check_answer`] is the verifier's look at what came back.

mod answer;
mod evaluate;
mod parse;
mod query;

pub use evaluate::{
    Authority, Candidate, CandidateMatch, ClaimMatch, CredentialMatches, Matches, OptionMatch, SetMatches,
};
pub use parse::{MAX_CLAIMS, MAX_CREDENTIALS, MAX_LIST, MAX_TEXT};
pub use query::{
    ClaimValue, ClaimsQuery, CredentialQuery, CredentialSetQuery, Format, Meta, Query, TrustedAuthorities,
};
