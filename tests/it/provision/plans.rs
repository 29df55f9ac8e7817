//! What was pushed beside what is wanted: which changes come of it, phase by phase.

use jiff::Timestamp;
use scimulate::idp::dialect::{Deprovision, Dialect};
use scimulate::idp::directory::{Directory, Group, Person};
use scimulate::idp::plan::{self, Act, Policy};
use scimulate::idp::state::{GroupLink, Link, Memory};
use serde_json::{Map, Value, json};

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn person(key: &str, title: &str) -> Person {
    Person {
        key: key.to_owned(),
        user_name: key.to_owned(),
        active: true,
        attributes: object(json!({"userName": key, "title": title})),
        manager: None,
    }
}

fn inactive(key: &str) -> Person {
    Person {
        active: false,
        ..person(key, "T")
    }
}

fn link(key: &str, title: &str) -> Link {
    Link {
        id: Some(format!("id-{key}")),
        name: key.to_owned(),
        pushed: object(json!({"userName": key, "title": title})),
        active: Some(true),
        ..Link::default()
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn policy(dialect: Dialect, leaving: Deprovision) -> Policy {
    Policy {
        dialect,
        leaving,
        now: at("2026-03-01T00:00:00Z"),
    }
}

/// Changes of people as `key act`.
#[track_caller]
fn check(dialect: Dialect, links: &[(&str, Link)], people: &[Person], expected: &[&str]) {
    let memory = remembered(links);
    let directory = Directory {
        people: people.to_vec(),
        groups: Vec::new(),
    };
    let policy = policy(dialect, dialect.ways().leaving);
    let changes = plan::people(&memory, &directory, policy);
    let found: Vec<String> = changes
        .iter()
        .map(|it| match &it.act {
            Act::Update(found) => {
                let paths: Vec<&str> = found.iter().map(|it| it.path.as_str()).collect();
                format!("{} {} {}", it.person.key, it.act, paths.join(" "))
            }
            act => format!("{} {act}", it.person.key),
        })
        .collect();
    assert_eq!(found, expected);
}

fn remembered(links: &[(&str, Link)]) -> Memory {
    let people = links.iter();
    Memory {
        people: people
            .map(|(key, link)| ((*key).to_owned(), link.clone()))
            .collect(),
        ..Memory::default()
    }
}

#[test]
fn who_is_new_is_made_and_who_differs_is_changed() {
    for dialect in [Dialect::Okta, Dialect::Entra, Dialect::Oracle] {
        let links = [("ann", link("ann", "T")), ("bob", link("bob", "T"))];
        let people = [person("ann", "T"), person("bob", "U"), person("cy", "T")];
        check(dialect, &links, &people, &["bob update title", "cy create"]);
        check(dialect, &links, &people[..1], &["bob deactivate"]);
        check(
            dialect,
            &links,
            &[inactive("ann"), person("bob", "T")],
            &["ann deactivate active"],
        );
    }
}

#[test]
fn an_attribute_that_is_gone_is_taken_away_except_by_entra() {
    let links = [("ann", link("ann", "T"))];
    let mut ann = person("ann", "T");
    ann.attributes.shift_remove("title");
    let people = [ann];
    check(Dialect::Okta, &links, &people, &["ann update title"]);
    check(Dialect::Oracle, &links, &people, &["ann update title"]);
    check(Dialect::Entra, &links, &people, &[]);
}

#[test]
fn who_may_not_log_in_is_made_by_oracle_alone() {
    let people = [inactive("ann")];
    check(Dialect::Okta, &[], &people, &[]);
    check(Dialect::Entra, &[], &people, &[]);
    check(Dialect::Oracle, &[], &people, &["ann create"]);
}

#[test]
fn what_is_in_doubt_is_said_again() {
    let doubtful = |paths: &[&str]| Link {
        doubt: paths.iter().map(ToString::to_string).collect(),
        ..link("ann", "T")
    };
    let people = [person("ann", "T")];
    let check = |doubt: &[&str], people: &[Person], expected: &[&str]| {
        check(Dialect::Okta, &[("ann", doubtful(doubt))], people, expected);
    };
    check(&["title"], &people, &["ann update title"]);
    check(&["active"], &people, &["ann activate active"]);
    // Something that was added perhaps, and is not wanted any more.
    check(&["nickName"], &people, &["ann update nickName"]);
    // Whether they were made is not known.
    let unknown = Link {
        id: None,
        ..link("ann", "T")
    };
    super::plans::check(
        Dialect::Okta,
        &[("ann", unknown.clone())],
        &people,
        &["ann create"],
    );
    super::plans::check(Dialect::Okta, &[("ann", unknown)], &[], &["ann settle"]);
}

#[test]
fn who_has_left_is_told_once_and_looked_for_when_they_come_back() {
    let left = |doubt: &[&str]| Link {
        left: Some(at("2026-02-20T00:00:00Z")),
        active: Some(false),
        doubt: doubt.iter().map(ToString::to_string).collect(),
        ..link("ann", "T")
    };
    check(Dialect::Entra, &[("ann", left(&[]))], &[], &[]);
    check(
        Dialect::Entra,
        &[("ann", left(&["active"]))],
        &[],
        &["ann deactivate"],
    );
    check(
        Dialect::Entra,
        &[("ann", left(&[]))],
        &[person("ann", "T")],
        &["ann create"],
    );
    check(
        Dialect::Entra,
        &[("ann", left(&[]))],
        &[inactive("ann")],
        &[],
    );
}

#[test]
fn who_has_left_is_deleted_when_their_time_is_up() {
    let gone = |dialect: Dialect, leaving: Deprovision, left: Option<&str>| {
        let link = Link {
            left: left.map(at),
            ..link("ann", "T")
        };
        let memory = remembered(&[("ann", link)]);
        let policy = policy(dialect, leaving);
        plan::deletions(&memory, &Directory::default(), policy)
            .1
            .len()
    };
    let (keep, delete) = (Deprovision::Deactivate, Deprovision::Delete);
    assert_eq!(gone(Dialect::Entra, keep, Some("2026-01-30T00:00:01Z")), 0);
    assert_eq!(gone(Dialect::Entra, keep, Some("2026-01-30T00:00:00Z")), 1);
    assert_eq!(gone(Dialect::Okta, keep, Some("1970-01-01T00:00:00Z")), 0);
    assert_eq!(gone(Dialect::Oracle, keep, Some("1970-01-01T00:00:00Z")), 0);
    assert_eq!(gone(Dialect::Oracle, delete, None), 1);
}

fn group(key: &str, name: &str, members: &[&str]) -> Group {
    Group {
        key: key.to_owned(),
        display_name: name.to_owned(),
        external_id: None,
        members: members.iter().map(ToString::to_string).collect(),
        nested: 0,
    }
}

fn group_link(name: &str, members: &[&str], doubt: &[&str], unknown: bool) -> GroupLink {
    let ids = |of: &[&str]| of.iter().map(|it| format!("id-{it}")).collect();
    GroupLink {
        id: Some("g1".to_owned()),
        name: name.to_owned(),
        pushed: object(json!({"displayName": name})),
        members: ids(members),
        doubt_members: ids(doubt),
        unknown,
        ..GroupLink::default()
    }
}

/// Changes of the members of one group: who comes, who goes.
#[track_caller]
fn members(dialect: Dialect, link: GroupLink, wanted: &[&str], expected: &[&str]) {
    let people = [("ann", link_of("ann")), ("bob", link_of("bob"))];
    let mut memory = remembered(&people);
    memory.groups.insert("k".to_owned(), link);
    let directory = Directory {
        people: vec![person("ann", "T"), person("bob", "T"), person("cy", "T")],
        groups: vec![group("k", "Staff", wanted)],
    };
    let policy = policy(dialect, Deprovision::Deactivate);
    let found = plan::memberships(&memory, &directory, policy);
    let found: Vec<String> = found
        .iter()
        .flat_map(|it| match &it.act {
            Act::Members(change) => {
                let add = change.add.iter().map(|it| format!("+{}", it.id));
                add.chain(change.remove.iter().map(|it| format!("-{it}")))
                    .collect()
            }
            act => vec![act.to_string()],
        })
        .collect();
    assert_eq!(found, expected);
}

fn link_of(key: &str) -> Link {
    link(key, "T")
}

#[test]
fn members_come_and_go_by_the_ids_that_they_have_there() {
    let check = |link: GroupLink, wanted: &[&str], expected: &[&str]| {
        members(Dialect::Okta, link, wanted, expected);
    };
    check(
        group_link("Staff", &[], &[], false),
        &["ann", "bob"],
        &["+id-ann", "+id-bob"],
    );
    check(
        group_link("Staff", &["ann"], &[], false),
        &["bob"],
        &["+id-bob", "-id-ann"],
    );
    check(group_link("Staff", &["ann"], &[], false), &["ann"], &[]);
    // Cy is not there yet, and comes when he is.
    check(
        group_link("Staff", &["ann"], &[], false),
        &["ann", "cy"],
        &[],
    );
    // Who is in doubt is told again, to come or to go.
    check(
        group_link("Staff", &["ann"], &["ann"], false),
        &["ann"],
        &["+id-ann"],
    );
    check(
        group_link("Staff", &[], &["bob"], false),
        &["ann"],
        &["+id-ann", "-id-bob"],
    );
}

#[test]
fn a_group_that_was_found_is_filled_whole_where_that_can_be_said() {
    let found = || group_link("Staff", &[], &[], true);
    members(Dialect::Okta, found(), &["ann"], &["all members"]);
    members(Dialect::Entra, found(), &["ann"], &["+id-ann"]);
    members(Dialect::Entra, found(), &[], &[]);
}

#[test]
fn groups_are_made_renamed_and_deleted() {
    let mut memory = Memory::default();
    let insert = |memory: &mut Memory, key: &str, link: GroupLink| {
        memory.groups.insert(key.to_owned(), link);
    };
    insert(&mut memory, "a", group_link("A", &[], &[], false));
    insert(&mut memory, "b", group_link("B", &[], &[], false));
    insert(&mut memory, "c", group_link("C", &[], &[], false));
    let unknown = GroupLink {
        id: None,
        ..group_link("D", &[], &[], false)
    };
    insert(&mut memory, "d", unknown);
    let directory = Directory {
        people: Vec::new(),
        groups: vec![
            group("a", "A", &[]),
            group("b", "Bees", &[]),
            group("e", "E", &[]),
        ],
    };
    let acts = |dialect: Dialect| {
        let policy = policy(dialect, Deprovision::Deactivate);
        let changes = plan::groups(&memory, &directory, policy).into_iter();
        let changes = changes.chain(plan::deletions(&memory, &directory, policy).0);
        let said = changes.map(|it| format!("{} {}", it.group.display_name, it.act));
        said.collect::<Vec<_>>()
    };
    assert_eq!(
        acts(Dialect::Okta),
        ["Bees update", "E create", "D settle", "C delete"]
    );
}

#[test]
fn a_manager_is_told_when_both_are_there() {
    let reports = |manager: Option<&str>| Person {
        manager: manager.map(str::to_owned),
        ..person("ann", "T")
    };
    let of = |link: Link, manager: Option<&str>, others: &[(&str, Link)]| {
        let mut memory = remembered(others);
        memory.people.insert("ann".to_owned(), link);
        let directory = Directory {
            people: vec![reports(manager)],
            groups: Vec::new(),
        };
        let changes = plan::managers(&memory, &directory);
        let wanted = changes.iter().flat_map(|it| match &it.act {
            Act::Update(found) => found.iter().map(|it| it.wanted.clone()).collect(),
            _ => Vec::new(),
        });
        wanted.collect::<Vec<_>>()
    };
    let bob = [("bob", link_of("bob"))];
    let under = |manager: &str| Link {
        manager: Some(manager.to_owned()),
        ..link_of("ann")
    };
    assert_eq!(
        of(link_of("ann"), Some("bob"), &bob),
        [Some(Value::from("id-bob"))]
    );
    assert_eq!(of(link_of("ann"), Some("bob"), &[]), []);
    assert_eq!(of(under("id-bob"), Some("bob"), &bob), []);
    // Bob was made anew, and has another id.
    assert_eq!(
        of(under("id-old"), Some("bob"), &bob),
        [Some(Value::from("id-bob"))]
    );
    assert_eq!(of(under("id-bob"), None, &bob), [None]);
}
