//! The person's rules: each narrows what goes, and none widens it.
#![allow(clippy::unwrap_used)]

mod common;

use common::store::*;
use common::*;
use kist_consent::evaluation::*;
use kist_consent::rules::*;
use kist_consent::*;
use kist_identity::ClaimPath;
use kist_identity::dcql::Query;
use proptest::prelude::*;
use serde_json::json;

const CLINIC: &str = "gb-ods-r1v3r";

fn kept(id: &str, rule: Rule) -> (String, Vec<u8>) {
    let id = id.to_owned();
    let bytes = KeptRule {
        id: id.clone(),
        made_at: NOW,
        rule,
    }
    .to_bytes()
    .unwrap();
    (id, bytes)
}

fn book(rules: &[(String, Vec<u8>)]) -> Rules {
    Rules::read(rules.iter().map(|(id, bytes)| (id.as_str(), bytes.as_slice())))
}

fn at(now: i64) -> Moment {
    Moment {
        now,
        offset_minutes: 0,
        paused: false,
    }
}

fn never(organisation: Option<&str>, vct: Option<&str>, path: Option<&[&str]>) -> Rule {
    Rule::Never {
        organisation: organisation.map(str::to_owned),
        what: Pattern {
            credential_type: vct.map(str::to_owned),
            path: path.map(common::path),
        },
    }
}

fn judged(rules: &[(String, Vec<u8>)], moment: Moment) -> Evaluation {
    book(rules).judge(clinics(), Some(&offer()), &moment)
}

/// The answer that the person had remembered: the required fields, for a day.
fn remembered() -> Remembered {
    let given: Vec<(FieldRef, String)> = required()
        .into_iter()
        .map(|field| (field, "person-1".to_owned()))
        .collect();
    Remembered::of(&clinics(), &offer(), &given, "en", NOW..NOW + 86_400).unwrap()
}

fn remember() -> Vec<(String, Vec<u8>)> {
    vec![kept("r1", Rule::Remember(Box::new(remembered())))]
}

/// The clinic's next request, changed.
fn next(change: impl FnOnce(&mut Offer)) -> Offer {
    let mut offer = offer();
    offer.id = "another".to_owned();
    offer.connection.mailbox = "another-mailbox".to_owned();
    (offer.issued_at, offer.expires_at) = (NOW, NOW + 2 * HOUR);
    change(&mut offer);
    offer
}

fn verdict_on(offer: &Offer, query: &Query, moment: Moment) -> Verdict {
    let evaluation = evaluate_with(query, Some(offer), &alices(), &SharedBefore::default());
    book(&remember()).judge(evaluation, Some(offer), &moment).verdict
}

#[test]
fn i3_a_remembered_answer_is_not_for_a_namesake_in_another_framework() {
    let offer = next(|_| {});
    let mut evaluation = evaluate_with(&clinics_query(), Some(&offer), &alices(), &SharedBefore::default());
    let judge = |evaluation: &Evaluation| {
        book(&remember())
            .judge(evaluation.clone(), Some(&offer), &at(NOW))
            .verdict
    };
    assert_eq!(judge(&evaluation).code(), "Remembered");
    let Verified::Framework { anchor, .. } = &mut evaluation.asker.verified else {
        panic!("verified by the framework")
    };
    *anchor = "Another framework".to_owned();
    assert_eq!(judge(&evaluation), Verdict::Ask);
    // Nor is anything remembered of those for whom nobody vouches.
    evaluation.asker.verified = Verified::Nobody { reason: "NotListed" };
    assert_eq!(judge(&evaluation), Verdict::Ask);
    let refused = Remembered::of(&evaluation, &offer, &[], "en", NOW..NOW + HOUR);
    assert_eq!(refused.unwrap_err(), Error::NotRememberable);
}

#[test]
fn k3_without_rules_the_person_is_asked() {
    assert_eq!(judged(&[], at(NOW)).verdict, Verdict::Ask);
    assert_eq!(judged(&[], at(NOW)).default_choice(), clinics().default_choice());
}

#[test]
fn k3_what_a_rule_keeps_back_is_off_and_named() {
    let judged = judged(&[kept("phone", never(None, Some(CONTACT), None))], at(NOW));
    assert_eq!(judged.verdict, Verdict::Ask, "the telephone is optional");
    assert_eq!(judged.fields[3].withheld_by.as_deref(), Some("phone"));
    assert!(
        judged.fields[..3]
            .iter()
            .all(|field| field.withheld_by.is_none() && field.chosen_by_default)
    );
}

#[test]
fn k3_a_rule_that_keeps_back_what_is_required_refuses() {
    for path in [&["address"][..], &["address", "street"]] {
        let judged = judged(&[kept("home", never(Some(CLINIC), None, Some(path)))], at(NOW));
        let expected = Verdict::Refuse {
            rule: "home".to_owned(),
            fields: vec![field("person", &["address"])],
        };
        assert_eq!(judged.verdict, expected, "the whole would show the part");
        assert!(
            !judged.fields[2].chosen_by_default && judged.fields[2].required,
            "off, and not hidden"
        );
    }
    let other = judged(
        &[kept("home", never(Some("gb-other"), None, Some(&["address"])))],
        at(NOW),
    );
    assert_eq!((other.verdict, other.fields[2].chosen_by_default), (Verdict::Ask, true));
    let nothing = judged(&[kept("blocked", never(Some(CLINIC), None, None))], at(NOW));
    assert_eq!((nothing.verdict.code(), nothing.default_choice()), ("Refuse", vec![]));
}

#[test]
fn k3_quiet_hours_end_when_the_wall_says() {
    let quiet = |from, until| [kept("night", Rule::QuietHours(QuietHours { from, until }))];
    let midnight = NOW - NOW.rem_euclid(86_400);
    let verdict = |hours: &[(String, Vec<u8>)], minute: i64, offset_minutes| {
        let moment = Moment {
            now: midnight + minute * 60 + 30,
            offset_minutes,
            paused: false,
        };
        judged(hours, moment).verdict
    };
    let night = quiet(22 * 60, 7 * 60);
    let until = |minute: i64| Verdict::AskLater {
        until: midnight + minute * 60,
    };
    assert_eq!(verdict(&night, 22 * 60, 0), until(31 * 60), "over midnight");
    assert_eq!(verdict(&night, 6 * 60 + 59, 0), until(7 * 60));
    assert_eq!(verdict(&night, 7 * 60, 0), Verdict::Ask);
    assert_eq!(verdict(&night, 21 * 60, 60), until(30 * 60), "an hour ahead of UTC");
    assert_eq!(verdict(&quiet(9 * 60, 17 * 60), 12 * 60, 0), until(17 * 60));
    assert_eq!(verdict(&quiet(9 * 60, 17 * 60), 17 * 60, 0), Verdict::Ask);
    assert_eq!(
        judged(
            &night,
            Moment {
                now: i64::MAX,
                offset_minutes: i32::MAX,
                paused: false
            }
        )
        .verdict,
        Verdict::Ask
    );
}

#[test]
fn k10_while_everything_is_paused_nothing_else_counts() {
    let mut rules = remember();
    rules.push(kept("blocked", never(Some(CLINIC), None, None)));
    let judged = judged(
        &rules,
        Moment {
            paused: true,
            ..at(NOW)
        },
    );
    assert_eq!(judged.verdict, Verdict::Paused);
}

#[test]
fn k3_the_same_question_gets_the_same_answer_and_no_more() {
    let offer = next(|_| {});
    let Verdict::Remembered {
        rule,
        fields,
        candidates,
        language,
    } = verdict_on(&offer, &clinics_query(), at(NOW + 60))
    else {
        panic!("it is the same question")
    };
    assert_eq!((rule.as_str(), language.as_str()), ("r1", "en"));
    assert_eq!(fields, required(), "without the telephone, as before");
    assert_eq!(candidates, ["person-1"; 3]);
    let less: [(&str, &str, &[&str]); 2] = [
        ("person", PERSON, &["name"]),
        (CONNECTION, "urn:kist:vct:connection:1", &[]),
    ];
    let fewer = next(|offer| offer.fields.truncate(1));
    let Verdict::Remembered { fields, .. } = verdict_on(&fewer, &query(&less, &[]), at(NOW)) else {
        panic!("less is asked")
    };
    assert_eq!(fields, [field("person", &["name"])]);
}

#[test]
fn k3_another_question_is_asked() {
    let same = clinics_query();
    let asks = |why: &str, offer: Offer, query: &Query, now: i64| {
        assert_eq!(verdict_on(&offer, query, at(now)), Verdict::Ask, "{why}");
    };
    asks("it is over", next(|_| {}), &same, NOW + 86_400);
    asks("the clock went back", next(|_| {}), &same, NOW - 1);
    asks(
        "another use",
        next(|o| o.intended_use = "newsletter".to_owned()),
        &same,
        NOW,
    );
    asks(
        "another organisation",
        next(|o| o.organisation.id = "gb-other".to_owned()),
        &same,
        NOW,
    );
    asks("another recipient", next(|o| o.recipients.clear()), &same, NOW);
    asks("other terms", next(|o| o.terms.uri.push('4')), &same, NOW);
    asks("more rights", next(|o| o.rights.update = true), &same, NOW);
    asks(
        "for longer",
        next(|o| o.validity = Validity::Until { at: END + 2 * HOUR }),
        &same,
        NOW,
    );
    asks("for ever", next(|o| o.validity = Validity::Standing), &same, NOW);
    asks(
        "kept for longer",
        next(|o| o.retention = Period::parse("P9Y").unwrap()),
        &same,
        NOW,
    );
    let why = Texts::new("en", "To sell it").unwrap();
    asks(
        "for another reason",
        next(|o| o.fields[0].purpose = Some(why)),
        &same,
        NOW,
    );
    asks(
        "what was left out is required now",
        next(|o| o.fields[3].required = true),
        &same,
        NOW,
    );
    let more: [(&str, &str, &[&str]); 3] = [
        ("person", PERSON, &["name", "birth_date", "address", "nationality"]),
        ("phone", CONTACT, &["phone_number"]),
        (CONNECTION, "urn:kist:vct:connection:1", &[]),
    ];
    asks("more is asked", next(|_| {}), &query(&more, &["phone"]), NOW);
    let mut moved = alices();
    moved.0[0].id = "person-2";
    let evaluation = evaluate_with(&same, Some(&offer()), &moved, &SharedBefore::default());
    let verdict = book(&remember()).judge(evaluation, Some(&offer()), &at(NOW)).verdict;
    assert_eq!(verdict, Verdict::Ask, "what was given is gone");
}

#[test]
fn k3_a_rule_to_be_asked_and_one_that_cannot_be_read_end_what_is_remembered() {
    let with = |other: (String, Vec<u8>)| {
        let mut rules = remember();
        rules.push(other);
        judged(&rules, at(NOW)).verdict.code()
    };
    assert_eq!(judged(&remember(), at(NOW)).verdict.code(), "Remembered");
    assert_eq!(with(kept("ask", Rule::AlwaysAsk { organisation: None })), "Ask");
    assert_eq!(
        with(kept(
            "ask",
            Rule::AlwaysAsk {
                organisation: Some(CLINIC.to_owned())
            }
        )),
        "Ask"
    );
    assert_eq!(
        with(kept(
            "ask",
            Rule::AlwaysAsk {
                organisation: Some("gb-other".to_owned())
            }
        )),
        "Remembered"
    );
    assert_eq!(
        with((
            "later".to_owned(),
            br#"{"version":2,"rule":{"kind":"never_on_sundays"}}"#.to_vec()
        )),
        "Ask"
    );
    assert_eq!(with(kept("name", never(None, None, Some(&["name"])))), "Refuse");
}

#[test]
fn a19_what_is_over_asked_is_not_remembered() {
    let parts: [(&str, &str, &[&str]); 1] = [("person", PERSON, &["name", "nationality"])];
    let evaluation = evaluate_with(&query(&parts, &[]), Some(&offer()), &alices(), &SharedBefore::default());
    let given = [(field("person", &["name"]), "person-1".to_owned())];
    let of = |evaluation: &Evaluation, given: &[(FieldRef, String)], until| {
        Remembered::of(evaluation, &offer(), given, "en", NOW..until)
    };
    assert_eq!(of(&evaluation, &given, NOW + 1), Err(Error::NotRememberable));
    let stranger = [(field("person", &["name"]), "person-9".to_owned())];
    assert_eq!(of(&clinics(), &stranger, NOW + 1), Err(Error::NotRememberable));
    assert_eq!(of(&clinics(), &given, NOW), Err(Error::Malformed { what: "rule" }));
}

#[test]
fn k3_a_profile_adds_what_it_covers_and_nothing_else() {
    let profile = |fields: Vec<Pattern>| {
        [kept(
            "p",
            Rule::Profile {
                name: "clinics".to_owned(),
                fields,
            },
        )]
    };
    let telephone = Pattern {
        credential_type: Some(CONTACT.to_owned()),
        path: Some(path(&["phone_number"])),
    };
    let choice = |rules: &[(String, Vec<u8>)], name| book(rules).choice(name, &judged(rules, at(NOW)));
    let mut all = required();
    all.push(field("phone", &["phone_number"]));
    assert_eq!(choice(&profile(vec![telephone.clone()]), "clinics"), Some(all));
    assert_eq!(choice(&profile(vec![telephone.clone()]), "holidays"), None);
    let part = Pattern {
        credential_type: None,
        path: Some(path(&["phone_number", "mobile"])),
    };
    assert_eq!(
        choice(&profile(vec![part]), "clinics"),
        Some(required()),
        "a part doesn't cover the whole"
    );
    let mut kept_back = profile(vec![telephone]).to_vec();
    kept_back.push(kept("never", never(None, Some(CONTACT), None)));
    assert_eq!(choice(&kept_back, "clinics"), Some(required()));
}

#[test]
fn k3_rules_that_say_nothing_are_malformed() {
    let bad = [
        never(None, None, None),
        never(Some(""), None, Some(&["name"])),
        Rule::QuietHours(QuietHours { from: 60, until: 60 }),
        Rule::QuietHours(QuietHours {
            from: 0,
            until: 24 * 60,
        }),
        Rule::Profile {
            name: String::new(),
            fields: vec![Pattern {
                credential_type: None,
                path: Some(path(&["name"])),
            }],
        },
        Rule::Profile {
            name: "empty".to_owned(),
            fields: vec![],
        },
        Rule::Profile {
            name: "all".to_owned(),
            fields: vec![Pattern::default()],
        },
    ];
    for rule in bad {
        assert_eq!(rule.check(), Err(Error::Malformed { what: "rule" }), "{rule:?}");
    }
    for bytes in [
        "",
        "{}",
        "[]",
        r#"{"version":1,"made_at":0,"rule":{"kind":"never","what":{}}}"#,
        r#"{"version":1,"made_at":0,"rule":{"kind":"always_ask","more":1}}"#,
    ] {
        assert_eq!(
            KeptRule::from_bytes("x", bytes.as_bytes()),
            Err(Error::Malformed { what: "rule" }),
            "{bytes}"
        );
    }
    let large = vec![b' '; MAX_OBJECT + 1];
    assert_eq!(
        KeptRule::from_bytes("x", &large),
        Err(Error::TooLarge {
            what: "rule",
            limit: MAX_OBJECT
        })
    );
}

#[test]
fn rules_come_back_from_their_bytes() {
    let rules = [
        Rule::AlwaysAsk { organisation: None },
        never(Some(CLINIC), None, None),
        never(None, Some(PERSON), Some(&["birth_date"])),
        Rule::Remember(Box::new(remembered())),
        Rule::QuietHours(QuietHours { from: 0, until: 1 }),
    ];
    for rule in rules {
        let (id, bytes) = kept("one", rule.clone());
        assert_eq!(KeptRule::from_bytes(&id, &bytes).unwrap().rule, rule);
    }
}

const NAMES: [&str; 6] = ["name", "birth_date", "address", "nationality", "phone_number", "email"];

/// A request of one or two parts with random claims, sets of claims, values and sets of parts.
fn any_request() -> impl Strategy<Value = Query> {
    let part = (
        proptest::sample::select(vec![PERSON, CONTACT, "urn:example:unknown:1"]),
        proptest::sample::subsequence(NAMES.to_vec(), 0..=4),
        any::<(bool, bool)>(),
    );
    (proptest::collection::vec(part, 1..=3), any::<(bool, bool)>()).prop_map(|(parts, (sets, required))| {
        let ids: Vec<String> = (0..parts.len()).map(|place| format!("part{place}")).collect();
        let credentials = parts.iter().zip(&ids).map(|((vct, names, (with_sets, value)), id)| {
            let claims: Vec<_> = names.iter().map(|name| json!({"id": name, "path": [name]})).collect();
            let mut part = json!({"id": id, "format": "dc+sd-jwt", "meta": {"vct_values": [vct]}});
            if !claims.is_empty() {
                part["claims"] = claims.into();
                if *with_sets {
                    let singles: Vec<_> = names.iter().map(|name| json!([name])).collect();
                    part["claim_sets"] = singles.into();
                }
                if *value {
                    part["claims"][0]["values"] = json!(["Alice Rendall"]);
                }
            }
            part
        });
        let mut query = json!({"credentials": credentials.collect::<Vec<_>>()});
        if sets {
            let options: Vec<_> = ids.iter().map(|id| json!([id])).collect();
            query["credential_sets"] = json!([{"required": required, "options": options}]);
        }
        Query::from_value(&query).unwrap()
    })
}

fn any_rule() -> impl Strategy<Value = Rule> {
    let organisation = proptest::option::of(proptest::sample::select(vec![CLINIC.to_owned(), "gb-other".to_owned()]));
    let pattern = (
        proptest::option::of(proptest::sample::select(vec![PERSON.to_owned(), CONTACT.to_owned()])),
        proptest::sample::select(NAMES.to_vec()).prop_map(ClaimPath::top),
    )
        .prop_map(|(credential_type, path)| Pattern {
            credential_type,
            path: Some(path),
        });
    prop_oneof![
        organisation
            .clone()
            .prop_map(|organisation| Rule::AlwaysAsk { organisation }),
        (organisation, pattern.clone()).prop_map(|(organisation, what)| Rule::Never { organisation, what }),
        (0..1440u16, 0..1440u16)
            .prop_filter("some time", |(from, until)| from != until)
            .prop_map(|(from, until)| Rule::QuietHours(QuietHours { from, until })),
        proptest::collection::vec(pattern, 1..4).prop_map(|fields| Rule::Profile {
            name: "p".to_owned(),
            fields
        }),
        Just(Rule::Remember(Box::new(remembered()))),
    ]
}

fn offered(with: bool) -> Option<Offer> {
    with.then(offer)
}

proptest! {
    /// Nothing goes by default but what is required, or is the one of several that is needed; and what is required is shown
    /// as such, whatever becomes of it.
    #[test]
    fn k3_nothing_goes_by_default_that_is_not_required_and_required_is_never_hidden(query in any_request(), with_offer: bool) {
        let offer = offered(with_offer);
        let evaluation = evaluate_with(&query, offer.as_ref(), &alices(), &SharedBefore::default());
        for field in &evaluation.fields {
            let name = field.field();
            let of_default = name.as_ref().is_some_and(|name| {
                evaluation.alternatives.iter().any(|all| all.default_option().is_some_and(|option| option.fields.contains(name)))
            });
            if field.chosen_by_default {
                prop_assert!(field.required || of_default);
                prop_assert!(field.over_asking.is_empty() && !field.matches.is_empty());
            }
            let says = |name: &FieldRef| offer.as_ref().and_then(|offer| offer.field(name)).is_some_and(|offered| offered.required);
            if name.as_ref().is_some_and(says) {
                prop_assert!(field.required);
            }
        }
        let asked: usize = query.credentials().iter().filter(|part| part.id != CONNECTION).map(|part| part.claims.len().max(1)).sum();
        prop_assert_eq!(evaluation.fields.len(), asked, "every field is shown");
        for all in &evaluation.alternatives {
            let defaults = all.options.iter().filter(|option| option.by_default).count();
            prop_assert!(defaults <= 1);
        }
    }

    /// Whatever the rules: what goes by default is part of what would go without them; a remembered answer was given
    /// before; nothing that is kept back goes; and all of it is the same each time.
    #[test]
    fn k3_rules_never_widen_what_is_shared(
        query in any_request(),
        rules in proptest::collection::vec(any_rule(), 0..6),
        with_offer: bool,
        minute in 0..1440i64,
        paused: bool,
    ) {
        let offer = offered(with_offer);
        let rules: Vec<_> = rules.into_iter().zip(0..).map(|(rule, place)| kept(&format!("r{place}"), rule)).collect();
        let plain = evaluate_with(&query, offer.as_ref(), &alices(), &SharedBefore::default());
        let moment = Moment { now: NOW + minute * 60, offset_minutes: 60, paused };
        let judged = book(&rules).judge(plain.clone(), offer.as_ref(), &moment);
        prop_assert_eq!(&judged, &book(&rules).judge(plain.clone(), offer.as_ref(), &moment));
        let before = plain.default_choice();
        prop_assert!(judged.default_choice().iter().all(|field| before.contains(field)));
        let kept_back = |field: &FieldRef| judged.field(field).is_none_or(|field| field.withheld_by.is_some());
        if let Verdict::Remembered { fields, .. } = &judged.verdict {
            prop_assert!(!paused);
            prop_assert!(fields.iter().all(|field| required().contains(field) && !kept_back(field)));
        }
        let fine = |field: &FieldRef| !kept_back(field) && judged.field(field).is_some_and(|field| field.over_asking.is_empty());
        prop_assert!(book(&rules).choice("p", &judged).unwrap_or_default().iter().all(fine));
        for (one, other) in plain.fields.iter().zip(&judged.fields) {
            prop_assert_eq!((one.required, &one.matches), (other.required, &other.matches), "nothing is hidden");
        }
    }
}
