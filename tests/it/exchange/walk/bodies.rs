//! Resources, lists, bulk answers, errors and header fields (RFC 7643 section 8, RFC 7644 sections 3.4, 3.7 and 3.12).

use super::check_answer;
use scimulate::exchange::walk::Schemas;
use serde_json::{Value, json};

#[track_caller]
fn check(path: &str, body: Value, expected: &[&str]) {
    check_answer(&Schemas::default(), path, &[], body, expected);
}

#[test]
fn a_resource_shows_its_attributes_in_the_casing_of_the_schema() {
    check(
        "/Users",
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": "2819", "EXTERNALID": "701984", "username": "bjensen@example.com",
            "name": {"GivenName": "Barbara", "secondName": "Jane"},
            "emails": [{"value": "bjensen@example.com", "type": "work", "primary": true}, "babs@jensen.org"],
            "groups": [{"value": "e9e3", "$ref": "{base}/Groups/e9e3", "display": "Tour Guides"}],
            "photos": [{"value": "https://photos.example.com/profilephoto/72930000000Ccne/F"}],
            "loginCount": 3,
            "urn:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:User": {
                "department": "Tours", "floor": "3",
                "manager": {"value": "26118915", "$ref": "../Users/26118915", "displayName": "John Smith"}},
            "urn:x:Badge": {"colour": {"name": "red"}},
            "meta": {
                "resourceType": "User", "created": "2010-01-23T04:56:22Z", "lastModified": "2011-05-13T04:42:34Z",
                "version": "W/\"a330bc54f0671c9\"", "location": "{base}/Users/2819"},
        }),
        &[
            r#"Id<User> id = "2819""#,
            r#"externalId = "701984""#,
            r#"userName = "bjensen@example.com""#,
            r#"name.givenName = "Barbara""#,
            r#"name.secondName? = "Jane""#,
            r#"emails.value = "bjensen@example.com""#,
            r#"emails.type = "work""#,
            "emails.primary = true",
            r#"emails.value = "babs@jensen.org""#,
            r#"Id<Group> groups.value = "e9e3""#,
            r#"Id<Group> groups.$ref = "e9e3""#,
            r#"groups.display = "Tour Guides""#,
            r#"photos.value = "https://photos.example.com/profilephoto/72930000000Ccne/F""#,
            "loginCount? = 3",
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department = "Tours""#,
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:floor? = "3""#,
            r#"Id<User> urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value = "26118915""#,
            r#"Id<User> urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref = "26118915""#,
            r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName = "John Smith""#,
            r#"urn:x:Badge:colour.name? = "red""#,
            r#"Instant meta.created = "2010-01-23T04:56:22Z""#,
            r#"Instant meta.lastModified = "2011-05-13T04:42:34Z""#,
            r#"Version meta.version = "W/\"a330bc54f0671c9\"""#,
            r#"Id<User> meta.location = "2819""#,
        ],
    );
}

#[test]
fn the_type_of_a_resource_is_what_it_says_and_else_what_was_asked_for() {
    let group = |mut body: Value| {
        body["displayName"] = "Tour Guides".into();
        body["id"] = "1".into();
        body
    };
    for (path, body, kind) in [
        (
            "/.search",
            json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"]}),
            "Group",
        ),
        (
            "/Users",
            json!({"meta": {"resourceType": "Group"}}),
            "Group",
        ),
        ("/Groups", json!({}), "Group"),
        ("/.search", json!({}), ""),
    ] {
        let mut expected = vec![r#"displayName = "Tour Guides""#.to_owned()];
        expected.push(format!(r#"Id<{kind}> id = "1""#));
        let expected: Vec<_> = expected.iter().map(String::as_str).collect();
        check(path, group(body), &expected);
    }
}

#[test]
fn a_list_shows_its_resources_and_cursors() {
    check(
        "/Users",
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": 100, "itemsPerPage": 1, "startIndex": 1, "nextCursor": "VZUTiyhEQJ94IR",
            "Resources": [{"id": "2819", "userName": "bjensen"}],
        }),
        &[
            r#"Cursor = "VZUTiyhEQJ94IR""#,
            r#"Id<User> id = "2819""#,
            r#"userName = "bjensen""#,
        ],
    );
}

#[test]
fn a_bulk_answer_shows_the_answer_of_each_operation() {
    check(
        "/Bulk",
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
            "Operations": [
                {"location": "{base}/Users/92b7", "method": "POST", "bulkId": "qwerty", "version": "W/\"4weymrEsh5O6cAEK\"",
                 "status": "201", "response": {"id": "92b7", "userName": "Alice"}},
                {"method": "POST", "bulkId": "two", "status": "400", "response": {
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "scimType": "invalidSyntax",
                    "detail": "Request is unparsable", "status": "400"}},
            ],
        }),
        &[
            r#"Id<User> = "92b7""#,
            r#"BulkId = "qwerty""#,
            r#"Version = "W/\"4weymrEsh5O6cAEK\"""#,
            r#"Id<User> id = "92b7""#,
            r#"userName = "Alice""#,
            r#"BulkId = "two""#,
            r#"Text = "Request is unparsable""#,
        ],
    );
}

#[test]
fn an_error_shows_its_detail() {
    check(
        "/Users/2819",
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "detail": "Resource 2819 not found", "status": "404",
        }),
        &[r#"Text = "Resource 2819 not found""#],
    );
}

#[test]
fn header_fields_are_urls_versions_instants_and_text() {
    check_answer(
        &Schemas::default(),
        "/Users",
        &[
            ("location", "https://example.com/v2/Users/2819"),
            ("Content-Location", "{base}/Devices/3"),
            ("ETag", "W/\"a330\""),
            ("if-match", "W/\"a330\""),
            ("date", "Thu, 01 Jan 2026 00:00:00 GMT"),
            ("x-request-id", "r7"),
        ],
        json!({}),
        &[
            r#"location: Id<User> = "2819""#,
            r#"Content-Location: Id<> = "3""#,
            r#"ETag: Version = "W/\"a330\"""#,
            r#"if-match: Version = "W/\"a330\"""#,
            r#"date: Instant = "Thu, 01 Jan 2026 00:00:00 GMT""#,
            r#"x-request-id: Text = "r7""#,
        ],
    );
}

#[test]
fn discovery_documents_describe_no_resource() {
    check(
        "/Schemas",
        json!({"Resources": [{"id": "urn:x", "name": "X"}]}),
        &[],
    );
    check(
        "/ServiceProviderConfig",
        json!({"documentationUri": "http://example.com/help"}),
        &[],
    );
}
