//! Attribute notation (RFC 7644 section 3.10) and the paths of PATCH operations (section 3.5.2, figure 7).
//!
//! A path is only text with a shape here; a resource type says what it means.

use super::error::{ErrorKind, ScimError};
use super::filter::Filter;
use super::{Leniency, Reading, filter};
use serde_json::{Map, Value};
use std::fmt;

/// `[urn:]name[.sub]`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttributePath {
    /// The schema URN before the last colon.
    pub uri: Option<String>,
    /// The attribute.
    pub name: String,
    /// The sub-attribute.
    pub sub: Option<String>,
}

/// `attribute[filter].sub`, the target of a PATCH operation.
#[derive(Debug, Clone, PartialEq)]
pub struct PatchPath {
    /// The attribute; it names a sub-attribute itself only where there is no filter.
    pub attribute: AttributePath,
    /// Which values of a multi-valued attribute.
    pub filter: Option<Filter>,
    /// The sub-attribute behind the bracket.
    pub sub: Option<String>,
}

impl AttributePath {
    /// Reads attribute notation; `None` when `text` is not of that form.
    pub fn parse(text: &str) -> Option<Self> {
        let (uri, rest) = match text.rsplit_once(':') {
            None => (None, text),
            Some((uri, rest)) if is_uri(uri) => (Some(uri.to_owned()), rest),
            Some(_) => return None,
        };
        let (name, sub) = match rest.split_once('.') {
            None => (rest, None),
            Some((name, sub)) => (name, Some(sub)),
        };
        let well_formed = is_name(name) && sub.is_none_or(is_name);
        well_formed.then(|| Self {
            uri,
            name: name.to_owned(),
            sub: sub.map(str::to_owned),
        })
    }
}

impl AttributePath {
    /// Whether it is what `whole` names, or a part of that. A path without URN stands for the attribute of any schema.
    pub fn is_within(&self, whole: &Self) -> bool {
        let same = |one: &str, two: &str| one.eq_ignore_ascii_case(two);
        let both = |one: &Option<String>, two: &Option<String>| match (one, two) {
            (Some(one), Some(two)) => same(one, two),
            _ => true,
        };
        both(&self.uri, &whole.uri)
            && same(&self.name, &whole.name)
            && whole
                .sub
                .as_deref()
                .is_none_or(|sub| self.sub.as_deref().is_some_and(|own| same(own, sub)))
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(uri) = &self.uri {
            write!(f, "{uri}:")?;
        }
        f.write_str(&self.name)?;
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

impl PatchPath {
    /// Reads the path of a PATCH operation.
    ///
    /// # Errors
    /// `invalidPath` for the path, `invalidFilter` for the filter in its brackets.
    pub fn parse<'t>(text: &'t str, reading: Reading<'_>) -> Result<Self, ScimError> {
        let malformed = || {
            let expected = "expected an attribute such as `name.givenName`, `emails[type eq \"work\"].value` or `urn:…:User:department`";
            ScimError::new(ErrorKind::InvalidPath, format!("path `{text}`: {expected}"))
        };
        let text = text.trim();
        let Some((head, rest)) = text.split_once('[') else {
            let attribute = AttributePath::parse(text).ok_or_else(malformed)?;
            return Ok(Self {
                attribute,
                filter: None,
                sub: None,
            });
        };
        // White space beside the brackets is read as white space within them.
        let bare = |text: &'t str| {
            let bare = text.trim();
            (bare == text || reading.takes(Leniency::FilterSpace)).then_some(bare)
        };
        let attribute = bare(head)
            .and_then(AttributePath::parse)
            .filter(|path| path.sub.is_none())
            .ok_or_else(malformed)?;
        // A string in the filter may hold a bracket, so the closing one is found from the end.
        let (inner, tail) = rest.rsplit_once(']').ok_or_else(malformed)?;
        let tail = bare(tail).ok_or_else(malformed)?;
        let sub = match tail.strip_prefix('.').map(bare) {
            None if tail.is_empty() => None,
            Some(Some(sub)) if is_name(sub) => Some(sub.to_owned()),
            _ => return Err(malformed()),
        };
        if inner.is_empty() || inner.chars().all(|c| c.is_ascii_alphanumeric()) {
            return Err(malformed());
        }
        let filter = filter::parse_inner(inner, reading)
            .map_err(|error| error.at(format_args!("path `{text}`")))?;
        Ok(Self {
            attribute,
            filter: Some(filter),
            sub,
        })
    }
}

impl fmt::Display for PatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.attribute)?;
        if let Some(filter) = &self.filter {
            write!(f, "[{filter}]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// RFC 7643 section 2.1 with the `$` that `$ref` needs.
fn is_name(text: &str) -> bool {
    let mut letters = text.chars();
    letters
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '$')
        && letters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$'))
}

/// A scheme (RFC 3986 section 3.1) and a colon; what comes after, an extension chooses, and it may be nothing.
fn is_uri(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

/// A member of an object; attribute names are compared without regard to case (RFC 7643 section 2.1).
pub fn member<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    let folded = || {
        let mut all = object.iter();
        all.find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    };
    object.get(name).or_else(folded)
}
