//! The rules of a redaction (`redact.ron`), written as scenarios are and with the same diagnostics:
//! `Redact(rules: [Keep("displayName", of: "Group"), Header("x-tenant", Secret)])`.

use super::diagnostic::Diagnostic;
use super::extends;
use super::node::{Form, Kind, Name, Node};
use super::reader::{Fields, Reader};
use super::texts::Texts;
use crate::exchange::redact::{About, Action, Rule, Rules, Shape};
use crate::scim::path::AttributePath;
use crate::scim::resource_type::ResourceType;
use std::path::Path;

const KEEP: &str = r#"Keep("displayName", of: "Group")"#;
const SECRET: &str = r#"Secret("urn:example:2.0:Badge:pin")"#;
const PSEUDONYM: &str = r#"Pseudonym("nickName", as: Text)"#;
const HEADER: &str = r#"Header("x-tenant", Secret)"#;
const WAYS: &[(&str, &str)] = &[
    ("Keep", KEEP),
    ("Secret", SECRET),
    ("Pseudonym", PSEUDONYM),
    ("Header", HEADER),
];

/// The rules that a text writes, unless it has errors, and all errors in the order of the text. `path` is what diagnostics call it.
pub fn redaction(path: &Path, text: &str) -> (Option<Rules>, Vec<Diagnostic>) {
    let mut texts = Texts::alone();
    let source = texts.add(path, text.to_owned());
    let mut reader = Reader::default();
    let mut rules = Vec::new();
    if let Some(node) = extends::tree(&source, &mut reader.problems) {
        let fields = reader.fields(&node, "Redact", &["rules"]);
        if let Some(list) = fields.get("rules") {
            let items = reader.list(list, "[Keep(\"title\")]");
            rules = items
                .iter()
                .filter_map(|it| rule(&mut reader, it))
                .collect();
        }
    }
    let mut problems = reader.problems;
    problems.sort_by_key(|problem| problem.span.start);
    let diagnostics: Vec<_> = problems
        .into_iter()
        .map(|it| texts.diagnostic(it))
        .collect();
    let is_good = diagnostics.is_empty();
    (is_good.then_some(Rules(rules)), diagnostics)
}

fn rule(reader: &mut Reader, node: &Node) -> Option<Rule> {
    let (name, form) = reader.variant(node, WAYS)?;
    let write = WAYS.iter().find(|(known, _)| *known == name.text)?.1;
    let items = match form {
        Form::Tuple(items) => items.as_slice(),
        _ => &[],
    };
    let Some((first, rest)) = items.split_first().filter(|(_, rest)| rest.len() < 2) else {
        reader.wrong_form(node, name, write);
        return None;
    };
    let about = reader.text(first, write)?;
    if name.text == "Header" {
        return header(reader, node, name, (first, about), rest);
    }
    let known: &[&str] = match name.text.as_str() {
        "Pseudonym" => &["as", "of"],
        _ => &["of"],
    };
    let fields = match rest {
        [] => Fields::default(),
        [rest] => {
            let Kind::Named(None, form @ Form::Fields(_)) = &rest.kind else {
                reader.wrong_form(node, name, write);
                return None;
            };
            reader.known_fields(form, &name.text, known, write)
        }
        _ => return None,
    };
    let of = match fields.get("of") {
        None => None,
        Some(node) => Some(reader.text(node, write)?.to_owned()),
    };
    let action = match name.text.as_str() {
        "Keep" => Action::Keep,
        "Secret" => Action::Secret,
        _ => Action::Pseudonym(match fields.get("as") {
            None => Shape::Same,
            Some(node) => shape(reader, node)?,
        }),
    };
    let about = About::Attribute {
        path: attribute(reader, first, about)?,
        of,
    };
    Some(Rule { about, action })
}

fn shape(reader: &mut Reader, node: &Node) -> Option<Shape> {
    let ways = Shape::ALL.map(|(name, _)| (name, name));
    let (name, _) = reader.variant(node, &ways)?;
    let found = Shape::ALL.iter().find(|(known, _)| *known == name.text);
    found.map(|(_, shape)| *shape)
}

fn header(
    reader: &mut Reader,
    node: &Node,
    name: &Name,
    (place, header): (&Node, &str),
    rest: &[Node],
) -> Option<Rule> {
    const ACTIONS: &[(&str, &str)] = &[
        ("Keep", "Keep"),
        ("Secret", "Secret"),
        ("Pseudonym", "Pseudonym"),
    ];
    let [action] = rest else {
        reader.wrong_form(node, name, HEADER);
        return None;
    };
    let (action, _) = reader.variant(action, ACTIONS)?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if header.is_empty() || !header.bytes().all(is_token) {
        reader.complain(
            place.span.clone(),
            "expected the name of a header field",
            "no name of a header field",
            format!("write `{HEADER}`"),
        );
        return None;
    }
    let action = match action.text.as_str() {
        "Keep" => Action::Keep,
        "Secret" => Action::Secret,
        _ => Action::Pseudonym(Shape::Opaque),
    };
    let about = About::Header(header.to_owned());
    Some(Rule { about, action })
}

/// An attribute as the walk names it: the URN of a core schema is left out.
fn attribute(reader: &mut Reader, node: &Node, text: &str) -> Option<String> {
    let Some(path) = AttributePath::parse(text) else {
        reader.complain(
            node.span.clone(),
            "expected an attribute",
            "expected a path such as `name.givenName`",
            format!("write `{KEEP}`"),
        );
        return None;
    };
    let is_core = |uri: &String| {
        let [user, group, _] = ResourceType::schemas_of_rfc_7643();
        [user, group]
            .iter()
            .any(|it| it.id.eq_ignore_ascii_case(uri))
    };
    let uri = path.uri.clone().filter(|uri| !is_core(uri));
    Some(AttributePath { uri, ..path }.to_string())
}
