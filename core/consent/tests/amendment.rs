//! Agreements that are narrowed, and agreements that take the place of others.
#![allow(clippy::unwrap_used)]

mod common;

use common::*;
use kist_consent::*;
use kist_crypto::es256::SigningKey;
use proptest::prelude::*;

const DAY: i64 = 86_400;

fn code<T: std::fmt::Debug>(result: Result<T>) -> &'static str {
    result.unwrap_err().code()
}

/// An agreement in force with every field of the offer, the telephone number being optional as are some more.
fn wide(optional: usize) -> Agreement {
    let mut offer = offer();
    offer.fields.extend((1..optional).map(|number| OfferedField {
        credential: format!("extra-{number}"),
        path: path(&["value"]),
        required: false,
        purpose: None,
    }));
    let fields: Vec<FieldRef> = offer.fields.iter().map(OfferedField::field).collect();
    let offer = signed(&offer, &clinic());
    let acceptance = Acceptance::of(&offer, &fields, "en", &alice().public(), NOW).unwrap();
    let mut agreement = Agreement::new(offer, signed(&acceptance, &alice())).unwrap();
    agreement.countersign(receipt(&agreement)).unwrap();
    agreement
}

fn phone() -> FieldRef {
    field("phone", &["phone_number"])
}

fn optional(agreement: &Agreement) -> Vec<FieldRef> {
    let fields = agreement.offer().fields.iter();
    fields
        .filter(|field| !field.required)
        .map(OfferedField::field)
        .collect()
}

fn amend(agreement: &mut Agreement, removed: &[FieldRef], ends_at: Option<i64>, now: i64) -> Signed<Amendment> {
    let amendment = signed(&agreement.amendment(removed, ends_at, now).unwrap(), &alice());
    agreement.amend(amendment.clone()).unwrap();
    amendment
}

#[test]
fn k1_an_amendment_takes_fields_out_and_the_receipt_stands() {
    let mut agreement = wide(1);
    amend(&mut agreement, &[phone()], None, NOW + 60);
    assert_eq!(agreement.fields(), required());
    assert_eq!(agreement.ends_at(), Some(END));
    assert_eq!(agreement.state(NOW + 60), AgreementState::InForce);
    agreement.check_use(Right::Read, NOW + 60).unwrap();
    let evidence = (
        agreement.receipt().unwrap().compact(),
        agreement.acceptance().compact(),
        agreement.offer().compact(),
    );
    verify_receipt(evidence.0, evidence.1, evidence.2, &clinic().public()).unwrap();
}

#[test]
fn a20_nothing_is_used_after_the_earlier_end_of_an_amendment() {
    let mut agreement = wide(1);
    let earlier = NOW + DAY;
    amend(&mut agreement, &[], Some(earlier), NOW + 60);
    agreement.check_use(Right::Read, earlier - 1).unwrap();
    assert_eq!(
        agreement.check_use(Right::Read, earlier),
        Err(Error::ConsentExpired { at: earlier })
    );
    let mut standing = in_force(&Offer {
        validity: Validity::Standing,
        ..offer()
    });
    amend(&mut standing, &[], Some(earlier), NOW + 60);
    assert_eq!(standing.state(earlier), AgreementState::Expired { at: earlier });
}

#[test]
fn k1_an_amendment_never_widens_and_never_takes_out_what_is_required() {
    let agreement = wide(1);
    let now = NOW + 60;
    assert_eq!(
        code(agreement.amendment(&required()[..1], None, now)),
        "RequiredFieldMissing"
    );
    let other = field("person", &["shoe_size"]);
    assert_eq!(code(agreement.amendment(&[other], None, now)), "FieldNotOffered");
    assert_eq!(code(agreement.amendment(&[], None, now)), "Malformed");
    assert_eq!(code(agreement.amendment(&[], Some(END), now)), "Malformed");
    assert_eq!(code(agreement.amendment(&[], Some(now - 1), now)), "Malformed");
    // Nor where somebody signs it by hand.
    let by_hand = Amendment {
        acceptance: agreement.id(),
        removed: vec![required()[0].clone()],
        ends_at: None,
        amended_at: now,
    };
    assert_eq!(
        code(agreement.clone().amend(signed(&by_hand, &alice()))),
        "RequiredFieldMissing"
    );
    let later = Amendment {
        removed: Vec::new(),
        ends_at: Some(END + DAY),
        ..by_hand
    };
    let mut widened = agreement.clone();
    widened.amend(signed(&later, &alice())).unwrap();
    assert_eq!(widened.ends_at(), Some(END));
}

#[test]
fn k1_only_the_person_narrows_and_only_this_agreement() {
    let mut agreement = wide(1);
    let amendment = agreement.amendment(&[phone()], None, NOW).unwrap();
    for key in [clinic(), stranger()] {
        assert_eq!(code(agreement.amend(signed(&amendment, &key))), "UntrustedKey");
    }
    let other = Amendment {
        acceptance: in_force(&offer()).id(),
        ..amendment
    };
    assert_eq!(code(agreement.amend(signed(&other, &alice()))), "HashMismatch");
    assert_eq!(agreement.fields().len(), 4);
}

#[test]
fn k1_an_amendment_is_acknowledged_once_by_its_hash() {
    let mut agreement = wide(2);
    let (one, other) = (optional(&agreement)[0].clone(), optional(&agreement)[1].clone());
    let first = amend(&mut agreement, &[one], None, NOW + 1);
    amend(&mut agreement, &[other], None, NOW + 2);
    let acknowledged = |agreement: &Agreement| {
        agreement
            .amendments()
            .filter(|one| one.acknowledgement.is_some())
            .count()
    };
    for at in [NOW + 10, NOW + 20] {
        let acknowledgement = signed(&first.acknowledgement(at), &clinic());
        agreement.acknowledge_amendment(acknowledgement).unwrap();
    }
    assert_eq!(acknowledged(&agreement), 1);
    let known = agreement
        .amendments()
        .find_map(|one| one.acknowledgement.as_ref())
        .unwrap();
    assert_eq!(known.acknowledged_at, NOW + 10, "the first stays");
    let foreign = AmendmentAcknowledgement {
        amendment: agreement.id(),
        acknowledged_at: NOW,
    };
    assert_eq!(
        code(agreement.acknowledge_amendment(signed(&foreign, &clinic()))),
        "HashMismatch"
    );
}

#[test]
fn a31_amendments_are_bounded() {
    let mut agreement = wide(1);
    for second in 0..MAX_AMENDMENTS as i64 {
        amend(&mut agreement, &[], Some(END - 1 - second), NOW);
    }
    assert_eq!(code(agreement.amendment(&[phone()], None, NOW)), "TooLarge");
}

fn renewal(of: &Agreement, by: &SigningKey, relationship: &SigningKey) -> Agreement {
    let offer = Offer {
        id: "cmVuZXdhbA".to_owned(),
        replaces: Some(of.id()),
        validity: Validity::Standing,
        ..offer()
    };
    let offer = signed(&offer, by);
    let acceptance = Acceptance::of(&offer, &required(), "en", &relationship.public(), NOW + 600).unwrap();
    Agreement::new(offer, signed(&acceptance, relationship)).unwrap()
}

#[test]
fn k1_the_old_agreement_ends_when_the_one_that_replaces_it_is_accepted() {
    let mut old = in_force(&offer());
    let newer = renewal(&old, &clinic(), &alice());
    old.replace(&newer).unwrap();
    let at = NOW + 600;
    assert_eq!(old.state(at), AgreementState::Replaced { at, by: newer.id() });
    assert_eq!(old.check_use(Right::Read, at), Err(Error::ConsentExpired { at }));
    newer.check_use(Right::Read, at).unwrap();
    let again: Agreement = serde_json::from_str(&serde_json::to_string(&old).unwrap()).unwrap();
    assert_eq!(again, old);
}

#[test]
fn k1_somebody_elses_acceptance_replaces_nothing() {
    let mut old = in_force(&offer());
    assert_eq!(
        code(old.replace(&renewal(&old, &clinic(), &stranger()))),
        "UntrustedKey"
    );
    let unrelated = in_force(&offer());
    assert_eq!(code(old.replace(&unrelated)), "HashMismatch");
    let mut other = offer();
    other.organisation.id = "gb-ods-other".to_owned();
    other.replaces = Some(old.id());
    assert_eq!(code(old.replace(&accept(&other))), "UntrustedKey");
    assert_eq!(old.state(NOW), AgreementState::InForce);
}

/// What a step of a sequence takes out: some of the optional fields, and perhaps an earlier end.
fn step() -> impl Strategy<Value = (u8, Option<i64>)> {
    (any::<u8>(), prop::option::of(1..80 * DAY))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Two devices narrow apart, messages come twice and in any order: both sides hold the same in the end, and never more
    /// than before.
    #[test]
    fn k1_amendments_come_to_the_same_in_any_order(
        steps in prop::collection::vec(step(), 1..8),
        order in prop::collection::vec(any::<prop::sample::Index>(), 0..24),
    ) {
        let agreed = wide(8);
        let extras = optional(&agreed);
        let mut amendments = Vec::new();
        for (mask, seconds) in steps {
            let removed: Vec<FieldRef> = extras.iter().enumerate()
                .filter(|(at, _)| mask & (1 << at) != 0)
                .map(|(_, field)| field.clone())
                .collect();
            // Each as a device would sign it that has heard of no other.
            if let Ok(amendment) = agreed.amendment(&removed, seconds.map(|seconds| NOW + seconds), NOW) {
                amendments.push(signed(&amendment, &alice()));
            }
        }
        let (mut hers, mut theirs) = (agreed.clone(), agreed.clone());
        let mut left = agreed.fields().len();
        for amendment in &amendments {
            hers.amend(amendment.clone()).unwrap();
            prop_assert!(hers.fields().len() <= left);
            prop_assert!(hers.ends_at() <= agreed.ends_at());
            left = hers.fields().len();
        }
        if !amendments.is_empty() {
            for index in order {
                theirs.amend(index.get(&amendments).clone()).unwrap();
            }
        }
        for amendment in amendments.iter().rev() {
            theirs.amend(amendment.clone()).unwrap();
        }
        prop_assert_eq!(&hers, &theirs);
        for field in required() {
            prop_assert!(hers.fields().contains(&field));
        }
        let text = serde_json::to_string(&hers).unwrap();
        prop_assert_eq!(serde_json::from_str::<Agreement>(&text).unwrap(), hers);
    }

    /// What is signed has one form: it reads back as it was, and a byte changed anywhere is refused.
    #[test]
    fn k2_an_amendment_has_one_form(
        mask in 0_u8..=255, ends_at in prop::option::of(0..1_000_i64), at in any::<prop::sample::Index>(),
    ) {
        let agreement = wide(8);
        let removed: Vec<FieldRef> = optional(&agreement).into_iter().enumerate()
            .filter(|(number, _)| mask & (1 << number) != 0)
            .map(|(_, field)| field)
            .collect();
        let content = Amendment {
            acceptance: agreement.id(),
            removed,
            ends_at: ends_at.map(|seconds| NOW + seconds),
            amended_at: NOW,
        };
        if content.removed.is_empty() && content.ends_at.is_none() {
            prop_assert_eq!(code(Signed::prepare(&content)), "Malformed");
            return Ok(());
        }
        let once = signed(&content, &alice());
        prop_assert_eq!(once.content(), &content);
        prop_assert_eq!(signed(&content, &alice()), once.clone());
        let mut bytes = once.compact().as_bytes().to_vec();
        let place = at.index(bytes.len());
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        prop_assert!(Signed::<Amendment>::verify(&changed, &alice().public()).is_err());
    }
}
