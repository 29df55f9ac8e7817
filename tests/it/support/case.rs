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
//!                                            = results 201, 404     what a bulk response says of each operation
//!                                            = each /a/* x y        every element has x and y, and something there
//!                                            = among /a/*/x v w     every x is v or w
//! keep id /id            for `{id}` in later steps; `keep tag etag` takes a header
//! ```
//!
//! A case that has lines `with FIELD: VALUE` before its steps replaces these fields of the scenario. A case may be of a scenario
//! alone: `refused TEXT` is one that does not load, with this said of it, `warned TEXT` one that does.
//!
//! A request line goes to the base, but for `//scim…` and `//v2/…`, which are paths of the server. `$User`, `$Group`, `$Enterprise`,
//! `$PatchOp`, `$Search`, `$Bulk`, `$Results`, `$List`, `$Error` stand for URNs.

use crate::support::sp::{Answer, Sp};
use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const URNS: [(&str, &str); 9] = [
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
    (
        "$Results",
        "urn:ietf:params:scim:api:messages:2.0:BulkResponse",
    ),
    ("$Error", "urn:ietf:params:scim:api:messages:2.0:Error"),
];

pub(crate) struct Case {
    mode: Mode,
    /// More fields of `Provider(…)`.
    pub(crate) provider: String,
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
    /// The operations of a bulk response, each as `status scimType`.
    Results(String),
    /// Whatever stands at a pointer with `*` has these members, and something in each.
    Each(String, Vec<String>),
    /// Whatever stands at a pointer with `*` is one of these.
    Among(String, Vec<String>),
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
            step.checks.iter().any(|check| {
                matches!(
                    check,
                    Check::Status(..) | Check::Names(_) | Check::Results(_)
                )
            })
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
            urns(&self.provider)
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
            "results" => Self::Results(rest.to_owned()),
            "each" | "among" => {
                let (pointer, words) = rest.split_once(' ').expect("a pointer and words");
                let words = words.split_whitespace().map(urns).collect();
                if word == "each" {
                    Self::Each(pointer.to_owned(), words)
                } else {
                    Self::Among(pointer.to_owned(), words)
                }
            }
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
                (format!("{status} {scim_type:?}"), verdict(answer, &body())?)
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
            Self::Results(expected) => (
                format!("200 {expected}"),
                format!("{} {}", answer.status, results(&body())?),
            ),
            Self::Each(pointer, names) => return each(&body(), pointer, names),
            Self::Among(pointer, values) => return among(&body(), pointer, values),
        };
        if expected == found {
            return Ok(());
        }
        Err(format!("expected {expected}, found {found}"))
    }
}

/// The status with the `scimType`; an error is looked at on the way.
fn verdict(answer: &Answer, body: &Value) -> Result<String, String> {
    if answer.status < 400 {
        return Ok(format!("{} {:?}", answer.status, None::<String>));
    }
    // HEAD has the length of a body and no body.
    let is_head = answer.bytes.is_empty() && answer.header("content-length").is_some();
    if !is_head {
        is_error(body, answer.status)?;
    }
    let media = answer.header("content-type").unwrap_or_default();
    if !["application/scim+json", "application/json"].contains(&media) {
        return Err(format!("an error is JSON, found {media:?}"));
    }
    let told = body["scimType"].as_str().map(str::to_owned);
    Ok(format!("{} {told:?}", answer.status))
}

/// Section 3.12: an error has its schema, its status as text, and a detail for people.
fn is_error(body: &Value, status: u16) -> Result<(), String> {
    let is = body["schemas"] == json!([urns("$Error")])
        && body["status"] == json!(status.to_string())
        && body["detail"].as_str().is_some_and(|it| !it.is_empty());
    is.then_some(())
        .ok_or_else(|| format!("{status} needs its schema, status and detail: {body}"))
}

/// The results of a bulk request, each as `201` or `400 invalidValue`.
fn results(body: &Value) -> Result<String, String> {
    let results = body["Operations"].as_array().ok_or("it has no results")?;
    let result = |result: &Value| -> Result<String, String> {
        let status = result["status"].as_str().ok_or("a status is text")?;
        if status.starts_with('2') {
            return Ok(status.to_owned());
        }
        is_error(&result["response"], status.parse().unwrap_or_default())?;
        Ok(match result["response"]["scimType"].as_str() {
            Some(scim_type) => format!("{status} {scim_type}"),
            None => status.to_owned(),
        })
    };
    let results: Result<Vec<_>, _> = results.iter().map(result).collect();
    Ok(results?.join(", "))
}

fn each(body: &Value, pointer: &str, names: &[String]) -> Result<(), String> {
    for value in everywhere(body, pointer)? {
        let is_there = |name: &&String| {
            let found = value.get(name.as_str());
            found.is_some_and(|it| !it.is_null() && *it != json!(""))
        };
        if let Some(name) = names.iter().find(|name| !is_there(name)) {
            return Err(format!("{name} is missing in {value}"));
        }
    }
    Ok(())
}

fn among(body: &Value, pointer: &str, values: &[String]) -> Result<(), String> {
    let found = everywhere(body, pointer)?;
    match found.into_iter().map(plain).find(|it| !values.contains(it)) {
        None => Ok(()),
        Some(other) => Err(format!("{other} at {pointer} is not among {values:?}")),
    }
}

/// What stands at a pointer in which `*` is every element of a list; there is something.
fn everywhere<'a>(body: &'a Value, pointer: &str) -> Result<Vec<&'a Value>, String> {
    let mut found = vec![body];
    for part in pointer.split('/').skip(1) {
        let below = |value: &'a Value| match value {
            Value::Array(list) if part == "*" => list.iter().collect(),
            Value::Array(list) => {
                let nth = part.parse().ok().and_then(|n: usize| list.get(n));
                nth.into_iter().collect()
            }
            other => other.get(part).into_iter().collect::<Vec<_>>(),
        };
        found = found.into_iter().flat_map(below).collect();
    }
    if found.is_empty() {
        return Err(format!("nothing is at {pointer}"));
    }
    Ok(found)
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
