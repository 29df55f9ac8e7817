//! What a tenant was asked and what it answered: its part of the journal, searched, forgotten and verified.

use super::problem::Problem;
use crate::journal::{Journal, Malformed, Order, Query, Verification};
use crate::scim::ErrorKind;
use serde_json::{Value, json};

/// How many exchanges are told to who does not say how many.
const LIMIT: usize = 1000;

/// The exchanges of a tenant that the parameters ask for, whether there are `more` of them, and the number of the newest, which the
/// next search may have as `after`.
pub(super) fn search(journal: &Journal, tenant: &str, query: &str) -> Result<Value, Problem> {
    let mut query = read(tenant, query)?;
    let limit = query.limit.unwrap_or(LIMIT);
    query.limit = Some(limit.saturating_add(1));
    let moment = journal.moment();
    let found = moment.search(&query);
    let exchanges: Vec<_> = found.iter().take(limit).map(|it| it.to_json()).collect();
    Ok(json!({
        "exchanges": exchanges,
        "more": found.len() > limit,
        "newest": moment.newest(),
    }))
}

/// The newest exchange that the parameters ask for.
pub(super) fn latest(journal: &Journal, tenant: &str, query: &str) -> Result<Value, Problem> {
    let mut query = read(tenant, query)?;
    (query.order, query.limit) = (Order::Newest, Some(1));
    let found = journal.moment().search(&query);
    let newest = found.first().map(|entry| entry.to_json());
    newest.ok_or_else(|| {
        let detail = "no exchange in the journal is like that";
        Problem::new(ErrorKind::NotFound, detail)
    })
}

/// Whether the exchanges of a tenant are as the body expects.
pub(super) fn verify(journal: &Journal, tenant: &str, body: &Value) -> Result<Value, Problem> {
    let verification = Verification::read(body).map_err(|error| malformed(&error))?;
    let verdict = journal.moment().verify(Some(tenant), &verification);
    Ok(verdict.to_json())
}

fn read(tenant: &str, query: &str) -> Result<Query, Problem> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let pairs = pairs
        .iter()
        .map(|(name, value)| (name.as_ref(), value.as_ref()));
    let query = Query::read(pairs).map_err(|error| malformed(&error))?;
    Ok(Query {
        tenant: Some(tenant.to_owned()),
        ..query
    })
}

fn malformed(error: &Malformed) -> Problem {
    Problem::new(ErrorKind::BadRequest, error.to_string())
}
