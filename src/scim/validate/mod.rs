//! Values against their schema (RFC 7643 sections 2.3 to 2.5, 3 and 7): what a client sent, in canonical form, with every problem.
//!
//! It drops what a client may not set (readOnly), and never keeps a value that is never returned. It knows no stored resource:
//! uniqueness and immutability are checked where the stored one is at hand.

mod envelope;

use super::link::Link;
use super::resource::{Content, is_link};
use super::resource_type::ResourceType;
use super::schema::{Attribute, Mutability, Returned, Type, find};
use super::{ErrorKind, Leniency, Reading, ScimError, datetime};
use serde_json::{Map, Value};

/// One departure from the schema.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// Where in the resource: `emails[0].type`; empty for the resource itself.
    pub place: String,
    /// What kind of error a client gets.
    pub kind: ErrorKind,
    /// What was expected, and what was found.
    pub message: String,
}

impl From<Problem> for ScimError {
    fn from(problem: Problem) -> Self {
        let error = Self::new(problem.kind, problem.message);
        if problem.place.is_empty() {
            error
        } else {
            error.at(problem.place)
        }
    }
}

/// Reads the representation of a resource (the body of a POST or PUT).
pub fn resource(
    types: &ResourceType,
    body: &Value,
    reading: Reading<'_>,
) -> (Content, Vec<Problem>) {
    let mut reader = Reader {
        reading,
        problems: Vec::new(),
        secret: false,
    };
    let mut content = Content::default();
    let Some(members) = body.as_object() else {
        reader.refuse(
            "",
            ErrorKind::InvalidSyntax,
            format!("expected a JSON object that is a {}", types.name),
        );
        return (content, reader.problems);
    };
    reader.schemas(types, members);
    reader.spellings(members, "");
    for (key, value) in members {
        if let Some(attribute) = types.attribute(key) {
            reader.top_level(&mut content, None, attribute, value, &attribute.name);
        } else if let Some(extension) = types.extension_by(key, reading) {
            let urn = &extension.schema.id;
            reader.extension(&mut content, urn, &extension.schema.attributes, value);
        } else {
            let kept = reader.keeps_unknown(key, value, "", &types.name, types.nearest(key));
            if let Some(value) = kept {
                content.set(None, key, Some(value));
            }
        }
    }
    reader.required(types, &content);
    content.secret_written = reader.secret;
    (content, reader.problems)
}

/// Reads the value of one attribute as an operation sets it; `None` when it is unassigned by null, `[]` or `{}`.
///
/// # Errors
/// The first problem, as an error of the protocol.
pub fn value(
    attribute: &Attribute,
    value: &Value,
    reading: Reading<'_>,
) -> Result<Option<Value>, ScimError> {
    first_problem(reading, |reader| {
        reader.attribute(attribute, value, &attribute.name)
    })
}

/// The same for one value of a multi-valued attribute.
///
/// # Errors
/// The first problem, as an error of the protocol.
pub fn element(
    attribute: &Attribute,
    value: &Value,
    reading: Reading<'_>,
) -> Result<Option<Value>, ScimError> {
    first_problem(reading, |reader| {
        reader.single(attribute, value, &attribute.name)
    })
}

fn first_problem<T>(
    reading: Reading<'_>,
    read: impl FnOnce(&mut Reader<'_>) -> T,
) -> Result<T, ScimError> {
    let mut reader = Reader {
        reading,
        problems: Vec::new(),
        secret: false,
    };
    let value = read(&mut reader);
    match reader.problems.into_iter().next() {
        Some(problem) => Err(problem.into()),
        None => Ok(value),
    }
}

/// More than one primary value is refused (RFC 7643 section 2.4).
pub fn primaries(list: &[Value]) -> usize {
    list.iter()
        .filter(|value| value.get("primary") == Some(&Value::Bool(true)))
        .count()
}

struct Reader<'a> {
    reading: Reading<'a>,
    problems: Vec<Problem>,
    secret: bool,
}

impl Reader<'_> {
    fn refuse(&mut self, place: &str, kind: ErrorKind, message: String) {
        self.problems.push(Problem {
            place: place.to_owned(),
            kind,
            message,
        });
    }

    fn mismatch(&mut self, place: &str, attribute: &Attribute, value: &Value) -> Option<Value> {
        let shown = found(attribute, value);
        let example = match attribute.kind {
            Type::String => "a string",
            Type::Boolean => "true or false",
            Type::Integer => "a number without a fraction",
            Type::Decimal => "a number",
            Type::DateTime => "a dateTime such as \"2026-01-01T00:00:00Z\"",
            Type::Binary => "base64 text",
            Type::Reference => "a URI",
            Type::Complex => "an object",
        };
        self.refuse(
            place,
            ErrorKind::InvalidValue,
            format!("expected {example}, found {shown}"),
        );
        None
    }

    /// What is kept of an attribute that no schema has: all or nothing.
    fn keeps_unknown(
        &mut self,
        key: &str,
        value: &Value,
        place: &str,
        holder: &str,
        nearest: Option<&str>,
    ) -> Option<Value> {
        if self.reading.takes(Leniency::UnknownAttributeKept) {
            return Some(value.clone()).filter(|value| !value.is_null());
        }
        if self.reading.takes(Leniency::UnknownAttribute) {
            return None;
        }
        let hint = nearest.map_or(String::new(), |name| format!("; did you mean `{name}`?"));
        self.refuse(
            place,
            ErrorKind::InvalidSyntax,
            format!("{holder} has no attribute `{key}`{hint}"),
        );
        None
    }

    fn extension(
        &mut self,
        content: &mut Content,
        urn: &str,
        attributes: &[Attribute],
        value: &Value,
    ) {
        let members = match value {
            Value::Object(members) => members,
            Value::Null => return,
            other => {
                let message = format!(
                    "expected an object with the attributes of the extension, found {other}"
                );
                return self.refuse(urn, ErrorKind::InvalidValue, message);
            }
        };
        self.spellings(members, urn);
        for (key, value) in members {
            match find(attributes, key) {
                Some(attribute) => {
                    let place = format!("{urn}:{}", attribute.name);
                    self.top_level(content, Some(urn), attribute, value, &place);
                }
                // Some clients repeat the envelope inside.
                None if key.eq_ignore_ascii_case("schemas") => {}
                None => {
                    let kept = self.keeps_unknown(key, value, urn, "the extension", None);
                    if kept.is_some() {
                        content.set(Some(urn), key, kept);
                    }
                }
            }
        }
    }

    fn top_level(
        &mut self,
        content: &mut Content,
        extension: Option<&str>,
        attribute: &Attribute,
        value: &Value,
        place: &str,
    ) {
        if attribute.mutability == Mutability::ReadOnly
            || (extension.is_none() && attribute.name == "schemas")
        {
            return;
        }
        let Some(read) = self.attribute(attribute, value, place) else {
            return;
        };
        if is_link(attribute) && extension.is_none() {
            *content.links_mut(&attribute.name) = self.links(read, place).into_iter().collect();
        } else if attribute.returned == Returned::Never {
            self.secret = true;
        } else {
            content.set(extension, &attribute.name, Some(read));
        }
    }

    fn links(&mut self, read: Value, place: &str) -> Vec<Link> {
        let Value::Array(list) = read else {
            return Vec::new();
        };
        let mut links = Vec::with_capacity(list.len());
        for (n, value) in list.into_iter().enumerate() {
            match Link::from_value(value) {
                Some(link) => links.push(link),
                None => self.refuse(
                    &format!("{place}[{n}]"),
                    ErrorKind::InvalidValue,
                    "expected a `value`, the id of a resource".to_owned(),
                ),
            }
        }
        links
    }

    fn required(&mut self, types: &ResourceType, content: &Content) {
        let missing = |value: Option<&Value>| match value {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.trim().is_empty(),
            _ => false,
        };
        for (extension, attribute) in types.all_attributes() {
            let applies = extension.is_none_or(|urn| content.attributes.contains_key(urn));
            if applies
                && attribute.required
                && missing(content.get(extension, &attribute.name))
                && content.links(&attribute.name).is_none()
            {
                self.refuse(
                    &attribute.name,
                    ErrorKind::InvalidValue,
                    format!("a {} needs a value here, and has none", types.name),
                );
            }
        }
        for extension in types
            .extensions
            .iter()
            .filter(|extension| extension.required)
        {
            if !content.attributes.contains_key(&extension.schema.id) {
                let message = format!("a {} needs this extension, and has none", types.name);
                self.refuse(&extension.schema.id, ErrorKind::InvalidValue, message);
            }
        }
    }

    fn attribute(&mut self, attribute: &Attribute, value: &Value, place: &str) -> Option<Value> {
        if value.is_null() {
            return None;
        }
        if !attribute.multi_valued {
            return self.single(attribute, value, place);
        }
        let list = match value {
            Value::Array(list) => list,
            _ if self.reading.takes(Leniency::SingleValue) => std::slice::from_ref(value),
            other => {
                self.refuse(
                    place,
                    ErrorKind::InvalidValue,
                    format!("expected an array, found {}", found(attribute, other)),
                );
                return None;
            }
        };
        let mut out: Vec<Value> = Vec::with_capacity(list.len());
        // The same value twice says nothing more (RFC 7643 section 2.4). Links are told apart by their set, at less cost.
        let distinct = !is_link(attribute);
        for (n, element) in list.iter().enumerate() {
            let read = self.single(attribute, element, &format!("{place}[{n}]"));
            out.extend(read.filter(|element| !(distinct && out.contains(element))));
        }
        if primaries(&out) > 1 && self.reading.takes(Leniency::SeveralPrimary) {
            let is_primary = |value: &&mut Value| value.get("primary") == Some(&Value::Bool(true));
            for earlier in out.iter_mut().rev().filter(is_primary).skip(1) {
                earlier["primary"] = Value::Bool(false);
            }
        }
        if primaries(&out) > 1 {
            self.refuse(
                place,
                ErrorKind::InvalidValue,
                "at most one value is primary".to_owned(),
            );
        }
        (!out.is_empty()).then_some(Value::Array(out))
    }

    fn single(&mut self, attribute: &Attribute, value: &Value, place: &str) -> Option<Value> {
        if value.is_null() {
            return None;
        }
        let value = self.meant(attribute, value);
        let fits = match (attribute.kind, value.as_ref()) {
            (Type::Complex, Value::Object(members)) => {
                return self.complex(attribute, members, place);
            }
            (Type::String, Value::String(_))
            | (Type::Boolean, Value::Bool(_))
            | (Type::Decimal, Value::Number(_)) => true,
            (Type::Integer, Value::Number(number)) => number.is_i64() || number.is_u64(),
            (Type::DateTime, Value::String(text)) => datetime::parse(text).is_some(),
            (Type::Binary, Value::String(text)) => octets(text).is_some(),
            (Type::Reference, Value::String(text)) => {
                !text.chars().any(|c| c.is_whitespace() || c.is_control())
            }
            _ => false,
        };
        if !fits {
            return self.mismatch(place, attribute, &value);
        }
        if let (Some(rule), Value::String(text)) = (attribute.rule, value.as_ref())
            && let Err(expected) = rule.check(text)
            && !self.reading.takes(Leniency::ValueForm)
        {
            self.refuse(
                place,
                ErrorKind::InvalidValue,
                format!("expected {expected}"),
            );
        }
        Some(value.into_owned())
    }

    /// What a lenient reading takes a value for: `"False"` for false, `[{"value": x}]` for x, an id for a link.
    fn meant<'v>(&self, attribute: &Attribute, value: &'v Value) -> std::borrow::Cow<'v, Value> {
        use std::borrow::Cow;
        let taken = |leniency, meant: Value| {
            if self.reading.takes(leniency) {
                Cow::Owned(meant)
            } else {
                Cow::Borrowed(value)
            }
        };
        match (attribute.kind, value) {
            (Type::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("true") => {
                taken(Leniency::BooleanText, Value::Bool(true))
            }
            (Type::Boolean, Value::String(text)) if text.eq_ignore_ascii_case("false") => {
                taken(Leniency::BooleanText, Value::Bool(false))
            }
            (Type::Integer | Type::Decimal, Value::String(text)) => {
                match text.parse::<serde_json::Number>() {
                    Ok(number) => taken(Leniency::NumberText, Value::Number(number)),
                    Err(_) => Cow::Borrowed(value),
                }
            }
            (Type::Complex, Value::String(id))
                if !attribute.multi_valued && !attribute.link_targets().is_empty() =>
            {
                taken(Leniency::LinkText, serde_json::json!({ "value": id }))
            }
            (Type::Complex, Value::Array(list))
                if !attribute.multi_valued && list.len() == 1 && list[0].is_object() =>
            {
                taken(Leniency::WrappedValue, list[0].clone())
            }
            (Type::Complex, _) => Cow::Borrowed(value),
            (_, Value::Array(list)) if list.len() == 1 => match list[0].get("value") {
                Some(inner) => taken(
                    Leniency::WrappedValue,
                    self.meant(attribute, inner).into_owned(),
                ),
                None => Cow::Borrowed(value),
            },
            _ => Cow::Borrowed(value),
        }
    }

    fn complex(
        &mut self,
        attribute: &Attribute,
        members: &Map<String, Value>,
        place: &str,
    ) -> Option<Value> {
        self.spellings(members, place);
        let mut out = Map::new();
        for (key, value) in members {
            let Some(sub) = attribute.sub(key) else {
                let holder = format!("`{}`", attribute.name);
                if let Some(kept) = self.keeps_unknown(key, value, place, &holder, None) {
                    out.insert(key.clone(), kept);
                }
                continue;
            };
            if sub.mutability == Mutability::ReadOnly {
                continue;
            }
            if let Some(read) = self.attribute(sub, value, &format!("{place}.{}", sub.name)) {
                if sub.returned == Returned::Never {
                    self.secret = true;
                } else {
                    out.insert(sub.name.clone(), read);
                }
            }
        }
        for sub in attribute
            .sub_attributes
            .iter()
            .filter(|sub| sub.required && sub.mutability != Mutability::ReadOnly)
        {
            if !out.contains_key(&sub.name) {
                self.refuse(
                    &format!("{place}.{}", sub.name),
                    ErrorKind::InvalidValue,
                    "a value is needed here".to_owned(),
                );
            }
        }
        if !attribute.multi_valued && !attribute.link_targets().is_empty() {
            named_by_reference(&mut out);
        }
        // A link that is emptied (`manager: {"value": ""}`) is no link.
        let emptied = !attribute.link_targets().is_empty()
            && !attribute.multi_valued
            && out.get("value").is_none_or(|v| v == "")
            && !out.contains_key("$ref");
        (!out.is_empty() && !emptied).then_some(Value::Object(out))
    }
}

/// A link to one that has a reference alone is to the last segment of the URI, whatever it is relative to (RFC 7643 section 2.3.7).
fn named_by_reference(link: &mut Map<String, Value>) {
    if link.contains_key("value") {
        return;
    }
    let reference = link.get("$ref").and_then(Value::as_str);
    let id = reference.and_then(|uri| uri.rsplit('/').next());
    if let Some(id) = id.filter(|id| !id.is_empty()).map(str::to_owned) {
        link.insert("value".into(), id.into());
    }
}

/// The beginning of a value that does not fit, for an error's detail. What is never returned is not returned there either.
fn found(attribute: &Attribute, value: &Value) -> String {
    let mut all = std::iter::once(attribute).chain(&attribute.sub_attributes);
    if all.any(|attribute| attribute.returned == Returned::Never) {
        return "a value of another type".to_owned();
    }
    value.to_string().chars().take(60).collect()
}

/// The octets of base64: RFC 4648 section 4; padding may be left out (RFC 7643 section 2.3.6).
pub(super) fn octets(text: &str) -> Option<Vec<u8>> {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    STANDARD_NO_PAD.decode(text.trim_end_matches('=')).ok()
}
