//! Resources as a scenario lists them: JSON objects in it, or files beside it that hold many, as a JSON array or as one object a line.
//!
//! What a schema says of them is the directory's affair.

use super::Entry;
use super::diagnostic::Problem;
use super::json;
use super::node::{Field, Kind, Node};
use super::parser;
use super::reader::Reader;
use super::source::{Source, Span};
use super::texts::Texts;
use std::sync::Arc;

/// As deep as brackets may stand in one another in a scenario.
const MAX_DEPTH: usize = 128;

/// The resources that a node lists: itself the name of a file, or a list of objects and names of files.
pub(super) fn entries(
    reader: &mut Reader,
    node: &Node,
    write: &str,
    texts: &mut Texts,
) -> Vec<Entry> {
    let mut entries = Vec::new();
    if let Kind::Text(name) = &node.kind {
        file(reader, node, name, texts, &mut entries);
        return entries;
    }
    for item in reader.list(node, write) {
        match &item.kind {
            Kind::Json => {}
            // For what is wrong with it: the entry is read again when it is needed.
            Kind::Map(fields) => drop(reader.object(fields)),
            Kind::Text(name) => {
                file(reader, item, name, texts, &mut entries);
                continue;
            }
            _ => {
                reader.mismatch(
                    item,
                    "a resource as a JSON object, or the name of a file",
                    write,
                );
                continue;
            }
        }
        let source = texts.of(&item.span);
        entries.push(Entry::written(source, source.local(&item.span)));
    }
    entries
}

/// The resources of a file.
fn file(
    reader: &mut Reader,
    named: &Node,
    name: &str,
    texts: &mut Texts,
    entries: &mut Vec<Entry>,
) {
    let Some((path, text)) = texts.read_text(reader, named, name, "resources") else {
        return;
    };
    let source = texts.add(&path, text);
    let mut problems = Vec::new();
    // What Windows editors put at the start of a file is not JSON, and does no harm.
    let start = if source.text.starts_with('\u{feff}') {
        3
    } else {
        0
    };
    let spans = if source.text[start..].trim_start().starts_with('[') {
        array(&source, start, &mut problems)
    } else {
        lines(&source, start, &mut problems)
    };
    reader
        .problems
        .extend(problems.into_iter().map(|it| it.shifted(source.start)));
    entries.extend(spans.into_iter().map(|span| Entry::written(&source, span)));
}

/// The objects of a JSON array.
fn array(source: &Arc<Source>, start: usize, problems: &mut Vec<Problem>) -> Vec<Span> {
    if let Some(spans) = json::array(&source.text, start, MAX_DEPTH) {
        return spans;
    }
    let (node, found) = parser::parse_json(&source.text, start..source.text.len());
    let items: Vec<&Node> = node.children().collect();
    let spans = items
        .iter()
        .filter_map(|item| object(item, problems))
        .collect();
    problems.extend(found);
    if problems.is_empty() {
        not_json(source, start..source.text.len(), problems);
    }
    spans
}

/// The objects of a text that has one a line. An object that is spread over several is one too, as long as no other line of it
/// begins with its bracket.
fn lines(source: &Arc<Source>, start: usize, problems: &mut Vec<Problem>) -> Vec<Span> {
    let text = &source.text;
    let mut spans = Vec::new();
    let mut at = start;
    while let Some(blank) = text[at..].find(|c: char| !c.is_ascii_whitespace()) {
        let start = at + blank;
        let end = text[start..]
            .find("\n{")
            .map_or(text.len(), |it| start + it + 1);
        at = end;
        let is_object = text[start..].starts_with('{');
        let json = is_object.then(|| json::object(&text[start..end], MAX_DEPTH));
        match json.flatten() {
            Some(length) if text[start + length..end].trim_ascii().is_empty() => {
                spans.push(start..start + length);
            }
            _ => {
                let before = problems.len();
                let (node, found) = parser::parse_json(text, start..end);
                spans.extend(object(&node, problems));
                problems.extend(found);
                if problems.len() == before {
                    not_json(source, start..end, problems);
                }
            }
        }
    }
    spans
}

/// The place of a resource, and what is wrong with it.
fn object(node: &Node, problems: &mut Vec<Problem>) -> Option<Span> {
    let mut reader = Reader::default();
    match &node.kind {
        Kind::Json => {}
        Kind::Map(fields) => drop(reader.object(fields)),
        _ => reader.mismatch(
            node,
            "a resource as a JSON object",
            r#"{"userName": "bjensen"}"#,
        ),
    }
    problems.append(&mut reader.problems);
    matches!(node.kind, Kind::Json | Kind::Map(_)).then(|| node.span.clone())
}

/// What a scenario would allow (a comment, a comma at the end) and JSON does not.
fn not_json(source: &Source, span: Span, problems: &mut Vec<Problem>) {
    let text = &source.text[span.clone()];
    let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) else {
        return;
    };
    let line_start = text
        .split_inclusive('\n')
        .take(error.line().saturating_sub(1))
        .map(str::len)
        .sum::<usize>();
    let at = (line_start + error.column().saturating_sub(1)).min(text.len());
    let at = span.start + text.floor_char_boundary(at);
    let length = source.text[at..].chars().next().map_or(0, char::len_utf8);
    let help =
        "a file of resources is JSON to the letter: no comments, no comma at the end of a list";
    problems.push(Problem::error(
        at..at + length,
        "this is not JSON",
        "expected JSON",
        help,
    ));
}

/// Members are named by `userName`, `displayName` or id, or written out as RFC 7643 section 4.2 has them.
/// Whom they name, the directory finds out.
pub(super) fn members(reader: &mut Reader, groups: &[Entry]) {
    for group in groups {
        if let Some((node, source)) = group.node() {
            let mut found = Reader::default();
            members_of(&mut found, &node);
            let found = found.problems.into_iter();
            reader
                .problems
                .extend(found.map(|it| it.shifted(source.start)));
        }
    }
}

fn members_of(reader: &mut Reader, group: &Node) {
    let is_members = |field: &&Field| field.name.text.eq_ignore_ascii_case("members");
    for field in group.fields().iter().filter(is_members) {
        if field.value.kind == Kind::Null {
            continue;
        }
        for member in reader.list(&field.value, r#""members": ["bjensen"]"#) {
            if !matches!(member.kind, Kind::Text(_) | Kind::Map(_)) {
                reader.mismatch(
                    member,
                    "a name or an object",
                    r#""bjensen"` or `{"value": "bjensen"}"#,
                );
            }
        }
    }
}
