//! Clusters, the person's side, as they cross the bridge: organisations that serve the same people together, decided on in
//! one place, each with an agreement of its own.

use std::collections::HashMap;
use std::sync::Arc;

use kist_pds::Decision;

use crate::error::Result;
use crate::{CancelHandle, ConsentSummary, FieldChoice, OpenRequest, Person, task};

/// A cluster as the person meets it.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct ClusterView {
    /// Its id in the store.
    pub id: String,
    /// What it is called, by language.
    pub name: HashMap<String, String>,
    /// Who leads it: the legal name.
    pub lead: String,
    /// The version of its statement.
    pub version: u64,
    /// The version that the person decided on last, if they did.
    pub decided_version: Option<u64>,
    /// Who takes part, in the statement's order.
    pub members: Vec<ClusterMemberView>,
    /// Agreements with organisations that are no members any more; they stand until they are withdrawn.
    pub left: Vec<ConsentSummary>,
}

/// A member of a cluster as the person meets it.
#[derive(Debug, Clone, PartialEq, uniffi::Record)]
pub struct ClusterMemberView {
    /// Its stable id.
    pub organisation_id: String,
    /// Its legal name, where its invitation or its agreement says it.
    pub organisation: Option<String>,
    /// What it does in the cluster, by language.
    pub role: HashMap<String, String>,
    /// The intended use that it asks for.
    pub intended_use: String,
    /// Where it stands.
    pub standing: MemberStanding,
    /// Whether it came with a version that the person hasn't decided on.
    pub is_new: bool,
    /// Its request while it waits to be decided.
    pub request: Option<OpenRequest>,
    /// What was agreed with it as a member, last.
    pub consent: Option<ConsentSummary>,
}

/// Where a member of a cluster stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum MemberStanding {
    /// No invitation of it is known here.
    NotReachable,
    /// Its own invitation doesn't say that it takes part: it isn't contacted.
    NotTakingPart,
    /// It wasn't contacted yet.
    NotAsked,
    /// It was contacted; its request hasn't come.
    Waiting,
    /// Its request waits to be decided.
    Ready,
    /// An agreement stands.
    Agreed,
    /// What was agreed is over, or was withdrawn.
    Over,
}

#[uniffi::export]
impl Person {
    /// Takes a cluster's statement, or a newer version of it, and shows it. Nobody is contacted by it.
    ///
    /// Errors: `OrganisationNotTrusted` …, `RollbackDetected` for an older version than one seen, `ForkDetected` for another
    /// statement of the same version.
    pub async fn add_cluster(&self, statement: String, cancel: Arc<CancelHandle>) -> Result<ClusterView> {
        let clusters = self.store.get()?.clusters();
        task::run(&cancel, async move { ClusterView::of(clusters.add(&statement).await?) }).await
    }

    /// Every cluster that was taken, as it stands now.
    pub async fn clusters(&self, cancel: Arc<CancelHandle>) -> Result<Vec<ClusterView>> {
        let clusters = self.store.get()?.clusters();
        task::run(&cancel, async move {
            clusters.list().await?.into_iter().map(ClusterView::of).collect()
        })
        .await
    }

    /// One cluster. `NotFound`.
    pub async fn cluster(&self, id: String, cancel: Arc<CancelHandle>) -> Result<ClusterView> {
        let clusters = self.store.get()?.clusters();
        task::run(&cancel, async move { ClusterView::of(clusters.get(&id).await?) }).await
    }

    /// Contacts every member that takes part and wasn't asked yet, each in a connection of its own. Their requests come with
    /// later refreshes of the inbox.
    ///
    /// Errors: `NotFound`; as [`Person::open_connection`] for the first member that couldn't be contacted: the others were.
    pub async fn open_cluster(&self, id: String, cancel: Arc<CancelHandle>) -> Result<ClusterView> {
        let clusters = self.store.get()?.clusters();
        task::run(&cancel, async move { ClusterView::of(clusters.open(&id).await?) }).await
    }

    /// Decides on the cluster: answers the request of each member that `decisions` names, by its stable id, with these fields,
    /// and refuses those whose request waits and who aren't named. `language` is the one in which the person read the
    /// purposes. A member that joins later isn't covered.
    ///
    /// Errors: `NotFound` for a member without a request; as [`Person::answer_request`] for the first member whose answer
    /// couldn't be made: what was answered before stands, and the others can be decided again.
    pub async fn decide_cluster(
        &self,
        id: String,
        decisions: HashMap<String, Vec<FieldChoice>>,
        language: Option<String>,
        cancel: Arc<CancelHandle>,
    ) -> Result<ClusterView> {
        let clusters = self.store.get()?.clusters();
        let decision = |(member, fields): (String, Vec<FieldChoice>)| {
            let fields = fields.into_iter().map(FieldChoice::into_core).collect::<Result<_>>()?;
            let decision = Decision {
                fields,
                language: language.clone(),
                remember_until: None,
            };
            Ok((member, decision))
        };
        let decisions = decisions.into_iter().map(decision).collect::<Result<_>>()?;
        task::run(&cancel, async move {
            ClusterView::of(clusters.decide(&id, decisions).await?)
        })
        .await
    }

    /// Withdraws what was agreed with one member, by its stable id, or with all of them. It holds at once.
    ///
    /// Errors: `NotFound` for an organisation with which nothing stands in this cluster.
    pub async fn withdraw_cluster(
        &self,
        id: String,
        member: Option<String>,
        cancel: Arc<CancelHandle>,
    ) -> Result<ClusterView> {
        let clusters = self.store.get()?.clusters();
        task::run(&cancel, async move {
            ClusterView::of(clusters.withdraw(&id, member.as_deref()).await?)
        })
        .await
    }
}

impl ClusterView {
    fn of(cluster: kist_pds::ClusterView) -> Result<Self> {
        let members = cluster.members.into_iter().map(ClusterMemberView::of);
        Ok(ClusterView {
            id: cluster.id,
            name: cluster.name.into_iter().collect(),
            lead: cluster.lead,
            version: cluster.version,
            decided_version: cluster.decided_version,
            members: members.collect::<Result<_>>()?,
            left: cluster.left.into_iter().map(ConsentSummary::from).collect(),
        })
    }
}

impl ClusterMemberView {
    fn of(member: kist_pds::ClusterMemberView) -> Result<Self> {
        use kist_pds::MemberStanding as S;
        Ok(ClusterMemberView {
            organisation_id: member.organisation_id,
            organisation: member.organisation,
            role: member.role.into_iter().collect(),
            intended_use: member.intended_use,
            standing: match member.standing {
                S::NotReachable => MemberStanding::NotReachable,
                S::NotTakingPart => MemberStanding::NotTakingPart,
                S::NotAsked => MemberStanding::NotAsked,
                S::Waiting => MemberStanding::Waiting,
                S::Ready => MemberStanding::Ready,
                S::Agreed => MemberStanding::Agreed,
                S::Over => MemberStanding::Over,
            },
            is_new: member.is_new,
            request: member.request.map(OpenRequest::of).transpose()?,
            consent: member.consent.map(ConsentSummary::from),
        })
    }
}
