//! The receipt: the organisation's countersignature over an acceptance, as a record of consent that stands by itself.
//!
//! JSON-LD with the fields of ISO/IEC TS 27560:2023 in the terms of W3C DPV 2.3, the way DPV's guide to 27560 maps them.
//! Everything in it but its id and time follows from offer and acceptance, so a receipt can't say anything else than what
//! was agreed. docs/schemas/receipt.schema.json describes it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::signed::SignedContent;
use crate::terms::is_time;
use crate::{Acceptance, Error, FieldRef, ObjectHash, Offer, Organisation, Party, Result, Signed, Texts, Validity};

const MALFORMED: Error = Error::Malformed { what: "receipt" };
const RECORD_SCHEMA: &str = "https://w3id.org/dpv/schema/dpv-27560#record";
const RECEIPT_SCHEMA: &str = "https://w3id.org/dpv/schema/dpv-27560#receipt";
/// The rights of GDPR that a person has against every organisation, consent withdrawn or not.
const GDPR_RIGHTS: [&str; 8] = [
    "eu-gdpr:A7-3",
    "eu-gdpr:A15",
    "eu-gdpr:A16",
    "eu-gdpr:A17",
    "eu-gdpr:A18",
    "eu-gdpr:A20",
    "eu-gdpr:A21",
    "eu-gdpr:A77",
];

/// A receipt's document, as it is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Receipt(Map<String, Value>);

impl Receipt {
    /// The receipt for `acceptance` of `offer`, for the organisation's key to sign. `id` is 1 to 64 letters, digits, `-`
    /// or `_` of the organisation's choice, better a random UUID; `issued_at` is in Unix seconds.
    ///
    /// Errors: those of an acceptance that doesn't belong to the offer; `Malformed` for the id or a time beyond 9999.
    pub fn of(offer: &Signed<Offer>, acceptance: &Signed<Acceptance>, id: &str, issued_at: i64) -> Result<Self> {
        acceptance.check_against(offer)?;
        let document = json!({
            "@context": {
                "dct": "http://purl.org/dc/terms/",
                "dpv": "https://w3id.org/dpv#",
                "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
                "loc": "https://w3id.org/dpv/loc#",
                "kist": "urn:kist:consent:",
                "version": "kist:version",
            },
            "@id": format!("urn:kist:receipt:{id}"),
            "@type": "dpv:ConsentReceipt",
            "dct:identifier": id,
            "dct:conformsTo": RECEIPT_SCHEMA,
            "dct:created": date(issued_at)?,
            "dct:publisher": offer.supplier.as_ref().map_or(&offer.organisation.id, |supplier| &supplier.id),
            "kist:offer": offer.hash(),
            "kist:acceptance": acceptance.hash(),
            "dpv:hasRecordOfActivity": record(offer, acceptance)?,
        });
        let Value::Object(document) = document else {
            return Err(MALFORMED);
        };
        let receipt = Receipt(document);
        receipt.check()?;
        Ok(receipt)
    }

    /// The receipt's id.
    pub fn id(&self) -> &str {
        self.text("dct:identifier").unwrap_or_default()
    }

    /// When it was issued, Unix seconds.
    pub fn issued_at(&self) -> i64 {
        self.created().unwrap_or_default()
    }

    /// The JSON-LD document, without the version that its signed form carries.
    pub fn document(&self) -> &Map<String, Value> {
        &self.0
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    fn created(&self) -> Option<i64> {
        let time: Timestamp = self.text("dct:created")?.parse().ok()?;
        Some(time.as_second())
    }
}

impl Signed<Receipt> {
    /// That this is the receipt of exactly this acceptance of this offer.
    pub(crate) fn check_against(&self, offer: &Signed<Offer>, acceptance: &Signed<Acceptance>) -> Result<()> {
        let expected = Receipt::of(offer, acceptance, self.id(), self.issued_at())?;
        match *self.content() == expected {
            true => Ok(()),
            false => Err(Error::HashMismatch { what: "receipt" }),
        }
    }
}

impl SignedContent for Receipt {
    const TYPE: &'static str = "kist-receipt+jwt";
    const NAME: &'static str = "receipt";

    fn check(&self) -> Result<()> {
        let id = self.id();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        let hash = |name| self.text(name).is_some_and(|text| ObjectHash::parse(text).is_ok());
        let sound = (1..=64).contains(&id.len())
            && id.bytes().all(plain)
            && self.text("@type") == Some("dpv:ConsentReceipt")
            && self.text("dct:conformsTo") == Some(RECEIPT_SCHEMA)
            && self.created().is_some_and(is_time)
            && hash("kist:offer")
            && hash("kist:acceptance")
            && self.0.get("dpv:hasRecordOfActivity").is_some_and(Value::is_object);
        if sound { Ok(()) } else { Err(MALFORMED) }
    }
}

/// The record of consent: metadata, parties, processing, events.
fn record(offer: &Offer, acceptance: &Signed<Acceptance>) -> Result<Value> {
    let organisation = &offer.organisation;
    let mut record = json!({
        "@id": format!("urn:kist:record:{}", acceptance.hash()),
        "@type": "dpv:ConsentRecord",
        "dct:identifier": acceptance.hash(),
        "dct:conformsTo": RECORD_SCHEMA,
        "dpv:hasDataSubject": {
            // RFC 9278: the key of this relationship, so that nothing here names the person.
            "@id": format!("urn:ietf:params:oauth:jwk-thumbprint:sha-256:{}", acceptance.key().thumbprint()),
            "@type": "dpv:DataSubject",
        },
        "dpv:hasDataController": controller(organisation),
        "dpv:hasJurisdiction": location(&organisation.country),
        "dpv:hasLegalBasis": offer.legal_basis.term(),
        "dpv:hasProcess": process(offer, &acceptance.chosen),
        "dpv:hasConsentControl": {
            "@type": "dpv:WithdrawConsent",
            "dpv:isExercisedAt": offer.withdrawal_uri.as_deref().unwrap_or("kist:connection"),
        },
        "dpv:hasRight": GDPR_RIGHTS,
        "dpv:hasNotice": {
            "@id": offer.privacy_notice,
            "@type": "dpv:ConsentNotice",
            "dct:language": acceptance.language,
        },
        "dpv:hasOrganisationalMeasure": {
            "@id": offer.terms.uri,
            "@type": "dpv:TermsOfService",
            "kist:sha256": offer.terms.sha256,
        },
        "dpv:hasConsentStatus": {
            "@type": ["dpv:ConsentGiven", "dpv:ExplicitlyExpressedConsent"],
            "dpv:isIndicatedBy": "dpv:DataSubject",
            "dpv:isIndicatedAtTime": date(acceptance.accepted_at)?,
            "dpv:hasDuration": validity(offer.validity)?,
        },
    });
    if let Some(supplier) = &offer.supplier {
        record["dpv:hasDataProcessor"] = party("dpv:DataProcessor", supplier);
    }
    if let Some(replaced) = &offer.replaces {
        record["dct:replaces"] = json!(format!("urn:kist:record:{replaced}"));
    }
    Ok(record)
}

fn process(offer: &Offer, chosen: &[FieldRef]) -> Value {
    let operations = [
        (offer.rights.read, "dpv:Collect"),
        (offer.rights.deliver, "dpv:Transmit"),
        (offer.rights.update, "dpv:Modify"),
    ];
    let operations: Vec<_> = operations
        .into_iter()
        .filter(|(granted, _)| *granted)
        .map(|(_, term)| term)
        .collect();
    let recipients: Vec<_> = offer
        .recipients
        .iter()
        .map(|other| party("dpv:Recipient", other))
        .collect();
    json!({
        "@type": "dpv:Process",
        "dpv:hasPurpose": { "@type": offer.purpose.code, "dct:description": texts(&offer.purpose.text) },
        "dpv:hasPersonalData": chosen.iter().map(|field| personal_data(offer, field)).collect::<Vec<_>>(),
        "dpv:hasProcessing": operations,
        "dpv:hasRecipient": recipients,
        "dpv:hasStorageCondition": storage(offer),
    })
}

fn personal_data(offer: &Offer, field: &FieldRef) -> Value {
    let required = offer.field(field).is_some_and(|offered| offered.required);
    json!({
        "@type": "dpv:PersonalData",
        "dct:identifier": field.to_string(),
        "dpv:hasNecessity": if required { "dpv:Required" } else { "dpv:Optional" },
    })
}

fn storage(offer: &Offer) -> Vec<Value> {
    let places: Vec<_> = offer.storage.iter().map(|country| location(country)).collect();
    let mut conditions = vec![
        json!({ "@type": "dpv:StorageLocation", "dpv:hasLocation": places }),
        json!({ "@type": "dpv:StorageDuration", "dpv:hasDuration": offer.retention }),
    ];
    conditions.extend(offer.kept_after_withdrawal.iter().map(|kept| {
        json!({
            "@type": "dpv:StorageDuration",
            "kist:after": "dpv:ConsentWithdrawn",
            "dpv:hasDuration": kept.period,
            "dct:description": texts(&kept.text),
        })
    }));
    conditions
}

fn controller(organisation: &Organisation) -> Value {
    json!({
        "@type": "dpv:DataController",
        "dct:identifier": organisation.id,
        "dpv:hasName": organisation.name,
        "dpv:hasAddress": organisation.address,
        "dpv:hasContact": organisation.contact,
    })
}

fn party(role: &str, party: &Party) -> Value {
    json!({ "@type": role, "dct:identifier": party.id, "dpv:hasName": party.name })
}

fn validity(validity: Validity) -> Result<Value> {
    Ok(match validity {
        Validity::Once => json!({ "@type": "dpv:FixedOccurrencesDuration", "kist:occurrences": 1 }),
        Validity::Until { at } => json!({ "@type": "dpv:UntilTimeDuration", "dct:valid": date(at)? }),
        Validity::Standing => json!({ "@type": "dpv:UntilEventDuration", "kist:event": "dpv:ConsentWithdrawn" }),
    })
}

fn texts(texts: &Texts) -> Vec<Value> {
    texts
        .iter()
        .map(|(language, text)| json!({ "@language": language, "@value": text }))
        .collect()
}

fn location(country: &str) -> String {
    format!("loc:{country}")
}

/// RFC 3339 in UTC, whole seconds.
fn date(time: i64) -> Result<String> {
    if !is_time(time) {
        return Err(MALFORMED);
    }
    Timestamp::from_second(time)
        .map(|time| time.to_string())
        .map_err(|_| MALFORMED)
}
