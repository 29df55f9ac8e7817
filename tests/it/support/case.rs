//! One case of a row: requests in order, and what holds of the answers.
//!
//! A case is `lenient`, `strict` or `both`, with more fields of `Provider(…)` behind it if it needs them (`strict sort: false`), and
//! steps. A step is a request line (`GET /Users/U1`), lines `>` that go with it, and lines `=` that hold of its answer:
//!
//! ```text
//! > name: value          a header            = 400 invalidValue     status, and scimType
//! > user {…} group {…}   a body, its         = /emails/0/type "x"   what stands at a pointer (~: anything)
//! > ops […]              `schemas` added     = !/password           nothing stands there
//! > {…}                  a body as it is     = #/Resources 2        so many stand there
//! > text …               no JSON             = names a b            a list of these, by userName or displayName
//!                                            = etag: ~  = !etag     a header (~: any)
//!                                            = has "…"  = hasnt "…" the body as text
//! keep id /id            for `{id}` in later steps; `keep tag etag` takes a header
//! ```
//!
//! `$User`, `$Group`, `$Enterprise`, `$PatchOp`, `$Search`, `$Bulk`, `$List`, `$Error` stand for URNs.

use crate::support::sp::{Answer, Sp};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const URNS: [(&str, &str); 8] = [
    ("$User", "urn:ietf:params:scim:schemas:core:2.0:User"),
    ("$Group", "urn:ietf:params:scim:schemas:core:2.0:Group"),
    (
        "$Enterprise",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    ),
    ("$PatchOp", "urn:ietf:params:scim:api:messages:2.0:PatchOp"),
    (
        "$Search",
        "urn:ietf:params:scim:api:messages:2.0:SearchRequest",
    ),
    ("$Bulk", "urn:ietf:params:scim:api:messages:2.0:BulkRequest"),
    (
        "$List",
        "urn:ietf:params:scim:api:messages:2.0:ListResponse",
    ),
    ("$Error", "urn:ietf:params:scim:api:messages:2.0:Error"),
];

pub(crate) struct Case {
    pub(crate) mode: String,
    pub(crate) provider: String,
    pub(crate) steps: Vec<Step>,
}

pub(crate) struct Step {
    pub(crate) method: String,
    pub(crate) target: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Option<String>,
    pub(crate) checks: Vec<Check>,
    pub(crate) keep: Vec<(String, String)>,
}

pub(crate) enum Check {
    Status(u16, Option<String>),
    At(String, String),
    Absent(String),
    Count(String, usize),
    Names(String),
    Header(String, String),
    NoHeader(String),
    Has(String, bool),
}

impl Case {
    pub(crate) fn shows_something(&self) -> bool {
        let checks = self.steps.iter().flat_map(|step| &step.checks);
        self.steps.iter().all(|step| {
            step.checks
                .iter()
                .any(|check| matches!(check, Check::Status(..) | Check::Names(_)))
        }) && checks.count() > 0
    }

    /// What is wrong, in each mode that it is for, where the scenario has these fields beside its provider.
    pub(crate) fn run(&self, scenario: &str) -> Vec<String> {
        let modes: &[&str] = match self.mode.as_str() {
            "lenient" => &["Lenient"],
            "strict" => &["Strict"],
            _ => &["Lenient", "Strict"],
        };
        modes
            .iter()
            .filter_map(|mode| {
                let run = self.run_in(mode, scenario);
                run.err().map(|why| format!("{mode}: {why}"))
            })
            .collect()
    }

    fn run_in(&self, mode: &str, scenario: &str) -> Result<(), String> {
        let separator = if self.provider.is_empty() { "" } else { ", " };
        let sp = Sp::with(&format!(
            "Scenario(provider: Provider(strictness: {mode}{separator}{}), {scenario})",
            self.provider
        ));
        let mut kept = BTreeMap::new();
        for step in &self.steps {
            let answer = step.send(&sp, &kept);
            let said = |why: String| {
                format!(
                    "{} {}: {why}\n    {}",
                    step.method,
                    step.target,
                    answer.text()
                )
            };
            for check in &step.checks {
                check.holds(&answer, &kept).map_err(said)?;
            }
            for (name, place) in &step.keep {
                let value = match place.strip_prefix('/') {
                    Some(_) => answer.json().pointer(place).map(plain),
                    None => answer.header(place).map(str::to_owned),
                };
                let value = value.ok_or_else(|| said(format!("{place} is not there to keep")))?;
                kept.insert(name.clone(), value);
            }
        }
        Ok(())
    }
}

impl Step {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: urns(target),
            headers: Vec::new(),
            body: None,
            checks: Vec::new(),
            keep: Vec::new(),
        }
    }

    /// A line `>`: a body or a header.
    pub(crate) fn add(&mut self, line: &str) {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let with_schemas = |urn: &str| {
            let members = urns(rest.strip_prefix('{').expect("a resource is an object"));
            if members.contains("\"schemas\"") {
                return format!("{{{members}");
            }
            let separator = if members.trim() == "}" { "" } else { ", " };
            format!("{{\"schemas\": [\"{}\"]{separator}{members}", urns(urn))
        };
        let message = |urn: &str| {
            format!(
                "{{\"schemas\": [\"{}\"], \"Operations\": {}}}",
                urns(urn),
                urns(rest)
            )
        };
        self.body = Some(match word {
            "user" => with_schemas("$User"),
            "group" => with_schemas("$Group"),
            "widget" => with_schemas("urn:example:X"),
            "search" => with_schemas("$Search"),
            "bulk" => message("$Bulk"),
            "ops" => message("$PatchOp"),
            "text" => rest.to_owned(),
            _ if line.starts_with(['{', '[', '"']) => urns(line),
            _ => {
                let (name, value) = line
                    .split_once(':')
                    .unwrap_or_else(|| panic!("{line} is no header"));
                self.headers
                    .push((name.to_owned(), value.trim().to_owned()));
                return;
            }
        });
    }

    fn send(&self, sp: &Sp, kept: &BTreeMap<String, String>) -> Answer {
        let given = |name: &str| {
            self.headers
                .iter()
                .any(|(header, _)| header.eq_ignore_ascii_case(name))
        };
        let mut request = Request::builder()
            .method(self.method.as_str())
            .uri(format!("/scim/v2{}", encoded(&filled(&self.target, kept))));
        if !given("authorization") {
            request = request.header("authorization", "Bearer good");
        }
        if self.body.is_some() && !given("content-type") {
            request = request.header("content-type", "application/scim+json");
        }
        for (name, value) in self.headers.iter().filter(|(_, value)| value != "none") {
            request = request.header(name, filled(value, kept));
        }
        let body = filled(self.body.as_deref().unwrap_or_default(), kept);
        sp.request(&request.body(Bytes::from(body)).expect("a request"))
    }
}

impl Check {
    pub(crate) fn read(line: &str) -> Self {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let text =
            |rest: &str| serde_json::from_str::<String>(rest).unwrap_or_else(|_| rest.to_owned());
        match word {
            "names" => Self::Names(rest.to_owned()),
            "has" => Self::Has(urns(&text(rest)), true),
            "hasnt" => Self::Has(urns(&text(rest)), false),
            _ if word.starts_with('/') => Self::At(urns(word), urns(rest)),
            _ if word.starts_with("!/") => Self::Absent(urns(&word[1..])),
            _ if word.starts_with('#') => {
                Self::Count(word[1..].to_owned(), rest.parse().expect("a count"))
            }
            _ if word.starts_with('!') => Self::NoHeader(word[1..].to_owned()),
            _ if word.ends_with(':') => {
                Self::Header(word.trim_end_matches(':').to_owned(), rest.to_owned())
            }
            status => Self::Status(
                status
                    .parse()
                    .unwrap_or_else(|_| panic!("{line} is no check")),
                Some(rest.to_owned()).filter(|it| !it.is_empty()),
            ),
        }
    }

    fn holds(&self, answer: &Answer, kept: &BTreeMap<String, String>) -> Result<(), String> {
        let body = || serde_json::from_slice::<Value>(&answer.bytes).unwrap_or_default();
        let (expected, found) = match self {
            Self::Status(status, scim_type) => {
                let found = body();
                if answer.status >= 400
                    && (found["status"] != json!(answer.status.to_string())
                        || found["schemas"] != json!([urns("$Error")]))
                {
                    return Err("an error has its status and schema in its body".to_owned());
                }
                let told = found.get("scimType").and_then(Value::as_str);
                let told = told.filter(|_| answer.status >= 400).map(str::to_owned);
                (
                    format!("{status} {scim_type:?}"),
                    format!("{} {told:?}", answer.status),
                )
            }
            Self::At(pointer, expected) => {
                let whole = body();
                let found = whole.pointer(pointer);
                if expected == "~" {
                    return found
                        .map(drop)
                        .ok_or_else(|| format!("nothing is at {pointer}"));
                }
                let expected: Value = serde_json::from_str(&filled(expected, kept))
                    .unwrap_or_else(|error| panic!("{expected}: {error}"));
                (
                    format!("{pointer} {expected}"),
                    format!("{pointer} {}", found.unwrap_or(&Value::Null)),
                )
            }
            Self::Absent(pointer) => {
                let whole = body();
                return match whole.pointer(pointer) {
                    None => Ok(()),
                    Some(found) => Err(format!("{pointer} is there: {found}")),
                };
            }
            Self::Count(pointer, count) => {
                let whole = body();
                let list = whole
                    .pointer(pointer)
                    .and_then(Value::as_array)
                    .map_or(0, Vec::len);
                (count.to_string(), list.to_string())
            }
            Self::Names(names) => {
                let whole = body();
                let list = whole["Resources"].as_array().ok_or("it is no list")?.iter();
                let name = |it: &Value| {
                    plain(
                        it.get("userName")
                            .or(it.get("displayName"))
                            .unwrap_or(&it["id"]),
                    )
                };
                (
                    format!("200 {names}"),
                    format!(
                        "{} {}",
                        answer.status,
                        list.map(name).collect::<Vec<_>>().join(" ")
                    ),
                )
            }
            Self::Header(name, expected) => {
                let found = answer
                    .headers
                    .get_all(name.as_str())
                    .iter()
                    .map(|value| value.to_str().unwrap_or_default());
                let found = found.collect::<Vec<_>>().join(", ");
                if expected == "~" && !found.is_empty() {
                    return Ok(());
                }
                (
                    format!("{name}: {}", filled(expected, kept)),
                    format!("{name}: {found}"),
                )
            }
            Self::NoHeader(name) => {
                return match answer.header(name) {
                    None => Ok(()),
                    Some(found) => Err(format!("{name} is there: {found}")),
                };
            }
            Self::Has(text, has) => {
                let text = filled(text, kept);
                let found = answer.text().contains(&text);
                (
                    format!("{text:?} in the body: {has}"),
                    format!("{text:?} in the body: {found}"),
                )
            }
        };
        if expected == found {
            return Ok(());
        }
        Err(format!("expected {expected}, found {found}"))
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn urns(text: &str) -> String {
    URNS.iter()
        .fold(text.to_owned(), |text, (name, urn)| text.replace(name, urn))
}

fn filled(text: &str, kept: &BTreeMap<String, String>) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, value)| {
        text.replace(&format!("{{{name}}}"), value)
    })
}

/// What may not stand in a URL as it is; `%` stays, so that a row can encode for itself.
fn encoded(target: &str) -> String {
    let keep = |byte: &u8| byte.is_ascii_graphic() && !b"\"<>\\^`{|}#".contains(byte);
    let encode = |byte: u8| {
        if keep(&byte) {
            char::from(byte).to_string()
        } else {
            format!("%{byte:02X}")
        }
    };
    target.bytes().map(encode).collect()
}
