//! A request as faults look at it: method, path, headers, and its body as JSON once somebody asks for it.

use crate::scenario::{Fault, Then};
use bytes::Bytes;
use http::Request;
use serde_json::{Map, Value};
use std::cell::OnceCell;

pub(super) struct Asked<'a> {
    request: &'a Request<Bytes>,
    /// Below the base URL.
    path: &'a str,
    body: OnceCell<Option<Map<String, Value>>>,
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
        method.is_none_or(|method| method == self.request.method().as_str())
            && on
                .path
                .as_deref()
                .is_none_or(|pattern| is_like(pattern, self.path))
            && on.tenant.as_deref().is_none_or(|named| named == tenant)
            && on.headers.iter().all(has)
            && (fault.then != Then::ExpiredCursor || self.has_cursor())
            && on
                .filter
                .as_ref()
                .is_none_or(|filter| self.body().is_some_and(|body| filter.matches_untyped(body)))
    }

    /// The body, if it is a JSON object.
    fn body(&self) -> Option<&Map<String, Value>> {
        let read = || serde_json::from_slice(self.request.body()).ok();
        self.body.get_or_init(read).as_ref()
    }

    /// Whether it goes on from a cursor (RFC 9865 section 2), in the query or in a search.
    fn has_cursor(&self) -> bool {
        let query = self.request.uri().query().unwrap_or_default();
        let is_cursor = |name: &str| name.eq_ignore_ascii_case("cursor");
        form_urlencoded::parse(query.as_bytes())
            .any(|(name, value)| is_cursor(&name) && !value.is_empty())
            || self.path.ends_with("/.search")
                && self.body().is_some_and(|body| {
                    let text = |value: &Value| value.as_str().is_some_and(|it| !it.is_empty());
                    body.iter()
                        .any(|(name, value)| is_cursor(name) && text(value))
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
