//! An answer taken in: verified, and stored with everything that it means in one transaction.

use kist_channel::MessageKind;
use kist_consent::Receipt;
use kist_exchange::{NewAgreement, PendingRequest, VerifiedAnswer};
use kist_vault::Transaction;
use serde::Serialize;

use super::stored::{self, State, Stored};
use crate::home::Home;
use crate::organisation::agreements::{self, Kept, ReceivedField, value};
use crate::organisation::membership::Membership;
use crate::organisation::offer::FieldSpec;
use crate::organisation::outgoing::{self, Outgoing};
use crate::organisation::profile::{random_name, sign};
use crate::organisation::relationships::{self, OfferedMailbox};
use crate::organisation::sent::{self, MessageState};
use crate::organisation::{amendments, withdrawals};
use crate::trust::issuers::Issuers;
use crate::{Error, Result};

/// What a person gave, verified.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ReceivedAnswer {
    /// The request that was answered.
    pub request: String,
    /// The agreement that was made; none for a single sharing.
    pub agreement: Option<String>,
    /// What was given.
    pub fields: Vec<ReceivedField>,
    /// Whether the person's relay has the receipt. Otherwise it waits here, and is sent with the next refresh of the inbox.
    pub receipt_sent: bool,
}

/// Verifies the answer that lay in a request's slot and stores what it leads to: agreement, relationship, fields, and the
/// receipt on its way. An answer that doesn't verify leaves the request as it was, but for the count of wrong codes. Nothing
/// happens where the request was answered already.
pub(super) fn take(home: &Home, id: &str, body: &str, code: Option<&str>) -> Result<()> {
    let (membership, issuers) = (Membership::of(home)?, Issuers::of(home)?);
    let now = home.platform.now();
    let mismatch = home.transaction(|changes| {
        let mut stored = stored::by_id(changes, id)?;
        let State::Open { pending, mailbox } = &stored.state else {
            return Ok(None);
        };
        let mut pending = PendingRequest::from_bytes(&kist_crypto::from_base64url(pending)?)?;
        let opened = match code {
            Some(code) => pending.open_answer_in_session(body, code, &issuers, now),
            None => pending.open_answer(body, &issuers, now),
        };
        let mut mismatch = None;
        stored.state = match opened {
            Ok(answer) => answered(home, changes, &membership, &stored, mailbox.as_ref(), answer)?,
            Err(kist_exchange::Error::Declined) => State::Declined,
            Err(error @ kist_exchange::Error::SessionMismatch { left }) => {
                mismatch = Some(error);
                match left {
                    0 => State::Mismatched,
                    _ => State::Open {
                        pending: kist_crypto::base64url(pending.to_bytes().expose()),
                        mailbox: mailbox.clone(),
                    },
                }
            }
            Err(error) => return Err(error.into()),
        };
        stored.keep(changes, id)?;
        Ok(mismatch)
    })?;
    mismatch.map_or(Ok(()), |error| Err(error.into()))
}

fn answered(
    home: &Home,
    changes: &Transaction<'_>,
    membership: &Membership,
    request: &Stored,
    mailbox: Option<&OfferedMailbox>,
    answer: VerifiedAnswer,
) -> Result<State> {
    let received = received(&request.fields, &answer)?;
    let (Some(new), Some(mailbox)) = (answer.agreement, mailbox) else {
        return Ok(State::Shared { received });
    };
    let (agreement, receipt) = agree(home, changes, membership, mailbox, new, received)?;
    Ok(State::Agreed { agreement, receipt })
}

/// Countersigns, and keeps the agreement in the relationship that it belongs to. Gives its name, and its receipt's number
/// among the relationship's messages.
fn agree(
    home: &Home,
    changes: &Transaction<'_>,
    membership: &Membership,
    mailbox: &OfferedMailbox,
    new: NewAgreement,
    received: Vec<ReceivedField>,
) -> Result<(String, u64)> {
    let NewAgreement {
        mut agreement,
        return_address,
    } = new;
    let address = relationships::address(return_address, home.platform.transport)?;
    let (person, accepted_at) = (*agreement.relationship(), agreement.acceptance().accepted_at);
    let relationship = relationships::meet(changes, &person, mailbox, address, accepted_at)?;
    let receipt = Receipt::of(
        agreement.offer(),
        agreement.acceptance(),
        &random_name(),
        home.platform.now(),
    )?;
    let receipt = sign(&receipt, &membership.key)?;
    let compact = receipt.compact().to_owned();
    agreement.countersign(receipt)?;
    let mut kept = Kept {
        relationship,
        agreement,
        received,
        gone: Vec::new(),
    };
    let id = kept.id();
    let message = Outgoing::text(id.clone(), MessageKind::Receipt, &compact);
    let number = outgoing::post(home, changes, &kept.relationship, &membership.key, message)?;
    amendments::replace(changes, &kept.agreement)?;
    amendments::apply_early(home, changes, &membership.key, &mut kept)?;
    withdrawals::apply_early(home, changes, &membership.key, &mut kept)?;
    kept.keep(changes)?;
    Ok((id, number))
}

/// Each claim that was asked for and given.
fn received(asked: &[FieldSpec], answer: &VerifiedAnswer) -> Result<Vec<ReceivedField>> {
    let mut received = Vec::new();
    for spec in asked {
        for presentation in answer.presentations.get(&spec.id).into_iter().flatten() {
            for field in spec.fields()? {
                if let Some(value) = value(presentation, &field.path) {
                    received.push(ReceivedField {
                        field,
                        schema: presentation.vct().to_owned(),
                        value,
                        issuer: presentation.issuer().into(),
                        as_of: None,
                        number: 0,
                    });
                }
            }
        }
    }
    Ok(received)
}

/// What was received for a request, as it is stored; none while it waits for its answer.
///
/// Errors: `Declined`.
pub(super) fn stored(home: &Home, id: &str) -> Result<Option<ReceivedAnswer>> {
    let (agreement, fields, receipt_sent) = match stored::read(home, id)?.state {
        State::Open { .. } | State::Carried { .. } => return Ok(None),
        State::Declined => return Err(Error::new("Declined")),
        State::Mismatched => return Err(Error::new("SessionMismatch").with("left", 0_u8)),
        State::Shared { received } => (None, received, false),
        State::Agreed { agreement, receipt } => {
            let kept = agreements::read(home, &agreement)?;
            let taken = sent::message(home, &kept.relationship, receipt)?.state == MessageState::Taken;
            (Some(agreement), kept.received, taken)
        }
    };
    Ok(Some(ReceivedAnswer {
        request: id.to_owned(),
        agreement,
        fields,
        receipt_sent,
    }))
}
