//! People and groups as a directory server exports them: content records of LDIF (RFC 2849) of people (RFC 2798, and Active Directory's)
//! and of groups (RFC 4519). What SCIM has no attribute for is passed over; whom a `member` or a `manager` names by its DN has to be there.
//!
//! It is read here because the crates that read LDIF leave out what they do not understand, and do not say where anything stands.

use super::Scenario;
use super::diagnostic::Problem;
use super::entry::Entry;
use super::load::{Draft, Sound};
use super::node::{Field, Kind, Node};
use super::source::Span;
use super::table::{field, object, typed};
use super::texts::Texts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashMap;
use std::path::Path;

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

const PEOPLE: &[&str] = &[
    "person",
    "organizationalperson",
    "inetorgperson",
    "user",
    "account",
];
const GROUPS: &[&str] = &[
    "groupofnames",
    "groupofuniquenames",
    "groupofmembers",
    "group",
];

/// Where an attribute of LDAP goes.
enum To {
    Plain(&'static str),
    In(&'static str, &'static str),
    Typed(&'static str, &'static str, &'static str),
    Enterprise(&'static str),
}

/// The first of several that go to one place counts.
const ATTRIBUTES: &[(&str, To)] = &[
    ("entryuuid", To::Plain("id")),
    ("uid", To::Plain("userName")),
    ("userprincipalname", To::Plain("userName")),
    ("samaccountname", To::Plain("userName")),
    ("displayname", To::Plain("displayName")),
    ("cn", To::Plain("displayName")),
    ("givenname", To::In("name", "givenName")),
    ("sn", To::In("name", "familyName")),
    ("mail", To::Typed("emails", "work", "value")),
    (
        "telephonenumber",
        To::Typed("phoneNumbers", "work", "value"),
    ),
    ("mobile", To::Typed("phoneNumbers", "mobile", "value")),
    ("title", To::Plain("title")),
    ("preferredlanguage", To::Plain("preferredLanguage")),
    ("employeetype", To::Plain("userType")),
    ("street", To::Typed("addresses", "work", "streetAddress")),
    ("l", To::Typed("addresses", "work", "locality")),
    ("st", To::Typed("addresses", "work", "region")),
    ("postalcode", To::Typed("addresses", "work", "postalCode")),
    ("employeenumber", To::Enterprise("employeeNumber")),
    ("department", To::Enterprise("department")),
    ("departmentnumber", To::Enterprise("department")),
    ("ou", To::Enterprise("department")),
    ("o", To::Enterprise("organization")),
    ("company", To::Enterprise("organization")),
];

/// A value of a record, and where it stands.
struct Value {
    /// In lower case, without options.
    name: String,
    text: String,
    span: Span,
}

/// Reads an export, as far as it can be read.
pub(super) fn draft(path: &Path, text: &str) -> Draft {
    let mut texts = Texts::default();
    let source = texts.add(path, text.to_owned());
    let name = path.file_stem().unwrap_or(path.as_os_str());
    let mut scenario = Scenario::named(name.to_string_lossy().into_owned());
    let mut problems = Vec::new();
    let records = records(text, &mut problems);
    let secret = records.iter().flatten();
    let secret = secret.filter(|it| it.name.contains("password") || it.name.contains("pwd"));
    source.hide(secret.map(|it| it.span.clone()).collect());
    let is_a = |record: &[Value], classes: &[&str]| {
        let mut of = record.iter().filter(|it| it.name == "objectclass");
        of.any(|it| classes.contains(&it.text.to_lowercase().as_str()))
    };
    let (people, others): (Vec<_>, Vec<_>) =
        records.iter().partition(|record| is_a(record, PEOPLE));
    // Whom a DN names: by the id if they have one, else by the user name.
    let mut named: HashMap<String, String> = HashMap::new();
    for record in &people {
        let known_as = ["entryuuid", "uid", "userprincipalname", "samaccountname"];
        let mut known_as = known_as.iter().filter_map(|name| first(record, name));
        if let (Some(dn), Some(known_as)) = (first(record, "dn"), known_as.next()) {
            named.insert(distinguished(&dn.text), known_as.text.clone());
        }
    }
    let mut name_of = |it: &Value| {
        let found = named.get(&distinguished(&it.text)).cloned();
        if found.is_none() {
            let title = format!("`{}` names nobody", it.text);
            let help = "export the person too, or take the line out";
            let label = "expected the DN of a person of this file";
            problems.push(Problem::error(it.span.clone(), title, label, help));
        }
        found.map(|name| node(&it.span, Kind::Text(name)))
    };
    for record in people {
        let person = person(record, &mut name_of);
        scenario.users.push(Entry::tree(&source, person));
    }
    for record in others.into_iter().filter(|it| is_a(it, GROUPS)) {
        let group = group(record, &mut name_of);
        scenario.groups.push(Entry::tree(&source, group));
    }
    if scenario.users.is_empty() && problems.is_empty() {
        let title = "nobody is in this file";
        let label = "expected a record with `objectClass: inetOrgPerson`";
        let help = "people are of the class person, inetOrgPerson or user; groups of groupOfNames, groupOfUniqueNames or group";
        problems.push(Problem::error(0..0, title, label, help));
    }
    problems.sort_by_key(|problem| problem.span.start);
    Draft {
        scenario: Some(scenario),
        sound: if problems.is_empty() {
            Sound::All
        } else {
            Sound::Each
        },
        diagnostics: problems
            .into_iter()
            .map(|it| texts.diagnostic(it))
            .collect(),
        files: Vec::new(),
    }
}

fn person(record: &[Value], name_of: &mut impl FnMut(&Value) -> Option<Node>) -> Node {
    let mut fields = Vec::new();
    let mut taken: Vec<(&str, &str, &str)> = Vec::new();
    for (from, to) in ATTRIBUTES {
        let Some(it) = first(record, from) else {
            continue;
        };
        let place = match to {
            To::Plain(name) => (*name, "", ""),
            To::In(name, sub) => (*name, "", *sub),
            To::Typed(name, of_type, sub) => (*name, *of_type, *sub),
            To::Enterprise(name) => (ENTERPRISE, "", *name),
        };
        if taken.contains(&place) {
            continue;
        }
        taken.push(place);
        let (value, span) = (node(&it.span, Kind::Text(it.text.clone())), &it.span);
        match to {
            To::Plain(name) => fields.push(field(name, span, value)),
            To::In(name, sub) => object(&mut fields, name, span).push(field(sub, span, value)),
            To::Typed(name, of_type, sub) => {
                typed(&mut fields, name, of_type, span).push(field(sub, span, value));
            }
            To::Enterprise(name) => {
                object(&mut fields, ENTERPRISE, span).push(field(name, span, value));
            }
        }
    }
    if let Some(manager) = first(record, "manager")
        && let Some(value) = name_of(manager)
    {
        let span = &manager.span;
        let extension = object(&mut fields, ENTERPRISE, span);
        object(extension, "manager", span).push(field("value", span, value));
    }
    if let Some(locked) = record.iter().find(|it| is_locked(it)) {
        let value = node(&locked.span, Kind::Bool(false));
        fields.push(field("active", &locked.span, value));
    }
    whole(record, fields)
}

/// 389 and `FreeIPA` say it in a word, Active Directory in a bit.
fn is_locked(it: &Value) -> bool {
    match it.name.as_str() {
        "nsaccountlock" => it.text.eq_ignore_ascii_case("true"),
        "useraccountcontrol" => it.text.parse().is_ok_and(|bits: u32| bits & 2 != 0),
        _ => false,
    }
}

fn group(record: &[Value], name_of: &mut impl FnMut(&Value) -> Option<Node>) -> Node {
    let mut fields = Vec::new();
    if let Some(id) = first(record, "entryuuid") {
        let value = node(&id.span, Kind::Text(id.text.clone()));
        fields.push(field("id", &id.span, value));
    }
    if let Some(name) = first(record, "cn") {
        let value = node(&name.span, Kind::Text(name.text.clone()));
        fields.push(field("displayName", &name.span, value));
    }
    let members = record.iter();
    let members = members.filter(|it| ["member", "uniquemember"].contains(&it.name.as_str()));
    let members: Vec<Node> = members.filter_map(name_of).collect();
    if let Some(span) = members.first().map(|it| it.span.clone()) {
        fields.push(field("members", &span, node(&span, Kind::List(members))));
    }
    whole(record, fields)
}

fn whole(record: &[Value], fields: Vec<Field>) -> Node {
    let start = record.first().map_or(0, |it| it.span.start);
    let end = record.last().map_or(0, |it| it.span.end);
    node(&(start..end), Kind::Map(fields))
}

fn node(span: &Span, kind: Kind) -> Node {
    Node {
        span: span.clone(),
        kind,
    }
}

fn first<'r>(record: &'r [Value], name: &str) -> Option<&'r Value> {
    record
        .iter()
        .find(|it| it.name == name && !it.text.is_empty())
}

/// A DN in a form in which two that name the same are equal (RFC 4514): without spaces around its parts, in lower case.
fn distinguished(dn: &str) -> String {
    let parts = dn.split(',').map(|part| match part.split_once('=') {
        Some((name, value)) => format!("{}={}", name.trim(), value.trim()),
        None => part.trim().to_owned(),
    });
    parts.collect::<Vec<_>>().join(",").to_lowercase()
}

/// The records, each with its values in their order.
fn records(text: &str, problems: &mut Vec<Problem>) -> Vec<Vec<Value>> {
    let mut records = vec![Vec::new()];
    let mut at = 0;
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        let start = at;
        at += line.len();
        let mut written = bare(line).to_owned();
        // RFC 2849, note 2: a line that begins with a space goes on with the one before it.
        while let Some(next) = lines.peek().filter(|it| it.starts_with(' ')) {
            written.push_str(bare(&next[1..]));
            at += next.len();
            lines.next();
        }
        let span = start..start + bare(line).len();
        if written.is_empty() {
            records.push(Vec::new());
        } else if !written.starts_with('#') {
            let record = records.last_mut().expect("there is always one");
            match value(&written, span) {
                Ok(value) if value.name == "version" && record.is_empty() => {}
                Ok(value) => record.push(value),
                Err(problem) => problems.push(problem),
            }
        }
    }
    records.retain(|record| !record.is_empty());
    for record in &records {
        if record[0].name != "dn" {
            let title = "a record begins with its `dn`";
            let help = "an empty line ends a record; write `dn: …` first";
            problems.push(Problem::error(
                record[0].span.clone(),
                title,
                "expected `dn: …`",
                help,
            ));
        }
    }
    records
}

fn bare(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

fn value(written: &str, span: Span) -> Result<Value, Problem> {
    let wrong = |title: &str, label: &str, help: &str| {
        Err(Problem::error(span.clone(), title, label, help))
    };
    let Some((name, rest)) = written.split_once(':') else {
        let help = "a long line goes on in the next one, which begins with a space";
        return wrong("this is no line of LDIF", "expected `name: value`", help);
    };
    // Options such as `;lang-fr` say more about a value than is asked for here.
    let name = name.split(';').next().unwrap_or_default().to_lowercase();
    if name == "changetype" && rest.trim() != "add" {
        let help = "export the entries themselves (`slapcat`, `ldapsearch -LLL`)";
        return wrong(
            "this is a change, and not an entry",
            "expected entries",
            help,
        );
    }
    let value = if rest.starts_with('<') {
        let help = "write the value itself; no file is looked at";
        return wrong("a value that stands elsewhere", "expected the value", help);
    } else if let Some(encoded) = rest.strip_prefix(':') {
        let decoded = STANDARD.decode(encoded.trim()).ok();
        match decoded.map(String::from_utf8) {
            Some(Ok(text)) => text,
            // A photograph, a certificate: nothing that is pushed.
            Some(Err(_)) => String::new(),
            None => {
                let help = "behind `::` stands base64 (RFC 4648 section 4)";
                return wrong("this is not base64", "expected base64", help);
            }
        }
    } else {
        rest.trim().to_owned()
    };
    Ok(Value {
        name,
        text: value,
        span,
    })
}
