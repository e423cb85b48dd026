//! Name constraints (RFC 5280, section 4.2.1.10), for the two forms of names that this profile has: directory names and
//! DNS names. A constraint on another form is refused as not understood, never passed over.

use der::asn1::{Any, Ia5StringRef, PrintableStringRef, Utf8StringRef};
use der::{Tag, Tagged};
use x509_cert::ext::pkix::NameConstraints;
use x509_cert::ext::pkix::constraints::name::GeneralSubtrees;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::name::{Name, RelativeDistinguishedName};

use super::Certificate;
use crate::Reason;

/// The most subtrees of one extension; with the bound on names it bounds the work of a check.
const MAX_SUBTREES: usize = 64;
/// The most alternative names of one certificate.
const MAX_NAMES: usize = 64;
/// RFC 1035, section 2.3.4, less the length bytes at both ends.
const MAX_DNS_NAME: usize = 253;

/// What an authority may certify beneath itself.
#[derive(Debug, Clone)]
pub(super) struct Constraints {
    permitted: Subtrees,
    excluded: Subtrees,
}

#[derive(Debug, Clone, Default)]
struct Subtrees {
    dns: Vec<String>,
    /// Relative distinguished names from the top, each a set of folded attributes.
    directory: Vec<Vec<Folded>>,
}

/// The attributes of a relative distinguished name, as they are compared: by kind, without case and runs of spaces.
type Folded = Vec<(String, String)>;

impl Constraints {
    pub(super) fn read(extension: &NameConstraints) -> Result<Self, Reason> {
        let (permitted, excluded) = (&extension.permitted_subtrees, &extension.excluded_subtrees);
        if permitted.is_none() && excluded.is_none() {
            return Err(Reason::CertificateMalformed);
        }
        Ok(Constraints {
            permitted: Subtrees::read(permitted.as_ref())?,
            excluded: Subtrees::read(excluded.as_ref())?,
        })
    }

    /// That every name of `certificate` is within what is permitted, and none within what is excluded.
    pub(super) fn check(&self, certificate: &Certificate) -> Result<(), Reason> {
        for name in certificate.dns_names() {
            let within = |subtree: &String| is_beneath(name, subtree);
            self.check_name(&self.permitted.dns, &self.excluded.dns, within)?;
        }
        let concerned = !self.permitted.directory.is_empty() || !self.excluded.directory.is_empty();
        if concerned {
            let directory_names = certificate.extensions.directory_names.iter();
            let own = Some(certificate.name()).filter(|name| !name.is_empty());
            for name in directory_names.chain(own) {
                let name = folded(name)?;
                let within = |subtree: &Vec<Folded>| starts_with(&name, subtree);
                self.check_name(&self.permitted.directory, &self.excluded.directory, within)?;
            }
        }
        Ok(())
    }

    fn check_name<T>(&self, permitted: &[T], excluded: &[T], within: impl Fn(&T) -> bool) -> Result<(), Reason> {
        let allowed = permitted.is_empty() || permitted.iter().any(&within);
        if allowed && !excluded.iter().any(within) {
            Ok(())
        } else {
            Err(Reason::NameNotPermitted)
        }
    }
}

impl Subtrees {
    fn read(trees: Option<&GeneralSubtrees>) -> Result<Self, Reason> {
        let mut read = Subtrees::default();
        let Some(trees) = trees else { return Ok(read) };
        if trees.is_empty() {
            return Err(Reason::CertificateMalformed);
        }
        if trees.len() > MAX_SUBTREES {
            return Err(Reason::CertificateUnsupported);
        }
        for tree in trees {
            // Of no use since RFC 3280: both have to be as if absent.
            if tree.minimum != 0 || tree.maximum.is_some() {
                return Err(Reason::CertificateUnsupported);
            }
            match &tree.base {
                GeneralName::DnsName(name) => read.dns.push(dns_name(name.as_str())?),
                GeneralName::DirectoryName(name) => read.directory.push(folded(name)?),
                _ => return Err(Reason::CertificateUnsupported),
            }
        }
        Ok(read)
    }
}

/// The names of a subject alternative name that count here: DNS names, in small letters, and directory names.
pub(super) fn alternatives(names: &[GeneralName]) -> Result<(Vec<String>, Vec<Name>), Reason> {
    if names.is_empty() {
        return Err(Reason::CertificateMalformed);
    }
    if names.len() > MAX_NAMES {
        return Err(Reason::CertificateUnsupported);
    }
    let (mut dns, mut directory) = (Vec::new(), Vec::new());
    for name in names {
        match name {
            GeneralName::DnsName(name) => dns.push(dns_name(name.as_str())?),
            GeneralName::DirectoryName(name) => directory.push(name.clone()),
            _ => {}
        }
    }
    Ok((dns, directory))
}

/// A host's name in small letters; neither a wildcard nor a leading dot, which RFC 5280 knows only in other places.
fn dns_name(name: &str) -> Result<String, Reason> {
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    if name.len() > MAX_DNS_NAME || !name.split('.').all(label) {
        return Err(Reason::CertificateMalformed);
    }
    Ok(name.to_ascii_lowercase())
}

/// Whether `name` is `subtree` with nothing or more labels before it.
fn is_beneath(name: &str, subtree: &str) -> bool {
    match name.strip_suffix(subtree) {
        Some(before) => before.is_empty() || before.ends_with('.'),
        None => false,
    }
}

fn starts_with(name: &[Folded], subtree: &[Folded]) -> bool {
    name.len() >= subtree.len() && name.iter().zip(subtree).all(|(one, other)| one == other)
}

fn folded(name: &Name) -> Result<Vec<Folded>, Reason> {
    name.iter_rdn().map(folded_rdn).collect()
}

fn folded_rdn(rdn: &RelativeDistinguishedName) -> Result<Folded, Reason> {
    let attributes = rdn
        .iter()
        .map(|attribute| Ok((attribute.oid.to_string(), folded_value(&attribute.value)?)));
    let mut attributes = attributes.collect::<Result<Folded, Reason>>()?;
    attributes.sort();
    Ok(attributes)
}

/// RFC 5280, section 7.1, for the strings that this profile reads; what can't be compared can't be excluded either.
fn folded_value(value: &Any) -> Result<String, Reason> {
    let text = match value.tag() {
        Tag::Utf8String => value
            .decode_as::<Utf8StringRef<'_>>()
            .map(|text| text.as_str().to_owned()),
        Tag::PrintableString => value
            .decode_as::<PrintableStringRef<'_>>()
            .map(|text| text.as_str().to_owned()),
        Tag::Ia5String => value
            .decode_as::<Ia5StringRef<'_>>()
            .map(|text| text.as_str().to_owned()),
        _ => return Err(Reason::CertificateUnsupported),
    };
    let text = text.map_err(|_| Reason::CertificateMalformed)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    Ok(words.join(" ").to_lowercase())
}
