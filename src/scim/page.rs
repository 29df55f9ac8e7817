//! Index pagination (RFC 7644 section 3.4.2.4) and the list that carries a page (section 3.4.2). Cursors are not here.

use super::{ErrorKind, ScimError};

/// The schema URN of a list.
pub const LIST_RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// What a client that names no `count` gets at most.
pub const DEFAULT_COUNT: usize = 100;

/// Which part of a result is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// From 1.
    pub start_index: usize,
    /// At most so many.
    pub count: usize,
}

impl Page {
    /// Reads `startIndex` and `count`; `max_results` caps every page.
    ///
    /// # Errors
    /// `invalidValue` for what is not a whole number.
    pub fn new(
        start_index: Option<&str>,
        count: Option<&str>,
        max_results: usize,
    ) -> Result<Self, ScimError> {
        let start_index = whole("startIndex", start_index)?.unwrap_or(1).max(1);
        let count =
            whole("count", count)?.map_or(DEFAULT_COUNT, |count| count.max(0).unsigned_abs());
        Ok(Self {
            start_index: start_index.unsigned_abs(),
            count: count.min(max_results),
        })
    }
}

/// A whole number; one beyond the machine's range counts as its end.
fn whole(name: &str, text: Option<&str>) -> Result<Option<isize>, ScimError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ScimError::new(
            ErrorKind::InvalidValue,
            format!("`{name}` is `{text}`, expected a whole number"),
        ));
    }
    let limit = if text.starts_with('-') {
        isize::MIN
    } else {
        isize::MAX
    };
    Ok(Some(
        text.strip_prefix('+')
            .unwrap_or(text)
            .parse()
            .unwrap_or(limit),
    ))
}
