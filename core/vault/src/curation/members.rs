//! Members of a body: what a person sees as a field, and how two bodies differ.
//!
//! A member is a value that is reached through objects alone, named by its JSON pointer (RFC 6901): `/name`,
//! `/address/city`. An array is one value, since its items have no names that last.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A member in which two bodies differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MemberChange {
    /// The member, as a JSON pointer.
    pub member: String,
    /// Its value in the first body; `None` where it was added.
    pub before: Option<Value>,
    /// Its value in the second body; `None` where it was removed.
    pub after: Option<Value>,
}

/// The members of a body, in the order of their pointers.
pub(crate) fn members(body: &Value) -> BTreeMap<String, &Value> {
    let mut found = BTreeMap::new();
    collect(body, &mut String::new(), &mut found);
    found
}

fn collect<'a>(value: &'a Value, path: &mut String, found: &mut BTreeMap<String, &'a Value>) {
    match value.as_object().filter(|members| !members.is_empty()) {
        Some(members) => {
            for (name, member) in members {
                let length = path.len();
                path.push('/');
                path.push_str(&name.replace('~', "~0").replace('/', "~1"));
                collect(member, path, found);
                path.truncate(length);
            }
        }
        None if path.is_empty() => {}
        None => {
            found.insert(path.clone(), value);
        }
    }
}

/// What is in the second body and not in the first, what is gone from it and what is other, by member.
pub(crate) fn diff(before: &Value, after: &Value) -> Vec<MemberChange> {
    let (old, new) = (members(before), members(after));
    let mut names: Vec<&String> = old.keys().chain(new.keys()).collect();
    names.sort_unstable();
    names.dedup();
    names
        .into_iter()
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| MemberChange {
            member: name.clone(),
            before: old.get(name).map(|value| (*value).clone()),
            after: new.get(name).map(|value| (*value).clone()),
        })
        .collect()
}

/// Sets a member of a body, making the objects on the way, or removes it with the objects that it leaves empty. A value
/// in the way that is no object is replaced.
pub(crate) fn set(body: &mut Value, member: &str, value: Option<Value>) {
    let steps: Vec<String> = member
        .split('/')
        .skip(1)
        .map(|step| step.replace("~1", "/").replace("~0", "~"))
        .collect();
    set_at(body, &steps, value);
}

fn set_at(place: &mut Value, steps: &[String], value: Option<Value>) {
    let Some((step, rest)) = steps.split_first() else {
        return;
    };
    if !place.is_object() {
        if value.is_none() {
            return;
        }
        *place = Value::Object(Map::new());
    }
    let Some(members) = place.as_object_mut() else {
        return;
    };
    if !rest.is_empty() {
        if value.is_none() && !members.contains_key(step) {
            return;
        }
        let emptied = value.is_none();
        let below = members.entry(step.as_str()).or_insert(Value::Null);
        set_at(below, rest, value);
        if emptied && below.as_object().is_some_and(Map::is_empty) {
            members.remove(step);
        }
    } else if let Some(value) = value {
        members.insert(step.clone(), value);
    } else {
        members.remove(step);
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (0..4).prop_map(Value::from),
            "[a~/]{0,2}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
                proptest::collection::btree_map("[ab~/0]{0,2}", inner, 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    fn body() -> impl Strategy<Value = Value> {
        proptest::collection::btree_map("[ab~/0]{0,2}", value(), 0..4)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    }

    #[test]
    fn members_are_added_removed_and_changed() {
        let before = json!({"a": 1, "b": {"c": [1], "d": 2}, "e": {}});
        let after = json!({"a": 1, "b": {"c": [1, 2]}, "f": "x"});
        let changes = diff(&before, &after);
        let told: Vec<_> = changes.iter().map(|change| change.member.as_str()).collect();
        assert_eq!(told, ["/b/c", "/b/d", "/e", "/f"]);
        assert_eq!((changes[1].after.clone(), changes[3].before.clone()), (None, None));
    }

    proptest! {
        #[test]
        fn a_difference_taken_over_makes_the_members_equal(before in body(), after in body()) {
            let mut taken = before.clone();
            for change in diff(&before, &after) {
                prop_assert_ne!(&change.before, &change.after);
                if change.after.is_none() {
                    set(&mut taken, &change.member, None);
                }
            }
            for change in diff(&before, &after) {
                if change.after.is_some() {
                    set(&mut taken, &change.member, change.after);
                }
            }
            prop_assert_eq!(members(&taken), members(&after));
        }

        #[test]
        fn a_member_is_found_by_its_pointer(body in body()) {
            for (member, value) in members(&body) {
                prop_assert_eq!(body.pointer(&member), Some(value));
            }
        }
    }
}
