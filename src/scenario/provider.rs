//! The `provider` field of a scenario file: which names there are, what stands under each, and what is assumed when it is absent.

use super::Provider;
use super::decisions::{choose, decisions, departures, switches};
use super::faults::faults;
use super::file::word;
use super::node::{Form, Kind, Node};
use super::profile::{self, Profile};
use super::reader::{Fields, Reader};
use super::restrictions::restrictions;
use crate::scim::discovery::{BulkLimits, Features, Pagination};
use crate::scim::path::AttributePath;
use crate::scim::resource_type::ResourceType;
use std::sync::Arc;

/// Every field of `Provider(…)`.
pub const FIELDS: &[&str] = &[
    "profile",
    "strictness",
    "accept",
    "refuse",
    "unknown_attributes",
    "unique",
    "patch",
    "patch_response",
    "patch_op",
    "patch_path",
    "patch_value",
    "patch_target",
    "patch_matches",
    "replace_complex",
    "remove_without_match",
    "put_omitted",
    "filter_ne",
    "filter_null",
    "filter_missing_boolean",
    "bulk",
    "bulk_status",
    "bulk_cycles",
    "bulk_response",
    "filter",
    "sort",
    "etag",
    "require_if_match",
    "change_password",
    "filter_max_results",
    "default_page_size",
    "pagination",
    "cursor_timeout_s",
    "too_many",
    "not_offered",
    "not_offered_as",
    "filter_operators",
    "filter_attributes",
    "filter_refused",
    "patch_attributes",
    "patch_max_operations",
    "patch_members",
    "max_members",
    "max_members_removed",
    "max_values",
    "delete",
    "deactivate",
    "required",
    "lacks",
    "never_returned",
    "list_key",
    "total_results",
    "items_per_page",
    "require_user_agent",
    "error_body",
    "faults",
    "sensitive",
    "cursor_count",
    "empty_list",
    "root_query",
    "me",
    "media_type",
    "charset",
    "plain_json",
    "location",
    "error_detail",
    "error_status",
    "uniqueness",
    "unknown_schema",
    "unsupported",
    "referential_integrity",
    "cascade",
    "discovery_filter",
    "discovery_auth",
    "discovery_schemas",
];
const BULK: &str = "Bulk(max_operations: 1000, max_payload_bytes: 1048576)";
const PAGINATION: &str = "pagination: [Index, Cursor]";

/// Reads `Provider(…)`. A profile says what is assumed where the file says nothing; what it makes unique stands in `types`.
pub(super) fn provider(
    reader: &mut Reader,
    node: &Node,
    types: &mut [Arc<ResourceType>],
) -> Provider {
    let fields = reader.fields(node, "Provider", FIELDS);
    let profile = fields
        .get("profile")
        .and_then(|it| profile::named(reader, it));
    let assumed = profile.map_or_else(Provider::default, |profile| profile.provider(types));
    let mut provider = described(reader, &fields, assumed.clone());
    altered(reader, &fields, types);
    provider.features.interop = profile.is_some_and(Profile::is_interop)
        && provider.choices == assumed.choices
        && provider.restrictions == assumed.restrictions
        && provider.leniencies() == assumed.leniencies()
        && provider.features.patch
        && provider.features.filter
        && provider.features.default_page_size >= 100
        && provider.features.filter_max_results >= 100;
    provider
}

/// What the fields say, over what is assumed.
pub(super) fn described(
    reader: &mut Reader,
    fields: &Fields<'_>,
    mut provider: Provider,
) -> Provider {
    choose(reader, fields, "strictness", &mut provider.strictness);
    departures(reader, fields, &mut provider);
    decisions(reader, fields, &mut provider.choices);
    restrictions(reader, fields, &mut provider.restrictions);
    if let Some(node) = fields.get("faults") {
        provider.faults = faults(reader, node);
    }
    let features = &mut provider.features;
    switches(
        reader,
        fields,
        &mut [
            ("patch", &mut features.patch),
            ("filter", &mut features.filter),
            ("sort", &mut features.sort),
            ("etag", &mut features.etag),
            ("change_password", &mut features.change_password),
        ],
    );
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

/// What the schemas of the types say otherwise than RFC 7643. A field lists attributes as `"Group.displayName"`: the type and the
/// attribute. The schema is published so.
pub(super) fn altered(reader: &mut Reader, fields: &Fields<'_>, types: &mut [Arc<ResourceType>]) {
    type Change = fn(&ResourceType, &str) -> Result<ResourceType, String>;
    let changes: [(&str, Change); 4] = [
        ("lacks", ResourceType::without),
        ("unique", ResourceType::with_unique),
        ("required", ResourceType::with_required),
        ("never_returned", ResourceType::with_never_returned),
    ];
    for (field, change) in changes {
        let Some(node) = fields.get(field) else {
            continue;
        };
        let write = format!(
            r#"{field}: ["Group.{}"]"#,
            if field == "never_returned" {
                "members"
            } else {
                "displayName"
            }
        );
        for item in reader.list(node, &write) {
            let Some(text) = reader.text(item, r#""Group.displayName""#) else {
                continue;
            };
            let (name, path) = text.split_once('.').unwrap_or((text, ""));
            let Some(of) = types
                .iter_mut()
                .find(|it| it.name.eq_ignore_ascii_case(name))
            else {
                let known: Vec<&str> = types.iter().map(|it| it.name.as_str()).collect();
                reader.unknown_word(item, "resource type", name, &known);
                continue;
            };
            match change(of, path) {
                Ok(changed) => *of = Arc::new(changed),
                Err(title) => {
                    let label = "expected a resource type, a dot, and an attribute of it";
                    reader.complain(item.span.clone(), title, label, format!("write `{write}`"));
                }
            }
        }
    }
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
pub(super) fn size(reader: &mut Reader, node: &Node, write: &str) -> Option<usize> {
    let number = reader.whole_number(node, (1, u64::from(u32::MAX)), write)?;
    usize::try_from(number).ok()
}

/// `Bulk(…)` with the usual limits for those that are not named; `false` for none.
fn bulk(reader: &mut Reader, node: &Node, assumed: Option<BulkLimits>) -> Option<BulkLimits> {
    let usual = assumed.or(Features::default().bulk);
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
