//! The issuer's half of RFC 9901: claims become digests, and disclosures that open them one by one.

use kist_crypto::CryptoRng;
use serde_json::{Map, Value, json};

use super::disclosure::{Disclosure, check_name, decoy};
use super::{HASH_NAME, MAX_DISCLOSURES};
use crate::path::{ClaimPath, MAX_PATH, PathElement};
use crate::{Error, Result};

/// Which claims a holder can show or keep back, each by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disclosable {
    /// Every member of every object and every element of every array, at every level (recursive disclosures). The least
    /// is shown by this, and it is the rule.
    Everything,
    /// The members at the root, each as a whole.
    TopLevel,
    /// What these paths select, each for itself: `["address"]` alone makes the address disclosable as a whole,
    /// `["address", "locality"]` alone a part of an address that is always seen, both together a recursive disclosure.
    /// A path that selects nothing is [`Error::ClaimNotFound`].
    Only(Vec<ClaimPath>),
}

/// What an issuer signs, and what it hands over beside it.
#[derive(Debug, Clone)]
pub struct Concealed {
    /// The payload to sign: open claims, digests, `_sd_alg`.
    pub payload: Map<String, Value>,
    /// The disclosures, outer ones before those inside them.
    pub disclosures: Vec<Disclosure>,
}

/// Conceals `claims`. Wherever something is concealed, `decoys` digests that nothing opens are mixed in, so that the
/// number of claims doesn't show.
pub fn conceal<R: CryptoRng + ?Sized>(
    claims: Map<String, Value>,
    disclosable: &Disclosable,
    decoys: usize,
    rng: &mut R,
) -> Result<Concealed> {
    let rule = match disclosable {
        Disclosable::Everything => Rule::Everything,
        Disclosable::TopLevel => Rule::TopLevel,
        Disclosable::Only(paths) => Rule::Only(selected(paths, &claims)?),
    };
    let mut concealer = Concealer {
        rule,
        decoys,
        rng,
        disclosures: Vec::new(),
    };
    let mut payload = concealer.object(claims, &[])?;
    let mut disclosures = concealer.disclosures;
    disclosures.reverse();
    if !disclosures.is_empty() {
        payload.insert("_sd_alg".into(), HASH_NAME.into());
    }
    Ok(Concealed { payload, disclosures })
}

fn selected(paths: &[ClaimPath], claims: &Map<String, Value>) -> Result<Vec<ClaimPath>> {
    let mut all = Vec::new();
    for path in paths {
        let found = path.select(claims);
        if found.is_empty() {
            return Err(Error::ClaimNotFound);
        }
        all.extend(found);
    }
    all.sort_unstable();
    Ok(all)
}

enum Rule {
    Everything,
    TopLevel,
    /// Sorted paths without [`PathElement::All`].
    Only(Vec<ClaimPath>),
}

struct Concealer<'a, R: ?Sized> {
    rule: Rule,
    decoys: usize,
    rng: &'a mut R,
    /// Inner disclosures before the outer ones that hold their digests.
    disclosures: Vec<Disclosure>,
}

impl<R: CryptoRng + ?Sized> Concealer<'_, R> {
    fn value(&mut self, value: Value, path: &[PathElement]) -> Result<Value> {
        if path.len() > MAX_PATH {
            return Err(Error::TooLarge {
                what: "levels of claims",
                limit: MAX_PATH,
            });
        }
        Ok(match value {
            Value::Object(members) => Value::Object(self.object(members, path)?),
            Value::Array(elements) => Value::Array(self.array(elements, path)?),
            other => other,
        })
    }

    fn object(&mut self, members: Map<String, Value>, path: &[PathElement]) -> Result<Map<String, Value>> {
        let mut open = Map::new();
        let mut digests = Vec::new();
        for (name, value) in members {
            check_name(&name)?;
            let at = ClaimPath::child(path, PathElement::Name(name.clone()));
            let value = self.value(value, &at)?;
            if self.concealed(at) {
                let disclosure = Disclosure::member(&name, value, self.rng)?;
                digests.push(self.keep(disclosure)?);
            } else {
                open.insert(name, value);
            }
        }
        if !digests.is_empty() {
            digests.extend((0..self.decoys).map(|_| decoy(self.rng)));
            digests.sort_unstable(); // digests are random, so their order says nothing of the claims'
            open.insert("_sd".into(), digests.into());
        }
        Ok(open)
    }

    fn array(&mut self, elements: Vec<Value>, path: &[PathElement]) -> Result<Vec<Value>> {
        let mut out = Vec::with_capacity(elements.len());
        let mut any = false;
        for (index, value) in elements.into_iter().enumerate() {
            let at = ClaimPath::child(path, PathElement::Index(index));
            let value = self.value(value, &at)?;
            if self.concealed(at) {
                any = true;
                let disclosure = Disclosure::element(value, self.rng);
                out.push(json!({ "...": self.keep(disclosure)? }));
            } else {
                out.push(value);
            }
        }
        for _ in 0..if any { self.decoys } else { 0 } {
            let place = self.rng.next_u32() as usize % (out.len() + 1);
            out.insert(place, json!({ "...": decoy(self.rng) }));
        }
        Ok(out)
    }

    fn concealed(&self, path: Vec<PathElement>) -> bool {
        match &self.rule {
            Rule::Everything => true,
            Rule::TopLevel => path.len() == 1,
            Rule::Only(paths) => paths.binary_search(&ClaimPath::unchecked(path)).is_ok(),
        }
    }

    /// Keeps a disclosure and gives its digest.
    fn keep(&mut self, disclosure: Disclosure) -> Result<String> {
        if self.disclosures.len() == MAX_DISCLOSURES {
            return Err(Error::TooLarge {
                what: "disclosures",
                limit: MAX_DISCLOSURES,
            });
        }
        let digest = disclosure.digest().to_owned();
        self.disclosures.push(disclosure);
        Ok(digest)
    }
}
