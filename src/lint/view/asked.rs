//! What a query asks for, in a query string or in a search request (RFC 7644 sections 3.4.2 and 3.4.3), and its filter, read.

use crate::lint::Place;
use crate::scim::filter::{Filter, Matcher};
use crate::scim::resource_type::ResourceType;
use crate::scim::{Leniencies, Reading, ScimError};
use serde_json::Value;
use std::cell::Cell;

/// A parameter of a query.
pub(crate) struct Parameter<'a> {
    /// The name as it was written.
    pub name: &'a str,
    /// The value, as text.
    pub text: String,
    /// The value in a search request, which has more than text.
    pub json: Option<&'a Value>,
    /// Where the value stands.
    pub place: Place,
}

/// A filter, read as leniently as can be.
pub(crate) struct Asked {
    /// As it was written.
    pub text: String,
    /// Where it stands.
    pub place: Place,
    /// The tree.
    pub read: Result<Filter, ScimError>,
    /// What it asks of resources of the type.
    pub bound: Option<Result<Matcher, ScimError>>,
    /// What reading it took.
    pub needed: Leniencies,
}

impl Asked {
    pub(super) fn read(parameter: &Parameter<'_>, kind: Option<&ResourceType>) -> Self {
        let needed = Cell::new(Leniencies::NONE);
        let reading = Reading::new(super::ALL, &needed);
        let read = Filter::parse(&parameter.text, reading);
        let bound = match (&read, kind) {
            (Ok(filter), Some(kind)) => Some(filter.bind(kind, reading)),
            _ => None,
        };
        Self {
            text: parameter.text.clone(),
            place: parameter.place.clone(),
            read,
            bound,
            needed: needed.get(),
        }
    }

    /// The one value that it asks for: an attribute, and the text that it equals.
    pub(crate) fn equality(&self) -> Option<(String, String)> {
        let Ok(Filter::Compare { .. }) = &self.read else {
            return None;
        };
        let filter = self.read.as_ref().ok()?;
        let (path, text) = filter.equalities().into_iter().next()?;
        Some((path.to_string(), text.to_owned()))
    }
}

/// The number that a parameter is; one that is too large for anybody is the largest.
pub(crate) fn number(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let largest = if digits == text { i64::MAX } else { i64::MIN };
    is_number.then(|| text.parse().unwrap_or(largest))
}
