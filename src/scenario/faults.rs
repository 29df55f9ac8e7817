//! The `faults` field of a scenario file: which names there are, and which faults could never happen or never be seen.
//!
//! What a fault does is not its business.

use super::fault::{Delay, Fault, On, RetryAfter, Then, Window};
use super::node::{Form, Kind, Name, Node};
use super::reader::{Fields, Reader};
use crate::clock::Clock;
use crate::scim::Reading;
use crate::scim::filter::Filter;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use std::time::Duration;

/// Every name of faults after which there is no secret. Headers and bodies may have some.
pub(super) const NAMES: &[&str] = &[
    "faults",
    "Fault",
    "on",
    "On",
    "then",
    "carried_out",
    "method",
    "path",
    "tenant",
    "filter",
    "window",
    "Window",
    "from_ms",
    "to_ms",
    "nth",
    "share",
    "Status",
    "retry_after_s",
    "retry_after_date_s",
    "RateLimit",
    "limit",
    "per_s",
    "Truncated",
    "after_bytes",
    "WrongContentType",
    "StaleRead",
    "Delay",
    "ms",
    "median_ms",
    "sigma",
    "Disconnect",
    "reset",
    "Dribble",
    "bytes",
    "every_ms",
];

const FAULT: &str = r#"Fault(on: (method: "POST", path: "/Users"), then: Status(503))"#;
const STATUS: &str = "Status(429, retry_after_s: 2)";
const RATE_LIMIT: &str = "RateLimit(limit: 100, per_s: 60)";
const DELAY: &str = "Delay(from_ms: 200, to_ms: 800)";
const STALE_READ: &str = "StaleRead(ms: 500)";
const DISCONNECT: &str = "Disconnect(after_bytes: 20)";
const DRIBBLE: &str = "Dribble(bytes: 16, every_ms: 100)";
const WAYS: &[(&str, &str)] = &[
    ("Status", STATUS),
    ("RateLimit", RATE_LIMIT),
    ("Outage", "Outage"),
    ("PreconditionFailed", "PreconditionFailed"),
    ("ExpiredCursor", "ExpiredCursor"),
    ("Truncated", "Truncated(after_bytes: 20)"),
    ("Malformed", "Malformed"),
    ("WrongContentType", r#"WrongContentType("text/html")"#),
    ("StaleRead", STALE_READ),
    ("DuplicateEntries", "DuplicateEntries"),
    ("MissingEntries", "MissingEntries"),
    ("Delay", DELAY),
    ("Timeout", "Timeout"),
    ("Disconnect", DISCONNECT),
    ("Dribble", DRIBBLE),
];
const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// Nobody waits longer than an hour, for an answer or for what comes next of it.
const LONGEST_MS: u64 = 3_600_000;
/// A century: what is longer was not meant.
const CENTURY_MS: u64 = 3_155_760_000_000;

/// `clock` says when the windows begin to be counted.
pub(super) fn faults(reader: &mut Reader, node: &Node, clock: Clock) -> Vec<Fault> {
    let items = reader.list(node, &format!("faults: [{FAULT}]"));
    items
        .iter()
        .filter_map(|item| fault(reader, item, clock))
        .collect()
}

fn fault(reader: &mut Reader, node: &Node, clock: Clock) -> Option<Fault> {
    let Kind::Named(name, Form::Fields(_) | Form::Tuple(_)) = &node.kind else {
        reader.mismatch(node, "`Fault(…)`", FAULT);
        return None;
    };
    let fields = reader.fields(node, "Fault", &["on", "then", "carried_out"]);
    let name = name.clone().unwrap_or_else(|| Name {
        span: node.span.start..node.span.start + 1,
        text: "Fault".into(),
    });
    let on = fields
        .get("on")
        .map_or_else(|| Some(On::default()), |node| on(reader, node, clock));
    let then = reader.required(&fields, "then", &name, FAULT);
    let then = then.and_then(|node| then_of(reader, node));
    let carried_out = match fields.get("carried_out") {
        None => then.as_ref().is_some_and(Then::needs_the_answer),
        Some(node) => {
            let carried_out = reader.boolean(node, "carried_out: true")?;
            if let Some(then) = then.as_ref().filter(|it| it.needs_the_answer())
                && !carried_out
            {
                let title = format!(
                    "without an operation there is no answer for `{}`",
                    then.name()
                );
                let help = "leave `carried_out` out";
                reader.complain(node.span.clone(), title, "expected `true`", help);
                return None;
            }
            carried_out
        }
    };
    let (on, then) = (on?, then?);
    Some(Fault {
        on,
        then,
        carried_out,
    })
}

fn on(reader: &mut Reader, node: &Node, clock: Clock) -> Option<On> {
    let known = [
        "method", "path", "tenant", "headers", "filter", "window", "nth", "share",
    ];
    let fields = reader.fields(node, "On", &known);
    let before = reader.problems.len();
    let mut on = On::default();
    if let Some(node) = fields.get("method") {
        on.method = method(reader, node);
    }
    if let Some(node) = fields.get("path") {
        on.path = path(reader, node);
    }
    if let Some(node) = fields.get("tenant") {
        on.tenant = reader.text(node, r#"tenant: "acme""#).map(str::to_owned);
    }
    if let Some(node) = fields.get("headers") {
        on.headers = headers(reader, node);
    }
    if let Some(node) = fields.get("filter") {
        on.filter = filter(reader, node, on.method.as_deref());
    }
    if let Some(node) = fields.get("window") {
        on.window = window(reader, node, clock);
    }
    if let Some(node) = fields.get("nth") {
        for item in reader.list(node, "nth: [3]") {
            on.nth
                .extend(reader.whole_number(item, (1, u64::MAX), "nth: [3]"));
        }
        if matches!(&node.kind, Kind::List(items) if items.is_empty()) {
            let title = "this fault would never happen";
            let help = "write `nth: [3]`, or leave `nth` out for every request";
            reader.complain(node.span.clone(), title, "expected numbers from 1", help);
        }
    }
    if let Some(node) = fields.get("share") {
        on.share = number(reader, node, (0.0, 1.0), "share: 0.05");
    }
    (reader.problems.len() == before).then_some(on)
}

fn method(reader: &mut Reader, node: &Node) -> Option<String> {
    let method = reader.text(node, r#"method: "POST""#)?;
    if METHODS.contains(&method) {
        return Some(method.to_owned());
    }
    reader.unknown_word(node, "method", method, METHODS);
    None
}

fn path(reader: &mut Reader, node: &Node) -> Option<String> {
    let path = reader.text(node, r#"path: "/Users/*""#)?;
    let mut refuse = |title: &str, label: &str| {
        let help = r#"write `path: "/Users/*"`; `*` is anything within one segment"#;
        reader.complain(node.span.clone(), title, label, help);
        None
    };
    if !path.starts_with('/') {
        return refuse("a path begins with a slash", "expected `/` first");
    }
    if path.contains(['?', '#']) {
        return refuse("a path has no query", "expected a path alone");
    }
    if path.contains("/scim/v2") {
        let label = "expected what follows the base URL";
        return refuse("a path is counted from the base URL", label);
    }
    Some(path.to_owned())
}

fn filter(reader: &mut Reader, node: &Node, method: Option<&str>) -> Option<Filter> {
    let text = reader.text(node, r#"filter: "userName eq \"bjensen\"""#)?;
    if let Some(method) = method.filter(|it| !["POST", "PUT", "PATCH"].contains(it)) {
        let title = format!("a {method} has no body that a filter could be about");
        let help = "leave `filter` out, or name a method with a body";
        reader.complain(node.span.clone(), title, "no body will satisfy it", help);
        return None;
    }
    match Filter::parse(text, Reading::STRICT) {
        Ok(filter) => Some(filter),
        Err(error) => {
            let label = "expected a filter of RFC 7644 section 3.4.2.2";
            let help =
                r#"write `filter: "userName sw \"b\""`, with the quotes of its texts escaped"#;
            reader.complain(node.span.clone(), error.detail, label, help);
            None
        }
    }
}

fn window(reader: &mut Reader, node: &Node, clock: Clock) -> Window {
    let fields = reader.fields(node, "Window", &["from_ms", "to_ms"]);
    let write = "window: (from_ms: 0, to_ms: 60000)";
    let mut bound = |name: &str| {
        let node = fields.get(name)?;
        reader.whole_number(node, (0, CENTURY_MS), write)
    };
    let (from, to) = (bound("from_ms"), bound("to_ms"));
    if let (Some(from), Some(to)) = (from, to)
        && to <= from
    {
        let label = "expected `to_ms` after `from_ms`";
        reader.complain(
            node.span.clone(),
            "this window never opens",
            label,
            format!("write `{write}`"),
        );
    }
    let begun = clock.at(0);
    let instant = |ms: u64| {
        let later = begun.checked_add(SignedDuration::from_millis(i64::try_from(ms).ok()?));
        Some(later.unwrap_or(Timestamp::MAX))
    };
    Window {
        from: from.and_then(instant),
        to: to.and_then(instant),
    }
}

/// Headers by name. What they hold is never repeated: it may be a credential.
fn headers(reader: &mut Reader, node: &Node) -> Vec<(String, String)> {
    let write = r#"headers: {"x-request-id": "7"}"#;
    let Kind::Map(fields) = &node.kind else {
        reader.mismatch(node, "a map of names and values", write);
        return Vec::new();
    };
    let mut headers = Vec::new();
    for field in fields {
        let name = field.name.text.to_ascii_lowercase();
        // RFC 9110 section 5.6.2
        let in_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        if name.is_empty() || !name.chars().all(in_token) {
            let title = "this is not the name of a header";
            let help = format!("write `{write}`");
            reader.complain(
                field.name.span.clone(),
                title,
                "expected letters, digits and `-`",
                help,
            );
        }
        let Some(value) = reader.text(&field.value, write) else {
            continue;
        };
        if !value.chars().all(|c| c.is_ascii_graphic() || c == ' ') || value.trim() != value {
            let title = "this value cannot be sent in a header";
            let label = "expected visible ASCII";
            reader.complain(
                field.value.span.clone(),
                title,
                label,
                format!("write `{write}`"),
            );
        }
        headers.push((name, value.to_owned()));
    }
    headers
}

fn then_of(reader: &mut Reader, node: &Node) -> Option<Then> {
    let (name, form) = reader.variant(node, WAYS)?;
    let write = WAYS.iter().find(|(known, _)| *known == name.text)?.1;
    let before = reader.problems.len();
    let then = match (name.text.as_str(), form) {
        ("Status", Form::Tuple(items)) => status(reader, items),
        ("RateLimit", Form::Fields(_)) => rate_limit(reader, name, form),
        ("Delay", Form::Fields(_)) => delay(reader, node, form).map(Then::Delay),
        ("Dribble", Form::Fields(_)) => dribble(reader, name, form),
        ("Outage", Form::Bare) => Some(Then::Outage),
        ("PreconditionFailed", Form::Bare) => Some(Then::PreconditionFailed),
        ("ExpiredCursor", Form::Bare) => Some(Then::ExpiredCursor),
        ("Malformed", Form::Bare) => Some(Then::Malformed),
        ("StaleRead", Form::Fields(_)) => stale_read(reader, name, form),
        ("DuplicateEntries", Form::Bare) => Some(Then::DuplicateEntries),
        ("MissingEntries", Form::Bare) => Some(Then::MissingEntries),
        ("Timeout", Form::Bare) => Some(Then::Timeout),
        ("Truncated", Form::Bare | Form::Fields(_)) => {
            let fields = reader.known_fields(form, "Truncated", &["after_bytes"], write);
            let after_bytes = after_bytes(reader, &fields, write);
            Some(Then::Truncated { after_bytes })
        }
        ("Disconnect", Form::Bare | Form::Fields(_)) => {
            let known = ["after_bytes", "reset"];
            let fields = reader.known_fields(form, "Disconnect", &known, write);
            let reset = fields.get("reset");
            Some(Then::Disconnect {
                after_bytes: after_bytes(reader, &fields, write),
                reset: reset
                    .and_then(|node| reader.boolean(node, "Disconnect(reset: true)"))
                    .unwrap_or(false),
            })
        }
        ("WrongContentType", Form::Bare) => Some(Then::WrongContentType("text/html".into())),
        ("WrongContentType", Form::Tuple(items)) if items.len() == 1 => {
            media_type(reader, &items[0], write).map(Then::WrongContentType)
        }
        _ => None,
    };
    if then.is_none() && reader.problems.len() == before {
        reader.wrong_form(node, name, write);
    }
    then
}

/// `Status(503)`, with what else there is to say behind the number.
fn status(reader: &mut Reader, items: &[Node]) -> Option<Then> {
    let (number, rest) = items.split_first()?;
    // 1xx is no answer (RFC 9110 section 15.2).
    let status = reader.whole_number(number, (200, 599), STATUS);
    let known = ["body", "headers", "retry_after_s", "retry_after_date_s"];
    let fields = match rest {
        [] => Fields::default(),
        [rest] => {
            let Kind::Named(None, form @ Form::Fields(_)) = &rest.kind else {
                reader.mismatch(rest, "a named field", STATUS);
                return None;
            };
            reader.known_fields(form, "Status", &known, STATUS)
        }
        [_, more, ..] => {
            reader.mismatch(more, "a named field", STATUS);
            return None;
        }
    };
    let status = u16::try_from(status?).ok()?;
    let body = fields.get("body").map(|node| reader.json(node));
    if let Some(node) = fields.get("body")
        && matches!(status, 204 | 304)
    {
        let title = format!("an answer with status {status} has no body");
        let help = "leave `body` out, or choose another status";
        reader.complain(node.span.clone(), title, "it could not be sent", help);
        return None;
    }
    if !matches!(
        body,
        None | Some(Value::Object(_) | Value::Array(_) | Value::String(_))
    ) {
        let node = fields.get("body")?;
        reader.mismatch(node, "JSON or text", r#"body: {"detail": "busy"}"#);
        return None;
    }
    let headers = fields.get("headers").map(|node| headers(reader, node));
    let mut seconds = |name: &str| {
        let node = fields.get(name)?;
        let number = reader.whole_number(node, (0, u64::from(u32::MAX)), &format!("{name}: 2"))?;
        u32::try_from(number).ok()
    };
    let (in_seconds, by_date) = (seconds("retry_after_s"), seconds("retry_after_date_s"));
    if in_seconds.is_some()
        && let Some(node) = fields.get("retry_after_date_s")
    {
        let label = "expected `retry_after_s` or `retry_after_date_s`, and not both";
        let title = "there is one `Retry-After`";
        reader.complain(node.span.clone(), title, label, "remove one of the two");
        return None;
    }
    Some(Then::Status {
        status,
        body,
        headers: headers.unwrap_or_default(),
        retry_after: in_seconds
            .map(RetryAfter::Seconds)
            .or(by_date.map(RetryAfter::Date)),
    })
}

fn rate_limit(reader: &mut Reader, name: &Name, form: &Form) -> Option<Then> {
    let fields = reader.known_fields(form, "RateLimit", &["limit", "per_s"], RATE_LIMIT);
    let limit = reader.required(&fields, "limit", name, RATE_LIMIT);
    let per = reader.required(&fields, "per_s", name, RATE_LIMIT);
    let limit = limit.and_then(|it| reader.whole_number(it, (0, u64::from(u32::MAX)), RATE_LIMIT));
    let per = per.and_then(|it| reader.whole_number(it, (1, CENTURY_MS / 1000), RATE_LIMIT));
    Some(Then::RateLimit {
        limit: limit?,
        per: Duration::from_secs(per?),
    })
}

fn delay(reader: &mut Reader, node: &Node, form: &Form) -> Option<Delay> {
    let known = ["ms", "from_ms", "to_ms", "median_ms", "sigma"];
    let fields = reader.known_fields(form, "Delay", &known, DELAY);
    let given = |name: &&&str| fields.get(name).is_some();
    let given: Vec<&str> = known.iter().filter(given).copied().collect();
    let mut time = |name: &str| {
        let ms = reader.whole_number(fields.get(name)?, (0, LONGEST_MS), DELAY)?;
        Some(Duration::from_millis(ms))
    };
    match given.as_slice() {
        ["ms"] => time("ms").map(Delay::Fixed),
        ["from_ms", "to_ms"] => {
            let (from, to) = (time("from_ms")?, time("to_ms")?);
            if to >= from {
                return Some(Delay::Range { from, to });
            }
            let place = fields.get("to_ms")?.span.clone();
            let title = "`to_ms` is less than `from_ms`";
            let label = "expected the longest delay";
            reader.complain(place, title, label, format!("write `{DELAY}`"));
            None
        }
        ["median_ms", "sigma"] => {
            let median = time("median_ms");
            let write = "Delay(median_ms: 200, sigma: 0.5)";
            let sigma = number(reader, fields.get("sigma")?, (0.0, 10.0), write);
            Some(Delay::LogNormal {
                median: median?,
                sigma: sigma?,
            })
        }
        _ => {
            let title = "a delay is fixed, between two times, or lognormal";
            let label = "expected `ms`; or `from_ms` and `to_ms`; or `median_ms` and `sigma`";
            let help =
                format!("write `Delay(ms: 200)`, `{DELAY}` or `Delay(median_ms: 200, sigma: 0.5)`");
            reader.complain(node.span.clone(), title, label, help);
            None
        }
    }
}

fn stale_read(reader: &mut Reader, name: &Name, form: &Form) -> Option<Then> {
    let fields = reader.known_fields(form, "StaleRead", &["ms"], STALE_READ);
    let ms = reader.required(&fields, "ms", name, STALE_READ)?;
    let ms = reader.whole_number(ms, (1, LONGEST_MS), STALE_READ)?;
    Some(Then::StaleRead(Duration::from_millis(ms)))
}

fn dribble(reader: &mut Reader, name: &Name, form: &Form) -> Option<Then> {
    let fields = reader.known_fields(form, "Dribble", &["bytes", "every_ms"], DRIBBLE);
    let bytes = reader.required(&fields, "bytes", name, DRIBBLE);
    let every = reader.required(&fields, "every_ms", name, DRIBBLE);
    let bytes = bytes.and_then(|it| reader.whole_number(it, (1, u64::from(u32::MAX)), DRIBBLE));
    let every = every.and_then(|it| reader.whole_number(it, (0, LONGEST_MS), DRIBBLE));
    Some(Then::Dribble {
        bytes: usize::try_from(bytes?).ok()?,
        every: Duration::from_millis(every?),
    })
}

fn after_bytes(reader: &mut Reader, fields: &Fields<'_>, write: &str) -> Option<usize> {
    let node = fields.get("after_bytes")?;
    let bytes = reader.whole_number(node, (0, u64::from(u32::MAX)), write)?;
    usize::try_from(bytes).ok()
}

fn media_type(reader: &mut Reader, node: &Node, write: &str) -> Option<String> {
    let text = reader.text(node, write)?;
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic() || c == ' ') {
        return Some(text.to_owned());
    }
    reader.mismatch(node, "a media type", write);
    None
}

/// A number that need not be whole.
fn number(reader: &mut Reader, node: &Node, range: (f64, f64), write: &str) -> Option<f64> {
    let (min, max) = range;
    let found = match &node.kind {
        Kind::Number(number) => number.as_f64(),
        _ => None,
    };
    if let Some(found) = found.filter(|found| !(min..=max).contains(found)) {
        let title = format!("{found} is out of range");
        let label = format!("expected a number from {min} to {max}");
        reader.complain(node.span.clone(), title, label, format!("write `{write}`"));
        return None;
    }
    if found.is_none() {
        reader.mismatch(node, &format!("a number from {min} to {max}"), write);
    }
    found
}
