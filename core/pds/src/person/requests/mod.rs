//! Requests of organisations, as the person meets them: open one, look at what it comes to, decide.
//!
//! A request that was opened is kept until it is answered, refused or over; it is verified anew whenever it is read.

pub(in crate::person) mod candidates;
mod marks;
mod past;
pub(in crate::person) mod refused;
mod stated;
pub(in crate::person) mod unsent;

use std::collections::BTreeMap;
use std::sync::Arc;

use kist_consent::evaluation::{RequestFacts, evaluate};
use kist_consent::history::{DisclosedField, Event};
use kist_consent::rules::{Moment, Rules as Book, Verdict};
use kist_consent::{Evaluation, Offer, Party, Signed};
use kist_exchange::{CONNECTION, CodePurpose, RequestLink, VerifiedRequest, qr};
use kist_vault::Transaction;
use serde::{Deserialize, Serialize};

use self::candidates::Held;
use self::past::Past;
use self::stated::Stated;
use super::decision::{Decision, OpenRequest};
use super::relationships::{self, Speaking};
use super::rules;
use crate::agreements::standing::Standing;
use crate::home::{Home, from_json, let_go, to_json};
use crate::relay::fetch_request;
use crate::trust::{Trusted, trusted};
use crate::{Error, Result, history, mail};

pub use self::refused::RefusedRequest;

/// Requests that wait for the person.
pub(in crate::person) const COLLECTION: &str = "local/requests";

/// A request as it is kept. Who asked and until when is known from when it was opened, so that it can be refused or
/// cleared away when it no longer verifies.
#[derive(Clone, Serialize, Deserialize)]
struct Stored {
    link: String,
    request: String,
    organisation: Party,
    expires_at: i64,
    /// The agreement that its offer would take the place of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    replaces: Option<String>,
    /// What it came to when it was opened; older stores don't say it.
    #[serde(default)]
    stated: Option<Stated>,
}

/// What requests are examined with, read once.
struct Grounds {
    believed: Trusted,
    memory: Memory,
}

/// What the person's side brings to a request.
struct Memory {
    past: Arc<Past>,
    rules: Book,
    moment: Moment,
    standing: Standing,
}

impl Grounds {
    fn of(home: &Home) -> Result<Grounds> {
        Ok(Grounds {
            believed: trusted(home)?,
            memory: Memory::of(home)?,
        })
    }
}

impl Memory {
    fn of(home: &Home) -> Result<Memory> {
        Ok(Memory {
            past: Past::read(home)?,
            rules: rules::read(home)?,
            moment: rules::moment(home)?,
            standing: Standing::read(home)?,
        })
    }
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
        // What is a request and can't be answered, or a code for something else, is for `open` to name.
        let is_request =
            |text: &&String| !matches!(RequestLink::parse(text, policy), Err(kist_exchange::Error::NotARequest));
        let is_other = |text: &&String| CodePurpose::of(text).is_some_and(|found| found != CodePurpose::Request);
        let found = texts.iter().filter(|text| !is_other(text)).find(is_request);
        let found = found.or_else(|| texts.iter().find(is_other));
        found.cloned().ok_or_else(|| Error::new("NotARequest"))
    }

    /// Fetches a request, verifies it, and says what it comes to. That it was seen stands in the history.
    ///
    /// Errors: `NotARequest`, `WrongPurpose`, `AddressRefused`, `MixUpRefused`, `OrganisationNotTrusted` with the reason,
    /// `TrustListMissing`, `TrustListExpired`, `RequestExpired`, `ReplayRejected` for a request that was answered,
    /// `Unreachable` …
    pub async fn open(&self, link: &str) -> Result<OpenRequest> {
        let policy = self.home.platform.transport;
        let link = RequestLink::parse(link.trim(), policy)?;
        let request = fetch_request(&self.home.mail, link.request_uri()).await?;
        self.home
            .blocking(move |home| {
                let (id, grounds) = (id_of(&request), Grounds::of(home)?);
                if grounds.memory.past.was_answered(&id) {
                    return Err(Error::new("ReplayRejected"));
                }
                let (verified, open) = examine(home, &grounds, &id, &link.to_uri(), &request)?;
                let stored = Stored {
                    link: link.to_uri(),
                    request,
                    organisation: party(&verified),
                    expires_at: verified.expires_at(),
                    replaces: verified
                        .offer()
                        .and_then(|offer| offer.replaces)
                        .map(|hash| hash.to_string()),
                    stated: Some(Stated::of(&verified, &open.evaluation, home.platform.now())),
                };
                home.transaction(|changes| {
                    if changes.kept(COLLECTION, &id)?.is_none() {
                        changes.keep(COLLECTION, &id, &to_json(&stored)?)?;
                        history::append(changes, seen(&id, &verified, &open.evaluation), home.platform.now_ms())?;
                        if let Some(reason) = verified.unverified() {
                            let event = Event::NobodyVouched {
                                organisation: party(&verified),
                                request: id.clone(),
                                reason: reason.code().to_owned(),
                            };
                            history::append(changes, event, home.platform.now_ms())?;
                        }
                    }
                    Ok(())
                })?;
                Ok(open)
            })
            .await
    }

    /// Requests that were opened and not decided, as they stand now. Those that are over are cleared away; those whose
    /// organisation is not believed any more are left out, and [`Requests::get`] says why.
    pub async fn pending(&self) -> Result<Vec<OpenRequest>> {
        self.home
            .blocking(|home| {
                refused::clear_away(home)?;
                let all = home.all_kept::<Stored>(COLLECTION)?;
                if all.is_empty() {
                    return Ok(Vec::new());
                }
                let grounds = Grounds::of(home)?;
                let mut open = Vec::new();
                for (id, stored) in all {
                    if stored.expires_at < home.platform.now() {
                        home.transaction(|changes| let_go(changes, COLLECTION, &id))?;
                        continue;
                    }
                    match examine(home, &grounds, &id, &stored.link, &stored.request) {
                        Ok((_, request)) => open.push(request),
                        Err(error) if mail::is_own(&error) => return Err(error),
                        Err(_) => {}
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

    /// What the request needs, and what a profile of the person's covers of the rest.
    ///
    /// Errors: `NotFound` where there is no such profile.
    pub async fn by_profile(&self, request: &OpenRequest, name: &str) -> Result<Decision> {
        let book = self.home.blocking(rules::read).await?;
        let missing = || Error::new("NotFound").with("what", "profile");
        let chosen = book.choice(name, &request.evaluation).ok_or_else(missing)?;
        Ok(Decision::default().with(request, &chosen))
    }

    /// Refuses. The organisation is told nothing; the history knows, and for 90 days
    /// [`DataRights::report_request`](crate::DataRights::report_request) can make a report about it.
    pub async fn refuse(&self, id: &str) -> Result<()> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| {
                let stored = stored(home, &id)?;
                home.transaction(|changes| {
                    changes.forget(COLLECTION, &id)?;
                    let event = Event::Refused {
                        organisation: stored.organisation.clone(),
                        request: id.clone(),
                    };
                    refused::keep(changes, &id, stored, home.platform.now())?;
                    history::append(changes, event, home.platform.now_ms())
                })
            })
            .await
    }
}

/// The requests that wait for the person and would renew a consent, by that consent.
pub(in crate::person) fn renewals(changes: &Transaction<'_>, now: i64) -> Result<BTreeMap<String, String>> {
    let mut renewals = BTreeMap::new();
    for (id, bytes) in changes.all_kept(COLLECTION)? {
        let stored: Stored = from_json(&bytes)?;
        if let Some(replaces) = stored.replaces.filter(|_| stored.expires_at >= now) {
            renewals.insert(replaces, id);
        }
    }
    Ok(renewals)
}

/// The name of a request: what was signed, and not the signature, of which there may be many.
fn id_of(request: &str) -> String {
    let signed = request.rsplit_once('.').map_or(request, |(signed, _)| signed);
    kist_crypto::base64url(&kist_crypto::sha256(&[signed.as_bytes()])[..16])
}

fn stored(home: &Home, id: &str) -> Result<Stored> {
    let stored = home.kept(COLLECTION, id)?;
    stored.ok_or_else(|| Error::new("NotFound").with("what", "request"))
}

/// A request that was opened before, verified and weighed anew.
pub(in crate::person) fn load(home: &Home, id: &str) -> Result<(VerifiedRequest, OpenRequest)> {
    let stored = stored(home, id)?;
    examine(home, &Grounds::of(home)?, id, &stored.link, &stored.request)
}

/// Verifies and evaluates a request as it stands now.
fn examine(
    home: &Home,
    grounds: &Grounds,
    id: &str,
    link: &str,
    request: &str,
) -> Result<(VerifiedRequest, OpenRequest)> {
    let verified = verify(home, &grounds.believed, link, request)?;
    let open = OpenRequest {
        id: id.to_owned(),
        evaluation: weigh(home, &grounds.memory, &verified)?,
        expires_at: verified.expires_at(),
        session: verified.session().cloned(),
    };
    Ok((verified, open))
}

fn verify(home: &Home, believed: &Trusted, link: &str, request: &str) -> Result<VerifiedRequest> {
    let (policy, now) = (home.platform.transport, home.platform.now());
    let link = RequestLink::parse(link, policy)?;
    Ok(VerifiedRequest::verify(
        request,
        &link,
        &believed.grounds(),
        now,
        policy,
    )?)
}

/// What a verified request comes to: evaluated, and judged by the person's rules.
fn weigh(home: &Home, memory: &Memory, verified: &VerifiedRequest) -> Result<Evaluation> {
    let party = verified.party();
    let standing = relationships::with_party(home, party)?;
    let key = standing.as_ref().map(|speaking| speaking.key.public());
    let held = Held::for_query(home, verified.query(), key.as_ref())?;
    let shared = memory.past.shared(&party.organisation_id);
    let facts = RequestFacts {
        query: verified.query(),
        connection: verified.offer().map(|_| CONNECTION),
        offer: verified.offer().map(Signed::content),
        supplier: verified.supplier(),
        unverified: verified.unverified(),
    };
    let evaluation = evaluate(&facts, party, &held, &shared, memory.moment.now);
    let mut evaluation = memory.rules.judge(evaluation, facts.offer, &memory.moment);
    if let (Verdict::Remembered { .. }, Some(speaking)) = (&evaluation.verdict, &standing)
        && is_paused(&memory.standing, speaking, facts.offer)?
    {
        evaluation.verdict = Verdict::Ask;
    }
    Ok(evaluation)
}

/// Whether the person has paused the connection that a request comes in, or the consent that it would renew: then no rule
/// answers in their place.
fn is_paused(standing: &Standing, speaking: &Speaking, offer: Option<&Offer>) -> Result<bool> {
    let replaced = offer.and_then(|offer| offer.replaces).map(|hash| hash.to_string());
    let pause = standing.pause(&speaking.id(), replaced.as_deref().unwrap_or_default())?;
    Ok(pause.is_some())
}

/// How long it takes to verify a request that was opened, and then to weigh it.
#[cfg(feature = "bench")]
pub(crate) fn timed(home: &Home, id: &str) -> Result<[std::time::Duration; 2]> {
    let begun = std::time::Instant::now();
    let stored = stored(home, id)?;
    let verified = verify(home, &trusted(home)?, &stored.link, &stored.request)?;
    let verifying = begun.elapsed();
    weigh(home, &Memory::of(home)?, &verified)?;
    Ok([verifying, begun.elapsed().saturating_sub(verifying)])
}

/// Who asks.
pub(in crate::person) fn party(verified: &VerifiedRequest) -> Party {
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
