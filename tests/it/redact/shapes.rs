//! What a value is replaced by has its shape, and is known again for what it is.

use super::{body, pii, user};
use serde_json::{Value, json};

/// The pseudonym has the shape that `is` describes, and is left alone the second time.
#[track_caller]
fn check(attribute: &str, value: Value, is: impl Fn(&str) -> bool) {
    let once = user(attribute, value.clone());
    let text = once
        .as_str()
        .map_or_else(|| once.to_string(), str::to_owned);
    assert_ne!(once, value, "{attribute} is personal");
    assert!(is(&text), "{value} became {text}");
    assert_eq!(user(attribute, once.clone()), once, "redacted again");
}

fn is_word(text: &str) -> bool {
    let (name, digits) = text.split_at(text.len() - 10);
    (3..=4).contains(&name.len())
        && name.chars().all(char::is_alphabetic)
        && digits.chars().all(|c| c.is_ascii_hexdigit())
}

fn is_mail(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        local.split('.').all(is_word) && domain.len() == 19 && domain.ends_with(".example")
    })
}

#[test]
fn a_mail_address_stays_one_at_another_domain() {
    check("userName", json!("bjensen@example.com"), is_mail);
    check("userName", json!("Barbara.Jensen@Example.COM"), is_mail);
    check("nickName", json!("jos\u{e9}@m\u{fc}nchen.de"), is_mail);
}

#[test]
fn a_name_stays_words_in_their_case() {
    let is_name = |text: &str| {
        text.split(' ')
            .all(|word| is_word(word) && word.starts_with(char::is_uppercase))
    };
    check("displayName", json!("Barbara Jensen"), is_name);
    check(
        "displayName",
        json!("\u{c9}lodie \u{141}\u{f3}d\u{17a}"),
        is_name,
    );
    check("userName", json!("bjensen"), is_word);
}

#[test]
fn a_telephone_number_stays_one_that_nobody_has() {
    let is_phone = |text: &str| {
        let digits = text.trim_start_matches("tel:");
        digits.len() == 16 && digits.starts_with("+999")
    };
    check("mobile", json!("+1 (201) 555-0123"), is_phone);
    check("mobile", json!("tel:+1-201-555-0123"), is_phone);
    let numbers = |value: &str| user("phoneNumbers", json!([{"value": value}]))[0]["value"].clone();
    assert!(is_phone(numbers("555-555-8377").as_str().unwrap()));
    assert_eq!(numbers("555-555-8377"), numbers("(555) 5558377"));
    assert_eq!(
        numbers("tel:+5555558377").as_str().unwrap()[4..],
        *numbers("+555-555-8377").as_str().unwrap()
    );
}

#[test]
fn numbers_uuids_dates_and_urls_keep_their_shape() {
    check("employeeNumber", json!("701984"), |text| {
        text.len() == 15 && text.bytes().all(|b| b.is_ascii_digit())
    });
    check("salary", json!(52000), |text| text.len() == 15);
    check("salary", json!(-1.5), |text| text.parse::<u64>().is_ok());
    check(
        "externalId",
        json!("0f3c1b52-8a2d-4a0e-9d5e-0a8f5b0a7c11"),
        |text| text.len() == 36 && text.as_bytes()[14] == b'8',
    );
    check("birthDate", json!("1969-12-31"), |text| {
        text.starts_with('9') && text.len() == 10
    });
    check("hireDate", json!("2012-02-29T08:00:00Z"), |text| {
        text.starts_with('9') && text.ends_with("T08:00:00Z")
    });
    check(
        "profileUrl",
        json!("https://login.example.com/bjensen"),
        |text| text.starts_with("https://d") && text.contains(".example/"),
    );
}

#[test]
fn octets_stay_base64() {
    let once = user(
        "x509Certificates",
        json!([{"value": "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEF"}]),
    );
    assert!(
        once[0]["value"]
            .as_str()
            .unwrap()
            .starts_with("cGVyc29uYWw6")
    );
    assert_eq!(user("x509Certificates", once.clone()), once);
}

#[test]
fn what_says_how_things_are_stays() {
    let kept = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:x:Badge"],
        "id": "2819c223-7f76-453a-919d-413861904646",
        "active": true, "userType": "Employee", "locale": "en-US", "preferredLanguage": "en", "timezone": "America/Los_Angeles",
        "emails": [{"type": "work", "primary": true}],
        "addresses": [{"type": "home", "country": "US"}],
        "groups": [{"value": "e9e30dba-f08f-4109-8486-d5c6a331660a", "$ref": "{base}/Groups/e9e30dba-f08f-4109-8486-d5c6a331660a"}],
        "note": "", "vip": "True", "count": null,
        "meta": {"resourceType": "User", "created": "2010-01-23T04:56:22Z", "lastModified": "2011-05-13T04:42:34Z",
                 "version": "W/\"a330bc54f0671c9\"", "location": "{base}/Users/2819c223-7f76-453a-919d-413861904646"},
    });
    assert_eq!(body(&pii(), "/Users", kept.clone()), kept);
    for id in [
        "7",
        "00u1gx7e3DZ9xPuBP5d7",
        "user-12",
        "Group_3",
        "5d9f1",
        "bulkId:qwerty1",
        "{secret}",
    ] {
        let kept = json!({ "id": id });
        let expected = if id.starts_with("bulkId") {
            continue;
        } else {
            kept.clone()
        };
        assert_eq!(body(&pii(), "/Users", kept), expected);
    }
}

#[test]
fn an_id_that_tells_who_it_is_does_not_stay() {
    for id in [
        "bjensen@example.com",
        "bjensen",
        "barbara.jensen",
        "bjensen2",
    ] {
        let once = body(&pii(), "/Users", json!({"id": id, "userName": id}));
        assert_ne!(once["id"], id);
        assert_eq!(once["id"], once["userName"]);
    }
}
