//! Values against their attributes, for both sides: the checks of `resource` (a client's) and `representation` (a provider's).

use crate::lint::finding::{Found, shown};
use crate::lint::view::{Message, Resource, Typed};
use crate::scim::datetime;
use crate::scim::rule::Rule;
use crate::scim::schema::{Attribute, Mutability, Type};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;
use std::collections::HashSet;

/// The values that should be single and are not null.
pub(super) fn singles<'m, 'a>(
    message: &'m Message<'a>,
    kind: Type,
) -> impl Iterator<Item = &'m Typed<'a>> {
    message
        .values()
        .filter(move |it| !it.is_list && it.attribute.kind == kind && !it.value.is_null())
}

fn is_boolean_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| {
        ["true", "false"]
            .iter()
            .any(|it| it.eq_ignore_ascii_case(text))
    })
}

pub(super) fn boolean_text(message: &Message<'_>, found: &mut Found<'_>) {
    for it in singles(message, Type::Boolean).filter(|it| is_boolean_text(it.value)) {
        found.at(&it.at, format!("`{}` is {}", it.at, it.value));
    }
}

pub(super) fn number_text(message: &Message<'_>, found: &mut Found<'_>) {
    let numbers = singles(message, Type::Integer).chain(singles(message, Type::Decimal));
    for it in numbers.filter(|it| it.value.is_string()) {
        found.at(&it.at, format!("`{}` is {}", it.at, shown(it.value)));
    }
}

pub(super) fn fraction(message: &Message<'_>, found: &mut Found<'_>) {
    let has_fraction = |value: &Value| value.is_number() && !value.is_i64() && !value.is_u64();
    for it in singles(message, Type::Integer).filter(|it| has_fraction(it.value)) {
        found.at(&it.at, format!("`{}` is {}", it.at, it.value));
    }
}

pub(super) fn date_time(message: &Message<'_>, found: &mut Found<'_>) {
    let is_instant = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| datetime::parse(text).is_some())
    };
    for it in singles(message, Type::DateTime).filter(|it| !is_instant(it.value)) {
        found.at(&it.at, format!("`{}` is {}", it.at, shown(it.value)));
    }
}

pub(super) fn binary(message: &Message<'_>, found: &mut Found<'_>) {
    let is_base64 = |value: &Value| {
        value
            .as_str()
            .is_some_and(|text| STANDARD_NO_PAD.decode(text.trim_end_matches('=')).is_ok())
    };
    for it in singles(message, Type::Binary).filter(|it| !is_base64(it.value)) {
        found.at(&it.at, format!("`{}` is {}", it.at, shown(it.value)));
    }
}

pub(super) fn reference(message: &Message<'_>, found: &mut Found<'_>) {
    let is_uri = |value: &Value| {
        value.as_str().is_some_and(|text| {
            !text.is_empty()
                && !text
                    .chars()
                    .any(|c| c.is_whitespace() || c.is_control() || "<>\"\\^`".contains(c))
        })
    };
    for it in singles(message, Type::Reference).filter(|it| !is_uri(it.value)) {
        found.at(&it.at, format!("`{}` is {}", it.at, shown(it.value)));
    }
}

pub(super) fn scalar_for_complex(message: &Message<'_>, found: &mut Found<'_>) {
    for it in
        singles(message, Type::Complex).filter(|it| !it.value.is_object() && !it.value.is_array())
    {
        // A PATCH empties a link with text that is nothing.
        found.at(&it.at, format!("`{}` is {}", it.at, shown(it.value)));
    }
}

/// Values of a type that no other rule is about: a string that is a number, a boolean that is a word.
pub(super) fn other_type(message: &Message<'_>, found: &mut Found<'_>) {
    for it in message
        .values()
        .filter(|it| !it.is_list && !it.value.is_null() && !it.value.is_array())
    {
        let wrong = match it.attribute.kind {
            Type::String => !it.value.is_string(),
            Type::Boolean => !it.value.is_boolean() && !is_boolean_text(it.value),
            Type::Integer | Type::Decimal => !it.value.is_number() && !it.value.is_string(),
            _ => false,
        };
        if wrong {
            let expected = it.attribute.kind.name();
            found.at(
                &it.at,
                format!(
                    "`{}` is {}, and {expected} by its schema",
                    it.at,
                    shown(it.value)
                ),
            );
        }
    }
}

pub(super) fn single_for_list(message: &Message<'_>, found: &mut Found<'_>) {
    for it in message
        .values()
        .filter(|it| it.is_list && !it.value.is_array() && !it.value.is_null())
    {
        found.at(&it.at, format!("`{}` is {}", it.at, shown(it.value)));
    }
}

pub(super) fn list_for_single(message: &Message<'_>, found: &mut Found<'_>) {
    for it in message
        .values()
        .filter(|it| !it.is_list && it.value.is_array())
    {
        found.at(&it.at, format!("`{}` is {}", it.at, shown(it.value)));
    }
}

pub(super) fn several_primary(message: &Message<'_>, found: &mut Found<'_>) {
    for it in message.values().filter(|it| it.is_list) {
        let list = it.value.as_array().into_iter().flatten();
        let is_primary = |it: &&Value| {
            let primary = it.get("primary");
            primary == Some(&Value::Bool(true))
                || primary
                    .and_then(Value::as_str)
                    .is_some_and(|it| it.eq_ignore_ascii_case("true"))
        };
        let primaries = list.filter(is_primary).count();
        if primaries > 1 {
            found.at(
                &it.at,
                format!("{primaries} values of `{}` are primary", it.at),
            );
        }
    }
}

pub(super) fn canonical_values(message: &Message<'_>, found: &mut Found<'_>) {
    for it in message.values().filter(|it| !it.is_list) {
        let canonical = &it.attribute.canonical_values;
        if let Some(text) = it.value.as_str()
            && !canonical.is_empty()
            && !text.is_empty()
            && !canonical
                .iter()
                .any(|known| known.eq_ignore_ascii_case(text))
        {
            found.at(
                &it.at,
                format!("`{text}` is not among {}", canonical.join(", ")),
            );
        }
    }
}

pub(super) fn repeated_value(message: &Message<'_>, found: &mut Found<'_>) {
    for it in message.values().filter(|it| it.is_list) {
        let mut seen = HashSet::new();
        for (n, value) in it.value.as_array().into_iter().flatten().enumerate() {
            let part = |name: &str| {
                value
                    .get(name)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_lowercase()
            };
            let told = (part("type"), part("value"));
            if !told.1.is_empty() && !seen.insert(told) {
                found.at(
                    it.at.place().below(&n.to_string()),
                    format!("`{}[{n}]` stands there before", it.at),
                );
            }
        }
    }
}

pub(super) fn nulls(message: &Message<'_>, found: &mut Found<'_>) {
    for it in message.values().filter(|it| it.value.is_null()) {
        found.at(&it.at, format!("`{}` is null", it.at));
    }
}

pub(super) fn names_in_other_case(message: &Message<'_>, found: &mut Found<'_>) {
    for it in message.values() {
        // The elements of a list stand under the name that was told of the list.
        let is_first = it.is_list || !it.attribute.multi_valued;
        if is_first
            && it.written != it.attribute.name
            && it.written.eq_ignore_ascii_case(&it.attribute.name)
        {
            found.at(
                &it.at,
                format!("`{}` is `{}`", it.written, it.attribute.name),
            );
        }
    }
}

pub(super) fn unknown(message: &Message<'_>, found: &mut Found<'_>) {
    for it in message
        .unknown()
        .filter(|it| it.extension.is_none() && !is_urn(it.name))
    {
        let hint = it
            .nearest
            .map_or(String::new(), |name| format!("; did you mean `{name}`?"));
        found.at(&it.at, format!("{} has no `{}`{hint}", it.holder, it.name));
    }
}

pub(super) fn unknown_extension(message: &Message<'_>, found: &mut Found<'_>) {
    for it in message.unknown().filter(|it| is_urn(it.name)) {
        found.at(
            &it.at,
            format!("{} has no extension `{}`", it.holder, it.name),
        );
    }
}

fn is_urn(name: &str) -> bool {
    name.get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
        || name.starts_with("http")
}

pub(super) fn misplaced(message: &Message<'_>, found: &mut Found<'_>) {
    for it in message.unknown() {
        if let Some(urn) = it.extension
            && !is_urn(it.name)
        {
            found.at(&it.at, format!("`{}` is an attribute of {urn}", it.name));
        }
    }
}

/// Text that is not what the RFC says in words.
pub(super) fn words(message: &Message<'_>, rule: Rule, found: &mut Found<'_>) {
    for it in message
        .values()
        .filter(|it| !it.is_list && it.attribute.rule == Some(rule))
    {
        if let Some(text) = it.value.as_str()
            && !text.is_empty()
            && let Err(expected) = rule.check(text)
        {
            found.at(
                &it.at,
                format!("`{}` is {}, expected {expected}", it.at, shown(it.value)),
            );
        }
    }
}

/// The attributes that a whole resource must have and this one has not.
pub(super) fn missing<'a>(resource: &Resource<'a>) -> Vec<&'a Attribute> {
    let Some(kind) = resource.kind else {
        return Vec::new();
    };
    let is_missing = |attribute: &&Attribute| {
        let value = resource.get(&attribute.name);
        value.is_none_or(|value| {
            value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
        })
    };
    let required = kind
        .attributes()
        .filter(|it| it.required && it.mutability != Mutability::ReadOnly);
    required
        .filter(|it| it.name != "schemas" && it.name != "id")
        .filter(is_missing)
        .collect()
}

/// The sub-attributes that a value must have and this one has not, with where it stands.
pub(super) fn missing_subs(message: &Message<'_>, found: &mut Found<'_>) {
    for it in message
        .values()
        .filter(|it| !it.is_list && it.parent.is_none())
    {
        let Value::Object(members) = it.value else {
            continue;
        };
        for sub in it
            .attribute
            .sub_attributes
            .iter()
            .filter(|sub| sub.required)
        {
            if !members
                .keys()
                .any(|name| name.eq_ignore_ascii_case(&sub.name))
            {
                found.at(&it.at, format!("`{}` has no `{}`", it.at, sub.name));
            }
        }
    }
}

/// The extensions that a resource holds attributes of and does not name.
pub(super) fn unnamed_extensions(message: &Message<'_>, found: &mut Found<'_>) {
    for resource in &message.resources {
        let Some(kind) = resource.kind else { continue };
        for (name, value) in resource.members {
            let holds = value.as_object().is_some_and(|it| !it.is_empty());
            let named = |urn: &str| resource.schemas().any(|it| it.eq_ignore_ascii_case(urn));
            if holds && kind.extension(name).is_some() && !named(name) {
                found.at(
                    resource.place(name),
                    format!("`schemas` does not name {name}"),
                );
            }
        }
    }
}

pub(super) fn repeated_schemas(message: &Message<'_>, found: &mut Found<'_>) {
    for resource in &message.resources {
        let mut seen = HashSet::new();
        for (n, urn) in resource.schemas().enumerate() {
            if !seen.insert(urn.to_ascii_lowercase()) {
                found.at(
                    resource.place("schemas").below(&n.to_string()),
                    format!("`{urn}` once more"),
                );
            }
        }
    }
}
