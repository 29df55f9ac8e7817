//! Members of groups, and `groups` of users, which follow (RFC 7643 sections 4.1.2 and 4.2).

use super::*;

struct Staff {
    sp: Sp,
    babs: String,
    jim: String,
    group: String,
}

/// A group of one, with another user beside it.
fn staff() -> Staff {
    let sp = Sp::new();
    let babs = sp.create(
        "/Users",
        json!({"schemas": [USER], "userName": "bjensen", "displayName": "Babs"}),
    );
    let jim = sp.user("jsmith");
    let group = format!("/Groups/{}", sp.group("Staff", &[&babs]));
    Staff {
        sp,
        babs,
        jim,
        group,
    }
}

impl Staff {
    /// Who is in it, by name, after these operations.
    #[track_caller]
    fn check(&self, operations: Value, expected: &str) {
        let answer = self.sp.patch(&self.group, operations.clone());
        assert!(
            matches!(answer.status, 200 | 204),
            "{operations}: {answer:?}"
        );
        assert_eq!(self.names(), expected, "{operations}");
    }

    #[track_caller]
    fn fails(&self, operations: Value, expected: &str) {
        let before = self.sp.get(&self.group);
        assert_eq!(
            self.sp.patch(&self.group, operations.clone()).verdict(),
            expected,
            "{operations}"
        );
        let after = self.sp.get(&self.group);
        assert_eq!(
            (&after.bytes, after.header("etag")),
            (&before.bytes, before.header("etag")),
            "{operations}"
        );
    }

    #[track_caller]
    fn changes_nothing(&self, operations: Value) {
        let before = self.sp.get(&self.group);
        let names = self.names();
        self.check(operations, &names);
        assert_eq!(self.sp.get(&self.group).bytes, before.bytes);
    }

    fn names(&self) -> String {
        let group = self.sp.get(&self.group).json();
        let members = group["members"].as_array().cloned().unwrap_or_default();
        let name = |member: &Value| match member["value"].as_str() {
            Some(id) if id == self.babs => "babs",
            Some(id) if id == self.jim => "jim",
            _ => "?",
        };
        members.iter().map(name).collect::<Vec<_>>().join(" ")
    }

    fn groups_of(&self, user: &str) -> Value {
        self.sp.get(&format!("/Users/{user}")).json()["groups"].clone()
    }
}

#[test]
fn members_are_added_removed_and_replaced() {
    let it = staff();
    it.check(add("members", json!([{"value": it.jim}])), "babs jim");
    it.check(remove(&format!("members[value eq \"{}\"]", it.babs)), "jim");
    it.check(add("members", json!({"value": it.babs})), "jim babs");
    it.check(replace("members", json!([{"value": it.babs}])), "babs");
    it.check(
        replace("members", json!([{"value": it.babs}, {"value": it.jim}])),
        "babs jim",
    );
    it.check(remove("members"), "");
    it.check(add_all(json!({"members": [{"value": it.jim}]})), "jim");
    it.check(
        replace_all(json!({"members": [{"value": it.babs}]})),
        "babs",
    );
    it.check(
        json!([
            remove("members"),
            add("members", json!([{"value": it.jim}]))
        ]),
        "jim",
    );
    it.check(replace("members", json!([])), "");
    it.check(
        add("members", json!([{"value": it.jim}, {"value": it.babs}])),
        "jim babs",
    );
    it.check(
        remove(&format!(
            "members[value eq \"{}\" or value eq \"{}\"]",
            it.babs, it.jim
        )),
        "",
    );
}

#[test]
fn a_group_without_members_has_no_such_attribute() {
    let it = staff();
    it.check(remove(&format!("members[value eq \"{}\"]", it.babs)), "");
    assert_eq!(it.sp.get(&it.group).json().get("members"), None);
}

#[test]
fn a_member_is_in_it_once() {
    let it = staff();
    it.changes_nothing(add("members", json!([{"value": it.babs}])));
    it.changes_nothing(add("members", json!([{"value": it.babs, "type": "User"}])));
    it.changes_nothing(add(
        "members",
        json!([{"value": it.babs, "$ref": format!("http://sp.test/scim/v2/Users/{}", it.babs)}]),
    ));
    it.changes_nothing(add_all(json!({"members": [{"value": it.babs}]})));
    it.changes_nothing(replace("members", json!([{"value": it.babs}])));
    it.check(
        add(
            "members",
            json!([{"value": it.jim}, {"value": it.jim}, {"value": it.babs}]),
        ),
        "babs jim",
    );
}

#[test]
fn removing_who_is_not_in_it_changes_nothing() {
    let it = staff();
    it.changes_nothing(remove("members[value eq \"nobody\"]"));
    it.changes_nothing(remove(&format!("members[value eq \"{}\"]", it.jim)));
    it.changes_nothing(remove("members[type eq \"Group\"]"));
    it.check(remove("members[type eq \"User\"]"), "");
    it.changes_nothing(remove("members"));
}

#[test]
fn clients_that_list_whom_to_remove_are_understood() {
    let it = staff();
    it.check(add("members", json!([{"value": it.jim}])), "babs jim");
    it.check(
        json!({"op": "Remove", "path": "members", "value": [{"value": it.babs}]}),
        "jim",
    );
    it.check(
        json!({"op": "remove", "path": "members", "value": {"value": it.jim}}),
        "",
    );
}

#[test]
fn a_member_is_shown_with_where_and_what_it_is() {
    let it = staff();
    it.check(add("members", json!([{"value": it.jim}])), "babs jim");
    let nested = it.sp.group("Inner", &[]);
    it.sp
        .patch(&it.group, add("members", json!([{"value": nested}])));
    let location = |kind: &str, id: &str| format!("http://sp.test/scim/v2/{kind}/{id}");
    let expected = json!([
        {"value": it.babs, "$ref": location("Users", &it.babs), "type": "User", "display": "Babs"},
        {"value": it.jim, "$ref": location("Users", &it.jim), "type": "User"},
        {"value": nested, "$ref": location("Groups", &nested), "type": "Group", "display": "Inner"},
    ]);
    assert_eq!(it.sp.get(&it.group).json()["members"], expected);
}

#[test]
fn a_display_that_the_client_gave_stays() {
    let it = staff();
    it.sp.patch(
        &it.group,
        add("members", json!([{"value": it.jim, "display": "Jim"}])),
    );
    assert_eq!(it.sp.get(&it.group).json()["members"][1]["display"], "Jim");
}

/// The parts of a member are immutable (RFC 7643 section 4.2), whether PUT or PATCH names them anew.
#[test]
fn a_member_that_stays_stays_as_it_is() {
    let it = staff();
    let group = |members: &Value| json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Staff", "members": members});
    let nobody = json!([{"value": it.babs}, {"value": "nobody", "display": "N"}]);
    let before = it.sp.put(&it.group, group(&nobody));
    let renamed = json!([{"value": "nobody", "display": "M"}, {"value": it.babs, "type": "User", "display": "B"}]);
    assert_eq!(it.sp.put(&it.group, group(&renamed)).bytes, before.bytes);
    let patched = it.sp.patch(&it.group, replace("members", renamed));
    assert_eq!(patched.bytes, before.bytes);
}

#[test]
fn a_member_that_nobody_knows_is_kept_without_reference() {
    let it = staff();
    it.sp
        .patch(&it.group, add("members", json!([{"value": "nobody"}])));
    let member = it.sp.get(&it.group).json()["members"][1].clone();
    assert_eq!(member["value"], "nobody");
    assert_eq!(member.get("$ref"), None, "{member}");
}

#[test]
fn sub_attributes_of_a_member_are_immutable() {
    let it = staff();
    it.fails(
        replace(
            &format!("members[value eq \"{}\"].value", it.babs),
            it.jim.as_str(),
        ),
        "400 mutability",
    );
    it.fails(
        remove(&format!("members[value eq \"{}\"].value", it.babs)),
        "400 mutability",
    );
}

#[test]
fn a_member_that_is_no_member_is_refused() {
    let it = staff();
    it.fails(add("members", json!([{"value": 5}])), "400 invalidValue");
    it.fails(
        replace("members[value eq \"nobody\"].type", "User"),
        "400 noTarget",
    );
    it.fails(remove("members[nope eq 1]"), "400 invalidFilter");
    it.fails(
        remove(&format!("members[value eq \"{}\"].nope", it.babs)),
        "400 invalidPath",
    );
    it.fails(
        json!([
            add("members", json!([{"value": it.jim}])),
            replace("id", "x")
        ]),
        "400 mutability",
    );
    assert_eq!(it.groups_of(&it.jim), Value::Null);
}

#[test]
fn only_a_manager_may_be_a_bare_string() {
    let it = staff();
    it.fails(add("members", it.jim.as_str()), "400 invalidValue");
}

#[test]
fn the_groups_of_a_user_follow() {
    let it = staff();
    let id = it.sp.get(&it.group).id();
    let direct = json!([{"value": id, "$ref": format!("http://sp.test/scim/v2/Groups/{id}"), "display": "Staff", "type": "direct"}]);
    assert_eq!(it.groups_of(&it.babs), direct);
    assert_eq!(it.groups_of(&it.jim), Value::Null);
    it.check(replace("members", json!([{"value": it.jim}])), "jim");
    assert_eq!(it.groups_of(&it.babs), Value::Null);
    assert_eq!(it.groups_of(&it.jim), direct);
    it.sp.patch(&it.group, replace("displayName", "Crew"));
    assert_eq!(it.groups_of(&it.jim)[0]["display"], "Crew");
    it.sp.delete(&it.group);
    assert_eq!(it.groups_of(&it.jim), Value::Null);
}

#[test]
fn a_membership_does_not_touch_the_user() {
    let it = staff();
    let target = format!("/Users/{}", it.jim);
    let before = it.sp.get(&target);
    it.check(add("members", json!([{"value": it.jim}])), "babs jim");
    let after = it.sp.get(&target);
    assert_eq!(after.header("etag"), before.header("etag"));
    assert_eq!(after.json()["meta"], before.json()["meta"]);
}

#[test]
fn a_deleted_user_is_in_no_group() {
    let it = staff();
    it.check(add("members", json!([{"value": it.jim}])), "babs jim");
    let before = it.sp.get(&it.group);
    it.sp.delete(&format!("/Users/{}", it.babs));
    assert_eq!(it.names(), "jim");
    assert_ne!(it.sp.get(&it.group).header("etag"), before.header("etag"));
}

#[test]
fn groups_within_groups_may_form_a_circle() {
    let sp = Sp::new();
    let one = sp.group("One", &[]);
    let two = sp.group("Two", &[&one]);
    assert_eq!(
        sp.patch(
            &format!("/Groups/{one}"),
            add("members", json!([{"value": two}]))
        )
        .verdict(),
        "200"
    );
    assert_eq!(
        sp.get(&format!("/Groups/{one}")).json()["members"][0]["type"],
        "Group"
    );
    assert_eq!(sp.get("/Users").status, 200);
}

#[test]
fn okta_renames_a_group_with_its_id_in_the_value() {
    let it = staff();
    let id = it.sp.get(&it.group).id();
    it.check(
        replace_all(json!({"id": id, "displayName": "Crew"})),
        "babs",
    );
    assert_eq!(it.sp.get(&it.group).json()["displayName"], "Crew");
}
