//! People as a table (RFC 4180): a line of attribute names, then a line a person. `groups` names the groups that somebody is in, `manager`
//! another person; `emails.work` is the value whose type is `work`. Every value keeps the place of its cell, so that what is wrong with it
//! is shown there.

use super::Scenario;
use super::diagnostic::Problem;
use super::entry::Entry;
use super::load::{Draft, Sound};
use super::node::{Field, Kind, Name, Node};
use super::reader::nearest;
use super::source::{Source, Span};
use super::texts::Texts;
use crate::ids::Ids;
use crate::scim::path::AttributePath;
use crate::scim::resource_type::{Resolved, ResourceType};
use crate::scim::schema::{Attribute, Mutability, Type};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Column names that people write, and what they stand for.
const SHORT: &[(&str, &str)] = &[
    ("email", "emails.work"),
    ("phone", "phoneNumbers.work"),
    ("mobile", "phoneNumbers.mobile"),
    ("givenName", "name.givenName"),
    ("familyName", "name.familyName"),
    ("memberOf", "groups"),
];

/// What a column says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Column {
    /// Names of groups, with semicolons between.
    Groups,
    /// An attribute: the way to it, and what it is made of.
    Attribute {
        extension: Option<String>,
        name: String,
        sub: Option<String>,
        kind: Type,
    },
    /// One value of an attribute of many: its type, and the sub-attribute.
    OneOf {
        name: String,
        of_type: String,
        sub: String,
        kind: Type,
    },
}

/// Reads a table, as far as it can be read.
pub(super) fn draft(path: &Path, text: &str) -> Draft {
    let mut texts = Texts::default();
    let source = texts.add(path, text.to_owned());
    let name = path.file_stem().unwrap_or(path.as_os_str());
    let mut scenario = Scenario::named(name.to_string_lossy().into_owned());
    scenario.ids = Ids::Uuid;
    let mut problems = Vec::new();
    let lines = lines(text);
    let mut has_names = false;
    if let Some(heading) = lines.first() {
        let columns = heading_of(text, heading, &mut problems);
        has_names = columns.iter().any(|it| is_user_name(it.as_ref()));
        let mut groups: BTreeMap<String, Vec<Node>> = BTreeMap::new();
        let mut order: Vec<(String, Span)> = Vec::new();
        for cells in &lines[1..] {
            if let Some(node) = row(text, &columns, cells, &mut problems) {
                memberships(text, &columns, cells, &node, |name, span, member| {
                    if !groups.contains_key(&name) {
                        order.push((name.clone(), span));
                    }
                    groups.entry(name).or_default().push(member);
                });
                scenario.users.push(Entry::tree(&source, node));
            }
        }
        for (name, span) in order {
            let members = groups.remove(&name).unwrap_or_default();
            scenario.groups.push(group(&source, name, &span, members));
        }
    } else {
        let help = "write a line of attribute names first: `userName,name.givenName,name.familyName,email,groups`";
        let problem = Problem::error(0..0, "the table is empty", "expected column names", help);
        problems.push(problem);
    }
    source.hide(hidden(&lines));
    problems.sort_by_key(|problem| problem.span.start);
    Draft {
        scenario: Some(scenario),
        sound: match has_names {
            // Without names, every line would be complained of.
            false => Sound::Nothing,
            true if problems.is_empty() => Sound::All,
            true => Sound::Each,
        },
        diagnostics: problems
            .into_iter()
            .map(|it| texts.diagnostic(it))
            .collect(),
        files: Vec::new(),
    }
}

/// The cells under a heading that says `password`: nobody should read them, though the column is refused.
fn hidden(lines: &[Vec<(String, Span)>]) -> Vec<Span> {
    let Some(heading) = lines.first() else {
        return Vec::new();
    };
    let is_secret: Vec<bool> = heading
        .iter()
        .map(|(name, _)| name.to_lowercase().contains("password"))
        .collect();
    let rest = lines[1..].iter().flat_map(|cells| cells.iter().enumerate());
    let secret = rest.filter(|(n, _)| is_secret.get(*n).copied().unwrap_or(false));
    secret.map(|(_, (_, span))| span.clone()).collect()
}

/// The cells of each line that has any: what each says, and where.
fn lines(text: &str) -> Vec<Vec<(String, Span)>> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut lines = Vec::new();
    // The text is UTF-8 and lines may have any length, so nothing is left that could be wrong.
    while reader.read_record(&mut record).unwrap_or(false) {
        let start = record
            .position()
            .and_then(|it| usize::try_from(it.byte()).ok())
            .unwrap_or_default();
        let cells = record.iter().map(|it| it.trim().to_owned());
        lines.push(cells.zip(places(text, start)).collect());
    }
    lines
}

/// Where the cells of the line stand that begins at `start`: the csv crate says where a line is, and not where its cells are.
fn places(text: &str, start: usize) -> Vec<Span> {
    // Empty lines before it belong to it.
    let bytes = text.as_bytes();
    let mut at = start;
    while matches!(bytes.get(at), Some(b'\r' | b'\n')) {
        at += 1;
    }
    let mut places = Vec::new();
    let (mut from, mut quoted) = (at, false);
    loop {
        match bytes.get(at) {
            Some(b'"') => quoted = !quoted,
            Some(b',') if !quoted => {
                places.push(from..at);
                from = at + 1;
            }
            None => break,
            Some(b'\r' | b'\n') if !quoted => break,
            Some(_) => {}
        }
        at += 1;
    }
    places.push(from..at);
    places
}

/// What the columns are; `None` for one that is complained of.
fn heading_of(
    text: &str,
    heading: &[(String, Span)],
    problems: &mut Vec<Problem>,
) -> Vec<Option<Column>> {
    let user = ResourceType::user();
    let mut columns: Vec<Option<Column>> = Vec::new();
    for (name, span) in heading {
        let column = column(&user, name);
        if column.is_none() {
            problems.push(unknown(&user, name, span));
        } else if columns.contains(&column) {
            let title = format!("the column `{name}` is there twice");
            let help = "keep one of the two";
            problems.push(Problem::error(span.clone(), title, "given before", help));
        }
        columns.push(column);
    }
    if !columns.iter().any(|it| is_user_name(it.as_ref())) && columns.iter().all(Option::is_some) {
        let end = heading.last().map_or(text.len(), |(_, span)| span.end);
        let title = "the table has no column `userName`";
        let help = "add `userName`: it is what says who a person is";
        let label = "expected `userName` among the columns";
        problems.push(Problem::error(0..end, title, label, help));
    }
    columns
}

fn is_user_name(column: Option<&Column>) -> bool {
    matches!(column, Some(Column::Attribute { name, .. }) if name == "userName")
}

fn column(user: &ResourceType, written: &str) -> Option<Column> {
    let short = SHORT
        .iter()
        .find(|(short, _)| short.eq_ignore_ascii_case(written));
    let written = short.map_or(written, |(_, long)| *long);
    if written.eq_ignore_ascii_case("groups") {
        return Some(Column::Groups);
    }
    let is_own = |attribute: &Attribute| match attribute.mutability {
        Mutability::ReadOnly => attribute.name == "id",
        // A password is pushed to nobody.
        Mutability::WriteOnly => false,
        Mutability::ReadWrite | Mutability::Immutable => true,
    };
    if let Some(Resolved::Attribute {
        extension,
        attribute,
        sub,
    }) = AttributePath::parse(written).and_then(|path| user.resolve(&path))
        && !attribute.multi_valued
    {
        let extension = extension.map(str::to_owned);
        let name = attribute.name.clone();
        // A manager is named, and the name stands in its `value`.
        let sub = sub.or_else(|| attribute.sub("value"));
        if attribute.kind == Type::Complex && sub.is_none() || !is_own(attribute) {
            return None;
        }
        return Some(Column::Attribute {
            extension,
            name,
            kind: sub.map_or(attribute.kind, |it| it.kind),
            sub: sub.map(|it| it.name.clone()),
        });
    }
    // `emails.work`, `addresses.work.locality`
    let mut steps = written.split('.');
    let (name, of_type) = (steps.next()?, steps.next()?);
    let attribute = user.attribute(name)?;
    let sub = attribute.sub(steps.next().unwrap_or("value"))?;
    let fits = attribute.multi_valued && is_own(attribute) && attribute.sub("type").is_some();
    (fits && steps.next().is_none()).then(|| Column::OneOf {
        name: attribute.name.clone(),
        of_type: of_type.to_owned(),
        sub: sub.name.clone(),
        kind: sub.kind,
    })
}

fn unknown(user: &ResourceType, name: &str, span: &Span) -> Problem {
    if name.is_empty() {
        let help = "give it a name, or remove it";
        return Problem::error(
            span.clone(),
            "a column has no name",
            "expected an attribute",
            help,
        );
    }
    let attributes = user.all_attributes().map(|(_, it)| it.name.as_str());
    let names: Vec<&str> = attributes
        .chain(SHORT.iter().map(|(short, _)| *short))
        .chain(["name.givenName", "name.familyName", "emails.work", "groups"])
        .collect();
    let help = match nearest(name, &names) {
        Some(near) if !near.eq_ignore_ascii_case(name) => format!("did you mean `{near}`?"),
        _ => "write an attribute of User: `userName`, `name.givenName`, `emails.work`, `department`, `manager`, `groups`".to_owned(),
    };
    let title = format!("unknown column `{name}`");
    let label = "expected an attribute of User that can be written";
    Problem::error(span.clone(), title, label, help)
}

/// The person of a line.
fn row(
    text: &str,
    columns: &[Option<Column>],
    cells: &[(String, Span)],
    problems: &mut Vec<Problem>,
) -> Option<Node> {
    let whole = cells.first()?.1.start..cells.last()?.1.end;
    if cells.iter().all(|(cell, _)| cell.is_empty()) {
        return None;
    }
    if cells.len() != columns.len() {
        let title = format!(
            "this line has {} cells, and the table has {} columns",
            cells.len(),
            columns.len()
        );
        let help = "put a cell that holds a comma into double quotes; an empty cell is written as nothing between two commas";
        let label = format!("expected {} cells", columns.len());
        problems.push(Problem::error(whole, title, label, help));
        return None;
    }
    let mut fields = Vec::new();
    for (column, (cell, span)) in columns.iter().zip(cells) {
        let Some(column) = column.as_ref().filter(|_| !cell.is_empty()) else {
            continue;
        };
        let span = inner(text, span);
        match column {
            Column::Groups => {}
            Column::Attribute {
                extension,
                name,
                sub,
                kind,
            } => {
                let value = value(*kind, cell, &span, problems);
                let fields = match extension {
                    None => &mut fields,
                    Some(urn) => object(&mut fields, urn, &span),
                };
                match sub {
                    None => fields.push(field(name, &span, value)),
                    Some(sub) => object(fields, name, &span).push(field(sub, &span, value)),
                }
            }
            Column::OneOf {
                name,
                of_type,
                sub,
                kind,
            } => {
                let value = value(*kind, cell, &span, problems);
                typed(&mut fields, name, of_type, &span).push(field(sub, &span, value));
            }
        }
    }
    Some(Node {
        span: whole,
        kind: Kind::Map(fields),
    })
}

/// A cell without the quotes around it, if it has some.
fn inner(text: &str, span: &Span) -> Span {
    let cell = &text[span.clone()];
    let bare = cell.trim();
    let start = span.start + (cell.len() - cell.trim_start().len());
    if bare.len() > 1 && bare.starts_with('"') && bare.ends_with('"') {
        return start + 1..start + bare.len() - 1;
    }
    start..start + bare.len()
}

fn value(kind: Type, cell: &str, span: &Span, problems: &mut Vec<Problem>) -> Node {
    let written = cell.to_lowercase();
    let kind = match kind {
        Type::Boolean if written == "true" || written == "false" => Kind::Bool(written == "true"),
        Type::Boolean => {
            let title = "expected `true` or `false`";
            let help = "write `true` or `false`, or leave the cell empty";
            problems.push(Problem::error(span.clone(), title, title, help));
            Kind::Null
        }
        Type::Integer | Type::Decimal => cell
            .parse()
            .map_or_else(|_| Kind::Text(cell.to_owned()), Kind::Number),
        _ => Kind::Text(cell.to_owned()),
    };
    Node {
        span: span.clone(),
        kind,
    }
}

pub(super) fn field(name: &str, span: &Span, value: Node) -> Field {
    let name = Name {
        span: span.clone(),
        text: name.to_owned(),
    };
    Field { name, value }
}

/// The members of the object under `name`, which is made where there is none.
pub(super) fn object<'f>(
    fields: &'f mut Vec<Field>,
    name: &str,
    span: &Span,
) -> &'f mut Vec<Field> {
    let at = at(fields, name, span, || Kind::Map(Vec::new()));
    match &mut fields[at].value.kind {
        Kind::Map(inner) => inner,
        _ => unreachable!("an attribute is an object or is none, whichever column says so"),
    }
}

fn at(fields: &mut Vec<Field>, name: &str, span: &Span, empty: impl FnOnce() -> Kind) -> usize {
    let found = fields.iter().position(|it| it.name.text == name);
    found.unwrap_or_else(|| {
        let node = Node {
            span: span.clone(),
            kind: empty(),
        };
        fields.push(field(name, span, node));
        fields.len() - 1
    })
}

/// The members of the value of this type in the list under `name`. The first value is the primary one.
pub(super) fn typed<'f>(
    fields: &'f mut Vec<Field>,
    name: &str,
    of_type: &str,
    span: &Span,
) -> &'f mut Vec<Field> {
    let at = at(fields, name, span, || Kind::List(Vec::new()));
    let Kind::List(items) = &mut fields[at].value.kind else {
        unreachable!("an attribute of many is a list, whichever column says so")
    };
    let has_type = |item: &Node| {
        let mut named = item.fields().iter();
        named.any(|it| it.name.text == "type" && it.value.kind == Kind::Text(of_type.to_owned()))
    };
    let n = items.iter().position(has_type).unwrap_or_else(|| {
        let node = |kind| Node {
            span: span.clone(),
            kind,
        };
        let mut inner = vec![field("type", span, node(Kind::Text(of_type.to_owned())))];
        if items.is_empty() {
            inner.push(field("primary", span, node(Kind::Bool(true))));
        }
        items.push(node(Kind::Map(inner)));
        items.len() - 1
    });
    match &mut items[n].kind {
        Kind::Map(inner) => inner,
        _ => unreachable!("only objects were put there"),
    }
}

/// Calls `is_in` for each group that a line names: its name, where it stands, and the person as a member.
fn memberships(
    text: &str,
    columns: &[Option<Column>],
    cells: &[(String, Span)],
    person: &Node,
    mut is_in: impl FnMut(String, Span, Node),
) {
    let named = |name: &str| person.fields().iter().find(|it| it.name.text == name);
    // A person who has neither is complained of by the schema.
    let Some(Kind::Text(known_as)) = named("id")
        .or_else(|| named("userName"))
        .map(|it| &it.value.kind)
    else {
        return;
    };
    for (column, (_, span)) in columns.iter().zip(cells) {
        if *column != Some(Column::Groups) {
            continue;
        }
        let span = inner(text, span);
        let mut start = span.start;
        for part in text[span.clone()].split(';') {
            let name = part.trim();
            let from = start + (part.len() - part.trim_start().len());
            start += part.len() + 1;
            if !name.is_empty() {
                let span = from..from + name.len();
                let member = Node {
                    span: span.clone(),
                    kind: Kind::Text(known_as.clone()),
                };
                is_in(name.replace("\"\"", "\""), span, member);
            }
        }
    }
}

/// The group of this name, which stands where it was named first.
fn group(source: &Arc<Source>, name: String, span: &Span, members: Vec<Node>) -> Entry {
    let node = |kind| Node {
        span: span.clone(),
        kind,
    };
    let fields = vec![
        field("displayName", span, node(Kind::Text(name))),
        field("members", span, node(Kind::List(members))),
    ];
    Entry::tree(source, node(Kind::Map(fields)))
}
