//! What proves to others what happened and what was agreed: signatures over the history, evidence, receipts; and verifying
//! them with public keys alone, without a store.

use std::collections::BTreeMap;
use std::sync::Arc;

use kist_consent::history::{Checkpoint, Event, Evidence, ExportKind, HistoryEntry};
use kist_consent::{Agreement, Signed};
use kist_crypto::es256::{Jwk, PublicKey, SigningKey};
use kist_crypto::{OsRandom, Secret, base64url, from_base64url};
use serde::Serialize;

use crate::device::{self, SharedSigner};
use crate::history::{self, CheckpointInfo, History, checkpoints};
use crate::home::Home;
use crate::{Category, Error, Result, agreements};

/// The key that signs them where the device has none.
const KEY: &str = "history-key";
const KEY_NAME: &str = "key";
/// A checkpoint is due after so many entries.
const EVERY: u64 = 100;

/// What evidence comes to, verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidenceReport {
    /// How many entries the history has.
    pub entries: u64,
    /// The first entry's time by the device's clock, Unix milliseconds.
    pub from_ms: i64,
    /// The last entry's.
    pub until_ms: i64,
    /// The hash of the last, which stands for all of them.
    pub head: String,
    /// The signature over it. Whose key that is has to be known from elsewhere.
    pub checkpoint: CheckpointInfo,
    /// The agreements that go with it.
    pub agreements: Vec<ProvenAgreement>,
}

/// An agreement that was verified with public keys alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProvenAgreement {
    /// Its name.
    pub id: String,
    /// The organisation's legal name.
    pub organisation: String,
    /// Its stable id.
    pub organisation_id: String,
    /// The key that signed for the organisation, by its thumbprint (RFC 7638). Whose key that is has to be known from
    /// elsewhere: the framework's list, or the organisation itself.
    pub organisation_key: String,
    /// The person's key of this relationship, by its thumbprint.
    pub person_key: String,
    /// Why, by language.
    pub purpose: BTreeMap<String, String>,
    /// The fields that were given and not taken out since.
    pub fields: Vec<String>,
    /// When it was agreed, Unix seconds.
    pub agreed_at: i64,
    /// When the organisation countersigned, Unix seconds; none where it hasn't.
    pub countersigned_at: Option<i64>,
    /// When it ends by itself, Unix seconds.
    pub ends_at: Option<i64>,
    /// When the person withdrew, Unix seconds.
    pub withdrawn_at: Option<i64>,
    /// When the organisation acknowledged that, Unix seconds.
    pub acknowledged_at: Option<i64>,
}

impl History {
    /// Signs the history as it stands, with the device's key where there is one, else with one of the store's own. It
    /// happens by itself after every hundred entries.
    ///
    /// Errors: `NotFound` for an empty history; `PlatformKey`.
    pub async fn checkpoint(&self) -> Result<CheckpointInfo> {
        self.home
            .blocking(|home| {
                let signed = sign(home, 1)?.or(checkpoints::all(home)?.pop());
                let signed = signed.ok_or_else(|| Error::new("NotFound").with("what", "history"))?;
                Ok(checkpoints::info(&signed))
            })
            .await
    }

    /// The whole history under a signature, with the agreements that are named, or all of them: JSON that
    /// [`verify_evidence`] reads. That it was exported stands in it.
    ///
    /// An agreement carries the organisation's address for this relationship: whoever has the evidence can send to that
    /// mailbox, though nothing that the organisation takes for the person's.
    ///
    /// Errors: `NotFound`, `HistoryBroken`, `PlatformKey`, `TooLarge`.
    pub async fn evidence(&self, consents: Vec<String>) -> Result<Vec<u8>> {
        self.home.blocking(move |home| gather(home, &consents)).await
    }
}

fn gather(home: &Home, consents: &[String]) -> Result<Vec<u8>> {
    let agreements = home.transaction(|changes| {
        let kept = match consents.is_empty() {
            true => agreements::all_within(changes)?,
            false => {
                let named = consents.iter().map(|id| agreements::by_id(changes, id));
                named.collect::<Result<_>>()?
            }
        };
        let exported = Event::Exported {
            kind: ExportKind::Evidence,
        };
        history::append(changes, exported, home.platform.now_ms())?;
        Ok(kept.into_iter().map(|kept| kept.agreement).collect::<Vec<_>>())
    })?;
    let checkpoint = sign(home, 1)?.or(checkpoints::all(home)?.pop());
    let checkpoint = checkpoint.ok_or_else(|| Error::new("Internal"))?;
    let mut entries = history::entries(home)?;
    // What came between isn't covered yet.
    entries.retain(|entry| entry.sequence <= checkpoint.sequence);
    Ok(Evidence::write(&entries, &checkpoint, agreements)?)
}

/// Signs the history where a checkpoint is due. A key store that doesn't answer now is asked another time.
pub(crate) fn sign_if_due(home: &Home) -> Result<()> {
    match sign(home, EVERY) {
        Err(error) if error.category() == Category::Unlock => Ok(()),
        signed => signed.map(drop),
    }
}

/// Signs the history where it has so many entries more than at the last checkpoint.
fn sign(home: &Home, after: u64) -> Result<Option<Signed<Checkpoint>>> {
    let due = home.transaction(|changes| {
        let (head, last) = (history::head(changes)?, checkpoints::last(changes)?);
        Ok(head.sequence >= last.saturating_add(after))
    })?;
    if !due {
        return Ok(None);
    }
    let (signer, key) = match device::key(home)? {
        Some(device) => device,
        None => own_key(home)?,
    };
    home.transaction(|changes| {
        let head = history::head(changes)?;
        let checkpoint = Checkpoint {
            sequence: head.sequence,
            hash: head.hash,
            key: key.jwk(),
            signed_at: home.platform.now(),
        };
        let unsigned = Signed::prepare(&checkpoint)?;
        let signature = signer(unsigned.signing_input())?;
        let signed = Signed::<Checkpoint>::verify(&unsigned.complete(&signature), &key)?;
        let name = format!("{:020}", checkpoint.sequence);
        changes.keep(checkpoints::CHECKPOINTS, &name, signed.compact().as_bytes())?;
        Ok(Some(signed))
    })
}

/// The store's own key for its history, which is made when it is first needed. A backup carries it.
fn own_key(home: &Home) -> Result<(SharedSigner, PublicKey)> {
    let corrupt = || Error::new("Corrupt").with("part", "item");
    let secret = home.transaction(|changes| match changes.kept(KEY, KEY_NAME)? {
        Some(text) => from_base64url(std::str::from_utf8(&text).map_err(|_| corrupt())?).map_err(|_| corrupt()),
        None => {
            let secret = SigningKey::generate(&mut OsRandom).to_secret();
            changes.keep(KEY, KEY_NAME, base64url(secret.expose()).as_bytes())?;
            Ok(secret.expose().to_vec())
        }
    })?;
    let key = SigningKey::from_secret(&Secret::from_slice(&secret).ok_or_else(corrupt)?)?;
    let public = key.public();
    let sign: SharedSigner = Arc::new(move |message| Ok(key.sign(message)));
    Ok((sign, public))
}

/// Verifies evidence with nothing but what is in it.
///
/// Errors: `HistoryBroken` with the first entry that was changed, is missing or was moved; `AuthenticationFailed` for an
/// agreement that doesn't belong to it; `SignatureInvalid`, `UntrustedKey`, `Malformed`, `TooLarge`, `DowngradeRefused`.
pub fn verify_evidence(bytes: &[u8]) -> Result<EvidenceReport> {
    let evidence = Evidence::read(bytes)?;
    let time = |entry: Option<&HistoryEntry>| entry.map_or(0, |entry| entry.time_ms);
    Ok(EvidenceReport {
        entries: evidence.checkpoint.sequence,
        from_ms: time(evidence.entries.first()),
        until_ms: time(evidence.entries.last()),
        head: evidence.checkpoint.hash.to_string(),
        checkpoint: checkpoints::info(&evidence.checkpoint),
        agreements: evidence.agreements.iter().map(proven).collect(),
    })
}

/// Verifies a receipt with everything that it rests on in one file: the agreement as a store keeps it. With a `key` (a JWK)
/// the organisation's signatures have to be that key's; without one, whose key it is has to be known from elsewhere.
///
/// Errors: `NotFound` where there is no receipt in it; `UntrustedKey` for another key; `AuthenticationFailed`,
/// `SignatureInvalid`, `Malformed` and so on for what doesn't belong together.
pub fn verify_receipt(agreement: &[u8], key: Option<&[u8]>) -> Result<ProvenAgreement> {
    let agreement: Agreement = serde_json::from_slice(agreement).map_err(|_| malformed("receipt"))?;
    let receipt = agreement
        .receipt()
        .ok_or_else(|| Error::new("NotFound").with("what", "receipt"))?;
    let expected = key.map(public_key).transpose()?;
    let signed_by = [agreement.offer().key(), receipt.key()];
    if expected.is_some_and(|expected| signed_by.iter().any(|key| **key != expected)) {
        return Err(Error::new("UntrustedKey").with("what", "receipt"));
    }
    Ok(proven(&agreement))
}

/// Verifies a receipt from its parts, each a compact JWS, with the organisation's public key as a JWK.
///
/// Errors: as [`verify_receipt`].
pub fn verify_receipt_parts(receipt: &str, acceptance: &str, offer: &str, key: &[u8]) -> Result<ProvenAgreement> {
    let (receipt, acceptance, offer) = (receipt.trim(), acceptance.trim(), offer.trim());
    Ok(proven(&kist_consent::verify_receipt(
        receipt,
        acceptance,
        offer,
        &public_key(key)?,
    )?))
}

fn public_key(jwk: &[u8]) -> Result<PublicKey> {
    let jwk: Jwk = serde_json::from_slice(jwk).map_err(|_| malformed("key"))?;
    Ok(PublicKey::from_jwk(&jwk)?)
}

fn malformed(what: &'static str) -> Error {
    Error::new("Malformed").with("what", what)
}

fn proven(agreement: &Agreement) -> ProvenAgreement {
    let offer = agreement.offer();
    ProvenAgreement {
        id: agreement.id().to_string(),
        organisation: offer.organisation.name.clone(),
        organisation_id: offer.organisation.id.clone(),
        organisation_key: offer.key().thumbprint(),
        person_key: agreement.relationship().thumbprint(),
        purpose: offer.purpose.text.clone().into(),
        fields: agreement.fields().iter().map(ToString::to_string).collect(),
        agreed_at: agreement.acceptance().accepted_at,
        countersigned_at: agreement.receipt().map(|receipt| receipt.issued_at()),
        ends_at: agreement.ends_at(),
        withdrawn_at: agreement.signed_withdrawal().map(|signed| signed.withdrawn_at),
        acknowledged_at: agreement.signed_acknowledgement().map(|signed| signed.acknowledged_at),
    }
}
