//! What tells less than what: an age bound than a date of birth, a part than the whole (I2).
//!
//! Nothing is guessed: only what follows from another claim by the names that the standards give them. Names of age
//! claims are those of ISO 18013-5 (7.4.4), EUDI's person identification data and the SD-JWT form of it.

use kist_identity::{ClaimPath, PathElement};
use serde_json::{Map, Value};

use super::linking::is_birth;

/// The most claims of one credential that are named as telling less.
const MAX_NAMED: usize = 16;

/// How much of a date of birth a claim tells.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Age {
    Bound,
    Years,
    Birth,
}

/// Whether `less` follows from `more`, and `more` doesn't follow from `less`.
pub(super) fn tells_less(less: &ClaimPath, more: &ClaimPath) -> bool {
    let part = less != more && more.contains(less);
    part || matches!((age(less), age(more)), (Some(less), Some(more)) if less < more)
}

/// Whether these fields together follow from those, and not the other way round.
pub(super) fn tell_less(fields: &[&ClaimPath], those: &[&ClaimPath]) -> bool {
    let follows =
        |from: &[&ClaimPath], path: &ClaimPath| from.iter().any(|more| *more == path || tells_less(path, more));
    let all = |paths: &[&ClaimPath], from: &[&ClaimPath]| paths.iter().all(|path| follows(from, path));
    all(fields, those) && !all(those, fields)
}

/// The claims of a credential that tell less of an age than the date of birth at `path`.
pub(super) fn instead_of(path: &ClaimPath, claims: &Map<String, Value>) -> Vec<ClaimPath> {
    if !is_birth(path) {
        return Vec::new();
    }
    let inner = claims
        .iter()
        .filter_map(|(name, value)| Some((name, value.as_object()?)));
    let inner = inner.flat_map(|(outer, members)| members.keys().map(move |name| vec![outer.as_str(), name]));
    let paths = claims.keys().map(|name| vec![name.as_str()]).chain(inner);
    let less = paths
        .filter_map(|names| ClaimPath::names(names).ok())
        .filter(|found| tells_less(found, path) && !found.value_in(claims).is_some_and(Value::is_object));
    less.take(MAX_NAMED).collect()
}

/// What a path tells of an age: `age_over_18`, `["age_equal_or_over", "18"]`, `age_in_years`, `age_birth_year`.
fn age(path: &ClaimPath) -> Option<Age> {
    if is_birth(path) {
        return Some(Age::Birth);
    }
    let name = |element: Option<&PathElement>| match element {
        Some(PathElement::Name(name)) => Some(name.to_ascii_lowercase()),
        _ => None,
    };
    let mut elements = path.elements().iter().rev();
    let last = name(elements.next())?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match last.as_str() {
        "age_in_years" | "age_birth_year" => Some(Age::Years),
        number if is_number(number) => (name(elements.next())? == "age_equal_or_over").then_some(Age::Bound),
        other => other
            .strip_prefix("age_over_")
            .filter(|number| is_number(number))
            .map(|_| Age::Bound),
    }
}
