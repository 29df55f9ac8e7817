//! What is redacted otherwise than by default: rules about attributes and header fields, the first that fits decides.
//!
//! How they are written is not known here: `scenario` reads them.

use crate::exchange::walk::AttributePlace;

/// The rules, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules(pub Vec<Rule>);

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What it is about.
    pub about: About,
    /// What becomes of the value.
    pub action: Action,
}

/// What a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// An attribute and all below it, by its path, of any schema where it has no URN; of one resource type only, where `of` names
    /// it.
    Attribute {
        /// The path.
        path: String,
        /// The resource type.
        of: Option<String>,
    },
    /// A header field.
    Header(String),
}

/// What becomes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// It stays as it is.
    Keep,
    /// It is a secret.
    Secret,
    /// It is a person's, and replaced by something of this shape.
    Pseudonym(Shape),
}

/// The shape of a pseudonym.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The one that the value has.
    Same,
    /// A date.
    Date,
    /// A mail address.
    Email,
    /// Nothing of the value, not even its length.
    Opaque,
    /// A telephone number.
    Phone,
    /// Words.
    Text,
    /// A URL.
    Url,
}

impl Shape {
    /// Each with the name that a rule gives it.
    pub const ALL: [(&'static str, Self); 7] = [
        ("Date", Self::Date),
        ("Email", Self::Email),
        ("Opaque", Self::Opaque),
        ("Phone", Self::Phone),
        ("Same", Self::Same),
        ("Text", Self::Text),
        ("Url", Self::Url),
    ];
}

impl Rules {
    /// What they say of an attribute.
    pub(super) fn of_attribute(&self, place: &AttributePlace<'_>) -> Option<Action> {
        let fits = |rule: &&Rule| match &rule.about {
            About::Attribute { path, of } => {
                let same_type = of.as_ref().is_none_or(|name| {
                    place
                        .kind
                        .is_some_and(|kind| kind.name.eq_ignore_ascii_case(name))
                });
                same_type && (is_within(&place.path, path) || is_within(place.names(), path))
            }
            About::Header(_) => false,
        };
        self.0.iter().find(fits).map(|rule| rule.action)
    }

    /// What they say of a header field.
    pub(super) fn of_header(&self, header: &str) -> Option<Action> {
        let fits = |rule: &&Rule| match &rule.about {
            About::Header(name) => name.eq_ignore_ascii_case(header),
            About::Attribute { .. } => false,
        };
        self.0.iter().find(fits).map(|rule| rule.action)
    }

    /// Whether a rule makes a secret of an attribute or a header field.
    pub(super) fn have_secrets(&self) -> bool {
        self.0.iter().any(|rule| rule.action == Action::Secret)
    }
}

/// Whether a path is what `whole` names, or below it.
fn is_within(path: &str, whole: &str) -> bool {
    path.get(..whole.len()).is_some_and(|head| {
        head.eq_ignore_ascii_case(whole)
            && !path[whole.len()..].starts_with(|c: char| c.is_alphanumeric())
    })
}
