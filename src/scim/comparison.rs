//! How text is prepared before it is compared, in filters, in orders and where values are unique (RFC 7644 sections 5 and 7.8).
//!
//! What is prepared stays inside: a client gets back the text that it sent.

use precis_profiles::UsernameCaseMapped;
use precis_profiles::precis_core::profile::Rules as _;
use std::borrow::Cow;
use unicode_normalization::{IsNormalized, UnicodeNormalization as _, is_nfc_quick};

/// What makes two texts of an attribute the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// The same characters, however they are composed.
    Exact,
    /// The same whatever the case: by Unicode's simple folding, so that `ß` is not `SS` (as in `PostgreSQL`, LDAP and most clients).
    Caseless,
    /// A user name (RFC 8265 section 3.3, `UsernameCaseMapped`): as wide as narrow, whatever the case.
    Username,
    /// A password (RFC 8265 section 4.2, `OpaqueString`): exact, but for the kind of space.
    Opaque,
}

impl Comparison {
    /// The form in which texts that are the same are equal. Nothing is copied for what has that form, as most text does.
    pub fn key(self, text: &str) -> Cow<'_, str> {
        let folds = matches!(self, Self::Caseless | Self::Username);
        let has_its_form = |b: u8| b.is_ascii() && !(folds && b.is_ascii_uppercase());
        if text.bytes().all(has_its_form) {
            return Cow::Borrowed(text);
        }
        if text.is_ascii() {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        match self {
            Self::Exact => composed(text),
            Self::Caseless => Cow::Owned(folded(text)),
            Self::Username => match UsernameCaseMapped::new().width_mapping_rule(text) {
                Ok(narrow) => Cow::Owned(folded(&narrow)),
                Err(_) => Cow::Owned(folded(text)),
            },
            Self::Opaque => {
                let plain = |c: char| match c {
                    space if space.is_whitespace() && !space.is_ascii() => ' ',
                    other => other,
                };
                Cow::Owned(text.chars().map(plain).nfc().collect())
            }
        }
    }
}

fn composed(text: &str) -> Cow<'_, str> {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => Cow::Borrowed(text),
        _ => Cow::Owned(text.nfc().collect()),
    }
}

fn folded(text: &str) -> String {
    let folded: String = text.chars().map(fold).collect();
    match is_nfc_quick(folded.chars()) {
        IsNormalized::Yes => folded,
        _ => folded.nfc().collect(),
    }
}

/// Simple case folding of one character: upper, then lower, where each is one character. The dotless `ı` is a letter of its own.
fn fold(c: char) -> char {
    if c.is_ascii() {
        return c.to_ascii_lowercase();
    }
    let upper = if c == 'ı' {
        c
    } else {
        only(c.to_uppercase()).unwrap_or(c)
    };
    only(upper.to_lowercase()).unwrap_or(upper)
}

fn only(mut letters: impl Iterator<Item = char>) -> Option<char> {
    letters.next().filter(|_| letters.next().is_none())
}
