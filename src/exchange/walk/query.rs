//! The query of a request (RFC 7644 section 3.4.2) and filters wherever they stand. A literal that is changed is changed at its place
//! in the text; all else of the filter stays as it was written.

use super::place::AttributePlace;
use super::{Asked, Part, Place, Role, Walk};
use crate::scim::filter::{Compared, Literal, comparisons};
use crate::scim::path::AttributePath;
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::{Attribute, Type};
use crate::scim::{Leniencies, Leniency, Reading};
use serde_json::Value;

/// Parameters that say which attributes, how many and in which order.
const SHAPES: [&str; 6] = [
    "attributes",
    "excludedAttributes",
    "sortBy",
    "sortOrder",
    "startIndex",
    "count",
];

/// What is shaped is no value.
pub(super) fn is_shape(name: &str) -> bool {
    SHAPES.iter().any(|shape| shape.eq_ignore_ascii_case(name))
}

/// What clients send, text without its quotes among it.
pub(super) fn reading() -> Reading<'static> {
    Reading::quiet(Leniencies::BY_DEFAULT.with(Leniency::FilterUnquoted))
}

impl<'w> Walk<'w> {
    pub(super) fn query(&mut self, asked: Asked<'w>, query: &mut [(String, String)]) {
        for (name, value) in query {
            self.parameter(asked.kind, Part::Query(name), name, value);
        }
    }

    /// A parameter of a query, or a member of a search request.
    pub(super) fn parameter(
        &mut self,
        kind: Option<&'w ResourceType>,
        part: Part<'_>,
        name: &str,
        value: &mut String,
    ) {
        if is_shape(name) {
        } else if name.eq_ignore_ascii_case("filter") {
            self.filter(kind, part, value);
        } else if name.eq_ignore_ascii_case("cursor") {
            self.text(Place::new(part, Role::Cursor), value);
        } else {
            // Some providers take attributes as parameters.
            let attribute =
                AttributePath::parse(name).map(|path| self.schemas.resolve(kind, &path));
            match attribute.filter(|it| it.definition.is_some()) {
                Some(attribute) => {
                    let mut scalar = Value::String(std::mem::take(value));
                    self.scalar(part, &attribute, None, &mut scalar);
                    *value = into_text(scalar);
                }
                None => {
                    self.text(Place::new(part, Role::Text), value);
                }
            }
        }
    }

    pub(super) fn filter(
        &mut self,
        kind: Option<&'w ResourceType>,
        part: Part<'_>,
        text: &mut String,
    ) {
        match comparisons(text, false, reading()) {
            Ok(compared) => self.literals(kind, part, None, compared, text),
            Err(_) => {
                self.text(Place::new(part, Role::Text), text);
            }
        }
    }

    /// The literals of a filter; `within` is the attribute before the bracket in a path.
    pub(super) fn literals(
        &mut self,
        kind: Option<&'w ResourceType>,
        part: Part<'_>,
        within: Option<&AttributePath>,
        compared: Vec<Compared>,
        text: &mut String,
    ) {
        for compared in compared.into_iter().rev() {
            let attribute = self.compared(kind, within, &compared);
            let mut value = match compared.value {
                Literal::Null => Value::Null,
                Literal::Bool(flag) => flag.into(),
                Literal::Number(number) => Value::Number(number),
                Literal::String(text) => text.into(),
            };
            let before = value.clone();
            self.scalar(part, &attribute, Some(compared.operator), &mut value);
            if value != before {
                let written = &text[compared.place.clone()];
                let literal = literal(written, &value);
                text.replace_range(compared.place, &literal);
            }
        }
    }

    fn compared(
        &self,
        kind: Option<&'w ResourceType>,
        within: Option<&AttributePath>,
        compared: &Compared,
    ) -> AttributePlace<'w> {
        let Some(within) = within.or(compared.within.as_ref()) else {
            return self.schemas.resolve(kind, &compared.path);
        };
        let attribute = self.schemas.resolve(kind, within);
        let is_simple = |it: &Attribute| it.kind != Type::Complex;
        // Within the bracket of a list of simple values `value` is the value itself.
        if attribute.definition.is_some_and(is_simple) && compared.path.name == "value" {
            return attribute;
        }
        attribute.sub(&compared.path.name)
    }
}

fn into_text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// The text of a literal, in the quotes in which `written` has it.
fn literal(written: &str, value: &Value) -> String {
    let delimits = |c: char| c.is_whitespace() || "()[]\"'".contains(c);
    match value {
        Value::String(text) if written.starts_with('\'') && !text.contains('\'') => {
            format!("'{text}'")
        }
        Value::String(text)
            if !written.starts_with('"') && !text.is_empty() && !text.contains(delimits) =>
        {
            text.clone()
        }
        other => other.to_string(),
    }
}
