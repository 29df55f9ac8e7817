//! For a change, the requests that each identity provider sends: method, URL as it is written, body with its keys in their order.

use scimulate::idp::dialect::{
    Deprovision, Dialect, Member, Membership, Request, Wanted, WantedGroup, delete, read_person,
};
use scimulate::idp::directory::{Directory, Group, Person};
use scimulate::idp::flat::{Difference, differences};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

const DIALECTS: [Dialect; 5] = [
    Dialect::Okta,
    Dialect::OktaAiw,
    Dialect::Entra,
    Dialect::EntraFlag,
    Dialect::Oracle,
];

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn person() -> Person {
    let attributes = json!({
        "userName": "test.user@okta.local",
        "name": {"givenName": "Test", "familyName": "User"},
        "displayName": "Test User",
        "locale": "en-US",
        "emails": [{"primary": true, "value": "test.user@okta.local", "type": "work"}],
    });
    Person {
        key: "00ujl29u0le5T6Aj10h7".to_owned(),
        user_name: "test.user@okta.local".to_owned(),
        active: true,
        attributes: object(attributes),
        manager: None,
    }
}

fn staff() -> Group {
    Group {
        key: "8aa1a0c0".to_owned(),
        display_name: "Test SCIMv2".to_owned(),
        external_id: None,
        members: BTreeSet::new(),
        nested: 0,
    }
}

fn filled(dialect: Dialect) -> (Person, Group) {
    let mut directory = Directory {
        people: vec![person()],
        groups: vec![staff()],
    };
    dialect.fill(&mut directory);
    (directory.people.remove(0), directory.groups.remove(0))
}

fn wanted(person: &Person) -> Wanted<'_> {
    Wanted {
        person,
        manager: None,
        active: person.active,
    }
}

#[track_caller]
fn check(requests: impl IntoIterator<Item = Request>, expected: &[&str]) {
    let found: Vec<String> = requests.into_iter().map(|it| it.to_string()).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_connection_is_tested_as_each_does_it() {
    let guid = "7d420df3-9995-4831-a406-ecf8166f5f6a";
    let okta = ["GET /Users?startIndex=1&count=2"];
    let entra = [
        "GET /Users?filter=userName+eq+%227d420df3-9995-4831-a406-ecf8166f5f6a%22",
        "GET /Groups?excludedAttributes=members&filter=displayName+eq+%227d420df3-9995-4831-a406-ecf8166f5f6a%22",
    ];
    check(Dialect::Okta.probe(guid), &okta);
    check(Dialect::OktaAiw.probe(guid), &okta);
    check(Dialect::Entra.probe(guid), &entra);
    check(Dialect::EntraFlag.probe(guid), &entra);
    check(Dialect::Oracle.probe(guid), &["GET /Users?count=1"]);
    let probes = |it: Dialect| it.ways().probes_each_cycle;
    assert!(probes(Dialect::Entra) && !probes(Dialect::Okta) && !probes(Dialect::Oracle));
}

#[test]
fn people_and_groups_are_looked_for_before_they_are_made() {
    let okta =
        "GET /Users?filter=userName%20eq%20%22test.user%40okta.local%22&startIndex=1&count=100";
    let entra = "GET /Users?filter=userName+eq+%22test.user%40okta.local%22";
    for (dialect, expected) in [
        (Dialect::Okta, okta),
        (Dialect::OktaAiw, okta),
        (Dialect::Entra, entra),
        (Dialect::EntraFlag, entra),
        (Dialect::Oracle, "GET /Users?startIndex=1&count=50"),
    ] {
        check(
            [dialect.find_person("test.user@okta.local", 0)],
            &[expected],
        );
    }
    check(
        [Dialect::Oracle.find_person("x", 2)],
        &["GET /Users?startIndex=101&count=50"],
    );
    check(
        [Dialect::Okta.find_person(r#"a"b\c"#, 0)],
        &["GET /Users?filter=userName%20eq%20%22a%5C%22b%5C%5Cc%22&startIndex=1&count=100"],
    );
    check(
        Dialect::Okta.find_group("Test SCIMv2"),
        &["GET /Groups?filter=displayName%20eq%20%22Test%20SCIMv2%22&startIndex=1&count=100"],
    );
    check(
        Dialect::Entra.find_group("Test SCIMv2"),
        &["GET /Groups?excludedAttributes=members&filter=displayName+eq+%22Test+SCIMv2%22"],
    );
    assert_eq!(Dialect::Oracle.find_group("Test"), None);
}

#[test]
fn a_person_is_made_as_in_the_vendors_samples() {
    let okta = r#"POST /Users
{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"test.user@okta.local","name":{"givenName":"Test","familyName":"User"},"emails":[{"primary":true,"value":"test.user@okta.local","type":"work"}],"displayName":"Test User","locale":"en-US","externalId":"00ujl29u0le5T6Aj10h7","groups":[],"password":"PASSWORD","active":true}"#;
    let entra = r#"POST /Users
{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"externalId":"test.user","userName":"test.user@okta.local","active":true,"emails":[{"primary":true,"value":"test.user@okta.local","type":"work"}],"meta":{"resourceType":"User"},"name":{"givenName":"Test","familyName":"User"},"displayName":"Test User","locale":"en-US","roles":[]}"#;
    let oracle = r#"POST /Users
{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"test.user@okta.local","name":{"givenName":"Test","familyName":"User"},"emails":[{"primary":true,"value":"test.user@okta.local","type":"work"}],"displayName":"Test User","locale":"en-US","active":true}"#;
    for (dialect, expected) in DIALECTS.into_iter().zip([okta, okta, entra, entra, oracle]) {
        let (person, _) = filled(dialect);
        let mut request = dialect.create_person(wanted(&person), 7);
        let body = request.body.as_mut().unwrap().as_object_mut().unwrap();
        if let Some(password) = body.get_mut("password") {
            // A placeholder, the same for the same person.
            assert_eq!(password.as_str().map(str::len), Some(16));
            *password = "PASSWORD".into();
        }
        check([request], &[expected]);
    }
}

/// What differs when a name, an address and a telephone are other than before, the last one new.
fn edited() -> (Map<String, Value>, Person, Vec<Difference>) {
    let before = person().attributes;
    let mut person = person();
    person.attributes["name"]["familyName"] = "Person".into();
    person.attributes["emails"][0]["value"] = "other@okta.local".into();
    let mobile = json!([{"type": "mobile", "value": "555"}]);
    person.attributes.insert("phoneNumbers".to_owned(), mobile);
    let found = differences(&before, &person.attributes, &BTreeSet::new());
    (before, person, found)
}

#[test]
fn okta_reads_a_person_and_puts_back_what_it_read() {
    let (_, person, found) = edited();
    let shown = object(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "23a35c27", "userName": "test.user@okta.local",
        "name": {"givenName": "Test", "familyName": "User", "formatted": "Test User"},
        "emails": [{"primary": true, "value": "other@okta.local", "type": "work", "display": "other@okta.local"}],
        "nickName": "T", "active": true, "groups": [], "meta": {"resourceType": "User"}
    }));
    let expected = [r#"PUT /Users/23a35c27
{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"23a35c27","userName":"test.user@okta.local","name":{"givenName":"Test","familyName":"Person","formatted":"Test User"},"emails":[{"primary":true,"value":"other@okta.local","type":"work","display":"other@okta.local"}],"nickName":"T","active":true,"groups":[],"meta":{"resourceType":"User"},"displayName":"Test User","locale":"en-US","phoneNumbers":[{"type":"mobile","value":"555"}]}"#];
    for dialect in [Dialect::Okta, Dialect::OktaAiw] {
        assert!(dialect.reads_first(&found));
        check(
            dialect.update_person("23a35c27", wanted(&person), &found, Some(&shown)),
            &expected,
        );
    }
    check([read_person("23 a/5")], &["GET /Users/23%20a%2F5"]);
}

#[test]
fn okta_puts_back_nothing_that_was_taken_away() {
    let before = person();
    let mut person = person();
    person.attributes.shift_remove("displayName");
    person.attributes["name"] = json!({"givenName": "Test"});
    let found = differences(&before.attributes, &person.attributes, &BTreeSet::new());
    let requests =
        Dialect::Okta.update_person("1", wanted(&person), &found, Some(&before.attributes));
    let body = requests[0].body.as_ref().unwrap();
    assert_eq!(body.get("displayName"), None);
    assert_eq!(body["name"], json!({"givenName": "Test"}));
}

#[test]
fn entra_patches_an_operation_an_attribute() {
    let (_, person, found) = edited();
    let expected = [r#"PATCH /Users/1
{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Replace","path":"name.familyName","value":"Person"},{"op":"Replace","path":"emails[type eq \"work\"].value","value":"other@okta.local"},{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"555"}]}"#];
    assert!(!Dialect::Entra.reads_first(&found));
    check(
        Dialect::Entra.update_person("1", wanted(&person), &found, None),
        &expected,
    );
    let expected = [r#"PATCH /Users/1
{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"emails[type eq \"work\"].value","value":"other@okta.local"},{"op":"add","path":"phoneNumbers[type eq \"mobile\"].value","value":"555"},{"op":"replace","value":{"name.familyName":"Person"}}]}"#];
    check(
        Dialect::EntraFlag.update_person("1", wanted(&person), &found, None),
        &expected,
    );
}

#[test]
fn entra_names_attributes_of_an_extension_by_their_urn() {
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let before = object(json!({"userName": "a"}));
    let after = object(json!({"userName": "a", urn: {"department": "Retail"}}));
    let found = differences(&before, &after, &BTreeSet::new());
    let expected = [r#"PATCH /Users/1
{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department","value":"Retail"}]}"#];
    check(
        Dialect::Entra.update_person("1", wanted(&person()), &found, None),
        &expected,
    );
    let expected = [r#"PATCH /Users/1
{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department":"Retail"}}]}"#];
    check(
        Dialect::EntraFlag.update_person("1", wanted(&person()), &found, None),
        &expected,
    );
}

#[test]
fn oracle_puts_the_whole_person() {
    let (_, person, found) = edited();
    let expected = [r#"PUT /Users/1
{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"1","userName":"test.user@okta.local","name":{"givenName":"Test","familyName":"Person"},"emails":[{"primary":true,"value":"other@okta.local","type":"work"}],"displayName":"Test User","locale":"en-US","phoneNumbers":[{"type":"mobile","value":"555"}],"active":true}"#];
    check(
        Dialect::Oracle.update_person("1", wanted(&person), &found, None),
        &expected,
    );
}

#[test]
fn somebody_is_deactivated_and_activated_again() {
    let active = |active: bool| Difference {
        path: "active".to_owned(),
        wanted: Some(active.into()),
        was_there: true,
    };
    let send = |dialect: Dialect, is_active: bool| {
        let person = Person {
            active: is_active,
            attributes: object(json!({"userName": "a"})),
            ..person()
        };
        let found = [active(is_active)];
        let shown = object(json!({"userName": "a", "active": !is_active}));
        let shown = dialect.reads_first(&found).then_some(&shown);
        dialect.update_person("1", wanted(&person), &found, shown)
    };
    let patch = |operation: &str| {
        format!(
            "PATCH /Users/1\n{{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":[{operation}]}}"
        )
    };
    let put = |active: bool| {
        format!(
            "PUT /Users/1\n{{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"id\":\"1\",\"userName\":\"a\",\"active\":{active}}}"
        )
    };
    check(
        send(Dialect::Okta, false),
        &[&patch(r#"{"op":"replace","value":{"active":false}}"#)],
    );
    check(
        send(Dialect::Okta, true),
        &[&patch(r#"{"op":"replace","value":{"active":true}}"#)],
    );
    check(send(Dialect::OktaAiw, false), &[&put(false)]);
    check(
        send(Dialect::Entra, false),
        &[&patch(
            r#"{"op":"Replace","path":"active","value":"False"}"#,
        )],
    );
    check(
        send(Dialect::Entra, true),
        &[&patch(r#"{"op":"Replace","path":"active","value":"True"}"#)],
    );
    check(
        send(Dialect::EntraFlag, false),
        &[&patch(r#"{"op":"replace","path":"active","value":false}"#)],
    );
    check(send(Dialect::Oracle, false), &[&put(false)]);
}

#[test]
fn nobody_is_deleted_who_is_only_deactivated() {
    let habits = DIALECTS.map(|it| (it.ways().leaving, it.ways().may_delete));
    let never = (Deprovision::Deactivate, false);
    assert_eq!(
        habits,
        [never, never, never, never, (Deprovision::Deactivate, true)]
    );
    let days = |it: Dialect| it.ways().purge_after.map(|it| it.as_secs() / 86_400);
    assert_eq!(DIALECTS.map(days), [None, None, Some(30), Some(30), None]);
    check([delete("/Users", "1")], &["DELETE /Users/1"]);
}

#[test]
fn a_manager_is_bare_text_for_entra_and_an_object_for_others() {
    let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let manager = |wanted: Option<&str>, was_there: bool| Difference {
        path: format!("{urn}:manager"),
        wanted: wanted.map(Value::from),
        was_there,
    };
    let patch = |operation: String| {
        format!(
            "PATCH /Users/1\n{{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":[{operation}]}}"
        )
    };
    let person = person();
    let sent =
        |found: &[Difference]| Dialect::Entra.update_person("1", wanted(&person), found, None);
    check(
        sent(&[manager(Some("271"), false)]),
        &[&patch(format!(
            r#"{{"op":"Add","path":"{urn}:manager","value":"271"}}"#
        ))],
    );
    check(
        sent(&[manager(None, true)]),
        &[&patch(format!(
            r#"{{"op":"Replace","path":"{urn}:manager","value":""}}"#
        ))],
    );
    for dialect in [Dialect::Okta, Dialect::OktaAiw, Dialect::Oracle] {
        let found = [manager(Some("271"), false)];
        let wanted = Wanted {
            manager: Some("271"),
            ..wanted(&person)
        };
        let shown = object(json!({"userName": "test.user@okta.local"}));
        let requests = dialect.update_person("1", wanted, &found, Some(&shown));
        let body = requests[0].body.as_ref().unwrap();
        assert_eq!(body[urn], json!({"manager": {"value": "271"}}));
        assert_eq!(body["schemas"][1], urn);
    }
}

#[test]
fn a_group_is_made_without_members_and_renamed() {
    let okta = r#"POST /Groups
{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Test SCIMv2","members":[]}"#;
    let entra = r#"POST /Groups
{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],"externalId":"8aa1a0c0","displayName":"Test SCIMv2","meta":{"resourceType":"Group"}}"#;
    for (dialect, expected) in DIALECTS.into_iter().zip([okta, okta, entra, entra]) {
        let (_, group) = filled(dialect);
        check(dialect.create_group(&group), &[expected]);
    }
    assert_eq!(Dialect::Oracle.create_group(&staff()), None);
    let name = Difference {
        path: "displayName".to_owned(),
        wanted: Some("Test SCIMv2".into()),
        was_there: true,
    };
    let rename = |dialect: Dialect| {
        let group = staff();
        let wanted = WantedGroup {
            group: &group,
            members: vec![member("u1")],
        };
        dialect.update_group("abf4dd94", &wanted, std::slice::from_ref(&name))
    };
    let patch = |operation: &str| {
        format!(
            "PATCH /Groups/abf4dd94\n{{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":[{operation}]}}"
        )
    };
    check(
        rename(Dialect::Okta),
        &[&patch(
            r#"{"op":"replace","value":{"id":"abf4dd94","displayName":"Test SCIMv2"}}"#,
        )],
    );
    check(
        rename(Dialect::OktaAiw),
        &[
            "PUT /Groups/abf4dd94\n{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],\"displayName\":\"Test SCIMv2\",\"members\":[{\"value\":\"u1\",\"display\":\"u1@x\"}]}",
        ],
    );
    check(
        rename(Dialect::Entra),
        &[&patch(
            r#"{"op":"Replace","path":"displayName","value":"Test SCIMv2"}"#,
        )],
    );
    check(
        rename(Dialect::EntraFlag),
        &[&patch(
            r#"{"op":"replace","value":{"displayName":"Test SCIMv2"}}"#,
        )],
    );
    check(rename(Dialect::Oracle), &[]);
}

fn member(id: &str) -> Member {
    Member {
        id: id.to_owned(),
        display: format!("{id}@x"),
    }
}

fn members(dialect: Dialect, add: &[&str], remove: &[&str]) -> Vec<String> {
    let group = staff();
    let wanted = WantedGroup {
        group: &group,
        members: add.iter().map(|it| member(it)).collect(),
    };
    let change = Membership {
        add: add.iter().map(|it| member(it)).collect(),
        remove: remove.iter().map(ToString::to_string).collect(),
    };
    let writes = dialect.change_members("g", &wanted, &change).into_iter();
    writes.map(|it| it.request.to_string()).collect()
}

#[test]
fn who_comes_and_who_goes_is_told_in_each_ones_way() {
    let patch = |operations: &str| {
        format!(
            "PATCH /Groups/g\n{{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":[{operations}]}}"
        )
    };
    let rename = patch(r#"{"op":"replace","value":{"id":"g","displayName":"Test SCIMv2"}}"#);
    assert_eq!(
        members(Dialect::Okta, &["u1"], &["u2"]),
        [
            rename,
            patch(
                r#"{"op":"remove","path":"members[value eq \"u2\"]"},{"op":"add","path":"members","value":[{"value":"u1","display":"u1@x"}]}"#
            )
        ]
    );
    assert_eq!(
        members(Dialect::OktaAiw, &["u1"], &["u2"]),
        [
            "PUT /Groups/g\n{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],\"displayName\":\"Test SCIMv2\",\"members\":[{\"value\":\"u1\",\"display\":\"u1@x\"}]}"
        ]
    );
    assert_eq!(
        members(Dialect::Entra, &["u1", "u3"], &["u2"]),
        [
            patch(r#"{"op":"Remove","path":"members","value":[{"$ref":null,"value":"u2"}]}"#),
            patch(
                r#"{"op":"Add","path":"members","value":[{"$ref":null,"value":"u1"},{"$ref":null,"value":"u3"}]}"#
            ),
        ]
    );
    assert_eq!(
        members(Dialect::EntraFlag, &["u1"], &["u2", "u3"]),
        [
            patch(
                r#"{"op":"remove","path":"members[value eq \"u2\"]"},{"op":"remove","path":"members[value eq \"u3\"]"}"#
            ),
            patch(r#"{"op":"add","path":"members","value":[{"$ref":null,"value":"u1"}]}"#),
        ]
    );
    assert!(members(Dialect::Oracle, &["u1"], &["u2"]).is_empty());
}

#[test]
fn a_patch_has_at_most_a_hundred_changes_of_members() {
    let ids: Vec<String> = (0..250).map(|n| format!("u{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    // The rename, then 100, 100, and 20 that go with 80 that come, …
    assert_eq!(members(Dialect::Okta, &ids, &ids[..120]).len(), 1 + 4);
    assert_eq!(members(Dialect::Entra, &ids, &ids[..120]).len(), 2 + 3);
    let group = staff();
    let wanted = WantedGroup {
        group: &group,
        members: Vec::new(),
    };
    let change = Membership {
        add: ids.iter().map(|it| member(it)).collect(),
        remove: ids[..120].iter().map(ToString::to_string).collect(),
    };
    for dialect in [
        Dialect::Okta,
        Dialect::OktaAiw,
        Dialect::Entra,
        Dialect::EntraFlag,
    ] {
        // Nobody is lost between two requests, or sent twice.
        let mut sum = Membership::default();
        for write in dialect.change_members("g", &wanted, &change) {
            let does = write.does;
            let about = does.add.len() + does.remove.len();
            assert!(dialect == Dialect::OktaAiw || about <= 100);
            sum.add.extend(does.add);
            sum.remove.extend(does.remove);
        }
        assert_eq!(sum, change);
    }
}

#[test]
fn a_group_that_was_found_is_filled_whole_by_okta_alone() {
    let group = staff();
    let wanted = WantedGroup {
        group: &group,
        members: vec![member("u1")],
    };
    let expected = "PATCH /Groups/g\n{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],\"Operations\":[{\"op\":\"replace\",\"path\":\"members\",\"value\":[{\"value\":\"u1\",\"display\":\"u1@x\"}]}]}";
    check(Dialect::Okta.replace_members("g", &wanted), &[expected]);
    for dialect in DIALECTS {
        let says = dialect.replace_members("g", &wanted).is_some();
        assert_eq!(says, dialect.says_all_members());
    }
}

#[test]
fn headers_are_those_of_each_one() {
    let headers = |dialect: Dialect, body: bool| -> BTreeMap<&str, &str> {
        dialect.headers(body).into_iter().collect()
    };
    let okta = BTreeMap::from([
        ("accept", "application/scim+json"),
        ("accept-charset", "utf-8"),
        ("user-agent", "Okta SCIM Client 1.0.0"),
    ]);
    assert_eq!(headers(Dialect::Okta, false), okta);
    let json = "application/scim+json; charset=utf-8";
    assert_eq!(headers(Dialect::Okta, true)["content-type"], json);
    assert_eq!(headers(Dialect::Entra, false), BTreeMap::new());
    assert_eq!(
        headers(Dialect::Entra, true),
        BTreeMap::from([("content-type", json)])
    );
    assert_eq!(
        headers(Dialect::Oracle, true)["content-type"],
        "application/scim+json"
    );
}
