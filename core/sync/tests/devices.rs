//! The device list: whatever is done to it in order holds, and nothing else does.

#![allow(clippy::unwrap_used)]

use kist_crypto::RootKey;
use kist_crypto::es256::SigningKey;
use kist_crypto::slots::KdfCost;
use kist_crypto::testing::SeededRandom;
use kist_sync::{
    Device, DeviceAction, DeviceList, DeviceRole, FORMAT, Head, LogPosition, MAX_CHANGES, MAX_DEVICE_NAME,
};
use kist_wire::{DeviceId, VaultId};
use proptest::prelude::*;

const NOW: i64 = 1_793_491_200;

fn vault() -> VaultId {
    VaultId::from([1; 32])
}

fn key(number: u8) -> SigningKey {
    SigningKey::generate(&mut SeededRandom::new(u64::from(number)))
}

fn id(number: u8) -> DeviceId {
    DeviceId::from([number; 16])
}

fn device(number: u8) -> Device {
    Device::new(
        id(number),
        &key(number).public(),
        DeviceRole::Device,
        &format!("device {number}"),
    )
}

fn begin() -> DeviceList {
    DeviceList::begin(&vault(), device(0), NOW, &|message| Ok(key(0).sign(message))).unwrap()
}

/// Adds or removes, as `by` signs.
fn step(list: &mut DeviceList, add: bool, number: u8, by: u8) -> bool {
    let sign = |message: &[u8]| Ok(key(by).sign(message));
    let done = if add {
        list.add(&vault(), device(number), NOW, id(by), &sign)
    } else {
        list.remove(&vault(), &id(number), NOW, id(by), &sign)
    };
    match done {
        Ok(()) => true,
        Err(error) => {
            assert_eq!(error.code(), "UntrustedKey");
            false
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a8_a_list_holds_those_whom_a_listed_device_added(
        steps in proptest::collection::vec((any::<bool>(), 0u8..6, 0u8..6), 0..12),
    ) {
        let mut list = begin();
        let mut model: Vec<u8> = vec![0];
        let mut ever: Vec<u8> = vec![0];
        for (add, number, by) in steps {
            let may = model.contains(&by) && if add { !ever.contains(&number) } else { model.contains(&number) };
            prop_assert_eq!(step(&mut list, add, number, by), may);
            if may && add {
                model.push(number);
                ever.push(number);
            } else if may {
                model.retain(|other| *other != number);
            }
        }
        let active: Vec<DeviceId> = list.all_active().iter().map(|device| device.id).collect();
        prop_assert_eq!(active, model.iter().map(|number| id(*number)).collect::<Vec<_>>());
        prop_assert!(list.verify(&vault(), &key(0).public()).is_ok());
        prop_assert!(list.verify(&VaultId::from([2; 32]), &key(0).public()).is_err());
        prop_assert!(list.verify(&vault(), &key(1).public()).is_err());
    }

    #[test]
    fn a8_changes_left_out_or_exchanged_are_noticed(count in 2u8..6, at in 0usize..6, with in 0usize..6, drop: bool) {
        let mut list = begin();
        for number in 1..count {
            prop_assert!(step(&mut list, true, number, number - 1));
        }
        let mut json = serde_json::to_value(&list).unwrap();
        let changes = json["changes"].as_array_mut().unwrap();
        let (at, with) = (at % changes.len(), with % changes.len());
        if drop && at + 1 < changes.len() {
            changes.remove(at);
        } else if at != with {
            changes.swap(at, with);
        } else {
            return Ok(());
        }
        let changed: DeviceList = serde_json::from_value(json).unwrap();
        prop_assert_eq!(changed.verify(&vault(), &key(0).public()).unwrap_err().code(), "UntrustedKey");
    }
}

#[test]
fn a8_an_id_is_sixteen_bytes() {
    let long = Device::new(DeviceId::from([3; 32]), &key(3).public(), DeviceRole::Device, "long");
    let refused = begin().add(&vault(), long, NOW, id(0), &|message| Ok(key(0).sign(message)));
    assert_eq!(refused.unwrap_err().code(), "UntrustedKey");
}

#[test]
fn a8_a_recovery_code_begins_no_list() {
    let code = Device::new(id(0), &key(0).public(), DeviceRole::Recovery, "recovery");
    let refused = DeviceList::begin(&vault(), code, NOW, &|message| Ok(key(0).sign(message)));
    assert_eq!(refused.unwrap_err().code(), "UntrustedKey");
}

#[test]
fn a_platform_key_that_does_not_sign_is_its_own_error() {
    let refused = |_: &[u8]| {
        Err(kist_crypto::Error::PlatformKey {
            state: kist_crypto::PlatformKeyState::Locked,
        })
    };
    let failed = DeviceList::begin(&vault(), device(0), NOW, &refused).unwrap_err();
    assert_eq!(failed.code(), "PlatformKey");
}

#[test]
fn a_full_list_with_a_log_each_fits_the_largest_head() {
    let mut list = begin();
    let name = "ë".repeat(100);
    for number in 1..MAX_CHANGES as u8 {
        let device = Device::new(id(number), &key(number).public(), DeviceRole::Device, &name);
        assert_eq!(device.name.len(), MAX_DEVICE_NAME);
        list.add(&vault(), device, NOW, id(0), &|message| Ok(key(0).sign(message)))
            .unwrap();
    }
    let one_more = list.add(&vault(), device(200), NOW, id(0), &|message| Ok(key(0).sign(message)));
    assert_eq!(one_more.unwrap_err().code(), "TooLarge");
    assert!(list.changes().iter().all(|change| change.action == DeviceAction::Added));
    let head = Head {
        sequence: u64::MAX,
        previous: [255; 32],
        logs: (0..MAX_CHANGES as u8)
            .map(|number| {
                (
                    id(number),
                    LogPosition {
                        count: u64::MAX,
                        last: [255; 32],
                    },
                )
            })
            .collect(),
        manifest: [255; 32],
        devices: list,
        min_format: FORMAT,
        kdf_floor: KdfCost::FLOOR,
        made_at: i64::MIN,
        device_name: name,
    };
    let mut rng = SeededRandom::new(1);
    let root = RootKey::generate(1, &mut rng);
    let bytes = head
        .seal(&vault(), &id(0), &root, &|message| Ok(key(0).sign(message)), &mut rng)
        .unwrap();
    assert!(bytes.len() <= kist_wire::limits::HEAD_BYTES as usize, "{}", bytes.len());
    assert_eq!(
        Head::open(&bytes, &vault(), &root, &key(0).public()).unwrap().head,
        head
    );
}
