//! JSON merge patches (RFC 7386): what an event changed in a case, small enough to keep with each event.
//! Replay folds them; so the trail rebuilds the case even when people, calendars and profiles have changed since.

use serde_json::{Map, Value};

/// The patch that makes `after` out of `before`.
pub(super) fn diff(before: &Value, after: &Value) -> Value {
    let (Value::Object(old), Value::Object(new)) = (before, after) else { return after.clone() };
    let mut out = Map::new();
    for key in old.keys().filter(|k| !new.contains_key(*k)) {
        out.insert(key.clone(), Value::Null);
    }
    for (key, value) in new {
        match old.get(key) {
            Some(same) if same == value => {}
            Some(other @ Value::Object(_)) if value.is_object() => {
                out.insert(key.clone(), diff(other, value));
            }
            Some(_) | None => {
                // A patch cannot set null: a member that is null and one that is left out are the same to serde.
                out.insert(key.clone(), value.clone());
            }
        }
    }
    Value::Object(out)
}

/// `target` with `patch` applied.
pub(super) fn apply(target: Value, patch: Value) -> Value {
    let Value::Object(changes) = patch else { return patch };
    let mut object = match target {
        Value::Object(object) => object,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    };
    for (key, change) in changes {
        if change.is_null() {
            object.remove(&key);
        } else {
            let before = object.remove(&key).unwrap_or(Value::Null);
            object.insert(key, apply(before, change));
        }
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_patch_makes_the_one_out_of_the_other() {
        let before = json!({"a": 1, "b": {"c": [1, 2], "d": "x"}, "gone": true, "unset": 3});
        let after = json!({"a": 2, "b": {"c": [1, 2, 3], "d": "x", "new": {"e": 1}}, "unset": null});
        let patch = diff(&before, &after);
        assert_eq!(patch, json!({"gone": null, "a": 2, "b": {"c": [1, 2, 3], "new": {"e": 1}}, "unset": null}));
        assert_eq!(apply(before, patch), json!({"a": 2, "b": {"c": [1, 2, 3], "d": "x", "new": {"e": 1}}}));
        assert_eq!(diff(&after, &after), json!({}));
    }
}
