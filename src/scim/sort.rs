//! Sorting (RFC 7644 section 3.4.2.3): `sortBy` and `sortOrder` to a key for each resource.
//!
//! It orders keys, not resources: that equal keys keep the order of creation is up to whoever sorts (with a stable sort).

use super::comparison::Comparison;
use super::filter::Source;
use super::path::AttributePath;
use super::resource_type::{Resolved, ResourceType};
use super::schema::{Attribute, Mutability, Returned, Type};
use super::{ErrorKind, Leniency, Reading, ScimError, datetime};
use jiff::Timestamp;
use serde_json::Value;
use std::cmp::Ordering;
use std::fmt;

/// What a query asks to be sorted by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    by: AttributePath,
    descending: bool,
}

/// An order whose name is an attribute of one resource type.
#[derive(Debug, Clone)]
pub struct Sorter {
    extension: Option<String>,
    attribute: String,
    sub: Option<String>,
    kind: Type,
    comparison: Comparison,
}

/// What a resource is sorted by. Values of different types, which a query over several types may meet, are kept apart.
#[derive(Debug, Clone, PartialEq)]
pub enum SortKey {
    /// `false` before `true`.
    Flag(bool),
    /// By size.
    Number(f64),
    /// By time, whatever the offset.
    Instant(Timestamp),
    /// By code point, after folding where case tells nothing.
    Text(String),
}

impl Order {
    /// Reads `sortBy` and `sortOrder`. An order by nothing is none.
    ///
    /// # Errors
    /// `invalidPath` for what is no attribute notation, `invalidValue` for an order other than `ascending` and `descending`.
    pub fn new(
        by: Option<&str>,
        order: Option<&str>,
        reading: Reading<'_>,
    ) -> Result<Option<Self>, ScimError> {
        let given = |text: Option<&str>| {
            text.map(str::trim)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let descending = match given(order).as_deref() {
            None | Some("ascending") => false,
            Some("descending") => true,
            Some(word)
                if ["ascending", "descending"].contains(&word.to_ascii_lowercase().as_str())
                    && reading.takes(Leniency::SortOrderCase) =>
            {
                word.eq_ignore_ascii_case("descending")
            }
            Some(word) => {
                let detail = format!("`sortOrder` is `{word}`; expected ascending or descending");
                return Err(ScimError::new(ErrorKind::InvalidValue, detail));
            }
        };
        let Some(by) = given(by) else { return Ok(None) };
        let Some(by) = AttributePath::parse(&by) else {
            let detail = format!("`sortBy` is `{by}`; expected an attribute such as `userName`");
            return Err(ScimError::new(ErrorKind::InvalidPath, detail));
        };
        Ok(Some(Self { by, descending }))
    }

    /// Gives the name its attribute; `None` where a query over several types meets one that has no such attribute.
    ///
    /// # Errors
    /// `invalidPath` for an attribute that the type does not have, cannot show, or cannot order.
    pub fn bind(
        &self,
        types: &ResourceType,
        across: bool,
        reading: Reading<'_>,
    ) -> Result<Option<Sorter>, ScimError> {
        let refuse = |why: String| {
            ScimError::new(
                ErrorKind::InvalidPath,
                format!("`sortBy` is `{}`: {why}", self.by),
            )
        };
        let (extension, attribute, sub) = match types.resolve_by(&self.by, reading) {
            Some(Resolved::Attribute {
                extension,
                attribute,
                sub,
            }) => (extension, attribute, sub),
            Some(Resolved::Extension(_)) => {
                return Err(refuse(
                    "that is a schema; name one of its attributes".into(),
                ));
            }
            None if across => return Ok(None),
            None => {
                let hint = types
                    .nearest(&self.by.name)
                    .map_or(String::new(), |name| format!("; did you mean `{name}`?"));
                return Err(refuse(format!(
                    "{} has no such attribute{hint}",
                    types.name
                )));
            }
        };
        // Section 3.4.2.3: a complex attribute is sorted by a sub-attribute; values of a list have their `value`.
        let sub = sub.or_else(|| attribute.sub("value").filter(|_| attribute.multi_valued));
        let sorted = sub.unwrap_or(attribute);
        if hidden(attribute) || hidden(sorted) {
            return Err(refuse(
                "it is never shown, and an order would show it".into(),
            ));
        }
        match sorted.kind {
            Type::Complex => Err(refuse(format!(
                "it is complex; name one of its sub-attributes, such as `{}.{}`",
                attribute.name,
                sorted
                    .sub_attributes
                    .first()
                    .map_or("value", |sub| sub.name.as_str())
            ))),
            Type::Binary => Err(refuse("it is binary, and octets have no order".into())),
            kind => Ok(Some(Sorter {
                extension: extension.map(str::to_owned),
                attribute: attribute.name.clone(),
                sub: sub.map(|sub| sub.name.clone()),
                kind,
                comparison: sorted.comparison(),
            })),
        }
    }

    /// Which of two comes first. Who has no value comes last, and first when the order is descending.
    pub fn compare(&self, one: Option<&SortKey>, two: Option<&SortKey>) -> Ordering {
        let ascending = match (one, two) {
            (Some(one), Some(two)) => one.compare(two),
            (one, two) => two.is_some().cmp(&one.is_some()),
        };
        if self.descending {
            ascending.reverse()
        } else {
            ascending
        }
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = if self.descending {
            "descending"
        } else {
            "ascending"
        };
        write!(f, "{} {direction}", self.by)
    }
}

fn hidden(attribute: &Attribute) -> bool {
    attribute.returned == Returned::Never || attribute.mutability == Mutability::WriteOnly
}

impl Sorter {
    /// What `resource` is sorted by; of several values, the primary one or else the first.
    pub fn key(&self, resource: &impl Source) -> Option<SortKey> {
        let value = resource.value(self.extension.as_deref(), &self.attribute)?;
        let one = match value.as_ref() {
            Value::Array(list) => list
                .iter()
                .find(|value| value.get("primary") == Some(&Value::Bool(true)))
                .or_else(|| list.first())?,
            one => one,
        };
        let one = match &self.sub {
            Some(sub) => one.get(sub)?,
            None => one,
        };
        match (self.kind, one) {
            (_, Value::Bool(flag)) => Some(SortKey::Flag(*flag)),
            (_, Value::Number(number)) => number.as_f64().map(SortKey::Number),
            (Type::DateTime, Value::String(text)) => datetime::parse(text).map(SortKey::Instant),
            (_, Value::String(text)) => Some(SortKey::Text(self.comparison.key(text).into_owned())),
            _ => None,
        }
    }
}

impl SortKey {
    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Flag(one), Self::Flag(two)) => one.cmp(two),
            (Self::Number(one), Self::Number(two)) => one.total_cmp(two),
            (Self::Instant(one), Self::Instant(two)) => one.cmp(two),
            (Self::Text(one), Self::Text(two)) => one.cmp(two),
            _ => self.rank().cmp(&other.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Flag(_) => 0,
            Self::Number(_) => 1,
            Self::Instant(_) => 2,
            Self::Text(_) => 3,
        }
    }
}
