//! POST /Bulk (RFC 7644 section 3.7): many operations in one request, each as it would be alone.
//!
//! Nobody sees the directory between two of them. An operation that fails leaves nothing behind, and those before it stay.

use super::create::written;
use super::read::Expected;
use super::route::Route;
use super::{Answer, Call, Tenant, respond};
use crate::directory::{Origin, Resource, Shown, Snapshot};
use crate::scim::bulk::{self, BulkRequest, Operation, Outcome};
use crate::scim::choices::{BulkCycles, BulkResponse};
use crate::scim::discovery::BulkLimits;
use crate::scim::patch::{self, PATCH_OP_URN};
use crate::scim::project::Projection;
use crate::scim::{ErrorKind, Leniency, Reading, ScimError};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

/// A job under way.
struct Job<'a> {
    call: &'a Call<'a>,
    origin: &'a Origin,
    request: &'a BulkRequest,
    /// The id of each resource that was created, by its `bulkId`.
    ids: HashMap<&'a str, String>,
    outcomes: Vec<Option<Outcome>>,
}

impl Call<'_> {
    pub(super) fn bulk(&self) -> Answer {
        let Some(limits) = self.tenant.features.bulk else {
            return Err(ScimError::new(
                ErrorKind::NotImplemented,
                "this service provider takes no bulk requests; send the operations one by one",
            )
            .into());
        };
        if self.request.body().len() > limits.max_payload_bytes {
            return Err(payload_too_large(limits).into());
        }
        let request = BulkRequest::read(&self.json()?, self.reading())?;
        let (count, most) = (request.operations.len(), limits.max_operations);
        if count > most {
            let detail =
                format!("the request has {count} operations, more than maxOperations ({most})");
            return Err(ScimError::new(ErrorKind::PayloadTooLarge, detail).into());
        }
        let done = self.tenant.directory.write(|next, origin| {
            let job = Job {
                call: self,
                origin,
                request: &request,
                ids: HashMap::new(),
                outcomes: vec![None; count],
            };
            Ok::<_, Infallible>(job.run(next))
        })?;
        let Ok(outcomes) = done;
        let processed = request.operations.iter().zip(&outcomes);
        let processed =
            processed.filter_map(|(operation, outcome)| Some((operation, outcome.as_ref()?)));
        let body = bulk::response(processed, &self.tenant.choices);
        Ok(respond::json(StatusCode::OK, body.to_string().into()))
    }
}

/// The most that the body of a request may hold where that is not what it is everywhere, and what is said of more.
pub fn body_limit<B>(
    tenant: &Tenant,
    base: &str,
    request: &Request<B>,
) -> Option<(usize, ScimError)> {
    let limits = tenant.features.bulk?;
    if request.method() != Method::POST {
        return None;
    }
    let path = request.uri().path();
    let noted = Cell::default();
    let route = Route::find(tenant, base, path, Reading::new(tenant.leniencies, &noted));
    (route.ok()? == Route::Bulk).then(|| (limits.max_payload_bytes, payload_too_large(limits)))
}

/// Section 3.7.4: the limit is named.
fn payload_too_large(limits: BulkLimits) -> ScimError {
    let most = limits.max_payload_bytes;
    let detail = format!("the body has more bytes than maxPayloadSize ({most})");
    ScimError::new(ErrorKind::PayloadTooLarge, detail)
}

impl Job<'_> {
    fn run(mut self, next: &mut Snapshot) -> Vec<Option<Outcome>> {
        let most = self.request.fail_on_errors.unwrap_or(usize::MAX);
        let mut errors = 0;
        let mut queue = self.request.queue();
        while let Some(turn) = queue.next() {
            match turn.operations.as_slice() {
                [one] if !self.refers_to_itself(*one) => self.alone(next, *one),
                several if self.call.tenant.choices.bulk_cycles == BulkCycles::Refuse => {
                    for n in several {
                        let detail = "it refers to a resource whose operation refers to it";
                        self.note(next, *n, Err(ScimError::new(ErrorKind::Conflict, detail)));
                    }
                }
                several => self.in_a_circle(next, several),
            }
            let outcomes = turn.operations.iter();
            let outcomes = outcomes.filter_map(|n| self.outcomes[*n].as_ref());
            let failed = outcomes.filter(|outcome| outcome.status.is_err()).count();
            if failed > 0 && queue.put_back(&turn) {
                for n in &turn.operations {
                    self.outcomes[*n] = None;
                }
                continue;
            }
            errors += failed;
            if errors >= most {
                break;
            }
        }
        self.outcomes
    }

    fn refers_to_itself(&self, n: usize) -> bool {
        let operation = &self.request.operations[n];
        let own = operation.bulk_id.as_deref();
        operation.method == "POST"
            && operation
                .references()
                .iter()
                .any(|it| Some(it.as_ref()) == own)
    }

    /// An operation whose references are resolved, or can never be.
    fn alone(&mut self, next: &mut Snapshot, n: usize) {
        let mut trial = next.clone();
        let done = self.carry_out(&mut trial, n, &[]);
        if done.is_ok() {
            *next = trial;
        }
        self.note(next, n, done);
    }

    /// Operations that create resources which refer to each other (section 3.7.1): all are created, then each gets its references.
    /// Either all of them succeed or none.
    fn in_a_circle(&mut self, next: &mut Snapshot, several: &[usize]) {
        let mut trial = next.clone();
        let before = self.ids.clone();
        let mut failed = None;
        for n in several {
            if let Err(error) = self.carry_out(&mut trial, *n, several) {
                failed = Some((*n, error));
                break;
            }
        }
        let completed = match failed {
            None => several
                .iter()
                .find_map(|n| self.complete(&mut trial, *n).err().map(|error| (*n, error))),
            failed => failed,
        };
        match completed {
            None => {
                *next = trial;
                for n in several {
                    let made = self.created(next, *n);
                    self.note(next, *n, made.map(|made| (StatusCode::CREATED, Some(made))));
                }
            }
            Some((culprit, error)) => {
                self.ids = before;
                for n in several {
                    let error = if *n == culprit {
                        error.clone()
                    } else {
                        let detail =
                            "it refers to a resource that could not be created, and that one to it";
                        ScimError::new(ErrorKind::Conflict, detail)
                    };
                    self.note(next, *n, Err(error));
                }
            }
        }
    }

    /// The resource that operation `n` created.
    fn created(&self, snapshot: &Snapshot, n: usize) -> Result<Arc<Resource>, ScimError> {
        let bulk_id = self.request.operations[n].bulk_id.as_deref();
        let id = bulk_id.and_then(|bulk_id| self.ids.get(bulk_id));
        id.and_then(|id| snapshot.by_id(id))
            .cloned()
            .ok_or_else(|| {
                ScimError::new(ErrorKind::Internal, "a resource was created and is gone")
            })
    }

    /// Gives a resource that was created with open references the ids in their places.
    fn complete(&self, next: &mut Snapshot, n: usize) -> Result<(), ScimError> {
        let made = self.created(next, n)?;
        let (_, data) = self.resolved(n, &[])?;
        let content = self
            .call
            .content_of(made.key.kind, &data.unwrap_or_default())?;
        self.call
            .check_targets(next, made.key.kind, None, &content)?;
        next.complete(made.key, content);
        Ok(())
    }

    /// The path and body of an operation, every reference in them resolved, but those to `waiting` operations.
    fn resolved(&self, n: usize, waiting: &[usize]) -> Result<(String, Option<Value>), ScimError> {
        let operation = &self.request.operations[n];
        let is_known = |name: &str| {
            let mut waiting = waiting.iter().map(|n| &self.request.operations[*n].bulk_id);
            self.ids.contains_key(name) || waiting.any(|it| it.as_deref() == Some(name))
        };
        match operation
            .references()
            .into_iter()
            .find(|name| !is_known(name))
        {
            None => Ok(operation.resolved(&self.ids)),
            Some(name) => Err(ScimError::new(
                ErrorKind::Conflict,
                format!("`bulkId:{name}` stands for no resource that this request created"),
            )),
        }
    }

    fn carry_out(
        &mut self,
        next: &mut Snapshot,
        n: usize,
        waiting: &[usize],
    ) -> Result<(StatusCode, Option<Arc<Resource>>), ScimError> {
        let (call, operation) = (self.call, &self.request.operations[n]);
        if let Some(refused) = &operation.refused {
            return Err(refused.clone());
        }
        let (path, data) = self.resolved(n, waiting)?;
        let expected = Expected {
            if_match: operation.version.as_deref().map(Cow::Borrowed),
            if_none_match: None,
        };
        let data = data.unwrap_or_default();
        let route = route(call, &path)?;
        call.offers(&operation.method, &route)?;
        call.permit(&operation.method, &route)?;
        match (operation.method.as_str(), route) {
            ("POST", Route::Collection(kind)) => {
                let content = call.content_of(kind, &data)?;
                // What waits for others is checked when they are there.
                if waiting.is_empty() {
                    call.check_targets(next, kind, None, &content)?;
                }
                let made = next.create(self.origin, kind, content, None, false)?;
                if let Some(bulk_id) = &operation.bulk_id {
                    self.ids.insert(bulk_id, made.id.to_string());
                }
                Ok((StatusCode::CREATED, Some(made)))
            }
            ("PUT", Route::Resource(kind, id)) => {
                // As alone: whether the resource is there comes before what its body says.
                call.present(next, (kind, &id), &expected)?;
                let content = call.content_of(kind, &data)?;
                let replaced =
                    call.replace_in(next, self.origin, (kind, &id), (&data, content), &expected)?;
                Ok((StatusCode::OK, Some(replaced)))
            }
            ("PATCH", Route::Resource(kind, id)) => {
                call.present(next, (kind, &id), &expected)?;
                let operations = call.patch_operations(&patch_message(call, data))?;
                let patched =
                    call.patch_in(next, self.origin, (kind, &id), &operations, &expected)?;
                let status = if call.answers_without_content(&patched) {
                    StatusCode::NO_CONTENT
                } else {
                    StatusCode::OK
                };
                Ok((status, Some(patched)))
            }
            ("DELETE", Route::Resource(kind, id)) => {
                call.delete_in(next, self.origin, (kind, &id), &expected)?;
                Ok((StatusCode::NO_CONTENT, None))
            }
            (method, _) => Err(ScimError::new(
                ErrorKind::InvalidValue,
                format!(
                    "{method} is not for {path} in a bulk request; POST takes an endpoint, such as /Users, the others a resource below one"
                ),
            )),
        }
    }

    fn note(
        &mut self,
        next: &Snapshot,
        n: usize,
        done: Result<(StatusCode, Option<Arc<Resource>>), ScimError>,
    ) {
        let operation = &self.request.operations[n];
        let view = self.call.tenant.view(next, self.call.base);
        let outcome = match done {
            Ok((status, Some(resource))) => {
                let shown = view.of(&resource);
                Outcome {
                    location: Some(shown.location()),
                    version: shown.tag(),
                    status: Ok(status.as_u16()),
                    resource: (status != StatusCode::NO_CONTENT)
                        .then(|| self.response(operation, shown))
                        .flatten(),
                }
            }
            Ok((status, None)) => Outcome {
                location: self.named(operation),
                version: None,
                status: Ok(status.as_u16()),
                resource: None,
            },
            Err(error) => Outcome {
                location: self.named(operation).filter(|_| operation.method != "POST"),
                version: None,
                status: Err(error.told_by(&self.call.tenant.choices)),
                resource: None,
            },
        };
        self.outcomes[n] = Some(outcome);
    }

    /// What the operation alone would have been answered with, where the scenario wants it.
    fn response(&self, operation: &Operation, shown: Shown<'_>) -> Option<Value> {
        if self.call.tenant.choices.bulk_response == BulkResponse::Status {
            return None;
        }
        let data = operation.data.clone().unwrap_or_default();
        let named: Vec<String> = if operation.method == "PATCH" {
            let operations = self.call.patch_operations(&patch_message(self.call, data));
            let operations = operations.unwrap_or_default();
            operations
                .iter()
                .flat_map(patch::Operation::names)
                .collect()
        } else {
            written(&data).map(str::to_owned).collect()
        };
        let named = named.iter().map(String::as_str);
        let projection = Projection::default().after_writing(shown.types(), named);
        Some(Value::Object(shown.projected(&projection)))
    }

    /// The URL that an operation names, whether or not something is there.
    fn named(&self, operation: &Operation) -> Option<String> {
        let (path, _) = operation.resolved(&self.ids);
        let path = path.trim_start_matches('/');
        (!path.is_empty()).then(|| format!("{}/{path}", self.call.base))
    }
}

/// What the path of an operation names: below the base, with a slash before it.
fn route(call: &Call<'_>, path: &str) -> Result<Route, ScimError> {
    let found = Route::below(call.tenant, path, call.reading())
        .filter(|_| path.starts_with('/') || call.reading().takes(Leniency::BulkPath));
    found.ok_or_else(|| {
        ScimError::new(
            ErrorKind::InvalidValue,
            format!(
                "the path `{path}` names nothing; expected one such as /Users or /Users/{{id}}"
            ),
        )
    })
}

/// RFC 7644 shows the operations of a PATCH as a bare array (erratum 5050), and some clients send them so.
fn patch_message(call: &Call<'_>, data: Value) -> Value {
    match data {
        Value::Array(operations) if call.reading().takes(Leniency::BulkPatchArray) => {
            json!({ "schemas": [PATCH_OP_URN], "Operations": operations })
        }
        data => data,
    }
}
