//! Consent layer: agreements, evaluation of requests, receipts, history and withdrawal.
//!
//! An organisation signs an [`Offer`]; the person's relationship key signs an [`Acceptance`] of it; the organisation
//! countersigns a [`Receipt`]; later the person may narrow it by an [`Amendment`] or sign a [`Withdrawal`], which the
//! organisation acknowledges. An offer may take the place of an agreement that stands.
//! Each names the one before it by hash, and [`Agreement`] is what they come to. [`evaluation`] says what a person needs
//! to know before they decide, [`rules`] are what they decided beforehand, and [`history`] keeps, tamper-evident, what was asked, decided and shown.
//! Nothing here does I/O: time comes in, and whatever is signed is signed in two steps.

mod acceptance;
mod agreement;
mod amendment;
mod canonical;
mod error;
pub mod evaluation;
pub mod history;
mod offer;
mod receipt;
mod rights;
pub mod rules;
mod signed;
mod terms;
mod withdrawal;

pub use acceptance::Acceptance;
pub use agreement::{Agreement, AgreementState, MAX_AMENDMENTS, verify_receipt};
pub use amendment::{Amended, Amendment, AmendmentAcknowledgement};
pub use error::{Error, Result};
pub use evaluation::{Evaluation, evaluate};
pub use offer::{Connection, FieldRef, MAX_FIELDS, Offer, OfferedField};
pub use receipt::Receipt;
pub use rights::{
    DataRight, RefusalGround, RightsAnswer, RightsCase, RightsOutcome, RightsRequest, RightsState, RightsSubject,
    answer_due, extended_due,
};
pub use signed::{MAX_OBJECT, ObjectHash, Signed, SignedContent};
pub use terms::{
    KeptAfterWithdrawal, LegalBasis, MAX_LANGUAGES, MAX_LIST, MAX_TEXT, MAX_WORD, Organisation, Party, Period, Purpose,
    Right, Rights, Terms, Texts, Validity,
};
pub use withdrawal::{Acknowledgement, Withdrawal};
