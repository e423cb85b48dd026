//! Requests that a supplier makes for another organisation, both sides, as they cross the bridge. What goes from one to the
//! other is JSON.

use std::sync::Arc;

use super::{HostedRequest, Organisation, ReceivedAnswer, RequestSpec};
use crate::error::Result;
use crate::{CancelHandle, json, task};

#[uniffi::export]
impl Organisation {
    /// What the organisations for which this one acts need to know of it: JSON.
    ///
    /// Errors: `NotFound` without an admission, `OrganisationNotTrusted` once it has run out.
    pub async fn supplier_card(&self, cancel: Arc<CancelHandle>) -> Result<String> {
        let store = self.store.get()?;
        task::run(&cancel, async move { json::text(&store.supplier_card().await?) }).await
    }

    /// Orders a request that a supplier makes, by its card. Gives the commission, JSON, which is for one request.
    ///
    /// Errors: `OrganisationNotTrusted` with the role `principal` for a supplier that this organisation's registration doesn't
    /// name, now, for this use; `Unsupported` for a session; otherwise as [`Organisation::create_request`].
    pub async fn commission(&self, spec: RequestSpec, supplier: String, cancel: Arc<CancelHandle>) -> Result<String> {
        let requests = self.store.get()?.requests();
        let supplier: kist_pds::SupplierCard = json::read_as(&supplier, "supplier")?;
        task::run(&cancel, async move {
            json::text(&requests.commission(spec.into(), supplier).await?)
        })
        .await
    }

    /// Makes the request that an organisation has ordered, and lays it into a slot of this organisation's relay.
    ///
    /// Errors: `MixUpRefused` for another supplier's commission, `RequestExpired`, `Malformed`, `SignatureInvalid`;
    /// `NoRelay`, `NotFound` for no admission; `Unreachable`, `RelayBusy`, `RelayRefused`.
    pub async fn carry_request(&self, commission: String, cancel: Arc<CancelHandle>) -> Result<HostedRequest> {
        let requests = self.store.get()?.requests();
        let commission: kist_pds::Commission = json::read_as(&commission, "commission")?;
        task::run(&cancel, async move { Ok(requests.carry(commission).await?.into()) }).await
    }

    /// Waits at most `wait_seconds` for the answer to a request that was carried: JSON, sealed to the organisation that ordered
    /// it; none while there is none. Close the request once the organisation has it.
    ///
    /// Errors: `NotFound`, `RequestExpired`, `Unreachable`, `RelayBusy`.
    pub async fn carried_answer(
        &self,
        id: String,
        wait_seconds: u64,
        cancel: Arc<CancelHandle>,
    ) -> Result<Option<String>> {
        let requests = self.store.get()?.requests();
        task::run(&cancel, async move {
            let carried = requests.carried(&id, wait_seconds).await?;
            carried.as_ref().map(json::text).transpose()
        })
        .await
    }

    /// Opens an answer that a supplier brought, once or again.
    ///
    /// Errors: as [`Organisation::collect_answer`].
    pub async fn open_carried(&self, carried: String, cancel: Arc<CancelHandle>) -> Result<Option<ReceivedAnswer>> {
        let requests = self.store.get()?.requests();
        let carried: kist_pds::CarriedAnswer = json::read_as(&carried, "answer")?;
        task::run(&cancel, async move {
            let answer = requests.open_carried(carried).await?;
            answer.map(ReceivedAnswer::of).transpose()
        })
        .await
    }
}
