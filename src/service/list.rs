//! Queries over resources (RFC 7644 sections 3.4.2 and 3.4.3): one type or all, filtered, sorted, a page of them.
//!
//! What is found is in `results`; here it becomes a page, by index or by cursor (RFC 9865).

use super::query::Query;
use super::results::Results;
use super::{Answer, Call, respond};
use crate::directory::{Key, Resource, View};
use crate::scim::choices::{EmptyList, FilterRefused, ItemsPerPage, ListKey};
use crate::scim::cursor::{Cursor, Scope};
use crate::scim::page::{LIST_RESPONSE_URN, Page};
use crate::scim::{ErrorKind, ScimError};
use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

impl Call<'_> {
    /// GET of an endpoint, or of the root when `kind` is `None`.
    pub(super) fn list(&self, kind: Option<usize>) -> Answer {
        Ok(self.answer_query(kind, &self.query()?)?)
    }

    /// POST to `.search`.
    pub(super) fn search(&self, kind: Option<usize>) -> Answer {
        Ok(self.answer_query(kind, &self.search_request()?)?)
    }

    fn answer_query(
        &self,
        kind: Option<usize>,
        query: &Query,
    ) -> Result<http::Response<Bytes>, ScimError> {
        if kind.is_none() && !self.tenant.choices.root_query {
            let detail =
                "this service provider searches one resource type at a time; name its endpoint";
            return Err(ScimError::new(ErrorKind::NotImplemented, detail));
        }
        let snapshot = self.snapshot();
        let view = self.tenant.view(&snapshot, self.base);
        let results = match self.check_filter(kind, query) {
            Err(_) if self.tenant.choices.filter_refused == FilterRefused::NoResults => {
                Results::Matching(Vec::new())
            }
            Err(refused) => return Err(refused),
            Ok(()) => Results::of((self.tenant, self.reading()), view, kind, query)?,
        };
        let total = results.len();
        if let Some(most) = self.tenant.features.too_many.filter(|most| total > *most) {
            let detail = format!("more than {most} resources match; ask for fewer with a filter");
            return Err(ScimError::new(ErrorKind::TooMany, detail));
        }
        // Where a page begins, and how many resources there are, is a fault's business too.
        let page_at = |start: usize, count: usize| {
            let (start, told) = self.verdict.page(start, total);
            let from = start.min(total);
            (from..from.saturating_add(count).min(total), told)
        };
        let ((range, total), paging) = match &query.page {
            Page::Index { start_index, count } => {
                let page = page_at(start_index - 1, *count);
                (page, format!(",\"startIndex\":{start_index}"))
            }
            Page::Cursor { cursor, count } => {
                let asked = format!("{} {}", self.whom(), description(kind, query));
                let scope = Scope {
                    seed: self.tenant.directory.origin().seed,
                    tenant: &self.tenant.name,
                    query: &asked,
                };
                let range = self.range_at(scope, &results, cursor.as_deref(), *count)?;
                let (range, total) = match range.start {
                    0 => (range, total),
                    start => page_at(start, *count),
                };
                let links = self.cursors(scope, &results, range.clone(), *count);
                ((range, total), links)
            }
        };
        let size = match (self.tenant.choices.items_per_page, &query.page) {
            (ItemsPerPage::Returned, _) => range.len(),
            (ItemsPerPage::Asked, Page::Index { count, .. } | Page::Cursor { count, .. }) => *count,
        };
        let page = results.page(range);
        let omits = page.is_empty() && self.tenant.choices.empty_list == EmptyList::Omit;
        let head = format!(
            "{{\"schemas\":[\"{LIST_RESPONSE_URN}\"]{}{paging},\"itemsPerPage\":{}",
            if self.tenant.choices.total_results {
                format!(",\"totalResults\":{total}")
            } else {
                String::new()
            },
            size
        );
        let key = match self.tenant.choices.list_key {
            ListKey::Resources => "Resources",
            ListKey::LowerCase => "resources",
        };
        let body = if omits {
            format!("{head}}}").into()
        } else {
            body(format!("{head},\"{key}\":["), view, query, &page)
        };
        Ok(respond::json(StatusCode::OK, body))
    }

    /// Whether the provider goes that far.
    fn check_filter(&self, kind: Option<usize>, query: &Query) -> Result<(), ScimError> {
        let of = kind.map(|kind| self.tenant.layout().types[kind].as_ref());
        let restrictions = &self.tenant.restrictions;
        let filter = query.filter.as_ref();
        filter.map_or(Ok(()), |filter| restrictions.check_filter(filter, of))
    }

    /// Who is asking, and with what rights: a cursor is good for nobody else, and not after these change (RFC 9865 section 5.2).
    fn whom(&self) -> String {
        let client = self.client.map(|it| (it.subject(), it.access()));
        format!("{client:?}")
    }

    /// Where in the present result a cursor's page is.
    fn range_at(
        &self,
        scope: Scope<'_>,
        results: &Results<'_>,
        cursor: Option<&str>,
        count: usize,
    ) -> Result<Range<usize>, ScimError> {
        let Some(text) = cursor else {
            return Ok(0..count.min(results.len()));
        };
        let cursor = Cursor::open(text, scope)?;
        let age = self.tenant.directory.now().as_second() - cursor.issued;
        let timeout = self.tenant.features.cursor_timeout_s;
        if age > i64::from(timeout) {
            let detail = format!(
                "this cursor is older than {timeout} seconds; begin again without a cursor"
            );
            return Err(ScimError::new(ErrorKind::ExpiredCursor, detail));
        }
        if cursor.count != wide(count) {
            let detail = format!(
                "this cursor is for pages of {}, not of {count}; repeat the query as it was",
                cursor.count
            );
            return Err(ScimError::new(ErrorKind::InvalidCount, detail));
        }
        let narrow = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let key = Key {
            kind: narrow(cursor.kind),
            serial: cursor.serial,
        };
        let place = results.place(key);
        if cursor.backwards {
            let to = place.map_or(narrow(cursor.offset), |place| place.start);
            let to = to.min(results.len());
            return Ok(to.saturating_sub(count)..to);
        }
        let from = place.map_or(narrow(cursor.offset), |place| place.end);
        let from = from.min(results.len());
        Ok(from..from.saturating_add(count).min(results.len()))
    }

    /// `nextCursor` and `previousCursor`, where there is a page after and before this one. A page of nothing has neither.
    fn cursors(
        &self,
        scope: Scope<'_>,
        results: &Results<'_>,
        range: Range<usize>,
        count: usize,
    ) -> String {
        let mut out = String::new();
        if range.is_empty() {
            return out;
        }
        let issued = self.tenant.directory.now().as_second();
        let mut link = |name: &str, beside: usize, offset: usize, backwards: bool| {
            let page = results.page(beside..beside + 1);
            let Some(resource) = page.first() else { return };
            let cursor = Cursor {
                kind: wide(resource.key.kind),
                serial: resource.key.serial,
                offset: wide(offset),
                count: wide(count),
                backwards,
                issued,
            };
            let _ = write!(out, ",\"{name}\":\"{}\"", cursor.seal(scope));
        };
        if range.start > 0 {
            link("previousCursor", range.start, range.start, true);
        }
        if range.end < results.len() {
            link("nextCursor", range.end - 1, range.end, false);
        }
        out
    }
}

fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// All that a query asks for, but the page: a cursor is good for one query only (RFC 9865 section 2).
fn description(kind: Option<usize>, query: &Query) -> String {
    let filter = query.filter.as_ref().map(ToString::to_string);
    let order = query.order.as_ref().map(ToString::to_string);
    format!("{kind:?} {filter:?} {order:?} {:?}", query.projection)
}

/// The `ListResponse` that begins with `head`. Resources that are shown in full are put in as they were serialised before.
fn body(head: String, view: View<'_>, query: &Query, page: &[&Arc<Resource>]) -> Bytes {
    let mut out = head.into_bytes();
    for (n, resource) in page.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
        let shown = view.of(resource);
        if query.projection.is_default() {
            out.extend_from_slice(&shown.bytes());
        } else {
            out.extend_from_slice(
                Value::Object(shown.projected(&query.projection))
                    .to_string()
                    .as_bytes(),
            );
        }
    }
    out.extend_from_slice(b"]}");
    out.into()
}
