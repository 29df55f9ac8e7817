//! One exchange in the journal, what it was to its tenant, and what it weighs.

use super::Told;
use crate::exchange::{Body, Exchange, file};
use crate::scim::Leniencies;
use serde_json::{Value, json};
use std::fmt;

/// What an allocation takes beyond what was asked for.
const ALLOCATION: usize = 16;

/// One exchange. Its secrets are replaced.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Never repeats in one journal.
    pub number: u64,
    /// The name of the tenant that answered.
    pub tenant: String,
    /// The request and the answer.
    pub exchange: Exchange,
    /// The departures from the letter that the request needed.
    pub leniencies: Leniencies,
    /// The fault that was injected, by its name.
    pub fault: Option<String>,
}

impl Entry {
    /// As JSON: the members of a fixture file, with `number`, `tenant`, `leniencies` and, if there was one, `fault` before them.
    pub fn to_json(&self) -> Value {
        let leniencies: Vec<_> = self.leniencies.names().collect();
        let mut entry = json!({
            "number": self.number,
            "tenant": self.tenant,
            "leniencies": leniencies,
        });
        if let Some(fault) = &self.fault {
            entry["fault"] = fault.as_str().into();
        }
        if let (Some(entry), Value::Object(exchange)) =
            (entry.as_object_mut(), file::to_json(&self.exchange))
        {
            entry.extend(exchange);
        }
        entry
    }
}

impl Told {
    /// The memory that it takes, reckoned from what it holds.
    pub(super) fn weight(&self) -> usize {
        let Exchange {
            request, response, ..
        } = &self.exchange;
        let texts = [&request.method, &request.path];
        let texts = texts.into_iter().chain(&self.fault).map(text);
        let pairs = [&request.query, &request.headers, &response.headers];
        size_of::<Entry>()
            + ALLOCATION
            + texts.sum::<usize>()
            + pairs.into_iter().map(|it| pairs_weight(it)).sum::<usize>()
            + body(&request.body)
            + body(&response.body)
    }
}

/// `exchange 7 POST /Users 409`.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Exchange {
            request, response, ..
        } = &self.exchange;
        write!(
            f,
            "exchange {} {} {} {}",
            self.number, request.method, request.path, response.status
        )
    }
}

fn text(text: &String) -> usize {
    text.capacity() + ALLOCATION
}

fn pairs_weight(pairs: &[(String, String)]) -> usize {
    let each =
        |(name, value): &(String, String)| size_of::<(String, String)>() + text(name) + text(value);
    ALLOCATION + pairs.iter().map(each).sum::<usize>()
}

fn body(body: &Body) -> usize {
    match body {
        Body::Empty => 0,
        Body::Json(value) => inside(value),
        Body::Text(it) => text(it),
        Body::Binary(bytes) | Body::Cut { kept: bytes } => bytes.len() + ALLOCATION,
    }
}

/// What a value holds beyond its own size.
fn inside(value: &Value) -> usize {
    match value {
        Value::String(it) => text(it),
        Value::Array(list) => {
            ALLOCATION
                + list.capacity() * size_of::<Value>()
                + list.iter().map(inside).sum::<usize>()
        }
        Value::Object(object) => {
            // An entry has its name, its value, its hash and its place in the table; both tables have room for more.
            let each = size_of::<String>() + size_of::<Value>() + 3 * size_of::<usize>();
            let member = |(name, value): (&String, &Value)| each + text(name) + inside(value);
            2 * ALLOCATION + object.iter().map(member).sum::<usize>()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    }
}
