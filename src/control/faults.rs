//! The faults of a tenant: what they are now and how often they were met, and others in their place.

use super::problem::Problem;
use super::{Answer, Control, json, no_content};
use crate::scenario::{Diagnostic, read_faults};
use crate::scim::ErrorKind;
use bytes::Bytes;
use http::{Request, StatusCode};
use serde_json::{Value, json};

impl Control {
    /// The faults in the words of a scenario; how many requests each was for, and how many met it.
    pub(super) fn faults(&self, name: &str) -> Answer {
        let (_, tenant) = self.tenant(name)?;
        let (requests, tallies) = tenant.faults.tally();
        let told = tallies.into_iter().map(|tally| {
            let mut fault = tally.fault.to_json();
            fault["matched"] = tally.matched.into();
            fault["met"] = tally.met.into();
            fault
        });
        let told: Vec<Value> = told.collect();
        let faults = json!({"requests": requests, "faults": told});
        Ok(json(StatusCode::OK, &faults))
    }

    /// Others take their place, and are counted from now.
    pub(super) fn replace_faults(&self, name: &str, request: &Request<Bytes>) -> Answer {
        let (_, tenant) = self.tenant(name)?;
        let text = std::str::from_utf8(request.body()).map_err(|error| {
            let detail = format!("the body: expected UTF-8 text: {error}");
            Problem::new(ErrorKind::BadRequest, detail)
        })?;
        let faults = read_faults(text).map_err(|wrong| {
            let detail = "these faults cannot be; what was there stays";
            invalid(detail, &wrong)
        })?;
        tenant.replace_faults(faults);
        Ok(no_content())
    }
}

/// A text that was sent is wrong, in the form of `check --format json`.
pub(super) fn invalid(detail: &str, wrong: &[Diagnostic]) -> Problem {
    let diagnostics = wrong.iter().map(Diagnostic::to_json).collect();
    Problem::new(ErrorKind::BadRequest, detail).diagnosed(diagnostics)
}
