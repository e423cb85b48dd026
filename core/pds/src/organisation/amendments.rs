//! What people narrowed: amendments, which hold from the moment they were signed, and agreements that took the place of
//! others.

use kist_channel::MessageKind;
use kist_consent::{Agreement, Amendment, Signed};
use kist_crypto::es256::SigningKey;
use kist_vault::Transaction;

use super::agreements::{self, Kept};
use super::events::{self, OrgEvent};
use super::outgoing::{self, Outgoing};
use super::profile::{sign, signing_key};
use crate::home::{Home, from_json, to_json};
use crate::{Error, Result, mail, transfer};

/// Begins the name of a collection: a relationship's amendments of agreements that were not collected yet.
const EARLY: &str = "early-amendments/";
/// The most of them in one relationship.
const MAX_EARLY: usize = 64;

/// Narrows the agreement, and stores the acknowledgement to be sent. Where the agreement's own answer was not collected
/// yet, the amendment waits for it.
pub(super) fn take(home: &Home, changes: &Transaction<'_>, relationship: &str, body: &[u8]) -> Result<()> {
    let person = *mail::connection(changes, relationship)?.peer_key();
    let text = std::str::from_utf8(body).map_err(|_| Error::new("Malformed").with("what", "amendment"))?;
    let amendment = Signed::<Amendment>::verify(text, &person)?;
    match agreements::find(changes, &amendment.acceptance.to_string())? {
        Some(mut kept) => {
            narrow(home, changes, &signing_key(home)?, &mut kept, amendment)?;
            kept.keep(changes)
        }
        None => keep_early(changes, relationship, &amendment),
    }
}

fn keep_early(changes: &Transaction<'_>, relationship: &str, amendment: &Signed<Amendment>) -> Result<()> {
    let collection = format!("{EARLY}{relationship}");
    match changes.all_kept(&collection)?.len() < MAX_EARLY {
        true => Ok(changes.keep(&collection, &amendment.hash().to_string(), &to_json(amendment)?)?),
        false => Err(Error::new("TooLarge")
            .with("what", "amendments")
            .with("limit", MAX_EARLY)),
    }
}

/// Applies amendments that came before the agreement itself.
pub(super) fn apply_early(home: &Home, changes: &Transaction<'_>, key: &SigningKey, kept: &mut Kept) -> Result<()> {
    let collection = format!("{EARLY}{}", kept.relationship);
    for (name, bytes) in changes.all_kept(&collection)? {
        let amendment: Signed<Amendment> = from_json(&bytes)?;
        if amendment.acceptance == kept.agreement.id() {
            changes.forget(&collection, &name)?;
            narrow(home, changes, key, kept, amendment)?;
        }
    }
    Ok(())
}

/// Narrows an agreement, and stores the signed acknowledgement to be sent. What was taken out is let go of, unless the
/// offer says that data is kept after a withdrawal too. An amendment that comes a second time is acknowledged as the first
/// was.
fn narrow(
    home: &Home,
    changes: &Transaction<'_>,
    key: &SigningKey,
    kept: &mut Kept,
    amendment: Signed<Amendment>,
) -> Result<()> {
    let (id, name) = (kept.id(), amendment.hash());
    kept.agreement.amend(amendment)?;
    let amended = kept
        .agreement
        .amendments()
        .find(|amended| amended.amendment.hash() == name);
    let amended = amended.ok_or_else(|| Error::new("Internal"))?;
    let acknowledgement = match &amended.acknowledgement {
        Some(known) => known.clone(),
        None => {
            tell(changes, &id, &amended.amendment)?;
            sign(&amended.amendment.acknowledgement(home.platform.now()), key)?
        }
    };
    let message = Outgoing::text(id, MessageKind::Amended, acknowledgement.compact());
    kept.agreement.acknowledge_amendment(acknowledgement)?;
    if kept.agreement.offer().kept_after_withdrawal.is_empty() {
        let fields = kept.agreement.fields();
        kept.received.retain(|received| fields.contains(&received.field));
    }
    outgoing::post(home, changes, &kept.relationship, key, message).map(drop)
}

fn tell(changes: &Transaction<'_>, agreement: &str, amendment: &Amendment) -> Result<()> {
    let event = OrgEvent::Amended {
        agreement: agreement.to_owned(),
        fields: amendment.removed.iter().map(ToString::to_string).collect(),
        ends_at: amendment.ends_at,
        at: amendment.amended_at,
    };
    events::tell(changes, &event)
}

/// Ends the agreement that a new one takes the place of, where the same person made both.
pub(super) fn replace(changes: &Transaction<'_>, newer: &Agreement) -> Result<()> {
    let Some(replaced) = newer.offer().replaces else {
        return Ok(());
    };
    let Some(mut kept) = agreements::find(changes, &replaced.to_string())? else {
        return Ok(());
    };
    // Accepted by somebody else than the person whom it was made for, it ends nothing.
    if kept.agreement.signed_withdrawal().is_some() || kept.agreement.replace(newer).is_err() {
        return Ok(());
    }
    if kept.agreement.offer().kept_after_withdrawal.is_empty() {
        kept.received.clear();
        kept.gone.clear();
        transfer::forget_received(changes, &kept.id())?;
    }
    kept.keep(changes)?;
    let (agreement, by) = (kept.id(), newer.id().to_string());
    events::tell(changes, &OrgEvent::Replaced { agreement, by })
}
