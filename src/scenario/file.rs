//! The format of a scenario file: which names there are, what stands under each, and what is assumed when it is absent.
//!
//! The only file that knows it. It turns the tree into a `Scenario`; what schemas say about the resources is not its business.

use super::auth::auth;
use super::diagnostic::Problem;
use super::faults::faults;
use super::node::{Form, Name, Node};
use super::population;
use super::provider::provider;
use super::reader::Reader;
use super::seeds::{entries, members};
use super::texts::Texts;
use super::types;
use super::{DEFAULT_SEED, OnReload, Scenario};
use crate::clock::Clock;
use crate::ids::Ids;
use jiff::{SignedDuration, Timestamp};

pub(super) const SCENARIO: &[&str] = &[
    "extends",
    "seed",
    "clock",
    "ids",
    "auth",
    "provider",
    "schemas",
    "resource_types",
    "users",
    "groups",
    "resources",
    "population",
    "faults",
    "on_reload",
];

/// Every name of the format after which there is no secret, besides the fields of `Provider(…)` and those of faults.
pub(super) const PUBLIC_NAMES: &[&str] = &[
    "Scenario",
    "seed",
    "clock",
    "Fixed",
    "Step",
    "from",
    "by_ms",
    "ids",
    "Sequential",
    "provider",
    "Provider",
    "Bulk",
    "max_operations",
    "max_payload_bytes",
    "schemas",
    "resource_types",
    "ResourceType",
    "name",
    "endpoint",
    "description",
    "schema",
    "extensions",
    "required",
    "resources",
    "users",
    "groups",
    "on_reload",
    "extends",
    "population",
    "Population",
    "memberships_per_user",
    "disabled_share",
    "nested_share",
    "domain",
    "Some",
];

const FIXED: &str = r#"Fixed("2026-01-01T00:00:00Z")"#;
const STEP: &str = r#"Step(from: "2026-01-01T00:00:00Z", by_ms: 1000)"#;
const SEQUENTIAL: &str = r#"Sequential("{type}-{n}")"#;

/// The scenario that a tree describes, with defaults for what is absent or wrong, and all that is wrong.
pub(super) fn scenario(
    mut reader: Reader,
    node: &Node,
    name: String,
    texts: &mut Texts,
) -> (Scenario, Vec<Problem>) {
    let fields = reader.fields(node, "Scenario", SCENARIO);
    let mut scenario = Scenario::named(name);
    if let Some(node) = fields.get("seed") {
        let seed = reader.whole_number(node, (0, u64::MAX), "seed: 7");
        scenario.seed = seed.unwrap_or(DEFAULT_SEED);
    }
    if let Some(clock) = fields.get("clock").and_then(|it| clock(&mut reader, it)) {
        scenario.clock = clock;
    }
    if let Some(ids) = fields.get("ids").and_then(|it| ids(&mut reader, it)) {
        scenario.ids = ids;
    }
    if let Some(node) = fields.get("auth") {
        scenario.auth = auth(&mut reader, node, scenario.clock);
    }
    let schemas = fields
        .get("schemas")
        .map(|node| types::schemas(&mut reader, node, texts))
        .unwrap_or_default();
    scenario.types = types::resource_types(&mut reader, fields.get("resource_types"), &schemas);
    if let Some(node) = fields.get("provider") {
        scenario.provider = provider(&mut reader, node, &mut scenario.types);
    }
    if let Some(node) = fields.get("resources") {
        scenario.resources = types::resources(&mut reader, node, &scenario.types, texts);
    }
    if let Some(node) = fields.get("users") {
        scenario.users = entries(
            &mut reader,
            node,
            r#"users: [{"userName": "bjensen"}]"#,
            texts,
        );
    }
    if let Some(node) = fields.get("groups") {
        let write = r#"groups: [{"displayName": "Engineering"}]"#;
        scenario.groups = entries(&mut reader, node, write, texts);
        members(&mut reader, &scenario.groups);
    }
    if let Some(node) = fields.get("population") {
        population::add(&mut reader, node, &mut scenario, texts);
    }
    if let Some(node) = fields.get("faults") {
        scenario.faults = faults(&mut reader, node);
    }
    scenario
        .faults
        .extend(scenario.provider.faults.iter().cloned());
    if let Some(node) = fields.get("on_reload") {
        let ways = [("Reset", "on_reload: Reset"), ("Keep", "on_reload: Keep")];
        scenario.on_reload = match word(&mut reader, node, &ways) {
            Some("Keep") => OnReload::Keep,
            _ => OnReload::Reset,
        };
    }
    (scenario, reader.problems)
}

/// A name that nothing follows.
pub(super) fn word<'n>(
    reader: &mut Reader,
    node: &'n Node,
    ways: &[(&str, &str)],
) -> Option<&'n str> {
    let (name, form) = reader.variant(node, ways)?;
    if *form == Form::Bare {
        return Some(&name.text);
    }
    reader.wrong_form(node, name, &name.text);
    None
}

fn clock(reader: &mut Reader, node: &Node) -> Option<Clock> {
    let ways = [
        ("System", "clock: System"),
        ("Fixed", FIXED),
        ("Step", STEP),
    ];
    let (name, form) = reader.variant(node, &ways)?;
    match (name.text.as_str(), form) {
        ("System", Form::Bare) => Some(Clock::System),
        ("Fixed", Form::Tuple(items)) if items.len() == 1 => {
            Some(Clock::Fixed(instant(reader, &items[0])?))
        }
        ("Step", Form::Fields(_)) => step(reader, name, form),
        ("System", _) => {
            reader.wrong_form(node, name, "System");
            None
        }
        ("Fixed", _) => {
            reader.wrong_form(node, name, FIXED);
            None
        }
        _ => {
            reader.wrong_form(node, name, STEP);
            None
        }
    }
}

fn step(reader: &mut Reader, name: &Name, form: &Form) -> Option<Clock> {
    let fields = reader.known_fields(form, "Step", &["from", "by_ms"], STEP);
    let from = reader.required(&fields, "from", name, STEP);
    let by_ms = reader.required(&fields, "by_ms", name, STEP);
    let from = from.and_then(|it| instant(reader, it));
    // A step of 0 would be Fixed, and whoever writes it has not meant Step; a century of them is beyond the calendar.
    let longest = 3_155_760_000_000;
    let by_ms = by_ms.and_then(|it| reader.whole_number(it, (1, longest), "by_ms: 1000"));
    Some(Clock::Step {
        from: from?,
        by: SignedDuration::from_millis(i64::try_from(by_ms?).ok()?),
    })
}

pub(super) fn instant(reader: &mut Reader, node: &Node) -> Option<Timestamp> {
    let text = reader.text(node, r#""2026-01-01T00:00:00Z""#)?;
    let instant = text.parse().ok();
    if instant.is_none() {
        let title = "this is not an instant of RFC 3339";
        let label = "expected date, `T`, time, and `Z` or an offset";
        let help = "write it as `\"2026-01-01T00:00:00Z\"` or `\"2026-01-01T02:00:00+02:00\"`";
        reader.complain(node.span.clone(), title, label, help);
    }
    instant
}

fn ids(reader: &mut Reader, node: &Node) -> Option<Ids> {
    let ways = [("Uuid", "ids: Uuid"), ("Sequential", SEQUENTIAL)];
    let (name, form) = reader.variant(node, &ways)?;
    match (name.text.as_str(), form) {
        ("Uuid", Form::Bare) => Some(Ids::Uuid),
        ("Sequential", Form::Tuple(items)) if items.len() == 1 => {
            let template = reader.text(&items[0], SEQUENTIAL)?;
            let mut refuse = |title: &str, label: &str| {
                let help = format!("write `{SEQUENTIAL}`");
                reader.complain(items[0].span.clone(), title, label, help);
            };
            if !template.contains("{n}") {
                refuse("every id would be the same", "expected `{n}`, which counts");
            }
            if !template.contains("{type}") {
                let label = "expected `{type}`: users and groups are counted apart";
                refuse("a user and a group would have the same id", label);
            }
            if template.to_lowercase().contains("bulkid") {
                // RFC 7643 section 3.1
                refuse("an id must not contain `bulkId`", "expected another word");
            }
            let rest = template.replace("{n}", "").replace("{type}", "");
            if rest.contains(['{', '}']) {
                refuse(
                    "unknown placeholder in the template",
                    "expected `{type}` and `{n}` only",
                );
            }
            Some(Ids::Sequential(template.into()))
        }
        (name_text, _) => {
            let write = if name_text == "Uuid" {
                "Uuid"
            } else {
                SEQUENTIAL
            };
            reader.wrong_form(node, name, write);
            None
        }
    }
}
