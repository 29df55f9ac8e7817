//! Versions and preconditions (RFC 7644 section 3.14, RFC 9110 section 13).

use super::*;

struct Versioned {
    sp: Sp,
    target: String,
    stale: String,
    tag: String,
}

/// A user that has changed once.
fn changed() -> Versioned {
    let sp = Sp::new();
    let created = sp.post("/Users", user("bjensen", json!({})));
    let target = format!("/Users/{}", created.id());
    let now = sp.patch(&target, json!({"op": "add", "path": "title", "value": "t"}));
    let tag = |answer: &Answer| {
        answer
            .header("etag")
            .expect("there are versions")
            .to_owned()
    };
    Versioned {
        stale: tag(&created),
        tag: tag(&now),
        target,
        sp,
    }
}

impl Versioned {
    #[track_caller]
    fn check(&self, method: &str, headers: &[(&str, &str)], expected: &str) {
        let before = self.sp.get(&self.target);
        let body = match method {
            "PUT" => Some(user("bjensen", json!({"title": "new"}))),
            "PATCH" => Some(json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "replace", "path": "title", "value": "new"}],
            })),
            _ => None,
        };
        let answer = self.sp.send_also(method, &self.target, headers, body);
        assert_eq!(answer.verdict(), expected, "{method} {headers:?}");
        if answer.status == 412 || answer.status == 304 {
            assert_eq!(
                self.sp.get(&self.target).bytes,
                before.bytes,
                "{method} {headers:?}"
            );
        }
    }
}

#[test]
fn a_version_is_a_weak_tag_in_header_and_meta() {
    let it = changed();
    let answer = it.sp.get(&it.target);
    assert!(
        it.tag.starts_with("W/\"") && it.tag.ends_with('"'),
        "{}",
        it.tag
    );
    assert_eq!(answer.header("etag"), Some(it.tag.as_str()));
    assert_eq!(answer.json()["meta"]["version"], it.tag.as_str());
    assert_ne!(it.tag, it.stale);
}

#[test]
fn a_write_that_changes_nothing_leaves_the_version_of_one_created_with_a_password() {
    for sp in both() {
        let created = sp.post(
            "/Users",
            user("bjensen", json!({"password": "first", "title": "t"})),
        );
        let target = format!("/Users/{}", created.id());
        let patched = sp.patch(&target, json!({"op": "add", "path": "title", "value": "t"}));
        assert_eq!(patched.bytes, created.bytes);
        let replaced = sp.put(&target, user("bjensen", json!({"title": "t"})));
        assert_eq!(replaced.bytes, created.bytes);
        let written = sp.put(
            &target,
            user("bjensen", json!({"title": "t", "password": "second"})),
        );
        assert_ne!(written.headers["etag"], created.headers["etag"]);
    }
}

#[test]
fn a_write_that_matches_goes_through() {
    for method in ["PUT", "PATCH"] {
        let it = changed();
        it.check(method, &[("if-match", &it.tag)], "200");
        let it = changed();
        it.check(method, &[("if-match", "*")], "200");
        let it = changed();
        it.check(
            method,
            &[("if-match", &format!("\"other\", {}", it.tag))],
            "200",
        );
        let it = changed();
        it.check(method, &[], "200");
    }
    let it = changed();
    it.check("DELETE", &[("if-match", &it.tag)], "204");
}

#[test]
fn a_write_that_is_late_changes_nothing() {
    let it = changed();
    for method in ["PUT", "PATCH", "DELETE"] {
        it.check(method, &[("if-match", &it.stale)], "412");
        it.check(method, &[("if-match", "\"other\"")], "412");
        it.check(
            method,
            &[("if-match", &format!("{}, \"other\"", it.stale))],
            "412",
        );
        it.check(method, &[("if-none-match", &it.tag)], "412");
        it.check(method, &[("if-none-match", "*")], "412");
    }
}

#[test]
fn what_is_not_there_is_not_found_whatever_the_condition() {
    let it = changed();
    it.sp.delete(&it.target);
    for method in ["PUT", "PATCH", "DELETE"] {
        let answer = it
            .sp
            .send_also(method, &it.target, &[("if-match", "*")], Some(json!({})));
        assert!(
            answer.status == 404 || answer.status == 412,
            "{method}: {}",
            answer.status
        );
    }
}

#[test]
fn a_read_of_what_is_known_is_empty() {
    let it = changed();
    for value in [
        it.tag.clone(),
        "*".to_owned(),
        format!("\"other\", {}", it.tag),
        it.tag.trim_start_matches("W/").to_owned(),
    ] {
        let answer = it
            .sp
            .send_also("GET", &it.target, &[("if-none-match", &value)], None);
        assert_eq!((answer.status, answer.bytes.len()), (304, 0), "{value}");
        assert_eq!(answer.header("etag"), Some(it.tag.as_str()));
        assert_eq!(answer.header("content-type"), None);
    }
    it.check("GET", &[("if-none-match", &it.stale)], "200");
    it.check("GET", &[("if-none-match", "\"other\"")], "200");
    it.check("GET", &[("if-match", &it.tag)], "200");
    it.check("GET", &[("if-match", &it.stale)], "412");
    it.check(
        "GET",
        &[("if-match", &it.stale), ("if-none-match", &it.tag)],
        "412",
    );
    it.check(
        "GET",
        &[("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT")],
        "200",
    );
}

#[test]
fn a_bare_tag_is_understood_leniently() {
    let it = changed();
    let bare = it.tag.replace('"', "");
    it.check("PUT", &[("if-match", &bare)], "200");
}

#[test]
fn without_versions_there_are_none_and_no_conditions() {
    let sp =
        Sp::with(r#"Scenario(auth: [Bearer("secret-token")], provider: Provider(etag: false))"#);
    let created = sp.post("/Users", user("bjensen", json!({})));
    assert_eq!(
        (
            created.header("etag"),
            created.json()["meta"].get("version")
        ),
        (None, None)
    );
    let target = format!("/Users/{}", created.id());
    let body = user("bjensen", json!({"title": "x"}));
    for value in ["\"x\"", "*"] {
        assert_eq!(
            sp.send_also("PUT", &target, &[("if-match", value)], Some(body.clone()))
                .status,
            200
        );
    }
    assert_eq!(
        sp.get("/ServiceProviderConfig").json()["etag"]["supported"],
        false
    );
}

#[test]
fn of_many_writers_with_one_tag_one_wins() {
    for method in ["PUT", "PATCH"] {
        one_of_twenty_wins(method);
    }
}

fn one_of_twenty_wins(method: &str) {
    let it = changed();
    let won = std::thread::scope(|scope| {
        let write = |n: usize| {
            let title = format!("writer {n}");
            let body = match method {
                "PUT" => user("bjensen", json!({ "title": title })),
                _ => {
                    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                    "Operations": [{"op": "replace", "path": "title", "value": title}]})
                }
            };
            it.sp
                .send_also(method, &it.target, &[("if-match", &it.tag)], Some(body))
                .status
        };
        let writers: Vec<_> = (0..20).map(|n| scope.spawn(move || write(n))).collect();
        let statuses: Vec<_> = writers
            .into_iter()
            .map(|writer| writer.join().expect("a writer ends"))
            .collect();
        assert!(
            statuses.iter().all(|status| [200, 412].contains(status)),
            "{statuses:?}"
        );
        statuses.iter().filter(|status| **status == 200).count()
    });
    assert_eq!(won, 1);
}
