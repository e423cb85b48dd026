//! The verifier's side: whether what came back is an answer to what was asked (OpenID4VP 1.0, section 8.6).

use std::collections::{BTreeMap, BTreeSet};

use super::evaluate::Candidate;
use super::query::Query;
use crate::{Error, Result};

impl Query {
    /// Checks presentations, each verified by itself, by the id of the credential query that they answer. Refuses, with
    /// [`Error::QueryNotSatisfied`], an id that wasn't asked, an id without presentation, several where one was asked,
    /// one that is not what was asked, and an answer that lacks what is required.
    ///
    /// Paths with an index count the elements that were disclosed, as RFC 9901 leaves no gap for the others.
    pub fn check_answer(&self, answer: &BTreeMap<&str, Vec<Candidate<'_>>>) -> Result<()> {
        for (id, presented) in answer {
            let query = self.credential(id).ok_or(Error::QueryNotSatisfied)?;
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
