//! What an exchange may be asked to be, and its form in JSON: `{"method": "POST", "path": "/Users", "status": 201}`.
//!
//! The conditions stand in the order of what makes two exchanges alike: first where, then how, then what.

use super::{Condition, Entry, PathPattern, StatusPattern};
use crate::scim::Reading;
use crate::scim::filter::Filter;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;

/// Conditions that must all hold. Without any, every exchange matches.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Pattern {
    conditions: Vec<Condition>,
}

/// A description that cannot be understood: where, and what was expected.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {expected}")]
pub struct Malformed {
    /// `status`, `in_order[1].body`.
    pub place: String,
    /// For people.
    pub expected: String,
}

impl Malformed {
    pub(super) fn new(place: impl Into<String>, expected: impl fmt::Display) -> Self {
        Self {
            place: place.into(),
            expected: expected.to_string(),
        }
    }

    /// The same with the place of the whole before the place within.
    pub(super) fn within(self, whole: &str) -> Self {
        Self {
            place: format!("{whole}.{}", self.place),
            ..self
        }
    }
}

impl Pattern {
    /// Asks for one thing more. The terms of a filter that are joined by `and` are conditions of their own.
    pub fn require(&mut self, condition: Condition) {
        match condition {
            Condition::Body(Filter::And(terms)) => self
                .conditions
                .extend(terms.into_iter().map(Condition::Body)),
            Condition::Response(Filter::And(terms)) => self
                .conditions
                .extend(terms.into_iter().map(Condition::Response)),
            condition => self.conditions.push(condition),
        }
    }

    /// Whether all that is asked holds.
    pub fn matches(&self, entry: &Entry) -> bool {
        self.conditions.iter().all(|it| it.holds(entry))
    }

    pub(super) fn conditions(&self) -> &[Condition] {
        &self.conditions
    }
}

/// `POST /Users answered 201`.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (places, others): (Vec<_>, Vec<_>) = self
            .conditions
            .iter()
            .partition(|it| matches!(it, Condition::Path(_)));
        let is_method = |it: &&Condition| matches!(it, Condition::Method(_));
        let methods = others.iter().copied().filter(is_method);
        let rest = others.iter().copied().filter(|it| !is_method(it));
        let words: Vec<_> = methods
            .chain(places)
            .chain(rest)
            .map(ToString::to_string)
            .collect();
        if words.is_empty() {
            return f.write_str("any exchange");
        }
        f.write_str(&words.join(" "))
    }
}

/// A pattern in JSON.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PatternForm {
    method: Option<String>,
    path: Option<String>,
    query: BTreeMap<String, String>,
    body: Option<String>,
    status: Option<Value>,
    response: Option<String>,
    since: Option<String>,
    until: Option<String>,
}

impl TryFrom<PatternForm> for Pattern {
    type Error = Malformed;

    fn try_from(form: PatternForm) -> Result<Self, Malformed> {
        let mut pattern = Self::default();
        if let Some(path) = form.path {
            pattern.require(path_condition(&path)?);
        }
        if let Some(method) = form.method {
            pattern.require(method_condition(method)?);
        }
        for (name, value) in form.query {
            pattern.require(Condition::Parameter(name, value));
        }
        if let Some(filter) = form.body {
            pattern.require(Condition::Body(filter_named("body", &filter)?));
        }
        if let Some(status) = form.status {
            let text = match status {
                Value::String(text) => text,
                other => other.to_string(),
            };
            pattern.require(status_condition(&text)?);
        }
        if let Some(filter) = form.response {
            pattern.require(Condition::Response(filter_named("response", &filter)?));
        }
        if let Some(instant) = form.since {
            pattern.require(Condition::Since(instant_named("since", &instant)?));
        }
        if let Some(instant) = form.until {
            pattern.require(Condition::Until(instant_named("until", &instant)?));
        }
        Ok(pattern)
    }
}

pub(super) fn path_condition(text: &str) -> Result<Condition, Malformed> {
    let pattern = PathPattern::parse(text);
    let pattern = pattern.map_err(|expected| Malformed::new("path", expected))?;
    Ok(Condition::Path(pattern))
}

pub(super) fn method_condition(mut text: String) -> Result<Condition, Malformed> {
    text.make_ascii_uppercase();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        let expected = format!("expected a method such as \"POST\", found \"{text}\"");
        return Err(Malformed::new("method", expected));
    }
    Ok(Condition::Method(text))
}

pub(super) fn status_condition(text: &str) -> Result<Condition, Malformed> {
    let pattern = StatusPattern::parse(text);
    let pattern = pattern.map_err(|expected| Malformed::new("status", expected))?;
    Ok(Condition::Status(pattern))
}

pub(super) fn filter_named(place: &str, text: &str) -> Result<Filter, Malformed> {
    Filter::parse(text, Reading::LENIENT).map_err(|error| Malformed::new(place, error.detail))
}

pub(super) fn instant_named(place: &str, text: &str) -> Result<jiff::Timestamp, Malformed> {
    crate::scim::datetime::parse(text).ok_or_else(|| {
        let expected =
            format!("expected an instant such as \"2026-01-01T00:00:00Z\", found \"{text}\"");
        Malformed::new(place, expected)
    })
}
