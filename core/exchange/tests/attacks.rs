//! Attacks on the handshake, each refused by its name: replay, forwarding, mix-up, tampering, hostile input.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use kist_consent::{Offer, Signed};
use kist_crypto::es256::SigningKey;
use kist_crypto::testing::SeededRandom;
use kist_crypto::{CryptoRng, Secret, base64url, from_base64url, jwe, jws};
use kist_exchange::*;
use serde_json::{Map, Value, json};

fn request_payload(jwt: &str) -> Map<String, Value> {
    serde_json::from_slice(&jws::parse(jwt).unwrap().payload).unwrap()
}

/// The same request with other contents, signed again by whoever has `key`.
fn altered(
    jwt: &str,
    key: &SigningKey,
    change: impl FnOnce(&mut Map<String, Value>, &mut Map<String, Value>),
) -> String {
    let mut header = jws::parse(jwt).unwrap().header;
    let mut payload = request_payload(jwt);
    change(&mut header, &mut payload);
    jws::Unsigned::new(header, Value::Object(payload).to_string().as_bytes()).sign(key)
}

/// What verification says of a request that the clinic itself signed with other contents.
fn verdict(change: impl FnOnce(&mut Map<String, Value>, &mut Map<String, Value>)) -> Error {
    let world = World::new();
    let mut asked = ask_agreement(&world, &world.clinic);
    asked.jwt = altered(&asked.jwt, &world.clinic.key, change);
    verify(&world, &asked).unwrap_err()
}

fn response_key(pending: &PendingRequest) -> SigningKey {
    SigningKey::from_secret(&Secret::from_slice(&pending.to_bytes().expose()[1..33]).unwrap()).unwrap()
}

fn response(pending: &PendingRequest, body: &str) -> Map<String, Value> {
    let (_, plain) = jwe::decrypt(&response_key(pending), body.strip_prefix("response=").unwrap()).unwrap();
    serde_json::from_slice(plain.expose()).unwrap()
}

/// Encrypts what an attacker made of an answer to a request's key, which anyone who saw the request has.
fn sealed(to: &PendingRequest, response: &Map<String, Value>) -> String {
    let key = response_key(to).public();
    let parameters = jwe::Parameters {
        enc: jwe::ContentEncryption::A128GCM,
        kid: None,
        apu: b"a",
        apv: b"b",
    };
    let plain = Value::Object(response.clone()).to_string();
    format!(
        "response={}",
        jwe::encrypt(&key, &parameters, plain.as_bytes(), &mut SeededRandom::new(8))
    )
}

struct Answered {
    world: World,
    asked: Asked,
    person: Person,
    response: Map<String, Value>,
}

fn answered() -> Answered {
    let world = World::new();
    let asked = ask_agreement(&world, &world.clinic);
    let person = Person::new(&world);
    let body = person.answer(&verify(&world, &asked).unwrap()).unwrap().body;
    let response = response(&asked.pending, &body);
    Answered {
        world,
        asked,
        person,
        response,
    }
}

impl Answered {
    /// What the clinic says of an answer with other contents.
    fn verdict(mut self, change: impl FnOnce(&mut Map<String, Value>, &Person)) -> Error {
        change(&mut self.response, &self.person);
        let body = sealed(&self.asked.pending, &self.response);
        let verdict = self
            .asked
            .pending
            .open_answer(&body, &self.world, NOW + 3 * MINUTE)
            .unwrap_err();
        assert!(
            !self.asked.pending.is_answered(),
            "a forged answer must not use up the request"
        );
        verdict
    }
}

#[test]
fn an_answer_sealed_again_unchanged_is_accepted() {
    let Answered {
        world,
        mut asked,
        response,
        ..
    } = answered();
    let body = sealed(&asked.pending, &response);
    assert!(asked.pending.open_answer(&body, &world, NOW + 3 * MINUTE).is_ok());
}

#[test]
fn a16_an_answer_is_opened_once() {
    let Answered {
        world,
        mut asked,
        response,
        ..
    } = answered();
    let body = sealed(&asked.pending, &response);
    asked.pending.open_answer(&body, &world, NOW + 3 * MINUTE).unwrap();
    let again = asked.pending.open_answer(&body, &world, NOW + 3 * MINUTE);
    assert_eq!(again.unwrap_err(), Error::ReplayRejected);
}

#[test]
fn a16_an_answer_to_an_earlier_request_is_refused() {
    let Answered {
        world,
        asked: earlier,
        response,
        ..
    } = answered();
    let mut later = ask_agreement(&world, &world.clinic);
    // As it was sent, it does not even open.
    let open = later
        .pending
        .open_answer(&sealed(&earlier.pending, &response), &world, NOW + 3 * MINUTE);
    assert_eq!(open.unwrap_err().code(), "AuthenticationFailed");
    // Sealed again to the later request's key, by someone who learnt it.
    let open = later
        .pending
        .open_answer(&sealed(&later.pending, &response), &world, NOW + 3 * MINUTE);
    assert_eq!(open.unwrap_err(), Error::ReplayRejected);
    // With the later request's state, too: the nonce in the key bindings is the earlier one's.
    let mut with_state = response.clone();
    with_state.insert("state".into(), request_payload(&later.jwt)["state"].clone());
    let open = later
        .pending
        .open_answer(&sealed(&later.pending, &with_state), &world, NOW + 3 * MINUTE);
    assert_eq!(open.unwrap_err(), Error::ReplayRejected);
    assert!(!later.pending.is_answered());
}

#[test]
fn a17_a_presentation_forwarded_to_another_organisation_is_refused_by_it() {
    let world = World::new();
    let mut shop = ask_with(&world, &world.shop, &asks()[..1], None);
    // The shop's nonce in a request of the clinic, so that nothing but the audience tells the two apart.
    let nonce = request_payload(&shop.jwt)["nonce"].clone();
    let mut clinic = ask_with(&world, &world.clinic, &asks()[..1], None);
    clinic.jwt = altered(&clinic.jwt, &world.clinic.key, |_, payload| {
        payload.insert("nonce".into(), nonce);
    });
    let request = verify(&world, &clinic).unwrap();
    let person = Person::new(&world);
    let body = person.answer_with(&request, &person.choice()[..1], None).unwrap().body;
    let mut forwarded = response(&clinic.pending, &body);
    forwarded.insert("state".into(), request_payload(&shop.jwt)["state"].clone());
    let open = shop
        .pending
        .open_answer(&sealed(&shop.pending, &forwarded), &world, NOW + 3 * MINUTE);
    assert_eq!(open.unwrap_err(), Error::AudienceMismatch);
}

#[test]
fn a18_identity_of_one_with_address_or_key_of_another_is_refused() {
    let world = World::new();
    let clinic = ask_agreement(&world, &world.clinic);
    let shop = ask_agreement(&world, &world.shop);
    let mixed = |part| Error::MixUpRefused { part };

    // The shop's request behind the clinic's link.
    let swapped = Asked {
        jwt: shop.jwt.clone(),
        link: clinic.link.clone(),
        pending: shop.pending.clone(),
    };
    assert_eq!(verify(&world, &swapped).unwrap_err(), mixed(MixUp::ClientId));

    // The shop signs as the clinic: the clinic's client identifier, then its certificate, too.
    let mut forged = ask_agreement(&world, &world.clinic);
    let shop_chain = jws::parse(&shop.jwt).unwrap().header["x5c"].clone();
    forged.jwt = altered(&clinic.jwt, &world.shop.key, |header, _| {
        header.insert("x5c".into(), shop_chain);
    });
    assert_eq!(verify(&world, &forged).unwrap_err(), mixed(MixUp::Certificate));
    forged.jwt = altered(&clinic.jwt, &world.shop.key, |_, _| {});
    assert_eq!(verify(&world, &forged).unwrap_err().code(), "SignatureInvalid");

    // The clinic's certificate with the shop's registration.
    let registration = request_payload(&shop.jwt)["verifier_info"].clone();
    forged.jwt = altered(&clinic.jwt, &world.clinic.key, |_, payload| {
        payload.insert("verifier_info".into(), registration);
    });
    assert_eq!(verify(&world, &forged).unwrap_err().code(), "OrganisationNotTrusted");

    // An answer that would go elsewhere.
    for elsewhere in ["https://shop.example/response", "https://relay.example:8443/response"] {
        let verdict = verdict(|_, payload| {
            payload.insert("response_uri".into(), elsewhere.into());
        });
        assert_eq!(verdict, mixed(MixUp::ResponseUri));
    }
}

#[test]
fn a18_an_offer_of_another_organisation_is_refused() {
    let world = World::new();
    let verdict = |offer: &Offer, signer: &SigningKey| {
        let signed = sign_offer(offer, signer);
        let query = query(&asks(), true).unwrap();
        let draft = draft(&world.clinic, &query, Some(&signed));
        let (jwt, pending) = draft
            .prepare(&mut SeededRandom::new(9))
            .unwrap()
            .sign(&world.clinic.key);
        let link = RequestLink::new(pending.client_id(), REQUEST_URI, POLICY).unwrap();
        verify(&world, &Asked { jwt, pending, link }).unwrap_err()
    };
    let (own, shops) = (offer(&world.clinic, &asks()), offer(&world.shop, &asks()));
    let mixed = Error::MixUpRefused { part: MixUp::Offer };
    assert_eq!(verdict(&shops, &world.shop.key), mixed);
    assert_eq!(verdict(&shops, &world.clinic.key), mixed);
    assert_eq!(verdict(&own, &world.shop.key), mixed);
    let supplier = kist_consent::Party {
        id: "NTRGB-1002".into(),
        name: "Corner Shop".into(),
    };
    let behalf = Offer {
        supplier: Some(supplier),
        ..own.clone()
    };
    assert_eq!(verdict(&behalf, &world.clinic.key), mixed);
    let lapsed = Offer {
        issued_at: NOW - 100,
        expires_at: NOW - 1,
        ..own
    };
    assert_eq!(verdict(&lapsed, &world.clinic.key), Error::RequestExpired);
}

#[test]
fn a22_an_organisation_that_is_unknown_suspended_or_expelled_is_refused() {
    let mut world = World::new();
    let asked = ask_agreement(&world, &world.clinic);
    assert!(verify(&world, &asked).is_ok());
    let stranger = kist_trust::Grounds {
        anchors: &[],
        lists: &[],
        mode: kist_trust::Mode::Strict,
    };
    let unknown = VerifiedRequest::verify(&asked.jwt, &asked.link, &stranger, NOW, POLICY);
    assert_eq!(unknown.unwrap_err().code(), "OrganisationNotTrusted");
    let reason = |world: &World| match verify(world, &asked).unwrap_err() {
        Error::Trust(kist_trust::Error::OrganisationNotTrusted { reason }) => reason,
        other => panic!("{other:?}"),
    };
    world.framework.suspend("NTRGB-1001", None, NOW).unwrap();
    world.publish();
    assert_eq!(reason(&world), kist_trust::Reason::Suspended);
    world.framework.expel("NTRGB-1001", None, NOW).unwrap();
    world.publish();
    assert_eq!(reason(&world), kist_trust::Reason::Expelled);
}

#[test]
fn t1_a_request_that_no_certificate_signed_is_refused_as_unsigned_also_in_a_developers_mode() {
    let world = World::new();
    let mut asked = ask_agreement(&world, &world.clinic);
    asked.jwt = altered(&asked.jwt, &world.clinic.key, |header, _| _ = header.remove("x5c"));
    for mode in [kist_trust::Mode::Strict, kist_trust::Mode::Developer] {
        let grounds = kist_trust::Grounds { mode, ..world.trust() };
        let refused = VerifiedRequest::verify(&asked.jwt, &asked.link, &grounds, NOW, POLICY).unwrap_err();
        let reason = kist_trust::Reason::Unsigned;
        assert_eq!(refused, kist_trust::Error::OrganisationNotTrusted { reason }.into());
    }
}

#[test]
fn transaction_data_that_is_not_an_agreement_is_refused() {
    let world = World::new();
    let asked = ask_agreement(&world, &world.clinic);
    let encoded = request_payload(&asked.jwt)["transaction_data"][0]
        .as_str()
        .unwrap()
        .to_owned();
    let data: Map<String, Value> = serde_json::from_slice(&from_base64url(&encoded).unwrap()).unwrap();
    let with = |change: &dyn Fn(&mut Map<String, Value>)| {
        let mut data = data.clone();
        change(&mut data);
        json!([base64url(Value::Object(data).to_string())])
    };
    let cases = [
        with(&|data| data["type"] = "payment".into()),
        with(&|data| data["type"] = "urn:kist:agreement:2".into()),
        with(&|data| data["credential_ids"] = json!(["person"])),
        with(&|data| data["credential_ids"] = json!(["connection", "person"])),
        with(&|data| data["credential_ids"] = json!([])),
        with(&|data| data["transaction_data_hashes_alg"] = json!(["sha-512"])),
        with(&|data| data["offer"] = json!(7)),
        with(&|data| drop(data.remove("offer"))),
        with(&|data| drop(data.insert("amount".into(), json!(1)))),
        json!([encoded, encoded]),
        json!([encoded, base64url("{}")]),
        json!([]),
        json!(["?"]),
    ];
    for case in cases {
        let verdict = verdict(|_, payload| {
            payload.insert("transaction_data".into(), case.clone());
        });
        assert_eq!(verdict, Error::InvalidTransactionData, "{case}");
    }
}

#[test]
fn a19_a_query_that_asks_for_more_or_less_than_its_offer_is_refused() {
    let world = World::new();
    let offered = offer(&world.clinic, &asks());
    let verdict = |asks: &[Ask]| {
        let asked = ask_with(&world, &world.clinic, asks, Some(&offered));
        verify(&world, &asked).map(|_| ())
    };
    assert_eq!(verdict(&asks()), Ok(()));
    let mut more = asks();
    more[0].claims.push(path(&["family_name"]));
    let mut unnamed = asks();
    unnamed.push(Ask {
        id: "card".into(),
        types: vec![PERSON.into()],
        claims: vec![],
        required: true,
    });
    let mut not_optional = asks();
    not_optional[2].required = true;
    for asks in [more, asks()[..3].to_vec(), unnamed, not_optional] {
        assert_eq!(verdict(&asks), Err(Error::InvalidTransactionData));
    }
}

#[test]
fn each_parameter_outside_the_profile_is_refused() {
    let unsupported = |name: &'static str, value: Value| {
        let verdict = verdict(|_, payload| drop(payload.insert(name.into(), value)));
        assert_eq!(verdict, Error::Unsupported { what: name });
    };
    unsupported("response_type", "vp_token id_token".into());
    unsupported("response_mode", "direct_post".into());
    unsupported("aud", "https://elsewhere.example".into());
    let refused = |name: &'static str, value: Value, code: &str| {
        let verdict = verdict(|_, payload| drop(payload.insert(name.into(), value)));
        assert_eq!(verdict.code(), code, "{name}");
    };
    refused("redirect_uri", "https://relay.example/".into(), "Malformed");
    refused("scope", "openid".into(), "Malformed");
    refused("nonce", "".into(), "Malformed");
    refused("nonce", "a b".into(), "Malformed");
    refused("state", "é".into(), "Malformed");
    refused("exp", "soon".into(), "Malformed");
    refused("verifier_info", json!([]), "Malformed");
    refused("client_metadata", json!({"jwks": {"keys": []}}), "Unsupported");
    refused("response_uri", "http://relay.example/response".into(), "AddressRefused");
    refused("response_uri", "https://127.0.0.1/response".into(), "AddressRefused");
    refused("dcql_query", json!({"credentials": []}), "Malformed");
    let header = |name: &'static str, value: Value| verdict(|header, _| drop(header.insert(name.into(), value))).code();
    assert_eq!(header("typ", "JWT".into()), "Malformed");
    assert_eq!(header("x5c", json!([])), "Malformed");
    assert_eq!(header("x5c", vec!["AA=="; 9].into()), "TooLarge");
    assert_eq!(header("crit", json!(["x"])), "UnsupportedAlgorithm");
}

#[test]
fn each_member_of_an_answer_is_bound_to_the_others() {
    let mismatch = |rule| Error::AcceptanceMismatch { rule };
    let earlier = answered().response;
    let verdict = answered().verdict(|response, _| drop(response.remove("kist_acceptance")));
    assert_eq!(verdict, mismatch(Binding::Presence));
    let verdict = answered().verdict(|response, _| drop(response.remove("state")));
    assert_eq!(verdict, Error::ReplayRejected);
    let verdict = answered().verdict(|response, _| drop(response.remove("vp_token")));
    assert_eq!(verdict.code(), "Malformed");

    // A presentation taken out, put in twice, under another id, or beside one that was not asked.
    let verdict = answered().verdict(|response, _| drop(tokens(response).remove("address")));
    assert_eq!(verdict, Error::QueryNotSatisfied);
    let verdict = answered().verdict(|response, _| drop(tokens(response).remove("residence")));
    assert_eq!(verdict, mismatch(Binding::Fields));
    let verdict = answered().verdict(|response, _| {
        let person = tokens(response)["person"][0].clone();
        tokens(response)["person"].as_array_mut().unwrap().push(person);
    });
    assert_eq!(verdict, Error::QueryNotSatisfied);
    let verdict = answered().verdict(|response, _| {
        let person = tokens(response)["person"].clone();
        tokens(response).insert("unasked".into(), person);
    });
    assert_eq!(verdict, Error::QueryNotSatisfied);
    let verdict = answered().verdict(|response, _| tokens(response)["person"][0] = "x".into());
    assert_eq!(verdict.code(), "Malformed");

    // The acceptance by another key, and of another offer.
    let verdict = answered().verdict(|response, _| {
        let parsed = jws::parse(response["kist_acceptance"].as_str().unwrap()).unwrap();
        let forged = jws::Unsigned::new(parsed.header.clone(), &parsed.payload).sign(&key(66));
        response.insert("kist_acceptance".into(), forged.into());
    });
    assert_eq!(verdict, mismatch(Binding::RelationshipKey));
    let verdict = answered().verdict(|response, person| {
        let world = World::new();
        let other = Offer {
            id: "b3RoZXI".into(),
            ..offer(&world.clinic, &asks())
        };
        let other: Signed<Offer> = sign_offer(&other, &world.clinic.key);
        let acceptance = person.accept(&other, &Person::fields(&person.choice()));
        response.insert("kist_acceptance".into(), acceptance.into());
    });
    assert_eq!(verdict, mismatch(Binding::Offer));

    // The same person and the same offer, in another handshake.
    assert!(earlier.contains_key("vp_token"));
}

fn tokens(response: &mut Map<String, Value>) -> &mut Map<String, Value> {
    response["vp_token"].as_object_mut().unwrap()
}

#[test]
fn a_key_binding_without_the_transaction_data_is_refused() {
    let Answered {
        world,
        mut asked,
        person,
        mut response,
    } = answered();
    let payload = request_payload(&asked.jwt);
    let binding = kist_identity::KeyBinding {
        nonce: payload["nonce"].as_str().unwrap(),
        audience: asked.pending.client_id(),
        issued_at: NOW + 2 * MINUTE,
        transaction_data: &[],
    };
    let shown = kist_identity::UnsignedPresentation::prepare(&person.person, &person.choice()[0].2, &binding).unwrap();
    tokens(&mut response)["person"][0] = shown.sign(&person.relationship).into();
    let body = sealed(&asked.pending, &response);
    let verdict = asked.pending.open_answer(&body, &world, NOW + 3 * MINUTE).unwrap_err();
    assert_eq!(
        verdict,
        Error::AcceptanceMismatch {
            rule: Binding::TransactionData
        }
    );
}

#[test]
fn self_asserted_data_of_another_relationship_is_refused_on_both_sides() {
    let world = World::new();
    let asked = ask_agreement(&world, &world.clinic);
    let request = verify(&world, &asked).unwrap();
    let mut person = Person::new(&world);
    let claims = object(json!({"street": "x", "locality": "London"}));
    let issued_by = kist_identity::IssuedBy::Holder;
    let other = kist_identity::CredentialDraft::new(ADDRESS, claims, person.device.public(), issued_by, NOW - 1);
    let other = other.prepare(&mut SeededRandom::new(4)).unwrap().sign(&person.device);
    person.address = kist_identity::Credential::parse(&other).unwrap();
    let refused = Error::AcceptanceMismatch {
        rule: Binding::RelationshipKey,
    };
    assert_eq!(person.answer(&request).unwrap_err(), refused);

    let payload = request_payload(&asked.jwt);
    let data: Vec<String> = serde_json::from_value(payload["transaction_data"].clone()).unwrap();
    let binding = kist_identity::KeyBinding {
        nonce: payload["nonce"].as_str().unwrap(),
        audience: asked.pending.client_id(),
        issued_at: NOW + 2 * MINUTE,
        transaction_data: &data,
    };
    let shown =
        kist_identity::UnsignedPresentation::prepare(&person.address, &[path(&["locality"])], &binding).unwrap();
    let shown = shown.sign(&person.device);
    let honest = Person::new(&world).answer(&request).unwrap();
    let mut forged = response(&asked.pending, &honest.body);
    tokens(&mut forged)["address"][0] = shown.into();
    let mut pending = asked.pending;
    let verdict = pending
        .open_answer(&sealed(&pending, &forged), &world, NOW + 3 * MINUTE)
        .unwrap_err();
    assert_eq!(verdict, refused);
}

#[test]
fn a31_mutated_requests_answers_and_kept_bytes_never_panic_and_never_pass() {
    let Answered {
        world, asked, response, ..
    } = answered();
    let mut random = SeededRandom::new(31);
    let body = sealed(&asked.pending, &response);
    let kept = asked.pending.to_bytes();
    for _ in 0..300 {
        let mut hostile = Asked {
            jwt: mutated(&asked.jwt, &mut random),
            link: asked.link.clone(),
            pending: asked.pending.clone(),
        };
        assert!(hostile.jwt == asked.jwt || verify(&world, &hostile).is_err());
        let changed = mutated(&body, &mut random);
        assert!(changed == body || hostile.pending.open_answer(&changed, &world, NOW + 3 * MINUTE).is_err());
        let bytes = mutated_bytes(kept.expose(), &mut random);
        if let Ok(mut pending) = PendingRequest::from_bytes(&bytes) {
            let _ = pending.open_answer(&body, &world, NOW + 3 * MINUTE);
        }
    }
    for _ in 0..300 {
        // Inside the encryption, where an attacker writes what they like.
        let plain = mutated_bytes(Value::Object(response.clone()).to_string().as_bytes(), &mut random);
        let parameters = jwe::Parameters {
            enc: jwe::ContentEncryption::A256GCM,
            kid: None,
            apu: b"",
            apv: b"",
        };
        let jwe = jwe::encrypt(&response_key(&asked.pending).public(), &parameters, &plain, &mut random);
        let mut pending = asked.pending.clone();
        if pending
            .open_answer(&format!("response={jwe}"), &world, NOW + 3 * MINUTE)
            .is_ok()
        {
            let opened: Value = serde_json::from_slice(&plain).unwrap();
            assert_eq!(opened["vp_token"], response["vp_token"]);
            assert_eq!(opened["kist_acceptance"], response["kist_acceptance"]);
        }
    }
}

fn mutated(text: &str, random: &mut SeededRandom) -> String {
    String::from_utf8_lossy(&mutated_bytes(text.as_bytes(), random)).into_owned()
}

/// One to four bytes changed, taken out or doubled, or the end cut off.
fn mutated_bytes<R: CryptoRng>(bytes: &[u8], random: &mut R) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..=random.next_u32() % 4 {
        let place = random.next_u32() as usize % bytes.len();
        match random.next_u32() % 5 {
            0 => bytes[place] ^= 1 << (random.next_u32() % 8),
            1 => bytes[place] = random.next_u32() as u8,
            2 => drop(bytes.remove(place)),
            3 => bytes.insert(place, bytes[place]),
            _ => bytes.truncate(place.max(1)),
        }
    }
    bytes
}
