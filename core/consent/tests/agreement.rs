//! Agreements: who signs what over what, what is chosen, and how long anything may be used.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use kist_consent::*;
use kist_crypto::jws;
use serde_json::{Map, Value, json};

fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    result.unwrap_err().code()
}

#[test]
fn k2_an_agreement_says_what_both_sides_signed() {
    let agreement = in_force(&offer());
    assert_eq!(agreement.state(NOW + 10), AgreementState::InForce);
    assert_eq!(agreement.fields(), required());
    assert_eq!(agreement.offer().key(), &clinic().public());
    assert_eq!(agreement.relationship(), &alice().public());
    assert_eq!(agreement.offer().content(), &offer());
    agreement.check_use(Right::Read, NOW + 10).unwrap();
    agreement.check_use(Right::Deliver, NOW + 10).unwrap();
    let refused = agreement.check_use(Right::Update, NOW + 10);
    assert_eq!(refused, Err(Error::RightNotGranted { right: Right::Update }));
}

#[test]
fn k2_both_sides_have_signed_before_the_receipt_comes() {
    let agreement = accept(&offer());
    assert_eq!(agreement.state(NOW), AgreementState::Accepted);
    agreement.check_use(Right::Deliver, NOW).unwrap();
}

#[test]
fn k2_every_required_field_is_given_or_there_is_no_agreement() {
    let offer = signed(&offer(), &clinic());
    let all = required();
    for left_out in &all {
        let chosen: Vec<_> = all.iter().filter(|field| *field != left_out).cloned().collect();
        let refused = Acceptance::of(&offer, &chosen, "en", &alice().public(), NOW);
        assert_eq!(
            refused,
            Err(Error::RequiredFieldMissing {
                field: left_out.clone()
            })
        );
    }
}

#[test]
fn a19_a_field_that_was_not_offered_is_never_accepted() {
    let offer = signed(&offer(), &clinic());
    let beyond = field("person", &["address", "street"]);
    let chosen: Vec<_> = required().into_iter().chain([beyond.clone()]).collect();
    let refused = Acceptance::of(&offer, &chosen, "en", &alice().public(), NOW);
    assert_eq!(refused, Err(Error::FieldNotOffered { field: beyond.clone() }));

    let mut forged = Acceptance::of(&offer, &required(), "en", &alice().public(), NOW).unwrap();
    forged.chosen.push(beyond);
    assert_eq!(
        code(Agreement::new(offer, signed(&forged, &alice()))),
        "FieldNotOffered"
    );
}

#[test]
fn a19_an_acceptance_holds_what_was_chosen_and_no_more() {
    let offer = signed(&offer(), &clinic());
    let mut chosen = required();
    chosen.reverse();
    let without_phone = Acceptance::of(&offer, &chosen, "en", &alice().public(), NOW).unwrap();
    assert_eq!(without_phone.chosen, required(), "in the offer's order");
    let text = Signed::prepare(&without_phone).unwrap();
    let payload = String::from_utf8(text.signing_input().to_vec()).unwrap();
    let payload = kist_crypto::from_base64url(payload.split_once('.').unwrap().1).unwrap();
    assert!(!String::from_utf8(payload).unwrap().contains("phone"));
}

#[test]
fn a20_nothing_is_used_after_withdrawal() {
    let mut agreement = in_force(&offer());
    let withdrawal = signed(&agreement.withdrawal(NOW + 60), &alice());
    agreement.withdraw(withdrawal).unwrap();
    for right in [Right::Read, Right::Deliver, Right::Update] {
        for now in [0, NOW, NOW + 60, END + 1] {
            assert_eq!(
                agreement.check_use(right, now),
                Err(Error::ConsentWithdrawn { at: NOW + 60 }),
                "whatever the clock"
            );
        }
    }
}

#[test]
fn a20_nothing_is_used_after_expiry() {
    let agreement = in_force(&offer());
    agreement.check_use(Right::Read, END - 1).unwrap();
    assert_eq!(
        agreement.check_use(Right::Read, END),
        Err(Error::ConsentExpired { at: END })
    );
    assert_eq!(agreement.state(END), AgreementState::Expired { at: END });
}

#[test]
fn a20_once_is_the_answer_alone() {
    let rights = Rights {
        read: true,
        deliver: false,
        update: false,
    };
    let once = in_force(&Offer {
        validity: Validity::Once,
        rights,
        ..offer()
    });
    assert_eq!(once.check_use(Right::Read, NOW), Err(Error::ConsentExpired { at: NOW }));

    let contradiction = Offer {
        validity: Validity::Once,
        ..offer()
    };
    assert_eq!(
        code(Signed::prepare(&contradiction)),
        "Malformed",
        "once gives no right to deliver"
    );
}

#[test]
fn a20_standing_consent_holds_until_it_is_withdrawn() {
    let mut standing = in_force(&Offer {
        validity: Validity::Standing,
        ..offer()
    });
    standing.check_use(Right::Read, NOW + 100 * 365 * 86_400).unwrap();
    standing
        .withdraw(signed(&standing.withdrawal(NOW + 1), &alice()))
        .unwrap();
    assert_eq!(code(standing.check_use(Right::Read, NOW + 1)), "ConsentWithdrawn");
}

#[test]
fn k4_withdrawal_cuts_at_once_and_shows_silence_until_it_is_acknowledged() {
    let mut agreement = in_force(&offer());
    assert_eq!(agreement.acknowledgement(NOW), None);
    agreement
        .withdraw(signed(&agreement.withdrawal(NOW + 60), &alice()))
        .unwrap();
    let silent = AgreementState::Withdrawn {
        at: NOW + 60,
        acknowledged_at: None,
    };
    assert_eq!(agreement.state(NOW + 86_400), silent);

    let acknowledgement = agreement.acknowledgement(NOW + 120).unwrap();
    agreement.acknowledge(signed(&acknowledgement, &clinic())).unwrap();
    let acknowledged = AgreementState::Withdrawn {
        at: NOW + 60,
        acknowledged_at: Some(NOW + 120),
    };
    assert_eq!(agreement.state(NOW + 86_400), acknowledged);
}

#[test]
fn k4_a_withdrawal_needs_no_receipt_and_crosses_it_unharmed() {
    let mut agreement = accept(&offer());
    let receipt = receipt(&agreement);
    agreement
        .withdraw(signed(&agreement.withdrawal(NOW + 1), &alice()))
        .unwrap();
    agreement.countersign(receipt).unwrap();
    assert!(agreement.receipt().is_some());
    assert_eq!(code(agreement.check_use(Right::Read, NOW + 2)), "ConsentWithdrawn");
}

#[test]
fn k4_only_the_person_withdraws_and_only_this_agreement() {
    let mut agreement = in_force(&offer());
    let withdrawal = agreement.withdrawal(NOW + 1);
    for other in [clinic(), stranger()] {
        assert_eq!(code(agreement.withdraw(signed(&withdrawal, &other))), "UntrustedKey");
    }
    let other = in_force(&Offer {
        id: "another".to_owned(),
        ..offer()
    });
    assert_eq!(
        code(agreement.withdraw(signed(&other.withdrawal(NOW + 1), &alice()))),
        "HashMismatch"
    );
    assert_eq!(agreement.state(NOW + 1), AgreementState::InForce);

    agreement.withdraw(signed(&withdrawal, &alice())).unwrap();
    let wrong = Acknowledgement {
        withdrawal: other.id(),
        acknowledged_at: NOW + 2,
    };
    assert_eq!(code(agreement.acknowledge(signed(&wrong, &clinic()))), "HashMismatch");
}

#[test]
fn k4_a_second_withdrawal_changes_nothing() {
    let mut agreement = in_force(&offer());
    agreement
        .withdraw(signed(&agreement.withdrawal(NOW + 1), &alice()))
        .unwrap();
    let before = agreement.clone();
    agreement
        .withdraw(signed(&agreement.withdrawal(NOW + 9), &alice()))
        .unwrap();
    assert_eq!(agreement, before);
}

#[test]
fn k1_an_agreement_that_was_kept_says_the_same_when_it_is_read() {
    let mut agreement = accept(&offer());
    let mut stages = vec![agreement.clone()];
    agreement.countersign(receipt(&agreement)).unwrap();
    stages.push(agreement.clone());
    agreement
        .withdraw(signed(&agreement.withdrawal(NOW + 60), &alice()))
        .unwrap();
    stages.push(agreement.clone());
    let acknowledgement = agreement.acknowledgement(NOW + 120).unwrap();
    agreement.acknowledge(signed(&acknowledgement, &clinic())).unwrap();
    stages.push(agreement);
    for stage in stages {
        let kept = serde_json::to_vec(&stage).unwrap();
        let read: Agreement = serde_json::from_slice(&kept).unwrap();
        assert_eq!(read, stage);
        assert_eq!(read.state(NOW + 300), stage.state(NOW + 300));
    }
}

#[test]
fn a5_a_kept_agreement_with_another_ones_part_is_not_read() {
    let (one, other) = (
        in_force(&offer()),
        in_force(&Offer {
            id: "another".to_owned(),
            ..offer()
        }),
    );
    let kept = |agreement: &Agreement| serde_json::to_value(agreement).unwrap();
    for part in ["offer", "acceptance", "receipt"] {
        let mut mixed = kept(&one);
        mixed[part] = kept(&other)[part].clone();
        assert!(serde_json::from_value::<Agreement>(mixed).is_err(), "{part}");
    }
    let mut newer = kept(&one);
    newer["version"] = json!(2);
    assert!(serde_json::from_value::<Agreement>(newer).is_err());
}

#[test]
fn a6_an_object_with_one_byte_changed_does_not_verify() {
    let compact = signed(&offer(), &clinic()).compact().to_owned();
    for place in 0..compact.len() {
        let mut bytes = compact.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(
            Signed::<Offer>::verify(&changed, &clinic().public()).is_err(),
            "byte {place}"
        );
    }
}

#[test]
fn a18_an_acceptance_belongs_to_one_offer_and_one_relationship() {
    let one = signed(&offer(), &clinic());
    let other = signed(
        &Offer {
            id: "another".to_owned(),
            ..offer()
        },
        &clinic(),
    );
    let acceptance = Acceptance::of(&one, &required(), "en", &alice().public(), NOW).unwrap();
    assert_eq!(
        code(Agreement::new(other, signed(&acceptance, &alice()))),
        "HashMismatch"
    );
    assert_eq!(
        code(Agreement::new(one, signed(&acceptance, &stranger()))),
        "UntrustedKey"
    );
}

#[test]
fn an_offer_is_accepted_while_it_is_open() {
    let offer = signed(&offer(), &clinic());
    let accept = |at| Acceptance::of(&offer, &required(), "en", &alice().public(), at);
    accept(NOW + HOUR).unwrap();
    assert_eq!(accept(NOW + HOUR + 61), Err(Error::OfferExpired { at: NOW + HOUR }));
    assert_eq!(code(accept(NOW - HOUR - 61)), "OfferExpired");
    let mut late = accept(NOW).unwrap();
    late.accepted_at = NOW + 2 * HOUR;
    assert_eq!(code(Agreement::new(offer, signed(&late, &alice()))), "OfferExpired");
}

#[test]
fn an_object_of_one_type_is_none_of_another() {
    let agreement = in_force(&offer());
    let key = clinic().public();
    assert_eq!(
        code(Signed::<Receipt>::verify(agreement.offer().compact(), &key)),
        "Malformed"
    );
    assert_eq!(
        code(Signed::<Offer>::verify(agreement.receipt().unwrap().compact(), &key)),
        "Malformed"
    );
    assert_eq!(
        code(Signed::<Offer>::verify(
            agreement.offer().compact(),
            &stranger().public()
        )),
        "SignatureInvalid"
    );
}

/// Signs a payload as it stands, right or wrong.
fn sign_raw(payload: &[u8]) -> String {
    let header = Map::from_iter([("typ".to_owned(), Value::from("kist-withdrawal+jwt"))]);
    jws::Unsigned::new(header, payload).sign(&alice())
}

#[test]
fn a10_another_version_or_another_form_is_refused_though_it_is_signed() {
    let verify = |payload: &str| Signed::<Withdrawal>::verify(&sign_raw(payload.as_bytes()), &alice().public());
    let hash = "A".repeat(43);
    let right = format!(r#"{{"acceptance":"{hash}","version":1,"withdrawn_at":5}}"#);
    assert_eq!(verify(&right).unwrap().withdrawn_at, 5);
    let wrong = [
        (right.replace(":1,", ":2,"), "UnsupportedVersion"),
        (right.replace(r#""version":1,"#, ""), "Malformed"),
        (right.replace(":5", ": 5"), "Malformed"),
        (right.replace(":5", ":5.0"), "Malformed"),
        (right.replace(":5", ":-5"), "Malformed"),
        (right.replace(":5}", r#":5,"withdrawn_at":5}"#), "Malformed"),
        (right.replace(":5}", r#":5,"x":1}"#), "Malformed"),
        (
            format!(r#"{{"version":1,"acceptance":"{hash}","withdrawn_at":5}}"#),
            "Malformed",
        ),
        (right.replace(&hash, "AAAA"), "Malformed"),
        ("[]".to_owned(), "Malformed"),
        (String::new(), "Malformed"),
    ];
    for (payload, expected) in wrong {
        assert_eq!(code(verify(&payload)), expected, "{payload}");
    }
}

#[test]
fn a31_offers_beyond_their_bounds_are_refused() {
    let refuse = |change: &dyn Fn(&mut Offer)| {
        let mut offer = offer();
        change(&mut offer);
        code(Signed::prepare(&offer))
    };
    assert_eq!(refuse(&|o| o.fields = vec![o.fields[0].clone(); 2]), "Malformed");
    assert_eq!(
        refuse(&|o| o.fields = vec![o.fields[0].clone(); MAX_FIELDS + 1]),
        "TooLarge"
    );
    assert_eq!(
        refuse(&|o| o.recipients = vec![o.recipients[0].clone(); MAX_LIST + 1]),
        "TooLarge"
    );
    assert_eq!(refuse(&|o| o.organisation.name = String::new()), "Malformed");
    assert_eq!(refuse(&|o| o.organisation.name = "x".repeat(MAX_WORD + 1)), "Malformed");
    assert_eq!(refuse(&|o| o.organisation.name = "Kist\u{7}".to_owned()), "Malformed");
    assert_eq!(refuse(&|o| o.organisation.country = "gb".to_owned()), "Malformed");
    assert_eq!(refuse(&|o| o.language = "fr".to_owned()), "Malformed");
    assert_eq!(refuse(&|o| o.purpose.code = "marketing".to_owned()), "Malformed");
    assert_eq!(refuse(&|o| o.storage.clear()), "Malformed");
    assert_eq!(
        refuse(&|o| o.privacy_notice = "http://riverside.example".to_owned()),
        "Malformed"
    );
    assert_eq!(
        refuse(&|o| o.rights = Rights {
            read: false,
            deliver: false,
            update: false
        }),
        "Malformed"
    );
    assert_eq!(
        refuse(&|o| o.validity = Validity::Until { at: o.issued_at }),
        "Malformed"
    );
    assert_eq!(refuse(&|o| o.expires_at = o.issued_at - 1), "Malformed");
    assert_eq!(refuse(&|o| o.issued_at = -1), "Malformed");
    assert!(Texts::new("en", "").is_err() && Texts::new("not a tag", "x").is_err());
    assert!(Texts::new("en", &"x".repeat(MAX_TEXT + 1)).is_err());
    for wrong in [
        "", "P", "6M", "P6", "PM", "P0D", "P1M1Y", "P1Y1Y", "PT1H", "P10000D", "P1.5Y", "P-1Y",
    ] {
        assert!(Period::parse(wrong).is_err(), "{wrong}");
    }
    for right in ["P6M", "P1Y6M", "P2W", "P90D", "P0Y1D"] {
        assert_eq!(Period::parse(right).unwrap().as_str(), right);
    }
}

#[test]
fn u1_a_purpose_is_read_in_the_best_language_there_is() {
    let texts = Texts::new("en", "To register you")
        .unwrap()
        .and("cy", "I'ch cofrestru")
        .unwrap();
    assert_eq!(texts.best(&["cy-GB"], "en"), Some(("cy", "I'ch cofrestru")));
    assert_eq!(
        texts.best(&["fr", "EN-scotland"], "cy"),
        Some(("en", "To register you"))
    );
    assert_eq!(texts.best(&["fr"], "cy"), Some(("cy", "I'ch cofrestru")));
    assert_eq!(
        texts.best(&[], "fr"),
        Some(("cy", "I'ch cofrestru")),
        "rather some text than none"
    );
}

#[test]
fn the_organisations_send_token_is_never_printed() {
    let printed = format!("{:?}", in_force(&offer()));
    assert!(!printed.contains("c2VuZC10b2tlbi1mb3ItYWxpY2U"));
}
