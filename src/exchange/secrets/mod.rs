//! Secrets are replaced in an exchange before anything of it is written; the live traffic is never touched.
//!
//! A secret is what a name announces (`names`), what a SCIM path or filter assigns to such a name (RFC 7644 sections 3.5.2 and
//! 3.4.2.2), a JSON Web Token wherever it stands (RFC 7519), and a credential that comes back elsewhere in the same exchange,
//! as in the detail of an error. The replacement keeps the kind: `Bearer {secret}`. Replacing twice changes nothing more, and
//! replay does to incoming requests what was done to recorded ones, so that both still match.
//!
//! It does not look into content codings, and it replaces no people: that is not what is always done.

mod json;
mod names;
mod text;

use super::{Body, Exchange, Request, Response};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use std::borrow::Cow;

/// What stands where a secret stood.
pub const SECRET: &str = "{secret}";

/// Replaces the secrets of a request and of its answer.
pub fn replace(exchange: &mut Exchange) {
    let known = replace_in_request(&mut exchange.request);
    replace_in_response(&mut exchange.response, known);
}

/// Replaces the secrets of a request, and gives back what they were, to be looked for in its answer.
pub fn replace_in_request(request: &mut Request) -> Known {
    let mut known = Known::default();
    replace_in_headers(&mut request.headers, &mut known);
    for (name, value) in &mut request.query {
        if names::is_secret(name) {
            known.take(value);
        } else {
            text::replace(value, &mut known);
        }
    }
    text::replace(&mut request.path, &mut known);
    let is_form = is_form(request.content_type());
    replace_in_body(&mut request.body, is_form, &mut known);
    if !known.values.is_empty() {
        known.blot(&mut request.path);
        for (_, value) in request.headers.iter_mut().chain(&mut request.query) {
            known.blot(value);
        }
        known.blot_body(&mut request.body);
    }
    known
}

fn replace_in_response(response: &mut Response, mut known: Known) {
    replace_in_headers(&mut response.headers, &mut known);
    let is_form = is_form(response.content_type());
    replace_in_body(&mut response.body, is_form, &mut known);
    if !known.values.is_empty() {
        for (_, value) in &mut response.headers {
            known.blot(value);
        }
        known.blot_body(&mut response.body);
    }
}

fn replace_in_headers(headers: &mut [(String, String)], known: &mut Known) {
    for (name, value) in headers {
        match name.to_ascii_lowercase().as_str() {
            "cookie" => replace_in_pairs(value, "; ", known, |_| true),
            // What follows the first pair are attributes that the service provider writes for everyone to read.
            "set-cookie" => {
                let end = value.find(';').unwrap_or(value.len());
                let mut pair = value[..end].to_owned();
                replace_in_pairs(&mut pair, ";", known, |_| true);
                value.replace_range(..end, &pair);
            }
            name if names::is_secret(name) => known.take(value),
            _ => text::replace(value, known),
        }
    }
}

/// Replaces the values of `name=value` pairs whose name is secret, and all of what is no pair where every name is.
fn replace_in_pairs(
    text: &mut String,
    separator: &str,
    known: &mut Known,
    is_secret: impl Fn(&str) -> bool,
) {
    let pairs: Vec<_> = text
        .split(separator)
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or(("", pair));
            if !is_secret(name) {
                return Cow::Borrowed(pair);
            }
            let mut value = value.to_owned();
            known.take(&mut value);
            Cow::Owned(if name.is_empty() {
                value
            } else {
                format!("{name}={value}")
            })
        })
        .collect();
    *text = pairs.join(separator);
}

fn replace_in_body(body: &mut Body, is_form: bool, known: &mut Known) {
    match body {
        Body::Empty => {}
        Body::Json(value) => json::replace(value, known),
        Body::Text(form) if is_form => {
            replace_in_pairs(form, "&", known, |name| {
                names::is_secret(
                    &form_urlencoded::parse(name.as_bytes())
                        .map(|(name, _)| name)
                        .collect::<String>(),
                )
            });
            text::replace(form, known);
        }
        Body::Text(text) => text::replace_in_document(text, known),
        Body::Binary(bytes) | Body::Cut { kept: bytes } => {
            in_latin_1(bytes, |text| text::replace_in_document(text, known));
        }
    }
}

/// Edits bytes as text: every byte is one character of ISO 8859-1, so that what is not edited stays as it is.
fn in_latin_1(bytes: &mut Bytes, edit: impl FnOnce(&mut String)) {
    let mut text: String = bytes.iter().map(|&byte| char::from(byte)).collect();
    edit(&mut text);
    *bytes = text
        .chars()
        .map(|character| {
            u8::try_from(character)
                .expect("all of it was ISO 8859-1, and so is what it was edited to")
        })
        .collect::<Vec<_>>()
        .into();
}

fn is_form(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|value| {
        let media = value.split(';').next().unwrap_or_default().trim();
        media.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    })
}

/// The secrets that were found in an exchange, to be looked for in the rest of it.
#[derive(Default)]
pub struct Known {
    values: Vec<String>,
}

impl Known {
    /// Replaces a secret and remembers it. The scheme of a credential stays.
    fn take(&mut self, value: &mut String) {
        if value.is_empty() || value.ends_with(SECRET) {
            return;
        }
        let scheme = value
            .split_once(' ')
            .filter(|(scheme, _)| scheme.bytes().all(|byte| byte.is_ascii_alphabetic()))
            .filter(|(scheme, _)| {
                ["Basic", "Bearer", "Digest", "DPoP", "Negotiate", "Token"]
                    .iter()
                    .any(|known| known.eq_ignore_ascii_case(scheme))
            });
        let replacement = scheme.map_or_else(
            || SECRET.to_owned(),
            |(scheme, _)| format!("{scheme} {SECRET}"),
        );
        let secret = scheme
            .map_or(value.as_str(), |(_, secret)| secret.trim())
            .to_owned();
        if scheme.is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
            && let Some(password) = basic_password(&secret)
        {
            self.remember(password);
        }
        self.remember(secret);
        *value = replacement;
    }

    /// A short secret, or one that is a word, may stand anywhere by chance: it is not looked for.
    fn remember(&mut self, secret: String) {
        let is_word = secret.bytes().all(|byte| byte.is_ascii_alphabetic());
        if secret.len() >= 8
            && !is_word
            && !secret.contains(SECRET)
            && !self.values.contains(&secret)
        {
            self.values.push(secret);
        }
    }

    fn blot(&self, text: &mut String) {
        for secret in &self.values {
            // Most texts are shorter than most secrets.
            if text.len() >= secret.len() && text.contains(secret.as_str()) {
                *text = text.replace(secret.as_str(), SECRET);
            }
        }
    }

    fn blot_body(&self, body: &mut Body) {
        match body {
            Body::Empty => {}
            Body::Json(value) => json::each_string(value, &mut |text| self.blot(text)),
            Body::Text(text) => self.blot(text),
            Body::Binary(bytes) | Body::Cut { kept: bytes } => {
                in_latin_1(bytes, |text| self.blot(text));
            }
        }
    }
}

fn basic_password(credentials: &str) -> Option<String> {
    let decoded = BASE64_STANDARD.decode(credentials).ok()?;
    let decoded = String::from_utf8(decoded).ok()?;
    decoded
        .split_once(':')
        .map(|(_, password)| password.to_owned())
}
