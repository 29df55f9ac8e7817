//! The scenario as a person would write it: sections, a comment where something comes from, one resource a line where it fits.

use super::draft::{Auth, Draft, Said, Setting};
use super::layout::{WIDTH, json, spaced};
use super::seed::{Seeded, Unread};
use super::{About, Report};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// The settings of a provider, section by section.
const SECTIONS: &[(&str, &[&str])] = &[
    (
        "Requests",
        &[
            "strictness",
            "accept",
            "refuse",
            "unknown_attributes",
            "unknown_schema",
            "plain_json",
            "require_user_agent",
            "require_if_match",
            "referential_integrity",
        ],
    ),
    (
        "What is offered",
        &[
            "patch",
            "bulk",
            "filter",
            "sort",
            "etag",
            "change_password",
            "me",
            "root_query",
            "not_offered",
            "not_offered_as",
            "unsupported",
        ],
    ),
    (
        "Lists",
        &[
            "pagination",
            "default_page_size",
            "filter_max_results",
            "cursor_count",
            "list_key",
            "items_per_page",
            "empty_list",
            "total_results",
        ],
    ),
    (
        "Filters",
        &[
            "filter_operators",
            "filter_attributes",
            "filter_refused",
            "filter_ne",
            "filter_null",
            "filter_missing_boolean",
            "sensitive",
        ],
    ),
    (
        "Changes",
        &[
            "patch_response",
            "patch_op",
            "patch_path",
            "patch_value",
            "patch_target",
            "patch_matches",
            "patch_members",
            "patch_attributes",
            "patch_max_operations",
            "max_members",
            "max_members_removed",
            "max_values",
            "replace_complex",
            "remove_without_match",
            "put_omitted",
            "delete",
            "deactivate",
            "cascade",
        ],
    ),
    (
        "Attributes",
        &[
            "unique",
            "uniqueness",
            "required",
            "lacks",
            "never_returned",
        ],
    ),
    ("Bulk", &["bulk_status", "bulk_response", "bulk_cycles"]),
    (
        "Answers",
        &[
            "media_type",
            "charset",
            "location",
            "error_status",
            "error_body",
        ],
    ),
    (
        "Discovery",
        &["discovery_auth", "discovery_filter", "discovery_schemas"],
    ),
];

/// The scenario to run the recording against: all in one text.
pub(super) fn to_prove(draft: &Draft) -> String {
    let documents: Vec<String> = draft
        .schemas
        .iter()
        .map(|it| it.document.to_string())
        .collect();
    scenario(draft, &documents)
}

/// The scenario to keep: schema documents are files beside it.
pub(super) fn to_write(draft: &Draft, about: &About, report: &Report) -> String {
    let folder = &about.schemas;
    let names: Vec<String> = draft
        .schemas
        .iter()
        .map(|it| format!("\"{folder}/{}.json\"", it.name))
        .collect();
    format!("{}\n{}", head(about, report), scenario(draft, &names))
}

/// The schema documents, pretty-printed.
pub(super) fn schema_files(draft: &Draft) -> Vec<(String, String)> {
    let files = draft
        .schemas
        .iter()
        .map(|it| (format!("{}.json", it.name), format!("{:#}\n", it.document)));
    files.collect()
}

fn head(about: &About, report: &Report) -> String {
    let of = about
        .upstream
        .as_ref()
        .map_or(String::new(), |it| format!(" of {it}"));
    let on = about.started.as_ref().and_then(|it| it.get(..10));
    let on = on.map_or(String::new(), |it| format!(", {it}"));
    let mut head = format!(
        "// Distilled from a recording{of}{on}. It explains {} of {} exchanges",
        report.explained, report.exchanges
    );
    if report.overridden > 0 {
        let _ = write!(
            head,
            ", and answers {} more by overrides, under `faults`",
            report.overridden
        );
    }
    head.push_str(".\n// Numbers are those of the exchanges that a line comes from.\n");
    head
}

fn scenario(draft: &Draft, schemas: &[String]) -> String {
    let mut text = String::from("Scenario(\n");
    auth(&mut text, &draft.auth);
    if let Some(ids) = &draft.ids {
        lines(&mut text, 4, &[ids]);
    }
    provider(&mut text, draft);
    if !schemas.is_empty() {
        text.push_str("    schemas: [\n");
        for (schema, file) in schemas.iter().zip(&draft.schemas) {
            let _ = writeln!(text, "        {schema}, // exchange {}", file.exchange);
        }
        text.push_str("    ],\n");
    }
    if !draft.types.is_empty() {
        text.push_str("    resource_types: [\n");
        for it in &draft.types {
            let Said::One(value) = &it.value else {
                continue;
            };
            let _ = writeln!(text, "        // {}\n        {value},", cited(&it.cites));
        }
        text.push_str("    ],\n");
    }
    resources(&mut text, &draft.seed);
    population(&mut text, &draft.unread);
    faults(&mut text, draft);
    text.push_str(")\n");
    text
}

fn auth(text: &mut String, auth: &Auth) {
    match auth {
        Auth::None => {}
        Auth::Any(exchange) => {
            let _ = write!(
                text,
                "    // The recorded clients show credentials (exchange {exchange}), which are not kept: everybody is let in.\n    \
                 // auth: [Bearer(\"a-token\")],\n\n"
            );
        }
        Auth::Of(bearers, exchange) => {
            let all: Vec<String> = bearers.iter().map(|it| format!("Bearer({it:?})")).collect();
            let _ = write!(
                text,
                "    // Put your tokens here: what stands here is what the recording has in their place. Others are refused (exchange {exchange}).\n    \
                 auth: [{}],\n\n",
                all.join(", ")
            );
        }
    }
}

fn provider(text: &mut String, draft: &Draft) {
    if draft.profile.is_none() && draft.settings.is_empty() {
        return;
    }
    text.push_str("    provider: Provider(\n");
    if let Some((profile, cites)) = &draft.profile {
        let _ = writeln!(
            text,
            "        profile: {:?}, // explains {}",
            profile.name,
            cited(cites)
        );
    }
    for (title, names) in SECTIONS {
        let own: Vec<&Setting> = names
            .iter()
            .filter_map(|name| draft.settings.iter().find(|it| it.name == *name))
            .collect();
        if !own.is_empty() {
            let _ = writeln!(text, "        // {title}");
            lines(text, 8, &own);
        }
    }
    if let Some((exchange, names)) = &draft.lacking_meta {
        let _ = writeln!(
            text,
            "        // `meta` has no {} (exchange {exchange}); here it has all the same",
            names.join(", ")
        );
    }
    text.push_str("    ),\n\n");
}

/// A line a setting, the comments one below the other.
fn lines(text: &mut String, indent: usize, settings: &[&Setting]) {
    let written: Vec<String> = settings
        .iter()
        .map(|it| format!("{:indent$}{}: {},", "", it.name, value(it)))
        .collect();
    let fitting = written
        .iter()
        .map(|it| it.chars().count())
        .filter(|it| *it <= 56);
    let width = fitting.max().unwrap_or_default();
    for (line, setting) in written.iter().zip(settings) {
        let comment = comment(setting);
        if line.chars().count() + comment.chars().count() > WIDTH {
            let _ = writeln!(text, "{:indent$}{comment}\n{line}", "");
        } else {
            let _ = writeln!(text, "{line:<width$} {comment}");
        }
    }
}

fn value(setting: &Setting) -> String {
    match &setting.value {
        Said::One(value) if setting.name == "error_body" => {
            serde_json::from_str(value).map_or_else(|_| value.clone(), |value| spaced(&value))
        }
        Said::One(value) => value.clone(),
        Said::Many(list) => format!("[{}]", list.join(", ")),
    }
}

fn comment(setting: &Setting) -> String {
    match setting.why.as_str() {
        "" => format!("// explains {}", cited(&setting.cites)),
        why => format!("// {}: {why}", cited(&setting.cites)),
    }
}

/// `exchanges 4, 7, 9 and 12 more`
fn cited(exchanges: &[u64]) -> String {
    const NAMED: usize = 4;
    let names = |all: &[u64]| {
        all.iter()
            .map(u64::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    match exchanges {
        [] => "no exchange alone".to_owned(),
        [one] => format!("exchange {one}"),
        all if all.len() <= NAMED => format!("exchanges {}", names(all)),
        all => format!(
            "exchanges {} and {} more",
            names(&all[..NAMED]),
            all.len() - NAMED
        ),
    }
}

fn resources(text: &mut String, seed: &[Seeded]) {
    let of = |kind: &str| -> Vec<&Seeded> { seed.iter().filter(|it| it.kind == kind).collect() };
    let mut kinds: Vec<&str> = Vec::new();
    for it in seed {
        if !["User", "Group"].contains(&it.kind.as_str()) && !kinds.contains(&it.kind.as_str()) {
            kinds.push(&it.kind);
        }
    }
    if !seed.is_empty() {
        text.push_str(
            "    // Who was there before: what was read and not made, as it was first read.\n",
        );
    }
    for (field, kind) in [("users", "User"), ("groups", "Group")] {
        let all = of(kind);
        if !all.is_empty() {
            let _ = writeln!(text, "    {field}: [");
            for it in all {
                resource(text, 8, it);
            }
            text.push_str("    ],\n");
        }
    }
    if !kinds.is_empty() {
        text.push_str("    resources: {\n");
        for kind in kinds {
            let _ = writeln!(text, "        {kind:?}: [");
            for it in of(kind) {
                resource(text, 12, it);
            }
            text.push_str("        ],\n");
        }
        text.push_str("    },\n");
    }
}

/// People in the place of those whom nobody read: lists are as long as they were.
fn population(text: &mut String, unread: &[Unread]) {
    if unread.is_empty() {
        return;
    }
    for it in unread {
        let (name, read) = (it.kind.to_lowercase(), it.total - it.count);
        let _ = writeln!(
            text,
            "    // Exchange {} says that there are {} {name}s, and {read} of them were read: the others are made up.",
            it.exchange, it.total
        );
    }
    let count = |kind: &str| {
        let found = unread.iter().find(|it| it.kind == kind);
        found.map_or(0, |it| it.count)
    };
    let groups = match count("Group") {
        0 => String::new(),
        groups => format!(", groups: {groups}, memberships_per_user: 0"),
    };
    let users = count("User");
    let _ = writeln!(text, "    population: Population(users: {users}{groups}),");
}

fn resource(text: &mut String, indent: usize, seeded: &Seeded) {
    if let Some(note) = &seeded.note {
        let _ = writeln!(text, "{:indent$}// {note}", "");
    }
    let mut members = Map::new();
    if let Some(id) = &seeded.id {
        members.insert("id".to_owned(), json!(id));
    }
    members.extend(seeded.members.clone());
    let _ = writeln!(
        text,
        "{:indent$}{},",
        "",
        json(&Value::Object(members), indent)
    );
}

fn faults(text: &mut String, draft: &Draft) {
    if draft.faults.is_empty() && draft.overrides.is_empty() {
        return;
    }
    text.push_str("\n    faults: [\n");
    for it in &draft.faults {
        let _ = writeln!(
            text,
            "        {}, // explains {}",
            value(it),
            cited(&it.cites)
        );
    }
    if !draft.overrides.is_empty() {
        text.push_str(
            "        // Overrides: what these are answered does not follow from the above.\n",
        );
    }
    for it in &draft.overrides {
        let why: String = it.why.chars().take(100).collect();
        let _ = writeln!(
            text,
            "        // {}; without this, {}",
            cited(&it.exchanges),
            why.replace('\n', " ")
        );
        let _ = writeln!(text, "        {},", it.written());
    }
    text.push_str("    ],\n");
}
