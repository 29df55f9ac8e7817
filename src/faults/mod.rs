//! Faults: which request meets which one, and what becomes of its answer.
//!
//! Which are possible, the scenario says. Here they are counted and drawn, so that the same requests in the same order meet the same
//! faults; what is left of an answer is a function of it ([`Verdict`]), and what only a connection can do is data for it ([`Wire`]).
//! It knows no operation of SCIM and no socket.

mod answer;
mod asked;
mod wire;

pub use answer::{FAULT, Verdict};
pub use wire::Wire;

use crate::ids;
use crate::scenario::{Fault, On, Scenario, TOKEN_PATH, Then};
use arc_swap::ArcSwap;
use asked::Asked;
use bytes::Bytes;
use http::Request;
use jiff::{SignedDuration, Timestamp};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The faults of a tenant, and what has been counted since it began, or since they were replaced.
#[derive(Debug)]
pub struct Faults {
    tenant: String,
    seed: u64,
    begun: Timestamp,
    /// Those to which a reset returns.
    first: Vec<Arc<Fault>>,
    present: ArcSwap<Present>,
}

#[derive(Debug)]
struct Present {
    begun: Timestamp,
    all: Vec<Arc<Fault>>,
    /// Held as long as it takes to count.
    counted: Mutex<Counted>,
}

#[derive(Debug)]
struct Counted {
    requests: u64,
    /// How many requests each fault was for, but for `nth` and `share`.
    concerned: Vec<u64>,
    /// How many met it.
    met: Vec<u64>,
    quotas: Vec<Quota>,
}

/// When a request is here.
#[derive(Debug, Clone, Copy)]
struct When {
    now: Timestamp,
    /// How long after the beginning.
    since: SignedDuration,
}

/// A fault, and how many requests came its way.
#[derive(Debug, Clone)]
pub struct Tally {
    /// Which.
    pub fault: Arc<Fault>,
    /// How many requests it was for, but for `nth` and `share`.
    pub matched: u64,
    /// How many met it.
    pub met: u64,
}

/// What was used of a quota in the period that it was last used in.
#[derive(Debug, Clone, Copy, Default)]
struct Quota {
    period: u128,
    used: u64,
}

/// How much a quota has left.
#[derive(Debug, Clone, Copy)]
struct Left {
    limit: u64,
    /// `None` when the request was one too many.
    remaining: Option<u64>,
    seconds: u64,
}

/// What a draw is for; each fault draws for itself.
#[derive(Debug, Clone, Copy)]
enum Draw {
    Share,
    Delay,
    Spread,
}

impl Faults {
    /// The faults of `scenario`, of which nothing has happened yet.
    pub fn new(scenario: &Scenario) -> Self {
        let all: Vec<_> = scenario.faults.iter().cloned().map(Arc::new).collect();
        let begun = scenario.clock.at(0);
        Self {
            tenant: scenario.name.clone(),
            seed: scenario.seed,
            begun,
            first: all.clone(),
            present: ArcSwap::from_pointee(Present::new(all, begun)),
        }
    }

    /// The present faults for another tenant, which has met none of them yet.
    #[must_use]
    pub fn begun_anew(&self, tenant: String) -> Self {
        let present = self.present.load();
        let (all, begun) = (present.all.clone(), present.begun);
        Self {
            tenant,
            seed: self.seed,
            begun,
            first: all.clone(),
            present: ArcSwap::from_pointee(Present::new(all, begun)),
        }
    }

    /// Returns to those of the beginning and begins to count anew, as if nothing had happened yet.
    pub fn reset(&self) {
        let present = Present::new(self.first.clone(), self.begun);
        self.present.store(Arc::new(present));
    }

    /// Puts others in their place, which are counted from `now`.
    pub fn replace(&self, faults: Vec<Fault>, now: Timestamp) {
        let all = faults.into_iter().map(Arc::new).collect();
        self.present.store(Arc::new(Present::new(all, now)));
    }

    /// How many requests there were since the beginning, and what they met.
    pub fn tally(&self) -> (u64, Vec<Tally>) {
        let present = self.present.load();
        let counted = present.lock();
        let each = present.all.iter().enumerate().map(|(place, fault)| Tally {
            fault: fault.clone(),
            matched: counted.concerned[place],
            met: counted.met[place],
        });
        (counted.requests, each.collect())
    }

    /// Whether no request meets any.
    pub fn is_empty(&self) -> bool {
        self.present.load().all.is_empty()
    }

    /// How old what is read may be; `None` where it is always new.
    pub fn longest_memory(&self) -> Option<SignedDuration> {
        longest_memory(self.present.load().all.iter().map(Arc::as_ref))
    }

    /// What `request`, whose path below the base URL is `path`, meets at `now`: the first fault that is for it.
    pub fn choose(&self, request: &Request<Bytes>, path: &str, now: Timestamp) -> Verdict {
        let mut verdict = Verdict::default();
        let present = self.present.load();
        let since = now.duration_since(present.begun);
        let when = When { now, since };
        let asked = Asked::new(request, path);
        let is_for =
            |fault: &Fault| fault.on.window.holds(since) && asked.meets(fault, &self.tenant);
        let concerned: Vec<bool> = present.all.iter().map(|it| is_for(it)).collect();
        if !concerned.contains(&true) && path == TOKEN_PATH {
            return verdict;
        }
        let mut counted = present.lock();
        counted.requests += 1;
        let number = counted.requests;
        for (place, fault) in present.all.iter().enumerate() {
            if !concerned[place] {
                continue;
            }
            counted.concerned[place] += 1;
            // Counting goes on, so that what one fault does is not another one's business.
            if verdict.is_fault()
                || !self.falls_on(&fault.on, place, counted.concerned[place], number)
            {
                continue;
            }
            if let Then::RateLimit { limit, per } = fault.then {
                let left = counted.quotas[place].take(limit, per, since);
                verdict.limit(left, fault, when);
            } else {
                let draw = |what: Draw| ids::chance(self.seed, stream(place, what), number);
                verdict.inject(fault, when, Wire::of(&fault.then, draw));
            }
            counted.met[place] += u64::from(verdict.is_fault());
        }
        verdict
    }

    /// Whether the fault at `place` happens to the `nth` request that it is for, the `number`-th of all.
    fn falls_on(&self, on: &On, place: usize, nth: u64, number: u64) -> bool {
        (on.nth.is_empty() || on.nth.contains(&nth))
            && on.share.is_none_or(|share| {
                ids::chance(self.seed, stream(place, Draw::Share), number) < share
            })
    }
}

fn stream(place: usize, what: Draw) -> u64 {
    place as u64 * 3 + what as u64
}

/// How old what is read may be with these faults; `None` where it is always new.
pub fn longest_memory<'f>(faults: impl Iterator<Item = &'f Fault>) -> Option<SignedDuration> {
    let ages = faults.filter_map(|fault| match fault.then {
        Then::StaleRead(age) => SignedDuration::try_from(age).ok(),
        _ => None,
    });
    ages.max()
}

impl Present {
    fn new(all: Vec<Arc<Fault>>, begun: Timestamp) -> Self {
        let counted = Mutex::new(Counted::none(all.len()));
        Self {
            begun,
            all,
            counted,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counted {
    fn none(faults: usize) -> Self {
        Self {
            requests: 0,
            concerned: vec![0; faults],
            met: vec![0; faults],
            quotas: vec![Quota::default(); faults],
        }
    }
}

impl Quota {
    /// Takes one of `limit`, `since` after the start. Periods of the length `per` follow each other from there.
    fn take(&mut self, limit: u64, per: Duration, since: SignedDuration) -> Left {
        // A clock that was put back is at the start.
        let since = Duration::try_from(since).unwrap_or_default().as_millis();
        let per = per.as_millis().max(1);
        let period = since / per;
        if period != self.period {
            *self = Self { period, used: 0 };
        }
        self.used += 1;
        let rest = (period + 1) * per - since;
        Left {
            limit,
            remaining: limit.checked_sub(self.used),
            seconds: u64::try_from(rest.div_ceil(1000)).unwrap_or(u64::MAX),
        }
    }
}
