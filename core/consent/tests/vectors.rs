//! The formats of this room, pinned byte for byte. `KIST_BLESS=1` writes the vectors anew; a change is a new version.
#![allow(clippy::unwrap_used)]

mod common;

use common::store::clinics;
use common::*;
use kist_consent::history::{Checkpoint, Event, Evidence, ExportKind, Head};
use kist_consent::rules::{KeptRule, Pattern, QuietHours, Remembered, Rule};
use kist_consent::*;
use kist_crypto::{base64url, jws};
use serde_json::{Value, json};

fn hold(name: &str, value: &Value) {
    let file = format!("{}/../../tests/vectors/consent/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = serde_json::to_string_pretty(value).unwrap() + "\n";
    if std::env::var_os("KIST_BLESS").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "{name}");
}

fn object<T>(signed: &Signed<T>) -> Value
where
    T: SignedContent,
{
    let payload = jws::parse(signed.compact()).unwrap().payload;
    json!({
        "typ": T::TYPE,
        "payload": String::from_utf8(payload).unwrap(),
        "jws": signed.compact(),
        "hash": signed.hash(),
        "key": signed.key().jwk(),
    })
}

#[test]
fn k2_signed_objects_are_byte_for_byte_what_they_were() {
    let mut agreement = in_force(&offer());
    agreement
        .withdraw(signed(&agreement.withdrawal(NOW + 60), &alice()))
        .unwrap();
    let acknowledgement = agreement.acknowledgement(NOW + 120).unwrap();
    agreement.acknowledge(signed(&acknowledgement, &clinic())).unwrap();
    let vectors = json!({
        "offer": object(agreement.offer()),
        "acceptance": object(agreement.acceptance()),
        "receipt": object(agreement.receipt().unwrap()),
        "withdrawal": object(agreement.signed_withdrawal().unwrap()),
        "acknowledgement": object(agreement.signed_acknowledgement().unwrap()),
        "secret_keys": {
            "organisation": base64url(clinic().to_secret().expose()),
            "relationship": base64url(alice().to_secret().expose()),
        },
        "kept": agreement,
    });
    hold("agreement.json", &vectors);
    let kept: Agreement = serde_json::from_value(vectors["kept"].clone()).unwrap();
    assert_eq!(kept, agreement);
}

#[test]
fn k1_narrowed_and_replaced_agreements_are_byte_for_byte_what_they_were() {
    let offered = signed(&offer(), &clinic());
    let mut fields = required();
    fields.push(field("phone", &["phone_number"]));
    let acceptance = Acceptance::of(&offered, &fields, "en", &alice().public(), NOW).unwrap();
    let mut agreement = Agreement::new(offered, signed(&acceptance, &alice())).unwrap();
    let amendment = agreement
        .amendment(&fields[3..], Some(NOW + 30 * 86_400), NOW + 60)
        .unwrap();
    let amendment = signed(&amendment, &alice());
    let acknowledgement = signed(&amendment.acknowledgement(NOW + 120), &clinic());
    agreement.amend(amendment.clone()).unwrap();
    agreement.acknowledge_amendment(acknowledgement.clone()).unwrap();
    let newer = accept(&Offer {
        id: "cmVuZXdhbA".to_owned(),
        replaces: Some(agreement.id()),
        ..offer()
    });
    agreement.replace(&newer).unwrap();
    let vectors = json!({
        "amendment": object(&amendment),
        "acknowledgement": object(&acknowledgement),
        "renewal_offer": object(newer.offer()),
        "kept": agreement,
    });
    hold("amendment.json", &vectors);
    let kept: Agreement = serde_json::from_value(vectors["kept"].clone()).unwrap();
    assert_eq!(kept, agreement);
}

#[test]
fn k5_evidence_is_byte_for_byte_what_it_was() {
    let agreement = accept(&offer());
    let event = Event::Agreed {
        organisation: Party {
            id: "gb-ods-r1v3r".to_owned(),
            name: "Riverside Clinic".to_owned(),
        },
        request: "request-2".to_owned(),
        agreement: agreement.id(),
        replaces: None,
        intended_use: None,
    };
    let entry = Head::empty().append(event, NOW * 1000).unwrap();
    let checkpoint = Checkpoint {
        sequence: entry.sequence,
        hash: entry.hash,
        key: alice().public().jwk(),
        signed_at: NOW + 60,
    };
    let checkpoint = signed(&checkpoint, &alice());
    let evidence = Evidence::write(&[entry], &checkpoint, vec![agreement]).unwrap();
    hold("evidence.json", &serde_json::from_slice(&evidence).unwrap());
}

#[test]
fn k5_history_entries_are_byte_for_byte_what_they_were() {
    let organisation = Party {
        id: "gb-ods-r1v3r".to_owned(),
        name: "Riverside Clinic".to_owned(),
    };
    let agreement = accept(&offer()).id();
    let events = [
        Event::Refused {
            organisation: organisation.clone(),
            request: "request-1".to_owned(),
        },
        Event::Agreed {
            organisation,
            request: "request-2".to_owned(),
            agreement,
            replaces: None,
            intended_use: None,
        },
        Event::Exported {
            kind: ExportKind::Evidence,
        },
    ];
    let mut head = Head::empty();
    let mut entries = Vec::new();
    for (event, minute) in events.into_iter().zip(0..) {
        let entry = head.append(event, (NOW + 60 * minute) * 1000).unwrap();
        head = entry.head();
        entries.push(json!({ "hash": entry.hash, "bytes": String::from_utf8(entry.to_bytes().unwrap()).unwrap() }));
    }
    hold("history.json", &json!({ "entries": entries, "head": head }));
}

#[test]
fn k3_rules_are_byte_for_byte_what_they_were() {
    let given = required().into_iter().map(|field| (field, "person-1".to_owned()));
    let given: Vec<_> = given.collect();
    let remembered = Remembered::of(&clinics(), &offer(), &given, "en", NOW..END).unwrap();
    let pattern = |credential_type: Option<&str>, names: &[&str]| Pattern {
        credential_type: credential_type.map(str::to_owned),
        path: (!names.is_empty()).then(|| path(names)),
    };
    let rules = [
        Rule::AlwaysAsk {
            organisation: Some("gb-ods-r1v3r".to_owned()),
        },
        Rule::Never {
            organisation: None,
            what: pattern(Some(PERSON), &["address", "street"]),
        },
        Rule::Remember(Box::new(remembered)),
        Rule::QuietHours(QuietHours { from: 1320, until: 420 }),
        Rule::Profile {
            name: "clinics".to_owned(),
            fields: vec![pattern(None, &["phone_number"]), pattern(Some(CONTACT), &[])],
        },
    ];
    let kept = rules.map(|rule| {
        let id = "cnVsZS0x".to_owned();
        let bytes = KeptRule { id, made_at: NOW, rule }.to_bytes().unwrap();
        String::from_utf8(bytes).unwrap()
    });
    hold("rules.json", &json!({ "rules": kept }));
}
