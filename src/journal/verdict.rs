//! Whether what was expected is so, and where it is not, what was there and what came nearest.

use super::{Condition, Count, Entry, Expectation, Moment, Pattern, Verification};
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;

/// How many of the nearest are told, and how many numbers of those that were found.
const NEAREST: usize = 3;
const NUMBERS: usize = 20;

/// The answer to a [`Verification`].
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// The expectations that do not hold; none when all do.
    pub failures: Vec<Failure>,
    /// How many exchanges fell out of the journal that should have been looked at.
    pub unseen: u64,
}

/// An expectation that does not hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Failure {
    /// Which, counted from 0.
    pub expectation: usize,
    /// What was expected, in words.
    pub expected: String,
    /// How many exchanges were as expected; of an order, how many of its steps.
    pub found: usize,
    /// Their numbers, at most the first 20.
    pub exchanges: Vec<u64>,
    /// Exchanges that nearly were as expected, the nearest first.
    pub nearest: Vec<Miss>,
}

/// An exchange that is not as expected, though much of it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Miss {
    /// Its number.
    pub exchange: u64,
    /// `exchange 7 POST /Users 409`.
    pub summary: String,
    /// What differs, a sentence each.
    pub differs: Vec<String>,
}

impl Moment {
    /// Whether the exchanges of a tenant, or of all, are as expected.
    pub fn verify(&self, tenant: Option<&str>, verification: &Verification) -> Verdict {
        let expectations = verification.expectations.iter().enumerate();
        let failures = expectations.filter_map(|(at, expectation)| {
            let failure = match expectation {
                Expectation::Count {
                    pattern,
                    count,
                    after,
                } => count_failure(&self.entries_after(tenant, *after), pattern, *count),
                Expectation::InOrder { patterns, after } => {
                    order_failure(&self.entries_after(tenant, *after), patterns)
                }
            };
            failure.map(|failure| Failure {
                expectation: at,
                ..failure
            })
        });
        let begins = verification.expectations.iter().map(|it| match it {
            Expectation::Count { after, .. } | Expectation::InOrder { after, .. } => *after,
        });
        let unseen = begins.map(|after| self.unseen(after)).max();
        Verdict {
            failures: failures.collect(),
            unseen: unseen.unwrap_or_default(),
        }
    }

    fn entries_after<'m>(&'m self, tenant: Option<&'m str>, after: u64) -> Vec<&'m Arc<Entry>> {
        self.entries_of(tenant, after).collect()
    }

    /// How many of those behind `after` fell out.
    fn unseen(&self, after: u64) -> u64 {
        let oldest = self
            .entries
            .front()
            .map_or(self.newest + 1, |entry| entry.number);
        self.fallen.min((oldest - 1).saturating_sub(after))
    }
}

fn count_failure(entries: &[&Arc<Entry>], pattern: &Pattern, count: Count) -> Option<Failure> {
    let matching = entries.iter().filter(|entry| pattern.matches(entry));
    let numbers: Vec<u64> = matching.map(|entry| entry.number).collect();
    let found = numbers.len();
    if count.holds(found) {
        return None;
    }
    // Where there are too many, nothing is missed.
    let nearest = if found < count.least {
        nearest(entries, pattern, 0)
    } else {
        Vec::new()
    };
    Some(Failure {
        expectation: 0,
        expected: format!("{pattern} {count}"),
        found,
        exchanges: numbers.into_iter().take(NUMBERS).collect(),
        nearest,
    })
}

fn order_failure(entries: &[&Arc<Entry>], patterns: &[Pattern]) -> Option<Failure> {
    // The earliest exchange for each step leaves the most for those that follow.
    let mut rest = entries.iter();
    let mut numbers = Vec::new();
    let missing = patterns.iter().find(|pattern| {
        let found = rest.find(|entry| pattern.matches(entry));
        numbers.extend(found.map(|entry| entry.number));
        found.is_none()
    })?;
    let last = numbers.last().copied().unwrap_or_default();
    let steps: Vec<_> = patterns.iter().map(ToString::to_string).collect();
    let others: Vec<_> = entries
        .iter()
        .copied()
        .filter(|entry| !numbers.contains(&entry.number))
        .collect();
    Some(Failure {
        expectation: 0,
        expected: format!("in this order: {}", steps.join(", then ")),
        found: numbers.len(),
        nearest: nearest(&others, missing, last),
        exchanges: numbers.into_iter().take(NUMBERS).collect(),
    })
}

/// The exchanges for which the most conditions hold, though not all, and that they come behind exchange `last`.
fn nearest(entries: &[&Arc<Entry>], pattern: &Pattern, last: u64) -> Vec<Miss> {
    let conditions = pattern.conditions();
    let mut ranked: Vec<_> = entries
        .iter()
        .filter_map(|entry| {
            let holds: Vec<bool> = conditions.iter().map(|it| it.holds(entry)).collect();
            let held = holds.iter().filter(|holds| **holds).count();
            let is_behind = entry.number > last;
            let tells = |(it, holds): (&Condition, &bool)| {
                *holds && !matches!(it, Condition::Since(_) | Condition::Until(_))
            };
            // Whose only likeness is its time is no near miss; what lacks nothing is none at all.
            let is_near = conditions.iter().zip(&holds).any(tells);
            let lacks = held < conditions.len() || !is_behind;
            (is_near && lacks).then(|| {
                let rank = (held + usize::from(is_behind), holds, entry.number);
                (rank, *entry)
            })
        })
        .collect();
    // Where as many hold, those count that come first in a pattern, where and how; then the newest is the likeliest.
    ranked.sort_by(|(one, _), (two, _)| two.cmp(one));
    let nearest = ranked.into_iter().take(NEAREST);
    nearest
        .map(|((_, holds, _), entry)| {
            let failing = conditions.iter().zip(holds).filter(|(_, holds)| !holds);
            let mut differs: Vec<_> = failing.map(|(it, _)| it.differs(entry)).collect();
            if entry.number <= last {
                differs.push(format!("before exchange {last}, expected after it"));
            }
            Miss {
                exchange: entry.number,
                summary: entry.to_string(),
                differs,
            }
        })
        .collect()
}

impl Verdict {
    /// Whether all is as expected.
    pub fn is_ok(&self) -> bool {
        self.failures.is_empty()
    }

    /// As JSON: `ok`, `unseen`, and `failures` with their members and a `message` for people.
    pub fn to_json(&self) -> Value {
        let failures: Vec<_> = self.failures.iter().map(Failure::to_json).collect();
        json!({"ok": self.is_ok(), "failures": failures, "unseen": self.unseen})
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_ok() {
            f.write_str("as expected")?;
        }
        for (at, failure) in self.failures.iter().enumerate() {
            let line = if at == 0 { "" } else { "\n" };
            write!(f, "{line}{failure}")?;
        }
        match self.unseen {
            0 => Ok(()),
            unseen => write!(
                f,
                "\n{unseen} older exchanges have fallen out of the journal and were not looked at"
            ),
        }
    }
}

impl Failure {
    fn to_json(&self) -> Value {
        let nearest = self.nearest.iter().map(|miss| {
            json!({"exchange": miss.exchange, "summary": miss.summary, "differs": miss.differs})
        });
        json!({
            "expectation": self.expectation,
            "expected": self.expected,
            "found": self.found,
            "exchanges": self.exchanges,
            "nearest": nearest.collect::<Vec<_>>(),
            "message": self.to_string(),
        })
    }
}

/// `expected POST /Users answered 201 exactly once, found none`, and a line for each that came near.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found ", self.expected)?;
        let numbers: Vec<_> = self.exchanges.iter().map(u64::to_string).collect();
        match (self.found, numbers.as_slice()) {
            (0, _) => f.write_str("none")?,
            (1, [number]) => write!(f, "exchange {number}")?,
            (found, numbers) => {
                let more = if found > numbers.len() { ", …" } else { "" };
                write!(f, "{found}: exchanges {}{more}", numbers.join(", "))?;
            }
        }
        self.nearest
            .iter()
            .try_for_each(|miss| write!(f, "\n  {miss}"))
    }
}

/// `exchange 7 POST /Users 409 differs: status 409, expected 201`.
impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} differs: {}", self.summary, self.differs.join("; "))
    }
}
