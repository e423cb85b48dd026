//! K6: reports about requests that nothing was agreed on: refused, or waiting still.

use kist_crypto::{base64url, from_base64url, sha256};
use kist_pds::*;
use serde_json::{Value, json};

use crate::world::*;

const DAY: i64 = 24 * 60 * 60;

/// A request for a family name too, which the clinic never registered.
fn greedy() -> RequestSpec {
    let mut spec = request();
    spec.fields.push(field("surname", NAME, "family_name", true));
    spec
}

async fn opens(world: &World, spec: RequestSpec) -> OpenRequest {
    let hosted = world.clinic.requests().create(spec).await.unwrap();
    world.alice.requests().open(&hosted.uri).await.unwrap()
}

/// Ends Alice's process, and begins another on her folder.
async fn restart_alice(world: &mut World) {
    let elsewhere = tempfile::tempdir().unwrap();
    let placeholder = Person::create(elsewhere.path(), platform(&world.clock), PASSPHRASE).await;
    drop(std::mem::replace(&mut world.alice, placeholder.unwrap()));
    let opened = Person::open(&world.folder.path().join("alice"), platform(&world.clock), PASSPHRASE).await;
    world.alice = opened.unwrap();
}

/// Everything that whoever has the document reads: its text, and what is in its base64, however deep.
fn all_that_it_says(text: &str, said: &mut String) {
    said.push_str(text);
    for part in text.split(|symbol: char| !symbol.is_ascii_alphanumeric() && symbol != '-' && symbol != '_') {
        if let Ok(Ok(inner)) = from_base64url(part).map(String::from_utf8)
            && inner.len() > 8
        {
            all_that_it_says(&inner, said);
        }
    }
}

fn said(document: &Value) -> String {
    let mut said = String::new();
    all_that_it_says(&document.to_string(), &mut said);
    said
}

#[tokio::test]
async fn k6_a_refused_request_is_reported_after_a_restart_and_an_expulsion_and_opens_nothing() {
    let mut world = World::new().await;
    let open = opens(&world, greedy()).await;
    world.clock.forward(60);
    world.alice.requests().refuse(&open.id).await.unwrap();
    world.framework.expel("NTRGB-16").await.unwrap();
    let bundle = world.framework.publish(30).await.unwrap();
    world
        .alice
        .trust()
        .update_list("Health Framework", &bundle.list)
        .await
        .unwrap();
    restart_alice(&mut world).await;

    let [refused] = &world.alice.requests().refused().await.unwrap()[..] else {
        panic!("one was refused")
    };
    assert_eq!((&refused.id, refused.over_asking), (&open.id, true));
    assert_eq!(
        (refused.refused_at, refused.kept_until),
        (NOW + 60, NOW + 60 + 90 * DAY)
    );
    let rights = world.alice.rights();
    let head = world.alice.history().verify().await.unwrap();
    let report = rights
        .report_request(&open.id, Some("They need no surname".into()))
        .await
        .unwrap();
    assert_eq!(report.subject, ReportSubject::Request(open.id.clone()));
    assert_eq!(report.authority.as_ref().unwrap().uri, "https://ico.example/");

    let document = rights.report_document(&report.id).await.unwrap();
    let asked = &document["request"];
    assert_eq!(document["organisation"]["name"], "Riverside Clinic");
    assert_eq!(
        (&asked["seen_at"], &asked["refused_at"]),
        (&json!(NOW), &json!(NOW + 60))
    );
    assert_eq!(asked["purposes"][0]["legal_basis"], "eu-gdpr:A6-1-a");
    let too_much: Vec<(&Value, &Value)> = asked["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| (&field["field"], &field["over_asking"]))
        .collect();
    assert_eq!(too_much.len(), 4, "all that was asked");
    assert_eq!(too_much[0].1, &json!([]));
    assert_eq!(
        too_much[3],
        (&json!("surname:[\"family_name\"]"), &json!(["NotRegistered"]))
    );
    assert_eq!(document["history"]["hash"], json!(head.head));
    let signature = &asked["signature"];
    assert!(signature["digest"].is_string() && signature["signature"].is_string());
    let everything = said(&document);
    assert!(
        everything.contains("oauth-authz-req+jwt"),
        "the certificate that signed"
    );
    assert!(everything.contains("intended_uses"), "what it registered");
    for key in ["send_token", "response_uri", "nonce", &world.relay.url, "Archer"] {
        assert!(!everything.contains(key), "{key}");
    }
    assert_eq!(asked["request"], Value::Null, "it names a mailbox");

    // Whoever asks for it gets what the digest is of, from her.
    let whole = rights.reported_request(&report.id).await.unwrap();
    let (signed, _) = whole.rsplit_once('.').unwrap();
    assert_eq!(signature["digest"], json!(base64url(sha256(&[signed.as_bytes()]))));

    let page = rights.report_page(&report.id, PageWords::default()).await.unwrap();
    for told in [
        "ICO",
        "Riverside Clinic",
        "To register you as a patient",
        "family_name",
        "NotRegistered",
        "2026-11-23 12:01 UTC",
        "They need no surname",
        signature["digest"].as_str().unwrap(),
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    let last: Value = json!(world.alice.history().entries().await.unwrap().last().unwrap().event);
    assert_eq!(
        (&last["type"], &last["right"], &last["request"], &last["agreement"]),
        (
            &json!("RightsRequested"),
            &json!("eu-gdpr:A77"),
            &json!(report.id),
            &Value::Null
        )
    );
    let sent = rights.report_sent(&report.id, None).await.unwrap();
    assert_eq!(rights.reports().await.unwrap(), [sent]);
}

#[tokio::test]
async fn k6_a_request_that_waits_is_reported_and_shown_whole_only_when_nobody_can_answer_it_any_more() {
    let world = World::new().await;
    let single = RequestSpec {
        plain: true,
        ..greedy()
    };
    let open = opens(&world, single).await;
    let rights = world.alice.rights();
    let reported = async || {
        let report = rights.report_request(&open.id, None).await.unwrap();
        rights.report_document(&report.id).await.unwrap()
    };
    let document = reported().await;
    assert_eq!(
        (&document["request"]["refused_at"], &document["request"]["request"]),
        (&Value::Null, &Value::Null)
    );
    assert!(!said(&document).contains("response_uri"), "it can be answered still");
    world.alice.requests().refuse(&open.id).await.unwrap();
    world.clock.forward(10 * 60 + 61);
    let document = reported().await;
    let request = document["request"]["request"].as_str().unwrap();
    let signature = &document["request"]["signature"];
    assert!(request.starts_with(signature["header"].as_str().unwrap()));
    assert!(request.ends_with(signature["signature"].as_str().unwrap()));
}

#[tokio::test]
async fn k6_of_refused_requests_the_newest_hundred_are_kept_and_none_beyond_ninety_days() {
    let world = World::new().await;
    let single = || RequestSpec {
        plain: true,
        ..request()
    };
    let mut all = Vec::new();
    for _ in 0..101 {
        world.clock.forward(1);
        let open = opens(&world, single()).await;
        world.alice.requests().refuse(&open.id).await.unwrap();
        all.insert(0, open.id);
    }
    let oldest = all.pop().unwrap();
    let kept = async || -> Vec<String> {
        let refused = world.alice.requests().refused().await.unwrap();
        refused.into_iter().map(|request| request.id).collect()
    };
    assert_eq!(kept().await, all);
    assert_eq!(
        code(world.alice.rights().report_request(&oldest, None).await),
        "NotFound"
    );
    world.clock.forward(90 * DAY);
    assert_eq!(kept().await, all[..1], "refused ninety days ago");
    world.clock.forward(1);
    assert_eq!(kept().await.len(), 0);
    assert_eq!(
        code(world.alice.rights().report_request(&all[0], None).await),
        "NotFound"
    );
    world.alice.requests().pending().await.unwrap();
    world.clock.forward(-DAY);
    assert_eq!(kept().await.len(), 0, "they were cleared away, and not only hidden");
}

#[tokio::test]
async fn k6_there_is_nothing_to_report_about_a_request_that_was_never_seen_and_a_note_has_an_end() {
    let world = World::new().await;
    let rights = world.alice.rights();
    assert_eq!(code(rights.report_request("nothing", None).await), "NotFound");
    let open = opens(&world, greedy()).await;
    let long = "x".repeat(16 * 1024 + 1);
    assert_eq!(code(rights.report_request(&open.id, Some(long)).await), "TooLarge");
    assert_eq!(rights.reports().await.unwrap(), []);
}

#[test]
fn k6_a_report_that_was_kept_before_requests_were_reported_reads_still() {
    let kept = json!({
        "id": "1", "organisation": "Quick Loans Ltd", "organisation_id": "NTRGB-4001", "consent": "abc",
        "authority": null, "made_at": NOW, "sent_at": null, "sent_note": null,
    });
    let report: Report = serde_json::from_value(kept.clone()).unwrap();
    assert_eq!(report.subject, ReportSubject::Consent("abc".into()));
    assert_eq!(json!(report), kept);
}
