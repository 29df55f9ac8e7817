//! The tenants: listed, made out of another or out of a scenario, dropped.

use super::problem::Problem;
use super::{Answer, Control, json};
use crate::scenario::{self, Diagnostic};
use crate::scim::ErrorKind;
use crate::service::{NotAdded, Tenant};
use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    fork: Option<String>,
    scenario: Option<String>,
    name: Option<String>,
}

impl Control {
    /// Liveness, and how the last reload of each tenant went.
    pub(super) fn health(&self) -> Response<Bytes> {
        let tenants = self.tenants.iter().map(|(base, tenant)| {
            let reload = self.reloads.of(&tenant.name);
            serde_json::json!({"name": tenant.name, "scim": self.url(&base), "reload": reload})
        });
        let tenants: Vec<_> = tenants.collect();
        let health = serde_json::json!({"status": "ok", "tenants": tenants});
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
        let (name, base) = match (wanted.fork, wanted.scenario) {
            (Some(of), None) => {
                let (_, tenant) = self.tenant(&of)?;
                self.tenants
                    .fork(&tenant, name)
                    .map_err(|error| not_added(&error))?
            }
            (None, Some(text)) => {
                let Some(name) = name else {
                    let detail = "a tenant that is made from a scenario needs a `name`";
                    return Err(Problem::new(ErrorKind::BadRequest, detail));
                };
                let base = self
                    .tenants
                    .add(load(name, &text)?)
                    .map_err(|error| not_added(&error))?;
                (name.to_owned(), base)
            }
            _ => {
                let detail = "expected either `fork`, the name of a tenant, or `scenario`, the text of one, and a `name`";
                return Err(Problem::new(ErrorKind::BadRequest, detail));
            }
        };
        let url = self.url(&base);
        let made = serde_json::json!({"name": name, "scim": url});
        let mut response = json(StatusCode::CREATED, &made);
        if let Ok(location) = HeaderValue::try_from(url) {
            response.headers_mut().insert(LOCATION, location);
        }
        Ok(response)
    }

    pub(super) fn drop_tenant(&self, name: &str) -> Answer {
        if !self.tenants.remove(name) {
            return Err(super::no_tenant(name));
        }
        // The next of this name is another.
        self.journal.clear(Some(name));
        self.reloads.forget(name);
        Ok(super::no_content())
    }
}

fn load(name: &str, text: &str) -> Result<Tenant, Problem> {
    let refused = |diagnostics: &[Diagnostic]| {
        let errors = diagnostics.iter().filter(|it| it.is_error());
        let errors = errors.map(|it| Value::from(it.to_string())).collect();
        Problem::new(ErrorKind::BadRequest, "the scenario cannot be served").with(errors)
    };
    let (scenario, diagnostics) = scenario::load_text(name, text);
    let scenario = scenario.ok_or_else(|| refused(&diagnostics))?;
    Tenant::build(&scenario).map_err(|diagnostics| refused(&diagnostics))
}

fn not_added(error: &NotAdded) -> Problem {
    let kind = match error {
        NotAdded::Name(_) => ErrorKind::BadRequest,
        NotAdded::Taken(_) | NotAdded::TooMany => ErrorKind::Conflict,
    };
    Problem::new(kind, error.to_string())
}
