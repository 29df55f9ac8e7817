//! Bulk operations (RFC 7644 section 3.7).

use super::*;

const REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";

fn bulk(sp: &Sp, operations: Value) -> Answer {
    sp.post(
        "/Bulk",
        json!({"schemas": [REQUEST], "Operations": operations}),
    )
}

/// The results, each as `status scimType`.
#[track_caller]
fn statuses(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{}", answer.text());
    let body = answer.json();
    assert_eq!(
        (&body["schemas"], body.get("failOnErrors")),
        (&json!([RESPONSE]), None)
    );
    let results = body["Operations"].as_array().unwrap().iter().map(|result| {
        let status = result["status"].as_str().expect("a status is text");
        let error = &result["response"];
        assert_eq!(error.is_null(), status.starts_with('2'), "{result}");
        assert!(error.is_null() || error["status"] == status && error["detail"] != "");
        match error["scimType"].as_str() {
            Some(scim_type) => format!("{status} {scim_type}"),
            None => status.to_owned(),
        }
    });
    results.collect::<Vec<_>>().join(", ")
}

fn result(answer: &Answer, n: usize) -> Value {
    answer.json()["Operations"][n].clone()
}

fn create(bulk_id: &str, path: &str, data: Value) -> Value {
    json!({"method": "POST", "bulkId": bulk_id, "path": path, "data": data})
}

fn new_user(bulk_id: &str, name: &str) -> Value {
    create(bulk_id, "/Users", user(name, json!({})))
}

fn new_group(bulk_id: &str, name: &str, members: &[&str]) -> Value {
    let members: Vec<_> = members
        .iter()
        .map(|id| json!({"value": format!("bulkId:{id}")}))
        .collect();
    create(
        bulk_id,
        "/Groups",
        json!({"schemas": [GROUP], "displayName": name, "members": members}),
    )
}

/// The names of a group's members.
fn members(sp: &Sp, location: &Value) -> Vec<String> {
    let path = location.as_str().unwrap().strip_prefix(BASE).unwrap();
    let group = sp.get(path).json();
    let list = group["members"].as_array().cloned().unwrap_or_default();
    list.iter()
        .map(|member| {
            let path = member["$ref"].as_str().unwrap().strip_prefix(BASE).unwrap();
            let it = sp.get(path).json();
            it["userName"]
                .as_str()
                .or(it["displayName"].as_str())
                .unwrap()
                .to_owned()
        })
        .collect()
}

#[test]
fn each_operation_is_answered_as_it_would_be_alone() {
    for sp in both() {
        let id = sp.create("/Users", user("old", json!({"title": "x"})));
        let gone = sp.user("gone");
        let path = format!("/Users/{id}");
        let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "title", "value": "y"}]});
        let answer = bulk(
            &sp,
            json!([
                new_user("a", "alice"),
                {"method": "PUT", "path": path, "data": user("old", json!({"title": "z"}))},
                {"method": "PATCH", "path": path, "bulkId": "p", "data": patch},
                {"method": "DELETE", "path": format!("/Users/{gone}")},
                {"method": "DELETE", "path": "/Users/nobody"},
                new_user("b", "ALICE"),
            ]),
        );
        assert_eq!(statuses(&answer), "201, 200, 200, 204, 404, 409 uniqueness");
        let alice =
            sp.get("/Users?filter=userName eq \"alice\"").json()["Resources"][0]["id"].clone();
        assert_eq!(
            result(&answer, 0),
            json!({"method": "POST", "bulkId": "a", "version": "W/\"1\"", "status": "201",
                "location": format!("{BASE}/Users/{}", alice.as_str().unwrap())})
        );
        assert_eq!(
            result(&answer, 2),
            json!({"method": "PATCH", "bulkId": "p", "version": "W/\"3\"", "status": "200", "location": format!("{BASE}{path}")})
        );
        assert_eq!(
            result(&answer, 3),
            json!({"method": "DELETE", "status": "204", "location": format!("{BASE}/Users/{gone}")})
        );
        assert_eq!(
            result(&answer, 4)["location"],
            format!("{BASE}/Users/nobody")
        );
        assert_eq!(result(&answer, 5).get("location"), None);
        assert_eq!(names(&sp.get("/Users")), "old alice");
        assert_eq!(sp.get(&path).json()["title"], "y");
    }
}

/// As alone: whether the resource is there, and at which version, comes before what the body says.
#[test]
fn what_is_not_there_is_not_found_whatever_the_body() {
    for sp in both() {
        let id = sp.user("bjensen");
        let operation = |method: &str, id: &str, data: Value| json!({"method": method, "path": format!("/Users/{id}"), "data": data, "version": "W/\"9\""});
        let operations = json!([
            operation("PUT", "nobody", json!({})),
            operation("PATCH", "nobody", json!({})),
            operation("PUT", &id, json!({})),
            operation("PATCH", &id, json!({})),
        ]);
        assert_eq!(statuses(&bulk(&sp, operations)), "404, 404, 412, 412");
    }
}

#[test]
fn a_reference_may_stand_before_what_it_refers_to() {
    for sp in both() {
        let answer = bulk(
            &sp,
            json!([
                new_group("g", "Staff", &["u", "inner"]),
                new_group("inner", "Inner", &["u"]),
                new_user("u", "bjensen"),
            ]),
        );
        assert_eq!(statuses(&answer), "201, 201, 201");
        assert_eq!(result(&answer, 0)["bulkId"], "g");
        assert_eq!(
            members(&sp, &result(&answer, 0)["location"]),
            ["bjensen", "Inner"]
        );
        assert_eq!(result(&answer, 0)["version"], "W/\"1\"");
    }
}

#[test]
fn resources_may_refer_to_each_other_and_to_themselves() {
    for sp in both() {
        let answer = bulk(
            &sp,
            json!([
                new_group("a", "A", &["b"]),
                new_user("u", "bjensen"),
                new_group("b", "B", &["c", "u"]),
                new_group("c", "C", &["a", "c"]),
            ]),
        );
        assert_eq!(statuses(&answer), "201, 201, 201, 201");
        let of = |n: usize| members(&sp, &result(&answer, n)["location"]);
        assert_eq!(
            (of(0), of(2), of(3)),
            (
                vec!["B".into()],
                vec!["C".into(), "bjensen".into()],
                vec!["A".into(), "C".into()]
            )
        );
        assert_eq!(sp.get("/Groups").json()["totalResults"], 3);
        assert!(!sp.get("/Groups").text().contains("bulkId"));
    }
}

#[test]
fn a_circle_that_breaks_leaves_nothing_of_itself() {
    for sp in both() {
        sp.user("taken");
        let manager = |name: &str, of: &str| {
            let manager = json!({"manager": {"value": format!("bulkId:{of}")}});
            user(
                name,
                json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: manager}),
            )
        };
        let answer = bulk(
            &sp,
            json!([
                create("a", "/Users", manager("first", "b")),
                create("b", "/Users", manager("taken", "a")),
                new_user("c", "third"),
                new_group("d", "D", &["a"]),
            ]),
        );
        assert_eq!(statuses(&answer), "409, 409 uniqueness, 201, 409");
        assert_eq!(names(&sp.get("/Users")), "taken third");
        assert_eq!(sp.get("/Groups").json()["totalResults"], 0);
        let answer = bulk(
            &sp,
            json!([
                create("a", "/Users", manager("x", "b")),
                create("b", "/Users", manager("y", "a"))
            ]),
        );
        assert_eq!(statuses(&answer), "201, 201");
        let location = result(&answer, 1)["location"].clone();
        let x = sp
            .get(location.as_str().unwrap().strip_prefix(BASE).unwrap())
            .json();
        assert_eq!(
            x[ENTERPRISE]["manager"]["$ref"],
            result(&answer, 0)["location"]
        );
    }
}

#[test]
fn references_are_resolved_in_paths_filters_and_values() {
    for sp in both() {
        let old = sp.user("old");
        let group = sp.group("Staff", &[&old]);
        let op = |operation: Value| json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]});
        let answer = bulk(
            &sp,
            json!([
                {"method": "PATCH", "path": format!("/Groups/{group}"), "data": op(json!({"op": "add", "path": "members", "value": [{"value": "bulkId:u"}]}))},
                new_user("u", "new"),
                new_user("v", "gone-again"),
                {"method": "PATCH", "path": "/Groups/bulkId:g", "data": op(json!({"op": "remove", "path": "members[value eq \"bulkId:v\"]"}))},
                new_group("g", "Others", &["u", "v"]),
                create("w", "/Users", user("w", json!({"displayName": "bulkId is a word, bulkId:u too"}))),
                {"method": "DELETE", "path": "/Users/bulkId:v"},
            ]),
        );
        assert_eq!(statuses(&answer), "200, 201, 201, 200, 201, 201, 204");
        assert_eq!(
            members(&sp, &result(&answer, 0)["location"]),
            ["old", "new"]
        );
        assert_eq!(members(&sp, &result(&answer, 3)["location"]), ["new"]);
        assert_eq!(
            result(&answer, 3)["location"],
            result(&answer, 4)["location"]
        );
        let word =
            sp.get("/Users?filter=userName eq \"w\"").json()["Resources"][0]["displayName"].clone();
        assert_eq!(word, "bulkId is a word, bulkId:u too");
    }
}

#[test]
fn a_reference_to_nothing_is_a_conflict() {
    for sp in both() {
        sp.user("taken");
        let answer = bulk(
            &sp,
            json!([
                new_group("g", "A", &["nope"]),
                new_user("u", "taken"),
                new_group("h", "B", &["u"]),
                new_group("i", "C", &["h"])
            ]),
        );
        assert_eq!(statuses(&answer), "409, 409 uniqueness, 409, 409");
        let detail = result(&answer, 0)["response"]["detail"].clone();
        assert!(detail.as_str().unwrap().contains("bulkId:nope"), "{detail}");
        assert_eq!(sp.get("/Groups").json()["totalResults"], 0);
    }
}

#[test]
fn an_operation_is_malformed_by_itself() {
    let check = |operation: Value, lenient: &str, strict: &str| {
        for (sp, expected) in [(Sp::new(), lenient), (Sp::strict(), strict)] {
            let answer = bulk(&sp, json!([operation, new_user("next", "next")]));
            assert_eq!(statuses(&answer), format!("{expected}, 201"), "{operation}");
        }
    };
    let same = |operation: Value, expected: &str| check(operation, expected, expected);
    same(
        json!({"method": "GET", "path": "/Users"}),
        "400 invalidSyntax",
    );
    same(json!({"path": "/Users"}), "400 invalidSyntax");
    same(json!("POST"), "400 invalidSyntax");
    same(
        json!({"method": "POST", "bulkId": "x", "path": "/Users"}),
        "400 invalidSyntax",
    );
    same(
        json!({"method": "PUT", "path": "/Users/1"}),
        "400 invalidSyntax",
    );
    same(json!({"method": "DELETE"}), "400 invalidSyntax");
    same(
        json!({"method": "DELETE", "path": "/Users"}),
        "400 invalidValue",
    );
    same(
        json!({"method": "DELETE", "path": "/Nope/1"}),
        "400 invalidValue",
    );
    for path in [
        "/Bulk",
        "/Me",
        "/Schemas",
        "/.search",
        "/Users/.search",
        "/Users/1",
        "/v2/Users",
        "https://sp.test/scim/v2/Users",
    ] {
        same(create("x", path, user("x", json!({}))), "400 invalidValue");
    }
    same(
        create("x", "/Users", json!({"schemas": [USER]})),
        "400 invalidValue",
    );
    check(
        create("x", "Users", user("x", json!({}))),
        "201",
        "400 invalidValue",
    );
    check(
        json!({"method": "post", "bulkId": "x", "path": "/Users", "data": user("x", json!({}))}),
        "201",
        "400 invalidSyntax",
    );
    check(
        json!({"method": "POST", "path": "/Users", "data": user("x", json!({}))}),
        "201",
        "400 invalidValue",
    );
}

#[test]
fn a_bulk_id_names_one_operation() {
    for sp in both() {
        let answer = bulk(
            &sp,
            json!([
                new_user("u", "one"),
                new_user("u", "two"),
                new_group("g", "G", &["u"])
            ]),
        );
        assert_eq!(statuses(&answer), "201, 400 invalidValue, 201");
        assert_eq!(members(&sp, &result(&answer, 2)["location"]), ["one"]);
    }
}

#[test]
fn a_version_guards_an_operation() {
    for sp in both() {
        let path = format!("/Users/{}", sp.user("u"));
        let put = |version: &str, title: &str| json!({"method": "PUT", "path": path, "version": version, "data": user("u", json!({"title": title}))});
        let answer = bulk(
            &sp,
            json!([put("W/\"7\"", "no"), put("W/\"1\"", "yes"), {"method": "DELETE", "path": path, "version": "W/\"1\""}]),
        );
        assert_eq!(statuses(&answer), "412, 200, 412");
        assert_eq!(sp.get(&path).json()["title"], "yes");
    }
}

#[test]
fn a_patch_that_fails_leaves_its_resource_and_all_before_it() {
    for sp in both() {
        let path = format!("/Users/{}", sp.user("u"));
        let patch = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
            {"op": "add", "path": "title", "value": "half"}, {"op": "add", "path": "nope", "value": 1}]});
        let answer = bulk(
            &sp,
            json!([new_user("a", "a"), {"method": "PATCH", "path": path, "data": patch}]),
        );
        assert_eq!(statuses(&answer), "201, 400 invalidPath");
        assert_eq!(sp.get(&path).json().get("title"), None);
        assert_eq!(names(&sp.get("/Users")), "u a");
    }
}

#[test]
fn a_patch_may_be_a_bare_array_leniently() {
    let operation = |path: &str| json!([{"method": "PATCH", "path": path, "data": [{"op": "add", "path": "title", "value": "t"}]}]);
    let (lenient, strict) = (Sp::new(), Sp::strict());
    let path = format!("/Users/{}", lenient.user("u"));
    assert_eq!(statuses(&bulk(&lenient, operation(&path))), "200");
    let path = format!("/Users/{}", strict.user("u"));
    assert_eq!(
        statuses(&bulk(&strict, operation(&path))),
        "400 invalidSyntax"
    );
}

#[test]
fn errors_end_the_job_when_there_are_enough_of_them() {
    let check = |fail_on_errors: Value, expected: &str, left: &str| {
        for sp in both() {
            sp.user("taken");
            let body = json!({"schemas": [REQUEST], "failOnErrors": fail_on_errors, "Operations": [
                new_user("a", "a"), new_user("b", "taken"), new_user("c", "c"), new_user("d", "taken"), new_user("e", "e")]});
            assert_eq!(
                statuses(&sp.post("/Bulk", body)),
                expected,
                "{fail_on_errors}"
            );
            assert_eq!(names(&sp.get("/Users")), left);
        }
    };
    let whole = "201, 409 uniqueness, 201, 409 uniqueness, 201";
    check(Value::Null, whole, "taken a c e");
    check(json!(3), whole, "taken a c e");
    check(
        json!(2),
        "201, 409 uniqueness, 201, 409 uniqueness",
        "taken a c",
    );
    check(json!(1), "201, 409 uniqueness", "taken a");
    check(json!(0), "201, 409 uniqueness", "taken a");
    check(json!(-1), "201, 409 uniqueness", "taken a");
}

#[test]
fn what_is_no_bulk_request_is_refused_whole() {
    for sp in both() {
        let verdict = |body: Value| sp.post("/Bulk", body).verdict();
        assert_eq!(verdict(json!({"schemas": [REQUEST]})), "400 invalidSyntax");
        assert_eq!(
            verdict(json!({"schemas": [REQUEST], "Operations": []})),
            "400 invalidSyntax"
        );
        assert_eq!(
            verdict(json!({"schemas": [REQUEST], "Operations": {}})),
            "400 invalidSyntax"
        );
        assert_eq!(verdict(json!([])), "400 invalidSyntax");
        let body =
            json!({"schemas": [REQUEST], "failOnErrors": "1", "Operations": [new_user("a", "a")]});
        assert_eq!(verdict(body), "400 invalidSyntax");
        assert_eq!(names(&sp.get("/Users")), "");
    }
    let body = json!({"schemas": [USER], "Operations": [new_user("a", "a")]});
    assert_eq!(
        Sp::strict().post("/Bulk", body).verdict(),
        "400 invalidSyntax"
    );
}

#[test]
fn a_request_above_a_limit_is_refused_before_anything_happens() {
    for strictness in ["Lenient", "Strict"] {
        let sp = Sp::with(&format!(
            r#"Scenario(auth: [Bearer("secret-token")], provider: Provider(strictness: {strictness}, bulk: Bulk(max_operations: 2, max_payload_bytes: 800)))"#
        ));
        let many = bulk(
            &sp,
            json!([new_user("a", "a"), new_user("b", "b"), new_user("c", "c")]),
        );
        assert_eq!(many.verdict(), "413");
        assert!(many.text().contains("maxOperations (2)"), "{}", many.text());
        let large = bulk(
            &sp,
            json!([create(
                "a",
                "/Users",
                user("a", json!({"title": "x".repeat(800)}))
            )]),
        );
        assert_eq!(large.verdict(), "413");
        assert!(
            large.text().contains("maxPayloadSize (800)"),
            "{}",
            large.text()
        );
        assert_eq!(names(&sp.get("/Users")), "");
        assert_eq!(statuses(&bulk(&sp, json!([new_user("a", "a")]))), "201");
    }
}

#[test]
fn a_long_chain_of_references_is_followed_to_its_end() {
    let sp = Sp::with(
        r#"Scenario(auth: [Bearer("secret-token")], provider: Provider(bulk: Bulk(max_operations: 5000, max_payload_bytes: 10000000)))"#,
    );
    let chain: Vec<_> = (0..5000)
        .map(|n| match n {
            4999 => new_user("4999", "end"),
            n => new_group(&n.to_string(), &format!("g{n}"), &[&(n + 1).to_string()]),
        })
        .collect();
    let answer = bulk(&sp, Value::Array(chain));
    assert!(statuses(&answer).split(", ").all(|status| status == "201"));
    assert_eq!(members(&sp, &result(&answer, 0)["location"]), ["g1"]);
}
