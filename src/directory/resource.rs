//! One resource as the directory keeps it: the client's content, and what the provider adds (RFC 7643 section 3.1).

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
    pub content: Content,
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
            content: self.content.clone(),
            created: self.created,
            modified: self.modified,
            version: self.version,
            seeded: self.seeded,
            rendered: ArcSwapOption::empty(),
        }
    }

    /// The next version, with other content.
    pub(super) fn changed(&self, content: Content, modified: Timestamp) -> Self {
        Self {
            content,
            modified,
            version: self.version + 1,
            ..self.refreshed()
        }
    }
}
