//! The operator's log, terms and overview; what a phone makes of lists that change.

#![allow(clippy::unwrap_used)]

mod support;

use kist_crypto::es256::SigningKey;
use kist_trust::framework::{Act, LogEntry, LogHead, Notice};
use kist_trust::{Error, Freshness, Localised, SignedTerms, Status, Terms, TrustList, verify_organisation};
use support::*;

fn log_of(world: &mut World) -> Vec<Vec<u8>> {
    let entries = world.state.take_log();
    entries.iter().map(|entry| entry.to_bytes().unwrap()).collect()
}

fn read(stored: &[Vec<u8>], head: &LogHead) -> kist_trust::Result<Vec<LogEntry>> {
    LogEntry::read_all(stored.iter().map(Vec::as_slice), head)
}

#[test]
fn t2_everything_that_the_operator_does_stands_in_its_log() {
    let (mut world, _) = World::with_clinic(1);
    world.publish_terms("1", NOW);
    world.state.suspend(CLINIC, Some("Complaint 12"), NOW + 1).unwrap();
    world.state.reinstate(CLINIC, None, NOW + 2).unwrap();
    world.rotate(NOW + 3, WEEK);
    world.renew(CLINIC, NOW + 4);
    world.publish(NOW + 5);
    world.state.expel(CLINIC, None, NOW + 6).unwrap();
    let stored = log_of(&mut world);
    let entries = read(&stored, world.state.log_head()).unwrap();
    let kinds: Vec<&str> = entries
        .iter()
        .map(|entry| match entry.act {
            Act::Founded { .. } => "founded",
            Act::Admitted { .. } => "admitted",
            Act::TermsPublished { .. } => "terms",
            Act::Suspended { .. } => "suspended",
            Act::Reinstated { .. } => "reinstated",
            Act::RootChanged { .. } => "root",
            Act::Published { .. } => "published",
            Act::Expelled { .. } => "expelled",
            _ => "other",
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "founded",
            "admitted",
            "terms",
            "suspended",
            "reinstated",
            "root",
            "admitted",
            "published",
            "expelled"
        ]
    );
    assert_eq!(
        entries[3].act,
        Act::Suspended {
            organisation: CLINIC.into(),
            note: Some("Complaint 12".into())
        }
    );
    assert_eq!(world.state.take_log(), []);
}

#[test]
fn t2_a_log_that_was_changed_anywhere_is_found_and_located() {
    let (mut world, _) = World::with_clinic(1);
    for step in 0..4 {
        world.publish(NOW + step);
    }
    let stored = log_of(&mut world);
    let head = world.state.log_head().clone();
    assert_eq!(read(&stored, &head).unwrap().len(), 6);
    for place in 0..stored.len() {
        let mut changed = stored.clone();
        let text = String::from_utf8(changed[place].clone()).unwrap();
        let at = format!("\"at\":{}", read(&stored, &head).unwrap()[place].at);
        changed[place] = text.replace(&at, "\"at\":1").into_bytes();
        // The entry after it no longer follows; of the last one the head says so.
        let found = Error::LogBroken {
            sequence: (place as u64 + 2).min(stored.len() as u64),
        };
        assert_eq!(read(&changed, &head), Err(found), "entry {place}");
        let mut missing = stored.clone();
        missing.remove(place);
        assert!(read(&missing, &head).is_err(), "entry {place}");
    }
    let mut swapped = stored.clone();
    swapped.swap(2, 3);
    assert_eq!(read(&swapped, &head), Err(Error::LogBroken { sequence: 3 }));
    let mut longer = stored.clone();
    longer.push(b"{}".to_vec());
    assert_eq!(read(&longer, &head), Err(Error::LogBroken { sequence: 7 }));
}

#[test]
fn t2_a_list_carries_the_head_of_the_log() {
    let (mut world, _) = World::with_clinic(1);
    let before = world.state.log_head().hash.clone();
    let list = world.list(NOW).remove(0);
    assert_eq!(list.log_head.map(kist_crypto::base64url), Some(before));
}

#[test]
fn t2_a_note_has_a_bound() {
    let (mut world, _) = World::with_clinic(1);
    let refused = world.state.suspend(CLINIC, Some(&"x".repeat(2000)), NOW);
    assert_eq!(refused.unwrap_err().code(), "TooLarge");
    assert_eq!(world.state.members()[CLINIC].status, Status::Active);
}

#[test]
fn t1_terms_are_signed_summed_up_and_named_by_their_hash() {
    let (mut world, _) = World::with_clinic(1);
    let first = world.publish_terms("1", NOW);
    let second = world.publish_terms("2", NOW + DAY);
    let list = world.list(NOW + DAY).remove(0);
    let anchor = world.anchor();
    let read = |compact: &str| SignedTerms::verify(compact, &anchor, Some(&list), NOW + DAY);
    let (first, signed) = (read(&first).unwrap(), read(&second).unwrap());
    assert_eq!(signed.content.summary.get("cy"), Some("Chi sy'n penderfynu."));
    assert_eq!(signed.content.replaces.as_ref(), Some(&first.sha256));
    assert_eq!(list.terms.as_ref().unwrap().terms(), signed.terms());
    // Another framework's, a list, and changed ones are none.
    let mut stranger = World::new(2);
    let theirs = stranger.publish_terms("1", NOW);
    assert_eq!(read(&theirs).unwrap_err().code(), "TrustListNotTrusted");
    assert_eq!(
        read(&world.publish(NOW + DAY)).unwrap_err().code(),
        "TrustListNotTrusted"
    );
    let mut changed = second.into_bytes();
    let place = changed.len() / 2;
    changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
    assert!(read(std::str::from_utf8(&changed).unwrap()).is_err());
    assert_eq!(read(&"a".repeat(1 << 20)).unwrap_err().code(), "TooLarge");
}

#[test]
fn t1_an_applicant_accepts_the_terms_in_force() {
    let (mut world, clinic) = World::with_clinic(1);
    world.publish_terms("2", NOW);
    let refused = world
        .state
        .admit(&application(&clinic.key), NOW, YEAR, &mut world.rng)
        .map(|_| ());
    assert_eq!(
        refused,
        Err(Error::TermsNotAccepted {
            current: "2".into(),
            found: "1".into()
        })
    );
    let mut accepting = application(&clinic.key);
    accepting.terms = world.state.terms().unwrap().terms();
    let admitted = world.admit(&accepting, NOW);
    let party = verify_organisation(
        &admitted.chain,
        &admitted.registration,
        &world.list(NOW),
        &world.anchors(),
        NOW,
    );
    assert_eq!(party.unwrap().registration.terms, accepting.terms);
}

#[test]
fn t1_terms_that_nobody_could_read_are_not_published() {
    let (world, _) = World::with_clinic(1);
    let changes: [&dyn Fn(&mut kist_trust::FrameworkTerms); 4] = [
        &|terms| terms.summary = Localised::default(),
        &|terms| terms.text = Localised::new("en", "Only English"),
        &|terms| terms.summary = Localised::new("en", "x".repeat(5000)).and("cy", "x"),
        &|terms| terms.terms_version = " ".into(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut terms = terms("1");
        change(&mut terms);
        let refused = world.state.publish_terms(terms, NOW).map(|_| ()).unwrap_err();
        assert_eq!(refused.code(), "Malformed", "change {number}");
    }
}

#[test]
fn t2_the_overview_says_what_to_do_next() {
    let mut world = World::new(1);
    let notices = |world: &World, now| world.state.status(now).unwrap().notices;
    assert_eq!(notices(&world, NOW), [Notice::ListNeverPublished]);
    world.publish(NOW);
    assert_eq!(notices(&world, NOW), []);
    let key = SigningKey::generate(&mut world.rng);
    let mut clinic = application(&key);
    clinic.suppliers = vec![mandate()];
    world.admit(&clinic, NOW);
    let unknown = Notice::SupplierNotActive {
        organisation_id: CLINIC.into(),
        supplier: SUPPLIER.into(),
    };
    assert_eq!(notices(&world, NOW), [Notice::UnpublishedChanges, unknown]);
    let desk = SigningKey::generate(&mut world.rng);
    world.admit(&supplier(&desk), NOW);
    world.publish(NOW);
    let due = NOW + i64::from(WEEK);
    assert_eq!(notices(&world, NOW), []);
    assert_eq!(notices(&world, due - DAY), [Notice::ListDue { at: due }]);
    assert_eq!(notices(&world, due + 1), [Notice::ListOverdue { at: due }]);

    world.rotate(NOW + DAY, WEEK);
    world.publish(NOW + DAY);
    let on_old = |id: &str| Notice::MemberOnOldRoot {
        organisation_id: id.into(),
        at: NOW + DAY + i64::from(WEEK),
    };
    assert_eq!(notices(&world, NOW + DAY), [on_old(CLINIC), on_old(SUPPLIER)]);
    world.renew(CLINIC, NOW + DAY);
    world.renew(SUPPLIER, NOW + DAY);
    world.publish_terms("2", NOW + DAY);
    world.publish(NOW + DAY);
    let on_old_terms = |id: &str| Notice::MemberOnOldTerms {
        organisation_id: id.into(),
    };
    assert_eq!(
        notices(&world, NOW + DAY),
        [on_old_terms(CLINIC), on_old_terms(SUPPLIER)]
    );
    let status = world.state.status(NOW + 350 * DAY).unwrap();
    assert_eq!(status.members.len(), 2);
    assert!(status.members.iter().all(|member| member.on_current_root));
    let expires = status.notices.iter().filter(|notice| notice.code() == "MemberExpires");
    assert_eq!(expires.count(), 2);
}

#[test]
fn a22_what_changed_between_two_lists_is_told() {
    let (mut world, _) = World::with_clinic(1);
    let key = SigningKey::generate(&mut world.rng);
    let before = world.list(NOW).remove(0);
    world.state.suspend(CLINIC, None, NOW + 1).unwrap();
    world.admit(&supplier(&key), NOW + 1);
    let after = world.list(NOW + 2).remove(0);
    let changes = after.changes_since(&before);
    assert_eq!(changes.len(), 2);
    let clinic = changes.iter().find(|change| change.organisation_id == CLINIC).unwrap();
    assert_eq!(
        (clinic.from, clinic.to),
        (Some(Status::Active), Some(Status::Suspended))
    );
    assert_eq!(
        (clinic.since, clinic.legal_name.as_str()),
        (NOW + 1, "Riverside Clinic")
    );
    assert!(clinic.ends_trust());
    let desk = changes
        .iter()
        .find(|change| change.organisation_id == SUPPLIER)
        .unwrap();
    assert_eq!((desk.from, desk.to), (None, Some(Status::Active)));
    assert!(!desk.ends_trust() && !desk.restores_trust());
    assert!(
        before
            .changes_since(&after)
            .iter()
            .any(|change| change.restores_trust())
    );
    assert_eq!(after.changes_since(&after), []);
}

#[test]
fn a2_another_list_of_a_number_that_was_seen_is_a_fork() {
    let (mut world, _) = World::with_clinic(1);
    let other_state = world.state.clone();
    let list = world.publish(NOW);
    let verified = TrustList::verify(&list, &world.anchor(), None, GRACE, NOW).unwrap();
    let seen = Some(verified.seen());
    assert!(TrustList::verify(&list, &world.anchor(), seen, GRACE, NOW).is_ok());
    world.state = other_state;
    world.state.expel(CLINIC, None, NOW).unwrap();
    let fork = world.publish(NOW);
    assert_eq!(
        TrustList::verify(&fork, &world.anchor(), seen, GRACE, NOW),
        Err(Error::ForkDetected { sequence: 1 })
    );
}

#[test]
fn t1_a_list_in_its_grace_is_used_with_a_warning() {
    let (mut world, clinic) = World::with_clinic(1);
    let list = world.publish(NOW);
    let due = NOW + i64::from(WEEK);
    let held = [TrustList::verify(&list, &world.anchor(), None, 3600, NOW).unwrap()];
    let freshness = |now| {
        let admitted = &clinic.admitted;
        verify_organisation(&admitted.chain, &admitted.registration, &held, &world.anchors(), now)
            .unwrap()
            .freshness
    };
    assert_eq!((freshness(due), freshness(due).warning()), (Freshness::Current, None));
    let overdue = Freshness::Overdue {
        due,
        usable_until: due + 3600,
    };
    assert_eq!(freshness(due + 1), overdue);
    assert_eq!(overdue.warning(), Some("TrustListOverdue"));
}

#[test]
fn t1_a_clock_that_is_wrong_by_a_year_is_told_with_the_times() {
    let (mut world, clinic) = World::with_clinic(1);
    let (list, year) = (world.publish(NOW), i64::from(YEAR));
    let verify = |now| TrustList::verify(&list, &world.anchor(), None, 0, now).map(|_| ());
    // Behind: the registrar's certificate is the first thing that is from the future.
    assert_eq!(
        verify(NOW - year),
        Err(Error::TrustListNotTrusted {
            reason: kist_trust::Reason::CertificateNotYetValid
        })
    );
    let behind = |now| {
        let mut world = World::new(1);
        let list = world.publish(NOW + year);
        TrustList::verify(&list, &world.anchor(), None, 0, now).map(|_| ())
    };
    assert_eq!(behind(NOW), Err(Error::TrustListNotYetValid { issued: NOW + year }));
    // Ahead: the list is long over.
    let expired = NOW + i64::from(WEEK);
    assert_eq!(verify(NOW + year), Err(Error::TrustListExpired { expired }));
    drop(clinic);
}

#[test]
fn t1_terms_of_a_registration_have_a_hash() {
    let (mut world, clinic) = World::with_clinic(1);
    let mut application = application(&clinic.key);
    application.terms = Terms {
        version: "1".into(),
        sha256: "not a hash".into(),
    };
    let refused = world.state.admit(&application, NOW, YEAR, &mut world.rng).map(|_| ());
    assert_eq!(refused, Err(Error::Malformed { what: "terms" }));
}
