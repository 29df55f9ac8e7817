//! The answers to bulk requests (RFC 7644 section 3.7).

use crate::lint::finding::{Found, shown};
use crate::lint::rule::rules;
use crate::lint::view::{BulkOperation, Form, Target, View};
use serde_json::Value;
use std::collections::HashSet;

rules! {
    "RES-BULK-001" Provider Error "RFC 7644 section 3.7" Alone no_urn,
        "an answer to bulk without the URN of BulkResponse"
        "clients do not know it for one"
        "name `urn:ietf:params:scim:api:messages:2.0:BulkResponse` in `schemas`";
    "RES-BULK-002" Provider Error "RFC 7644 section 3.7" Alone no_operations,
        "an answer to bulk without operations"
        "the client does not learn what became of each"
        "answer each operation that was processed";
    "RES-BULK-003" Provider Error "RFC 7644 section 3.7.3" Alone no_status,
        "an operation without `status`"
        "the client does not learn whether it was done"
        "send the status that the request alone would have had, as text";
    "RES-BULK-004" Provider Warning "RFC 7644 section 3.7.3" Alone status_form,
        "the `status` of an operation is no text"
        "the RFC's prose has an object, its examples text: clients with types read text"
        "send `\"201\"`";
    "RES-BULK-005" Provider Error "RFC 7644 section 3.7" Alone no_location,
        "an operation that was done has no `location`"
        "the client does not learn the id of what it made"
        "send the URL of the resource, but for a POST that failed";
    "RES-BULK-006" Provider Error "RFC 7644 section 3.7" Alone no_bulk_id,
        "the answer to a POST without its `bulkId`"
        "answers may come in any order: the client cannot tell which it is"
        "repeat the `bulkId` of the operation";
    "RES-BULK-007" Provider Error "RFC 7644 section 3.7.3" Alone no_error,
        "an operation that failed has no `response`"
        "the client does not learn why"
        "send the SCIM error as `response`";
    "RES-BULK-008" Provider Error "RFC 7644 section 3.7" Alone too_many,
        "more operations are answered than were sent"
        "each operation has one answer"
        "answer each operation once";
    "RES-BULK-009" Provider Error "RFC 7644 section 3.7" Alone unknown_bulk_id,
        "a `bulkId` that no operation has"
        "the client cannot tell which operation it answers"
        "repeat the `bulkId` of the operation";
    "RES-BULK-010" Provider Warning "RFC 7644 section 3.7" Alone no_method,
        "the answer to an operation without its method"
        "it is required in an answer too; clients check it"
        "repeat the method of the operation";
}

fn is_answer(it: &View<'_>) -> bool {
    matches!(it.target(), Target::Bulk) && it.status == 200 && it.got.form == Form::Bulk
}

fn operations<'m, 'a>(it: &'m View<'a>) -> impl Iterator<Item = &'m BulkOperation<'a>> {
    it.got.bulk.iter().filter(|_| is_answer(it))
}

/// The status of an operation, in whichever form it was sent.
fn status(operation: &BulkOperation<'_>) -> Option<u64> {
    let status = operation.get("status")?;
    let code = status.get("code").unwrap_or(status);
    code.as_u64().or_else(|| code.as_str()?.parse().ok())
}

fn no_urn(it: &View<'_>, found: &mut Found<'_>) {
    if is_answer(it)
        && !it
            .got
            .is_named("urn:ietf:params:scim:api:messages:2.0:BulkResponse")
    {
        found.at(it.got.place("schemas"), "no BulkResponse in `schemas`");
    }
}

fn no_operations(it: &View<'_>, found: &mut Found<'_>) {
    if is_answer(it) && it.got.bulk.is_empty() {
        found.at(it.got.place("Operations"), "no operation");
    }
}

fn no_status(it: &View<'_>, found: &mut Found<'_>) {
    for operation in operations(it).filter(|it| it.get("status").is_none_or(Value::is_null)) {
        found.at(&*operation.at, "no `status`");
    }
}

fn status_form(it: &View<'_>, found: &mut Found<'_>) {
    for operation in operations(it) {
        if let Some(status) = operation
            .get("status")
            .filter(|it| !it.is_string() && !it.is_null())
        {
            found.at(
                operation.place("status"),
                format!("`status` is {}", shown(status)),
            );
        }
    }
}

fn no_location(it: &View<'_>, found: &mut Found<'_>) {
    for operation in operations(it) {
        let done = status(operation).is_some_and(|status| (200..300).contains(&status));
        if done
            && operation.method() != "DELETE"
            && operation.text("location").is_none_or(str::is_empty)
        {
            found.at(&*operation.at, "no `location`");
        }
    }
}

fn no_bulk_id(it: &View<'_>, found: &mut Found<'_>) {
    let mut posts = it.sent.bulk.iter().filter(|it| it.method() == "POST");
    let asked = posts.all(|it| it.text("bulkId").is_some_and(|id| !id.is_empty()));
    for operation in operations(it).filter(|it| asked && it.method() == "POST") {
        if operation.text("bulkId").is_none_or(str::is_empty) {
            found.at(&*operation.at, "no `bulkId`");
        }
    }
}

fn no_error(it: &View<'_>, found: &mut Found<'_>) {
    for operation in operations(it).filter(|it| status(it).is_some_and(|status| status >= 400)) {
        if operation.get("response").is_none_or(Value::is_null) {
            found.at(&*operation.at, "no `response`");
        }
    }
}

fn too_many(it: &View<'_>, found: &mut Found<'_>) {
    let (sent, got) = (it.sent.bulk.len(), it.got.bulk.len());
    if is_answer(it) && sent > 0 && got > sent {
        found.at(
            it.got.place("Operations"),
            format!("{got}, and {sent} were sent"),
        );
    }
}

fn unknown_bulk_id(it: &View<'_>, found: &mut Found<'_>) {
    let known: HashSet<&str> = it
        .sent
        .bulk
        .iter()
        .filter_map(|it| it.text("bulkId"))
        .collect();
    for operation in operations(it).filter(|_| !it.sent.bulk.is_empty()) {
        let id = operation.text("bulkId").filter(|id| !id.is_empty());
        if let Some(id) = id.filter(|id| !known.contains(id)) {
            found.at(operation.place("bulkId"), format!("`{id}`"));
        }
    }
}

fn no_method(it: &View<'_>, found: &mut Found<'_>) {
    for operation in operations(it).filter(|it| it.get("method").is_none()) {
        found.at(&*operation.at, "no `method`");
    }
}
