//! One base URL in place of another, by place: in `Location`, `Content-Location`, `location` and `$ref` (RFC 7643 sections 3.1, 2.4).
//!
//! It never replaces text blindly: a user whose `displayName` is a URL keeps it. Used from the upstream's base to our own,
//! and between a base and the `{base}` of a fixture.

use super::Body;
use super::token::{Kind, Token, Tokens, opens_json};
use serde_json::Value;

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
                .and_then(|path| path.rsplit(['.', ':']).next())
                .is_some_and(is_url_attribute);
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

/// Rewrites a body that is JSON, also one that is kept as text because JSON values could not hold it. Other bodies have no
/// place where a URL is known to stand.
pub fn rewrite_body(body: &mut Body, from: &str, to: &str) -> bool {
    match body {
        Body::Json(value) => rewrite_json(value, from, to),
        Body::Text(text) => rewrite_text(text, from, to).is_some_and(|new| {
            *text = new;
            true
        }),
        _ => false,
    }
}

/// Rewrites the values of `location` and `$ref` in the text of JSON; every other byte stays as it is.
fn rewrite_text(text: &str, from: &str, to: &str) -> Option<String> {
    let mut new = String::new();
    let mut copied = 0;
    let mut before: [Option<Token>; 2] = [None; 2];
    for token in opens_json(text)
        .then(|| Tokens::new(text.as_bytes()))
        .into_iter()
        .flatten()
    {
        let literal = &text[token.start..token.end];
        if let [Some(name), Some(colon)] = before
            && colon.kind == Kind::Mark(b':')
            && is_url_attribute(text[name.start..name.end].trim_matches('"'))
            && let Ok(url) = serde_json::from_str::<String>(literal)
            && let Some(moved) = rewrite_url(&url, from, to)
        {
            new.push_str(&text[copied..token.start]);
            new.push_str(&Value::from(moved).to_string());
            copied = token.end;
        }
        before = [before[1], Some(token)];
    }
    (copied > 0).then(|| new + &text[copied..])
}

/// Rewrites `Location` and `Content-Location`. They may also be a path without a host, which the client resolves against
/// the URL it asked (RFC 9110 section 10.2.2).
pub fn rewrite_headers(headers: &mut [(String, String)], from: &str, to: &str) -> bool {
    let mut changed = false;
    for (name, value) in headers {
        if is_url_header(name)
            && let Some(url) = rewrite_header(value, from, to)
        {
            *value = url;
            changed = true;
        }
    }
    changed
}

/// Whether a header field holds a URL of the provider.
pub fn is_url_header(name: &str) -> bool {
    name.eq_ignore_ascii_case("location") || name.eq_ignore_ascii_case("content-location")
}

/// Like [`rewrite_url`], for the value of a header, which may be a path without a host.
pub fn rewrite_header(value: &str, from: &str, to: &str) -> Option<String> {
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
