//! A cluster's statement: which organisations serve the same people together, and in which role each (REQUIREMENTS O4).
//!
//! It is signed by the organisation that leads, and the same for all people. It asks for nothing: each member makes a
//! request of its own, and says in its own invitation that it takes part.

use std::collections::BTreeSet;

use kist_consent::Texts;
use kist_crypto::jws;
use kist_trust::{Grounds, TrustedParty};
use serde::{Deserialize, Serialize};

use crate::invitation::{MAX_NAME, check_client, check_time, open, signed_by};
use crate::{ClusterName, Error, Result};

const TYPE: &str = "kist-cluster+jwt";
const VERSION: u64 = 1;
/// The most members of a cluster.
pub const MAX_MEMBERS: usize = 32;
const MALFORMED: Error = Error::Malformed { what: "cluster" };

/// A cluster, as its lead describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cluster {
    /// Its id with the organisation that leads it.
    pub id: String,
    /// Counts up: a later one replaces an earlier one.
    pub version: u64,
    /// What it is called, by language.
    pub name: Texts,
    /// Who takes part, each once; at least two.
    pub members: Vec<ClusterMember>,
}

/// A member of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClusterMember {
    /// Its stable id in the framework.
    pub organisation_id: String,
    /// What it does in the cluster, by language.
    pub role: Texts,
    /// The intended use of its registration that it asks for, by id.
    pub intended_use: String,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    version: u64,
    cluster: Cluster,
    registration: String,
    iat: i64,
    exp: i64,
}

impl Cluster {
    /// The statement for the lead's key to sign.
    ///
    /// Errors: `Malformed`.
    pub fn prepare(
        &self,
        certificates: &[Vec<u8>],
        registration: &str,
        issued_at: i64,
        expires_at: i64,
    ) -> Result<jws::Unsigned> {
        self.check()?;
        let payload = Payload {
            version: VERSION,
            cluster: self.clone(),
            registration: registration.to_owned(),
            iat: issued_at,
            exp: expires_at,
        };
        signed_by(certificates, TYPE, &payload)
    }

    /// The member of this id.
    pub fn member(&self, organisation_id: &str) -> Option<&ClusterMember> {
        self.members
            .iter()
            .find(|member| member.organisation_id == organisation_id)
    }

    fn check(&self) -> Result<()> {
        let name = |text: &String| !text.is_empty() && text.len() <= MAX_NAME;
        let ids: BTreeSet<_> = self.members.iter().map(|member| &member.organisation_id).collect();
        let named = self
            .members
            .iter()
            .all(|member| name(&member.organisation_id) && name(&member.intended_use));
        let sound = name(&self.id)
            && (2..=MAX_MEMBERS).contains(&self.members.len())
            && ids.len() == self.members.len()
            && named;
        if sound { Ok(()) } else { Err(MALFORMED) }
    }
}

/// A cluster whose lead is believed.
#[derive(Debug, Clone)]
pub struct VerifiedCluster {
    /// What the lead says.
    pub cluster: Cluster,
    /// Who leads.
    pub lead: TrustedParty,
}

impl VerifiedCluster {
    /// Verifies a statement at `now` (Unix seconds). `client_id` is what a link said of its signer, where a link led here.
    ///
    /// Errors: `OrganisationNotTrusted` and trust's others, `MixUpRefused` for another signer than the link's,
    /// `SignatureInvalid`, `RequestExpired`, `NotYetValid`,
    /// `Malformed`, `TooLarge`, `Unsupported`.
    pub fn verify(compact: &str, client_id: Option<&str>, trust: &Grounds<'_>, now: i64) -> Result<Self> {
        let (payload, lead) = open::<Payload>(compact, TYPE, trust, now, |payload| &payload.registration)?;
        check_client(client_id, &lead)?;
        if payload.version != VERSION {
            return Err(Error::Unsupported { what: "cluster" });
        }
        payload.cluster.check()?;
        check_time(payload.iat, payload.exp, now)?;
        Ok(VerifiedCluster {
            cluster: payload.cluster,
            lead,
        })
    }

    /// Its name, as members name it in their invitations.
    pub fn name(&self) -> ClusterName {
        ClusterName {
            lead: self.lead.organisation_id.clone(),
            id: self.cluster.id.clone(),
        }
    }
}
