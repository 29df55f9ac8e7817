//! Values as they are stored and shown (RFC 7643 sections 2.3 to 2.5).

use super::*;

/// What becomes of these attributes, leniently and strictly.
#[track_caller]
fn stored(attributes: Value, expected: Value) {
    for sp in both() {
        let mut found = sp
            .post("/Users", user("bjensen", attributes.clone()))
            .json();
        let members = found.as_object_mut().expect("an object");
        for assigned in ["schemas", "id", "meta", "userName"] {
            members.remove(assigned);
        }
        assert_eq!(found, expected, "{attributes}");
    }
}

#[track_caller]
fn unchanged(attributes: Value) {
    stored(attributes.clone(), attributes);
}

#[test]
fn what_was_sent_comes_back() {
    unchanged(
        json!({"title": "Guide", "active": false, "externalId": "AbC", "locale": "en-US", "preferredLanguage": "da, en-gb;q=0.8"}),
    );
    unchanged(
        json!({"timezone": "America/Los_Angeles", "profileUrl": "https://people.ex/b", "userType": "Employee"}),
    );
    unchanged(json!({"emails": [{"value": "BJ@EX.COM", "type": "boat", "primary": false}]}));
    unchanged(
        json!({"emails": [{"value": "not-an-email"}], "phoneNumbers": [{"value": "tel:+1-201-555-0123"}, {"value": "555-1234"}]}),
    );
    unchanged(
        json!({"ims": [{"value": "My Name", "type": "xmpp"}], "photos": [{"value": "https://ex/p.png", "type": "photo"}]}),
    );
    unchanged(
        json!({"emails": [{"value": "a@x", "type": "work"}, {"value": "a@x", "type": "home"}]}),
    );
    unchanged(json!({"x509Certificates": [{"value": "MAMCAQU="}]}));
    unchanged(json!({"name": {"givenName": "Ann", "formatted": "Somebody Else"}}));
    unchanged(json!({"title": "a\"b\\c\n\t\u{1}é😀"}));
}

#[test]
fn null_and_nothing_are_one_state() {
    stored(
        json!({"title": null, "emails": [], "name": null, "active": null}),
        json!({}),
    );
    stored(json!({"name": {}, "roles": null}), json!({}));
    stored(
        json!({"name": {"givenName": null, "familyName": "J"}}),
        json!({"name": {"familyName": "J"}}),
    );
    stored(json!({ENTERPRISE: {}}), json!({}));
}

#[test]
fn the_same_value_twice_is_one() {
    let twice =
        json!({"emails": [{"value": "a@x", "type": "work"}, {"type": "work", "value": "a@x"}]});
    stored(twice, json!({"emails": [{"value": "a@x", "type": "work"}]}));
}

#[test]
fn one_value_for_a_list_is_wrapped_unless_by_the_letter() {
    let body = user("bjensen", json!({"emails": {"value": "a@x"}}));
    assert_eq!(
        Sp::new().post("/Users", body.clone()).json()["emails"],
        json!([{"value": "a@x"}])
    );
    assert_eq!(
        Sp::strict().post("/Users", body).verdict(),
        "400 invalidValue"
    );
}

#[test]
fn a_boolean_as_a_string_is_read_unless_by_the_letter() {
    let body = user("bjensen", json!({"active": "True"}));
    assert_eq!(
        Sp::new().post("/Users", body.clone()).json()["active"],
        true
    );
    assert_eq!(
        Sp::strict().post("/Users", body).verdict(),
        "400 invalidValue"
    );
}

#[test]
fn the_order_of_attributes_says_nothing() {
    for sp in both() {
        let target = format!(
            "/Users/{}",
            sp.create(
                "/Users",
                user("bjensen", json!({"title": "t", "active": true}))
            )
        );
        let before = sp.get(&target);
        let answer = sp.put(
            &target,
            json!({"active": true, "title": "t", "userName": "bjensen", "schemas": [USER]}),
        );
        assert_eq!(answer.header("etag"), before.header("etag"));
    }
}

#[test]
fn instants_are_utc_with_milliseconds() {
    for sp in both() {
        let meta = sp.post("/Users", user("bjensen", json!({}))).json()["meta"].clone();
        for name in ["created", "lastModified"] {
            let text = meta[name].as_str().expect("an instant is a string");
            assert!(
                text.len() == 24
                    && text.ends_with('Z')
                    && text.as_bytes()[10] == b'T'
                    && text.as_bytes()[19] == b'.',
                "{text}"
            );
        }
    }
}
