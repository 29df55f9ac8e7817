//! The decisions of a provider as a scenario writes them: ways that have names, switches, and departures by name.
//!
//! What each means is in `scim::choices` and `scim::leniency`.

use super::Provider;
use super::file::word;
use super::node::Node;
use super::reader::{Fields, Reader};
use crate::scim::Leniency;
use crate::scim::choices::{Choices, Ways};
use crate::scim::leniency;

/// What becomes of attributes that no schema has, in the terms of the table of leniencies.
#[derive(Clone, Copy)]
enum Unknown {
    Ignore,
    Keep,
    Refuse,
}

impl Ways for Unknown {
    const WAYS: &'static [(&'static str, Self)] = &[
        ("Ignore", Self::Ignore),
        ("Keep", Self::Keep),
        ("Refuse", Self::Refuse),
    ];
}

/// The departures from the letter that are named one by one.
pub(super) fn departures(reader: &mut Reader, fields: &Fields<'_>, provider: &mut Provider) {
    let both = [Leniency::UnknownAttribute, Leniency::UnknownAttributeKept];
    let unknown = fields.get("unknown_attributes");
    match unknown.and_then(|node| way(reader, node, "unknown_attributes")) {
        None => {}
        Some(Unknown::Ignore) => {
            provider.accepts(&both[..1]);
            provider.refuses(&both[1..]);
        }
        Some(Unknown::Keep) => provider.accepts(&both[1..]),
        Some(Unknown::Refuse) => provider.refuses(&both),
    }
    if let Some(node) = fields.get("accept") {
        let accepted = leniencies(reader, node, "accept");
        provider.accepts(&accepted);
    }
    if let Some(node) = fields.get("refuse") {
        let refused = leniencies(reader, node, "refuse");
        provider.refuses(&refused);
    }
}

/// What the RFCs leave to a provider.
pub(super) fn decisions(reader: &mut Reader, fields: &Fields<'_>, choices: &mut Choices) {
    switches(
        reader,
        fields,
        &mut [
            ("charset", &mut choices.charset),
            ("plain_json", &mut choices.plain_json),
            ("error_detail", &mut choices.error_detail),
            ("require_if_match", &mut choices.require_if_match),
            ("referential_integrity", &mut choices.referential_integrity),
            ("cascade", &mut choices.cascade),
            ("root_query", &mut choices.root_query),
            ("total_results", &mut choices.total_results),
            ("require_user_agent", &mut choices.require_user_agent),
        ],
    );
    choose(reader, fields, "media_type", &mut choices.media_type);
    choose(reader, fields, "filter_ne", &mut choices.filter_ne);
    choose(reader, fields, "filter_null", &mut choices.filter_null);
    choose(
        reader,
        fields,
        "filter_missing_boolean",
        &mut choices.filter_missing_boolean,
    );
    choose(reader, fields, "put_omitted", &mut choices.put_omitted);
    choose(reader, fields, "location", &mut choices.location);
    choose(reader, fields, "uniqueness", &mut choices.uniqueness);
    choose(reader, fields, "error_status", &mut choices.error_status);
    choose(reader, fields, "unsupported", &mut choices.unsupported);
    choose(
        reader,
        fields,
        "patch_response",
        &mut choices.patch_response,
    );
    choose(reader, fields, "patch_op", &mut choices.patch_op);
    choose(reader, fields, "cursor_count", &mut choices.cursor_count);
    choose(reader, fields, "patch_path", &mut choices.patch_path);
    choose(reader, fields, "patch_value", &mut choices.patch_value);
    choose(reader, fields, "patch_matches", &mut choices.patch_matches);
    choose(
        reader,
        fields,
        "unknown_schema",
        &mut choices.unknown_schema,
    );
    choose(reader, fields, "patch_target", &mut choices.patch_target);
    choose(
        reader,
        fields,
        "replace_complex",
        &mut choices.replace_complex,
    );
    choose(
        reader,
        fields,
        "remove_without_match",
        &mut choices.remove_without_match,
    );
    choose(reader, fields, "me", &mut choices.me);
    choose(reader, fields, "patch_members", &mut choices.patch_members);
    choose(
        reader,
        fields,
        "not_offered_as",
        &mut choices.not_offered_as,
    );
    choose(
        reader,
        fields,
        "filter_refused",
        &mut choices.filter_refused,
    );
    choose(reader, fields, "delete", &mut choices.delete);
    choose(reader, fields, "deactivate", &mut choices.deactivate);
    lists(reader, fields, choices);
    choose(reader, fields, "bulk_response", &mut choices.bulk_response);
    choose(reader, fields, "bulk_status", &mut choices.bulk_status);
    choose(reader, fields, "bulk_cycles", &mut choices.bulk_cycles);
    choose(
        reader,
        fields,
        "discovery_filter",
        &mut choices.discovery_filter,
    );
    choose(
        reader,
        fields,
        "discovery_auth",
        &mut choices.discovery_auth,
    );
    choose(
        reader,
        fields,
        "discovery_schemas",
        &mut choices.discovery_schemas,
    );
}

/// How a list of resources is written.
fn lists(reader: &mut Reader, fields: &Fields<'_>, choices: &mut Choices) {
    choose(reader, fields, "list_key", &mut choices.list_key);
    choose(
        reader,
        fields,
        "items_per_page",
        &mut choices.items_per_page,
    );
    choose(reader, fields, "empty_list", &mut choices.empty_list);
}

/// Reads those of these switches that are given.
pub(super) fn switches(reader: &mut Reader, fields: &Fields<'_>, all: &mut [(&str, &mut bool)]) {
    for (name, switch) in all {
        if let Some(node) = fields.get(name) {
            let given = reader.boolean(node, &format!("{name}: true"));
            **switch = given.unwrap_or(**switch);
        }
    }
}

/// Reads one of the ways of a decision, if it is given.
pub(super) fn choose<T: Ways>(
    reader: &mut Reader,
    fields: &Fields<'_>,
    name: &str,
    decided: &mut T,
) {
    if let Some(node) = fields.get(name)
        && let Some(way) = way(reader, node, name)
    {
        *decided = way;
    }
}

fn way<T: Ways>(reader: &mut Reader, node: &Node, name: &str) -> Option<T> {
    let written: Vec<String> = T::WAYS
        .iter()
        .map(|(way, _)| format!("{name}: {way}"))
        .collect();
    let ways = T::WAYS.iter().zip(&written);
    let ways: Vec<(&str, &str)> = ways
        .map(|((way, _), written)| (*way, written.as_str()))
        .collect();
    let found = word(reader, node, &ways)?;
    let way = T::WAYS.iter().find(|(way, _)| *way == found);
    way.map(|(_, way)| *way)
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
