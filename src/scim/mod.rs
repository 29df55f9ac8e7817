//! The SCIM protocol as pure functions over values (RFC 7643, RFC 7644).

pub mod error;

pub use error::{ErrorKind, ScimError};
