//! Cases of dates, encodings, extensions and signatures.

use super::*;

pub(crate) fn dates_and_encodings() -> Vec<Case> {
    use Reason::*;
    let dated = |from: &str, until: &str| leaf().change(|leaf| (leaf.from, leaf.until) = (from.into(), until.into()));
    let serial = |bytes: &[u8]| leaf().change(|leaf| leaf.serial = bytes.to_vec());
    vec![
        case(
            "after 2049, in the longer form",
            OK,
            chain(&[&dated("260101000000Z", "20600101000000Z")]),
        ),
        case(
            "expired",
            no(CertificateExpired),
            chain(&[&dated("250101000000Z", "260501000000Z")]),
        ),
        case(
            "not valid yet",
            no(CertificateNotYetValid),
            chain(&[&dated("300101000000Z", "360101000000Z")]),
        ),
        case(
            "ends before it begins",
            no(CertificateMalformed),
            chain(&[&dated("300101000000Z", "200101000000Z")]),
        ),
        case("expired authority", no(CertificateExpired), {
            let late = middle().change(|middle| middle.until = "260501000000Z".into());
            chain(&[&leaf(), &late])
        }),
        case("authority not valid yet", no(CertificateNotYetValid), {
            let early = middle().change(|middle| middle.from = "300101000000Z".into());
            chain(&[&leaf(), &early])
        }),
        case(
            "the thirtieth of February",
            no(CertificateMalformed),
            chain(&[&dated("260230000000Z", "360101000000Z")]),
        ),
        case("serial number 0", no(CertificateMalformed), chain(&[&serial(&[0])])),
        case(
            "negative serial number",
            no(CertificateMalformed),
            chain(&[&serial(&[0x80, 1])]),
        ),
        case("serial number of 20 bytes", OK, chain(&[&serial(&[0x41; 20])])),
        case(
            "serial number of 40 bytes",
            no(CertificateMalformed),
            chain(&[&serial(&[0x41; 40])]),
        ),
        case(
            "version 1",
            no(CertificateMalformed),
            chain(&[&leaf().change(|leaf| leaf.version = None)]),
        ),
        case(
            "version 2",
            no(CertificateMalformed),
            chain(&[&leaf().change(|leaf| leaf.version = Some(1))]),
        ),
        case(
            "version 4",
            no(CertificateMalformed),
            chain(&[&leaf().change(|leaf| leaf.version = Some(3))]),
        ),
        case(
            "an empty list of extensions",
            no(CertificateMalformed),
            chain(&[&leaf().change(|leaf| leaf.extensions.clear())]),
        ),
        case(
            "an extension twice",
            no(CertificateMalformed),
            chain(&[&leaf().with(KEY_USAGE, true, SIGNS)]),
        ),
        case(
            "an unknown extension",
            OK,
            chain(&[&leaf().with(UNHEARD_OF, false, &[5, 0])]),
        ),
        case(
            "an unknown critical extension",
            no(CertificateUnsupported),
            chain(&[&leaf().with(UNHEARD_OF, true, &[5, 0])]),
        ),
        case(
            "an unknown critical extension of an authority",
            no(CertificateUnsupported),
            chain(&[&leaf(), &middle().with(UNHEARD_OF, true, &[5, 0])]),
        ),
        under(
            root().with(UNHEARD_OF, true, &[5, 0]).own(),
            case(
                "an unknown critical extension of the anchor",
                no(CertificateUnsupported),
                chain(&[&leaf()]),
            ),
        ),
        case(
            "critical policies",
            no(CertificateUnsupported),
            chain(&[&leaf().with(POLICIES, true, &sequence(&[&sequence(&[&wrap(6, UNHEARD_OF)])]))]),
        ),
        case(
            "policy constraints",
            no(CertificateUnsupported),
            chain(&[
                &leaf(),
                &middle().with(POLICY_CONSTRAINTS, true, &sequence(&[&[0x80, 1, 0]])),
            ]),
        ),
        case(
            "inhibit any policy",
            no(CertificateUnsupported),
            chain(&[&leaf(), &middle().with(INHIBIT_ANY_POLICY, true, &[2, 1, 0])]),
        ),
        case("critical subject key identifier", no(CertificateUnsupported), {
            chain(&[&leaf().with(SUBJECT_KEY_ID, true, &wrap(4, &[1; 20]))])
        }),
        case("critical authority key identifier", no(CertificateUnsupported), {
            chain(&[&leaf().with(AUTHORITY_KEY_ID, true, &sequence(&[&wrap(0x80, &[1; 20])]))])
        }),
        case(
            "no alternative name in the extension",
            no(CertificateMalformed),
            chain(&[&named(&[])]),
        ),
        case(
            "a wildcard among the names",
            no(CertificateMalformed),
            chain(&[&named(&[dns("*.clinic.example")])]),
        ),
        case(
            "a leaf without a name",
            no(CertificateMalformed),
            chain(&[&leaf().change(|leaf| leaf.subject = sequence(&[]))]),
        ),
        case("a name that turns its direction", no(CertificateMalformed), {
            let turned = name("Riverside \u{202e}cinilC", "NTRGB-1", "x");
            chain(&[&leaf().change(|leaf| leaf.subject = turned)])
        }),
        case("something behind the certificate", no(CertificateMalformed), {
            let mut trailing = leaf().by(&root());
            trailing.push(0);
            vec![trailing]
        }),
        case("larger than a certificate may be", no(CertificateMalformed), {
            chain(&[&leaf().with(UNHEARD_OF, false, &vec![0; 9000])])
        }),
        case(
            "no certificate but bytes",
            no(CertificateMalformed),
            vec![b"not a certificate".to_vec()],
        ),
    ]
}

pub(crate) fn signatures() -> Vec<Case> {
    use Reason::*;
    let flipped = |place: usize| {
        let mut der = leaf().by(&root());
        let place = der.len() - place;
        der[place] ^= 1;
        vec![der]
    };
    let p384: Vec<u8> = {
        let algorithm = sequence(&[
            &wrap(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]),
            &wrap(6, &[0x2b, 0x81, 4, 0, 0x22]),
        ]);
        sequence(&[&algorithm, &wrap(3, &[&[0, 4][..], &[1; 96]].concat())])
    };
    let off_curve: Vec<u8> = {
        let mut spki = key(9).public().to_spki_der().to_vec();
        *spki.last_mut().unwrap() ^= 1;
        spki
    };
    vec![
        case("a bit of the signature", no(ChainBroken), flipped(1)),
        case(
            "signed by another key",
            no(ChainBroken),
            vec![leaf().made(&root().subject, 8)],
        ),
        case(
            "ECDSA with SHA-384",
            no(CertificateUnsupported),
            chain(&[&leaf().change(|leaf| (leaf.algorithm, leaf.outer_algorithm) = (ES384.into(), ES384.into()))]),
        ),
        case(
            "inner and outer algorithm differ",
            no(CertificateMalformed),
            chain(&[&leaf().change(|leaf| leaf.outer_algorithm = ES384.into())]),
        ),
        case("parameters where there are none", no(CertificateUnsupported), {
            let loose =
                |leaf: &mut Spec| (leaf.algorithm, leaf.outer_algorithm) = (ES256_NULL.into(), ES256_NULL.into());
            chain(&[&leaf().change(loose)])
        }),
        case(
            "a key of another curve",
            no(CertificateUnsupported),
            chain(&[&leaf().change(|leaf| leaf.spki = Some(p384))]),
        ),
        case(
            "a key off the curve",
            no(CertificateUnsupported),
            chain(&[&leaf().change(|leaf| leaf.spki = Some(off_curve))]),
        ),
    ]
}
