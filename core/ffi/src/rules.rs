//! The person's rules, as they cross the bridge: what never goes to whom, when to be asked, which answer is given again,
//! what goes together.

use std::sync::Arc;

use kist_pds::{PersonRule, Verdict};

use crate::error::Result;
use crate::{CancelHandle, KistError, Person, json, task};

/// Names fields of credentials: of one type or of any, one claim with all that is within it, or all of them.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct FieldPattern {
    /// The credential's type; none for any.
    #[uniffi(default)]
    pub schema: Option<String>,
    /// The claim's path, a JSON array; none for all claims.
    #[uniffi(default)]
    pub path: Option<String>,
}

/// A rule. It only ever narrows, and nothing is sent by a rule alone.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum Rule {
    /// No answer is given from memory to this organisation, by its stable id, or to any.
    AlwaysAsk {
        /// The organisation; none for any.
        organisation: Option<String>,
    },
    /// What is named never goes to this organisation, or to any.
    Never {
        /// The organisation; none for any.
        organisation: Option<String>,
        /// What. With an organisation it may name everything.
        what: FieldPattern,
    },
    /// Requests wait for the end of these hours of each day, by the clock on the wall, over midnight where they end before
    /// they begin. Minutes are counted from midnight.
    QuietHours {
        /// The first quiet minute.
        from: u16,
        /// The first minute that isn't quiet any more.
        until: u16,
    },
    /// A named set of fields that the person gives together.
    Profile {
        /// What the person calls it.
        name: String,
        /// Its fields.
        fields: Vec<FieldPattern>,
    },
    /// A request that asks no more than one before is answered in the same way, where the app says so each time. It is made
    /// where a request is answered, and not added.
    Remember {
        /// Whose requests: a stable id.
        organisation: String,
        /// For which use of its registration.
        intended_use: String,
        /// The first second at which it holds no more, Unix time.
        until: i64,
    },
}

/// A rule as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Record)]
pub struct KeptRule {
    /// Its id.
    pub id: String,
    /// When it was made, Unix seconds.
    pub made_at: i64,
    /// The rule; none where this build can't read it, in which case nothing is answered from memory.
    pub rule: Option<Rule>,
}

/// What the rules come to for a request.
#[derive(Debug, Clone, PartialEq, Eq, uniffi::Enum)]
pub enum RequestVerdict {
    /// The person is asked.
    Ask,
    /// The person is asked later: these are quiet hours.
    AskLater {
        /// When they end, Unix seconds.
        until: i64,
    },
    /// An answer that was remembered fits: [`Person::answer_remembered`] gives it.
    Remembered {
        /// The rule.
        rule: String,
        /// What it gives.
        fields: Vec<String>,
    },
    /// There is no answer without a field that a rule keeps back.
    Refuse {
        /// The rule.
        rule: String,
        /// The fields.
        fields: Vec<String>,
    },
    /// The person has paused everything: no answer leaves.
    Paused,
}

#[uniffi::export]
impl Person {
    /// All rules.
    pub async fn rules(&self, cancel: Arc<CancelHandle>) -> Result<Vec<KeptRule>> {
        let rules = self.store.get()?.rules();
        task::run(&cancel, async move {
            let list = rules.list().await?;
            let unread = list.unread.into_iter().map(|id| KeptRule {
                id,
                made_at: 0,
                rule: None,
            });
            Ok(list.rules.into_iter().map(KeptRule::from).chain(unread).collect())
        })
        .await
    }

    /// Adds a rule; it holds from now on.
    ///
    /// Errors: `Malformed` for one that says nothing, a profile whose name is taken, and an answer; `TooLarge`.
    pub async fn add_rule(&self, rule: Rule, cancel: Arc<CancelHandle>) -> Result<KeptRule> {
        let rules = self.store.get()?.rules();
        let rule = rule.into_core()?;
        task::run(&cancel, async move { Ok(rules.add(rule).await?.into()) }).await
    }

    /// Takes a rule away, one too that this build can't read.
    ///
    /// Errors: `NotFound`.
    pub async fn remove_rule(&self, id: String, cancel: Arc<CancelHandle>) -> Result<()> {
        let rules = self.store.get()?.rules();
        task::run(&cancel, async move { Ok(rules.remove(&id).await?) }).await
    }
}

impl Rule {
    fn into_core(self) -> Result<PersonRule> {
        Ok(match self {
            Rule::AlwaysAsk { organisation } => PersonRule::AlwaysAsk { organisation },
            Rule::Never { organisation, what } => PersonRule::Never {
                organisation,
                what: what.into_core()?,
            },
            Rule::QuietHours { from, until } => PersonRule::QuietHours(kist_pds::QuietHours { from, until }),
            Rule::Profile { name, fields } => PersonRule::Profile {
                name,
                fields: fields.into_iter().map(FieldPattern::into_core).collect::<Result<_>>()?,
            },
            Rule::Remember { .. } => return Err(KistError::malformed("rule")),
        })
    }

    /// None for a kind that this bridge doesn't know.
    fn of(rule: PersonRule) -> Option<Self> {
        Some(match rule {
            PersonRule::AlwaysAsk { organisation } => Rule::AlwaysAsk { organisation },
            PersonRule::Never { organisation, what } => Rule::Never {
                organisation,
                what: what.into(),
            },
            PersonRule::QuietHours(hours) => Rule::QuietHours {
                from: hours.from,
                until: hours.until,
            },
            PersonRule::Profile { name, fields } => Rule::Profile {
                name,
                fields: fields.into_iter().map(FieldPattern::from).collect(),
            },
            PersonRule::Remember(remembered) => Rule::Remember {
                organisation: remembered.organisation,
                intended_use: remembered.intended_use,
                until: remembered.until,
            },
            _ => return None,
        })
    }
}

impl From<kist_pds::KeptRule> for KeptRule {
    fn from(kept: kist_pds::KeptRule) -> Self {
        KeptRule {
            id: kept.id,
            made_at: kept.made_at,
            rule: Rule::of(kept.rule),
        }
    }
}

impl FieldPattern {
    fn into_core(self) -> Result<kist_pds::Pattern> {
        Ok(kist_pds::Pattern {
            credential_type: self.schema,
            path: self.path.map(|path| json::read_as(&path, "path")).transpose()?,
        })
    }
}

impl From<kist_pds::Pattern> for FieldPattern {
    fn from(pattern: kist_pds::Pattern) -> Self {
        FieldPattern {
            schema: pattern.credential_type,
            path: pattern.path.map(|path| path.to_string()),
        }
    }
}

impl RequestVerdict {
    /// A verdict that this bridge doesn't know leaves it to the person.
    pub(crate) fn of(verdict: Verdict) -> Self {
        let ids = |fields: Vec<kist_pds::FieldRef>| fields.iter().map(ToString::to_string).collect();
        match verdict {
            Verdict::AskLater { until } => Self::AskLater { until },
            Verdict::Remembered { rule, fields, .. } => Self::Remembered {
                rule,
                fields: ids(fields),
            },
            Verdict::Refuse { rule, fields } => Self::Refuse {
                rule,
                fields: ids(fields),
            },
            Verdict::Paused => Self::Paused,
            _ => Self::Ask,
        }
    }
}
