//! The SCIM protocol as pure functions over values (RFC 7643, RFC 7644).

pub mod error;

pub use error::{ErrorKind, ScimError};

/// How a service provider takes what is not by the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Strictness {
    /// As real clients need it.
    #[default]
    Lenient,
    /// By the letter.
    Strict,
}
