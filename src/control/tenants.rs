//! The tenants: listed, made out of another or of a text, dropped.

use super::events::TENANT;
use super::faults::invalid;
use super::problem::Problem;
use super::{Answer, Control, json};
use crate::scenario::{self, Diagnostic};
use crate::scim::ErrorKind;
use crate::service::{NotAdded, Tenant, can_name};
use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    fork: Option<String>,
    /// The text of a scenario file that names no others.
    scenario: Option<String>,
    name: Option<String>,
}

impl Control {
    /// Liveness, how the last reload of each tenant went, and how the recording is that is made or answers.
    pub(super) fn health(&self) -> Response<Bytes> {
        let tenants = self.tenants.iter().map(|(base, tenant)| {
            let reload = self.reloads.of(&tenant.name);
            serde_json::json!({"name": tenant.name, "scim": self.url(&base), "reload": reload})
        });
        let tenants: Vec<_> = tenants.collect();
        let not_served = self.reloads.not_served();
        let mut health =
            serde_json::json!({"status": "ok", "tenants": tenants, "not_served": not_served});
        if let Some(recording) = &self.recording {
            if !recording.is_well() {
                health["status"] = "losing".into();
            }
            health["recording"] = recording.health();
        }
        json(StatusCode::OK, &health)
    }

    /// Each tenant with its base URL and how many resources of each type it has.
    pub(super) fn list_tenants(&self) -> Response<Bytes> {
        let tenants = self.tenants.iter().map(|(base, tenant)| {
            let moment = tenant.directory.snapshot();
            let types = tenant.layout().types.iter().enumerate();
            let counts = types.map(|(kind, it)| (it.name.clone(), moment.count(kind).into()));
            let counts: Map<String, Value> = counts.collect();
            serde_json::json!({"name": tenant.name, "scim": self.url(&base), "resources": counts})
        });
        let tenants: Vec<_> = tenants.collect();
        json(StatusCode::OK, &serde_json::json!({ "tenants": tenants }))
    }

    pub(super) fn make_tenant(&self, request: &Request<Bytes>) -> Answer {
        let wanted: Wanted = super::read(request)?;
        let name = wanted.name.as_deref();
        let (name, base) = match (&wanted.fork, &wanted.scenario) {
            (Some(fork), None) => {
                let (_, tenant) = self.tenant(fork)?;
                let forked = self.tenants.fork(&tenant, name);
                forked.map_err(|error| not_added(&error))?
            }
            (None, Some(text)) => self.make_of_text(text, name)?,
            _ => {
                let detail = "the body: expected `fork`, the name of a tenant, or `scenario`, the text of one, and not both";
                return Err(Problem::new(ErrorKind::BadRequest, detail));
            }
        };
        self.made(&name);
        let url = self.url(&base);
        let made = serde_json::json!({"name": name, "scim": url});
        let mut response = json(StatusCode::CREATED, &made);
        if let Ok(location) = HeaderValue::try_from(url) {
            response.headers_mut().insert(LOCATION, location);
        }
        Ok(response)
    }

    /// Adds the tenant that a text describes, and returns its name and the path of its base.
    fn make_of_text(&self, text: &str, name: Option<&str>) -> Result<(String, Arc<str>), Problem> {
        loop {
            let name_or_next = name.map_or_else(|| self.tenants.next_name(), str::to_owned);
            if !can_name(&name_or_next) {
                return Err(not_added(&NotAdded::Name(name_or_next)));
            }
            let tenant = built(text, &name_or_next)
                .map_err(|wrong| invalid("this scenario cannot be served", &wrong))?;
            match self.tenants.add_made(tenant) {
                Ok(base) => return Ok((name_or_next, base)),
                // Somebody else was given the name meanwhile.
                Err(NotAdded::Taken(_)) if name.is_none() => {}
                Err(error) => return Err(not_added(&error)),
            }
        }
    }

    pub(super) fn reset(&self, name: &str) -> Answer {
        let done = self.change(name, |tenant| Ok(tenant.reset()))?;
        let change = serde_json::json!({"tenant": name, "change": "reset"});
        self.tell(TENANT, Some(name), change);
        Ok(done)
    }

    pub(super) fn drop_tenant(&self, name: &str) -> Answer {
        if !self.tenants.remove(name) {
            return Err(super::no_tenant(name));
        }
        self.dropped(name);
        Ok(super::no_content())
    }

    /// Forgets what is kept of a tenant that was dropped: the next of this name is another.
    pub fn dropped(&self, name: &str) {
        self.journal.clear(Some(name));
        self.reloads.forget(name);
        let change = serde_json::json!({"tenant": name, "change": "dropped"});
        self.tell(TENANT, Some(name), change);
    }
}

/// The tenant of this name that a text describes, or everything that is wrong with it.
fn built(text: &str, name: &str) -> Result<Tenant, Vec<Diagnostic>> {
    let mut draft = scenario::draft_alone(text);
    if draft.diagnostics.iter().any(Diagnostic::is_error) {
        let refused = Tenant::check(&draft);
        draft.diagnostics.extend(refused);
        return Err(draft.diagnostics);
    }
    let Some(mut scenario) = draft.scenario else {
        return Err(draft.diagnostics);
    };
    name.clone_into(&mut scenario.name);
    Tenant::build(&scenario)
}

fn not_added(error: &NotAdded) -> Problem {
    let kind = match error {
        NotAdded::Name(_) => ErrorKind::BadRequest,
        NotAdded::Taken(_) | NotAdded::TooMany => ErrorKind::Conflict,
    };
    Problem::new(kind, error.to_string())
}
