//! Bulk requests and their answers (RFC 7644 section 3.7): each operation is a request, or an answer, of its own.

use super::{Asked, Part, Place, Role, Walk};
use crate::scim::path::member;
use serde_json::{Map, Value};

impl Walk<'_> {
    pub(super) fn bulk(&mut self, message: &mut Map<String, Value>) {
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
                    self.bulk_operation(operation);
                }
            }
        }
    }

    fn bulk_operation(&mut self, operation: &mut Map<String, Value>) {
        let text = |name: &str| {
            let found = member(operation, name);
            found.and_then(Value::as_str).unwrap_or_default()
        };
        let asked = match Asked::of(self.schemas, text("path")) {
            Asked { kind: None, .. } => Asked::of(self.schemas, text("location")),
            asked => asked,
        };
        for (name, value) in operation {
            let is = |known: &str| name.eq_ignore_ascii_case(known);
            let role = if is("bulkId") {
                Role::BulkId
            } else if is("version") {
                Role::Version
            } else {
                Role::Text
            };
            match value {
                Value::String(path) if is("path") => self.bulk_path(path),
                Value::String(location) if is("location") => {
                    self.url(Part::Body, None, location);
                }
                value if is("data") || is("response") => self.document(asked, value),
                Value::Object(_) | Value::Array(_) => self.document(asked, value),
                _ if is("method") || is("status") => {}
                value => self.visit.value(&Place::new(Part::Body, role), value),
            }
        }
    }

    /// The path of an operation, which may have a query.
    fn bulk_path(&mut self, path: &mut String) {
        let end = path.find('?').unwrap_or(path.len());
        let mut own = path[..end].to_owned();
        self.segments(Part::Body, None, &mut own, true);
        path.replace_range(..end, &own);
    }
}
