//! One resource as the directory keeps it: the client's content, and what the provider adds (RFC 7643 section 3.1).

use super::packed::{Packed, Part};
use crate::scim::link::LinkSet;
use crate::scim::resource::Content;
use arc_swap::ArcSwapOption;
use bytes::Bytes;
use jiff::Timestamp;
use std::sync::Arc;

/// Where a resource stands: its type's place in the list of types, then the order of creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// Index of the resource type.
    pub kind: usize,
    /// Counts every resource of the tenant from 1.
    pub serial: u64,
}

/// A resource at one version.
#[derive(Debug)]
pub struct Resource {
    /// Its place.
    pub key: Key,
    /// Its id.
    pub id: Arc<str>,
    /// What clients set.
    pub(super) held: Held,
    /// When it was created.
    pub created: Timestamp,
    /// When it last changed.
    pub modified: Timestamp,
    /// Counts changes from 1.
    pub version: u64,
    /// Whether the scenario made it, and not a client.
    pub seeded: bool,
    /// The serialised form, kept while nothing that it shows changes.
    pub(super) rendered: ArcSwapOption<Rendered>,
}

/// The content of a resource as it is kept.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// All but links to many.
    pub(super) attributes: Packed,
    /// Links to many, by attribute name.
    pub(super) links: Vec<(String, LinkSet)>,
}

/// Serialised once for the base URL that was asked for last.
#[derive(Debug)]
pub(super) struct Rendered {
    pub(super) base: Box<str>,
    pub(super) bytes: Bytes,
}

impl Resource {
    /// The same resource at the same version, to be serialised anew: something that it points at has another name now.
    pub(super) fn refreshed(&self) -> Self {
        Self {
            key: self.key,
            id: self.id.clone(),
            held: self.held.clone(),
            created: self.created,
            modified: self.modified,
            version: self.version,
            seeded: self.seeded,
            rendered: ArcSwapOption::empty(),
        }
    }

    /// The next version, with other content.
    pub(super) fn changed(&self, held: Held, modified: Timestamp) -> Self {
        Self {
            held,
            modified,
            version: self.version + 1,
            ..self.refreshed()
        }
    }

    /// What clients set.
    pub fn content(&self) -> Content {
        self.held.content()
    }

    /// How many links to many it holds.
    pub fn link_count(&self) -> usize {
        self.held.links.iter().map(|(_, set)| set.len()).sum()
    }
}

impl From<Content> for Held {
    fn from(content: Content) -> Self {
        Self {
            attributes: Packed::new(&content.attributes),
            links: content.links,
        }
    }
}

impl From<&Content> for Held {
    fn from(content: &Content) -> Self {
        Self {
            attributes: Packed::new(&content.attributes),
            links: content.links.clone(),
        }
    }
}

impl Held {
    /// What is kept, as it was given.
    pub(super) fn content(&self) -> Content {
        Content {
            attributes: self.attributes.unpack(),
            links: self.links.clone(),
            secret_written: false,
        }
    }

    /// The value of a top-level attribute that is no link to many.
    pub(super) fn get(&self, extension: Option<&str>, name: &str) -> Option<Part<'_>> {
        match extension {
            None => self.attributes.get(name),
            Some(urn) => self.attributes.get(urn)?.get(name),
        }
    }

    /// The links of an attribute.
    pub(super) fn links(&self, attribute: &str) -> Option<&LinkSet> {
        let mut links = self.links.iter();
        links
            .find(|(name, _)| name == attribute)
            .map(|(_, links)| links)
    }
}
