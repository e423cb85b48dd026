//! K6: requests of rights, their answers, and where a case stands.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use kist_consent::*;
use kist_crypto::base64url;
use kist_crypto::es256::SigningKey;
use proptest::prelude::*;
use serde_json::{Value, json};

const DAY: i64 = 86_400;

fn party() -> Party {
    Party {
        id: "gb-ods-r1v3r".to_owned(),
        name: "Riverside Clinic".to_owned(),
    }
}

fn request(right: DataRight) -> RightsRequest {
    RightsRequest {
        organisation: party(),
        right,
        subject: RightsSubject::Agreement {
            acceptance: accept(&offer()).id(),
        },
        fields: vec![field("person", &["address"])],
        corrected: Vec::new(),
        reason: Some("I have moved".to_owned()),
        made_at: NOW,
    }
}

fn words() -> Texts {
    Texts::new("en", "The Records Act asks us to").unwrap()
}

fn answer(case: &RightsCase, outcome: RightsOutcome, answered_at: i64) -> Signed<RightsAnswer> {
    let answer = RightsAnswer {
        request: case.id(),
        outcome,
        answered_at,
    };
    signed(&answer, &clinic())
}

fn done() -> RightsOutcome {
    RightsOutcome::Done {
        credentials: Vec::new(),
        text: None,
    }
}

fn extended(until: i64) -> RightsOutcome {
    RightsOutcome::Extended { until, text: words() }
}

fn refused() -> RightsOutcome {
    RightsOutcome::Refused {
        ground: RefusalGround::LegalObligation,
        text: words(),
    }
}

fn case() -> RightsCase {
    RightsCase::new(signed(&request(DataRight::Erasure), &alice()))
}

fn is_malformed(request: &RightsRequest) -> bool {
    Signed::prepare(request).err() == Some(Error::Malformed { what: "rights request" })
}

#[test]
fn k6_a_case_goes_from_sent_to_answered() {
    let mut case = case();
    let due = answer_due(NOW);
    assert_eq!(case.state(NOW, NOW), RightsState::Sent { due });
    assert_eq!(case.state(NOW, due), RightsState::Sent { due });
    assert_eq!(case.state(NOW, due + 1), RightsState::Overdue { since: due });
    assert_eq!(case.add(answer(&case, done(), due + 5)), Ok(true));
    assert_eq!(case.state(NOW, due + 9), RightsState::Answered { at: due + 5 });
}

#[test]
fn k6_an_extension_counts_in_time_once_and_for_two_months_more() {
    let (due, latest) = (answer_due(NOW), extended_due(NOW));
    let mut extended_case = case();
    extended_case
        .add(answer(&case(), extended(latest + 400 * DAY), NOW + DAY))
        .unwrap();
    assert_eq!(extended_case.state(NOW, due + 1), RightsState::Extended { due: latest });
    assert_eq!(
        extended_case.state(NOW, latest + 1),
        RightsState::Overdue { since: latest }
    );

    let again = extended_case.add(answer(&case(), extended(latest + DAY), NOW + 2 * DAY));
    assert_eq!(again, Err(Error::HashMismatch { what: "rights answer" }));

    let mut late = case();
    late.add(answer(&case(), extended(latest), due + 1)).unwrap();
    assert_eq!(late.state(NOW, due + 1), RightsState::Overdue { since: due });
}

#[test]
fn k6_of_two_answers_to_one_request_the_first_stays() {
    let mut case = case();
    let first = answer(&case, refused(), NOW + DAY);
    assert_eq!(case.add(first.clone()), Ok(true));
    assert_eq!(case.add(first.clone()), Ok(false));
    let second = answer(&case, done(), NOW + 2 * DAY);
    assert_eq!(case.add(second), Err(Error::HashMismatch { what: "rights answer" }));
    let late = answer(&case, extended(NOW + 90 * DAY), NOW + 2 * DAY);
    assert_eq!(case.add(late), Ok(false));
    assert_eq!((case.answer(), case.extension()), (Some(&first), None));
}

#[test]
fn k6_an_answer_to_another_request_is_refused() {
    let other = RightsCase::new(signed(&request(DataRight::Access), &alice()));
    let mut case = case();
    let mismatch = Err(Error::HashMismatch { what: "rights answer" });
    assert_eq!(case.add(answer(&other, done(), NOW)), mismatch);
}

#[test]
fn k6_a_request_says_no_more_and_no_less_than_its_right_needs() {
    let hash = ObjectHash::of("a credential");
    let mut wrong: RightsRequest = request(DataRight::Erasure);
    wrong.corrected = vec![hash];
    assert!(is_malformed(&wrong), "only a correction has corrected values");
    let mut wrong = request(DataRight::Rectification);
    wrong.reason = None;
    assert!(is_malformed(&wrong), "a correction says what is wrong");
    wrong.corrected = vec![hash];
    assert!(!is_malformed(&wrong));
    wrong.corrected = vec![hash, hash];
    assert!(is_malformed(&wrong));
    let mut wrong = request(DataRight::Access);
    wrong.subject = RightsSubject::Relationship;
    assert!(is_malformed(&wrong), "fields are of an agreement");
    wrong.fields.clear();
    assert!(!is_malformed(&wrong));
    for reason in ["", " ", &"x".repeat(MAX_TEXT + 1)] {
        wrong.reason = Some(reason.to_owned());
        assert!(is_malformed(&wrong));
    }
    let mut many = request(DataRight::Access);
    many.fields = (0..=MAX_FIELDS).map(|n| field("person", &[&n.to_string()])).collect();
    assert!(matches!(Signed::prepare(&many), Err(Error::TooLarge { .. })));
}

#[test]
fn k6_rights_are_named_as_dpv_names_them() {
    for right in DataRight::ALL {
        assert_eq!(json!(right), json!(format!("eu-gdpr:A{}", right.article())));
    }
}

#[test]
fn k6_a_case_that_was_changed_is_not_read() {
    let mut case = case();
    case.add(answer(&case, extended(NOW + 60 * DAY), NOW + DAY)).unwrap();
    case.add(answer(&case, done(), NOW + 2 * DAY)).unwrap();
    let kept = json!(case);
    assert_eq!(serde_json::from_value::<RightsCase>(kept.clone()).unwrap(), case);
    let other = json!(RightsCase::new(signed(&request(DataRight::Access), &alice())));
    for (member, value) in [
        ("request", other["request"].clone()),
        ("answer", kept["request"].clone()),
        ("version", json!(2)),
        ("more", json!(1)),
    ] {
        let mut changed = kept.clone();
        changed[member] = value;
        assert!(serde_json::from_value::<RightsCase>(changed).is_err(), "{member}");
    }
}

fn object<T: SignedContent>(signed: &Signed<T>) -> Value {
    let payload = kist_crypto::jws::parse(signed.compact()).unwrap().payload;
    json!({
        "typ": T::TYPE,
        "payload": String::from_utf8(payload).unwrap(),
        "jws": signed.compact(),
        "hash": signed.hash(),
        "key": signed.key().jwk(),
    })
}

#[test]
fn k6_signed_objects_are_byte_for_byte_what_they_were() {
    let mut correction = request(DataRight::Rectification);
    correction.corrected = vec![ObjectHash::of("a credential")];
    let whole = RightsRequest {
        subject: RightsSubject::Relationship,
        fields: Vec::new(),
        reason: None,
        ..request(DataRight::Access)
    };
    let copies = RightsOutcome::Done {
        credentials: vec![ObjectHash::of("another credential")],
        text: Some(words()),
    };
    let mut case = RightsCase::new(signed(&whole, &alice()));
    let extension = answer(&case, extended(NOW + 80 * DAY), NOW + 10 * DAY);
    case.add(extension.clone()).unwrap();
    let done = answer(&case, copies, NOW + 20 * DAY);
    case.add(done.clone()).unwrap();
    let refusal = answer(&self::case(), refused(), NOW + DAY);
    let secret = |key: SigningKey| base64url(key.to_secret().expose());
    let vectors = json!({
        "correction": object(&signed(&correction, &alice())),
        "access": object(case.request()),
        "extension": object(&extension),
        "done": object(&done),
        "refusal": object(&refusal),
        "secret_keys": { "organisation": secret(clinic()), "relationship": secret(alice()) },
        "kept": case,
        "received_at": NOW,
        "answer_due": answer_due(NOW),
        "extended_due": extended_due(NOW),
    });
    let file = format!("{}/../../tests/vectors/consent/rights.json", env!("CARGO_MANIFEST_DIR"));
    let text = serde_json::to_string_pretty(&vectors).unwrap() + "\n";
    if std::env::var_os("KIST_BLESS").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    let kept: RightsCase = serde_json::from_value(vectors["kept"].clone()).unwrap();
    assert_eq!(kept, case);
}

proptest! {
    /// A31: one changed byte of a signed request or answer is refused, wherever it is.
    #[test]
    fn k6_a_changed_byte_is_refused(place in any::<prop::sample::Index>(), bit in 0..7u8) {
        let case = case();
        let answer = answer(&case, done(), NOW);
        for (compact, key) in [(case.request().compact(), alice()), (answer.compact(), clinic())] {
            let mut bytes = compact.as_bytes().to_vec();
            let place = place.index(bytes.len());
            bytes[place] ^= 1 << bit;
            let changed = String::from_utf8(bytes).unwrap();
            prop_assert!(Signed::<RightsRequest>::verify(&changed, &key.public()).is_err());
            prop_assert!(Signed::<RightsAnswer>::verify(&changed, &key.public()).is_err());
        }
    }

    /// Whatever the order and the dates of answers, a case has one end and no moment at which it panics.
    #[test]
    fn k6_answers_in_any_order_come_to_one_end(
        kinds in proptest::collection::vec((0..3u8, 0..400 * DAY), 0..6), received in any::<i64>(), now in any::<i64>()
    ) {
        let mut case = case();
        let mut first = None;
        for (kind, after) in kinds {
            let outcome = match kind {
                0 => done(),
                1 => refused(),
                _ => extended(NOW + after + DAY),
            };
            let answer = answer(&case, outcome, NOW + after);
            if kind < 2 {
                first.get_or_insert(answer.clone());
            }
            let _ = case.add(answer);
        }
        prop_assert_eq!(case.answer(), first.as_ref());
        let state = case.state(received, now);
        prop_assert_eq!(matches!(state, RightsState::Answered { .. }), first.is_some());
        prop_assert_eq!(serde_json::from_value::<RightsCase>(json!(case)).unwrap(), case);
    }
}
