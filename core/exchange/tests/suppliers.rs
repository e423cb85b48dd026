//! A supplier asks for an organisation: both are verified, and the answer opens to the organisation alone (T3).
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use kist_consent::Offer;
use kist_crypto::es256::SigningKey;
use kist_crypto::jws;
use kist_crypto::testing::SeededRandom;
use kist_exchange::*;
use kist_trust::{Reason, SealedTo, Supplier, x509_hash};
use serde_json::{Map, Value, json};

fn mandate() -> Supplier {
    Supplier {
        organisation_id: DESK.into(),
        legal_name: "Desk Services".into(),
        role: "dpv:DataProcessor".into(),
        intended_uses: vec!["care".into()],
        sealed_to: SealedTo::Organisation,
        from: NOW,
        until: NOW + 5 * MINUTE,
    }
}

/// The clinic's offer, for its desk to carry.
fn desks_offer(world: &World) -> Offer {
    let supplier = kist_consent::Party {
        id: DESK.into(),
        name: "Desk Services".into(),
    };
    Offer {
        supplier: Some(supplier),
        ..offer(&world.clinic, &asks())
    }
}

/// What the clinic orders, and what opens the answer to it.
fn commission(world: &World, supplier: &Organisation, offer: &Offer) -> (Commission, PendingRequest) {
    let offer = sign_offer(offer, &world.clinic.key);
    let query = query(&asks(), true).unwrap();
    let draft = CommissionDraft {
        certificates: &world.clinic.admitted.chain,
        supplier: &x509_hash(&supplier.admitted.chain[0]),
        query: &query,
        offer: Some(&offer),
        issued_at: NOW,
        expires_at: NOW + 10 * MINUTE,
    };
    let unsigned = draft.prepare(&mut *world.rng.borrow_mut()).unwrap();
    let (compact, pending) = unsigned.sign(&world.clinic.key);
    (Commission::parse(&compact).unwrap(), pending)
}

/// The supplier's request with a commission.
fn carried(world: &World, supplier: &Organisation, commission: &Commission) -> Result<(String, RequestLink)> {
    let draft = CarriedDraft {
        certificates: &supplier.admitted.chain,
        registration: &supplier.admitted.registration,
        commission,
        principal_registration: &world.clinic.admitted.registration,
        response_uri: RESPONSE_URI,
        issued_at: NOW,
        expires_at: NOW + 10 * MINUTE,
        policy: POLICY,
    };
    let client_id = x509_hash(&supplier.admitted.chain[0]);
    let link = RequestLink::new(&client_id, REQUEST_URI, POLICY).unwrap();
    Ok((draft.prepare()?.sign(&supplier.key), link))
}

fn read(world: &World, (jwt, link): &(String, RequestLink), now: i64) -> Result<VerifiedRequest> {
    VerifiedRequest::verify(jwt, link, &world.trust(), now, POLICY)
}

/// What the phone says of the desk's request after the world or the mandate has changed.
fn verdict(mandate: Supplier, change: impl FnOnce(&mut World), now: i64) -> Result<VerifiedRequest> {
    let mut world = World::new();
    let desk = world.with_desk(mandate);
    let (commission, _) = commission(&world, &desk, &desks_offer(&world));
    let asked = carried(&world, &desk, &commission).unwrap();
    change(&mut world);
    read(&world, &asked, now)
}

fn principal(reason: Reason) -> Error {
    kist_trust::Error::PrincipalNotTrusted { reason }.into()
}

#[test]
fn t3_the_answer_to_a_supplier_opens_to_the_organisation_alone() {
    let mut world = World::new();
    let desk = world.with_desk(mandate());
    let (commission, mut pending) = commission(&world, &desk, &desks_offer(&world));
    let asked = carried(&world, &desk, &commission).unwrap();
    let request = read(&world, &asked, NOW + MINUTE).unwrap();
    assert_eq!(request.party().legal_name, "Riverside Clinic");
    assert_eq!(request.supplier().unwrap().legal_name, "Desk Services");
    assert_eq!(request.offer().unwrap().key(), &world.clinic.key.public());

    let body = Person::new(&world).answer(&request).unwrap().body;
    assert!(SECRETS.iter().all(|secret| !body.contains(secret)));
    // What the desk has: its key, the commission, the answer. None of it opens the answer.
    let jwe = body.strip_prefix("response=").unwrap();
    assert!(kist_crypto::jwe::decrypt(&desk.key, jwe).is_err());
    let own = ask_with(&world, &desk, &asks(), None)
        .pending
        .open_answer(&body, &world, NOW + 3 * MINUTE);
    assert!(own.is_err());

    let answer = pending.open_answer(&body, &world, NOW + 3 * MINUTE).unwrap();
    let agreed = answer.agreement.unwrap().agreement;
    assert_eq!(agreed.offer().organisation.name, "Riverside Clinic");
    assert_eq!(agreed.offer().supplier.as_ref().unwrap().name, "Desk Services");
}

/// The format, byte for byte: signatures are deterministic. `KIST_BLESS=1` writes it anew; a change is a new version.
#[test]
fn t3_a_commission_is_what_the_vector_says() {
    let mut world = World::new();
    let desk = world.with_desk(mandate());
    let (commission, _) = commission(&world, &desk, &desks_offer(&world));
    let parsed = jws::parse(commission.compact()).unwrap();
    let payload: Value = serde_json::from_slice(&parsed.payload).unwrap();
    let found = json!({ "commission": commission.compact(), "payload": payload });
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/vectors/openid4vp/commission.json"
    );
    if std::env::var_os("KIST_BLESS").is_some() {
        std::fs::write(path, format!("{found:#}\n")).unwrap();
    }
    let known: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(found, known);
    assert_eq!(commission.organisation().unwrap().legal_name, "Riverside Clinic");
}

#[test]
fn t3_a_supplier_asks_within_its_mandate_and_no_longer_than_it_lasts() {
    assert!(verdict(mandate(), |_| {}, NOW + MINUTE).is_ok());
    let outcome = |mandate, now| verdict(mandate, |_| {}, now).unwrap_err();
    assert_eq!(outcome(mandate(), NOW + 6 * MINUTE), principal(Reason::MandateExpired));
    let other = Supplier {
        organisation_id: "NTRGB-1002".into(),
        ..mandate()
    };
    assert_eq!(outcome(other, NOW + MINUTE), principal(Reason::NotASupplier));
    // The use that is offered has to be one of the mandate's.
    let mut world = World::new();
    let desk = world.with_desk(mandate());
    let research = Offer {
        intended_use: "research".into(),
        ..desks_offer(&world)
    };
    let (commission, _) = commission(&world, &desk, &research);
    let asked = carried(&world, &desk, &commission).unwrap();
    assert_eq!(
        read(&world, &asked, NOW + MINUTE).unwrap_err(),
        principal(Reason::NotInMandate)
    );
}

#[test]
fn a22_a_suspended_supplier_and_an_expelled_organisation_are_told_apart() {
    let suspended = |world: &mut World| {
        world.framework.suspend(DESK, None, NOW).unwrap();
        world.publish();
    };
    let refused = verdict(mandate(), suspended, NOW + MINUTE).unwrap_err();
    let reason = Reason::Suspended;
    assert_eq!(refused, kist_trust::Error::OrganisationNotTrusted { reason }.into());
    let expelled = |world: &mut World| {
        world.framework.expel("NTRGB-1001", None, NOW).unwrap();
        world.publish();
    };
    let refused = verdict(mandate(), expelled, NOW + MINUTE).unwrap_err();
    assert_eq!(refused, principal(Reason::Expelled));
}

#[test]
fn a18_a_supplier_that_changes_what_was_ordered_is_refused() {
    let mut world = World::new();
    let desk = world.with_desk(mandate());
    let (commission, _) = commission(&world, &desk, &desks_offer(&world));
    let asked = carried(&world, &desk, &commission).unwrap();
    let changed = |change: &dyn Fn(&mut Map<String, Value>)| {
        let parsed = jws::parse(&asked.0).unwrap();
        let mut payload: Map<String, Value> = serde_json::from_slice(&parsed.payload).unwrap();
        change(&mut payload);
        let jwt = jws::Unsigned::new(parsed.header, Value::Object(payload).to_string().as_bytes()).sign(&desk.key);
        read(&world, &(jwt, asked.1.clone()), NOW + MINUTE).unwrap_err()
    };
    let mixed = Error::MixUpRefused {
        part: MixUp::Commission,
    };
    // With its own key in the clinic's place it could read the answer.
    let own = SigningKey::generate(&mut SeededRandom::new(99)).public().jwk();
    let key = |payload: &mut Map<String, Value>| {
        let jwk = &mut payload["client_metadata"]["jwks"]["keys"][0];
        (jwk["x"], jwk["y"]) = (own.x.clone().into(), own.y.clone().into());
    };
    assert_eq!(changed(&key), mixed);
    assert_eq!(changed(&|payload| payload["nonce"] = "another".into()), mixed);
    assert_eq!(
        changed(&|payload| payload["dcql_query"]["credentials"][0]["claims"] = json!([{"path": ["family_name"]}])),
        mixed
    );
    assert_eq!(changed(&|payload| _ = payload.remove("transaction_data")), mixed);
    assert_eq!(changed(&|payload| payload["exp"] = json!(NOW + 600 * MINUTE)), mixed);
    // Without the commission it asks for itself, and the clinic's offer isn't its own.
    let alone = changed(&|payload| _ = payload["verifier_info"].as_array_mut().unwrap().pop());
    assert_eq!(alone, Error::MixUpRefused { part: MixUp::Offer });
    // Two of them could mean two things.
    let twice = changed(&|payload| {
        let all = payload["verifier_info"].as_array_mut().unwrap();
        all.push(all[1].clone());
    });
    assert_eq!(twice, Error::Malformed { what: "verifier_info" });
}

#[test]
fn a18_another_suppliers_commission_is_of_no_use() {
    let mut world = World::new();
    let desk = world.with_desk(mandate());
    let (commission, _) = commission(&world, &desk, &desks_offer(&world));
    let mixed = Error::MixUpRefused {
        part: MixUp::Commission,
    };
    assert_eq!(carried(&world, &world.shop, &commission).unwrap_err(), mixed);
    // A byte of it changed is no commission.
    let mut bytes = commission.compact().to_owned().into_bytes();
    let last = bytes.len() - 2;
    bytes[last] ^= 1;
    assert!(Commission::parse(std::str::from_utf8(&bytes).unwrap()).is_err());
}

#[test]
fn t1_who_is_unlisted_comes_through_in_a_developers_mode_alone_and_is_said_to_be() {
    let mut world = World::new();
    let asked = ask_agreement(&world, &world.clinic);
    world.lists.clear();
    assert_eq!(verify(&world, &asked).unwrap_err().code(), "OrganisationNotTrusted");
    let developer = kist_trust::Grounds {
        mode: kist_trust::Mode::Developer,
        ..world.trust()
    };
    let request = VerifiedRequest::verify(&asked.jwt, &asked.link, &developer, NOW + MINUTE, POLICY).unwrap();
    assert_eq!(request.unverified(), Some(Reason::NotListed));
    assert_eq!(request.party().legal_name, "Riverside Clinic");
    // A broken signature is refused all the same.
    let mut parts: Vec<String> = asked.jwt.split('.').map(str::to_owned).collect();
    parts[2] = kist_crypto::base64url([1; 64]);
    let forged = VerifiedRequest::verify(&parts.join("."), &asked.link, &developer, NOW + MINUTE, POLICY);
    assert_eq!(forged.unwrap_err().code(), "SignatureInvalid");
}

#[test]
fn k6_the_signature_is_told_with_both_registrations_and_without_what_was_signed() {
    let mut world = World::new();
    let desk = world.with_desk(mandate());
    let (order, _) = commission(&world, &desk, &desks_offer(&world));
    let (request, _) = carried(&world, &desk, &order).unwrap();
    let told = RequestSignature::of(&request).unwrap();
    let (signed, signature) = request.rsplit_once('.').unwrap();
    assert_eq!(
        told.digest,
        kist_crypto::base64url(kist_crypto::sha256(&[signed.as_bytes()]))
    );
    assert_eq!(
        (told.signature.as_str(), signed.starts_with(&told.header)),
        (signature, true)
    );
    assert_eq!(
        told.registrations,
        [
            desk.admitted.registration.clone(),
            world.clinic.admitted.registration.clone()
        ]
    );
    assert!(RequestSignature::of("a.b").is_err() && RequestSignature::of(&"a".repeat(MAX_REQUEST + 1)).is_err());
}
