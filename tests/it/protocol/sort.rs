//! Sorting (RFC 7644 section 3.4.2.3).

use super::*;

/// Users by the first letter of their name, each with what a test sorts by.
fn crowd() -> Sp {
    let sp = Sp::with(
        r#"Scenario(auth: [Bearer("secret-token")], users: [
            {"userName": "bob", "externalId": "a", "title": "Guide", "active": true, "name": {"familyName": "Éluard"},
             "emails": [{"value": "m@x", "type": "home"}, {"value": "z@x", "primary": true}]},
            {"userName": "Alice", "externalId": "B", "name": {"familyName": "zola"}, "emails": [{"value": "n@x"}, {"value": "a@x"}]},
            {"userName": "carol", "externalId": "b", "title": "chef", "active": false, "name": {"familyName": "Zappa"}},
            {"userName": "dave", "externalId": "c", "title": "guide"},
        ], groups: [{"displayName": "Aardvarks"}, {"displayName": "Zebras"}])"#,
    );
    assert_eq!(names(&sp.get("/Users")), "bob Alice carol dave");
    sp
}

#[track_caller]
fn check(sp: &Sp, query: &str, expected: &str) {
    assert_eq!(
        names(&sp.get(&format!("/Users?{query}"))),
        expected,
        "{query}"
    );
}

#[test]
fn case_tells_only_where_the_schema_says_so() {
    let sp = crowd();
    check(&sp, "sortBy=userName", "Alice bob carol dave");
    check(
        &sp,
        "sortBy=userName&sortOrder=ascending",
        "Alice bob carol dave",
    );
    check(
        &sp,
        "sortBy=userName&sortOrder=descending",
        "dave carol bob Alice",
    );
    check(&sp, "sortBy=externalId", "Alice bob carol dave");
    check(
        &sp,
        "sortBy=urn:ietf:params:scim:schemas:core:2.0:User:USERNAME",
        "Alice bob carol dave",
    );
    check(&sp, "sortBy=name.familyName", "carol Alice bob dave");
}

#[test]
fn who_has_no_value_is_last_and_first_in_descending_order() {
    let sp = crowd();
    check(&sp, "sortBy=title", "carol bob dave Alice");
    check(
        &sp,
        "sortBy=title&sortOrder=descending",
        "Alice bob dave carol",
    );
    check(&sp, "sortBy=active", "carol bob Alice dave");
}

#[test]
fn of_several_values_the_primary_one_counts_or_else_the_first() {
    let sp = crowd();
    check(&sp, "sortBy=emails.value", "Alice bob carol dave");
    check(
        &sp,
        "sortBy=emails&sortOrder=descending",
        "carol dave bob Alice",
    );
    check(&sp, "sortBy=emails.type", "bob Alice carol dave");
}

#[test]
fn times_and_numbers_are_sorted_by_size() {
    let sp = Sp::with(
        r#"Scenario(auth: [Bearer("secret-token")], clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 1000))"#,
    );
    for name in ["x", "y", "z"] {
        sp.user(name);
    }
    check(&sp, "sortBy=meta.created&sortOrder=descending", "z y x");
}

#[test]
fn an_order_holds_for_filtered_results_all_pages_and_all_types() {
    let sp = crowd();
    check(
        &sp,
        "filter=title pr&sortBy=userName&sortOrder=descending",
        "dave carol bob",
    );
    check(&sp, "sortBy=userName&startIndex=2&count=2", "bob carol");
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "sortBy": "userName", "sortOrder": "descending"});
    assert_eq!(
        names(&sp.post("/Users/.search", body)),
        "dave carol bob Alice"
    );
    assert_eq!(
        names(&sp.get("/?sortBy=displayName&sortOrder=descending&count=6")),
        "bob Alice carol dave Zebras Aardvarks"
    );
}

#[test]
fn an_order_by_what_cannot_be_ordered_is_refused() {
    for sp in both() {
        let verdict = |query: &str| sp.get(&format!("/Users?{query}")).verdict();
        assert_eq!(verdict("sortBy=nope"), "400 invalidPath");
        assert_eq!(verdict("sortBy=name"), "400 invalidPath");
        assert_eq!(verdict("sortBy=password"), "400 invalidPath");
        assert_eq!(verdict("sortBy=x509Certificates.value"), "400 invalidPath");
        assert_eq!(verdict("sortBy=userName&sortOrder=up"), "400 invalidValue");
        assert_eq!(verdict("sortBy=user%20Name"), "400 invalidPath");
        assert_eq!(verdict("sortOrder=descending"), "200");
    }
    assert_eq!(
        Sp::strict()
            .get("/Users?sortBy=userName&sortOrder=Descending")
            .verdict(),
        "400 invalidValue"
    );
    check(
        &crowd(),
        "sortBy=userName&sortOrder=Descending",
        "dave carol bob Alice",
    );
}

#[test]
fn a_provider_that_does_not_sort_ignores_the_order_and_says_so_by_the_letter() {
    let users = r#"users: [{"userName": "b"}, {"userName": "a"}]"#;
    let sp = |strictness: &str| {
        Sp::with(&format!(
            r#"Scenario(auth: [Bearer("secret-token")], provider: Provider(sort: false, strictness: {strictness}), {users})"#
        ))
    };
    check(&sp("Lenient"), "sortBy=userName", "b a");
    assert_eq!(sp("Strict").get("/Users?sortBy=userName").verdict(), "501");
}
