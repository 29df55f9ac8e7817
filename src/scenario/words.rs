//! Faults as JSON in the words of a scenario: `{"on": {"method": "POST"}, "then": {"Status": [503, {"retry_after_s": 2}]}}`; and read
//! again, from JSON or as a scenario has them. A name that nothing follows is a string, one with brackets an object of one member.

use super::diagnostic::{Diagnostic, Problem};
use super::fault::{Delay, Fault, On, RetryAfter, Then, Window};
use super::faults::faults;
use super::node::{Field, Form, Kind, Name, Node};
use super::parser;
use super::reader::Reader;
use super::texts::Texts;
use serde_json::{Map, Value, json};
use std::path::Path;
use std::time::Duration;

/// What is told of a fault, and is nothing that a fault has.
const TOLD: [&str; 2] = ["matched", "met"];

/// The faults that a text lists: `[Fault(…)]`, or what [`Fault::to_json`] writes, in a list or under `faults`. Members that tell how often
/// a fault was met are passed over.
///
/// # Errors
/// Everything that is wrong.
pub fn read_faults(text: &str) -> Result<Vec<Fault>, Vec<Diagnostic>> {
    let mut texts = Texts::default();
    let source = texts.add(Path::new("faults"), text.to_owned());
    let mut reader = Reader::default();
    let (node, problems) = parser::parse(&source.text);
    reader.problems.extend(problems);
    let mut read = Vec::new();
    match node {
        Some(node) => {
            let list = list(&mut reader, node, &texts);
            read = faults(&mut reader, &list);
        }
        None if reader.problems.is_empty() => {
            let help = "write `[]` for none";
            let problem = Problem::error(0..0, "nothing is here", "expected a list", help);
            reader.problems.push(problem);
        }
        None => {}
    }
    if reader.problems.is_empty() {
        return Ok(read);
    }
    reader.problems.sort_by_key(|problem| problem.span.start);
    let problems = reader.problems.into_iter();
    Err(problems.map(|it| texts.diagnostic(it)).collect())
}

/// The list as a scenario would have it.
fn list(reader: &mut Reader, node: Node, texts: &Texts) -> Node {
    let node = match node.kind {
        Kind::Map(fields) => {
            let form = Form::Fields(fields);
            let write = r#"{"faults": []}"#;
            let fields = reader.known_fields(&form, "faults", &["faults", "requests"], write);
            let name = Name {
                span: node.span.start..node.span.start + 1,
                text: "The body".to_owned(),
            };
            let list = reader.required(&fields, "faults", &name, write).cloned();
            list.unwrap_or(Node {
                span: node.span,
                kind: Kind::List(Vec::new()),
            })
        }
        kind => Node { kind, ..node },
    };
    let Kind::List(items) = node.kind else {
        return node;
    };
    let items = items.into_iter().map(|item| fault(item, texts));
    Node {
        span: node.span,
        kind: Kind::List(items.collect()),
    }
}

fn fault(node: Node, texts: &Texts) -> Node {
    let node = match node.kind {
        Kind::Json => texts.parse_again(&node.span),
        _ => node,
    };
    let Kind::Map(fields) = node.kind else {
        return node;
    };
    let fields = fields.into_iter();
    let fields = fields.filter(|it| !TOLD.contains(&it.name.text.as_str()));
    let fields = fields.map(|field| match field.name.text.as_str() {
        "on" => with(field, |node| inner(named(node), "window", named)),
        "then" => with(field, way),
        _ => field,
    });
    Node {
        span: node.span,
        kind: Kind::Named(None, Form::Fields(fields.collect())),
    }
}

fn with(field: Field, change: impl Fn(Node) -> Node) -> Field {
    Field {
        value: change(field.value),
        ..field
    }
}

/// `{"a": 1}` as `(a: 1)`.
fn named(node: Node) -> Node {
    match node.kind {
        Kind::Map(fields) => Node {
            span: node.span,
            kind: Kind::Named(None, Form::Fields(fields)),
        },
        _ => node,
    }
}

/// The same with one of its fields changed.
fn inner(node: Node, name: &str, change: impl Fn(Node) -> Node) -> Node {
    let Kind::Named(None, Form::Fields(fields)) = node.kind else {
        return node;
    };
    let fields = fields.into_iter().map(|field| {
        if field.name.text == name {
            with(field, &change)
        } else {
            field
        }
    });
    Node {
        span: node.span,
        kind: Kind::Named(None, Form::Fields(fields.collect())),
    }
}

/// `"Outage"` as `Outage`, `{"Status": [503, {"retry_after_s": 2}]}` as `Status(503, retry_after_s: 2)`.
fn way(node: Node) -> Node {
    let (name, form) = match node.kind {
        Kind::Text(text) => {
            let span = node.span.clone();
            (Name { span, text }, Form::Bare)
        }
        Kind::Map(mut fields) if fields.len() == 1 => {
            let Field { name, value } = fields.remove(0);
            let form = match value.kind {
                Kind::Map(fields) => Form::Fields(fields),
                Kind::List(items) => Form::Tuple(items.into_iter().map(named).collect()),
                _ => Form::Tuple(vec![value]),
            };
            (name, form)
        }
        _ => return node,
    };
    Node {
        span: node.span,
        kind: Kind::Named(Some(name), form),
    }
}

impl Fault {
    /// As JSON, from which [`read_faults`] makes an equal one.
    pub fn to_json(&self) -> Value {
        let mut fault = Map::new();
        if self.on != On::default() {
            fault.insert("on".to_owned(), self.on.to_json());
        }
        fault.insert("then".to_owned(), self.then.to_json());
        if self.carried_out != self.then.needs_the_answer() {
            fault.insert("carried_out".to_owned(), self.carried_out.into());
        }
        fault.into()
    }
}

impl On {
    fn to_json(&self) -> Value {
        let headers: Map<_, _> = pairs(&self.headers);
        let window = fields([
            ("from_ms", self.window.from.map(ms)),
            ("to_ms", self.window.to.map(ms)),
        ]);
        fields([
            ("method", self.method.clone().map(Value::from)),
            ("path", self.path.clone().map(Value::from)),
            ("tenant", self.tenant.clone().map(Value::from)),
            ("headers", (!headers.is_empty()).then(|| headers.into())),
            (
                "filter",
                self.filter.as_ref().map(|it| it.to_string().into()),
            ),
            (
                "window",
                (self.window != Window::default()).then_some(window),
            ),
            ("nth", (!self.nth.is_empty()).then(|| json!(self.nth))),
            ("share", self.share.map(Value::from)),
        ])
    }
}

impl Then {
    fn to_json(&self) -> Value {
        let inside = match self {
            Self::Status {
                status,
                body,
                headers,
                retry_after,
            } => {
                let headers = pairs(headers);
                let (seconds, date) = match retry_after {
                    None => (None, None),
                    Some(RetryAfter::Seconds(seconds)) => (Some(Value::from(*seconds)), None),
                    Some(RetryAfter::Date(seconds)) => (None, Some(Value::from(*seconds))),
                };
                let rest = fields([
                    ("body", body.clone()),
                    ("headers", (!headers.is_empty()).then(|| headers.into())),
                    ("retry_after_s", seconds),
                    ("retry_after_date_s", date),
                ]);
                if rest.as_object().is_some_and(Map::is_empty) {
                    json!(status)
                } else {
                    json!([status, rest])
                }
            }
            Self::RateLimit { limit, per } => json!({"limit": limit, "per_s": per.as_secs()}),
            Self::Truncated { after_bytes } => {
                fields([("after_bytes", after_bytes.map(Into::into))])
            }
            Self::WrongContentType(media_type) => json!(media_type),
            Self::StaleRead(age) => json!({ "ms": ms(*age) }),
            Self::Delay(Delay::Fixed(time)) => json!({ "ms": ms(*time) }),
            Self::Delay(Delay::Range { from, to }) => {
                json!({"from_ms": ms(*from), "to_ms": ms(*to)})
            }
            Self::Delay(Delay::LogNormal { median, sigma }) => {
                json!({"median_ms": ms(*median), "sigma": sigma})
            }
            Self::Disconnect { after_bytes, reset } => fields([
                ("after_bytes", after_bytes.map(Into::into)),
                ("reset", reset.then_some(true.into())),
            ]),
            Self::Dribble { bytes, every } => json!({"bytes": bytes, "every_ms": ms(*every)}),
            Self::Outage
            | Self::PreconditionFailed
            | Self::ExpiredCursor
            | Self::Malformed
            | Self::DuplicateEntries
            | Self::MissingEntries
            | Self::Timeout => json!({}),
        };
        if inside.as_object().is_some_and(Map::is_empty) {
            return self.name().into();
        }
        json!({ self.name(): inside })
    }
}

fn ms(time: Duration) -> Value {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).into()
}

fn pairs(pairs: &[(String, String)]) -> Map<String, Value> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| (name.clone(), value.clone().into()))
        .collect()
}

fn fields<const N: usize>(fields: [(&str, Option<Value>); N]) -> Value {
    let given = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(given.collect())
}
