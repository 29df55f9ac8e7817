//! A resource, each value of it with the attribute whose value it is (RFC 7643 section 2).

use super::spot::Spot;
use crate::exchange::walk::Schemas;
use crate::scim::path::{AttributePath, member};
use crate::scim::resource_type::{Resolved, ResourceType};
use crate::scim::schema::{Attribute, Type};
use serde_json::{Map, Value};
use std::rc::Rc;

/// A representation of a resource.
pub(crate) struct Resource<'a> {
    /// Where it stands.
    pub at: Rc<str>,
    /// Its type, as far as it is known.
    pub kind: Option<&'a ResourceType>,
    /// What it holds.
    pub members: &'a Map<String, Value>,
    /// The values of the attributes that are known.
    pub values: Vec<Typed<'a>>,
    /// The members that no schema has.
    pub unknown: Vec<Unknown<'a>>,
}

/// A value with its attribute.
pub(crate) struct Typed<'a> {
    /// Where it stands.
    pub at: Spot<'a>,
    /// The name as it was written.
    pub written: &'a str,
    /// The URN of the extension that holds it.
    pub extension: Option<&'a str>,
    /// The attribute whose value it is.
    pub attribute: &'a Attribute,
    /// The attribute that this one is part of.
    pub parent: Option<&'a Attribute>,
    /// The value.
    pub value: &'a Value,
    /// Whether it should be a list: the whole of a multi-valued attribute.
    pub is_list: bool,
}

/// A member that no schema has.
pub(crate) struct Unknown<'a> {
    /// Where it stands.
    pub at: Spot<'a>,
    /// The name as it was written.
    pub name: &'a str,
    /// Whose attribute it would be.
    pub holder: &'a str,
    /// A known attribute whose name is near.
    pub nearest: Option<&'a str>,
    /// An extension that has an attribute of this name.
    pub extension: Option<&'a str>,
}

/// Whether a recording has put a mark in the place of the value.
pub(crate) fn is_hidden(text: &str) -> bool {
    text.contains("{secret")
}

impl<'a> Resource<'a> {
    pub(super) fn read(
        at: Rc<str>,
        kind: Option<&'a ResourceType>,
        members: &'a Map<String, Value>,
        schemas: &'a Schemas,
    ) -> Self {
        let mut resource = Self {
            at,
            kind: schemas.of_resource(members).or(kind),
            members,
            values: Vec::new(),
            unknown: Vec::new(),
        };
        let Some(kind) = resource.kind else {
            return resource;
        };
        let start = Spot::new(&resource.at);
        let mut walk = Walk {
            values: &mut resource.values,
            unknown: &mut resource.unknown,
        };
        for (name, value) in members {
            walk.top_level(kind, &start, name, value);
        }
        resource
    }

    /// The member of this name, whatever its case.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        member(self.members, name)
    }

    /// The text of this member.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.get(name)?.as_str()
    }

    /// The member of `meta` of this name.
    pub(crate) fn meta(&self, name: &str) -> Option<&'a Value> {
        member(self.get("meta")?.as_object()?, name)
    }

    /// The URNs in `schemas`.
    pub(crate) fn schemas(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let list = self.get("schemas").and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str)
    }

    /// Where a member of it stands.
    pub(crate) fn place(&self, name: &str) -> crate::lint::Place {
        let written = self
            .members
            .keys()
            .find(|key| key.eq_ignore_ascii_case(name));
        let whole = crate::lint::Place::from(&*self.at);
        written.map_or_else(|| whole.clone(), |written| whole.below(written))
    }
}

/// Collects values and names.
pub(super) struct Walk<'w, 'a> {
    pub(super) values: &'w mut Vec<Typed<'a>>,
    pub(super) unknown: &'w mut Vec<Unknown<'a>>,
}

/// An attribute, and what holds it.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) extension: Option<&'a str>,
    pub(super) attribute: &'a Attribute,
    pub(super) parent: Option<&'a Attribute>,
}

impl<'a> Walk<'_, 'a> {
    pub(super) fn top_level(
        &mut self,
        kind: &'a ResourceType,
        holder: &Spot<'a>,
        name: &'a str,
        value: &'a Value,
    ) {
        if name.eq_ignore_ascii_case("schemas") {
            return;
        }
        let at = holder.member(name);
        if let Some(attribute) = kind.attribute(name) {
            let known = Known {
                extension: None,
                attribute,
                parent: None,
            };
            return self.whole(&at, name, known, value);
        }
        if let Some(extension) = kind.extension(name) {
            let urn = extension.schema.id.as_str();
            for (name, value) in value.as_object().into_iter().flatten() {
                let at = at.member(name);
                let found = extension
                    .schema
                    .attributes
                    .iter()
                    .find(|it| it.name.eq_ignore_ascii_case(name));
                match found {
                    Some(attribute) => {
                        let known = Known {
                            extension: Some(urn),
                            attribute,
                            parent: None,
                        };
                        self.whole(&at, name, known, value);
                    }
                    None if name.eq_ignore_ascii_case("schemas") => {}
                    None => self.unknown.push(Unknown {
                        at,
                        name,
                        holder: urn,
                        nearest: None,
                        extension: None,
                    }),
                }
            }
            return;
        }
        let path = AttributePath::parse(name);
        let resolved = path.as_ref().and_then(|path| kind.resolve(path));
        let extension = match resolved {
            Some(Resolved::Attribute { extension, .. }) => extension,
            _ => None,
        };
        self.unknown.push(Unknown {
            at,
            name,
            holder: &kind.name,
            nearest: kind.nearest(name),
            extension,
        });
    }

    /// The whole value of an attribute.
    pub(super) fn whole(
        &mut self,
        at: &Spot<'a>,
        written: &'a str,
        known: Known<'a>,
        value: &'a Value,
    ) {
        if !known.attribute.multi_valued {
            return self.single(at, written, known, value);
        }
        self.push(at.clone(), written, known, value, true);
        match value {
            Value::Array(list) => {
                for (index, element) in list.iter().enumerate() {
                    self.single(&at.element(index), written, known, element);
                }
            }
            Value::Null => {}
            single => self.single(at, written, known, single),
        }
    }

    /// One value of an attribute.
    pub(super) fn single(
        &mut self,
        at: &Spot<'a>,
        written: &'a str,
        known: Known<'a>,
        value: &'a Value,
    ) {
        self.push(at.clone(), written, known, value, false);
        let (Type::Complex, Value::Object(members)) = (known.attribute.kind, value) else {
            return;
        };
        for (name, value) in members {
            let at = at.member(name);
            match known.attribute.sub(name) {
                Some(sub) => {
                    let sub = Known {
                        extension: known.extension,
                        attribute: sub,
                        parent: Some(known.attribute),
                    };
                    self.whole(&at, name, sub, value);
                }
                None => self.unknown.push(Unknown {
                    at,
                    name,
                    holder: &known.attribute.name,
                    nearest: None,
                    extension: None,
                }),
            }
        }
    }

    fn push(
        &mut self,
        at: Spot<'a>,
        written: &'a str,
        known: Known<'a>,
        value: &'a Value,
        is_list: bool,
    ) {
        if value.as_str().is_some_and(is_hidden) {
            return;
        }
        self.values.push(Typed {
            at,
            written,
            extension: known.extension,
            attribute: known.attribute,
            parent: known.parent,
            value,
            is_list,
        });
    }
}
