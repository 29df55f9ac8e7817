//! What differs between two requests, in words: the parts that are not the same in their canonical form, each with its place.

use super::miss::shortened;
use crate::exchange::{Body, Request, canonical};
use crate::scim::path::{AttributePath, member};
use crate::scim::resource_type::{Resolved, ResourceType};
use crate::scim::schema::Attribute;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// How many differences are looked for in one exchange.
const FOUND: usize = 64;

/// The differences of a request for resources of this type from a recorded one.
pub(super) fn between(
    kind: Option<&ResourceType>,
    sent: &Request,
    recorded: &Request,
) -> Vec<String> {
    let mut found = Found {
        kind,
        all: Vec::new(),
    };
    found.request(sent, recorded);
    found.all
}

struct Found<'k> {
    kind: Option<&'k ResourceType>,
    all: Vec<String>,
}

impl<'k> Found<'k> {
    fn say(&mut self, place: &str, sent: &str, recorded: &str) {
        if self.all.len() < FOUND {
            self.all
                .push(format!("{place}: sent {sent}, recorded {recorded}"));
        }
    }

    fn request(&mut self, sent: &Request, recorded: &Request) {
        if sent.method != recorded.method {
            self.say("method", &sent.method, &recorded.method);
        }
        if canonical::path(&sent.path) != canonical::path(&recorded.path) {
            self.say("path", &shortened(&sent.path), &shortened(&recorded.path));
        }
        self.query(&sent.query, &recorded.query);
        for condition in ["If-Match", "If-None-Match"] {
            let (sent, recorded) = (header(sent, condition), header(recorded, condition));
            if sent != recorded {
                self.say(
                    condition,
                    &text_or_nothing(sent),
                    &text_or_nothing(recorded),
                );
            }
        }
        match (&sent.body, &recorded.body) {
            (Body::Json(one), Body::Json(other)) => {
                let operations = (sent.method == "PATCH")
                    .then(|| Some((operations(one)?, operations(other)?)))
                    .flatten();
                match operations {
                    Some((sent, recorded)) => self.operations(sent, recorded),
                    None => self.json("", None, Some(one), Some(other)),
                }
            }
            (_, Body::Cut { kept }) => self.all.push(format!(
                "body: only the first {} bytes were recorded",
                kept.len()
            )),
            (sent, recorded) if sent != recorded => {
                self.say("body", &described(sent), &described(recorded));
            }
            _ => {}
        }
    }

    fn query(&mut self, sent: &[(String, String)], recorded: &[(String, String)]) {
        let (sent, recorded) = (by_name(self.kind, sent), by_name(self.kind, recorded));
        let names: BTreeSet<&String> = sent.keys().chain(recorded.keys()).collect();
        for name in names {
            let (sent, recorded) = (sent.get(name), recorded.get(name));
            let forms = |it: Option<&Parameter>| it.map(|it| it.forms.clone());
            if forms(sent) == forms(recorded) {
                continue;
            }
            let shown = |it: Option<&Parameter>| {
                it.map_or_else(
                    || "nothing".to_owned(),
                    |it| shortened(&it.values.join(", ")),
                )
            };
            let written = sent.or(recorded).map_or("", |it| &it.name);
            let place = format!("query parameter {written}");
            self.say(&place, &shown(sent), &shown(recorded));
        }
    }

    fn operations(&mut self, sent: &[Value], recorded: &[Value]) {
        for n in 0..sent.len().max(recorded.len()) {
            let place = format!("operation {}", n + 1);
            match (sent.get(n), recorded.get(n)) {
                (Some(Value::Object(sent)), Some(Value::Object(recorded))) => {
                    self.operation(&place, sent, recorded);
                }
                (sent, recorded) => self.json(&place, None, sent, recorded),
            }
        }
    }

    fn operation(&mut self, place: &str, sent: &Map<String, Value>, recorded: &Map<String, Value>) {
        let text = |operation: &Map<String, Value>, name: &str| {
            member(operation, name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (one, other) = (text(sent, "op"), text(recorded, "op"));
        if !one.eq_ignore_ascii_case(&other) {
            self.all
                .push(format!("{place}: `{one}`, recorded `{other}`"));
        }
        let (one, other) = (text(sent, "path"), text(recorded, "path"));
        let form = |path: &str| canonical::patch_path(self.kind, path);
        if form(&one) != form(&other) {
            let shown = |path: &str| match path {
                "" => "no path".to_owned(),
                path => format!("path `{}`", shortened(path)),
            };
            let other = match other.as_str() {
                "" => "none".to_owned(),
                path => format!("`{}`", shortened(path)),
            };
            self.all
                .push(format!("{place}: {}, recorded {other}", shown(&one)));
        }
        let attribute = AttributePath::parse(one.split('[').next().unwrap_or_default())
            .and_then(|path| self.resolved(&path));
        let sub = one.rsplit_once("].").map(|(_, sub)| sub);
        let attribute = match sub {
            Some(sub) => attribute.and_then(|it| it.sub(sub)),
            None => attribute,
        };
        let (sent, recorded) = (member(sent, "value"), member(recorded, "value"));
        let whole = one.is_empty();
        match (sent, recorded) {
            (Some(Value::Object(_)), Some(Value::Object(_))) if whole => {
                self.json(&format!("{place}: value"), None, sent, recorded);
            }
            _ => self.json(&format!("{place}: value"), attribute, sent, recorded),
        }
    }

    fn resolved(&self, path: &AttributePath) -> Option<&'k Attribute> {
        match self.kind?.resolve(path)? {
            Resolved::Attribute { attribute, sub, .. } => Some(sub.unwrap_or(attribute)),
            Resolved::Extension(_) => None,
        }
    }

    /// `place` is where these two stand: `name.givenName`, `emails[0].value`.
    fn json(
        &mut self,
        place: &str,
        attribute: Option<&'k Attribute>,
        sent: Option<&Value>,
        recorded: Option<&Value>,
    ) {
        if self.all.len() >= FOUND {
            return;
        }
        match (sent, recorded) {
            (Some(Value::Object(sent)), Some(Value::Object(recorded))) => {
                let (sent, recorded) = (folded(sent), folded(recorded));
                let names: BTreeSet<&String> = sent.keys().chain(recorded.keys()).collect();
                for key in names {
                    let (sent, recorded) = (sent.get(key), recorded.get(key));
                    let name = sent.or(recorded).map_or(key.as_str(), |(name, _)| name);
                    let within = match attribute {
                        Some(attribute) => attribute.sub(name),
                        None => AttributePath::parse(name).and_then(|path| self.resolved(&path)),
                    };
                    let place = match place {
                        "" => name.to_owned(),
                        place if place.ends_with("value") && place.contains(": ") => {
                            format!("{place} {name}")
                        }
                        place => format!("{place}.{name}"),
                    };
                    let (sent, recorded) = (sent.map(|it| it.1), recorded.map(|it| it.1));
                    self.json(&place, within, sent, recorded);
                }
            }
            (Some(Value::Array(sent)), Some(Value::Array(recorded))) => {
                let many = attribute.is_some_and(|it| it.multi_valued);
                let is_set = many || place.eq_ignore_ascii_case("schemas");
                let (sent, recorded) = if is_set {
                    apart(attribute, sent, recorded)
                } else {
                    (enumerated(sent).collect(), enumerated(recorded).collect())
                };
                for n in 0..sent.len().max(recorded.len()) {
                    let (one, other) = (sent.get(n), recorded.get(n));
                    let at = one.or(other).map_or(n, |(at, _)| *at);
                    let place = format!("{place}[{at}]");
                    self.json(&place, attribute, one.map(|it| it.1), other.map(|it| it.1));
                }
            }
            (sent, recorded) => {
                let form = |value: &Value| canonical::value(attribute, value);
                if sent.map(form) == recorded.map(form) {
                    return;
                }
                let shown = |value: Option<&Value>| {
                    let text = value.map(Value::to_string);
                    text.map_or_else(|| "nothing".to_owned(), |text| shortened(&text))
                };
                let place = match place {
                    "" => "body".to_owned(),
                    place if place.starts_with("operation ") => place.to_owned(),
                    place => format!("body member {place}"),
                };
                self.say(&place, &shown(sent), &shown(recorded));
            }
        }
    }
}

fn enumerated(list: &[Value]) -> impl Iterator<Item = (usize, &Value)> {
    list.iter().enumerate()
}

/// What only one of two lists has, each with its place.
#[allow(
    clippy::type_complexity,
    reason = "a list of values with their places, twice"
)]
fn apart<'v>(
    attribute: Option<&Attribute>,
    sent: &'v [Value],
    recorded: &'v [Value],
) -> (Vec<(usize, &'v Value)>, Vec<(usize, &'v Value)>) {
    let form = |value: &Value| canonical::value(attribute, value).to_lowercase();
    let without = |list: &'v [Value], other: &[Value]| {
        let known: BTreeSet<String> = other.iter().map(form).collect();
        let only = enumerated(list).filter(|(_, value)| !known.contains(&form(value)));
        only.collect()
    };
    (without(sent, recorded), without(recorded, sent))
}

fn operations(body: &Value) -> Option<&[Value]> {
    let operations = member(body.as_object()?, "Operations")?;
    operations.as_array().map(Vec::as_slice)
}

fn folded(members: &Map<String, Value>) -> BTreeMap<String, (&str, &Value)> {
    let members = members.iter();
    members
        .map(|(name, value)| (name.to_lowercase(), (name.as_str(), value)))
        .collect()
}

fn header<'r>(request: &'r Request, name: &str) -> Option<&'r str> {
    let mut headers = request.headers.iter();
    let found = headers.find(|(other, _)| other.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.trim())
}

fn text_or_nothing(text: Option<&str>) -> String {
    text.map_or_else(|| "nothing".to_owned(), shortened)
}

/// A parameter as it was written, and as it is compared.
struct Parameter {
    name: String,
    values: Vec<String>,
    forms: Vec<String>,
}

fn by_name(kind: Option<&ResourceType>, pairs: &[(String, String)]) -> BTreeMap<String, Parameter> {
    let mut parameters: BTreeMap<String, Parameter> = BTreeMap::new();
    for pair in pairs {
        // One that says what is so anyway has no form.
        for (folded, form) in canonical::query(kind, std::slice::from_ref(pair)) {
            let parameter = parameters.entry(folded).or_insert_with(|| Parameter {
                name: pair.0.clone(),
                values: Vec::new(),
                forms: Vec::new(),
            });
            parameter
                .values
                .push(Value::from(pair.1.as_str()).to_string());
            parameter.forms.push(form);
        }
    }
    for parameter in parameters.values_mut() {
        parameter.forms.sort();
    }
    parameters
}

fn described(body: &Body) -> String {
    match body {
        Body::Empty => "nothing".to_owned(),
        Body::Json(value) => shortened(&value.to_string()),
        Body::Text(text) => format!(
            "the text {}",
            shortened(&Value::from(text.as_str()).to_string())
        ),
        Body::Binary(bytes) | Body::Cut { kept: bytes } => format!("{} bytes", bytes.len()),
    }
}
