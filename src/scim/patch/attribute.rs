//! One operation on one attribute whose values stand in the resource (RFC 7644 sections 3.5.2.1 to 3.5.2.3).

use super::{Context, Op, Target, covers, listed, nothing_removed};
use crate::scim::choices::{RemoveWithoutMatch, ReplaceComplex};
use crate::scim::filter::{Filter, Literal, Matcher, Operator};
use crate::scim::resource::Content;
use crate::scim::schema::{Attribute, Mutability, Returned, Type};
use crate::scim::validate::{self, primaries};
use crate::scim::{ErrorKind, Leniency, ScimError};
use serde_json::{Map, Value};

type Applied = Result<(), ScimError>;

pub(super) fn apply(
    context: Context<'_>,
    content: &mut Content,
    op: Op,
    target: Target<'_>,
    selection: Option<&(&Filter, Matcher)>,
    value: Option<&Value>,
) -> Applied {
    let attribute = target.attribute;
    if attribute.returned == Returned::Never {
        return secret(context, content, op, attribute, value);
    }
    let before = content.get(target.extension, &attribute.name).cloned();
    let after = match (selection, target.sub) {
        (Some((filter, matcher)), sub) => selected(
            context,
            op,
            attribute,
            sub,
            (filter, matcher),
            before.as_ref(),
            value,
        )?,
        (None, Some(sub)) => sub_attribute(context, op, attribute, sub, before.as_ref(), value)?,
        (None, None) => whole(context, op, attribute, before.as_ref(), value)?,
    };
    let after = after.filter(|value| {
        !matches!(value, Value::Array(list) if list.is_empty())
            && !matches!(value, Value::Object(m) if m.is_empty())
    });
    if after == before {
        return match (op, context.choices.remove_without_match) {
            (Op::Remove, RemoveWithoutMatch::Refuse) => Err(nothing_removed(attribute)),
            _ => Ok(()),
        };
    }
    if attribute.mutability == Mutability::Immutable && before.is_some() {
        return Err(ScimError::new(
            ErrorKind::Mutability,
            "is immutable and has a value already",
        ));
    }
    if attribute.required
        && after
            .as_ref()
            .is_none_or(|value| value.as_str().is_some_and(|text| text.trim().is_empty()))
    {
        let kind = if op == Op::Remove {
            ErrorKind::Mutability
        } else {
            ErrorKind::InvalidValue
        };
        return Err(ScimError::new(
            kind,
            "is required and cannot be left without a value",
        ));
    }
    content.set(target.extension, &attribute.name, after);
    Ok(())
}

/// A value that nobody reads is checked and forgotten.
fn secret(
    context: Context<'_>,
    content: &mut Content,
    op: Op,
    attribute: &Attribute,
    value: Option<&Value>,
) -> Applied {
    if op != Op::Remove {
        validate::value(attribute, value.unwrap_or(&Value::Null), context.reading)?;
    }
    content.secret_written = true;
    Ok(())
}

fn whole(
    context: Context<'_>,
    op: Op,
    attribute: &Attribute,
    before: Option<&Value>,
    value: Option<&Value>,
) -> Result<Option<Value>, ScimError> {
    let Some(value) = value.filter(|value| op != Op::Remove || !value.is_null()) else {
        return Ok(None);
    };
    if op == Op::Remove {
        return Ok(without(attribute, before, listed(value)));
    }
    // One value may be added as it is (section 3.5.2.1); a list is replaced by a list.
    let one = op == Op::Add && attribute.multi_valued && value.is_object();
    let given = validate::value(
        attribute,
        &if one {
            Value::Array(vec![value.clone()])
        } else {
            value.clone()
        },
        context.reading,
    )?;
    match (attribute.multi_valued, before, given) {
        (true, before, Some(Value::Array(given))) if op == Op::Add => {
            let mut list = before
                .and_then(Value::as_array)
                .cloned()
                .unwrap_or_default();
            append(&mut list, given);
            Ok(Some(Value::Array(list)))
        }
        (true, before, None) if op == Op::Add => Ok(before.cloned()),
        (false, Some(Value::Object(before)), Some(Value::Object(given))) => {
            let mut merged = before.clone();
            merge(attribute, &mut merged, given.clone(), value)?;
            let swaps =
                op == Op::Replace && context.choices.replace_complex == ReplaceComplex::Swap;
            Ok(Some(Value::Object(if swaps { given } else { merged })))
        }
        (false, Some(Value::Object(before)), None) if names_parts(attribute, value) => {
            let mut merged = before.clone();
            merge(attribute, &mut merged, Map::new(), value)?;
            Ok(Some(Value::Object(merged)))
        }
        (_, _, given) => Ok(given),
    }
}

/// Whether `sent`, which assigns nothing, unassigns parts and not the whole: `{"givenName": null}` leaves the family name. A link
/// without its target is no link, so that `manager: {"value": ""}` clears it.
fn names_parts(attribute: &Attribute, sent: &Value) -> bool {
    attribute.link_targets().is_empty() && sent.as_object().is_some_and(|parts| !parts.is_empty())
}

/// Values that a `remove` names beside its path, as Entra ID does.
fn without(attribute: &Attribute, before: Option<&Value>, unwanted: &[Value]) -> Option<Value> {
    if !attribute.multi_valued {
        return None;
    }
    let keep = |element: &&Value| {
        !unwanted
            .iter()
            .any(|unwanted| covers(element, unwanted) || element.get("value") == Some(unwanted))
    };
    let list = before?
        .as_array()?
        .iter()
        .filter(keep)
        .cloned()
        .collect::<Vec<_>>();
    Some(Value::Array(list))
}

fn append(list: &mut Vec<Value>, given: Vec<Value>) {
    for element in given {
        if list.iter().any(|present| covers(present, &element)) {
            continue;
        }
        if element.get("primary") == Some(&Value::Bool(true)) {
            demote(list);
        }
        list.push(element);
    }
}

/// A new primary value takes the place of the old one (RFC 7644 section 3.5.2).
fn demote(list: &mut [Value]) {
    for element in list {
        if let Some(primary) = element.get_mut("primary") {
            *primary = Value::Bool(false);
        }
    }
}

/// Sets the given sub-attributes and leaves the others; null unassigns.
fn merge(
    attribute: &Attribute,
    into: &mut Map<String, Value>,
    given: Map<String, Value>,
    sent: &Value,
) -> Applied {
    let nulls = sent
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| value.is_null());
    for sub in nulls.filter_map(|(key, _)| attribute.sub(key)) {
        into.shift_remove(&sub.name);
    }
    for (key, value) in given {
        let immutable = attribute
            .sub(&key)
            .is_some_and(|sub| sub.mutability == Mutability::Immutable);
        if immutable && into.get(&key).is_some_and(|present| *present != value) {
            return Err(ScimError::new(
                ErrorKind::Mutability,
                format!("`{key}` is immutable and has a value already"),
            ));
        }
        into.insert(key, value);
    }
    Ok(())
}

fn sub_attribute(
    context: Context<'_>,
    op: Op,
    attribute: &Attribute,
    sub: &Attribute,
    before: Option<&Value>,
    value: Option<&Value>,
) -> Result<Option<Value>, ScimError> {
    let change = Change::new(context, op, sub, value)?;
    let mut after = match before {
        Some(before) => before.clone(),
        None if op == Op::Remove => return Ok(None),
        None if attribute.multi_valued => Value::Array(vec![Value::Object(Map::new())]),
        None => Value::Object(Map::new()),
    };
    match &mut after {
        Value::Array(list) => {
            for element in list.iter_mut() {
                change.make(element)?;
            }
            list.retain(|element| {
                element
                    .as_object()
                    .is_none_or(|members| !members.is_empty())
            });
            if primaries(list) > 1 {
                return Err(ScimError::new(
                    ErrorKind::InvalidValue,
                    "at most one value is primary; select one with a filter in the path",
                ));
            }
        }
        single => change.make(single)?,
    }
    Ok(Some(after))
}

/// A sub-attribute set to a checked value, or unassigned.
struct Change<'a> {
    op: Op,
    sub: &'a Attribute,
    value: Option<Value>,
}

impl<'a> Change<'a> {
    fn new(
        context: Context<'_>,
        op: Op,
        sub: &'a Attribute,
        value: Option<&Value>,
    ) -> Result<Self, ScimError> {
        let value = match value {
            Some(value) if op != Op::Remove => validate::value(sub, value, context.reading)?,
            _ => None,
        };
        if value.is_none() && sub.required {
            let kind = if op == Op::Remove {
                ErrorKind::Mutability
            } else {
                ErrorKind::InvalidValue
            };
            return Err(ScimError::new(
                kind,
                format!(
                    "`{}` is required and cannot be left without a value",
                    sub.name
                ),
            ));
        }
        Ok(Self { op, sub, value })
    }

    fn make(&self, element: &mut Value) -> Applied {
        let Value::Object(members) = element else {
            // A simple value stands for its own `value`.
            if let Some(value) = &self.value {
                *element = value.clone();
            }
            return Ok(());
        };
        let present = members.get(&self.sub.name);
        if self.sub.mutability == Mutability::Immutable
            && present.is_some()
            && present != self.value.as_ref()
        {
            return Err(ScimError::new(
                ErrorKind::Mutability,
                format!("`{}` is immutable and has a value already", self.sub.name),
            ));
        }
        match (&self.value, present) {
            (None, _) => {
                members.shift_remove(&self.sub.name);
            }
            (Some(Value::Array(more)), Some(Value::Array(present)))
                if self.op == Op::Add && self.sub.multi_valued =>
            {
                let mut list = present.clone();
                append(&mut list, more.clone());
                members.insert(self.sub.name.clone(), Value::Array(list));
            }
            (Some(value), _) => {
                members.insert(self.sub.name.clone(), value.clone());
            }
        }
        Ok(())
    }
}

fn selected(
    context: Context<'_>,
    op: Op,
    attribute: &Attribute,
    sub: Option<&Attribute>,
    (filter, matcher): (&Filter, &Matcher),
    before: Option<&Value>,
    value: Option<&Value>,
) -> Result<Option<Value>, ScimError> {
    let mut list = before
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let mut chosen: Vec<usize> = (0..list.len())
        .filter(|&n| matcher.matches_element(&list[n]))
        .collect();
    if chosen.is_empty() {
        match op {
            Op::Remove => return Ok(before.cloned()),
            Op::Add | Op::Replace if makes_what_is_not_there(context, op) => {
                list.push(described(attribute, filter, context)?);
                chosen.push(list.len() - 1);
            }
            _ => {
                return Err(ScimError::new(
                    ErrorKind::NoTarget,
                    format!("no value of `{}` matches `{filter}`", attribute.name),
                ));
            }
        }
    }
    context.may_select(chosen.len())?;
    if op == Op::Remove && sub.is_none() {
        let mut n = 0;
        list.retain(|_| {
            n += 1;
            !chosen.contains(&(n - 1))
        });
        return Ok(Some(Value::Array(list)));
    }
    let primary_before: Vec<bool> = list
        .iter()
        .map(|element| element.get("primary") == Some(&Value::Bool(true)))
        .collect();
    for &n in &chosen {
        match sub {
            Some(sub) => Change::new(context, op, sub, value)?.make(&mut list[n])?,
            None => replace_element(
                context,
                op,
                attribute,
                &mut list[n],
                value.unwrap_or(&Value::Null),
            )?,
        }
    }
    let promoted: Vec<usize> = chosen
        .iter()
        .copied()
        .filter(|&n| list[n].get("primary") == Some(&Value::Bool(true)))
        .collect();
    match promoted.as_slice() {
        [] => {}
        [one] => {
            for (n, element) in list
                .iter_mut()
                .enumerate()
                .filter(|(n, _)| n != one && primary_before.get(*n) == Some(&true))
            {
                debug_assert!(
                    n < primary_before.len(),
                    "only values that stood before can have been primary"
                );
                element["primary"] = Value::Bool(false);
            }
        }
        _ => {
            return Err(ScimError::new(
                ErrorKind::InvalidValue,
                "at most one value is primary, and the filter selects several",
            ));
        }
    }
    list.retain(|element| {
        element
            .as_object()
            .is_none_or(|members| !members.is_empty())
    });
    Ok(Some(Value::Array(list)))
}

/// Whether an operation whose filter selects nothing makes the value that the filter describes.
pub(super) fn makes_what_is_not_there(context: Context<'_>, op: Op) -> bool {
    match op {
        Op::Add => context.reading.takes(Leniency::AddWithoutMatch),
        Op::Replace => context.reading.takes(Leniency::ReplaceWithoutMatch),
        Op::Remove => false,
    }
}

fn replace_element(
    context: Context<'_>,
    op: Op,
    attribute: &Attribute,
    element: &mut Value,
    value: &Value,
) -> Applied {
    let sent = match value {
        Value::Array(list) if list.len() == 1 && context.reading.takes(Leniency::WrappedValue) => {
            &list[0]
        }
        other => other,
    };
    let given = validate::element(attribute, sent, context.reading)?;
    match (element, given) {
        (Value::Object(members), Some(Value::Object(given))) => {
            merge(attribute, members, given.clone(), sent)?;
            if op == Op::Replace && context.choices.replace_complex == ReplaceComplex::Swap {
                *members = given;
            }
            Ok(())
        }
        (Value::Object(members), None) if names_parts(attribute, sent) => {
            merge(attribute, members, Map::new(), sent)
        }
        (element, Some(given)) => {
            *element = given;
            Ok(())
        }
        (_, None) => Err(ScimError::new(
            ErrorKind::InvalidValue,
            "expected a value; use `remove` to unassign",
        )),
    }
}

/// The value that a filter describes: `type eq "work"` makes `{"type": "work"}`. Entra ID expects that
/// where nothing matches.
fn described(
    attribute: &Attribute,
    filter: &Filter,
    context: Context<'_>,
) -> Result<Value, ScimError> {
    let mut members = Map::new();
    let terms = match filter {
        Filter::And(terms) => terms.as_slice(),
        one => std::slice::from_ref(one),
    };
    for term in terms {
        let sub = match term {
            Filter::Compare {
                path,
                operator: Operator::Eq,
                value,
            } => attribute.sub(&path.name).map(|sub| (sub, value)),
            _ => None,
        };
        let Some((sub, literal)) = sub.filter(|_| attribute.kind == Type::Complex) else {
            let detail = format!(
                "no value matches `{filter}`, and a value can only be made from terms with `eq`"
            );
            return Err(ScimError::new(ErrorKind::NoTarget, detail));
        };
        let value = match literal {
            Literal::Null => Value::Null,
            Literal::Bool(flag) => Value::Bool(*flag),
            Literal::Number(number) => Value::Number(number.clone()),
            Literal::String(text) => Value::String(text.clone()),
        };
        if let Some(value) = validate::value(sub, &value, context.reading)? {
            members.insert(sub.name.clone(), value);
        }
    }
    Ok(Value::Object(members))
}
