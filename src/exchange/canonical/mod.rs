//! The forms of a request, by which two requests are the same: a level each, and a hash of a text each, so that finding a request among
//! a million costs what finding it among ten does.
//!
//! | level | two requests are the same when |
//! | --- | --- |
//! | exact | method, path, parameters and body are, in their order; a replaced secret differs from another |
//! | canonical | they say the same by the rules of RFC 7643 and 7644: no case in names and where `caseExact` is false, core URNs understood, filters read and printed, what is the default left out, no order of parameters, of `schemas` and of the values of a list |
//!
//! A third level, by what a PATCH makes of a resource, needs the resource: see [`intent`]. The conditions `If-Match` and
//! `If-None-Match` (RFC 7644 section 3.14) belong to a request on every level; no other header field does.
//!
//! It compares nothing and loosens nothing: what it does not understand stands in the form as it was written.

mod document;
mod filter;
pub mod intent;
mod message;
mod query;
mod value;

use super::walk::Schemas;
use super::{Body, Request};
use crate::scim::resource_type::ResourceType;
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;
use std::collections::hash_map::DefaultHasher;
use std::fmt::{self, Write as _};
use std::hash::Hasher as _;

pub use document::json;
pub use filter::{canonical as filter, equality, texts};
pub use message::path as patch_path;
pub use query::canonical as query;
pub use value::of as value;

/// How much alike two requests must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// To the letter.
    Exact,
    /// By what they say.
    Canonical,
    /// By what they make of the resource.
    Intent,
}

impl Level {
    /// Every level, the closest first.
    pub const ALL: [Self; 3] = [Self::Exact, Self::Canonical, Self::Intent];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Canonical => "canonical",
            Self::Intent => "intent",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The hash of a form: two requests that have it in common are the same on its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Form([u64; 2]);

impl Form {
    /// Of a text at a level. It has 128 bits, so that no recording is so long that two of its forms would meet by chance.
    pub fn of(level: Level, text: &str) -> Self {
        Self([0_u8, 1].map(|half| {
            let mut hasher = DefaultHasher::new();
            hasher.write(&[half]);
            hasher.write(level.name().as_bytes());
            hasher.write(text.as_bytes());
            hasher.finish()
        }))
    }
}

/// The form of a request to the letter.
pub fn exact(request: &Request) -> String {
    let mut form = format!("{} {}", request.method, request.path);
    for (name, value) in &request.query {
        push_pair(&mut form, name, value);
    }
    conditions(&mut form, request);
    // As bytes: two JSON objects are equal values in any order of their members.
    form.push_str(&match &request.body {
        body @ Body::Json(_) => String::from_utf8_lossy(&body.to_bytes()).into_owned(),
        body => document::opaque(body),
    });
    form
}

/// The form of a request by what it says.
pub fn canonical(schemas: &Schemas, request: &Request) -> String {
    let about = About::of(schemas, &request.path);
    let mut form = format!("{} {}", request.method, path(&request.path));
    for (name, value) in query::canonical(about.kind, &request.query) {
        push_pair(&mut form, &name, &value);
    }
    conditions(&mut form, request);
    form.push_str(&match &request.body {
        Body::Json(value) => message::body(schemas, about, &request.method, value),
        body => document::opaque(body),
    });
    form
}

/// What a path is about.
#[derive(Debug, Clone, Copy)]
struct About<'s> {
    kind: Option<&'s ResourceType>,
    is_search: bool,
    is_bulk: bool,
}

impl<'s> About<'s> {
    fn of(schemas: &'s Schemas, path: &str) -> Self {
        let segments = || path.split('/').filter(|it| !it.is_empty());
        let last = segments().next_back().unwrap_or_default();
        Self {
            kind: segments()
                .next()
                .and_then(|segment| schemas.by_endpoint(segment)),
            is_search: last == ".search",
            is_bulk: last.eq_ignore_ascii_case("Bulk"),
        }
    }
}

/// Printed as JSON strings, so that no value can look like the beginning of the next part.
fn push_pair(form: &mut String, name: &str, value: &str) {
    let (name, value) = (Value::from(name), Value::from(value));
    let _ = write!(form, "\n{name}={value}");
}

fn conditions(form: &mut String, request: &Request) {
    for condition in ["if-match", "if-none-match"] {
        for (name, value) in &request.headers {
            if name.eq_ignore_ascii_case(condition) {
                let _ = write!(form, "\n{condition}: {}", Value::from(value.trim()));
            }
        }
    }
    form.push_str("\n\n");
}

/// The path with each segment percent-encoded in one way.
pub fn path(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let decoded: Vec<u8> = percent_decode_str(segment).collect();
        match String::from_utf8(decoded) {
            Ok(text) => utf8_percent_encode(&text, NON_ALPHANUMERIC).to_string(),
            Err(_) => segment.to_owned(),
        }
    });
    segments.collect::<Vec<_>>().join("/")
}
