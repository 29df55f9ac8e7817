//! One base URL in place of another, by place: in `Location`, `Content-Location` and `Link`, in `location` and `$ref` (RFC 7643 sections
//! 3.1, 2.4).
//!
//! It never replaces text blindly: a user whose `displayName` is a URL keeps it. Used from the upstream's base to our own,
//! and between a base and the `{base}` of a fixture.

use super::Body;
use super::token::{Kind, Token, Tokens, opens_json};
use serde_json::Value;
use std::borrow::Cow;

/// What stands for the base URL in a fixture.
pub const PLACEHOLDER: &str = "{base}";

/// The URL under `to` that `text` is under `from`; `None` when `text` is not `from` or below it.
/// Scheme and host are compared without case, and a default port is the same as none.
pub fn rewrite_url(text: &str, from: &str, to: &str) -> Option<String> {
    let rest = below(text, from.trim_end_matches('/'))?;
    (rest.is_empty() || rest.starts_with(['/', '?', '#']))
        .then(|| format!("{}{rest}", to.trim_end_matches('/')))
}

/// Rewrites every `location` and `$ref` in a JSON body, at any depth, and the `value` of a PATCH operation whose path ends
/// in one of them. True when anything changed.
pub fn rewrite_json(value: &mut Value, from: &str, to: &str) -> bool {
    match value {
        Value::Array(items) => items.iter_mut().fold(false, |changed, item| {
            rewrite_json(item, from, to) | changed
        }),
        Value::Object(members) => {
            let operation_on_url = members
                .get("path")
                .and_then(Value::as_str)
                .is_some_and(leads_to_url);
            members.iter_mut().fold(false, |changed, (name, member)| {
                let names_url = is_url_attribute(name)
                    || operation_on_url && name.eq_ignore_ascii_case("value");
                let here = match member {
                    Value::String(text) if names_url => match rewrite_url(text, from, to) {
                        Some(url) => {
                            *text = url;
                            true
                        }
                        None => false,
                    },
                    _ => rewrite_json(member, from, to),
                };
                here | changed
            })
        }
        _ => false,
    }
}

/// Rewrites a body that is JSON, also one that is kept as text because JSON values could not hold it, and what is kept of one that was
/// cut. Other bodies have no place where a URL is known to stand.
pub fn rewrite_body(body: &mut Body, from: &str, to: &str) -> bool {
    match body {
        Body::Json(value) => rewrite_json(value, from, to),
        Body::Text(text) => match rewrite_text(text, from, to) {
            Some(new) => {
                *text = new;
                true
            }
            None => false,
        },
        Body::Cut { kept } => {
            let text = kept.utf8_chunks().next().map_or("", |chunk| chunk.valid());
            match rewrite_text(text, from, to) {
                Some(new) => {
                    *kept = [new.as_bytes(), &kept[text.len()..]].concat().into();
                    true
                }
                None => false,
            }
        }
        Body::Empty | Body::Binary(_) => false,
    }
}

/// Rewrites the text of JSON in the same places; every other byte stays as it is. `None` when no URL was rewritten.
pub fn rewrite_text(text: &str, from: &str, to: &str) -> Option<String> {
    if !opens_json(text) {
        return None;
    }
    let url = |token: Token| -> Option<(Token, String)> {
        let moved = rewrite_url(&string(&text[token.start..token.end])?, from, to)?;
        Some((token, Value::from(moved).to_string()))
    };
    let mut moved = Vec::new();
    let mut open: Vec<Object> = Vec::new();
    let mut before: [Option<Token>; 2] = [None; 2];
    for token in Tokens::new(text.as_bytes()) {
        match token.kind {
            Kind::Mark(b'{') => open.push(Object::default()),
            Kind::Mark(b'}') => {
                let object = open.pop().filter(|object| object.is_operation_on_url);
                moved.extend(object.and_then(|object| object.value).and_then(url));
            }
            Kind::String
                if let [Some(name), Some(colon)] = before
                    && colon.kind == Kind::Mark(b':')
                    && let Some(name) = string(&text[name.start..name.end]) =>
            {
                if is_url_attribute(&name) {
                    moved.extend(url(token));
                } else if let Some(object) = open.last_mut() {
                    if name == "path" {
                        let path = string(&text[token.start..token.end]);
                        object.is_operation_on_url = path.is_some_and(|path| leads_to_url(&path));
                    } else if name.eq_ignore_ascii_case("value") {
                        object.value = Some(token);
                    }
                }
            }
            _ => {}
        }
        before = [before[1], Some(token)];
    }
    if moved.is_empty() {
        return None;
    }
    // A value is known to be a URL at the end of its operation.
    moved.sort_by_key(|(token, _)| token.start);
    let mut new = String::with_capacity(text.len());
    let mut copied = 0;
    for (token, url) in moved {
        new.push_str(&text[copied..token.start]);
        new.push_str(&url);
        copied = token.end;
    }
    new.push_str(&text[copied..]);
    Some(new)
}

/// An object in the text of JSON that has not ended.
#[derive(Default)]
struct Object {
    /// It is an operation of PATCH whose path ends in an attribute that is a URL.
    is_operation_on_url: bool,
    /// The string that is its `value`.
    value: Option<Token>,
}

/// What a string literal says; `None` when it is none.
fn string(literal: &str) -> Option<Cow<'_, str>> {
    if literal.contains('\\') {
        return serde_json::from_str(literal).ok().map(Cow::Owned);
    }
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    Some(Cow::Borrowed(inner))
}

/// Rewrites `Location`, `Content-Location` and `Link`.
pub fn rewrite_headers(headers: &mut [(String, String)], from: &str, to: &str) -> bool {
    let mut changed = false;
    for (name, value) in headers {
        if let Some(new) = rewrite_header(name, value, from, to) {
            *value = new;
            changed = true;
        }
    }
    changed
}

/// The value of the header field `name` with its URLs rewritten; `None` when there is none to rewrite.
pub fn rewrite_header(name: &str, value: &str, from: &str, to: &str) -> Option<String> {
    edit_header(name, value, &mut |url| rewrite_reference(url, from, to))
}

/// The value of the header field `name` with each of its URLs as `edit` has it; `None` when it holds no URL or `edit` leaves all as they are.
pub fn edit_header(
    name: &str,
    value: &str,
    edit: &mut dyn FnMut(&str) -> Option<String>,
) -> Option<String> {
    if name.eq_ignore_ascii_case("location") || name.eq_ignore_ascii_case("content-location") {
        edit(value)
    } else if name.eq_ignore_ascii_case("link") {
        edit_links(value, edit)
    } else {
        None
    }
}

/// Whether a header field holds URLs of the service provider.
pub fn is_url_header(name: &str) -> bool {
    ["location", "content-location", "link"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

/// The links of RFC 8288 section 3: a reference in angle brackets each, and parameters, whose strings may hold any character.
fn edit_links(value: &str, edit: &mut dyn FnMut(&str) -> Option<String>) -> Option<String> {
    let mut new = String::new();
    let (mut copied, mut at) = (0, 0);
    let (mut is_quoted, bytes) = (false, value.as_bytes());
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if is_quoted => at += 1,
            b'"' => is_quoted = !is_quoted,
            b'<' if !is_quoted => {
                let end = at + value[at..].find('>')?;
                if let Some(moved) = edit(&value[at + 1..end]) {
                    new.push_str(&value[copied..=at]);
                    new.push_str(&moved);
                    copied = end;
                }
                at = end;
            }
            _ => {}
        }
        at += 1;
    }
    (copied > 0).then(|| new + &value[copied..])
}

/// Like [`rewrite_url`], for what may also be a path without a host, which the client resolves against the URL it asked (RFC 9110
/// section 10.2.2).
fn rewrite_reference(value: &str, from: &str, to: &str) -> Option<String> {
    rewrite_url(value, from, to).or_else(|| {
        let path = Url::split(from)?.path.trim_end_matches('/');
        (!path.is_empty() && value.starts_with('/'))
            .then(|| rewrite_url(value, path, to))
            .flatten()
    })
}

/// The part of a request's path below the path of `base`, beginning with `/`; `None` outside of it.
pub fn relative_path<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    let base_path = Url::split(base).map_or(base, |url| url.path);
    match path.strip_prefix(base_path.trim_end_matches('/'))? {
        "" => Some("/"),
        rest if rest.starts_with('/') => Some(rest),
        _ => None,
    }
}

/// Whether the path of a PATCH operation ends in an attribute that is a URL.
fn leads_to_url(path: &str) -> bool {
    path.rsplit(['.', ':']).next().is_some_and(is_url_attribute)
}

fn is_url_attribute(name: &str) -> bool {
    name.eq_ignore_ascii_case("location") || name.eq_ignore_ascii_case("$ref")
}

fn below<'t>(text: &'t str, from: &str) -> Option<&'t str> {
    let Some(base) = Url::split(from) else {
        return text.strip_prefix(from);
    };
    let url = Url::split(text)?;
    let same_place = url.scheme.eq_ignore_ascii_case(base.scheme)
        && url.host.eq_ignore_ascii_case(base.host)
        && url.port() == base.port();
    same_place
        .then(|| url.path.strip_prefix(base.path))
        .flatten()
}

/// An absolute URL in its parts; `path` is everything behind the authority.
struct Url<'t> {
    scheme: &'t str,
    host: &'t str,
    written_port: &'t str,
    path: &'t str,
}

impl<'t> Url<'t> {
    fn split(text: &'t str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        if !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return None;
        }
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        // The colons of an IPv6 address stand within brackets.
        let port_colon = authority
            .rfind(':')
            .filter(|colon| authority.rfind(']').is_none_or(|bracket| bracket < *colon));
        let (host, written_port) = match port_colon {
            Some(colon) => (&authority[..colon], &authority[colon + 1..]),
            None => (authority, ""),
        };
        Some(Self {
            scheme,
            host,
            written_port,
            path,
        })
    }

    fn port(&self) -> &str {
        match self.written_port {
            "" if self.scheme.eq_ignore_ascii_case("https") => "443",
            "" if self.scheme.eq_ignore_ascii_case("http") => "80",
            written => written,
        }
    }
}
