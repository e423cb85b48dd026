//! Withdrawals of people, which hold from the moment they were signed.

use kist_channel::MessageKind;
use kist_consent::{Signed, Withdrawal};
use kist_crypto::es256::SigningKey;
use kist_vault::Transaction;

use super::agreements::{self, Kept};
use super::events::{self, OrgEvent};
use super::outgoing::{self, Outgoing};
use super::profile::{sign, signing_key};
use super::relationships;
use crate::bodies::WithdrawalBody;
use crate::home::{Home, from_json, to_json};
use crate::{Error, Result, mail, transfer};

/// Begins the name of a collection: a relationship's withdrawals of agreements that were not collected yet.
const EARLY: &str = "early-withdrawals/";
/// The most of them in one relationship.
const MAX_EARLY: usize = 64;

/// Ends the agreement, takes the token that came in place of the one taken back, and stores the acknowledgement to be
/// sent. Where the agreement's own answer was not collected yet, the withdrawal waits for it.
pub(super) fn take(home: &Home, changes: &Transaction<'_>, relationship: &str, body: &[u8]) -> Result<()> {
    let person = *mail::connection(changes, relationship)?.peer_key();
    let WithdrawalBody { withdrawal, send_token } = serde_json::from_slice(body)?;
    let withdrawal = Signed::<Withdrawal>::verify(&withdrawal, &person)?;
    relationships::renew_token(changes, relationship, send_token, withdrawal.withdrawn_at)?;
    let agreement = withdrawal.acceptance.to_string();
    match agreements::find(changes, &agreement)? {
        Some(mut kept) => {
            end(home, changes, &signing_key(home)?, &mut kept, withdrawal)?;
            kept.keep(changes)
        }
        None => keep_early(changes, relationship, &agreement, &withdrawal),
    }
}

fn keep_early(
    changes: &Transaction<'_>,
    relationship: &str,
    agreement: &str,
    withdrawal: &Signed<Withdrawal>,
) -> Result<()> {
    let collection = format!("{EARLY}{relationship}");
    match changes.all_kept(&collection)?.len() < MAX_EARLY {
        true => Ok(changes.keep(&collection, agreement, &to_json(withdrawal)?)?),
        false => Err(Error::new("TooLarge")
            .with("what", "withdrawals")
            .with("limit", MAX_EARLY)),
    }
}

/// Applies a withdrawal that came before the agreement itself.
pub(super) fn apply_early(home: &Home, changes: &Transaction<'_>, key: &SigningKey, kept: &mut Kept) -> Result<()> {
    let collection = format!("{EARLY}{}", kept.relationship);
    let Some(bytes) = changes.kept(&collection, &kept.id())? else {
        return Ok(());
    };
    changes.forget(&collection, &kept.id())?;
    end(home, changes, key, kept, from_json(&bytes)?)
}

/// Ends an agreement, and stores the signed acknowledgement to be sent. What the offer doesn't say is kept is let go of.
/// A withdrawal that comes a second time, such as from another device, is acknowledged as the first was.
fn end(
    home: &Home,
    changes: &Transaction<'_>,
    key: &SigningKey,
    kept: &mut Kept,
    withdrawal: Signed<Withdrawal>,
) -> Result<()> {
    let (id, at) = (kept.id(), withdrawal.withdrawn_at);
    let is_first = kept.agreement.signed_withdrawal().is_none();
    kept.agreement.withdraw(withdrawal)?;
    if let Some(acknowledgement) = kept.agreement.acknowledgement(home.platform.now())
        && is_first
    {
        kept.agreement.acknowledge(sign(&acknowledgement, key)?)?;
        if kept.agreement.offer().kept_after_withdrawal.is_empty() {
            kept.received.clear();
            kept.gone.clear();
            transfer::forget_received(changes, &id)?;
        }
        let agreement = id.clone();
        events::tell(changes, &OrgEvent::Withdrawn { agreement, at })?;
    }
    let Some(acknowledgement) = kept.agreement.signed_acknowledgement() else {
        return Ok(());
    };
    let message = Outgoing::text(id, MessageKind::Acknowledgement, acknowledgement.compact());
    outgoing::post(home, changes, &kept.relationship, key, message).map(drop)
}
