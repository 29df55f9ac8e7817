//! What was expected of a node, and what to say when it is something else.
//!
//! It does not know the format of a scenario: `file` says which names and values there are.

use super::diagnostic::Problem;
use super::node::{Field, Form, Kind, Name, Node};
use super::source::Span;
use serde_json::{Map, Value};

/// Reads nodes, and collects what is wrong with them.
#[derive(Debug, Default)]
pub(super) struct Reader {
    pub(super) problems: Vec<Problem>,
}

/// The fields of a struct, each known and given once. `null` and `None` are as good as absent.
#[derive(Debug, Default)]
pub(super) struct Fields<'n>(Vec<&'n Field>);

impl<'n> Fields<'n> {
    pub(super) fn all(&self) -> impl Iterator<Item = &'n Field> + '_ {
        self.0.iter().copied()
    }

    pub(super) fn get(&self, name: &str) -> Option<&'n Node> {
        let mut given = self.0.iter().filter(|field| field.value.kind != Kind::Null);
        Some(&given.find(|field| field.name.text == name)?.value)
    }
}

impl Reader {
    pub(super) fn complain(
        &mut self,
        span: Span,
        title: impl Into<String>,
        label: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.problems.push(Problem::error(span, title, label, help));
    }

    /// `node` is not `what` it should be; `write` is how it could be written. A broken node has been reported.
    pub(super) fn mismatch(&mut self, node: &Node, what: &str, write: &str) {
        if node.kind != Kind::Broken {
            let title = format!("expected {what}, found {}", node.describe());
            let label = format!("expected {what}");
            self.complain(node.span.clone(), title, label, format!("write `{write}`"));
        }
    }

    pub(super) fn text<'n>(&mut self, node: &'n Node, write: &str) -> Option<&'n str> {
        if let Kind::Text(text) = &node.kind {
            return Some(text);
        }
        self.mismatch(node, "a string", write);
        None
    }

    pub(super) fn boolean(&mut self, node: &Node, write: &str) -> Option<bool> {
        if let Kind::Bool(boolean) = node.kind {
            return Some(boolean);
        }
        self.mismatch(node, "`true` or `false`", write);
        None
    }

    pub(super) fn whole_number(
        &mut self,
        node: &Node,
        range: (u64, u64),
        write: &str,
    ) -> Option<u64> {
        let (min, max) = range;
        let what = format!("a whole number from {min} to {max}");
        if let Kind::Number(number) = &node.kind
            && let Some(number) = number.as_u64()
        {
            if (min..=max).contains(&number) {
                return Some(number);
            }
            let title = format!("{number} is out of range");
            let label = format!("expected {what}");
            self.complain(node.span.clone(), title, label, format!("write `{write}`"));
            return None;
        }
        self.mismatch(node, &what, write);
        None
    }

    /// The items of a list; a single value has most likely lost its brackets.
    pub(super) fn list<'n>(&mut self, node: &'n Node, write: &str) -> &'n [Node] {
        if let Kind::List(items) = &node.kind {
            return items;
        }
        self.mismatch(node, "a list", write);
        &[]
    }

    /// The fields of `Name(…)`. The name itself may be left out, as RON allows.
    pub(super) fn fields<'n>(&mut self, node: &'n Node, name: &str, known: &[&str]) -> Fields<'n> {
        let write = match node.kind {
            Kind::Named(_, Form::Bare) => format!("{name}()"),
            _ => format!("{name}(field: …)"),
        };
        let Kind::Named(found, form @ (Form::Fields(_) | Form::Tuple(_))) = &node.kind else {
            self.mismatch(node, &format!("`{name}(…)`"), &write);
            return Fields::default();
        };
        if let Some(found) = found.as_ref().filter(|found| found.text != name) {
            let title = format!("expected `{name}`, found `{}`", found.text);
            let label = format!("expected `{name}(…)`");
            self.complain(
                found.span.clone(),
                title,
                label,
                format!("write `{name}(…)`"),
            );
        }
        self.known_fields(form, name, known, &write)
    }

    /// The fields inside the brackets after `name`.
    pub(super) fn known_fields<'n>(
        &mut self,
        form: &'n Form,
        name: &str,
        known: &[&str],
        write: &str,
    ) -> Fields<'n> {
        let mut fields = Fields::default();
        match form {
            Form::Bare => {}
            Form::Tuple(items) => {
                if let Some(first) = items.first().filter(|it| it.kind != Kind::Broken) {
                    let title = format!("the fields of `{name}` have names");
                    self.complain(
                        first.span.clone(),
                        title,
                        "expected a name",
                        format!("write `{write}`"),
                    );
                }
            }
            Form::Fields(given) => {
                for field in given {
                    if !known.contains(&field.name.text.as_str()) {
                        let title = format!("unknown field `{}` in `{name}`", field.name.text);
                        self.unknown(title, &field.name, known);
                    } else if fields.0.iter().any(|it| it.name.text == field.name.text) {
                        let title = format!("`{}` is given twice in `{name}`", field.name.text);
                        let help = "keep one of the two";
                        self.complain(field.name.span.clone(), title, "given before", help);
                    } else {
                        fields.0.push(field);
                    }
                }
            }
        }
        fields
    }

    /// The node under a field that must be there.
    pub(super) fn required<'n>(
        &mut self,
        fields: &Fields<'n>,
        field: &str,
        of: &Name,
        write: &str,
    ) -> Option<&'n Node> {
        let node = fields.get(field);
        if node.is_none() {
            let title = format!("`{}` lacks `{field}`", of.text);
            let label = format!("expected `{field}` among its fields");
            self.complain(of.span.clone(), title, label, format!("write `{write}`"));
        }
        node
    }

    /// One of several names, such as `System` or `Fixed(…)`. `ways` are the names with how each is written.
    pub(super) fn variant<'n>(
        &mut self,
        node: &'n Node,
        ways: &[(&str, &str)],
    ) -> Option<(&'n Name, &'n Form)> {
        let names: Vec<&str> = ways.iter().map(|(name, _)| *name).collect();
        match &node.kind {
            Kind::Named(Some(name), form) if names.contains(&name.text.as_str()) => {
                return Some((name, form));
            }
            Kind::Named(Some(name), _) => {
                self.unknown(format!("unknown name `{}`", name.text), name, &names);
            }
            Kind::Text(text) if names.contains(&text.as_str()) => {
                let title = "this name stands without quotes";
                let write = ways.iter().find(|(name, _)| name == text);
                let help = format!("write `{}`", write.map_or("", |(_, write)| write));
                self.complain(node.span.clone(), title, "expected a name", help);
            }
            _ => {
                let write: Vec<&str> = ways.iter().map(|(_, write)| *write).collect();
                self.mismatch(node, &one_of(&names), &write.join("` or `"));
            }
        }
        None
    }

    /// `name` is right, and what follows it is not.
    pub(super) fn wrong_form(&mut self, node: &Node, name: &Name, write: &str) {
        let title = format!("`{}` is written otherwise", name.text);
        let label = format!("expected `{write}`");
        self.complain(node.span.clone(), title, label, format!("write `{write}`"));
    }

    fn unknown(&mut self, title: String, found: &Name, known: &[&str]) {
        let help = match nearest(&found.text, known) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "remove it, or write one of these".into(),
        };
        self.complain(
            found.span.clone(),
            title,
            format!("expected {}", one_of(known)),
            help,
        );
    }

    /// A string that is none of the `known` ones of its kind.
    pub(super) fn unknown_word(&mut self, node: &Node, what: &str, found: &str, known: &[&str]) {
        let name = Name {
            text: found.to_owned(),
            span: node.span.clone(),
        };
        self.unknown(format!("unknown {what} `{found}`"), &name, known);
    }

    /// A JSON value, with the complaints that JSON parsers forget: keys that are given twice, and words that are not JSON.
    pub(super) fn json(&mut self, node: &Node) -> Value {
        match &node.kind {
            // An item of one of the scenario's own lists, which is not looked at by this way.
            Kind::Json | Kind::Broken | Kind::Null => Value::Null,
            Kind::Bool(boolean) => Value::Bool(*boolean),
            Kind::Number(number) => Value::Number(number.clone()),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => items.iter().map(|item| self.json(item)).collect(),
            Kind::Map(fields) => Value::Object(self.object(fields)),
            Kind::Named(Some(name), Form::Bare) => {
                // The name is not repeated: it may be a password that has lost its quotes.
                let help = match nearest(&name.text, &["true", "false", "null"]) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "write it in double quotes if it is text".into(),
                };
                let title = "expected a JSON value, found a name";
                self.complain(node.span.clone(), title, "expected a JSON value", help);
                Value::Null
            }
            Kind::Named(..) => {
                let title = format!("expected a JSON value, found {}", node.describe());
                let help = "write an object as `{\"name\": …}`, a list as `[…]`";
                self.complain(node.span.clone(), title, "expected a JSON value", help);
                Value::Null
            }
        }
    }

    /// A JSON object.
    pub(super) fn object(&mut self, fields: &[Field]) -> Map<String, Value> {
        let mut object = Map::with_capacity(fields.len());
        for (n, Field { name, value }) in fields.iter().enumerate() {
            // RFC 7643 section 2.1: the case of an attribute's name does not count.
            let is_it = |before: &Field| before.name.text.eq_ignore_ascii_case(&name.text);
            if fields[..n].iter().any(is_it) {
                let title = format!("the key `{}` is given twice", name.text);
                let help = "keep one of the two; neither JSON nor SCIM says which would count";
                self.complain(
                    name.span.clone(),
                    title,
                    "given before in this object",
                    help,
                );
            }
            let value = self.json(value);
            object.insert(name.text.clone(), value);
        }
        object
    }
}

/// The known name that somebody may have meant.
pub(super) fn nearest<'k>(found: &str, known: &[&'k str]) -> Option<&'k str> {
    let found = found.to_lowercase();
    known
        .iter()
        .map(|name| {
            (
                strsim::damerau_levenshtein(&found, &name.to_lowercase()),
                *name,
            )
        })
        .filter(|(distance, name)| *distance <= (name.len().max(found.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// `a`, `b` or `c`.
fn one_of(names: &[&str]) -> String {
    match names {
        [] => "nothing".into(),
        [only] => format!("`{only}`"),
        [first @ .., last] => format!("`{}` or `{last}`", first.join("`, `")),
    }
}
