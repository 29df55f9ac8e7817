//! The verdict of a filter on JSON that no schema describes: the message of a PATCH, or a body that is still to be checked.
//!
//! Names are compared without regard to case, and so is text, for nothing says otherwise; a value of another kind than the filter's
//! satisfies nothing. An attribute with many values satisfies a filter when one of them does, as it does with a schema.

use super::evaluate::{is_assigned, ordered, text_holds};
use super::{Filter, Literal, Operator};
use crate::scim::comparison::Comparison;
use crate::scim::datetime;
use crate::scim::path::AttributePath;
use serde_json::{Map, Value};

impl Filter {
    /// Whether `object` satisfies it.
    pub fn matches_untyped(&self, object: &Map<String, Value>) -> bool {
        match self {
            Self::And(terms) => terms.iter().all(|term| term.matches_untyped(object)),
            Self::Or(terms) => terms.iter().any(|term| term.matches_untyped(object)),
            Self::Not(term) => !term.matches_untyped(object),
            Self::Present(path) => is_present(object, path),
            Self::Compare {
                path,
                operator,
                value: Literal::Null,
            } => match operator {
                Operator::Eq => !is_present(object, path),
                Operator::Ne => is_present(object, path),
                _ => false,
            },
            Self::Compare {
                path,
                operator,
                value,
            } => {
                let mut values = values(object, path).into_iter();
                // RFC 7644 section 3.4.2.2: `ne` is the complement of `eq`, also where there is no value.
                values.any(|it| holds(it, *operator, value)) != (*operator == Operator::Ne)
            }
            Self::ValuePath { path, filter } => {
                let mut values = values(object, path).into_iter();
                values.any(|element| match element {
                    Value::Object(members) => filter.matches_untyped(members),
                    simple => {
                        let members = Map::from_iter([("value".to_owned(), simple.clone())]);
                        filter.matches_untyped(&members)
                    }
                })
            }
        }
    }
}

fn is_present(object: &Map<String, Value>, path: &AttributePath) -> bool {
    values(object, path).into_iter().any(is_assigned)
}

/// The values at `path`, those of an array one by one. A URN that is no key names the schema of the object itself.
fn values<'v>(object: &'v Map<String, Value>, path: &AttributePath) -> Vec<&'v Value> {
    let extension = path.uri.as_deref().and_then(|uri| member(object, uri));
    let holder = extension.and_then(Value::as_object).unwrap_or(object);
    let found = each(member(holder, &path.name));
    match &path.sub {
        None => found.collect(),
        Some(sub) => found
            .filter_map(Value::as_object)
            .flat_map(|members| each(member(members, sub)))
            .collect(),
    }
}

fn member<'v>(object: &'v Map<String, Value>, name: &str) -> Option<&'v Value> {
    let named = |(key, _): &(&String, &Value)| key.eq_ignore_ascii_case(name);
    object.iter().find(named).map(|(_, value)| value)
}

fn each(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let (list, single) = match value {
        Some(Value::Array(list)) => (list.as_slice(), None),
        other => (&[][..], other),
    };
    list.iter().chain(single)
}

fn holds(value: &Value, operator: Operator, operand: &Literal) -> bool {
    match (value, operand) {
        // `emails co "x"` in RFC 7644 figure 2 means `emails.value`.
        (Value::Object(members), operand) => member(members, "value")
            .is_some_and(|it| !it.is_object() && holds(it, operator, operand)),
        (Value::Bool(one), Literal::Bool(other)) => {
            matches!(operator, Operator::Eq | Operator::Ne) && one == other
        }
        (Value::Number(one), Literal::Number(other)) => {
            let order = one.as_f64().partial_cmp(&other.as_f64());
            let compares = !matches!(operator, Operator::Co | Operator::Sw | Operator::Ew);
            compares && order.is_some_and(|order| ordered(operator, order))
        }
        (Value::String(one), Literal::String(other)) => {
            let instants = datetime::parse(one).zip(datetime::parse(other));
            let key = |text| Comparison::Caseless.key(text);
            match instants {
                Some((one, other)) => ordered(operator, one.cmp(&other)),
                None => text_holds(operator, &key(one), &key(other)),
            }
        }
        _ => false,
    }
}
