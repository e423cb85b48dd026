//! Other people, as they cross the bridge: connections without a framework, by keys that both compare, and what is shared in
//! them.

use std::sync::Arc;

use crate::error::Result;
use crate::records::record_id;
use crate::{CancelHandle, Person, json, task};

/// Another person, as this one knows them.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct KnownPerson {
    /// The connection's id.
    pub id: String,
    /// What this person calls them.
    pub name: String,
    /// Whether this person said that both read the same code.
    pub verified: bool,
    /// What both compare; none until the invitation was answered.
    pub check_code: Option<String>,
    /// Since when, Unix seconds.
    pub since: i64,
    /// Where the connection stands.
    pub state: PersonState,
}

/// Where a connection with another person stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum PersonState {
    /// They were invited and haven't answered.
    Invited,
    /// Both can write to each other.
    Connected,
    /// This person ended it.
    Ended,
}

/// An invitation to show to somebody.
#[derive(Clone, PartialEq, Eq, uniffi::Record)]
pub struct PersonLink {
    /// The connection that it will be.
    pub id: String,
    /// The link, for a QR. It serves once, and is shown to nobody else.
    pub link: String,
}

impl std::fmt::Debug for PersonLink {
    /// Without the link.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PersonLink({}, …)", self.id)
    }
}

/// What to share with somebody.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct ShareSpec {
    /// The records, each once.
    pub records: Vec<String>,
    /// What for, in the words of the one who shares.
    pub purpose: String,
    /// The language of these words.
    pub language: String,
    /// The first second at which it ends by itself, Unix time; none where only a withdrawal ends it.
    #[uniffi(default)]
    pub until: Option<i64>,
}

/// Something that is shared.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct Share {
    /// Its id.
    pub id: String,
    /// With whom, or by whom: the connection.
    pub person: String,
    /// What this person calls them.
    pub name: String,
    /// Whether the other's key was compared.
    pub verified: bool,
    /// Whether the other shares it, and not this person.
    pub received: bool,
    /// What for.
    pub purpose: String,
    /// The fields.
    pub fields: Vec<String>,
    /// The records: those that are shared, or those that came.
    pub records: Vec<String>,
    /// Where it stands.
    pub state: ShareState,
    /// When it ends by itself, Unix seconds.
    pub until: Option<i64>,
    /// The receipt: a JSON-LD document.
    pub receipt: Option<String>,
}

/// Where something that is shared stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, uniffi::Enum)]
pub enum ShareState {
    /// It was decided; nothing has been given yet.
    Proposed,
    /// It was given; the other's receipt hasn't come.
    AwaitingReceipt,
    /// Both have signed.
    InForce,
    /// It came to its end.
    Expired,
    /// It was withdrawn; the other is silent so far.
    Withdrawn,
    /// It was withdrawn, and the other has acknowledged it.
    WithdrawalAcknowledged,
}

#[uniffi::export]
impl Person {
    /// Makes an invitation for one person, whom this one will call `name`.
    ///
    /// Errors: `NoRelay`, `Malformed`, `Unreachable`, `RelayBusy`.
    pub async fn invite_person(&self, name: String, cancel: Arc<CancelHandle>) -> Result<PersonLink> {
        let people = self.store.get()?.people();
        task::run(&cancel, async move {
            let invited = people.invite(&name).await?;
            Ok(PersonLink {
                id: invited.id,
                link: invited.link,
            })
        })
        .await
    }

    /// Answers somebody's invitation, whom this person will call `name`.
    ///
    /// Errors: `WrongPurpose` for another kind of link, `NotARequest`, `AddressRefused`, `AlreadyExists` for one that was
    /// answered here or made here, `Unreachable`.
    pub async fn accept_person(&self, link: String, name: String, cancel: Arc<CancelHandle>) -> Result<KnownPerson> {
        let people = self.store.get()?.people();
        task::run(&cancel, async move { Ok(people.accept(&link, &name).await?.into()) }).await
    }

    /// Everybody who is known or invited, by name.
    pub async fn people(&self, cancel: Arc<CancelHandle>) -> Result<Vec<KnownPerson>> {
        let people = self.store.get()?.people();
        task::run(&cancel, async move {
            Ok(people.list().await?.into_iter().map(KnownPerson::from).collect())
        })
        .await
    }

    /// Notes whether both read the same code to each other.
    ///
    /// Errors: `NotFound` for nobody who has answered.
    pub async fn set_person_verified(
        &self,
        id: String,
        verified: bool,
        cancel: Arc<CancelHandle>,
    ) -> Result<KnownPerson> {
        let people = self.store.get()?.people();
        task::run(
            &cancel,
            async move { Ok(people.set_verified(&id, verified).await?.into()) },
        )
        .await
    }

    /// Calls somebody by another name. Only this person sees it.
    pub async fn rename_person(&self, id: String, name: String, cancel: Arc<CancelHandle>) -> Result<KnownPerson> {
        let people = self.store.get()?.people();
        task::run(&cancel, async move { Ok(people.rename(&id, &name).await?.into()) }).await
    }

    /// Ends a connection: withdraws what this person shares in it, and reads nothing more once that was acknowledged.
    pub async fn end_person(&self, id: String, cancel: Arc<CancelHandle>) -> Result<KnownPerson> {
        let people = self.store.get()?.people();
        task::run(&cancel, async move { Ok(people.end(&id).await?.into()) }).await
    }

    /// Shares records with somebody. They are given when the other's phone has answered, and as they are then.
    ///
    /// Errors: `NotFound` for a record or a person, or one who hasn't answered yet; `Malformed`, `TooLarge`.
    pub async fn share_with_person(&self, id: String, spec: ShareSpec, cancel: Arc<CancelHandle>) -> Result<Share> {
        let people = self.store.get()?.people();
        let spec = kist_pds::ShareSpec {
            records: spec.records.iter().map(|id| record_id(id)).collect::<Result<_>>()?,
            purpose: spec.purpose,
            language: spec.language,
            until: spec.until,
        };
        task::run(&cancel, async move { Share::of(people.share(&id, spec).await?) }).await
    }

    /// Everything that is shared, either way.
    pub async fn shares(&self, cancel: Arc<CancelHandle>) -> Result<Vec<Share>> {
        let people = self.store.get()?.people();
        task::run(&cancel, async move {
            people.shares().await?.into_iter().map(Share::of).collect()
        })
        .await
    }

    /// Withdraws what this person shares. The other's phone lets go of it and says so.
    ///
    /// Errors: `NotFound`, `ConsentWithdrawn` where it was withdrawn before.
    pub async fn withdraw_share(&self, id: String, cancel: Arc<CancelHandle>) -> Result<Share> {
        let people = self.store.get()?.people();
        task::run(&cancel, async move { Share::of(people.withdraw(&id).await?) }).await
    }
}

impl From<kist_pds::KnownPerson> for KnownPerson {
    fn from(person: kist_pds::KnownPerson) -> Self {
        KnownPerson {
            id: person.id,
            name: person.name,
            verified: person.verified,
            check_code: person.check_code,
            since: person.since,
            state: match person.state {
                kist_pds::PersonState::Invited => PersonState::Invited,
                kist_pds::PersonState::Connected => PersonState::Connected,
                kist_pds::PersonState::Ended => PersonState::Ended,
            },
        }
    }
}

impl Share {
    fn of(share: kist_pds::Share) -> Result<Self> {
        use kist_pds::ShareState as S;
        Ok(Share {
            id: share.id,
            person: share.person,
            name: share.name,
            verified: share.verified,
            received: share.direction == kist_pds::ShareDirection::Received,
            purpose: share.purpose,
            fields: share.fields,
            records: share.records.iter().map(ToString::to_string).collect(),
            state: match share.state {
                S::Proposed => ShareState::Proposed,
                S::AwaitingReceipt => ShareState::AwaitingReceipt,
                S::InForce => ShareState::InForce,
                S::Expired => ShareState::Expired,
                S::Withdrawn => ShareState::Withdrawn,
                S::WithdrawalAcknowledged => ShareState::WithdrawalAcknowledged,
            },
            until: share.until,
            receipt: share.receipt.as_ref().map(json::text).transpose()?,
        })
    }
}
