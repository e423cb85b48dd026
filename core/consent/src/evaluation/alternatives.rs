//! Where the organisation takes one of several things: the options, what can be given of them, and which tells least.
//!
//! The order of `claim_sets` and of a credential set's `options` is the verifier's wish (OpenID4VP 1.0, sections 6.4.1 and
//! 6.4.2). What the person gives is theirs to say: unless they do, it is the verifier's first option that can be given and
//! isn't over-asked, or one that tells less than that.

use std::collections::BTreeSet;

use kist_identity::ClaimPath;
use kist_identity::dcql::{CredentialMatches, CredentialQuery, Query};
use serde::Serialize;

use super::less::{tell_less, tells_less};
use super::{FieldEvaluation, HeldCredential};
use crate::FieldRef;

/// The most fields that the options of a request have together. What says more has its fields shown one by one, without
/// options: it is no question that a person could answer.
const MAX_IN_OPTIONS: usize = 256;

/// One place of a request where the organisation takes one of several things.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Alternatives {
    /// The credential query of whose claims these are sets; none where whole parts of the request stand for one another.
    pub credential: Option<String>,
    /// Whether there is no answer without one of them.
    pub required: bool,
    /// The options, the organisation's favourite first. At least two.
    pub options: Vec<AlternativeOption>,
}

/// One of several things that the organisation takes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlternativeOption {
    /// The parts of the request that it consists of, by the ids of their credential queries.
    pub credentials: Vec<String>,
    /// Its fields.
    pub fields: Vec<FieldRef>,
    /// Whether all of it can be given from what there is.
    pub available: bool,
    /// The options, by their places, that tell less than this one.
    pub less: Vec<usize>,
    /// Whether it is the one that is given unless the person says otherwise.
    pub by_default: bool,
}

impl Alternatives {
    /// The option that is given unless the person says otherwise.
    pub fn default_option(&self) -> Option<&AlternativeOption> {
        self.options.iter().find(|option| option.by_default)
    }

    fn new(credential: Option<String>, required: bool, options: Vec<AlternativeOption>, clean: &[bool]) -> Self {
        let mut alternatives = Alternatives {
            credential,
            required,
            options,
        };
        alternatives.compare();
        alternatives.pick(clean);
        alternatives
    }

    fn compare(&mut self) {
        let paths: Vec<Vec<&ClaimPath>> = self
            .options
            .iter()
            .map(|option| option.fields.iter().map(|field| &field.path).collect())
            .collect();
        let less = |of: &Vec<&ClaimPath>| -> Vec<usize> {
            let places = paths.iter().enumerate().filter(|(_, other)| tell_less(other, of));
            places.map(|(place, _)| place).collect()
        };
        let less: Vec<Vec<usize>> = paths.iter().map(less).collect();
        for (option, less) in self.options.iter_mut().zip(less) {
            option.less = less;
        }
    }

    /// The first option that can be given and isn't over-asked; from there to what tells less, as long as there is such.
    fn pick(&mut self, clean: &[bool]) {
        let usable = |place: &usize| {
            self.options.get(*place).is_some_and(|option| option.available) && clean.get(*place) == Some(&true)
        };
        let mut picked = (0..self.options.len()).find(usable);
        // Less is a strict order, so each step leaves an option behind.
        for _ in 0..self.options.len() {
            let less = picked.and_then(|place| self.options.get(place)?.less.iter().copied().find(usable));
            picked = less.or(picked);
        }
        if let Some(option) = picked.and_then(|place| self.options.get_mut(place)) {
            option.by_default = true;
        }
    }
}

/// What alternatives are found from.
pub(super) struct Ground<'a> {
    pub(super) query: &'a Query,
    /// The return address's query, which can always be answered.
    pub(super) connection: Option<&'a str>,
    pub(super) held: &'a [HeldCredential<'a>],
    pub(super) matches: &'a [CredentialMatches],
    pub(super) fields: &'a [FieldEvaluation],
}

impl Ground<'_> {
    /// Every place where the organisation takes one of several things: sets of claims by their query, then sets of parts.
    /// `is_required` says of a credential query whether there is no answer without it.
    pub(super) fn alternatives(&self, is_required: impl Fn(&str) -> bool) -> Vec<Alternatives> {
        if self.fields_in_options() > MAX_IN_OPTIONS {
            return Vec::new();
        }
        let queries = self.query.credentials().iter().zip(self.matches);
        let queries = queries.filter(|(query, _)| self.connection != Some(query.id.as_str()));
        let mut all: Vec<Alternatives> = queries
            .filter(|(query, _)| query.claim_sets.len() > 1)
            .map(|(query, found)| self.of_claims(query, found, is_required(&query.id)))
            .collect();
        let parts = self.of_parts(&all);
        all.extend(parts);
        all
    }

    /// How many fields all options have together, at most.
    fn fields_in_options(&self) -> usize {
        let claims = |id: &String| self.query.credential(id).map_or(1, |query| query.claims.len().max(1));
        let sets = self.query.credentials().iter().flat_map(|query| &query.claim_sets);
        let options = self.query.credential_sets().iter().filter(|set| set.options.len() > 1);
        let parts = options.flat_map(|set| set.options.iter().flatten()).map(claims);
        sets.map(Vec::len).chain(parts).fold(0, usize::saturating_add)
    }

    fn of_claims(&self, query: &CredentialQuery, found: &CredentialMatches, required: bool) -> Alternatives {
        let fields = self.fields.iter().filter(|field| field.credential == query.id);
        let fields: Vec<&FieldEvaluation> = fields.collect();
        let places = query.claim_sets.iter().map(|set| places(query, set));
        let (options, clean) = places
            .map(|places| {
                let of_option: Vec<&FieldEvaluation> =
                    places.iter().filter_map(|place| fields.get(*place).copied()).collect();
                let answers = |found: &kist_identity::dcql::CandidateMatch| {
                    let held = self.held.get(found.candidate);
                    held.is_some_and(|held| has(query, &places, held))
                };
                let option = AlternativeOption {
                    credentials: vec![query.id.clone()],
                    fields: of_option.iter().filter_map(|field| field.field()).collect(),
                    available: found.candidates.iter().any(answers),
                    less: Vec::new(),
                    by_default: false,
                };
                (option, of_option.iter().all(|field| field.over_asking.is_empty()))
            })
            .unzip::<_, _, Vec<_>, Vec<_>>();
        Alternatives::new(Some(query.id.clone()), required, options, &clean)
    }

    /// Sets of parts. Of a part that has sets of claims itself, an option has the fields of the set that goes by default.
    fn of_parts(&self, of_claims: &[Alternatives]) -> Vec<Alternatives> {
        let sets = self.query.credential_sets().iter().filter(|set| set.options.len() > 1);
        let parts = sets.map(|set| {
            let (options, clean) = set
                .options
                .iter()
                .map(|ids| self.of_part(ids, of_claims))
                .unzip::<_, _, Vec<_>, Vec<_>>();
            Alternatives::new(None, set.required, options, &clean)
        });
        parts.collect()
    }

    fn of_part(&self, ids: &[String], of_claims: &[Alternatives]) -> (AlternativeOption, bool) {
        let ids: Vec<&String> = ids.iter().filter(|id| self.connection != Some(id.as_str())).collect();
        let sets = |field: &FieldEvaluation| {
            of_claims
                .iter()
                .find(|all| all.credential.as_ref() == Some(&field.credential))
        };
        let goes = |field: &&FieldEvaluation| {
            let named = field.field();
            let option = sets(field).map(Alternatives::default_option);
            option.is_none_or(|option| {
                option.is_some_and(|option| named.is_some_and(|named| option.fields.contains(&named)))
            })
        };
        let fields = self
            .fields
            .iter()
            .filter(|field| ids.contains(&&field.credential))
            .filter(goes);
        let fields: Vec<&FieldEvaluation> = fields.collect();
        let is_there = |id: &&String| {
            let found = self.matches.iter().find(|found| found.id == **id);
            found.is_some_and(|found| !found.candidates.is_empty())
        };
        let option = AlternativeOption {
            available: ids.iter().all(is_there),
            credentials: ids.into_iter().cloned().collect(),
            fields: fields.iter().filter_map(|field| field.field()).collect(),
            less: Vec::new(),
            by_default: false,
        };
        (option, fields.iter().all(|field| field.over_asking.is_empty()))
    }
}

/// The places of a set's claims in their credential query.
pub(super) fn places(query: &CredentialQuery, set: &[String]) -> BTreeSet<usize> {
    let place = |id| query.claims.iter().position(|claim| claim.id.as_ref() == Some(id));
    set.iter().filter_map(place).collect()
}

/// Whether a credential has all of these claims, with the values that are asked.
pub(super) fn has(query: &CredentialQuery, places: &BTreeSet<usize>, held: &HeldCredential<'_>) -> bool {
    let claims = held.candidate.claims;
    let there = |place: &usize| {
        query
            .claims
            .get(*place)
            .is_some_and(|claim| !claim.select(claims).is_empty())
    };
    places.iter().all(there)
}

/// For each field, the fields of other options that tell less and can be given.
pub(super) fn instead(alternatives: &[Alternatives], field: &FieldRef) -> Vec<FieldRef> {
    let mut found: Vec<FieldRef> = Vec::new();
    for all in alternatives {
        let with = |option: &&AlternativeOption| option.fields.contains(field);
        if !all.options.iter().any(|option| with(&option)) {
            continue;
        }
        let others = all.options.iter().filter(|option| option.available && !with(option));
        for less in others.flat_map(|option| &option.fields) {
            if tells_less(&less.path, &field.path) && !found.contains(less) {
                found.push(less.clone());
            }
        }
    }
    found
}
