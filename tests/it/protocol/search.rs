//! Queries by POST (RFC 7644 section 3.4.3).

use super::*;

const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

fn three() -> [Sp; 2] {
    both().map(|sp| {
        sp.create("/Users", user("bjensen", json!({"displayName": "Smith, B", "title": "Guide", "name": {"givenName": "B", "familyName": "J"}})));
        sp.user("jsmith");
        sp.group("Smiths", &[]);
        sp
    })
}

fn request(members: Value) -> Value {
    let mut request = json!({"schemas": [SEARCH]});
    request
        .as_object_mut()
        .expect("an object")
        .extend(members.as_object().expect("an object").clone());
    request
}

#[test]
fn it_answers_as_get_does() {
    for sp in three() {
        for (members, query) in [
            (json!({}), ""),
            (json!({"filter": "title pr"}), "filter=title pr"),
            (json!({"count": 1}), "count=1"),
            (
                json!({"startIndex": 2, "count": 10}),
                "startIndex=2&count=10",
            ),
            (json!({"count": 0}), "count=0"),
            (
                json!({"attributes": ["userName", "name.givenName"]}),
                "attributes=userName,name.givenName",
            ),
            (
                json!({"excludedAttributes": ["name", "meta"]}),
                "excludedAttributes=name,meta",
            ),
        ] {
            let answer = sp.post("/Users/.search", request(members.clone()));
            assert_eq!(answer.status, 200, "{members}: {}", answer.text());
            assert_eq!(
                answer.json(),
                sp.get(&format!("/Users?{query}")).json(),
                "{members}"
            );
        }
        assert_eq!(
            names(&sp.get("/Users")),
            "bjensen jsmith",
            "a search creates nothing"
        );
    }
}

#[test]
fn from_the_root_it_covers_all_types() {
    for sp in three() {
        assert_eq!(
            sp.post("/.search", request(json!({}))).json()["totalResults"],
            3
        );
        let found = sp.post(
            "/.search",
            request(json!({"filter": "displayName sw \"smith\""})),
        );
        assert_eq!(found.json()["totalResults"], 2);
        assert_eq!(
            names(&sp.post("/Groups/.search", request(json!({})))),
            "Smiths"
        );
        assert_eq!(
            names(&sp.post("/.search", request(json!({"filter": "userName pr"})))),
            "bjensen jsmith"
        );
    }
}

#[test]
fn what_is_wrong_with_get_is_wrong_here() {
    for sp in three() {
        assert_eq!(
            sp.post("/Users/.search", request(json!({"filter": "title"})))
                .verdict(),
            "400 invalidFilter"
        );
        assert_eq!(
            sp.post("/Users/.search", request(json!({"filter": "nope pr"})))
                .verdict(),
            "400 invalidFilter"
        );
        let both = json!({"attributes": ["userName"], "excludedAttributes": ["name"]});
        assert_eq!(
            sp.post("/Users/.search", request(both)).verdict(),
            "400 invalidValue"
        );
        assert_eq!(
            sp.post("/Users/.search", json!([])).verdict(),
            "400 invalidSyntax"
        );
    }
}

#[test]
fn a_message_without_its_schema_is_refused_by_the_letter() {
    let [lenient, strict] = three();
    for body in [json!({"count": 1}), json!({"schemas": [USER], "count": 1})] {
        assert_eq!(lenient.post("/Users/.search", body.clone()).status, 200);
        assert_eq!(
            strict.post("/Users/.search", body).verdict(),
            "400 invalidSyntax"
        );
    }
}

#[test]
fn names_as_one_string_and_numbers_as_strings_are_taken_leniently() {
    let [lenient, strict] = three();
    for (members, query) in [
        (
            json!({"attributes": "userName,title"}),
            "attributes=userName,title",
        ),
        (json!({"count": "1"}), "count=1"),
    ] {
        let answer = lenient.post("/Users/.search", request(members.clone()));
        assert_eq!(
            answer.json(),
            lenient.get(&format!("/Users?{query}")).json(),
            "{members}"
        );
        assert_eq!(strict.post("/Users/.search", request(members)).status, 400);
    }
}

#[test]
fn the_body_speaks_and_not_the_query() {
    for sp in three() {
        assert_eq!(
            names(&sp.post("/Users/.search?count=1", request(json!({})))),
            "bjensen jsmith"
        );
    }
}
