//! Clusters that the organisation leads, as they cross the bridge: who takes part, in which role.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Organisation;
use crate::error::Result;
use crate::{CancelHandle, json, task};

/// A cluster, as its lead describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, uniffi::Record)]
pub struct Cluster {
    /// Its id with the organisation that leads it.
    pub id: String,
    /// Counts up: a later one replaces an earlier one.
    pub version: u64,
    /// What it is called, by language.
    pub name: HashMap<String, String>,
    /// Who takes part, each once; at least two.
    pub members: Vec<ClusterMember>,
}

/// A member of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, uniffi::Record)]
pub struct ClusterMember {
    /// Its stable id in the framework.
    pub organisation_id: String,
    /// What it does in the cluster, by language.
    pub role: HashMap<String, String>,
    /// The intended use of its registration that it asks for, by id.
    pub intended_use: String,
}

/// A cluster in which an organisation takes part, as its invitation names it.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ClusterName {
    /// The stable id of the organisation that leads it.
    pub lead: String,
    /// The cluster's id with that organisation.
    pub id: String,
}

/// A cluster's statement, to publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, uniffi::Record)]
pub struct ClusterStatement {
    /// What it says.
    pub cluster: Cluster,
    /// The statement, a compact JWS.
    pub statement: String,
    /// The last second at which it holds, Unix seconds.
    pub expires_at: i64,
}

#[uniffi::export]
impl Organisation {
    /// Signs who takes part in a cluster that this organisation leads, for so many days, 400 at most. It binds no member: each
    /// says in its own invitation that it takes part.
    ///
    /// Errors: `NotFound` for no admission; `Malformed` with what can't stand in it, a `version` that isn't higher than the
    /// one before among it.
    pub async fn state_cluster(
        &self,
        cluster: Cluster,
        days: u32,
        cancel: Arc<CancelHandle>,
    ) -> Result<ClusterStatement> {
        let clusters = self.store.get()?.clusters();
        let cluster: kist_pds::Cluster = json::read_as(&json::text(&cluster)?, "cluster")?;
        task::run(
            &cancel,
            async move { json::reshape(&clusters.state(cluster, days).await?) },
        )
        .await
    }

    /// The newest statement of each cluster that this organisation leads.
    pub async fn clusters(&self, cancel: Arc<CancelHandle>) -> Result<Vec<ClusterStatement>> {
        let clusters = self.store.get()?.clusters();
        task::run(&cancel, async move { json::reshape(&clusters.list().await?) }).await
    }

    /// The link to a statement that lies at `address`, for a QR or a page.
    ///
    /// Errors: `NotFound` for no admission, `AddressRefused`.
    pub async fn cluster_link(&self, address: String, cancel: Arc<CancelHandle>) -> Result<String> {
        let clusters = self.store.get()?.clusters();
        task::run(&cancel, async move { Ok(clusters.link(&address).await?) }).await
    }
}

impl From<ClusterName> for kist_pds::ClusterName {
    fn from(name: ClusterName) -> Self {
        kist_pds::ClusterName {
            lead: name.lead,
            id: name.id,
        }
    }
}
