//! The handshake, the person's side: open a request, look at what it comes to, decide.
//!
//! A request that was opened is kept until it is answered, refused or over. A decision is stored whole (agreement,
//! relationship, history and the sealed answer) before its first byte leaves, and is sent again until the relay has it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kist_channel::Address;
use kist_consent::evaluation::{RequestFacts, SharedBefore, evaluate};
use kist_consent::history::{DisclosedField, Event};
use kist_consent::{Acceptance, Agreement, Connection as OfferedConnection, Evaluation, FieldRef, Party, Signed};
use kist_crypto::OsRandom;
use kist_exchange::{
    AnswerDraft, CONNECTION, RequestLink, ReturnAddress, SealedAnswer, TrustContext, VerifiedRequest, qr,
};
use kist_identity::{ClaimPath, Credential, CredentialDraft, IssuedBy, RelationshipKey, start_of_day};
use serde::{Deserialize, Serialize};

use super::agreements::Kept;
use super::candidates::{Held, Kind};
use super::consents::ConsentSummary;
use super::relationships::{self, Speaking};
use crate::home::{Home, to_json};
use crate::relay::{Relay, fetch_request, post_answer};
use crate::trust::trusted;
use crate::{Error, Person, Result, history};

const REQUESTS: &str = "local/requests";
const ANSWERS: &str = "answers";
/// The language that an acceptance says the person read, until the app says another.
const LANGUAGE: &str = "en";

/// A request that waits for the person.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OpenRequest {
    /// Its name in the store.
    pub id: String,
    /// What it comes to.
    pub evaluation: Evaluation,
    /// When it ends, Unix seconds.
    pub expires_at: i64,
}

/// What the person gives.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Each field that is given.
    pub fields: Vec<Choice>,
    /// The language in which the person read the purpose.
    #[serde(default)]
    pub language: Option<String>,
}

/// One field that is given, and from what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// The field.
    pub field: FieldRef,
    /// The candidate, by the id that the evaluation gave it.
    pub candidate: String,
}

impl Decision {
    /// What the request needs and no more, each from what would answer best: nothing optional, nothing over-asked.
    pub fn required(request: &OpenRequest) -> Decision {
        let wanted = request.evaluation.default_choice();
        Decision {
            fields: wanted.into_iter().filter_map(|field| best(request, field)).collect(),
            language: None,
        }
    }

    /// Gives one more field.
    pub fn and(mut self, request: &OpenRequest, field: &FieldRef) -> Decision {
        self.fields.extend(best(request, field.clone()));
        self
    }
}

fn best(request: &OpenRequest, wanted: FieldRef) -> Option<Choice> {
    let field = request
        .evaluation
        .fields
        .iter()
        .find(|field| field.field().as_ref() == Some(&wanted))?;
    Some(Choice {
        candidate: field.matches.first()?.candidate.clone(),
        field: wanted,
    })
}

/// A request as it is kept: verified anew whenever it is read.
#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    link: String,
    request: String,
}

/// An answer on its way.
#[derive(Serialize, Deserialize)]
struct Unsent {
    response_uri: String,
    body: String,
    agreement: Option<String>,
}

/// The requests of a store.
#[derive(Clone)]
pub struct Requests {
    pub(crate) home: Arc<Home>,
}

impl Requests {
    /// The link in a picture: `luma` has a byte a pixel, 0 is black, row by row.
    ///
    /// Errors: `NotARequest` where the picture has no code, or none that starts a handshake.
    pub fn read_qr(luma: &[u8], width: usize, height: usize) -> Result<String> {
        let texts = qr::read(luma, width, height)?;
        let policy = kist_exchange::TransportPolicy { allow_loopback: true };
        let link = texts.into_iter().find(|text| RequestLink::parse(text, policy).is_ok());
        link.ok_or_else(|| Error::new("NotARequest"))
    }

    /// Fetches a request, verifies it, and says what it comes to. That it was seen stands in the history.
    ///
    /// Errors: `NotARequest`, `AddressRefused`, `MixUpRefused`, `OrganisationNotTrusted` with the reason,
    /// `TrustListMissing`, `TrustListExpired`, `RequestExpired`, `Unreachable` …
    pub async fn open(&self, link: &str) -> Result<OpenRequest> {
        let policy = self.home.platform.transport;
        let parsed = RequestLink::parse(link.trim(), policy)?;
        let request = fetch_request(&self.home.mail, parsed.request_uri()).await?;
        let stored = Stored {
            link: parsed.to_uri(),
            request,
        };
        self.home
            .blocking(move |home| {
                let id = id_of(&stored.request);
                let (verified, open) = examine(home, &id, &stored)?;
                home.transaction(|changes| {
                    if changes.kept(REQUESTS, &id)?.is_none() {
                        changes.keep(REQUESTS, &id, &to_json(&stored)?)?;
                        history::append(changes, seen(&id, &verified, &open.evaluation), home.platform.now_ms())?;
                    }
                    Ok(())
                })?;
                Ok(open)
            })
            .await
    }

    /// Requests that were opened and not decided, as they stand now. Those that are over are cleared away.
    pub async fn pending(&self) -> Result<Vec<OpenRequest>> {
        self.home
            .blocking(|home| {
                let mut open = Vec::new();
                for (id, stored) in home.all_kept::<Stored>(REQUESTS)? {
                    match examine(home, &id, &stored) {
                        Ok((_, request)) => open.push(request),
                        Err(error) if error.code() == "RequestExpired" => {
                            home.transaction(|changes| Ok(changes.forget(REQUESTS, &id)?))?;
                        }
                        Err(error) => return Err(error),
                    }
                }
                Ok(open)
            })
            .await
    }

    /// A request that was opened before, as it stands now.
    pub async fn get(&self, id: &str) -> Result<OpenRequest> {
        let id = id.to_owned();
        self.home.blocking(move |home| Ok(load(home, &id)?.1)).await
    }

    /// Answers with what the person chose. When this returns, the decision is stored; where the relay could not be
    /// reached, it is sent by the next [`Requests::resume`] or refresh of the inbox, and the state says so.
    ///
    /// The result is `None` for a single sharing without an agreement.
    ///
    /// Errors: `RequiredFieldMissing`, `FieldNotOffered`, `QueryNotSatisfied`, `RequestExpired`, `ReplayRejected` …
    pub async fn answer(&self, id: &str, decision: Decision) -> Result<Option<ConsentSummary>> {
        let speaking = self.speaking(id).await?;
        let name = id.to_owned();
        let agreement = self
            .home
            .blocking(move |home| answer(home, &name, &decision, speaking))
            .await?;
        match send_unsent(&self.home).await {
            Err(error) if error.retry() != crate::Retry::Later => return Err(error),
            _ => {}
        }
        match agreement {
            Some(agreement) => {
                let consents = Person {
                    home: Arc::clone(&self.home),
                }
                .consents();
                consents.get(&agreement).await.map(|detail| Some(detail.summary))
            }
            None => Ok(None),
        }
    }

    /// Refuses. The organisation is told nothing; the history knows.
    pub async fn refuse(&self, id: &str) -> Result<()> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                let (verified, _, _) = load(home, &id)?;
                home.transaction(|changes| {
                    changes.forget(REQUESTS, &id)?;
                    let event = Event::Refused {
                        organisation: party(&verified),
                        request: id.clone(),
                    };
                    history::append(changes, event, home.platform.now_ms())
                })
            })
            .await
    }

    /// Sends answers whose sending was interrupted.
    pub async fn resume(&self) -> Result<()> {
        send_unsent(&self.home).await
    }

    /// The relationship to answer in: the one that stands with this organisation, or a new one with a mailbox of its own.
    async fn speaking(&self, id: &str) -> Result<Option<Speaking>> {
        let name = id.to_owned();
        let (verified, standing, relay) = self
            .home
            .blocking(move |home| {
                let (verified, _, _) = load(home, &name)?;
                let standing = relationships::with_organisation(home, &verified.party().organisation_id)?;
                let relay: Option<String> = home.kept(super::SETTINGS, super::RELAY)?;
                Ok((verified, standing, relay))
            })
            .await?;
        if verified.offer().is_none() || standing.is_some() {
            return Ok(standing);
        }
        let relay = relay.unwrap_or_else(|| verified.response_uri().to_owned());
        let relay = Relay::new(self.home.mail.clone(), &relay)?;
        let party = verified.party();
        relationships::begin(&relay, &party.organisation_id, &party.legal_name, party.key)
            .await
            .map(Some)
    }
}

/// The agreements whose answer has not left yet.
pub(super) fn unsent(home: &Home) -> Result<BTreeSet<String>> {
    let all = home.all_kept::<Unsent>(ANSWERS)?;
    Ok(all.into_iter().filter_map(|(_, unsent)| unsent.agreement).collect())
}

/// Sends what waits. An answer that the relay will never take is let go of; the consent stays in the list, since a relay's
/// word is no proof that nobody has read it.
pub(super) async fn send_unsent(home: &Arc<Home>) -> Result<()> {
    let waiting: Vec<(String, Unsent)> = home.blocking(|home| home.all_kept(ANSWERS)).await?;
    for (id, unsent) in waiting {
        let sent = post_answer(&home.mail, &unsent.response_uri, unsent.body).await;
        if matches!(&sent, Err(error) if error.retry() == crate::Retry::Later) {
            return sent;
        }
        home.blocking(move |home| home.transaction(|changes| Ok(changes.forget(ANSWERS, &id)?)))
            .await?;
        sent?;
    }
    Ok(())
}

fn id_of(request: &str) -> String {
    kist_crypto::base64url(&kist_crypto::sha256(&[request.as_bytes()])[..16])
}

fn load(home: &Home, id: &str) -> Result<(VerifiedRequest, OpenRequest, Stored)> {
    let stored: Option<Stored> = home.kept(REQUESTS, id)?;
    let stored = stored.ok_or_else(|| Error::new("NotFound").with("what", "request"))?;
    let (verified, open) = examine(home, id, &stored)?;
    Ok((verified, open, stored))
}

/// Verifies and evaluates a request as it stands now.
fn examine(home: &Home, id: &str, stored: &Stored) -> Result<(VerifiedRequest, OpenRequest)> {
    let (policy, now) = (home.platform.transport, home.platform.now());
    let link = RequestLink::parse(&stored.link, policy)?;
    let believed = trusted(home)?;
    let context = TrustContext {
        anchors: &believed.anchors,
        lists: &believed.lists,
    };
    let verified = VerifiedRequest::verify(&stored.request, &link, &context, now, policy)?;
    let party = verified.party();
    let standing = relationships::with_organisation(home, &party.organisation_id)?;
    let key = standing.as_ref().map(|speaking| speaking.key.public());
    let held = Held::for_query(home, verified.query(), key.as_ref())?;
    let past = history::entries(home)?;
    let shared = SharedBefore::from_history(&past, &party.organisation_id);
    let facts = RequestFacts {
        query: verified.query(),
        connection: verified.offer().map(|_| CONNECTION),
        offer: verified.offer().map(Signed::content),
    };
    let evaluation = evaluate(&facts, party, &held, &shared, now);
    let open = OpenRequest {
        id: id.to_owned(),
        evaluation,
        expires_at: verified.expires_at(),
    };
    Ok((verified, open))
}

fn party(verified: &VerifiedRequest) -> Party {
    let party = verified.party();
    Party {
        id: party.organisation_id.clone(),
        name: party.legal_name.clone(),
    }
}

fn seen(id: &str, verified: &VerifiedRequest, evaluation: &Evaluation) -> Event {
    let asked = evaluation.fields.iter().filter_map(|field| {
        let (credential_type, path) = (field.types.first()?.clone(), field.path.clone()?);
        Some(DisclosedField { credential_type, path })
    });
    Event::RequestSeen {
        organisation: party(verified),
        request: id.to_owned(),
        offer: verified.offer().map(Signed::hash),
        fields: asked.collect(),
    }
}

/// Makes the answer and stores everything that it means, in one transaction.
fn answer(home: &Home, id: &str, decision: &Decision, speaking: Option<Speaking>) -> Result<Option<String>> {
    let (verified, _, _) = load(home, id)?;
    let now = home.platform.now();
    let key = match &speaking {
        Some(speaking) => speaking.key.clone(),
        None => RelationshipKey::generate(&mut OsRandom),
    };
    let held = Held::for_query(home, verified.query(), Some(&key.public()))?;
    let mut draft = verified.answer(now)?;
    let disclosed = present(&mut draft, &held, decision, &key, now)?;
    let agreed = match (&speaking, verified.offer()) {
        (Some(speaking), Some(offer)) => {
            let fields: Vec<FieldRef> = decision.fields.iter().map(|choice| choice.field.clone()).collect();
            let language = decision.language.as_deref().unwrap_or(LANGUAGE);
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
    store(home, id, party(&verified), agreed, speaking, disclosed, sealed)
}

/// Presents what was chosen: each credential query from one candidate.
fn present(
    draft: &mut AnswerDraft<'_>,
    held: &Held,
    decision: &Decision,
    key: &RelationshipKey,
    now: i64,
) -> Result<Vec<DisclosedField>> {
    let mut parts: BTreeMap<(&str, &str), Vec<ClaimPath>> = BTreeMap::new();
    for choice in &decision.fields {
        parts
            .entry((&choice.field.credential, &choice.candidate))
            .or_default()
            .push(choice.field.path.clone());
    }
    let mut disclosed = Vec::new();
    for ((query, candidate), paths) in parts {
        let item = held.get(candidate)?;
        disclosed.extend(paths.iter().map(|path| DisclosedField {
            credential_type: item.vct().to_owned(),
            path: path.clone(),
        }));
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
    Ok(disclosed)
}

/// Signs what the person says of themselves.
fn assert(draft: CredentialDraft, key: &RelationshipKey) -> Result<Credential> {
    let unsigned = draft.prepare(&mut OsRandom)?;
    let signature = key.sign(unsigned.signing_input());
    Ok(Credential::parse(&unsigned.complete(&signature))?)
}

/// Presents the return address of this relationship.
fn connect(draft: &mut AnswerDraft<'_>, speaking: &Speaking, key: &RelationshipKey, now: i64) -> Result<()> {
    let address = speaking
        .connection
        .own_address(speaking.relationship.send_token.clone());
    let receiving_key = kist_crypto::from_base64url(&address.receiving_key)?;
    let token = serde_json::to_value(&address.send_token)?;
    let return_address = ReturnAddress {
        relay: address.relay,
        mailbox: address.mailbox.to_string(),
        send_token: token.as_str().unwrap_or_default().to_owned(),
        receiving_key: kist_crypto::hpke::PublicKey::from_bytes(&receiving_key)?,
    };
    let credential = assert(return_address.credential(key.public(), start_of_day(now)), key)?;
    Ok(draft.present(CONNECTION, &credential, &[])?)
}

/// The organisation's address as the offer has it.
pub(crate) fn address(connection: &OfferedConnection) -> Result<Address> {
    let OfferedConnection {
        relay,
        mailbox,
        send_token,
        receiving_key,
    } = connection;
    let malformed = |_| Error::new("Malformed").with("what", "address");
    Ok(Address {
        relay: relay.clone(),
        mailbox: mailbox.parse().map_err(malformed)?,
        send_token: send_token.parse().map_err(malformed)?,
        receiving_key: receiving_key.clone(),
    })
}

fn store(
    home: &Home,
    id: &str,
    organisation: Party,
    agreement: Option<Agreement>,
    speaking: Option<Speaking>,
    fields: Vec<DisclosedField>,
    sealed: SealedAnswer,
) -> Result<Option<String>> {
    let now_ms = home.platform.now_ms();
    let kept = match (agreement, speaking) {
        (Some(agreement), Some(mut speaking)) => {
            if speaking.connection.peer().is_none() {
                speaking.connection.set_peer(address(&agreement.offer().connection)?)?;
            }
            Some((
                Kept {
                    relationship: speaking.id(),
                    agreement,
                },
                speaking,
            ))
        }
        _ => None,
    };
    let name = kept.as_ref().map(|(kept, _)| kept.agreement.id());
    home.transaction(|changes| {
        if let Some((kept, speaking)) = &kept {
            speaking.keep(changes)?;
            kept.keep(changes)?;
            let (organisation, agreement) = (organisation.clone(), kept.agreement.id());
            history::append(
                changes,
                Event::Agreed {
                    organisation,
                    request: id.to_owned(),
                    agreement,
                },
                now_ms,
            )?;
        }
        let event = Event::Disclosed {
            organisation,
            request: Some(id.to_owned()),
            agreement: name,
            fields,
        };
        history::append(changes, event, now_ms)?;
        let agreement = name.map(|name| name.to_string());
        let unsent = Unsent {
            response_uri: sealed.response_uri,
            body: sealed.body,
            agreement: agreement.clone(),
        };
        changes.keep(ANSWERS, id, &to_json(&unsent)?)?;
        changes.forget(REQUESTS, id)?;
        Ok(agreement)
    })
}
