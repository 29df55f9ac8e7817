//! Versions and preconditions (RFC 7644 section 3.14; RFC 9110 sections 8.8.3 and 13.1).
//!
//! Tags are weak, and compared weakly throughout: SCIM's own examples send weak tags in `If-Match`.

use super::{ErrorKind, Leniency, Reading, ScimError};

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
/// `PreconditionFailed` when the client asked for another version, or, for a write, for none; `invalidValue` (strict) for what is no
/// list of tags.
pub fn evaluate(
    current: &str,
    if_match: Option<&str>,
    if_none_match: Option<&str>,
    reads: bool,
    reading: Reading<'_>,
) -> Result<Outcome, ScimError> {
    if let Some(wanted) = if_match
        && !names("If-Match", wanted, current, reading)?
    {
        let detail = format!(
            "If-Match asks for version {wanted}, the resource has {current}; read it again and repeat the change"
        );
        return Err(ScimError::new(ErrorKind::PreconditionFailed, detail));
    }
    let known = match if_none_match {
        Some(known) if names("If-None-Match", known, current, reading)? => known,
        _ => return Ok(Outcome::Proceed),
    };
    if reads {
        return Ok(Outcome::NotModified);
    }
    let detail = format!("If-None-Match excludes version {known}, and the resource has {current}");
    Err(ScimError::new(ErrorKind::PreconditionFailed, detail))
}

/// Whether a list of tags holds the current one. Some clients forget the quotes, or the list is cut anyhow; then a lenient reading
/// looks at what is left.
fn names(header: &str, list: &str, current: &str, reading: Reading<'_>) -> Result<bool, ScimError> {
    if list.trim() == "*" {
        return Ok(true);
    }
    if let Some(tags) = opaque_tags(list) {
        return Ok(tags.contains(&opaque(current)));
    }
    if reading.takes(Leniency::BareTag) {
        return Ok(list.split(',').any(|tag| opaque(tag) == opaque(current)));
    }
    Err(ScimError::new(
        ErrorKind::InvalidValue,
        format!("{header} is `{list}`; expected entity tags in double quotes, such as {current}"),
    ))
}

/// What stands in the quotes of each tag of a list (RFC 9110 sections 5.6.1 and 8.8.3); `None` when it is no such list.
fn opaque_tags(list: &str) -> Option<Vec<&str>> {
    let mut tags = Vec::new();
    let mut rest = list.trim_start_matches([' ', '\t', ',']);
    while !rest.is_empty() {
        let quoted = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"')?;
        let (tag, behind) = quoted.split_once('"')?;
        let behind = behind.trim_start_matches([' ', '\t']);
        if !(behind.is_empty() || behind.starts_with(',')) {
            return None;
        }
        tags.push(tag);
        rest = behind.trim_start_matches([' ', '\t', ',']);
    }
    (!tags.is_empty()).then_some(tags)
}

fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"')
}
