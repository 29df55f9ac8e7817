//! Who is who: names in place of ids, by type and place, and the same names for the same resources of another recording.

mod adopted;
mod names;
mod places;

use scimulate::exchange::entities::Entities;
use scimulate::exchange::{Body, Exchange, Request, Response, file};
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) fn body(value: Value) -> Body {
    if value.is_null() {
        Body::Empty
    } else {
        Body::Json(value)
    }
}

pub(crate) fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

/// `asked` is a method, a path, and perhaps a filter behind a `?`.
pub(crate) fn exchange(asked: &str, sent: Value, status: u16, answer: Value) -> Exchange {
    let (method, path) = asked.split_once(' ').unwrap();
    let (path, filter) = path.split_once('?').unwrap_or((path, ""));
    let query: &[(&str, &str)] = if filter.is_empty() {
        &[]
    } else {
        &[("filter", filter)]
    };
    Exchange {
        at: "2026-01-01T00:00:00Z".parse().unwrap(),
        elapsed: Duration::ZERO,
        ended: None,
        request: Request {
            method: method.into(),
            path: path.into(),
            query: pairs(query),
            headers: Vec::new(),
            body: body(sent),
        },
        response: Response {
            status,
            headers: Vec::new(),
            body: body(answer),
        },
    }
}

pub(crate) fn user(id: &str, name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": id, "userName": name,
        "meta": {"resourceType": "User", "location": format!("{{base}}/Users/{id}"), "created": "2026-01-01T00:00:00Z", "version": format!("W/\"{id}-1\"")},
    })
}

pub(crate) fn made(id: &str, name: &str) -> Exchange {
    exchange(
        "POST /Users",
        json!({"userName": name}),
        201,
        user(id, name),
    )
}

pub(crate) fn group(id: &str, name: &str, members: Value) -> Exchange {
    let answer = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "id": id, "displayName": name, "members": members,
        "meta": {"resourceType": "Group"},
    });
    exchange("POST /Groups", json!({"displayName": name}), 201, answer)
}

/// All of an exchange that could tell recordings apart, as text.
fn text(exchange: &Exchange) -> String {
    file::print(exchange)
}

fn named(exchanges: &[Exchange]) -> Vec<String> {
    Entities::of(exchanges).names().map(str::to_owned).collect()
}
