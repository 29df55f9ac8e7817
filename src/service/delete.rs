//! DELETE (RFC 7644 section 3.6): the resource is gone, and every link to it.

use super::read::Expected;
use super::{Answer, Call, respond};
use crate::directory::{Origin, Snapshot};
use crate::scim::ScimError;
use http::StatusCode;

impl Call<'_> {
    pub(super) fn delete(&self, kind: usize, id: &str) -> Answer {
        let deleted = self
            .tenant
            .directory
            .write(|next, origin| self.delete_in(next, origin, (kind, id), &self.expected()))?;
        deleted?;
        Ok(respond::empty(StatusCode::NO_CONTENT))
    }

    /// Takes a resource out of a directory that is being written.
    pub(super) fn delete_in(
        &self,
        next: &mut Snapshot,
        origin: &Origin,
        place: (usize, &str),
        expected: &Expected<'_>,
    ) -> Result<(), ScimError> {
        let present = self.present(next, place, expected)?;
        next.delete(origin, present.key, self.tenant.choices.cascade);
        Ok(())
    }
}
