//! Invitations to people who aren't known yet, as they cross the bridge.

use std::sync::Arc;

use super::{ClusterName, Organisation, RequestSpec};
use crate::error::Result;
use crate::{CancelHandle, task};

/// What people are invited to.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct InvitationSpec {
    /// The request that each intended use leads to, each use once.
    pub requests: Vec<RequestSpec>,
    /// For how many days it holds: a letter 60 at most, any other 400.
    pub days: u32,
    /// The clusters in which the organisation takes part.
    #[uniffi(default)]
    pub clusters: Vec<ClusterName>,
}

/// An invitation.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct OrgInvitation {
    /// Its id.
    pub id: String,
    /// What is published, a compact JWS; for a letter, what its code opens.
    pub invitation: String,
    /// The intended uses that it offers.
    pub uses: Vec<String>,
    /// Whom it is for.
    pub audience: InvitationAudience,
    /// The last second at which it holds, Unix seconds.
    pub expires_at: i64,
}

/// Whom an invitation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum InvitationAudience {
    /// Anybody.
    Everybody,
    /// The reader of a letter, who hasn't knocked yet.
    Letter,
    /// The reader of a letter, who has knocked: it serves no other time.
    LetterUsed,
}

/// A letter to write: the code stands here and nowhere else.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct Letter {
    /// The invitation's id.
    pub id: String,
    /// What is printed: four groups of five symbols.
    pub code: String,
    /// The relay that holds the invitation; printed too.
    pub relay: String,
    /// Both as a link, for a QR beside them.
    pub link: String,
    /// The last second at which it holds, Unix seconds.
    pub expires_at: i64,
}

impl std::fmt::Debug for Letter {
    /// Without the code.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Letter({}, …)", self.id)
    }
}

#[uniffi::export]
impl Organisation {
    /// Makes an invitation for everybody: give it to the framework's directory, or publish it and link to it.
    ///
    /// Errors: `NoRelay`; `NotFound` for no admission or an intended use that isn't registered; `Malformed` and `TooLarge`
    /// with the part that can't stand in a request; `Unreachable`, `RelayBusy`.
    pub async fn publish_invitation(&self, spec: InvitationSpec, cancel: Arc<CancelHandle>) -> Result<OrgInvitation> {
        let invitations = self.store.get()?.invitations();
        task::run(
            &cancel,
            async move { Ok(invitations.publish(spec.into()).await?.into()) },
        )
        .await
    }

    /// Makes an invitation for one person, to whom the code goes on paper: that the letter reached them is what it proves.
    ///
    /// Errors: as [`Organisation::publish_invitation`].
    pub async fn write_letter(&self, spec: InvitationSpec, cancel: Arc<CancelHandle>) -> Result<Letter> {
        let invitations = self.store.get()?.invitations();
        task::run(&cancel, async move {
            let letter = invitations.letter(spec.into()).await?;
            Ok(Letter {
                id: letter.id,
                code: letter.code,
                relay: letter.relay,
                link: letter.link,
                expires_at: letter.expires_at,
            })
        })
        .await
    }

    /// Every invitation that wasn't closed.
    pub async fn invitations(&self, cancel: Arc<CancelHandle>) -> Result<Vec<OrgInvitation>> {
        let invitations = self.store.get()?.invitations();
        task::run(&cancel, async move {
            let all = invitations.list().await?;
            Ok(all.into_iter().map(OrgInvitation::from).collect())
        })
        .await
    }

    /// The link to an invitation that lies at `address`, for a QR or a page.
    pub async fn invitation_link(&self, id: String, address: String, cancel: Arc<CancelHandle>) -> Result<String> {
        let invitations = self.store.get()?.invitations();
        task::run(&cancel, async move { Ok(invitations.link(&id, &address).await?) }).await
    }

    /// Takes an invitation back: nobody knocks by it any more. Connections that it led to stay.
    pub async fn close_invitation(&self, id: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let invitations = self.store.get()?.invitations();
        task::run(&cancel, async move { Ok(invitations.close(&id).await?) }).await
    }
}

impl From<InvitationSpec> for kist_pds::InvitationSpec {
    fn from(spec: InvitationSpec) -> Self {
        kist_pds::InvitationSpec {
            requests: spec.requests.into_iter().map(kist_pds::RequestSpec::from).collect(),
            days: spec.days,
            clusters: spec.clusters.into_iter().map(kist_pds::ClusterName::from).collect(),
        }
    }
}

impl From<kist_pds::OrgInvitation> for OrgInvitation {
    fn from(invitation: kist_pds::OrgInvitation) -> Self {
        use kist_pds::InvitationAudience as A;
        OrgInvitation {
            id: invitation.id,
            invitation: invitation.invitation,
            uses: invitation.uses,
            audience: match invitation.audience {
                A::Everybody => InvitationAudience::Everybody,
                A::Letter => InvitationAudience::Letter,
                A::LetterUsed => InvitationAudience::LetterUsed,
            },
            expires_at: invitation.expires_at,
        }
    }
}
