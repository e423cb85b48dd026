//! What was agreed, with everyone, in one place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use kist_consent::history::Event;
use kist_consent::{AgreementState, Amended, LegalBasis, Rights, Signed, Withdrawal};
use kist_vault::Transaction;
use kist_wire::Token;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::narrowing::NarrowingInfo;
use super::overview::{GivenField, Overview};
use super::withdrawals::{self, WithdrawalProgress};
use super::{answers, inbox, people, relationships};
use crate::agreements::standing::Pause;
use crate::agreements::{self, Kept};
use crate::bodies::WithdrawalBody;
use crate::home::{Home, let_go, to_json};
use crate::pages::PageWords;
use crate::pages::receipt::receipt_page;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Another consent took its place.
    Replaced,
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
    /// The fields that were given and not taken out since.
    pub fields: Vec<String>,
    /// The same, each with what it is.
    pub given: Vec<GivenField>,
    /// The types of the credentials that carried them.
    pub types: Vec<String>,
    /// The parts of life that those belong to.
    pub areas: Vec<String>,
    /// Where it stands.
    pub state: ConsentState,
    /// Why it stands still, where it does and isn't over.
    pub paused: Option<Pause>,
    /// When it was agreed, Unix seconds.
    pub agreed_at: i64,
    /// When it ends by itself, Unix seconds; none where only a withdrawal ends it.
    pub expires_at: Option<i64>,
    /// It ends within 30 days.
    pub expires_soon: bool,
    /// When it was withdrawn, Unix seconds.
    pub withdrawn_at: Option<i64>,
    /// When the withdrawal was acknowledged, Unix seconds.
    pub acknowledged_at: Option<i64>,
    /// How far the withdrawal has come, where there is one.
    pub withdrawal: Option<WithdrawalProgress>,
    /// The consent whose place it took.
    pub replaces: Option<String>,
    /// The consent that took its place.
    pub replaced_by: Option<String>,
    /// The request that waits for the person and would renew it.
    pub renewal: Option<String>,
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
    /// How it was narrowed, oldest first.
    pub narrowings: Vec<NarrowingInfo>,
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
    /// Every consent, to every organisation, the newest first.
    pub async fn list(&self) -> Result<Vec<ConsentSummary>> {
        self.home.blocking(all).await
    }

    /// One consent with everything that was agreed.
    pub async fn get(&self, id: &str) -> Result<ConsentDetail> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                let (kept, mut summary) = home.transaction(|changes| Overview::of(home, changes)?.consent(&id))?;
                withdrawals::note(home, std::slice::from_mut(&mut summary))?;
                Ok(ConsentDetail::of(&kept, summary))
            })
            .await
    }

    /// The receipt as a page to read and print: HTML 5 that runs nothing, fetches nothing and links nowhere.
    ///
    /// The words are the app's, as [`crate::PageWords`] has them: `language` (a tag of BCP 47) and `dir` (`ltr` or `rtl`);
    /// `title`; the headings `parties`, `agreed`, `terms_heading`, `events`, `proof`; a label for each line, such as
    /// `organisation`, `purpose` or `retention`; `required`, `optional`, `taken_out`, `once`, `until`, `standing`, `about`; and
    /// names as `field.given_name`, `right.read`, `legal_basis.eu-gdpr:A6-1-a`, `period.P2Y`.
    ///
    /// Errors: `NotFound`, also while the receipt hasn't come.
    pub async fn receipt_page(&self, id: &str, words: PageWords) -> Result<String> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                let agreement = agreements::read(home, &id)?.agreement;
                match agreement.receipt() {
                    Some(_) => Ok(receipt_page(&agreement, &words)),
                    None => Err(Error::new("NotFound").with("what", "receipt")),
                }
            })
            .await
    }

    /// The agreement with everything that was signed, as one JSON document that [`crate::verify_receipt`] reads. It carries
    /// the organisation's address for this relationship, as [`crate::History::evidence`] says.
    ///
    /// Errors: `NotFound`.
    pub async fn proof(&self, id: &str) -> Result<Vec<u8>> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| Ok(serde_json::to_vec_pretty(&agreements::read(home, &id)?.agreement)?))
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
        organisation: agreements::party(&kept.agreement),
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

/// A consent by its name, as it stands now.
pub(super) fn read(home: &Home, id: &str) -> Result<ConsentSummary> {
    let mut summary = home.transaction(|changes| Ok(Overview::of(home, changes)?.consent(id)?.1))?;
    withdrawals::note(home, std::slice::from_mut(&mut summary))?;
    Ok(summary)
}

/// Every consent as it stands now, the newest first.
pub(super) fn all(home: &Home) -> Result<Vec<ConsentSummary>> {
    let mut all = home.transaction(|changes| Overview::of(home, changes)?.list())?;
    withdrawals::note(home, &mut all)?;
    Ok(all)
}

impl ConsentDetail {
    fn of(kept: &Kept, summary: ConsentSummary) -> Self {
        let offer = kept.agreement.offer();
        let kept_after = offer.kept_after_withdrawal.iter();
        let mut narrowings: Vec<NarrowingInfo> = kept.agreement.amendments().map(narrowing).collect();
        narrowings.sort_by_key(|narrowing| narrowing.narrowed_at);
        ConsentDetail {
            summary,
            legal_basis: offer.legal_basis,
            rights: offer.rights,
            retention: offer.retention.as_str().to_owned(),
            kept_after_withdrawal: kept_after.map(|kept| texts(&kept.text)).collect(),
            privacy_notice: offer.privacy_notice.clone(),
            narrowings,
            receipt: kept.agreement.receipt().map(|receipt| receipt.document().clone()),
        }
    }
}

fn narrowing(amended: &Amended) -> NarrowingInfo {
    let Amended {
        amendment,
        acknowledgement,
    } = amended;
    NarrowingInfo {
        fields: amendment.removed.iter().map(ToString::to_string).collect(),
        ends_at: amendment.ends_at,
        narrowed_at: amendment.amended_at,
        acknowledged_at: acknowledgement.as_ref().map(|signed| signed.acknowledged_at),
    }
}

pub(super) fn texts(texts: &kist_consent::Texts) -> BTreeMap<String, String> {
    texts
        .iter()
        .map(|(language, text)| (language.to_owned(), text.to_owned()))
        .collect()
}
