//! The verifier's side: whether what came back is an answer to what was asked (OpenID4VP 1.0, section 8.6).

use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::Candidate;
use super::query::{CredentialQuery, Query};
use crate::path::{ClaimPath, PathElement};
use crate::{Error, Result};

impl Query {
    /// Checks presentations, each verified by itself, by the id of the credential query that they answer. Refuses, with
    /// [`Error::QueryNotSatisfied`], an id that wasn't asked, an id without presentation, several where one was asked,
    /// one that is not what was asked, and an answer that lacks what is required.
    ///
    /// Where a path has an index, any element will do: elements that are not disclosed leave no gap (RFC 9901, section
    /// 7.1), so a verifier can't tell which one it sees.
    pub fn check_answer(&self, answer: &BTreeMap<&str, Vec<Candidate<'_>>>) -> Result<()> {
        for (id, presented) in answer {
            let query = self.credential(id).ok_or(Error::QueryNotSatisfied)?.of_any_element();
            let several = presented.len() > 1 && !query.multiple;
            let satisfying = |candidate| query.satisfied_by(candidate).is_some();
            if presented.is_empty() || several || !presented.iter().all(satisfying) {
                return Err(Error::QueryNotSatisfied);
            }
        }
        let answered: BTreeSet<&str> = answer.keys().copied().collect();
        match self.is_satisfied_by(&answered) {
            true => Ok(()),
            false => Err(Error::QueryNotSatisfied),
        }
    }
}

impl CredentialQuery {
    fn of_any_element(&self) -> Self {
        let any = |element: &PathElement| match element {
            PathElement::Index(_) => PathElement::All,
            other => other.clone(),
        };
        let mut query = self.clone();
        for claim in &mut query.claims {
            claim.path = ClaimPath::unchecked(claim.path.elements().iter().map(any).collect());
        }
        query
    }
}
