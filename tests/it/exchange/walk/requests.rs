//! Paths, queries, searches, PATCH and bulk (RFC 7644 sections 3.2, 3.4.2, 3.5.2, 3.7).

use super::{check_request, request};
use serde_json::{Value, json};

#[track_caller]
fn check_path(path: &str, expected: &[&str]) {
    check_request(request("GET", path, &[], Value::Null), expected);
}

#[test]
fn an_id_stands_behind_an_endpoint() {
    check_path("/Users/2819c223", &[r#"path: Id<User> = "2819c223""#]);
    check_path("/Groups/e9e3", &[r#"path: Id<Group> = "e9e3""#]);
    check_path("/acme/Users/a%40b.org", &[r#"path: Id<User> = "a@b.org""#]);
    check_path("/Devices/7", &[r#"path: Id<> = "7""#]);
    check_path(
        "/Users/7/photo",
        &[r#"path: Id<User> = "7""#, r#"path: Text = "photo""#],
    );
    for path in [
        "/",
        "/Users",
        "/Users/.search",
        "/Me",
        "/Bulk",
        "/Schemas/urn:x",
        "/ServiceProviderConfig",
    ] {
        check_path(path, &[]);
    }
}

#[track_caller]
fn check_query(path: &str, query: &[(&str, &str)], expected: &[&str]) {
    check_request(request("GET", path, query, Value::Null), expected);
}

#[test]
fn a_literal_of_a_filter_has_the_place_of_its_attribute() {
    let check = |filter: &str, expected: &[&str]| {
        check_query("/Users", &[("filter", filter)], expected);
    };
    check(
        r#"userName Eq "bjensen""#,
        &[r#"?filter: userName eq = "bjensen""#],
    );
    check(
        r#"urn:ietf:params:scim:schemas:core:2.0:User:USERNAME sw "J""#,
        &[r#"?filter: userName sw = "J""#],
    );
    check(r#"id eq "7""#, &[r#"?filter: Id<User> id eq = "7""#]);
    check(
        r#"meta.lastModified gt "2011-05-13T04:42:34Z""#,
        &[r#"?filter: Instant meta.lastModified gt = "2011-05-13T04:42:34Z""#],
    );
    check(
        r#"emails[type eq "work" and value co "@example.com"] or active eq true"#,
        &[
            "?filter: active eq = true",
            r#"?filter: emails.value co = "@example.com""#,
            r#"?filter: emails.type eq = "work""#,
        ],
    );
    check(
        r#"emails co "x.org""#,
        &[r#"?filter: emails.value co = "x.org""#],
    );
    check(
        r#"emails[type eq "work"].value eq "a""#,
        &[
            r#"?filter: emails.value eq = "a""#,
            r#"?filter: emails.type eq = "work""#,
        ],
    );
    check(
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "26""#,
        &[
            r#"?filter: Id<User> urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq = "26""#,
        ],
    );
    check(r#"badge eq "1""#, &[r#"?filter: badge? eq = "1""#]);
    check(
        "userName eq bjensen",
        &[r#"?filter: userName eq = "bjensen""#],
    );
    check("userName eq", &[r#"?filter: Text = "userName eq""#]);
}

#[test]
fn a_filter_of_a_group_names_its_members() {
    check_query(
        "/Groups",
        &[(
            "filter",
            r#"members[value eq "2819"] and displayName eq "Tour Guides""#,
        )],
        &[
            r#"?filter: displayName eq = "Tour Guides""#,
            r#"?filter: Id<User|Group> members.value eq = "2819""#,
        ],
    );
}

#[test]
fn parameters_that_shape_the_answer_are_not_shown() {
    check_query(
        "/Users",
        &[
            ("attributes", "userName"),
            ("excludedAttributes", "emails"),
            ("sortBy", "name.familyName"),
            ("sortOrder", "ascending"),
            ("startIndex", "1"),
            ("count", "10"),
            ("cursor", "VZUTiyhEQJ94IR"),
            ("userName", "bjensen"),
            ("feature", "on"),
        ],
        &[
            r#"?cursor: Cursor = "VZUTiyhEQJ94IR""#,
            r#"?userName: userName = "bjensen""#,
            r#"?feature: Text = "on""#,
        ],
    );
}

#[test]
fn a_search_is_a_query() {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "attributes": ["displayName", "userName"],
        "filter": "displayName sw \"smith\"",
        "startIndex": 1, "count": 10, "cursor": "next",
    });
    check_request(
        request("POST", "/.search", &[], body),
        &[r#"displayName sw = "smith""#, r#"Cursor = "next""#],
    );
}

#[track_caller]
fn check_patch(path: &str, operation: Value, expected: &[&str]) {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [operation],
    });
    let mut all: Vec<_> = match path {
        "/Users/7" => vec![r#"path: Id<User> = "7""#],
        _ => vec![r#"path: Id<Group> = "7""#],
    };
    all.extend(expected);
    check_request(request("PATCH", path, &[], body), &all);
}

#[test]
fn an_operation_assigns_to_its_path() {
    check_patch(
        "/Users/7",
        json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "a@b.org"}),
        &[r#"emails.type eq = "work""#, r#"emails.value = "a@b.org""#],
    );
    check_patch(
        "/Groups/7",
        json!({"op": "remove", "path": "members[value eq \"2819\"]"}),
        &[r#"Id<User|Group> members.value eq = "2819""#],
    );
    check_patch(
        "/Groups/7",
        json!({"op": "Add", "path": "members", "value": [{"display": "Babs", "$ref": "{base}/Users/2819", "value": "2819"}]}),
        &[
            r#"members.display = "Babs""#,
            r#"Id<User> members.$ref = "2819""#,
            r#"Id<User|Group> members.value = "2819""#,
        ],
    );
    check_patch(
        "/Groups/7",
        json!({"op": "remove", "path": "members", "value": ["2819"]}),
        &[r#"Id<User|Group> members.value = "2819""#],
    );
    check_patch(
        "/Users/7",
        json!({"op": "replace", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "value": "26"}),
        &[
            r#"Id<User> urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value = "26""#,
        ],
    );
    check_patch(
        "/Users/7",
        json!({"op": "add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "value": {"department": "Tours"}}),
        &[r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department = "Tours""#],
    );
    check_patch(
        "/Users/7",
        json!({"op": "replace", "path": "urn:x:2.0:Badge", "value": {"colour": "red"}}),
        &[r#"urn:x:2.0:Badge:colour? = "red""#],
    );
    check_patch(
        "/Users/7",
        json!({"op": "replace", "path": "not a path", "value": {"colour": "red"}}),
        &[r#"not a path.colour? = "red""#],
    );
}

#[test]
fn an_operation_without_path_names_attributes_and_paths() {
    check_patch(
        "/Users/7",
        json!({"op": "Replace", "value": {
            "active": "False",
            "name.givenName": "Barbara",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "Tours",
            "emails[type eq \"work\"].value": "a@b.org",
            "urn:x:2.0:Badge": {"colour": "red"},
        }}),
        &[
            r#"emails.type eq = "work""#,
            r#"active = "False""#,
            r#"name.givenName = "Barbara""#,
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department = "Tours""#,
            r#"emails.value = "a@b.org""#,
            r#"urn:x:2.0:Badge:colour? = "red""#,
        ],
    );
}

#[test]
fn each_operation_of_a_bulk_request_is_a_request() {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
        "failOnErrors": 1,
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "qwerty", "data": {"userName": "Alice"}},
            {"method": "PATCH", "path": "/Groups/5", "version": "W/\"edac3253e2c0ef2\"", "data": {
                "Operations": [{"op": "add", "path": "members", "value": [{"type": "User", "value": "bulkId:qwerty"}]}]}},
            {"method": "DELETE", "path": "/Users/bulkId:qwerty"},
        ],
    });
    check_request(
        request("POST", "/Bulk", &[], body),
        &[
            r#"BulkId = "qwerty""#,
            r#"userName = "Alice""#,
            r#"Id<Group> = "5""#,
            r#"Version = "W/\"edac3253e2c0ef2\"""#,
            r#"members.type = "User""#,
            r#"BulkId members.value = "qwerty""#,
            r#"BulkId = "qwerty""#,
        ],
    );
}
