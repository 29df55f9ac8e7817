//! The elements of two lists in pairs: equal ones first, then by what tells them apart (RFC 7643 section 2.4: `type` and `value`).

use crate::exchange::canonical;
use serde_json::Value;

/// An element, what stands for it in the other list, and the filter that selects it.
pub(super) struct Pair<'v> {
    pub(super) then: Option<&'v Value>,
    pub(super) now: Option<&'v Value>,
    /// `[type eq "work"]`; where nothing tells it apart `[0]`.
    pub(super) place: String,
}

/// What elements have in common when they stand for each other, the surest first.
const BY: [&[&str]; 7] = [
    &["id"],
    &["type", "value"],
    &["value"],
    &["name"],
    &["bulkId"],
    &["$ref"],
    &["type"],
];

pub(super) fn pairs<'v>(path: &str, before: &'v [Value], after: &'v [Value]) -> Vec<Pair<'v>> {
    let mut other: Vec<Option<usize>> = vec![None; before.len()];
    let mut taken = vec![false; after.len()];
    let in_order = path
        .rsplit('.')
        .next()
        .is_some_and(|it| it.eq_ignore_ascii_case("Operations"));
    if in_order {
        // Each operation follows on those before it.
        for at in 0..before.len().min(after.len()) {
            other[at] = Some(at);
            taken[at] = true;
        }
    }
    let mut pair_by = |likeness: &dyn Fn(&Value) -> Option<String>| {
        for (a, then) in before.iter().enumerate() {
            if other[a].is_some() {
                continue;
            }
            let Some(like) = likeness(then) else { continue };
            let found = after
                .iter()
                .enumerate()
                .position(|(b, now)| !taken[b] && likeness(now).is_some_and(|it| it == like));
            if let Some(b) = found {
                other[a] = Some(b);
                taken[b] = true;
            }
        }
    };
    pair_by(&|value| Some(canonical::json(value)));
    for names in BY {
        pair_by(&|value| parts(value, names));
    }
    let mut pairs = Vec::new();
    for (at, then) in before.iter().enumerate() {
        pairs.push(Pair {
            then: Some(then),
            now: other[at].map(|at| &after[at]),
            place: place(then, at, before),
        });
    }
    for (at, now) in after.iter().enumerate().filter(|(at, _)| !taken[*at]) {
        pairs.push(Pair {
            then: None,
            now: Some(now),
            place: place(now, at, after),
        });
    }
    pairs
}

fn parts(value: &Value, names: &[&str]) -> Option<String> {
    let parts: Option<Vec<String>> = names
        .iter()
        .map(|name| Some(value.get(name)?.to_string().to_lowercase()))
        .collect();
    Some(parts?.join(" "))
}

/// The filter that selects an element and no other of its list, where there is one.
fn place(element: &Value, at: usize, list: &[Value]) -> String {
    if !element.is_object() {
        return format!("[value eq {element}]");
    }
    for name in ["type", "value", "name", "id", "bulkId", "$ref"] {
        if let Some(value) = element.get(name).filter(|it| it.is_string())
            && list.iter().filter(|it| it.get(name) == Some(value)).count() == 1
        {
            return format!("[{name} eq {value}]");
        }
    }
    format!("[{at}]")
}
