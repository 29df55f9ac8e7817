//! What a query finds, in its order: creation, or what `sortBy` says (RFC 7644 sections 3.4.2.1 to 3.4.2.3).
//!
//! A query without filter and order finds everything, and nothing is copied for it. It knows no pages.

use super::Tenant;
use super::query::Query;
use crate::directory::{Key, Resource, Snapshot, View};
use crate::scim::filter::{Filter, Matcher};
use crate::scim::sort::{Order, SortKey};
use crate::scim::{Reading, ScimError};
use std::ops::Range;
use std::sync::Arc;

pub(super) enum Results<'a> {
    /// All resources of these types.
    Everything {
        snapshot: &'a Snapshot,
        kinds: Range<usize>,
    },
    /// Those that match, oldest first within each type.
    Matching(Vec<&'a Arc<Resource>>),
    /// The same in another order.
    Sorted(Vec<&'a Arc<Resource>>),
}

impl<'a> Results<'a> {
    /// Finds what `query` asks for among the resources of a type, or of all when `kind` is `None`.
    ///
    /// # Errors
    /// `invalidFilter` and `invalidPath` for names that the type does not have.
    pub(super) fn of(
        (tenant, reading): (&Tenant, Reading<'_>),
        view: View<'a>,
        kind: Option<usize>,
        query: &Query,
    ) -> Result<Self, ScimError> {
        let kinds = match kind {
            Some(kind) => kind..kind + 1,
            None => 0..tenant.layout().types.len(),
        };
        if query.filter.is_none() && query.order.is_none() {
            let snapshot = view.snapshot;
            return Ok(Self::Everything { snapshot, kinds });
        }
        let mut found = Vec::new();
        for of in kinds.clone() {
            match &query.filter {
                Some(filter) => {
                    let matcher = bind(tenant, reading, of, filter, kind.is_none())?;
                    each_match(view, of, filter, &matcher, |it| found.push(it));
                }
                None => found.extend(view.snapshot.of_kind(of)),
            }
        }
        match &query.order {
            None => Ok(Self::Matching(found)),
            Some(order) => sorted((tenant, reading), view, kinds, kind.is_none(), order, found),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Everything { snapshot, kinds } => {
                kinds.clone().map(|kind| snapshot.count(kind)).sum()
            }
            Self::Matching(found) | Self::Sorted(found) => found.len(),
        }
    }

    /// Those from one place to another.
    pub(super) fn page(&self, range: Range<usize>) -> Vec<&'a Arc<Resource>> {
        match self {
            Self::Everything { snapshot, kinds } => {
                let (mut page, mut before) = (Vec::with_capacity(range.len()), 0);
                for kind in kinds.clone() {
                    let here = snapshot.count(kind);
                    let (from, to) = (
                        range.start.saturating_sub(before),
                        range.end.saturating_sub(before).min(here),
                    );
                    if from < to {
                        page.extend(snapshot.slice(kind, from, to));
                    }
                    before += here;
                }
                page
            }
            Self::Matching(found) | Self::Sorted(found) => {
                found.get(range).unwrap_or_default().to_vec()
            }
        }
    }

    /// Where a resource stands, or, when it is gone, where it stood; `None` when only it could have told.
    pub(super) fn place(&self, key: Key) -> Option<Range<usize>> {
        let (start, there) = match self {
            Self::Everything { snapshot, kinds } => {
                let before: usize = kinds
                    .clone()
                    .take_while(|kind| *kind < key.kind)
                    .map(|kind| snapshot.count(kind))
                    .sum();
                (before + snapshot.older(key), snapshot.at(key).is_some())
            }
            Self::Matching(found) => {
                let start = found.partition_point(|resource| resource.key < key);
                let there = found.get(start).is_some_and(|resource| resource.key == key);
                (start, there)
            }
            Self::Sorted(found) => (found.iter().position(|it| it.key == key)?, true),
        };
        Some(start..start + usize::from(there))
    }
}

fn bind(
    tenant: &Tenant,
    reading: Reading<'_>,
    kind: usize,
    filter: &Filter,
    across: bool,
) -> Result<Matcher, ScimError> {
    let types = &tenant.layout().types[kind];
    if across {
        filter.bind_across(types, reading, &tenant.choices)
    } else {
        filter.bind_by(types, reading, &tenant.choices)
    }
}

/// Calls `take` with each resource that matches, oldest first: those that an index names, or all.
fn each_match<'a>(
    view: View<'a>,
    kind: usize,
    filter: &Filter,
    matcher: &Matcher,
    mut take: impl FnMut(&'a Arc<Resource>),
) {
    let mut test = |resource: &'a Arc<Resource>| {
        if matcher.matches(&view.of(resource)) {
            take(resource);
        }
    };
    match view.snapshot.candidates(kind, filter) {
        Some(keys) => keys
            .into_iter()
            .filter_map(|key| view.snapshot.at(key))
            .for_each(&mut test),
        None => view.snapshot.of_kind(kind).for_each(&mut test),
    }
}

/// Puts resources in order; equal ones stay in the order of creation.
fn sorted<'a>(
    (tenant, reading): (&Tenant, Reading<'_>),
    view: View<'a>,
    kinds: Range<usize>,
    across: bool,
    order: &Order,
    found: Vec<&'a Arc<Resource>>,
) -> Result<Results<'a>, ScimError> {
    let first = kinds.start;
    let sorters: Vec<_> = kinds
        .map(|kind| order.bind(&tenant.layout().types[kind], across, reading))
        .collect::<Result<_, _>>()?;
    let mut keyed: Vec<(Option<SortKey>, &Arc<Resource>)> = found
        .into_iter()
        .map(|resource| {
            let sorter = sorters[resource.key.kind - first].as_ref();
            let key = sorter.and_then(|sorter| sorter.key(&view.of(resource)));
            (key, resource)
        })
        .collect();
    keyed.sort_by(|(one, _), (two, _)| order.compare(one.as_ref(), two.as_ref()));
    Ok(Results::Sorted(
        keyed.into_iter().map(|(_, resource)| resource).collect(),
    ))
}
