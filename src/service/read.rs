//! GET of a known resource (RFC 7644 section 3.4.1), and the preconditions that every operation on one may carry (section 3.14).

use super::{Answer, Call, respond};
use crate::directory::Shown;
use crate::scim::ScimError;
use crate::scim::etag::{self, Outcome};
use http::StatusCode;
use http::header::{IF_MATCH, IF_NONE_MATCH};

impl Call<'_> {
    pub(super) fn read(&self, kind: usize, id: &str) -> Answer {
        let projection = self.projection()?;
        let snapshot = self.tenant.directory.snapshot();
        let resource = snapshot
            .get(kind, id)
            .ok_or_else(|| self.not_found(kind, id))?;
        let shown = self.tenant.view(&snapshot, self.base).of(resource);
        if self.preconditions(shown, true)? == Outcome::NotModified {
            let mut response = respond::empty(StatusCode::NOT_MODIFIED);
            respond::identify(&mut response, shown);
            return Ok(response);
        }
        Ok(respond::resource(StatusCode::OK, shown, &projection))
    }

    /// Before a body is looked at: the resource is there, and at the version that the client expects. The commit checks again.
    pub(super) fn expect(&self, kind: usize, id: &str) -> Result<(), ScimError> {
        let snapshot = self.tenant.directory.snapshot();
        let resource = snapshot
            .get(kind, id)
            .ok_or_else(|| self.not_found(kind, id))?;
        self.preconditions(self.tenant.view(&snapshot, self.base).of(resource), false)
            .map(drop)
    }

    /// Evaluates `If-Match` and `If-None-Match`; without versions they mean nothing.
    pub(super) fn preconditions(
        &self,
        shown: Shown<'_>,
        reads: bool,
    ) -> Result<Outcome, ScimError> {
        match shown.tag() {
            None => Ok(Outcome::Proceed),
            Some(current) => etag::evaluate(
                &current,
                self.header(IF_MATCH),
                self.header(IF_NONE_MATCH),
                reads,
            ),
        }
    }
}
