//! Claim paths: the claims path pointer of OpenID4VP 1.0, section 7, with which verifiers ask and holders choose.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Error, Result};

/// The most elements of a path, and the most levels of a credential's claims.
pub const MAX_PATH: usize = 32;
/// The most claims that one path selects; one that would select more selects none.
pub const MAX_SELECTED: usize = 4096;

/// One step into a credential.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PathElement {
    /// The member of an object by this name.
    Name(String),
    /// The element of an array at this place, counted from 0.
    Index(usize),
    /// Every element of an array; `null` in JSON.
    All,
}

/// A path from a credential's root to one or more of its claims: 1 to [`MAX_PATH`] elements. As JSON, an array of strings,
/// non-negative integers and nulls.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<Value>", into = "Vec<Value>")]
pub struct ClaimPath(Vec<PathElement>);

impl ClaimPath {
    /// A path of these elements. Refused when there are none, or more than [`MAX_PATH`].
    pub fn new(elements: Vec<PathElement>) -> Result<Self> {
        match elements.len() {
            0 => Err(Error::Malformed { what: "claim path" }),
            1..=MAX_PATH => Ok(ClaimPath(elements)),
            _ => Err(Error::TooLarge {
                what: "claim path",
                limit: MAX_PATH,
            }),
        }
    }

    /// The path to a claim at the root.
    pub fn top(name: impl Into<String>) -> Self {
        ClaimPath(vec![PathElement::Name(name.into())])
    }

    /// A path of member names: `["address", "locality"]`.
    pub fn names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        Self::new(
            names
                .into_iter()
                .map(|name| PathElement::Name(name.to_owned()))
                .collect(),
        )
    }

    /// From its JSON form.
    pub fn from_value(value: &Value) -> Result<Self> {
        let elements = value.as_array().ok_or(Error::Malformed { what: "claim path" })?;
        Self::from_elements(elements)
    }

    fn from_elements(elements: &[Value]) -> Result<Self> {
        if elements.len() > MAX_PATH {
            return Err(Error::TooLarge {
                what: "claim path",
                limit: MAX_PATH,
            });
        }
        let element = |value: &Value| match value {
            Value::String(name) => Some(PathElement::Name(name.clone())),
            Value::Null => Some(PathElement::All),
            Value::Number(number) => number
                .as_u64()
                .and_then(|n| usize::try_from(n).ok())
                .map(PathElement::Index),
            _ => None,
        };
        let elements: Option<Vec<_>> = elements.iter().map(element).collect();
        Self::new(elements.ok_or(Error::Malformed { what: "claim path" })?)
    }

    /// The elements, at least one.
    pub fn elements(&self) -> &[PathElement] {
        &self.0
    }

    /// Whether this path is `other`, or leads to something that contains what `other` leads to.
    pub fn contains(&self, other: &ClaimPath) -> bool {
        other.0.starts_with(&self.0)
    }

    /// The paths without [`PathElement::All`] of everything that this path selects in `claims`, in their order. Empty
    /// when it selects nothing, more than [`MAX_SELECTED`], or steps into what is no object or no array (OpenID4VP 1.0,
    /// section 7.1.1).
    pub fn select(&self, claims: &Map<String, Value>) -> Vec<ClaimPath> {
        let selected = self.try_select(claims).unwrap_or_default();
        selected.into_iter().map(|(path, _)| ClaimPath(path)).collect()
    }

    fn try_select<'a>(&self, claims: &'a Map<String, Value>) -> Option<Vec<Selected<'a>>> {
        let (PathElement::Name(first), rest) = self.0.split_first()? else {
            return None;
        };
        let root = (vec![PathElement::Name(first.clone())], claims.get(first)?);
        rest.iter().try_fold(vec![root], step)
    }

    /// The value at a path without [`PathElement::All`].
    pub fn value_in<'a>(&self, claims: &'a Map<String, Value>) -> Option<&'a Value> {
        let (first, rest) = self.0.split_first()?;
        let PathElement::Name(first) = first else { return None };
        rest.iter()
            .try_fold(claims.get(first)?, |value, element| match element {
                PathElement::Name(name) => value.as_object()?.get(name),
                PathElement::Index(index) => value.as_array()?.get(*index),
                PathElement::All => None,
            })
    }

    /// The path one level deeper; the caller watches over its length.
    pub(crate) fn child(parent: &[PathElement], element: PathElement) -> Vec<PathElement> {
        let mut path = parent.to_vec();
        path.push(element);
        path
    }

    /// A path that is known to be within its bounds.
    pub(crate) fn unchecked(elements: Vec<PathElement>) -> Self {
        ClaimPath(elements)
    }
}

type Selected<'a> = (Vec<PathElement>, &'a Value);

/// One element of a path applied to all that is selected; `None` where the standard aborts, and above the bound.
fn step<'a>(selection: Vec<Selected<'a>>, element: &PathElement) -> Option<Vec<Selected<'a>>> {
    let mut next = Vec::new();
    for (path, value) in selection {
        let at = |element| ClaimPath::child(&path, element);
        match element {
            PathElement::Name(name) => {
                next.extend(
                    value
                        .as_object()?
                        .get(name)
                        .map(|value| (at(PathElement::Name(name.clone())), value)),
                );
            }
            PathElement::Index(index) => {
                next.extend(
                    value
                        .as_array()?
                        .get(*index)
                        .map(|value| (at(PathElement::Index(*index)), value)),
                );
            }
            PathElement::All => {
                let elements = value.as_array()?;
                if elements.len() > MAX_SELECTED.saturating_sub(next.len()) {
                    return None;
                }
                let elements = elements.iter().enumerate();
                next.extend(elements.map(|(index, value)| (at(PathElement::Index(index)), value)));
            }
        }
    }
    Some(next)
}

impl TryFrom<Vec<Value>> for ClaimPath {
    type Error = Error;

    fn try_from(elements: Vec<Value>) -> Result<Self> {
        Self::from_elements(&elements)
    }
}

impl From<ClaimPath> for Vec<Value> {
    fn from(path: ClaimPath) -> Self {
        let value = |element| match element {
            PathElement::Name(name) => Value::String(name),
            PathElement::Index(index) => Value::from(index),
            PathElement::All => Value::Null,
        };
        path.0.into_iter().map(value).collect()
    }
}

impl fmt::Display for ClaimPath {
    /// The JSON form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Value::Array(self.clone().into()))
    }
}

impl fmt::Debug for ClaimPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClaimPath({self})")
    }
}
