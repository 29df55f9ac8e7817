//! What could explain an answer that the scenario does not give yet. Nothing here is believed: each guess is tried, and stays where the
//! recording is explained better with it.

use super::binding::{members_of, text};
use super::draft::{Said, Setting};
use super::observe::{header, parameter};
use super::proof::{Recorded, Run, Step};
use super::seed::is_taken;
use crate::exchange::difference::Rule;
use crate::exchange::walk::Schemas;
use crate::exchange::{Body, Exchange};
use crate::scim::Reading;
use crate::scim::filter::Filter;
use crate::scim::leniency::TABLE;
use crate::scim::path::AttributePath;
use crate::scim::restrictions::{paths, words};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Decisions between ways that have names, by what a recording must hold for them to matter: a method or a word of the URL or body.
const WAYS: &[(&str, &str, &[&str])] = &[
    (
        "PATCH",
        "patch_response",
        &["NoContent", "Resource", "ResourceIfChanged"],
    ),
    ("PATCH", "patch_op", &["LowerCase", "AnyCase"]),
    ("PATCH", "patch_path", &["Required", "Optional"]),
    ("PATCH", "patch_value", &["Array", "OneOrArray"]),
    ("PATCH", "patch_target", &["SubAttribute", "Any"]),
    ("PATCH", "patch_matches", &["One", "Never", "Any"]),
    ("PATCH", "patch_members", &["OneByOne", "Any"]),
    ("PATCH", "replace_complex", &["Swap", "Merge"]),
    ("PATCH", "remove_without_match", &["Refuse", "Ignore"]),
    ("PATCH", "deactivate", &["Remove", "Keep"]),
    ("PATCH", "patch", &["false", "true"]),
    ("PUT", "deactivate", &["Remove", "Keep"]),
    ("PUT", "put_omitted", &["Retain", "Clear"]),
    ("DELETE", "delete", &["Deactivate", "Remove"]),
    ("DELETE", "cascade", &["false", "true"]),
    ("filter", "filter_refused", &["NoResults", "InvalidFilter"]),
    ("filter", "filter_ne", &["AnyValue", "NegatedEq"]),
    ("filter", "filter_null", &["Reject", "Presence"]),
    ("filter", "filter_missing_boolean", &["False", "Absent"]),
    ("filter", "filter", &["false", "true"]),
    ("filter", "discovery_filter", &["Ignore", "Refuse"]),
    ("sortBy", "sort", &["false", "true"]),
    ("cursor", "cursor_count", &["Refuse", "Clamp"]),
    (
        "cursor",
        "pagination",
        &["[Cursor]", "[Cursor, Index]", "[Index, Cursor]", "[Index]"],
    ),
    ("/Bulk", "bulk_status", &["Object", "Text"]),
    ("/Bulk", "bulk_response", &["Resource", "Status"]),
    ("/Bulk", "bulk_cycles", &["Refuse", "Resolve"]),
    ("/Bulk", "bulk", &["false"]),
    ("/Me", "me", &["Off", "Redirect", "Direct"]),
    ("/.search", "root_query", &["false", "true"]),
    ("/Schemas", "discovery_schemas", &["Omitted", "Listed"]),
    ("", "strictness", &["Strict", "Lenient"]),
    ("", "unknown_attributes", &["Keep", "Ignore", "Refuse"]),
    ("", "referential_integrity", &["true", "false"]),
    ("", "uniqueness", &["BadRequest", "Conflict"]),
    ("", "unknown_schema", &["InvalidSyntax", "InvalidValue"]),
    ("", "unsupported", &["NotFound", "NotImplemented"]),
    (
        "",
        "not_offered_as",
        &[
            "Forbidden",
            "NotFound",
            "NotImplemented",
            "MethodNotAllowed",
        ],
    ),
    ("", "etag", &["false", "true"]),
    ("", "require_if_match", &["true", "false"]),
    ("", "require_user_agent", &["true", "false"]),
    ("", "plain_json", &["false", "true"]),
    ("", "media_type", &["Json", "Scim", "Negotiated"]),
    ("", "charset", &["true", "false"]),
    ("", "location", &["Location", "ContentLocation", "Both"]),
    ("", "empty_list", &["Omit", "Array"]),
    ("", "list_key", &["LowerCase", "Resources"]),
    ("", "items_per_page", &["Asked", "Returned"]),
    ("", "total_results", &["false", "true"]),
    ("", "error_status", &["Number", "Text"]),
];

/// Settings that explain something together.
pub(super) type Guess = Vec<Setting>;

/// What to try, the likeliest first: what the unexplained exchanges suggest, then every decision that bears on the recording.
pub(super) fn guesses(recorded: &Recorded, run: &Run) -> Vec<Guess> {
    let mut guesses = Guesses {
        recorded,
        found: Vec::new(),
    };
    for (step, (_, exchange)) in run.steps.iter().zip(&recorded.exchanges) {
        if !step.is_explained() {
            guesses.about(step, exchange);
        }
    }
    let holds = |mark: &str| {
        mark.is_empty()
            || recorded.exchanges.iter().any(|(_, it)| {
                it.request.method == mark
                    || it.request.path.contains(mark)
                    || it
                        .request
                        .query
                        .iter()
                        .any(|(name, _)| name.eq_ignore_ascii_case(mark))
                    || matches!(&it.request.body, Body::Json(body) if body.get(mark).is_some())
            })
    };
    for (mark, name, ways) in WAYS.iter().filter(|(mark, ..)| holds(mark)) {
        let _ = mark;
        for way in *ways {
            guesses.one(name, (*way).to_owned());
        }
    }
    guesses.found
}

struct Guesses<'r> {
    recorded: &'r Recorded,
    found: Vec<Guess>,
}

impl Guesses<'_> {
    fn one(&mut self, name: &'static str, value: String) {
        self.push(name, Said::One(value));
    }

    fn list(&mut self, name: &'static str, values: impl IntoIterator<Item = String>) {
        let values: Vec<String> = values.into_iter().collect();
        if !values.is_empty() {
            self.push(name, Said::Many(values));
        }
    }

    fn push(&mut self, name: &'static str, value: Said) {
        self.together(vec![Setting::tried(name, value)]);
    }

    fn together(&mut self, guess: Guess) {
        let same = |it: &Guess| {
            let pairs = || it.iter().zip(&guess);
            it.len() == guess.len() && pairs().all(|(a, b)| a.name == b.name && a.value == b.value)
        };
        if !self.found.iter().any(same) {
            self.found.push(guess);
        }
    }

    fn about(&mut self, step: &Step, exchange: &Exchange) {
        let (then, now) = (exchange.response.status, step.answer.status);
        let path = &exchange.request.path;
        let schemas = self.recorded.entities.schemas();
        let kind = path.split('/').find_map(|it| schemas.by_endpoint(it));
        let kind = kind.map(|it| it.name.clone());
        let body = match &exchange.request.body {
            Body::Json(Value::Object(members)) => Some(members),
            _ => None,
        };
        if matches!(then, 403 | 404 | 405 | 501) {
            self.not_offered(&exchange.request.method, path, then);
        }
        if then == 429 {
            self.quotas(exchange, step.number);
        }
        if then < 300 && now >= 400 {
            for row in TABLE.iter().filter(|row| !row.by_default) {
                self.list("accept", [format!("{:?}", row.name)]);
            }
        }
        if then >= 400 && now < 300 {
            self.list("refuse", step.lenient.iter().map(|it| format!("{it:?}")));
            for name in &step.lenient {
                self.list("refuse", [format!("{name:?}")]);
            }
            if let (Some(kind), Some(body)) = (&kind, body) {
                self.refused(kind, body, exchange);
            }
        }
        if let (Some(kind), Some(filter)) = (&kind, filter_of(exchange)) {
            self.filters(kind, &filter, then);
        }
        if exchange.request.method == "PATCH" && then >= 400 {
            self.patches(kind.as_deref(), exchange);
        }
        for finding in step.findings.iter().filter(|it| it.rule == Rule::Added) {
            if let (Some(kind), Some(name)) = (&kind, shown_name(&finding.path)) {
                self.list("never_returned", [format!("\"{kind}.{name}\"")]);
                self.list("lacks", [format!("\"{kind}.{name}\"")]);
            }
        }
        let shown = members_of(&exchange.response.body, "Resources").len();
        if then == 200 && shown > 0 && shown != members_of(&step.answer.body, "Resources").len() {
            self.one("default_page_size", shown.to_string());
            self.one("filter_max_results", shown.to_string());
        }
    }

    fn not_offered(&mut self, method: &str, path: &str, status: u16) {
        let segments: Vec<&str> = path.split('/').filter(|it| !it.is_empty()).collect();
        let Some(first) = segments.first() else {
            return;
        };
        let endpoint = match segments.as_slice() {
            [.., ".search"] => path.to_owned(),
            _ => format!("/{first}"),
        };
        // What was done once is offered.
        let below = |it: &Exchange| {
            let path = it.request.path.to_lowercase();
            let rest = path.strip_prefix(&endpoint.to_lowercase());
            it.response.status < 400 && rest.is_some_and(|it| it.is_empty() || it.starts_with('/'))
        };
        let mut done = self
            .recorded
            .exchanges
            .iter()
            .map(|(_, it)| it)
            .filter(|it| below(it))
            .peekable();
        let anything = done.peek().is_some();
        // A resource that is read and not there is gone.
        let is_gone = status == 404 && segments.len() > 1 && matches!(method, "GET" | "HEAD");
        if !is_gone && !done.any(|it| it.request.method == method) {
            self.list("not_offered", [format!("\"{method} {endpoint}\"")]);
        }
        if !anything && status == 404 {
            self.list("not_offered", [format!("{endpoint:?}")]);
        }
    }

    /// Why a resource was not taken.
    fn refused(&mut self, kind: &str, body: &Map<String, Value>, exchange: &Exchange) {
        let names = body.iter().filter(|(_, value)| value.is_string());
        let names: Vec<&String> = names.map(|(name, _)| name).collect();
        if is_taken(exchange) || exchange.response.status == 400 {
            for name in &names {
                self.list("unique", [format!("\"{kind}.{name}\"")]);
            }
            if body.contains_key("emails") {
                self.list("unique", [format!("\"{kind}.emails.value\"")]);
            }
        }
        let taken = self.bodies(kind, &exchange.request.method, |status| status < 300);
        let everywhere = |path: &String| taken.iter().all(|it| names_of(it).contains(path));
        let own = names_of(body);
        let first = taken.first().map(names_of).unwrap_or_default();
        for path in first
            .iter()
            .filter(|it| everywhere(it) && !own.contains(*it))
        {
            self.list("required", [format!("\"{kind}.{path}\"")]);
        }
        let lengths = |body: &Map<String, Value>| {
            let lists = body.iter().filter(|(name, _)| *name != "schemas");
            lists
                .filter_map(|(_, it)| Some(it.as_array()?.len()))
                .max()
                .unwrap_or_default()
        };
        let most = taken.iter().map(lengths).max().unwrap_or_default().max(1);
        if lengths(body) > most {
            self.one("max_values", most.to_string());
            self.one("max_members", most.to_string());
        }
    }

    /// What was sent for a type by this method, by what became of it.
    fn bodies(
        &self,
        kind: &str,
        method: &str,
        became: impl Fn(u16) -> bool,
    ) -> Vec<Map<String, Value>> {
        let schemas = self.recorded.entities.schemas();
        let all = self.recorded.exchanges.iter().map(|(_, it)| it);
        let same = all.filter(|it| {
            it.request.method == method
                && became(it.response.status)
                && kind_of(schemas, it) == Some(kind)
        });
        let bodies = same.filter_map(|it| match &it.request.body {
            Body::Json(Value::Object(members)) => Some(members.clone()),
            _ => None,
        });
        bodies.collect()
    }

    fn filters(&mut self, kind: &str, filter: &Filter, status: u16) {
        let schemas = self.recorded.entities.schemas();
        let (mut known, mut asked) = (Vec::new(), BTreeSet::new());
        for (_, exchange) in &self.recorded.exchanges {
            // Where what is refused finds nobody, a filter is known to be taken when it finds somebody.
            let finds = !members_of(&exchange.response.body, "Resources").is_empty();
            if exchange.response.status == 200
                && (status != 200 || finds)
                && kind_of(schemas, exchange) == Some(kind)
                && let Some(filter) = filter_of(exchange)
            {
                words(&filter, &mut known);
                let mut found = Vec::new();
                paths(&filter, &mut found);
                asked.extend(found.iter().map(|path| format!("\"{kind}.{path}\"")));
            }
        }
        let mut used = Vec::new();
        words(filter, &mut used);
        if used.iter().any(|it| !known.contains(it)) {
            let known: BTreeSet<String> = known.iter().map(|it| (*it).to_owned()).collect();
            self.refused_filter("filter_operators", known);
        }
        self.refused_filter("filter_attributes", asked);
        if status == 403 {
            let mut found = Vec::new();
            paths(filter, &mut found);
            self.list("sensitive", found.iter().map(|path| format!("\"{path}\"")));
        }
    }

    /// What filters may have, where others are refused, and where others find nobody.
    fn refused_filter(&mut self, name: &'static str, values: impl IntoIterator<Item = String>) {
        let values: Vec<String> = values.into_iter().collect();
        let nobody = Setting::tried("filter_refused", Said::One("NoResults".to_owned()));
        self.list(name, values.clone());
        if !values.is_empty() {
            self.together(vec![Setting::tried(name, Said::Many(values)), nobody]);
        }
    }

    fn patches(&mut self, kind: Option<&str>, exchange: &Exchange) {
        let Some(kind) = kind else { return };
        let count = |body: &Map<String, Value>| operations(body).len();
        let taken = self.bodies(kind, "PATCH", |status| status < 300);
        let own = match &exchange.request.body {
            Body::Json(Value::Object(members)) => members.clone(),
            _ => return,
        };
        let most = taken.iter().map(count).max().unwrap_or(1).max(1);
        if count(&own) > most {
            self.one("patch_max_operations", most.to_string());
        }
        let members = |body: &Map<String, Value>| {
            let lists = operations(body)
                .iter()
                .map(|it| it["value"].as_array().map_or(1, Vec::len));
            lists.sum::<usize>()
        };
        let most = taken.iter().map(members).max().unwrap_or(1).max(1);
        if members(&own) > most {
            self.one("max_members", most.to_string());
            self.one("max_members_removed", most.to_string());
        }
        let changed: BTreeSet<String> = taken.iter().flat_map(changed_names).collect();
        self.list(
            "patch_attributes",
            changed.iter().map(|name| format!("\"{kind}.{name}\"")),
        );
    }

    /// Quotas that this request could be the first beyond.
    fn quotas(&mut self, exchange: &Exchange, number: u64) {
        let method = &exchange.request.method;
        let first = exchange.request.path.split('/').nth(1).unwrap_or_default();
        let is_one = exchange.request.path.trim_matches('/').contains('/');
        let path = if is_one {
            format!("/{first}/*")
        } else {
            format!("/{first}")
        };
        let before = self
            .recorded
            .exchanges
            .iter()
            .take_while(|(it, _)| *it < number);
        let before: Vec<&Exchange> = before.map(|(_, it)| it).collect();
        let same_place = |it: &&&Exchange| {
            let one = it.request.path.trim_matches('/').contains('/');
            it.request.path.split('/').nth(1) == Some(first) && one == is_one
        };
        let by_method = before.iter().filter(|it| it.request.method == *method);
        let narrow = format!("method: {method:?}, path: {path:?}");
        let wide = [
            (String::new(), before.len()),
            (format!("method: {method:?}"), by_method.clone().count()),
            (narrow, by_method.filter(same_place).count()),
        ];
        let said = |name: &str| {
            header(&exchange.response.headers, name)?
                .parse::<u64>()
                .ok()
        };
        let limit = said("ratelimit-limit").or(said("x-ratelimit-limit"));
        let wait = said("retry-after").unwrap_or(60);
        let mut periods = vec![60, 3600, 1, 10];
        periods.sort_by_key(|it| (*it < wait, *it));
        for (on, count) in wide {
            let counted = u64::try_from(count).unwrap_or_default();
            let mut limits = Vec::from_iter(limit);
            limits.push(counted);
            for limit in limits {
                for period in &periods {
                    let value = format!(
                        "Fault(on: ({on}), then: RateLimit(limit: {limit}, per_s: {period}))"
                    );
                    self.one("faults", value);
                }
            }
        }
    }
}

fn kind_of<'s>(schemas: &'s Schemas, exchange: &Exchange) -> Option<&'s str> {
    let kind = exchange
        .request
        .path
        .split('/')
        .find_map(|it| schemas.by_endpoint(it));
    kind.map(|kind| kind.name.as_str())
}

fn filter_of(exchange: &Exchange) -> Option<Filter> {
    let of_body = || match &exchange.request.body {
        Body::Json(body) => text(body, "filter"),
        _ => None,
    };
    let filter = parameter(exchange, "filter").or_else(of_body)?;
    Filter::parse(filter, Reading::quiet(crate::scim::Leniencies::BY_DEFAULT)).ok()
}

/// `userName`, `name.givenName`: what a resource names.
fn names_of(body: &Map<String, Value>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (name, value) in body
        .iter()
        .filter(|(name, _)| *name != "schemas" && !name.contains(':'))
    {
        names.insert(name.clone());
        if let Value::Object(members) = value {
            names.extend(members.keys().map(|sub| format!("{name}.{sub}")));
        }
    }
    names
}

fn operations(body: &Map<String, Value>) -> &[Value] {
    let list = crate::scim::path::member(body, "Operations").and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

/// The top-level attributes that a PATCH changes.
fn changed_names(body: &Map<String, Value>) -> Vec<String> {
    let mut names = Vec::new();
    for operation in operations(body) {
        match (text(operation, "path"), &operation["value"]) {
            (Some(path), _) => names.push(path.to_owned()),
            (None, Value::Object(members)) => names.extend(members.keys().cloned()),
            _ => {}
        }
    }
    let top = |path: &String| {
        let bare = path.split('[').next().unwrap_or_default();
        let path = AttributePath::parse(bare)?;
        Some(AttributePath { sub: None, ..path }.to_string())
    };
    names.iter().filter_map(top).collect()
}

/// The attribute that an answer has too many of: `members` of `members[value eq "1"]`.
fn shown_name(path: &str) -> Option<String> {
    let bare = path.split('[').next().unwrap_or_default();
    AttributePath::parse(bare).map(|path| path.to_string())
}
