//! Certificates made byte by byte, right and wrong in every part, for the table of paths.
#![allow(dead_code, clippy::unwrap_used, missing_docs, unreachable_pub)] // each test file uses a part

use kist_crypto::es256::{SigningKey, signature_to_der};
use kist_crypto::testing::SeededRandom;

pub const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
pub const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
pub const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
pub const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];
pub const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x1e];
pub const POLICIES: &[u8] = &[0x55, 0x1d, 0x20];
pub const POLICY_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x24];
pub const INHIBIT_ANY_POLICY: &[u8] = &[0x55, 0x1d, 0x36];
pub const SUBJECT_KEY_ID: &[u8] = &[0x55, 0x1d, 0x0e];
pub const AUTHORITY_KEY_ID: &[u8] = &[0x55, 0x1d, 0x23];
/// 1.3.6.1.4.1.32473.1, of the numbers for examples (RFC 5612).
pub const UNHEARD_OF: &[u8] = &[0x2b, 6, 1, 4, 1, 0x81, 0xfd, 0x59, 1];

pub const ES256: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
pub const ES384: &[u8] = &[0x30, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3];
/// ES256 with parameters, which RFC 5758 wants absent.
pub const ES256_NULL: &[u8] = &[0x30, 12, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2, 5, 0];

pub const REQUESTS: &[u8] = &[0x28, 0x81, 0x8c, 0x5d, 5, 1, 6];
pub const CREDENTIALS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 36];
pub const REGISTRAR: &[u8] = &[4, 0, 0x91, 0x37, 3, 0];
pub const SERVER: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
pub const ANY_USAGE: &[u8] = &[0x55, 0x1d, 0x25, 0];

pub const SIGNS: &[u8] = &[3, 2, 7, 0x80];
pub const SIGNS_CERTIFICATES: &[u8] = &[3, 2, 2, 0x04];
pub const SIGNS_BOTH: &[u8] = &[3, 2, 2, 0x84];
pub const SIGNS_LISTS: &[u8] = &[3, 2, 1, 0x02];
pub const AGREES_KEYS: &[u8] = &[3, 2, 3, 0x08];

const UTF8: u8 = 0x0c;
const PRINTABLE: u8 = 0x13;

pub fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut out = match length {
        0..=0x7f => vec![tag, length as u8],
        0x80..=0xff => vec![tag, 0x81, length as u8],
        _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
    };
    out.extend_from_slice(content);
    out
}

pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    wrap(0x30, &parts.concat())
}

fn attribute(oid: &[u8], tag: u8, text: &str) -> Vec<u8> {
    wrap(0x31, &sequence(&[&wrap(6, oid), &wrap(tag, text.as_bytes())]))
}

/// Country, organisation, id and common name.
pub fn name(organisation: &str, id: &str, common_name: &str) -> Vec<u8> {
    sequence(&[
        &attribute(&[0x55, 4, 6], PRINTABLE, "GB"),
        &attribute(&[0x55, 4, 10], UTF8, organisation),
        &attribute(&[0x55, 4, 97], UTF8, id),
        &attribute(&[0x55, 4, 3], UTF8, common_name),
    ])
}

/// The beginning of a [`name`]: what a directory name constraint is about.
pub fn partial_name(organisation: Option<&str>) -> Vec<u8> {
    let organisation = organisation.map(|text| attribute(&[0x55, 4, 10], UTF8, text));
    sequence(&[
        &attribute(&[0x55, 4, 6], PRINTABLE, "GB"),
        &organisation.unwrap_or_default(),
    ])
}

pub fn extension(oid: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let flag: &[u8] = if critical { &[1, 1, 0xff] } else { &[] };
    sequence(&[&wrap(6, oid), flag, &wrap(4, value)])
}

pub fn usages(oids: &[&[u8]]) -> Vec<u8> {
    wrap(0x30, &oids.iter().flat_map(|oid| wrap(6, oid)).collect::<Vec<u8>>())
}

pub fn dns(name: &str) -> Vec<u8> {
    wrap(0x82, name.as_bytes())
}

pub fn mail(name: &str) -> Vec<u8> {
    wrap(0x81, name.as_bytes())
}

pub fn directory(name: &[u8]) -> Vec<u8> {
    wrap(0xa4, name)
}

pub fn address(bytes: &[u8]) -> Vec<u8> {
    wrap(0x87, bytes)
}

/// Name constraints of these general names.
pub fn constraints(permitted: &[Vec<u8>], excluded: &[Vec<u8>]) -> Vec<u8> {
    let trees = |tag, names: &[Vec<u8>]| match names.is_empty() {
        true => Vec::new(),
        false => wrap(
            tag,
            &names.iter().flat_map(|name| sequence(&[name])).collect::<Vec<u8>>(),
        ),
    };
    sequence(&[&trees(0xa0, permitted), &trees(0xa1, excluded)])
}

pub fn authority(path_length: Option<u8>) -> Vec<u8> {
    let limit = path_length.map(|limit| vec![2, 1, limit]).unwrap_or_default();
    sequence(&[&[1, 1, 0xff], &limit])
}

/// A certificate to be made. Keys are numbered: the same number is the same key.
#[derive(Clone)]
pub struct Spec {
    pub subject: Vec<u8>,
    pub key: u64,
    pub spki: Option<Vec<u8>>,
    /// `None` leaves the version out, which makes it 1.
    pub version: Option<u8>,
    pub serial: Vec<u8>,
    pub from: String,
    pub until: String,
    pub extensions: Vec<Vec<u8>>,
    pub algorithm: Vec<u8>,
    pub outer_algorithm: Vec<u8>,
}

impl Spec {
    pub fn new(subject: Vec<u8>, key: u64, extensions: Vec<Vec<u8>>) -> Self {
        Spec {
            subject,
            key,
            spki: None,
            version: Some(2),
            serial: vec![0x41, key as u8],
            from: "260101000000Z".into(),
            until: "360101000000Z".into(),
            extensions,
            algorithm: ES256.to_vec(),
            outer_algorithm: ES256.to_vec(),
        }
    }

    pub fn authority(common_name: &str, key: u64) -> Self {
        let extensions = vec![
            extension(BASIC_CONSTRAINTS, true, &authority(None)),
            extension(KEY_USAGE, true, SIGNS_CERTIFICATES),
        ];
        Self::new(name("Test framework", "NTRGB-00000001", common_name), key, extensions)
    }

    pub fn leaf() -> Self {
        let extensions = vec![
            extension(KEY_USAGE, true, SIGNS),
            extension(EXTENDED_KEY_USAGE, false, &usages(&[REQUESTS, CREDENTIALS])),
        ];
        let subject = name("Riverside Clinic", "NTRGB-12345678", "Riverside Clinic");
        Self::new(subject, 9, extensions)
    }

    /// One more extension.
    pub fn with(mut self, oid: &[u8], critical: bool, value: &[u8]) -> Self {
        self.extensions.push(extension(oid, critical, value));
        self
    }

    /// Another value for one of the two extensions that every certificate has here, or for its `n`th.
    pub fn replacing(mut self, place: usize, oid: &[u8], critical: bool, value: &[u8]) -> Self {
        self.extensions[place] = extension(oid, critical, value);
        self
    }

    /// Key identifiers of its own and its issuer's key, by which OpenSSL tells authorities of one name apart.
    pub fn identified(self, own: u8, issuer: u8) -> Self {
        self.with(SUBJECT_KEY_ID, false, &wrap(4, &[own; 20])).with(
            AUTHORITY_KEY_ID,
            false,
            &sequence(&[&wrap(0x80, &[issuer; 20])]),
        )
    }

    pub fn without(mut self, place: usize) -> Self {
        self.extensions.remove(place);
        self
    }

    pub fn change(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// The certificate, signed by `issuer`'s key under its name.
    pub fn by(&self, issuer: &Spec) -> Vec<u8> {
        self.made(&issuer.subject, issuer.key)
    }

    /// The certificate, signed by itself.
    pub fn own(&self) -> Vec<u8> {
        self.by(self)
    }

    /// The certificate under any issuer's name, signed by any key.
    pub fn made(&self, issuer: &[u8], signer: u64) -> Vec<u8> {
        let version = self.version.map(|version| wrap(0xa0, &[2, 1, version]));
        let time = |text: &str| wrap(if text.len() == 13 { 0x17 } else { 0x18 }, text.as_bytes());
        let spki = self
            .spki
            .clone()
            .unwrap_or_else(|| key(self.key).public().to_spki_der().to_vec());
        let extensions = wrap(0xa3, &wrap(0x30, &self.extensions.concat()));
        let tbs = sequence(&[
            &version.unwrap_or_default(),
            &wrap(2, &self.serial),
            &self.algorithm,
            issuer,
            &sequence(&[&time(&self.from), &time(&self.until)]),
            &self.subject,
            &spki,
            &extensions,
        ]);
        let signature = signature_to_der(&key(signer).sign(&tbs)).unwrap();
        let signature = wrap(3, &[&[0], &signature[..]].concat());
        sequence(&[&tbs, &self.outer_algorithm, &signature])
    }
}

pub fn key(number: u64) -> SigningKey {
    SigningKey::generate(&mut SeededRandom::new(number))
}
