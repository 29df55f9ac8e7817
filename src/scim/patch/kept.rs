//! Attributes that no schema has, where the provider keeps them (`unknown_attribute_kept`): one operation on one of them.
//!
//! Nothing is known of them but their JSON: a list is added to, an object is merged, anything else is replaced. A filter cannot select.

use super::{Context, Op};
use crate::scim::path::{AttributePath, PatchPath};
use crate::scim::resource::Content;
use crate::scim::resource_type::Resolved;
use crate::scim::schema::{Mutability, Type};
use crate::scim::{ErrorKind, ScimError};
use serde_json::{Map, Value};

/// Applies an operation at a path that resolves to nothing.
pub(super) fn at_path(
    context: Context<'_>,
    content: &mut Content,
    op: Op,
    path: &PatchPath,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let AttributePath { uri, name, sub } = &path.attribute;
    let selects = || {
        let detail =
            format!("path `{path}`: nothing is known of it, so there is nothing to select");
        ScimError::new(ErrorKind::InvalidPath, detail)
    };
    if path.filter.is_some() {
        return Err(selects());
    }
    let types = context.types;
    let top = AttributePath {
        sub: None,
        ..path.attribute.clone()
    };
    // A sub-attribute that is not known, of an attribute that is.
    if let (
        Some(sub),
        Some(Resolved::Attribute {
            extension,
            attribute,
            ..
        }),
    ) = (sub, types.resolve(&top))
    {
        if attribute.mutability == Mutability::ReadOnly {
            return context.read_only(attribute);
        }
        if attribute.multi_valued || attribute.kind != Type::Complex {
            return Err(selects());
        }
        let holder: Vec<&str> = extension
            .into_iter()
            .chain([attribute.name.as_str()])
            .collect();
        return within(&mut content.attributes, &holder, op, sub, value);
    }
    let own = |uri: &&str| !uri.eq_ignore_ascii_case(&types.schema.id);
    let urn = uri.as_deref().filter(own).map(|uri| {
        let known = types.extension(uri);
        known.map_or(uri, |extension| extension.schema.id.as_str())
    });
    if urn.is_some() && sub.is_none() && value.is_none_or(Value::is_object) {
        // An extension that is not known: its URN reads as an attribute of what stands before the last colon.
        let whole = path.to_string();
        let held = content
            .attributes
            .keys()
            .any(|key| key.eq_ignore_ascii_case(&whole));
        if held || op != Op::Remove {
            return change(&mut content.attributes, op, &whole, value);
        }
    }
    let mut holder: Vec<&str> = urn.into_iter().collect();
    let name = match sub {
        Some(sub) => {
            holder.push(name);
            sub
        }
        None => name,
    };
    within(&mut content.attributes, &holder, op, name, value)
}

/// Applies an operation to a member of a value without a path, or of an extension.
pub(super) fn at_key(
    content: &mut Content,
    urn: Option<&str>,
    op: Op,
    key: &str,
    value: &Value,
) -> Result<(), ScimError> {
    let holder: Vec<&str> = urn.into_iter().collect();
    within(&mut content.attributes, &holder, op, key, Some(value))
}

/// Changes a member of an object that may have to be made first, and is gone when it is left empty.
fn within(
    members: &mut Map<String, Value>,
    holder: &[&str],
    op: Op,
    name: &str,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let [first, rest @ ..] = holder else {
        return change(members, op, name, value);
    };
    let key = spelled(members, first);
    let inner = members
        .entry(&key)
        .or_insert_with(|| Value::Object(Map::new()));
    let Value::Object(inner) = inner else {
        let detail = format!("`{key}` has one simple value and no sub-attributes");
        return Err(ScimError::new(ErrorKind::InvalidPath, detail));
    };
    within(inner, rest, op, name, value)?;
    if inner.is_empty() {
        members.shift_remove(&key);
    }
    Ok(())
}

fn change(
    members: &mut Map<String, Value>,
    op: Op,
    name: &str,
    value: Option<&Value>,
) -> Result<(), ScimError> {
    let key = spelled(members, name);
    let value = value.filter(|value| !value.is_null());
    match (op, value) {
        (Op::Remove, _) | (Op::Replace, None) => {
            members.shift_remove(&key);
        }
        (Op::Add, None) => {
            let detail = format!("{name}: `add` needs a value");
            return Err(ScimError::new(ErrorKind::InvalidValue, detail));
        }
        (Op::Add, Some(value)) => match (members.get_mut(&key), value) {
            (Some(Value::Array(list)), more) => {
                for value in super::listed(more) {
                    if !list.contains(value) {
                        list.push(value.clone());
                    }
                }
            }
            (Some(Value::Object(present)), Value::Object(more)) => {
                present.extend(more.clone());
            }
            _ => {
                members.insert(key, value.clone());
            }
        },
        (Op::Replace, Some(value)) => {
            members.insert(key, value.clone());
        }
    }
    Ok(())
}

/// The name as it is spelled already, or as the client spells it.
fn spelled(members: &Map<String, Value>, name: &str) -> String {
    let present = members.keys().find(|key| key.eq_ignore_ascii_case(name));
    present.map_or_else(|| name.to_owned(), Clone::clone)
}
