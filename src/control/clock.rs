//! The clock of a tenant: what time it is there, and moving it on, so that a test need not wait for what takes an hour.
//!
//! A clock does not go back. Only a return to an earlier moment takes it back: a reset, or the restoring of a checkpoint.

use super::problem::Problem;
use crate::clock::Clock;
use crate::directory::{NoTime, Retired};
use crate::scim::ErrorKind;
use crate::service::Tenant;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};

/// How a clock is moved.
#[derive(Debug, Clone, Copy)]
pub(super) enum Move {
    By(SignedDuration),
    To(Timestamp),
}

/// What kind of clock it is, what time it says, and how far it was moved on.
pub(super) fn told(tenant: &Tenant) -> Value {
    let moment = tenant.directory.moment();
    let origin = tenant.directory.origin();
    let kind = match origin.clock {
        Clock::System => "System",
        Clock::Fixed(_) => "Fixed",
        Clock::Step { .. } => "Step",
    };
    let advanced = i64::try_from(moment.advanced().as_millis()).unwrap_or(i64::MAX);
    json!({"kind": kind, "now": moment.now(origin).to_string(), "advanced_ms": advanced})
}

/// What the body asks for: one of `advance_s`, `advance_ms` and `set`.
pub(super) fn read(body: &Map<String, Value>) -> Result<Move, Problem> {
    const EXPECTED: &str = r#"expected one of {"advance_s": 3600}, {"advance_ms": 500} and {"set": "2026-01-01T00:00:00Z"}"#;
    let malformed = || Problem::new(ErrorKind::BadRequest, EXPECTED);
    let mut members = body.iter();
    let (Some((name, value)), None) = (members.next(), members.next()) else {
        return Err(malformed());
    };
    let moved = match name.as_str() {
        "advance_s" => value.as_i64().map(SignedDuration::from_secs).map(Move::By),
        "advance_ms" => value
            .as_i64()
            .map(SignedDuration::from_millis)
            .map(Move::By),
        "set" => value.as_str().and_then(|it| it.parse().ok()).map(Move::To),
        _ => None,
    };
    moved.ok_or_else(malformed)
}

/// Moves the clock of a tenant on.
pub(super) fn move_on(tenant: &Tenant, moved: Move) -> Result<Result<(), Retired>, Problem> {
    let done = match moved {
        Move::By(span) => tenant.directory.advance(span),
        Move::To(instant) => tenant.directory.advance_to(instant),
    };
    let refused = |error: NoTime| Problem::new(ErrorKind::BadRequest, error.to_string());
    match done {
        Err(retired) => Ok(Err(retired)),
        Ok(moved) => moved.map(Ok).map_err(refused),
    }
}
