//! The answer to a request: presentations, acceptance and return address, sealed for the organisation.
//!
//! A decision is stored whole (agreement, relationship, history and the sealed answer) before its first byte leaves, and
//! is sent again until the relay has it.

mod effort;
mod sessions;

use std::collections::BTreeMap;

use kist_consent::history::{DisclosedField, Event};
use kist_consent::rules::KeptRule;
use kist_consent::{Acceptance, Agreement, Evaluation, FieldRef, Party, Signed};
use kist_crypto::OsRandom;
use kist_exchange::{AnswerDraft, CONNECTION, SealedAnswer, SessionCode, VerifiedRequest};
use kist_identity::{ClaimPath, CredentialDraft, IssuedBy, RelationshipKey, start_of_day};
use kist_trust::Authority;
use serde_json::Value;

use self::sessions::Bringing;
use super::consents::{self, ConsentSummary};
use super::contacts::statements::Member;
use super::decision::Decision;
use super::relationships::{self, Speaking, address, return_address};
use super::requests::candidates::{Held, Kind};
use super::requests::unsent::{self, Unsent};
use super::requests::{self, Requests, party};
use super::standing_access::updates::{self, Part};
use super::{rights, rules, settings};
use crate::agreements::standing;
use crate::agreements::{self, Kept};
use crate::credentials::assert;
use crate::home::Home;
use crate::relay::Relay;
use crate::{Error, Result, history, mail};

pub use self::effort::EffortSaved;

/// The language that an acceptance says the person read, until the app says another.
const LANGUAGE: &str = "en";

impl Requests {
    /// Answers with what the person chose. When this returns, the decision is stored; where the relay could not be
    /// reached, it is sent by the next [`Requests::resume`] or refresh of the inbox, and the state says so.
    ///
    /// The result is `None` for a single sharing without an agreement.
    ///
    /// Errors: `RequiredFieldMissing`, `FieldNotOffered`, `QueryNotSatisfied`, `RequestExpired`, `ReplayRejected`,
    /// `ConsentPaused` while everything is paused, `KeptBack` for a field that a rule of the person's keeps back,
    /// `NotRememberable`, `InUse` where another answer to the same organisation came between …
    pub async fn answer(&self, id: &str, decision: Decision) -> Result<Option<ConsentSummary>> {
        self.give(id, decision, None, None).await
    }

    /// As [`Requests::answer`] to a member of a cluster, which notes what was agreed in the transaction that stores it.
    pub(in crate::person) async fn answer_member(
        &self,
        id: &str,
        decision: Decision,
        member: Member,
    ) -> Result<Option<ConsentSummary>> {
        self.give(id, decision, None, Some(member)).await
    }

    /// Answers as the person told the store to: what the request's verdict remembers. The history says that it was by a
    /// rule.
    ///
    /// Errors: as [`Requests::answer`]; `NothingRemembered` where no remembered answer fits now.
    pub async fn answer_remembered(&self, id: &str) -> Result<Option<ConsentSummary>> {
        let open = self.get(id).await?;
        let remembered = rules::remembered(&open.evaluation.verdict);
        let (rule, decision) = remembered.ok_or_else(|| Error::new("NothingRemembered"))?;
        self.give(id, decision, Some(rule), None).await
    }

    async fn give(
        &self,
        id: &str,
        decision: Decision,
        rule: Option<String>,
        member: Option<Member>,
    ) -> Result<Option<ConsentSummary>> {
        let speaking = self.speaking(id).await?;
        let name = id.to_owned();
        let agreement = self
            .home
            .blocking(move |home| {
                let (verified, open) = requests::load(home, &name)?;
                let by = By {
                    evaluation: &open.evaluation,
                    rule,
                    member,
                };
                answer(home, &name, &verified, &decision, by, speaking)
            })
            .await?;
        match unsent::send(&self.home, id).await {
            Err(error) if !mail::may_pass(&error) => return Err(error),
            _ => {}
        }
        let Some(agreement) = agreement else { return Ok(None) };
        self.home
            .blocking(move |home| consents::read(home, &agreement).map(Some))
            .await
    }

    /// What the person has to bring to the session that a request of theirs belongs to, from when they have answered until
    /// the request ends. Whoever has it gets the answer out: it is for the session that the person began, and no other.
    pub async fn session_code(&self, id: &str) -> Result<Option<SessionCode>> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                let kept: Option<Bringing> = home.kept(sessions::SESSIONS, &id)?;
                let now = home.platform.now();
                Ok(kept.filter(|kept| kept.expires_at >= now).map(|kept| kept.code))
            })
            .await
    }

    /// Sends answers whose sending was interrupted. One that can't be sent keeps back no other.
    ///
    /// Errors: the first that was met.
    pub async fn resume(&self) -> Result<()> {
        let failed = unsent::send_all(&self.home).await?;
        failed.into_iter().next().map_or(Ok(()), |(_, error)| Err(error))
    }

    /// The relationship to answer in: the one that stands with this organisation, or a new one with a mailbox of its own.
    async fn speaking(&self, id: &str) -> Result<Option<Speaking>> {
        let name = id.to_owned();
        let (verified, standing, relay) = self
            .home
            .blocking(move |home| {
                let (verified, _) = requests::load(home, &name)?;
                let standing = relationships::with_party(home, verified.party())?;
                let relay = settings::relay(home)?;
                Ok((verified, standing, relay))
            })
            .await?;
        if verified.offer().is_none() || standing.is_some() {
            return Ok(standing);
        }
        let relay = relay.unwrap_or_else(|| verified.response_uri().to_owned());
        let relay = Relay::new(self.home.mail.clone(), &relay)?;
        relationships::begin(&relay, verified.party()).await.map(Some)
    }
}

/// What a decision is held against.
struct By<'a> {
    evaluation: &'a Evaluation,
    /// The rule that decided, where the person wasn't asked.
    rule: Option<String>,
    /// Whom it answers, where it is a decision on a cluster.
    member: Option<Member>,
}

/// Makes the answer to a request and stores everything that it means, in one transaction. Gives the agreement's name.
fn answer(
    home: &Home,
    id: &str,
    verified: &VerifiedRequest,
    decision: &Decision,
    by: By<'_>,
    speaking: Option<Speaking>,
) -> Result<Option<String>> {
    rules::check(by.evaluation, decision)?;
    if let Some(rule) = &by.rule {
        rules::check_remembered(by.evaluation, decision, rule)?;
    }
    let language = decision.language.as_deref().unwrap_or(LANGUAGE);
    let offer = verified.offer().map(Signed::content);
    let remembered = rules::remember(home, by.evaluation, offer, decision, language)?;
    let now = home.platform.now();
    let key = match &speaking {
        Some(speaking) => speaking.key.clone(),
        None => RelationshipKey::generate(&mut OsRandom),
    };
    let held = Held::for_query(home, verified.query(), Some(&key.public()))?;
    let mut draft = verified.answer(now)?;
    let (disclosed, given) = present(&mut draft, &held, decision, &key, now)?;
    let agreed = match (&speaking, verified.offer()) {
        (Some(speaking), Some(offer)) => {
            let fields: Vec<FieldRef> = decision.fields.iter().map(|choice| choice.field.clone()).collect();
            let acceptance = Acceptance::of(offer, &fields, language, &key.public(), now)?;
            let unsigned = Signed::prepare(&acceptance)?;
            let signature = key.sign(unsigned.signing_input());
            let acceptance = Signed::<Acceptance>::verify(&unsigned.complete(&signature), &key.public())?;
            connect(&mut draft, speaking, &key, now)?;
            draft.accept(acceptance.compact().to_owned());
            Some(Agreement::new(offer.clone(), acceptance)?)
        }
        _ => None,
    };
    let signatures: Vec<[u8; 64]> = draft.to_sign().map(|(_, input)| key.sign(input)).collect();
    let sealed = draft.complete(&signatures, &mut OsRandom)?;
    let decided = Decided {
        organisation: party(verified),
        authority: verified.party().registration.supervisory_authority.clone(),
        agreed: agreed.zip(speaking),
        disclosed,
        given,
        expires_at: verified.expires_at(),
        remembered,
        rule: by.rule,
        member: by.member,
    };
    store(home, id, decided, sealed)
}

/// What an answer gives.
#[derive(Default)]
struct Disclosed {
    fields: Vec<DisclosedField>,
    /// The type of the credential that answers each query.
    types: BTreeMap<String, String>,
    /// What would else have been typed.
    values: Vec<Value>,
}

/// Presents what was chosen: each credential query from one candidate. Gives it for the history, and for whoever watches
/// what becomes of it.
fn present(
    draft: &mut AnswerDraft<'_>,
    held: &Held,
    decision: &Decision,
    key: &RelationshipKey,
    now: i64,
) -> Result<(Disclosed, Vec<Part>)> {
    let mut parts: BTreeMap<(&str, &str), Vec<ClaimPath>> = BTreeMap::new();
    for choice in &decision.fields {
        parts
            .entry((&choice.field.credential, &choice.candidate))
            .or_default()
            .push(choice.field.path.clone());
    }
    let (mut disclosed, mut given) = (Disclosed::default(), Vec::new());
    for ((query, candidate), paths) in parts {
        let item = held.get(candidate)?;
        let chosen = paths.iter().flat_map(|path| path.select(item.claims()));
        let typed = chosen.filter_map(|path| path.value_in(item.claims()).cloned());
        disclosed.values.extend(typed);
        disclosed.types.insert(query.to_owned(), item.vct().to_owned());
        disclosed.fields.extend(paths.iter().map(|path| DisclosedField {
            credential_type: item.vct().to_owned(),
            path: path.clone(),
        }));
        given.push(Part::new(query, item, &paths));
        match &item.kind {
            Kind::Credential(credential) => draft.present(query, credential, &paths)?,
            Kind::Record => {
                let claims = item.claims().clone();
                let asserted =
                    CredentialDraft::new(item.vct(), claims, key.public(), IssuedBy::Holder, start_of_day(now));
                draft.present(query, &assert(asserted, key)?, &paths)?;
            }
        }
    }
    Ok((disclosed, given))
}

/// Presents the return address of this relationship.
fn connect(draft: &mut AnswerDraft<'_>, speaking: &Speaking, key: &RelationshipKey, now: i64) -> Result<()> {
    let return_address = return_address(speaking)?;
    let credential = assert(return_address.credential(key.public(), start_of_day(now)), key)?;
    Ok(draft.present(CONNECTION, &credential, &[])?)
}

/// What a decision means, beside the bytes that are sent.
struct Decided {
    organisation: Party,
    authority: Authority,
    agreed: Option<(Agreement, Speaking)>,
    disclosed: Disclosed,
    given: Vec<Part>,
    expires_at: i64,
    /// What the person wants remembered.
    remembered: Option<KeptRule>,
    /// The rule that decided.
    rule: Option<String>,
    /// The member of a cluster that is answered.
    member: Option<Member>,
}

/// Stores a decision: agreement, relationship, history and the sealed answer.
fn store(home: &Home, id: &str, decided: Decided, sealed: SealedAnswer) -> Result<Option<String>> {
    let Decided {
        organisation,
        authority,
        agreed,
        disclosed: Disclosed { fields, types, values },
        given,
        expires_at,
        remembered,
        rule,
        member,
    } = decided;
    let now_ms = home.platform.now_ms();
    let name = agreed.as_ref().map(|(agreement, _)| agreement.id());
    home.transaction(|changes| {
        if changes.kept(requests::COLLECTION, id)?.is_none() {
            return Err(Error::new("ReplayRejected"));
        }
        standing::check_everything(changes)?;
        changes.forget(requests::COLLECTION, id)?;
        if let Some(kept) = &remembered {
            rules::keep_remembered(changes, kept)?;
        }
        if let Some(rule) = rule {
            let event = Event::DecidedByRule {
                organisation: organisation.clone(),
                request: id.to_owned(),
                rule,
            };
            history::append(changes, event, now_ms)?;
        }
        if let Some((agreement, mut speaking)) = agreed {
            let peer = address(&agreement.offer().connection, home.platform.transport)?;
            speaking.keep(changes, peer)?;
            let replaces = agreement.offer().replaces;
            let is_renewal = agreements::replace(changes, &agreement)?;
            let event = Event::Agreed {
                organisation: organisation.clone(),
                request: id.to_owned(),
                agreement: agreement.id(),
                replaces: replaces.filter(|_| is_renewal),
                intended_use: Some(agreement.offer().intended_use.clone()),
            };
            updates::watch(changes, &agreement, given)?;
            let relationship = speaking.id();
            rights::note_authority(changes, &relationship, &authority)?;
            Kept {
                relationship,
                agreement,
                types,
            }
            .keep(changes)?;
            history::append(changes, event, now_ms)?;
        }
        effort::count(changes, &values)?;
        let agreement = name.map(|name| name.to_string());
        if let Some(member) = member {
            member.decided(changes, agreement.as_deref())?;
        }
        let unsent = Unsent {
            organisation: organisation.name.clone(),
            response_uri: sealed.response_uri,
            body: sealed.body,
            agreement: agreement.clone(),
            expires_at,
        };
        unsent.keep(changes, id)?;
        if let Some(code) = sealed.session {
            sessions::bring(changes, id, &Bringing { code, expires_at }, now_ms.div_euclid(1000))?;
        }
        let event = Event::Disclosed {
            organisation,
            request: Some(id.to_owned()),
            agreement: name,
            fields,
        };
        history::append(changes, event, now_ms)?;
        Ok(agreement)
    })
}
