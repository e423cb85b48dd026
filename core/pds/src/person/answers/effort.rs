//! The typing that answers saved the person.

use kist_vault::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Result;
use crate::home::{from_json, to_json};
use crate::person::consents::Consents;

/// What was saved so far.
const EFFORT: &str = "effort";
const TOTAL: &str = "total";
/// Keystrokes in a second on a phone: 36 words of five in a minute, as Palin, Feit, Kim, Kristensson and Oulasvirta, "How
/// do People Type on Mobile Devices?" (MobileHCI 2019), found in 37,000 people.
const KEYSTROKES_A_SECOND: u64 = 3;
/// Seconds to find a field of a form and get to it.
const SECONDS_A_FIELD: u64 = 2;

/// The typing that answers saved a person. Of each field that was given to an organisation the characters of its value
/// count as keystrokes; the time is what they take on a phone, at three in a second, and two seconds to reach each field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EffortSaved {
    /// Fields that were given without typing them.
    pub fields: u64,
    /// Keystrokes.
    pub keystrokes: u64,
    /// Seconds.
    #[serde(skip_deserializing)]
    pub seconds: u64,
}

impl Consents {
    /// The typing that answers saved so far.
    pub async fn effort_saved(&self) -> Result<EffortSaved> {
        self.home
            .blocking(|home| {
                let saved: Option<EffortSaved> = home.kept(EFFORT, TOTAL)?;
                Ok(saved.unwrap_or_default().timed())
            })
            .await
    }
}

impl EffortSaved {
    fn timed(self) -> Self {
        let typing = self.keystrokes / KEYSTROKES_A_SECOND;
        EffortSaved {
            seconds: typing.saturating_add(self.fields.saturating_mul(SECONDS_A_FIELD)),
            ..self
        }
    }
}

/// Counts fields that are given, in the transaction that gives them.
pub(super) fn count<'a>(changes: &Transaction<'_>, values: impl IntoIterator<Item = &'a Value>) -> Result<()> {
    let mut saved: EffortSaved = match changes.kept(EFFORT, TOTAL)? {
        Some(bytes) => from_json(&bytes)?,
        None => EffortSaved::default(),
    };
    for value in values {
        saved.fields = saved.fields.saturating_add(1);
        saved.keystrokes = saved.keystrokes.saturating_add(keystrokes(value));
    }
    Ok(changes.keep(EFFORT, TOTAL, &to_json(&saved)?)?)
}

/// The characters of a value as a person would type it.
fn keystrokes(value: &Value) -> u64 {
    match value {
        Value::Null => 0,
        // A tick.
        Value::Bool(_) => 1,
        Value::Number(number) => number.to_string().len() as u64,
        Value::String(text) => text.chars().count() as u64,
        Value::Array(items) => items.iter().map(keystrokes).sum(),
        Value::Object(members) => members.values().map(keystrokes).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn o5_a_value_counts_as_many_keystrokes_as_it_has_characters() {
        let value = serde_json::json!({ "street": "12 Row", "floors": [1, 20], "lift": true, "note": null, "town": "Caerdydd" });
        assert_eq!(keystrokes(&value), 6 + 3 + 1 + 8);
        let saved = EffortSaved {
            fields: 3,
            keystrokes: 30,
            seconds: 0,
        };
        assert_eq!(saved.timed().seconds, 16);
    }
}
