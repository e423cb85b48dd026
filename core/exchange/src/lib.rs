//! The handshake: OpenID4VP requests and answers, both sides, and the QR that starts them.
//!
//! An organisation makes a [`RequestDraft`], has it signed, and keeps a [`PendingRequest`]; a [`RequestLink`] shown as a QR
//! ([`qr`]) brings it to a phone, which turns it into a [`VerifiedRequest`]; the person's choice becomes an [`AnswerDraft`]
//! and a [`SealedAnswer`]; the organisation's pending request opens that one answer to a [`VerifiedAnswer`].
//! A supplier asks with the [`Commission`] of the organisation that it acts for, which alone can open the answer.
//! The profile is described in docs/formats/handshake.md. Nothing here does I/O: time and randomness come in, and whatever
//! is signed is signed in two steps.

mod address;
mod agreement;
mod answer;
mod ask;
mod cluster;
mod commission;
mod contact_link;
mod disclosed;
mod draft;
mod error;
mod hello;
mod invitation;
mod link;
mod pending;
mod person_link;
mod picture;
mod purpose;
pub mod qr;
mod request;
mod return_address;
mod session;
mod signature;
mod transaction;
mod wire;

pub use address::{MAX_ADDRESS, TransportPolicy, is_allowed_ip, is_allowed_url};
pub use answer::{AnswerDraft, SealedAnswer};
pub use ask::{Ask, query};
pub use cluster::{Cluster, ClusterMember, MAX_MEMBERS, VerifiedCluster};
pub use commission::{Commission, CommissionDraft, UnsignedCommission};
pub use contact_link::ContactLink;
pub use disclosed::shows_only;
pub use draft::{CarriedDraft, RequestDraft, UnsignedRequest};
pub use error::{Binding, Error, MixUp, Result};
pub use hello::{HELLO_DAYS, Hello, MAX_HELLO};
pub use invitation::{ClusterName, InvitationDraft, LETTER, MAX_INVITATION, VerifiedInvitation, invitation_hash};
pub use link::{MAX_LINK, RequestLink, RequestUriMethod};
pub use pending::{NewAgreement, PendingRequest, VerifiedAnswer};
pub use person_link::{PersonInvitation, TO_A_PERSON};
pub use purpose::CodePurpose;
pub use request::VerifiedRequest;
pub use return_address::{CONNECTION, CONNECTION_TYPE, ReturnAddress};
pub use session::{SESSION_TRIES, Session, SessionCode};
pub use signature::RequestSignature;
pub use transaction::AGREEMENT_TYPE;
pub use wire::{ANSWER_MEDIA_TYPE, CLOCK_SKEW, MAX_REQUEST, REQUEST_MEDIA_TYPE};
