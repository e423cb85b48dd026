//! The receiver's half of RFC 9901 (section 7.1): digests are opened by the disclosures, and nothing may be left over.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::HASH_NAME;
use super::disclosure::{Content, Disclosure, check_name};
use crate::path::{ClaimPath, MAX_PATH, PathElement};
use crate::{Error, Result};

/// A claim that a disclosure opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Where it stands in the processed claims.
    pub path: ClaimPath,
    /// Which disclosure opened it, counted from 0.
    pub disclosure: usize,
}

/// The processed payload: the claims as they were before they were concealed, without those that are not disclosed.
#[derive(Clone, PartialEq)]
pub struct Processed {
    /// The claims, without `_sd`, `...` and `_sd_alg`.
    pub claims: Map<String, Value>,
    /// What the disclosures opened, one entry for each.
    pub nodes: Vec<Node>,
}

/// Processes the payload of an issuer-signed JWT with `disclosures`. Whether the JWT is signed is not asked here.
///
/// Stricter than RFC 9901 in that digests in the wrong place are refused, not passed over. Errors: [`Error::UnknownDisclosure`],
/// [`Error::DuplicateDigest`], [`Error::UnsupportedAlgorithm`] for another `_sd_alg`, [`Error::TooLarge`] above
/// [`MAX_PATH`] levels, [`Error::Malformed`].
pub fn process(mut payload: Map<String, Value>, disclosures: &[Disclosure]) -> Result<Processed> {
    match payload.remove("_sd_alg") {
        None => {}
        Some(Value::String(name)) if name == HASH_NAME => {}
        Some(_) => return Err(Error::UnsupportedAlgorithm),
    }
    let mut by_digest = HashMap::with_capacity(disclosures.len());
    for (place, disclosure) in disclosures.iter().enumerate() {
        if by_digest.insert(disclosure.digest(), (place, disclosure)).is_some() {
            return Err(Error::DuplicateDigest);
        }
    }
    let mut processor = Processor {
        by_digest,
        seen: HashSet::new(),
        nodes: Vec::new(),
        path: Vec::new(),
    };
    let claims = processor.object(payload)?;
    if processor.nodes.len() != disclosures.len() {
        return Err(Error::UnknownDisclosure);
    }
    Ok(Processed {
        claims,
        nodes: processor.nodes,
    })
}

struct Processor<'a> {
    by_digest: HashMap<&'a str, (usize, &'a Disclosure)>,
    /// Every digest met, so that none is met twice.
    seen: HashSet<String>,
    nodes: Vec<Node>,
    /// Where the processor stands.
    path: Vec<PathElement>,
}

impl<'a> Processor<'a> {
    /// Processes what stands one level down.
    fn child(&mut self, element: PathElement, value: Value) -> Result<Value> {
        if self.path.len() == MAX_PATH {
            return Err(Error::TooLarge {
                what: "levels of claims",
                limit: MAX_PATH,
            });
        }
        self.path.push(element);
        let value = match value {
            Value::Object(members) => Value::Object(self.object(members)?),
            Value::Array(elements) => Value::Array(self.array(elements)?),
            other => other,
        };
        self.path.pop();
        Ok(value)
    }

    fn object(&mut self, mut members: Map<String, Value>) -> Result<Map<String, Value>> {
        let digests = members.remove("_sd");
        let mut claims = Map::new();
        for (name, value) in members {
            check_name(&name)?;
            let value = self.child(PathElement::Name(name.clone()), value)?;
            claims.insert(name, value);
        }
        for digest in digest_list(digests)? {
            let Some((place, content)) = self.open(digest)? else {
                continue;
            };
            let Content::Member { name, value } = content else {
                return Err(Error::Malformed { what: "disclosure" });
            };
            if claims.contains_key(name) {
                return Err(Error::Malformed {
                    what: "claim disclosed twice",
                });
            }
            let value = self.disclosed(place, PathElement::Name(name.clone()), value)?;
            claims.insert(name.clone(), value);
        }
        Ok(claims)
    }

    fn array(&mut self, elements: Vec<Value>) -> Result<Vec<Value>> {
        let mut out = Vec::with_capacity(elements.len());
        for element in elements {
            let at = PathElement::Index(out.len());
            let Some(digest) = element_digest(&element)? else {
                out.push(self.child(at, element)?);
                continue;
            };
            let Some((place, content)) = self.open(digest.to_owned())? else {
                continue;
            };
            let Content::Element(value) = content else {
                return Err(Error::Malformed { what: "disclosure" });
            };
            out.push(self.disclosed(place, at, value)?);
        }
        Ok(out)
    }

    /// The disclosure that a digest refers to, if it was given.
    fn open(&mut self, digest: String) -> Result<Option<(usize, &'a Content)>> {
        let found = self
            .by_digest
            .get(digest.as_str())
            .map(|(place, disclosure)| (*place, disclosure.content()));
        match self.seen.insert(digest) {
            true => Ok(found),
            false => Err(Error::DuplicateDigest),
        }
    }

    fn disclosed(&mut self, disclosure: usize, element: PathElement, value: &Value) -> Result<Value> {
        let path = ClaimPath::new(ClaimPath::child(&self.path, element.clone()))?;
        self.nodes.push(Node { path, disclosure });
        self.child(element, value.clone())
    }
}

/// The digests of an `_sd` member.
fn digest_list(digests: Option<Value>) -> Result<Vec<String>> {
    const MALFORMED: Error = Error::Malformed { what: "_sd" };
    let digests = match digests {
        None => return Ok(Vec::new()),
        Some(Value::Array(digests)) => digests,
        Some(_) => return Err(MALFORMED),
    };
    let text = |digest| match digest {
        Value::String(digest) => Ok(digest),
        _ => Err(MALFORMED),
    };
    digests.into_iter().map(text).collect()
}

/// The digest that an array element stands for: the one member `...` of an object.
fn element_digest(element: &Value) -> Result<Option<&str>> {
    let Some(digest) = element.as_object().and_then(|members| members.get("...")) else {
        return Ok(None);
    };
    match (element.as_object().map(Map::len), digest) {
        (Some(1), Value::String(digest)) => Ok(Some(digest)),
        _ => Err(Error::Malformed { what: "SD-JWT payload" }),
    }
}
