//! What the scenario's service made in place of what was made when it was recorded: ids, versions and cursors, both ways.
//!
//! They are bound by the place where they stand, never because two strings are equal. What was there before keeps its recorded id and
//! needs no binding.

use crate::exchange::walk::{self, Part, Place, Role, Schemas, Visit};
use crate::exchange::{Body, Exchange, Request, Response};
use crate::scim::filter::Operator;
use crate::scim::path::member;
use serde_json::Value;
use std::collections::HashMap;

/// Which is which.
#[derive(Debug, Default)]
pub(super) struct Binding {
    ids: Vec<Bound>,
    /// By the recorded id of the resource and the recorded version.
    versions: HashMap<(String, String), String>,
    /// Recorded, live.
    cursors: Vec<(String, String)>,
}

#[derive(Debug)]
struct Bound {
    kind: String,
    recorded: String,
    live: String,
}

impl Binding {
    /// The recorded request as a client would send it now.
    pub(super) fn to_live(&self, schemas: &Schemas, request: &Request) -> Request {
        let mut request = request.clone();
        let subject = last_segment(&request.path).to_owned();
        let mut carry = Carry {
            binding: self,
            subject,
            to_live: true,
        };
        walk::request(schemas, &mut request, &mut carry);
        request
    }

    /// The answer as it would have been recorded then.
    pub(super) fn to_recorded(&self, schemas: &Schemas, path: &str, response: &mut Response) {
        let mut carry = Carry {
            binding: self,
            subject: String::new(),
            to_live: false,
        };
        walk::response(schemas, path, response, &mut carry);
    }

    /// Takes in two answers to the same request.
    pub(super) fn learn(&mut self, schemas: &Schemas, recorded: &Exchange, live: &Response) {
        let (request, then) = (&recorded.request, &recorded.response);
        let then_and_now = [then, live];
        if request.method == "POST"
            && then_and_now.iter().all(|it| it.status == 201)
            && let [Some(then), Some(now)] = then_and_now.map(made)
        {
            self.bind(schemas, &request.path, then, now);
        }
        let [operations, now] = then_and_now.map(|it| members_of(&it.body, "Operations"));
        for (then, now) in operations.iter().zip(now) {
            if let [Some(then), Some(now)] = [then, now].map(|it| text(it, "location"))
                && last_segment(then) != last_segment(now)
            {
                let ids = [then, now].map(|it| last_segment(it).to_owned());
                let [then_id, now_id] = ids;
                self.bind(schemas, then, then_id, now_id);
            }
        }
        if let [Some(then), Some(now)] = then_and_now.map(version) {
            let subject =
                id_of(&recorded.response).unwrap_or_else(|| last_segment(&request.path).to_owned());
            self.versions.insert((subject, then), now);
        }
        for name in ["nextCursor", "previousCursor"] {
            let cursors = then_and_now.map(|it| match &it.body {
                Body::Json(body) => text(body, name).map(str::to_owned),
                _ => None,
            });
            if let [Some(then), Some(now)] = cursors {
                self.cursors.push((then, now));
            }
        }
    }

    fn bind(&mut self, schemas: &Schemas, path: &str, recorded: String, live: String) {
        let kind = path.split('/').find_map(|it| schemas.by_endpoint(it));
        let Some(kind) = kind.map(|kind| kind.name.clone()) else {
            return;
        };
        self.ids.push(Bound {
            kind,
            recorded,
            live,
        });
    }
}

struct Carry<'b> {
    binding: &'b Binding,
    subject: String,
    to_live: bool,
}

impl Visit for Carry<'_> {
    fn value(&mut self, place: &Place<'_>, value: &mut Value) {
        let Value::String(text) = value else { return };
        let part_of_one = matches!(
            place.compared,
            Some(Operator::Co | Operator::Sw | Operator::Ew)
        );
        let found = match place.role {
            Role::Id { of } if !part_of_one => self.id(text, of),
            Role::Cursor => self.cursor(text),
            Role::Version if self.to_live => Some(self.versions(text, place.part)),
            _ => None,
        };
        if let Some(found) = found {
            *text = found;
        }
    }
}

impl Carry<'_> {
    fn id(&self, id: &str, of: &[String]) -> Option<String> {
        let pair = |it: &'_ Bound| {
            let (then, now) = (it.recorded.clone(), it.live.clone());
            if self.to_live {
                (then, now)
            } else {
                (now, then)
            }
        };
        let fits = |it: &&Bound| {
            pair(it).0 == id
                && (of.is_empty() || of.iter().any(|of| of.eq_ignore_ascii_case(&it.kind)))
        };
        // An id that was given again is the latest one's.
        self.binding
            .ids
            .iter()
            .rev()
            .find(fits)
            .map(|it| pair(it).1)
    }

    fn cursor(&self, cursor: &str) -> Option<String> {
        let mut all = self.binding.cursors.iter().rev();
        let found = all.find(|(then, now)| cursor == if self.to_live { then } else { now });
        found.map(|(then, now)| if self.to_live { now } else { then }.clone())
    }

    /// One version, or the list of them in a condition (RFC 9110 section 13.1).
    fn versions(&self, versions: &str, part: Part<'_>) -> String {
        let known = |version: &str| {
            let key = (self.subject.clone(), version.trim().to_owned());
            let live = self.binding.versions.get(&key);
            live.map_or_else(|| version.trim().to_owned(), Clone::clone)
        };
        match part {
            Part::Header(_) => versions
                .split(',')
                .map(known)
                .collect::<Vec<_>>()
                .join(", "),
            _ => known(versions),
        }
    }
}

/// The id of what an answer says was made.
fn made(response: &Response) -> Option<String> {
    let location = || {
        let mut headers = response.headers.iter();
        let found = headers.find(|(name, _)| name.eq_ignore_ascii_case("location"));
        found.map(|(_, url)| last_segment(url).to_owned())
    };
    id_of(response).or_else(location)
}

/// The id of the resource that an answer holds.
pub(super) fn id_of(response: &Response) -> Option<String> {
    match &response.body {
        Body::Json(body) => text(body, "id").map(str::to_owned),
        _ => None,
    }
}

fn version(response: &Response) -> Option<String> {
    let mut headers = response.headers.iter();
    let found = headers.find(|(name, _)| name.eq_ignore_ascii_case("etag"));
    found.map(|(_, value)| value.trim().to_owned())
}

/// A text of an object.
pub(super) fn text<'v>(value: &'v Value, name: &str) -> Option<&'v str> {
    member(value.as_object()?, name)?.as_str()
}

/// A list of a message, `Resources` or `Operations`.
pub(super) fn members_of<'b>(body: &'b Body, name: &str) -> &'b [Value] {
    let Body::Json(Value::Object(message)) = body else {
        return &[];
    };
    let list = member(message, name).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

/// The last segment of a path or a URL, decoded by nobody.
pub(super) fn last_segment(path: &str) -> &str {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}
