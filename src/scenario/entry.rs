//! A resource as a scenario file has it, and the way from an attribute back to its place in the file.
//!
//! It is a stretch of the text, read when it is asked for, or one of a population, made when it is asked for: a file may have a
//! million of either. Places are looked up when something is wrong and not kept: most files are right.

use super::diagnostic::{Diagnostic, Problem};
use super::node::{Field, Kind, Node};
use super::parser;
use super::population::{One, Population};
use super::reader::Reader;
use super::source::{Source, Span};
use serde_json::{Map, Value};
use std::fmt;
use std::sync::Arc;

/// A resource, as written or as generated. `Debug` says where it stands; it may have a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    source: Arc<Source>,
    origin: Origin,
}

#[derive(Clone, PartialEq, Eq)]
enum Origin {
    /// This stretch of the text.
    Text(Span),
    /// One of a population.
    Population(Arc<Population>, One),
    /// What a row of a table comes to, each value where its cell is.
    Tree(Arc<Node>),
}

impl Entry {
    /// The resource that stands in a stretch of a text.
    pub(super) fn written(source: &Arc<Source>, span: Span) -> Self {
        Self {
            source: Arc::clone(source),
            origin: Origin::Text(span),
        }
    }

    /// What a text says in another form than JSON, as a map whose values have their places in it.
    pub(super) fn tree(source: &Arc<Source>, node: Node) -> Self {
        Self {
            source: Arc::clone(source),
            origin: Origin::Tree(Arc::new(node)),
        }
    }

    /// One of the population that a text asks for.
    pub(super) fn generated(source: &Arc<Source>, population: &Arc<Population>, one: One) -> Self {
        Self {
            source: Arc::clone(source),
            origin: Origin::Population(Arc::clone(population), one),
        }
    }

    /// The JSON object.
    pub fn value(&self) -> Map<String, Value> {
        let span = match &self.origin {
            Origin::Text(span) => span.clone(),
            Origin::Population(population, one) => return population.make(*one),
            Origin::Tree(node) => return Reader::default().object(node.fields()),
        };
        // Most are JSON to the letter; what RON allows beside it (comments, a comma at the end) takes the parser of scenarios.
        serde_json::from_str(&self.source.text[span.clone()]).unwrap_or_else(|_| {
            let node = parser::parse_again(&self.source.text, span);
            Reader::default().object(node.fields())
        })
    }

    /// The tree of what is written, and the text that it stands in.
    pub(super) fn node(&self) -> Option<(Node, &Source)> {
        let node = match &self.origin {
            Origin::Text(span) => parser::parse_again(&self.source.text, span.clone()),
            Origin::Tree(node) => node.as_ref().clone(),
            Origin::Population(..) => return None,
        };
        Some((node, &self.source))
    }

    /// Where among all texts it stands; what is generated has the place that asks for it.
    pub(super) fn place(&self) -> Span {
        let span = self.whole();
        self.source.start + span.start..self.source.start + span.end
    }

    fn whole(&self) -> Span {
        match &self.origin {
            Origin::Text(span) => span.clone(),
            Origin::Tree(node) => node.span.clone(),
            Origin::Population(population, _) => population.span.clone(),
        }
    }

    /// Where in the file the value at `path` stands: `emails[0].type`, `/emails/0/type`, `urn:…:User:department`; an empty
    /// path is the whole resource. What is not there (a required attribute, say) is looked for where it would belong.
    pub fn span_of(&self, path: &str) -> Span {
        match self.node() {
            Some((root, _)) => find(&root, path).1.span.clone(),
            None => self.whole(),
        }
    }

    /// An error about the value at `path`. The key is underlined with its value, and of many lines only the first.
    pub fn diagnostic(
        &self,
        path: &str,
        title: impl Into<String>,
        help: impl Into<String>,
    ) -> Diagnostic {
        let (span, label) = match self.node() {
            Some((root, _)) => {
                let (key, value) = find(&root, path);
                let start = key.map_or(value.span.start, |field| field.name.span.start);
                (start..value.span.end, "")
            }
            None => (self.whole(), "in what is generated here"),
        };
        Problem::error(span, title, label, help).of(&self.source)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.source.position(self.whole().start);
        write!(f, "Entry({}:{line}:{column})", self.source.path)
    }
}

/// The node at `path`, and the field that holds it; or the last node on the way that there is.
fn find<'n>(root: &'n Node, path: &str) -> (Option<&'n Field>, &'n Node) {
    let (mut key, mut node) = (None, root);
    let mut steps = Steps {
        pointer: path.starts_with('/'),
        rest: path,
    };
    while let Some(step) = steps.next(node) {
        match step {
            Step::Field(field) => (key, node) = (Some(field), &field.value),
            Step::Item(item) => (key, node) = (None, item),
        }
    }
    (key, node)
}

enum Step<'n> {
    Field(&'n Field),
    Item(&'n Node),
}

struct Steps<'p> {
    pointer: bool,
    rest: &'p str,
}

impl<'p> Steps<'p> {
    fn next<'n>(&mut self, node: &'n Node) -> Option<Step<'n>> {
        match &node.kind {
            Kind::List(items) => {
                let rest = self.rest.trim_start_matches(['/', '.', '[']);
                let length = rest
                    .find(|c: char| !c.is_ascii_digit())
                    .unwrap_or(rest.len());
                let item = items.get(rest[..length].parse::<usize>().ok()?)?;
                self.rest = rest[length..].trim_start_matches(']');
                Some(Step::Item(item))
            }
            Kind::Map(fields) if self.pointer => {
                let rest = self.rest.strip_prefix('/')?;
                let (name, _) = rest.split_once('/').unwrap_or((rest, ""));
                let plain = name.replace("~1", "/").replace("~0", "~");
                self.take(fields, &rest[name.len()..], |key| {
                    key.eq_ignore_ascii_case(&plain)
                })
            }
            Kind::Map(fields) => {
                // A URN has dots and colons of its own, so the keys say where a name ends; the longest that fits is it.
                let rest = self.rest.trim_start_matches(['.', ':']);
                let fits = |key: &str| {
                    let head = rest.get(..key.len());
                    !key.is_empty()
                        && head.is_some_and(|head| head.eq_ignore_ascii_case(key))
                        && !rest[key.len()..]
                            .starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-')
                };
                let length = fields
                    .iter()
                    .map(|it| it.name.text.as_str())
                    .filter(|key| fits(key))
                    .map(str::len)
                    .max()?;
                let name = &rest[..length];
                self.take(fields, &rest[length..], |key| {
                    key.eq_ignore_ascii_case(name)
                })
            }
            _ => None,
        }
    }

    fn take<'n>(
        &mut self,
        fields: &'n [Field],
        rest: &'p str,
        is: impl Fn(&str) -> bool,
    ) -> Option<Step<'n>> {
        let field = fields.iter().find(|field| is(&field.name.text))?;
        self.rest = rest;
        Some(Step::Field(field))
    }
}
