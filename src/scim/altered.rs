//! Resource types as a provider has them that differs from RFC 7643: attributes that are unique, required, never returned, or lacking.
//!
//! The schema says so from then on: it is published like that, and values are checked by it.

use super::path::AttributePath;
use super::resource::is_link;
use super::resource_type::{Resolved, ResourceType};
use super::schema::{Attribute, Mutability, Returned, Type, Uniqueness};
use std::sync::Arc;

/// Where an attribute stands in the schemas of a type.
struct Place {
    extension: Option<String>,
    top: String,
    sub: Option<String>,
}

impl ResourceType {
    /// The same type with an attribute whose values no two resources share.
    ///
    /// # Errors
    /// Why there is no such attribute, or it cannot be unique.
    pub fn with_unique(&self, path: &str) -> Result<Self, String> {
        self.altered(path, |attribute, named| {
            // Links are told apart by who holds them: two groups may well share a member.
            let is_text =
                !is_link(attribute) && matches!(named.kind, Type::String | Type::Reference);
            let is_written = [attribute, named]
                .iter()
                .all(|it| it.mutability != Mutability::ReadOnly && it.returned != Returned::Never);
            if is_text && is_written {
                return Ok(|named: &mut Attribute| named.uniqueness = Uniqueness::Server);
            }
            let why = "made unique: it is not text that clients write and read";
            Err(format!("`{path}` cannot be {why}"))
        })
    }

    /// The same type with an attribute that each resource must have; a sub-attribute, that its parent must.
    ///
    /// # Errors
    /// Why there is no such attribute, or clients cannot give it.
    pub fn with_required(&self, path: &str) -> Result<Self, String> {
        self.altered(path, |attribute, named| {
            let all = [attribute, named];
            if all.iter().all(|it| it.mutability != Mutability::ReadOnly) {
                return Ok(|named: &mut Attribute| named.required = true);
            }
            Err(format!("`{path}` cannot be required: no client writes it"))
        })
    }

    /// The same type with an attribute that no answer shows.
    ///
    /// # Errors
    /// Why there is no such attribute, or it is none of those that may be held and not shown: members, and who lists the resource.
    pub fn with_never_returned(&self, path: &str) -> Result<Self, String> {
        self.altered(path, |attribute, named| {
            let is_links = attribute.multi_valued && !attribute.link_targets().is_empty();
            if is_links && std::ptr::eq(attribute, named) {
                return Ok(|named: &mut Attribute| named.returned = Returned::Never);
            }
            let only = "only links to many, such as `members` and `groups`, can";
            Err(format!("`{path}` cannot be kept from clients: {only}"))
        })
    }

    /// The same type without an attribute.
    ///
    /// # Errors
    /// Why there is no such attribute, or nothing can do without it.
    pub fn without(&self, path: &str) -> Result<Self, String> {
        let (place, attribute, named) = self.placed(path)?;
        let is_common = place.extension.is_none()
            && super::schema::find(&self.common.attributes, &attribute.name).is_some();
        if named.required || is_common || named.uniqueness != Uniqueness::None {
            let why = "it is required, unique or common to all resources";
            return Err(format!("`{path}` cannot be lacking: {why}"));
        }
        let mut changed = self.clone();
        if let Some(attributes) = changed.holding(&place) {
            attributes.retain(|it| place.sub.is_some() || it.name != place.top);
            let parent = attributes.iter_mut().find(|it| it.name == place.top);
            if let (Some(parent), Some(sub)) = (parent, &place.sub) {
                parent.sub_attributes.retain(|it| it.name != *sub);
            }
        }
        Ok(changed)
    }

    /// `decide` sees the attribute and the part of it that `path` names, and says how that is changed.
    fn altered<Change: FnOnce(&mut Attribute)>(
        &self,
        path: &str,
        decide: impl FnOnce(&Attribute, &Attribute) -> Result<Change, String>,
    ) -> Result<Self, String> {
        let (place, attribute, named) = self.placed(path)?;
        let change = decide(attribute, named)?;
        let mut changed = self.clone();
        let attributes = changed.holding(&place).into_iter().flatten();
        let mut named = attributes.into_iter().find(|it| it.name == place.top);
        if let Some(sub) = place.sub {
            named = named.and_then(|it| it.sub_attributes.iter_mut().find(|it| it.name == sub));
        }
        if let Some(named) = named {
            change(named);
        }
        Ok(changed)
    }

    fn placed(&self, path: &str) -> Result<(Place, &Attribute, &Attribute), String> {
        if path.is_empty() {
            return Err(format!(
                "{} is a resource type; name an attribute of it",
                self.name
            ));
        }
        let resolved = AttributePath::parse(path).and_then(|path| self.resolve(&path));
        let Some(Resolved::Attribute {
            extension,
            attribute,
            sub,
        }) = resolved
        else {
            let hint = self
                .nearest(path)
                .map_or(String::new(), |name| format!("; did you mean `{name}`?"));
            return Err(format!("{} has no attribute `{path}`{hint}", self.name));
        };
        let place = Place {
            extension: extension.map(str::to_owned),
            top: attribute.name.clone(),
            sub: sub.map(|sub| sub.name.clone()),
        };
        Ok((place, attribute, sub.unwrap_or(attribute)))
    }

    /// The attributes among which an attribute stands.
    fn holding(&mut self, place: &Place) -> Option<&mut Vec<Attribute>> {
        let schema = match &place.extension {
            None if super::schema::find(&self.common.attributes, &place.top).is_some() => {
                &mut self.common
            }
            None => &mut self.schema,
            Some(urn) => {
                let mut extensions = self.extensions.iter_mut();
                &mut extensions.find(|it| it.schema.id == *urn)?.schema
            }
        };
        Some(&mut Arc::make_mut(schema).attributes)
    }
}
