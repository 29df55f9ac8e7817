//! A directory that is edited at random, and what a service provider must hold in the end. It follows from a seed.

use scimulate::ids;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// People and groups by number, as they are now.
pub(crate) struct Crowd {
    seed: u64,
    drawn: u64,
    people: BTreeMap<u64, Person>,
    groups: BTreeMap<u64, Group>,
    next: u64,
}

struct Person {
    user_name: String,
    title: u64,
    department: u64,
    mail: u64,
    active: bool,
    manager: Option<u64>,
}

struct Group {
    name: String,
    members: BTreeSet<u64>,
}

impl Crowd {
    /// So many, each in a few groups.
    pub(crate) fn new(seed: u64, people: u64, groups: u64) -> Self {
        let mut crowd = Self {
            seed,
            drawn: 0,
            people: BTreeMap::new(),
            groups: BTreeMap::new(),
            next: 0,
        };
        for _ in 0..people {
            crowd.hire();
        }
        for n in 0..groups {
            let group = Group {
                name: format!("Group {n}"),
                members: BTreeSet::new(),
            };
            crowd.groups.insert(n, group);
        }
        crowd.next = people.max(groups);
        for person in 0..people {
            for _ in 0..3 {
                let group = crowd.draw(groups.max(1));
                if let Some(group) = crowd.groups.get_mut(&group) {
                    group.members.insert(person);
                }
            }
        }
        crowd
    }

    pub(crate) fn draw(&mut self, below: u64) -> u64 {
        self.drawn += 1;
        ids::draw(self.seed, "crowd", self.drawn) % below
    }

    fn hire(&mut self) {
        let n = self.next;
        self.next += 1;
        let (title, department) = (self.draw(20), self.draw(10));
        // A manager is somebody who was there before, so that there are no circles.
        let before: Vec<u64> = self.people.keys().copied().take(50).collect();
        let manager = match before.len() as u64 {
            0 => None,
            several => Some(before[usize::try_from(self.draw(several)).unwrap()]),
        };
        let person = Person {
            user_name: format!("person.{n}@example.com"),
            title,
            department,
            mail: n,
            active: true,
            manager: manager.filter(|_| n.is_multiple_of(3)),
        };
        self.people.insert(n, person);
    }

    fn somebody(&mut self) -> u64 {
        let at = usize::try_from(self.draw(self.people.len() as u64)).unwrap();
        *self.people.keys().nth(at).unwrap()
    }

    fn some_group(&mut self) -> u64 {
        let at = usize::try_from(self.draw(self.groups.len() as u64)).unwrap();
        *self.groups.keys().nth(at).unwrap()
    }

    /// One edit, as an admin would make it.
    pub(crate) fn edit(&mut self) {
        let who = self.somebody();
        let group = self.some_group();
        let value = self.draw(1000);
        match self.draw(14) {
            0..3 => self.people.get_mut(&who).unwrap().title = value,
            3 => self.people.get_mut(&who).unwrap().department = value,
            4 => self.people.get_mut(&who).unwrap().mail = value + 1_000_000,
            5 => {
                let person = self.people.get_mut(&who).unwrap();
                person.active = !person.active;
            }
            6 if self.people.len() > 10 => {
                self.people.remove(&who);
                for group in self.groups.values_mut() {
                    group.members.remove(&who);
                }
                for person in self.people.values_mut() {
                    person.manager = person.manager.filter(|it| *it != who);
                }
            }
            6 | 7 => self.hire(),
            8 | 9 => drop(self.groups.get_mut(&group).unwrap().members.insert(who)),
            10 => drop(self.groups.get_mut(&group).unwrap().members.remove(&who)),
            11 => self.groups.get_mut(&group).unwrap().name = format!("Renamed {group} {value}"),
            12 if self.groups.len() > 3 => drop(self.groups.remove(&group)),
            12 => {
                let members = BTreeSet::from([who]);
                let name = format!("New {}", self.next);
                self.groups.insert(self.next, Group { name, members });
                self.next += 1;
            }
            _ => {
                let name = format!("renamed.{who}.{value}@example.com");
                self.people.get_mut(&who).unwrap().user_name = name;
            }
        }
    }

    /// The file.
    pub(crate) fn to_json(&self) -> String {
        let users: Vec<Value> = self.people.iter().map(|(n, it)| it.to_json(*n)).collect();
        let groups = self.groups.iter().map(|(n, it)| {
            let members: Vec<String> = it.members.iter().map(|n| format!("p{n}")).collect();
            json!({"id": format!("g{n}"), "displayName": it.name, "members": members})
        });
        json!({"users": users, "groups": groups.collect::<Vec<_>>()}).to_string()
    }

    /// Where a service provider's directory is another than this; `groups` is whether they are pushed.
    pub(crate) fn differences(&self, state: &Value, groups: bool) -> Vec<String> {
        let mut found = Vec::new();
        let empty = Vec::new();
        let list = |name: &str| state[name].as_array().unwrap_or(&empty);
        let mut there: BTreeMap<&str, &Value> = BTreeMap::new();
        let mut ids: BTreeMap<&str, &str> = BTreeMap::new();
        for user in list("users") {
            let name = user["userName"].as_str().unwrap();
            ids.insert(user["id"].as_str().unwrap(), name);
            if there.insert(name, user).is_some() {
                found.push(format!("{name} is there twice"));
            }
        }
        for person in self.people.values() {
            let Some(user) = there.remove(person.user_name.as_str()) else {
                // Who may not log in and was never there is not made.
                if person.active {
                    found.push(format!("{} is missing", person.user_name));
                }
                continue;
            };
            let manager = person.manager.and_then(|it| self.people.get(&it));
            let manager_there = user[ENTERPRISE]["manager"]["value"].as_str();
            let manager_there = manager_there.and_then(|id| ids.get(id).copied());
            let is_there = |it: &&Person| ids.values().any(|name| *name == it.user_name);
            let expected = manager.filter(is_there).map(|it| it.user_name.as_str());
            // What is told of somebody who may not log in is told all the same.
            for (what, expected, told) in [
                ("active", json!(person.active), user["active"].clone()),
                (
                    "title",
                    json!(format!("Title {}", person.title)),
                    user["title"].clone(),
                ),
                (
                    "department",
                    json!(format!("Department {}", person.department)),
                    user[ENTERPRISE]["department"].clone(),
                ),
                (
                    "mail",
                    json!(format!("m{}@example.com", person.mail)),
                    user["emails"][0]["value"].clone(),
                ),
                ("manager", json!(expected), json!(manager_there)),
            ] {
                if expected != told {
                    found.push(format!(
                        "{}: {what} is {told}, and not {expected}",
                        person.user_name
                    ));
                }
            }
        }
        for (name, user) in there {
            if user["active"] != false {
                found.push(format!("{name} has left, and is active"));
            }
        }
        let mut names: BTreeMap<&str, &Value> = BTreeMap::new();
        for group in list("groups") {
            if names
                .insert(group["displayName"].as_str().unwrap(), group)
                .is_some()
            {
                found.push(format!("{} is there twice", group["displayName"]));
            }
        }
        for group in self.groups.values().filter(|_| groups) {
            let Some(there) = names.remove(group.name.as_str()) else {
                found.push(format!("{} is missing", group.name));
                continue;
            };
            let told = there["members"].as_array().unwrap_or(&empty).iter();
            let told: BTreeSet<&str> = told
                .filter_map(|it| ids.get(it["value"].as_str()?).copied())
                .collect();
            let members = group
                .members
                .iter()
                .map(|it| self.people[it].user_name.as_str());
            let expected: BTreeSet<&str> = members
                .filter(|name| ids.values().any(|it| it == name))
                .collect();
            if told != expected {
                let more: Vec<_> = told.difference(&expected).collect();
                let less: Vec<_> = expected.difference(&told).collect();
                found.push(format!(
                    "{}: {more:?} too many, {less:?} missing",
                    group.name
                ));
            }
        }
        found.extend(
            names
                .keys()
                .map(|name| format!("{name} is there, and not wanted")),
        );
        found
    }
}

impl Person {
    fn to_json(&self, n: u64) -> Value {
        let mut extension = json!({"department": format!("Department {}", self.department)});
        if let Some(manager) = self.manager {
            extension["manager"] = json!({"value": format!("p{manager}")});
        }
        json!({
            "id": format!("p{n}"),
            "userName": self.user_name,
            "name": {"givenName": format!("Given {n}"), "familyName": "Family"},
            "emails": [{"type": "work", "primary": true, "value": format!("m{}@example.com", self.mail)}],
            "title": format!("Title {}", self.title),
            "active": self.active,
            ENTERPRISE: extension,
        })
    }
}
