//! The `faults` field of a scenario file: which requests a fault is for, and which faults could never happen.
//!
//! What stands under `then` is in `then`; what a fault does is nobody's business here.

use super::fault::{Fault, On, Then, Window};
use super::node::{Form, Kind, Name, Node};
use super::reader::Reader;
use super::then::then;
use crate::scim::Reading;
use crate::scim::filter::Filter;
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
const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// A century: what is longer was not meant.
pub(super) const CENTURY_MS: u64 = 3_155_760_000_000;

pub(super) fn faults(reader: &mut Reader, node: &Node) -> Vec<Fault> {
    let items = reader.list(node, &format!("faults: [{FAULT}]"));
    items
        .iter()
        .filter_map(|item| fault(reader, item))
        .collect()
}

fn fault(reader: &mut Reader, node: &Node) -> Option<Fault> {
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
        .map_or_else(|| Some(On::default()), |node| on(reader, node));
    let node_of_then = reader.required(&fields, "then", &name, FAULT);
    let then = node_of_then.and_then(|node| then(reader, node));
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

fn on(reader: &mut Reader, node: &Node) -> Option<On> {
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
        on.window = window(reader, node);
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

fn window(reader: &mut Reader, node: &Node) -> Window {
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
    Window {
        from: from.map(Duration::from_millis),
        to: to.map(Duration::from_millis),
    }
}

/// Headers by name. What they hold is never repeated: it may be a credential.
pub(super) fn headers(reader: &mut Reader, node: &Node) -> Vec<(String, String)> {
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

/// A number that need not be whole.
pub(super) fn number(
    reader: &mut Reader,
    node: &Node,
    range: (f64, f64),
    write: &str,
) -> Option<f64> {
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
