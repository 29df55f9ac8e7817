//! The tenants: listed, made out of another, dropped.

use super::problem::Problem;
use super::{Answer, Control, json};
use crate::scim::ErrorKind;
use crate::service::NotAdded;
use bytes::Bytes;
use http::header::LOCATION;
use http::{HeaderValue, Request, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    fork: String,
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
        let not_served = self.reloads.not_served();
        let health =
            serde_json::json!({"status": "ok", "tenants": tenants, "not_served": not_served});
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
        let (_, tenant) = self.tenant(&wanted.fork)?;
        let forked = self.tenants.fork(&tenant, wanted.name.as_deref());
        let (name, base) = forked.map_err(|error| not_added(&error))?;
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
        self.dropped(name);
        Ok(super::no_content())
    }

    /// Forgets what is kept of a tenant that was dropped: the next of this name is another.
    pub fn dropped(&self, name: &str) {
        self.journal.clear(Some(name));
        self.reloads.forget(name);
    }
}

fn not_added(error: &NotAdded) -> Problem {
    let kind = match error {
        NotAdded::Name(_) => ErrorKind::BadRequest,
        NotAdded::Taken(_) | NotAdded::TooMany => ErrorKind::Conflict,
    };
    Problem::new(kind, error.to_string())
}
