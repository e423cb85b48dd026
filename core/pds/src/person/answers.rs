//! The answer to a request: presentations, acceptance and return address, sealed for the organisation.
//!
//! A decision is stored whole (agreement, relationship, history and the sealed answer) before its first byte leaves, and
//! is sent again until the relay has it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kist_channel::Address;
use kist_consent::history::{DisclosedField, Event};
use kist_consent::rules::KeptRule;
use kist_consent::{Acceptance, Agreement, Connection as OfferedConnection, Evaluation, FieldRef, Party, Signed};
use kist_crypto::OsRandom;
use kist_exchange::{
    AnswerDraft, CONNECTION, ReturnAddress, SealedAnswer, SessionCode, TransportPolicy, VerifiedRequest, is_allowed_url,
};
use kist_identity::{ClaimPath, Credential, CredentialDraft, IssuedBy, RelationshipKey, start_of_day};
use kist_trust::Authority;
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::candidates::{Held, Kind};
use super::dashboard;
use super::decision::Decision;
use super::relationships::Speaking;
use super::requests::{self, party};
use super::updates::{self, Part};
use super::{rights, rules};
use crate::agreements::standing;
use crate::agreements::{self, Kept};
use crate::home::{Home, from_json, let_go, to_json};
use crate::relay::post_answer;
use crate::{Error, Result, history, mail};

/// Answers that wait to be sent, by request.
const COLLECTION: &str = "answers";
/// What is to be brought to a session, by request.
pub(super) const SESSIONS: &str = "local/sessions";
/// The language that an acceptance says the person read, until the app says another.
const LANGUAGE: &str = "en";

/// An answer on its way.
#[derive(Serialize, Deserialize)]
struct Unsent {
    organisation: String,
    response_uri: String,
    body: String,
    agreement: Option<String>,
    /// When the request ends, Unix seconds.
    expires_at: i64,
}

/// A code that waits to be brought to the session of a request.
#[derive(Serialize, Deserialize)]
pub(super) struct Bringing {
    pub(super) code: SessionCode,
    /// When the request ends, Unix seconds.
    pub(super) expires_at: i64,
}

/// What a decision is held against.
pub(super) struct By<'a> {
    pub(super) evaluation: &'a Evaluation,
    /// The rule that decided, where the person wasn't asked.
    pub(super) rule: Option<String>,
}

/// Makes the answer to a request and stores everything that it means, in one transaction. Gives the agreement's name.
pub(super) fn answer(
    home: &Home,
    id: &str,
    verified: &VerifiedRequest,
    decision: &Decision,
    by: By<'_>,
    speaking: Option<Speaking>,
) -> Result<Option<String>> {
    standing::check_everything(home)?;
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

/// Signs what the person says of themselves.
pub(super) fn assert(draft: CredentialDraft, key: &RelationshipKey) -> Result<Credential> {
    let unsigned = draft.prepare(&mut OsRandom)?;
    let signature = key.sign(unsigned.signing_input());
    Ok(Credential::parse(&unsigned.complete(&signature))?)
}

/// Presents the return address of this relationship.
fn connect(draft: &mut AnswerDraft<'_>, speaking: &Speaking, key: &RelationshipKey, now: i64) -> Result<()> {
    let return_address = return_address(speaking)?;
    let credential = assert(return_address.credential(key.public(), start_of_day(now)), key)?;
    Ok(draft.present(CONNECTION, &credential, &[])?)
}

/// Where the organisation of this relationship reaches the person.
pub(super) fn return_address(speaking: &Speaking) -> Result<ReturnAddress> {
    let address = speaking
        .connection
        .own_address(speaking.relationship.send_token.clone());
    let receiving_key = kist_crypto::from_base64url(&address.receiving_key)?;
    let token = serde_json::to_value(&address.send_token)?;
    Ok(ReturnAddress {
        relay: address.relay,
        mailbox: address.mailbox.to_string(),
        send_token: token.as_str().unwrap_or_default().to_owned(),
        receiving_key: kist_crypto::hpke::PublicKey::from_bytes(&receiving_key)?,
    })
}

/// The organisation's address as the offer has it. One that may not be reached is refused here, since a message to it
/// would wait for ever.
pub(super) fn address(connection: &OfferedConnection, policy: TransportPolicy) -> Result<Address> {
    let OfferedConnection {
        relay,
        mailbox,
        send_token,
        receiving_key,
    } = connection;
    if !is_allowed_url(relay, policy) {
        return Err(Error::new("AddressRefused"));
    }
    let malformed = |_| Error::new("Malformed").with("what", "address");
    Ok(Address {
        relay: relay.clone(),
        mailbox: mailbox.parse().map_err(malformed)?,
        send_token: send_token.parse().map_err(malformed)?,
        receiving_key: receiving_key.clone(),
    })
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
    } = decided;
    let now_ms = home.platform.now_ms();
    let name = agreed.as_ref().map(|(agreement, _)| agreement.id());
    home.transaction(|changes| {
        if changes.kept(requests::COLLECTION, id)?.is_none() {
            return Err(Error::new("ReplayRejected"));
        }
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
        dashboard::count_effort(changes, &values)?;
        let agreement = name.map(|name| name.to_string());
        let unsent = Unsent {
            organisation: organisation.name.clone(),
            response_uri: sealed.response_uri,
            body: sealed.body,
            agreement: agreement.clone(),
            expires_at,
        };
        changes.keep(COLLECTION, id, &to_json(&unsent)?)?;
        if let Some(code) = sealed.session {
            bring(changes, id, &Bringing { code, expires_at }, now_ms.div_euclid(1000))?;
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

/// Keeps a session's code until its request ends; those whose request has ended go.
fn bring(changes: &Transaction<'_>, id: &str, bringing: &Bringing, now: i64) -> Result<()> {
    for (other, bytes) in changes.all_kept(SESSIONS)? {
        if from_json::<Bringing>(&bytes)?.expires_at < now {
            changes.forget(SESSIONS, &other)?;
        }
    }
    Ok(changes.keep(SESSIONS, id, &to_json(bringing)?)?)
}

/// The agreements whose answer has not left yet.
pub(super) fn unsent(changes: &Transaction<'_>) -> Result<BTreeSet<String>> {
    let mut agreements = BTreeSet::new();
    for (_, bytes) in changes.all_kept(COLLECTION)? {
        agreements.extend(from_json::<Unsent>(&bytes)?.agreement);
    }
    Ok(agreements)
}

/// Keeps the answer that made an agreement from being sent, if it has not left yet.
pub(super) fn call_back(changes: &Transaction<'_>, agreement: &str) -> Result<()> {
    for (id, bytes) in changes.all_kept(COLLECTION)? {
        let unsent: Unsent = from_json(&bytes)?;
        if unsent.agreement.as_deref() == Some(agreement) {
            changes.forget(COLLECTION, &id)?;
        }
    }
    Ok(())
}

/// Sends the answer to a request, if it waits. An answer that the relay will never take, or that comes too late, is let go
/// of; the consent stays in the list, since a relay's word is no proof that nobody has read it.
pub(super) async fn send(home: &Arc<Home>, id: &str) -> Result<()> {
    let name = id.to_owned();
    let waiting: Option<Unsent> = home.blocking(move |home| home.kept(COLLECTION, &name)).await?;
    let Some(unsent) = waiting else { return Ok(()) };
    let sent = match home.platform.now() > unsent.expires_at {
        true => Err(Error::new("RequestExpired")),
        false => post_answer(&home.mail, &unsent.response_uri, unsent.body).await,
    };
    if matches!(&sent, Err(error) if mail::may_pass(error)) {
        return sent;
    }
    let name = id.to_owned();
    home.blocking(move |home| home.transaction(|changes| let_go(changes, COLLECTION, &name)))
        .await?;
    sent
}

/// Sends every answer that waits; gives the organisations whose answer could not be sent, and why.
pub(super) async fn send_all(home: &Arc<Home>) -> Result<Vec<(String, Error)>> {
    let waiting: Vec<(String, Unsent)> = home.blocking(|home| home.all_kept(COLLECTION)).await?;
    let mut failed = Vec::new();
    for (id, unsent) in waiting {
        if let Err(error) = send(home, &id).await {
            failed.push((unsent.organisation, error));
        }
    }
    Ok(failed)
}
