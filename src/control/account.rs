//! What else a server tells of itself beside its tenants: a recording that is being made, or that answers.

use serde_json::Value;
use std::fmt;

/// A recording, as it tells of itself.
pub trait Account: Send + Sync + fmt::Debug {
    /// Whether it does what it is there for.
    fn is_well(&self) -> bool;

    /// What `GET /health` shows of it.
    fn health(&self) -> Value;

    /// What `GET /metrics` counts of it.
    fn counts(&self) -> Vec<Count>;
}

/// One count of a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// As Prometheus wants it; one that ends in `_total` only grows.
    pub name: &'static str,
    /// What is counted.
    pub help: &'static str,
    /// How many.
    pub value: u64,
}
