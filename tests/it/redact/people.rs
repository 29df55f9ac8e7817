//! People are replaced in every place that they stand, and what was equal is equal afterwards.

use super::{body, exchange, pairs, pii, redacted, user};
use scimulate::exchange::redact::{Key, Level, Redactor, Rules};
use scimulate::exchange::{Body, Exchange, file};
use serde_json::{Value, json};

/// The pseudonym of a mail address, as a user name has it.
fn mail() -> String {
    user("userName", "bjensen@example.com")
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn the_user_name_is_still_the_mail_address() {
    let user = body(
        &pii(),
        "/Users",
        json!({
            "userName": "bjensen@example.com", "nickName": "bjensen", "displayName": "Barbara Jensen",
            "name": {"givenName": "Barbara", "familyName": "JENSEN", "formatted": "Ms. Barbara Jensen, III"},
            "emails": [{"value": "BJensen@Example.com"}, {"value": "babs@example.com"}, {"value": "babs@jensen.org"}],
        }),
    );
    let text = |pointer: &str| user.pointer(pointer).unwrap().as_str().unwrap();
    let domain = |pointer: &str| text(pointer).split_once('@').unwrap().1;
    assert!(text("/userName").eq_ignore_ascii_case(text("/emails/0/value")));
    assert!(text("/userName").starts_with(text("/nickName")));
    assert_eq!(domain("/emails/0/value"), domain("/emails/1/value"));
    assert_ne!(domain("/emails/0/value"), domain("/emails/2/value"));
    assert_eq!(
        text("/displayName"),
        format!("{} {}", text("/name/givenName"), text("/name/familyName"))
    );
    assert!(text("/name/formatted").contains(text("/displayName")));
}

#[track_caller]
fn check_request(change: impl FnOnce(&mut Exchange), expected: impl FnOnce(&Exchange) -> bool) {
    let mut sent = exchange("GET", "/Users", Value::Null, Value::Null);
    change(&mut sent);
    let once = redacted(&pii(), sent);
    assert!(expected(&once), "{}", file::print(&once));
    assert!(
        !file::print(&once).to_lowercase().contains("jensen"),
        "{}",
        file::print(&once)
    );
    assert_eq!(redacted(&pii(), once.clone()), once);
}

#[test]
fn a_person_is_the_same_in_filters_paths_and_locations() {
    let filter = |filter: &str| {
        let filter = filter.to_owned();
        move |sent: &mut Exchange| sent.request.query = vec![("filter".into(), filter)]
    };
    check_request(
        filter(r#"userName Eq "bjensen@example.com" and active eq true"#),
        |it| it.request.query[0].1 == format!(r#"userName Eq "{}" and active eq true"#, mail()),
    );
    check_request(
        filter(r#"emails[type eq "work" and value eq "bjensen@example.com"]"#),
        |it| {
            it.request.query[0].1 == format!(r#"emails[type eq "work" and value eq "{}"]"#, mail())
        },
    );
    check_request(filter(r#"userName sw "bjensen""#), |it| {
        let local = mail().split_once('@').unwrap().0.to_owned();
        it.request.query[0].1 == format!(r#"userName sw "{local}""#)
    });
    check_request(filter(r#"emails.value ew "@jensen.org""#), |it| {
        it.request.query[0].1.contains(r#"ew "@d"#) && it.request.query[0].1.ends_with(".example\"")
    });
    check_request(filter(r#"userName eq "bjensen@example.com"#), |it| {
        it.request.query[0].1 == format!(r#"userName eq "{}"#, mail())
    });
    check_request(
        |sent| sent.request.path = "/Users/bjensen%40example.com".into(),
        |it| it.request.path == format!("/Users/{}", mail()),
    );
    check_request(
        |sent| {
            sent.response.headers = pairs(&[
                ("location", "{base}/Users/bjensen@example.com"),
                ("etag", "W/\"1\""),
            ]);
        },
        |it| {
            it.response.headers
                == pairs(&[
                    ("location", &format!("{{base}}/Users/{}", mail())),
                    ("etag", "W/\"1\""),
                ])
        },
    );
    check_request(
        |sent| {
            sent.request.query = pairs(&[
                ("userName", "bjensen@example.com"),
                ("who", "jensen"),
                ("count", "5"),
            ]);
        },
        |it| it.request.query[0].1 == mail() && it.request.query[2].1 == "5",
    );
    check_request(
        |sent| {
            sent.request.headers = pairs(&[
                ("from", "bjensen@example.com"),
                ("x-forwarded-for", "203.0.113.7"),
                ("via", "1.1 a (bjensen@example.com)"),
                ("user-agent", "curl/8"),
            ]);
        },
        |it| {
            it.request.headers[0].1.starts_with("{personal:")
                && it.request.headers[1].1.starts_with("{personal:")
                && it.request.headers[2].1 == format!("1.1 a ({})", mail())
                && it.request.headers[3].1 == "curl/8"
        },
    );
}

#[test]
fn a_person_is_the_same_in_patches_and_bulk_requests() {
    let sent = |path: &str, body: Value| {
        let (path, body) = (path.to_owned(), Body::Json(body));
        move |sent: &mut Exchange| {
            sent.request.path = path;
            sent.request.body = body;
        }
    };
    let is = |expected: Value| move |it: &Exchange| it.request.body == Body::Json(expected);
    check_request(
        sent(
            "/Users/7",
            json!({"Operations": [
            {"op": "replace", "path": "emails[value eq \"bjensen@example.com\"].type", "value": "work"},
            {"op": "Replace", "value": {"emails[type eq \"work\"].value": "bjensen@example.com", "active": "False"}}]}),
        ),
        is(json!({"Operations": [
            {"op": "replace", "path": format!("emails[value eq \"{}\"].type", mail()), "value": "work"},
            {"op": "Replace", "value": {"emails[type eq \"work\"].value": mail(), "active": "False"}}]})),
    );
    check_request(
        sent(
            "/Bulk",
            json!({"Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "1", "data": {"userName": "bjensen@example.com"}},
            {"method": "DELETE", "path": "/Users/bjensen@example.com"}]}),
        ),
        is(json!({"Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "1", "data": {"userName": mail()}},
            {"method": "DELETE", "path": format!("/Users/{}", mail())}]})),
    );
    check_request(
        sent(
            "/Groups/7",
            json!({"Operations": [{"op": "remove", "path": "members[value eq \"bjensen@example.com\"]"}]}),
        ),
        is(
            json!({"Operations": [{"op": "remove", "path": format!("members[value eq \"{}\"]", mail())}]}),
        ),
    );
    check_request(
        sent(
            "/.search",
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "userName eq \"bjensen@example.com\""}),
        ),
        is(
            json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": format!("userName eq \"{}\"", mail())}),
        ),
    );
}

#[test]
fn the_detail_of_an_error_names_nobody() {
    let detail = |request: Value, detail: &str| {
        let error = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "detail": detail, "status": "409"});
        let once = redacted(&pii(), exchange("POST", "/Users", request, error));
        assert_eq!(redacted(&pii(), once.clone()), once);
        let Body::Json(error) = once.response.body else {
            panic!("an error")
        };
        error["detail"].as_str().unwrap().to_owned()
    };
    let word = user("userName", "bjensen").as_str().unwrap().to_owned();
    assert_eq!(
        detail(json!({"userName": "bjensen"}), "the user bjensen is there"),
        format!("the user {word} is there")
    );
    assert_eq!(
        detail(Value::Null, "user 'bjensen' is there"),
        format!("user '{word}' is there")
    );
    assert_eq!(
        detail(Value::Null, "bjensen@example.com is there"),
        format!("{} is there", mail())
    );
    let kept = r#"`userName` is required; "eq" isn't known; count '100'; User not found"#;
    assert_eq!(detail(json!({"userName": "User"}), kept), kept);
}

#[test]
fn a_body_that_json_cannot_hold_names_nobody() {
    for text in [
        r#"{"userName": "bjensen", "userName": "BJensen@example.com", "id": "7", "active": true, "schemas": ["urn:x"]}"#,
        r#"{"name": {"familyName": "Jensen"}, "age": 5, "emails": [{"value": "a@jensen.org", "type": "work"}], "title": "Ms Jens"#,
        "userName=bjensen&scope=scim",
        "<p>no user bjensen@example.com</p>",
        "no user 'bjensen'",
    ] {
        let mut sent = exchange("POST", "/Users", Value::Null, Value::Null);
        sent.request.body = Body::Text(text.into());
        let once = redacted(&pii(), sent);
        let Body::Text(after) = &once.request.body else {
            panic!("text stays text")
        };
        assert!(!after.to_lowercase().contains("jens"), "{after}");
        for kept in [
            "\"active\": true",
            "\"urn:x\"",
            "\"type\": \"work\"",
            "\"id\": \"7\"",
            "<p>no user",
        ] {
            assert_eq!(after.contains(kept), text.contains(kept), "{after}");
        }
        assert_eq!(redacted(&pii(), once.clone()), once);
    }
}

#[test]
fn attributes_of_no_known_schema_are_personal() {
    let once = body(
        &pii(),
        "/Users",
        json!({"urn:x:Badge": {"colour": "red", "serial": 7, "on": true, "deep": {"list": ["Jensen"]}}, "shoeSize": 42}),
    );
    assert_ne!(once["urn:x:Badge"]["colour"], "red");
    assert!(once["urn:x:Badge"]["serial"].is_u64() && once["urn:x:Badge"]["serial"] != 7);
    assert_eq!(once["urn:x:Badge"]["on"], true);
    assert_ne!(once["urn:x:Badge"]["deep"]["list"][0], "Jensen");
    assert_ne!(once["shoeSize"], 42);
}

#[test]
fn another_key_gives_other_pseudonyms() {
    let other = Redactor::new(
        Level::Pii,
        Some(Key::new("another key for tests").unwrap()),
        Rules::default(),
    );
    let [one, two] =
        [pii(), other].map(|it| body(&it, "/Users", json!({"userName": "bjensen@example.com"})));
    assert_ne!(one, two);
}

#[test]
fn only_secrets_are_replaced_where_people_are_not_asked_for() {
    let redactor = Redactor::new(Level::Secrets, Some(super::key()), Rules::default());
    let kept = json!({"userName": "bjensen@example.com", "name": {"givenName": "Barbara"}});
    assert_eq!(body(&redactor, "/Users", kept.clone()), kept);
}

#[test]
fn what_was_replaced_is_counted_by_kind() {
    let redactor = pii();
    let mut sent = exchange(
        "POST",
        "/Users",
        json!({"userName": "a@b.org", "password": "t1meMa$heen", "title": "Guide"}),
        Value::Null,
    );
    redactor.exchange(&mut sent);
    let counts: Vec<_> = redactor.counts().into_iter().collect();
    assert_eq!(counts, [("mail", 1), ("password", 1), ("text", 1)]);
    assert!(redactor.exchange(&mut sent).is_empty());
}
