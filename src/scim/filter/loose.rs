//! A filter over JSON that no schema describes: the body of a request or of an answer, whatever it is.
//!
//! Names are those of the members, in any case (RFC 7643 section 2.1). Text is compared without case, the default of `caseExact`
//! (section 2.2), and text that is an instant as one. Nothing is coerced: `"False"` is not `false`, so that what a client really
//! sent can be told. Values that a schema would supply (`primary` is false where it is absent) are not supplied.

use super::evaluate::is_assigned;
use super::test::{ordered, text_holds};
use super::{Filter, Literal, Operator};
use crate::scim::comparison::Comparison;
use crate::scim::datetime;
use crate::scim::path::{AttributePath, member};
use serde_json::Value;

impl Filter {
    /// Whether `value` satisfies the filter by the names of its members alone. What is no object has no member, and `value`
    /// names itself, as in a bracket.
    pub fn matches_loosely(&self, value: &Value) -> bool {
        match self {
            Self::And(terms) => terms.iter().all(|term| term.matches_loosely(value)),
            Self::Or(terms) => terms.iter().any(|term| term.matches_loosely(value)),
            Self::Not(term) => !term.matches_loosely(value),
            Self::Present(path) => members(path, value).into_iter().any(is_assigned),
            Self::ValuePath { path, filter } => members(path, value)
                .into_iter()
                .any(|value| filter.matches_loosely(value)),
            Self::Compare {
                path,
                operator,
                value: literal,
            } => match (literal, operator) {
                (Literal::Null, Operator::Eq) => !members(path, value).into_iter().any(is_assigned),
                (Literal::Null, Operator::Ne) => members(path, value).into_iter().any(is_assigned),
                (Literal::Null, _) => false,
                // As for a resource, `ne` is the complement of `eq`.
                (_, Operator::Ne) => !any_holds(path, value, Operator::Eq, literal),
                _ => any_holds(path, value, *operator, literal),
            },
        }
    }
}

/// The values that a comparison with `path` looks at, each value of a list by itself. An object stands for its `value`, as in
/// figure 2 of RFC 7644 (`emails co "example.com"`).
pub fn compared<'v>(path: &AttributePath, value: &'v Value) -> Vec<&'v Value> {
    let found = members(path, value).into_iter();
    let simple = found.map(|value| {
        let inner = value.as_object().and_then(|inner| member(inner, "value"));
        inner.unwrap_or(value)
    });
    simple.filter(|value| !value.is_null()).collect()
}

/// The values that `path` names, each value of a list by itself.
pub fn members<'v>(path: &AttributePath, value: &'v Value) -> Vec<&'v Value> {
    let Value::Object(object) = value else {
        let is_itself = path.uri.is_none() && path.sub.is_none() && path.name == "value";
        return if is_itself { vec![value] } else { Vec::new() };
    };
    // Some clients write a whole path as the name of a member (`"name.givenName"`), and an extension is one (`"urn:…:User"`).
    if path.uri.is_some() || path.sub.is_some() {
        let whole = member(object, &path.to_string());
        if let Some(whole) = whole {
            return each(whole).collect();
        }
    }
    let extension = path.uri.as_deref().and_then(|uri| member(object, uri));
    let holder = extension.and_then(Value::as_object).unwrap_or(object);
    let Some(found) = member(holder, &path.name) else {
        return Vec::new();
    };
    match &path.sub {
        None => each(found).collect(),
        Some(sub) => each(found)
            .filter_map(|value| member(value.as_object()?, sub))
            .flat_map(each)
            .collect(),
    }
}

fn each(value: &Value) -> impl Iterator<Item = &Value> {
    let (list, single) = match value {
        Value::Array(list) => (list.as_slice(), None),
        single => (&[][..], Some(single)),
    };
    list.iter().chain(single)
}

fn any_holds(path: &AttributePath, value: &Value, operator: Operator, literal: &Literal) -> bool {
    compared(path, value)
        .into_iter()
        .any(|value| holds(value, operator, literal))
}

fn holds(value: &Value, operator: Operator, literal: &Literal) -> bool {
    let is_substring = matches!(operator, Operator::Co | Operator::Sw | Operator::Ew);
    match (value, literal) {
        (Value::String(text), Literal::String(operand)) => {
            let instants = datetime::parse(text).zip(datetime::parse(operand));
            match instants.filter(|_| !is_substring) {
                Some((instant, operand)) => ordered(operator, instant.cmp(&operand)),
                None => text_holds(
                    operator,
                    &Comparison::Caseless.key(text),
                    &Comparison::Caseless.key(operand),
                ),
            }
        }
        (Value::Bool(flag), Literal::Bool(operand)) => operator == Operator::Eq && flag == operand,
        (Value::Number(number), Literal::Number(operand)) if !is_substring => {
            // A large integer is not told from its neighbour as a floating point number.
            let order = match (number.as_i64(), operand.as_i64()) {
                (Some(number), Some(operand)) => Some(number.cmp(&operand)),
                _ => number
                    .as_f64()
                    .zip(operand.as_f64())
                    .and_then(|(number, operand)| number.partial_cmp(&operand)),
            };
            order.is_some_and(|order| ordered(operator, order))
        }
        _ => false,
    }
}
