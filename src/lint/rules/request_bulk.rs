//! Bulk requests as a client sends them (RFC 7644 section 3.7).

use crate::exchange::Body;
use crate::lint::finding::{Found, shown};
use crate::lint::rule::rules;
use crate::lint::view::{BulkOperation, PATH, Target, View};
use serde_json::Value;
use std::collections::HashSet;

rules! {
    "REQ-BULK-001" Client Error "RFC 7644 section 3.7" Alone no_urn,
        "a bulk request without the URN of BulkRequest"
        "strict providers answer 400 `invalidSyntax`"
        "name `urn:ietf:params:scim:api:messages:2.0:BulkRequest` in `schemas`";
    "REQ-BULK-002" Client Error "RFC 7644 section 3.7" Alone no_operations,
        "a bulk request without operations"
        "providers answer 400"
        "send an array `Operations` with one operation at least";
    "REQ-BULK-003" Client Error "RFC 7644 section 3.7" Alone unknown_method,
        "an operation with a method that bulk does not have"
        "bulk changes and does not read: the operation fails with 400 or 405"
        "use POST, PUT, PATCH and DELETE";
    "REQ-BULK-004" Client Warning "RFC 7644 section 3.7" Alone method_case,
        "a method that is not in capitals"
        "methods have case: strict providers fail the operation"
        "write `POST`, `PUT`, `PATCH` and `DELETE`";
    "REQ-BULK-005" Client Error "RFC 7644 section 3.7" Alone no_bulk_id,
        "a POST without `bulkId`"
        "it is required: the answer cannot be told from the others, and strict providers fail it"
        "give each POST a `bulkId` of its own";
    "REQ-BULK-006" Client Error "RFC 7644 section 3.7" Alone repeated_bulk_id,
        "a `bulkId` stands twice"
        "references to it mean either: providers fail the second one"
        "give each operation a `bulkId` of its own";
    "REQ-BULK-007" Client Error "RFC 7644 section 3.7" Alone path,
        "a path that is not one below the base"
        "a POST goes to an endpoint, all others to a resource, and both begin with a slash"
        "write `/Users` for POST and `/Users/ID` for the others";
    "REQ-BULK-008" Client Error "RFC 7644 section 3.7" Alone no_data,
        "an operation without `data`"
        "POST, PUT and PATCH need it: the operation fails with 400"
        "put the body of the request into `data`";
    "REQ-BULK-009" Client Error "RFC 7644 section 3.7.2" Alone unknown_reference,
        "a reference to a `bulkId` that no operation has"
        "it can never be resolved: the operation fails with 409 or 400"
        "refer to a `bulkId` of the same request";
    "REQ-BULK-010" Client Error "RFC 7644 section 3.7.4" Alone too_many_operations,
        "more operations than the provider takes"
        "`bulk.maxOperations` says how many: the answer is 413"
        "send several requests";
    "REQ-BULK-011" Client Error "RFC 7644 section 3.7.4" Alone too_large,
        "a body that is larger than the provider takes"
        "`bulk.maxPayloadSize` says how large: the answer is 413"
        "send several requests";
    "REQ-BULK-012" Client Warning "RFC 7644 section 3.7" Alone patch_array,
        "the operations of a PATCH in a bare array"
        "the RFC's own example has it so, and is in error (erratum 5050): strict providers fail it"
        "send a whole PatchOp message as `data`";
    "REQ-BULK-013" Client Warning "RFC 7644 section 3.7.3" Alone fail_on_errors,
        "`failOnErrors` is no number above 0"
        "providers take it for 1, for none, or answer 400"
        "send a whole number, or leave it out";
    "REQ-BULK-014" Client Warning "RFC 7643 section 5" Alone unsupported,
        "a bulk request where the provider has none"
        "`bulk.supported` is false: the answer is 501 or 404"
        "send the requests one by one";
    "REQ-BULK-015" Client Warning "RFC 7644 section 3.7.2" Alone bare_reference,
        "a `bulkId` is referred to without its prefix"
        "`qwerty` is the id of a resource, and `bulkId:qwerty` the reference"
        "write `bulkId:` before it";
}

fn is_bulk(it: &View<'_>) -> bool {
    matches!(it.target(), Target::Bulk) && it.method == "POST" && it.sent.json.is_some()
}

fn operations<'m, 'a>(it: &'m View<'a>) -> impl Iterator<Item = &'m BulkOperation<'a>> {
    it.sent.bulk.iter().filter(|_| is_bulk(it))
}

fn no_urn(it: &View<'_>, found: &mut Found<'_>) {
    if is_bulk(it)
        && !it
            .sent
            .is_named("urn:ietf:params:scim:api:messages:2.0:BulkRequest")
    {
        found.at(it.sent.place("schemas"), "no BulkRequest in `schemas`");
    }
}

fn no_operations(it: &View<'_>, found: &mut Found<'_>) {
    if is_bulk(it) && it.sent.bulk.is_empty() {
        found.at(it.sent.place("Operations"), "no operation");
    }
}

const METHODS: [&str; 4] = ["POST", "PUT", "PATCH", "DELETE"];

fn unknown_method(it: &View<'_>, found: &mut Found<'_>) {
    for operation in operations(it).filter(|it| !METHODS.contains(&it.method().as_str())) {
        let method = operation.get("method").map_or("missing".to_owned(), shown);
        found.at(operation.place("method"), format!("`method` is {method}"));
    }
}

fn method_case(it: &View<'_>, found: &mut Found<'_>) {
    for operation in operations(it) {
        let method = operation.method();
        if let Some(written) = operation.text("method").filter(|it| *it != method) {
            found.at(
                operation.place("method"),
                format!("`{written}` is `{method}`"),
            );
        }
    }
}

fn no_bulk_id(it: &View<'_>, found: &mut Found<'_>) {
    for operation in operations(it).filter(|it| it.method() == "POST") {
        if operation.text("bulkId").is_none_or(str::is_empty) {
            found.at(operation.place("bulkId"), "no `bulkId`");
        }
    }
}

fn repeated_bulk_id(it: &View<'_>, found: &mut Found<'_>) {
    let mut seen = HashSet::new();
    for operation in operations(it) {
        if let Some(id) = operation
            .text("bulkId")
            .filter(|id| !id.is_empty() && !seen.insert(*id))
        {
            found.at(operation.place("bulkId"), format!("`{id}` once more"));
        }
    }
}

fn path(it: &View<'_>, found: &mut Found<'_>) {
    for operation in operations(it) {
        let path = operation.text("path").unwrap_or_default();
        let fits = match operation.target {
            Target::Collection(_) => operation.method() == "POST",
            Target::Resource(..) => operation.method() != "POST",
            Target::Unknown => {
                path.matches('/').count() == if operation.method() == "POST" { 1 } else { 2 }
            }
            _ => false,
        };
        if !path.starts_with('/') || !fits {
            let shown = operation.get("path").map_or("missing".to_owned(), shown);
            found.at(
                operation.place("path"),
                format!("`path` of a {} is {shown}", operation.method()),
            );
        }
    }
}

fn no_data(it: &View<'_>, found: &mut Found<'_>) {
    for operation in operations(it).filter(|it| it.method() != "DELETE") {
        if operation.get("data").is_none_or(Value::is_null) {
            found.at(
                operation.place("data"),
                format!("{} without `data`", operation.method()),
            );
        }
    }
}

/// Every text in a value.
fn texts<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => found.push(text),
        Value::Array(list) => list.iter().for_each(|it| texts(it, found)),
        Value::Object(members) => members.values().for_each(|it| texts(it, found)),
        _ => {}
    }
}

fn bulk_ids<'m>(it: &'m View<'_>) -> HashSet<&'m str> {
    operations(it).filter_map(|it| it.text("bulkId")).collect()
}

fn unknown_reference(it: &View<'_>, found: &mut Found<'_>) {
    let known = bulk_ids(it);
    for operation in operations(it) {
        let mut all = Vec::new();
        for name in ["path", "data"] {
            if let Some(value) = operation.get(name) {
                texts(value, &mut all);
            }
        }
        for text in all {
            let reference = text
                .split('/')
                .find_map(|part| part.strip_prefix("bulkId:"));
            if let Some(id) = reference.filter(|id| !known.contains(id)) {
                found.at(&*operation.at, format!("`bulkId:{id}` is nobody's"));
            }
        }
    }
}

fn bare_reference(it: &View<'_>, found: &mut Found<'_>) {
    let known = bulk_ids(it);
    for value in it.sent.values().filter(|_| is_bulk(it)) {
        let is_link = value.parent.is_some_and(|it| !it.link_targets().is_empty())
            && value.attribute.name == "value";
        if let Some(text) = value
            .value
            .as_str()
            .filter(|text| is_link && known.contains(text))
        {
            found.at(&value.at, format!("`{text}` is a `bulkId` of this request"));
        }
    }
}

fn too_many_operations(it: &View<'_>, found: &mut Found<'_>) {
    let most = it.contract.limit("bulk", "maxOperations");
    if let Some(most) = most.filter(|most| is_bulk(it) && it.sent.bulk.len() as u64 > *most) {
        found.at(
            it.sent.place("Operations"),
            format!(
                "{} operations, and `bulk.maxOperations` is {most}",
                it.sent.bulk.len()
            ),
        );
    }
}

fn too_large(it: &View<'_>, found: &mut Found<'_>) {
    let Some(most) = it
        .contract
        .limit("bulk", "maxPayloadSize")
        .filter(|_| is_bulk(it))
    else {
        return;
    };
    let declared = it
        .sent
        .header("content-length")
        .and_then(|it| it.trim().parse().ok());
    let length = declared.unwrap_or_else(|| match &it.exchange.request.body {
        Body::Empty => 0,
        body => body.to_bytes().len() as u64,
    });
    if length > most {
        found.at(
            it.sent.at,
            format!("{length} bytes, and `bulk.maxPayloadSize` is {most}"),
        );
    }
}

fn patch_array(it: &View<'_>, found: &mut Found<'_>) {
    for operation in operations(it).filter(|it| it.method() == "PATCH") {
        if operation.get("data").is_some_and(Value::is_array) {
            found.at(operation.place("data"), "an array of operations");
        }
    }
}

fn fail_on_errors(it: &View<'_>, found: &mut Found<'_>) {
    let given = it.sent.get("failOnErrors").filter(|_| is_bulk(it));
    if let Some(given) = given.filter(|it| it.as_u64().is_none_or(|it| it == 0)) {
        found.at(
            it.sent.place("failOnErrors"),
            format!("`failOnErrors` is {}", shown(given)),
        );
    }
}

fn unsupported(it: &View<'_>, found: &mut Found<'_>) {
    if is_bulk(it) && it.contract.supports("bulk") == Some(false) {
        found.at(PATH, "`bulk.supported` is false");
    }
}
