//! Clusters: organisations that serve the same people together, decided on in one place, each with an agreement of its own.
//!
//! A cluster's statement asks for nothing. Each member is contacted by its own invitation and makes a request of its own, in a
//! connection that no other member knows, so that the members hold nothing in common that Kist added (ATTACKS A21).

use std::collections::BTreeMap;
use std::sync::Arc;

use kist_exchange::{ClusterMember, VerifiedCluster, VerifiedInvitation};
use serde::Serialize;

use super::consents::{ConsentSummary, Consents};
use super::contacts::notes::Note;
use super::contacts::statements::{self, COLLECTION, Member, Stored, missing};
use super::contacts::{self, hellos};
use super::decision::{Decision, OpenRequest};
use super::relationships;
use super::requests::Requests;
use crate::home::{Home, from_json, to_json};
use crate::{Error, Result, mail};

/// A cluster as the person meets it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClusterView {
    /// Its name in the store.
    pub id: String,
    /// What it is called, by language.
    pub name: BTreeMap<String, String>,
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
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ClusterMemberView {
    /// Its stable id.
    pub organisation_id: String,
    /// Its legal name, where its invitation or its agreement says it.
    pub organisation: Option<String>,
    /// What it does in the cluster, by language.
    pub role: BTreeMap<String, String>,
    /// The intended use that it asks for.
    pub intended_use: String,
    /// Where it stands.
    pub standing: MemberStanding,
    /// Whether it came with a version that the person has not decided on.
    pub is_new: bool,
    /// Its request, with its evaluation, while it waits to be decided.
    pub request: Option<OpenRequest>,
    /// What was agreed with it as a member, last.
    pub consent: Option<ConsentSummary>,
}

/// Where a member stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberStanding {
    /// No invitation of it is known here.
    NotReachable,
    /// Its own invitation doesn't say that it takes part: it is not contacted.
    NotTakingPart,
    /// It was not contacted yet.
    NotAsked,
    /// It was contacted; its request has not come.
    Waiting,
    /// Its request waits to be decided.
    Ready,
    /// An agreement stands.
    Agreed,
    /// What was agreed is over, or was withdrawn.
    Over,
}

/// The clusters of a store.
#[derive(Clone)]
pub struct Clusters {
    pub(crate) home: Arc<Home>,
}

impl Clusters {
    /// Takes a cluster's statement, or a newer version of it, and shows it. Nobody is contacted by it.
    ///
    /// Errors: `OrganisationNotTrusted` …, `RollbackDetected` for an older version than one seen, `ForkDetected` for another
    /// statement of the same version.
    pub async fn add(&self, statement: &str) -> Result<ClusterView> {
        let given = statement.trim().to_owned();
        let id = self.home.blocking(move |home| statements::take(home, &given)).await?;
        self.get(&id).await
    }

    /// Every cluster that was taken, as it stands now.
    pub async fn list(&self) -> Result<Vec<ClusterView>> {
        let consents = self.consents().list().await?;
        let requests = Requests {
            home: Arc::clone(&self.home),
        };
        let pending = requests.pending().await?;
        self.home.blocking(move |home| list(home, &consents, &pending)).await
    }

    /// One cluster.
    ///
    /// Errors: `NotFound`.
    pub async fn get(&self, id: &str) -> Result<ClusterView> {
        let mut all = self.list().await?.into_iter();
        all.find(|cluster| cluster.id == id).ok_or_else(missing)
    }

    /// Contacts every member that takes part and was not asked yet, each in a connection of its own. Their requests come with
    /// later refreshes of the inbox.
    ///
    /// Errors: `NotFound`; as [`super::Connections::open`] for the first member that could not be contacted: the others were.
    pub async fn open(&self, id: &str) -> Result<ClusterView> {
        let cluster = self.get(id).await?;
        let name = id.to_owned();
        let invitations = self.home.blocking(move |home| invitations(home, &name)).await?;
        let mut failed = None;
        for member in &cluster.members {
            if !matches!(member.standing, MemberStanding::NotAsked | MemberStanding::Over) {
                continue;
            }
            let Some(invitation) = invitations.get(&member.organisation_id) else {
                continue;
            };
            match hellos::knock(&self.home, invitation, &member.intended_use).await {
                Err(error) if mail::is_own(&error) => return Err(error),
                Err(error) => failed = failed.or(Some(error)),
                Ok(_) => {}
            }
        }
        match failed {
            Some(error) => Err(error),
            None => self.get(id).await,
        }
    }

    /// Decides on the cluster: answers the request of each member that `decisions` names, by its own decision, and refuses
    /// those whose request waits and who are not named. Gives the cluster as it stands then.
    ///
    /// A member that joins later is not covered: it needs a decision of its own.
    ///
    /// Errors: `NotFound` for a member without a request; as [`Requests::answer`] for the first member whose answer could not
    /// be made: what was answered before stands, and the others can be decided again.
    pub async fn decide(&self, id: &str, decisions: BTreeMap<String, Decision>) -> Result<ClusterView> {
        let cluster = self.get(id).await?;
        let requests = Requests {
            home: Arc::clone(&self.home),
        };
        let ready = |organisation: &String| {
            let mut members = cluster.members.iter();
            members.any(|member| member.organisation_id == *organisation && member.request.is_some())
        };
        if !decisions.keys().all(ready) {
            return Err(Error::new("NotFound").with("what", "request"));
        }
        for member in &cluster.members {
            let Some(request) = &member.request else { continue };
            let known = Member {
                cluster: id.to_owned(),
                organisation: member.organisation_id.clone(),
            };
            match decisions.get(&member.organisation_id) {
                Some(decision) => {
                    requests.answer_member(&request.id, decision.clone(), known).await?;
                }
                None => {
                    requests.refuse(&request.id).await?;
                    let refused = move |home: &Home| home.transaction(|changes| known.decided(changes, None));
                    self.home.blocking(refused).await?;
                }
            }
        }
        self.note_version(id, cluster.version).await?;
        self.get(id).await
    }

    /// Withdraws what was agreed with one member, or with all of them. It holds at once, as each withdrawal does.
    ///
    /// Errors: `NotFound` for an organisation with which nothing stands in this cluster.
    pub async fn withdraw(&self, id: &str, member: Option<&str>) -> Result<ClusterView> {
        let cluster = self.get(id).await?;
        let of_members = cluster.members.iter().filter_map(|member| member.consent.as_ref());
        let standing = of_members.chain(&cluster.left).filter(|consent| consent.state.holds());
        let chosen = standing.filter(|consent| member.is_none_or(|member| consent.organisation_id == member));
        let chosen: Vec<&ConsentSummary> = chosen.collect();
        if chosen.is_empty() {
            return Err(Error::new("NotFound").with("what", "agreement"));
        }
        for consent in chosen {
            self.consents().withdraw(&consent.id).await?;
        }
        self.get(id).await
    }

    async fn note_version(&self, id: &str, version: u64) -> Result<()> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                home.transaction(|changes| {
                    let bytes = changes.kept(COLLECTION, &id)?.ok_or_else(missing)?;
                    let mut stored: Stored = from_json(&bytes)?;
                    stored.decided_version = Some(version);
                    Ok(changes.keep(COLLECTION, &id, &to_json(&stored)?)?)
                })
            })
            .await
    }

    fn consents(&self) -> Consents {
        Consents {
            home: Arc::clone(&self.home),
        }
    }
}

/// Each cluster as it stands now. One whose lead is not believed now is left out, and what was agreed stays in the list of
/// consents.
fn list(home: &Home, consents: &[ConsentSummary], pending: &[OpenRequest]) -> Result<Vec<ClusterView>> {
    let stored = home.all_kept::<Stored>(COLLECTION)?;
    if stored.is_empty() {
        return Ok(Vec::new());
    }
    let known = contacts::verified(home)?;
    let mut all = Vec::new();
    for (id, stored) in stored {
        match statements::verify(home, &stored.statement, None) {
            Ok(verified) => all.push(view(home, id, &stored, &verified, &known, (consents, pending))?),
            Err(error) if mail::is_own(&error) => return Err(error),
            Err(_) => {}
        }
    }
    Ok(all)
}

fn view(
    home: &Home,
    id: String,
    stored: &Stored,
    verified: &VerifiedCluster,
    known: &[VerifiedInvitation],
    (consents, pending): (&[ConsentSummary], &[OpenRequest]),
) -> Result<ClusterView> {
    let consent_of = |organisation: &str| {
        let name = stored.agreed.get(organisation)?.as_ref()?;
        consents.iter().find(|consent| consent.id == *name).cloned()
    };
    let mut members = Vec::new();
    for member in &verified.cluster.members {
        let invitation = invitation_of(verified, member, known);
        let request = match &invitation {
            Some((invitation, _)) => request_of(home, invitation, &member.intended_use, pending)?,
            None => None,
        };
        let consent = consent_of(&member.organisation_id);
        let standing = match (&invitation, &request, &consent) {
            (_, Some(Asked::Ready(_)), _) => MemberStanding::Ready,
            (_, _, Some(consent)) if consent.state.holds() => MemberStanding::Agreed,
            (_, Some(Asked::Waiting), _) => MemberStanding::Waiting,
            (None, _, _) => MemberStanding::NotReachable,
            (Some((_, false)), _, _) => MemberStanding::NotTakingPart,
            (_, _, Some(_)) => MemberStanding::Over,
            (_, _, None) => MemberStanding::NotAsked,
        };
        let invited = invitation.map(|(invitation, _)| invitation.party().legal_name.clone());
        members.push(ClusterMemberView {
            organisation_id: member.organisation_id.clone(),
            organisation: invited.or_else(|| consent.as_ref().map(|consent| consent.organisation.clone())),
            role: member.role.clone().into(),
            intended_use: member.intended_use.clone(),
            standing,
            is_new: stored.decided_version.is_some() && !stored.agreed.contains_key(&member.organisation_id),
            request: match request {
                Some(Asked::Ready(request)) => Some(*request),
                _ => None,
            },
            consent,
        });
    }
    let gone = stored.agreed.keys().filter(|id| verified.cluster.member(id).is_none());
    Ok(ClusterView {
        id,
        name: verified.cluster.name.clone().into(),
        lead: verified.lead.legal_name.clone(),
        version: verified.cluster.version,
        decided_version: stored.decided_version,
        members,
        left: gone
            .filter_map(|id| consent_of(id))
            .filter(|consent| consent.state.holds())
            .collect(),
    })
}

/// How far a member's request has come.
enum Asked {
    Waiting,
    Ready(Box<OpenRequest>),
}

/// The request that a member sent after it was contacted for this use.
fn request_of(
    home: &Home,
    invitation: &VerifiedInvitation,
    intended_use: &str,
    pending: &[OpenRequest],
) -> Result<Option<Asked>> {
    let Some(speaking) = relationships::with_party(home, invitation.party())? else {
        return Ok(None);
    };
    let id = speaking.id();
    let Some(note) = home.transaction(|changes| Note::of(changes, &id))? else {
        return Ok(None);
    };
    let ready = note
        .requests
        .get(intended_use)
        .and_then(|id| pending.iter().find(|request| request.id == *id));
    Ok(match ready {
        Some(request) => Some(Asked::Ready(Box::new(request.clone()))),
        None => note.is_waiting_for(intended_use).then_some(Asked::Waiting),
    })
}

/// A member's invitation, the one that says that it takes part before others; and whether it does.
fn invitation_of<'a>(
    cluster: &VerifiedCluster,
    member: &ClusterMember,
    known: &'a [VerifiedInvitation],
) -> Option<(&'a VerifiedInvitation, bool)> {
    let name = cluster.name();
    let mut found = known
        .iter()
        .filter(|invitation| {
            let party = invitation.party();
            party.organisation_id == member.organisation_id
                && party.anchor_label == cluster.lead.anchor_label
                && invitation.letter().is_none()
                && invitation.uses().contains(&member.intended_use)
        })
        .map(|invitation| (invitation, invitation.is_in(&name)));
    let first = found.next()?;
    Some(match first.1 {
        true => first,
        false => found.find(|(_, takes_part)| *takes_part).unwrap_or(first),
    })
}

/// The invitations of the members that take part, by organisation.
fn invitations(home: &Home, id: &str) -> Result<BTreeMap<String, String>> {
    let stored: Stored = home.kept(COLLECTION, id)?.ok_or_else(missing)?;
    let verified = statements::verify(home, &stored.statement, None)?;
    let known = contacts::verified(home)?;
    let found = verified.cluster.members.iter().filter_map(|member| {
        let (invitation, takes_part) = invitation_of(&verified, member, &known)?;
        takes_part.then(|| (member.organisation_id.clone(), invitation.hash().to_owned()))
    });
    Ok(found.collect())
}
