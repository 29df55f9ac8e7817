//! Queries over resources (RFC 7644 sections 3.4.2 and 3.4.3): one type or all, filtered, a page of them.

use super::query::Query;
use super::{Answer, Call, respond};
use crate::directory::{Resource, Shown, Snapshot, View};
use crate::scim::ScimError;
use crate::scim::filter::{Filter, Matcher};
use crate::scim::page::LIST_RESPONSE_URN;
use bytes::Bytes;
use http::StatusCode;
use serde_json::Value;
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
        let snapshot = self.tenant.directory.snapshot();
        let view = self.tenant.view(&snapshot, self.base);
        let kinds = match kind {
            Some(kind) => kind..kind + 1,
            None => 0..self.tenant.layout().types.len(),
        };
        let mut total = 0;
        let mut page: Vec<Shown<'_>> = Vec::new();
        let wanted = query.page.start_index - 1
            ..(query.page.start_index - 1).saturating_add(query.page.count);
        for of in kinds {
            let matcher = self.bind(of, query.filter.as_ref(), kind.is_none())?;
            if let (Some(matcher), Some(filter)) = (&matcher, &query.filter) {
                each_match(&snapshot, view, of, filter, matcher, |resource| {
                    if wanted.contains(&total) {
                        page.push(view.of(resource));
                    }
                    total += 1;
                });
            } else {
                let (skipped, room) = (
                    wanted.start.saturating_sub(total),
                    query.page.count - page.len(),
                );
                page.extend(
                    snapshot
                        .of_kind(of)
                        .skip(skipped)
                        .take(room)
                        .map(|resource| view.of(resource)),
                );
                total += snapshot.count(of);
            }
        }
        Ok(respond::json(StatusCode::OK, body(total, query, &page)))
    }

    fn bind(
        &self,
        kind: usize,
        filter: Option<&Filter>,
        across: bool,
    ) -> Result<Option<Matcher>, ScimError> {
        let (types, strictness) = (&self.tenant.layout().types[kind], self.tenant.strictness);
        let bound = filter.map(|filter| {
            if across {
                filter.bind_across(types, strictness)
            } else {
                filter.bind(types, strictness)
            }
        });
        bound.transpose()
    }
}

/// Calls `take` with each resource that matches, oldest first: those that an index names, or all.
fn each_match<'a>(
    snapshot: &'a Snapshot,
    view: View<'a>,
    kind: usize,
    filter: &Filter,
    matcher: &Matcher,
    mut take: impl FnMut(&'a Resource),
) {
    let mut test = |resource: &'a Arc<Resource>| {
        if matcher.matches(&view.of(resource)) {
            take(resource);
        }
    };
    match snapshot.candidates(kind, filter) {
        Some(keys) => keys
            .into_iter()
            .filter_map(|key| snapshot.at(key))
            .for_each(&mut test),
        None => snapshot.of_kind(kind).for_each(&mut test),
    }
}

/// The `ListResponse`. Resources that are shown in full are put in as they were serialised before.
fn body(total: usize, query: &Query, page: &[Shown<'_>]) -> Bytes {
    let head = format!(
        "{{\"schemas\":[\"{LIST_RESPONSE_URN}\"],\"totalResults\":{total},\"startIndex\":{},\"itemsPerPage\":{},\"Resources\":[",
        query.page.start_index,
        page.len()
    );
    let mut out = head.into_bytes();
    for (n, shown) in page.iter().enumerate() {
        if n > 0 {
            out.push(b',');
        }
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
