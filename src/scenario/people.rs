//! The directory of an identity provider: a scenario of which only people and groups count, or the same in a form that other programs
//! write. The end of the file's name says which: `.json` is `{"users": […], "groups": […]}` (what `GET /tenants/{t}/state` answers) or a
//! list of users, `.csv` a table of people, `.ldif` what a directory server exports; anything else is a scenario.

use super::ldif;
use super::load::{Draft, draft, drafted_as};
use super::node::{Form, Kind, Name, Node};
use super::table;
use super::texts::Texts;
use std::path::Path;

/// Reads the directory of an identity provider, as far as it can be read. `path` is what diagnostics call it.
pub fn draft_people(path: &Path, text: &str) -> Draft {
    let ending = path.extension().unwrap_or_default();
    let ending = ending.to_string_lossy().to_lowercase();
    // What Windows editors put at the start of a file is no part of it; a space keeps all places.
    let bare = text
        .strip_prefix('\u{feff}')
        .map(|rest| format!("   {rest}"));
    let text = bare.as_deref().unwrap_or(text);
    match ending.as_str() {
        "json" => drafted_as(Texts::default(), path, text, of_json),
        "csv" => table::draft(path, text),
        "ldif" => ldif::draft(path, text),
        _ => draft(path, text),
    }
}

/// The scenario that a JSON document stands for. Anything but an object or a list stays as it is, and is complained of.
fn of_json(node: Node) -> Node {
    let Node { span, kind } = node;
    let kind = match kind {
        Kind::Map(fields) => Kind::Named(None, Form::Fields(fields)),
        Kind::List(items) => {
            let name = Name {
                span: span.start..span.start,
                text: "users".to_owned(),
            };
            let value = Node {
                span: span.clone(),
                kind: Kind::List(items),
            };
            Kind::Named(None, Form::Fields(vec![super::node::Field { name, value }]))
        }
        kind => kind,
    };
    Node { span, kind }
}
