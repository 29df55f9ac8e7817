//! `/Me` (RFC 7644 section 3.11): the resource of whoever is asking, under another name.
//!
//! The scenario's `auth` says whose each credential is. Nobody creates themselves here: POST is not offered.

use super::route::Route;
use super::{Answer, Call, respond};
use crate::scenario::Credential;
use crate::scim::choices::Me;
use crate::scim::{ErrorKind, ScimError};
use bytes::Bytes;
use http::header::{CONTENT_LOCATION, LOCATION};
use http::{HeaderValue, Method, Response, StatusCode};

impl Call<'_> {
    pub(super) fn me(&self) -> Answer {
        let way = self.tenant.choices.me;
        let offered = self.tenant.auth.iter().any(|it| it.subject().is_some());
        if way == Me::Off || !offered || self.request.method() == Method::POST {
            let detail = "this service provider does not offer it; the scenario's `auth` names the subject of a credential, and `me` of its provider says whether it is served";
            return Err(ScimError::new(ErrorKind::NotImplemented, detail).into());
        }
        let snapshot = self.tenant.directory.snapshot();
        let subject = self
            .client
            .and_then(Credential::subject)
            .and_then(|name| snapshot.known_as(name));
        let Some(subject) = subject else {
            let detail = "these credentials belong to nobody in this directory";
            return Err(ScimError::new(ErrorKind::NotFound, detail).into());
        };
        let location = self
            .tenant
            .view(&snapshot, self.base)
            .of(subject)
            .location();
        if way == Me::Redirect {
            return Ok(self.redirect(&location));
        }
        let mut response =
            self.dispatch(Route::Resource(subject.key.kind, subject.id.to_string()))?;
        // The permanent URL, also where the answer has no body.
        if let Ok(location) = HeaderValue::try_from(location) {
            let headers = response.headers_mut();
            headers.insert(CONTENT_LOCATION, location.clone());
            headers.insert(LOCATION, location);
        }
        Ok(response)
    }

    /// The same request, its query included, belongs there: 308 keeps method and body.
    fn redirect(&self, location: &str) -> Response<Bytes> {
        let query = self.request.uri().query();
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let mut response = respond::empty(StatusCode::PERMANENT_REDIRECT);
        if let Ok(location) = HeaderValue::try_from(format!("{location}{query}")) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}
