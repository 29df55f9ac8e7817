//! A filter bound to a resource type, and its verdict on a resource (RFC 7644 section 3.4.2.2).
//!
//! Binding refuses what can never work (an unknown attribute, `gt` on a boolean); a bound filter cannot fail.
//! `ne` is the complement of `eq`, so that an attribute without a value differs from every value.

use super::test::{Test, text_test};
use super::{Filter, Literal, Operator};
use crate::scim::choices::{Choices, FilterNe, FilterNull, MissingBoolean};
use crate::scim::path::AttributePath;
use crate::scim::resource_type::{Resolved, ResourceType};
use crate::scim::schema::{Attribute, Returned, Type, find};
use crate::scim::{ErrorKind, Leniency, Reading, ScimError, datetime};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Where a matcher finds the values of a resource.
pub trait Source {
    /// The value of a top-level attribute, in canonical casing, of an extension when `extension` names one.
    fn value(&self, extension: Option<&str>, attribute: &str) -> Option<Cow<'_, Value>>;
}

impl Source for Map<String, Value> {
    fn value(&self, extension: Option<&str>, attribute: &str) -> Option<Cow<'_, Value>> {
        let holder = match extension {
            None => self,
            Some(urn) => self.get(urn)?.as_object()?,
        };
        holder.get(attribute).map(Cow::Borrowed)
    }
}

/// A filter whose names are attributes of one resource type.
#[derive(Debug, Clone)]
pub struct Matcher(Node);

#[derive(Debug, Clone)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Never,
    Holds { place: Place, test: Test },
}

/// One attribute or one of its sub-attributes.
#[derive(Debug, Clone)]
pub(super) struct Place {
    extension: Option<String>,
    attribute: String,
    sub: Option<String>,
}

/// A place, its attribute, and the attribute that holds that one.
type Found<'a> = (Place, &'a Attribute, Option<&'a Attribute>);

impl Filter {
    /// Gives names their attributes.
    ///
    /// # Errors
    /// `invalidFilter` for an attribute that `types` does not have, and for an operator or value that its type does not take.
    pub fn bind(&self, types: &ResourceType, reading: Reading<'_>) -> Result<Matcher, ScimError> {
        self.bind_by(types, reading, &Choices::RFC)
    }

    /// The same, where a provider has decided what the RFC leaves open.
    ///
    /// # Errors
    /// As [`Self::bind`].
    pub fn bind_by(
        &self,
        types: &ResourceType,
        reading: Reading<'_>,
        choices: &Choices,
    ) -> Result<Matcher, ScimError> {
        let binder = Binder {
            scope: Scope::Resource(types),
            reading,
            choices,
            unknown_is_unassigned: false,
        };
        binder.bind(self).map(Matcher)
    }

    /// The same for a query over several types, where an attribute that a type lacks has no value (section 3.4.2.1).
    ///
    /// # Errors
    /// `invalidFilter` for an operator or value that an attribute's type does not take.
    pub fn bind_across(
        &self,
        types: &ResourceType,
        reading: Reading<'_>,
        choices: &Choices,
    ) -> Result<Matcher, ScimError> {
        let binder = Binder {
            scope: Scope::Resource(types),
            reading,
            choices,
            unknown_is_unassigned: true,
        };
        binder.bind(self).map(Matcher)
    }

    /// Binds the filter of a value path to the sub-attributes of `parent`.
    pub(crate) fn bind_element(
        &self,
        parent: &Attribute,
        reading: Reading<'_>,
    ) -> Result<Matcher, ScimError> {
        let binder = Binder {
            scope: Scope::Element(parent),
            reading,
            choices: &Choices::RFC,
            unknown_is_unassigned: false,
        };
        binder.bind(self).map(Matcher)
    }
}

impl Matcher {
    /// Whether `resource` satisfies the filter.
    pub fn matches(&self, resource: &impl Source) -> bool {
        self.0.matches(resource)
    }

    /// Whether one value of a multi-valued attribute satisfies the filter of a value path.
    pub(crate) fn matches_element(&self, element: &Value) -> bool {
        element_matches(&self.0, element)
    }
}

#[derive(Clone, Copy)]
enum Scope<'a> {
    Resource(&'a ResourceType),
    Element(&'a Attribute),
}

#[derive(Clone, Copy)]
struct Binder<'a> {
    scope: Scope<'a>,
    reading: Reading<'a>,
    choices: &'a Choices,
    unknown_is_unassigned: bool,
}

impl<'a> Binder<'a> {
    fn bind(self, filter: &Filter) -> Result<Node, ScimError> {
        let all = |terms: &[Filter]| {
            terms
                .iter()
                .map(|term| self.bind(term))
                .collect::<Result<Vec<_>, _>>()
        };
        Ok(match filter {
            Filter::And(terms) => Node::All(all(terms)?),
            Filter::Or(terms) => Node::Any(all(terms)?),
            Filter::Not(term) => Node::Not(Box::new(self.bind(term)?)),
            Filter::Present(path) if self.extension(path).is_some() => {
                let attribute = self.extension(path).unwrap_or_default();
                let place = Place {
                    extension: None,
                    attribute,
                    sub: None,
                };
                Node::Holds {
                    place,
                    test: Test::Present,
                }
            }
            Filter::Present(path) => match self.resolve(path)? {
                None => Node::Never,
                Some((place, _, _)) => Node::Holds {
                    place,
                    test: Test::Present,
                },
            },
            Filter::Compare {
                path,
                operator,
                value,
            } => self.compare(path, *operator, value)?,
            Filter::ValuePath { path, filter } => match self.resolve(path)? {
                None => Node::Never,
                Some((_, parent, _)) if !parent.multi_valued && parent.kind != Type::Complex => {
                    let detail = format!(
                        "filter: `{path}` has one simple value, so there is nothing to select with brackets"
                    );
                    return Err(ScimError::new(ErrorKind::InvalidFilter, detail));
                }
                Some((place, parent, _)) => {
                    let inner = Binder {
                        scope: Scope::Element(parent),
                        unknown_is_unassigned: false,
                        ..self
                    };
                    Node::Holds {
                        place,
                        test: Test::Element(Box::new(inner.bind(filter)?)),
                    }
                }
            },
        })
    }

    /// The place that `path` names, with its attribute and the attribute that holds it.
    fn resolve(self, path: &AttributePath) -> Result<Option<Found<'a>>, ScimError> {
        let refuse = |message: String| {
            ScimError::new(ErrorKind::InvalidFilter, format!("filter: {message}"))
        };
        let (place, attribute, parent) = match self.scope {
            Scope::Resource(types) => match types.resolve_by(path, self.reading) {
                Some(Resolved::Attribute {
                    extension,
                    attribute,
                    sub,
                }) => {
                    let place = Place {
                        extension: extension.map(str::to_owned),
                        attribute: attribute.name.clone(),
                        sub: sub.map(|sub| sub.name.clone()),
                    };
                    (
                        place,
                        sub.unwrap_or(attribute),
                        sub.is_some().then_some(attribute),
                    )
                }
                Some(Resolved::Extension(extension)) => {
                    return Err(refuse(format!(
                        "`{}` is a schema; name one of its attributes",
                        extension.schema.id
                    )));
                }
                None if self.unknown_is_unassigned
                    || self.reading.takes(Leniency::FilterUnknownAttribute) =>
                {
                    return Ok(None);
                }
                None => {
                    let hint = types
                        .nearest(&path.name)
                        .map_or(String::new(), |name| format!("; did you mean `{name}`?"));
                    return Err(refuse(format!(
                        "{} has no attribute `{path}`{hint}",
                        types.name
                    )));
                }
            },
            Scope::Element(parent) => {
                let simple =
                    parent.kind != Type::Complex && path.name.eq_ignore_ascii_case("value");
                let found = if simple {
                    Some(parent)
                } else {
                    find(&parent.sub_attributes, &path.name)
                };
                let Some(attribute) = found.filter(|_| path.uri.is_none() && path.sub.is_none())
                else {
                    return Err(refuse(format!(
                        "`{}` has no sub-attribute `{path}`",
                        parent.name
                    )));
                };
                let name = if simple {
                    "value".to_owned()
                } else {
                    attribute.name.clone()
                };
                (
                    Place {
                        extension: None,
                        attribute: name,
                        sub: None,
                    },
                    attribute,
                    Some(parent),
                )
            }
        };
        if attribute.returned == Returned::Never {
            return Err(refuse(format!(
                "`{path}` is never returned and cannot be searched"
            )));
        }
        Ok(Some((place, attribute, parent)))
    }

    /// The extension that `path` is the URN of: a lenient reading asks with it whether anything of it is there.
    fn extension(self, path: &AttributePath) -> Option<String> {
        let Scope::Resource(types) = self.scope else {
            return None;
        };
        match types.resolve(path) {
            Some(Resolved::Extension(extension))
                if self.reading.takes(Leniency::FilterExtension) =>
            {
                Some(extension.schema.id.clone())
            }
            _ => None,
        }
    }

    fn compare(
        self,
        path: &AttributePath,
        operator: Operator,
        value: &Literal,
    ) -> Result<Node, ScimError> {
        let Some((mut place, mut attribute, mut parent)) = self.resolve(path)? else {
            if self.choices.filter_ne == FilterNe::AnyValue && *value != Literal::Null {
                return Ok(Node::Never);
            }
            // An attribute without a value differs from everything, and equals null.
            let holds = (operator == Operator::Ne)
                != (*value == Literal::Null && matches!(operator, Operator::Eq | Operator::Ne));
            return Ok(if holds {
                Node::Not(Box::new(Node::Never))
            } else {
                Node::Never
            });
        };
        let refuse = |message: String| {
            ScimError::new(ErrorKind::InvalidFilter, format!("filter: {message}"))
        };
        if *value == Literal::Null && self.choices.filter_null == FilterNull::Reject {
            return Err(refuse(format!(
                "nothing is compared with null here; use `{path} pr`"
            )));
        }
        if *value == Literal::Null {
            let present = Node::Holds {
                place,
                test: Test::Present,
            };
            return match operator {
                Operator::Eq => Ok(Node::Not(Box::new(present))),
                Operator::Ne => Ok(present),
                Operator::Co | Operator::Sw | Operator::Ew => Err(refuse(format!(
                    "`{} null` means nothing; use `{path} pr`",
                    operator.name()
                ))),
                _ => Ok(Node::Never),
            };
        }
        if attribute.kind == Type::Complex {
            // `emails co "x"` in RFC 7644 figure 2 means `emails.value`.
            let means_value = || {
                let is_link = !attribute.link_targets().is_empty();
                attribute.multi_valued || (is_link && self.reading.takes(Leniency::FilterLink))
            };
            let value = attribute.sub("value").filter(|_| place.sub.is_none());
            let Some(sub) = value.filter(|_| means_value()) else {
                return Err(refuse(format!(
                    "`{path}` is complex; name one of its sub-attributes"
                )));
            };
            place.sub = Some(sub.name.clone());
            (attribute, parent) = (sub, Some(attribute));
        }
        let test = self
            .test(path, attribute, parent, operator, value)
            .map_err(refuse)?;
        Ok(match (operator, self.choices.filter_ne) {
            (Operator::Ne, FilterNe::NegatedEq) => Node::Not(Box::new(Node::Holds { place, test })),
            (Operator::Ne, FilterNe::AnyValue) => {
                let test = Test::Differs(Box::new(test));
                Node::Holds { place, test }
            }
            _ => Node::Holds { place, test },
        })
    }

    fn test(
        self,
        path: &AttributePath,
        attribute: &Attribute,
        parent: Option<&Attribute>,
        operator: Operator,
        value: &Literal,
    ) -> Result<Test, String> {
        let kind = attribute.kind;
        let mismatch = || format!("`{path}` is {}, and {value} is not", kind.name());
        let substring = matches!(operator, Operator::Co | Operator::Sw | Operator::Ew);
        let ordering = matches!(
            operator,
            Operator::Gt | Operator::Ge | Operator::Lt | Operator::Le
        );
        let refused = match kind {
            Type::Boolean | Type::Binary => substring || ordering,
            Type::DateTime | Type::Integer | Type::Decimal => substring,
            _ => false,
        };
        if refused {
            return Err(format!(
                "`{path}` is {}, which `{}` does not compare",
                kind.name(),
                operator.name()
            ));
        }
        match (kind, value) {
            (Type::Boolean, Literal::Bool(flag)) => Ok(self.flag_test(attribute, parent, *flag)),
            (Type::Boolean, Literal::String(text))
                if self.reading.takes(Leniency::FilterBooleanText) =>
            {
                match text.to_ascii_lowercase().as_str() {
                    "true" => Ok(self.flag_test(attribute, parent, true)),
                    "false" => Ok(self.flag_test(attribute, parent, false)),
                    _ => Err(mismatch()),
                }
            }
            (Type::Integer | Type::Decimal, Literal::Number(number)) => number
                .as_f64()
                .map(|operand| Test::Number { operator, operand })
                .ok_or_else(mismatch),
            (Type::Integer | Type::Decimal, Literal::String(text))
                if self.reading.takes(Leniency::FilterNumberText) =>
            {
                text.parse()
                    .map(|operand| Test::Number { operator, operand })
                    .map_err(|_| mismatch())
            }
            (Type::DateTime, Literal::String(text)) => {
                let operand = datetime::parse(text).ok_or_else(mismatch)?;
                Ok(Test::Instant { operator, operand })
            }
            (Type::String | Type::Reference | Type::Binary, Literal::String(text)) => {
                Ok(text_test(attribute, operator, text))
            }
            (Type::String, Literal::Number(number))
                if self.reading.takes(Leniency::FilterTextNumber) =>
            {
                Ok(text_test(attribute, operator, &number.to_string()))
            }
            _ => Err(mismatch()),
        }
    }

    /// RFC 7643 section 2.4: a value without `primary` is not the primary one. No other boolean has a default, unless a provider says so.
    fn flag_test(self, attribute: &Attribute, parent: Option<&Attribute>, operand: bool) -> Test {
        let is_primary =
            attribute.name == "primary" && parent.is_some_and(|parent| parent.multi_valued);
        let is_false = is_primary || self.choices.filter_missing_boolean == MissingBoolean::False;
        Test::Flag {
            operand,
            absent: !operand && is_false,
        }
    }
}

impl Node {
    fn matches(&self, resource: &impl Source) -> bool {
        match self {
            Self::All(nodes) => nodes.iter().all(|node| node.matches(resource)),
            Self::Any(nodes) => nodes.iter().any(|node| node.matches(resource)),
            Self::Not(node) => !node.matches(resource),
            Self::Never => false,
            Self::Holds { place, test } => {
                let value = resource.value(place.extension.as_deref(), &place.attribute);
                match (value.as_deref(), &place.sub) {
                    // A sub-attribute of nothing has no default.
                    (None, Some(_)) => false,
                    (None, None) => test.holds(None),
                    (Some(Value::Array(list)), None) => match test {
                        Test::Present => list.iter().any(is_assigned),
                        _ => list.iter().any(|value| test.holds(Some(value))),
                    },
                    (Some(Value::Array(list)), Some(sub)) => list
                        .iter()
                        .any(|value| test.holds(value.get(sub)) && value.is_object()),
                    (Some(value), None) => test.holds(Some(value)),
                    (Some(value), Some(sub)) => test.holds(value.get(sub)),
                }
            }
        }
    }
}

pub(super) fn element_matches(node: &Node, element: &Value) -> bool {
    match element {
        Value::Object(members) => node.matches(members),
        simple => {
            let mut members = Map::new();
            members.insert("value".into(), simple.clone());
            node.matches(&members)
        }
    }
}

/// Whether a value counts as assigned (RFC 7643 section 2.5): null, `[]`, `{}` and `""` do not.
pub fn is_assigned(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => list.iter().any(is_assigned),
        Value::Object(members) => members.values().any(is_assigned),
        Value::Bool(_) | Value::Number(_) => true,
    }
}
