//! `extends`: the file that a scenario builds on, and the one that that builds on, laid one over the other.
//!
//! Fields that are given above win, lists are appended to those below, and what has fields of its own (`Provider(…)`) is laid over
//! field by field. It works on trees: what the fields mean is not its business.

use super::diagnostic::Problem;
use super::file::SCENARIO;
use super::node::{Field, Form, Kind, Node};
use super::parser;
use super::reader::Reader;
use super::source::Source;
use super::texts::Texts;
use std::path::{Path, PathBuf};

/// Lists that are one decision: an order of preference that is given replaces the one below.
const WHOLE: &[&str] = &["pagination", "filter_operators"];
/// Lists of which a single file may stand in for the whole.
const FILES: &[&str] = &["users", "groups"];

/// The tree of a text; if it has none, says so.
pub(super) fn tree(source: &Source, problems: &mut Vec<Problem>) -> Option<Node> {
    let (mut node, found) = parser::parse(&source.text);
    if node.is_none() && found.is_empty() {
        let title = "the file holds no scenario";
        let help = "write `Scenario()`: that is a valid file, and everything in it is optional";
        let problem = Problem::error(0..0, title, "expected `Scenario(…)`", help);
        problems.push(problem.shifted(source.start));
    }
    problems.extend(found.into_iter().map(|it| it.shifted(source.start)));
    if let Some(node) = &mut node {
        node.shift(source.start);
    }
    node
}

/// The tree over all those that it extends.
pub(super) fn resolved(reader: &mut Reader, own: Node, path: &Path, texts: &mut Texts) -> Node {
    let mut way = vec![identity(path)];
    let mut layers = vec![own];
    while let Some(base) = layers.last().and_then(base) {
        if texts.refuses(reader, base, "a scenario") {
            break;
        }
        let Some(name) = reader
            .text(base, r#"extends: "base.ron""#)
            .map(str::to_owned)
        else {
            break;
        };
        let base = base.clone();
        let path = identity(&texts.path(&base.span, &name));
        if way.contains(&path) {
            let names = way.iter().chain([&path]).map(|it| {
                it.file_name()
                    .unwrap_or_default()
                    .to_string_lossy()
                    .into_owned()
            });
            let title = format!(
                "a scenario cannot extend itself: {}",
                names.collect::<Vec<_>>().join(", then ")
            );
            let help = "remove one `extends` of the circle";
            reader.complain(base.span, title, "this closes the circle", help);
            break;
        }
        way.push(path);
        let Some((path, text)) = texts.read_text(reader, &base, &name, "a scenario") else {
            break;
        };
        let source = texts.add(&path, text);
        let Some(layer) = tree(&source, &mut reader.problems) else {
            break;
        };
        layers.push(known(reader, layer));
    }
    let mut layers = layers.into_iter().rev();
    let lowest = layers.next();
    let lowest = lowest.unwrap_or(Node {
        span: 0..0,
        kind: Kind::Broken,
    });
    layers.fold(lowest, over)
}

/// What a tree extends.
fn base(node: &Node) -> Option<&Node> {
    let is_it = |field: &&Field| field.name.text == "extends" && field.value.kind != Kind::Null;
    let Kind::Named(_, Form::Fields(fields)) = &node.kind else {
        return None;
    };
    fields.iter().find(is_it).map(|field| &field.value)
}

/// The file, whichever way it is named.
fn identity(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// What is left of a base once its complaints are made: the fields that are known.
fn known(reader: &mut Reader, mut layer: Node) -> Node {
    let good: Vec<_> = {
        let fields = reader.fields(&layer, "Scenario", SCENARIO);
        fields.all().map(|field| field.name.span.clone()).collect()
    };
    if let Kind::Named(_, Form::Fields(fields)) = &mut layer.kind {
        fields.retain(|field| good.contains(&field.name.span));
    }
    layer
}

/// `own` laid over `base`.
fn over(base: Node, own: Node) -> Node {
    let same_name = match (&base.kind, &own.kind) {
        (Kind::Named(Some(base), _), Kind::Named(Some(own), _)) => base.text == own.text,
        _ => true,
    };
    let kind = match (base.kind, own.kind) {
        (Kind::List(mut items), Kind::List(own)) => {
            items.extend(own);
            Kind::List(items)
        }
        (Kind::Map(base), Kind::Map(own)) => {
            let lists = |fields: Vec<Field>| {
                fields.into_iter().map(|field| Field {
                    value: list(field.value),
                    ..field
                })
            };
            Kind::Map(fields_over(lists(base).collect(), lists(own).collect()))
        }
        (Kind::Named(base_name, Form::Fields(base)), Kind::Named(name, Form::Fields(own)))
            if same_name =>
        {
            Kind::Named(name.or(base_name), Form::Fields(fields_over(base, own)))
        }
        // `Scenario()` has no fields to lay over.
        (base @ Kind::Named(_, Form::Fields(_)), Kind::Named(_, Form::Tuple(own)))
            if own.is_empty() && same_name =>
        {
            base
        }
        (_, own) => own,
    };
    Node {
        span: own.span,
        kind,
    }
}

fn fields_over(base: Vec<Field>, own: Vec<Field>) -> Vec<Field> {
    let mut laid = own;
    let mut below = Vec::new();
    for field in base {
        let given = laid.iter_mut().find(|it| it.name.text == field.name.text);
        match given {
            Some(given) if given.value.kind == Kind::Null => given.value = field.value,
            Some(given) if WHOLE.contains(&given.name.text.as_str()) => {}
            Some(given) => {
                let empty = Node {
                    span: given.value.span.clone(),
                    kind: Kind::Null,
                };
                let own = std::mem::replace(&mut given.value, empty);
                given.value = if FILES.contains(&given.name.text.as_str()) {
                    over(list(field.value), list(own))
                } else {
                    over(field.value, own)
                };
            }
            None => below.push(field),
        }
    }
    below.append(&mut laid);
    below
}

/// A file that stands in for a list, as the list that holds it.
fn list(node: Node) -> Node {
    match node.kind {
        Kind::Text(_) => Node {
            span: node.span.clone(),
            kind: Kind::List(vec![node]),
        },
        _ => node,
    }
}
