//! A JSON document that is read member by member, each knowing the way to itself, so that an error can name it.
//!
//! `null` is the absence of a member: mitmproxy writes it for what it does not know.

use super::HarError;
use serde_json::Value;

/// A value and the way to it from the top.
#[derive(Debug, Clone)]
pub(super) struct Node<'v> {
    place: String,
    value: &'v Value,
}

impl<'v> Node<'v> {
    pub(super) fn top(value: &'v Value) -> Self {
        Self {
            place: String::new(),
            value,
        }
    }

    pub(super) fn value(&self) -> &'v Value {
        self.value
    }

    pub(super) fn wrong(&self, message: impl Into<String>) -> HarError {
        let place = if self.place.is_empty() {
            "the document".to_owned()
        } else {
            self.place.clone()
        };
        HarError::Member {
            place,
            message: message.into(),
        }
    }

    fn not(&self, expected: &str) -> HarError {
        let found = match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a truth value",
            Value::Number(_) => "a number",
            Value::String(_) => "text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.wrong(format!("expected {expected}, found {found}"))
    }

    /// A member that may be missing.
    pub(super) fn member(&self, name: &str) -> Result<Option<Self>, HarError> {
        let members = self
            .value
            .as_object()
            .ok_or_else(|| self.not("an object"))?;
        let value = members.get(name).filter(|value| !value.is_null());
        Ok(value.map(|value| Self {
            place: match self.place.as_str() {
                "" => name.to_owned(),
                place => format!("{place}.{name}"),
            },
            value,
        }))
    }

    /// A member that must be there.
    pub(super) fn must(&self, name: &str) -> Result<Self, HarError> {
        self.member(name)?
            .ok_or_else(|| self.wrong(format!("expected the member \"{name}\"")))
    }

    pub(super) fn text(&self) -> Result<&'v str, HarError> {
        self.value.as_str().ok_or_else(|| self.not("text"))
    }

    pub(super) fn number(&self) -> Result<f64, HarError> {
        self.value.as_f64().ok_or_else(|| self.not("a number"))
    }

    /// The elements of a list.
    pub(super) fn list(&self) -> Result<impl Iterator<Item = Self> + use<'v>, HarError> {
        let list = self.value.as_array().ok_or_else(|| self.not("a list"))?;
        let place = self.place.clone();
        Ok(list.iter().enumerate().map(move |(index, value)| Self {
            place: format!("{place}[{index}]"),
            value,
        }))
    }

    /// The text of a member, or nothing where there is none.
    pub(super) fn text_of(&self, name: &str) -> Result<&'v str, HarError> {
        self.member(name)?.map_or(Ok(""), |it| it.text())
    }

    /// The number of a member.
    pub(super) fn number_of(&self, name: &str) -> Result<Option<f64>, HarError> {
        self.member(name)?.map(|it| it.number()).transpose()
    }
}
