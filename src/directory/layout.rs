//! What a tenant's resource types ask of its directory, worked out once: which values are indexed or unique, which attributes
//! are links, and which show the other end of a link. Attributes are chosen by characteristics, not by name.

use super::packed::Part;
use super::resource::Resource;
use crate::scim::filter::fold;
use crate::scim::resource::{Content, is_link};
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::{Attribute, Mutability, Returned, Uniqueness};
use serde_json::Value;
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
    case_exact: bool,
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
                        case_exact: attribute.case_exact,
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
    /// The form in which `text` is indexed.
    pub fn form<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.case_exact {
            Cow::Borrowed(text)
        } else {
            fold(text)
        }
    }

    /// The values of `content` that belong in this index, in the form in which they are indexed.
    pub(super) fn values<'c>(&self, content: &'c Content) -> impl Iterator<Item = Cow<'c, str>> {
        let list = match content.get(self.extension.as_deref(), &self.attribute) {
            None => &[],
            Some(Value::Array(list)) => list.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        let texts = list.iter().filter_map(|value| match &self.sub {
            None => value.as_str(),
            Some(sub) => value.get(sub).and_then(Value::as_str),
        });
        texts.map(|text| self.form(text))
    }

    /// Whether a resource holds a value, which is given in the form in which it is indexed.
    pub(super) fn holds(&self, resource: &Resource, form: &str) -> bool {
        let value = resource.get(self.extension.as_deref(), &self.attribute);
        let items = value.into_iter().flat_map(Part::items);
        let mut texts = items.filter_map(|item| match &self.sub {
            None => item.text(),
            Some(sub) => item.get(sub)?.text(),
        });
        texts.any(|text| self.form(text) == form)
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

    /// Whether a resource points at `id` by this link.
    pub(super) fn points_at(&self, resource: &Resource, id: &str) -> bool {
        if self.is_many() {
            let links = resource.links(&self.attribute.name);
            return links.is_some_and(|links| links.get(id).is_some());
        }
        let value = resource.get(self.extension.as_deref(), &self.attribute.name);
        value.and_then(|it| it.get("value")?.text()) == Some(id)
    }
}
