//! PATCH (RFC 7644 section 3.5.2): all operations or none.

use super::{Answer, Call, respond};
use crate::scim::{ErrorKind, ScimError, patch};
use http::StatusCode;

/// How many links a resource may hold for its PATCH to be answered with all of it.
const LARGE: usize = 1000;

impl Call<'_> {
    pub(super) fn patch(&self, kind: usize, id: &str) -> Answer {
        if !self.tenant.features.patch {
            return Err(ScimError::new(
                ErrorKind::NotImplemented,
                "PATCH is switched off here; replace the resource with PUT",
            )
            .into());
        }
        let projection = self.projection()?;
        self.expect(kind, id)?;
        let strictness = self.tenant.strictness;
        let operations = patch::parse(&self.json()?, strictness)?;
        let types = self.tenant.layout().types[kind].clone();
        let patched = self.tenant.directory.write(|next, origin| {
            let present = next
                .get(kind, id)
                .cloned()
                .ok_or_else(|| self.not_found(kind, id))?;
            let view = self.tenant.view(next, self.base);
            self.preconditions(view.of(&present), false)?;
            let mut content = present.content.clone();
            let context = patch::Context {
                types: &types,
                strictness,
                id,
                targets: &view,
            };
            patch::apply(context, &mut content, &operations)?;
            let patched = next.replace(origin, present.key, content)?;
            Ok::<_, ScimError>((next.clone(), patched))
        })?;
        let (snapshot, patched) = patched?;
        let shown = self.tenant.view(&snapshot, self.base).of(&patched);
        let links: usize = patched.content.links.iter().map(|(_, set)| set.len()).sum();
        // The RFC leaves the choice; a change to a large group should cost what it changes, not what the group holds.
        if projection.is_default() && links > LARGE {
            let mut response = respond::empty(StatusCode::NO_CONTENT);
            respond::identify(&mut response, shown);
            return Ok(response);
        }
        Ok(respond::resource(StatusCode::OK, shown, &projection))
    }
}
