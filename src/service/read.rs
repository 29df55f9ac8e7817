//! GET of a known resource (RFC 7644 section 3.4.1), and the preconditions that every operation on one may carry (section 3.14).

use super::{Answer, Call, respond};
use crate::directory::{Resource, Shown, Snapshot};
use crate::scim::etag::{self, Outcome};
use crate::scim::{ErrorKind, Reading, ScimError};
use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::{HeaderName, StatusCode};
use std::borrow::Cow;
use std::sync::Arc;

/// The versions that a client expects (RFC 9110 section 13.1), in headers or in an operation of a bulk request.
pub(super) struct Expected<'a> {
    pub(super) if_match: Option<Cow<'a, str>>,
    pub(super) if_none_match: Option<Cow<'a, str>>,
}

impl Expected<'_> {
    /// Compares with the version of a resource; without versions nothing is expected.
    fn check(
        &self,
        shown: Shown<'_>,
        reads: bool,
        reading: Reading<'_>,
    ) -> Result<Outcome, ScimError> {
        let Some(current) = shown.tag() else {
            return Ok(Outcome::Proceed);
        };
        let (if_match, if_none_match) = (self.if_match.as_deref(), self.if_none_match.as_deref());
        etag::evaluate(&current, if_match, if_none_match, reads, reading)
    }
}

impl Call<'_> {
    pub(super) fn read(&self, kind: usize, id: &str) -> Answer {
        let projection = self.projection()?;
        let snapshot = self.snapshot();
        let resource = snapshot
            .get(kind, id)
            .ok_or_else(|| self.not_found(kind, id))?;
        let shown = self.tenant.view(&snapshot, self.base).of(resource);
        if self.expected().check(shown, true, self.reading())? == Outcome::NotModified {
            let mut response = respond::empty(StatusCode::NOT_MODIFIED);
            respond::identify(&mut response, shown, self.tenant.choices.location);
            return Ok(response);
        }
        let by = self.tenant.choices.location;
        Ok(respond::resource(StatusCode::OK, shown, &projection, by))
    }

    /// Before a body is looked at: the resource is there, and at the version that the client expects. The commit checks again.
    pub(super) fn expect(&self, kind: usize, id: &str) -> Result<(), ScimError> {
        let snapshot = self.tenant.directory.snapshot();
        self.present(&snapshot, (kind, id), &self.expected())
            .map(drop)
    }

    /// The resource, if it is at the version that is expected.
    pub(super) fn present(
        &self,
        snapshot: &Snapshot,
        (kind, id): (usize, &str),
        expected: &Expected<'_>,
    ) -> Result<Arc<Resource>, ScimError> {
        let present = snapshot
            .get(kind, id)
            .ok_or_else(|| self.not_found(kind, id))?;
        let shown = self.tenant.view(snapshot, self.base).of(present);
        expected.check(shown, false, self.reading())?;
        if self.tenant.choices.require_if_match
            && shown.tag().is_some()
            && expected.if_match.is_none()
        {
            let detail = "a change names the version that it is for: send If-Match, or `version` in a bulk operation";
            return Err(ScimError::new(ErrorKind::PreconditionRequired, detail));
        }
        Ok(present.clone())
    }

    /// What the headers expect of the resource.
    pub(super) fn expected(&self) -> Expected<'_> {
        Expected {
            if_match: self.joined(IF_MATCH),
            if_none_match: self.joined(IF_NONE_MATCH),
        }
    }

    /// A list in a header, which may stand in several lines (RFC 9110 section 5.3).
    fn joined(&self, name: HeaderName) -> Option<Cow<'_, str>> {
        let lines = self.request.headers().get_all(name).into_iter();
        lines
            .map(|line| String::from_utf8_lossy(line.as_bytes()))
            .reduce(|one, two| Cow::Owned(format!("{one}, {two}")))
    }
}
