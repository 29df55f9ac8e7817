//! How the last reload of each scenario file went.

use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// By the tenant's name.
#[derive(Debug, Default)]
pub(super) struct Reloads(Mutex<BTreeMap<String, Reload>>);

#[derive(Debug)]
struct Reload {
    at: Timestamp,
    /// What was wrong with it; `Ok` when it was loaded.
    outcome: Result<(), Vec<String>>,
}

impl Reloads {
    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Reload>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn report(&self, tenant: &str, at: Timestamp, outcome: Result<(), Vec<String>>) {
        let reload = Reload { at, outcome };
        self.all().insert(tenant.to_owned(), reload);
    }

    pub(super) fn forget(&self, tenant: &str) {
        self.all().remove(tenant);
    }

    /// The last reload of a tenant; `null` when there was none since it was first loaded.
    pub(super) fn of(&self, tenant: &str) -> Value {
        let all = self.all();
        let Some(Reload { at, outcome }) = all.get(tenant) else {
            return Value::Null;
        };
        let (state, diagnostics) = match outcome {
            Ok(()) => ("ok", &[] as &[String]),
            Err(diagnostics) => ("failed", diagnostics.as_slice()),
        };
        json!({"state": state, "at": at.to_string(), "diagnostics": diagnostics})
    }
}
