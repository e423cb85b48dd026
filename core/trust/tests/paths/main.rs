//! A table of certificate paths with the verdict on each, in the categories of x509-limbo (RFC 5280 chains, path lengths,
//! name constraints, key usages, dates, extensions, encodings, signatures, pathological chains). What is accepted here
//! OpenSSL accepts too; this profile refuses some of what RFC 5280 would allow, and says so by the case.

#![allow(clippy::unwrap_used)]

mod encodings;
mod names;
#[path = "../support/mod.rs"]
mod support;

use std::process::Command;

use kist_trust::Usage::{self, Credentials, Registrar, Requests};
use kist_trust::{Anchor, AnchorKind, Error, Reason, validate_path};
use support::x509::*;
use support::{NOW, pem};

struct Case {
    name: &'static str,
    expected: Result<(), Reason>,
    chain: Vec<Vec<u8>>,
    anchors: Vec<Vec<u8>>,
    usage: Usage,
}

fn root() -> Spec {
    Spec::authority("Root", 1)
}

fn middle() -> Spec {
    Spec::authority("Middle", 2)
}

fn leaf() -> Spec {
    Spec::leaf()
}

/// An authority with name constraints, critical as they have to be.
fn constrained(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Spec {
    middle().with(NAME_CONSTRAINTS, true, &constraints(permitted, excluded))
}

fn named(names: &[Vec<u8>]) -> Spec {
    leaf().with(ALTERNATIVE_NAME, false, &wrap(0x30, &names.concat()))
}

/// A chain leaf first, each certificate signed by the next, the last by the root.
fn chain(specs: &[&Spec]) -> Vec<Vec<u8>> {
    let root = root();
    let issuers = specs.iter().skip(1).copied().chain([&root]);
    specs
        .iter()
        .zip(issuers)
        .map(|(spec, issuer)| spec.by(issuer))
        .collect()
}

fn case(name: &'static str, expected: Result<(), Reason>, chain: Vec<Vec<u8>>) -> Case {
    Case {
        name,
        expected,
        chain,
        anchors: vec![root().own()],
        usage: Requests,
    }
}

fn under(anchor: Vec<u8>, case: Case) -> Case {
    Case {
        anchors: vec![anchor],
        ..case
    }
}

fn use_as(usage: Usage, case: Case) -> Case {
    Case { usage, ..case }
}

const OK: Result<(), Reason> = Ok(());

fn no(reason: Reason) -> Result<(), Reason> {
    Err(reason)
}

fn chains() -> Vec<Case> {
    use Reason::*;
    let (other, stranger) = (Spec::authority("Other", 5), Spec::authority("Stranger", 6));
    let same_name_other_key = Spec::authority("Root", 7);
    let cross = |subject: &Spec, issuer: &Spec| subject.by(issuer);
    vec![
        case("leaf beneath the anchor", OK, chain(&[&leaf()])),
        case("one authority between", OK, chain(&[&leaf(), &middle()])),
        case("two authorities between", OK, chain(&[&leaf(), &middle(), &other])),
        case(
            "the anchor at the end",
            OK,
            [chain(&[&leaf()]), vec![root().own()]].concat(),
        ),
        case(
            "more behind the anchor",
            OK,
            [chain(&[&leaf()]), vec![root().own(), stranger.own()]].concat(),
        ),
        case("no certificate", no(ChainBroken), vec![]),
        case("the anchor alone", no(ChainBroken), vec![root().own()]),
        case("unknown issuer", no(UnknownAnchor), vec![leaf().by(&stranger)]),
        case("unknown self-signed leaf", no(UnknownAnchor), vec![leaf().own()]),
        case(
            "unknown issuer brings its root",
            no(UnknownAnchor),
            vec![leaf().by(&stranger), stranger.own()],
        ),
        case("authority is missing", no(UnknownAnchor), vec![leaf().by(&middle())]),
        case(
            "authority of another name",
            no(ChainBroken),
            vec![leaf().by(&middle()), other.by(&root())],
        ),
        case(
            "anchor's name over another key",
            no(ChainBroken),
            vec![leaf().by(&same_name_other_key)],
        ),
        case(
            "authority's name over another key",
            no(ChainBroken),
            vec![leaf().made(&middle().subject, 8), middle().by(&root())],
        ),
        case(
            "order turned round",
            no(UnknownAnchor),
            vec![middle().by(&other), other.by(&stranger)],
        ),
        case("leaf twice", OK, vec![leaf().by(&root()), leaf().by(&root())]),
        case(
            "cross-signed authority, known side first",
            OK,
            vec![
                leaf().by(&middle()),
                cross(&middle(), &root()),
                cross(&middle(), &stranger),
            ],
        ),
        case(
            "two authorities that sign each other",
            no(UnknownAnchor),
            vec![
                leaf().by(&middle()),
                middle().by(&other),
                other.by(&middle()),
                middle().by(&other),
            ],
        ),
        case("an authority that signs itself for ever", no(UnknownAnchor), {
            let endless = vec![middle().own(); 5];
            [vec![leaf().by(&middle())], endless].concat()
        }),
        case("more certificates than a path has", no(ChainBroken), {
            [vec![leaf().by(&middle())], vec![middle().own(); 50]].concat()
        }),
        case("deepest path", OK, {
            let authorities: Vec<Spec> = (0..5)
                .map(|depth| Spec::authority(DEPTHS[depth], 20 + depth as u64))
                .collect();
            let specs: Vec<&Spec> = authorities.iter().collect();
            chain(&[vec![&leaf()], specs].concat())
        }),
        case("one deeper", no(UnknownAnchor), {
            let authorities: Vec<Spec> = (0..6)
                .map(|depth| Spec::authority(DEPTHS[depth], 20 + depth as u64))
                .collect();
            let specs: Vec<&Spec> = authorities.iter().collect();
            chain(&[vec![&leaf()], specs].concat())
        }),
        under(
            stranger.own(),
            case("another anchor of the phone", OK, vec![leaf().by(&stranger)]),
        ),
        under(
            root().change(|root| root.until = "260201000000Z".into()).own(),
            case("expired anchor", no(CertificateExpired), chain(&[&leaf()])),
        ),
        under(
            root().without(0).own(),
            case("anchor without basic constraints", no(WrongUsage), chain(&[&leaf()])),
        ),
        under(
            root().without(1).own(),
            case("anchor without key usage", no(WrongUsage), chain(&[&leaf()])),
        ),
        under(
            root().replacing(0, BASIC_CONSTRAINTS, true, &authority(Some(0))).own(),
            case("anchor's path length", no(PathTooLong), chain(&[&leaf(), &middle()])),
        ),
        under(
            root()
                .with(NAME_CONSTRAINTS, true, &constraints(&[dns("other.example")], &[]))
                .own(),
            case(
                "anchor's name constraints",
                no(NameNotPermitted),
                chain(&[&named(&[dns("clinic.example")])]),
            ),
        ),
    ]
}

const DEPTHS: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

fn authorities() -> Vec<Case> {
    use Reason::*;
    let limit = |limit| middle().replacing(0, BASIC_CONSTRAINTS, true, &authority(Some(limit)));
    let lower = Spec::authority("Lower", 3);
    let rollover = Spec::authority("Middle", 4).identified(4, 2);
    vec![
        case("path length 0 above a leaf", OK, chain(&[&leaf(), &limit(0)])),
        case(
            "path length 0 above an authority",
            no(PathTooLong),
            chain(&[&leaf(), &lower, &limit(0)]),
        ),
        case(
            "path length 1 above an authority",
            OK,
            chain(&[&leaf(), &lower, &limit(1)]),
        ),
        case("a longer path length beneath a shorter one", no(PathTooLong), {
            let lower = lower.clone().replacing(0, BASIC_CONSTRAINTS, true, &authority(Some(5)));
            chain(&[&leaf(), &Spec::authority("Lowest", 5), &lower, &limit(1)])
        }),
        case(
            "a self-issued authority is not counted",
            OK,
            chain(&[&leaf().identified(9, 4), &rollover, &limit(0).identified(2, 1)]),
        ),
        case(
            "no basic constraints",
            no(WrongUsage),
            chain(&[&leaf(), &middle().without(0)]),
        ),
        case(
            "basic constraints say no authority",
            no(WrongUsage),
            chain(&[&leaf(), &middle().replacing(0, BASIC_CONSTRAINTS, true, &sequence(&[]))]),
        ),
        case(
            "basic constraints are not critical",
            no(CertificateMalformed),
            chain(&[
                &leaf(),
                &middle().replacing(0, BASIC_CONSTRAINTS, false, &authority(None)),
            ]),
        ),
        case("negative path length", no(CertificateMalformed), {
            let negative = sequence(&[&[1, 1, 0xff], &[2, 1, 0xff]]);
            chain(&[&leaf(), &middle().replacing(0, BASIC_CONSTRAINTS, true, &negative)])
        }),
        case(
            "path length of a leaf",
            no(CertificateMalformed),
            chain(&[&leaf().with(BASIC_CONSTRAINTS, true, &sequence(&[&[2, 1, 0]]))]),
        ),
        case("no key usage", no(WrongUsage), chain(&[&leaf(), &middle().without(1)])),
        case(
            "key usage without keyCertSign",
            no(WrongUsage),
            chain(&[&leaf(), &middle().replacing(1, KEY_USAGE, true, SIGNS_LISTS)]),
        ),
        case("an authority without a name", no(ChainBroken), {
            let nameless = middle().change(|middle| middle.subject = sequence(&[]));
            chain(&[&leaf(), &nameless])
        }),
        case(
            "a leaf that signs another",
            no(WrongUsage),
            vec![leaf().by(&leaf()), leaf().by(&root())],
        ),
        case("an authority as leaf", no(WrongUsage), {
            let both = Spec::leaf().with(BASIC_CONSTRAINTS, true, &authority(None));
            chain(&[&both.replacing(0, KEY_USAGE, true, SIGNS_BOTH)])
        }),
        case(
            "a leaf that may sign certificates",
            no(WrongUsage),
            chain(&[&leaf().replacing(0, KEY_USAGE, true, SIGNS_BOTH)]),
        ),
        case("a leaf without key usage", no(WrongUsage), chain(&[&leaf().without(0)])),
        case(
            "a leaf for key agreement",
            no(WrongUsage),
            chain(&[&leaf().replacing(0, KEY_USAGE, true, AGREES_KEYS)]),
        ),
        case(
            "a leaf that says it is none",
            OK,
            chain(&[&leaf().with(BASIC_CONSTRAINTS, false, &sequence(&[]))]),
        ),
    ]
}

fn usages_of_keys() -> Vec<Case> {
    use Reason::*;
    let only = |oids: &[&[u8]]| leaf().replacing(1, EXTENDED_KEY_USAGE, false, &usages(oids));
    let authority_for = |oids: &[&[u8]]| middle().with(EXTENDED_KEY_USAGE, false, &usages(oids));
    vec![
        use_as(Credentials, case("credentials are named", OK, chain(&[&leaf()]))),
        case(
            "critical and named",
            OK,
            chain(&[&leaf().replacing(1, EXTENDED_KEY_USAGE, true, &usages(&[REQUESTS]))]),
        ),
        case("another usage alone", no(WrongUsage), chain(&[&only(&[SERVER])])),
        use_as(
            Credentials,
            case("requests alone", no(WrongUsage), chain(&[&only(&[REQUESTS])])),
        ),
        case("any usage", no(WrongUsage), chain(&[&only(&[ANY_USAGE])])),
        case("no extended key usage", OK, chain(&[&leaf().without(1)])),
        case(
            "empty extended key usage",
            no(CertificateMalformed),
            chain(&[&only(&[])]),
        ),
        use_as(
            Registrar,
            case("registrar by its usage", OK, chain(&[&only(&[REGISTRAR])])),
        ),
        use_as(
            Registrar,
            case(
                "registrar without a usage",
                no(WrongUsage),
                chain(&[&leaf().without(1)]),
            ),
        ),
        use_as(
            Registrar,
            case("an organisation as registrar", no(WrongUsage), chain(&[&leaf()])),
        ),
        case(
            "the registrar as organisation",
            no(WrongUsage),
            chain(&[&only(&[REGISTRAR])]),
        ),
        case(
            "an authority for this usage",
            OK,
            chain(&[&leaf(), &authority_for(&[REQUESTS])]),
        ),
        case(
            "an authority for another usage",
            no(WrongUsage),
            chain(&[&leaf(), &authority_for(&[SERVER])]),
        ),
    ]
}

fn cases() -> Vec<Case> {
    [
        chains(),
        authorities(),
        usages_of_keys(),
        names::name_constraints(),
        encodings::dates_and_encodings(),
        encodings::signatures(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn verdict(case: &Case) -> Result<(), Reason> {
    let anchors = case.anchors.iter().enumerate().map(|(number, certificate)| Anchor {
        label: number.to_string(),
        kind: AnchorKind::Framework,
        certificate: certificate.clone(),
    });
    let anchors: Vec<Anchor> = anchors.collect();
    match validate_path(&case.chain, &anchors, case.usage, NOW) {
        Ok(_) => Ok(()),
        Err(Error::OrganisationNotTrusted { reason }) => Err(reason),
        Err(other) => panic!("{}: {other}", case.name),
    }
}

#[test]
fn a22_each_path_of_the_table_has_its_verdict() {
    let cases = cases();
    assert!(cases.len() >= 120, "{}", cases.len());
    let wrong: Vec<String> = cases
        .iter()
        .map(|case| (case, verdict(case)))
        .filter(|(case, verdict)| *verdict != case.expected)
        .map(|(case, verdict)| format!("{}: {verdict:?}, not {:?}", case.name, case.expected))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a22_the_names_of_cases_are_their_own() {
    let mut names: Vec<&str> = cases().iter().map(|case| case.name).collect();
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn t1_openssl_accepts_what_is_accepted_here() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, certificates: &[Vec<u8>]| {
        let path = folder.path().join(name);
        std::fs::write(&path, certificates.iter().map(|der| pem(der)).collect::<String>()).unwrap();
        path
    };
    for case in cases().iter().filter(|case| case.expected.is_ok()) {
        let verdict = Command::new("openssl")
            .args(["verify", "-purpose", "any", "-attime", &NOW.to_string(), "-CAfile"])
            .arg(file("anchors.pem", &case.anchors))
            .arg("-untrusted")
            .arg(file("chain.pem", &case.chain))
            .arg(file("leaf.pem", &case.chain[..1]))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&verdict.stderr);
        assert!(verdict.status.success(), "{}: {said}", case.name);
    }
}
