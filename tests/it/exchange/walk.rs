//! The walk over the values of an exchange: each is shown with its place, and what it is changed to stands there afterwards.

mod bodies;
mod edits;
mod requests;
mod schemas;

use scimulate::exchange::walk::{self, Part, Place, Role, Schemas, Visit};
use scimulate::exchange::{Body, Request, Response};
use serde_json::Value;

/// Writes a line for each value that is shown: `[part] what = value`.
#[derive(Default)]
struct Lines(Vec<String>);

impl Visit for Lines {
    fn value(&mut self, place: &Place<'_>, value: &mut Value) {
        let part = match place.part {
            Part::Body => String::new(),
            Part::Path => "path: ".into(),
            Part::Query(name) => format!("?{name}: "),
            Part::Header(name) => format!("{name}: "),
        };
        let path = place.attribute.map_or("", |it| it.path.as_str());
        let role = match place.role {
            Role::Value => String::new(),
            Role::Id { of } => format!("Id<{}>", of.join("|")),
            other => format!("{other:?}"),
        };
        let unknown = place.attribute.is_some_and(|it| it.definition.is_none());
        let compared = place
            .compared
            .map_or(String::new(), |it| format!(" {}", it.name()));
        let words = [role.as_str(), path]
            .into_iter()
            .filter(|it| !it.is_empty());
        let words = words.collect::<Vec<_>>().join(" ");
        let unknown = if unknown { "?" } else { "" };
        self.0
            .push(format!("{part}{words}{unknown}{compared} = {value}"));
    }
}

fn request(method: &str, path: &str, query: &[(&str, &str)], body: Value) -> Request {
    Request {
        method: method.into(),
        path: path.into(),
        query: super::pairs(query),
        headers: Vec::new(),
        body: if body.is_null() {
            Body::Empty
        } else {
            Body::Json(body)
        },
    }
}

/// The values of a request with this path and body.
#[track_caller]
fn check_request(mut request: Request, expected: &[&str]) {
    let mut lines = Lines::default();
    walk::request(&Schemas::default(), &mut request, &mut lines);
    assert_eq!(lines.0, expected);
}

/// The values of the answer to a request with this path.
#[track_caller]
fn check_answer(
    schemas: &Schemas,
    path: &str,
    headers: &[(&str, &str)],
    body: Value,
    expected: &[&str],
) {
    let mut response = Response {
        status: 200,
        headers: super::pairs(headers),
        body: Body::Json(body),
    };
    let mut lines = Lines::default();
    walk::response(schemas, path, &mut response, &mut lines);
    assert_eq!(lines.0, expected);
}
