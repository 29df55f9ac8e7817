//! Scenario files: what they mean, what may be pasted into them, and where things stand.

use jiff::SignedDuration;
use proptest::prelude::*;
use scimulate::clock::Clock;
use scimulate::ids::Ids;
use scimulate::scenario::{
    Access, Credential, DEFAULT_SEED, Diagnostic, Entry, OAuthClient, OnReload, Provider,
    ReadError, Scenario, load, read,
};
use scimulate::scim::choices::{BulkResponse, Choices, Me, PatchResponse};
use scimulate::scim::discovery::{BulkLimits, Features, Pagination};
use scimulate::scim::path::AttributePath;
use scimulate::scim::restrictions::Restrictions;
use scimulate::scim::{Leniency, Strictness};
use scimulate::service::{self, Tenant};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

pub(crate) const DEMO: &str = include_str!("../../scenarios/demo.ron");

pub(crate) fn loaded(text: &str) -> (Option<Scenario>, Vec<Diagnostic>) {
    load(Path::new("scenarios/acme.ron"), text)
}

#[track_caller]
pub(crate) fn clean(text: &str) -> Scenario {
    let (scenario, diagnostics) = loaded(text);
    let told: String = diagnostics.iter().map(ToString::to_string).collect();
    assert!(diagnostics.is_empty(), "{text}\n{told}");
    scenario.expect("a clean file is a scenario")
}

// ----- what a file means -----

#[test]
fn everything_may_be_left_out() {
    let empty = clean("Scenario()");
    assert_eq!(empty.name, "acme");
    assert_eq!(empty.seed, DEFAULT_SEED);
    assert_eq!(empty.clock, Clock::System);
    assert_eq!(empty.ids, Ids::Uuid);
    assert_eq!(empty.provider, Provider::default());
    assert_eq!(empty.on_reload, OnReload::Reset);
    assert!(empty.auth.is_empty() && empty.users.is_empty() && empty.groups.is_empty());
    let features = &empty.provider.features;
    assert_eq!(empty.provider.strictness, Strictness::Lenient);
    assert!(features.patch && features.sort && features.etag && features.change_password);
    assert_eq!(
        (features.filter_max_results, features.default_page_size),
        (200, 100)
    );
    assert_eq!(features.pagination, [Pagination::Index, Pagination::Cursor]);
    assert_eq!(features.cursor_timeout_s, 3600);
    let limits = BulkLimits {
        max_operations: 1000,
        max_payload_bytes: 1_048_576,
    };
    assert_eq!(features.bulk, Some(limits));
}

#[test]
fn everything_may_be_said() {
    let scenario = clean(
        r#"
        #![enable(implicit_some)]
        Scenario(
            seed: 0xff,
            clock: Step(from: "2026-01-01T01:00:00+01:00", by_ms: 1_500),
            ids: Sequential("{type}-{n}"),
            auth: [Bearer("t|1"), Basic("admin", "s:ecret"), Bearer(token: "t2", subject: "a")],
            provider: (
                strictness: Strict, patch_response: NoContent, accept: ["boolean_text"], refuse: ["link_text", "single_value"], patch: false, filter: false, sort: false, etag: false, change_password: false,
                bulk: Bulk(max_operations: 3), bulk_response: Resource, me: Redirect, filter_max_results: 7, default_page_size: 5,
                pagination: [Cursor], cursor_timeout_s: 60, too_many: 9, sensitive: ["name.familyName"],
            ),
            users: [{"userName": "a"}, {"userName": "b"},],
            groups: [{"displayName": "g", "members": ["a", {"value": "b"}]}],
            on_reload: Keep,
        )"#,
    );
    let from = "2026-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(scenario.seed, 255);
    assert_eq!(
        scenario.clock,
        Clock::Step {
            from,
            by: SignedDuration::from_millis(1500)
        }
    );
    assert_eq!(scenario.ids, Ids::Sequential("{type}-{n}".into()));
    let basic = Credential::Basic {
        user: "admin".into(),
        password: "s:ecret".into(),
        access: Access::Full,
    };
    let bearer = |token: &str, subject: Option<&str>| Credential::Bearer {
        token: token.into(),
        subject: subject.map(str::to_owned),
        access: Access::Full,
        expires: None,
    };
    assert_eq!(
        scenario.auth,
        [bearer("t|1", None), basic, bearer("t2", Some("a"))]
    );
    let limits = BulkLimits {
        max_operations: 3,
        max_payload_bytes: 1_048_576,
    };
    let provider = Provider {
        strictness: Strictness::Strict,
        accept: vec![Leniency::BooleanText],
        refuse: vec![Leniency::LinkText, Leniency::SingleValue],
        features: Features {
            patch: false,
            bulk: Some(limits),
            filter: false,
            sort: false,
            etag: false,
            change_password: false,
            filter_max_results: 7,
            default_page_size: 5,
            pagination: vec![Pagination::Cursor],
            cursor_timeout_s: 60,
            too_many: Some(9),
            sensitive: vec![AttributePath::parse("name.familyName").unwrap()],
            interop: false,
        },
        choices: Choices {
            patch_response: PatchResponse::NoContent,
            bulk_response: BulkResponse::Resource,
            me: Me::Redirect,
            ..Choices::RFC
        },
        restrictions: Restrictions::default(),
        faults: Vec::new(),
    };
    assert_eq!(scenario.provider, provider);
    assert_eq!(scenario.users[1].value()["userName"], "b");
    assert_eq!(
        scenario.groups[0].value()["members"],
        json!(["a", {"value": "b"}])
    );
    assert_eq!(scenario.on_reload, OnReload::Keep);
}

#[test]
fn a_field_may_be_some_none_or_null() {
    let scenario = clean(
        "(seed: Some(3), provider: None, users: null, clock: Fixed(\"2026-01-01T00:00:00Z\"))",
    );
    assert_eq!(scenario.seed, 3);
    assert_eq!(
        scenario.clock,
        Clock::Fixed("2026-01-01T00:00:00Z".parse().unwrap())
    );
    assert!(scenario.users.is_empty());
}

#[test]
fn credentials_that_are_weak_are_cautioned_against() {
    let cautions = |auth: &str| {
        let scenario = clean(&format!("Scenario(auth: [{auth}])"));
        scenario.auth[0].caution().unwrap_or_default().to_owned()
    };
    let long = "0123456789abcdefghijkl";
    assert!(cautions(r#"Bearer("dev-token")"#).contains("128 bits"));
    assert!(cautions(&format!("Bearer({long:?})")).contains("for ever"));
    let brief = format!("Bearer(token: {long:?}, expires_in_s: 60)");
    assert_eq!(cautions(&brief), "");
    assert!(cautions(r#"Basic("admin", "secret")"#).contains("every request"));
}

#[test]
fn a_token_permits_something_for_some_time() {
    let auth = |clock: &str, fields: &str| {
        let text = format!(
            r#"Scenario(clock: {clock}, auth: [Bearer(token: "t", subject: "a", {fields})])"#
        );
        clean(&text).auth.remove(0)
    };
    let fixed = r#"Fixed("2026-01-01T00:00:00Z")"#;
    assert_eq!(auth(fixed, "").access(), Access::Full);
    assert_eq!(auth(fixed, "access: Read").access(), Access::Read);
    assert_eq!(auth(fixed, "access: Own").access(), Access::Own);
    let expired = |fields: &str, now: &str| auth(fixed, fields).has_expired(now.parse().unwrap());
    assert!(!expired("", "9999-01-01T00:00:00Z"));
    for fields in [
        "expires_in_s: 60",
        r#"expires_at: "2026-01-01T01:01:00+01:00""#,
    ] {
        assert!(!expired(fields, "2026-01-01T00:00:59Z"), "{fields}");
        assert!(expired(fields, "2026-01-01T00:01:00Z"), "{fields}");
    }
}

#[test]
fn secrets_are_not_in_the_debug_output() {
    let scenario = clean(
        r#"Scenario(auth: [Bearer("tok-1"), Basic("admin", "pass-1")], users: [{"password": "pass-1"}])"#,
    );
    assert_eq!(
        format!("{:?}", scenario.auth),
        r#"[Bearer(…), Basic("admin", …)]"#
    );
    let whole = format!("{scenario:?}");
    assert!(
        !whole.contains("tok-1") && !whole.contains("pass-1"),
        "{whole}"
    );
}

/// The token that a client is given when it asks.
fn given(tenant: &Tenant, client: &OAuthClient) -> String {
    let (id, secret) = (&client.id, &client.secret);
    let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
    let request = http::Request::post("/oauth2/token")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.into())
        .unwrap();
    let response = service::answer(tenant, "http://x/scim/v2", &request).unwrap();
    let given: Value = serde_json::from_slice(response.body()).unwrap();
    given["access_token"].as_str().expect("a token").to_owned()
}

/// `GET /Users`, which succeeds.
fn users(tenant: &Tenant, token: &str) -> Value {
    let request = http::Request::get("/scim/v2/Users")
        .header("authorization", format!("Bearer {token}"))
        .body(bytes::Bytes::new())
        .unwrap();
    let response = service::answer(tenant, "http://x/scim/v2", &request).unwrap();
    assert_eq!(response.status(), 200, "{response:?}");
    serde_json::from_slice(response.body()).unwrap()
}

#[test]
fn every_shipped_scenario_is_clean_and_served() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut names = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let text = read(&path).unwrap();
        let (scenario, diagnostics) = load(&path, &text);
        assert!(
            diagnostics.is_empty(),
            "{}: {diagnostics:?}",
            path.display()
        );
        assert!(
            text.starts_with("//"),
            "{} opens with what it shows",
            path.display()
        );
        let scenario = scenario.unwrap();
        let tenant = Tenant::build(&scenario).unwrap_or_else(|wrong| panic!("{}", wrong[0]));
        let token = match scenario.auth.first() {
            Some(Credential::Bearer { token, .. }) => token.clone(),
            Some(Credential::OAuth(client)) => given(&tenant, client),
            _ => String::new(),
        };
        let list = users(&tenant, &token);
        assert_eq!(
            list["totalResults"],
            scenario.users.len(),
            "{}",
            path.display()
        );
        names.push(scenario.name);
    }
    names.sort();
    assert_eq!(
        names,
        [
            "crowd",
            "demo",
            "every-type",
            "faults",
            "minimal",
            "oauth",
            "people",
            "rights",
            "slack",
            "small-crowd"
        ]
    );
}

#[test]
fn the_demo_has_a_disabled_user_and_a_group_in_a_group() {
    let demo = clean(DEMO);
    let names = |entries: &[Entry], of| -> Vec<String> {
        entries
            .iter()
            .map(|it| it.value()[of].as_str().unwrap().to_owned())
            .collect()
    };
    let users = names(&demo.users, "userName");
    let groups = names(&demo.groups, "displayName");
    assert_eq!((users.len(), groups.len()), (7, 3));
    assert!(
        demo.users
            .iter()
            .any(|user| user.value()["active"] == false)
    );
    let members = |group: &Entry| group.value()["members"].as_array().unwrap().clone();
    let members: Vec<Value> = demo.groups.iter().flat_map(members).collect();
    assert!(
        members
            .iter()
            .all(|it| users.iter().chain(&groups).any(|name| it == name))
    );
    assert!(
        members
            .iter()
            .any(|it| groups.iter().any(|name| it == name))
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.ron");
    let error = read(&path).unwrap_err();
    assert!(
        matches!(&error, ReadError::Io { .. }) && error.to_string().contains("x.ron"),
        "{error}"
    );
    fs::write(&path, b"Scenario(\xff)").unwrap();
    let error = read(&path).unwrap_err();
    assert!(
        matches!(error, ReadError::NotText { offset: 9, .. }),
        "{error}"
    );
}

// ----- JSON that is pasted -----

/// What is pasted as a resource means what JSON says it means.
#[track_caller]
fn pasted(json: &str) {
    let scenario = clean(&format!("Scenario(users: [\n{json}\n])"));
    let expected: Value = serde_json::from_str(json).expect("the table has JSON");
    assert_eq!(Value::Object(scenario.users[0].value()), expected);
}

#[test]
fn json_is_pasted_as_it_is() {
    pasted(r#"{"a": null, "b": true, "c": false, "d": [[], [{}], {"e": []}], "f": {}, "": ""}"#);
    pasted(r#"{"z": 1, "a": 2, "m": 3}"#);
    pasted(
        r#"{"n": [0, -0, 7, -7, 9223372036854775807, -9223372036854775808, 18446744073709551615]}"#,
    );
    pasted(
        r#"{"n": [12345678901234567890123, 0.1, -1.5e3, 1E5, 1e-7, 3.141592653589793238, 1e308]}"#,
    );
    pasted(
        r#"{"s": "\u00e9 \u00E9 \u4f60 \ud83d\ude00 \u0000 \u0022 \u005c \/ \b \f \n \r \t \" \\"}"#,
    );
    pasted(r#"{"s": "// no comment /* none */ [ { ( 'x' # ,", "t": "é 你 😀"}"#);
    pasted("{\r\n\t\"s\" :\t1 ,\r\n\"t\":[1 ,2]}\r\n");
}

/// RFC 7643 section 2.5: `null` is as good as absent.
#[test]
fn escapes_and_nulls_that_are_pasted_are_served_as_what_they_mean() {
    let it = clean(
        r#"Scenario(users: [{"userName": "caf\u00e9", "title": null, "nickName": "\ud83d\ude00", "emails": [], "name": {"givenName": "Zo\u00eb", "familyName": null}}])"#,
    );
    let tenant = Tenant::build(&it).unwrap();
    let mut user = users(&tenant, "")["Resources"][0].take();
    let user = user.as_object_mut().unwrap();
    user.retain(|name, _| !["schemas", "id", "meta"].contains(&name.as_str()));
    let expected = json!({"userName": "café", "nickName": "😀", "name": {"givenName": "Zoë"}});
    assert_eq!(Value::Object(user.clone()), expected);
}

#[test]
fn ron_is_read_as_the_ron_crate_reads_it() {
    for text in [
        r##"{"s": r"\n", "t": r#"a "quoted" word"#, "u": "\x41\u{e9}\'", "v": "two
lines"}"##,
        r#"{"n": [0x1F, 0o17, 0b101, 1_000_000, +5, .5, 5., -.5, 1_0.5], }"#,
        r#"{"a": [1, 2, /* three /* nested */ */ ], // and so on
        "o": Some({"n": Some(None)})}"#,
    ] {
        let scenario = clean(&format!("Scenario(users: [{text}])"));
        let expected: Value = ron::from_str(text).unwrap();
        assert_eq!(Value::Object(scenario.users[0].value()), expected, "{text}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map("[a-z$:.]{1,6}", inner, 0..6)
                .prop_map(|map| map.into_iter().collect()),
        ]
    })
}

proptest! {
    #[test]
    fn any_json_can_be_pasted(value in any_json(), pretty: bool) {
        let object = json!({ "v": value });
        let written = if pretty { format!("{object:#}") } else { object.to_string() };
        let ascii: String = written.encode_utf16().map(|unit| match u8::try_from(unit) {
            Ok(byte) if byte < 0x7f => char::from(byte).to_string(),
            _ => format!("\\u{unit:04x}"),
        }).collect();
        pasted(&written);
        pasted(&ascii);
    }
}

// ----- from an attribute to its place -----

const PLACES: &str = r#"Scenario(users: [
    {"userName": "a"},
    // the second; "userName": "not this"
    {
        "userName": "bjensen", /* "emails": [] */
        "Emails": [{"type": "work", "value": "b\u00e9@x"}, {"type": "home"}, r"odd"],
        "name": {"givenName": "Barbara",
                 "familyName": "Jensen"},
        "urn:x:1.0:User": {"manager": {"value": "9"}, "a.b/c": 1},
        "urn:x": 2,
    },
])"#;

/// The value at a path of the second user, and what an error about it underlines.
#[track_caller]
fn place(path: &str, value: &str, underlined: &str) {
    let scenario = clean(PLACES);
    let user = &scenario.users[1];
    assert_eq!(&PLACES[user.span_of(path)], value, "{path}");
    let diagnostic = user.diagnostic(path, "title", "help");
    assert_eq!(&PLACES[diagnostic.span.clone()], underlined, "{path}");
    assert!(diagnostic.is_error() && diagnostic.title == "title" && diagnostic.help == "help");
}

#[test]
fn an_attribute_is_found_in_the_file() {
    place("userName", r#""bjensen""#, r#""userName": "bjensen""#);
    place("/userName", r#""bjensen""#, r#""userName": "bjensen""#);
    place("USERNAME", r#""bjensen""#, r#""userName": "bjensen""#);
    place("emails[0].type", r#""work""#, r#""type": "work""#);
    place("/emails/0/type", r#""work""#, r#""type": "work""#);
    place(
        "emails.0.value",
        r#""b\u00e9@x""#,
        r#""value": "b\u00e9@x""#,
    );
    place("emails[1]", r#"{"type": "home"}"#, r#"{"type": "home"}"#);
    place("emails[2]", r#"r"odd""#, r#"r"odd""#);
    place(
        "name.familyName",
        r#""Jensen""#,
        r#""familyName": "Jensen""#,
    );
    place("urn:x:1.0:User.manager.value", r#""9""#, r#""value": "9""#);
    place("urn:x:1.0:User:manager.value", r#""9""#, r#""value": "9""#);
    place("/urn:x:1.0:User/manager/value", r#""9""#, r#""value": "9""#);
    place("/urn:x:1.0:User/a.b~1c", "1", r#""a.b/c": 1"#);
    place("urn:x", "2", r#""urn:x": 2"#);
}

#[test]
fn what_is_not_there_is_shown_where_it_would_belong() {
    let name = "{\"givenName\": \"Barbara\",\n                 \"familyName\": \"Jensen\"}";
    place(
        "name.middleName",
        name,
        r#""name": {"givenName": "Barbara","#,
    );
    place(
        "emails[1].value",
        r#"{"type": "home"}"#,
        r#"{"type": "home"}"#,
    );
    place("userName.x", r#""bjensen""#, r#""userName": "bjensen""#);
    let whole = &PLACES[PLACES.find("{\n").unwrap()..PLACES.rfind(",\n])").unwrap()];
    place("", whole, "{");
    place("active", whole, "{");
    place("user", whole, "{");
    place("/emails~1x", whole, "{");
}
