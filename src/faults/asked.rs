//! A request as faults look at it: method, path, headers, and its body as JSON once somebody asks for it.

use crate::scenario::{Fault, TOKEN_PATH, Then};
use bytes::Bytes;
use http::Request;
use serde_json::Value;
use std::cell::OnceCell;

pub(super) struct Asked<'a> {
    request: &'a Request<Bytes>,
    /// Below the base URL.
    path: &'a str,
    body: OnceCell<Option<Value>>,
}

impl<'a> Asked<'a> {
    pub(super) fn new(request: &'a Request<Bytes>, path: &'a str) -> Self {
        Self {
            request,
            path,
            body: OnceCell::new(),
        }
    }

    /// Whether `fault`, one of the tenant of this name, is for this request, as far as the request itself says so.
    pub(super) fn meets(&self, fault: &Fault, tenant: &str) -> bool {
        let on = &fault.on;
        let method = on.method.as_deref();
        let headers = self.request.headers();
        let has = |(name, value): &(String, String)| {
            let mut all = headers.get_all(name.as_str()).iter();
            all.any(|found| found.as_bytes() == value.as_bytes())
        };
        // What counts or upsets SCIM requests leaves those for tokens alone, unless they are named.
        (self.path != TOKEN_PATH || on.path.is_some())
            && method.is_none_or(|method| method == self.request.method().as_str())
            && on
                .path
                .as_deref()
                .is_none_or(|pattern| is_like(pattern, self.path))
            && on.tenant.as_deref().is_none_or(|named| named == tenant)
            && on.headers.iter().all(has)
            && self.can_meet(&fault.then)
            && on
                .filter
                .as_ref()
                .is_none_or(|filter| self.body().is_some_and(|body| filter.matches_loosely(body)))
    }

    /// The body, if it is JSON.
    fn body(&self) -> Option<&Value> {
        let read = || serde_json::from_slice(self.request.body()).ok();
        self.body.get_or_init(read).as_ref()
    }

    /// Whether what happens there can happen to this request.
    fn can_meet(&self, then: &Then) -> bool {
        let goes_on = || self.parameter("cursor").is_some_and(|it| !it.is_empty());
        match then {
            Then::ExpiredCursor => goes_on(),
            Then::DuplicateEntries | Then::MissingEntries => {
                let start = self.parameter("startIndex");
                goes_on() || start.is_some_and(|it| it.parse().is_ok_and(|start: u64| start > 1))
            }
            Then::StaleRead(_) => self.request.method().is_safe() || self.is_search(),
            _ => true,
        }
    }

    fn is_search(&self) -> bool {
        self.path.ends_with("/.search")
    }

    /// A parameter of a query, or of the body of a search (RFC 7644 sections 3.4.2 and 3.4.3).
    fn parameter(&self, name: &str) -> Option<String> {
        let is_it = |key: &str| key.eq_ignore_ascii_case(name);
        if !self.is_search() {
            let query = self.request.uri().query().unwrap_or_default();
            let mut all = form_urlencoded::parse(query.as_bytes());
            return all
                .find(|(key, _)| is_it(key))
                .map(|(_, value)| value.into());
        }
        let found = self.body()?.as_object()?.iter().find(|(key, _)| is_it(key));
        found.and_then(|(_, value)| match value {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        })
    }
}

/// Whether `path` is like `pattern`, segment by segment, whatever the case; a slash too many does not count.
fn is_like(pattern: &str, path: &str) -> bool {
    fn segments(text: &str) -> impl Iterator<Item = &str> {
        text.split('/').filter(|segment| !segment.is_empty())
    }
    let (mut wanted, mut found) = (segments(pattern), segments(path));
    loop {
        match (wanted.next(), found.next()) {
            (None, None) => return true,
            (Some(wanted), Some(found)) if is_segment_like(wanted, found) => {}
            _ => return false,
        }
    }
}

/// The first part of the pattern is the beginning, the last the end, and the others stand between, each as early as it can.
fn is_segment_like(pattern: &str, segment: &str) -> bool {
    let (pattern, segment) = (pattern.to_lowercase(), segment.to_lowercase());
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == segment;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let inner = segment.strip_prefix(first);
    let Some(mut inner) = inner.and_then(|it| it.strip_suffix(last)) else {
        return false;
    };
    middle.split('*').all(|part| match inner.find(part) {
        None => false,
        Some(at) => {
            inner = &inner[at + part.len()..];
            true
        }
    })
}
