//! The operations of a PATCH request (RFC 7644 section 3.5.2): the literals in their paths, and their values with and without path.

use super::query::reading;
use super::{Part, Place, Role, Walk};
use crate::scim::filter::comparisons;
use crate::scim::path::AttributePath;
use crate::scim::resource_type::ResourceType;
use serde_json::{Map, Value};

impl<'w> Walk<'w> {
    pub(super) fn patch(
        &mut self,
        kind: Option<&'w ResourceType>,
        message: &mut Map<String, Value>,
    ) {
        for (name, value) in message {
            if !name.eq_ignore_ascii_case("Operations") {
                continue;
            }
            let operations = match value {
                Value::Array(operations) => operations.as_mut_slice(),
                single => std::slice::from_mut(single),
            };
            for operation in operations {
                if let Value::Object(operation) = operation {
                    self.operation(kind, operation);
                }
            }
        }
    }

    fn operation(&mut self, kind: Option<&'w ResourceType>, operation: &mut Map<String, Value>) {
        let mut target = None;
        for (name, value) in operation.iter_mut() {
            if name.eq_ignore_ascii_case("path")
                && let Value::String(path) = value
                && !path.is_empty()
            {
                target = Some(path.clone());
                self.path_with_filter(kind, path);
            }
        }
        for (name, value) in operation.iter_mut() {
            let is = |known: &str| name.eq_ignore_ascii_case(known);
            if is("op") || is("path") {
                continue;
            }
            match (&target, value) {
                (None, Value::Object(members)) if is("value") => self.members(kind, members),
                (Some(path), value) if is("value") => self.assigned(kind, path, value),
                (_, value) => {
                    let attribute = self.target(kind, name);
                    self.value(&attribute, value);
                }
            }
        }
    }

    /// What is assigned to a path, which may be a whole extension.
    fn assigned(&mut self, kind: Option<&'w ResourceType>, path: &str, value: &mut Value) {
        match self.extension(kind, path, value) {
            Some(urn) if value.is_object() => self.extended(kind, &urn, value),
            _ => {
                let attribute = self.target(kind, path);
                self.value(&attribute, value);
            }
        }
    }

    /// The literals in the brackets of a path, or of the name of a member that is one.
    pub(super) fn path_with_filter(&mut self, kind: Option<&'w ResourceType>, path: &mut String) {
        let Some((open, close)) = path.find('[').zip(path.rfind(']')) else {
            return;
        };
        let within = AttributePath::parse(path[..open].trim());
        let mut inner = path.get(open + 1..close).unwrap_or_default().to_owned();
        match within.zip(comparisons(&inner, true, reading()).ok()) {
            Some((within, compared)) => {
                self.literals(kind, Part::Body, Some(&within), compared, &mut inner);
            }
            None => {
                self.text(Place::new(Part::Body, Role::Text), &mut inner);
            }
        }
        if open < close {
            path.replace_range(open + 1..close, &inner);
        }
    }
}
