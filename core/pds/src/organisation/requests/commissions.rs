//! A supplier asks for an organisation: the organisation orders one request, the supplier makes it and carries the answer,
//! and the organisation opens that. The supplier never has what would open it.

use kist_consent::Party;
use kist_crypto::OsRandom;
use kist_exchange::{CarriedDraft, CommissionDraft, RequestLink};
use kist_trust::{Reason, x509_hash};
use kist_wire::path;
use serde::{Deserialize, Serialize};

use super::answers::{self, ReceivedAnswer};
use super::stored::{State, Stored, read};
use super::{HostedRequest, NewSlot, OrgRequests, Plan, check_size};
use crate::home::Home;
use crate::mail::{FreshMailbox, fresh_mailbox};
use crate::organisation::membership::Membership;
use crate::organisation::offer::{RequestSpec, SessionSpec};
use crate::organisation::profile::random_name;
use crate::organisation::relationships::OfferedMailbox;
use crate::relay::Relay;
use crate::{Error, Result};

const VERSION: u8 = 1;

/// What a supplier gives to the organisations that it acts for: by which certificate it asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SupplierCard {
    /// The format: 1.
    pub kist_supplier: u8,
    /// Its id in the framework.
    pub organisation_id: String,
    /// The client identifier of its access certificate.
    pub client_id: String,
}

/// One request that a supplier may make in an organisation's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commission {
    /// The format: 1.
    pub kist_commission: u8,
    /// The request's name in the organisation's store.
    pub request: String,
    /// What the organisation signed.
    pub commission: String,
    /// The organisation's registration, as the framework signed it.
    pub registration: String,
}

/// An answer that a supplier brings; it opens to the organisation alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CarriedAnswer {
    /// The format: 1.
    pub kist_carried: u8,
    /// The request's name in the organisation's store.
    pub request: String,
    /// The sealed answer.
    pub answer: String,
}

/// As [`crate::Organisation::supplier_card`] says.
pub(in crate::organisation) fn supplier_card(home: &Home) -> Result<SupplierCard> {
    let membership = Membership::of(home)?;
    Ok(SupplierCard {
        kist_supplier: VERSION,
        client_id: client_id(&membership)?,
        organisation_id: membership.registration.organisation_id,
    })
}

impl OrgRequests {
    /// Orders a request that a supplier makes: the supplier gets the commission, and brings back an answer for
    /// [`OrgRequests::open_carried`].
    ///
    /// Errors: `OrganisationNotTrusted` with the role `principal` for a supplier that this organisation's registration
    /// doesn't name, now, for this use; otherwise those of [`OrgRequests::create`].
    pub async fn commission(&self, spec: RequestSpec, supplier: SupplierCard) -> Result<Commission> {
        check_version(supplier.kist_supplier)?;
        if spec.session != SessionSpec::None {
            return Err(Error::new("Unsupported").with("what", "session"));
        }
        let plan = self.home.blocking(move |home| Plan::of(home, spec)).await?;
        let mailbox = match plan.spec.plain {
            true => None,
            false => Some(fresh_mailbox(&Relay::new(self.home.mail.clone(), &plan.relay)?).await?),
        };
        self.home
            .blocking(move |home| order(home, plan, &supplier, mailbox))
            .await
    }

    /// Makes the request that an organisation has ordered, and lays it into a slot of this organisation's relay.
    ///
    /// Errors: `MixUpRefused` for another supplier's commission, `RequestExpired`, `Malformed`, `SignatureInvalid`;
    /// `NoRelay`, `NotFound` for no admission; `Unreachable`, `RelayBusy`, `RelayRefused`.
    pub async fn carry(&self, commission: Commission) -> Result<HostedRequest> {
        check_version(commission.kist_commission)?;
        let relay = self.relay().await?;
        let at = relay.clone();
        let (hosted, jwt, slot) = self.home.blocking(move |home| carry(home, &at, commission)).await?;
        self.lay_into(&relay, hosted, &jwt, &slot).await
    }

    /// Waits at most `wait_seconds` for the answer to a request that was carried; none while there is none. Close the
    /// request once the organisation has it.
    ///
    /// Errors: `NotFound`, `RequestExpired`, `Unreachable`, `RelayBusy`.
    pub async fn carried(&self, id: &str, wait_seconds: u64) -> Result<Option<CarriedAnswer>> {
        let name = id.to_owned();
        let stored = self.home.blocking(move |home| read(home, &name)).await?;
        let (State::Carried { request, .. }, Some(slot)) = (stored.state, stored.slot) else {
            return Err(Error::new("NotFound").with("what", "commission"));
        };
        let answer = self.wait(&slot, wait_seconds).await?;
        Ok(answer.map(|answer| CarriedAnswer {
            kist_carried: VERSION,
            request,
            answer,
        }))
    }

    /// Opens an answer that a supplier brought: as [`OrgRequests::collect`] does with one of this organisation's own.
    ///
    /// Errors: those of [`OrgRequests::collect`].
    pub async fn open_carried(&self, carried: CarriedAnswer) -> Result<Option<ReceivedAnswer>> {
        check_version(carried.kist_carried)?;
        let id = carried.request.clone();
        self.home
            .blocking(move |home| answers::take(home, &carried.request, &carried.answer, None))
            .await?;
        self.collect(&id, 0).await
    }
}

/// Signs the commission and stores what opens its answer.
fn order(home: &Home, plan: Plan, card: &SupplierCard, mailbox: Option<FreshMailbox>) -> Result<Commission> {
    let now = home.platform.now();
    let supplier = mandated(&plan, &card.organisation_id, now)?;
    let expires_at = now.saturating_add(plan.spec.lifetime()?);
    let offer = plan.offer(mailbox.as_ref(), Some(supplier), now)?;
    let draft = CommissionDraft {
        certificates: &plan.membership.chain,
        supplier: &card.client_id,
        query: &plan.query,
        offer: offer.as_ref(),
        issued_at: now,
        expires_at,
    };
    let (commission, pending) = draft.prepare(&mut OsRandom)?.sign(&plan.membership.key);
    let stored = Stored {
        use_id: plan.spec.use_id,
        fields: plan.spec.fields,
        uri: String::new(),
        created_at: now,
        expires_at,
        slot: None,
        state: State::Open {
            pending: kist_crypto::base64url(pending.to_bytes().expose()),
            mailbox: mailbox.map(OfferedMailbox::from),
        },
    };
    let request = random_name();
    home.transaction(|changes| stored.keep(changes, &request))?;
    Ok(Commission {
        kist_commission: VERSION,
        request,
        commission,
        registration: plan.membership.statement,
    })
}

/// The supplier by the name that this organisation registered; phones will ask the same.
fn mandated(plan: &Plan, organisation_id: &str, now: i64) -> Result<Party> {
    let refused = |reason| Error::from(kist_trust::Error::PrincipalNotTrusted { reason });
    let mandate = plan.membership.registration.supplier(organisation_id);
    let mandate = mandate.ok_or_else(|| refused(Reason::NotASupplier))?;
    if !mandate.intended_uses.contains(&plan.spec.use_id) {
        return Err(refused(Reason::NotInMandate));
    }
    if now < mandate.from || now > mandate.until {
        return Err(refused(Reason::MandateExpired));
    }
    Ok(Party {
        id: mandate.organisation_id.clone(),
        name: mandate.legal_name.clone(),
    })
}

/// Signs the request that was ordered, and stores where its answer will lie.
fn carry(home: &Home, relay: &Relay, commission: Commission) -> Result<(HostedRequest, String, NewSlot)> {
    let (now, membership) = (home.platform.now(), Membership::of(home)?);
    let ordered = kist_exchange::Commission::parse(&commission.commission)?;
    let slot = NewSlot::fresh(now);
    let draft = CarriedDraft {
        certificates: &membership.chain,
        registration: &membership.statement,
        commission: &ordered,
        principal_registration: &commission.registration,
        response_uri: &relay.origin().url(&path::slot_response(&slot.id)),
        issued_at: now,
        expires_at: ordered.expires_at(),
        policy: home.platform.transport,
    };
    let jwt = draft.prepare()?.sign(&membership.key);
    check_size(&jwt)?;
    let request_uri = relay.origin().url(&path::slot_request(&slot.id));
    let link = RequestLink::new(ordered.supplier(), &request_uri, home.platform.transport)?;
    let hosted = HostedRequest {
        id: slot.id.to_string(),
        uri: link.to_uri(),
        expires_at: ordered.expires_at(),
    };
    let stored = Stored {
        use_id: String::new(),
        fields: Vec::new(),
        uri: hosted.uri.clone(),
        created_at: now,
        expires_at: hosted.expires_at,
        slot: Some(slot.on(relay.origin())),
        state: State::Carried {
            request: commission.request,
            organisation: ordered.organisation()?.legal_name,
        },
    };
    home.transaction(|changes| stored.keep(changes, &hosted.id))?;
    Ok((hosted, jwt, slot))
}

fn client_id(membership: &Membership) -> Result<String> {
    let leaf = membership.chain.first();
    leaf.map(|leaf| x509_hash(leaf))
        .ok_or_else(|| Error::new("NotFound").with("what", "admission"))
}

fn check_version(found: u8) -> Result<()> {
    match found {
        VERSION => Ok(()),
        found => Err(Error::new("DowngradeRefused").with("found", found)),
    }
}
