//! The exchange: one request and its answer, as the recorder writes it and replay matches on it.
//!
//! There is one `Exchange` type and nobody has a second. Nothing here knows a socket or the time of day.

pub mod base;
pub mod body;
pub mod canonical;
pub mod coding;
pub mod difference;
pub mod entities;
pub mod file;
pub mod folder;
pub mod har;
mod layout;
pub mod recording;
pub mod redact;
mod token;
pub mod walk;

pub use body::Body;
pub use folder::{Folder, FolderError, Sync};
pub use recording::Recording;

use std::fmt;
use std::time::Duration;

/// One request and the answer to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Exchange {
    /// When the request arrived.
    pub at: jiff::Timestamp,
    /// From the arrival of the request to the end of the answer.
    pub elapsed: Duration,
    /// Set when the exchange ended before its answer was whole.
    pub ended: Option<Ended>,
    /// What the client sent.
    pub request: Request,
    /// What the service provider answered: [`Response::none`] when it ended before that, and what had come when it ended later.
    pub response: Response,
}

/// The end of an exchange whose answer is not whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// Who ended it.
    pub by: Side,
    /// How, in a sentence for people.
    pub why: String,
}

/// One of the two that a proxy stands between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Who asks.
    Client,
    /// Who answers.
    Upstream,
}

/// `the upstream: it broke off`
impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {}: {}", self.by, self.why)
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client => "client",
            Self::Upstream => "upstream",
        })
    }
}

/// What a client sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The method as sent.
    pub method: String,
    /// Relative to the SCIM base; begins with `/`, percent-encoded as sent.
    pub path: String,
    /// The pairs of the query string, decoded, as sent.
    pub query: Vec<(String, String)>,
    /// In the order of the wire.
    pub headers: Vec<(String, String)>,
    /// The content.
    pub body: Body,
}

/// What a service provider answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// The HTTP status code; 0 when no answer came, as in HAR.
    pub status: u16,
    /// In the order of the wire.
    pub headers: Vec<(String, String)>,
    /// The content.
    pub body: Body,
}

impl Request {
    /// The request whose path relative to the base is `path` and whose query string is `query`.
    pub fn new(
        method: &http::Method,
        path: impl Into<String>,
        query: Option<&str>,
        headers: &http::HeaderMap,
        body: Body,
    ) -> Self {
        Self {
            method: method.as_str().to_owned(),
            path: path.into(),
            query: form_urlencoded::parse(query.unwrap_or_default().as_bytes())
                .into_owned()
                .collect(),
            headers: header_pairs(headers),
            body,
        }
    }

    /// The media type that the request declares.
    pub fn content_type(&self) -> Option<&str> {
        content_type(&self.headers)
    }
}

impl Response {
    /// No answer at all.
    pub fn none() -> Self {
        Self {
            status: 0,
            headers: Vec::new(),
            body: Body::Empty,
        }
    }

    /// The media type that the response declares.
    pub fn content_type(&self) -> Option<&str> {
        content_type(&self.headers)
    }
}

/// The header fields as pairs. Bytes that are not UTF-8 become U+FFFD: a fixture is a text file.
pub fn header_pairs(headers: &http::HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect()
}

fn content_type(headers: &[(String, String)]) -> Option<&str> {
    headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        .map(|(_, value)| value.as_str())
}
