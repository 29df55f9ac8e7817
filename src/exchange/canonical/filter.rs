//! Filters (RFC 7644 section 3.4.2.2) as they are printed from their tree: operators and keywords in one spelling, no superfluous
//! parentheses or white space, names without case and without core URN, literals as their attribute compares them.

use super::value;
use crate::exchange::redact::alike;
use crate::scim::filter::{Filter, Literal, loose};
use crate::scim::path::AttributePath;
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::{Attribute, Mutability, Returned, Type};
use crate::scim::{Leniencies, Leniency, Reading};
use serde_json::Value;

/// What clients send, text without its quotes among it.
pub(super) fn reading() -> Reading<'static> {
    Reading::quiet(Leniencies::BY_DEFAULT.with(Leniency::FilterUnquoted))
}

/// A filter over resources of this type; text that is no filter as it is.
pub fn canonical(kind: Option<&ResourceType>, text: &str) -> String {
    match Filter::parse(text, reading()) {
        Ok(filter) => over(&Scope::Resource(kind), filter).to_string(),
        Err(_) => alike(text).into_owned(),
    }
}

/// A comparison that each match of a filter must satisfy, with the attribute by its canonical name and the text in the form in which it is
/// compared. Only attributes that clients write and read are told: of others nobody can say when they change.
pub fn equality(kind: Option<&ResourceType>, text: &str) -> Option<(AttributePath, String)> {
    let filter = over(&Scope::Resource(kind), Filter::parse(text, reading()).ok()?);
    filter.equalities().into_iter().find_map(|(path, text)| {
        let attribute = value::resolved(kind, &path)?;
        let plain = attribute.mutability != Mutability::ReadOnly
            && !matches!(attribute.returned, Returned::Never | Returned::Request);
        let is_id = path.uri.is_none() && path.name == "id";
        (plain || is_id).then(|| (path.into_owned(), text.to_owned()))
    })
}

/// The texts that an attribute has in a resource, in the form in which they are compared; `path` is its canonical name.
pub fn texts(kind: Option<&ResourceType>, path: &AttributePath, resource: &Value) -> Vec<String> {
    let attribute = value::resolved(kind, path);
    let of_value = attribute.and_then(|it| it.sub("value")).or(attribute);
    let found = loose::compared(path, resource).into_iter();
    let texts = found.filter_map(Value::as_str).map(|text| match of_value {
        Some(attribute) => value::text(attribute, text).into_owned(),
        None => text.to_owned(),
    });
    texts.collect()
}

/// The filter in the brackets behind `parent`.
pub(super) fn within(parent: Option<&Attribute>, filter: Filter) -> Filter {
    over(&Scope::Element(parent), filter)
}

/// The name of an attribute, without case and without the URN of the core schema.
pub(super) fn attribute(kind: Option<&ResourceType>, path: &AttributePath) -> String {
    folded(&Scope::Resource(kind), path.clone()).to_string()
}

/// Where names are looked up.
enum Scope<'s> {
    Resource(Option<&'s ResourceType>),
    Element(Option<&'s Attribute>),
}

impl<'s> Scope<'s> {
    fn find(&self, path: &AttributePath) -> Option<&'s Attribute> {
        match self {
            Self::Resource(kind) => value::resolved(*kind, path),
            Self::Element(Some(parent)) if parent.kind != Type::Complex => Some(parent),
            Self::Element(parent) => parent.and_then(|parent| parent.sub(&path.name)),
        }
    }
}

fn folded(scope: &Scope<'_>, path: AttributePath) -> AttributePath {
    let core = |uri: &String| match scope {
        Scope::Resource(Some(kind)) => kind.schema.id.eq_ignore_ascii_case(uri),
        _ => false,
    };
    AttributePath {
        uri: path
            .uri
            .filter(|uri| !core(uri))
            .map(|uri| uri.to_lowercase()),
        name: path.name.to_lowercase(),
        sub: path.sub.map(|sub| sub.to_lowercase()),
    }
}

fn over(scope: &Scope<'_>, filter: Filter) -> Filter {
    let each = |terms: Vec<Filter>| terms.into_iter().map(|term| over(scope, term)).collect();
    match filter {
        Filter::And(terms) => Filter::And(each(terms)),
        Filter::Or(terms) => Filter::Or(each(terms)),
        Filter::Not(term) => Filter::Not(Box::new(over(scope, *term))),
        Filter::Present(path) => Filter::Present(folded(scope, path)),
        Filter::ValuePath { path, filter } => {
            let parent = scope.find(&path);
            Filter::ValuePath {
                path: folded(scope, path),
                filter: Box::new(within(parent, *filter)),
            }
        }
        Filter::Compare {
            path,
            operator,
            value,
        } => {
            let found = scope.find(&path);
            // `emails eq "x"` compares the `value` of each (RFC 7644 figure 2).
            let compared = found.map(|it| match it.kind {
                Type::Complex => it.sub("value").unwrap_or(it),
                _ => it,
            });
            Filter::Compare {
                path: folded(scope, path),
                operator,
                value: literal(compared, value),
            }
        }
    }
}

fn literal(attribute: Option<&Attribute>, literal: Literal) -> Literal {
    match literal {
        Literal::String(text) => Literal::String(match attribute {
            Some(attribute) => value::text(attribute, &text).into_owned(),
            None => alike(&text).into_owned(),
        }),
        other => other,
    }
}
