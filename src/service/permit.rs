//! What a client that has come in may do (RFC 7644 sections 2 and 7.7): the access of its credentials against a method and a route.
//!
//! It is asked before anything is looked up, so that a refusal tells nothing of what there is (RFC 9865 section 5.2).

use super::Call;
use super::route::Route;
use crate::scenario::{Access, Credential};
use crate::scim::choices::NotOfferedAs;
use crate::scim::{ErrorKind, ScimError};

impl Call<'_> {
    /// # Errors
    /// `NotFound` for an endpoint that this provider does not have, and what it says of a method that is not there.
    pub(super) fn offers(&self, method: &str, route: &Route) -> Result<(), ScimError> {
        let restrictions = &self.tenant.restrictions;
        if restrictions.not_offered.is_empty() {
            return Ok(());
        }
        let endpoint = route.endpoint(self.tenant);
        if !restrictions.offers(None, &endpoint) {
            let detail = format!("this service provider has no {endpoint}");
            return Err(ScimError::new(ErrorKind::NotFound, detail));
        }
        let method = if method == "HEAD" { "GET" } else { method };
        if restrictions.offers(Some(method), &endpoint) {
            return Ok(());
        }
        let kind = match self.tenant.choices.not_offered_as {
            NotOfferedAs::MethodNotAllowed => ErrorKind::MethodNotAllowed,
            NotOfferedAs::Forbidden => ErrorKind::Forbidden,
            NotOfferedAs::NotFound => ErrorKind::NotFound,
            NotOfferedAs::NotImplemented => ErrorKind::NotImplemented,
        };
        let detail = format!("this service provider has no {method} at {endpoint}");
        Err(ScimError::new(kind, detail))
    }

    /// # Errors
    /// `Forbidden` when the client's credentials do not permit it. A bulk request is let in; each of its operations is asked about.
    pub(super) fn permit(&self, method: &str, route: &Route) -> Result<(), ScimError> {
        let reads =
            matches!(method, "GET" | "HEAD" | "OPTIONS") || matches!(route, Route::Search(_));
        let access = self.client.map_or(Access::Full, Credential::access);
        let (permitted, detail) = match access {
            Access::Full => return Ok(()),
            Access::Read => (
                reads || *route == Route::Bulk,
                "these credentials permit to read, and to change nothing",
            ),
            Access::Own => (
                self.is_own(route),
                "these credentials permit what concerns the client's own resource, at /Me",
            ),
        };
        if permitted {
            return Ok(());
        }
        Err(ScimError::new(ErrorKind::Forbidden, detail))
    }

    fn is_own(&self, route: &Route) -> bool {
        match route {
            Route::Me | Route::Bulk => true,
            Route::Resource(kind, id) => {
                let snapshot = self.tenant.directory.snapshot();
                let subject = self.client.and_then(Credential::subject);
                let own = subject.and_then(|name| snapshot.known_as(name));
                own.is_some_and(|own| own.key.kind == *kind && *own.id == **id)
            }
            other => other.is_discovery(),
        }
    }
}
