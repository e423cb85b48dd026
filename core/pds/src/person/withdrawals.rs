//! Withdrawing a consent, and asking the organisation again for its acknowledgement.

use std::time::Duration;

use kist_channel::MessageKind;
use kist_consent::history::Event;
use kist_consent::{AgreementState, Signed, Withdrawal};
use kist_vault::Transaction;
use tokio::time::timeout;

use super::consents::{self, ConsentSummary, Consents, progress};
use super::mailbox;
use super::relationships::sending::Sending;
use super::relationships::{self, recall, settling};
use super::requests::unsent;
use crate::agreements::{self, Kept};
use crate::bodies::WithdrawalBody;
use crate::home::{Home, to_json};
use crate::{Error, Result, history};

/// How long a withdrawal waits to hear by which offer the organisation met the person.
const LISTENING: Duration = Duration::from_secs(5);

impl Consents {
    /// Withdraws. It holds at once: an answer that has not left yet never leaves, and what the organisation still sends
    /// waits apart. Closing its address for this person and telling it need the network; both are tried now and at every
    /// refresh of the inbox.
    ///
    /// Errors: `NotFound`, `ConsentWithdrawn` when it was withdrawn before.
    pub async fn withdraw(&self, id: &str) -> Result<ConsentSummary> {
        let (id, name) = (id.to_owned(), id.to_owned());
        let kept = self.home.blocking(move |home| agreements::read(home, &name)).await?;
        // It helps, and must not hold a withdrawal up.
        let _ = timeout(LISTENING, mailbox::listen(&self.home, &kept.relationship)).await;
        let withdrawn = id.clone();
        self.home
            .blocking(move |home| home.transaction(|changes| withdraw(home, changes, &withdrawn)))
            .await?;
        // It holds, whatever becomes of this: the next refresh says what fails.
        let _ = settling::settle(&self.home).await;
        self.home.blocking(move |home| consents::read(home, &id)).await
    }

    /// Asks an organisation again to acknowledge a withdrawal, once in a day at most. Where it has, or where the withdrawal
    /// still waits here, nothing is sent.
    ///
    /// Errors: `NotFound` where nothing was withdrawn; `TooSoon` with the moment from which on it can be asked.
    pub async fn remind(&self, id: &str) -> Result<ConsentSummary> {
        let (name, again) = (id.to_owned(), id.to_owned());
        self.home
            .blocking(move |home| home.transaction(|changes| remind(home, changes, &name)))
            .await?;
        // It is stored: what fails here is tried at the next refresh, which says so.
        let _ = settling::settle(&self.home).await;
        self.home.blocking(move |home| consents::read(home, &again)).await
    }
}

/// Signs and stores the withdrawal, the message that tells of it, and the closing of the mailbox that is to follow.
fn withdraw(home: &Home, changes: &Transaction<'_>, id: &str) -> Result<()> {
    let (now, mut kept) = (home.platform.now(), agreements::by_id(changes, id)?);
    if let AgreementState::Withdrawn { at, .. } = kept.agreement.state(now) {
        return Err(Error::new("ConsentWithdrawn").with("at", at));
    }
    let key = relationships::by_id(changes, &kept.relationship)?.key()?;
    let unsigned = Signed::<Withdrawal>::prepare(&kept.agreement.withdrawal(now))?;
    let signature = key.sign(unsigned.signing_input());
    let withdrawal = Signed::<Withdrawal>::verify(&unsigned.complete(&signature), &key.public())?;
    let event = Event::Withdrawn {
        organisation: agreements::party(&kept.agreement),
        agreement: kept.agreement.id(),
        withdrawal: withdrawal.hash(),
    };
    let body = WithdrawalBody {
        withdrawal: withdrawal.compact().to_owned(),
        send_token: settling::revoke(changes, &kept.relationship, now)?,
    };
    kept.agreement.withdraw(withdrawal)?;
    unsent::call_back(changes, id)?;
    kept.keep(changes)?;
    recall::call_back(home, changes)?;
    tell(home, changes, &kept, &body)?;
    history::append(changes, event, home.platform.now_ms())
}

/// Stores the message that tells an organisation of a withdrawal.
fn tell(home: &Home, changes: &Transaction<'_>, kept: &Kept, body: &WithdrawalBody) -> Result<()> {
    let body = to_json(body)?;
    let sending = Sending::post(home, changes, &kept.relationship, &MessageKind::Withdrawal, &body)?;
    progress::keep(changes, &kept.id(), &sending)
}

fn remind(home: &Home, changes: &Transaction<'_>, id: &str) -> Result<()> {
    let kept = agreements::by_id(changes, id)?;
    let Some(withdrawal) = kept.agreement.signed_withdrawal() else {
        return Err(Error::new("NotFound").with("what", "withdrawal"));
    };
    if kept.agreement.signed_acknowledgement().is_some() {
        return Ok(());
    }
    let body = WithdrawalBody {
        withdrawal: withdrawal.compact().to_owned(),
        // The newest: another withdrawal may have replaced the one that went with this.
        send_token: relationships::by_id(changes, &kept.relationship)?.send_token,
    };
    let mut sending = progress::sending(changes, id)?.unwrap_or_default();
    let body = to_json(&body)?;
    sending.again(home, changes, &kept.relationship, &MessageKind::Withdrawal, &body)?;
    progress::keep(changes, id, &sending)
}
