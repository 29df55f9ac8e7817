//! Bulk messages (RFC 7644 section 3.7): a `BulkRequest` to operations, which of them wait for which, and the `BulkResponse`.
//!
//! It does not carry operations out, and knows no endpoints: the service does.

use super::choices::{BulkStatus, Choices};
use super::{ErrorKind, Leniency, Reading, ScimError};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet, VecDeque};

const REQUEST_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const RESPONSE_URN: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

/// What stands before the `bulkId` of a resource that has no id yet.
const REFERENCE: &str = "bulkId:";

/// The methods of section 3.7.
const METHODS: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

/// A bulk request.
#[derive(Debug, Clone)]
pub struct BulkRequest {
    /// How many errors end the job; `None` when none do.
    pub fail_on_errors: Option<usize>,
    /// The operations, in the order of the request.
    pub operations: Vec<Operation>,
}

/// One operation. What is wrong with it is wrong with it alone; the others go on.
#[derive(Debug, Clone)]
pub struct Operation {
    /// In capitals; empty when there is none.
    pub method: String,
    /// The client's name for the resource that is created.
    pub bulk_id: Option<String>,
    /// The version that the resource must have.
    pub version: Option<String>,
    /// Below the base URL.
    pub path: String,
    /// The body.
    pub data: Option<Value>,
    /// Why it cannot be carried out.
    pub refused: Option<ScimError>,
}

/// The operations of a job that are still to come.
#[derive(Debug)]
pub struct Queue {
    turns: VecDeque<Turn>,
    /// The operations that each operation needs.
    needs: Vec<Vec<usize>>,
}

/// An operation, or several that refer to each other, by their places in the request.
#[derive(Debug)]
pub struct Turn {
    /// In the order of the request; there is one at least.
    pub operations: Vec<usize>,
    /// Whether it was put back before.
    is_last: bool,
}

/// What became of an operation.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The URL of the resource; none after a POST that failed.
    pub location: Option<String>,
    /// Its tag, unless it is gone.
    pub version: Option<String>,
    /// The HTTP status that the operation alone would have had, or its error.
    pub status: Result<u16, ScimError>,
    /// The resource, where it is to stand in the answer.
    pub resource: Option<Value>,
}

impl BulkRequest {
    /// Reads the body of a bulk request.
    ///
    /// # Errors
    /// `invalidSyntax` for what is no bulk request; what is wrong with one operation stands there.
    pub fn read(body: &Value, reading: Reading<'_>) -> Result<Self, ScimError> {
        let syntax = |detail: String| ScimError::new(ErrorKind::InvalidSyntax, detail);
        let Value::Object(members) = body else {
            return Err(syntax(
                "expected a BulkRequest message, a JSON object".into(),
            ));
        };
        let named = member(members, "schemas").and_then(Value::as_array);
        let is_named = named.is_some_and(|list| list.iter().any(|urn| urn == REQUEST_URN));
        if !is_named && !reading.takes(Leniency::MessageSchemas) {
            return Err(syntax(format!(
                "`schemas` of a bulk request holds \"{REQUEST_URN}\""
            )));
        }
        let Some(Value::Array(operations)) = member(members, "Operations") else {
            return Err(syntax(
                "a bulk request has `Operations`, an array of operations".into(),
            ));
        };
        if operations.is_empty() {
            return Err(syntax(
                "`Operations` is empty; a bulk request has one operation at least".into(),
            ));
        }
        let fail_on_errors = match member(members, "failOnErrors") {
            None | Some(Value::Null) => None,
            Some(Value::Number(number)) if number.is_i64() || number.is_u64() => {
                // Nothing can be accepted before the first error.
                let number = number.as_u64().unwrap_or_default().max(1);
                Some(usize::try_from(number).unwrap_or(usize::MAX))
            }
            Some(other) => {
                return Err(syntax(format!(
                    "`failOnErrors` is a whole number, found {other}"
                )));
            }
        };
        let mut operations: Vec<Operation> = operations
            .iter()
            .map(|operation| Operation::read(operation, reading))
            .collect();
        let mut seen = HashSet::new();
        for operation in &mut operations {
            if let Some(bulk_id) = &operation.bulk_id
                && !seen.insert(bulk_id.clone())
            {
                let detail = format!("the bulkId `{bulk_id}` names another operation already");
                operation.refuse(ErrorKind::InvalidValue, detail);
            }
        }
        Ok(Self {
            fail_on_errors,
            operations,
        })
    }

    /// The operations in the order in which they can be carried out: each after those whose resources it refers to, otherwise as
    /// they stand.
    pub fn queue(&self) -> Queue {
        let creates = self.creates();
        let needs: Vec<Vec<usize>> = self
            .operations
            .iter()
            .map(|operation| {
                let known = operation.references();
                known
                    .iter()
                    .filter_map(|name| creates.get(name.as_ref()).copied())
                    .collect()
            })
            .collect();
        let turns = components(&needs).into_iter().map(|operations| Turn {
            operations,
            is_last: false,
        });
        Queue {
            turns: turns.collect(),
            needs,
        }
    }

    /// Which operation creates the resource of each `bulkId`.
    fn creates(&self) -> HashMap<&str, usize> {
        let mut creates = HashMap::new();
        for (n, operation) in self.operations.iter().enumerate() {
            if let Some(bulk_id) = operation
                .bulk_id
                .as_deref()
                .filter(|_| operation.method == "POST")
            {
                creates.entry(bulk_id).or_insert(n);
            }
        }
        creates
    }
}

impl Iterator for Queue {
    type Item = Turn;

    fn next(&mut self) -> Option<Turn> {
        self.turns.pop_front()
    }
}

impl Queue {
    /// Puts back a turn that failed and came early, because an operation before it needs it: an operation in between may be what it
    /// waits for, such as a DELETE that frees a name (section 3.7 keeps the client's intent). `false` when it had its place.
    pub fn put_back(&mut self, failed: &Turn) -> bool {
        let place = failed.operations.last().copied().unwrap_or_default();
        let mut waiting: HashSet<usize> = failed.operations.iter().copied().collect();
        let mut waits = Vec::with_capacity(self.turns.len());
        for turn in &self.turns {
            let mut needs = turn.operations.iter().flat_map(|n| &self.needs[*n]);
            let needs_it = needs.any(|n| waiting.contains(n));
            if needs_it {
                waiting.extend(&turn.operations);
            }
            waits.push(needs_it);
        }
        let stands_before = |(turn, waits): (&Turn, &bool)| !waits && turn.operations[0] < place;
        let last = self.turns.iter().zip(&waits).rposition(stands_before);
        let Some(last) = last.filter(|_| !failed.is_last) else {
            return false;
        };
        let after = self.turns.split_off(last + 1);
        let (behind, before): (Vec<_>, Vec<_>) = self
            .turns
            .drain(..)
            .zip(waits)
            .partition(|(_, waits)| *waits);
        let turns = |them: Vec<(Turn, bool)>| them.into_iter().map(|(turn, _)| turn);
        self.turns = turns(before).collect();
        self.turns.push_back(Turn {
            operations: failed.operations.clone(),
            is_last: true,
        });
        self.turns.extend(turns(behind).chain(after));
        true
    }
}

impl Operation {
    fn read(operation: &Value, reading: Reading<'_>) -> Self {
        let mut read = Self {
            method: String::new(),
            bulk_id: None,
            version: None,
            path: String::new(),
            data: None,
            refused: None,
        };
        let Value::Object(members) = operation else {
            read.refuse(
                ErrorKind::InvalidSyntax,
                "an operation is an object".to_owned(),
            );
            return read;
        };
        let text = |name: &str| member(members, name).and_then(Value::as_str);
        let method = text("method").unwrap_or_default();
        read.method = method.to_ascii_uppercase();
        if read.method != method && !reading.takes(Leniency::BulkMethodCase) {
            method.clone_into(&mut read.method);
        }
        read.bulk_id = text("bulkId")
            .filter(|name| !name.is_empty())
            .map(str::to_owned);
        read.version = text("version").map(str::to_owned);
        read.path = text("path").map(str::to_owned).unwrap_or_default();
        read.data = member(members, "data")
            .filter(|data| !data.is_null())
            .cloned();
        if !METHODS.contains(&read.method.as_str()) {
            let detail = format!("`method` is `{method}`; expected POST, PUT, PATCH or DELETE");
            read.refuse(ErrorKind::InvalidSyntax, detail);
        } else if read.path.is_empty() {
            let detail = "an operation has a `path`, such as /Users or /Users/{id}".to_owned();
            read.refuse(ErrorKind::InvalidSyntax, detail);
        } else if read.data.is_none() && read.method != "DELETE" {
            let detail = format!("{} needs `data`, the body of the operation", read.method);
            read.refuse(ErrorKind::InvalidSyntax, detail);
        } else if read.method == "POST"
            && read.bulk_id.is_none()
            && !reading.takes(Leniency::BulkWithoutId)
        {
            let detail = "POST needs a `bulkId`, by which the answer names the resource".to_owned();
            read.refuse(ErrorKind::InvalidValue, detail);
        }
        read
    }

    fn refuse(&mut self, kind: ErrorKind, detail: String) {
        if self.refused.is_none() {
            self.refused = Some(ScimError::new(kind, detail));
        }
    }

    /// The `bulkId`s of other operations that this one refers to.
    pub fn references(&self) -> Vec<Cow<'_, str>> {
        let mut found = Vec::new();
        let mut note = |name: &str| {
            found.push(Cow::Owned(name.to_owned()));
            None
        };
        replaced_in_text(&self.path, true, &mut note);
        if let Some(data) = &self.data {
            replaced(data, "", &mut note);
        }
        found
    }

    /// The path and the body with ids in the places of the `bulkId`s that `ids` knows.
    pub fn resolved(&self, ids: &HashMap<&str, String>) -> (String, Option<Value>) {
        let mut id = |name: &str| ids.get(name).cloned();
        let path = replaced_in_text(&self.path, true, &mut id);
        let data = self.data.as_ref().map(|data| replaced(data, "", &mut id));
        (path, data)
    }
}

/// A body in which `id` has said what stands for each reference. References are whole values, the end of a URL, and, in the paths of
/// PATCH operations, literals of a filter; other text that happens to hold `bulkId:` stays.
fn replaced(value: &Value, name: &str, id: &mut impl FnMut(&str) -> Option<String>) -> Value {
    match value {
        Value::String(text) => Value::String(replaced_in_text(
            text,
            name.eq_ignore_ascii_case("path"),
            id,
        )),
        Value::Array(list) => list.iter().map(|value| replaced(value, name, id)).collect(),
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| (name.clone(), replaced(value, name, id)))
                .collect(),
        ),
        simple => simple.clone(),
    }
}

fn replaced_in_text(
    text: &str,
    within: bool,
    id: &mut impl FnMut(&str) -> Option<String>,
) -> String {
    let Some(at) = text.find(REFERENCE) else {
        return text.to_owned();
    };
    let (before, rest) = text.split_at(at);
    let name = &rest[REFERENCE.len()..];
    let end = if within {
        name.find(['"', '/']).unwrap_or(name.len())
    } else {
        name.len()
    };
    let whole = before.is_empty() || before.ends_with('/');
    if !(within || whole) {
        return text.to_owned();
    }
    let (name, after) = name.split_at(end);
    let after = if within {
        replaced_in_text(after, true, id)
    } else {
        after.to_owned()
    };
    match id(name) {
        Some(id) => format!("{before}{id}{after}"),
        None => format!("{before}{REFERENCE}{name}{after}"),
    }
}

/// The answer to the operations that were carried out, each with its outcome.
pub fn response<'a>(
    results: impl Iterator<Item = (&'a Operation, &'a Outcome)>,
    choices: &Choices,
) -> Value {
    let results = results.map(|(operation, outcome)| {
        let mut result = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                result.insert(name.to_owned(), value);
            }
        };
        put("location", outcome.location.as_deref().map(Value::from));
        put("method", Some(operation.method.as_str().into()));
        put("bulkId", operation.bulk_id.as_deref().map(Value::from));
        put("version", outcome.version.as_deref().map(Value::from));
        let status = match &outcome.status {
            Ok(status) => *status,
            Err(error) => error.kind.status(),
        };
        let status = match choices.bulk_status {
            BulkStatus::Text => Value::from(status.to_string()),
            BulkStatus::Object => json!({ "code": status.to_string() }),
        };
        put("status", Some(status));
        let error = outcome.status.as_ref().err();
        let error = error.map(|error| error.to_json_with(choices.error_status));
        put("response", error.or_else(|| outcome.resource.clone()));
        Value::Object(result)
    });
    json!({ "schemas": [RESPONSE_URN], "Operations": results.collect::<Vec<_>>() })
}

fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = members
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

/// The strongly connected components of a graph, each behind those that it needs, otherwise in the order of their first nodes
/// (Tarjan 1972, with a stack of its own: a chain of operations can be as long as the request).
fn components(needs: &[Vec<usize>]) -> Vec<Vec<usize>> {
    const NEW: usize = usize::MAX;
    let mut index = vec![NEW; needs.len()];
    let mut low = vec![0; needs.len()];
    let mut open = vec![false; needs.len()];
    let (mut stack, mut found, mut next) = (Vec::new(), Vec::new(), 0);
    for root in 0..needs.len() {
        let mut visits = vec![(root, 0)];
        while let Some((node, edge)) = visits.pop() {
            if edge == 0 {
                if index[node] != NEW {
                    continue;
                }
                (index[node], low[node], open[node]) = (next, next, true);
                stack.push(node);
                next += 1;
            } else {
                let child = needs[node][edge - 1];
                if open[child] {
                    low[node] = low[node].min(low[child]);
                }
            }
            if let Some(&child) = needs[node].get(edge) {
                visits.push((node, edge + 1));
                if index[child] == NEW {
                    visits.push((child, 0));
                }
            } else if low[node] == index[node] {
                let at = stack.iter().rposition(|it| *it == node).unwrap_or_default();
                let mut component = stack.split_off(at);
                for member in &component {
                    open[*member] = false;
                }
                component.sort_unstable();
                found.push(component);
            }
        }
    }
    found
}
