//! PATCH (RFC 7644 section 3.5.2): reading the message and applying its operations, in order, to a copy of the content.
//!
//! The caller keeps the original: a PATCH that fails has changed nothing. Uniqueness is the directory's affair.

mod attribute;
mod kept;
mod links;
mod message;

use super::choices::{Choices, OpPath, PatchMatches, PatchTarget, PatchValue};
use super::link::Targets;
use super::path::{AttributePath, PatchPath};
use super::resource::{Content, is_link};
use super::resource_type::{Extension, Resolved, ResourceType};
use super::schema::{Attribute, Mutability, find};
use super::{ErrorKind, Leniency, Reading, ScimError};
pub use message::{Op, Operation, PATCH_OP_URN, parse};
use serde_json::{Map, Value};

/// What operations are applied with.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The type of the resource.
    pub types: &'a ResourceType,
    /// How much departure is accepted.
    pub reading: Reading<'a>,
    /// The id of the resource, which a client may repeat.
    pub id: &'a str,
    /// What its links point at.
    pub targets: &'a dyn Targets,
    /// What the provider decided.
    pub choices: &'a Choices,
}

/// One attribute as an operation names it.
#[derive(Clone, Copy)]
struct Target<'a> {
    extension: Option<&'a str>,
    attribute: &'a Attribute,
    sub: Option<&'a Attribute>,
}

/// Applies `operations` to `content`.
///
/// # Errors
/// Whatever the first operation that cannot be applied says, its number before it. `content` is then half changed: apply to a copy.
pub fn apply(
    context: Context<'_>,
    content: &mut Content,
    operations: &[Operation],
) -> Result<(), ScimError> {
    for (n, operation) in operations.iter().enumerate() {
        let applied = match &operation.path {
            Some(path) => context.at_path(content, operation.op, path, operation.value.as_ref()),
            None => context.without_path(content, operation.op, operation.value.as_ref()),
        };
        applied.map_err(|error| error.at(format_args!("operation {}", n + 1)))?;
    }
    Ok(())
}

impl Context<'_> {
    fn without_path(
        self,
        content: &mut Content,
        op: Op,
        value: Option<&Value>,
    ) -> Result<(), ScimError> {
        if op == Op::Remove {
            let detail = "`remove` needs a `path` that says what to remove";
            return Err(ScimError::new(ErrorKind::NoTarget, detail));
        }
        if self.choices.patch_path == OpPath::Required {
            let detail = format!("`{}` needs a `path` here", op.name());
            return Err(ScimError::new(ErrorKind::InvalidSyntax, detail));
        }
        let Some(Value::Object(members)) = value else {
            let (kind, found) = match value {
                None | Some(Value::Null) => (ErrorKind::InvalidValue, "nothing".to_owned()),
                Some(other) => (ErrorKind::InvalidSyntax, other.to_string()),
            };
            return Err(ScimError::new(
                kind,
                format!("without a `path`, `value` is an object of attributes; found {found}"),
            ));
        };
        for (key, value) in members {
            if let Some(extension) = self.types.extension_by(key, self.reading) {
                self.extension(content, op, extension, Some(value))?;
            } else {
                self.at_key(content, op, key, value)?;
            }
        }
        Ok(())
    }

    /// A member of a path-less value. Lenient reading takes `name.givenName` and `urn:…:department` for paths, as Entra ID means them.
    fn at_key(
        self,
        content: &mut Content,
        op: Op,
        key: &str,
        value: &Value,
    ) -> Result<(), ScimError> {
        if key.contains('[') && self.reading.takes(Leniency::PathAsKey) {
            let path = PatchPath::parse(key, self.reading)?;
            return self.at_path(content, op, &path, Some(value));
        }
        let path = AttributePath::parse(key);
        let resolved = path
            .as_ref()
            .and_then(|path| self.types.resolve_by(path, self.reading));
        let is_name = path.is_some_and(|path| path.uri.is_none() && path.sub.is_none());
        if resolved.is_some() && !is_name && !self.reading.takes(Leniency::PathAsKey) {
            let detail =
                format!("`{key}` is a path; it stands in `path`, and its value alone in `value`");
            return Err(ScimError::new(ErrorKind::InvalidSyntax, detail));
        }
        let Some(Resolved::Attribute {
            extension,
            attribute,
            sub,
        }) = resolved
        else {
            if self.reading.takes(Leniency::UnknownAttributeKept) {
                return match PatchPath::parse(key, self.reading) {
                    Ok(path) => kept::at_path(self, content, op, &path, Some(value)),
                    Err(_) => kept::at_key(content, None, op, key, value),
                };
            }
            if self.reading.takes(Leniency::UnknownAttribute) {
                return Ok(());
            }
            return Err(ScimError::new(
                ErrorKind::InvalidSyntax,
                format!("{} has no attribute `{key}`", self.types.name),
            ));
        };
        if attribute.name == "schemas" && extension.is_none() {
            return self.schemas(content, op, Some(value));
        }
        if attribute.mutability == Mutability::ReadOnly {
            // Clients repeat what they read: Okta sends the `id`, others the whole `meta`.
            let repeated = attribute.name == "meta" || (attribute.name == "id" && value == self.id);
            return if repeated {
                Ok(())
            } else {
                self.read_only(attribute)
            };
        }
        self.at_target(
            content,
            op,
            Target {
                extension,
                attribute,
                sub,
            },
            None,
            Some(value),
            key,
        )
    }

    fn at_path(
        self,
        content: &mut Content,
        op: Op,
        path: &PatchPath,
        value: Option<&Value>,
    ) -> Result<(), ScimError> {
        let Some(resolved) = self.types.resolve_by(&path.attribute, self.reading) else {
            return self.unknown(content, op, path, value);
        };
        let (extension, attribute, mut sub) = match resolved {
            Resolved::Extension(extension) => {
                if path.filter.is_some() {
                    return self.unknown(content, op, path, value);
                }
                return self.extension(content, op, extension, value);
            }
            Resolved::Attribute {
                extension,
                attribute,
                sub,
            } => (extension, attribute, sub),
        };
        if let Some(name) = &path.sub {
            let Some(found) = attribute.sub(name) else {
                return self.unknown(content, op, path, value);
            };
            sub = Some(found);
        }
        if attribute.name == "schemas" && extension.is_none() {
            return match &path.filter {
                None => self.schemas(content, op, value),
                Some(filter) => self.selected_schemas(content, op, attribute, filter),
            };
        }
        if attribute.mutability == Mutability::ReadOnly {
            return self.read_only(attribute);
        }
        self.at_target(
            content,
            op,
            Target {
                extension,
                attribute,
                sub,
            },
            path.filter.as_ref(),
            value,
            &path.to_string(),
        )
    }

    fn unknown(
        self,
        content: &mut Content,
        op: Op,
        path: &PatchPath,
        value: Option<&Value>,
    ) -> Result<(), ScimError> {
        if self.reading.takes(Leniency::UnknownAttributeKept) {
            return kept::at_path(self, content, op, path, value);
        }
        if self.reading.takes(Leniency::PatchUnknownPath) {
            return Ok(());
        }
        let hint = self
            .types
            .nearest(&path.attribute.name)
            .map_or(String::new(), |name| format!("; did you mean `{name}`?"));
        let detail = format!(
            "path `{path}`: {} has no such attribute{hint}",
            self.types.name
        );
        Err(ScimError::new(ErrorKind::InvalidPath, detail))
    }

    fn at_target(
        self,
        content: &mut Content,
        op: Op,
        target: Target<'_>,
        filter: Option<&super::filter::Filter>,
        value: Option<&Value>,
        place: &str,
    ) -> Result<(), ScimError> {
        if let Some(sub) = target
            .sub
            .filter(|sub| sub.mutability == Mutability::ReadOnly)
        {
            return self.read_only(sub).map_err(|error| error.at(place));
        }
        if op != Op::Remove && value.is_none() {
            return Err(ScimError::new(
                ErrorKind::InvalidValue,
                format!("{place}: `{}` needs a `value`", op.name()),
            ));
        }
        if op == Op::Add && value == Some(&Value::Null) {
            return Err(ScimError::new(
                ErrorKind::InvalidValue,
                format!("{place}: `add` needs a value; use `remove` to unassign"),
            ));
        }
        if op == Op::Remove
            && value.is_some_and(|value| !value.is_null())
            && !self.reading.takes(Leniency::RemoveWithValue)
        {
            return Err(ScimError::new(
                ErrorKind::InvalidValue,
                format!("{place}: `remove` takes no `value`; select with a filter in the path"),
            ));
        }
        self.check_form(op, target, filter.is_some(), value)
            .map_err(|error| error.at(place))?;
        let matcher = match filter {
            None => None,
            Some(_) if !target.attribute.multi_valued => {
                let detail = format!(
                    "path `{place}`: `{}` has one value, so there is nothing to select",
                    target.attribute.name
                );
                return Err(ScimError::new(ErrorKind::InvalidPath, detail));
            }
            Some(filter) => Some((filter, filter.bind_element(target.attribute, self.reading)?)),
        };
        // The grammar allows `emails.type`; which of the values is meant, it does not say.
        if target.sub.is_some()
            && target.attribute.multi_valued
            && filter.is_none()
            && !self.reading.takes(Leniency::PathToEveryValue)
        {
            let detail = format!(
                "path `{place}`: `{}` has many values; select with a filter in brackets",
                target.attribute.name
            );
            return Err(ScimError::new(ErrorKind::InvalidPath, detail));
        }
        let applied = if target.extension.is_none() && is_link(target.attribute) {
            links::apply(self, content, op, target, matcher.as_ref(), value)
        } else {
            attribute::apply(self, content, op, target, matcher.as_ref(), value)
        };
        applied.map_err(|error| error.at(place))
    }

    /// Whether a filter may select so many values.
    fn may_select(self, count: usize) -> Result<(), ScimError> {
        if count < 2 || self.choices.patch_matches == PatchMatches::Any {
            return Ok(());
        }
        let detail = format!("the filter selects {count} values; it may select one here");
        Err(ScimError::new(ErrorKind::InvalidFilter, detail))
    }

    /// What a provider may ask of an operation beyond the RFC.
    fn check_form(
        self,
        op: Op,
        target: Target<'_>,
        selects: bool,
        value: Option<&Value>,
    ) -> Result<(), ScimError> {
        if op == Op::Remove || target.sub.is_some() {
            return Ok(());
        }
        if selects && self.choices.patch_target == PatchTarget::SubAttribute {
            let detail = "a filter is followed by the sub-attribute to change here";
            return Err(ScimError::new(ErrorKind::InvalidPath, detail));
        }
        let lists = self.choices.patch_value == PatchValue::Array && target.attribute.multi_valued;
        if lists && !selects && value.is_some_and(|value| !value.is_array() && !value.is_null()) {
            let detail = "an attribute of many values takes an array here";
            return Err(ScimError::new(ErrorKind::InvalidValue, detail));
        }
        Ok(())
    }

    /// A path that is the URN of an extension: its attributes together.
    fn extension(
        self,
        content: &mut Content,
        op: Op,
        extension: &Extension,
        value: Option<&Value>,
    ) -> Result<(), ScimError> {
        let urn = extension.schema.id.as_str();
        let clear = op == Op::Remove || (op == Op::Replace && value.is_none_or(Value::is_null));
        if clear {
            if extension.required {
                return Err(ScimError::new(
                    ErrorKind::Mutability,
                    format!("`{urn}` is required and cannot be removed"),
                ));
            }
            content.attributes.shift_remove(urn);
            return Ok(());
        }
        let Some(members) = value.and_then(Value::as_object) else {
            return Err(ScimError::new(
                ErrorKind::InvalidValue,
                format!("{urn}: expected an object with the attributes of the extension"),
            ));
        };
        for (key, value) in members {
            // Some clients repeat the envelope inside.
            if key.eq_ignore_ascii_case("schemas") {
                continue;
            }
            let Some(attribute) = find(&extension.schema.attributes, key) else {
                if self.reading.takes(Leniency::UnknownAttributeKept) {
                    kept::at_key(content, Some(urn), op, key, value)?;
                    continue;
                }
                if self.reading.takes(Leniency::UnknownAttribute) {
                    continue;
                }
                return Err(ScimError::new(
                    ErrorKind::InvalidSyntax,
                    format!("{urn} has no attribute `{key}`"),
                ));
            };
            if attribute.mutability == Mutability::ReadOnly {
                self.read_only(attribute)?;
                continue;
            }
            let target = Target {
                extension: Some(urn),
                attribute,
                sub: None,
            };
            self.at_target(
                content,
                op,
                target,
                None,
                Some(value),
                &format!("{urn}:{key}"),
            )?;
        }
        Ok(())
    }

    /// Those of `schemas` that a filter selects can be removed, and nothing else.
    fn selected_schemas(
        self,
        content: &mut Content,
        op: Op,
        attribute: &Attribute,
        filter: &super::filter::Filter,
    ) -> Result<(), ScimError> {
        if op != Op::Remove {
            return Err(ScimError::new(
                ErrorKind::InvalidPath,
                "`schemas` takes no filter but to remove; name the URNs in `value`",
            ));
        }
        let matcher = filter.bind_element(attribute, self.reading)?;
        let extensions = self.types.extensions.iter().map(|it| &it.schema.id);
        let urns = std::iter::once(&self.types.schema.id).chain(extensions);
        let selected: Vec<Value> = urns
            .map(|urn| Value::from(urn.as_str()))
            .filter(|urn| matcher.matches_element(urn))
            .collect();
        if selected.is_empty() {
            return Ok(());
        }
        self.schemas(content, op, Some(&Value::Array(selected)))
    }

    /// `schemas` follows from what a resource holds; changing it can only drop an extension.
    fn schemas(
        self,
        content: &mut Content,
        op: Op,
        value: Option<&Value>,
    ) -> Result<(), ScimError> {
        let named = |urn: &str| match value {
            Some(Value::Array(list)) => list
                .iter()
                .filter_map(Value::as_str)
                .any(|other| other.eq_ignore_ascii_case(urn)),
            Some(Value::String(other)) => other.eq_ignore_ascii_case(urn),
            _ => false,
        };
        let base = &self.types.schema.id;
        let dropped = |urn: &str| match op {
            Op::Add => false,
            Op::Replace => !named(urn),
            Op::Remove => value.is_none() || named(urn),
        };
        if dropped(base) {
            return Err(ScimError::new(
                ErrorKind::InvalidValue,
                format!("`schemas` keeps the base schema {base}"),
            ));
        }
        for extension in &self.types.extensions {
            if dropped(&extension.schema.id) {
                self.extension(content, Op::Remove, extension, None)?;
            }
        }
        Ok(())
    }

    fn read_only(self, attribute: &Attribute) -> Result<(), ScimError> {
        if self.reading.takes(Leniency::PatchReadOnly) {
            return Ok(());
        }
        let name = &attribute.name;
        let detail = format!("`{name}` is readOnly: only the service provider changes it");
        Err(ScimError::new(ErrorKind::Mutability, detail))
    }
}

/// A `remove` that found nothing, where a provider refuses that.
fn nothing_removed(attribute: &Attribute) -> ScimError {
    let detail = format!("`{}` has nothing that could be removed", attribute.name);
    ScimError::new(ErrorKind::NoTarget, detail)
}

/// `value` as a list: what is meant by one object where many may stand.
fn listed(value: &Value) -> &[Value] {
    match value {
        Value::Array(list) => list,
        one => std::slice::from_ref(one),
    }
}

/// Whether `whole` has every member of `part`.
fn covers(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => is_subset(part, whole),
        _ => whole == part,
    }
}

fn is_subset(part: &Map<String, Value>, whole: &Map<String, Value>) -> bool {
    part.iter()
        .all(|(key, value)| whole.get(key) == Some(value))
}
