//! Okta. Sources: okta/okta-developer-docs `docs/reference/scim/scim-20` (O1), `docs/concepts/scim` (O2), `docs/reference/scim/scim-11` (O6);
//! captured PUTs in the README of firezone's SCIM prototype (O10); request headers in Okta's older documentation (O11) and the log of a live
//! test, 2026 (O12); Captain-P-Goldfish/SCIM-SDK#419 and #757 (O15); submit-app documentation of 2021 (O8).
//!
//! | what | how sure |
//! | --- | --- |
//! | headers, without `Accept-Encoding`: what it announces is not read here | H O10, O11, O12 |
//! | test of the credentials: two users; none makes it fail | H O6, O12; M chainguard |
//! | match by user name, create with a placeholder password and `groups: []` | H O1 |
//! | update: read, then PUT of what was read with what is known laid over it | H O1, O10 |
//! | activate, deactivate: PATCH without a path; a custom app: PUT; never DELETE | H O1 |
//! | group: create without members, link by name, rename with the id in the value | H O1 |
//! | members: rename, then one PATCH, removals first, at most 100 changes | H O1, O8 |
//! | a group that was linked, and "push now": all members replaced | H O1; M O15 |
//! | delete of a group: only if chosen in the console; it is taken as chosen here | H O1 |
//! | a manager as `manager.value` in the profile | L |

use super::request::{quoted, segment};
use super::{Deprovision, Match, Member, Membership, Request, Wanted, WantedGroup, Ways, Write};
use crate::idp::directory::{Directory, ENTERPRISE, Group};
use crate::idp::flat::Difference;
use crate::ids;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use std::time::Duration;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// O8: the default of the property that says so, which goes up to 1000.
const MEMBERS_A_PATCH: usize = 100;

pub(super) const WAYS: Ways = Ways {
    headers: &[
        ("accept", "application/scim+json"),
        ("accept-charset", "utf-8"),
        ("user-agent", "Okta SCIM Client 1.0.0"),
    ],
    content_type: "application/scim+json; charset=utf-8",
    matching: Match::Filter,
    probes_each_cycle: false,
    pushes_groups: true,
    creates_inactive: false,
    clears: true,
    manager_in_profile: true,
    leaving: Deprovision::Deactivate,
    may_delete: false,
    purge_after: None,
    // O3: the socket is closed after that.
    timeout: Duration::from_mins(1),
};

/// The constants are Okta's.
pub(super) fn test() -> Vec<Request> {
    vec![Request::new("GET", "/Users").asking("startIndex=1&count=2".to_owned())]
}

pub(super) fn find_person(user_name: &str) -> Request {
    Request::new("GET", "/Users").asking(filter("userName", user_name))
}

pub(super) fn find_group(display_name: &str) -> Request {
    Request::new("GET", "/Groups").asking(filter("displayName", display_name))
}

/// `filter=userName%20eq%20%22test.user%40okta.local%22&startIndex=1&count=100`
fn filter(attribute: &str, value: &str) -> String {
    const QUERY: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'-')
        .remove(b'.')
        .remove(b'_')
        .remove(b'~');
    let filter = format!("{attribute} eq {}", quoted(value));
    let filter = utf8_percent_encode(&filter, QUERY);
    format!("filter={filter}&startIndex=1&count=100")
}

pub(super) fn create_person(wanted: Wanted<'_>, seed: u64) -> Request {
    let mut body = profile(wanted);
    body.insert("groups".to_owned(), json!([]));
    let password = placeholder(seed, &wanted.person.key);
    body.insert("password".to_owned(), password.into());
    body.insert("active".to_owned(), wanted.active.into());
    Request::new("POST", "/Users").with(body.into())
}

/// O1: the Okta user id says who somebody is.
pub(super) fn fill(directory: &mut Directory) {
    for person in &mut directory.people {
        let key = person.key.as_str();
        person
            .attributes
            .entry("externalId")
            .or_insert_with(|| key.into());
    }
    for group in &mut directory.groups {
        group.external_id = None;
    }
}

/// The same for the same person, so that a run can be compared with the one before.
fn placeholder(seed: u64, key: &str) -> String {
    format!("{:016x}", ids::draw(seed, key, 0))
}

/// What Okta knows, in the order of its samples.
fn profile(wanted: Wanted<'_>) -> Map<String, Value> {
    let mut known = wanted.person.attributes.clone();
    if let Some(manager) = wanted.manager {
        let extension = known.entry(ENTERPRISE).or_insert_with(|| json!({}));
        if let Value::Object(extension) = extension {
            extension.insert("manager".to_owned(), json!({"value": manager}));
        }
    }
    let extensions = known.keys().filter(|it| it.contains(':')).cloned();
    let schemas: Vec<String> = std::iter::once(USER.to_owned()).chain(extensions).collect();
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!(schemas));
    for name in ["userName", "name", "emails", "displayName", "locale"] {
        if let Some(value) = known.shift_remove(name) {
            body.insert(name.to_owned(), value);
        }
    }
    body.extend(known);
    body
}

pub(super) fn update_person(
    id: &str,
    wanted: Wanted<'_>,
    differences: &[Difference],
    shown: Option<&Map<String, Value>>,
    patches_active: bool,
) -> Vec<Request> {
    let mut requests = Vec::new();
    let (active, profile): (Vec<&Difference>, Vec<&Difference>) =
        differences.iter().partition(|it| it.path == "active");
    if patches_active && !active.is_empty() {
        let operation = json!({"op": "replace", "value": {"active": wanted.active}});
        requests.push(Request::patch("/Users", id, &[operation]));
    }
    if !patches_active || !profile.is_empty() {
        let body = merged(id, wanted, &profile, shown);
        let path = format!("/Users/{}", segment(id));
        requests.push(Request::new("PUT", &path).with(body.into()));
    }
    requests
}

/// What was read, with what Okta knows laid over it: what it does not know goes back as it came.
fn merged(
    id: &str,
    wanted: Wanted<'_>,
    differences: &[&Difference],
    shown: Option<&Map<String, Value>>,
) -> Map<String, Value> {
    let mut body = shown.cloned().unwrap_or_default();
    for gone in differences.iter().filter(|it| it.wanted.is_none()) {
        clear(&mut body, &gone.path);
    }
    let mut known = profile(wanted);
    known.shift_remove("schemas");
    lay_over(&mut body, known);
    let extensions: Vec<String> = body.keys().filter(|it| it.contains(':')).cloned().collect();
    let mut schemas = vec![json!(USER)];
    schemas.extend(extensions.into_iter().map(Value::String));
    let mut whole = Map::new();
    whole.insert("schemas".to_owned(), schemas.into());
    whole.insert("id".to_owned(), id.into());
    body.shift_remove("schemas");
    body.shift_remove("id");
    whole.extend(body);
    whole.insert("active".to_owned(), wanted.active.into());
    whole
}

fn lay_over(below: &mut Map<String, Value>, above: Map<String, Value>) {
    for (name, value) in above {
        let there = below.keys().find(|it| it.eq_ignore_ascii_case(&name));
        let name = there.cloned().unwrap_or(name);
        match (below.get_mut(&name), value) {
            (Some(Value::Object(below)), Value::Object(above)) => lay_over(below, above),
            (Some(below @ Value::Array(_)), Value::Array(above)) => {
                let with_the_rest = |item: Value| with_rest(item, below);
                let items: Vec<Value> = above.into_iter().map(with_the_rest).collect();
                *below = items.into();
            }
            (_, value) => {
                below.insert(name, value);
            }
        }
    }
}

/// One value of many, with what the service provider had added to the one of this `value`.
fn with_rest(mut item: Value, there: &Value) -> Value {
    let same =
        |other: &&Value| other.get("value").is_some() && other.get("value") == item.get("value");
    let found = there.as_array().and_then(|it| it.iter().find(same));
    if let (Some(Value::Object(found)), Some(item)) = (found.cloned(), item.as_object_mut()) {
        for (name, value) in found {
            item.entry(name).or_insert(value);
        }
    }
    item
}

/// Takes away what is at a path: of a value among many, only what the path names.
fn clear(body: &mut Map<String, Value>, path: &str) {
    if let Some((urn, rest)) = path.rsplit_once(':') {
        if let Some(Value::Object(extension)) = body.get_mut(urn) {
            clear(extension, rest);
        }
        return;
    }
    // A list is laid over whole, but for one that is gone.
    if let Some((name, _)) = path.split_once('[') {
        body.shift_remove(name);
        return;
    }
    match path.split_once('.') {
        None => {
            body.shift_remove(path);
        }
        Some((name, sub)) => {
            if let Some(Value::Object(inner)) = body.get_mut(name) {
                inner.shift_remove(sub);
            }
        }
    }
}

pub(super) fn create_group(group: &Group) -> Request {
    let body = json!({"schemas": [GROUP], "displayName": group.display_name, "members": []});
    Request::new("POST", "/Groups").with(body)
}

/// The id is replaced with itself.
pub(super) fn rename_group(id: &str, group: &Group) -> Request {
    let value = json!({"id": id, "displayName": group.display_name});
    Request::patch("/Groups", id, &[json!({"op": "replace", "value": value})])
}

pub(super) fn change_members(
    id: &str,
    wanted: &WantedGroup<'_>,
    change: &Membership,
) -> Vec<Write> {
    let mut writes = vec![Write::of_members(
        rename_group(id, wanted.group),
        Membership::default(),
    )];
    let (mut remove, mut add) = (change.remove.as_slice(), change.add.as_slice());
    while !remove.is_empty() || !add.is_empty() {
        let (gone, rest) = remove.split_at(remove.len().min(MEMBERS_A_PATCH));
        remove = rest;
        let (come, rest) = add.split_at(add.len().min(MEMBERS_A_PATCH - gone.len()));
        add = rest;
        let mut operations: Vec<Value> = gone
            .iter()
            .map(|it| json!({"op": "remove", "path": format!("members[value eq {}]", quoted(it))}))
            .collect();
        if !come.is_empty() {
            operations.push(json!({"op": "add", "path": "members", "value": members(come)}));
        }
        let does = Membership {
            add: come.to_vec(),
            remove: gone.to_vec(),
        };
        let request = Request::patch("/Groups", id, &operations);
        writes.push(Write::of_members(request, does));
    }
    writes
}

pub(super) fn replace_members(id: &str, wanted: &WantedGroup<'_>) -> Request {
    let operation = json!({"op": "replace", "path": "members", "value": members(&wanted.members)});
    Request::patch("/Groups", id, &[operation])
}

pub(super) fn replace_group(id: &str, wanted: &WantedGroup<'_>) -> Request {
    let body = json!({
        "schemas": [GROUP],
        "displayName": wanted.group.display_name,
        "members": members(&wanted.members),
    });
    Request::new("PUT", &format!("/Groups/{}", segment(id))).with(body)
}

/// O15: without a `type`.
fn members(members: &[Member]) -> Vec<Value> {
    let members = members.iter();
    members
        .map(|it| json!({"value": it.id, "display": it.display}))
        .collect()
}
