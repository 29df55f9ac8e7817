//! The form of an exchange in a fixture file: JSON that a person reads, edits and reviews in a diff.
//!
//! Its own types, which convert: the exchange does not take its shape from the file.

use super::body::Faithful;
use super::layout::Layout;
use super::{Body, Ended, Exchange, Request, Response, Side};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::fmt;
use std::time::Duration;

type Pairs = Vec<(String, String)>;

/// The text of the file: pretty-printed, members in the order of the wire, a newline at the end.
pub fn print(exchange: &Exchange) -> String {
    let mut bytes = Vec::new();
    let mut printer = serde_json::Serializer::with_formatter(&mut bytes, Layout::default());
    File::from(exchange)
        .serialize(&mut printer)
        .expect("memory takes every byte, and no key in it is other than a string");
    bytes.push(b'\n');
    String::from_utf8(bytes).expect("the printer writes UTF-8")
}

/// The content of the file as a value.
pub fn to_json(exchange: &Exchange) -> Value {
    serde_json::to_value(File::from(exchange)).expect("no key in it is other than a string")
}

/// Reads the text of a file. The error has the line, the column and what was expected.
pub fn parse(text: &str) -> Result<Exchange, serde_json::Error> {
    let Whole(file) = serde_json::from_str(text)?;
    Ok(Exchange {
        at: file.at,
        elapsed: file.elapsed_ms,
        ended: file.ended.map(Into::into),
        request: file.request,
        response: file.response,
    })
}

/// A file whose members agree with each other.
struct Whole(File);

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = File;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with the members of an exchange")
            }

            // The error of a visitor has a place in the text; one after it has none.
            fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<File, A::Error> {
                let file = File::deserialize(MapAccessDeserializer::new(members))?;
                if file.response.status == 0 && file.ended.is_none() {
                    return Err(A::Error::custom(
                        "expected \"ended\" with \"by\" and \"why\" where no answer came (\"status\": 0)",
                    ));
                }
                Ok(file)
            }
        }

        deserializer.deserialize_map(Members).map(Self)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(serialize_with = "print_instant", deserialize_with = "instant")]
    at: jiff::Timestamp,
    #[serde(
        serialize_with = "print_milliseconds",
        deserialize_with = "milliseconds"
    )]
    elapsed_ms: Duration,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<EndedPart>,
    #[serde(serialize_with = "print_request", deserialize_with = "request")]
    request: Request,
    #[serde(serialize_with = "print_response", deserialize_with = "response")]
    response: Response,
}

impl From<&Exchange> for File {
    fn from(exchange: &Exchange) -> Self {
        let Exchange {
            at,
            elapsed,
            ended,
            request,
            response,
        } = exchange.clone();
        Self {
            at,
            elapsed_ms: elapsed,
            ended: ended.map(Into::into),
            request,
            response,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndedPart {
    by: SidePart,
    why: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum SidePart {
    Client,
    Upstream,
}

impl From<Ended> for EndedPart {
    fn from(ended: Ended) -> Self {
        Self {
            by: match ended.by {
                Side::Client => SidePart::Client,
                Side::Upstream => SidePart::Upstream,
            },
            why: ended.why,
        }
    }
}

impl From<EndedPart> for Ended {
    fn from(part: EndedPart) -> Self {
        Self {
            by: match part.by {
                SidePart::Client => Side::Client,
                SidePart::Upstream => Side::Upstream,
            },
            why: part.why,
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestPart {
    #[serde(deserialize_with = "method")]
    method: String,
    #[serde(deserialize_with = "path")]
    path: String,
    #[serde(default)]
    query: Pairs,
    #[serde(default, deserialize_with = "headers")]
    headers: Pairs,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "json"
    )]
    body: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    body_cut: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ResponsePart {
    #[serde(deserialize_with = "status")]
    status: u16,
    #[serde(default, deserialize_with = "headers")]
    headers: Pairs,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "json"
    )]
    body: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_text: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    body_cut: bool,
}

/// The members of a part that hold the body: one of the first three, or none.
#[derive(Default)]
struct BodyPart {
    json: Option<Value>,
    text: Option<String>,
    base64: Option<String>,
    cut: bool,
}

impl From<Body> for BodyPart {
    fn from(body: Body) -> Self {
        let none = Self::default();
        match body {
            Body::Empty => none,
            Body::Json(value) => Self {
                json: Some(value),
                ..none
            },
            Body::Text(text) => Self {
                text: Some(text),
                ..none
            },
            Body::Binary(bytes) => Self {
                base64: Some(STANDARD.encode(bytes)),
                ..none
            },
            Body::Cut { kept } => match String::from_utf8(kept.to_vec()) {
                Ok(text) => Self {
                    text: Some(text),
                    cut: true,
                    ..none
                },
                Err(_) => Self {
                    base64: Some(STANDARD.encode(kept)),
                    cut: true,
                    ..none
                },
            },
        }
    }
}

impl BodyPart {
    fn body<E: serde::de::Error>(self) -> Result<Body, E> {
        let body = match (self.json, self.text, self.base64) {
            (None, None, None) => Body::Empty,
            (Some(value), None, None) => Body::Json(value),
            (None, Some(text), None) if text.is_empty() => Body::Empty,
            (None, Some(text), None) => Body::Text(text),
            (None, None, Some(text)) => {
                Body::Binary(STANDARD.decode(&text).map(Bytes::from).map_err(|error| {
                    E::custom(format_args!(
                        "\"body_base64\" is not base64 (RFC 4648 section 4): {error}"
                    ))
                })?)
            }
            _ => {
                return Err(E::custom(
                    "expected one of \"body\", \"body_text\" and \"body_base64\", and found more than one",
                ));
            }
        };
        match body {
            Body::Json(_) if self.cut => Err(E::custom(
                "a body that was cut is no JSON: expected \"body_text\" or \"body_base64\" beside \"body_cut\"",
            )),
            body if self.cut => Ok(Body::Cut {
                kept: body.to_bytes(),
            }),
            body => Ok(body),
        }
    }
}

fn print_request<S: Serializer>(request: &Request, serializer: S) -> Result<S::Ok, S::Error> {
    let Request {
        method,
        path,
        query,
        headers,
        body,
    } = request.clone();
    let BodyPart {
        json: body,
        text: body_text,
        base64: body_base64,
        cut: body_cut,
    } = body.into();
    RequestPart {
        method,
        path,
        query,
        headers,
        body,
        body_text,
        body_base64,
        body_cut,
    }
    .serialize(serializer)
}

fn request<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Request, D::Error> {
    let part = RequestPart::deserialize(deserializer)?;
    let body = BodyPart {
        json: part.body,
        text: part.body_text,
        base64: part.body_base64,
        cut: part.body_cut,
    };
    Ok(Request {
        method: part.method,
        path: part.path,
        query: part.query,
        headers: part.headers,
        body: body.body()?,
    })
}

fn print_response<S: Serializer>(response: &Response, serializer: S) -> Result<S::Ok, S::Error> {
    let Response {
        status,
        headers,
        body,
    } = response.clone();
    let BodyPart {
        json: body,
        text: body_text,
        base64: body_base64,
        cut: body_cut,
    } = body.into();
    ResponsePart {
        status,
        headers,
        body,
        body_text,
        body_base64,
        body_cut,
    }
    .serialize(serializer)
}

fn response<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Response, D::Error> {
    let part = ResponsePart::deserialize(deserializer)?;
    let body = BodyPart {
        json: part.body,
        text: part.body_text,
        base64: part.body_base64,
        cut: part.body_cut,
    };
    Ok(Response {
        status: part.status,
        headers: part.headers,
        body: body.body()?,
    })
}

fn print_instant<S: Serializer>(at: &jiff::Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{at:.3}"))
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<jiff::Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        D::Error::custom(format_args!(
            "expected an instant like \"2026-01-01T00:00:00.123Z\", found \"{text}\""
        ))
    })
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes fields by reference"
)]
fn print_milliseconds<S: Serializer>(elapsed: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    // To the microsecond: more digits would be noise in a diff.
    let microseconds = u32::try_from(elapsed.as_micros()).unwrap_or(u32::MAX);
    serializer.serialize_f64(f64::from(microseconds) / 1000.0)
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    let number = f64::deserialize(deserializer)?;
    Duration::try_from_secs_f64(number / 1000.0).map_err(|_| {
        D::Error::custom(format_args!(
            "expected milliseconds, 0 or more, found {number}"
        ))
    })
}

fn method<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    match http::Method::from_bytes(text.as_bytes()) {
        Ok(_) => Ok(text),
        Err(_) => Err(D::Error::custom(format_args!(
            "expected an HTTP method like \"GET\", found \"{text}\""
        ))),
    }
}

fn path<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let text = String::deserialize(deserializer)?;
    if text.starts_with('/') && !text.contains(['?', '#', ' ']) {
        return Ok(text);
    }
    Err(D::Error::custom(format_args!(
        "expected a path relative to the SCIM base like \"/Users\", with its parameters under \"query\", found \"{text}\""
    )))
}

fn status<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
    match u16::deserialize(deserializer)? {
        status @ (0 | 200..=999) => Ok(status),
        other => Err(D::Error::custom(format_args!(
            "expected the status code of a final answer, 200 to 999, or 0 where none came, found {other}"
        ))),
    }
}

fn headers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Pairs, D::Error> {
    let pairs = Pairs::deserialize(deserializer)?;
    for (name, value) in &pairs {
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() {
            return Err(D::Error::custom(format_args!(
                "expected the name of a header field, found \"{name}\""
            )));
        }
        if http::HeaderValue::from_bytes(value.as_bytes()).is_err() {
            return Err(D::Error::custom(format_args!(
                "the value of the header field \"{name}\" has a control character"
            )));
        }
    }
    Ok(pairs)
}

/// `null` is a body, and not the absence of one.
fn json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Faithful::deserialize(deserializer).map(|Faithful(value)| Some(value))
}
