//! Versions and preconditions (RFC 7644 section 3.14; RFC 9110 sections 8.8.3 and 13.1).
//!
//! Tags are weak, and compared weakly throughout: SCIM's own examples send weak tags in `If-Match`.

use super::{ErrorKind, ScimError};

/// The tag of a version: `W/"3"`.
pub fn tag(version: u64) -> String {
    format!("W/\"{version}\"")
}

/// What the preconditions of a request come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Go on.
    Proceed,
    /// The client has this version: 304.
    NotModified,
}

/// Evaluates `If-Match` and `If-None-Match`, in that order, for a resource that exists.
///
/// # Errors
/// `PreconditionFailed` when the client asked for another version, or, for a write, for none.
pub fn evaluate(
    current: &str,
    if_match: Option<&str>,
    if_none_match: Option<&str>,
    reads: bool,
) -> Result<Outcome, ScimError> {
    if let Some(wanted) = if_match
        && !names(wanted, current)
    {
        let detail = format!(
            "If-Match asks for version {wanted}, the resource has {current}; read it again and repeat the change"
        );
        return Err(ScimError::new(ErrorKind::PreconditionFailed, detail));
    }
    match if_none_match {
        Some(known) if names(known, current) && reads => Ok(Outcome::NotModified),
        Some(known) if names(known, current) => {
            let detail =
                format!("If-None-Match excludes version {known}, and the resource has {current}");
            Err(ScimError::new(ErrorKind::PreconditionFailed, detail))
        }
        _ => Ok(Outcome::Proceed),
    }
}

/// Whether a list of tags holds the current one. Clients forget the quotes; the opaque part tells.
fn names(list: &str, current: &str) -> bool {
    list.trim() == "*" || list.split(',').any(|tag| opaque(tag) == opaque(current))
}

fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"')
}
