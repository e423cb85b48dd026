//! What the rules come to for one request.

use serde::Serialize;

use super::{Pattern, Rule, Rules};
use crate::evaluation::Evaluation;
use crate::{FieldRef, Offer};
use kist_identity::ClaimPath;

/// When a request is judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// Unix seconds.
    pub now: i64,
    /// How far the clock on the wall is ahead of UTC, in minutes.
    pub offset_minutes: i32,
    /// Whether the person has paused everything.
    pub paused: bool,
}

/// What the person's rules come to for one request. Nothing goes by it alone: the app acts on it by an explicit call.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "code")]
#[non_exhaustive]
pub enum Verdict {
    /// The person is asked.
    #[default]
    Ask,
    /// The person is asked later: these are quiet hours.
    AskLater {
        /// When they end, Unix seconds.
        until: i64,
    },
    /// An answer that was remembered fits.
    Remembered {
        /// The rule.
        rule: String,
        /// What it gives.
        fields: Vec<FieldRef>,
        /// The candidate of each field, in the same order.
        candidates: Vec<String>,
        /// The language in which the person read the purpose.
        language: String,
    },
    /// There is no answer without a field that a rule keeps back.
    Refuse {
        /// The rule.
        rule: String,
        /// The fields.
        fields: Vec<FieldRef>,
    },
    /// The person has paused everything: no answer leaves.
    Paused,
}

impl Verdict {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Verdict::Ask => "Ask",
            Verdict::AskLater { .. } => "AskLater",
            Verdict::Remembered { .. } => "Remembered",
            Verdict::Refuse { .. } => "Refuse",
            Verdict::Paused => "Paused",
        }
    }
}

impl Rules {
    /// Says what the rules come to for a request that was evaluated, and keeps back what must not go: those fields are off
    /// by default, and named with the rule. `offer` is the request's.
    pub fn judge(&self, mut evaluation: Evaluation, offer: Option<&Offer>, moment: &Moment) -> Evaluation {
        let supplier = evaluation.asker.supplier.as_ref().map(|party| party.id.clone());
        let askers: Vec<String> = std::iter::once(evaluation.asker.organisation.id.clone())
            .chain(supplier)
            .collect();
        let is_asker = |id: &Option<String>| id.as_ref().is_none_or(|id| askers.contains(id));
        for field in &mut evaluation.fields {
            let withheld_by = self.withholds(&askers, &field.types, field.path.as_ref());
            field.withheld_by = withheld_by.map(str::to_owned);
            field.chosen_by_default &= field.withheld_by.is_none();
        }
        let always = self
            .iter()
            .any(|kept| matches!(&kept.rule, Rule::AlwaysAsk { organisation } if is_asker(organisation)));
        evaluation.verdict = match () {
            () if moment.paused => Verdict::Paused,
            () => refusal(&evaluation)
                .or_else(|| self.quiet(moment))
                .or_else(|| self.remembered(&evaluation, offer.filter(|_| !always)?, moment))
                .unwrap_or_default(),
        };
        evaluation
    }

    /// The rule that keeps a field of credentials of these types from any of these organisations; no path means all of it.
    pub fn withholds(&self, from: &[String], types: &[String], path: Option<&ClaimPath>) -> Option<&str> {
        self.iter().find_map(|kept| match &kept.rule {
            Rule::Never { organisation, what }
                if organisation.as_ref().is_none_or(|id| from.contains(id)) && what.touches(types, path) =>
            {
                Some(kept.id.as_str())
            }
            _ => None,
        })
    }

    fn quiet(&self, moment: &Moment) -> Option<Verdict> {
        let ends = self.iter().filter_map(|kept| match &kept.rule {
            Rule::QuietHours(hours) => hours.end(moment.now, moment.offset_minutes),
            _ => None,
        });
        ends.max().map(|until| Verdict::AskLater { until })
    }

    /// The answer that was remembered last, of those that fit.
    fn remembered(&self, evaluation: &Evaluation, offer: &Offer, moment: &Moment) -> Option<Verdict> {
        let mut found: Option<(i64, Verdict)> = None;
        for kept in self.iter().filter(|_| !self.unread) {
            let Rule::Remember(remembered) = &kept.rule else {
                continue;
            };
            let Some(given) = remembered.answers(evaluation, offer, moment.now) else {
                continue;
            };
            if found.as_ref().is_none_or(|(since, _)| remembered.since > *since) {
                let (fields, candidates) = given.into_iter().unzip();
                let verdict = Verdict::Remembered {
                    rule: kept.id.clone(),
                    fields,
                    candidates,
                    language: remembered.language.clone(),
                };
                found = Some((remembered.since, verdict));
            }
        }
        found.map(|(_, verdict)| verdict)
    }

    /// What goes where the person picks one of their profiles: what goes by default, and what the profile covers whole. None
    /// where there is no such profile.
    pub fn choice(&self, name: &str, evaluation: &Evaluation) -> Option<Vec<FieldRef>> {
        let profile = self.profile(name)?;
        let is_covered = |types: &[String], field: &FieldRef| {
            profile
                .iter()
                .any(|pattern: &Pattern| pattern.covers(types, &field.path))
        };
        let mut chosen = evaluation.default_choice();
        for field in &evaluation.fields {
            let Some(name) = field.field() else { continue };
            let sound = field.over_asking.is_empty() && field.withheld_by.is_none() && !field.matches.is_empty();
            let goes = sound && is_covered(&field.types, &name) && !is_of_another_option(evaluation, &name);
            if goes && !chosen.contains(&name) {
                chosen.push(name);
            }
        }
        Some(chosen)
    }
}

fn refusal(evaluation: &Evaluation) -> Option<Verdict> {
    let kept_back = evaluation
        .fields
        .iter()
        .filter(|field| field.required && field.withheld_by.is_some());
    let rule = kept_back.clone().find_map(|field| field.withheld_by.clone())?;
    let fields = kept_back.filter_map(|field| field.field()).collect();
    Some(Verdict::Refuse { rule, fields })
}

/// Whether a field is of an option that stands for the one that goes by default.
fn is_of_another_option(evaluation: &Evaluation, field: &FieldRef) -> bool {
    evaluation.alternatives.iter().any(|alternatives| {
        let of_default = alternatives
            .default_option()
            .is_some_and(|option| option.fields.contains(field));
        !of_default && alternatives.options.iter().any(|option| option.fields.contains(field))
    })
}
