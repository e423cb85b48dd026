//! Kist's own formats, pinned: every output here follows from a seed, and is compared with tests/vectors/crypto.
//! `KIST_BLESS=1` writes the file anew, which is right only when a format's version has changed.
#![allow(clippy::unwrap_used)]

use kist_crypto::slots::{KdfCost, Slot, WrappedRoot};
use kist_crypto::testing::SeededRandom;
use kist_crypto::{
    Context, Error, Purpose, RecoveryCode, RootKey, SealingKey, Secret, SoftwareSecureArea, base64url, hpke, jwe, jws,
};
use serde_json::{Value, json};

const STORE: [u8; 16] = *b"a store of tests";

fn root() -> RootKey {
    RootKey::from_parts(3, Secret::new(*b"thirty-two bytes of a root key!!"))
}

fn formats() -> Value {
    let purposes: Vec<Value> = Purpose::ALL
        .iter()
        .map(|&purpose| json!({ "label": purpose.label(), "key": base64url(root().derive(purpose).expose()) }))
        .collect();
    let context = Context {
        label: "kist/2026-11/example",
        version: 7,
        fields: &[b"id", &5u32.to_be_bytes()],
    };
    let sealing_key = SealingKey::new(Secret::new([9; 32]));
    let code = RecoveryCode::generate(&mut SeededRandom::new(2));
    let passphrase_slot = Slot::passphrase(
        &root(),
        "correct horse",
        KdfCost::FLOOR,
        None,
        &STORE,
        &mut SeededRandom::new(4),
    )
    .unwrap();
    let receiver = hpke::PrivateKey::generate(&mut SeededRandom::new(5));
    json!({
        "root": { "secret": base64url(root().secret().expose()), "derived": purposes,
                  "chunk_boundary_seed": root().chunk_boundary_seed().to_string() },
        "context": base64url(context.encode()),
        "envelope": { "key": base64url([9; 32]),
                      "sealed": base64url(sealing_key.seal(&context, b"plain", &mut SeededRandom::new(1))) },
        "recovery": { "code": code.reveal(), "locator": base64url(code.locator()),
                      "login_key": code.login_key().public().thumbprint(),
                      "wrapped": WrappedRoot::wrap(&root(), &code.wrapping_key(), b"recovery", &mut SeededRandom::new(3)) },
        "passphrase_slot": passphrase_slot,
        "hpke": { "receiver": base64url(receiver.secret().expose()),
                  "sealed": base64url(hpke::seal(&receiver.public(), b"info", b"aad", b"plain", &mut SeededRandom::new(6))) },
    })
}

#[test]
fn formats_are_what_the_vectors_say() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/vectors/crypto/formats.json");
    if std::env::var_os("KIST_BLESS").is_some() {
        std::fs::write(path, serde_json::to_string_pretty(&formats()).unwrap() + "\n").unwrap();
    }
    let pinned: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(formats(), pinned);
}

#[test]
fn the_pinned_slots_open() {
    let pinned: Value = serde_json::from_str(include_str!("../../../tests/vectors/crypto/formats.json")).unwrap();
    let slot: Slot = serde_json::from_value(pinned["passphrase_slot"].clone()).unwrap();
    assert_eq!(
        slot.open_with_passphrase("correct horse", None, &STORE)
            .unwrap()
            .unwrap(),
        root()
    );
    let wrong = slot.open_with_passphrase("correct house", None, &STORE).unwrap();
    assert_eq!(wrong.unwrap_err(), Error::KeyMismatch);
    let other_store = slot.open_with_passphrase("correct horse", None, &[0; 16]).unwrap();
    assert_eq!(other_store.unwrap_err(), Error::AuthenticationFailed);

    let code: RecoveryCode = pinned["recovery"]["code"].as_str().unwrap().parse().unwrap();
    let wrapped: WrappedRoot = serde_json::from_value(pinned["recovery"]["wrapped"].clone()).unwrap();
    assert_eq!(wrapped.unwrap(&code.wrapping_key(), b"recovery").unwrap(), root());
    let another = RecoveryCode::generate(&mut SeededRandom::new(99));
    assert_eq!(
        wrapped.unwrap(&another.wrapping_key(), b"recovery").unwrap_err(),
        Error::KeyMismatch
    );
}

#[test]
fn a6_every_flipped_byte_of_an_envelope_is_refused() {
    let key = SealingKey::new(Secret::new([1; 32]));
    let context = Context {
        label: "kist/2026-11/example",
        version: 1,
        fields: &[b"field"],
    };
    let sealed = key.seal(&context, b"some plaintext", &mut SeededRandom::new(1));
    for position in 0..sealed.len() {
        let mut broken = sealed.clone();
        broken[position] ^= 0x40;
        assert!(key.open(&context, &broken).is_err(), "byte {position}");
        assert!(key.open(&context, &sealed[..position]).is_err(), "cut at {position}");
    }
    assert_eq!(key.open(&context, &sealed).unwrap().expose(), b"some plaintext");
}

#[test]
fn a5_an_envelope_opens_under_its_own_context_alone() {
    let key = SealingKey::new(Secret::new([1; 32]));
    let context = |version, fields| Context {
        label: "kist/2026-11/example",
        version,
        fields,
    };
    let sealed = key.seal(&context(1, &[b"ab", b"c"]), b"plain", &mut SeededRandom::new(1));
    for other in [
        context(1, &[b"a", b"bc"]),
        context(2, &[b"ab", b"c"]),
        context(1, &[b"abc"]),
        context(1, &[]),
    ] {
        assert_eq!(key.open(&other, &sealed).unwrap_err(), Error::AuthenticationFailed);
    }
}

#[test]
fn a9_a_cost_outside_the_policy_is_refused_before_deriving() {
    for cost in [
        KdfCost {
            memory_kib: 8,
            ..KdfCost::FLOOR
        },
        KdfCost {
            passes: 1,
            ..KdfCost::FLOOR
        },
        KdfCost {
            memory_kib: u32::MAX,
            ..KdfCost::FLOOR
        },
        KdfCost {
            passes: u32::MAX,
            ..KdfCost::FLOOR
        },
        KdfCost {
            lanes: 0,
            ..KdfCost::FLOOR
        },
    ] {
        let made = Slot::passphrase(&root(), "p", cost, None, &STORE, &mut SeededRandom::new(1));
        assert_eq!(made.unwrap_err(), Error::KdfPolicyViolation);
        let good = Slot::passphrase(&root(), "p", KdfCost::FLOOR, None, &STORE, &mut SeededRandom::new(1)).unwrap();
        let mut stored = serde_json::to_value(good).unwrap();
        stored["cost"] = serde_json::to_value(cost).unwrap();
        let slot: Slot = serde_json::from_value(stored).unwrap();
        assert_eq!(
            slot.open_with_passphrase("p", None, &STORE).unwrap().unwrap_err(),
            Error::KdfPolicyViolation
        );
    }
}

#[test]
fn a7_a_substituted_wrapped_root_is_a_key_mismatch() {
    let (area, other) = (
        SoftwareSecureArea::new(Secret::new([1; 32])),
        SoftwareSecureArea::new(Secret::new([2; 32])),
    );
    let mine = Slot::device(&root(), &area, &STORE, &mut SeededRandom::new(1)).unwrap();
    let theirs = Slot::device(&root(), &other, &STORE, &mut SeededRandom::new(2)).unwrap();
    let mut mixed = serde_json::to_value(&mine).unwrap();
    mixed["root"] = serde_json::to_value(&theirs).unwrap()["root"].clone();
    let mixed: Slot = serde_json::from_value(mixed).unwrap();
    assert_eq!(
        mixed.open_with_device(&area, &STORE).unwrap().unwrap_err(),
        Error::KeyMismatch
    );
    assert_eq!(mine.open_with_device(&area, &STORE).unwrap().unwrap(), root());
    assert!(mine.open_with_device(&other, &STORE).unwrap().is_err());
}

#[test]
fn a_passphrase_slot_with_a_platform_secret_needs_the_platform() {
    let area = SoftwareSecureArea::new(Secret::new([1; 32]));
    let slot = Slot::passphrase(
        &root(),
        "p",
        KdfCost::FLOOR,
        Some(&area),
        &STORE,
        &mut SeededRandom::new(1),
    )
    .unwrap();
    assert_eq!(
        slot.open_with_passphrase("p", Some(&area), &STORE).unwrap().unwrap(),
        root()
    );
    assert_eq!(
        slot.open_with_passphrase("p", None, &STORE)
            .unwrap()
            .unwrap_err()
            .code(),
        "PlatformKey"
    );
}

#[test]
fn a_mistyped_symbol_of_a_recovery_code_names_its_group() {
    let code = RecoveryCode::generate(&mut SeededRandom::new(8));
    let text = code.reveal();
    assert_eq!(text.len(), 7 * 5 + 6);
    for (position, symbol) in text.char_indices().filter(|(_, symbol)| *symbol != '-') {
        let replacement = if symbol == '7' { '8' } else { '7' };
        let mut typed = text.clone();
        typed.replace_range(position..=position, &replacement.to_string());
        let group = Some((position / 6) as u8 + 1);
        assert_eq!(
            typed.parse::<RecoveryCode>().unwrap_err(),
            Error::RecoveryCodeMistyped { group }
        );
    }
    assert_eq!(
        text.to_lowercase()
            .replace('-', " ")
            .replace('0', "o")
            .parse::<RecoveryCode>()
            .unwrap(),
        code
    );
    assert_eq!(
        text[..20].parse::<RecoveryCode>().unwrap_err(),
        Error::RecoveryCodeMistyped { group: Some(4) }
    );
    let (first, rest) = text.split_once('-').unwrap();
    let (second, rest) = rest.split_once('-').unwrap();
    assert!(
        format!("{second}-{first}-{rest}").parse::<RecoveryCode>().is_err(),
        "groups in the wrong order"
    );
}

#[test]
fn jwe_opens_for_its_recipient_and_for_nobody_else() {
    let mut rng = SeededRandom::new(1);
    let (key, other) = (
        kist_crypto::es256::SigningKey::generate(&mut rng),
        kist_crypto::es256::SigningKey::generate(&mut rng),
    );
    for enc in [jwe::ContentEncryption::A128GCM, jwe::ContentEncryption::A256GCM] {
        let parameters = jwe::Parameters {
            enc,
            kid: Some("k1"),
            apu: b"u",
            apv: b"v",
        };
        let sealed = jwe::encrypt(&key.public(), &parameters, b"answer", &mut rng);
        assert_eq!(jwe::peek(&sealed).unwrap().kid.as_deref(), Some("k1"));
        assert_eq!(jwe::decrypt(&key, &sealed).unwrap().1.expose(), b"answer");
        assert_eq!(jwe::decrypt(&other, &sealed).unwrap_err(), Error::AuthenticationFailed);
        for position in 0..sealed.len() {
            let mut broken = sealed.clone().into_bytes();
            broken[position] = if broken[position] == b'A' { b'B' } else { b'A' };
            assert!(
                jwe::decrypt(&key, &String::from_utf8(broken).unwrap()).is_err(),
                "byte {position}"
            );
        }
    }
}

#[test]
fn a10_a_jws_of_another_algorithm_is_refused() {
    let key = kist_crypto::es256::SigningKey::generate(&mut SeededRandom::new(1));
    let compact = jws::Unsigned::new(serde_json::Map::new(), b"{}").sign(&key);
    jws::parse(&compact).unwrap().verify(&key.public()).unwrap();
    let (_, rest) = compact.split_once('.').unwrap();
    for header in [
        json!({"alg": "none"}),
        json!({"alg": "HS256"}),
        json!({"alg": "ES256", "crit": ["x"]}),
        json!({}),
    ] {
        let forged = format!("{}.{rest}", base64url(header.to_string()));
        assert_eq!(jws::parse(&forged).unwrap_err(), Error::UnsupportedAlgorithm);
    }
}

#[test]
fn secrets_print_as_an_ellipsis() {
    let code = RecoveryCode::generate(&mut SeededRandom::new(1));
    let printed = format!("{:?} {:?} {:?}", root(), code, SealingKey::new(Secret::new([7; 32])));
    assert!(
        printed.contains('…') && !printed.contains("thirty") && !printed.contains("[7, 7"),
        "{printed}"
    );
}
