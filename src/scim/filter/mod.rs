//! Filters (RFC 7644 section 3.4.2.2): the tree, and its printed form. Printing a tree and reading it again gives the same tree.
//!
//! `parse` reads text, `bind` gives names their attributes and checks types, `Matcher::matches` cannot fail. `loose` does without a schema.

mod evaluate;
mod lex;
pub mod loose;
mod parse;
mod test;

use super::path::AttributePath;
pub use evaluate::{Matcher, Source, is_assigned};
pub(crate) use parse::parse_inner;
pub use parse::{Compared, comparisons};
use serde_json::Number;
use std::borrow::Cow;
use std::fmt;

/// A filter as written: names are not yet attributes.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of two or more.
    And(Vec<Filter>),
    /// Any of two or more.
    Or(Vec<Filter>),
    /// The complement.
    Not(Box<Filter>),
    /// `path operator value`.
    Compare {
        /// The attribute.
        path: AttributePath,
        /// The operator.
        operator: Operator,
        /// The value.
        value: Literal,
    },
    /// `path pr`.
    Present(AttributePath),
    /// `path[filter]`: one value satisfies the whole filter.
    ValuePath {
        /// The attribute.
        path: AttributePath,
        /// Over its sub-attributes.
        filter: Box<Filter>,
    },
}

/// The comparison operators of table 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "RFC 7644 table 3 says what each means")]
pub enum Operator {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

/// A comparison value: a JSON literal.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// `null`: the attribute has no value.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A JSON number.
    Number(Number),
    /// A JSON string.
    String(String),
}

impl Operator {
    /// Every operator, spelled as RFC 7644 spells it.
    pub const ALL: [(&'static str, Self); 9] = [
        ("eq", Self::Eq),
        ("ne", Self::Ne),
        ("co", Self::Co),
        ("sw", Self::Sw),
        ("ew", Self::Ew),
        ("gt", Self::Gt),
        ("ge", Self::Ge),
        ("lt", Self::Lt),
        ("le", Self::Le),
    ];

    /// The two letters.
    pub fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, operator)| *operator == self);
        found.map_or("", |(name, _)| name)
    }
}

impl Filter {
    /// The comparisons that each match must satisfy: `path eq "text"`, alone, under `and` or in a bracket. An index can answer one
    /// of them.
    pub fn equalities(&self) -> Vec<(Cow<'_, AttributePath>, &str)> {
        match self {
            Self::Compare {
                path,
                operator: Operator::Eq,
                value: Literal::String(text),
            } => vec![(Cow::Borrowed(path), text)],
            Self::And(terms) => terms.iter().flat_map(Self::equalities).collect(),
            Self::ValuePath { path, filter } if path.sub.is_none() => {
                let inside = filter.equalities().into_iter();
                let of_values = inside.filter(|(sub, _)| sub.uri.is_none() && sub.sub.is_none());
                let whole = |sub: &AttributePath| AttributePath {
                    sub: Some(sub.name.clone()),
                    ..path.clone()
                };
                of_values
                    .map(|(sub, text)| (Cow::Owned(whole(&sub)), text))
                    .collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether it asks about the attribute that `whole` names, or about a part of it.
    pub fn concerns(&self, whole: &AttributePath) -> bool {
        match self {
            Self::And(terms) | Self::Or(terms) => terms.iter().any(|term| term.concerns(whole)),
            Self::Not(term) => term.concerns(whole),
            Self::Compare { path, .. } | Self::Present(path) => path.is_within(whole),
            Self::ValuePath { path, filter } => match &whole.sub {
                None => path.is_within(whole),
                Some(sub) => {
                    let (parent, sub) = (
                        AttributePath {
                            sub: None,
                            ..whole.clone()
                        },
                        AttributePath {
                            uri: None,
                            name: sub.clone(),
                            sub: None,
                        },
                    );
                    path.is_within(&parent) && filter.concerns(&sub)
                }
            },
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(terms) => join(f, terms, " and ", |term| {
                matches!(term, Self::And(_) | Self::Or(_))
            }),
            Self::Or(terms) => join(f, terms, " or ", |term| matches!(term, Self::Or(_))),
            Self::Not(filter) => write!(f, "not ({filter})"),
            Self::Compare {
                path,
                operator,
                value,
            } => write!(f, "{path} {} {value}", operator.name()),
            Self::Present(path) => write!(f, "{path} pr"),
            Self::ValuePath { path, filter } => write!(f, "{path}[{filter}]"),
        }
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    terms: &[Filter],
    word: &str,
    grouped: impl Fn(&Filter) -> bool,
) -> fmt::Result {
    for (n, term) in terms.iter().enumerate() {
        if n > 0 {
            f.write_str(word)?;
        }
        if grouped(term) {
            write!(f, "({term})")?;
        } else {
            write!(f, "{term}")?;
        }
    }
    Ok(())
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(flag) => write!(f, "{flag}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::String(text) => write!(f, "{}", serde_json::Value::from(text.as_str())),
        }
    }
}
