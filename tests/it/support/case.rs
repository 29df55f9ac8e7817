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
//! A case that has lines `with FIELD: VALUE` before its steps replaces these fields of the scenario. A case may be of a scenario
//! alone: `refused TEXT` is one that does not load, with this said of it, `warned TEXT` one that does.
//!
//! A request line goes to the base, but for `//scim…` and `//v2/…`, which are paths of the server. `$User`, `$Group`, `$Enterprise`,
//! `$PatchOp`, `$Search`, `$Bulk`, `$List`, `$Error` stand for URNs.

use crate::support::sp::{Answer, Sp};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

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
    mode: Mode,
    /// More fields of `Provider(…)`.
    provider: String,
    /// Fields of the scenario in the place of those that it has for all cases.
    with: Vec<(String, String)>,
    pub(crate) steps: Vec<Step>,
}

/// What a case is for.
pub(crate) enum Mode {
    /// Requests under these readings.
    Serve(&'static [&'static str]),
    /// A scenario that does not load, and what is said of it.
    Refused(String),
    /// One that loads, and what is said of it nevertheless.
    Warned(String),
}

impl Mode {
    pub(crate) fn read(word: &str, rest: &str) -> Option<Self> {
        Some(match word {
            "both" => Self::Serve(&["Lenient", "Strict"]),
            "lenient" => Self::Serve(&["Lenient"]),
            "strict" => Self::Serve(&["Strict"]),
            "refused" => Self::Refused(rest.to_owned()),
            "warned" => Self::Warned(rest.to_owned()),
            _ => return None,
        })
    }
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
    pub(crate) fn new(mode: Mode, rest: &str) -> Self {
        let provider = match mode {
            Mode::Serve(_) => rest.to_owned(),
            Mode::Refused(_) | Mode::Warned(_) => String::new(),
        };
        Self {
            mode,
            provider,
            with: Vec::new(),
            steps: Vec::new(),
        }
    }

    /// A line `with NAME: VALUE`.
    pub(crate) fn with(&mut self, field: &str) {
        let (name, value) = field
            .split_once(": ")
            .unwrap_or_else(|| panic!("{field:?} is no field of a scenario"));
        self.with.push((name.to_owned(), urns(value)));
    }

    pub(crate) fn shows_something(&self) -> bool {
        let Mode::Serve(_) = &self.mode else {
            return self.steps.is_empty() && !self.with.is_empty();
        };
        let checks = self.steps.iter().flat_map(|step| &step.checks);
        self.steps.iter().all(|step| {
            step.checks
                .iter()
                .any(|check| matches!(check, Check::Status(..) | Check::Names(_)))
        }) && checks.count() > 0
    }

    /// The readings that its requests are for; none for a case of a scenario alone.
    pub(crate) fn readings(&self) -> &'static [&'static str] {
        match self.mode {
            Mode::Serve(readings) => readings,
            Mode::Refused(_) | Mode::Warned(_) => &[],
        }
    }

    /// What is wrong, in each mode that it is for, where the scenario has these fields beside its provider.
    pub(crate) fn run(&self, fields: &[(&str, &str)]) -> Vec<String> {
        let (said, loads) = match &self.mode {
            Mode::Serve(readings) => {
                let wrong = readings.iter().filter_map(|reading| {
                    let why = self.run_in(reading, fields).err()?;
                    Some(format!("{reading}: {why}"))
                });
                return wrong.collect();
            }
            Mode::Refused(said) => (said, false),
            Mode::Warned(said) => (said, true),
        };
        let (tenant, told) = Sp::try_with(&self.scenario("Lenient", fields));
        if tenant.is_some() == loads && told.contains(said) {
            return Vec::new();
        }
        let loaded = tenant.is_some();
        vec![format!(
            "loads: {loaded}; expected to hear {said:?}, heard {told}"
        )]
    }

    fn scenario(&self, reading: &str, fields: &[(&str, &str)]) -> String {
        let separator = if self.provider.is_empty() { "" } else { ", " };
        let mut text = format!(
            "Scenario(provider: Provider(strictness: {reading}{separator}{})",
            self.provider
        );
        let is_replaced = |name: &str| self.with.iter().any(|(with, _)| with == name);
        let usual = fields.iter().filter(|(name, _)| !is_replaced(name));
        let own = self
            .with
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()));
        for (name, value) in usual.copied().chain(own) {
            write!(text, ", {name}: {value}").expect("a string takes all");
        }
        text + ")"
    }

    fn run_in(&self, reading: &str, fields: &[(&str, &str)]) -> Result<(), String> {
        let sp = Sp::with(&self.scenario(reading, fields));
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

    /// Below the base; `//scim/…` is a path of the server itself.
    fn path(&self, kept: &BTreeMap<String, String>) -> String {
        let target = encoded(&filled(&self.target, kept));
        match target.strip_prefix('/') {
            Some(whole) if ["/scim", "/v2/"].iter().any(|it| whole.starts_with(it)) => {
                whole.to_owned()
            }
            _ => format!("/scim/v2{target}"),
        }
    }

    fn send(&self, sp: &Sp, kept: &BTreeMap<String, String>) -> Answer {
        let given = |name: &str| {
            self.headers
                .iter()
                .any(|(header, _)| header.eq_ignore_ascii_case(name))
        };
        let mut request = Request::builder()
            .method(self.method.as_str())
            .uri(self.path(kept));
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
