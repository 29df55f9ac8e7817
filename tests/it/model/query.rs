//! Lists as RFC 7644 section 3.4.2 tells them: a filter is asked of what each resource shows, then the list is sorted and cut.

use super::directory::{Directory, ENTERPRISE, Kind};
use serde_json::{Value, json};

/// A filter.
#[derive(Debug, Clone)]
pub(crate) enum Filter {
    Compare(&'static str, &'static str, Value),
    Present(&'static str),
    /// One of the values satisfies it all.
    Bracket(&'static str, Box<Filter>),
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
}

/// A query over one endpoint.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) kind: Kind,
    pub(crate) filter: Option<Filter>,
    pub(crate) sort: Option<(&'static str, bool)>,
    pub(crate) start_index: Option<i64>,
    pub(crate) count: Option<i64>,
}

/// Text whose case counts (RFC 7643 section 2.2, and the schemas of section 8.7.1).
const CASE_EXACT: [&str; 4] = ["id", "externalId", "groups.value", "members.value"];

impl Filter {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Compare(path, operator, literal) => format!("{path} {operator} {literal}"),
            Self::Present(path) => format!("{path} pr"),
            Self::Bracket(path, inner) => format!("{path}[{}]", inner.text()),
            Self::And(one, two) => format!("({}) and ({})", one.text(), two.text()),
            Self::Or(one, two) => format!("({}) or ({})", one.text(), two.text()),
            Self::Not(inner) => format!("not ({})", inner.text()),
        }
    }

    /// Whether an object satisfies it; `within` is the attribute whose value the object is.
    fn holds(&self, object: &Value, within: &str) -> bool {
        match self {
            Self::And(one, two) => one.holds(object, within) && two.holds(object, within),
            Self::Or(one, two) => one.holds(object, within) || two.holds(object, within),
            Self::Not(inner) => !inner.holds(object, within),
            Self::Bracket(path, inner) => values(object, path)
                .iter()
                .any(|value| inner.holds(value, path)),
            Self::Present(path) => values(object, path)
                .iter()
                .any(|value| !value.is_null() && *value != ""),
            // What has no value differs from every value.
            Self::Compare(path, "ne", literal) => {
                !Self::Compare(path, "eq", literal.clone()).holds(object, within)
            }
            Self::Compare(path, operator, literal) => {
                let full = if within.is_empty() {
                    (*path).to_owned()
                } else {
                    format!("{within}.{path}")
                };
                let exact = CASE_EXACT.contains(&full.as_str());
                values(object, path)
                    .iter()
                    .any(|value| compare(operator, value, literal, exact))
            }
        }
    }
}

/// All values that a path names. `emails` alone stands for `emails.value`; a value without `primary` is not the primary one.
fn values(object: &Value, path: &str) -> Vec<Value> {
    if let Some(name) = path.strip_prefix(ENTERPRISE) {
        return values(&object[ENTERPRISE], &name[1..]);
    }
    let (name, sub) = path.split_once('.').unwrap_or((path, ""));
    let part = |value: &Value| match (sub, value) {
        ("", value) => Some(value.clone()),
        ("primary", value) => Some(value.get("primary").cloned().unwrap_or(json!(false))),
        (sub, value) => value.get(sub).cloned(),
    };
    match object.get(name) {
        None if name == "primary" => vec![json!(false)],
        None => Vec::new(),
        Some(Value::Array(list)) => list.iter().filter_map(part).collect(),
        Some(one) => part(one).into_iter().collect(),
    }
}

fn compare(operator: &str, value: &Value, literal: &Value, exact: bool) -> bool {
    let value = value.get("value").unwrap_or(value);
    let (Some(one), Some(two)) = (value.as_str(), literal.as_str()) else {
        return operator == "eq" && value == literal;
    };
    let fold = |text: &str| {
        if exact {
            text.to_owned()
        } else {
            text.to_lowercase()
        }
    };
    let (one, two) = (fold(one), fold(two));
    match operator {
        "eq" => one == two,
        "co" => one.contains(&two),
        "sw" => one.starts_with(&two),
        "ew" => one.ends_with(&two),
        "gt" => one > two,
        "ge" => one >= two,
        "lt" => one < two,
        _ => one <= two,
    }
}

impl Query {
    /// The query string, but the page.
    pub(crate) fn text(&self) -> String {
        let filter = self
            .filter
            .as_ref()
            .map_or(String::new(), |it| format!("&filter={}", it.text()));
        let sort = self.sort.map_or(String::new(), |(by, descending)| {
            let order = if descending {
                "descending"
            } else {
                "ascending"
            };
            format!("&sortBy={by}&sortOrder={order}")
        });
        format!("{}?{filter}{sort}", self.kind.endpoint())
    }

    /// Everything that it finds, in order.
    pub(crate) fn all(&self, directory: &Directory) -> Vec<Value> {
        let of_kind = directory.resources.iter().filter(|it| it.kind == self.kind);
        let mut found: Vec<Value> = of_kind.map(|it| directory.shown(it)).collect();
        if let Some(filter) = &self.filter {
            found.retain(|shown| filter.holds(shown, ""));
        }
        if let Some((by, descending)) = self.sort {
            let key = |shown: &Value| {
                let value = values(shown, by)
                    .first()
                    .and_then(Value::as_str)
                    .map(str::to_lowercase);
                // Section 3.4.2.3: who has no value comes last, and first when the order is turned.
                (value.is_none(), value)
            };
            found.sort_by(|one, two| {
                if descending {
                    key(two).cmp(&key(one))
                } else {
                    key(one).cmp(&key(two))
                }
            });
        }
        found
    }

    /// Where its page begins, from 1, and how many it has at most (section 3.4.2.4).
    pub(crate) fn page(&self) -> (usize, usize) {
        let number = |value: Option<i64>, least: i64, otherwise| {
            value.map_or(otherwise, |value| {
                usize::try_from(value.max(least)).expect("a small number")
            })
        };
        (number(self.start_index, 1, 1), number(self.count, 0, 100))
    }
}
