//! What of an exchange is a person's, by its place: the walk shows each value, and what is personal, or secret by schema or rule, is
//! replaced.
//!
//! An attribute of no known schema is personal. What only says how things are stays: truth values, types, locales, ids that a provider
//! made, versions, cursors, instants of the provider's clock.

use super::placeholder::Kind;
use super::pseudonym::{Pseudonyms, composed, holds_mail, is_url, json_number, kept};
use super::rules::{Action, Rules, Shape};
use super::secret::Known;
use super::{Level, names, prose};
use crate::exchange::token::opens_json;
use crate::exchange::walk::{AttributePlace, Part, Place, Role, Schemas, Visit};
use crate::scim::comparison::Comparison;
use crate::scim::schema::{Returned, Type};
use serde_json::Value;
use std::collections::HashSet;

/// Attributes that say how an account is set up, and not whose it is.
const SETTINGS: [&str; 6] = [
    "active",
    "addresses.country",
    "locale",
    "preferredLanguage",
    "timezone",
    "userType",
];

/// Header fields that tell who asked, and from where.
const PERSONAL_HEADERS: [&str; 9] = [
    "cf-connecting-ip",
    "forwarded",
    "from",
    "remote-user",
    "true-client-ip",
    "x-client-ip",
    "x-forwarded-for",
    "x-forwarded-user",
    "x-real-ip",
];

/// Replaces values in a walk.
pub(super) struct Replacing<'r, 'k> {
    pub(super) level: Level,
    pub(super) rules: &'r Rules,
    pub(super) schemas: &'r Schemas,
    pub(super) pseudonyms: &'r Pseudonyms,
    pub(super) known: &'r mut Known<'k>,
    /// How much was replaced, by kind.
    pub(super) personal: Vec<&'static str>,
    /// Words of persons that were met, folded: they may come back in text.
    pub(super) words: HashSet<String>,
}

/// What becomes of a value, and what it is called when it is counted.
enum Fate {
    Stays,
    Secret(Kind),
    Personal(Shape),
}

impl Visit for Replacing<'_, '_> {
    fn value(&mut self, place: &Place<'_>, value: &mut Value) {
        if let (Role::Text, Value::String(text)) = (place.role, &mut *value) {
            self.described(place, text);
            return;
        }
        match self.fate(place, value) {
            Fate::Stays => {}
            Fate::Secret(kind) => self.secret(kind, value),
            Fate::Personal(shape) => {
                let exact = place
                    .attribute
                    .and_then(|it| it.definition)
                    .is_some_and(|it| it.case_exact);
                let comparison = if exact {
                    Comparison::Exact
                } else {
                    Comparison::Caseless
                };
                self.replace(shape, comparison, value);
            }
        }
    }
}

impl Replacing<'_, '_> {
    fn secret(&mut self, kind: Kind, value: &mut Value) {
        let mut text = match &*value {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return,
        };
        self.known.take(kind, &mut text);
        *value = text.into();
    }

    fn fate(&self, place: &Place<'_>, value: &Value) -> Fate {
        if matches!(value, Value::Null | Value::Bool(_)) {
            return Fate::Stays;
        }
        let pii = self.level == Level::Pii;
        match place.role {
            Role::Value => place.attribute.map_or(Fate::Stays, |attribute| {
                self.fate_of_attribute(attribute, value)
            }),
            Role::Id { .. } | Role::BulkId if pii => {
                let rule = place.attribute.and_then(|it| self.rules.of_attribute(it));
                let made_by_provider = value.as_str().is_none_or(is_opaque_id);
                match rule {
                    Some(Action::Secret) => Fate::Secret(Kind::Secret),
                    Some(Action::Pseudonym(shape)) => Fate::Personal(shape),
                    Some(Action::Keep) => Fate::Stays,
                    None if made_by_provider => Fate::Stays,
                    None => Fate::Personal(Shape::Same),
                }
            }
            _ => Fate::Stays,
        }
    }

    fn fate_of_attribute(&self, attribute: &AttributePlace<'_>, value: &Value) -> Fate {
        let never = [attribute.attribute, attribute.definition]
            .into_iter()
            .flatten()
            .any(|it| it.returned == Returned::Never);
        match self.rules.of_attribute(attribute) {
            Some(Action::Secret) => return Fate::Secret(secret_kind(attribute)),
            _ if never => return Fate::Secret(secret_kind(attribute)),
            _ if self.level != Level::Pii => return Fate::Stays,
            Some(Action::Keep) => return Fate::Stays,
            Some(Action::Pseudonym(shape)) => return Fate::Personal(shape),
            None => {}
        }
        let name = attribute.name();
        let is = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
        let path = attribute.path.as_str();
        let is_setting = SETTINGS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(path));
        let suggested = attribute.definition.is_some_and(|definition| {
            let same = |known: &String| {
                value
                    .as_str()
                    .is_some_and(|it| known.eq_ignore_ascii_case(it))
            };
            definition.canonical_values.iter().any(same)
        });
        let word = value.as_str().unwrap_or("?");
        let is_truth = ["", "true", "false"]
            .iter()
            .any(|it| it.eq_ignore_ascii_case(word));
        let labels = path.contains('.') && is(&["type", "primary"]);
        if is_setting || suggested || is_truth || labels || path.starts_with("meta.") {
            return Fate::Stays;
        }
        Fate::Personal(match attribute.definition.map(|it| it.kind) {
            Some(Type::Binary) => Shape::Opaque,
            _ if path.eq_ignore_ascii_case("phoneNumbers.value") => Shape::Phone,
            _ => Shape::Same,
        })
    }

    fn replace(&mut self, shape: Shape, comparison: Comparison, value: &mut Value) {
        let (before, is_number) = match &*value {
            Value::String(text) => (composed(text).into_owned(), false),
            Value::Number(number) => (number.to_string(), true),
            _ => return,
        };
        let pseudonyms = self.pseudonyms;
        let after = match shape {
            _ if is_number => pseudonyms.number(&before),
            Shape::Opaque if value_is_base64(&before) => pseudonyms.binary(&before),
            Shape::Opaque => pseudonyms.opaque(&before),
            Shape::Phone => pseudonyms
                .phone(&before)
                .unwrap_or_else(|| pseudonyms.text(&before, comparison)),
            Shape::Url if is_url(&before) => pseudonyms.url(&before),
            Shape::Email if !before.contains('@') => {
                let word = pseudonyms.words(&before, comparison, &mut |_| true);
                format!("{word}@{}", pseudonyms.domain(""))
            }
            _ => pseudonyms.text(&before, comparison),
        };
        if after == before {
            return;
        }
        self.personal.push(named(&before, &after));
        if !is_number {
            let words = before.split(|c: char| !c.is_alphanumeric());
            let long = words.filter(|word| word.chars().count() > 2);
            self.words
                .extend(long.map(|word| Comparison::Caseless.key(word).into_owned()));
        }
        *value = if is_number {
            Value::Number(json_number(&after))
        } else {
            after.into()
        };
    }

    /// Text that no schema describes.
    fn described(&mut self, place: &Place<'_>, text: &mut String) {
        if kept(text) == Some(text.len()) {
            return;
        }
        let rule = match place.part {
            Part::Header(name) => self.rules.of_header(name),
            Part::Query(name) => {
                let attribute = AttributePlace::parameter(name);
                self.rules.of_attribute(&attribute)
            }
            Part::Path | Part::Body => None,
        };
        match (rule, self.level) {
            (Some(Action::Secret), _) => {
                let kind = match place.part {
                    Part::Header(name) | Part::Query(name) => names::kind(name),
                    _ => Kind::Secret,
                };
                return self.known.take(kind, text);
            }
            (Some(Action::Keep), _) | (_, Level::Secrets) => return,
            (Some(Action::Pseudonym(shape)), _) => return self.replace_text(shape, text),
            (None, Level::Pii) => {}
        }
        let before = composed(text).into_owned();
        let after = match place.part {
            Part::Header(name) => {
                if PERSONAL_HEADERS
                    .iter()
                    .any(|it| it.eq_ignore_ascii_case(name))
                {
                    self.pseudonyms.opaque(&before)
                } else if holds_mail(&before) {
                    self.prose(&before, prose::Words::Met)
                } else {
                    return;
                }
            }
            Part::Path => self.prose(&before, prose::Words::Met),
            Part::Query(_) => self.prose(&before, prose::Words::Unknown),
            Part::Body if before.contains('\u{fffd}') => self.pseudonyms.opaque(&before),
            Part::Body if opens_json(&before) => return self.broken_json(text),
            Part::Body if is_form(&before) => self.form(&before),
            Part::Body if before.trim_start().starts_with('<') => {
                self.prose(&before, prose::Words::Met)
            }
            Part::Body => self.prose(&before, prose::Words::Quoted),
        };
        if after != before {
            self.personal.push("text");
            *text = after;
        }
    }

    fn replace_text(&mut self, shape: Shape, text: &mut String) {
        let mut value = Value::String(std::mem::take(text));
        self.replace(shape, Comparison::Caseless, &mut value);
        value.as_str().unwrap_or_default().clone_into(text);
    }

    fn form(&self, text: &str) -> String {
        let pairs = form_urlencoded::parse(text.as_bytes()).map(|(name, value)| {
            let after = self.prose(&value, prose::Words::Unknown);
            (after != value, name, after)
        });
        let pairs: Vec<_> = pairs.collect();
        if !pairs.iter().any(|(changed, ..)| *changed) {
            return text.to_owned();
        }
        let written = pairs.iter().map(|(_, name, value)| {
            // What stands for a secret stays readable.
            let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
            let value = value
                .replace("%7B", "{")
                .replace("%7D", "}")
                .replace("%3A", ":");
            let name: String = form_urlencoded::byte_serialize(name.as_bytes()).collect();
            format!("{name}={value}")
        });
        written.collect::<Vec<_>>().join("&")
    }

    fn prose(&self, text: &str, words: prose::Words) -> String {
        prose::replaced(text, words, self.schemas, self.pseudonyms, &self.words)
    }

    /// JSON that no value can hold, or that was cut: each value by the name before it.
    fn broken_json(&mut self, text: &mut String) {
        let schemas = self.schemas;
        prose::each_value(text, |name, value| {
            let attribute = schemas.named(name);
            if prose::is_shape(name) {
                return;
            }
            match self.fate_of_attribute(&attribute, value) {
                Fate::Stays => {}
                Fate::Secret(kind) => self.secret(kind, value),
                Fate::Personal(shape) => {
                    let is_id =
                        name.eq_ignore_ascii_case("id") || name.eq_ignore_ascii_case("value");
                    if !(is_id && value.as_str().is_some_and(is_opaque_id)) {
                        self.replace(shape, Comparison::Caseless, value);
                    }
                }
            }
        });
    }
}

/// Whether a text is `name=value&name=value`.
fn is_form(text: &str) -> bool {
    let of_form = |c: char| c.is_ascii_graphic() && !"<>\"'`".contains(c);
    text.contains('=')
        && text.chars().all(of_form)
        && text.split('&').all(|pair| pair.contains('='))
}

fn secret_kind(attribute: &AttributePlace<'_>) -> Kind {
    names::kind(attribute.name())
}

/// What to call it in a count.
fn named(before: &str, after: &str) -> &'static str {
    if before.contains('@') {
        "mail"
    } else if is_url(before) {
        "url"
    } else if after.starts_with('{') {
        "opaque"
    } else if after.contains("+999") {
        "phone"
    } else if after.bytes().all(|byte| byte.is_ascii_digit()) {
        "number"
    } else {
        "text"
    }
}

fn value_is_base64(text: &str) -> bool {
    use base64::{Engine, prelude::BASE64_STANDARD};
    text.len() >= 8 && BASE64_STANDARD.decode(text).is_ok()
}

/// Whether an id tells nothing about a person: a UUID, a number, hexadecimal digits, a long mixture of letters and digits, or a type
/// with a number behind it, as a provider counts.
fn is_opaque_id(id: &str) -> bool {
    let has_digit = id.bytes().any(|byte| byte.is_ascii_digit());
    let is_hex = id
        .bytes()
        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    let is_mixture = id.len() >= 16
        && id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='));
    let counted = id
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end_matches(['-', '_', ':', '/']);
    let is_counted = ["user", "users", "group", "groups", "u", "g", "id"]
        .iter()
        .any(|it| it.eq_ignore_ascii_case(counted));
    id.is_empty() || id.starts_with('{') || has_digit && (is_hex || is_mixture || is_counted)
}
