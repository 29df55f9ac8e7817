//! What a tenant's resource types ask of its directory, worked out once: which values are indexed or unique, which attributes
//! are links, and which show the other end of a link. Attributes are chosen by characteristics, not by name.

use super::packed::Part;
use super::resource::Held;
use crate::scim::comparison::Comparison;
use crate::scim::resource::is_link;
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::{Attribute, Mutability, Returned, Uniqueness};
use std::borrow::Cow;
use std::sync::Arc;

/// The attribute by which people know a resource (RFC 7643 sections 4.1.1 and 4.2); `display` of a link shows it.
pub(super) const LABEL: &str = "displayName";

/// Attributes by which identity providers look for a resource before every write, though no schema says that they are unique:
/// their own identifier, and an address.
const SEARCHED: [(&str, Option<&str>); 2] = [("externalId", None), ("emails", Some("value"))];

/// An attribute whose values are looked up.
#[derive(Debug, Clone)]
pub struct Indexed {
    /// Index of the resource type.
    pub kind: usize,
    /// The extension that holds it.
    pub extension: Option<String>,
    /// Its name.
    pub attribute: String,
    /// Its sub-attribute.
    pub sub: Option<String>,
    /// Whether two resources may not share a value.
    pub unique: bool,
    /// Whether that goes for all tenants of a server.
    pub everywhere: bool,
    /// The schema that has the attribute.
    schema: String,
    comparison: Comparison,
}

/// A link that a client sets: to many (edges) or to one (a value in the content).
#[derive(Debug, Clone)]
pub struct LinkAttribute {
    /// Index of the resource type that holds it.
    pub kind: usize,
    /// The extension that holds it.
    pub extension: Option<String>,
    /// The attribute.
    pub attribute: Attribute,
}

/// Resource types with everything that follows from them.
#[derive(Debug)]
pub struct Layout {
    /// The types, in the order in which they are published.
    pub types: Vec<Arc<ResourceType>>,
    /// Looked-up attributes.
    pub indexed: Vec<Indexed>,
    /// Link attributes.
    pub links: Vec<LinkAttribute>,
    /// Attributes of a target that its links show.
    pub mirrored: Vec<String>,
}

impl Layout {
    /// Works out what `types` ask for.
    pub fn new(types: Vec<Arc<ResourceType>>) -> Self {
        let (mut indexed, mut links, mut mirrored) =
            (Vec::new(), Vec::new(), vec![LABEL.to_owned()]);
        for (kind, holder) in types.iter().enumerate() {
            for (extension, attribute) in holder.all_attributes() {
                let extension = extension.map(str::to_owned);
                let index = |attribute: &Attribute, name: &str, sub: Option<&str>| {
                    let unique = attribute.uniqueness != Uniqueness::None;
                    let searched = unique || SEARCHED.contains(&(name, sub));
                    let kept = attribute.mutability != Mutability::ReadOnly
                        && attribute.returned != Returned::Never;
                    (searched && kept).then(|| Indexed {
                        kind,
                        extension: extension.clone(),
                        attribute: name.to_owned(),
                        sub: sub.map(str::to_owned),
                        unique,
                        everywhere: attribute.uniqueness == Uniqueness::Global,
                        schema: extension
                            .clone()
                            .unwrap_or_else(|| holder.schema.id.clone()),
                        comparison: attribute.comparison(),
                    })
                };
                indexed.extend(index(attribute, &attribute.name, None));
                for sub in &attribute.sub_attributes {
                    indexed.extend(index(sub, &attribute.name, Some(&sub.name)));
                    let shows = sub.mutability == Mutability::ReadOnly
                        && !attribute.link_targets().is_empty();
                    if shows
                        && attribute.mutability != Mutability::ReadOnly
                        && !mirrored.contains(&sub.name)
                    {
                        mirrored.push(sub.name.clone());
                    }
                }
                if !attribute.link_targets().is_empty()
                    && attribute.mutability != Mutability::ReadOnly
                {
                    links.push(LinkAttribute {
                        kind,
                        extension: extension.clone(),
                        attribute: attribute.clone(),
                    });
                }
            }
        }
        Self {
            types,
            indexed,
            links,
            mirrored,
        }
    }

    /// The place of the type with this endpoint (`/Users`).
    pub fn kind_at(&self, endpoint: &str) -> Option<usize> {
        self.types
            .iter()
            .position(|types| types.endpoint == endpoint)
    }

    /// The place of the type with this name (`User`).
    pub fn kind_named(&self, name: &str) -> Option<usize> {
        self.types.iter().position(|types| types.name == name)
    }

    /// The links that a resource of `kind` holds, with their numbers.
    pub(super) fn links_of(&self, kind: usize) -> impl Iterator<Item = (usize, &LinkAttribute)> {
        self.links
            .iter()
            .enumerate()
            .filter(move |(_, link)| link.kind == kind)
    }

    /// The number of the index over an attribute.
    pub(super) fn index_of(
        &self,
        kind: usize,
        extension: Option<&str>,
        attribute: &str,
        sub: Option<&str>,
    ) -> Option<usize> {
        self.indexed.iter().position(|index| {
            index.kind == kind
                && index.extension.as_deref() == extension
                && index.attribute == attribute
                && index.sub.as_deref() == sub
        })
    }
}

impl Indexed {
    /// Whether it is over the same attribute, in whatever directory.
    pub(super) fn is_over_the_same(&self, other: &Self) -> bool {
        self.schema == other.schema && self.attribute == other.attribute && self.sub == other.sub
    }

    /// The form in which `text` is indexed.
    pub fn form<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.comparison.key(text)
    }

    /// The values of a resource that belong in this index, in the form in which they are indexed.
    pub(super) fn forms<'h>(&self, held: &'h Held) -> impl Iterator<Item = Cow<'h, str>> {
        let value = held.get(self.extension.as_deref(), &self.attribute);
        let items = value.into_iter().flat_map(Part::items);
        let texts = items.filter_map(|item| match &self.sub {
            None => item.text(),
            Some(sub) => item.get(sub)?.text(),
        });
        texts.map(|text| self.form(text))
    }
}

impl LinkAttribute {
    /// Whether its values are edges.
    pub fn is_many(&self) -> bool {
        self.extension.is_none() && is_link(&self.attribute)
    }

    /// The one id that a resource points at; for links to many, see its edges.
    pub(super) fn single_target<'h>(&self, held: &'h Held) -> Option<&'h str> {
        let value = held.get(self.extension.as_deref(), &self.attribute.name)?;
        value.get("value")?.text()
    }

    /// Whether a resource points at `id` by this link.
    pub(super) fn points_at(&self, held: &Held, id: &str) -> bool {
        if self.is_many() {
            let links = held.links(&self.attribute.name);
            return links.is_some_and(|links| links.get(id).is_some());
        }
        self.single_target(held) == Some(id)
    }
}
