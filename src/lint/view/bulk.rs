//! An operation of a bulk request, or of the answer to one (RFC 7644 section 3.7).

use super::target::{Path, Target};
use crate::exchange::walk::Schemas;
use crate::lint::Place;
use crate::scim::path::member;
use serde_json::{Map, Value};
use std::rc::Rc;

/// One operation.
pub(crate) struct BulkOperation<'a> {
    /// Where it stands.
    pub at: Rc<str>,
    /// What is not an object has no members.
    pub members: Option<&'a Map<String, Value>>,
    /// What its path, or its location, names.
    pub target: Target<'a>,
}

impl<'a> BulkOperation<'a> {
    pub(super) fn read(at: Rc<str>, value: &'a Value, schemas: &'a Schemas) -> Self {
        let members = value.as_object();
        let text = |name: &str| {
            members
                .and_then(|it| member(it, name))
                .and_then(Value::as_str)
        };
        let path = text("path")
            .or_else(|| text("location"))
            .unwrap_or_default();
        Self {
            at,
            members,
            target: Path::read(path, schemas).target,
        }
    }

    /// The value of a member.
    pub(crate) fn get(&self, name: &str) -> Option<&'a Value> {
        member(self.members?, name)
    }

    /// The text of a member.
    pub(crate) fn text(&self, name: &str) -> Option<&'a str> {
        self.get(name)?.as_str()
    }

    /// The method, in capitals.
    pub(crate) fn method(&self) -> String {
        self.text("method").unwrap_or_default().to_ascii_uppercase()
    }

    /// Where a member of it stands, or it itself.
    pub(crate) fn place(&self, name: &str) -> Place {
        let whole = Place::from(&*self.at);
        let mut names = self.members.into_iter().flat_map(Map::keys);
        match names.find(|key| key.eq_ignore_ascii_case(name)) {
            Some(written) => whole.below(written),
            None => whole,
        }
    }
}
