//! What RFC 7643 section 4 and RFC 7644 section 5 say of single attributes in words, and no characteristic of a schema can: the one
//! table of them, and what each asks of a value.

use precis_profiles::precis_core::profile::PrecisFastInvocation as _;
use precis_profiles::{OpaqueString, UsernameCaseMapped};

/// A rule about the text of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A user name of PRECIS (RFC 8265 section 3.3).
    Username,
    /// A password of PRECIS (RFC 8265 section 4.2).
    Password,
    /// A language tag (RFC 5646); `_` may stand for `-`.
    LanguageTag,
    /// A country code of two letters (ISO 3166-1).
    Country,
    /// Exactly one certificate of X.509, as DER in base64.
    Certificate,
}

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// Schema, attribute, sub-attribute, and the rule for it.
const TABLE: [(&str, &str, Option<&str>, Rule); 5] = [
    (USER, "userName", None, Rule::Username),
    (USER, "password", None, Rule::Password),
    (USER, "locale", None, Rule::LanguageTag),
    (USER, "addresses", Some("country"), Rule::Country),
    (USER, "x509Certificates", Some("value"), Rule::Certificate),
];

impl Rule {
    /// The rule for an attribute of a schema, if there is one.
    pub(super) fn of(schema: &str, attribute: &str, sub: Option<&str>) -> Option<Self> {
        let same = |one: &str, two: &str| one.eq_ignore_ascii_case(two);
        let mut rows = TABLE.into_iter();
        let row = rows.find(|(urn, name, sub_name, _)| {
            let same_sub = match (sub_name, sub) {
                (Some(one), Some(two)) => same(one, two),
                (one, two) => one.is_none() && two.is_none(),
            };
            same(urn, schema) && same(name, attribute) && same_sub
        });
        row.map(|(.., rule)| rule)
    }

    /// What was expected, when `text` is not it.
    ///
    /// # Errors
    /// A phrase for people.
    pub fn check(self, text: &str) -> Result<(), &'static str> {
        let (holds, expected) = match self {
            Self::Username => (
                is_visible(text) || UsernameCaseMapped::enforce(text).is_ok(),
                "a user name without spaces, control characters and mixed directions (RFC 8265 section 3.3)",
            ),
            Self::Password => (
                is_visible(text) || OpaqueString::enforce(text).is_ok(),
                "a password without control characters (RFC 8265 section 4.2)",
            ),
            Self::LanguageTag => (
                is_language_tag(text),
                "a language tag such as \"en-US\" (RFC 5646)",
            ),
            Self::Country => (
                text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic()),
                "a country code of two letters such as \"US\" (ISO 3166-1)",
            ),
            Self::Certificate => (
                is_certificate(text),
                "one certificate, as DER in base64 (RFC 7643 section 4.1.2)",
            ),
        };
        if holds { Ok(()) } else { Err(expected) }
    }
}

/// Visible ASCII satisfies both profiles, and most names are nothing else.
fn is_visible(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic())
}

/// The shape of RFC 5646 section 2.1: subtags of one to eight letters and digits, the first of letters.
fn is_language_tag(text: &str) -> bool {
    let mut subtags = text.split(['-', '_']);
    let fits = |subtag: &str| (1..=8).contains(&subtag.len());
    let first = subtags.next().unwrap_or_default();
    let language = (2..=8).contains(&first.len()) || first.eq_ignore_ascii_case("x");
    language
        && first.bytes().all(|b| b.is_ascii_alphabetic())
        && subtags.all(|it| fits(it) && it.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// One ASN.1 SEQUENCE in DER, and nothing behind it.
fn is_certificate(text: &str) -> bool {
    let Some(der) = super::validate::octets(text) else {
        return false;
    };
    let [0x30, first, rest @ ..] = der.as_slice() else {
        return false;
    };
    // Lengths of 128 and more say first how many bytes they have.
    let long = usize::from(first & 0x7f);
    let (length, content) = match (first & 0x80, rest.split_at_checked(long)) {
        (0, _) => (usize::from(*first), rest),
        (_, Some((digits, content))) if (1..=4).contains(&long) => {
            let length = digits
                .iter()
                .fold(0, |all, byte| (all << 8) | usize::from(*byte));
            (length, content)
        }
        _ => return false,
    };
    length > 0 && content.len() == length
}
