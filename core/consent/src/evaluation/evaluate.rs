//! The pure function itself.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use kist_identity::ClaimPath;
use kist_identity::dcql::{Candidate, ClaimValue, CredentialMatches, CredentialQuery, Matches, Meta, Query};
use kist_trust::{IntendedUse, Localised, Reason, TrustedParty};
use serde_json::Value;

use super::alternatives::{self, Alternatives, Ground};
use super::{
    Asker, Candidates, Evaluation, FieldEvaluation, FieldMatch, HeldCredential, Kept, OfferedTerms, OverAsking,
    SharedBefore, StatedPurpose, Verified, Warning, less, linking,
};
use crate::history::DisclosedField;
use crate::rules::Verdict;
use crate::{FieldRef, Offer, Party, Texts};

/// A request that was verified, as far as its evaluation needs it.
#[derive(Debug, Clone, Copy)]
pub struct RequestFacts<'a> {
    /// What is asked.
    pub query: &'a Query,
    /// The id of the credential query that asks for the return address, which is no data of the person's.
    pub connection: Option<&'a str>,
    /// The agreement that is offered.
    pub offer: Option<&'a Offer>,
    /// The supplier that asks in the party's name; verified, and let to by the party.
    pub supplier: Option<&'a TrustedParty>,
    /// Why no framework vouches for the party, in a developer's mode: then what the party says is hearsay.
    pub unverified: Option<Reason>,
}

/// Evaluates a request of `party` at `now` (Unix seconds). `shared` says what this organisation was shown before.
///
/// It takes for granted that request and offer were verified to be of `party`, and says what follows from them.
pub fn evaluate(
    request: &RequestFacts<'_>,
    party: &TrustedParty,
    candidates: &dyn Candidates,
    shared: &SharedBefore,
    now: i64,
) -> Evaluation {
    let held = held(request.query, candidates);
    let seen: Vec<Candidate<'_>> = held.iter().map(|held| held.candidate.clone()).collect();
    let matches = request.query.evaluate(&seen);
    let context = Context {
        request,
        party,
        candidates,
        held: &held,
        matches: &matches,
        shared,
        now,
    };
    let mut fields = context.fields();
    let alternatives = context.alternatives(&fields);
    context.choose(&mut fields, &alternatives);
    let purposes = context.purposes(&fields);
    Evaluation {
        asker: context.asker(),
        purposes,
        agreement: request.offer.map(offered_terms),
        answerable: context.answerable(),
        warnings: context.warnings(&fields),
        alternatives,
        verdict: Verdict::default(),
        fields,
    }
}

struct Context<'a> {
    request: &'a RequestFacts<'a>,
    party: &'a TrustedParty,
    candidates: &'a dyn Candidates,
    held: &'a [HeldCredential<'a>],
    matches: &'a Matches,
    shared: &'a SharedBefore,
    now: i64,
}

/// Everything that is held of the types that the query names.
fn held<'a>(query: &Query, candidates: &'a dyn Candidates) -> Vec<HeldCredential<'a>> {
    let mut types: Vec<&str> = query.credentials().iter().flat_map(types).collect();
    types.sort_unstable();
    types.dedup();
    candidates.of_types(&types)
}

fn types(query: &CredentialQuery) -> Vec<&str> {
    match &query.meta {
        Meta::SdJwtVc { vct_values } => vct_values.iter().map(String::as_str).collect(),
        Meta::Mdoc { doctype_value } => vec![doctype_value],
        Meta::Other { .. } => Vec::new(),
    }
}

impl Context<'_> {
    fn asker(&self) -> Asker {
        let authority = &self.party.registration.supervisory_authority;
        Asker {
            organisation: Party {
                id: self.party.organisation_id.clone(),
                name: self.party.legal_name.clone(),
            },
            country: self.party.country.clone(),
            supplier: self.request.supplier.map(|supplier| Party {
                id: supplier.organisation_id.clone(),
                name: supplier.legal_name.clone(),
            }),
            verified: match self.request.unverified {
                None => Verified::Framework {
                    anchor: self.party.anchor_label.clone(),
                    kind: self.party.anchor_kind,
                    active_since: self.party.active_since,
                },
                Some(reason) => Verified::Nobody { reason: reason.code() },
            },
            contacts: self.party.registration.contacts.clone(),
            supervisory_authority: (authority.name.clone(), authority.uri.clone()),
        }
    }

    /// The credential queries that ask for data, each with its matches.
    fn parts(&self) -> impl Iterator<Item = (&CredentialQuery, &CredentialMatches)> {
        let connection = self.request.connection;
        let parts = self.request.query.credentials().iter().zip(&self.matches.credentials);
        parts.filter(move |(query, _)| Some(query.id.as_str()) != connection)
    }

    fn fields(&self) -> Vec<FieldEvaluation> {
        let mut fields = Vec::new();
        for (query, matches) in self.parts() {
            if query.claims.is_empty() {
                fields.push(self.field(query, matches, None));
            }
            fields.extend((0..query.claims.len()).map(|place| self.field(query, matches, Some(place))));
        }
        let known = |field: &FieldEvaluation| field.linking == Some(linking::Linking::ByItself);
        let paths = fields
            .iter()
            .filter_map(|field| Some((field.path.as_ref()?, known(field))));
        let links = linking::among(paths);
        for (field, linking) in fields.iter_mut().filter(|field| field.path.is_some()).zip(links) {
            field.linking = linking;
        }
        fields
    }

    /// One field: the claims query at `place`, or the credential as a whole.
    fn field(&self, query: &CredentialQuery, found: &CredentialMatches, place: Option<usize>) -> FieldEvaluation {
        let claim = place.and_then(|place| query.claims.get(place));
        let path = claim.map(|claim| claim.path.clone());
        let offered = path.as_ref().zip(self.request.offer).and_then(|(path, offer)| {
            offer.field(&FieldRef {
                credential: query.id.clone(),
                path: path.clone(),
            })
        });
        let required = offered.map_or_else(
            || is_required(self.request.query, &query.id) && in_every_set(query, place),
            |offered| offered.required,
        );
        let over_asking = self.over_asking(query, path.as_ref());
        let matches = self.field_matches(query, found, place);
        let marks = types(query)
            .into_iter()
            .map(|vct| self.candidates.marks(vct, path.as_ref()));
        let (sensitive, links) = marks.fold((false, false), |(sensitive, links), marks| {
            (sensitive || marks.sensitive, links || marks.links)
        });
        FieldEvaluation {
            credential: query.id.clone(),
            types: types(query).into_iter().map(str::to_owned).collect(),
            required,
            purpose: offered.and_then(|offered| offered.purpose.clone()).map(BTreeMap::from),
            values: claim.map_or_else(Vec::new, |claim| claim.values.iter().map(to_json).collect()),
            sensitive,
            instead: Vec::new(),
            withheld_by: None,
            chosen_by_default: false,
            missing: matches.is_empty() && !self.is_held(query, path.as_ref()),
            shared_before_ms: self.shared_before(query, path.as_ref()),
            linking: links.then_some(linking::Linking::ByItself),
            over_asking,
            matches,
            path,
        }
    }

    fn over_asking(&self, query: &CredentialQuery, path: Option<&ClaimPath>) -> Vec<OverAsking> {
        let elements: Vec<Value> = path.cloned().map(Vec::from).unwrap_or_default();
        let types = types(query);
        let registration = &self.party.registration;
        let permitted = |intended_use: &str| {
            !types.is_empty()
                && types
                    .iter()
                    .all(|vct| registration.permits(intended_use, vct, &elements))
        };
        let anywhere = registration
            .intended_uses
            .iter()
            .any(|intended| permitted(&intended.id));
        match self.request.offer {
            _ if !anywhere => vec![OverAsking::NotRegistered],
            Some(offer) if !permitted(&offer.intended_use) => vec![OverAsking::NotForThisPurpose],
            Some(offer) if path.is_some_and(|path| self.shared.is_more(&offer.intended_use, &types, path)) => {
                vec![OverAsking::MoreThanLastTime]
            }
            _ => Vec::new(),
        }
    }

    fn alternatives(&self, fields: &[FieldEvaluation]) -> Vec<Alternatives> {
        let ground = Ground {
            query: self.request.query,
            connection: self.request.connection,
            held: self.held,
            matches: &self.matches.credentials,
            fields,
        };
        ground.alternatives(|id| is_required(self.request.query, id))
    }

    /// Says of each field what could go in its place, and whether it goes by default.
    fn choose(&self, fields: &mut [FieldEvaluation], alternatives: &[Alternatives]) {
        for field in fields {
            let Some(name) = field.field() else { continue };
            field.instead = alternatives::instead(alternatives, &name);
            let sound = field.over_asking.is_empty() && !field.matches.is_empty();
            let needed = field.required || self.is_of_default(&name, alternatives);
            field.chosen_by_default = sound && needed;
        }
    }

    /// Whether a field is of the option that goes by default, where one of several is required.
    fn is_of_default(&self, field: &FieldRef, alternatives: &[Alternatives]) -> bool {
        let of_part = |all: &&Alternatives| match &all.credential {
            Some(credential) => *credential == field.credential,
            None => {
                all.required
                    && all
                        .options
                        .iter()
                        .any(|option| option.credentials.contains(&field.credential))
            }
        };
        let mut concerned = alternatives.iter().filter(of_part).peekable();
        let needed = is_required(self.request.query, &field.credential)
            || alternatives.iter().any(|all| all.credential.is_none() && of_part(&all));
        let goes = |all: &Alternatives| all.default_option().is_some_and(|option| option.fields.contains(field));
        needed && concerned.peek().is_some() && concerned.all(goes)
    }

    fn field_matches(
        &self,
        query: &CredentialQuery,
        found: &CredentialMatches,
        place: Option<usize>,
    ) -> Vec<FieldMatch> {
        let mut matches: Vec<FieldMatch> = Vec::new();
        for candidate in &found.candidates {
            let Some(held) = self.held.get(candidate.candidate) else {
                continue;
            };
            let claim = candidate.claims.iter().find(|claim| Some(claim.query) == place);
            let paths = match (place, claim) {
                (None, _) => Vec::new(),
                (Some(_), Some(claim)) => claim.paths.clone(),
                (Some(place), None) => of_another_set(query, place, held),
            };
            if place.is_some() && paths.is_empty() {
                continue;
            }
            let value = |path: &ClaimPath| Some((path.clone(), path.value_in(held.candidate.claims)?.clone()));
            matches.push(FieldMatch {
                candidate: held.id.clone(),
                values: paths.iter().filter_map(value).collect(),
                provenance: held.provenance.clone(),
                freshness: held.provenance.freshness(self.now),
            });
        }
        matches.sort_by_key(|found| (found.freshness.expired, Reverse(found.provenance.as_of)));
        matches
    }

    /// Whether something of the right type has the claim, though it may lack another.
    fn is_held(&self, query: &CredentialQuery, path: Option<&ClaimPath>) -> bool {
        let mut accepted = self.held.iter().filter(|held| query.accepts(&held.candidate));
        accepted.any(|held| path.is_none_or(|path| !path.select(held.candidate.claims).is_empty()))
    }

    fn shared_before(&self, query: &CredentialQuery, path: Option<&ClaimPath>) -> Option<i64> {
        let path = path?;
        let types = types(query).into_iter();
        let field = |vct: &str| DisclosedField {
            credential_type: vct.to_owned(),
            path: path.clone(),
        };
        types.filter_map(|vct| self.shared.last(&field(vct))).max()
    }

    fn purposes(&self, fields: &[FieldEvaluation]) -> Vec<StatedPurpose> {
        match self.request.offer {
            Some(offer) => vec![offered_purpose(offer)],
            None => {
                let asked = |intended: &&IntendedUse| fields.iter().any(|field| self.may_ask(&intended.id, field));
                self.party
                    .registration
                    .intended_uses
                    .iter()
                    .filter(asked)
                    .map(registered_purpose)
                    .collect()
            }
        }
    }

    fn may_ask(&self, intended_use: &str, field: &FieldEvaluation) -> bool {
        let path: Vec<Value> = field.path.clone().map(Vec::from).unwrap_or_default();
        field
            .types
            .iter()
            .any(|vct| self.party.registration.permits(intended_use, vct, &path))
    }

    /// Whether the request can be answered. A return address can always be given, so it is as good as there.
    fn answerable(&self) -> bool {
        let there = |id: &str| {
            let found = self.matches.credentials.iter().find(|found| found.id == id);
            self.request.connection == Some(id) || found.is_some_and(|found| !found.candidates.is_empty())
        };
        let query = self.request.query;
        match query.credential_sets() {
            [] => query.credentials().iter().all(|credential| there(&credential.id)),
            sets => sets
                .iter()
                .filter(|set| set.required)
                .all(|set| set.options.iter().any(|option| option.iter().all(|id| there(id)))),
        }
    }

    /// What has to be said of how the party was verified.
    fn standing(&self) -> Option<Warning> {
        match (self.request.unverified, self.party.freshness) {
            (Some(reason), _) => Some(Warning::NobodyVouches { reason: reason.code() }),
            (None, kist_trust::Freshness::Overdue { due, usable_until }) => Some(Warning::TrustListOverdue {
                due_at: due,
                until_at: usable_until,
            }),
            (None, kist_trust::Freshness::Current) => None,
        }
    }

    fn warnings(&self, fields: &[FieldEvaluation]) -> Vec<Warning> {
        let mut warnings = Vec::new();
        warnings.extend(self.standing());
        let is_more = |over: &OverAsking| *over == OverAsking::MoreThanLastTime;
        let over_asked = names(fields, |field| field.over_asking.iter().any(|over| !is_more(over)));
        if !over_asked.is_empty() {
            warnings.push(Warning::OverAsking { fields: over_asked });
        }
        let more = names(fields, |field| field.over_asking.iter().any(is_more));
        if !more.is_empty() {
            warnings.push(Warning::MoreThanLastTime { fields: more });
        }
        if let Some(offer) = self.request.offer {
            match self.party.registration.intended_use(&offer.intended_use) {
                None => warnings.push(Warning::PurposeNotRegistered {
                    intended_use: offer.intended_use.clone(),
                }),
                Some(registered) => warnings.extend(differences(offer, registered)),
            }
        }
        let linking = names(fields, |field| field.linking.is_some());
        if !linking.is_empty() {
            warnings.push(Warning::LinksYou { fields: linking });
        }
        let sensitive = names(fields, |field| field.sensitive);
        if !sensitive.is_empty() {
            warnings.push(Warning::SensitiveFields { fields: sensitive });
        }
        warnings.extend(fields.iter().filter_map(|field| self.less_would_do(field)));
        for (query, found) in self.parts() {
            let credential = query.id.clone();
            let expired = |place: usize| {
                self.held
                    .get(place)
                    .is_some_and(|h| h.provenance.freshness(self.now).expired)
            };
            let required = fields
                .iter()
                .any(|field| field.credential == credential && field.required);
            if found.candidates.is_empty() && required {
                warnings.push(Warning::NothingToAnswer { credential });
            } else if !found.candidates.is_empty() && found.candidates.iter().all(|found| expired(found.candidate)) {
                warnings.push(Warning::OnlyExpired { credential });
            }
        }
        warnings
    }

    /// That a date of birth is asked where an age bound is at hand, and the request has no place for it.
    fn less_would_do(&self, field: &FieldEvaluation) -> Option<Warning> {
        let path = field
            .path
            .as_ref()
            .filter(|_| field.instead.is_empty() && !field.matches.is_empty())?;
        let mut instead = Vec::new();
        let of_field = self.held.iter().filter(|held| {
            held.candidate
                .types
                .iter()
                .any(|vct| field.types.iter().any(|of| of == vct))
        });
        for held in of_field {
            let credential_type = held.candidate.types.first()?;
            for path in less::instead_of(path, held.candidate.claims) {
                instead.push(DisclosedField {
                    credential_type: (*credential_type).to_owned(),
                    path,
                });
            }
        }
        instead.sort();
        instead.dedup();
        let fields = vec![field.field()?];
        (!instead.is_empty()).then_some(Warning::LessWouldDo { fields, instead })
    }
}

/// Whether a claim is in every combination that the organisation takes.
fn in_every_set(query: &CredentialQuery, place: Option<usize>) -> bool {
    let has = |set: &Vec<String>| place.is_none_or(|place| alternatives::places(query, set).contains(&place));
    query.claim_sets.iter().all(has)
}

/// What a claim selects in a credential that answers by another combination of claims first.
fn of_another_set(query: &CredentialQuery, place: usize, held: &HeldCredential<'_>) -> Vec<ClaimPath> {
    let mut sets = query.claim_sets.iter().map(|set| alternatives::places(query, set));
    let answers = sets.any(|set| set.contains(&place) && alternatives::has(query, &set, held));
    match query.claims.get(place) {
        Some(claim) if answers => claim.select(held.candidate.claims),
        _ => Vec::new(),
    }
}

fn to_json(value: &ClaimValue) -> Value {
    match value {
        ClaimValue::Text(text) => text.as_str().into(),
        ClaimValue::Integer(number) => (*number).into(),
        ClaimValue::Boolean(truth) => (*truth).into(),
    }
}

fn names(fields: &[FieldEvaluation], which: impl Fn(&&FieldEvaluation) -> bool) -> Vec<FieldRef> {
    fields.iter().filter(which).filter_map(FieldEvaluation::field).collect()
}

/// Whether there is no answer without this credential query: there are no sets, or every option of a required set has it.
fn is_required(query: &Query, id: &str) -> bool {
    let sets = query.credential_sets();
    let all = |options: &[Vec<String>]| options.iter().all(|option| option.iter().any(|named| named == id));
    sets.is_empty() || sets.iter().any(|set| set.required && all(&set.options))
}

/// Where an offer says anything else than what was registered for its use.
fn differences(offer: &Offer, registered: &IntendedUse) -> Vec<Warning> {
    let said = |texts: &Texts, registered: &Localised| {
        texts
            .iter()
            .all(|(language, text)| registered.get(language) == Some(text))
    };
    let kept = &registered.kept_after_withdrawal;
    let mut warnings = Vec::new();
    if offer.purpose.code != registered.purpose_code || !said(&offer.purpose.text, &registered.purpose) {
        let (registered, offered) = (registered.purpose_code.clone(), offer.purpose.code.clone());
        warnings.push(Warning::PurposeDiffers { registered, offered });
    }
    if offer.legal_basis.term() != registered.legal_basis {
        let (registered, offered) = (registered.legal_basis.clone(), offer.legal_basis.term().to_owned());
        warnings.push(Warning::LegalBasisDiffers { registered, offered });
    }
    if offer.retention.as_str() != registered.retention {
        let (registered, offered) = (registered.retention.clone(), offer.retention.as_str().to_owned());
        warnings.push(Warning::RetentionDiffers { registered, offered });
    }
    if !offer
        .kept_after_withdrawal
        .iter()
        .all(|offered| said(&offered.text, kept))
    {
        warnings.push(Warning::KeptAfterWithdrawalNotRegistered);
    }
    warnings
}

fn offered_purpose(offer: &Offer) -> StatedPurpose {
    let kept = |kept: &crate::KeptAfterWithdrawal| Kept {
        text: kept.text.clone().into(),
        period: Some(kept.period.as_str().to_owned()),
    };
    StatedPurpose {
        intended_use: offer.intended_use.clone(),
        code: offer.purpose.code.clone(),
        text: offer.purpose.text.clone().into(),
        legal_basis: offer.legal_basis.term().to_owned(),
        retention: offer.retention.as_str().to_owned(),
        kept_after_withdrawal: offer.kept_after_withdrawal.iter().map(kept).collect(),
    }
}

fn registered_purpose(intended: &IntendedUse) -> StatedPurpose {
    let kept = Kept {
        text: intended.kept_after_withdrawal.0.clone(),
        period: None,
    };
    StatedPurpose {
        intended_use: intended.id.clone(),
        code: intended.purpose_code.clone(),
        text: intended.purpose.0.clone(),
        legal_basis: intended.legal_basis.clone(),
        retention: intended.retention.clone(),
        kept_after_withdrawal: if kept.text.is_empty() { Vec::new() } else { vec![kept] },
    }
}

fn offered_terms(offer: &Offer) -> OfferedTerms {
    OfferedTerms {
        rights: offer.rights,
        validity: offer.validity,
        recipients: offer.recipients.clone(),
        storage: offer.storage.clone(),
        privacy_notice: offer.privacy_notice.clone(),
        terms: offer.terms.clone(),
        withdrawal_uri: offer.withdrawal_uri.clone(),
        expires_at: offer.expires_at,
    }
}
