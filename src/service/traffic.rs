//! What a tenant was asked and how it answered, counted for its operator. All counts are atomics; a count that is new is put in a list of
//! its own, so that nobody ever waits.

use super::Tenant;
use super::tenants::below;
use arc_swap::ArcSwap;
use http::Method;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// The upper ends of the classes of time that answers are counted in, in microseconds.
pub const TIMES_US: [u64; 12] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 500_000, 1_000_000,
];

/// The endpoints that are no resources.
const OTHERS: [&str; 6] = [
    "ServiceProviderConfig",
    "ResourceTypes",
    "Schemas",
    "Bulk",
    "Me",
    ".search",
];

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// What is counted apart. What clients can name at will (ids, methods that there are not) is not among it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind {
    /// The method; `other` for one that SCIM has no use for.
    pub method: &'static str,
    /// The name of the resource type, or the endpoint; `other` where nothing is.
    pub endpoint: String,
    /// The status; `None` when no answer was sent.
    pub status: Option<u16>,
    /// The fault that was injected.
    pub fault: Option<String>,
}

/// The counts of a tenant. They go on when its scenario is loaded again.
#[derive(Debug, Default)]
pub struct Traffic {
    answers: ArcSwap<BTreeMap<Kind, Arc<AtomicU64>>>,
    /// By class; the last is for all that took longer.
    times: [AtomicU64; TIMES_US.len() + 1],
    total_us: AtomicU64,
}

impl Tenant {
    /// Counts an answer that took so long. `base` is the path of the tenant's base.
    pub fn count(
        &self,
        base: &str,
        (method, path): (&Method, &str),
        (status, fault): (Option<u16>, Option<&str>),
        took: Duration,
    ) {
        let method = METHODS.into_iter().find(|it| method.as_str() == *it);
        let kind = Kind {
            method: method.unwrap_or("other"),
            endpoint: self.endpoint(base, path),
            status,
            fault: fault.map(str::to_owned),
        };
        self.traffic.count(&kind, took);
    }

    fn endpoint(&self, base: &str, path: &str) -> String {
        let below = below(base, path).unwrap_or_default();
        let first = below.split('/').find(|it| !it.is_empty());
        let first = first.unwrap_or_default();
        let is_it = |name: &str| name.trim_start_matches('/').eq_ignore_ascii_case(first);
        let types = self.layout().types.iter();
        let mut types = types
            .filter(|it| is_it(&it.endpoint))
            .map(|it| it.name.as_str());
        let found = types.next();
        let found = found.or_else(|| OTHERS.into_iter().find(|it| is_it(it)));
        found.unwrap_or("other").to_owned()
    }
}

impl Traffic {
    fn count(&self, kind: &Kind, took: Duration) {
        let us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        let class = TIMES_US.partition_point(|end| *end < us);
        self.times[class].fetch_add(1, Relaxed);
        self.total_us.fetch_add(us, Relaxed);
        if let Some(count) = self.answers.load().get(kind) {
            count.fetch_add(1, Relaxed);
            return;
        }
        let mut count = Arc::default();
        self.answers.rcu(|all| {
            // Another may have put it there meanwhile.
            let mut all = BTreeMap::clone(all);
            count = all.entry(kind.clone()).or_default().clone();
            all
        });
        count.fetch_add(1, Relaxed);
    }

    /// How often each kind of answer was given.
    pub fn answers(&self) -> Vec<(Kind, u64)> {
        let all = self.answers.load();
        let all = all.iter();
        all.map(|(kind, count)| (kind.clone(), count.load(Relaxed)))
            .collect()
    }

    /// How many answers fell in each class of time, that of all longer ones last; and how many microseconds all took together.
    pub fn times(&self) -> (Vec<u64>, u64) {
        let classes = self.times.iter().map(|it| it.load(Relaxed));
        (classes.collect(), self.total_us.load(Relaxed))
    }
}
