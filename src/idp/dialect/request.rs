//! A request as it goes onto the wire, below the base URL and without credentials.

use super::Membership;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};
use std::fmt;

/// What a path segment may not hold (RFC 3986 section 3.3).
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A request to be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// `GET`.
    pub method: &'static str,
    /// `/Users/2819c223`.
    pub path: String,
    /// As it is written, without the question mark.
    pub query: Option<String>,
    /// JSON.
    pub body: Option<Value>,
}

/// A request about members, and which of the changes it makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Write {
    /// What is sent.
    pub request: Request,
    /// What is done when it succeeds.
    pub does: Membership,
}

impl Write {
    pub(super) fn of_members(request: Request, does: Membership) -> Self {
        Self { request, does }
    }
}

impl Request {
    pub(super) fn new(method: &'static str, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            query: None,
            body: None,
        }
    }

    pub(super) fn asking(self, query: String) -> Self {
        Self {
            query: Some(query),
            ..self
        }
    }

    pub(super) fn with(self, body: Value) -> Self {
        Self {
            body: Some(body),
            ..self
        }
    }

    /// A PATCH of these operations.
    pub(super) fn patch(endpoint: &str, id: &str, operations: &[Value]) -> Self {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"];
        Self::new("PATCH", &format!("{endpoint}/{}", segment(id)))
            .with(json!({"schemas": schemas, "Operations": operations}))
    }

    /// Whether sending it twice may do what sending it once does not.
    pub fn is_idempotent(&self) -> bool {
        self.method != "POST"
    }
}

/// `GET /Users?…` and, on the next line, the body.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)?;
        if let Some(query) = &self.query {
            write!(f, "?{query}")?;
        }
        match &self.body {
            None => Ok(()),
            Some(body) => write!(f, "\n{body}"),
        }
    }
}

/// An id as part of a path.
pub(super) fn segment(id: &str) -> String {
    utf8_percent_encode(id, SEGMENT).to_string()
}

/// A string in a filter (RFC 7644 section 3.4.2.2: as JSON has it).
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
