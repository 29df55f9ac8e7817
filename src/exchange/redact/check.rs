//! What is left in a recording after its redaction, by search: what redaction would still change, what looks like a credential or a
//! mail address, plain or encoded, and values that are known to have been there.
//!
//! It says where, and of which kind; it never repeats the value.

use super::pseudonym::Pseudonyms;
use super::{Level, Redactor};
use crate::exchange::file;
use crate::exchange::token::{Kind, Tokens};
use base64::alphabet;
use base64::engine::{DecodePaddingMode, Engine, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// A value that should not be there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// Its line, from 1.
    pub line: usize,
    /// Its column in characters, from 1.
    pub column: usize,
    /// What it is, in words.
    pub kind: String,
}

impl Leak {
    fn at(text: &str, offset: usize, kind: impl Into<String>) -> Self {
        let before = &text[..offset];
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            kind: kind.into(),
        }
    }
}

/// What the redaction of an exchange would still change in its file.
///
/// # Errors
/// When the text is no exchange.
pub fn unredacted(text: &str, redactor: &Redactor) -> Result<Vec<Leak>, serde_json::Error> {
    let exchange = file::parse(text)?;
    let mut redacted = exchange.clone();
    let tally = redactor.exchange(&mut redacted);
    if redacted == exchange {
        return Ok(Vec::new());
    }
    let (before, after) = (file::print(&exchange), file::print(&redacted));
    let slices = |text: &'_ str| -> Vec<String> {
        Tokens::new(text.as_bytes())
            .map(|token| text[token.start..token.end].to_owned())
            .collect()
    };
    let (before, after) = (slices(&before), slices(&after));
    if before.len() != after.len() {
        let kinds: Vec<_> = tally.keys().copied().collect();
        return Ok(vec![Leak::at(text, 0, kinds.join(", "))]);
    }
    // The file may be laid out as somebody likes: the n-th such value there is the n-th here.
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut leaks = Vec::new();
    for (before, after) in before.iter().zip(&after) {
        let nth = seen.entry(before).or_default();
        if before != after {
            let at = nth_value(text, before, *nth).unwrap_or(0);
            leaks.push(Leak::at(text, at, kind_of(after)));
        }
        *nth += 1;
    }
    Ok(leaks)
}

fn nth_value(text: &str, written: &str, nth: usize) -> Option<usize> {
    let value: Value = serde_json::from_str(written).ok()?;
    Tokens::new(text.as_bytes())
        .filter(|token| !matches!(token.kind, Kind::Mark(_)))
        .filter(|token| {
            let other = serde_json::from_str::<Value>(&text[token.start..token.end]);
            other.is_ok_and(|other| other == value)
        })
        .nth(nth)
        .map(|token| token.start)
}

/// The kind of what was replaced, by what stands there now.
fn kind_of(after: &str) -> String {
    let kind = after
        .split_once("{secret:")
        .and_then(|(_, rest)| rest.split([':', '}']).next());
    match kind {
        Some("secret") => "secret".to_owned(),
        Some(kind) => format!("secret ({kind})"),
        None if after.contains("{secret") => "secret".to_owned(),
        None => "personal value".to_owned(),
    }
}

/// What looks like a credential or, where people were replaced, like a mail address of somebody, plain or encoded.
pub fn suspicious(text: &str, redactor: &Redactor) -> Vec<Leak> {
    let pii = redactor.level() == Level::Pii;
    let pseudonyms = Pseudonyms::new(redactor.key());
    let mails = pii.then_some(&pseudonyms);
    let mut leaks = BTreeSet::new();
    for (at, kind) in looks(text, mails) {
        leaks.insert(Leak::at(text, at, kind));
    }
    for (at, run) in runs(text, |c| c.is_ascii_alphanumeric() || b"+/=_-".contains(&c)) {
        for decoded in decoded(run) {
            if let Some((_, kind)) = looks(&decoded, mails).first() {
                leaks.insert(Leak::at(text, at, format!("{kind} in base64")));
            }
        }
    }
    for (at, run) in runs(text, |c| {
        !c.is_ascii_whitespace() && c != b'"' && c != b'\\'
    }) {
        if !run.contains('%') {
            continue;
        }
        let decoded = percent_decode_str(run).decode_utf8_lossy();
        if looks(run, mails).is_empty()
            && let Some((_, kind)) = looks(&decoded, mails).first()
        {
            leaks.insert(Leak::at(text, at, format!("{kind}, URL-encoded")));
        }
    }
    leaks.into_iter().collect()
}

/// Where something in a text looks like what should not be there.
fn looks(text: &str, mails: Option<&Pseudonyms>) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    found.extend(
        text.match_indices("-----BEGIN ")
            .map(|(at, _)| (at, "PEM block")),
    );
    let token = |c: u8| c.is_ascii_alphanumeric() || b"._-".contains(&c);
    for (at, run) in runs(text, token) {
        let jwt = run.find("eyJ").filter(|start| {
            run[*start..]
                .split_once('.')
                .is_some_and(|(head, rest)| head.len() >= 10 && !rest.is_empty())
        });
        found.extend(jwt.map(|start| (at + start, "JSON Web Token")));
    }
    let credential = |c: u8| c.is_ascii_alphanumeric() || b"._~+/=-".contains(&c);
    let lower = text.to_ascii_lowercase();
    for (scheme, kind) in [("bearer ", "bearer token"), ("basic ", "basic credentials")] {
        for (at, _) in lower.match_indices(scheme) {
            let rest = &text[at + scheme.len()..];
            let length = rest.bytes().take_while(|c| credential(*c)).count();
            let word = &rest[..length];
            // `Bearer realm="x"` is a challenge, and prose has no digits.
            let is_challenge = word.ends_with('=') && rest[length..].starts_with(['"', '\\']);
            let is_one = if scheme == "basic " {
                BASE64_STANDARD
                    .decode(word)
                    .is_ok_and(|it| it.contains(&b':'))
            } else {
                length >= 6 && word.bytes().any(|c| c.is_ascii_digit()) && !is_challenge
            };
            found.extend(is_one.then_some((at, kind)));
        }
    }
    if let Some(pseudonyms) = mails {
        found.extend(pseudonyms.real_mails(text).map(|at| (at, "mail address")));
    }
    found.sort_unstable();
    found
}

/// The runs of bytes of one sort, with their places.
fn runs(text: &str, of: impl Fn(u8) -> bool) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = text.as_bytes();
        let start = at + bytes[at..].iter().position(|c| of(*c))?;
        let length = bytes[start..].iter().position(|c| !of(*c));
        at = length.map_or(bytes.len(), |length| start + length);
        // Every sort is of ASCII, or ends at ASCII.
        Some((start, text.get(start..at).unwrap_or_default()))
    })
}

/// What a run of base64 may say, in either alphabet.
fn decoded(run: &str) -> Vec<String> {
    const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    if run.len() < 16 {
        return Vec::new();
    }
    let alphabets = [&alphabet::STANDARD, &alphabet::URL_SAFE];
    alphabets
        .into_iter()
        .filter_map(|alphabet| GeneralPurpose::new(alphabet, LENIENT).decode(run).ok())
        .filter_map(|bytes| String::from_utf8(bytes).ok())
        .collect()
}

/// Values that are known to have been there, in every form in which they are looked for.
#[derive(Debug, Default)]
pub struct Needles {
    /// Each form, folded, with what to call it.
    forms: BTreeSet<(String, &'static str)>,
    /// How many values are looked for.
    pub values: usize,
    /// How many are not: they are too short to mean anything.
    pub short: usize,
}

impl Needles {
    /// The shortest value that is looked for, in characters.
    pub const SHORTEST: usize = 3;

    /// One value a line; empty lines say nothing.
    pub fn of(lines: &str) -> Self {
        let mut needles = Self::default();
        for value in lines.lines().map(str::trim).filter(|it| !it.is_empty()) {
            if value.chars().count() < Self::SHORTEST {
                needles.short += 1;
            } else {
                needles.values += 1;
                needles.add(value);
            }
        }
        needles
    }

    fn add(&mut self, value: &str) {
        let escaped = Value::from(value).to_string();
        let ascii: String = escaped
            .chars()
            .map(|c| match c {
                c if c.is_ascii() => c.to_string(),
                c => c
                    .encode_utf16(&mut [0; 2])
                    .iter()
                    .fold(String::new(), |text, unit| format!("{text}\\u{unit:04x}")),
            })
            .collect();
        let mut form = |text: String, name| {
            self.forms.insert((text.to_lowercase(), name));
        };
        form(value.to_owned(), "a given value");
        for escaped in [&escaped, &ascii] {
            form(
                escaped[1..escaped.len() - 1].to_owned(),
                "a given value, escaped",
            );
        }
        let encoded = utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
        form(encoded.clone(), "a given value, URL-encoded");
        // What need not be encoded often is not.
        let kept = ["-", ".", "_", "~"];
        let lighter = kept.iter().fold(encoded, |text, mark| {
            text.replace(
                &utf8_percent_encode(mark, NON_ALPHANUMERIC).to_string(),
                mark,
            )
        });
        form(lighter.replace("%40", "@"), "a given value, URL-encoded");
        form(lighter.clone(), "a given value, URL-encoded");
        form(
            form_urlencoded::byte_serialize(value.as_bytes()).collect(),
            "a given value, URL-encoded",
        );
        for text in in_base64(value) {
            // Case matters in base64.
            self.forms.insert((text, "a given value in base64"));
        }
    }

    /// Where they are.
    pub fn find(&self, text: &str) -> Vec<Leak> {
        let folded = text.to_lowercase();
        // Places are those of the text only where folding keeps the length.
        let aligned = folded.len() == text.len();
        let mut leaks = BTreeSet::new();
        for (form, name) in &self.forms {
            let is_base64 = name.ends_with("base64");
            let within = if is_base64 { text } else { &folded };
            for (at, _) in within.match_indices(form.as_str()) {
                let counted = if is_base64 || aligned { text } else { &folded };
                leaks.insert(Leak::at(counted, at, *name));
            }
        }
        // One place, one leak: the plain form is often also the escaped one.
        let mut places = BTreeSet::new();
        leaks.retain(|leak| places.insert((leak.line, leak.column)));
        leaks.into_iter().collect()
    }
}

/// What of a value is the same whatever stands before and behind it, at the three ways in which bytes fall into base64.
fn in_base64(value: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for offset in 0..3_usize {
        let bytes = [&vec![0; offset][..], value.as_bytes()].concat();
        let whole = bytes.len() * 8 / 6;
        let start = (offset * 8).div_ceil(6);
        for engine in [&BASE64_STANDARD_NO_PAD, &BASE64_URL_SAFE_NO_PAD] {
            let text = engine.encode(&bytes);
            if let Some(form) = text.get(start..whole).filter(|it| it.len() >= 6) {
                forms.push(form.to_owned());
            }
        }
    }
    forms.dedup();
    forms
}
