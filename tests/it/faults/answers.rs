//! What the answer is that a fault leaves.

use super::{Faulty, fault, header, json, wire};
use bytes::Bytes;
use http::Response;
use serde_json::{Value, json};

const FIXED: &str = r#"clock: Fixed("2026-01-01T00:00:00Z")"#;

#[track_caller]
fn met(then: &str) -> Response<Bytes> {
    let response = Faulty::with(&format!("{FIXED}, faults: [Fault(then: {then})]")).get("/Users");
    let name: String = then
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    assert_eq!(fault(&response), Some(name.as_str()), "{then}");
    assert_eq!(wire(&response), None, "{then}");
    response
}

/// The answer that would have been.
fn whole() -> Response<Bytes> {
    Faulty::with(FIXED).get("/Users")
}

#[test]
fn a_status_is_an_error_of_scim_unless_a_body_is_named() {
    for status in [400, 404, 429, 500, 503, 599] {
        let response = met(&format!("Status({status})"));
        assert_eq!(response.status(), status);
        assert_eq!(
            header(&response, "content-type"),
            Some("application/scim+json")
        );
        let body = json(&response);
        assert_eq!(
            body["schemas"],
            json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
        );
        assert_eq!(body["status"], status.to_string());
        assert!(body["detail"].is_string());
    }
    for status in [200, 204, 302] {
        let response = met(&format!("Status({status})"));
        assert_eq!(
            (response.status().as_u16(), response.body().len()),
            (status, 0)
        );
    }
    let check = |body: &str, media_type: &str, expected: &str| {
        let response = met(&format!("Status(502, body: {body})"));
        assert_eq!(header(&response, "content-type"), Some(media_type));
        assert_eq!(response.body(), expected);
    };
    check(
        r#"{"a": [1, null]}"#,
        "application/scim+json",
        r#"{"a":[1,null]}"#,
    );
    check(
        r#""<h1>Bad gateway</h1>""#,
        "text/plain; charset=utf-8",
        "<h1>Bad gateway</h1>",
    );
}

#[test]
fn a_status_has_the_headers_that_were_named() {
    let response = met(
        r#"Status(503, body: "<p/>", headers: {"Content-Type": "text/html", "X-Cause": "maintenance"})"#,
    );
    assert_eq!(header(&response, "content-type"), Some("text/html"));
    assert_eq!(header(&response, "x-cause"), Some("maintenance"));
}

#[test]
fn a_client_is_told_when_to_come_again_in_either_form() {
    let check = |fields: &str, expected: Option<&str>| {
        let response = met(&format!("Status(429{fields})"));
        assert_eq!(header(&response, "retry-after"), expected);
    };
    check("", None);
    check(", retry_after_s: 2", Some("2"));
    check(", retry_after_s: 0", Some("0"));
    check(
        ", retry_after_date_s: 90",
        Some("Thu, 01 Jan 2026 00:01:30 GMT"),
    );
}

#[test]
fn an_outage_is_503() {
    let response = met("Outage");
    assert_eq!(response.status(), 503);
    assert_eq!(json(&response)["status"], "503");
    assert_eq!(header(&response, "retry-after"), None);
}

#[test]
fn what_was_changed_meanwhile_is_412_and_stays_as_it_was() {
    let faulty = Faulty::with(
        r#"faults: [Fault(on: (headers: {"if-match": "W/\"1\""}), then: PreconditionFailed)]"#,
    );
    let body = r#"{"userName": "bjensen", "title": "x"}"#;
    let put = |headers| faulty.ask("PUT", "/Users/user-1", headers, body);
    let response = put(&[("if-match", r#"W/"1""#)]);
    assert_eq!(response.status(), 412);
    assert_eq!(json(&response)["status"], "412");
    assert_eq!(json(&faulty.get("/Users/user-1"))["title"], Value::Null);
    assert_eq!(put(&[]).status(), 200);
}

/// RFC 9865 section 2.1; the first page has no cursor that could have expired.
#[test]
fn a_cursor_expires_and_the_first_page_does_not() {
    let faulty = Faulty::with("faults: [Fault(then: ExpiredCursor)]");
    for target in ["/Users", "/Users?cursor", "/Users?cursor&count=1"] {
        let response = faulty.get(target);
        assert_eq!(
            (response.status().as_u16(), fault(&response)),
            (200, None),
            "{target}"
        );
    }
    let search = |cursor: &str| {
        let body = format!(
            r#"{{"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "cursor": "{cursor}"}}"#
        );
        faulty.ask("POST", "/Users/.search", &[], &body)
    };
    assert_eq!(search("").status(), 200);
    for response in [faulty.get("/Users?cursor=abc&count=1"), search("abc")] {
        assert_eq!(response.status(), 400);
        assert_eq!(json(&response)["scimType"], "expiredCursor");
        assert_eq!(fault(&response), Some("ExpiredCursor"));
    }
}

#[test]
fn a_truncated_body_is_the_beginning_of_it() {
    let whole = whole();
    let check = |then: &str, length: usize| {
        let response = met(then);
        assert_eq!(response.status(), 200);
        assert_eq!(response.body()[..], whole.body()[..length], "{then}");
        assert!(serde_json::from_slice::<Value>(response.body()).is_err());
    };
    check("Truncated", whole.body().len() / 2);
    check("Truncated(after_bytes: 20)", 20);
    check("Truncated(after_bytes: 0)", 0);
    check("Truncated(after_bytes: 1000000)", whole.body().len() - 1);
}

#[test]
fn a_malformed_body_is_no_json_and_nearly_as_long() {
    let response = met("Malformed");
    assert_eq!(response.status(), 200);
    assert_eq!(response.body().len(), whole().body().len() - 1);
    assert!(serde_json::from_slice::<Value>(response.body()).is_err());
}

#[test]
fn a_wrong_content_type_is_over_the_right_body() {
    let check = |then: &str, expected: &str| {
        let response = met(then);
        assert_eq!(header(&response, "content-type"), Some(expected));
        assert_eq!(response.body(), whole().body());
    };
    check("WrongContentType", "text/html");
    check(
        r#"WrongContentType("text/plain; charset=latin1")"#,
        "text/plain; charset=latin1",
    );
}

/// Here time goes on by ten seconds with each change, and a period has twenty.
#[test]
fn a_quota_is_told_used_up_and_renewed() {
    let faulty = Faulty::with(
        r#"clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 10000),
           faults: [Fault(on: (method: "GET"), then: RateLimit(limit: 2, per_s: 20))]"#,
    );
    let asked = || {
        let response = faulty.get("/Users");
        let number = |name: &str| header(&response, name).map(str::to_owned);
        let told = [
            "ratelimit-limit",
            "ratelimit-remaining",
            "ratelimit-reset",
            "retry-after",
        ];
        let told: Vec<_> = told
            .iter()
            .map(|name| number(name).unwrap_or("-".into()))
            .collect();
        let name = fault(&response).unwrap_or("-");
        format!("{} {} {name}", response.status().as_u16(), told.join(" "))
    };
    let go_on = |name: &str| {
        let made = faulty.ask(
            "POST",
            "/Users",
            &[],
            &format!(r#"{{"userName": "{name}"}}"#),
        );
        assert_eq!(header(&made, "ratelimit-limit"), None);
    };
    assert_eq!(asked(), "200 2 1 20 - -");
    go_on("a");
    assert_eq!(asked(), "200 2 0 10 - -");
    assert_eq!(asked(), "429 2 0 10 10 RateLimit");
    go_on("b");
    assert_eq!(asked(), "200 2 1 20 - -");
}

/// Within a quota, a request goes on to the faults that stand behind it.
#[test]
fn a_quota_that_is_not_used_up_is_no_fault() {
    let faulty = Faulty::with(&format!(
        "{FIXED}, faults: [Fault(then: RateLimit(limit: 1, per_s: 60)), Fault(then: Malformed)]"
    ));
    let found = [faulty.get("/Users"), faulty.get("/Users")].map(|response| {
        assert_eq!(header(&response, "ratelimit-limit"), Some("1"));
        fault(&response).map(str::to_owned)
    });
    assert_eq!(
        found,
        [Some("Malformed".to_owned()), Some("RateLimit".to_owned())]
    );
}

/// The client is told no either way; what has happened differs.
#[test]
fn an_operation_is_carried_out_if_the_scenario_says_so() {
    for (carried_out, users) in [
        ("", 1),
        (", carried_out: false", 1),
        (", carried_out: true", 2),
    ] {
        for then in ["Status(503)", "Timeout", "Disconnect", "Outage"] {
            let faulty = Faulty::with(&format!(
                r#"faults: [Fault(on: (method: "POST"), then: {then}{carried_out})]"#
            ));
            let response = faulty.ask("POST", "/Users", &[], r#"{"userName": "ann"}"#);
            assert!(fault(&response).is_some_and(|name| then.starts_with(name)));
            assert_ne!(response.status(), 201);
            let total = json(&faulty.get("/Users"))["totalResults"].clone();
            assert_eq!(total, users, "{then}{carried_out}");
        }
    }
    let faulty = Faulty::with(r#"faults: [Fault(on: (method: "POST"), then: Truncated)]"#);
    let response = faulty.ask("POST", "/Users", &[], r#"{"userName": "ann"}"#);
    assert_eq!(response.status(), 201);
    assert_eq!(json(&faulty.get("/Users"))["totalResults"], 2);
}

/// A client that knows no media type of SCIM gets an injected error as it gets any other.
#[test]
fn an_injected_error_is_in_the_media_type_that_the_client_accepts() {
    let faulty = Faulty::with("faults: [Fault(then: Status(503))]");
    let response = faulty.ask("GET", "/Users", &[("accept", "application/json")], "");
    assert_eq!(header(&response, "content-type"), Some("application/json"));
}

/// The clock goes on by a second with each change: what is read a second and a half later is two changes old.
#[test]
fn a_write_becomes_visible_after_a_while() {
    let faulty = Faulty::with(
        r#"clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 1000), faults: [Fault(then: StaleRead(ms: 1500))]"#,
    );
    let title = || {
        let response = faulty.get("/Users/user-1");
        assert_eq!(fault(&response), Some("StaleRead"));
        json(&response)["title"].clone()
    };
    let mut found = Vec::new();
    for n in 1..=4 {
        let body = format!(r#"{{"userName": "bjensen", "title": "{n}"}}"#);
        let written = faulty.ask("PUT", "/Users/user-1", &[], &body);
        assert_eq!(
            json(&written)["title"],
            n.to_string(),
            "a write answers with what it wrote"
        );
        assert_eq!(fault(&written), None);
        found.push(title());
    }
    assert_eq!(found, [Value::Null, Value::Null, json!("1"), json!("2")]);
}

#[test]
fn what_was_made_is_not_there_yet_and_what_was_deleted_still_is() {
    let faulty = Faulty::with(
        r#"clock: Step(from: "2026-01-01T00:00:00Z", by_ms: 1000),
           faults: [Fault(on: (headers: {"x-replica": "1"}), then: StaleRead(ms: 1000))]"#,
    );
    let replica = &[("x-replica", "1")][..];
    let made = faulty.ask("POST", "/Users", replica, r#"{"userName": "ann"}"#);
    assert_eq!((made.status().as_u16(), fault(&made)), (201, None));
    let status = |id: &str, headers| {
        let response = faulty.ask("GET", &format!("/Users/{id}"), headers, "");
        response.status().as_u16()
    };
    let total = |headers| {
        let search = r#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]}"#;
        let found = [
            faulty.ask("GET", "/Users", headers, ""),
            faulty.ask("POST", "/Users/.search", headers, search),
        ];
        found.map(|response| json(&response)["totalResults"].as_u64().unwrap())
    };
    // The change has just happened, and a second ago it had not.
    let made = (status("user-2", &[]), status("user-2", replica));
    assert_eq!(made, (200, 404));
    let deleted = faulty.ask("DELETE", "/Users/user-1", &[], "");
    assert_eq!(deleted.status(), 204);
    assert_eq!(
        (status("user-1", &[]), status("user-1", replica)),
        (404, 200)
    );
    assert_eq!((total(&[]), total(replica)), ([1, 1], [2, 2]));
}

/// All the users of a list, read page by page until a page is empty, and what each page says that there are.
fn pages(fault: &str, by_cursor: bool) -> (String, Vec<u64>) {
    let users = (1..=7).map(|n| format!(r#"{{"userName": "{n}"}}"#));
    let users = users.collect::<Vec<_>>().join(", ");
    let faulty = Faulty::with(&format!(
        r#"resources: {{"User": [{users}]}}, faults: [{fault}]"#
    ));
    let (mut names, mut totals) = (String::new(), Vec::new());
    let mut target = if by_cursor {
        "cursor".to_owned()
    } else {
        "startIndex=1".to_owned()
    };
    loop {
        let page = json(&faulty.get(&format!("/Users?count=3&sortBy=userName&{target}")));
        totals.push(page["totalResults"].as_u64().unwrap());
        let resources = page["Resources"].as_array().unwrap();
        names.extend(
            resources
                .iter()
                .map(|it| it["userName"].as_str().unwrap().chars().next().unwrap()),
        );
        names.push(' ');
        target = if by_cursor {
            match page["nextCursor"].as_str() {
                Some(cursor) => format!("cursor={cursor}"),
                None => return (names, totals),
            }
        } else {
            let next = page["startIndex"].as_u64().unwrap() + 3;
            if next > page["totalResults"].as_u64().unwrap() {
                return (names, totals);
            }
            format!("startIndex={next}")
        };
    }
}

/// `b` is bjensen, who comes after the digits.
#[test]
fn pages_repeat_and_pass_over_resources_as_if_the_list_had_changed_between_them() {
    let check = |fault: &str, by_cursor, names: &str, totals: &[u64]| {
        let found = pages(fault, by_cursor);
        assert_eq!(
            (found.0.trim(), found.1.as_slice()),
            (names, totals),
            "{fault}"
        );
    };
    for by_cursor in [false, true] {
        check("", by_cursor, "123 456 7b", &[8, 8, 8]);
    }
    check(
        "Fault(then: DuplicateEntries)",
        false,
        "123 345 67b",
        &[8, 9, 9],
    );
    check(
        "Fault(then: MissingEntries)",
        false,
        "123 567 b",
        &[8, 7, 7],
    );
    check(
        "Fault(on: (nth: [1]), then: DuplicateEntries)",
        true,
        "123 345 67b",
        &[8, 9, 8],
    );
    check(
        "Fault(on: (nth: [1]), then: MissingEntries)",
        true,
        "123 567 b",
        &[8, 7, 8],
    );
}
