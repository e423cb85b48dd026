//! Clusters that the organisation leads: who takes part, in which role, said under its signature.

use std::sync::Arc;

use kist_exchange::{Cluster, ContactLink};
use kist_identity::DAY;
use serde::{Deserialize, Serialize};

use super::membership::Membership;
use crate::home::{Home, from_json, to_json};
use crate::{Error, Result};

const COLLECTION: &str = "clusters";
/// For so many days a statement holds, at most.
const MAX_DAYS: u32 = 400;

/// A cluster's statement, to publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterStatement {
    /// What it says.
    pub cluster: Cluster,
    /// The statement, a compact JWS.
    pub statement: String,
    /// The last second at which it holds, Unix seconds.
    pub expires_at: i64,
}

/// The clusters that an organisation leads.
#[derive(Clone)]
pub struct OrgClusters {
    pub(super) home: Arc<Home>,
}

impl OrgClusters {
    /// Signs who takes part. A cluster that was stated before is replaced by a higher version alone, so that every phone sees
    /// which is the newer one. It binds no member: each says in its own invitation that it takes part.
    ///
    /// Errors: `NotFound` for no admission; `Malformed` with what can't stand in it, `version` among it.
    pub async fn state(&self, cluster: Cluster, days: u32) -> Result<ClusterStatement> {
        self.home
            .blocking(move |home| {
                let malformed = |what: &'static str| Error::new("Malformed").with("what", what);
                if !(1..=MAX_DAYS).contains(&days) {
                    return Err(malformed("days"));
                }
                let (membership, now) = (Membership::of(home)?, home.platform.now());
                let expires_at = now.saturating_add(i64::from(days) * DAY);
                let unsigned = cluster.prepare(&membership.chain, &membership.statement, now, expires_at)?;
                let stated = ClusterStatement {
                    statement: unsigned.sign(&membership.key),
                    cluster,
                    expires_at,
                };
                home.transaction(|changes| {
                    let id = &stated.cluster.id;
                    let known = changes.kept(COLLECTION, id)?;
                    let known: Option<ClusterStatement> = known.map(|bytes| from_json(&bytes)).transpose()?;
                    if known.is_some_and(|known| known.cluster.version >= stated.cluster.version) {
                        return Err(malformed("version"));
                    }
                    Ok(changes.keep(COLLECTION, id, &to_json(&stated)?)?)
                })?;
                Ok(stated)
            })
            .await
    }

    /// The newest statement of each cluster.
    pub async fn list(&self) -> Result<Vec<ClusterStatement>> {
        self.home
            .blocking(|home| {
                Ok(home
                    .all_kept(COLLECTION)?
                    .into_iter()
                    .map(|(_, stated)| stated)
                    .collect())
            })
            .await
    }

    /// The link to a statement that lies at `address`, for a QR or a page.
    ///
    /// Errors: `NotFound` for no admission, `AddressRefused`.
    pub async fn link(&self, address: &str) -> Result<String> {
        self.home.mail.check(address)?;
        let cluster_uri = address.to_owned();
        self.home
            .blocking(move |home| {
                let client_id = Membership::of(home)?.client_id()?;
                Ok(ContactLink::Cluster { client_id, cluster_uri }.to_uri())
            })
            .await
    }
}
