//! Answers that follow from nothing: they are listed, and written out where that is asked for.

use super::{Session, distilled};
use scimulate::exchange::{Body, Exchange};
use serde_json::json;

/// Reads, changes, reads; the second answer is not what any provider would say.
pub(super) fn odd() -> Vec<(u64, Exchange)> {
    let mut it = Session::of(
        "",
        r#"users: [{"id": "1", "userName": "ann", "title": "Clerk"}]"#,
    );
    it.get("/Users/1");
    it.get("/Users/1");
    it.patch(
        "/Users/1",
        json!([{"op": "replace", "path": "title", "value": "Boss"}]),
    );
    it.get("/Users/1");
    let mut recorded = it.recorded;
    let response = &mut recorded[1].1.response;
    response.status = 418;
    response.body = Body::Json(json!({"teapot": "{base}/Teapots/1", "cups": [1, 2]}));
    recorded
}

#[test]
fn an_odd_answer_is_listed_with_what_differs() {
    let recorded = odd();
    let distilled = distilled(&recorded, false);
    let report = &distilled.report;
    assert_eq!(
        (report.exchanges, report.explained, report.overridden),
        (4, 3, 0)
    );
    assert!(!report.is_whole());
    let [rest] = report.unexplained.as_slice() else {
        panic!("{:#?}", report.unexplained);
    };
    assert_eq!(
        (rest.before, rest.asked.as_str()),
        (Some(2), "GET /Users/{user#1}")
    );
    assert_eq!(rest.findings[0].message(), "418, now 200");
    assert!(
        distilled
            .scenario
            .contains("It explains 3 of 4 exchanges.\n"),
        "{}",
        distilled.scenario
    );
    assert!(
        !distilled.scenario.contains("faults:"),
        "{}",
        distilled.scenario
    );
}

#[test]
fn an_override_answers_it_and_nothing_else() {
    let distilled = distilled(&odd(), true);
    let report = &distilled.report;
    assert_eq!(
        (report.explained, report.overridden),
        (3, 1),
        "{}",
        distilled.scenario
    );
    assert!(report.is_whole());
    let fault = r#"Fault(on: (method: "GET", path: "/Users/1", nth: [2]), then: Status(418, body: {"teapot": "{base}/Teapots/1", "cups": [1, 2]}, headers: {"content-type": "application/scim+json""#;
    assert!(distilled.scenario.contains(fault), "{}", distilled.scenario);
    assert!(
        distilled
            .scenario
            .contains("// exchange 2; without this, status: 418, now 200\n"),
        "{}",
        distilled.scenario
    );
}

#[test]
fn what_an_overridden_answer_leaves_unmade_is_overridden_too() {
    let mut it = Session::of("", "");
    let made = it.user("carol");
    it.get(&format!("/Users/{made}"));
    let mut recorded = it.recorded;
    // A provider that answers 202 and has the user all the same.
    recorded[0].1.response.status = 202;
    let distilled = distilled(&recorded, true);
    assert!(distilled.report.is_whole(), "{}", distilled.scenario);
}
