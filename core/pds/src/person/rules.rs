//! The person's rules: kept in the vault, part of the backup, followed where a request is looked at and answered.

use std::sync::Arc;

use kist_consent::rules::{KeptRule, Moment, Remembered, Rule, Rules as Book, Verdict};
use kist_consent::{Evaluation, FieldRef, Offer};
use kist_crypto::{OsRandom, Secret, base64url};
use kist_vault::Transaction;
use serde::Serialize;

use super::decision::Decision;
use crate::agreements::standing;
use crate::home::Home;
use crate::{Error, Result};

const COLLECTION: &str = "rules";

/// The rules of a store, as a list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RuleList {
    /// The rules, by their names.
    pub rules: Vec<KeptRule>,
    /// The names of rules that this build can't read. While there are such, nothing is answered from memory.
    pub unread: Vec<String>,
}

/// The rules of a store.
#[derive(Clone)]
pub struct Rules {
    pub(crate) home: Arc<Home>,
}

impl Rules {
    /// All rules.
    pub async fn list(&self) -> Result<RuleList> {
        self.home
            .blocking(|home| {
                let mut list = RuleList::default();
                for (id, bytes) in home.vault.all_kept(COLLECTION)? {
                    match KeptRule::from_bytes(&id, &bytes) {
                        Ok(rule) => list.rules.push(rule),
                        Err(_) => list.unread.push(id),
                    }
                }
                Ok(list)
            })
            .await
    }

    /// Adds a rule; it holds from now on. Answers are remembered where they are given ([`Decision::remember_until`]), and
    /// not added here.
    ///
    /// Errors: `Malformed` for one that says nothing, a profile whose name is taken, and an answer; `TooLarge`, also with
    /// [`MAX_RULES`](kist_consent::rules::MAX_RULES) there already.
    pub async fn add(&self, rule: Rule) -> Result<KeptRule> {
        self.home
            .blocking(move |home| {
                if matches!(rule, Rule::Remember(_)) {
                    return Err(Error::new("Malformed").with("what", "rule"));
                }
                let kept = KeptRule {
                    id: new_id(),
                    made_at: home.platform.now(),
                    rule,
                };
                home.transaction(|changes| keep(changes, &kept))?;
                Ok(kept)
            })
            .await
    }

    /// Takes a rule away, one too that this build can't read.
    ///
    /// Errors: `NotFound`.
    pub async fn remove(&self, id: &str) -> Result<()> {
        let id = id.to_owned();
        self.home
            .blocking(move |home| home.transaction(|changes| Ok(changes.forget(COLLECTION, &id)?)))
            .await
    }
}

fn new_id() -> String {
    base64url(Secret::<12>::generate(&mut OsRandom).expose())
}

fn keep(changes: &Transaction<'_>, kept: &KeptRule) -> Result<()> {
    let there = changes.all_kept(COLLECTION)?;
    if there.len() >= kist_consent::rules::MAX_RULES {
        let limit = kist_consent::rules::MAX_RULES;
        return Err(Error::new("TooLarge").with("what", "rules").with("limit", limit));
    }
    if let Rule::Profile { name, .. } = &kept.rule
        && book(&there).profile(name).is_some()
    {
        return Err(Error::new("Malformed").with("what", "rule"));
    }
    Ok(changes.keep(COLLECTION, &kept.id, &kept.to_bytes()?)?)
}

fn book(kept: &[(String, Vec<u8>)]) -> Book {
    Book::read(kept.iter().map(|(id, bytes)| (id.as_str(), bytes.as_slice())))
}

/// The rules within a transaction.
pub(super) fn of(changes: &Transaction<'_>) -> Result<Book> {
    Ok(book(&changes.all_kept(COLLECTION)?))
}

/// The rules as they stand now.
pub(super) fn read(home: &Home) -> Result<Book> {
    Ok(book(&home.vault.all_kept(COLLECTION)?))
}

/// When a request is judged.
pub(super) fn moment(home: &Home) -> Result<Moment> {
    Ok(Moment {
        now: home.platform.now(),
        offset_minutes: home.platform.clock.offset_minutes(),
        paused: standing::Standing::read(home)?.everything()?.is_some(),
    })
}

/// That a decision has nothing that a rule keeps back, nor a field that the rules weren't held against.
///
/// Errors: `KeptBack` with the field and the rule; `FieldNotOffered`.
pub(super) fn check(evaluation: &Evaluation, decision: &Decision) -> Result<()> {
    for choice in &decision.fields {
        let named = |code| Error::new(code).with("field", choice.field.to_string());
        let field = evaluation
            .field(&choice.field)
            .ok_or_else(|| named("FieldNotOffered"))?;
        if let Some(rule) = &field.withheld_by {
            return Err(named("KeptBack").with("rule", rule.as_str()));
        }
    }
    Ok(())
}

/// The rule by which this decision is made, where it is what the rule remembers.
///
/// Errors: `NothingRemembered`.
pub(super) fn check_remembered(evaluation: &Evaluation, decision: &Decision, rule: &str) -> Result<()> {
    match remembered(&evaluation.verdict) {
        Some((known, remembered)) if known == rule && remembered == *decision => Ok(()),
        _ => Err(Error::new("NothingRemembered")),
    }
}

/// The answer that a rule remembers, with the rule.
pub(super) fn remembered(verdict: &Verdict) -> Option<(String, Decision)> {
    let Verdict::Remembered {
        rule,
        fields,
        candidates,
        language,
    } = verdict
    else {
        return None;
    };
    let decision = Decision::of(
        fields.iter().cloned().zip(candidates.iter().cloned()),
        Some(language.clone()),
    );
    Some((rule.clone(), decision))
}

/// Remembers an answer, where the person says so.
///
/// Errors: `NotRememberable`, `Malformed` for a time that isn't ahead.
pub(super) fn remember(
    home: &Home,
    evaluation: &Evaluation,
    offer: Option<&Offer>,
    decision: &Decision,
    language: &str,
) -> Result<Option<KeptRule>> {
    let Some(until) = decision.remember_until else {
        return Ok(None);
    };
    let offer = offer.ok_or_else(|| Error::new("NotRememberable"))?;
    let now = home.platform.now();
    let given = decision
        .fields
        .iter()
        .map(|choice| (choice.field.clone(), choice.candidate.clone()));
    let given: Vec<(FieldRef, String)> = given.collect();
    let remembered = Remembered::of(evaluation, offer, &given, language, now..until)?;
    Ok(Some(KeptRule {
        id: new_id(),
        made_at: now,
        rule: Rule::Remember(Box::new(remembered)),
    }))
}

/// Keeps a remembered answer in the place of earlier ones for the same use of the same organisation.
pub(super) fn keep_remembered(changes: &Transaction<'_>, kept: &KeptRule) -> Result<()> {
    let Rule::Remember(new) = &kept.rule else { return Ok(()) };
    for (id, bytes) in changes.all_kept(COLLECTION)? {
        if let Ok(KeptRule {
            rule: Rule::Remember(old),
            ..
        }) = KeptRule::from_bytes(&id, &bytes)
            && (&old.organisation, &old.intended_use) == (&new.organisation, &new.intended_use)
        {
            changes.forget(COLLECTION, &id)?;
        }
    }
    keep(changes, kept)
}
