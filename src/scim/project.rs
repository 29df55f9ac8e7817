//! Projection: `attributes`, `excludedAttributes` and the `returned` characteristic (RFC 7644 section 3.9, RFC 7643 section 7).

use super::path::{AttributePath, PatchPath};
use super::resource_type::{Resolved, ResourceType};
use super::schema::{Attribute, Returned, find};
use super::{ErrorKind, Leniency, Reading, ScimError};
use serde_json::{Map, Value};

/// Which attributes an answer shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Projection {
    named: Vec<AttributePath>,
    mode: Mode,
    /// Attributes that the request wrote: those that are returned on request have been asked for (RFC 7643 section 7).
    written: Vec<AttributePath>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Mode {
    #[default]
    All,
    Only,
    Except,
}

impl Projection {
    /// Reads the two lists. A lenient reading passes over names that are not attribute notation.
    ///
    /// # Errors
    /// `invalidValue` when both are given, `invalidPath` (strict) for a malformed name.
    pub fn new(
        attributes: &[&str],
        excluded: &[&str],
        reading: Reading<'_>,
    ) -> Result<Self, ScimError> {
        let read = |names: &[&str]| -> Result<Vec<AttributePath>, ScimError> {
            let names = names
                .iter()
                .flat_map(|list| list.split(','))
                .map(str::trim)
                .filter(|name| !name.is_empty());
            let mut paths = Vec::new();
            for name in names {
                if let Some(path) = AttributePath::parse(name) {
                    paths.push(path);
                    continue;
                }
                let selected = selected(name);
                let leniency = match selected {
                    Some(_) => Leniency::ProjectionFilter,
                    None => Leniency::ProjectionName,
                };
                if !reading.takes(leniency) {
                    return Err(ScimError::new(
                        ErrorKind::InvalidPath,
                        format!("`{name}` is not an attribute name such as `name.givenName`"),
                    ));
                }
                paths.extend(selected);
            }
            Ok(paths)
        };
        let (only, except) = (read(attributes)?, read(excluded)?);
        let empty = |lists: &[&str]| lists.iter().any(|list| list.trim().is_empty());
        if (empty(attributes) || empty(excluded)) && !reading.takes(Leniency::EmptyProjection) {
            return Err(ScimError::new(
                ErrorKind::InvalidValue,
                "`attributes` and `excludedAttributes` name at least one attribute; leave out what is empty",
            ));
        }
        match (only.is_empty(), except.is_empty()) {
            (true, true) if attributes.iter().any(|list| !list.trim().is_empty()) => Ok(Self {
                named: only,
                mode: Mode::Only,
                ..Self::default()
            }),
            (true, true) => Ok(Self::default()),
            (false, true) => Ok(Self {
                named: only,
                mode: Mode::Only,
                ..Self::default()
            }),
            (true, false) => Ok(Self {
                named: except,
                mode: Mode::Except,
                ..Self::default()
            }),
            (false, false) => Err(ScimError::new(
                ErrorKind::InvalidValue,
                "`attributes` and `excludedAttributes` exclude each other; send one",
            )),
        }
    }

    /// Whether it shows what an answer shows without it.
    pub fn is_default(&self) -> bool {
        self.mode == Mode::All && self.written.is_empty()
    }

    /// The same for the answer to a request that wrote `attributes`. Where nothing is returned on request, that changes nothing.
    #[must_use]
    pub fn after_writing<'a>(
        mut self,
        types: &ResourceType,
        attributes: impl Iterator<Item = &'a str>,
    ) -> Self {
        if types.returns_on_request() {
            self.written = attributes.filter_map(AttributePath::parse).collect();
        }
        self
    }

    /// Whether it shows nothing of an attribute outside the extensions, so that its value need not be made.
    pub fn leaves_out(&self, types: &ResourceType, attribute: &Attribute) -> bool {
        let is = |path: &&AttributePath| matches!(types.resolve(path), Some(Resolved::Attribute { extension: None, attribute: a, .. }) if a.name == attribute.name);
        let mut named = self.named.iter().filter(is);
        match (attribute.returned, self.mode) {
            (Returned::Never, _) => true,
            (Returned::Always, _) | (_, Mode::All) => false,
            (_, Mode::Only) => named.next().is_none(),
            (_, Mode::Except) => named.any(|path| path.sub.is_none()),
        }
    }

    /// Shows of `resource`, a full representation, what is to be shown.
    pub fn apply(&self, types: &ResourceType, resource: Map<String, Value>) -> Map<String, Value> {
        let named: Vec<_> = self
            .named
            .iter()
            .filter_map(|path| types.resolve(path))
            .collect();
        let written: Vec<_> = self
            .written
            .iter()
            .filter_map(|path| types.resolve(path))
            .collect();
        let named = (named.as_slice(), written.as_slice());
        let mut out = Map::new();
        for (key, value) in resource {
            let shown = match (types.extension(&key), value) {
                (Some(extension), Value::Object(members)) => {
                    let urn = extension.schema.id.as_str();
                    let whole = named.0.iter().any(
                        |resolved| matches!(resolved, Resolved::Extension(e) if e.schema.id == urn),
                    );
                    let mut holder = Map::new();
                    for (key, value) in members {
                        let Some(attribute) = find(&extension.schema.attributes, &key) else {
                            if self.shows_unknown(whole, &format!("{urn}:{key}")) {
                                holder.insert(key, value);
                            }
                            continue;
                        };
                        if let Some(value) = self.show(named, Some(urn), whole, attribute, value) {
                            holder.insert(key, value);
                        }
                    }
                    (!holder.is_empty()).then_some(Value::Object(holder))
                }
                (_, value) => match types.attribute(&key) {
                    Some(attribute) => self.show(named, None, false, attribute, value),
                    None => self.shows_unknown(false, &key).then_some(value),
                },
            };
            if let Some(value) = shown {
                out.insert(key, value);
            }
        }
        out
    }

    /// Whether it shows an attribute that no schema has, and the provider keeps.
    fn shows_unknown(&self, whole: bool, name: &str) -> bool {
        let mut named = self.named.iter();
        let is_named = whole || named.any(|path| path.to_string().eq_ignore_ascii_case(name));
        is_named == (self.mode == Mode::Only)
    }

    fn show(
        &self,
        (named, written): (&[Resolved<'_>], &[Resolved<'_>]),
        urn: Option<&str>,
        whole: bool,
        attribute: &Attribute,
        value: Value,
    ) -> Option<Value> {
        let mine = |resolved: &&Resolved<'_>| matches!(resolved, Resolved::Attribute { extension, attribute: a, .. } if *extension == urn && a.name == attribute.name);
        let subs: Vec<Option<&Attribute>> = named
            .iter()
            .filter(mine)
            .map(|resolved| match resolved {
                Resolved::Attribute { sub, .. } => *sub,
                Resolved::Extension(_) => None,
            })
            .collect();
        let entire = whole || subs.contains(&None);
        let subs: Vec<&str> = subs
            .into_iter()
            .flatten()
            .map(|sub| sub.name.as_str())
            .collect();
        let asked = written.iter().any(|resolved| match resolved {
            Resolved::Extension(extension) => urn == Some(extension.schema.id.as_str()),
            Resolved::Attribute { .. } => mine(&resolved),
        });
        let keep = match (attribute.returned, self.mode) {
            (Returned::Never, _) => return None,
            (Returned::Always, _) => return Some(value),
            (Returned::Default, Mode::All) => true,
            (Returned::Default, Mode::Except) => !entire,
            (Returned::Request, Mode::All) => asked,
            (Returned::Request, Mode::Except) => asked && !entire,
            (_, Mode::Only) => entire || !subs.is_empty(),
        };
        if !keep {
            return None;
        }
        let shown = |sub: &Attribute| match (sub.returned, self.mode) {
            (Returned::Always, _) => true,
            (Returned::Default, Mode::Only) => entire || subs.contains(&sub.name.as_str()),
            (Returned::Default, _) => !subs.contains(&sub.name.as_str()),
            (Returned::Request, Mode::Only) => subs.contains(&sub.name.as_str()),
            (Returned::Request, _) => asked,
            (Returned::Never, _) => false,
        };
        trim(attribute, value, &shown)
    }
}

/// Keeps the sub-attributes that are `shown`; a value that keeps none is gone.
fn trim(attribute: &Attribute, value: Value, shown: &impl Fn(&Attribute) -> bool) -> Option<Value> {
    match value {
        Value::Array(list) => {
            let list: Vec<_> = list
                .into_iter()
                .filter_map(|value| trim(attribute, value, shown))
                .collect();
            (!list.is_empty()).then_some(Value::Array(list))
        }
        Value::Object(members) => {
            let kept = members
                .into_iter()
                .filter(|(key, _)| attribute.sub(key).is_none_or(shown));
            let kept: Map<_, _> = kept.collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        simple => Some(simple),
    }
}

/// The attribute of a path that selects values (`emails[type eq "work"].value`): a projection shows all of them.
fn selected(name: &str) -> Option<AttributePath> {
    let path = PatchPath::parse(name, Reading::LENIENT).ok()?;
    let sub = path.sub.or(path.attribute.sub);
    Some(AttributePath {
        sub,
        ..path.attribute
    })
}
