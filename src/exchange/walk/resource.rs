//! The values of a resource (RFC 7643 section 3): its attributes, those of its extensions, and names that are whole paths, as some
//! clients write them (`"name.givenName"`, `"urn:…:User:department"`).

use super::place::AttributePlace;
use super::{Part, Place, Role, Walk};
use crate::scim::filter::Operator;
use crate::scim::path::AttributePath;
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::Type;
use serde_json::{Map, Value};

impl<'w> Walk<'w> {
    /// A resource; `asked` is its type as far as the request tells.
    pub(super) fn resource(
        &mut self,
        asked: Option<&'w ResourceType>,
        resource: &mut Map<String, Value>,
    ) {
        let kind = self.schemas.of_resource(resource).or(asked);
        self.visit.resource(kind, resource);
        self.members(kind, resource);
    }

    /// The members of a resource, or of the `value` of a PATCH operation without path.
    pub(super) fn members(
        &mut self,
        kind: Option<&'w ResourceType>,
        members: &mut Map<String, Value>,
    ) {
        if members.keys().any(|name| name.contains('[')) {
            let whole = std::mem::take(members);
            for (mut name, value) in whole {
                if name.contains('[') {
                    self.path_with_filter(kind, &mut name);
                }
                members.insert(name, value);
            }
        }
        for (name, value) in members {
            if name.eq_ignore_ascii_case("schemas") {
                continue;
            }
            if let Some(urn) = self.extension(kind, name, value) {
                self.extended(kind, &urn, value);
            } else {
                let attribute = self.target(kind, name);
                self.value(&attribute, value);
            }
        }
    }

    /// The URN of the extension that a member of a resource holds.
    pub(super) fn extension(
        &self,
        kind: Option<&'w ResourceType>,
        name: &str,
        value: &Value,
    ) -> Option<String> {
        if let Some(schema) = self.schemas.schema(name) {
            return Some(schema.id.clone());
        }
        let is_urn = name
            .get(..4)
            .is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
        (is_urn && value.is_object() && self.target(kind, name).definition.is_none())
            .then(|| name.to_owned())
    }

    pub(super) fn extended(
        &mut self,
        kind: Option<&'w ResourceType>,
        urn: &str,
        value: &mut Value,
    ) {
        let Value::Object(members) = value else {
            let attribute = AttributePlace::unknown(kind, Some(urn.to_owned()), "");
            return self.value(&attribute, value);
        };
        for (name, value) in members {
            let attribute = match AttributePath::parse(name) {
                Some(path) => {
                    let uri = path.uri.or_else(|| Some(urn.to_owned()));
                    self.schemas.resolve(kind, &AttributePath { uri, ..path })
                }
                None => AttributePlace::unknown(kind, Some(urn.to_owned()), name),
            };
            self.value(&attribute, value);
        }
    }

    /// The attribute that a path names, filters in it set aside.
    pub(super) fn target(&self, kind: Option<&'w ResourceType>, path: &str) -> AttributePlace<'w> {
        let (head, tail) = match path.split_once('[') {
            None => (path, None),
            Some((head, rest)) => (head, rest.rsplit_once("].").map(|(_, sub)| sub.trim())),
        };
        let Some(attribute) = AttributePath::parse(head.trim()) else {
            return AttributePlace::unknown(kind, None, path);
        };
        let attribute = self.schemas.resolve(kind, &attribute);
        match tail {
            Some(sub) => attribute.sub(sub),
            None => attribute,
        }
    }

    /// The value of an attribute, whatever its shape.
    pub(super) fn value(&mut self, attribute: &AttributePlace<'w>, value: &mut Value) {
        match value {
            Value::Array(list) => {
                for element in list {
                    self.value(attribute, element);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    self.value(&attribute.sub(name), member);
                }
            }
            scalar => self.scalar(Part::Body, attribute, None, scalar),
        }
    }

    /// A value that is no list and no object.
    pub(super) fn scalar(
        &mut self,
        part: Part<'_>,
        attribute: &AttributePlace<'w>,
        compared: Option<Operator>,
        value: &mut Value,
    ) {
        let stands_for_value = attribute
            .definition
            .is_some_and(|it| it.kind == Type::Complex && it.sub("value").is_some());
        let whole;
        let attribute = if stands_for_value {
            whole = attribute.sub("value");
            &whole
        } else {
            attribute
        };
        if attribute.is_shape() {
            return;
        }
        let place = Place {
            part,
            role: attribute.role(),
            attribute: Some(attribute),
            compared,
        };
        match (place.role, value) {
            (Role::Id { .. }, Value::String(text)) => {
                self.id(place, text);
            }
            (Role::Location, Value::String(text)) => self.url(part, Some(attribute), text),
            (_, value) => self.visit.value(&place, value),
        }
    }
}
