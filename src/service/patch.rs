//! PATCH (RFC 7644 section 3.5.2): all operations or none.

use super::{Answer, Call, respond};
use crate::scim::{ErrorKind, ScimError, patch};
use http::StatusCode;

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
        if self.tenant.directory.snapshot().get(kind, id).is_none() {
            return Err(self.not_found(kind, id).into());
        }
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
        Ok(respond::resource(
            StatusCode::OK,
            self.tenant.view(&snapshot, self.base).of(&patched),
            &projection,
        ))
    }
}
