//! Members: one end of an edge whose other end is `User.groups`.

use super::message;
use crate::support::sp::{Answer, BASE, Sp};
use serde_json::{Value, json};

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

struct Staff {
    sp: Sp,
    users: Vec<String>,
    group: String,
}

impl Staff {
    /// Three users, the first of them a member.
    fn new() -> Self {
        let sp = Sp::new();
        let users: Vec<_> = ["u1", "u2", "u3"]
            .map(|name| sp.create("/Users", json!({"userName": name})))
            .into();
        let group = sp.create(
            "/Groups",
            json!({"displayName": "Staff", "members": [{"value": users[0]}]}),
        );
        Self { sp, users, group }
    }

    fn patch(&self, operations: Value) -> Answer {
        self.sp.send(
            "PATCH",
            &format!("/Groups/{}", self.group),
            Some(message(&operations)),
        )
    }

    /// The members by number of the user, and that each user's `groups` say the same.
    #[track_caller]
    fn members(&self) -> Vec<usize> {
        let group = self
            .sp
            .send("GET", &format!("/Groups/{}", self.group), None)
            .json();
        let members = group
            .get("members")
            .map(|list| list.as_array().unwrap().clone())
            .unwrap_or_default();
        assert!(
            group.get("members").is_none() || !members.is_empty(),
            "no members is no attribute"
        );
        let number = |member: &Value| {
            self.users
                .iter()
                .position(|id| member["value"] == **id)
                .expect("a user")
        };
        let numbers: Vec<_> = members.iter().map(number).collect();
        for (n, id) in self.users.iter().enumerate() {
            let user = self.sp.send("GET", &format!("/Users/{id}"), None).json();
            assert_eq!(
                user.get("groups").is_some(),
                numbers.contains(&n),
                "user {n}: {user}"
            );
        }
        numbers
    }

    #[track_caller]
    fn check(operations: impl Fn(&[String]) -> Value, after: &[usize]) {
        let staff = Self::new();
        let answer = staff.patch(operations(&staff.users));
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(staff.members(), after);
    }

    #[track_caller]
    fn refused(operations: impl Fn(&[String]) -> Value, scim_type: &str) {
        let staff = Self::new();
        let before = staff
            .sp
            .send("GET", &format!("/Groups/{}", staff.group), None);
        let answer = staff.patch(operations(&staff.users));
        assert_eq!(
            (answer.status, answer.scim_type().as_deref()),
            (400, Some(scim_type)),
            "{}",
            answer.text()
        );
        assert_eq!(
            staff
                .sp
                .send("GET", &format!("/Groups/{}", staff.group), None)
                .bytes,
            before.bytes
        );
        assert_eq!(staff.members(), [0]);
    }
}

#[test]
fn members_are_added() {
    Staff::check(
        |u| json!([{"op": "add", "path": "members", "value": [{"value": u[1]}]}]),
        &[0, 1],
    );
    Staff::check(
        |u| json!([{"op": "add", "path": "members", "value": [{"value": u[2]}, {"value": u[1]}]}]),
        &[0, 2, 1],
    );
    Staff::check(
        |u| json!([{"op": "add", "path": "members", "value": {"value": u[1]}}]),
        &[0, 1],
    );
    Staff::check(
        |u| json!([{"op": "add", "value": {"members": [{"value": u[1]}]}}]),
        &[0, 1],
    );
    Staff::check(
        |u| json!([{"op": "Add", "path": format!("{GROUP}:members"), "value": [{"value": u[1], "$ref": format!("{BASE}/Users/{}", u[1]), "type": "User"}]}]),
        &[0, 1],
    );
    Staff::check(
        |u| json!([{"op": "add", "path": "members", "value": [{"$ref": format!("../Users/{}", u[1])}]}]),
        &[0, 1],
    );
    Staff::check(
        |u| json!([{"op": "add", "path": "members", "value": [u[1]]}]),
        &[0, 1],
    );
}

#[test]
fn a_member_is_a_member_once() {
    let staff = Staff::new();
    let before = staff
        .sp
        .send("GET", &format!("/Groups/{}", staff.group), None);
    for member in [
        json!({"value": staff.users[0]}),
        json!({"value": staff.users[0], "type": "User", "display": "x"}),
    ] {
        let answer = staff.patch(json!([{"op": "add", "path": "members", "value": [member]}]));
        assert_eq!((answer.status, &answer.bytes), (200, &before.bytes));
    }
    Staff::check(
        |u| json!([{"op": "add", "path": "members", "value": [{"value": u[1]}, {"value": u[1]}]}]),
        &[0, 1],
    );
}

#[test]
fn members_are_removed() {
    Staff::check(
        |u| json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", u[0])}]),
        &[],
    );
    Staff::check(|_| json!([{"op": "remove", "path": "members"}]), &[]);
    Staff::check(
        |_| json!([{"op": "remove", "path": "members[type eq \"User\"]"}]),
        &[],
    );
    Staff::check(
        |_| json!([{"op": "remove", "path": "members[type eq \"Group\"]"}]),
        &[0],
    );
    Staff::check(
        |u| json!([{"op": "remove", "path": format!("members[$ref eq \"{BASE}/Users/{}\"]", u[0])}]),
        &[],
    );
    Staff::check(
        |u| json!([{"op": "remove", "path": format!("members[value eq \"{}\" or value eq \"x\"]", u[0])}]),
        &[],
    );
    Staff::check(
        |u| json!([{"op": "remove", "path": "members", "value": [{"value": u[0]}]}]),
        &[],
    );
    Staff::check(
        |u| json!([{"op": "Remove", "path": "members", "value": [{"value": u[1]}]}]),
        &[0],
    );
    Staff::check(
        |u| json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", u[1])}]),
        &[0],
    );
}

#[test]
fn members_are_replaced() {
    Staff::check(
        |u| json!([{"op": "replace", "path": "members", "value": [{"value": u[1]}, {"value": u[2]}]}]),
        &[1, 2],
    );
    Staff::check(
        |u| json!([{"op": "replace", "value": {"displayName": "S", "members": [{"value": u[2]}]}}]),
        &[2],
    );
    Staff::check(
        |_| json!([{"op": "replace", "path": "members", "value": []}]),
        &[],
    );
    Staff::check(
        |_| json!([{"op": "replace", "path": "members", "value": null}]),
        &[],
    );
    // The pair of examples at the end of section 3.5.2.2.
    Staff::check(
        |u| json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", u[0])}, {"op": "add", "path": "members", "value": [{"value": u[1]}]}]),
        &[1],
    );
}

#[test]
fn the_parts_of_a_member_are_immutable() {
    Staff::refused(
        |u| json!([{"op": "replace", "path": format!("members[value eq \"{}\"].value", u[0]), "value": u[1]}]),
        "mutability",
    );
    Staff::refused(
        |u| json!([{"op": "replace", "path": format!("members[value eq \"{}\"]", u[0]), "value": {"value": u[1]}}]),
        "mutability",
    );
    Staff::refused(
        |_| json!([{"op": "remove", "path": "members.value"}]),
        "mutability",
    );
    Staff::refused(
        |_| json!([{"op": "replace", "path": "members[value eq \"x\"].value", "value": "y"}]),
        "noTarget",
    );
    Staff::refused(
        |_| json!([{"op": "add", "path": "members", "value": [{}]}]),
        "invalidValue",
    );
    Staff::refused(
        |_| json!([{"op": "add", "path": "members", "value": [{"display": "x"}]}]),
        "invalidValue",
    );
    Staff::refused(
        |_| json!([{"op": "remove", "path": "displayName"}]),
        "mutability",
    );
    Staff::refused(
        |u| json!([{"op": "add", "path": "members", "value": [{"value": u[1]}]}, {"op": "remove", "path": "nope"}]),
        "invalidPath",
    );
}

#[test]
fn both_ends_are_described() {
    let staff = Staff::new();
    let named = staff
        .sp
        .create("/Users", json!({"userName": "u4", "displayName": "Four"}));
    let inner = staff.sp.create("/Groups", json!({"displayName": "Inner"}));
    let added = json!([{"value": named}, {"value": inner}, {"value": staff.users[1], "display": "given"}, {"value": "nobody"}]);
    assert_eq!(
        staff
            .patch(json!([{"op": "add", "path": "members", "value": added}]))
            .status,
        200
    );
    let members = staff
        .sp
        .send("GET", &format!("/Groups/{}", staff.group), None)
        .json()["members"]
        .clone();
    let reference = |kind: &str, id: &str| format!("{BASE}/{kind}/{id}");
    assert_eq!(
        members,
        json!([
            {"value": staff.users[0], "$ref": reference("Users", &staff.users[0]), "type": "User"},
            {"value": named, "$ref": reference("Users", &named), "type": "User", "display": "Four"},
            {"value": inner, "$ref": reference("Groups", &inner), "type": "Group", "display": "Inner"},
            {"value": staff.users[1], "$ref": reference("Users", &staff.users[1]), "type": "User", "display": "given"},
            {"value": "nobody"},
        ])
    );
    let user = staff
        .sp
        .send("GET", &format!("/Users/{named}"), None)
        .json();
    assert_eq!(
        user["groups"],
        json!([{"value": staff.group, "$ref": reference("Groups", &staff.group), "display": "Staff", "type": "direct"}])
    );
}

#[test]
fn a_new_name_shows_at_the_other_end_at_once() {
    let staff = Staff::new();
    let (user, group) = (
        format!("/Users/{}", staff.users[0]),
        format!("/Groups/{}", staff.group),
    );
    let version = staff
        .sp
        .send("GET", &user, None)
        .header("etag")
        .map(str::to_owned);
    staff.patch(json!([{"op": "replace", "path": "displayName", "value": "Crew"}]));
    let shown = staff.sp.send("GET", &user, None);
    assert_eq!(shown.json()["groups"][0]["display"], "Crew");
    // Membership is the group's; the user has not changed.
    assert_eq!(shown.header("etag").map(str::to_owned), version);
    staff.sp.send(
        "PATCH",
        &user,
        Some(message(
            &json!([{"op": "add", "path": "displayName", "value": "One"}]),
        )),
    );
    assert_eq!(
        staff.sp.send("GET", &group, None).json()["members"][0]["display"],
        "One"
    );
}

#[test]
fn deleting_either_end_ends_the_membership() {
    let staff = Staff::new();
    assert_eq!(
        staff
            .sp
            .send("DELETE", &format!("/Users/{}", staff.users[0]), None)
            .status,
        204
    );
    assert!(
        staff
            .sp
            .send("GET", &format!("/Groups/{}", staff.group), None)
            .json()
            .get("members")
            .is_none()
    );
    let staff = Staff::new();
    assert_eq!(
        staff
            .sp
            .send("DELETE", &format!("/Groups/{}", staff.group), None)
            .status,
        204
    );
    assert!(
        staff
            .sp
            .send("GET", &format!("/Users/{}", staff.users[0]), None)
            .json()
            .get("groups")
            .is_none()
    );
}

#[test]
fn groups_in_a_circle_are_served() {
    let sp = Sp::new();
    let one = sp.create("/Groups", json!({"displayName": "One"}));
    let two = sp.create(
        "/Groups",
        json!({"displayName": "Two", "members": [{"value": one}]}),
    );
    let answer = sp.send(
        "PATCH",
        &format!("/Groups/{one}"),
        Some(message(
            &json!([{"op": "add", "path": "members", "value": [{"value": two}, {"value": one}]}]),
        )),
    );
    assert_eq!(answer.status, 200);
    assert_eq!(
        sp.send("DELETE", &format!("/Groups/{one}"), None).status,
        204
    );
    assert!(
        sp.send("GET", &format!("/Groups/{two}"), None)
            .json()
            .get("members")
            .is_none()
    );
}
