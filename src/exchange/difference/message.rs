//! Two exchanges that stand for each other: what was asked, and what came of it.

use super::classes::Told;
use super::values::Values;
use super::{Compared, Finding, Party, Rule};
use crate::exchange::{Body, Exchange, Response};
use crate::scim::error::CODES;
use crate::scim::path::member;
use serde_json::{Value, json};

/// The header fields that SCIM gives a meaning, or HTTP one that its clients act on.
const HEADERS: [&str; 9] = [
    "allow",
    "content-location",
    "content-type",
    "etag",
    "link",
    "location",
    "preference-applied",
    "retry-after",
    "www-authenticate",
];

pub(super) fn compared(before: Option<&Told>, after: Option<&Told>) -> Compared {
    let told = before.or(after);
    Compared {
        before: before.map(|it| it.number),
        after: after.map(|it| it.number),
        asked: told.map(Told::asked).unwrap_or_default(),
        findings: match (before, after) {
            (Some(before), Some(after)) => findings(&before.exchange, &after.exchange),
            (Some(_), None) => vec![whole(Rule::ExchangeRemoved)],
            (None, _) => vec![whole(Rule::ExchangeAdded)],
        },
    }
}

fn whole(rule: Rule) -> Finding {
    Finding {
        rule,
        side: Party::Client,
        resource: None,
        path: "exchange".to_owned(),
        before: None,
        after: None,
    }
}

fn findings(before: &Exchange, after: &Exchange) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut client = Values::new(Party::Client);
    query(&mut client, &before.request.query, &after.request.query);
    bodies(&mut client, &before.request.body, &after.request.body);
    found.extend(client.found);
    let mut provider = Values::new(Party::Provider);
    let ended = [before, after].map(|it| it.ended.as_ref().map(|ended| json!(ended.to_string())));
    if let [Some(_), None] | [None, Some(_)] = &ended {
        let [before, after] = ended;
        provider.push(Rule::Ended, "ended", before, after);
    }
    let (then, now) = (&before.response, &after.response);
    if then.status != now.status {
        let [then, now] = [then, now].map(|it| Some(json!(it.status)));
        provider.push(Rule::Status, "status", then, now);
    }
    let error_type = |body: &Body| match body {
        Body::Json(Value::Object(members)) => member(members, CODES[0]).cloned(),
        _ => None,
    };
    let types = [then, now].map(|it| error_type(&it.body));
    if types[0] != types[1] {
        let [then, now] = types;
        provider.push(Rule::ErrorType, CODES[0], then, now);
    }
    if is_refused(then) != is_refused(now) {
        // A resource and an error have nothing in common; what is said about it is enough.
        if let (true, Body::Json(error)) = (is_refused(now), &now.body)
            && let Some(detail) = error.get("detail")
        {
            provider.push(Rule::Added, "detail", None, Some(detail.clone()));
        }
        found.extend(provider.found);
        return found;
    }
    for name in HEADERS {
        let [then, now] = [then, now].map(|it| field(&it.headers, name));
        match (&then, &now) {
            (Some(a), Some(b)) if a != b => {
                provider.push(Rule::Changed, &format!("headers.{name}"), then, now);
            }
            (Some(_), None) => provider.push(Rule::Removed, &format!("headers.{name}"), then, now),
            (None, Some(_)) => provider.push(Rule::Added, &format!("headers.{name}"), then, now),
            _ => {}
        }
    }
    bodies(&mut provider, &then.body, &now.body);
    found.extend(provider.found);
    found
}

/// Whether an answer says no, or did not come.
fn is_refused(response: &Response) -> bool {
    response.status == 0 || response.status >= 400
}

/// A field as it is compared: a media type without white space and case, several values as one.
fn field(headers: &[(String, String)], name: &str) -> Option<Value> {
    let fields = headers
        .iter()
        .filter(|(field, _)| field.eq_ignore_ascii_case(name));
    let values: Vec<String> = fields
        .map(|(_, value)| match name {
            "content-type" => value.to_ascii_lowercase().replace(' ', ""),
            "etag" => "{version}".to_owned(),
            _ => value.clone(),
        })
        .collect();
    (!values.is_empty()).then(|| json!(values.join(", ")))
}

fn query(values: &mut Values, before: &[(String, String)], after: &[(String, String)]) {
    let find = |all: &[(String, String)], name: &str| {
        let found = all.iter().find(|(it, _)| it.eq_ignore_ascii_case(name));
        found.map(|(_, value)| json!(value))
    };
    let mut names: Vec<&String> = Vec::new();
    for (name, _) in before.iter().chain(after) {
        if !names.iter().any(|it| it.eq_ignore_ascii_case(name)) {
            names.push(name);
        }
    }
    for name in names {
        let (then, now) = (find(before, name), find(after, name));
        if then != now {
            let rule = match (&then, &now) {
                (Some(_), None) => Rule::Removed,
                (None, Some(_)) => Rule::Added,
                _ => Rule::Changed,
            };
            values.push(rule, &format!("query.{name}"), then, now);
        }
    }
}

fn bodies(values: &mut Values, before: &Body, after: &Body) {
    let text = |body: &Body| {
        let bytes = body.to_bytes();
        json!(String::from_utf8_lossy(&bytes))
    };
    match (before, after) {
        (Body::Json(before), Body::Json(after)) => values.document(before, after),
        // Nobody knows what the rest of it was.
        (Body::Cut { .. }, _) | (_, Body::Cut { .. }) => {}
        (before, after) if before == after => {}
        (Body::Empty, after) => values.push(Rule::Added, "body", None, Some(text(after))),
        (before, Body::Empty) => values.push(Rule::Removed, "body", Some(text(before)), None),
        (before, after) => {
            let same_kind = std::mem::discriminant(before) == std::mem::discriminant(after);
            let rule = if same_kind { Rule::Changed } else { Rule::Type };
            values.push(rule, "body", Some(text(before)), Some(text(after)));
        }
    }
}
