//! A framework with one clinic in it, and what else the tests of this room share.
#![allow(dead_code, clippy::unwrap_used, missing_docs, unreachable_pub)] // each test file uses a part

pub mod x509;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_crypto::es256::SigningKey;
use kist_crypto::testing::SeededRandom;
use kist_trust::framework::{Admitted, Application, FrameworkState, NewRootSignatures, RootLifetimes};
use kist_trust::{
    Anchor, Authority, CredentialUse, FrameworkTerms, IntendedUse, Localised, SealedTo, Subject, Supplier, Terms,
    TrustList,
};
use serde_json::json;

/// 1 June 2026.
pub const NOW: i64 = 1_780_272_000;
pub const DAY: i64 = 86_400;
pub const YEAR: u32 = 365 * 86_400;
pub const WEEK: u32 = 7 * 86_400;
pub const CLINIC: &str = "NTRGB-12345678";
pub const SUPPLIER: &str = "NTRGB-55555555";
pub const VACCINATION: &str = "urn:example:vaccination";
pub const PERSON: &str = "urn:example:person";
pub const GRACE: u32 = 0;

pub struct World {
    pub state: FrameworkState,
    pub root: SigningKey,
    pub registrar: SigningKey,
    pub rng: SeededRandom,
}

pub struct Organisation {
    pub key: SigningKey,
    pub admitted: Admitted,
}

impl World {
    pub fn new(seed: u64) -> Self {
        let mut rng = SeededRandom::new(seed);
        let (root, registrar) = (SigningKey::generate(&mut rng), SigningKey::generate(&mut rng));
        let founding = FrameworkState::found(
            operator(),
            &root.public(),
            &registrar.public(),
            NOW,
            10 * YEAR,
            &mut rng,
        )
        .unwrap();
        let signatures = (
            root.sign(founding.root_to_sign()),
            root.sign(founding.registrar_to_sign()),
        );
        let state = founding.complete(&signatures.0, &signatures.1).unwrap();
        World {
            state,
            root,
            registrar,
            rng,
        }
    }

    /// A framework that has admitted the clinic.
    pub fn with_clinic(seed: u64) -> (Self, Organisation) {
        let mut world = Self::new(seed);
        let key = SigningKey::generate(&mut world.rng);
        let admitted = world.admit(&application(&key), NOW);
        (world, Organisation { key, admitted })
    }

    pub fn admit(&mut self, application: &Application, now: i64) -> Admitted {
        let admission = self.state.admit(application, now, YEAR, &mut self.rng).unwrap();
        let certificate = self.root.sign(admission.certificate_to_sign());
        let registration = self.registrar.sign(admission.registration_to_sign());
        self.state
            .complete_admission(admission, &certificate, &registration)
            .unwrap()
    }

    pub fn publish(&mut self, now: i64) -> String {
        let publication = self.state.publish(now, WEEK).unwrap();
        let signature = self.registrar.sign(publication.to_sign());
        self.state.complete_publication(publication, &signature).unwrap()
    }

    /// What a phone makes of the list published now.
    pub fn list(&mut self, now: i64) -> Vec<TrustList> {
        let compact = self.publish(now);
        vec![TrustList::verify(&compact, &self.anchor(), None, GRACE, now).unwrap()]
    }

    /// Admits a supplier under its own key, and the clinic anew with a mandate for it.
    pub fn with_supplier(seed: u64, mandate: Supplier) -> (Self, Organisation, Organisation) {
        let (mut world, mut clinic) = Self::with_clinic(seed);
        let key = SigningKey::generate(&mut world.rng);
        let admitted = world.admit(&supplier(&key), NOW);
        let mut mandated = application(&clinic.key);
        mandated.suppliers = vec![mandate];
        clinic.admitted = world.admit(&mandated, NOW);
        (world, clinic, Organisation { key, admitted })
    }

    /// Renews a member, as its operator does after a change of root.
    pub fn renew(&mut self, id: &str, now: i64) -> Admitted {
        let admission = self.state.renew(id, now, YEAR, &mut self.rng).unwrap();
        let certificate = self.root.sign(admission.certificate_to_sign());
        let registration = self.registrar.sign(admission.registration_to_sign());
        self.state
            .complete_admission(admission, &certificate, &registration)
            .unwrap()
    }

    /// Replaces root and registrar; the old root retires after `retires_in` seconds.
    pub fn rotate(&mut self, now: i64, retires_in: u32) {
        let (root, registrar) = (SigningKey::generate(&mut self.rng), SigningKey::generate(&mut self.rng));
        let lifetimes = RootLifetimes {
            root: 10 * YEAR,
            registrar: 3 * YEAR,
            retires_in,
        };
        let rotation = self
            .state
            .rotate_root(&root.public(), &registrar.public(), lifetimes, now, &mut self.rng)
            .unwrap();
        let old = self.root.sign(rotation.new_with_old_to_sign());
        let signatures = NewRootSignatures {
            root: root.sign(rotation.root_to_sign()),
            old_with_new: root.sign(rotation.old_with_new_to_sign()),
            registrar: root.sign(rotation.registrar_to_sign()),
        };
        self.state.complete_rotation(rotation, &old, &signatures).unwrap();
        (self.root, self.registrar) = (root, registrar);
    }

    /// Publishes terms of this version.
    pub fn publish_terms(&mut self, version: &str, now: i64) -> String {
        let publication = self.state.publish_terms(terms(version), now).unwrap();
        let signature = self.registrar.sign(publication.to_sign());
        self.state.complete_terms(publication, &signature).unwrap()
    }

    pub fn anchor(&self) -> Anchor {
        self.state.anchor("Test framework")
    }

    pub fn anchors(&self) -> Vec<Anchor> {
        vec![self.anchor()]
    }
}

pub fn operator() -> Subject {
    Subject {
        legal_name: "Test framework".into(),
        organisation_id: "NTRGB-00000001".into(),
        country: "GB".into(),
    }
}

pub fn application(key: &SigningKey) -> Application {
    Application {
        organisation: Subject {
            legal_name: "Riverside Clinic".into(),
            organisation_id: CLINIC.into(),
            country: "GB".into(),
        },
        key: key.public().jwk(),
        dns_name: Some("clinic.example".into()),
        contacts: vec!["mailto:privacy@clinic.example".into()],
        supervisory_authority: Authority {
            name: "Data Protection Office".into(),
            uri: "https://dpo.example".into(),
        },
        privacy_policy: Some("https://clinic.example/privacy".into()),
        intended_uses: vec![IntendedUse {
            id: "treatment".into(),
            purpose: Localised::new("en", "To treat you").and("cy", "I'ch trin"),
            purpose_code: "dpv:ServiceProvision".into(),
            legal_basis: "eu-gdpr:A6-1-a".into(),
            credentials: vec![CredentialUse {
                vct: PERSON.into(),
                claims: vec![
                    vec![json!("name")],
                    vec![json!("addresses"), json!(null), json!("locality")],
                ],
            }],
            retention: "P8Y".into(),
            kept_after_withdrawal: Localised::new("en", "The record of your treatment, as the law asks"),
        }],
        issues: vec![VACCINATION.into()],
        suppliers: Vec::new(),
        terms: Terms {
            version: "1".into(),
            sha256: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU".into(),
        },
    }
}

/// Desk Services, which asks for the clinic.
pub fn supplier(key: &SigningKey) -> Application {
    Application {
        organisation: Subject {
            legal_name: "Desk Services".into(),
            organisation_id: SUPPLIER.into(),
            country: "GB".into(),
        },
        dns_name: None,
        intended_uses: Vec::new(),
        issues: Vec::new(),
        ..application(key)
    }
}

/// What the clinic lets Desk Services do.
pub fn mandate() -> Supplier {
    Supplier {
        organisation_id: SUPPLIER.into(),
        legal_name: "Desk Services".into(),
        role: "dpv:DataProcessor".into(),
        intended_uses: vec!["treatment".into()],
        sealed_to: SealedTo::Organisation,
        from: NOW,
        until: NOW + 100 * DAY,
    }
}

pub fn terms(version: &str) -> FrameworkTerms {
    FrameworkTerms {
        terms_version: version.into(),
        effective: NOW,
        summary: Localised::new("en", "You decide what you share.").and("cy", "Chi sy'n penderfynu."),
        text: Localised::new("en", "1. The person decides.").and("cy", "1. Y person sy'n penderfynu."),
        replaces: None,
    }
}

/// The certificates of a PEM file of tests/vectors/trust.
pub fn chain(name: &str) -> Vec<Vec<u8>> {
    let path = format!("{}/../../tests/vectors/trust/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    text.split("-----BEGIN CERTIFICATE-----")
        .skip(1)
        .map(|block| {
            let body = block.split("-----END").next().unwrap();
            let body: String = body.split_whitespace().collect();
            BASE64_STANDARD.decode(body).unwrap()
        })
        .collect()
}

pub fn pem(der: &[u8]) -> String {
    let body = BASE64_STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
}

/// The registrar's certificate, from what it signed.
pub fn registrar_der(compact: &str) -> Vec<u8> {
    let header = kist_crypto::jws::parse(compact).unwrap().header;
    BASE64_STANDARD.decode(header["x5c"][0].as_str().unwrap()).unwrap()
}
