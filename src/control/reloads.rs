//! Reloads: asked for, and how the last one of each scenario went. What scenarios come from, and how they are loaded, others know.

use super::events::RELOAD;
use super::problem::Problem;
use super::{Answer, Control, json};
use crate::clock;
use crate::scim::ErrorKind;
use crate::service::Renewal;
use http::StatusCode;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Loads scenarios again when it is asked, and comes back when that is done.
pub trait Source: Send + Sync + fmt::Debug {
    /// All of them, or that of one tenant; what became of each.
    fn reload(&self, tenant: Option<&str>) -> Vec<Reloaded>;
}

/// What became of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reloaded {
    /// The tenant's name; of what cannot be one, where it comes from.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a scenario that was loaded again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It took the place of what was served.
    Renewed(Renewal),
    /// It is new, and is served.
    Added,
    /// It is gone, and so is its tenant.
    Dropped,
    /// Nothing has changed, for these reasons.
    Failed(Vec<String>),
}

/// How the last reloads went.
#[derive(Debug, Default)]
pub(super) struct Reloads {
    /// By the tenant's name.
    of_tenants: Mutex<BTreeMap<String, Reload>>,
    /// By where it comes from: what is no tenant yet.
    waiting: Mutex<BTreeMap<String, Reload>>,
    loaded: AtomicU64,
    failed: AtomicU64,
}

#[derive(Debug)]
struct Reload {
    at: Timestamp,
    /// What was wrong with it; `Ok` when it was loaded.
    outcome: Result<(), Vec<String>>,
}

type All<'a> = MutexGuard<'a, BTreeMap<String, Reload>>;

impl Reloads {
    fn all(&self) -> All<'_> {
        let all = self.of_tenants.lock();
        all.unwrap_or_else(PoisonError::into_inner)
    }

    fn waiting(&self) -> All<'_> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn report(&self, tenant: &str, at: Timestamp, outcome: Result<(), Vec<String>>) {
        let reload = Reload { at, outcome };
        self.all().insert(tenant.to_owned(), reload);
    }

    fn count(&self, is_loaded: bool) {
        let count = if is_loaded {
            &self.loaded
        } else {
            &self.failed
        };
        count.fetch_add(1, Relaxed);
    }

    /// How many there were of each outcome.
    pub(super) fn counts(&self) -> [(&'static str, u64); 2] {
        let (loaded, failed) = (self.loaded.load(Relaxed), self.failed.load(Relaxed));
        [("ok", loaded), ("failed", failed)]
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

    /// Each scenario that is no tenant, and why.
    pub(super) fn not_served(&self) -> Value {
        let waiting = self.waiting();
        let told = waiting.iter().map(|(source, Reload { at, outcome })| {
            let diagnostics = outcome.as_ref().err();
            json!({"source": source, "at": at.to_string(), "diagnostics": diagnostics})
        });
        told.collect()
    }
}

impl Control {
    /// Reports how a reload of a tenant's file went; in vain with what was wrong.
    pub fn reloaded(&self, tenant: &str, outcome: Result<(), Vec<String>>) {
        self.reloads.count(outcome.is_ok());
        let mut told = told_of(&outcome);
        told["tenant"] = tenant.into();
        self.reloads.report(tenant, clock::now(), outcome);
        self.tell(RELOAD, Some(tenant), told);
    }

    /// Reports why what comes from `source` is no tenant; with no reason, that it does not wait any more.
    pub fn waits(&self, source: &str, reasons: Option<Vec<String>>) {
        let mut waiting = self.reloads.waiting();
        match reasons {
            None => drop(waiting.remove(source)),
            Some(reasons) => {
                let (at, outcome) = (clock::now(), Err(reasons));
                let mut told = told_of(&outcome);
                self.reloads.count(false);
                told["source"] = source.into();
                waiting.insert(source.to_owned(), Reload { at, outcome });
                self.tell(RELOAD, None, told);
            }
        }
    }

    /// Loads all scenarios again, or that of a tenant, and answers when it is done.
    pub(super) fn reload(&self, tenant: Option<&str>) -> Answer {
        let source = self.source.as_ref();
        let all = source.map_or_else(Vec::new, |source| source.reload(tenant));
        if all.is_empty()
            && let Some(name) = tenant
        {
            self.tenant(name)?;
            let detail = format!(
                "`{name}` comes from no file, so there is nothing to load again; /tenants/{name}/reset returns it to how it began"
            );
            return Err(Problem::new(ErrorKind::Conflict, detail));
        }
        let (failed, done): (Vec<_>, Vec<_>) = all
            .iter()
            .partition(|it| matches!(it.outcome, Outcome::Failed(_)));
        if failed.is_empty() {
            let done: Vec<Value> = done.into_iter().map(told).collect();
            return Ok(json(StatusCode::OK, &json!({ "tenants": done })));
        }
        let detail = format!(
            "{} of {} scenarios cannot be loaded; what they served before stays as it was",
            failed.len(),
            all.len()
        );
        let all = failed.into_iter().chain(done).map(told).collect();
        Err(Problem::new(ErrorKind::Conflict, detail).with(all))
    }
}

/// How a reload went, for those who follow events.
fn told_of(outcome: &Result<(), Vec<String>>) -> Value {
    match outcome {
        Ok(()) => json!({"state": "ok"}),
        Err(reasons) => json!({"state": "failed", "diagnostics": reasons}),
    }
}

fn told(reloaded: &Reloaded) -> Value {
    let name = &reloaded.name;
    match &reloaded.outcome {
        Outcome::Renewed(renewal) => json!({
            "name": name,
            "outcome": "reloaded",
            "renewed": renewal.renewed,
            "kept": renewal.kept,
            "dropped": renewal.dropped,
            "not_kept": renewal.lost,
        }),
        Outcome::Added => json!({"name": name, "outcome": "added"}),
        Outcome::Dropped => json!({"name": name, "outcome": "dropped"}),
        Outcome::Failed(reasons) => {
            json!({"name": name, "outcome": "failed", "diagnostics": reasons})
        }
    }
}
