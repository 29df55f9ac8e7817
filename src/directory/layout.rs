//! What a tenant's resource types ask of its directory, worked out once: which values are indexed or unique, which attributes
//! are links, and which show the other end of a link. Attributes are chosen by characteristics, not by name.

use crate::scim::comparison::Comparison;
use crate::scim::resource::{Content, is_link};
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::{Attribute, Mutability, Returned, Uniqueness};
use serde_json::Value;
use std::sync::Arc;

/// The attribute by which people know a resource (RFC 7643 sections 4.1.1 and 4.2); `display` of a link shows it.
pub(super) const LABEL: &str = "displayName";

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
                    // Identity providers look their own identifier up before every write.
                    let searched = unique || (attribute.name == "externalId" && sub.is_none());
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
    pub fn form(&self, text: &str) -> Arc<str> {
        self.comparison.key(text).as_ref().into()
    }

    /// The values of `content` that belong in this index.
    pub(super) fn values(&self, content: &Content) -> Vec<Arc<str>> {
        let Some(value) = content.get(self.extension.as_deref(), &self.attribute) else {
            return Vec::new();
        };
        let list = match value {
            Value::Array(list) => list.as_slice(),
            one => std::slice::from_ref(one),
        };
        let texts = list.iter().filter_map(|value| match &self.sub {
            None => value.as_str(),
            Some(sub) => value.get(sub).and_then(Value::as_str),
        });
        texts.map(|text| self.form(text)).collect()
    }
}

impl LinkAttribute {
    /// Whether its values are edges.
    pub fn is_many(&self) -> bool {
        self.extension.is_none() && is_link(&self.attribute)
    }

    /// The one id that `content` points at; for links to many, see its edges.
    pub(super) fn single_target<'a>(&self, content: &'a Content) -> Option<&'a str> {
        let value = content.get(self.extension.as_deref(), &self.attribute.name)?;
        value.get("value").and_then(Value::as_str)
    }
}
