//! POST to a resource endpoint (RFC 7644 section 3.3).

use super::{Answer, Call, respond};
use crate::directory::{Resource, Snapshot};
use crate::scim::resource::Content;
use crate::scim::{ErrorKind, ScimError, validate};
use http::StatusCode;
use serde_json::Value;

impl Call<'_> {
    pub(super) fn create(&self, kind: usize) -> Answer {
        let (projection, body) = (self.projection()?, self.json()?);
        let projection =
            projection.after_writing(&self.tenant.layout().types[kind], written(&body));
        let content = self.content_of(kind, &body)?;
        let created = self.tenant.directory.write(|next, origin| {
            self.check_targets(next, kind, None, &content)?;
            let created = next.create(origin, kind, content, None, false)?;
            Ok::<_, ScimError>((next.clone(), created))
        })?;
        let (snapshot, created) = created?;
        let shown = self.tenant.view(&snapshot, self.base).of(&created);
        let by = self.tenant.choices.location;
        Ok(respond::resource(
            StatusCode::CREATED,
            shown,
            &projection,
            by,
        ))
    }

    /// Whether the provider takes as much, and every link that is new leads somewhere, where it asks for that.
    pub(super) fn check_targets(
        &self,
        next: &Snapshot,
        kind: usize,
        old: Option<&Resource>,
        new: &Content,
    ) -> Result<(), ScimError> {
        let restrictions = &self.tenant.restrictions;
        let before = old.map(Resource::content);
        restrictions.check_content(before.as_ref(), new)?;
        if !self.tenant.choices.referential_integrity {
            return Ok(());
        }
        match next.missing_target(kind, old, new) {
            None => Ok(()),
            Some((attribute, id)) => Err(ScimError::new(
                ErrorKind::InvalidValue,
                format!("{attribute}: nothing that it may lead to has the id `{id}`"),
            )),
        }
    }

    /// The body of a POST or PUT as content of a resource.
    pub(super) fn content_of(&self, kind: usize, body: &Value) -> Result<Content, ScimError> {
        let types = &self.tenant.layout().types[kind];
        let (content, mut problems) = validate::resource(types, body, self.reading());
        if problems.is_empty() {
            return Ok(content);
        }
        let others = problems.split_off(1);
        let mut error = problems.pop().map_or_else(
            || unreachable!("a list that is not empty has a first"),
            ScimError::from,
        );
        for other in others {
            let other = ScimError::from(other);
            error.detail = format!("{}; {}", error.detail, other.detail);
        }
        Err(error)
    }
}

/// The attributes that a body names; an extension is named by its URN.
pub(super) fn written(body: &Value) -> impl Iterator<Item = &str> {
    let members = body.as_object().into_iter().flatten();
    members.map(|(name, _)| name.as_str())
}
