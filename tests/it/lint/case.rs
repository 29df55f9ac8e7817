//! The cases of `tests/data/lint`: for each rule lines that break it (`-`) and lines that keep it (`+`), one exchange a line; what begins
//! with two spaces comes before the next of them:
//!
//! ```text
//! == REQ-PATCH-005
//! - PATCH /Users/1 | %patch[{"op":"Replace","path":"title","value":"x"}] => 204
//! + PATCH /Users/1 | %patch[{"op":"replace","path":"title","value":"x"}] => 204
//! ```
//!
//! Parts are separated by ` | `: `name: value` is a header field, `-name` takes one away, `@N` is the second of the clock, `elapsed N` a
//! number of milliseconds, `hex …` and `cut …` are bodies, and so is whatever else stands there. `$User` is a URN, `%user{…}` a resource
//! with members laid over it, of which `"-"` takes one away.

use bytes::Bytes;
use scimulate::exchange::{Body, Ended, Exchange, Request, Response, Side};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

pub(crate) type Sequence = Vec<Exchange>;

/// The case of one rule: sequences of which the last exchange breaks it, and such that keep it.
#[derive(Default)]
pub(crate) struct Case {
    pub(crate) rule: String,
    pub(crate) breaking: Vec<Sequence>,
    pub(crate) keeping: Vec<Sequence>,
}

/// The requests of a sequence.
pub(crate) fn shown(sequence: &Sequence) -> String {
    let lines = sequence.iter().map(|it| {
        format!(
            "{} {} => {}",
            it.request.method, it.request.path, it.response.status
        )
    });
    lines.collect::<Vec<_>>().join("\n  ")
}

/// All cases.
pub(crate) fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/lint");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    files
        .iter()
        .filter(|path| path.extension().is_some_and(|it| it == "txt"))
        .flat_map(|path| read(&std::fs::read_to_string(path).unwrap()))
        .collect()
}

fn read(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut sequence = Sequence::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if let Some(rule) = line.strip_prefix("== ") {
            assert!(
                sequence.is_empty(),
                "nothing follows the last line before {rule}"
            );
            cases.push(Case {
                rule: rule.to_owned(),
                ..Case::default()
            });
            continue;
        }
        let case = cases.last_mut().expect("a line stands below a rule");
        let (sign, line) = line.split_at(2);
        sequence.push(exchange(line, sequence.len()));
        match sign {
            "  " => {}
            "- " => case.breaking.push(std::mem::take(&mut sequence)),
            "+ " => case.keeping.push(std::mem::take(&mut sequence)),
            _ => panic!("{line:?} begins with neither - nor +"),
        }
    }
    for case in &cases {
        assert!(
            !case.breaking.is_empty() && !case.keeping.is_empty(),
            "{} lacks a side",
            case.rule
        );
    }
    cases
}

/// The exchange of a line; without a time of its own it comes ten seconds after the one before.
pub(crate) fn exchange(line: &str, before: usize) -> Exchange {
    let line = urns(line);
    let (sent, got) = line
        .split_once(" => ")
        .unwrap_or_else(|| panic!("{line:?} has no answer"));
    let (mut sent, mut got) = (sent.split(" | "), got.split(" | "));
    let (method, target) = sent
        .next()
        .and_then(|it| it.split_once(' '))
        .expect("a method and a target");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let status = got
        .next()
        .and_then(|it| it.trim().parse().ok())
        .expect("a status");
    let mut request = Message::new(&[
        ("user-agent", "case"),
        ("accept", "application/scim+json"),
        ("authorization", "Bearer {secret}"),
    ]);
    sent.for_each(|part| request.part(part));
    let mut response = Message::new(&[]);
    got.for_each(|part| response.part(part));
    let second = request
        .second
        .unwrap_or(i64::try_from(before).unwrap() * 10);
    let start: jiff::Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
    Exchange {
        at: start + jiff::SignedDuration::from_secs(second),
        elapsed: Duration::from_millis(request.elapsed.unwrap_or(5)),
        ended: (status == 0).then(|| Ended {
            by: Side::Upstream,
            why: "it closed the connection".to_owned(),
        }),
        request: Request {
            method: method.to_owned(),
            path: path.to_owned(),
            query: form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect(),
            body: request.body(),
            headers: request.headers,
        },
        response: Response {
            status,
            body: response.body(),
            headers: response.headers,
        },
    }
}

struct Message {
    headers: Vec<(String, String)>,
    without: Vec<String>,
    text: Option<String>,
    raw: Option<Body>,
    second: Option<i64>,
    elapsed: Option<u64>,
}

impl Message {
    fn new(headers: &[(&str, &str)]) -> Self {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Self {
            headers,
            without: Vec::new(),
            text: None,
            raw: None,
            second: None,
            elapsed: None,
        }
    }

    fn part(&mut self, part: &str) {
        let is_name = |text: &str| text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
        if let Some(second) = part.strip_prefix('@') {
            self.second = Some(second.parse().expect("a second"));
        } else if let Some(elapsed) = part.strip_prefix("elapsed ") {
            self.elapsed = Some(elapsed.parse().expect("milliseconds"));
        } else if let Some(hex) = part.strip_prefix("hex ") {
            let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hexadecimal");
            self.raw = Some(Body::Binary(
                (0..hex.len())
                    .step_by(2)
                    .map(digits)
                    .collect::<Vec<u8>>()
                    .into(),
            ));
        } else if let Some(cut) = part.strip_prefix("cut ") {
            self.raw = Some(Body::Cut {
                kept: Bytes::copy_from_slice(cut.as_bytes()),
            });
        } else if let Some(name) = part.strip_prefix('-').filter(|name| is_name(name)) {
            self.without.push(name.to_owned());
            self.headers.retain(|(it, _)| it != name);
        } else if let Some((name, value)) = part.split_once(": ").filter(|it| is_name(it.0)) {
            self.headers.retain(|(it, _)| it != name);
            self.headers.push((name.to_owned(), value.to_owned()));
        } else if let Some(name) = part.strip_suffix(':').filter(|name| is_name(name)) {
            self.headers.push((name.to_owned(), String::new()));
        } else {
            self.text = Some(expanded(part));
        }
    }

    fn body(&mut self) -> Body {
        let has_body = self.text.is_some() || self.raw.is_some();
        let named = |headers: &[(String, String)]| {
            headers
                .iter()
                .find(|(name, _)| name == "content-type")
                .map(|it| it.1.clone())
        };
        if has_body
            && named(&self.headers).is_none()
            && !self.without.iter().any(|it| it == "content-type")
        {
            self.headers
                .push(("content-type".into(), "application/scim+json".into()));
        }
        match (self.raw.take(), &self.text) {
            (Some(raw), _) => raw,
            (None, Some(text)) => Body::read(text.as_bytes(), named(&self.headers).as_deref()),
            (None, None) => Body::Empty,
        }
    }
}

const URNS: [(&str, &str); 8] = [
    (
        "$Enterprise",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    ),
    ("$User", "urn:ietf:params:scim:schemas:core:2.0:User"),
    ("$Group", "urn:ietf:params:scim:schemas:core:2.0:Group"),
    ("$PatchOp", "urn:ietf:params:scim:api:messages:2.0:PatchOp"),
    (
        "$List",
        "urn:ietf:params:scim:api:messages:2.0:ListResponse",
    ),
    ("$Error", "urn:ietf:params:scim:api:messages:2.0:Error"),
    ("$Schema", "urn:ietf:params:scim:schemas:core:2.0:Schema"),
    (
        "$Type",
        "urn:ietf:params:scim:schemas:core:2.0:ResourceType",
    ),
];

fn urns(text: &str) -> String {
    URNS.iter().fold(text.to_owned(), |text, (short, urn)| {
        text.replace(short, urn)
    })
}

/// The text with each `%name` replaced by what it stands for.
fn expanded(text: &str) -> String {
    let Some(at) = text.find('%') else {
        return text.to_owned();
    };
    let (before, rest) = text.split_at(at);
    let end = rest[1..]
        .find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit())
        .map_or(rest.len(), |at| at + 1);
    let (name, mut rest) = rest.split_at(end);
    let mut overlays = Vec::new();
    if name == "%patch" && rest.starts_with('%') {
        let name_end = rest[1..]
            .find(|c: char| !c.is_ascii_alphanumeric())
            .map_or(rest.len(), |at| at + 1);
        overlays.push(serde_json::from_str(&expanded(&rest[..name_end])).unwrap());
        rest = &rest[name_end..];
    }
    while rest.starts_with(['{', '[']) {
        let length = balanced(rest);
        overlays.push(
            serde_json::from_str(&expanded(&rest[..length]))
                .unwrap_or_else(|error| panic!("{rest}: {error}")),
        );
        rest = &rest[length..];
    }
    format!("{before}{}{}", template(name, overlays), expanded(rest))
}

/// The length of the object or array that a text begins with.
fn balanced(text: &str) -> usize {
    let (mut depth, mut in_string, mut escaped) = (0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            '{' | '[' if !in_string => depth += 1,
            '}' | ']' if !in_string => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + c.len_utf8();
        }
    }
    panic!("{text:?} does not end")
}

fn template(name: &str, overlays: Vec<Value>) -> Value {
    let message = |name: &str| format!("urn:ietf:params:scim:api:messages:2.0:{name}");
    let user = URNS[1].1;
    let group = URNS[2].1;
    let mut value = match name {
        "%new" => json!({"schemas": [user], "userName": "ann"}),
        "%newgroup" => json!({"schemas": [group], "displayName": "Staff"}),
        "%user" => {
            json!({"schemas": [user], "id": "1", "userName": "ann", "meta": meta("User", "/Users/1")})
        }
        "%group" => {
            json!({"schemas": [group], "id": "g", "displayName": "Staff", "meta": meta("Group", "/Groups/g")})
        }
        "%patch" => json!({"schemas": [message("PatchOp")], "Operations": []}),
        "%bulk" => json!({"schemas": [message("BulkRequest")], "Operations": []}),
        "%results" => json!({"schemas": [message("BulkResponse")], "Operations": []}),
        "%search" => json!({"schemas": [message("SearchRequest")]}),
        "%list" => {
            json!({"schemas": [message("ListResponse")], "totalResults": 0, "startIndex": 1, "itemsPerPage": 0, "Resources": []})
        }
        "%error" => {
            json!({"schemas": [message("Error")], "status": "400", "scimType": "invalidValue", "detail": "it is wrong"})
        }
        "%many100" => many(100),
        "%many101" => many(101),
        "%config" => json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
            "patch": {"supported": true}, "bulk": {"supported": true, "maxOperations": 10, "maxPayloadSize": 100_000},
            "filter": {"supported": true, "maxResults": 200}, "changePassword": {"supported": true}, "sort": {"supported": true},
            "etag": {"supported": true}, "authenticationSchemes": [{"type": "oauthbearertoken", "name": "token", "description": "a token"}],
            "meta": {"resourceType": "ServiceProviderConfig", "location": "{base}/ServiceProviderConfig"},
        }),
        "%badge" => json!({
            "schemas": [URNS[6].1], "id": "urn:example:Badge", "name": "Badge", "description": "a badge",
            "attributes": [
                {"name": "number", "type": "integer", "required": true},
                {"name": "doors", "type": "complex", "multiValued": true, "subAttributes": [
                    {"name": "value", "type": "string", "required": true}, {"name": "since", "type": "dateTime"}]},
            ],
            "meta": {"resourceType": "Schema", "location": "{base}/Schemas/urn:example:Badge"},
        }),
        "%badgetype" => json!({
            "schemas": [URNS[7].1], "id": "Badge", "name": "Badge", "endpoint": "/Badges", "schema": "urn:example:Badge",
            "meta": {"resourceType": "ResourceType", "location": "{base}/ResourceTypes/Badge"},
        }),
        _ => panic!("{name} stands for nothing"),
    };
    for overlay in overlays {
        match overlay {
            Value::Array(list) if name == "%list" => {
                value["totalResults"] = list.len().into();
                value["itemsPerPage"] = list.len().into();
                value["Resources"] = list.into();
            }
            Value::Array(list) => value["Operations"] = list.into(),
            overlay => lay(&mut value, overlay),
        }
    }
    value
}

fn meta(kind: &str, path: &str) -> Value {
    json!({"resourceType": kind, "created": "2026-01-01T00:00:00Z", "lastModified": "2026-01-01T00:00:00Z", "location": format!("{{base}}{path}")})
}

fn many(count: usize) -> Value {
    (0..count)
        .map(|n| json!({"value": n.to_string(), "op": "add", "path": "title"}))
        .collect()
}

/// Lays members over an object; `"-"` takes one away. A resource with another id has another location.
fn lay(value: &mut Value, overlay: Value) {
    let (Value::Object(members), Value::Object(overlay)) = (value, overlay) else {
        panic!("an object is laid over an object")
    };
    if let (Some(Value::String(id)), None) = (overlay.get("id"), overlay.get("meta"))
        && let Some(location) = members
            .get_mut("meta")
            .and_then(|meta| meta.get_mut("location"))
    {
        let endpoint = location
            .as_str()
            .and_then(|it| it.rsplit_once('/'))
            .map_or("", |it| it.0)
            .to_owned();
        *location = format!("{endpoint}/{id}").into();
    }
    for (name, laid) in overlay {
        match (members.get_mut(&name), laid) {
            (_, Value::String(text)) if text == "-" => {
                members.shift_remove(&name);
            }
            (Some(value @ Value::Object(_)), laid @ Value::Object(_)) => lay(value, laid),
            (_, laid) => {
                members.insert(name, laid);
            }
        }
    }
}
