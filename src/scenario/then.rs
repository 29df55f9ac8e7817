//! What stands under `then` of a fault in a scenario file: which names there are, and which could never be sent.

use super::fault::{Delay, RetryAfter, Then};
use super::faults::{CENTURY_MS, headers, number};
use super::node::{Form, Kind, Name, Node};
use super::reader::{Fields, Reader};
use serde_json::Value;
use std::time::Duration;

const STATUS: &str = "Status(429, retry_after_s: 2)";
const RATE_LIMIT: &str = "RateLimit(limit: 100, per_s: 60)";
const DELAY: &str = "Delay(from_ms: 200, to_ms: 800)";
const STALE_READ: &str = "StaleRead(ms: 500)";
const DISCONNECT: &str = "Disconnect(after_bytes: 20)";
const DRIBBLE: &str = "Dribble(bytes: 16, every_ms: 100)";
/// Every name of what a fault does, and how it is written.
pub const WAYS: &[(&str, &str)] = &[
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
/// Nobody waits longer than an hour, for an answer or for what comes next of it.
const LONGEST_MS: u64 = 3_600_000;

pub(super) fn then(reader: &mut Reader, node: &Node) -> Option<Then> {
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
