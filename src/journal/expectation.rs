//! What is expected of a journal, and its form in JSON: one object, or an array of which each must hold.
//!
//! ```json
//! [{"method": "POST", "path": "/Users", "body": "userName eq \"bjensen\"", "status": 201, "count": {"exactly": 1}},
//!  {"method": "DELETE", "count": "never"},
//!  {"in_order": [{"method": "POST", "path": "/Users"}, {"method": "PATCH", "path": "/Groups/*"}]}]
//! ```

use super::pattern::PatternForm;
use super::{Malformed, Pattern};
use serde::de::{Deserialize, Deserializer, Error as _};
use serde_json::{Map, Value};
use std::fmt;

/// Expectations that must all hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Verification {
    /// In the order in which they were written.
    pub expectations: Vec<Expectation>,
}

/// One expectation. It concerns the exchanges whose number is greater than `after`.
#[derive(Debug, Clone, PartialEq)]
pub enum Expectation {
    /// So many exchanges are like this.
    Count {
        /// Like what.
        pattern: Pattern,
        /// How many.
        count: Count,
        /// Where it begins.
        after: u64,
    },
    /// There are exchanges like these, in this order, whatever else lies between.
    InOrder {
        /// Like what, one after the other.
        patterns: Vec<Pattern>,
        /// Where it begins.
        after: u64,
    },
}

/// How many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// At least so many.
    pub least: usize,
    /// At most so many.
    pub most: Option<usize>,
}

impl Verification {
    /// Reads the form in JSON.
    ///
    /// # Errors
    /// The first place that cannot be understood, and what was expected there.
    pub fn read(value: &Value) -> Result<Self, Malformed> {
        let expectations = match value {
            Value::Array(list) => {
                let read = |(at, it)| {
                    Expectation::read(it).map_err(|wrong| wrong.within(&format!("[{at}]")))
                };
                list.iter()
                    .enumerate()
                    .map(read)
                    .collect::<Result<_, _>>()?
            }
            one => vec![Expectation::read(one)?],
        };
        Ok(Self { expectations })
    }
}

impl<'de> Deserialize<'de> for Verification {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Expectation {
    fn read(value: &Value) -> Result<Self, Malformed> {
        let Value::Object(object) = value else {
            let expected =
                format!("expected an object such as {{\"method\": \"POST\"}}, found {value}");
            return Err(Malformed::new("expectation", expected));
        };
        let mut object = object.clone();
        let after = match object.remove("after") {
            None => 0,
            Some(number) => number.as_u64().ok_or_else(|| {
                let expected = format!("expected the number of an exchange, found {number}");
                Malformed::new("after", expected)
            })?,
        };
        let count = object.remove("count");
        let Some(steps) = object.remove("in_order") else {
            let count = count.map_or(Ok(Count::SOME), |count| Count::read(&count))?;
            let pattern = pattern(object)?;
            return Ok(Self::Count {
                pattern,
                count,
                after,
            });
        };
        let beside = object.keys().next().map(String::as_str);
        if let Some(beside) = count.map(|_| "count").or(beside) {
            let expected =
                "beside `in_order` stands nothing but `after`; what is asked stands in its steps";
            return Err(Malformed::new(beside, expected));
        }
        let steps = steps.as_array().filter(|steps| !steps.is_empty());
        let steps = steps.ok_or_else(|| {
            Malformed::new("in_order", "expected an array of one exchange or more")
        })?;
        let read = |(at, step): (usize, &Value)| {
            let place = format!("in_order[{at}]");
            let Value::Object(step) = step else {
                return Err(Malformed::new(
                    place,
                    format!("expected an object, found {step}"),
                ));
            };
            pattern(step.clone()).map_err(|wrong| wrong.within(&place))
        };
        let patterns = steps
            .iter()
            .enumerate()
            .map(read)
            .collect::<Result<_, _>>()?;
        Ok(Self::InOrder { patterns, after })
    }
}

fn pattern(object: Map<String, Value>) -> Result<Pattern, Malformed> {
    let form: PatternForm = serde_json::from_value(Value::Object(object))
        .map_err(|error| Malformed::new("pattern", error))?;
    form.try_into()
}

/// A count in JSON that is no plain number; more than one of these may stand together.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct CountForm {
    exactly: Option<usize>,
    at_least: Option<usize>,
    at_most: Option<usize>,
}

impl Count {
    /// One or more.
    pub const SOME: Self = Self {
        least: 1,
        most: None,
    };
    /// None.
    pub const NEVER: Self = Self::exactly(0);

    /// So many, and no other number.
    pub const fn exactly(count: usize) -> Self {
        Self {
            least: count,
            most: Some(count),
        }
    }

    /// Whether `count` is meant.
    pub fn holds(self, count: usize) -> bool {
        count >= self.least && self.most.is_none_or(|most| count <= most)
    }

    fn read(value: &Value) -> Result<Self, Malformed> {
        let wrong = |found: &dyn fmt::Display| {
            let expected = format!(
                "expected a number, {{\"at_least\": 1}}, {{\"at_most\": 1}} or \"never\", found {found}"
            );
            Malformed::new("count", expected)
        };
        if value == "never" {
            return Ok(Self::NEVER);
        }
        if let Some(count) = value.as_u64().and_then(|it| usize::try_from(it).ok()) {
            return Ok(Self::exactly(count));
        }
        let form = match value {
            Value::Object(_) => CountForm::deserialize(value),
            _ => return Err(wrong(value)),
        };
        let count = match form.map_err(|error| wrong(&error))? {
            CountForm {
                exactly: Some(count),
                at_least: None,
                at_most: None,
            } => Self::exactly(count),
            CountForm {
                exactly: None,
                at_least: Some(least),
                at_most,
            } => Self {
                least,
                most: at_most,
            },
            CountForm {
                exactly: None,
                at_least: None,
                at_most: Some(most),
            } => Self {
                least: 0,
                most: Some(most),
            },
            _ => return Err(wrong(value)),
        };
        if count.most.is_some_and(|most| most < count.least) {
            return Err(wrong(&format_args!("{value}, which no number is")));
        }
        Ok(count)
    }
}

/// `exactly once`, `at least 2 times`, `never`.
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.least, self.most) {
            (_, Some(0)) => f.write_str("never"),
            (least, Some(most)) if least == most => write!(f, "exactly {}", times(least)),
            (least, None) => write!(f, "at least {}", times(least)),
            (0, Some(most)) => write!(f, "at most {}", times(most)),
            (least, Some(most)) => write!(f, "{least} to {most} times"),
        }
    }
}

fn times(count: usize) -> String {
    match count {
        1 => "once".to_owned(),
        count => format!("{count} times"),
    }
}
