//! What stands where a secret stood: `{secret:KIND:TAG}`, or `{secret}` where there is no key to make a tag with.

use super::key::Key;
use std::borrow::Cow;

const OPEN: &str = "{secret";

/// What a secret is, in a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "each is the word that it is written as")]
pub enum Kind {
    Basic,
    Bearer,
    Cookie,
    Jwt,
    Key,
    Password,
    Secret,
    Token,
}

impl Kind {
    /// The word in the placeholder.
    pub fn name(self) -> &'static str {
        match self {
            Self::Basic => "basic",
            Self::Bearer => "bearer",
            Self::Cookie => "cookie",
            Self::Jwt => "jwt",
            Self::Key => "key",
            Self::Password => "password",
            Self::Secret => "secret",
            Self::Token => "token",
        }
    }
}

/// The placeholder of a secret.
pub(super) fn placeholder(key: Option<&Key>, kind: Kind, secret: &str) -> String {
    match key {
        Some(key) => format!("{OPEN}:{}:{}}}", kind.name(), key.tag(secret)),
        None => format!("{OPEN}}}"),
    }
}

/// The length of the placeholder that a text begins with.
pub(super) fn opening(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(OPEN)?;
    let length = rest.find('}')?;
    let inside = |c: char| c == ':' || c.is_ascii_lowercase() || c.is_ascii_digit();
    let whole = length == 0 || rest.starts_with(':') && rest[..length].chars().all(inside);
    whole.then_some(OPEN.len() + length + 1)
}

/// Whether a text ends in a placeholder: the scheme of a credential may stand before it.
pub(super) fn ends_in_one(text: &str) -> bool {
    let start = text.rfind(OPEN);
    start.is_some_and(|start| opening(&text[start..]) == Some(text.len() - start))
}

/// The text with every placeholder of a secret written alike: two requests that differ in a secret ask for the same.
pub fn alike(text: &str) -> Cow<'_, str> {
    if !text.contains("{secret:") {
        return Cow::Borrowed(text);
    }
    let mut folded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(OPEN) {
        folded.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = opening(rest);
        folded.push_str(if length.is_some() { "{secret}" } else { OPEN });
        rest = &rest[length.unwrap_or(OPEN.len())..];
    }
    folded.push_str(rest);
    Cow::Owned(folded)
}
