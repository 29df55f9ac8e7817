//! PUT (RFC 7644 section 3.5.1).

use super::{Answer, Call, respond};
use crate::scim::ScimError;
use http::StatusCode;

impl Call<'_> {
    pub(super) fn replace(&self, kind: usize, id: &str) -> Answer {
        let projection = self.projection()?;
        self.expect(kind, id)?;
        let content = self.content(kind)?;
        let types = self.tenant.layout().types[kind].clone();
        let replaced = self.tenant.directory.write(|next, origin| {
            let present = next
                .get(kind, id)
                .cloned()
                .ok_or_else(|| self.not_found(kind, id))?;
            self.preconditions(self.tenant.view(next, self.base).of(&present), false)?;
            let content = content.replacing(&types, &present.content)?;
            let replaced = next.replace(origin, present.key, content)?;
            Ok::<_, ScimError>((next.clone(), replaced))
        })?;
        let (snapshot, replaced) = replaced?;
        Ok(respond::resource(
            StatusCode::OK,
            self.tenant.view(&snapshot, self.base).of(&replaced),
            &projection,
        ))
    }
}
