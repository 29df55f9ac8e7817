//! What was pushed beside what is wanted, as changes. Pure; each phase is planned when the one before it is done, for it needs the ids that
//! came of it: people, groups, who is in them, managers, and last who is deleted.

use super::dialect::{Deprovision, Dialect, Member, Membership};
use super::directory::{Directory, ENTERPRISE, Group, Person};
use super::flat::{Difference, differences};
use super::state::{GroupLink, Link, Memory};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// What is to be done about somebody, or about a group.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Find them there; if they are not, make them.
    Create,
    /// Change what differs.
    Update(Vec<Difference>),
    /// They have left: they are not to log in any more.
    Leave,
    /// Whether they were made is not known, and they are not wanted: find out, and undo it.
    Settle,
    /// Whether they were made is not known, and they would not be made now: if they are there, they are to be as the file has them.
    Adopt,
    /// Be rid of them.
    Delete,
    /// Who is in it, changes.
    Members(Membership),
    /// Say who is in it, all of it.
    AllMembers,
}

/// A change of a person.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonChange {
    /// Who; if they have left, as they were pushed last.
    pub person: Person,
    /// What.
    pub act: Act,
}

/// A change of a group.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupChange {
    /// Which; if it is gone, as it was pushed last.
    pub group: Group,
    /// What.
    pub act: Act,
}

/// Where managers are.
pub fn manager_path() -> String {
    format!("{ENTERPRISE}:manager")
}

/// As whom, what becomes of those who leave, and when it is.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// As whom.
    pub dialect: Dialect,
    /// What becomes of those who leave.
    pub leaving: Deprovision,
    /// By the clock of the job.
    pub now: Timestamp,
}

/// Who is made, changed, or has left.
pub fn people(memory: &Memory, directory: &Directory, policy: Policy) -> Vec<PersonChange> {
    let ways = policy.dialect.ways();
    let mut changes = Vec::new();
    for person in &directory.people {
        let link = memory.people.get(&person.key);
        let act = match link {
            Some(link) if link.id.is_some() && link.left.is_none() => {
                let found = of_person(link, person, ways.clears);
                if found.is_empty() {
                    continue;
                }
                Act::Update(found)
            }
            // Who comes back is looked for as if they were new.
            Some(link) if link.left.is_some() && !person.active => continue,
            _ if person.active || ways.creates_inactive => Act::Create,
            Some(link) if link.id.is_none() => Act::Adopt,
            _ => continue,
        };
        changes.push(PersonChange {
            person: person.clone(),
            act,
        });
    }
    for (key, link) in gone(&memory.people, directory.people.iter().map(|it| &it.key)) {
        let in_doubt = link.doubt.contains("active");
        let act = match (&link.id, link.left) {
            (None, _) => Act::Settle,
            (Some(_), None) if policy.leaving == Deprovision::Deactivate => Act::Leave,
            (Some(_), Some(_)) if in_doubt && policy.leaving == Deprovision::Deactivate => {
                Act::Leave
            }
            _ => continue,
        };
        let person = as_pushed(key, link);
        changes.push(PersonChange { person, act });
    }
    changes
}

/// What of a person differs from what was pushed, managers aside.
pub fn of_person(link: &Link, person: &Person, clears: bool) -> Vec<Difference> {
    let aside = ["active".to_owned(), manager_path()];
    let doubt: BTreeSet<String> = link
        .doubt
        .iter()
        .filter(|it| !aside.contains(it))
        .cloned()
        .collect();
    let mut found = differences(&link.pushed, &person.attributes, &doubt);
    found.retain(|it| clears || it.wanted.is_some());
    if link.active != Some(person.active) || link.doubt.contains("active") {
        found.push(activity(person.active, link.active.is_some()));
    }
    found
}

/// The difference that says whether somebody may log in.
pub fn activity(active: bool, was_there: bool) -> Difference {
    Difference {
        path: "active".to_owned(),
        wanted: Some(active.into()),
        was_there,
    }
}

/// Which groups are made, have another name, or were made perhaps.
pub fn groups(memory: &Memory, directory: &Directory, policy: Policy) -> Vec<GroupChange> {
    let mut changes = Vec::new();
    if !policy.dialect.ways().pushes_groups {
        return changes;
    }
    for group in &directory.groups {
        let act = match memory.groups.get(&group.key) {
            Some(link) if link.id.is_some() => {
                let found = differences(&link.pushed, &told(group), &link.doubt);
                let found: Vec<_> = found.into_iter().filter(|it| it.wanted.is_some()).collect();
                if found.is_empty() {
                    continue;
                }
                Act::Update(found)
            }
            _ => Act::Create,
        };
        changes.push(GroupChange {
            group: group.clone(),
            act,
        });
    }
    for (key, link) in gone(&memory.groups, directory.groups.iter().map(|it| &it.key)) {
        if link.id.is_none() {
            let group = group_as_pushed(key, link);
            changes.push(GroupChange {
                group,
                act: Act::Settle,
            });
        }
    }
    changes
}

/// What is told of a group, besides its members.
pub fn told(group: &Group) -> Map<String, Value> {
    let mut told = Map::new();
    told.insert("displayName".to_owned(), group.display_name.as_str().into());
    if let Some(external_id) = &group.external_id {
        told.insert("externalId".to_owned(), external_id.as_str().into());
    }
    told
}

/// Who comes into groups, and who goes.
pub fn memberships(memory: &Memory, directory: &Directory, policy: Policy) -> Vec<GroupChange> {
    let mut changes = Vec::new();
    for group in &directory.groups {
        let Some(link) = memory.groups.get(&group.key).filter(|it| it.id.is_some()) else {
            continue;
        };
        let wanted = members(memory, group);
        let act = if link.unknown && policy.dialect.says_all_members() {
            Act::AllMembers
        } else {
            let ids: BTreeSet<&String> = wanted.iter().map(|it| &it.id).collect();
            let sure = |id: &String| link.members.contains(id) && !link.doubt_members.contains(id);
            let there = link.members.union(&link.doubt_members);
            let change = Membership {
                remove: there.filter(|id| !ids.contains(id)).cloned().collect(),
                add: wanted.iter().filter(|it| !sure(&it.id)).cloned().collect(),
            };
            if change == Membership::default() {
                continue;
            }
            Act::Members(change)
        };
        changes.push(GroupChange {
            group: group.clone(),
            act,
        });
    }
    changes
}

/// The members of a group who are there.
pub fn members(memory: &Memory, group: &Group) -> Vec<Member> {
    let there = group
        .members
        .iter()
        .filter_map(|key| memory.people.get(key));
    let there = there.filter(|link| link.left.is_none()).filter_map(|link| {
        Some(Member {
            id: link.id.clone()?,
            display: link.name.clone(),
        })
    });
    there.collect()
}

/// Whose manager is another.
pub fn managers(memory: &Memory, directory: &Directory) -> Vec<PersonChange> {
    let mut changes = Vec::new();
    for person in &directory.people {
        let link = memory.people.get(&person.key);
        let Some(link) = link.filter(|it| it.id.is_some() && it.left.is_none()) else {
            continue;
        };
        let wanted = manager(memory, person);
        // Somebody who is not there yet can be nobody's manager.
        if person.manager.is_some() && wanted.is_none() {
            continue;
        }
        let path = manager_path();
        if link.manager.as_deref() == wanted && !link.doubt.contains(&path) {
            continue;
        }
        let difference = Difference {
            path,
            wanted: wanted.map(Value::from),
            was_there: link.manager.is_some(),
        };
        changes.push(PersonChange {
            person: person.clone(),
            act: Act::Update(vec![difference]),
        });
    }
    changes
}

/// The id that somebody's manager has there.
pub fn manager<'m>(memory: &'m Memory, person: &Person) -> Option<&'m str> {
    let link = memory.people.get(person.manager.as_ref()?)?;
    link.id.as_deref()
}

/// Who is deleted: those who have left, at once or when their time is up.
pub fn deletions(
    memory: &Memory,
    directory: &Directory,
    policy: Policy,
) -> (Vec<GroupChange>, Vec<PersonChange>) {
    let ways = policy.dialect.ways();
    let groups = gone(&memory.groups, directory.groups.iter().map(|it| &it.key));
    let groups = groups.filter(|(_, link)| link.id.is_some());
    let groups = groups.map(|(key, link)| GroupChange {
        group: group_as_pushed(key, link),
        act: Act::Delete,
    });
    let is_over = |left: Timestamp| {
        let kept = ways.purge_after;
        let kept = kept.and_then(|it| SignedDuration::try_from(it).ok());
        kept.is_some_and(|kept| policy.now.duration_since(left) >= kept)
    };
    let people = gone(&memory.people, directory.people.iter().map(|it| &it.key));
    let people = people.filter(|(_, link)| match (&link.id, link.left) {
        (None, _) => false,
        (Some(_), Some(left)) => policy.leaving == Deprovision::Delete || is_over(left),
        (Some(_), None) => policy.leaving == Deprovision::Delete,
    });
    let people = people.map(|(key, link)| PersonChange {
        person: as_pushed(key, link),
        act: Act::Delete,
    });
    (groups.collect(), people.collect())
}

/// What is remembered of those who are not in the directory any more.
fn gone<'m, 'd, L>(
    remembered: &'m BTreeMap<String, L>,
    there: impl Iterator<Item = &'d String>,
) -> impl Iterator<Item = (&'m String, &'m L)> {
    let there: BTreeSet<&String> = there.collect();
    remembered
        .iter()
        .filter(move |(key, _)| !there.contains(*key))
}

/// Somebody who is not in the directory any more, as they were pushed last.
fn as_pushed(key: &str, link: &Link) -> Person {
    Person {
        key: key.to_owned(),
        user_name: link.name.clone(),
        active: false,
        attributes: link.pushed.clone(),
        manager: None,
    }
}

fn group_as_pushed(key: &str, link: &GroupLink) -> Group {
    Group {
        key: key.to_owned(),
        display_name: link.name.clone(),
        external_id: None,
        members: BTreeSet::new(),
        nested: 0,
    }
}

/// `create`, for people.
impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_only = |found: &[Difference], path: &str| found.iter().all(|it| it.path == path);
        match self {
            Self::Create => f.write_str("create"),
            Self::Update(found) if is_only(found, &manager_path()) => f.write_str("manager"),
            Self::Update(found) if is_only(found, "active") => {
                let active = found.iter().any(|it| it.wanted == Some(Value::Bool(true)));
                f.write_str(if active { "activate" } else { "deactivate" })
            }
            Self::Update(_) => f.write_str("update"),
            Self::Leave => f.write_str("deactivate"),
            Self::Settle => f.write_str("settle"),
            Self::Adopt => f.write_str("adopt"),
            Self::Delete => f.write_str("delete"),
            Self::Members(change) => {
                write!(f, "members +{} -{}", change.add.len(), change.remove.len())
            }
            Self::AllMembers => f.write_str("all members"),
        }
    }
}
