//! DELETE (RFC 7644 section 3.6): the resource is gone, and every link to it.

use super::{Answer, Call, respond};
use crate::scim::ScimError;
use http::StatusCode;

impl Call<'_> {
    pub(super) fn delete(&self, kind: usize, id: &str) -> Answer {
        let deleted = self.tenant.directory.write(|next, origin| {
            let present = next
                .get(kind, id)
                .cloned()
                .ok_or_else(|| self.not_found(kind, id))?;
            self.preconditions(self.tenant.view(next, self.base).of(&present), false)?;
            next.delete(origin, present.key);
            Ok::<_, ScimError>(())
        })?;
        deleted?;
        Ok(respond::empty(StatusCode::NO_CONTENT))
    }
}
