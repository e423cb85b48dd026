//! Riverside Clinic and Alice: the parties of this room's tests.
#![allow(dead_code)]

pub(crate) mod store;

use kist_consent::*;
use kist_crypto::es256::SigningKey;
use kist_crypto::testing::SeededRandom;
use kist_identity::ClaimPath;
use kist_trust::{AnchorKind, Authority, CredentialUse, Freshness, IntendedUse, Localised, Registration, TrustedParty};
use serde_json::{Value, json};

pub(crate) const NOW: i64 = 1_795_435_200;
pub(crate) const HOUR: i64 = 3_600;
pub(crate) const END: i64 = NOW + 90 * 86_400;
pub(crate) const PERSON: &str = "urn:kist:vct:person:1";
pub(crate) const CONTACT: &str = "urn:kist:vct:contact:1";

pub(crate) fn clinic() -> SigningKey {
    SigningKey::generate(&mut SeededRandom::new(1))
}

pub(crate) fn alice() -> SigningKey {
    SigningKey::generate(&mut SeededRandom::new(2))
}

pub(crate) fn stranger() -> SigningKey {
    SigningKey::generate(&mut SeededRandom::new(3))
}

pub(crate) fn path(names: &[&str]) -> ClaimPath {
    ClaimPath::names(names.iter().copied()).unwrap()
}

pub(crate) fn field(credential: &str, names: &[&str]) -> FieldRef {
    FieldRef {
        credential: credential.to_owned(),
        path: path(names),
    }
}

fn offered(credential: &str, names: &[&str], required: bool) -> OfferedField {
    let FieldRef { credential, path } = field(credential, names);
    OfferedField {
        credential,
        path,
        required,
        purpose: None,
    }
}

/// Name, birth date and address required, phone optional; read, deliver, until [`END`].
pub(crate) fn offer() -> Offer {
    Offer {
        id: "b3NwcmV5LTAwMDE".to_owned(),
        organisation: Organisation {
            id: "gb-ods-r1v3r".to_owned(),
            name: "Riverside Clinic".to_owned(),
            address: "1 Quay Street, Stromness".to_owned(),
            contact: "mailto:privacy@riverside.example".to_owned(),
            country: "GB".to_owned(),
        },
        supplier: None,
        intended_use: "registration".to_owned(),
        language: "en".to_owned(),
        purpose: Purpose {
            code: "dpv:ServiceProvision".to_owned(),
            text: Texts::new("en", "To register you as a patient")
                .unwrap()
                .and("cy", "I'ch cofrestru fel claf")
                .unwrap(),
        },
        legal_basis: LegalBasis::PublicTask,
        fields: vec![
            offered("person", &["name"], true),
            offered("person", &["birth_date"], true),
            offered("person", &["address"], true),
            offered("phone", &["phone_number"], false),
        ],
        rights: Rights {
            read: true,
            deliver: true,
            update: false,
        },
        validity: Validity::Until { at: END },
        retention: Period::parse("P8Y").unwrap(),
        kept_after_withdrawal: vec![KeptAfterWithdrawal {
            text: Texts::new("en", "Your medical record, as the Records Act asks").unwrap(),
            period: Period::parse("P8Y").unwrap(),
        }],
        storage: vec!["GB".to_owned()],
        recipients: vec![Party {
            id: "gb-ods-lab".to_owned(),
            name: "Harbour Laboratory".to_owned(),
        }],
        privacy_notice: "https://riverside.example/privacy".to_owned(),
        terms: Terms {
            uri: "https://riverside.example/terms/3".to_owned(),
            sha256: ObjectHash::from_bytes(kist_crypto::sha256(&[b"terms"])),
        },
        withdrawal_uri: None,
        replaces: None,
        connection: Connection {
            relay: "https://relay.example".to_owned(),
            mailbox: "bWFpbGJveC1vZi10aGUtY2xpbmlj".to_owned(),
            send_token: "c2VuZC10b2tlbi1mb3ItYWxpY2U".to_owned(),
            receiving_key: "a2V5LW9mLXRoZS1jbGluaWM".to_owned(),
        },
        issued_at: NOW - HOUR,
        expires_at: NOW + HOUR,
    }
}

pub(crate) fn required() -> Vec<FieldRef> {
    vec![
        field("person", &["name"]),
        field("person", &["birth_date"]),
        field("person", &["address"]),
    ]
}

pub(crate) fn signed<T: SignedContent>(content: &T, key: &SigningKey) -> Signed<T> {
    let compact = Signed::prepare(content).unwrap().sign(key);
    Signed::verify(&compact, &key.public()).unwrap()
}

/// Alice accepts the required fields of `offer`.
pub(crate) fn accept(offer: &Offer) -> Agreement {
    let offer = signed(offer, &clinic());
    let acceptance = Acceptance::of(&offer, &required(), "en", &alice().public(), NOW).unwrap();
    Agreement::new(offer, signed(&acceptance, &alice())).unwrap()
}

pub(crate) fn receipt(agreement: &Agreement) -> Signed<Receipt> {
    let id = "0192f0c1-2b7a-7c30-9d1e-5a4b3c2d1e0f";
    let receipt = Receipt::of(agreement.offer(), agreement.acceptance(), id, NOW + 5).unwrap();
    signed(&receipt, &clinic())
}

pub(crate) fn in_force(offer: &Offer) -> Agreement {
    let mut agreement = accept(offer);
    agreement.countersign(receipt(&agreement)).unwrap();
    agreement
}

/// Riverside Clinic as the framework vouches for it: it registered everything that [`offer`] asks, and for another
/// purpose a mail address.
pub(crate) fn party() -> TrustedParty {
    let claims = |names: &[&[&str]]| -> Vec<Vec<Value>> {
        names
            .iter()
            .map(|path| path.iter().map(|name| json!(name)).collect())
            .collect()
    };
    let offer = offer();
    let registration = Registration {
        organisation_id: offer.organisation.id.clone(),
        legal_name: offer.organisation.name.clone(),
        country: "GB".to_owned(),
        contacts: vec!["mailto:privacy@riverside.example".to_owned()],
        supervisory_authority: Authority {
            name: "ICO".to_owned(),
            uri: "https://ico.example".to_owned(),
        },
        privacy_policy: None,
        intended_uses: vec![
            IntendedUse {
                id: "registration".to_owned(),
                purpose: Localised(offer.purpose.text.into()),
                purpose_code: "dpv:ServiceProvision".to_owned(),
                legal_basis: "eu-gdpr:A6-1-e".to_owned(),
                credentials: vec![
                    CredentialUse {
                        vct: PERSON.to_owned(),
                        claims: claims(&[&["name"], &["birth_date"], &["address"]]),
                    },
                    CredentialUse {
                        vct: CONTACT.to_owned(),
                        claims: claims(&[&["phone_number"]]),
                    },
                ],
                retention: "P8Y".to_owned(),
                kept_after_withdrawal: Localised::new("en", "Your medical record, as the Records Act asks"),
            },
            IntendedUse {
                id: "newsletter".to_owned(),
                purpose: Localised::new("en", "To send you news"),
                purpose_code: "dpv:Marketing".to_owned(),
                legal_basis: "eu-gdpr:A6-1-a".to_owned(),
                credentials: vec![CredentialUse {
                    vct: CONTACT.to_owned(),
                    claims: claims(&[&["email"]]),
                }],
                retention: "P1Y".to_owned(),
                kept_after_withdrawal: Localised::default(),
            },
        ],
        suppliers: Vec::new(),
        terms: kist_trust::Terms {
            version: "1".to_owned(),
            sha256: String::new(),
        },
        issued: NOW - 86_400,
        expires: NOW + 86_400,
    };
    TrustedParty {
        organisation_id: registration.organisation_id.clone(),
        legal_name: registration.legal_name.clone(),
        country: "GB".to_owned(),
        anchor_label: "Orkney framework".to_owned(),
        anchor_kind: AnchorKind::Framework,
        freshness: Freshness::Current,
        active_since: NOW - 1000 * 86_400,
        registration,
        key: clinic().public(),
        certificate_sha256: [7; 32],
        dns_names: Vec::new(),
    }
}
