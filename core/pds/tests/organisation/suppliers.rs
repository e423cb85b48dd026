//! A supplier asks for the clinic: the clinic orders, the desk carries, Alice sees both, and the clinic alone opens (T3).

use kist_pds::*;

use crate::world::*;

const DAY: i64 = 86_400;

/// A desk service, admitted; the clinic lets it ask for `uses`. Alice has the newest list.
async fn with_desk(world: &World, uses: &[&str]) -> Organisation {
    let dir = world.folder.path().join("desk");
    let desk = admitted(&world.framework, &dir, &world.clock, "Desk Services").await;
    desk.set_relay(&world.relay.url).await.unwrap();
    mandate(world, &desk, uses).await;
    desk
}

/// The clinic's registration anew, with this mandate.
async fn mandate(world: &World, desk: &Organisation, uses: &[&str]) {
    let mandate = Supplier {
        organisation_id: desk.supplier_card().await.unwrap().organisation_id,
        legal_name: "Desk Services".into(),
        role: "dpv:DataProcessor".into(),
        intended_uses: uses.iter().map(|id| (*id).to_owned()).collect(),
        sealed_to: SealedTo::Organisation,
        from: NOW,
        until: NOW + DAY,
    };
    let spec = ApplicationSpec {
        suppliers: if uses.is_empty() { vec![] } else { vec![mandate] },
        ..application()
    };
    let application = world.clinic.apply(spec).await.unwrap();
    let admission = world.framework.admit(&application).await.unwrap();
    world.clinic.install(admission).await.unwrap();
    newest_list(world).await;
}

async fn newest_list(world: &World) {
    let bundle = world.framework.publish(30).await.unwrap();
    world.alice.trust().add_anchor(bundle).await.unwrap();
}

#[tokio::test]
async fn t3_a_desk_asks_for_the_clinic_which_alone_opens_the_answer() {
    let world = World::new().await;
    let desk = with_desk(&world, &["care"]).await;
    let card = desk.supplier_card().await.unwrap();
    let commission = world.clinic.requests().commission(request(), card).await.unwrap();
    let hosted = desk.requests().carry(commission).await.unwrap();
    assert_eq!(desk.requests().carried(&hosted.id, 0).await.unwrap(), None);

    let seen = world.alice.requests().open(&hosted.uri).await.unwrap();
    let asker = &seen.evaluation.asker;
    assert_eq!(asker.organisation.name, "Riverside Clinic");
    assert_eq!(asker.supplier.as_ref().unwrap().name, "Desk Services");
    assert!(
        seen.evaluation
            .warnings
            .iter()
            .all(|warning| warning.code() != "OverAsking")
    );
    let consent = world.answer(&hosted).await;

    // The desk has the bytes, and nothing that opens them.
    let carried = desk.requests().carried(&hosted.id, 0).await.unwrap().unwrap();
    assert!(!carried.answer.contains("Alice"));
    assert_eq!(desk.requests().collect(&hosted.id, 0).await.unwrap(), None);
    assert_eq!(code(desk.requests().open_carried(carried.clone()).await), "NotFound");
    assert_eq!(desk.agreements().list().await.unwrap(), []);
    assert_eq!(
        desk.requests().list().await.unwrap()[0].organisation.as_deref(),
        Some("Riverside Clinic")
    );

    let answer = world
        .clinic
        .requests()
        .open_carried(carried.clone())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(answer.agreement, Some(consent.clone()));
    assert_eq!(answer.fields.len(), 2);
    // Once is enough, however often it is brought.
    assert_eq!(
        world.clinic.requests().open_carried(carried).await.unwrap().unwrap(),
        answer
    );
    assert_eq!(world.clinic.agreements().list().await.unwrap().len(), 1);
    desk.requests().close(&hosted.id).await.unwrap();

    // From here on it is Alice's and the clinic's alone.
    world.alice.inbox().refresh().await.unwrap();
    let state = world.alice.consents().get(&consent).await.unwrap().summary.state;
    assert_eq!(state, ConsentState::InForce);
    world.deliver(&consent).await;
    assert_eq!(world.alice.inbox().refresh().await.unwrap().len(), 1);
}

#[tokio::test]
async fn t3_the_clinic_orders_within_its_registration_only() {
    let world = World::new().await;
    let desk = with_desk(&world, &["records"]).await;
    let card = desk.supplier_card().await.unwrap();
    let order = async |card| world.clinic.requests().commission(request(), card).await.unwrap_err();
    let refused = order(card.clone()).await;
    assert_eq!(refused.code(), "OrganisationNotTrusted");
    assert_eq!(refused.parameter("reason"), Some(&"NotInMandate".into()));
    assert_eq!(refused.parameter("role"), Some(&"principal".into()));
    let other = SupplierCard {
        organisation_id: "NTRGB-99".into(),
        ..card.clone()
    };
    assert_eq!(order(other).await.parameter("reason"), Some(&"NotASupplier".into()));
    let later = RequestSpec {
        use_id: "records".into(),
        ..request()
    };
    world.clock.forward(DAY + 1);
    let over = world.clinic.requests().commission(later, card).await.unwrap_err();
    assert_eq!(over.parameter("reason"), Some(&"MandateExpired".into()));
}

#[tokio::test]
async fn a22_a_mandate_ends_with_the_next_list() {
    let world = World::new().await;
    let desk = with_desk(&world, &["care"]).await;
    let card = desk.supplier_card().await.unwrap();
    let commission = world.clinic.requests().commission(request(), card).await.unwrap();
    let hosted = desk.requests().carry(commission).await.unwrap();
    let seen = world.alice.requests().open(&hosted.uri).await.unwrap();
    // The clinic parts from its desk while Alice looks at the request.
    world.clock.forward(1);
    mandate(&world, &desk, &[]).await;
    let refused = world
        .alice
        .requests()
        .answer(&seen.id, Decision::required(&seen))
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "OrganisationNotTrusted");
    assert_eq!(refused.parameter("role"), Some(&"principal".into()));
    assert_eq!(desk.requests().carried(&hosted.id, 0).await.unwrap(), None);
}

#[tokio::test]
async fn a18_a_commission_serves_its_own_supplier() {
    let world = World::new().await;
    let desk = with_desk(&world, &["care"]).await;
    let card = desk.supplier_card().await.unwrap();
    let commission = world.clinic.requests().commission(request(), card).await.unwrap();
    let dir = world.folder.path().join("shop");
    let shop = admitted(&world.framework, &dir, &world.clock, "Corner Shop").await;
    shop.set_relay(&world.relay.url).await.unwrap();
    assert_eq!(code(shop.requests().carry(commission).await), "MixUpRefused");
    assert_eq!(shop.requests().list().await.unwrap(), []);
}
