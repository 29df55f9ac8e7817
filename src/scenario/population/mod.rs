//! `population` of a scenario file: users and groups by the thousand that nobody has to write, on top of those that somebody has.
//!
//! Whoever they are follows from the seed, and a user stays who they are when more are asked for. What is kept is little: each is made
//! when it is asked for. They have what their type has; an attribute that the scenario took out of User is not generated.
//!
//! - `words`: of what they are made, in text files; `draw`: chance; `person`, `group`: one of each

mod draw;
mod group;
mod person;
mod words;

use super::node::{Kind, Node};
use super::reader::{Fields, Reader};
use super::source::Span;
use super::texts::Texts;
use super::{Entry, Scenario};
use crate::ids;
use crate::scim::resource_type::ResourceType;
use group::Plan;
use person::Person;
use serde_json::{Map, Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

const FIELDS: &[&str] = &[
    "users",
    "groups",
    "memberships_per_user",
    "disabled_share",
    "nested_share",
    "domain",
];
const WRITE: &str = "population: Population(users: 1000, groups: 40, memberships_per_user: 3)";
/// A directory is kept in memory; more than this will not be what was meant.
const MOST: u64 = 10_000_000;

/// One of a population, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum One {
    User(usize),
    Group(usize),
}

/// A population: what it takes to make any one of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Population {
    /// Where the file asks for it.
    pub(super) span: Span,
    seed: u64,
    /// How many of a million users are disabled.
    disabled: u64,
    domain: String,
    /// The how many-eth of their login each user is, from 1.
    namesakes: Vec<u32>,
    groups: Vec<Plan>,
    /// Attributes that the users of this scenario do not have, and those that its groups do not.
    absent: [Vec<String>; 2],
}

/// What a file asks for.
struct Wanted {
    users: usize,
    groups: usize,
    memberships: usize,
    disabled: u64,
    nested: u64,
    domain: String,
}

/// Adds the population that a node asks for to the users and groups of a scenario.
pub(super) fn add(reader: &mut Reader, node: &Node, scenario: &mut Scenario, texts: &Texts) {
    let Some(wanted) = wanted(reader, node) else {
        return;
    };
    let source = texts.of(&node.span);
    let population = Population::new(&wanted, source.local(&node.span), scenario);
    let population = Arc::new(population);
    let made = |one: One| Entry::generated(source, &population, one);
    scenario
        .users
        .extend((0..wanted.users).map(One::User).map(made));
    scenario
        .groups
        .extend((0..wanted.groups).map(One::Group).map(made));
}

fn wanted(reader: &mut Reader, node: &Node) -> Option<Wanted> {
    let before = reader.problems.len();
    let fields = reader.fields(node, "Population", FIELDS);
    let number = |reader: &mut Reader, name: &str, most: u64, usual: usize| {
        let node = fields.get(name)?;
        let number = reader.whole_number(node, (0, most), &format!("{name}: {usual}"));
        number.and_then(|it| usize::try_from(it).ok())
    };
    let users = number(reader, "users", MOST, 1000);
    let groups = number(reader, "groups", MOST, 40);
    let memberships = number(reader, "memberships_per_user", 1000, 3);
    let disabled = share(reader, &fields, "disabled_share", 50_000);
    let nested = share(reader, &fields, "nested_share", 100_000);
    let domain = fields.get("domain").and_then(|it| domain(reader, it));
    if reader.problems.len() > before {
        return None;
    }
    if users.is_none() {
        let title = "`Population` lacks `users`";
        let label = "expected `users` among its fields";
        reader.complain(node.span.clone(), title, label, format!("write `{WRITE}`"));
    }
    Some(Wanted {
        users: users?,
        groups: groups.unwrap_or(0),
        memberships: memberships.unwrap_or(3),
        disabled,
        nested,
        domain: domain.unwrap_or("crowd.example").to_owned(),
    })
}

/// A share of the whole, in millionths.
fn share(reader: &mut Reader, fields: &Fields<'_>, name: &str, usual: u64) -> u64 {
    let Some(node) = fields.get(name) else {
        return usual;
    };
    let given = match &node.kind {
        Kind::Number(number) => number.as_f64(),
        _ => None,
    };
    match given {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number from 0 to a million"
        )]
        Some(share) if (0.0..=1.0).contains(&share) => (share * 1e6).round() as u64,
        _ => {
            let title = format!("`{name}` is a share of the whole");
            let help = format!("write `{name}: 0.05` for one in twenty");
            reader.complain(
                node.span.clone(),
                title,
                "expected a number from 0.0 to 1.0",
                help,
            );
            usual
        }
    }
}

fn domain<'n>(reader: &mut Reader, node: &'n Node) -> Option<&'n str> {
    let write = r#"domain: "example.com""#;
    let name = reader.text(node, write)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
    if !name.is_empty() && name.chars().all(plain) && !name.starts_with('.') && !name.ends_with('.')
    {
        return Some(name);
    }
    let title = format!("`{name}` cannot be the domain of an email address");
    reader.complain(
        node.span.clone(),
        title,
        "expected letters, digits, `-` and `.`",
        format!("write `{write}`"),
    );
    None
}

impl Population {
    fn new(wanted: &Wanted, span: Span, scenario: &Scenario) -> Self {
        let seed = scenario.seed;
        let names = |list: &[Entry], attribute: &str, found: &mut HashSet<String>| {
            for entry in list {
                let value = entry.value();
                let named = value
                    .into_iter()
                    .find(|(key, _)| key.eq_ignore_ascii_case(attribute));
                found.extend(named.and_then(|(_, value)| Some(value.as_str()?.to_lowercase())));
            }
        };
        let mut user_names = HashSet::new();
        names(&scenario.users, "userName", &mut user_names);
        let mut labels = HashSet::new();
        names(&scenario.users, "displayName", &mut labels);
        names(&scenario.groups, "displayName", &mut labels);
        let sizes = (wanted.users, wanted.groups, wanted.memberships);
        let mut population = Self {
            span,
            seed,
            disabled: wanted.disabled,
            domain: wanted.domain.clone(),
            namesakes: namesakes(seed, wanted, &user_names),
            groups: group::plans(seed, sizes, wanted.nested, &labels),
            absent: Default::default(),
        };
        population.absent = population.absent(&scenario.types);
        population
    }

    /// One of them, as JSON.
    pub(super) fn make(&self, one: One) -> Map<String, Value> {
        let [of_users, of_groups] = &self.absent;
        let (mut made, absent) = match one {
            One::User(n) => (self.person(n), of_users),
            One::Group(n) => (self.group(n), of_groups),
        };
        for name in absent {
            made.remove(name);
        }
        made
    }

    fn group(&self, n: usize) -> Map<String, Value> {
        let Plan {
            name,
            users,
            groups,
        } = &self.groups[n];
        let users = users.iter().map(|n| self.user_name(*n));
        let groups = groups.iter().map(|n| self.groups[*n].name.clone());
        let members = users.chain(groups).map(|name| json!({"value": name}));
        let mut group = Map::new();
        group.insert("displayName".to_owned(), json!(name));
        group.insert("externalId".to_owned(), json!(format!("g{:05}", n + 1)));
        group.insert("members".to_owned(), members.collect());
        group
    }

    fn user_name(&self, n: usize) -> String {
        user_name(
            &Person::new(self.seed, n).login(),
            self.namesakes[n],
            &self.domain,
        )
    }

    /// Attributes of what is made that its type does not have.
    fn absent(&self, types: &[Arc<ResourceType>]) -> [Vec<String>; 2] {
        let firsts = [
            ("User", self.namesakes.is_empty(), One::User(0)),
            ("Group", self.groups.is_empty(), One::Group(0)),
        ];
        firsts.map(|(name, none, first)| {
            let Some(kind) = types.iter().find(|it| it.name == name && !none) else {
                return Vec::new();
            };
            let knows = |name: &str| {
                name == "externalId"
                    || kind.attribute(name).is_some()
                    || kind.extension(name).is_some()
            };
            let names = self.make(first).into_iter().map(|(name, _)| name);
            names.filter(|name| !knows(name)).collect()
        })
    }
}

/// Which of the bearers of their login each user is. Names that the file has given are passed over.
fn namesakes(seed: u64, wanted: &Wanted, taken: &HashSet<String>) -> Vec<u32> {
    let mut borne: HashMap<u64, u32> = HashMap::new();
    let number = |n: usize| {
        let login = Person::new(seed, n).login();
        // Two logins of one digest share a count, and lose nothing by it.
        let count = borne.entry(ids::seal(0, [login.as_str()])).or_default();
        *count += 1;
        while !taken.is_empty() && taken.contains(&user_name(&login, *count, &wanted.domain)) {
            *count += 1;
        }
        *count
    };
    (0..wanted.users).map(number).collect()
}

/// `ann.lee@crowd.example`, `ann.lee2@crowd.example`: logins have no digits, so that no two are the same.
fn user_name(login: &str, namesake: u32, domain: &str) -> String {
    match namesake {
        1 => format!("{login}@{domain}"),
        n => format!("{login}{n}@{domain}"),
    }
}
