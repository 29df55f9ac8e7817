//! One condition on an exchange: whether it holds, and in words what differs where it does not.

use super::Entry;
use super::explain::{self, quoted};
use crate::exchange::{Body, canonical};
use crate::scim::filter::Filter;
use jiff::Timestamp;
use std::fmt;

/// What an exchange is asked to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The path of the request, below the SCIM base.
    Path(PathPattern),
    /// The method of the request.
    Method(String),
    /// A parameter of the query string, decoded; its name is compared without case.
    Parameter(String, String),
    /// The body of the request.
    Body(Filter),
    /// The status code of the answer.
    Status(StatusPattern),
    /// The body of the answer.
    Response(Filter),
    /// The request arrived then or later.
    Since(Timestamp),
    /// The request arrived then or earlier.
    Until(Timestamp),
}

/// A path whose segments may be `*`, which stands for any one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathPattern(String);

/// A status code, or a class of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusPattern {
    /// `201`.
    Code(u16),
    /// `4xx`.
    Class(u16),
}

impl Condition {
    /// Whether `entry` is so.
    pub fn holds(&self, entry: &Entry) -> bool {
        let (request, response) = (&entry.exchange.request, &entry.exchange.response);
        match self {
            Self::Path(pattern) => pattern.matches(&request.path),
            Self::Method(method) => request.method.eq_ignore_ascii_case(method),
            Self::Parameter(name, value) => values(entry, name).any(|it| it == value),
            Self::Body(filter) => satisfies(&request.body, filter),
            Self::Status(pattern) => pattern.matches(response.status),
            Self::Response(filter) => satisfies(&response.body, filter),
            Self::Since(instant) => entry.exchange.at >= *instant,
            Self::Until(instant) => entry.exchange.at <= *instant,
        }
    }

    /// What differs in an entry that is not so: `status 409, expected 201`.
    pub(super) fn differs(&self, entry: &Entry) -> String {
        let (request, response) = (&entry.exchange.request, &entry.exchange.response);
        match self {
            Self::Path(pattern) => format!("path {}, expected {}", request.path, pattern.0),
            Self::Method(method) => format!("method {}, expected {method}", request.method),
            Self::Parameter(name, value) => {
                let sent: Vec<_> = values(entry, name).map(quoted).collect();
                if sent.is_empty() {
                    return format!("no query parameter {name}, expected {}", quoted(value));
                }
                let sent = sent.join(" and ");
                format!(
                    "query parameter {name} is {sent}, expected {}",
                    quoted(value)
                )
            }
            Self::Body(filter) => explain::body("body", &request.body, filter),
            Self::Status(pattern) => format!("status {}, expected {pattern}", response.status),
            Self::Response(filter) => explain::body("response", &response.body, filter),
            Self::Since(instant) => {
                format!("at {:.3}, expected not before {instant}", entry.exchange.at)
            }
            Self::Until(instant) => {
                format!("at {:.3}, expected not after {instant}", entry.exchange.at)
            }
        }
    }
}

/// `status 201`.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(pattern) => f.write_str(&pattern.0),
            Self::Method(method) => f.write_str(method),
            Self::Parameter(name, value) => write!(f, "with {name}={}", quoted(value)),
            Self::Body(filter) => write!(f, "whose body has {filter}"),
            Self::Status(pattern) => write!(f, "answered {pattern}"),
            Self::Response(filter) => write!(f, "whose response has {filter}"),
            Self::Since(instant) => write!(f, "not before {instant}"),
            Self::Until(instant) => write!(f, "not after {instant}"),
        }
    }
}

fn values<'e>(entry: &'e Entry, name: &str) -> impl Iterator<Item = &'e str> {
    let pairs = entry.exchange.request.query.iter();
    let named = pairs.filter(move |(key, _)| key.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.as_str())
}

fn satisfies(body: &Body, filter: &Filter) -> bool {
    match body {
        Body::Json(value) => filter.matches_loosely(value),
        _ => false,
    }
}

impl PathPattern {
    /// Reads a path such as `/Users` or `/Users/*`.
    ///
    /// # Errors
    /// What was expected, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.starts_with('/') || text.contains(['?', '#']) {
            return Err(format!(
                "expected a path below the SCIM base such as \"/Users\" or \"/Users/*\", with its parameters apart, found {}",
                quoted(text)
            ));
        }
        if text.split('/').any(|it| it.contains('*') && it != "*") {
            let text = quoted(text);
            return Err(format!(
                "a `*` stands for a whole segment of a path, found {text}"
            ));
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether `path` is of this form, however its letters are percent-encoded.
    pub fn matches(&self, path: &str) -> bool {
        let (mut wanted, mut given) = (self.0.split('/'), path.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some("*"), Some(given)) if !given.is_empty() => {}
                (Some(wanted), Some(given)) if same_segment(wanted, given) => {}
                _ => return false,
            }
        }
    }
}

fn same_segment(wanted: &str, given: &str) -> bool {
    let is_encoded = wanted.contains('%') || given.contains('%');
    wanted == given || is_encoded && canonical::path(wanted) == canonical::path(given)
}

impl StatusPattern {
    /// Reads `201` or `4xx`.
    ///
    /// # Errors
    /// What was expected, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let class = text
            .strip_suffix("xx")
            .or_else(|| text.strip_suffix("XX"))
            .and_then(|digit| digit.parse().ok())
            .filter(|digit| (1..=5).contains(digit));
        let code = text.parse().ok().filter(|code| (100..=599).contains(code));
        let pattern = class.map(Self::Class).or(code.map(Self::Code));
        pattern.ok_or_else(|| {
            format!(
                "expected a status code such as 201, or a class such as \"4xx\", found {}",
                quoted(text)
            )
        })
    }

    /// Whether `status` is meant.
    pub fn matches(self, status: u16) -> bool {
        match self {
            Self::Code(code) => status == code,
            Self::Class(class) => status / 100 == class,
        }
    }
}

impl fmt::Display for StatusPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "{code}"),
            Self::Class(class) => write!(f, "{class}xx"),
        }
    }
}
