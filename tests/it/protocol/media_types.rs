//! Media types and encodings (RFC 7644 sections 3.1, 3.8 and 8.1).

use super::*;

const TOKEN: (&str, &str) = ("authorization", "Bearer secret-token");

fn post(sp: &Sp, content_type: Option<&str>, body: impl Into<Bytes>) -> Answer {
    let mut headers = vec![TOKEN];
    headers.extend(content_type.map(|it| ("content-type", it)));
    raw(sp, "POST", "/Users", &headers, body)
}

fn get(sp: &Sp, accept: Option<&str>) -> Answer {
    let mut headers = vec![TOKEN];
    headers.extend(accept.map(|it| ("accept", it)));
    raw(sp, "GET", "/Users", &headers, "")
}

#[test]
fn json_is_taken_under_either_name() {
    for (n, content_type) in [
        "application/scim+json",
        "application/json",
        "application/scim+json; charset=utf-8",
        "Application/SCIM+JSON",
        "application/json;charset=UTF-8",
    ]
    .into_iter()
    .enumerate()
    {
        for sp in both() {
            let body = user(&format!("u{n}"), json!({})).to_string();
            assert_eq!(
                post(&sp, Some(content_type), body).status,
                201,
                "{content_type}"
            );
        }
    }
}

#[test]
fn a_body_without_type_is_json() {
    assert_eq!(
        post(&Sp::new(), None, user("u", json!({})).to_string()).status,
        201
    );
}

#[test]
fn a_body_of_another_type_is_refused() {
    for content_type in [
        "text/xml",
        "application/x-www-form-urlencoded",
        "application/octet-stream",
    ] {
        assert_eq!(
            post(
                &Sp::strict(),
                Some(content_type),
                user("u", json!({})).to_string()
            )
            .verdict(),
            "415",
            "{content_type}"
        );
    }
}

#[test]
fn text_survives_in_utf_8() {
    let sp = Sp::new();
    let body = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"Jörg日本😀","title":"\u00e9\ud83d\ude00"}"#;
    let id = post(&sp, Some("application/scim+json"), body).id();
    let found = sp.get(&format!("/Users/{id}")).json();
    assert_eq!(
        (&found["userName"], &found["title"]),
        (&json!("Jörg日本😀"), &json!("é😀"))
    );
}

#[test]
fn bytes_that_are_not_utf_8_are_no_json() {
    let mut body = user("u", json!({"title": "X"})).to_string().into_bytes();
    let at = body
        .iter()
        .position(|byte| *byte == b'X')
        .expect("the title is there");
    body[at] = 0xff;
    for sp in both() {
        assert_eq!(
            post(&sp, Some("application/scim+json"), body.clone()).verdict(),
            "400 invalidSyntax"
        );
    }
}

#[test]
fn scim_json_is_what_is_sent_unless_json_is_asked_for() {
    for sp in both() {
        for accept in [
            None,
            Some("*/*"),
            Some("application/scim+json"),
            Some("application/*"),
            Some("application/json, application/scim+json"),
        ] {
            let answer = get(&sp, accept);
            assert_eq!(answer.status, 200, "{accept:?}");
            let found = answer.header("content-type").unwrap_or_default();
            assert!(
                found.starts_with("application/scim+json"),
                "{accept:?}: {found}"
            );
        }
        let answer = get(&sp, Some("application/json"));
        assert_eq!(answer.status, 200);
        assert!(
            answer
                .header("content-type")
                .is_some_and(|it| it.starts_with("application/json")),
            "{answer:?}"
        );
    }
}

#[test]
fn what_cannot_be_sent_is_sent_as_scim_json_leniently() {
    let answer = get(&Sp::new(), Some("text/xml"));
    assert_eq!(answer.status, 200);
    assert!(
        answer
            .header("content-type")
            .is_some_and(|it| it.starts_with("application/scim+json")),
        "{answer:?}"
    );
}

#[test]
fn what_cannot_be_sent_is_not_acceptable_by_the_letter() {
    assert_eq!(get(&Sp::strict(), Some("text/xml")).verdict(), "406");
}
