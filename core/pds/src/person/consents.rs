//! What was agreed, with everyone, in one place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use kist_consent::history::Event;
use kist_consent::{Agreement, AgreementState, LegalBasis, Party, Rights, Signed, Withdrawal};
use kist_vault::Transaction;
use kist_wire::Token;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::agreements::{self, Kept};
use super::standing::{Pause, Standing};
use super::withdrawals::{self, WithdrawalProgress};
use super::{answers, inbox, people, relationships};
use crate::bodies::WithdrawalBody;
use crate::home::{Home, let_go, to_json};
use crate::relay::{Relay, random};
use crate::{Error, Result, history, mail};

/// Mailboxes that still have to be closed to the organisation's old token, by relationship.
const REVOCATIONS: &str = "revocations";
/// For so many seconds an organisation isn't told of a withdrawal while the mailbox is still open to its old token. A relay
/// that is gone for longer may never come back, and the organisation has to know.
const TELL_AFTER: i64 = 24 * 60 * 60;
/// How long a withdrawal waits to hear by which offer the organisation met the person.
const LISTENING: Duration = Duration::from_secs(5);

/// Where a consent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentState {
    /// The person has agreed; the answer has not left yet.
    AwaitingSend,
    /// The answer has left; the organisation's receipt has not come.
    AwaitingReceipt,
    /// Both sides have signed.
    InForce,
    /// It stands still: nothing may be used until it goes on.
    Paused,
    /// It came to its end.
    Expired,
    /// The person withdrew; the organisation is silent so far.
    Withdrawn,
    /// The person withdrew, and the organisation has acknowledged it.
    WithdrawalAcknowledged,
}

/// A consent in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsentSummary {
    /// Its name.
    pub id: String,
    /// The organisation's legal name.
    pub organisation: String,
    /// Its stable id.
    pub organisation_id: String,
    /// Why, by language.
    pub purpose: BTreeMap<String, String>,
    /// The fields that were given.
    pub fields: Vec<String>,
    /// Where it stands.
    pub state: ConsentState,
    /// Why it stands still, where it does and isn't over.
    pub paused: Option<Pause>,
    /// When it was agreed, Unix seconds.
    pub agreed_at: i64,
    /// When it ends by itself, Unix seconds; none where only a withdrawal ends it.
    pub expires_at: Option<i64>,
    /// When it was withdrawn, Unix seconds.
    pub withdrawn_at: Option<i64>,
    /// When the withdrawal was acknowledged, Unix seconds.
    pub acknowledged_at: Option<i64>,
    /// How far the withdrawal has come, where there is one.
    pub withdrawal: Option<WithdrawalProgress>,
}

/// A consent with everything that was agreed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConsentDetail {
    /// As in the list.
    pub summary: ConsentSummary,
    /// By what right, as the term of DPV.
    pub legal_basis: LegalBasis,
    /// What the organisation may do.
    pub rights: Rights,
    /// How long the data is kept, ISO 8601.
    pub retention: String,
    /// What is kept after a withdrawal, by language.
    pub kept_after_withdrawal: Vec<BTreeMap<String, String>>,
    /// Where the organisation's privacy notice stands.
    pub privacy_notice: String,
    /// The organisation's receipt: a JSON-LD document.
    pub receipt: Option<Map<String, Value>>,
}

/// The token to set is the relationship's own: several withdrawals come to one.
#[derive(Serialize, Deserialize)]
struct Revocation {
    since: i64,
}

/// The consents of a store.
#[derive(Clone)]
pub struct Consents {
    pub(crate) home: Arc<Home>,
}

impl Consents {
    /// Every consent, to every organisation.
    pub async fn list(&self) -> Result<Vec<ConsentSummary>> {
        self.home.blocking(all).await
    }

    /// One consent with everything that was agreed.
    pub async fn get(&self, id: &str) -> Result<ConsentDetail> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                let kept = agreements::read(home, &id)?;
                Ok(ConsentDetail::of(&kept, read(home, &id)?))
            })
            .await
    }

    /// Withdraws. It holds at once: an answer that has not left yet never leaves, and what the organisation still sends
    /// waits apart. Closing its address for this person and telling it need the network; both are tried now and at every
    /// refresh of the inbox.
    ///
    /// Errors: `NotFound`, `ConsentWithdrawn` when it was withdrawn before.
    pub async fn withdraw(&self, id: &str) -> Result<ConsentSummary> {
        let (id, name) = (id.to_owned(), id.to_owned());
        let kept = self.home.blocking(move |home| agreements::read(home, &name)).await?;
        // It helps, and must not hold a withdrawal up.
        let _ = timeout(LISTENING, inbox::listen(&self.home, &kept.relationship)).await;
        let withdrawn = id.clone();
        self.home
            .blocking(move |home| home.transaction(|changes| withdraw(home, changes, &withdrawn)))
            .await?;
        // It holds, whatever becomes of this: the next refresh says what fails.
        let _ = settle(&self.home).await;
        self.home.blocking(move |home| read(home, &id)).await
    }
}

/// Signs and stores the withdrawal, the message that tells of it, and the closing of the mailbox that is to follow.
fn withdraw(home: &Home, changes: &Transaction<'_>, id: &str) -> Result<()> {
    let (now, mut kept) = (home.platform.now(), agreements::by_id(changes, id)?);
    if let AgreementState::Withdrawn { at, .. } = kept.agreement.state(now) {
        return Err(Error::new("ConsentWithdrawn").with("at", at));
    }
    let mut relationship = relationships::by_id(changes, &kept.relationship)?;
    let key = relationship.key()?;
    let unsigned = Signed::<Withdrawal>::prepare(&kept.agreement.withdrawal(now))?;
    let signature = key.sign(unsigned.signing_input());
    let withdrawal = Signed::<Withdrawal>::verify(&unsigned.complete(&signature), &key.public())?;
    let event = Event::Withdrawn {
        organisation: party(&kept.agreement),
        agreement: kept.agreement.id(),
        withdrawal: withdrawal.hash(),
    };
    let send_token: Token = random(&mut kist_crypto::OsRandom);
    let body = WithdrawalBody {
        withdrawal: withdrawal.compact().to_owned(),
        send_token: send_token.clone(),
    };
    kept.agreement.withdraw(withdrawal)?;
    relationship.send_token = send_token;
    changes.keep(relationships::COLLECTION, &kept.relationship, &to_json(&relationship)?)?;
    changes.keep(REVOCATIONS, &kept.relationship, &to_json(&Revocation { since: now })?)?;
    answers::call_back(changes, id)?;
    withdrawals::tell(home, changes, &kept, &body)?;
    kept.keep(changes)?;
    history::append(changes, event, home.platform.now_ms())
}

/// Closes the mailboxes of withdrawn consents to the old tokens, then sends what waits: access is cut before the
/// organisation hears of it, and its acknowledgement finds its token in force. Gives the relationships that a relay kept
/// from it, and why.
///
/// Errors: the store's own.
pub(super) async fn settle(home: &Arc<Home>) -> Result<Vec<(String, Error)>> {
    let (mut failed, mut kept_back) = (Vec::new(), BTreeSet::new());
    for (relationship, revocation) in home.blocking(|home| home.all_kept::<Revocation>(REVOCATIONS)).await? {
        if let Err(error) = close_to_old_token(home, &relationship).await {
            let waited = home.platform.now().saturating_sub(revocation.since);
            if mail::may_pass(&error) && waited < TELL_AFTER {
                kept_back.insert(relationship.clone());
            }
            failed.push((relationship, error));
        }
    }
    kept_back.extend(home.blocking(people::held_back).await?);
    let flushed = mail::flush_except(home, &kept_back).await?;
    failed.extend(flushed.waiting);
    Ok(failed)
}

async fn close_to_old_token(home: &Arc<Home>, relationship: &str) -> Result<()> {
    let _alone = home.outbox.lock().await;
    let name = relationship.to_owned();
    let (own, send_token) = home
        .blocking(move |home| {
            let relationship = relationships::read(home, &name)?;
            Ok((
                mail::read_connection(home, &name)?.own().clone(),
                relationship.send_token,
            ))
        })
        .await?;
    let relay = Relay::new(home.mail.clone(), &own.relay)?;
    let replaced = relay.replace_send_token(&own.mailbox, &own.receive_token, &send_token);
    match replaced.await {
        // A mailbox that is gone is closed.
        Err(error) if error.code() != "NotFound" => return Err(error),
        _ => {}
    }
    let name = relationship.to_owned();
    home.blocking(move |home| {
        home.transaction(|changes| {
            // Another withdrawal may have come between.
            if relationships::by_id(changes, &name)?.send_token == send_token {
                let_go(changes, REVOCATIONS, &name)?;
            }
            Ok(())
        })
    })
    .await
}

/// The organisation of an agreement.
pub(super) fn party(agreement: &Agreement) -> Party {
    let organisation = &agreement.offer().organisation;
    Party {
        id: organisation.id.clone(),
        name: organisation.name.clone(),
    }
}

/// A consent by its name, as it stands now.
pub(super) fn read(home: &Home, id: &str) -> Result<ConsentSummary> {
    let unsent = answers::unsent(home)?.contains(id);
    let standing = Standing::read(home)?;
    let mut summary = summary(&agreements::read(home, id)?, unsent, &standing, home.platform.now())?;
    withdrawals::note(home, std::slice::from_mut(&mut summary))?;
    Ok(summary)
}

/// Every consent as it stands now, the newest first.
pub(super) fn all(home: &Home) -> Result<Vec<ConsentSummary>> {
    let now = home.platform.now();
    let (unsent, standing) = (answers::unsent(home)?, Standing::read(home)?);
    let summaries = agreements::all(home)?
        .into_iter()
        .map(|kept| summary(&kept, unsent.contains(&kept.id()), &standing, now));
    let mut all: Vec<ConsentSummary> = summaries.collect::<Result<_>>()?;
    all.sort_by(|one, other| other.agreed_at.cmp(&one.agreed_at).then(one.id.cmp(&other.id)));
    withdrawals::note(home, &mut all)?;
    Ok(all)
}

fn summary(kept: &Kept, unsent: bool, standing: &Standing, now: i64) -> Result<ConsentSummary> {
    let agreement = &kept.agreement;
    let offer = agreement.offer();
    let paused = match agreement.state(now) {
        AgreementState::Withdrawn { .. } | AgreementState::Expired { .. } => None,
        _ => standing.pause(&kept.relationship, &kept.id())?,
    };
    let (state, withdrawn_at, acknowledged_at) = match agreement.state(now) {
        AgreementState::Withdrawn {
            at,
            acknowledged_at: Some(by),
        } => (ConsentState::WithdrawalAcknowledged, Some(at), Some(by)),
        AgreementState::Withdrawn {
            at,
            acknowledged_at: None,
        } => (ConsentState::Withdrawn, Some(at), None),
        _ if unsent => (ConsentState::AwaitingSend, None, None),
        AgreementState::Expired { .. } => (ConsentState::Expired, None, None),
        _ if paused.is_some() => (ConsentState::Paused, None, None),
        AgreementState::InForce => (ConsentState::InForce, None, None),
        _ => (ConsentState::AwaitingReceipt, None, None),
    };
    Ok(ConsentSummary {
        id: kept.id(),
        organisation: offer.organisation.name.clone(),
        organisation_id: offer.organisation.id.clone(),
        purpose: texts(&offer.purpose.text),
        fields: agreement.fields().iter().map(ToString::to_string).collect(),
        state,
        paused,
        agreed_at: agreement.acceptance().accepted_at,
        expires_at: agreement.ends_at(),
        withdrawn_at,
        acknowledged_at,
        withdrawal: None,
    })
}

impl ConsentDetail {
    fn of(kept: &Kept, summary: ConsentSummary) -> Self {
        let offer = kept.agreement.offer();
        let kept_after = offer.kept_after_withdrawal.iter();
        ConsentDetail {
            summary,
            legal_basis: offer.legal_basis,
            rights: offer.rights,
            retention: offer.retention.as_str().to_owned(),
            kept_after_withdrawal: kept_after.map(|kept| texts(&kept.text)).collect(),
            privacy_notice: offer.privacy_notice.clone(),
            receipt: kept.agreement.receipt().map(|receipt| receipt.document().clone()),
        }
    }
}

fn texts(texts: &kist_consent::Texts) -> BTreeMap<String, String> {
    texts
        .iter()
        .map(|(language, text)| (language.to_owned(), text.to_owned()))
        .collect()
}
