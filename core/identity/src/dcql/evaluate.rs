//! The holder's side: which credentials satisfy a query, and with which claims exactly (OpenID4VP 1.0, section 6.4).

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::query::{ClaimsQuery, CredentialQuery, Format, Meta, Query};
use crate::ClaimPath;

/// A credential as a query sees it.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// Its format.
    pub format: Format,
    /// Its types: `vct` and `aka_vcts`, or the document type.
    pub types: Vec<&'a str>,
    /// All its claims; of an mdoc, an object of namespaces, each an object of elements.
    pub claims: &'a Map<String, Value>,
    /// The authorities that stand behind its issuer.
    pub authorities: &'a [Authority],
    /// Whether it is bound to a key that its holder can prove.
    pub holder_binding: bool,
}

/// An authority that stands behind an issuer, in the terms of a trusted authorities query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// `aki`, `etsi_tl`, `openid_federation`, or another.
    pub kind: String,
    /// Its name; for `aki` the key identifier, base64url.
    pub value: String,
}

/// What a set of candidates has to say to a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matches {
    /// One entry for each credential query, in the query's order.
    pub credentials: Vec<CredentialMatches>,
    /// One entry for each credential set query, in the query's order.
    pub sets: Vec<SetMatches>,
    /// Whether everything that is required can be given. Where it can't, nothing may be given.
    pub satisfiable: bool,
}

/// The candidates that satisfy one credential query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialMatches {
    /// The credential query's id.
    pub id: String,
    /// Whether the query is required whatever else is given: there are no credential sets. Otherwise [`Matches::sets`]
    /// says when it is needed.
    pub required: bool,
    /// The satisfying candidates, in the order in which they were given.
    pub candidates: Vec<CandidateMatch>,
}

/// A candidate that satisfies a credential query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CandidateMatch {
    /// Its place among the candidates that were given.
    pub candidate: usize,
    /// The claim set that it satisfies, the verifier's first such; none where all claims are asked.
    pub claim_set: Option<usize>,
    /// What is to be disclosed for it: an entry for each claim asked, and nothing else.
    pub claims: Vec<ClaimMatch>,
}

/// One claim asked, and what it selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimMatch {
    /// The claims query's place in its credential query.
    pub query: usize,
    /// The claims to disclose: paths without [`crate::PathElement::All`], at least one.
    pub paths: Vec<ClaimPath>,
}

/// How a credential set query can be satisfied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetMatches {
    /// Whether one option must be given.
    pub required: bool,
    /// The options in the verifier's order.
    pub options: Vec<OptionMatch>,
}

/// One combination of credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionMatch {
    /// The credential queries' ids.
    pub ids: Vec<String>,
    /// Whether each of them has a satisfying candidate.
    pub satisfiable: bool,
}

impl CandidateMatch {
    /// Every path to disclose: what [`crate::UnsignedPresentation::prepare`] takes.
    pub fn paths(&self) -> Vec<ClaimPath> {
        self.claims
            .iter()
            .flat_map(|claim| claim.paths.iter().cloned())
            .collect()
    }
}

impl Query {
    /// Finds what of `candidates` satisfies the query.
    pub fn evaluate(&self, candidates: &[Candidate<'_>]) -> Matches {
        let credentials: Vec<_> = self
            .credentials
            .iter()
            .map(|query| self.credential_matches(query, candidates))
            .collect();
        let answered: BTreeSet<&str> = credentials
            .iter()
            .filter(|matches| !matches.candidates.is_empty())
            .map(|m| m.id.as_str())
            .collect();
        let sets = self.set_matches(&answered);
        let satisfiable = self.is_satisfied_by(&answered);
        Matches {
            sets,
            satisfiable,
            credentials,
        }
    }

    fn credential_matches(&self, query: &CredentialQuery, candidates: &[Candidate<'_>]) -> CredentialMatches {
        let matching = candidates.iter().enumerate().filter_map(|(place, candidate)| {
            let (claim_set, claims) = query.satisfied_by(candidate)?;
            Some(CandidateMatch {
                candidate: place,
                claim_set,
                claims,
            })
        });
        CredentialMatches {
            id: query.id.clone(),
            required: self.credential_sets.is_empty(),
            candidates: matching.collect(),
        }
    }

    fn set_matches(&self, answered: &BTreeSet<&str>) -> Vec<SetMatches> {
        let option = |ids: &Vec<String>| OptionMatch {
            satisfiable: all_in(ids, answered),
            ids: ids.clone(),
        };
        let set = |required, options: &[Vec<String>]| SetMatches {
            required,
            options: options.iter().map(option).collect(),
        };
        self.credential_sets
            .iter()
            .map(|query| set(query.required, &query.options))
            .collect()
    }

    /// Whether answers to these credential queries are all that is required.
    pub(super) fn is_satisfied_by(&self, answered: &BTreeSet<&str>) -> bool {
        if self.credential_sets.is_empty() {
            return self
                .credentials
                .iter()
                .all(|query| answered.contains(query.id.as_str()));
        }
        let mut required = self.credential_sets.iter().filter(|set| set.required);
        required.all(|set| set.options.iter().any(|ids| all_in(ids, answered)))
    }
}

fn all_in(ids: &[String], answered: &BTreeSet<&str>) -> bool {
    ids.iter().all(|id| answered.contains(id.as_str()))
}

impl CredentialQuery {
    /// Whether format, type, issuer and binding are what is asked; the claims are not looked at.
    pub fn accepts(&self, candidate: &Candidate<'_>) -> bool {
        let type_asked = match &self.meta {
            Meta::SdJwtVc { vct_values } => vct_values.iter().any(|vct| candidate.types.contains(&vct.as_str())),
            Meta::Mdoc { doctype_value } => candidate.types.contains(&doctype_value.as_str()),
            Meta::Other { .. } => false,
        };
        type_asked
            && candidate.format == self.meta.format()
            && (candidate.holder_binding || !self.require_cryptographic_holder_binding)
            && self.issuer_accepted(candidate.authorities)
    }

    fn issuer_accepted(&self, authorities: &[Authority]) -> bool {
        let asked = |authority: &Authority| {
            let same_kind = self
                .trusted_authorities
                .iter()
                .filter(|query| query.kind == authority.kind);
            same_kind
                .flat_map(|query| &query.values)
                .any(|value| *value == authority.value)
        };
        self.trusted_authorities.is_empty() || authorities.iter().any(asked)
    }

    /// The claims with which a candidate satisfies the query, and by which claim set; none where it doesn't.
    pub(super) fn satisfied_by(&self, candidate: &Candidate<'_>) -> Option<(Option<usize>, Vec<ClaimMatch>)> {
        if !self.accepts(candidate) {
            return None;
        }
        if self.claim_sets.is_empty() {
            let all = (0..self.claims.len()).collect();
            return Some((None, self.claim_matches(all, candidate)?));
        }
        self.claim_sets.iter().enumerate().find_map(|(place, ids)| {
            let asked = ids
                .iter()
                .filter_map(|id| self.claims.iter().position(|claim| claim.id.as_ref() == Some(id)));
            Some((Some(place), self.claim_matches(asked.collect(), candidate)?))
        })
    }

    /// What each of these claims queries selects; none where one selects nothing.
    fn claim_matches(&self, queries: BTreeSet<usize>, candidate: &Candidate<'_>) -> Option<Vec<ClaimMatch>> {
        let mut matches: Vec<ClaimMatch> = Vec::new();
        for query in queries {
            let paths = self.claims.get(query)?.select(candidate.claims);
            if paths.is_empty() {
                return None;
            }
            matches.push(ClaimMatch { query, paths });
        }
        Some(matches)
    }
}

impl ClaimsQuery {
    /// The claims that this selects, by paths without [`crate::PathElement::All`]; of several, those with one of the
    /// values asked.
    pub fn select(&self, claims: &Map<String, Value>) -> Vec<ClaimPath> {
        let mut paths = self.path.select(claims);
        if !self.values.is_empty() {
            paths.retain(|path| {
                path.value_in(claims)
                    .is_some_and(|held| self.values.iter().any(|value| value.matches(held)))
            });
        }
        paths
    }
}
