//! Profile and admission.

use kist_pds::*;

use crate::world::*;

type Change = fn(&mut OrganisationProfile);

#[tokio::test]
async fn t1_only_an_own_and_valid_admission_serves() {
    let world = World::new().await;
    let dir = world.folder.path().join("shop");
    let shop = Organisation::create(&dir, platform(&world.clock), PASSPHRASE, profile("Corner Shop"))
        .await
        .unwrap();
    shop.set_relay(&world.relay.url).await.unwrap();
    assert_eq!(code(shop.requests().create(request()).await), "NotFound");

    let application = world.clinic.apply(application()).await.unwrap();
    let of_the_clinic = world.framework.admit(&application).await.unwrap();
    assert_eq!(code(shop.install(of_the_clinic.clone()).await), "UntrustedKey");
    let newer = Admission {
        kist_admission: 2,
        ..of_the_clinic.clone()
    };
    assert_eq!(code(world.clinic.install(newer).await), "DowngradeRefused");
    world.clinic.install(of_the_clinic).await.unwrap();

    world.clock.forward(366 * 86_400);
    assert_eq!(
        code(world.clinic.requests().create(request()).await),
        "OrganisationNotTrusted"
    );
}

#[tokio::test]
async fn t1_a_profile_that_no_offer_can_be_made_of_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new().await;
    let cases: [(&str, Change); 4] = [
        ("privacy_notice", |profile| {
            profile.privacy_notice = "http://clinic.example".into()
        }),
        ("terms", |profile| profile.terms.sha256 = "short".into()),
        ("storage", |profile| profile.storage.clear()),
        ("address", |profile| profile.address = " ".into()),
    ];
    for (part, change) in cases {
        let mut profile = profile("Corner Shop");
        change(&mut profile);
        let refused = Organisation::create(folder.path(), platform(&world.clock), PASSPHRASE, profile).await;
        let Err(refused) = refused else { panic!("{part}") };
        assert_eq!(refused.parameter("what"), Some(&Parameter::Word(part.into())));
    }
    assert!(!Organisation::exists(folder.path()));
}
