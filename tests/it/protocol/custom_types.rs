//! Resource types, schemas and extensions of a scenario (RFC 7643 sections 2.2, 2.3, 3.3, 6 and 7): served like User and Group.

use super::*;
use std::path::Path;

const THING: &str = "urn:example:params:scim:schemas:2.0:Thing";
const BADGE: &str = "urn:example:params:scim:schemas:extension:2.0:Badge";
const STORY: &str = "urn:example:params:scim:schemas:extension:2.0:Story";

/// The shipped scenario, without the things in it, lenient or strict.
fn things(strictness: &str) -> Sp {
    let shipped = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/every-type.ron"),
    )
    .unwrap();
    let begin = shipped.find("    resources: {").expect("it has resources");
    let scenario = format!(
        "{}provider: Provider(strictness: {strictness}))",
        &shipped[..begin]
    )
    .replace(
        "\"schemas/",
        concat!("\"", env!("CARGO_MANIFEST_DIR"), "/scenarios/schemas/"),
    );
    Sp::with(&scenario).bearing("every-token")
}

fn each() -> [Sp; 2] {
    [things("Lenient"), things("Strict")]
}

fn thing(label: &str, members: Value) -> Value {
    let mut thing =
        json!({"schemas": [THING, BADGE], "label": label, "key": "k", BADGE: {"number": 1}});
    let members = members.as_object().expect("members are an object").clone();
    thing.as_object_mut().expect("an object").extend(members);
    thing
}

#[test]
fn a_type_and_its_schemas_are_published() {
    for sp in each() {
        let published = sp.get("/ResourceTypes/Thing").json();
        assert_eq!(
            (&published["endpoint"], &published["schema"]),
            (&json!("/Things"), &json!(THING))
        );
        assert_eq!(
            published["schemaExtensions"],
            json!([{"schema": BADGE, "required": true}, {"schema": STORY, "required": false}])
        );
        let schema = sp.get(&format!("/Schemas/{THING}")).json();
        let named = |name: &str| {
            let attributes = schema["attributes"].as_array().unwrap();
            attributes
                .iter()
                .find(|it| it["name"] == name)
                .unwrap()
                .clone()
        };
        assert_eq!(named("serial")["mutability"], "immutable");
        assert_eq!(named("secret")["returned"], "never");
        assert_eq!(named("bytes")["type"], "binary");
        assert_eq!(sp.get("/Schemas").json()["totalResults"], 9);
        let made = sp.post("/Things", thing("a", json!({}))).json();
        assert_eq!(made["meta"]["resourceType"], "Thing");
        let location = made["meta"]["location"]
            .as_str()
            .unwrap()
            .strip_prefix(BASE)
            .unwrap()
            .to_owned();
        assert_eq!(sp.get(&location).status, 200);
        assert_eq!(
            names(&sp.get("/?filter=meta.resourceType eq \"Thing\"")),
            "?"
        );
    }
}

#[test]
fn a_value_is_of_the_type_that_the_schema_says() {
    let check = |attribute: &str, good: &[Value], bad: &[Value]| {
        for sp in each() {
            for (n, value) in good.iter().enumerate() {
                let answer = sp.post(
                    "/Things",
                    thing(&format!("{attribute}{n}"), json!({attribute: value})),
                );
                assert_eq!(answer.status, 201, "{attribute} {value}: {}", answer.text());
                assert_eq!(&answer.json()[attribute], value);
            }
            for value in bad {
                let answer = sp.post("/Things", thing("bad", json!({attribute: value})));
                assert_eq!(answer.verdict(), "400 invalidValue", "{attribute} {value}");
            }
        }
    };
    check(
        "code",
        &[json!("C"), json!("c")],
        &[json!(1), json!({}), json!(true)],
    );
    check("flag", &[json!(true)], &[json!("yes"), json!(1)]);
    check(
        "ratio",
        &[json!(0.5), json!(2), json!(-1e3)],
        &[json!("half"), json!(true)],
    );
    check(
        "count",
        &[json!(7), json!(-7)],
        &[json!(7.5), json!("seven")],
    );
    check(
        "moment",
        &[
            json!("2026-01-01T00:00:00Z"),
            json!("2026-01-01T00:00:00.5+02:00"),
        ],
        &[json!("2026-01-01"), json!(0)],
    );
    check(
        "bytes",
        &[json!("c2NpbQ=="), json!("")],
        &[json!("%%%"), json!(1)],
    );
    check(
        "link",
        &[json!("https://example.com/x")],
        &[json!("not a uri"), json!(1)],
    );
    check(
        "box",
        &[json!({"width": 1.5, "colour": "blue"})],
        &[json!("red"), json!({"width": "wide"})],
    );
    check("names", &[json!(["a", "b"])], &[json!([1]), json!([{}])]);
    check("counts", &[json!([1, 2])], &[json!(["one"])]);
    check(
        "moments",
        &[json!(["2026-01-01T00:00:00Z"])],
        &[json!(["now"])],
    );
    check(
        "parts",
        &[json!([{"value": "v", "type": "other", "count": 2, "primary": true}])],
        &[
            json!([{"count": "two"}]),
            json!([{"primary": true}, {"primary": true, "value": "x"}]),
            json!(["v"]),
        ],
    );
}

#[test]
fn text_of_a_number_is_a_number_leniently() {
    let post = |sp: &Sp| sp.post("/Things", thing("a", json!({"count": "7", "ratio": "0.5"})));
    let answer = post(&things("Lenient"));
    assert_eq!(
        (&answer.json()["count"], &answer.json()["ratio"]),
        (&json!(7), &json!(0.5))
    );
    assert_eq!(answer.header("scimulate-lenient"), Some("number_text"));
    assert_eq!(post(&things("Strict")).verdict(), "400 invalidValue");
}

#[test]
fn what_is_immutable_is_set_once() {
    for sp in each() {
        let path = format!("/Things/{}", sp.create("/Things", thing("a", json!({}))));
        let add = |value: &str| {
            sp.patch(
                &path,
                json!([{"op": "add", "path": "serial", "value": value}]),
            )
        };
        assert_eq!(add("1").json()["serial"], "1");
        assert_eq!(add("1").status, 200);
        assert_eq!(add("2").verdict(), "400 mutability");
        let put = |members: Value| sp.put(&path, thing("a", members));
        assert_eq!(put(json!({"serial": "2"})).verdict(), "400 mutability");
        assert_eq!(put(json!({"serial": "1"})).json()["serial"], "1");
        assert_eq!(put(json!({})).json()["serial"], "1");
        let remove = json!([{"op": "remove", "path": "serial"}]);
        assert_eq!(sp.patch(&path, remove).verdict(), "400 mutability");
    }
}

#[test]
fn what_is_read_only_is_not_set_by_clients() {
    for sp in each() {
        let made = sp.post("/Things", thing("a", json!({"state": "mine"})));
        assert_eq!((made.status, made.json().get("state")), (201, None));
        let path = format!("/Things/{}", made.id());
        let add = json!([{"op": "add", "path": "state", "value": "mine"}]);
        assert_eq!(sp.patch(&path, add).verdict(), "400 mutability");
    }
}

#[test]
fn what_is_write_only_or_never_returned_is_never_seen() {
    for sp in each() {
        let made = sp.post(
            "/Things",
            thing("a", json!({"pin": "s3cret-1", "secret": "s3cret-2"})),
        );
        let path = format!("/Things/{}", made.id());
        let answers = [
            made,
            sp.get(&path),
            sp.get(&format!("{path}?attributes=pin,secret")),
            sp.patch(&path, json!([{"op": "replace", "path": "secret", "value": "s3cret-3"}, {"op": "replace", "path": "pin", "value": "s3cret-4"}])),
            sp.put(&path, thing("a", json!({"pin": "s3cret-5"}))),
            sp.get("/Things?excludedAttributes=label"),
        ];
        for answer in &answers {
            assert!(
                answer.status < 300 && !answer.text().contains("s3cret"),
                "{}",
                answer.text()
            );
        }
        assert_eq!(
            sp.get("/Things?filter=secret eq \"s3cret-3\"").verdict(),
            "400 invalidFilter"
        );
        assert_eq!(
            sp.get("/Things?filter=pin pr").verdict(),
            "400 invalidFilter"
        );
    }
}

#[test]
fn what_is_returned_always_comes_and_what_is_returned_on_request_waits_for_it() {
    for sp in each() {
        let path = format!(
            "/Things/{}",
            sp.create("/Things", thing("a", json!({"notes": "n", "code": "c"})))
        );
        let shown = |query: &str| keys(&sp.get(&format!("{path}{query}")).json());
        let all = format!("code id key label meta schemas {BADGE}");
        assert_eq!(shown(""), all);
        assert_eq!(shown("?attributes=code"), "code id key schemas");
        assert_eq!(shown("?attributes=notes"), "id key notes schemas");
        assert_eq!(
            shown("?excludedAttributes=key,label,meta,code"),
            format!("id key schemas {BADGE}")
        );
        // A request that writes it has asked for it (RFC 7643 section 7).
        let all_with_notes = format!("code id key label meta notes schemas {BADGE}");
        let made = sp.post("/Things", thing("b", json!({"notes": "n", "code": "c"})));
        assert_eq!(keys(&made.json()), all_with_notes);
        let patched = sp.patch(
            &path,
            json!([{"op": "replace", "path": "notes", "value": "m"}]),
        );
        assert_eq!(
            (keys(&patched.json()), &patched.json()["notes"]),
            (all_with_notes.clone(), &json!("m"))
        );
        let patched = sp.patch(&path, json!([{"op": "replace", "value": {"notes": "o"}}]));
        assert_eq!(keys(&patched.json()), all_with_notes);
        assert_eq!(
            keys(
                &sp.patch(
                    &path,
                    json!([{"op": "replace", "path": "code", "value": "d"}])
                )
                .json()
            ),
            all
        );
        assert_eq!(
            keys(
                &sp.put(&path, thing("a", json!({"notes": "p", "code": "c"})))
                    .json()
            ),
            all_with_notes
        );
    }
}

#[test]
fn a_required_extension_is_there_and_stays() {
    for sp in each() {
        let bare = json!({"schemas": [THING], "label": "a", "key": "k"});
        assert_eq!(sp.post("/Things", bare).verdict(), "400 invalidValue");
        let path = format!("/Things/{}", sp.create("/Things", thing("a", json!({}))));
        let remove = |what: &str| {
            sp.patch(&path, json!([{"op": "remove", "path": what}]))
                .verdict()
        };
        assert_eq!(remove(BADGE), "400 mutability");
        assert_eq!(remove(&format!("{BADGE}:number")), "400 mutability");
        let story = json!([{"op": "add", "path": format!("{STORY}:summary"), "value": "s"}]);
        let told = sp.patch(&path, story).json();
        assert_eq!(
            (&told["schemas"], &told[STORY]),
            (&json!([THING, BADGE, STORY]), &json!({"summary": "s"}))
        );
        assert_eq!(remove(STORY), "200");
        assert_eq!(sp.get(&path).json()["schemas"], json!([THING, BADGE]));
    }
}

#[test]
fn what_the_schema_calls_unique_is_taken_once() {
    for sp in each() {
        let id = sp.create("/Things", thing("Lamp", json!({})));
        assert_eq!(
            sp.post("/Things", thing("lamp", json!({}))).verdict(),
            "409 uniqueness"
        );
        let found = sp.get("/Things?filter=label eq \"LAMP\"").json();
        assert_eq!(found["Resources"][0]["id"], id);
        assert_eq!(
            sp.post(
                "/Things",
                json!({"schemas": [THING, BADGE], "key": "k", BADGE: {"number": 1}})
            )
            .verdict(),
            "400 invalidValue"
        );
    }
}

#[test]
fn filters_and_orders_follow_the_type() {
    for sp in each() {
        for (label, count, moment) in [
            ("a", 10, "2026-01-01T00:00:00+02:00"),
            ("b", 9, "2026-01-01T00:00:00Z"),
            ("c", 100, "2025-12-31T23:30:00Z"),
        ] {
            sp.create(
                "/Things",
                thing(
                    label,
                    json!({"count": count, "moment": moment, "counts": [count, 1]}),
                ),
            );
        }
        let labels = |query: &str| -> String {
            let list = sp.get(&format!("/Things?{query}")).json();
            list["Resources"]
                .as_array()
                .unwrap_or_else(|| panic!("{query}: {list}"))
                .iter()
                .map(|it| it["label"].as_str().unwrap())
                .collect()
        };
        assert_eq!(labels("sortBy=count"), "bac");
        assert_eq!(labels("sortBy=moment"), "acb");
        assert_eq!(labels("sortBy=counts&sortOrder=descending"), "cab");
        assert_eq!(labels("filter=count gt 9"), "ac");
        assert_eq!(labels("filter=counts eq 100"), "c");
        assert_eq!(labels("filter=moment eq \"2025-12-31T22:00:00Z\""), "a");
        assert_eq!(
            labels(&format!("filter={BADGE}:number eq 1 and count lt 50")),
            "ab"
        );
        assert_eq!(
            sp.get("/Things?filter=count sw 1").verdict(),
            "400 invalidFilter"
        );
        assert_eq!(
            sp.get("/Things?filter=flag gt true").verdict(),
            "400 invalidFilter"
        );
    }
}

#[test]
fn a_link_of_a_custom_type_follows_its_target() {
    for sp in each() {
        let owner = sp.create("/Users", user("owner", json!({"displayName": "Olga"})));
        let path = format!(
            "/Things/{}",
            sp.create("/Things", thing("a", json!({"owner": {"value": owner}})))
        );
        assert_eq!(
            sp.get(&path).json()["owner"],
            json!({"value": owner, "$ref": format!("{BASE}/Users/{owner}"), "display": "Olga"})
        );
        sp.patch(
            &format!("/Users/{owner}"),
            json!([{"op": "replace", "path": "displayName", "value": "Oleg"}]),
        );
        assert_eq!(sp.get(&path).json()["owner"]["display"], "Oleg");
        sp.delete(&format!("/Users/{owner}"));
        assert_eq!(sp.get(&path).json().get("owner"), None);
    }
}

#[test]
fn users_may_be_given_other_schemas() {
    let sp = Sp::with(
        r#"Scenario(
            schemas: [
                {"id": "urn:example:Car", "name": "Car", "attributes": [{"name": "plate", "type": "string", "uniqueness": "server"}]},
                {"id": "urn:ietf:params:scim:schemas:core:2.0:Group", "name": "Group",
                 "attributes": [{"name": "displayName", "type": "string", "required": true, "uniqueness": "server"}]},
            ],
            resource_types: [ResourceType(name: "User", extensions: ["urn:example:Car"])],
            users: [{"userName": "a", "urn:example:Car": {"plate": "X 1"}}],
        )"#,
    );
    let found = sp
        .get("/Users?filter=urn:example:Car:plate eq \"x 1\"")
        .json();
    assert_eq!(found["Resources"][0]["userName"], "a");
    assert_eq!(
        sp.get("/ResourceTypes/User").json()["schemaExtensions"],
        json!([{"schema": "urn:example:Car", "required": false}])
    );
    assert_eq!(sp.get(&format!("/Schemas/{ENTERPRISE}")).status, 404);
    let group = json!({"schemas": [GROUP], "displayName": "Staff"});
    assert_eq!(sp.post("/Groups", group.clone()).status, 201);
    assert_eq!(sp.post("/Groups", group).verdict(), "409 uniqueness");
}

#[test]
fn a_type_without_an_endpoint_is_at_its_name_with_an_s() {
    let sp = Sp::with(
        r#"Scenario(schemas: [{"id": "urn:example:Car", "attributes": [{"name": "plate", "type": "string"}]}],
            resource_types: [ResourceType(name: "Car", schema: "urn:example:Car")], resources: {"Car": [{"plate": "X 1"}], "User": [{"userName": "u"}]})"#,
    );
    assert_eq!(sp.get("/Cars").json()["Resources"][0]["plate"], "X 1");
    assert_eq!(names(&sp.get("/Users")), "u");
}
