//! An operation of a PATCH request (RFC 7644 section 3.5.2), with what its path names and the values that it sets.

use super::resource::{Known, Typed, Unknown, Walk};
use super::spot::Spot;
use crate::lint::Place;
use crate::scim::patch::Op;
use crate::scim::path::{AttributePath, PatchPath, member};
use crate::scim::resource_type::{Resolved, ResourceType};
use crate::scim::schema::Attribute;
use crate::scim::{Leniencies, Reading, ScimError};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::rc::Rc;

/// One operation.
pub(crate) struct Operation<'a> {
    /// Where it stands.
    pub at: Rc<str>,
    /// The type of the resource that is changed.
    pub kind: Option<&'a ResourceType>,
    /// What is not an object has no members.
    pub members: Option<&'a Map<String, Value>>,
    /// The `path`, read as leniently as can be.
    pub path: Option<Result<PatchPath, ScimError>>,
    /// What reading the path took.
    pub needed: Leniencies,
    /// What the path names.
    pub target: Option<Named<'a>>,
    /// The values that it sets.
    pub values: Vec<Typed<'a>>,
    /// Members of its value that no schema has.
    pub unknown: Vec<Unknown<'a>>,
    /// Members of a value without `path` that are paths themselves.
    pub keys: Vec<(Spot<'a>, &'a str)>,
}

/// What a path names.
#[derive(Clone, Copy)]
pub(crate) struct Named<'a> {
    /// The attribute.
    pub attribute: &'a Attribute,
    /// The sub-attribute, if it names one.
    pub sub: Option<&'a Attribute>,
}

impl Named<'_> {
    /// The attribute or sub-attribute itself.
    pub(crate) fn last(&self) -> &Attribute {
        self.sub.unwrap_or(self.attribute)
    }
}

impl<'a> Operation<'a> {
    pub(super) fn read(at: Rc<str>, kind: Option<&'a ResourceType>, value: &'a Value) -> Self {
        let members = value.as_object();
        let needed = Cell::new(Leniencies::NONE);
        let text = members
            .and_then(|it| member(it, "path"))
            .and_then(Value::as_str);
        let path = text
            .filter(|text| !text.trim().is_empty())
            .map(|text| PatchPath::parse(text, Reading::new(super::ALL, &needed)));
        let mut operation = Self {
            at,
            kind,
            members,
            path,
            needed: needed.get(),
            target: None,
            values: Vec::new(),
            unknown: Vec::new(),
            keys: Vec::new(),
        };
        if let Some(kind) = kind {
            operation.find_values(kind);
        }
        operation
    }

    fn find_values(&mut self, kind: &'a ResourceType) {
        let noted = Cell::new(self.needed);
        let value = self.key("value");
        let mut walk = Walk {
            values: &mut self.values,
            unknown: &mut self.unknown,
        };
        match (&self.path, value) {
            (Some(Ok(path)), value) => {
                let resolved = kind.resolve_by(&path.attribute, Reading::new(super::ALL, &noted));
                self.needed = noted.get();
                let Some(Resolved::Attribute {
                    extension,
                    attribute,
                    sub,
                }) = resolved
                else {
                    return;
                };
                let sub = match &path.sub {
                    None => sub,
                    Some(name) => match attribute.sub(name) {
                        None => return,
                        sub => sub,
                    },
                };
                self.target = Some(Named { attribute, sub });
                let Some((name, value)) = value else { return };
                let at = Spot::new(&self.at).member(name);
                let known = match sub {
                    Some(sub) => Known {
                        extension,
                        attribute: sub,
                        parent: Some(attribute),
                    },
                    None => Known {
                        extension,
                        attribute,
                        parent: None,
                    },
                };
                match (sub, &path.filter) {
                    (None, Some(_)) => walk.single(&at, name, known, value),
                    _ => walk.whole(&at, name, known, value),
                }
            }
            (None, Some((name, Value::Object(members)))) => {
                let at = Spot::new(&self.at).member(name);
                for (key, value) in members {
                    let path = AttributePath::parse(key);
                    let is_path = key.contains(['.', '[', ':']) && kind.extension(key).is_none();
                    if !is_path {
                        walk.top_level(kind, &at, key, value);
                        continue;
                    }
                    self.keys.push((at.member(key), key));
                    let resolved = path.and_then(|path| kind.resolve(&path));
                    if let Some(Resolved::Attribute {
                        extension,
                        attribute,
                        sub,
                    }) = resolved
                    {
                        let known = match sub {
                            Some(sub) => Known {
                                extension,
                                attribute: sub,
                                parent: Some(attribute),
                            },
                            None => Known {
                                extension,
                                attribute,
                                parent: None,
                            },
                        };
                        walk.whole(&at.member(key), key, known, value);
                    }
                }
            }
            _ => {}
        }
    }

    /// A member of it, with its name as it was written.
    pub(crate) fn key(&self, name: &str) -> Option<(&'a str, &'a Value)> {
        let mut members = self.members?.iter();
        let found = members.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some((found.0.as_str(), found.1))
    }

    /// The value of a member.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        self.key(name).map(|it| it.1)
    }

    /// What it does, in whatever case that was written.
    pub(crate) fn op(&self) -> Option<Op> {
        let text = self.get("op")?.as_str()?;
        let mut all = [Op::Add, Op::Remove, Op::Replace].into_iter();
        all.find(|op| op.name().eq_ignore_ascii_case(text))
    }

    /// The `path` as it was written.
    pub(crate) fn path_text(&self) -> Option<&'a str> {
        self.get("path")?
            .as_str()
            .filter(|text| !text.trim().is_empty())
    }

    /// Where a member of it stands, or it itself.
    pub(crate) fn place(&self, name: &str) -> Place {
        let whole = Place::from(&*self.at);
        match self.key(name) {
            Some((written, _)) => whole.below(written),
            None => whole,
        }
    }
}
