//! One operation on links to many (the members of a group). Whole links are added and removed; their parts are immutable
//! (RFC 7643 section 4.2). The cost follows the operation, not the size of the set.

use super::attribute::makes_what_is_not_there;
use super::{Context, Op, Target, listed, nothing_removed};
use crate::scim::choices::RemoveWithoutMatch;
use crate::scim::filter::{Filter, Literal, Matcher, Operator};
use crate::scim::link::{Link, LinkSet};
use crate::scim::resource::Content;
use crate::scim::schema::Attribute;
use crate::scim::{ErrorKind, ScimError, validate};
use serde_json::{Value, json};

pub(super) fn apply(
    context: Context<'_>,
    content: &mut Content,
    op: Op,
    target: Target<'_>,
    selection: Option<&(&Filter, Matcher)>,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let held = |content: &Content| {
        content
            .links(&target.attribute.name)
            .map_or(0, LinkSet::len)
    };
    let before = held(content);
    change(context, content, op, target, selection, value)?;
    let refuses = context.choices.remove_without_match == RemoveWithoutMatch::Refuse;
    if op == Op::Remove && refuses && held(content) == before {
        return Err(nothing_removed(target.attribute));
    }
    Ok(())
}

fn change(
    context: Context<'_>,
    content: &mut Content,
    op: Op,
    target: Target<'_>,
    selection: Option<&(&Filter, Matcher)>,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let attribute = target.attribute;
    if let Some((filter, matcher)) = selection {
        let chosen = select(context, content, attribute, filter, matcher);
        context.may_select(chosen.len())?;
        return match (op, target.sub) {
            (Op::Remove, None) => {
                let set = content.links_mut(&attribute.name);
                for link in &chosen {
                    set.remove(&link.value);
                }
                required(attribute, content)
            }
            (Op::Add | Op::Replace, None)
                if chosen.is_empty() && makes_what_is_not_there(context, op) =>
            {
                add(context, content, attribute, value)
            }
            (Op::Remove, Some(_)) if chosen.is_empty() => Ok(()),
            _ if chosen.is_empty() => Err(ScimError::new(
                ErrorKind::NoTarget,
                format!("no value matches `{filter}`"),
            )),
            (_, sub) => chosen
                .iter()
                .try_for_each(|link| unchanged(context, attribute, link, sub, value)),
        };
    }
    match (op, target.sub) {
        (Op::Remove, None) => {
            match value.filter(|value| !value.is_null()) {
                None => *content.links_mut(&attribute.name) = std::iter::empty().collect(),
                Some(unwanted) => {
                    let unwanted = links(context, attribute, unwanted)?;
                    let set = content.links_mut(&attribute.name);
                    for link in &unwanted {
                        set.remove(&link.value);
                    }
                }
            }
            required(attribute, content)
        }
        (Op::Add, None) => add(context, content, attribute, value),
        (Op::Replace, None) => {
            let wanted = links(context, attribute, value.unwrap_or(&Value::Null))?;
            let set = content.links_mut(&attribute.name);
            *set = set.replaced_by(wanted);
            required(attribute, content)
        }
        (Op::Remove, Some(_)) if content.links(&attribute.name).is_none_or(LinkSet::is_empty) => {
            Ok(())
        }
        (_, Some(sub)) => {
            let present: Vec<_> = content
                .links(&attribute.name)
                .into_iter()
                .flat_map(LinkSet::iter)
                .cloned()
                .collect();
            if present.is_empty() && sub.name == "value" {
                return add(
                    context,
                    content,
                    attribute,
                    value.map(|id| json!({ "value": id })).as_ref(),
                );
            }
            present
                .iter()
                .try_for_each(|link| unchanged(context, attribute, link, Some(sub), value))
        }
    }
}

fn add(
    context: Context<'_>,
    content: &mut Content,
    attribute: &Attribute,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let new = links(context, attribute, value.unwrap_or(&Value::Null))?;
    let set = content.links_mut(&attribute.name);
    for link in new {
        set.insert(link);
    }
    Ok(())
}

/// The links that `value` names: one object or an array of them.
fn links(
    context: Context<'_>,
    attribute: &Attribute,
    value: &Value,
) -> Result<Vec<Link>, ScimError> {
    let mut out = Vec::new();
    for element in listed(value).iter().filter(|element| !element.is_null()) {
        let read =
            validate::element(attribute, element, context.reading)?.and_then(Link::from_value);
        let missing = || {
            ScimError::new(
                ErrorKind::InvalidValue,
                format!("expected a `value`, the id of a resource; found {element}"),
            )
        };
        out.push(read.ok_or_else(missing)?);
    }
    Ok(out)
}

/// The links that a filter selects. `value eq "id"`, which clients send nearly always, is a look-up.
fn select(
    context: Context<'_>,
    content: &Content,
    attribute: &Attribute,
    filter: &Filter,
    matcher: &Matcher,
) -> Vec<Link> {
    let Some(set) = content.links(&attribute.name) else {
        return Vec::new();
    };
    if let Filter::Compare {
        path,
        operator: Operator::Eq,
        value: Literal::String(id),
    } = filter
        && path.name.eq_ignore_ascii_case("value")
    {
        return set
            .get(id)
            .map(|link| Link::clone(link))
            .into_iter()
            .collect();
    }
    let matches = |link: &&std::sync::Arc<Link>| {
        matcher.matches_element(&context.targets.describe(attribute, link))
    };
    set.iter()
        .filter(matches)
        .map(|link| Link::clone(link))
        .collect()
}

/// Setting a part of a link to what it is already is no change; anything else is refused.
fn unchanged(
    context: Context<'_>,
    attribute: &Attribute,
    link: &Link,
    sub: Option<&Attribute>,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let shown = context.targets.describe(attribute, link);
    let same = match (sub, value) {
        (Some(sub), Some(value)) => shown.get(&sub.name) == Some(value),
        (None, Some(value)) => super::covers(&shown, value),
        _ => false,
    };
    if same {
        return Ok(());
    }
    let detail = format!(
        "the parts of `{}` are immutable: remove the value and add another",
        attribute.name
    );
    Err(ScimError::new(ErrorKind::Mutability, detail))
}

fn required(attribute: &Attribute, content: &Content) -> Result<(), ScimError> {
    let empty = content.links(&attribute.name).is_none_or(LinkSet::is_empty);
    if attribute.required && empty {
        return Err(ScimError::new(
            ErrorKind::Mutability,
            "is required and cannot be left without a value",
        ));
    }
    Ok(())
}
