//! Who stands behind a request: an organisation, a supplier for one, or nobody that a framework knows.

#![allow(clippy::unwrap_used)]

mod support;

use kist_trust::framework::Admitted;
use kist_trust::{Error, Grounds, Mode, Presented, Reason, SealedTo, Supplier, TrustList, Verdict, verify_request};
use serde_json::json;
use support::*;

fn presented(admitted: &Admitted) -> Presented<'_> {
    Presented {
        chain: &admitted.chain,
        registration: &admitted.registration,
    }
}

const NOBODY: Presented<'static> = Presented {
    chain: &[],
    registration: "",
};

fn judge(
    world: &mut World,
    sender: &Presented<'_>,
    organisation: Option<&Presented<'_>>,
    now: i64,
    mode: Mode,
) -> Result<Verdict, Error> {
    let (lists, anchors) = (world.list(now), world.anchors());
    let grounds = Grounds {
        anchors: &anchors,
        lists: &lists,
        mode,
    };
    verify_request(sender, organisation, &grounds, now)
}

/// What becomes of the supplier's request for the clinic.
fn acting(mandate: Supplier, change: impl FnOnce(&mut World), now: i64) -> Result<Verdict, Error> {
    let (mut world, clinic, desk) = World::with_supplier(1, mandate);
    change(&mut world);
    judge(
        &mut world,
        &presented(&desk.admitted),
        Some(&presented(&clinic.admitted)),
        now,
        Mode::Strict,
    )
}

fn principal(reason: Reason) -> Result<Verdict, Error> {
    Err(Error::PrincipalNotTrusted { reason })
}

#[test]
fn t3_a_supplier_is_shown_for_whom_it_acts_and_data_is_sealed_to_that_one() {
    let (mut world, clinic, desk) = World::with_supplier(1, mandate());
    let (x, y) = (presented(&desk.admitted), presented(&clinic.admitted));
    let verdict = judge(&mut world, &x, Some(&y), NOW, Mode::Strict).unwrap();
    assert_eq!(verdict.supplier().unwrap().legal_name, "Desk Services");
    assert_eq!(verdict.organisation().unwrap().legal_name, "Riverside Clinic");
    let Verdict::Supplier(acting) = verdict else { panic!() };
    assert_eq!(acting.mandate.role, "dpv:DataProcessor");
    let recipient = acting.recipient(SealedTo::Organisation).unwrap();
    assert_eq!(recipient.key, clinic.key.public());
    // The agreement alone can't hand the data to the supplier.
    assert_eq!(
        acting.recipient(SealedTo::Supplier).map(|_| ()),
        Err(Error::PrincipalNotTrusted {
            reason: Reason::NotInMandate
        })
    );
    // What may be asked is the clinic's registration, within the mandate.
    assert!(acting.permits("treatment", PERSON, &[json!("name")]));
    assert!(!acting.permits("treatment", PERSON, &[json!("birth_date")]));
    assert!(!acting.permits("research", PERSON, &[json!("name")]));
}

#[test]
fn t3_data_goes_to_the_supplier_where_mandate_and_agreement_say_so() {
    let opened = Supplier {
        sealed_to: SealedTo::Supplier,
        ..mandate()
    };
    let Ok(Verdict::Supplier(acting)) = acting(opened, |_| {}, NOW) else {
        panic!()
    };
    let recipient = |agreed| acting.recipient(agreed).unwrap().organisation_id.clone();
    assert_eq!(recipient(SealedTo::Supplier), SUPPLIER);
    assert_eq!(recipient(SealedTo::Organisation), CLINIC);
}

#[test]
fn t3_a_mandate_that_is_over_or_has_not_begun_is_none() {
    let until = mandate().until;
    assert!(acting(mandate(), |_| {}, until).is_ok());
    assert_eq!(acting(mandate(), |_| {}, until + 1), principal(Reason::MandateExpired));
    let later = Supplier {
        from: NOW + DAY,
        ..mandate()
    };
    assert_eq!(acting(later, |_| {}, NOW), principal(Reason::MandateExpired));
}

#[test]
fn t3_a_suspended_supplier_and_an_expelled_organisation_are_told_apart() {
    let suspended = acting(
        mandate(),
        |world| world.state.suspend(SUPPLIER, None, NOW).unwrap(),
        NOW,
    );
    assert_eq!(
        suspended,
        Err(Error::OrganisationNotTrusted {
            reason: Reason::Suspended
        })
    );
    let expelled = acting(mandate(), |world| world.state.expel(CLINIC, None, NOW).unwrap(), NOW);
    assert_eq!(expelled, principal(Reason::Expelled));
}

#[test]
fn t3_a_supplier_that_is_not_named_acts_for_nobody() {
    let unnamed = Supplier {
        organisation_id: "NTRGB-66666666".into(),
        ..mandate()
    };
    assert_eq!(acting(unnamed, |_| {}, NOW), principal(Reason::NotASupplier));
    let other_name = Supplier {
        legal_name: "Desk Services Two".into(),
        ..mandate()
    };
    assert_eq!(acting(other_name, |_| {}, NOW), principal(Reason::NotASupplier));
    // A mandate that ended with the newer registration is over with the next list, whatever the supplier shows.
    let (mut world, clinic, desk) = World::with_supplier(1, mandate());
    world.admit(&application(&clinic.key), NOW + DAY);
    let (x, y) = (presented(&desk.admitted), presented(&clinic.admitted));
    let verdict = judge(&mut world, &x, Some(&y), NOW + DAY, Mode::Strict);
    assert_eq!(verdict, principal(Reason::RegistrationSuperseded));
}

#[test]
fn t3_organisations_of_two_frameworks_do_not_act_for_each_other() {
    let (mut one, clinic, _) = World::with_supplier(1, mandate());
    let mut two = World::new(2);
    let key = kist_crypto::es256::SigningKey::generate(&mut two.rng);
    let desk = two.admit(&supplier(&key), NOW);
    let second = two.state.anchor("Second");
    let lists = [
        one.list(NOW).remove(0),
        TrustList::verify(&two.publish(NOW), &second, None, GRACE, NOW).unwrap(),
    ];
    let anchors = [one.anchor(), second];
    let grounds = Grounds {
        anchors: &anchors,
        lists: &lists,
        mode: Mode::Strict,
    };
    let verdict = verify_request(&presented(&desk), Some(&presented(&clinic.admitted)), &grounds, NOW);
    assert_eq!(verdict, principal(Reason::NotASupplier));
}

#[test]
fn t3_a_registration_with_a_mandate_that_makes_no_sense_is_not_made() {
    let refused = |change: &dyn Fn(&mut Supplier)| {
        let (mut world, clinic) = World::with_clinic(1);
        let mut application = application(&clinic.key);
        let mut supplier = mandate();
        change(&mut supplier);
        application.suppliers = vec![supplier];
        world
            .state
            .admit(&application, NOW, YEAR, &mut world.rng)
            .map(|_| ())
            .unwrap_err()
    };
    let malformed = Error::Malformed { what: "suppliers" };
    let changes: [&dyn Fn(&mut Supplier); 6] = [
        &|supplier| supplier.organisation_id = CLINIC.into(),
        &|supplier| supplier.intended_uses.clear(),
        &|supplier| supplier.intended_uses.push("unheard".into()),
        &|supplier| supplier.until = supplier.from - 1,
        &|supplier| supplier.role = "processor".into(),
        &|supplier| supplier.legal_name = "Desk\u{202e}Services".into(),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        assert_eq!(refused(change), malformed, "change {number}");
    }
}

#[test]
fn t1_unsigned_and_unlisted_requests_come_through_in_a_developers_mode_alone_and_say_so() {
    let (mut world, clinic) = World::with_clinic(1);
    let (_, stranger) = World::with_clinic(2);
    let key = kist_crypto::es256::SigningKey::generate(&mut world.rng);
    let unlisted = {
        let mut copy = world.state.clone();
        let mut applicant = application(&key);
        applicant.organisation.organisation_id = "NTRGB-7".into();
        let admission = copy.admit(&applicant, NOW, YEAR, &mut world.rng).unwrap();
        let certificate = world.root.sign(admission.certificate_to_sign());
        let registration = world.registrar.sign(admission.registration_to_sign());
        copy.complete_admission(admission, &certificate, &registration).unwrap()
    };
    let shown = presented(&unlisted);
    for (sender, reason) in [(&NOBODY, Reason::Unsigned), (&shown, Reason::NotListed)] {
        let strict = judge(&mut world, sender, None, NOW, Mode::Strict);
        assert_eq!(strict, Err(Error::OrganisationNotTrusted { reason }));
        let open = judge(&mut world, sender, None, NOW, Mode::Developer).unwrap();
        assert!(open.organisation().is_none() && open.supplier().is_none());
        let Verdict::Unverified(party) = open else { panic!() };
        assert_eq!(party.reason, reason);
    }
    let Ok(Verdict::Unverified(party)) = judge(&mut world, &shown, None, NOW, Mode::Developer) else {
        panic!()
    };
    assert_eq!(party.claimed.unwrap().organisation_id, "NTRGB-7");
    assert_eq!(party.registration.unwrap().legal_name, "Riverside Clinic");
    assert_eq!(party.key, Some(key.public()));
    // What is known to be wrong stays refused.
    let broken = judge(&mut world, &presented(&stranger.admitted), None, NOW, Mode::Developer);
    assert_eq!(
        broken,
        Err(Error::OrganisationNotTrusted {
            reason: Reason::ChainBroken
        })
    );
    world.state.suspend(CLINIC, None, NOW).unwrap();
    let suspended = judge(&mut world, &presented(&clinic.admitted), None, NOW, Mode::Developer);
    assert_eq!(
        suspended,
        Err(Error::OrganisationNotTrusted {
            reason: Reason::Suspended
        })
    );
}
