//! Statements of clusters: verified, and kept in their newest version with what the person decided.

use std::collections::BTreeMap;

use kist_crypto::{base64url, sha256};
use kist_exchange::{ClusterName, VerifiedCluster};
use kist_trust::{Grounds, Mode};
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use crate::home::{Home, from_json, to_json};
use crate::trust::trusted;
use crate::{Error, Result};

pub(in crate::person) const COLLECTION: &str = "clusters";

/// A cluster as it is kept.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::person) struct Stored {
    pub(in crate::person) statement: String,
    pub(in crate::person) version: u64,
    pub(in crate::person) sha256: String,
    pub(in crate::person) decided_version: Option<u64>,
    /// The members that the person decided on, each with what was agreed.
    pub(in crate::person) agreed: BTreeMap<String, Option<String>>,
}

/// A member of a cluster, by what both are called in the store.
pub(in crate::person) struct Member {
    pub(in crate::person) cluster: String,
    pub(in crate::person) organisation: String,
}

impl Member {
    /// Notes that the person decided on it, and what was agreed. What was agreed before stays until something else is.
    pub(in crate::person) fn decided(&self, changes: &Transaction<'_>, agreement: Option<&str>) -> Result<()> {
        let bytes = changes.kept(COLLECTION, &self.cluster)?.ok_or_else(missing)?;
        let mut stored: Stored = from_json(&bytes)?;
        let agreed = stored.agreed.entry(self.organisation.clone()).or_default();
        if let Some(agreement) = agreement {
            *agreed = Some(agreement.to_owned());
        }
        Ok(changes.keep(COLLECTION, &self.cluster, &to_json(&stored)?)?)
    }
}

pub(in crate::person) fn missing() -> Error {
    Error::new("NotFound").with("what", "cluster")
}

pub(super) fn is_cluster(text: &str) -> bool {
    kist_crypto::jws::parse(text).is_ok_and(|parsed| parsed.header_str("typ") == Some("kist-cluster+jwt"))
}

/// A cluster's statement, as it stands now.
pub(in crate::person) fn verify(home: &Home, statement: &str, client_id: Option<&str>) -> Result<VerifiedCluster> {
    let believed = trusted(home)?;
    let grounds = Grounds {
        anchors: &believed.anchors,
        lists: &believed.lists,
        mode: Mode::Strict,
    };
    Ok(VerifiedCluster::verify(
        statement,
        client_id,
        &grounds,
        home.platform.now(),
    )?)
}

/// Verifies and keeps a statement. Gives the cluster's name in the store.
pub(in crate::person) fn take(home: &Home, statement: &str) -> Result<String> {
    let verified = verify(home, statement, None)?;
    home.transaction(|changes| keep(changes, &verified, statement))
}

/// Keeps a statement that was verified; never an older one than was seen.
fn keep(changes: &Transaction<'_>, verified: &VerifiedCluster, statement: &str) -> Result<String> {
    let ClusterName { lead, id } = verified.name();
    let id = base64url(
        &sha256(&[
            verified.lead.anchor_label.as_bytes(),
            b"\n",
            lead.as_bytes(),
            b"\n",
            id.as_bytes(),
        ])[..16],
    );
    let (version, sha256) = (verified.cluster.version, base64url(sha256(&[statement.as_bytes()])));
    let known = changes.kept(COLLECTION, &id)?;
    let known: Option<Stored> = known.map(|bytes| from_json(&bytes)).transpose()?;
    let stored = match known {
        Some(known) if version < known.version => {
            return Err(Error::new("RollbackDetected")
                .with("known", known.version)
                .with("found", version));
        }
        Some(known) if version == known.version && sha256 != known.sha256 => {
            let cluster = |text: &str| kist_crypto::jws::parse(text).map(|parsed| parsed.payload);
            if cluster(&known.statement)? != cluster(statement)? {
                return Err(Error::new("ForkDetected")
                    .with("what", "cluster")
                    .with("sequence", version));
            }
            return Ok(id);
        }
        Some(known) => Stored {
            statement: statement.to_owned(),
            version,
            sha256,
            ..known
        },
        None => Stored {
            statement: statement.to_owned(),
            version,
            sha256,
            decided_version: None,
            agreed: BTreeMap::new(),
        },
    };
    changes.keep(COLLECTION, &id, &to_json(&stored)?)?;
    Ok(id)
}
