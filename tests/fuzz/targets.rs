//! The targets, each with valid inputs to begin with.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use kist_channel::{Connection, OwnMailbox};
use kist_consent::history::HistoryEntry;
use kist_consent::{Acknowledgement, Agreement, AmendmentAcknowledgement, Offer, Receipt, Signed, Withdrawal};
use kist_crypto::es256::SigningKey;
use kist_crypto::slots::Slot;
use kist_crypto::testing::SeededRandom;
use kist_crypto::{Context, RecoveryCode, RootKey, SealingKey, Secret, hpke, jwe, jws};
use kist_exchange::{CodePurpose, Commission, RequestLink, TransportPolicy, qr};
use kist_identity::{Credential, SelfAssertedOnly, dcql};
use kist_sync::{BackupState, Entry, Head, LogPosition, Recovered};
use kist_trust::framework::{Application, FrameworkState, LogEntry};
use kist_trust::{
    Anchor, AnchorKind, Certificate, Registration, SignedTerms, Subject, TrustList, Usage, certificate, validate_path,
};
use kist_vault::Change;
use kist_wire::{MailboxId, Token, VaultId, decode_frames};
use serde_json::{Map, Value};

const NOW: i64 = 1_795_435_200;

pub(crate) fn key() -> &'static SigningKey {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    KEY.get_or_init(|| SigningKey::generate(&mut SeededRandom::new(1)))
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every string of a file of vectors, whatever it is: each parser picks what it can use.
fn strings(json: &str) -> Vec<Vec<u8>> {
    fn collect(value: &Value, into: &mut Vec<Vec<u8>>) {
        match value {
            Value::String(text) if text.len() > 3 => into.push(text.clone().into_bytes()),
            Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
            Value::Object(members) => members.values().for_each(|item| collect(item, into)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    collect(&serde_json::from_str(json).unwrap(), &mut found);
    found
}

pub(crate) fn jws_seeds() -> Vec<Vec<u8>> {
    let mut seeds = strings(include_str!("../vectors/consent/agreement.json"));
    seeds.extend(strings(include_str!("../vectors/trust/formats.json")));
    seeds.retain(|seed| seed.iter().filter(|byte| **byte == b'.').count() == 2);
    seeds
}

pub(crate) fn jws(bytes: &[u8]) {
    if let Ok(parsed) = jws::parse(&text(bytes)) {
        let _ = parsed.verify(&key().public());
    }
}

pub(crate) fn jwe_seeds() -> Vec<Vec<u8>> {
    let parameters = jwe::Parameters {
        enc: jwe::ContentEncryption::A128GCM,
        kid: Some("k"),
        apu: b"",
        apv: b"",
    };
    vec![
        jwe::encrypt(
            &key().public(),
            &parameters,
            b"{\"vp_token\":{}}",
            &mut SeededRandom::new(2),
        )
        .into_bytes(),
    ]
}

pub(crate) fn jwe(bytes: &[u8]) {
    let _ = jwe::peek(&text(bytes));
    let _ = jwe::decrypt(key(), &text(bytes));
}

const CONTEXT: Context<'static> = Context {
    label: "kist/2026-11/fuzz",
    version: 1,
    fields: &[],
};

pub(crate) fn envelope_seeds() -> Vec<Vec<u8>> {
    vec![SealingKey::new(Secret::new([1; 32])).seal(&CONTEXT, b"plain", &mut SeededRandom::new(1))]
}

pub(crate) fn envelope(bytes: &[u8]) {
    let _ = SealingKey::new(Secret::new([1; 32])).open(&CONTEXT, bytes);
}

fn receiver() -> hpke::PrivateKey {
    hpke::PrivateKey::generate(&mut SeededRandom::new(3))
}

pub(crate) fn hpke_seeds() -> Vec<Vec<u8>> {
    vec![hpke::seal(
        &receiver().public(),
        b"info",
        b"",
        b"plain",
        &mut SeededRandom::new(4),
    )]
}

pub(crate) fn hpke(bytes: &[u8]) {
    let _ = hpke::open(&receiver(), b"info", b"", bytes);
    let _ = hpke::PublicKey::from_bytes(bytes);
}

pub(crate) fn recovery_code_seeds() -> Vec<Vec<u8>> {
    (0..8)
        .map(|seed| {
            RecoveryCode::generate(&mut SeededRandom::new(seed))
                .reveal()
                .into_bytes()
        })
        .collect()
}

pub(crate) fn recovery_code(bytes: &[u8]) {
    let _ = text(bytes).parse::<RecoveryCode>();
}

pub(crate) fn key_slot_seeds() -> Vec<Vec<u8>> {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/crypto/formats.json")).unwrap();
    vec![vectors["passphrase_slot"].to_string().into_bytes()]
}

/// Without the passphrase's derivation, which is slow by design: the policy is checked before it, and that is tested apart.
pub(crate) fn key_slots(bytes: &[u8]) {
    let Ok(slot) = serde_json::from_slice::<Slot>(bytes) else {
        return;
    };
    if let Slot::Passphrase { root, cost, .. } = slot {
        let _ = cost.check();
        let wrapping_key = RecoveryCode::generate(&mut SeededRandom::new(1)).wrapping_key();
        let _ = root.unwrap(&wrapping_key, b"fuzz");
    }
}

pub(crate) fn sd_jwt_seeds() -> Vec<Vec<u8>> {
    let mut seeds = strings(include_str!("../vectors/sd-jwt/kist.json"));
    seeds.extend(strings(include_str!("../vectors/sd-jwt/kist-self-asserted.json")));
    seeds.extend(strings(include_str!("../vectors/sd-jwt/peer-npm.json")));
    seeds.retain(|seed| seed.contains(&b'~'));
    seeds
}

pub(crate) fn sd_jwt(bytes: &[u8]) {
    let _ = Credential::parse_and_verify(&text(bytes), &SelfAssertedOnly, NOW);
    let _ = Credential::from_bytes(bytes);
}

pub(crate) fn dcql_seeds() -> Vec<Vec<u8>> {
    let cases: Value = serde_json::from_str(include_str!("../vectors/dcql/cases.json")).unwrap();
    fn queries(value: &Value, into: &mut Vec<Vec<u8>>) {
        match value {
            Value::Object(members) if members.contains_key("credentials") => into.push(value.to_string().into_bytes()),
            Value::Object(members) => members.values().for_each(|member| queries(member, into)),
            Value::Array(items) => items.iter().for_each(|item| queries(item, into)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    queries(&cases, &mut found);
    found
}

pub(crate) fn dcql(bytes: &[u8]) {
    if let Ok(query) = dcql::Query::parse(&text(bytes)) {
        let _ = query.evaluate(&[]);
        let _ = query.to_value();
    }
}

fn pem(text: &str) -> Vec<Vec<u8>> {
    let blocks = text.split("-----BEGIN CERTIFICATE-----").skip(1).map(|block| {
        let body: String = block.split("-----END").next().unwrap().split_whitespace().collect();
        BASE64_STANDARD.decode(body).unwrap()
    });
    blocks.collect()
}

pub(crate) fn certificate_seeds() -> Vec<Vec<u8>> {
    let files = [
        include_str!("../vectors/trust/good.pem"),
        include_str!("../vectors/trust/good-two-middles.pem"),
        include_str!("../vectors/trust/name-constraints.pem"),
        include_str!("../vectors/trust/anchor.pem"),
    ];
    let mut seeds: Vec<Vec<u8>> = files.into_iter().flat_map(pem).collect();
    // A root under another root's key: what makes a path where names repeat.
    seeds.extend(
        trust_vectors("/rotated/chain")
            .as_array()
            .into_iter()
            .flatten()
            .map(der),
    );
    seeds
}

fn trust_vectors(pointer: &str) -> Value {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/trust/formats.json")).unwrap();
    vectors.pointer(pointer).unwrap().clone()
}

fn der(base64: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(base64.as_str().unwrap()).unwrap()
}

pub(crate) fn one_certificate(bytes: &[u8]) {
    if let Ok(certificate) = Certificate::from_der(bytes) {
        let _ = certificate.subject();
    }
}

fn anchor() -> &'static Anchor {
    static ANCHOR: OnceLock<Anchor> = OnceLock::new();
    ANCHOR.get_or_init(|| serde_json::from_value(trust_vectors("/anchor")).unwrap())
}

pub(crate) fn certificate_path(bytes: &[u8]) {
    static GROUND: OnceLock<([Anchor; 2], Vec<u8>)> = OnceLock::new();
    let (anchors, link) = GROUND.get_or_init(|| {
        let made_by_openssl = Anchor {
            label: "openssl".into(),
            kind: AnchorKind::Framework,
            certificate: pem(include_str!("../vectors/trust/anchor.pem")).remove(0),
        };
        (
            [anchor().clone(), made_by_openssl],
            der(&trust_vectors("/rotated/chain/1")),
        )
    });
    for chain in [vec![bytes.to_vec(), link.clone()], vec![bytes.to_vec(); 4]] {
        let _ = validate_path(&chain, anchors, Usage::Requests, NOW);
    }
}

pub(crate) fn registration_and_list(bytes: &[u8]) {
    let text = text(bytes);
    let _ = Registration::verify(&text, anchor(), NOW);
    let _ = TrustList::verify(&text, anchor(), None, 0, NOW);
    let _ = SignedTerms::verify(&text, anchor(), None, NOW);
    let _ = Application::verify(&text);
}

/// What a registrar signed stays signed, so that the parsers behind the signature are reached too: the payload is mutated,
/// and signed by a registrar whose key is known.
pub(crate) fn signed_statements(bytes: &[u8]) {
    const TYPES: [&str; 3] = ["trustlist+jwt", "kist-registration+jwt", "kist-terms+jwt"];
    let (registrar, anchor, chain) = registrar();
    // Its first member tells what a payload was before.
    let typ = match bytes {
        [b'{', b'"', b'L', ..] => TYPES[0],
        _ if bytes.len().is_multiple_of(2) => TYPES[1],
        _ => TYPES[2],
    };
    let mut header = Map::new();
    header.insert("typ".into(), typ.into());
    header.insert("x5c".into(), vec![chain.clone()].into());
    let compact = jws::Unsigned::new(header, bytes).sign(registrar);
    let _ = TrustList::verify(&compact, anchor, None, 0, NOW);
    let _ = Registration::verify(&compact, anchor, NOW);
    let _ = SignedTerms::verify(&compact, anchor, None, NOW);
}

/// The payloads of what the vectors have signed.
pub(crate) fn statement_seeds() -> Vec<Vec<u8>> {
    ["/list", "/registration", "/terms", "/rotated/list"]
        .iter()
        .filter_map(|pointer| jws::parse(trust_vectors(pointer).as_str()?).ok())
        .map(|parsed| parsed.payload)
        .collect()
}

fn registrar() -> &'static (SigningKey, Anchor, String) {
    static REGISTRAR: OnceLock<(SigningKey, Anchor, String)> = OnceLock::new();
    REGISTRAR.get_or_init(|| {
        let mut rng = SeededRandom::new(1);
        let (root, registrar) = (SigningKey::generate(&mut rng), SigningKey::generate(&mut rng));
        let operator = Subject {
            legal_name: "Fuzz".into(),
            organisation_id: "NTRGB-1".into(),
            country: "GB".into(),
        };
        let validity = certificate::Validity {
            not_before: 0,
            not_after: NOW * 2,
        };
        let own = certificate::root(&operator, &root.public(), validity, &mut rng).unwrap();
        let issuer = certificate::Issuer {
            subject: &operator,
            key: &root.public(),
        };
        let signer = certificate::registrar(&issuer, &registrar.public(), validity, &mut rng).unwrap();
        let anchor = Anchor {
            label: "fuzz".into(),
            kind: AnchorKind::Framework,
            certificate: own.sign(&root).unwrap().der().to_vec(),
        };
        let chain = BASE64_STANDARD.encode(signer.sign(&root).unwrap().der());
        (registrar, anchor, chain)
    })
}

pub(crate) fn framework_log(bytes: &[u8]) {
    let head = serde_json::from_value(trust_vectors("/log/head")).unwrap();
    let _ = LogEntry::read_all(bytes.split(|byte| *byte == b'\n'), &head);
    let _ = FrameworkState::from_json(bytes);
}

pub(crate) fn framework_log_seeds() -> Vec<Vec<u8>> {
    let entries = trust_vectors("/log/entries");
    let lines: Vec<&str> = entries.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    vec![lines.join("\n").into_bytes(), lines[0].as_bytes().to_vec()]
}

pub(crate) fn consent_objects(bytes: &[u8]) {
    let (text, key) = (text(bytes), key().public());
    let _ = Signed::<Offer>::verify(&text, &key);
    let _ = Signed::<Receipt>::verify(&text, &key);
    let _ = Signed::<Withdrawal>::verify(&text, &key);
    let _ = Signed::<Acknowledgement>::verify(&text, &key);
    let _ = Signed::<AmendmentAcknowledgement>::verify(&text, &key);
    let _ = serde_json::from_slice::<Agreement>(bytes);
}

pub(crate) fn history_seeds() -> Vec<Vec<u8>> {
    strings(include_str!("../vectors/consent/history.json"))
}

pub(crate) fn history_entry(bytes: &[u8]) {
    let _ = HistoryEntry::from_bytes(bytes);
}

pub(crate) fn link_seeds() -> Vec<Vec<u8>> {
    let links = [
        "openid4vp://?client_id=x509_hash%3AAAAA&request_uri=https%3A%2F%2Frelay.example%2Fv1%2Fslots%2Fc2xvdA%2Frequest",
        "haip-vp://?client_id=x509_hash%3AAAAA&request_uri=https%3A%2F%2F%5B2606%3A4700%3A%3A1%5D%2Fx&request_uri_method=get",
        "https://wallet.example/open#client_id=x509_hash%3AAAAA&request_uri=https%3A%2F%2Frelay.example%3A8443%2Fr",
    ];
    links.into_iter().map(|link| link.as_bytes().to_vec()).collect()
}

pub(crate) fn request_link(bytes: &[u8]) {
    for allow_loopback in [false, true] {
        if let Ok(link) = RequestLink::parse(&text(bytes), TransportPolicy { allow_loopback }) {
            let again = RequestLink::parse(&link.to_uri(), TransportPolicy { allow_loopback });
            assert!(again.is_ok(), "what was read is written as a link again");
        }
    }
}

fn commission_vector() -> &'static Value {
    static VECTOR: OnceLock<Value> = OnceLock::new();
    VECTOR.get_or_init(|| serde_json::from_str(include_str!("../vectors/openid4vp/commission.json")).unwrap())
}

pub(crate) fn commission_seeds() -> Vec<Vec<u8>> {
    vec![commission_vector()["payload"].to_string().into_bytes()]
}

/// The bytes as what the organisation of the vector signed, and as all that came.
pub(crate) fn commission(bytes: &[u8]) {
    let whole = commission_vector()["commission"].as_str().unwrap();
    let header = jws::parse(whole).unwrap().header;
    let signed = jws::Unsigned::new(header, bytes).sign(&SigningKey::generate(&mut SeededRandom::new(11)));
    let _ = Commission::parse(&signed);
    let _ = Commission::parse(&text(bytes));
    let _ = CodePurpose::of(&text(bytes));
}

pub(crate) fn qr_seeds() -> Vec<Vec<u8>> {
    let picture = qr::draw("openid4vp://?client_id=x").unwrap().to_luma(1);
    vec![picture.pixels]
}

/// The picture's bytes, as wide as they were drawn.
pub(crate) fn qr_picture(bytes: &[u8]) {
    static WIDTH: OnceLock<usize> = OnceLock::new();
    let width = *WIDTH.get_or_init(|| qr::draw("openid4vp://?client_id=x").unwrap().to_luma(1).side);
    let height = bytes.len() / width;
    let _ = qr::read(&bytes[..width * height], width, height);
}

pub(crate) fn message(bytes: &[u8]) {
    let relay = "https://relay.example".to_owned();
    let own = OwnMailbox {
        relay,
        mailbox: MailboxId::from([1; 16]),
        receive_token: Token::from([1; 32]),
    };
    let mut connection = Connection::new(own, key().public(), receiver());
    let _ = connection.open(bytes);
    let _ = Connection::from_bytes(bytes);
}

pub(crate) fn frame_seeds() -> Vec<Vec<u8>> {
    let mut frames = kist_wire::FrameWriter::default();
    frames.push(1, b"one").unwrap();
    frames.push(7, b"seven").unwrap();
    vec![frames.finish()]
}

pub(crate) fn frames(bytes: &[u8]) {
    let _ = decode_frames(bytes);
}

pub(crate) fn wire_values(bytes: &[u8]) {
    let text = text(bytes);
    let _ = kist_wire::Origin::of_url(&text);
    let _ = text.parse::<MailboxId>();
    let _ = Token::from_bearer(&text);
    let _ = kist_wire::form::response_of_form(bytes);
    let _ = serde_json::from_slice::<kist_wire::ErrorBody>(bytes);
}

fn root() -> RootKey {
    RootKey::from_parts(1, Secret::new([7; 32]))
}

pub(crate) fn backup_seeds() -> Vec<Vec<u8>> {
    let code = RecoveryCode::generate(&mut SeededRandom::new(5));
    let recovered = Recovered {
        root: root(),
        vault: VaultId::from([1; 32]),
        recovery_device: [2; 16].into(),
        identity: key().public(),
    };
    vec![
        recovered.seal(&code, &mut SeededRandom::new(6)),
        envelope_seeds().remove(0),
    ]
}

pub(crate) fn backup_objects(bytes: &[u8]) {
    let (vault, code) = (
        VaultId::from([1; 32]),
        RecoveryCode::generate(&mut SeededRandom::new(5)),
    );
    let _ = Recovered::open(&code, bytes);
    let _ = BackupState::from_bytes(bytes);
    if let Ok(head) = Head::open(bytes, &vault, &root(), &key().public()) {
        let _ = Entry::open(bytes, &vault, &head.by, LogPosition::START, &root(), &head.head.devices);
    }
}

pub(crate) fn change_seeds() -> Vec<Vec<u8>> {
    let dir = std::env::temp_dir().join(format!("kist-fuzz-{}", std::process::id()));
    let vault = kist_vault::Vault::create(&dir, &root()).unwrap();
    vault.keep("collection", "key", b"value", 1).unwrap();
    let draft = kist_vault::RecordDraft::new(
        "urn:kist:schema:note:1",
        "other",
        serde_json::json!({ "text": "words" }),
        kist_vault::Provenance::self_asserted(1),
    );
    vault.put(draft, 2, &mut SeededRandom::new(7)).unwrap();
    let changes = vault.changes_after(0, 1 << 20).unwrap().changes;
    drop(vault);
    std::fs::remove_dir_all(&dir).unwrap();
    changes.iter().map(Change::encode).collect()
}

pub(crate) fn change(bytes: &[u8]) {
    let _ = Change::decode(bytes);
}

pub(crate) fn vcard_seeds() -> Vec<Vec<u8>> {
    let card = "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Alice Example\r\nN:Example;Alice;;;\r\nBDAY:19840321\r\n\
        TEL;TYPE=\"cell,voice\":tel:+44-7700-900123\r\nADR;TYPE=home:;;12 Row;Leith;;EH6 6AB;UK\r\n\
        PHOTO;ENCODING=b;TYPE=PNG:aGVsbG8=\r\nNOTE:folded\r\n  line\\, with\\nescapes\r\nEND:VCARD\r\n";
    vec![card.as_bytes().to_vec()]
}

/// Reads bytes as a file of a format: nothing of it may panic, and every record has a place.
fn import(format: kist_pds::Format, bytes: &[u8]) {
    for owner in [kist_pds::CardOwner::Mine, kist_pds::CardOwner::Contact] {
        let source = kist_pds::ImportSource::Bytes {
            name: None,
            bytes: bytes.to_vec(),
        };
        let options = kist_pds::ReadOptions {
            format: Some(format),
            owner,
            ..kist_pds::ReadOptions::default()
        };
        let plan = kist_pds::import::read(&source, &options).unwrap();
        assert!(plan.records.iter().all(|record| record.body.is_object()));
        if format != kist_pds::Format::VCard {
            break;
        }
    }
}

pub(crate) fn vcard(bytes: &[u8]) {
    import(kist_pds::Format::VCard, bytes);
}

pub(crate) fn calendar_seeds() -> Vec<Vec<u8>> {
    vec![
        include_bytes!("../vectors/import/shapes/calendar.ics").to_vec(),
        include_bytes!("../vectors/import/icalendar/events.ics").to_vec(),
    ]
}

pub(crate) fn calendar(bytes: &[u8]) {
    import(kist_pds::Format::ICalendar, bytes);
}

pub(crate) fn table_seeds() -> Vec<Vec<u8>> {
    vec![
        include_bytes!("../vectors/import/shapes/google.csv").to_vec(),
        b"sep=;\nvaccine;date;dose\n\"a;b\";02.10.2026;1\n".to_vec(),
        b"title\ttext\tdate\nA\tone\t14 Mar 1987\n".to_vec(),
    ]
}

pub(crate) fn table(bytes: &[u8]) {
    import(kist_pds::Format::Csv, bytes);
}

pub(crate) fn json_seeds() -> Vec<Vec<u8>> {
    vec![
        b"[{\"text\":\"a\"},{\"text\":\"b\"}]".to_vec(),
        b"{\"text\":\"a\"}\n{\"schema\":\"urn:kist:schema:note:1\",\"body\":{\"text\":\"b\"}}\n".to_vec(),
    ]
}

pub(crate) fn json(bytes: &[u8]) {
    import(kist_pds::Format::Json, bytes);
}

pub(crate) fn fhir_seeds() -> Vec<Vec<u8>> {
    let bundle: Value = serde_json::from_str(include_str!("../vectors/import/shapes/patient-bundle.json")).unwrap();
    let resources = bundle["entry"].as_array().unwrap().iter();
    let mut seeds: Vec<Vec<u8>> = resources
        .map(|entry| entry["resource"].to_string().into_bytes())
        .collect();
    seeds.push(include_bytes!("../vectors/import/fhir-resources/bundle.json").to_vec());
    seeds
}

pub(crate) fn fhir(bytes: &[u8]) {
    import(kist_pds::Format::Fhir, bytes);
}

/// The format found by the content.
pub(crate) fn any_import(bytes: &[u8]) {
    let source = kist_pds::ImportSource::Bytes {
        name: None,
        bytes: bytes.to_vec(),
    };
    kist_pds::import::read(&source, &kist_pds::ReadOptions::default()).unwrap();
}
