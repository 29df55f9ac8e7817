//! The operations that are measured, as requests. Each is built anew for its turn, so that no answer is a repetition.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

/// The users that a group of each measured size has.
pub(crate) const GROUPS: [usize; 3] = [10, 1_000, 100_000];

/// A name, and the request of each turn.
pub(crate) struct Operation {
    pub(crate) name: String,
    pub(crate) request: Box<dyn Fn(usize) -> Request<Bytes>>,
}

/// The n-th user, from 0, as an identity provider sends it.
pub(crate) fn user(n: usize) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": user_name(n),
        "externalId": format!("00u{n:017}"),
        "name": {"givenName": format!("Given{n}"), "familyName": format!("Family{}", n % 5000)},
        "displayName": format!("Given{n} Family{}", n % 5000),
        "title": "Engineer",
        "active": true,
        "emails": [{"value": format!("{}@example.com", user_name(n)), "type": "work", "primary": true}],
    })
}

pub(crate) fn user_name(n: usize) -> String {
    format!("user{n:07}")
}

/// Every row, for a directory of this many users.
pub(crate) fn all(users: usize) -> Vec<Operation> {
    // A thousand of them, evenly over all, again and again: what is measured is finding, and not the first serialisation.
    let draw = move |turn: usize| (turn * 7919 % 1000) * (users / 1000).max(1) % users;
    let list = |query: String| get(&format!("/Users?{query}"));
    let filter = |text: String| format!("filter={}", encoded(&text));
    let mut rows = vec![
        row("GET by id", move |turn| {
            get(&format!("/Users/user-{}", draw(turn) + 1))
        }),
        row("userName eq", move |turn| {
            list(filter(format!("userName eq \"{}\"", user_name(draw(turn)))))
        }),
        row("externalId eq", move |turn| {
            list(filter(format!("externalId eq \"00u{:017}\"", draw(turn))))
        }),
        row("emails.value eq", move |turn| {
            let name = user_name(draw(turn));
            list(filter(format!("emails.value eq \"{name}@example.com\"")))
        }),
        row("emails[type eq and value eq]", move |turn| {
            let name = user_name(draw(turn));
            list(filter(format!(
                "emails[type eq \"work\" and value eq \"{name}@example.com\"]"
            )))
        }),
        row("userName sw, a page of 10", move |turn| {
            let start = &user_name(draw(turn))[..10];
            list(filter(format!("userName sw \"{start}\"")) + "&count=10")
        }),
        row("displayName co, the whole scan", move |turn| {
            list(filter(format!("displayName co \"ven{} \"", draw(turn))) + "&count=1")
        }),
        row("a page sorted by familyName", move |turn| {
            list(format!(
                "sortBy=name.familyName&count=10&startIndex={}",
                turn % 10 + 1
            ))
        }),
        row("the first page of 100", move |_| list("count=100".into())),
        row("the last page of 100", move |_| {
            list(format!("count=100&startIndex={}", users.saturating_sub(99)))
        }),
        row("POST", move |turn| {
            send("POST", "/Users", &user(users + turn))
        }),
        row("PATCH of one attribute", move |turn| {
            let path = format!("/Users/user-{}", draw(turn) + 1);
            patch(
                &path,
                &json!([{"op": "replace", "path": "title", "value": turn.to_string()}]),
            )
        }),
    ];
    for (at, members) in GROUPS
        .into_iter()
        .enumerate()
        .filter(|(_, members)| *members < users)
    {
        let group = format!("/Groups/group-{}", at + 1);
        let outsider = format!("user-{users}");
        rows.push(row(
            &format!("a member more, a member less, of {members}"),
            move |turn| {
                if turn.is_multiple_of(2) {
                    return patch(
                        &group,
                        &json!([{"op": "add", "path": "members", "value": [{"value": outsider}]}]),
                    );
                }
                let path = format!("members[value eq \"{outsider}\"]");
                patch(&group, &json!([{"op": "remove", "path": path}]))
            },
        ));
    }
    rows
}

fn row(name: &str, request: impl Fn(usize) -> Request<Bytes> + 'static) -> Operation {
    Operation {
        name: name.to_owned(),
        request: Box::new(request),
    }
}

fn get(target: &str) -> Request<Bytes> {
    send("GET", target, &Value::Null)
}

/// Asks for what changed only: an answer with 100,000 members would measure their printing.
fn patch(path: &str, operations: &Value) -> Request<Bytes> {
    let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
    let body = json!({"schemas": schemas, "Operations": operations});
    send("PATCH", &format!("{path}?attributes=displayName"), &body)
}

fn send(method: &str, target: &str, body: &Value) -> Request<Bytes> {
    let body = match body {
        Value::Null => Bytes::new(),
        body => body.to_string().into(),
    };
    Request::builder()
        .method(method)
        .uri(format!("/scim/v2{target}"))
        .header("content-type", "application/scim+json")
        .body(body)
        .expect("the parts are well formed")
}

fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
