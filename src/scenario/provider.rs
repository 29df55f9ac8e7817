//! The `provider` field of a scenario file: which names there are, what stands under each, and what is assumed when it is absent.

use super::Provider;
use super::file::word;
use super::node::{Form, Kind, Node};
use super::reader::Reader;
use crate::scim::discovery::{BulkLimits, BulkResponse, Me, Pagination, PatchResponse};
use crate::scim::leniency;
use crate::scim::path::AttributePath;
use crate::scim::{Leniency, Strictness};

const FIELDS: &[&str] = &[
    "strictness",
    "accept",
    "refuse",
    "patch",
    "patch_response",
    "bulk",
    "bulk_response",
    "me",
    "filter",
    "sort",
    "etag",
    "change_password",
    "filter_max_results",
    "default_page_size",
    "pagination",
    "cursor_timeout_s",
    "too_many",
    "sensitive",
];
const BULK: &str = "Bulk(max_operations: 1000, max_payload_bytes: 1048576)";
const PAGINATION: &str = "pagination: [Index, Cursor]";

pub(super) fn provider(reader: &mut Reader, node: &Node) -> Provider {
    let fields = reader.fields(node, "Provider", FIELDS);
    let mut provider = Provider::default();
    if let Some(node) = fields.get("strictness") {
        let ways = [
            ("Lenient", "strictness: Lenient"),
            ("Strict", "strictness: Strict"),
        ];
        provider.strictness = match word(reader, node, &ways) {
            Some("Strict") => Strictness::Strict,
            _ => Strictness::Lenient,
        };
    }
    for (name, list) in [
        ("accept", &mut provider.accept),
        ("refuse", &mut provider.refuse),
    ] {
        if let Some(node) = fields.get(name) {
            *list = leniencies(reader, node, name);
        }
    }
    let features = &mut provider.features;
    for (name, switch) in [
        ("patch", &mut features.patch),
        ("filter", &mut features.filter),
        ("sort", &mut features.sort),
        ("etag", &mut features.etag),
        ("change_password", &mut features.change_password),
    ] {
        if let Some(node) = fields.get(name) {
            *switch = reader
                .boolean(node, &format!("{name}: true"))
                .unwrap_or(*switch);
        }
    }
    for (name, number, usual) in [
        ("filter_max_results", &mut features.filter_max_results, 200),
        ("default_page_size", &mut features.default_page_size, 100),
    ] {
        if let Some(node) = fields.get(name) {
            *number = size(reader, node, &format!("{name}: {usual}")).unwrap_or(*number);
        }
    }
    if let Some(node) = fields.get("too_many") {
        features.too_many = size(reader, node, "too_many: 10000");
    }
    if let Some(node) = fields.get("sensitive") {
        features.sensitive = attributes(reader, node);
    }
    if let Some(node) = fields.get("cursor_timeout_s") {
        let seconds = reader.whole_number(node, (1, u64::from(u32::MAX)), "cursor_timeout_s: 3600");
        let seconds = seconds.and_then(|it| u32::try_from(it).ok());
        features.cursor_timeout_s = seconds.unwrap_or(features.cursor_timeout_s);
    }
    if let Some(node) = fields.get("patch_response") {
        let ways = [
            ("Resource", "patch_response: Resource"),
            ("NoContent", "patch_response: NoContent"),
        ];
        features.patch_response = match word(reader, node, &ways) {
            Some("NoContent") => PatchResponse::NoContent,
            _ => PatchResponse::Resource,
        };
    }
    if let Some(node) = fields.get("bulk_response") {
        let ways = [
            ("Resource", "bulk_response: Resource"),
            ("Status", "bulk_response: Status"),
        ];
        features.bulk_response = match word(reader, node, &ways) {
            Some("Resource") => BulkResponse::Resource,
            _ => BulkResponse::Status,
        };
    }
    if let Some(node) = fields.get("me") {
        let ways = [
            ("Direct", "me: Direct"),
            ("Redirect", "me: Redirect"),
            ("Off", "me: Off"),
        ];
        features.me = match word(reader, node, &ways) {
            Some("Redirect") => Me::Redirect,
            Some("Off") => Me::Off,
            _ => Me::Direct,
        };
    }
    if let Some(node) = fields.get("bulk") {
        features.bulk = bulk(reader, node, features.bulk);
    }
    if let Some(ways) = fields
        .get("pagination")
        .and_then(|it| pagination(reader, it))
    {
        features.pagination = ways;
    }
    provider
}

/// Names of the table of leniencies.
fn leniencies(reader: &mut Reader, node: &Node, field: &str) -> Vec<Leniency> {
    let names: Vec<&str> = leniency::TABLE.iter().map(|row| row.name).collect();
    let mut found = Vec::new();
    for item in reader.list(node, &format!("{field}: [\"boolean_text\"]")) {
        let Some(name) = reader.text(item, "\"boolean_text\"") else {
            continue;
        };
        match Leniency::named(name) {
            Some(leniency) => found.push(leniency),
            None => reader.unknown_word(item, "leniency", name, &names),
        }
    }
    found
}

/// Names of attributes. Which there are, a schema says; one that none has does no harm.
fn attributes(reader: &mut Reader, node: &Node) -> Vec<AttributePath> {
    let write = "sensitive: [\"name.familyName\"]";
    let mut found = Vec::new();
    for item in reader.list(node, write) {
        let Some(name) = reader.text(item, write) else {
            continue;
        };
        match AttributePath::parse(name) {
            Some(path) => found.push(path),
            None => reader.mismatch(item, "the name of an attribute", write),
        }
    }
    found
}

/// A number of things that one answer or request can hold.
fn size(reader: &mut Reader, node: &Node, write: &str) -> Option<usize> {
    let number = reader.whole_number(node, (1, u64::from(u32::MAX)), write)?;
    usize::try_from(number).ok()
}

/// `Bulk(…)` with the usual limits for those that are not named; `false` for none.
fn bulk(reader: &mut Reader, node: &Node, usual: Option<BulkLimits>) -> Option<BulkLimits> {
    match node.kind {
        Kind::Bool(true) => return usual,
        Kind::Bool(false) => return None,
        _ => {}
    }
    let (name, form) = reader.variant(node, &[("Bulk", BULK)])?;
    let mut limits = usual?;
    if !matches!(form, Form::Fields(_)) {
        reader.wrong_form(node, name, BULK);
        return Some(limits);
    }
    let names = ["max_operations", "max_payload_bytes"];
    let fields = reader.known_fields(form, "Bulk", &names, BULK);
    for (name, limit) in [
        ("max_operations", &mut limits.max_operations),
        ("max_payload_bytes", &mut limits.max_payload_bytes),
    ] {
        if let Some(node) = fields.get(name) {
            *limit = size(reader, node, BULK).unwrap_or(*limit);
        }
    }
    Some(limits)
}

fn pagination(reader: &mut Reader, node: &Node) -> Option<Vec<Pagination>> {
    let mut ways = Vec::new();
    let items = reader.list(node, PAGINATION);
    if items.is_empty() && matches!(node.kind, Kind::List(_)) {
        let title = "a service provider has at least one way to page";
        let label = "expected `Index`, `Cursor`, or both, the default one first";
        reader.complain(
            node.span.clone(),
            title,
            label,
            format!("write `{PAGINATION}`"),
        );
        return None;
    }
    for item in items {
        let way = match word(reader, item, &[("Index", "Index"), ("Cursor", "Cursor")])? {
            "Cursor" => Pagination::Cursor,
            _ => Pagination::Index,
        };
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    Some(ways)
}
