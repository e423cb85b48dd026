//! Files that come from organisations and go to them, under agreements (D9).

use kist_channel::Message;
use kist_consent::Right;
use kist_consent::history::{DisclosedField, Event};
use kist_crypto::{base64url, sha256};
use kist_identity::{ClaimPath, Credential, CredentialDraft, IssuedBy, Issuer, RelationshipKey, start_of_day};
use kist_vault::{FileId, LifeArea, Provenance, RecordDraft, RecordId, Source, Transaction, Verification};
use serde_json::json;

use super::events::InboxEvent;
use super::relationships::{self, settling};
use crate::agreements;
use crate::credentials::{CREDENTIALS, assert};
use crate::files::{DOCUMENT, Files};
use crate::home::Home;
use crate::mail::{self, Author};
use crate::transfer::{self, FILE, FileTransfer, Happened, Party, TransferState, Whole};
use crate::trust::issuers::Issuers;
use crate::{Error, Result, history};

/// A person's side of transfers in one relationship.
struct Mine<'a> {
    home: &'a Home,
    relationship: &'a str,
    key: &'a RelationshipKey,
}

impl Mine<'_> {
    fn check(&self, changes: &Transaction<'_>, agreement: &str, right: Right) -> Result<()> {
        let kept = agreements::by_id(changes, agreement)?;
        match kept.relationship == self.relationship {
            true => kept.check_use(changes, right, self.home.platform.now()),
            false => Err(Error::new("NotCovered")),
        }
    }
}

impl Party for Mine<'_> {
    fn may_come(&self, changes: &Transaction<'_>, agreement: &str) -> Result<()> {
        self.check(changes, agreement, Right::Deliver)
    }

    fn may_go(&self, changes: &Transaction<'_>, agreement: &str) -> Result<()> {
        self.check(changes, agreement, Right::Read)
    }

    fn believe(&self, _: &Transaction<'_>, _: &str, credential: &str) -> Result<Credential> {
        let issuers = Issuers::of(self.home)?;
        let (credential, issuer) = Credential::parse_and_verify(credential, &issuers, self.home.platform.now())?;
        match (credential.holder() == Some(&self.key.public()), issuer) {
            (true, Issuer::Organisation { .. }) => Ok(credential),
            (true, _) => Err(Error::new("IssuerNotTrusted")),
            _ => Err(Error::new("SignatureInvalid")),
        }
    }
}

impl Files {
    /// Sends a file of this store to an organisation, under a consent by which it may read: sealed chunk by chunk, bound by a
    /// credential that the relationship's key signs. It goes on with each refresh of the inbox.
    ///
    /// Errors: `NotFound`; `ConsentWithdrawn`, `ConsentExpired`, `RightNotGranted`; `TooLarge` above 100 MiB.
    pub async fn send(&self, consent: &str, file: FileId) -> Result<FileTransfer> {
        let consent = consent.to_owned();
        let transfer = self.home.blocking(move |home| send(home, consent, file)).await?;
        settling::settle(&self.home).await?;
        Ok(transfer)
    }

    /// Files that go to organisations and come from them, with what became of each.
    pub async fn transfers(&self) -> Result<Vec<FileTransfer>> {
        self.home.blocking(transfer::all).await
    }
}

fn send(home: &Home, consent: String, file: FileId) -> Result<FileTransfer> {
    let (about, chunks) = transfer::digests(home, &file)?;
    let relationship = agreements::read(home, &consent)?.relationship;
    let key = relationships::read(home, &relationship)?.key()?;
    let (sign, party) = (
        mail::signer(&key),
        Mine {
            home,
            relationship: &relationship,
            key: &key,
        },
    );
    let author = Author {
        relationship: &relationship,
        sign: &sign,
    };
    let transfer = home.transaction(|changes| {
        party.may_go(changes, &consent)?;
        let kept = agreements::by_id(changes, &consent)?;
        let day = start_of_day(home.platform.now());
        let draft = CredentialDraft::new(FILE, about.claims(), key.public(), IssuedBy::Holder, day);
        let credential = assert(draft, &key)?.compact();
        let path = ClaimPath::top("sha256");
        let event = Event::Disclosed {
            organisation: agreements::party(&kept.agreement),
            request: None,
            agreement: Some(kept.agreement.id()),
            fields: vec![DisclosedField {
                credential_type: FILE.to_owned(),
                path,
            }],
        };
        history::append(changes, event, home.platform.now_ms())?;
        let start = transfer::Start {
            agreement: consent,
            file,
            record: None,
            about,
            chunks,
            credential,
        };
        transfer::start(home, changes, &author, start)
    })?;
    transfer::pump(home, &party, &author)?;
    Ok(transfer)
}

/// Takes in a message about a file.
pub(super) fn take_in(home: &Home, changes: &Transaction<'_>, id: &str, message: &Message) -> Result<Vec<InboxEvent>> {
    let relationship = relationships::by_id(changes, id)?;
    let key = relationship.key()?;
    let (sign, party) = (
        mail::signer(&key),
        Mine {
            home,
            relationship: id,
            key: &key,
        },
    );
    let author = Author {
        relationship: id,
        sign: &sign,
    };
    let happened = transfer::take_in(home, changes, &party, &author, message)?;
    Ok(happened
        .map(|happened| told(happened, &relationship.organisation))
        .into_iter()
        .collect())
}

fn told(happened: Happened, organisation: &str) -> InboxEvent {
    let (organisation, is_refused) = (organisation.to_owned(), matches!(happened, Happened::Refused(_)));
    let (Happened::Arrived(transfer) | Happened::Refused(transfer)) = happened;
    match (is_refused, transfer.state) {
        (true, TransferState::Refused { code, chunk }) => InboxEvent::FileRefused {
            consent: transfer.agreement,
            organisation,
            name: transfer.name,
            code,
            chunk,
        },
        _ => InboxEvent::FileArrived {
            consent: transfer.agreement,
            organisation,
            name: transfer.name,
        },
    }
}

/// Puts together what has come whole, and posts the chunks that there is room for.
pub(super) fn go_on(home: &Home) -> Result<Vec<InboxEvent>> {
    let mut events = Vec::new();
    let underway = transfer::all(home)?;
    if underway
        .iter()
        .all(|transfer| transfer.state != TransferState::Underway)
    {
        return Ok(events);
    }
    for id in home.vault.kept_keys(relationships::COLLECTION)? {
        let relationship = relationships::read(home, &id)?;
        let key = relationship.key()?;
        let sign = mail::signer(&key);
        let (author, party) = (
            Author {
                relationship: &id,
                sign: &sign,
            },
            Mine {
                home,
                relationship: &id,
                key: &key,
            },
        );
        let organisation = &relationship.organisation;
        for transfer in transfer::finish(home, &party, &author, |changes, whole| keep(home, changes, whole))? {
            events.push(match (transfer.record, transfer.state.clone()) {
                (Some(record), TransferState::Done) => InboxEvent::Delivered {
                    consent: transfer.agreement,
                    organisation: organisation.clone(),
                    record,
                },
                _ => told(Happened::Refused(transfer), organisation),
            });
        }
        transfer::pump(home, &party, &author)?;
    }
    Ok(events)
}

/// Makes a record of a file that has come: a document, with the credential that binds it.
fn keep(home: &Home, changes: &Transaction<'_>, whole: Whole) -> Result<RecordId> {
    let kept = agreements::by_id(changes, &whole.agreement)?;
    let Issuer::Organisation { id, name } = whole.credential.verify(&Issuers::of(home)?, home.platform.now())? else {
        return Err(Error::new("IssuerNotTrusted"));
    };
    let (compact, now) = (whole.credential.compact(), home.platform.now_ms());
    let key = base64url(sha256(&[compact.as_bytes()]));
    changes.keep(CREDENTIALS, &key, &whole.credential.to_bytes())?;
    let provenance = Provenance {
        source: Source::Delivered {
            by: name.clone(),
            organisation_id: id,
            credential: key.clone(),
        },
        verification: Verification::Signature { issuer: name },
        collected_ms: now,
    };
    let body = json!({ "title": whole.file.name });
    let mut draft = RecordDraft::new(DOCUMENT, LifeArea::OTHER, body, provenance);
    draft.files = vec![whole.file.id];
    let record = changes.put(draft, &mut kist_crypto::OsRandom)?;
    let event = Event::Delivered {
        organisation: agreements::party(&kept.agreement),
        agreement: Some(kept.agreement.id()),
        credential_type: FILE.to_owned(),
        credential: key,
    };
    history::append(changes, event, now)?;
    Ok(record.id)
}
