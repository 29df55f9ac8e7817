//! Which part of a result is wanted: index pagination (RFC 7644 section 3.4.2.4) and cursor pagination (RFC 9865 section 2).
//!
//! It reads the parameters; what a cursor means is in `cursor`, and the page is cut by the service.

use super::choices::CursorCount;
use super::discovery::{Features, Pagination};
use super::{ErrorKind, Leniency, Reading, ScimError};

/// The schema URN of a list.
pub const LIST_RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// The paging parameters as a client sends them.
#[derive(Debug, Clone, Copy, Default)]
pub struct Parameters<'a> {
    /// From 1.
    pub start_index: Option<&'a str>,
    /// At most so many.
    pub count: Option<&'a str>,
    /// Empty for the first page.
    pub cursor: Option<&'a str>,
}

/// Which part of a result is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// By number.
    Index {
        /// From 1.
        start_index: usize,
        /// At most so many.
        count: usize,
    },
    /// From where the last page ended.
    Cursor {
        /// `None` for the first page.
        cursor: Option<String>,
        /// At most so many.
        count: usize,
    },
}

impl Page {
    /// Reads the parameters as a provider with these features does.
    ///
    /// # Errors
    /// `invalidValue` for what is not a whole number, for both ways at once, and for a way that is not offered;
    /// `invalidCount` for a count of a cursor query that is not a whole number.
    pub fn new(
        given: Parameters<'_>,
        features: &Features,
        cursor_count: CursorCount,
        reading: Reading<'_>,
    ) -> Result<Self, ScimError> {
        let offers = |way| features.pagination.contains(&way);
        if given.cursor.is_some()
            && !offers(Pagination::Cursor)
            && !reading.takes(Leniency::UnsupportedCursor)
        {
            return Err(ScimError::new(
                ErrorKind::NotImplemented,
                "this service provider has no cursors; page with `startIndex`",
            ));
        }
        // A provider without cursors passes the parameter over, as any that it does not know.
        let cursor = given.cursor.filter(|_| offers(Pagination::Cursor));
        let by_cursor = match (given.start_index, cursor) {
            (Some(_), Some(_)) => {
                return Err(ScimError::new(
                    ErrorKind::InvalidValue,
                    "`startIndex` and `cursor` exclude each other; send one",
                ));
            }
            (Some(_), None) if !offers(Pagination::Index) => {
                return Err(ScimError::new(
                    ErrorKind::InvalidValue,
                    "this service provider pages with `cursor` only; leave `startIndex` out",
                ));
            }
            (Some(_), None) => false,
            (None, Some(_)) => true,
            (None, None) => features.pagination.first() == Some(&Pagination::Cursor),
        };
        let kind = if by_cursor {
            ErrorKind::InvalidCount
        } else {
            ErrorKind::InvalidValue
        };
        let count = whole("count", given.count, kind)?;
        let most = isize::try_from(features.filter_max_results).unwrap_or(isize::MAX);
        if by_cursor
            && cursor_count == CursorCount::Refuse
            && count.is_some_and(|count| !(0..=most).contains(&count))
        {
            let detail = format!("`count` is a whole number from 0 to {most} here");
            return Err(ScimError::new(kind, detail));
        }
        let count = count
            .map_or(features.default_page_size, |count| {
                count.max(0).unsigned_abs()
            })
            .min(features.filter_max_results);
        if by_cursor {
            let cursor = cursor.filter(|text| !text.is_empty()).map(str::to_owned);
            return Ok(Self::Cursor { cursor, count });
        }
        let start_index = whole("startIndex", given.start_index, ErrorKind::InvalidValue)?;
        Ok(Self::Index {
            start_index: start_index.unwrap_or(1).max(1).unsigned_abs(),
            count,
        })
    }
}

/// A whole number; one beyond the machine's range counts as its end.
fn whole(name: &str, text: Option<&str>, kind: ErrorKind) -> Result<Option<isize>, ScimError> {
    let Some(text) = text.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        let detail = format!("`{name}` is `{text}`, expected a whole number");
        return Err(ScimError::new(kind, detail));
    }
    let limit = if text.starts_with('-') {
        isize::MIN
    } else {
        isize::MAX
    };
    let number = text.strip_prefix('+').unwrap_or(text).parse();
    Ok(Some(number.unwrap_or(limit)))
}
