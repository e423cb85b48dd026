//! What a presentation shows that its holder could have kept back: the measure of "nothing beyond what was chosen" (I2, A19).

use kist_crypto::jws;
use kist_identity::sd_jwt::{SdJwt, process};
use kist_identity::{ClaimPath, PathElement};
use serde_json::{Map, Value};

use crate::{Error, Result};

/// That a presentation shows nothing which could have been kept back beyond what was `chosen`.
///
/// Errors: `BeyondConsent`; `Malformed` for what is no presentation.
pub fn shows_only(compact: &str, chosen: &[ClaimPath]) -> Result<()> {
    let within = |shown: &ClaimPath| chosen.iter().any(|chosen| covers(chosen, shown));
    match disclosed(compact)?.iter().all(within) {
        true => Ok(()),
        false => Err(Error::BeyondConsent),
    }
}

/// The paths of every value that a presentation shows by a disclosure: down to what holds no further value.
///
/// The presentation is verified elsewhere; this only takes it apart.
pub(crate) fn disclosed(compact: &str) -> Result<Vec<ClaimPath>> {
    let sd_jwt = SdJwt::parse(compact)?;
    let payload = jws::parse(sd_jwt.issuer_jwt())?.payload;
    let payload: Map<String, Value> =
        serde_json::from_slice(&payload).map_err(|_| Error::Malformed { what: "credential" })?;
    let processed = process(payload, sd_jwt.disclosures())?;
    let mut leaves = Vec::new();
    for (name, value) in &processed.claims {
        collect(value, vec![PathElement::Name(name.clone())], &mut leaves)?;
    }
    leaves.retain(|leaf| processed.nodes.iter().any(|node| node.path.contains(leaf)));
    Ok(leaves)
}

fn collect(value: &Value, path: Vec<PathElement>, leaves: &mut Vec<ClaimPath>) -> Result<()> {
    let mut child = |element: PathElement, value: &Value| {
        let mut path = path.clone();
        path.push(element);
        collect(value, path, leaves)
    };
    match value {
        Value::Object(members) if !members.is_empty() => members
            .iter()
            .try_for_each(|(name, value)| child(PathElement::Name(name.clone()), value)),
        Value::Array(elements) if !elements.is_empty() => elements
            .iter()
            .enumerate()
            .try_for_each(|(place, value)| child(PathElement::Index(place), value)),
        _ => {
            leaves.push(ClaimPath::new(path)?);
            Ok(())
        }
    }
}

/// Whether a path that was chosen leads to `shown`, or to something that holds it. Elements that were kept back leave no
/// gap in an array, so a place in the presentation may be another place in the credential: any place fits any other.
pub(crate) fn covers(chosen: &ClaimPath, shown: &ClaimPath) -> bool {
    let (chosen, shown) = (chosen.elements(), shown.elements());
    let fits = |(chosen, shown): (&PathElement, &PathElement)| match (chosen, shown) {
        (PathElement::Name(chosen), PathElement::Name(shown)) => chosen == shown,
        (PathElement::Name(_), _) | (_, PathElement::Name(_)) => false,
        _ => true,
    };
    chosen.len() <= shown.len() && chosen.iter().zip(shown).all(fits)
}
