//! The SCIM protocol as pure functions over values (RFC 7643, RFC 7644). In reading order: what a resource may hold, how its
//! attributes are named, searched, changed and shown, and what is said when it goes wrong. No IO, no clock, no chance.

pub mod schema;

pub mod comparison;
pub mod rule;

pub mod altered;
pub mod resource_type;

pub mod datetime;
pub mod path;

pub mod filter;

pub mod link;
pub mod resource;
pub mod validate;

pub mod patch;

pub mod bulk;

pub mod cursor;
pub mod page;
pub mod project;
pub mod sort;

pub mod etag;

pub mod choices;
pub mod leniency;
pub mod restrictions;

pub mod discovery;
pub mod error;

pub use error::{ErrorKind, ScimError};
pub use leniency::{Leniencies, Leniency, Reading};

/// How much departure from the RFC's letter is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strictness {
    /// Take what real clients send and do what they mean.
    #[default]
    Lenient,
    /// Refuse what the RFC does not allow.
    Strict,
}
