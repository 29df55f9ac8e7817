//! DELETE (RFC 7644 section 3.6).

use super::*;

#[test]
fn what_is_deleted_is_gone_for_every_method() {
    for sp in both() {
        let target = format!("/Users/{}", sp.user("bjensen"));
        sp.user("jsmith");
        let answer = sp.delete(&target);
        assert_eq!(
            (
                answer.status,
                answer.bytes.len(),
                answer.header("content-type")
            ),
            (204, 0, None)
        );
        assert_eq!(sp.get(&target).verdict(), "404");
        assert_eq!(sp.put(&target, user("bjensen", json!({}))).verdict(), "404");
        assert_eq!(
            sp.patch(&target, json!({"op": "remove", "path": "title"}))
                .verdict(),
            "404"
        );
        assert_eq!(sp.delete(&target).verdict(), "404");
        assert_eq!(names(&sp.get("/Users")), "jsmith");
        assert_eq!(names(&sp.get(r#"/Users?filter=userName eq "bjensen""#)), "");
        assert_eq!(sp.get("/Users?count=0").json()["totalResults"], 1);
    }
}

#[test]
fn a_body_is_ignored() {
    let sp = Sp::new();
    let target = format!("/Users/{}", sp.user("bjensen"));
    assert_eq!(
        sp.send("DELETE", &target, Some(json!({"any": "thing"})))
            .status,
        204
    );
}

#[test]
fn what_nobody_made_is_not_found() {
    for sp in both() {
        assert_eq!(sp.delete("/Users/nope").verdict(), "404");
        let id = sp.user("bjensen");
        assert_eq!(sp.delete(&format!("/Groups/{id}")).verdict(), "404");
        assert_eq!(names(&sp.get("/Users")), "bjensen");
    }
}

#[test]
fn whoever_pointed_at_it_no_longer_does() {
    for sp in both() {
        let boss = sp.user("boss");
        let body = json!({"schemas": [USER, ENTERPRISE], "userName": "e", ENTERPRISE: {"manager": {"value": boss}, "department": "IT"}});
        let target = format!("/Users/{}", sp.create("/Users", body));
        let group = format!("/Groups/{}", sp.group("Staff", &[&boss]));
        sp.delete(&format!("/Users/{boss}"));
        assert_eq!(sp.get(&group).json().get("members"), None);
        assert_eq!(
            sp.get(&target).json()[ENTERPRISE],
            json!({"department": "IT"})
        );
    }
}
