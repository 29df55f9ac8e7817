//! For any body: replacing twice is replacing once, equal values stay equal and different ones different.

use super::{exchange, pii, redacted, user};
use proptest::prelude::*;
use scimulate::exchange::Body;
use serde_json::{Map, Value, json};
use std::collections::HashSet;

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,24}".prop_map(Value::from),
        "[a-z.]{1,8}@[a-z]{1,6}\\.(com|org)".prop_map(Value::from),
        "(Bearer |Basic )?[A-Za-z0-9+/=._-]{1,20}".prop_map(Value::from),
        "(19|20)[0-9]{2}-0[1-9]-[12][0-9]".prop_map(Value::from),
        "\\+[0-9 ()-]{4,14}".prop_map(Value::from),
        "https?://[a-z.]{1,9}/[a-z/]{0,6}".prop_map(Value::from),
        "(userName|emails\\[value|password) (eq|sw|co) \"[a-z@.]{0,9}\"".prop_map(Value::from),
        "\\{(secret|base|personal)[:a-z0-9]{0,9}\\}?".prop_map(Value::from),
    ]
}

fn name() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "schemas",
        "id",
        "externalId",
        "userName",
        "name",
        "givenName",
        "emails",
        "value",
        "type",
        "members",
        "displayName",
        "password",
        "phoneNumbers",
        "meta",
        "location",
        "Operations",
        "op",
        "path",
        "method",
        "data",
        "Resources",
        "filter",
        "detail",
        "status",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        "manager",
        "$ref",
        "urn:x:Badge",
        "x509Certificates",
        "token",
    ]);
    prop_oneof![4 => known.prop_map(str::to_owned), 1 => "[a-zA-Z.:\\[\\]\" ]{0,12}"]
}

fn document() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::default())]

    #[test]
    fn replacing_twice_is_replacing_once(
        request in document(),
        response in document(),
        path in "(/Users|/Groups|/Bulk|/Devices|/.search|)(/[A-Za-z0-9@.%:-]{0,12})?",
        filter in "\\PC{0,30}",
        text in "\\PC{0,60}",
    ) {
        let mut sent = exchange("POST", if path.is_empty() { "/" } else { &path }, request, response);
        sent.request.query = vec![("filter".into(), filter.clone()), ("q".into(), filter)];
        sent.request.headers = vec![("authorization".into(), text.clone()), ("x-note".into(), text.clone())];
        let once = redacted(&pii(), sent.clone());
        prop_assert_eq!(&redacted(&pii(), once.clone()), &once);
        sent.request.body = Body::Text(text.clone());
        sent.response.body = Body::Text(format!("{{\"userName\": \"{text}"));
        let once = redacted(&pii(), sent);
        prop_assert_eq!(&redacted(&pii(), once.clone()), &once);
    }

    #[test]
    fn equal_values_stay_equal_in_body_filter_patch_and_path(value in "[a-zA-Z0-9é]{1,12}(@[a-z]{1,8}\\.org)?") {
        let body = json!({"userName": value, "emails": [{"value": value}], "externalId": value.to_lowercase()});
        let mut sent = exchange("GET", "/Users", Value::Null, body);
        sent.request.query = vec![("filter".into(), format!("userName eq {}", json!(value)))];
        let once = redacted(&pii(), sent);
        let Body::Json(body) = &once.response.body else { panic!("JSON") };
        prop_assert_eq!(&body["userName"], &body["emails"][0]["value"]);
        prop_assert_eq!(&once.request.query[0].1, &format!("userName eq {}", body["userName"]));
        let lower = body["userName"].as_str().unwrap().to_lowercase();
        prop_assert_eq!(body["externalId"].as_str().unwrap().to_lowercase(), lower);
        let patch = json!({"Operations": [{"op": "replace", "path": "userName", "value": value}]});
        let Body::Json(patch) = redacted(&pii(), exchange("PATCH", "/Users/7", patch, Value::Null)).request.body else { panic!("JSON") };
        prop_assert_eq!(&patch["Operations"][0]["value"], &body["userName"]);
    }
}

#[test]
fn different_people_stay_different() {
    let all = |make: &dyn Fn(usize) -> Value, attribute: &str| {
        let redactor = pii();
        let mut seen = HashSet::new();
        for n in 0..3000 {
            let mut user = json!({});
            user[attribute] = make(n);
            let once = super::body(&redactor, "/Users", user)[attribute]
                .to_string()
                .to_lowercase();
            assert!(
                seen.insert(once.clone()),
                "{attribute} {n}: {once} stands for two"
            );
        }
    };
    all(&|n| json!(format!("user{n}@d{n}.example.com")), "userName");
    all(&|n| json!(format!("Name{n}")), "displayName");
    all(&|n| json!(n), "shoeSize");
    all(&|n| json!(format!("+1201555{n:04}")), "mobile");
    all(
        &|n| {
            json!(format!(
                "{:04}-{:02}-{:02}",
                1900 + n / 300,
                1 + n % 12,
                1 + n % 25
            ))
        },
        "birthDate",
    );
    assert_ne!(
        user("externalId", "a"),
        user("externalId", "A"),
        "case matters there"
    );
}
