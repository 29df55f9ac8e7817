//! Why a body does not satisfy a filter, as a person would say it: `userName is "bj", the filter wants "bjensen"`.

use crate::exchange::Body;
use crate::scim::filter::{Filter, Literal, Operator, loose};
use serde_json::Value;

/// How much of a value is shown, and how many values of a list.
const SHOWN: usize = 60;
const LISTED: usize = 3;

/// What is said of a body that does not satisfy `filter`; `whose` is what it is called.
pub(super) fn body(whose: &str, body: &Body, filter: &Filter) -> String {
    let why = match body {
        Body::Json(value) => return format!("{whose}: {}", filter_in_words(filter, value)),
        Body::Empty => "there is none",
        Body::Text(_) | Body::Binary(_) => "it is not JSON",
        Body::Cut { .. } => "it was too large to be kept",
    };
    format!("{whose}: {why}, the filter wants {filter}")
}

/// What is said of a value that does not satisfy `filter`.
fn filter_in_words(filter: &Filter, value: &Value) -> String {
    match filter {
        Filter::And(terms) => failing(terms, value).join("; "),
        Filter::Or(terms) => failing(terms, value).join(", and "),
        Filter::Not(inner) => format!("{inner} is true, the filter wants it not to be"),
        Filter::Present(path) => format!("{path} has no value, the filter wants one"),
        Filter::ValuePath { path, filter } => {
            let values = loose::members(path, value);
            let words = values.iter().map(|it| {
                let failing = match &**filter {
                    Filter::And(terms) => failing(terms, it).len(),
                    _ => 1,
                };
                (failing, filter_in_words(filter, it))
            });
            match words.min_by_key(|(failing, _)| *failing) {
                None => format!("{path} is missing, the filter wants one with {filter}"),
                Some((_, words)) if values.len() == 1 => format!("in {path}, {words}"),
                Some((_, words)) => {
                    let count = values.len();
                    format!("in the nearest of {count} values of {path}, {words}")
                }
            }
        }
        Filter::Compare {
            path,
            operator,
            value: literal,
        } => {
            let found = loose::compared(path, value);
            let wanted = wanted(*operator, literal);
            if found.is_empty() {
                return format!("{path} is missing, the filter wants {wanted}");
            }
            let mut shown: Vec<_> = found
                .iter()
                .take(LISTED)
                .map(|it| shortened(&it.to_string()))
                .collect();
            if found.len() > LISTED {
                shown.push(format!("{} more", found.len() - LISTED));
            }
            format!(
                "{path} is {}, the filter wants {wanted}",
                shown.join(" and ")
            )
        }
    }
}

/// The words for those of `terms` that `value` does not satisfy.
fn failing(terms: &[Filter], value: &Value) -> Vec<String> {
    let failing = terms.iter().filter(|term| !term.matches_loosely(value));
    failing.map(|term| filter_in_words(term, value)).collect()
}

fn wanted(operator: Operator, literal: &Literal) -> String {
    let words = match (operator, literal) {
        (Operator::Eq, Literal::Null) => return "no value".to_owned(),
        (Operator::Ne, Literal::Null) => return "a value".to_owned(),
        (Operator::Eq, _) => return shortened(&literal.to_string()),
        (Operator::Ne, _) => "anything but",
        (Operator::Co, _) => "something with",
        (Operator::Sw, _) => "something that begins with",
        (Operator::Ew, _) => "something that ends with",
        (Operator::Gt, _) => "more than",
        (Operator::Ge, _) => "at least",
        (Operator::Lt, _) => "less than",
        (Operator::Le, _) => "at most",
    };
    format!("{words} {}", shortened(&literal.to_string()))
}

/// A text with quotation marks, and not all of a long one.
pub(super) fn quoted(text: &str) -> String {
    shortened(&Value::from(text).to_string())
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
