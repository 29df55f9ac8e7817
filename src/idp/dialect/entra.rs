//! Microsoft Entra ID. Sources: MicrosoftDocs/entra-docs `use-scim-to-provision-users-and-groups` (E1),
//! `application-provisioning-config-problem-scim-compatibility` (E2), `how-provisioning-works` (E3); what was seen on the wire in
//! azure-docs, scimmyjs/scimmy#86, ssoready#228, laravel-scim-server#34 and others (E8, E9); AzureAD/SCIMReferenceCode#63 (E10);
//! jelhub/scimgateway (E13); `clear-attribute-values` (E15).
//!
//! | what | how sure |
//! | --- | --- |
//! | no `User-Agent`; `Content-Type` on writes only | M E9 |
//! | a probe with a random GUID at the start of every cycle, which has to find nothing, for users and for groups | H E8; M E10, E13 |
//! | match by user name, spaces as `+`; groups by name, without their members | H E1 |
//! | create with both schemas, `meta`, `roles: []`, and no password | H E1 |
//! | `externalId` is the nickname: what stands before the `@` | H E1 |
//! | update: PATCH, an operation an attribute, `Add` where nothing was, capitals, booleans as text | H E1, E2; M E9 |
//! | with the flag: small letters, real booleans, one replace without a path for all but value paths | H E2 |
//! | a value that is gone is not told | H E15 |
//! | manager as bare text, cleared with `""`, in a later pass | H E1; M SCIM-SDK#416 |
//! | who leaves is deactivated, and deleted after 30 days | H E1, E3 |
//! | groups: created without members, a foreign second schema, `"$ref": null` | H E1, E2; M E9 |
//! | how many members a PATCH has: several; 100 here | L |

use super::request::quoted;
use super::{Deprovision, Match, Membership, Request, Wanted, Ways, Write};
use crate::idp::directory::{Directory, ENTERPRISE, Group};
use crate::idp::flat::Difference;
use serde_json::{Map, Value, json};
use std::time::Duration;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// It is in no RFC.
const ADSCIM_GROUP: &str =
    "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
/// L: no maximum is published.
const MEMBERS_A_PATCH: usize = 100;

pub(super) const WAYS: Ways = Ways {
    headers: &[],
    content_type: "application/scim+json; charset=utf-8",
    matching: Match::Filter,
    probes_each_cycle: true,
    pushes_groups: true,
    creates_inactive: false,
    clears: false,
    manager_in_profile: false,
    leaving: Deprovision::Deactivate,
    may_delete: false,
    purge_after: Some(Duration::from_hours(30 * 24)),
    // L: none is published.
    timeout: Duration::from_mins(1),
};

/// With or without `?aadOptscim062020`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spelling {
    Default,
    Flag,
}

pub(super) fn probe(guid: &str) -> Vec<Request> {
    let groups = format!("excludedAttributes=members&{}", filter("displayName", guid));
    vec![
        find_person(guid),
        Request::new("GET", "/Groups").asking(groups),
    ]
}

pub(super) fn find_person(user_name: &str) -> Request {
    Request::new("GET", "/Users").asking(filter("userName", user_name))
}

pub(super) fn find_group(display_name: &str) -> Request {
    let query = format!(
        "excludedAttributes=members&{}",
        filter("displayName", display_name)
    );
    Request::new("GET", "/Groups").asking(query)
}

/// `filter=userName+eq+%22bjensen%22`
fn filter(attribute: &str, value: &str) -> String {
    let filter = format!("{attribute} eq {}", quoted(value));
    let filter: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
    format!("filter={filter}")
}

/// E1: the nickname of a person, and the object id of a group.
pub(super) fn fill(directory: &mut Directory) {
    for person in &mut directory.people {
        let nickname = person.user_name.split('@').next().unwrap_or_default();
        person
            .attributes
            .entry("externalId")
            .or_insert_with(|| nickname.into());
    }
    for group in &mut directory.groups {
        let key = &group.key;
        group.external_id.get_or_insert_with(|| key.clone());
    }
}

pub(super) fn create_person(wanted: Wanted<'_>) -> Request {
    let mut known = wanted.person.attributes.clone();
    let external_id = known.shift_remove("externalId").unwrap_or_default();
    let mut body = Map::new();
    body.insert("schemas".to_owned(), json!([USER, ENTERPRISE]));
    body.insert("externalId".to_owned(), external_id);
    body.insert(
        "userName".to_owned(),
        known.shift_remove("userName").unwrap_or_default(),
    );
    body.insert("active".to_owned(), wanted.active.into());
    if let Some(emails) = known.shift_remove("emails") {
        body.insert("emails".to_owned(), emails);
    }
    body.insert("meta".to_owned(), json!({"resourceType": "User"}));
    body.extend(known);
    body.entry("roles").or_insert_with(|| json!([]));
    Request::new("POST", "/Users").with(body.into())
}

pub(super) fn update_person(
    id: &str,
    differences: &[Difference],
    spelling: Spelling,
) -> Vec<Request> {
    let operations = operations(differences, spelling);
    if operations.is_empty() {
        return Vec::new();
    }
    vec![Request::patch("/Users", id, &operations)]
}

pub(super) fn update_group(
    id: &str,
    differences: &[Difference],
    spelling: Spelling,
) -> Option<Request> {
    let operations = operations(differences, spelling);
    (!operations.is_empty()).then(|| Request::patch("/Groups", id, &operations))
}

fn operations(differences: &[Difference], spelling: Spelling) -> Vec<Value> {
    let manager = format!("{ENTERPRISE}:manager");
    let mut operations = Vec::new();
    // With the flag, all that needs no path of its own goes together.
    let mut together = Map::new();
    for Difference {
        path,
        wanted,
        was_there,
    } in differences
    {
        let value = match wanted {
            Some(value) => value.clone(),
            None if *path == manager => "".into(),
            None => continue,
        };
        let value = match (&value, spelling) {
            (Value::Bool(true), Spelling::Default) => "True".into(),
            (Value::Bool(false), Spelling::Default) => "False".into(),
            _ => value,
        };
        let of_its_own = path.contains('[') || path == "active" || *path == manager;
        let op = match (spelling, was_there) {
            (Spelling::Default, true) => "Replace",
            (Spelling::Default, false) => "Add",
            (Spelling::Flag, false) if path.contains('[') => "add",
            (Spelling::Flag, _) => "replace",
        };
        if spelling == Spelling::Flag && !of_its_own {
            together.insert(path.clone(), value);
            continue;
        }
        operations.push(json!({"op": op, "path": path, "value": value}));
    }
    if !together.is_empty() {
        let before_active = operations.iter().position(|it| it["path"] == "active");
        let at = before_active.unwrap_or(operations.len());
        operations.insert(at, json!({"op": "replace", "value": together}));
    }
    operations
}

pub(super) fn create_group(group: &Group) -> Request {
    let body = json!({
        "schemas": [GROUP, ADSCIM_GROUP],
        "externalId": group.external_id,
        "displayName": group.display_name,
        "meta": {"resourceType": "Group"},
    });
    Request::new("POST", "/Groups").with(body)
}

/// Who goes and who comes are told apart. With the flag, each who goes has an operation.
pub(super) fn change_members(id: &str, change: &Membership, spelling: Spelling) -> Vec<Write> {
    let named = |id: &str| json!({"$ref": null, "value": id});
    let mut writes = Vec::new();
    for gone in change.remove.chunks(MEMBERS_A_PATCH) {
        let operations = match spelling {
            Spelling::Default => {
                let value: Vec<Value> = gone.iter().map(|id| named(id)).collect();
                vec![json!({"op": "Remove", "path": "members", "value": value})]
            }
            Spelling::Flag => {
                let path = |id: &String| format!("members[value eq {}]", quoted(id));
                let each = gone
                    .iter()
                    .map(|id| json!({"op": "remove", "path": path(id)}));
                each.collect()
            }
        };
        let does = Membership {
            remove: gone.to_vec(),
            add: Vec::new(),
        };
        writes.push(Write::of_members(
            Request::patch("/Groups", id, &operations),
            does,
        ));
    }
    for come in change.add.chunks(MEMBERS_A_PATCH) {
        let value: Vec<Value> = come.iter().map(|it| named(&it.id)).collect();
        let op = match spelling {
            Spelling::Default => "Add",
            Spelling::Flag => "add",
        };
        let operation = json!({"op": op, "path": "members", "value": value});
        let does = Membership {
            add: come.to_vec(),
            remove: Vec::new(),
        };
        let request = Request::patch("/Groups", id, &[operation]);
        writes.push(Write::of_members(request, does));
    }
    writes
}
