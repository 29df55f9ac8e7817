//! DELETE (RFC 7644 section 3.6): the resource is gone, and every link to it; or it is not active any more, where a provider has it so.

use super::read::Expected;
use super::{Answer, Call, respond};
use crate::directory::{Origin, Snapshot};
use crate::scim::ScimError;
use crate::scim::choices::Delete;
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
        let types = &self.tenant.layout().types[place.0];
        if self.tenant.choices.delete == Delete::Deactivate && types.attribute("active").is_some() {
            let mut content = present.content();
            content.set(None, "active", Some(false.into()));
            next.replace(origin, present.key, content)?;
            return Ok(());
        }
        next.delete(origin, present.key, self.tenant.choices.cascade);
        Ok(())
    }
}
