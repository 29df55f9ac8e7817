//! What a RON text says, as a tree in which everything knows where it stands.
//!
//! It is the file's own type: `file` turns it into a scenario. It does not know which fields there are.

use super::source::Span;
use serde_json::Number;

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) span: Span,
    pub(super) kind: Kind,
}

/// What stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// Nothing that can be read. The parser has said so; nobody else need complain.
    Broken,
    /// `null` or `None`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, as JSON has them.
    Number(Number),
    /// A string.
    Text(String),
    /// `[…]`
    List(Vec<Node>),
    /// `{"key": …}`
    Map(Vec<Field>),
    /// The same as JSON to the letter, which has been checked: whoever needs what it says reads its text. Only items of the
    /// scenario's own lists are kept so; there may be a million of them.
    Json,
    /// `Name`, `Name(…)` or `(…)`.
    Named(Option<Name>, Form),
}

/// A name that is written without quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) span: Span,
    pub(super) text: String,
}

/// What follows the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// Nothing.
    Bare,
    /// `(a, b)`
    Tuple(Vec<Node>),
    /// `(name: a, other: b)`
    Fields(Vec<Field>),
}

/// A key or field name, and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: Name,
    pub(super) value: Node,
}

impl Node {
    /// Counts its places from `by` further on.
    pub(super) fn shift(&mut self, by: usize) {
        if by == 0 {
            return;
        }
        self.span = self.span.start + by..self.span.end + by;
        match &mut self.kind {
            Kind::List(items) => items.iter_mut().for_each(|item| item.shift(by)),
            Kind::Map(fields) => shift_fields(fields, by),
            Kind::Named(name, form) => {
                if let Some(Name { span, .. }) = name {
                    *span = span.start + by..span.end + by;
                }
                match form {
                    Form::Bare => {}
                    Form::Tuple(items) => items.iter_mut().for_each(|item| item.shift(by)),
                    Form::Fields(fields) => shift_fields(fields, by),
                }
            }
            Kind::Broken
            | Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::Json => {}
        }
    }

    /// What to call it in a message. It never quotes a value: that might be a secret.
    pub(super) fn describe(&self) -> String {
        match &self.kind {
            Kind::Broken => "something that cannot be read".into(),
            Kind::Null => "`null`".into(),
            Kind::Bool(bool) => format!("`{bool}`"),
            Kind::Number(number) if number.is_u64() => "a number".into(),
            Kind::Number(number) if number.is_i64() => "a negative number".into(),
            Kind::Number(_) => "a number that is not whole or has more than 64 bits".into(),
            Kind::Text(_) => "a string".into(),
            Kind::List(_) => "a list".into(),
            Kind::Map(_) | Kind::Json => "a map".into(),
            Kind::Named(None, _) => "`(…)`".into(),
            Kind::Named(Some(name), Form::Bare) => format!("`{}`", name.text),
            Kind::Named(Some(name), _) => format!("`{}(…)`", name.text),
        }
    }

    /// The values directly inside, whatever holds them.
    pub(super) fn children(&self) -> Box<dyn Iterator<Item = &Node> + '_> {
        match &self.kind {
            Kind::List(items) | Kind::Named(_, Form::Tuple(items)) => Box::new(items.iter()),
            Kind::Map(fields) | Kind::Named(_, Form::Fields(fields)) => {
                Box::new(fields.iter().map(|field| &field.value))
            }
            _ => Box::new(std::iter::empty()),
        }
    }

    /// The named values directly inside.
    pub(super) fn fields(&self) -> &[Field] {
        match &self.kind {
            Kind::Map(fields) | Kind::Named(_, Form::Fields(fields)) => fields,
            _ => &[],
        }
    }
}

fn shift_fields(fields: &mut [Field], by: usize) {
    for Field { name, value } in fields {
        name.span = name.span.start + by..name.span.end + by;
        value.shift(by);
    }
}
