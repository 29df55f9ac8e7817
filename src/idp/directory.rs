//! The directory of an identity provider: the people and groups of a file, each under a key that stays while the rest of the file changes,
//! or everything that is wrong with the file.
//!
//! It is what a scenario holds, checked by the same schemas; besides, an identity provider needs managers that end at somebody, and
//! groups that its names tell apart.

use crate::directory::{Layout, Resource, Snapshot};
use crate::ids::Ids;
use crate::scenario::{self, Diagnostic, Draft, Entry, NamedFile, Scenario, Severity, Sound};
use crate::scim::link::LinkSet;
use crate::scim::path::member;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

/// The extension of RFC 7643 section 4.3, where managers are.
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Directory {
    /// In the order of the file.
    pub people: Vec<Person>,
    /// In the order of the file.
    pub groups: Vec<Group>,
}

/// Somebody.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// Who it is, whatever else changes: the `id` that the file gives, else what follows from the user name.
    pub key: String,
    /// The name to log in with.
    pub user_name: String,
    /// Whether they may.
    pub active: bool,
    /// All that is told of them, but for `active` and the manager.
    pub attributes: Map<String, Value>,
    /// The key of the manager.
    pub manager: Option<String>,
}

/// People who are named together.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// As for a person; else what follows from the display name.
    pub key: String,
    /// What it is called, and found by.
    pub display_name: String,
    /// The identifier that the file gives, if it gives one.
    pub external_id: Option<String>,
    /// The keys of the people in it.
    pub members: BTreeSet<String>,
    /// How many groups are in it, which no identity provider here pushes.
    pub nested: usize,
}

/// What reading a file comes to.
#[derive(Debug)]
pub struct Loaded {
    /// The directory, unless something is wrong.
    pub directory: Option<Directory>,
    /// Everything that is wrong or odd, by its place.
    pub diagnostics: Vec<Diagnostic>,
    /// The files that it names.
    pub files: Vec<NamedFile>,
}

/// Reads a directory. `path` is what diagnostics call it, and its ending says what it is written in.
pub fn load(path: &Path, text: &str) -> Loaded {
    let Draft {
        scenario,
        mut diagnostics,
        files,
        sound,
    } = scenario::draft_people(path, text);
    let mut directory = None;
    if let Some(mut scenario) = scenario.filter(|_| sound != Sound::Nothing) {
        // Ids that count would move on when somebody is written in front.
        scenario.ids = Ids::Uuid;
        let layout = Arc::new(Layout::new(scenario.types.clone()));
        let (moment, refused) = scenario.first_moment(&layout, &scenario.origin(), sound);
        diagnostics.extend(refused);
        let read = of(&moment);
        diagnostics.extend(oddities(&scenario, &read));
        directory = Some(read);
    }
    let own = path.display().to_string();
    diagnostics.sort_by_cached_key(|it| {
        (
            it.path() != own,
            it.path().to_owned(),
            it.span.start,
            it.title.clone(),
        )
    });
    diagnostics.dedup();
    let is_wrong = diagnostics.iter().any(Diagnostic::is_error);
    Loaded {
        directory: directory.filter(|_| !is_wrong),
        diagnostics,
        files,
    }
}

fn of(moment: &Snapshot) -> Directory {
    let all = |name: &str| {
        let kind = moment.layout().kind_named(name);
        kind.into_iter().flat_map(|kind| moment.of_kind(kind))
    };
    let is_person = |id: &str| {
        moment
            .layout()
            .kind_named("User")
            .is_some_and(|kind| moment.get(kind, id).is_some())
    };
    Directory {
        people: all("User").map(|it| person(it)).collect(),
        groups: all("Group").map(|it| group(it, is_person)).collect(),
    }
}

fn person(resource: &Resource) -> Person {
    let mut content = resource.content();
    let manager = content
        .get(Some(ENTERPRISE), "manager")
        .and_then(|it| it.get("value")?.as_str().map(str::to_owned));
    content.set(Some(ENTERPRISE), "manager", None);
    let active = content.get(None, "active") != Some(&Value::Bool(false));
    content.set(None, "active", None);
    let user_name = text(&content.attributes, "userName");
    Person {
        key: resource.id.to_string(),
        user_name,
        active,
        attributes: content.attributes,
        manager,
    }
}

fn group(resource: &Resource, is_person: impl Fn(&str) -> bool) -> Group {
    let content = resource.content();
    let links = content.links("members").into_iter();
    let links = links.flat_map(LinkSet::iter);
    let (people, others): (Vec<&str>, Vec<&str>) = links
        .map(|it| it.value.as_ref())
        .partition(|id| is_person(id));
    let external_id = content.get(None, "externalId").and_then(Value::as_str);
    Group {
        key: resource.id.to_string(),
        display_name: text(&content.attributes, "displayName"),
        external_id: external_id.map(str::to_owned),
        members: people.into_iter().map(str::to_owned).collect(),
        nested: others.len(),
    }
}

fn text(attributes: &Map<String, Value>, name: &str) -> String {
    let text = attributes.get(name).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// What is wrong between people and groups that are right each by itself.
fn oddities(scenario: &Scenario, directory: &Directory) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let named = entries(&scenario.users, "userName");
    let at = |person: &Person| {
        let by = |name: &str| named.get(&name.to_lowercase()).copied();
        by(&person.user_name)
    };
    for circle in circles(&directory.people) {
        let names: Vec<String> = circle
            .iter()
            .chain(circle.first())
            .map(|it| format!("`{}`", it.user_name))
            .collect();
        let Some(entry) = circle.first().and_then(|it| at(it)) else {
            continue;
        };
        let title = match circle.as_slice() {
            [one] => format!("`{}` is their own manager", one.user_name),
            _ => format!("managers go in a circle: {}", names.join(", then ")),
        };
        let help = "take one `manager` of the circle out: somebody has none";
        found.push(entry.diagnostic(&format!("{ENTERPRISE}:manager"), title, help));
    }
    found.extend(twice(
        &scenario.groups,
        "displayName",
        "identity providers find a group by its name; give one of them another",
    ));
    found.extend(twice(
        &scenario.users,
        "externalId",
        "it says who somebody is; give one of them another",
    ));
    for entry in &scenario.users {
        if member(&entry.value(), "password").is_some() {
            let title = "passwords are not pushed";
            let help = "remove it: Okta sends a placeholder, and the others send none";
            let mut warning = entry.diagnostic("password", title, help);
            warning.severity = Severity::Warning;
            found.push(warning);
        }
    }
    found
}

/// Entries by a text that they have, in lower case.
fn entries<'e>(entries: &'e [Entry], name: &str) -> HashMap<String, &'e Entry> {
    let mut named = HashMap::new();
    for entry in entries {
        if let Some(text) = text_of(&entry.value(), name) {
            named.entry(text.to_lowercase()).or_insert(entry);
        }
    }
    named
}

/// The text under a name, whatever the case of the name.
fn text_of(object: &Map<String, Value>, name: &str) -> Option<String> {
    let text = member(object, name).and_then(Value::as_str);
    text.map(str::to_owned)
}

/// Entries whose text another before them has.
fn twice(entries: &[Entry], name: &str, help: &str) -> Vec<Diagnostic> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for entry in entries {
        if let Some(text) = text_of(&entry.value(), name)
            && !seen.insert(text.to_lowercase())
        {
            found.push(entry.diagnostic(name, format!("the {name} `{text}` is there twice"), help));
        }
    }
    found
}

/// The circles that managers make, each once.
fn circles(people: &[Person]) -> Vec<Vec<&Person>> {
    let by_key: BTreeMap<&str, usize> = people
        .iter()
        .enumerate()
        .map(|(n, it)| (it.key.as_str(), n))
        .collect();
    let manager = |n: usize| {
        let key = people[n].manager.as_deref()?;
        by_key.get(key).copied()
    };
    // 0: not seen; otherwise on which way it was seen first.
    let mut way = vec![0_usize; people.len()];
    let mut circles = Vec::new();
    for start in 0..people.len() {
        let mut at = Some(start);
        while let Some(n) = at.filter(|n| way[*n] == 0) {
            way[n] = start + 1;
            at = manager(n);
        }
        // It came back to itself, and not to a way that was walked before.
        if let Some(first) = at.filter(|n| way[*n] == start + 1) {
            let rest = std::iter::successors(manager(first), |n| manager(*n));
            let circle = std::iter::once(first).chain(rest.take_while(|n| *n != first));
            circles.push(circle.map(|n| &people[n]).collect());
        }
    }
    circles
}
