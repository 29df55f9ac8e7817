//! POST (RFC 7644 section 3.3).

use super::*;

#[track_caller]
fn refused(body: Value, expected: &str) {
    for sp in both() {
        assert_eq!(
            sp.post("/Users", body.clone()).verdict(),
            expected,
            "{body}"
        );
        assert_eq!(names(&sp.get("/Users")), "");
    }
}

#[test]
fn the_answer_is_the_resource_and_where_it_is() {
    for sp in both() {
        let answer = sp.post("/Users", user("bjensen", json!({"title": "Guide"})));
        assert_eq!(answer.status, 201);
        let created = answer.json();
        let location = format!("{BASE}/Users/{}", answer.id());
        assert_eq!(created["meta"]["location"], location.as_str());
        assert_eq!(answer.header("location"), Some(location.as_str()));
        assert_eq!(answer.header("etag"), created["meta"]["version"].as_str());
        assert_eq!(created["meta"]["resourceType"], "User");
        assert_eq!(created["meta"]["created"], created["meta"]["lastModified"]);
        assert_eq!(
            (&created["userName"], &created["title"]),
            (&json!("bjensen"), &json!("Guide"))
        );
        assert_eq!(sp.get(&format!("/Users/{}", answer.id())).json(), created);
    }
}

#[test]
fn what_the_server_assigns_cannot_be_sent() {
    for sp in both() {
        let sent = json!({"id": "mine", "meta": {"created": "2000-01-01T00:00:00Z", "resourceType": "Group"}, "groups": [{"value": "x"}]});
        let created = sp.post("/Users", user("bjensen", sent)).json();
        assert_ne!(created["id"], "mine");
        assert_eq!(created["meta"]["resourceType"], "User");
        assert_ne!(created["meta"]["created"], "2000-01-01T00:00:00Z");
        assert_eq!(created.get("groups"), None);
    }
}

#[test]
fn what_was_not_sent_is_not_invented() {
    for sp in both() {
        let created = sp.post("/Users", user("bjensen", json!({}))).json();
        assert_eq!(keys(&created), "id meta schemas userName");
    }
}

#[test]
fn a_user_name_is_there_and_taken_once() {
    refused(json!({"schemas": [USER]}), "400 invalidValue");
    for name in [
        json!(""),
        json!("   "),
        json!(null),
        json!(5),
        json!(["a"]),
        json!({"a": "b"}),
    ] {
        refused(
            json!({"schemas": [USER], "userName": name}),
            "400 invalidValue",
        );
    }
    for sp in both() {
        sp.user("bjensen");
        for name in ["bjensen", "BJENSEN", "BJensen"] {
            assert_eq!(
                sp.post("/Users", user(name, json!({}))).verdict(),
                "409 uniqueness",
                "{name}"
            );
        }
        assert_eq!(names(&sp.get("/Users")), "bjensen");
    }
}

#[test]
fn a_name_is_free_again_after_delete() {
    for sp in both() {
        let id = sp.user("bjensen");
        sp.delete(&format!("/Users/{id}"));
        assert_ne!(sp.user("bjensen"), id);
    }
}

#[test]
fn other_values_may_be_taken_twice() {
    for sp in both() {
        sp.create(
            "/Users",
            user(
                "a",
                json!({"externalId": "x", "displayName": "D", "emails": [{"value": "a@x"}]}),
            ),
        );
        sp.create(
            "/Users",
            user(
                "b",
                json!({"externalId": "x", "displayName": "D", "emails": [{"value": "a@x"}]}),
            ),
        );
        sp.group("Staff", &[]);
        sp.group("Staff", &[]);
    }
}

#[test]
fn a_value_of_another_type_is_refused() {
    for attributes in [
        json!({"displayName": 5}),
        json!({"active": "maybe"}),
        json!({"active": 1}),
        json!({"name": "x"}),
        json!({"name": ["x"]}),
        json!({"emails": "a@x"}),
        json!({"emails": ["a@x"]}),
        json!({"emails": [{"value": 1}]}),
        json!({"emails": [{"primary": "maybe"}]}),
        json!({"title": ["a"]}),
        json!({"title": {"a": 1}}),
        json!({"x509Certificates": [{"value": "!!"}]}),
        json!({ENTERPRISE: "x"}),
        json!({ENTERPRISE: {"department": 5}}),
        json!({"profileUrl": 7}),
        json!({"emails": [{"value": "a@x", "primary": true}, {"value": "b@x", "primary": true}]}),
    ] {
        refused(user("bjensen", attributes), "400 invalidValue");
    }
}

#[test]
fn what_is_no_object_is_no_resource() {
    for body in [
        json!([]),
        json!("x"),
        json!(1),
        json!(null),
        json!([user("a", json!({}))]),
    ] {
        refused(body, "400 invalidSyntax");
    }
    for sp in both() {
        for body in [
            "",
            "{",
            "{\"userName\":\"a\"",
            "{\"userName\":}",
            "not json",
            "{\"userName\":\"a\"}}",
        ] {
            let headers = [
                ("authorization", "Bearer secret-token"),
                ("content-type", "application/scim+json"),
            ];
            assert_eq!(
                raw(&sp, "POST", "/Users", &headers, body).verdict(),
                "400 invalidSyntax",
                "{body}"
            );
        }
    }
}

#[test]
fn an_unknown_attribute_is_passed_over_unless_by_the_letter() {
    let body = user("bjensen", json!({"foo": 1, "employeeNumber": "1"}));
    assert_eq!(
        Sp::strict().post("/Users", body.clone()).verdict(),
        "400 invalidSyntax"
    );
    let created = Sp::new().post("/Users", body).json();
    assert_eq!(created.get("foo"), None);
}

#[test]
fn two_spellings_of_one_name_are_refused() {
    refused(
        json!({"schemas": [USER], "userName": "a", "username": "b"}),
        "400 invalidSyntax",
    );
}

#[test]
fn names_have_no_case_and_come_back_as_the_schema_writes_them() {
    for sp in both() {
        let created = sp
            .post(
                "/Users",
                json!({"SCHEMAS": [USER], "USERNAME": "a", "Name": {"GIVENNAME": "B"}}),
            )
            .json();
        assert_eq!(
            (&created["userName"], &created["name"]),
            (&json!("a"), &json!({"givenName": "B"}))
        );
    }
}

#[test]
fn a_projection_holds_for_the_answer() {
    for sp in both() {
        let answer = sp.post(
            "/Users?attributes=userName",
            user("bjensen", json!({"title": "t"})),
        );
        assert_eq!(
            (answer.status, keys(&answer.json()).as_str()),
            (201, "id schemas userName")
        );
        assert!(answer.header("location").is_some());
    }
}

#[test]
fn a_password_never_comes_back() {
    for sp in both() {
        let answer = sp.post(
            "/Users?attributes=password,userName",
            user("bjensen", json!({"password": "t1meMa$heen"})),
        );
        let id = answer.id();
        let shown = [
            answer,
            sp.get(&format!("/Users/{id}?attributes=password")),
            sp.get("/Users"),
            sp.get("/Users?attributes=password"),
        ];
        for answer in shown {
            assert!(
                answer.status < 300 && !answer.text().contains("t1meMa"),
                "{}",
                answer.text()
            );
        }
    }
}

#[test]
fn a_password_never_comes_back_in_an_error_either() {
    for sp in both() {
        for password in [json!({"value": "t1meMa$heen"}), json!(["t1meMa$heen"])] {
            let answer = sp.post("/Users", user("bjensen", json!({"password": password})));
            assert_eq!(answer.verdict(), "400 invalidValue");
            assert!(!answer.text().contains("t1meMa"), "{}", answer.text());
            let target = format!("/Users/{}", sp.user("jsmith"));
            let operation = json!({"op": "add", "path": "password", "value": password});
            let answer = sp.patch(&target, operation);
            assert_eq!(answer.verdict(), "400 invalidValue");
            assert!(!answer.text().contains("t1meMa"), "{}", answer.text());
            sp.delete(&target);
        }
    }
}

#[test]
fn what_okta_sends_is_taken() {
    let sent = json!({"groups": [], "password": "1mz050nq", "active": true, "locale": "en-US", "name": {"givenName": "T", "familyName": "U"}});
    for sp in both() {
        assert_eq!(sp.post("/Users", user("okta", sent.clone())).status, 201);
    }
}
