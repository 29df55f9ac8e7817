//! What a tenant was asked and what it answered: its part of the journal, searched, forgotten and verified.
//!
//! Nothing waits here: an answer that a client would rather wait for says so to whoever sends it.

use super::problem::Problem;
use crate::journal::{Journal, Malformed, Order, Query, Verification};
use crate::scim::ErrorKind;
use serde_json::{Value, json};
use std::borrow::Cow;
use std::time::Duration;

/// How many exchanges are told to who does not say how many.
const LIMIT: usize = 1000;

/// How long a client may wait for what is not there yet.
const LONGEST: u64 = 30;

/// An extension of a response: the client would rather wait so long for another, which there may be when the journal grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wait(pub Duration);

/// What was found, and how long the client would wait for more than nothing.
pub(super) struct Found {
    pub(super) value: Option<Value>,
    pub(super) wait: Option<Wait>,
}

/// The exchanges of a tenant that the parameters ask for, whether there are `more` of them, and the number of the newest, which the
/// next search may have as `after`.
pub(super) fn search(journal: &Journal, tenant: &str, query: &str) -> Result<Found, Problem> {
    let (wait, mut query) = read(tenant, query)?;
    let limit = query.limit.unwrap_or(LIMIT);
    query.limit = Some(limit.saturating_add(1));
    let moment = journal.moment();
    let found = moment.search(&query);
    let exchanges: Vec<_> = found.iter().take(limit).map(|it| it.to_json()).collect();
    let value = json!({
        "exchanges": exchanges,
        "more": found.len() > limit,
        "newest": moment.newest(),
    });
    Ok(Found {
        value: Some(value),
        wait: wait.filter(|_| found.is_empty()),
    })
}

/// The newest exchange that the parameters ask for.
pub(super) fn latest(journal: &Journal, tenant: &str, query: &str) -> Result<Found, Problem> {
    let (wait, mut query) = read(tenant, query)?;
    (query.order, query.limit) = (Order::Newest, Some(1));
    let found = journal.moment().search(&query);
    Ok(Found {
        value: found.first().map(|entry| entry.to_json()),
        wait: wait.filter(|_| found.is_empty()),
    })
}

/// Whether the exchanges of a tenant are as the body expects.
pub(super) fn verify(
    journal: &Journal,
    tenant: &str,
    query: &str,
    body: &Value,
) -> Result<Found, Problem> {
    let (wait, rest) = pairs(query)?;
    if let Some((name, _)) = rest.first() {
        let detail = format!("{name}: expected wait_s");
        return Err(Problem::new(ErrorKind::BadRequest, detail));
    }
    let verification = Verification::read(body).map_err(|error| malformed(&error))?;
    let verdict = journal.moment().verify(Some(tenant), &verification);
    Ok(Found {
        value: Some(verdict.to_json()),
        wait: wait.filter(|_| !verdict.is_ok()),
    })
}

fn read(tenant: &str, query: &str) -> Result<(Option<Wait>, Query), Problem> {
    let (wait, pairs) = pairs(query)?;
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.as_ref(), value.as_ref()));
    let query = Query::read(pairs).map_err(|error| malformed(&error))?;
    let tenant = Some(tenant.to_owned());
    Ok((wait, Query { tenant, ..query }))
}

type Pairs<'q> = Vec<(Cow<'q, str>, Cow<'q, str>)>;

/// The parameters, and apart from them how long the client waits.
fn pairs(query: &str) -> Result<(Option<Wait>, Pairs<'_>), Problem> {
    let all = form_urlencoded::parse(query.as_bytes());
    let (waits, rest): (Pairs<'_>, Pairs<'_>) = all.partition(|(name, _)| name == "wait_s");
    let wait = waits.last().map(|(_, value)| {
        let seconds = value.parse().ok().filter(|seconds| *seconds <= LONGEST);
        seconds.ok_or_else(|| {
            let detail = format!("wait_s: expected at most {LONGEST} seconds, found {value:?}");
            Problem::new(ErrorKind::BadRequest, detail)
        })
    });
    let wait = wait.transpose()?;
    Ok((wait.map(|it| Wait(Duration::from_secs(it))), rest))
}

fn malformed(error: &Malformed) -> Problem {
    Problem::new(ErrorKind::BadRequest, error.to_string())
}
