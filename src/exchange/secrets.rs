//! Secrets are replaced before anything is written, and in an incoming request before it is compared with what was written.
//!
//! What is known by its name (headers, JSON members, PATCH paths, parameters, filter comparisons) and what is known by its
//! shape (JSON Web Tokens). A secret that has neither, such as one within a `displayName`, is not found.

use super::{Body, Exchange, Request, Response};
use bytes::Bytes;
use serde_json::Value;
use std::borrow::Cow;

/// What stands for a secret.
pub const SECRET: &str = "{secret}";

/// Names of members, parameters and headers, in lower case and without punctuation.
const NAMES: [&str; 19] = [
    "accesstoken",
    "apikey",
    "apitoken",
    "assertion",
    "authorization",
    "authtoken",
    "bearertoken",
    "clientassertion",
    "cookie",
    "idtoken",
    "passphrase",
    "passwd",
    "privatekey",
    "proxyauthorization",
    "pwd",
    "refreshtoken",
    "samlresponse",
    "setcookie",
    "token",
];
/// `currentPassword`, `client_secret`, `x-api-key`, `X-Okta-Auth-Token`.
const ENDINGS: [&str; 6] = [
    "password",
    "secret",
    "apikey",
    "authtoken",
    "accesstoken",
    "sessiontoken",
];

/// Replaces every secret in both halves.
pub fn replace(exchange: &mut Exchange) {
    replace_in_request(&mut exchange.request);
    replace_in_response(&mut exchange.response);
}

/// Replaces every secret in a request.
pub fn replace_in_request(request: &mut Request) {
    let form = is_form(request.content_type());
    replace_in_headers(&mut request.headers);
    update(&mut request.path, in_string);
    for (name, value) in &mut request.query {
        if is_secret(name) {
            SECRET.clone_into(value);
        } else {
            update(value, in_string);
            update(value, in_filter);
        }
    }
    replace_in_body(&mut request.body, form);
}

/// Replaces every secret in a response.
pub fn replace_in_response(response: &mut Response) {
    let form = is_form(response.content_type());
    replace_in_headers(&mut response.headers);
    replace_in_body(&mut response.body, form);
}

/// Whether a header, member or parameter of this name holds a secret. A name may be qualified by its schema's URN.
pub fn is_secret(name: &str) -> bool {
    let last = name.rsplit([':', '.']).next().unwrap_or(name);
    let folded: String = last
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    NAMES.contains(&folded.as_str()) || ENDINGS.iter().any(|ending| folded.ends_with(ending))
}

fn replace_in_headers(headers: &mut [(String, String)]) {
    for (name, value) in headers {
        if !is_secret(name) {
            update(value, in_string);
            continue;
        }
        // The scheme says how the client authenticated and is no secret (RFC 9110 section 11.4).
        let keeps_scheme = name.to_ascii_lowercase().ends_with("authorization");
        *value = match value.split_once(' ') {
            Some((scheme, _)) if keeps_scheme => format!("{scheme} {SECRET}"),
            _ => SECRET.to_owned(),
        };
    }
}

fn replace_in_body(body: &mut Body, form: bool) {
    match body {
        Body::Empty => {}
        Body::Json(value) => in_json(value, false),
        Body::Text(text) if form => update(text, in_parameters),
        Body::Text(text) => update(text, in_broken_json),
        Body::Binary(bytes) | Body::Cut { kept: bytes } => {
            // Not UTF-8, or cut within a character: the rest is readable, and a secret in it must not stay.
            let text = String::from_utf8_lossy(bytes);
            let replaced = if form {
                in_parameters(&text)
            } else {
                in_broken_json(&text)
            };
            if let Cow::Owned(replaced) = replaced {
                *bytes = Bytes::from(replaced);
            }
        }
    }
}

/// `hidden`: the value belongs to a secret name, so every string and number in it is one. A boolean or null is none.
fn in_json(value: &mut Value, hidden: bool) {
    match value {
        Value::String(_) | Value::Number(_) if hidden => *value = SECRET.into(),
        Value::String(text) => update(text, in_string),
        Value::Array(items) => items.iter_mut().for_each(|item| in_json(item, hidden)),
        Value::Object(members) => {
            let path = members.get("path").or_else(|| members.get("Path"));
            let operation_on_secret = path.and_then(Value::as_str).is_some_and(is_secret);
            for (name, member) in members.iter_mut() {
                let value_of_operation = operation_on_secret && name.eq_ignore_ascii_case("value");
                in_json(member, hidden || value_of_operation || is_secret(name));
                if let Value::String(text) = member
                    && (name.eq_ignore_ascii_case("filter") || name.eq_ignore_ascii_case("path"))
                {
                    update(text, in_filter);
                }
            }
        }
        _ => {}
    }
}

fn update(text: &mut String, replaced: impl Fn(&str) -> Cow<'_, str>) {
    if let Cow::Owned(new) = replaced(text) {
        *text = new;
    }
}

/// What can be told without a name around it: JSON Web Tokens, and the parameters of a URL.
fn in_string(text: &str) -> Cow<'_, str> {
    let Some(query) = text.find('?').map(|mark| mark + 1) else {
        return without_tokens(text);
    };
    let end = text[query..]
        .find('#')
        .map_or(text.len(), |hash| query + hash);
    match in_parameters(&text[query..end]) {
        Cow::Borrowed(_) => without_tokens(text),
        Cow::Owned(new) => {
            let text = format!("{}{new}{}", &text[..query], &text[end..]);
            Cow::Owned(without_tokens(&text).into_owned())
        }
    }
}

/// `a=1&client_secret=x`, in a form body (RFC 6749 section 4.4.2) or a URL. Pairs without a secret stay as they are written.
fn in_parameters(text: &str) -> Cow<'_, str> {
    let mut changed = false;
    let pairs: Vec<Cow<'_, str>> = text
        .split('&')
        .map(|pair| {
            let Some((written, _)) = pair.split_once('=') else {
                return Cow::Borrowed(pair);
            };
            let Some((name, value)) = form_urlencoded::parse(pair.as_bytes()).next() else {
                return Cow::Borrowed(pair);
            };
            let replaced = if is_secret(&name) {
                SECRET.to_owned()
            } else {
                let mut replaced = value.clone().into_owned();
                update(&mut replaced, without_tokens);
                update(&mut replaced, in_filter);
                if replaced == value {
                    return Cow::Borrowed(pair);
                }
                form_urlencoded::byte_serialize(replaced.as_bytes()).collect()
            };
            changed = true;
            Cow::Owned(format!("{written}={replaced}"))
        })
        .collect();
    if changed {
        Cow::Owned(pairs.join("&"))
    } else {
        Cow::Borrowed(text)
    }
}

/// `password eq "x"` in a filter or a value path.
fn in_filter(text: &str) -> Cow<'_, str> {
    let mut new = String::new();
    let mut rest = text;
    let mut changed = false;
    while let Some(quote) = rest.find('"') {
        let (before, literal) = rest.split_at(quote + 1);
        let length = end_of_string(literal);
        let mut words = before[..quote].split_whitespace().rev();
        let _operator = words.next();
        let attribute = words.next().unwrap_or_default().rsplit(['(', '[']).next();
        new.push_str(before);
        if attribute.is_some_and(is_secret) {
            changed = true;
            new.push_str(SECRET);
        } else {
            new.push_str(&literal[..length]);
        }
        // The closing quote, so that it does not open the next literal.
        let closed = literal.len().min(length + 1);
        new.push_str(&literal[length..closed]);
        rest = &literal[closed..];
    }
    new.push_str(rest);
    if changed {
        Cow::Owned(new)
    } else {
        Cow::Borrowed(text)
    }
}

/// JSON that does not parse or was cut off: `"name": "value"` where the name is a secret's, as far as it can be seen.
/// If a PATCH path in it names a secret, every `value` counts as one.
fn in_broken_json(text: &str) -> Cow<'_, str> {
    let operation_on_secret = members(text).any(|(name, value)| {
        name.eq_ignore_ascii_case("path") && is_secret(text[value].trim_matches('"'))
    });
    let mut new = String::new();
    let mut copied = 0;
    for (name, value) in members(text) {
        let value_of_operation = operation_on_secret && name.eq_ignore_ascii_case("value");
        let literal = &text[value.clone()];
        if (is_secret(name) || value_of_operation)
            && !matches!(literal, "true" | "false" | "null" | "")
        {
            new.push_str(&text[copied..value.start]);
            new.push('"');
            new.push_str(SECRET);
            new.push('"');
            copied = value.end;
        }
    }
    new.push_str(&text[copied..]);
    match without_tokens(&new) {
        Cow::Borrowed(_) if new == text => Cow::Borrowed(text),
        new => Cow::Owned(new.into_owned()),
    }
}

/// The members of something like JSON: each name, and where its scalar (or the first scalar of its array) stands.
fn members(text: &str) -> impl Iterator<Item = (&str, std::ops::Range<usize>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let start = at + text[at..].find('"')? + 1;
            let name_end = start + end_of_string(&text[start..]);
            at = (name_end + 1).min(text.len());
            let Some(after_colon) = text[at..].trim_start().strip_prefix(':') else {
                continue;
            };
            let after = after_colon.trim_start_matches([' ', '\t', '\r', '\n', '[']);
            let value = text.len() - after.len();
            let length = match after.strip_prefix('"') {
                Some(string) => (end_of_string(string) + 2).min(after.len()),
                None => after
                    .find([',', '}', ']', '{', '"', ' ', '\r', '\n'])
                    .unwrap_or(after.len()),
            };
            at = value + length;
            return Some((&text[start..name_end], value..at));
        }
    })
}

/// How many bytes before the quote that ends this string, or all of them when it does not end.
fn end_of_string(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '"' if !escaped => return at,
            letter => escaped = letter == '\\' && !escaped,
        }
    }
    text.len()
}

/// JSON Web Tokens (RFC 7519 section 3): a header that begins with `{"`, then one or more parts.
fn without_tokens(text: &str) -> Cow<'_, str> {
    const START: &str = "eyJ";
    let in_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_';
    let mut new = String::new();
    let mut copied = 0;
    let mut at = 0;
    while let Some(found) = text[at..].find(START).map(|offset| at + offset) {
        let run = text[found..]
            .find(|letter| letter != '.' && !in_part(letter))
            .map_or(text.len(), |length| found + length);
        let begins = !text[..found].ends_with(in_part);
        let parts = text[found..run]
            .split('.')
            .filter(|part| part.len() > 3)
            .count();
        if begins && parts >= 2 {
            new.push_str(&text[copied..found]);
            new.push_str(SECRET);
            copied = run;
        }
        at = run;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    new.push_str(&text[copied..]);
    Cow::Owned(new)
}

fn is_form(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|value| {
        value
            .to_ascii_lowercase()
            .starts_with("application/x-www-form-urlencoded")
    })
}
