//! Persons in text that no schema describes: the detail of an error, a filter that cannot be read, JSON that is broken.

use super::pseudonym::{Pseudonyms, kept};
use crate::exchange::token::{Kind, Tokens};
use crate::exchange::walk::Schemas;
use crate::scim::comparison::Comparison;
use crate::scim::filter::Operator;
use serde_json::Value;
use std::collections::HashSet;

/// Which words of a text are replaced, beside mail addresses.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Words {
    /// Those of persons that were met before.
    Met,
    /// These, and all in quotes that are not the protocol's.
    Quoted,
    /// All that are not the protocol's.
    Unknown,
}

/// Words of the protocol beside the names of attributes and types.
const PROTOCOL: [&str; 44] = [
    "add",
    "and",
    "application",
    "ascending",
    "attribute",
    "body",
    "boolean",
    "bulk",
    "bulkid",
    "complex",
    "content",
    "core",
    "count",
    "cursor",
    "datetime",
    "delete",
    "descending",
    "etag",
    "extension",
    "false",
    "filter",
    "get",
    "http",
    "https",
    "ietf",
    "json",
    "message",
    "not",
    "null",
    "operations",
    "or",
    "params",
    "patch",
    "path",
    "post",
    "put",
    "remove",
    "replace",
    "resources",
    "schemas",
    "scim",
    "string",
    "true",
    "urn",
];

/// The text without the persons in it.
pub(super) fn replaced(
    text: &str,
    words: Words,
    schemas: &Schemas,
    pseudonyms: &Pseudonyms,
    met: &HashSet<String>,
) -> String {
    let is_protocol = |word: &str| {
        PROTOCOL.iter().any(|it| it.eq_ignore_ascii_case(word))
            || word.eq_ignore_ascii_case("pr")
            || Operator::ALL
                .iter()
                .any(|(name, _)| name.eq_ignore_ascii_case(word))
            || schemas.by_name(word).is_some()
            || schemas.by_endpoint(word).is_some()
            || schemas.is_name(word)
    };
    let was_met = |word: &str| {
        word.chars().count() > 2
            && !is_protocol(word)
            && met.contains(Comparison::Caseless.key(word).as_ref())
    };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let quote = rest
            .find(['"', '\'', '`'])
            .filter(|_| words == Words::Quoted);
        let plain = &rest[..quote.unwrap_or(rest.len())];
        let all = words == Words::Unknown;
        out.push_str(&pseudonyms.words(plain, Comparison::Caseless, &mut |word| {
            was_met(word) || all && !is_protocol(word)
        }));
        let Some(start) = quote else { break };
        let mark = &rest[start..=start];
        let inner = &rest[start + 1..];
        let end = inner.find(mark);
        let quoted = &inner[..end.unwrap_or(inner.len())];
        // An apostrophe within a word opens nothing.
        let is_apostrophe = mark == "'" && plain.ends_with(char::is_alphanumeric);
        out.push_str(mark);
        if is_apostrophe {
            rest = inner;
            continue;
        }
        out.push_str(
            &pseudonyms.words(quoted, Comparison::Caseless, &mut |word| {
                let is_count = word.len() < 5 && word.bytes().all(|byte| byte.is_ascii_digit());
                !is_count && !is_protocol(word)
            }),
        );
        match end {
            Some(end) => {
                out.push_str(mark);
                rest = &inner[end + 1..];
            }
            None => break,
        }
    }
    out
}

/// Members that give a message its shape.
pub(super) fn is_shape(name: &str) -> bool {
    const SHAPES: [&str; 14] = [
        "",
        "created",
        "itemsPerPage",
        "lastModified",
        "location",
        "method",
        "op",
        "path",
        "primary",
        "resourceType",
        "schemas",
        "totalResults",
        "type",
        "version",
    ];
    SHAPES.iter().any(|it| it.eq_ignore_ascii_case(name))
}

/// Shows each scalar of a text that opens as JSON with the name before it, and puts back what it becomes.
pub(super) fn each_value(text: &mut String, mut edit: impl FnMut(&str, &mut Value)) {
    let tokens: Vec<_> = Tokens::new(text.as_bytes()).collect();
    let mut out = String::new();
    let mut copied = 0;
    let mut name = String::new();
    let mut placeholder_end = 0;
    for (at, token) in tokens.iter().enumerate() {
        if let Some(length) = kept(&text[token.start..]) {
            placeholder_end = token.start + length;
        }
        if matches!(token.kind, Kind::Mark(_)) || token.start < placeholder_end {
            continue;
        }
        let written = &text[token.start..token.end];
        let is_name = tokens
            .get(at + 1)
            .is_some_and(|next| next.kind == Kind::Mark(b':'));
        if is_name {
            written.trim_matches('"').clone_into(&mut name);
            continue;
        }
        // A string that was cut is as good as one that ends there.
        let whole = serde_json::from_str::<Value>(written);
        let cut =
            || serde_json::from_str::<Value>(&format!("{}\"", written.trim_end_matches('\\')));
        let Ok(mut value) = whole.or_else(|_| cut()) else {
            continue;
        };
        let before = value.clone();
        edit(&name, &mut value);
        if value != before {
            out.push_str(&text[copied..token.start]);
            out.push_str(&value.to_string());
            copied = token.end;
        }
    }
    out.push_str(&text[copied..]);
    *text = out;
}
