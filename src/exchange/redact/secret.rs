//! Secrets by what they are named and by what they look like.
//!
//! A secret is what a name announces (`names`), what a SCIM path or filter assigns to such a name (RFC 7644 sections 3.5.2 and
//! 3.4.2.2), a JSON Web Token wherever it stands (RFC 7519), and a credential that comes back elsewhere in the same exchange,
//! as in the detail of an error. The scheme of a credential stays: `Bearer {secret:bearer:1a2b3c4d}`.
//!
//! It does not look into content codings, and it parses no filter and knows no schema.

use super::key::Key;
use super::placeholder::{self, Kind, placeholder};
use super::{json, names, text};
use crate::exchange::{Body, Request, Response};
use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use std::borrow::Cow;

/// Replaces the secrets of a request where they stand.
pub(super) fn in_request(request: &mut Request, known: &mut Known<'_>) {
    replace_in_headers(&mut request.headers, known);
    for (name, value) in &mut request.query {
        if names::is_secret(name) {
            known.take(names::kind(name), value);
        } else {
            text::replace(value, known);
        }
    }
    text::replace(&mut request.path, known);
    let is_form = is_form(request.content_type());
    replace_in_body(&mut request.body, is_form, known);
}

/// Replaces the secrets of an answer where they stand.
pub(super) fn in_response(response: &mut Response, known: &mut Known<'_>) {
    replace_in_headers(&mut response.headers, known);
    let is_form = is_form(response.content_type());
    replace_in_body(&mut response.body, is_form, known);
}

fn replace_in_headers(headers: &mut [(String, String)], known: &mut Known<'_>) {
    for (name, value) in headers {
        match name.to_ascii_lowercase().as_str() {
            "cookie" => replace_in_pairs(value, "; ", known, |_| Some(Kind::Cookie)),
            // What follows the first pair are attributes that the service provider writes for everyone to read.
            "set-cookie" => {
                let end = value.find(';').unwrap_or(value.len());
                let mut pair = value[..end].to_owned();
                replace_in_pairs(&mut pair, ";", known, |_| Some(Kind::Cookie));
                value.replace_range(..end, &pair);
            }
            name if names::is_secret(name) => known.take(names::kind(name), value),
            _ => text::replace(value, known),
        }
    }
}

/// Replaces the values of `name=value` pairs whose name is secret, and all of what is no pair where every name is.
fn replace_in_pairs(
    text: &mut String,
    separator: &str,
    known: &mut Known<'_>,
    kind: impl Fn(&str) -> Option<Kind>,
) {
    let pairs: Vec<_> = text
        .split(separator)
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or(("", pair));
            let Some(kind) = kind(name) else {
                return Cow::Borrowed(pair);
            };
            let mut value = value.to_owned();
            known.take(kind, &mut value);
            Cow::Owned(if name.is_empty() {
                value
            } else {
                format!("{name}={value}")
            })
        })
        .collect();
    *text = pairs.join(separator);
}

fn replace_in_body(body: &mut Body, is_form: bool, known: &mut Known<'_>) {
    match body {
        Body::Empty => {}
        Body::Json(value) => json::replace(value, known),
        Body::Text(form) if is_form => {
            replace_in_pairs(form, "&", known, |name| {
                let name: String = form_urlencoded::parse(name.as_bytes())
                    .map(|(name, _)| name)
                    .collect();
                names::is_secret(&name).then(|| names::kind(&name))
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
pub(super) struct Known<'k> {
    key: Option<&'k Key>,
    values: Vec<(String, Kind)>,
    /// How many of each kind were replaced.
    pub(super) taken: Vec<Kind>,
}

impl<'k> Known<'k> {
    pub(super) fn new(key: Option<&'k Key>) -> Self {
        Self {
            key,
            values: Vec::new(),
            taken: Vec::new(),
        }
    }

    /// Replaces a secret and remembers it. The scheme of a credential stays.
    pub(super) fn take(&mut self, kind: Kind, value: &mut String) {
        if value.is_empty() || placeholder::ends_in_one(value) {
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
        let secret = scheme
            .map_or(value.as_str(), |(_, secret)| secret.trim())
            .to_owned();
        let is = |name: &str| scheme.is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case(name));
        let kind = match kind {
            _ if is("Basic") => Kind::Basic,
            _ if is("Bearer") => Kind::Bearer,
            kind => kind,
        };
        let placeholder = placeholder(self.key, kind, &secret);
        let replacement = match scheme {
            Some((scheme, _)) => format!("{scheme} {placeholder}"),
            None => placeholder,
        };
        if kind == Kind::Basic
            && let Some(password) = basic_password(&secret)
        {
            self.remember(Kind::Password, password);
        }
        self.remember(kind, secret);
        self.taken.push(kind);
        *value = replacement;
    }

    /// A short secret, or one that is a word, may stand anywhere by chance: it is not looked for.
    fn remember(&mut self, kind: Kind, secret: String) {
        let is_word = secret.bytes().all(|byte| byte.is_ascii_alphabetic());
        if secret.len() >= 8
            && !is_word
            && !secret.contains("{secret")
            && !self.values.iter().any(|(value, _)| *value == secret)
        {
            self.values.push((secret, kind));
        }
    }

    /// Replaces what was found where it comes back in a request.
    pub(super) fn blot_request(&self, request: &mut Request) {
        if self.values.is_empty() {
            return;
        }
        self.blot(&mut request.path);
        for (_, value) in request.headers.iter_mut().chain(&mut request.query) {
            self.blot(value);
        }
        self.blot_body(&mut request.body);
    }

    /// The same in an answer.
    pub(super) fn blot_response(&self, response: &mut Response) {
        if self.values.is_empty() {
            return;
        }
        for (_, value) in &mut response.headers {
            self.blot(value);
        }
        self.blot_body(&mut response.body);
    }

    fn blot(&self, text: &mut String) {
        for (secret, kind) in &self.values {
            // Most texts are shorter than most secrets.
            if text.len() >= secret.len() && text.contains(secret.as_str()) {
                *text = text.replace(secret.as_str(), &placeholder(self.key, *kind, secret));
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
