//! Two JSON values, member by member, each difference with its SCIM path (RFC 7644 section 3.10).
//!
//! Names have no case (RFC 7643 section 2.1); null, an empty list and nothing at all are the same (section 2.5).

use super::elements::{self, Pair};
use super::{Finding, Party, Rule};
use crate::scim::error::{CODES, ERROR_URN};
use crate::scim::path::member;
use serde_json::{Map, Value};

/// Differences as they are found.
pub(super) struct Values {
    side: Party,
    resource: Option<String>,
    pub(super) found: Vec<Finding>,
}

impl Values {
    pub(super) fn new(side: Party) -> Self {
        Self {
            side,
            resource: None,
            found: Vec::new(),
        }
    }

    pub(super) fn push(
        &mut self,
        rule: Rule,
        path: &str,
        before: Option<Value>,
        after: Option<Value>,
    ) {
        self.found.push(Finding {
            rule,
            side: self.side,
            resource: self.resource.clone(),
            path: path.trim_end_matches(':').to_owned(),
            before,
            after,
        });
    }

    /// The body of a message. What an error says in code is compared with the status.
    pub(super) fn document(&mut self, before: &Value, after: &Value) {
        let is_error = |it: &Value| {
            let schemas = it["schemas"].as_array();
            schemas.is_some_and(|all| all.iter().any(|urn| urn == ERROR_URN))
        };
        if is_error(before) || is_error(after) {
            let without_codes = |it: &Value| {
                let mut it = it.clone();
                if let Value::Object(members) = &mut it {
                    members.retain(|name, _| {
                        !CODES.iter().any(|code| code.eq_ignore_ascii_case(name))
                    });
                }
                it
            };
            return self.value("", &without_codes(before), &without_codes(after));
        }
        self.value("", before, after);
    }

    fn value(&mut self, path: &str, before: &Value, after: &Value) {
        match (before, after) {
            _ if is_nothing(before) && is_nothing(after) => {}
            (before, after) if is_nothing(before) => {
                self.push(Rule::Added, path, None, Some(after.clone()));
            }
            (before, after) if is_nothing(after) => {
                self.push(Rule::Removed, path, Some(before.clone()), None);
            }
            (Value::Object(before), Value::Object(after)) => self.members(path, before, after),
            (Value::Array(before), Value::Array(after)) => self.list(path, before, after),
            (before, after) if before == after => {}
            (Value::Number(a), Value::Number(b)) if a.as_f64() == b.as_f64() => {}
            (before, after) => {
                let same_kind = std::mem::discriminant(before) == std::mem::discriminant(after);
                let rule = if same_kind { Rule::Changed } else { Rule::Type };
                let path = if path.is_empty() { "body" } else { path };
                self.push(rule, path, Some(before.clone()), Some(after.clone()));
            }
        }
    }

    fn members(&mut self, path: &str, before: &Map<String, Value>, after: &Map<String, Value>) {
        for (name, then) in before {
            let now = member(after, name).unwrap_or(&Value::Null);
            self.value(&below(path, name), then, now);
        }
        for (name, now) in after {
            if member(before, name).is_none() {
                self.value(&below(path, name), &Value::Null, now);
            }
        }
    }

    fn list(&mut self, path: &str, before: &[Value], after: &[Value]) {
        let are_resources = path.eq_ignore_ascii_case("Resources");
        for pair in elements::pairs(path, before, after) {
            let Pair { then, now, place } = pair;
            let of_resource = then.or(now).and_then(|it| it["id"].as_str());
            let name = of_resource.map(|id| id.trim_matches(['{', '}']).to_owned());
            if !are_resources || name.is_none() {
                let nothing = &Value::Null;
                self.value(
                    &format!("{path}{place}"),
                    then.unwrap_or(nothing),
                    now.unwrap_or(nothing),
                );
                continue;
            }
            // The attributes of a resource have the same paths wherever it stands.
            let outer = std::mem::replace(&mut self.resource, name);
            match (then, now) {
                (Some(then), Some(now)) => self.value("", then, now),
                (then, now) => {
                    let rule = if now.is_some() {
                        Rule::Added
                    } else {
                        Rule::Removed
                    };
                    self.push(rule, path, then.cloned(), now.cloned());
                }
            }
            self.resource = outer;
        }
    }
}

/// `name.givenName`, `urn:…:User:department`; the URN of an extension ends in a colon until an attribute stands behind it.
fn below(path: &str, name: &str) -> String {
    let is_urn = name
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
    match path {
        "" if is_urn => format!("{name}:"),
        path if path.is_empty() || path.ends_with(':') => format!("{path}{name}"),
        path => format!("{path}.{name}"),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        _ => false,
    }
}
