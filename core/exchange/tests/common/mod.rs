//! What the tests of this room share: a framework with its organisations, a person, and one handshake between them.
#![allow(dead_code, missing_docs, unreachable_pub, clippy::unwrap_used)]

use std::cell::RefCell;

use kist_consent::{
    Acceptance, Connection, FieldRef, LegalBasis, ObjectHash, Offer, OfferedField, Period, Purpose, Rights, Signed,
    Texts, Validity,
};
use kist_crypto::es256::SigningKey;
use kist_crypto::testing::SeededRandom;
use kist_crypto::{Jwk, hpke};
use kist_exchange::{
    AnswerDraft, Ask, PendingRequest, RequestDraft, RequestLink, Result, ReturnAddress, SealedAnswer, TransportPolicy,
    VerifiedRequest, query,
};
use kist_identity::dcql::Query;
use kist_identity::{ClaimPath, Credential, CredentialDraft, IssuedBy, IssuerEvidence, IssuerTrust, TrustedIssuer};
use kist_trust::framework::{Admitted, Application, FrameworkState};
use kist_trust::{
    Anchor, Authority, CredentialUse, Grounds, IntendedUse, Localised, Mode, Subject, Supplier, TrustList,
};
use serde_json::{Map, Value, json};

/// Noon of a day in 2026.
pub const NOW: i64 = 1_795_435_200;
/// The id of the supplier.
pub const DESK: &str = "NTRGB-1004";
pub const MINUTE: i64 = 60;
pub const DAY: u32 = 86_400;
pub const PERSON: &str = "urn:kist:vct:person:1";
pub const ADDRESS: &str = "urn:kist:vct:address:1";
pub const PHONE: &str = "urn:kist:vct:phone:1";
pub const RESIDENCE: &str = "urn:example:residence:1";
pub const REQUEST_URI: &str = "https://relay.example/v1/slots/c2xvdA/request";
pub const RESPONSE_URI: &str = "https://relay.example/v1/slots/c2xvdA/response";
pub const POLICY: TransportPolicy = TransportPolicy { allow_loopback: false };
/// Words of the person's data, none of which may leave unless it was chosen.
pub const SECRETS: [&str; 4] = ["Lovelace", "07700 900123", "12 St James", "SW1Y"];

pub fn key(seed: u64) -> SigningKey {
    SigningKey::generate(&mut SeededRandom::new(seed))
}

pub fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub fn path(names: &[&str]) -> ClaimPath {
    ClaimPath::names(names.iter().copied()).unwrap()
}

pub struct Organisation {
    pub key: SigningKey,
    pub subject: Subject,
    pub admitted: Admitted,
}

/// A framework with a clinic, a shop and a registry that issues proofs of residence.
pub struct World {
    pub root: SigningKey,
    pub registrar: SigningKey,
    pub framework: FrameworkState,
    pub anchors: Vec<Anchor>,
    pub lists: Vec<TrustList>,
    pub clinic: Organisation,
    pub shop: Organisation,
    pub registry: Organisation,
    pub rng: RefCell<SeededRandom>,
}

impl World {
    pub fn new() -> World {
        let (root, registrar) = (key(1), key(2));
        let mut rng = SeededRandom::new(3);
        let operator = subject("Demo Framework", "NTRGB-0001");
        let founding =
            FrameworkState::found(operator, &root.public(), &registrar.public(), NOW, 3650 * DAY, &mut rng).unwrap();
        let (one, two) = (
            root.sign(founding.root_to_sign()),
            root.sign(founding.registrar_to_sign()),
        );
        let mut framework = founding.complete(&one, &two).unwrap();
        let mut admit = |name, id, seed, issues| {
            let subject = subject(name, id);
            admit(&mut framework, &root, &registrar, subject, seed, issues, vec![])
        };
        let clinic = admit("Riverside Clinic", "NTRGB-1001", 11, vec![]);
        let shop = admit("Corner Shop", "NTRGB-1002", 12, vec![]);
        let registry = admit("Residents' Registry", "NTRGB-1003", 13, vec![RESIDENCE.to_owned()]);
        let anchors = vec![framework.anchor("demo")];
        let mut world = World {
            root,
            registrar,
            framework,
            anchors,
            lists: vec![],
            clinic,
            shop,
            registry,
            rng: RefCell::new(rng),
        };
        world.publish();
        world
    }

    /// Gives a supplier a mandate of the clinic, which is admitted anew, and the phone the next list. Gives the supplier.
    pub fn with_desk(&mut self, mandate: Supplier) -> Organisation {
        let mut admit = |subject, seed, suppliers| {
            let (root, registrar) = (&self.root, &self.registrar);
            admit(&mut self.framework, root, registrar, subject, seed, vec![], suppliers)
        };
        let desk = admit(subject(&mandate.legal_name, DESK), 14, vec![]);
        self.clinic = admit(self.clinic.subject.clone(), 11, vec![mandate]);
        self.publish();
        desk
    }

    /// Publishes the next list, which the phone then has.
    pub fn publish(&mut self) {
        let publication = self.framework.publish(NOW, 3650 * DAY).unwrap();
        let signature = self.registrar.sign(publication.to_sign());
        let list = self.framework.complete_publication(publication, &signature).unwrap();
        self.lists = vec![TrustList::verify(&list, &self.anchors[0], None, 0, NOW).unwrap()];
    }

    pub fn trust(&self) -> Grounds<'_> {
        Grounds {
            anchors: &self.anchors,
            lists: &self.lists,
            mode: Mode::Strict,
        }
    }
}

impl IssuerTrust for World {
    fn issuer_key(&self, evidence: &IssuerEvidence<'_>, now: i64) -> kist_identity::Result<TrustedIssuer> {
        let issuer = |vct: &&str| {
            kist_trust::verify_issuer(evidence.certificates, vct, &self.lists, &self.anchors, now)
                .map(|issuer| TrustedIssuer {
                    id: issuer.organisation_id,
                    name: issuer.legal_name,
                    key: issuer.key,
                })
                .map_err(|_| kist_identity::Error::IssuerNotTrusted {
                    reason: "OrganisationNotTrusted",
                })
        };
        let all = evidence
            .types
            .iter()
            .map(issuer)
            .collect::<kist_identity::Result<Vec<_>>>()?;
        Ok(all[0].clone())
    }
}

fn subject(name: &str, id: &str) -> Subject {
    Subject {
        legal_name: name.into(),
        organisation_id: id.into(),
        country: "GB".into(),
    }
}

fn admit(
    framework: &mut FrameworkState,
    root: &SigningKey,
    registrar: &SigningKey,
    subject: Subject,
    seed: u64,
    issues: Vec<String>,
    suppliers: Vec<Supplier>,
) -> Organisation {
    let key = key(seed);
    let application = Application {
        organisation: subject.clone(),
        key: key.public().jwk(),
        dns_name: None,
        contacts: vec!["mailto:privacy@clinic.example".into()],
        supervisory_authority: Authority {
            name: "ICO".into(),
            uri: "https://ico.example/".into(),
        },
        privacy_policy: Some("https://clinic.example/privacy".into()),
        intended_uses: vec![intended_use()],
        issues,
        suppliers,
        terms: kist_trust::Terms {
            version: "1".into(),
            sha256: "x".repeat(43),
        },
    };
    let admission = framework
        .admit(&application, NOW, 3650 * DAY, &mut SeededRandom::new(seed + 100))
        .unwrap();
    let certificate = root.sign(admission.certificate_to_sign());
    let registration = registrar.sign(admission.registration_to_sign());
    let admitted = framework
        .complete_admission(admission, &certificate, &registration)
        .unwrap();
    Organisation { key, subject, admitted }
}

fn intended_use() -> IntendedUse {
    let claims = |names: &[&str]| names.iter().map(|name| vec![Value::from(*name)]).collect();
    IntendedUse {
        id: "care".into(),
        purpose: Localised::new("en", "To register you as a patient"),
        purpose_code: "dpv:ServiceProvision".into(),
        legal_basis: "eu-gdpr:A6-1-a".into(),
        credentials: vec![CredentialUse {
            vct: PERSON.into(),
            claims: claims(&["given_name", "birthdate"]),
        }],
        retention: "P2Y".into(),
        kept_after_withdrawal: Localised::default(),
    }
}

/// Name and date of birth, street and town are asked for; the telephone and a proof of residence may be left out.
pub fn asks() -> Vec<Ask> {
    let ask = |id: &str, vct: &str, claims: Vec<ClaimPath>, required| Ask {
        id: id.into(),
        types: vec![vct.into()],
        claims,
        required,
    };
    vec![
        ask(
            "person",
            PERSON,
            vec![path(&["given_name"]), path(&["birthdate"])],
            true,
        ),
        ask("address", ADDRESS, vec![path(&["locality"])], true),
        ask("phone", PHONE, vec![path(&["number"])], false),
        ask("residence", RESIDENCE, vec![path(&["address", "locality"])], false),
    ]
}

pub fn offer(organisation: &Organisation, asks: &[Ask]) -> Offer {
    let text = |text: &str| Texts::new("en", text).unwrap();
    let field = |ask: &Ask, path: &ClaimPath| OfferedField {
        credential: ask.id.clone(),
        path: path.clone(),
        required: ask.required,
        purpose: None,
    };
    Offer {
        id: "b2ZmZXI".into(),
        organisation: kist_consent::Organisation {
            id: organisation.subject.organisation_id.clone(),
            name: organisation.subject.legal_name.clone(),
            address: "1 River Street".into(),
            contact: "privacy@clinic.example".into(),
            country: "GB".into(),
        },
        supplier: None,
        intended_use: "care".into(),
        language: "en".into(),
        purpose: Purpose {
            code: "dpv:ServiceProvision".into(),
            text: text("To register you as a patient"),
        },
        legal_basis: LegalBasis::Consent,
        fields: asks
            .iter()
            .flat_map(|ask| ask.claims.iter().map(move |path| field(ask, path)))
            .collect(),
        rights: Rights {
            read: true,
            deliver: true,
            update: false,
        },
        validity: Validity::Standing,
        retention: Period::parse("P2Y").unwrap(),
        kept_after_withdrawal: vec![],
        storage: vec!["GB".into()],
        recipients: vec![],
        privacy_notice: "https://clinic.example/privacy".into(),
        terms: kist_consent::Terms {
            uri: "https://clinic.example/terms".into(),
            sha256: ObjectHash::of("terms"),
        },
        withdrawal_uri: None,
        replaces: None,
        connection: Connection {
            relay: "https://relay.example".into(),
            mailbox: "Y2xpbmlj".into(),
            send_token: "dG9rZW4".into(),
            receiving_key: kist_crypto::base64url([4; 65]),
        },
        issued_at: NOW,
        expires_at: NOW + 10 * MINUTE,
    }
}

pub fn sign_offer(offer: &Offer, key: &SigningKey) -> Signed<Offer> {
    let compact = Signed::prepare(offer).unwrap().sign(key);
    Signed::verify(&compact, &key.public()).unwrap()
}

/// A request of an organisation: what lies in the slot, what it keeps, and the link that it shows.
pub struct Asked {
    pub jwt: String,
    pub pending: PendingRequest,
    pub link: RequestLink,
}

pub fn draft<'a>(
    organisation: &'a Organisation,
    query: &'a Query,
    offer: Option<&'a Signed<Offer>>,
) -> RequestDraft<'a> {
    RequestDraft {
        certificates: &organisation.admitted.chain,
        registration: &organisation.admitted.registration,
        query,
        offer,
        session: None,
        response_uri: RESPONSE_URI,
        issued_at: NOW,
        expires_at: NOW + 10 * MINUTE,
        policy: POLICY,
    }
}

pub fn ask_with(world: &World, organisation: &Organisation, asks: &[Ask], offer: Option<&Offer>) -> Asked {
    let offer = offer.map(|offer| sign_offer(offer, &organisation.key));
    let query = query(asks, offer.is_some()).unwrap();
    let unsigned = draft(organisation, &query, offer.as_ref())
        .prepare(&mut *world.rng.borrow_mut())
        .unwrap();
    let (jwt, pending) = unsigned.sign(&organisation.key);
    let link = RequestLink::new(pending.client_id(), REQUEST_URI, POLICY).unwrap();
    Asked { jwt, pending, link }
}

/// The clinic offers an agreement.
pub fn ask_agreement(world: &World, organisation: &Organisation) -> Asked {
    ask_with(world, organisation, &asks(), Some(&offer(organisation, &asks())))
}

pub fn verify(world: &World, asked: &Asked) -> Result<VerifiedRequest> {
    VerifiedRequest::verify(&asked.jwt, &asked.link, &world.trust(), NOW + MINUTE, POLICY)
}

/// A person: the relationship with the organisation that asks, and what they hold.
pub struct Person {
    pub relationship: SigningKey,
    pub device: SigningKey,
    pub person: Credential,
    pub address: Credential,
    pub phone: Credential,
    pub residence: Credential,
    pub connection: Credential,
}

impl Person {
    pub fn new(world: &World) -> Person {
        let (relationship, device) = (key(21), key(22));
        let mut rng = SeededRandom::new(23);
        let mut own = |vct: &str, claims: Value| {
            let draft = CredentialDraft::new(vct, object(claims), relationship.public(), IssuedBy::Holder, NOW - 1);
            Credential::parse(&draft.prepare(&mut rng).unwrap().sign(&relationship)).unwrap()
        };
        let person = own(
            PERSON,
            json!({"given_name": "Ada", "family_name": "Lovelace", "birthdate": "1815-12-10"}),
        );
        let address = own(
            ADDRESS,
            json!({"street": "12 St James's Square", "locality": "London", "postcode": "SW1Y 4JH"}),
        );
        let phone = own(PHONE, json!({"number": "07700 900123"}));
        let residence = CredentialDraft::new(
            RESIDENCE,
            object(json!({"address": {"street": "12 St James's Square", "locality": "London"}, "since": 1835})),
            device.public(),
            IssuedBy::Certificates(world.registry.admitted.chain.clone()),
            NOW - 1,
        );
        let residence = residence.prepare(&mut rng).unwrap().sign(&world.registry.key);
        let return_address = return_address();
        let connection = return_address.credential(relationship.public(), NOW - 1);
        let connection = connection.prepare(&mut rng).unwrap().sign(&relationship);
        let credential = |compact: &str| Credential::parse(compact).unwrap();
        let (residence, connection) = (credential(&residence), credential(&connection));
        Person {
            relationship,
            device,
            person,
            address,
            phone,
            residence,
            connection,
        }
    }

    /// What the person gives: the required fields and the proof of residence, not the telephone.
    pub fn choice(&self) -> Vec<(&'static str, &Credential, Vec<ClaimPath>)> {
        vec![
            (
                "person",
                &self.person,
                vec![path(&["given_name"]), path(&["birthdate"])],
            ),
            ("address", &self.address, vec![path(&["locality"])]),
            ("residence", &self.residence, vec![path(&["address", "locality"])]),
            ("connection", &self.connection, vec![]),
        ]
    }

    pub fn fields(choice: &[(&str, &Credential, Vec<ClaimPath>)]) -> Vec<FieldRef> {
        let field = |id: &str, path: &ClaimPath| FieldRef {
            credential: id.to_owned(),
            path: path.clone(),
        };
        choice
            .iter()
            .flat_map(|(id, _, paths)| paths.iter().map(|path| field(id, path)))
            .collect()
    }

    pub fn accept(&self, offer: &Signed<Offer>, fields: &[FieldRef]) -> String {
        let acceptance = Acceptance::of(offer, fields, "en", &self.relationship.public(), NOW + 2 * MINUTE).unwrap();
        Signed::prepare(&acceptance).unwrap().sign(&self.relationship)
    }

    pub fn sign(&self, draft: &AnswerDraft<'_>) -> Vec<[u8; 64]> {
        let signature = |(holder, input): (&kist_crypto::es256::PublicKey, &[u8])| {
            let mut keys = [&self.relationship, &self.device].into_iter();
            keys.find(|key| key.public() == *holder).unwrap().sign(input)
        };
        draft.to_sign().map(signature).collect()
    }

    /// Answers with what was chosen and, where an agreement is offered, its acceptance.
    pub fn answer_with(
        &self,
        request: &VerifiedRequest,
        choice: &[(&str, &Credential, Vec<ClaimPath>)],
        acceptance: Option<String>,
    ) -> Result<SealedAnswer> {
        let mut draft = request.answer(NOW + 2 * MINUTE)?;
        for (id, credential, paths) in choice {
            draft.present(id, credential, paths)?;
        }
        if let Some(acceptance) = acceptance {
            draft.accept(acceptance);
        }
        let signatures = self.sign(&draft);
        draft.complete(&signatures, &mut SeededRandom::new(24))
    }

    pub fn answer(&self, request: &VerifiedRequest) -> Result<SealedAnswer> {
        let choice = self.choice();
        let acceptance = request.offer().map(|offer| self.accept(offer, &Self::fields(&choice)));
        self.answer_with(request, &choice, acceptance)
    }
}

pub fn return_address() -> ReturnAddress {
    ReturnAddress {
        relay: "https://relay.example".into(),
        mailbox: "YWRh".into(),
        send_token: "c2VuZA".into(),
        receiving_key: hpke::PrivateKey::generate(&mut SeededRandom::new(31)).public(),
    }
}

/// A private key as JWK, for peers.
pub fn private_jwk(key: &SigningKey, kid: Option<&str>) -> Value {
    let mut jwk = serde_json::to_value(Jwk {
        kid: kid.map(str::to_owned),
        ..key.public().jwk()
    })
    .unwrap();
    jwk["d"] = kist_crypto::base64url(key.to_secret().expose()).into();
    jwk
}
