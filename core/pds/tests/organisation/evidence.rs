//! What proves to others what happened: signatures over the history, evidence, receipts.

use kist_pds::*;

use crate::world::*;

async fn agreed(world: &World) -> String {
    let agreement = world.agree().await;
    world.alice.inbox().refresh().await.unwrap();
    agreement
}

#[tokio::test]
async fn k5_the_history_signs_itself_after_a_hundred_entries() {
    let world = World::new().await;
    let agreement = agreed(&world).await;
    assert_eq!(world.alice.history().verify().await.unwrap().checkpoint, None);
    for _ in 0..50 {
        world.alice.consents().pause(&agreement).await.unwrap();
        world.alice.consents().resume(&agreement).await.unwrap();
    }
    world.alice.inbox().refresh().await.unwrap();
    let report = world.alice.history().verify().await.unwrap();
    assert_eq!(report.checkpoint.map(|signed| signed.sequence), Some(report.entries));
}

#[tokio::test]
async fn k5_the_device_signs_where_it_has_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let area = std::sync::Arc::new(SoftwareSecureArea::new(kist_crypto::Secret::new([7; 32])));
    let device = area.signing_key("kist-device").unwrap();
    let platform = Platform {
        kdf_cost: KdfCost::FLOOR,
        secure_area: Some(area),
        ..Platform::desktop("test")
    };
    let alice = Person::create(folder.path(), platform, PASSPHRASE).await.unwrap();
    assert_eq!(code(alice.history().checkpoint().await), "NotFound");
    alice.consents().pause_everything().await.unwrap();
    let signed = alice.history().checkpoint().await.unwrap();
    assert_eq!((signed.sequence, signed.key), (1, device.thumbprint()));
    assert_eq!(
        alice.history().checkpoint().await.unwrap().sequence,
        1,
        "it is signed already"
    );
}

#[tokio::test]
async fn k5_evidence_stands_for_itself() {
    let world = World::new().await;
    let (one, other) = (agreed(&world).await, agreed(&world).await);
    world.alice.consents().withdraw(&other).await.unwrap();
    world.clinic.inbox().refresh().await.unwrap();
    world.alice.inbox().refresh().await.unwrap();
    let bytes = world.alice.history().evidence(Vec::new()).await.unwrap();
    let report = verify_evidence(&bytes).unwrap();
    assert_eq!(
        report.entries,
        world.alice.history().entries().await.unwrap().len() as u64
    );
    assert_eq!(report.agreements.len(), 2);
    let withdrawn = report
        .agreements
        .iter()
        .find(|agreement| agreement.id == other)
        .unwrap();
    assert!(withdrawn.withdrawn_at.is_some() && withdrawn.acknowledged_at.is_some());
    assert!(!String::from_utf8_lossy(&bytes).contains("1990-04-01"), "never a value");
    // One agreement alone.
    let bytes = world.alice.history().evidence(vec![one.clone()]).await.unwrap();
    let named: Vec<String> = verify_evidence(&bytes)
        .unwrap()
        .agreements
        .into_iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(named, [one]);
    assert_eq!(
        code(world.alice.history().evidence(vec!["nothing".into()]).await),
        "NotFound"
    );

    let text = String::from_utf8(bytes).unwrap();
    let changed = text
        .replacen("Refused", "Withdrawn", 1)
        .replacen("Agreed", "Refused", 1);
    assert_ne!(changed, text);
    assert_eq!(code(verify_evidence(changed.as_bytes())), "HistoryBroken");
    assert_eq!(code(verify_evidence(b"{}")), "Malformed");
}

#[tokio::test]
async fn k5_a_receipt_is_verified_with_public_keys_alone() {
    let world = World::new().await;
    let agreement = agreed(&world).await;
    let proof = world.alice.consents().proof(&agreement).await.unwrap();
    let proven = verify_receipt(&proof, None).unwrap();
    assert_eq!(
        (proven.id.as_str(), proven.organisation.as_str()),
        (agreement.as_str(), "Riverside Clinic")
    );
    assert_eq!(proven.fields.len(), 2);

    let parts: serde_json::Value = serde_json::from_slice(&proof).unwrap();
    let part = |name: &str| parts[name]["jws"].as_str().unwrap().to_owned();
    let key = |name: &str| serde_json::to_vec(&parts[name]["key"]).unwrap();
    let (receipt, acceptance, offer) = (part("receipt"), part("acceptance"), part("offer"));
    let clinic = key("offer");
    assert_eq!(verify_receipt(&proof, Some(&clinic)).unwrap(), proven);
    assert_eq!(
        verify_receipt_parts(&receipt, &acceptance, &offer, &clinic).unwrap(),
        proven
    );
    let hers = key("acceptance");
    assert_eq!(code(verify_receipt(&proof, Some(&hers))), "UntrustedKey");
    assert_eq!(
        code(verify_receipt_parts(&receipt, &acceptance, &offer, &hers)),
        "SignatureInvalid"
    );
    assert_eq!(
        code(verify_receipt_parts(&acceptance, &acceptance, &offer, &clinic)),
        "Malformed"
    );

    let unreceipted = world.clinic.requests().create(request()).await.unwrap();
    let waiting = world.answer(&unreceipted).await;
    let proof = world.alice.consents().proof(&waiting).await.unwrap();
    assert_eq!(code(verify_receipt(&proof, None)), "NotFound");
    let page = world
        .alice
        .consents()
        .receipt_page(&waiting, PageWords::default())
        .await;
    assert_eq!(code(page), "NotFound");
}

#[tokio::test]
async fn k2_a_receipt_is_a_page_that_runs_and_fetches_nothing() {
    let world = World::new().await;
    let evil = "</dd><script>alert(1)</script><img src=x onerror='a' \">&";
    let dir = world.folder.path().join("evil");
    let clinic = admitted(&world.framework, &dir, &world.clock, evil).await;
    clinic.set_relay(&world.relay.url).await.unwrap();
    let bundle = world.framework.publish(30).await.unwrap();
    world.alice.trust().add_anchor(bundle).await.unwrap();
    let hosted = clinic.requests().create(request()).await.unwrap();
    let consent = world.answer(&hosted).await;
    clinic.requests().collect(&hosted.id, 0).await.unwrap().unwrap();
    world.alice.inbox().refresh().await.unwrap();
    let words = [
        ("language", "he"),
        ("dir", "rtl"),
        ("title", evil),
        ("required", "!"),
        ("field.given_name", "Name"),
    ];
    let words = words.map(|(key, word)| (key.to_owned(), word.to_owned()));
    let page = world
        .alice
        .consents()
        .receipt_page(&consent, PageWords(words.into()))
        .await
        .unwrap();
    assert!(
        page.starts_with("<!DOCTYPE html>\n<html lang=\"he\" dir=\"rtl\">"),
        "{page}"
    );
    for harm in ["<script", "<img", "onerror='", "href=", "src=\"", "url("] {
        assert!(!page.contains(harm), "{harm}");
    }
    for said in [
        "&lt;script&gt;alert(1)",
        "Name (!)",
        "To register you as a patient",
        "https://clinic.example/privacy",
        "P2Y",
    ] {
        assert!(page.contains(said), "{said} is not in {page}");
    }
}
