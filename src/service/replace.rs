//! PUT (RFC 7644 section 3.5.1).

use super::create::written;
use super::read::Expected;
use super::{Answer, Call, respond};
use crate::directory::{Origin, Resource, Snapshot};
use crate::scim::ScimError;
use crate::scim::choices::{Deactivate, PutOmitted};
use crate::scim::path::member;
use crate::scim::resource::Content;
use http::StatusCode;
use serde_json::Value;
use std::sync::Arc;

impl Call<'_> {
    pub(super) fn replace(&self, kind: usize, id: &str) -> Answer {
        let projection = self.projection()?;
        self.expect(kind, id)?;
        let body = self.json()?;
        let types = &self.tenant.layout().types[kind];
        let projection = projection.after_writing(types, written(&body));
        let content = self.content_of(kind, &body)?;
        let replaced = self.tenant.directory.write(|next, origin| {
            let replaced =
                self.replace_in(next, origin, (kind, id), (&body, content), &self.expected())?;
            Ok::<_, ScimError>((next.clone(), replaced))
        })?;
        let (snapshot, replaced) = replaced?;
        Ok(respond::resource(
            StatusCode::OK,
            self.tenant.view(&snapshot, self.base).of(&replaced),
            &projection,
            self.tenant.choices.location,
        ))
    }

    /// Replaces a resource in a directory that is being written, by the content of a body.
    pub(super) fn replace_in(
        &self,
        next: &mut Snapshot,
        origin: &Origin,
        (kind, id): (usize, &str),
        (body, content): (&Value, Content),
        expected: &Expected<'_>,
    ) -> Result<Arc<Resource>, ScimError> {
        let present = self.present(next, (kind, id), expected)?;
        self.check_password(&content)?;
        let types = self.tenant.layout().types[kind].clone();
        let stored = present.content();
        let mut content = content.replacing(&types, &stored)?;
        if self.tenant.choices.put_omitted == PutOmitted::Retain {
            let named = |extension: Option<&str>, name: &str| names(body, extension, name);
            content = content.retaining(&types, &stored, named);
        }
        self.check_targets(next, kind, Some(&present), &content)?;
        self.put_in_place(next, origin, &present, content)
    }

    /// Puts content in the place of a resource. Where the provider has none that is not active, one that ceases to be is gone.
    pub(super) fn put_in_place(
        &self,
        next: &mut Snapshot,
        origin: &Origin,
        present: &Resource,
        content: Content,
    ) -> Result<Arc<Resource>, ScimError> {
        let ends = self.tenant.choices.deactivate == Deactivate::Remove
            && content.get(None, "active") == Some(&Value::Bool(false));
        let replaced = next.replace(origin, present.key, content)?;
        if ends {
            next.delete(origin, present.key, self.tenant.choices.cascade);
        }
        Ok(replaced)
    }
}

/// Whether a body names an attribute, `null` for its value included; whoever writes `null` for an extension names all in it.
fn names(body: &Value, extension: Option<&str>, name: &str) -> bool {
    let Some(body) = body.as_object() else {
        return false;
    };
    let of_extension = |urn| match member(body, urn)? {
        Value::Object(holder) => member(holder, name),
        null => Some(null).filter(|it| it.is_null()),
    };
    extension
        .map_or_else(|| member(body, name), of_extension)
        .is_some()
}
