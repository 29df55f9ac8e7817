//! What a client may set of a resource, and how create and replace set it (RFC 7644 sections 3.3 and 3.5.1).
//!
//! `id`, `meta` and `schemas` are not here: the directory owns the first two, and the third follows from what is held.

use super::link::{Link, LinkSet};
use super::resource_type::ResourceType;
use super::schema::{Attribute, Mutability};
use super::{ErrorKind, ScimError};
use serde_json::{Map, Value};

/// The client's part of a resource in canonical form: names in the schema's casing, nothing unassigned, no secret,
/// extensions under their URN, links to many apart.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// Attributes by name; an extension's under its URN.
    pub attributes: Map<String, Value>,
    /// Links by attribute name.
    pub links: Vec<(String, LinkSet)>,
    /// Whether a value was set that is kept from everybody (a password): a change that no comparison can see.
    pub secret_written: bool,
}

/// Whether the values of `attribute` are edges that the directory keeps: links to many that a client may write.
pub fn is_link(attribute: &Attribute) -> bool {
    attribute.multi_valued
        && attribute.mutability != Mutability::ReadOnly
        && !attribute.link_targets().is_empty()
}

impl Content {
    /// The links of `attribute`.
    pub fn links(&self, attribute: &str) -> Option<&LinkSet> {
        self.links
            .iter()
            .find(|(name, _)| name == attribute)
            .map(|(_, links)| links)
    }

    /// The links of `attribute`, to change.
    pub fn links_mut(&mut self, attribute: &str) -> &mut LinkSet {
        let at = self
            .links
            .iter()
            .position(|(name, _)| name == attribute)
            .unwrap_or_else(|| {
                self.links.push((attribute.to_owned(), LinkSet::default()));
                self.links.len() - 1
            });
        &mut self.links[at].1
    }

    /// The object that holds an attribute: the resource itself, or an extension's.
    pub fn holder(&self, extension: Option<&str>) -> Option<&Map<String, Value>> {
        match extension {
            None => Some(&self.attributes),
            Some(urn) => self.attributes.get(urn)?.as_object(),
        }
    }

    /// The value of a top-level attribute.
    pub fn get(&self, extension: Option<&str>, name: &str) -> Option<&Value> {
        self.holder(extension)?.get(name)
    }

    /// Sets or, with `None`, unassigns a top-level attribute. An extension without attributes is gone.
    pub fn set(&mut self, extension: Option<&str>, name: &str, value: Option<Value>) {
        let holder = match extension {
            None => &mut self.attributes,
            Some(urn) => match self
                .attributes
                .entry(urn)
                .or_insert_with(|| Value::Object(Map::new()))
            {
                Value::Object(holder) => holder,
                other => {
                    *other = Value::Object(Map::new());
                    other.as_object_mut().expect("an object was just put there")
                }
            },
        };
        match value {
            Some(value) => {
                holder.insert(name.to_owned(), value);
            }
            None => {
                holder.shift_remove(name);
            }
        }
        if let Some(urn) = extension
            && holder.is_empty()
        {
            self.attributes.shift_remove(urn);
        }
    }

    /// Whether both hold the same, in whatever order of attributes.
    pub fn same_as(&self, other: &Self) -> bool {
        let covers = |one: &Self, two: &Self| {
            one.links.iter().all(|(name, links)| match two.links(name) {
                Some(others) => links.same_as(others),
                None => links.is_empty(),
            })
        };
        !self.secret_written
            && self.attributes == other.attributes
            && covers(self, other)
            && covers(other, self)
    }

    /// The same with what `stored` has of the attributes that clients may write and have not `named`, by extension and name.
    #[must_use]
    pub fn retaining(
        mut self,
        types: &ResourceType,
        stored: &Self,
        named: impl Fn(Option<&str>, &str) -> bool,
    ) -> Self {
        for (extension, attribute) in types.all_attributes() {
            let name = &attribute.name;
            let is_kept = attribute.mutability == Mutability::ReadWrite && !named(extension, name);
            if is_kept && let Some(present) = stored.get(extension, name) {
                self.set(extension, name, Some(present.clone()));
            }
        }
        for (name, links) in &stored.links {
            if !named(None, name) {
                self.links_mut(name).clone_from(links);
            }
        }
        self
    }

    /// What a PUT of `self` over `stored` leaves: immutable attributes must not differ, and stay when they are omitted.
    ///
    /// # Errors
    /// `mutability` when an immutable attribute differs from its present value.
    pub fn replacing(mut self, types: &ResourceType, stored: &Self) -> Result<Self, ScimError> {
        for (extension, attribute) in types.all_attributes() {
            if attribute.mutability != Mutability::Immutable {
                continue;
            }
            let Some(present) = stored.get(extension, &attribute.name) else {
                continue;
            };
            match self.get(extension, &attribute.name) {
                None => self.set(extension, &attribute.name, Some(present.clone())),
                Some(given) if given == present => {}
                Some(given) => {
                    let detail = format!(
                        "`{}` is immutable: it is {present}, and cannot become {given}",
                        attribute.name
                    );
                    return Err(ScimError::new(ErrorKind::Mutability, detail));
                }
            }
        }
        for (name, links) in &mut self.links {
            if let Some(present) = stored.links(name) {
                *links = present.replaced_by(links.iter().map(|link| Link::clone(link)));
            }
        }
        Ok(self)
    }
}
