//! The exchange: bodies, the fixture file and folder, secrets, the base URL, the canonical form.

use bytes::Bytes;
use scimulate::exchange::{Body, Exchange, Folder, FolderError, Recording, Request, Response};
use scimulate::exchange::{base, canonical, file, folder, secrets};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn exchange(method: &str, path: &str, status: u16) -> Exchange {
    Exchange {
        at: "2026-01-01T00:00:00.123Z".parse().unwrap(),
        elapsed: Duration::from_micros(12_400),
        request: Request {
            method: method.into(),
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::Empty,
        },
        response: Response {
            status,
            headers: Vec::new(),
            body: Body::Empty,
        },
    }
}

fn recording() -> Recording {
    Recording {
        upstream: "http://127.0.0.1:1/v2".into(),
        base_path: "/scim/v2".into(),
        started: "2026-01-01T00:00:00Z".into(),
        version: "0.1.0".into(),
        redaction: "secrets".into(),
    }
}

// Bodies

#[track_caller]
fn check_body(text: &str, content_type: Option<&str>, is_json: bool) {
    let body = Body::read(text.as_bytes(), content_type);
    assert_eq!(
        matches!(body, Body::Json(_)),
        is_json,
        "{text:?} as {content_type:?} became {body:?}"
    );
    if !is_json {
        assert_eq!(body, Body::Text(text.to_owned()));
        assert_eq!(body.to_bytes(), text.as_bytes());
    }
}

#[test]
fn a_body_is_json_only_when_its_meaning_survives() {
    let scim = Some("application/scim+json; charset=utf-8");
    for survives in [
        "{}",
        "[]",
        "null",
        "true",
        "1",
        "-1",
        "1.5",
        "0",
        "18446744073709551615",
        "-9223372036854775808",
        r#"{"a":1,"A":2}"#,
        r#"{"a":"1.10"}"#,
        r#"{"a":"\"1.10"}"#,
        r#"{"a\"":[{"b":[1,2]}]}"#,
        " { \"a\" : 1 } ",
        r#""é\u00e9""#,
    ] {
        check_body(survives, scim, true);
        check_body(survives, None, true);
        check_body(survives, Some("Application/JSON"), true);
        check_body(survives, Some("text/plain"), false);
    }
    for lost in [
        r#"{"a":1,"a":2}"#,
        r#"{"x":[{"a":1,"a":1}]}"#,
        "1.10",
        r#"{"a":1.10}"#,
        "[1e400]",
        "18446744073709551616",
        "-0",
        "1E5",
        "1.0e1",
        "{",
        "nope",
        "{} {}",
        "0.1000000000000000055511151231257827",
    ] {
        check_body(lost, scim, false);
    }
}

#[test]
fn json_that_is_too_deep_for_a_fixture_stays_text() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    check_body(&nested(100), None, true);
    check_body(&nested(101), None, false);
    check_body(&nested(100_000), None, false);
    let mut deepest = exchange("POST", "/Users", 200);
    deepest.request.body = Body::read(nested(100).as_bytes(), None);
    assert_eq!(file::parse(&file::print(&deepest)).unwrap(), deepest);
}

#[test]
fn bytes_that_are_not_utf_8_stay_bytes_and_no_bytes_are_empty() {
    assert_eq!(
        Body::read(&[0xff, 0], Some("application/json")),
        Body::Binary(Bytes::from_static(&[0xff, 0]))
    );
    assert_eq!(Body::read(&[], Some("application/json")), Body::Empty);
    assert_eq!(
        Body::Json(json!({"b": 1, "a": [true]})).to_bytes(),
        r#"{"b":1,"a":[true]}"#
    );
}

// The fixture file

#[test]
fn a_fixture_file_has_the_form_of_the_format() {
    let mut exchange = exchange("POST", "/Users", 201);
    exchange.request.query = pairs(&[("attributes", "userName")]);
    exchange.request.headers =
        pairs(&[("content-type", "application/scim+json"), ("accept", "*/*")]);
    exchange.request.body =
        Body::Json(json!({"userName": "bjensen", "emails": [{"value": "b@example.com"}], "a": []}));
    exchange.response.headers = pairs(&[("location", "{base}/Users/2819c223")]);
    exchange.response.body = Body::Text("hm".into());
    let expected = r#"{
  "at": "2026-01-01T00:00:00.123Z",
  "elapsed_ms": 12.4,
  "request": {
    "method": "POST",
    "path": "/Users",
    "query": [
      ["attributes", "userName"]
    ],
    "headers": [
      ["content-type", "application/scim+json"],
      ["accept", "*/*"]
    ],
    "body": {
      "userName": "bjensen",
      "emails": [
        {
          "value": "b@example.com"
        }
      ],
      "a": []
    }
  },
  "response": {
    "status": 201,
    "headers": [
      ["location", "{base}/Users/2819c223"]
    ],
    "body_text": "hm"
  }
}
"#;
    assert_eq!(file::print(&exchange), expected);
    assert_eq!(file::parse(expected).unwrap(), exchange);
}

#[test]
fn every_kind_of_body_survives_the_file() {
    for body in [
        Body::Empty,
        Body::Json(Value::Null),
        Body::Json(json!([[1, [2, {"a": [3]}]], []])),
        Body::Text("{\"a\":1,\"a\":2}".into()),
        Body::Binary(Bytes::from_static(&[0, 255, 10])),
        Body::Cut {
            kept: Bytes::from_static(b"{\"a\":"),
        },
        Body::Cut {
            kept: Bytes::from_static(&[b'a', 0xc3]),
        },
    ] {
        let mut exchange = exchange("PUT", "/Users/1", 200);
        exchange.request.body = body.clone();
        exchange.response.body = body;
        assert_eq!(file::parse(&file::print(&exchange)).unwrap(), exchange);
    }
}

#[track_caller]
fn check_broken(from: &str, to: &str, expected: &str) {
    let text = file::print(&exchange("GET", "/Users", 200));
    assert!(text.contains(from), "{from} is not in {text}");
    let error = file::parse(&text.replace(from, to))
        .expect_err("a broken file")
        .to_string();
    assert!(error.contains(expected), "{to}: {error}");
    assert!(error.contains(" at line "), "{to}: {error}");
}

#[test]
fn a_broken_file_is_told_what_was_expected_and_where() {
    check_broken(
        "\"status\": 200",
        "\"status\": 20",
        "expected the status code of a final answer",
    );
    check_broken("\"status\": 200", "\"status\": \"x\"", "expected u16");
    check_broken("\"status\": 200,", "", "missing field `status`");
    check_broken("\"/Users\"", "\"Users\"", "relative to the SCIM base");
    check_broken("\"/Users\"", "\"/Users?a=b\"", "under \"query\"");
    check_broken("\"GET\"", "\"G T\"", "expected an HTTP method");
    check_broken("2026-01-01T", "yesterday", "expected an instant");
    check_broken("12.4", "-1", "expected milliseconds");
    check_broken("\"status\"", "\"sttus\"", "expected one of `status`");
    check_broken(
        "\"status\": 200,",
        "\"status\": 200, \"body\": {\"a\":1,\"a\":2},",
        "stands twice",
    );
    check_broken(
        "\"status\": 200,",
        "\"status\": 200, \"body\": 1, \"body_text\": \"1\",",
        "more than one",
    );
    check_broken(
        "\"status\": 200,",
        "\"status\": 200, \"body_base64\": \"?\",",
        "not base64",
    );
    check_broken(
        "\"status\": 200,",
        "\"status\": 200, \"body\": {}, \"body_cut\": true,",
        "was cut is no JSON",
    );
    check_broken(
        "\"headers\": []",
        "\"headers\": [[\"a b\", \"\"]]",
        "name of a header field",
    );
    check_broken(
        "\"headers\": []",
        "\"headers\": [[\"a\", \"\\n\"]]",
        "control character",
    );
    check_broken("}\n}", "}", "EOF");
}

// The folder

#[test]
fn a_folder_numbers_its_files_and_reads_them_in_order() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("fixtures/first");
    let recorded = Folder::open(&path, &recording()).unwrap();
    let (first, second) = (recorded.next_number(), recorded.next_number());
    recorded
        .write(second, &exchange("POST", "/Users", 201))
        .unwrap();
    let written = recorded
        .write(first, &exchange("GET", "/Users/1", 404))
        .unwrap();
    assert_eq!(written, path.join("0001-GET-Users-404.json"));
    assert_eq!(
        std::fs::read_to_string(path.join("recording.ron")).unwrap(),
        "Recording(\n    upstream: \"http://127.0.0.1:1/v2\",\n    base_path: \"/scim/v2\",\n    started: \"2026-01-01T00:00:00Z\",\n    \
         version: \"0.1.0\",\n    redaction: \"secrets\",\n)\n"
    );
    let read = folder::read(&path).unwrap();
    assert_eq!(
        read,
        [
            (1, exchange("GET", "/Users/1", 404)),
            (2, exchange("POST", "/Users", 201))
        ]
    );
}

#[test]
fn numbering_goes_on_after_the_highest_and_deleted_files_leave_gaps() {
    let home = tempfile::tempdir().unwrap();
    let write = |number| {
        let recorded = Folder::open(home.path(), &recording()).unwrap();
        recorded
            .write(number, &exchange("GET", "/Users", 200))
            .unwrap()
    };
    write(2);
    write(10_000);
    let deleted = write(7);
    std::fs::remove_file(deleted).unwrap();
    assert_eq!(
        Folder::open(home.path(), &recording())
            .unwrap()
            .next_number(),
        10_001
    );
    let numbers: Vec<u64> = folder::read(home.path())
        .unwrap()
        .into_iter()
        .map(|(number, _)| number)
        .collect();
    assert_eq!(numbers, [2, 10_000]);
}

#[track_caller]
fn check_name(method: &str, path: &str, expected: &str) {
    let home = tempfile::tempdir().unwrap();
    let recorded = Folder::open(home.path(), &recording()).unwrap();
    recorded
        .write(recorded.next_number(), &exchange(method, path, 200))
        .unwrap();
    assert!(home.path().join(expected).exists(), "{path}: {expected}");
    assert_eq!(folder::read(home.path()).unwrap().len(), 1);
}

#[test]
fn the_name_of_a_file_is_safe_whatever_the_path() {
    check_name("GET", "/Users", "0001-GET-Users-200.json");
    check_name("POST", "/Users/.search", "0001-POST-Users-200.json");
    check_name("POST", "/.search", "0001-POST-.search-200.json");
    check_name("GET", "/", "0001-GET-base-200.json");
    check_name("GET", "/%2e%2e%2fetc", "0001-GET-2e2e2fetc-200.json");
    check_name("M-SEARCH", "/../x", "0001-M-SEARCH-..-200.json");
    check_name(
        "GET",
        &format!("/{}", "x".repeat(900)),
        &format!("0001-GET-{}-200.json", "x".repeat(40)),
    );
}

#[test]
fn all_broken_files_are_reported_and_leftovers_of_a_killed_writer_are_not() {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(home.path().join(name), text).unwrap();
    Folder::open(home.path(), &recording())
        .unwrap()
        .write(1, &exchange("GET", "/Users", 200))
        .unwrap();
    write(".0002-GET-Users-200.json.77", "{");
    write("README.md", "not an exchange");
    assert_eq!(folder::read(home.path()).unwrap().len(), 1);
    write("0003-a.json", "{\n  \"at\": 1");
    write("0004-b.json", "");
    write("five.json", "{}");
    let errors = folder::read(home.path()).unwrap_err();
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 3, "{texts:?}");
    assert!(
        matches!(&errors[1], FolderError::Broken { line: 2, path, .. } if path.ends_with("0003-a.json")),
        "{texts:?}"
    );
    assert!(texts[1].contains("0003-a.json:2:"), "{texts:?}");
    assert!(
        texts
            .iter()
            .any(|text| text.contains("five.json: expected a name")),
        "{texts:?}"
    );
}

#[test]
fn a_folder_that_is_not_there_or_cannot_be_written_says_so() {
    let home = tempfile::tempdir().unwrap();
    let errors = folder::read(&home.path().join("none")).unwrap_err();
    assert!(errors[0].to_string().contains("cannot read"), "{errors:?}");
    let taken = home.path().join("file");
    std::fs::write(&taken, "").unwrap();
    let error = Folder::open(&taken, &recording()).unwrap_err();
    assert!(error.to_string().contains("cannot write"), "{error}");
}

#[test]
fn writers_side_by_side_leave_only_whole_files() {
    let home = tempfile::tempdir().unwrap();
    let recorded = Folder::open(home.path(), &recording()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..25 {
                    recorded
                        .write(recorded.next_number(), &exchange("GET", "/Users", 200))
                        .unwrap();
                }
            });
        }
    });
    let numbers: Vec<u64> = folder::read(home.path())
        .unwrap()
        .into_iter()
        .map(|(number, _)| number)
        .collect();
    assert_eq!(numbers, (1..=200).collect::<Vec<_>>());
    assert!(names(home.path()).iter().all(|name| !name.starts_with('.')));
}

fn names(path: &Path) -> Vec<String> {
    std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

// Secrets

const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl";

#[track_caller]
fn check_header(name: &str, value: &str, expected: &str) {
    let mut exchange = exchange("GET", "/Users", 200);
    exchange.request.headers = pairs(&[(name, value)]);
    exchange.response.headers = pairs(&[(name, value)]);
    secrets::replace(&mut exchange);
    assert_eq!(exchange.request.headers, pairs(&[(name, expected)]));
    assert_eq!(exchange.response.headers, pairs(&[(name, expected)]));
}

#[test]
fn secret_headers_are_replaced_and_their_scheme_is_kept() {
    check_header("authorization", "Bearer abc", "Bearer {secret}");
    check_header("Authorization", "Basic YTpi", "Basic {secret}");
    check_header("Authorization", "Digest a=b, c=d", "Digest {secret}");
    check_header("authorization", "abc", "{secret}");
    check_header("Proxy-Authorization", "Basic YTpi", "Basic {secret}");
    check_header("cookie", "a=b; c=d", "{secret}");
    check_header("Set-Cookie", "a=b; Path=/", "{secret}");
    check_header("X-API-Key", "k", "{secret}");
    check_header("apikey", "k", "{secret}");
    check_header("x-auth-token", "k", "{secret}");
    check_header("X-Vault-Client-Secret", "k", "{secret}");
    check_header("x-forwarded", &format!("a {JWT} b"), "a {secret} b");
    check_header(
        "location",
        "http://h/cb?code=1&access_token=x#f",
        "http://h/cb?code=1&access_token={secret}#f",
    );
    check_header(
        "content-location",
        "http://h/Users?filter=password%20eq%20%22x%22&count=1",
        "http://h/Users?filter=password+eq+%22%7Bsecret%7D%22&count=1",
    );
    for kept in [
        "W/\"3\"",
        "application/scim+json",
        "eyJ",
        "a.b.c",
        "http://h/Users?filter=a%20eq%20%22x%22",
    ] {
        check_header("etag", kept, kept);
    }
    check_header(
        "www-authenticate",
        "Bearer realm=\"x\"",
        "Bearer realm=\"x\"",
    );
}

#[track_caller]
fn check_json(body: Value, expected: Value) {
    let mut exchange = exchange("POST", "/Users", 200);
    exchange.request.body = Body::Json(body.clone());
    exchange.response.body = Body::Json(body);
    secrets::replace(&mut exchange);
    assert_eq!(exchange.request.body, Body::Json(expected.clone()));
    assert_eq!(exchange.response.body, Body::Json(expected));
}

#[test]
fn secret_members_are_replaced_at_any_depth() {
    for name in [
        "password",
        "Password",
        "PASSWORD",
        "secret",
        "client_secret",
        "clientSecret",
        "access_token",
        "refresh_token",
        "id_token",
        "assertion",
        "token",
        "apiKey",
        "api_key",
        "newPassword",
        "currentPassword",
        "urn:ietf:params:scim:schemas:core:2.0:User:password",
    ] {
        check_json(
            json!({name: "x", "a": "b"}),
            json!({name: "{secret}", "a": "b"}),
        );
    }
    check_json(
        json!({"a": [{"b": {"password": "x"}}]}),
        json!({"a": [{"b": {"password": "{secret}"}}]}),
    );
    check_json(
        json!({"secret": {"value": "x", "n": 7, "on": true}}),
        json!({"secret": {"value": "{secret}", "n": "{secret}", "on": true}}),
    );
    check_json(
        json!({"password": null, "token": ["a", "b"]}),
        json!({"password": null, "token": ["{secret}", "{secret}"]}),
    );
    check_json(
        json!({"note": format!("see {JWT}.")}),
        json!({"note": "see {secret}"}),
    );
    for kept in [
        json!({"changePassword": {"supported": false}}),
        json!({"authenticationSchemes": [{"type": "oauthbearertoken", "name": "OAuth Bearer Token"}]}),
        json!({"name": "password", "type": "string", "returned": "never"}),
        json!({"nextCursor": "abc", "displayName": "eyJ.x"}),
    ] {
        check_json(kept.clone(), kept);
    }
}

#[test]
fn a_patch_operation_on_a_secret_loses_its_value() {
    for path in [
        "password",
        "Password",
        "urn:ietf:params:scim:schemas:core:2.0:User:password",
        "x[type eq \"a\"].secret",
    ] {
        check_json(
            json!({"Operations": [{"op": "replace", "path": path, "value": "x"}, {"op": "add", "path": "title", "value": "x"}]}),
            json!({"Operations": [{"op": "replace", "path": path, "value": "{secret}"}, {"op": "add", "path": "title", "value": "x"}]}),
        );
    }
    check_json(
        json!({"Operations": [{"op": "replace", "value": {"password": "x", "active": true}}]}),
        json!({"Operations": [{"op": "replace", "value": {"password": "{secret}", "active": true}}]}),
    );
}

#[track_caller]
fn check_filter(filter: &str, expected: &str) {
    check_json(json!({"filter": filter}), json!({"filter": expected}));
    let mut exchange = exchange("GET", "/Users", 200);
    exchange.request.query = pairs(&[("filter", filter)]);
    secrets::replace(&mut exchange);
    assert_eq!(exchange.request.query, pairs(&[("filter", expected)]));
}

#[test]
fn a_comparison_with_a_secret_loses_its_literal() {
    check_filter("password eq \"x\"", "password eq \"{secret}\"");
    check_filter(
        "userName eq \"a\" and (Password eq \"x y\\\" z\")",
        "userName eq \"a\" and (Password eq \"{secret}\")",
    );
    check_filter(
        "urn:ietf:params:scim:schemas:core:2.0:User:password sw \"x\"",
        "urn:ietf:params:scim:schemas:core:2.0:User:password sw \"{secret}\"",
    );
    check_filter(
        "emails[secret eq \"x\" and type eq \"work\"]",
        "emails[secret eq \"{secret}\" and type eq \"work\"]",
    );
    check_filter("password eq \"x", "password eq \"{secret}");
    check_filter("password pr", "password pr");
    check_filter(
        "userName eq \"password eq x\"",
        "userName eq \"password eq x\"",
    );
    check_filter("", "");
}

#[test]
fn secret_parameters_are_replaced_in_queries_and_forms() {
    let mut exchange = exchange("POST", "/token", 200);
    exchange.request.query = pairs(&[("access_token", "x"), ("count", "1"), ("state", JWT)]);
    exchange.request.headers = pairs(&[(
        "Content-Type",
        "application/x-www-form-urlencoded; charset=utf-8",
    )]);
    exchange.request.body = Body::Text(
        "grant_type=client_credentials&client_id=i%20d&client_secret=x%26y&client%5Fassertion=z"
            .into(),
    );
    secrets::replace(&mut exchange);
    assert_eq!(
        exchange.request.query,
        pairs(&[
            ("access_token", "{secret}"),
            ("count", "1"),
            ("state", "{secret}")
        ])
    );
    let expected = "grant_type=client_credentials&client_id=i%20d&client_secret={secret}&client%5Fassertion={secret}";
    assert_eq!(exchange.request.body, Body::Text(expected.into()));
}

#[track_caller]
fn check_text(text: &str, expected: &str) {
    let mut exchange = exchange("POST", "/Users", 200);
    exchange.request.body = Body::Text(text.into());
    exchange.response.body = Body::Cut {
        kept: Bytes::copy_from_slice(text.as_bytes()),
    };
    secrets::replace(&mut exchange);
    assert_eq!(exchange.request.body, Body::Text(expected.into()));
    assert_eq!(
        exchange.response.body,
        Body::Cut {
            kept: Bytes::copy_from_slice(expected.as_bytes())
        }
    );
}

#[test]
fn a_body_that_does_not_parse_loses_the_secrets_that_can_be_seen() {
    check_text(
        r#"{"password":"a","password":"b"}"#,
        r#"{"password":"{secret}","password":"{secret}"}"#,
    );
    check_text(r#"{"password" : "half of i"#, r#"{"password" : "{secret}""#);
    check_text(
        r#"{"Password": 1.10, "n": 1.10}"#,
        r#"{"Password": "{secret}", "n": 1.10}"#,
    );
    check_text(
        r#"{"token": ["a"], "active": true, "active": true"#,
        r#"{"token": ["{secret}"], "active": true, "active": true"#,
    );
    check_text(
        r#"[{"path":"password","value":"x"},{"path"#,
        r#"[{"path":"password","value":"{secret}"},{"path"#,
    );
    check_text(
        r#"{"password": null, "x": "a\"b"#,
        r#"{"password": null, "x": "a\"b"#,
    );
    check_text(&format!("plain {JWT} text"), "plain {secret} text");
    for kept in [
        "",
        "\"",
        "\"a\":",
        "\"a\"",
        "plain text",
        r#"{"a":"b","a":"c"}"#,
        "\"\\",
        "\"password\":",
        "é\"é",
    ] {
        check_text(kept, kept);
    }
}

#[test]
fn a_body_that_is_not_utf_8_loses_the_secrets_that_can_be_seen() {
    let mut exchange = exchange("POST", "/Users", 200);
    exchange.request.body = Body::Binary(Bytes::from_static(b"{\"password\":\"hidden\xff\"}"));
    exchange.response.body = Body::Binary(Bytes::from_static(&[0, 255, 1]));
    secrets::replace(&mut exchange);
    assert!(!String::from_utf8_lossy(&exchange.request.body.to_bytes()).contains("hidden"));
    assert_eq!(
        exchange.response.body,
        Body::Binary(Bytes::from_static(&[0, 255, 1]))
    );
}

// The base URL

#[track_caller]
fn check_url(text: &str, from: &str, expected: Option<&str>) {
    assert_eq!(
        base::rewrite_url(text, from, "http://own:1/b").as_deref(),
        expected,
        "{text} from {from}"
    );
}

#[test]
fn a_url_is_rewritten_when_it_is_the_base_or_below_it() {
    let from = "https://sp.example.com/scim/v2";
    check_url(
        "https://sp.example.com/scim/v2/Users/1",
        from,
        Some("http://own:1/b/Users/1"),
    );
    check_url(
        "https://sp.example.com/scim/v2",
        from,
        Some("http://own:1/b"),
    );
    check_url(
        "https://sp.example.com/scim/v2/",
        from,
        Some("http://own:1/b/"),
    );
    check_url(
        "https://sp.example.com/scim/v2?a=b",
        from,
        Some("http://own:1/b?a=b"),
    );
    check_url(
        "https://sp.example.com/scim/v2#f",
        from,
        Some("http://own:1/b#f"),
    );
    check_url(
        "HTTPS://SP.example.COM:443/scim/v2/Users",
        from,
        Some("http://own:1/b/Users"),
    );
    check_url(
        "https://sp.example.com/scim/v2/Users",
        "https://sp.example.com:443/scim/v2/",
        Some("http://own:1/b/Users"),
    );
    check_url("https://sp.example.com/scim/v22/Users", from, None);
    check_url("https://sp.example.com/SCIM/v2/Users", from, None);
    check_url("http://sp.example.com/scim/v2/Users", from, None);
    check_url("https://sp.example.com:8443/scim/v2/Users", from, None);
    check_url("https://sp.example.com.evil/scim/v2/Users", from, None);
    check_url("see https://sp.example.com/scim/v2/Users", from, None);
    check_url("/scim/v2/Users", from, None);
    check_url("", from, None);
    check_url("http://h/Users", "http://h", Some("http://own:1/b/Users"));
    check_url("http://h:80", "http://h", Some("http://own:1/b"));
    check_url(
        "http://[::1]:80/v2/x",
        "http://[::1]/v2",
        Some("http://own:1/b/x"),
    );
    check_url("http://[::1]:81/v2/x", "http://[::1]/v2", None);
    check_url("{base}/Users/1", "{base}", Some("http://own:1/b/Users/1"));
    check_url("{base}", "{base}", Some("http://own:1/b"));
    check_url("{baseX}/Users", "{base}", None);
    check_url("{base}Users", "{base}", None);
}

#[test]
fn json_is_rewritten_by_place() {
    let url = "http://h/v2/Users/1";
    let mut body = json!({
        "meta": {"location": url}, "displayName": url, "manager": {"$ref": url, "value": "1"},
        "members": [{"$Ref": url}, {"$ref": "http://elsewhere/v2/Users/1"}, {"$ref": "../Users/1"}], "Location": {"location": url},
        "Operations": [{"path": "manager.$ref", "value": url}, {"path": "displayName", "value": url}],
    });
    assert!(base::rewrite_json(
        &mut body,
        "http://h/v2",
        base::PLACEHOLDER
    ));
    let new = "{base}/Users/1";
    assert_eq!(
        body,
        json!({
            "meta": {"location": new}, "displayName": url, "manager": {"$ref": new, "value": "1"},
            "members": [{"$Ref": new}, {"$ref": "http://elsewhere/v2/Users/1"}, {"$ref": "../Users/1"}], "Location": {"location": new},
            "Operations": [{"path": "manager.$ref", "value": new}, {"path": "displayName", "value": url}],
        })
    );
    assert!(!base::rewrite_json(
        &mut body,
        "http://h/v2",
        base::PLACEHOLDER
    ));
    assert!(base::rewrite_json(
        &mut body,
        base::PLACEHOLDER,
        "http://h/v2"
    ));
    assert_eq!(body["meta"]["location"], url);
}

#[track_caller]
fn check_location(name: &str, value: &str, expected: &str) {
    let mut headers = pairs(&[(name, value)]);
    let changed = base::rewrite_headers(&mut headers, "http://h/v2", "http://own/scim/v2");
    assert_eq!(headers, pairs(&[(name, expected)]));
    assert_eq!(changed, value != expected);
}

#[test]
fn headers_are_rewritten_by_place() {
    check_location(
        "Location",
        "http://h/v2/Users/1",
        "http://own/scim/v2/Users/1",
    );
    check_location("content-location", "http://h/v2", "http://own/scim/v2");
    check_location("location", "/v2/Users/1", "http://own/scim/v2/Users/1");
    check_location("location", "/v22/Users/1", "/v22/Users/1");
    check_location("location", "//h/v2/Users/1", "//h/v2/Users/1");
    check_location("location", "Users/1", "Users/1");
    check_location("etag", "http://h/v2/Users/1", "http://h/v2/Users/1");
}

#[track_caller]
fn check_path(path: &str, base_url: &str, expected: Option<&str>) {
    assert_eq!(
        base::relative_path(path, base_url),
        expected,
        "{path} below {base_url}"
    );
}

#[test]
fn a_path_is_relative_to_the_base_or_outside_of_it() {
    check_path("/scim/v2/Users", "http://h/scim/v2", Some("/Users"));
    check_path("/scim/v2/Users", "/scim/v2/", Some("/Users"));
    check_path("/scim/v2/", "http://h/scim/v2", Some("/"));
    check_path("/scim/v2", "http://h/scim/v2", Some("/"));
    check_path("/scim/v22", "http://h/scim/v2", None);
    check_path("/Users", "http://h/scim/v2", None);
    check_path("/Users", "http://h", Some("/Users"));
    check_path("/Users", "http://h/", Some("/Users"));
}

// The canonical form

fn request(path: &str, query: &[(&str, &str)], body: Body) -> Request {
    Request {
        method: "POST".into(),
        path: path.into(),
        query: pairs(query),
        headers: Vec::new(),
        body,
    }
}

#[track_caller]
fn check_same(left: Request, right: Request, same: bool) {
    assert_eq!(
        canonical::key(&left) == canonical::key(&right),
        same,
        "{left:?} and {right:?}"
    );
}

#[test]
fn requests_are_the_same_in_canonical_form_when_they_ask_the_same() {
    let body = |value: Value| request("/Users", &[], Body::Json(value));
    check_same(
        body(json!({"a": 1, "B": [1, 2]})),
        body(json!({"b": [1, 2], "A": 1})),
        true,
    );
    check_same(
        body(json!({"a": {"x": 1, "y": 2}})),
        body(json!({"A": {"Y": 2, "X": 1}})),
        true,
    );
    check_same(body(json!([1, 2])), body(json!([2, 1])), false);
    check_same(body(json!({"a": "x"})), body(json!({"a": "X"})), false);
    check_same(body(json!({"a": 1, "A": 2})), body(json!({"a": 1})), false);
    check_same(body(json!({"a": 1})), body(json!({"a": "1"})), false);
    check_same(
        body(json!("x")),
        request("/Users", &[], Body::Text("\"x\"".into())),
        false,
    );
    check_same(body(json!({"a": null})), body(json!({})), false);
    let query = |query: &[(&str, &str)]| request("/Users", query, Body::Empty);
    check_same(
        query(&[("count", "1"), ("startIndex", "2")]),
        query(&[("STARTINDEX", "2"), ("Count", "1")]),
        true,
    );
    check_same(query(&[("count", "1")]), query(&[("count", "2")]), false);
    check_same(
        query(&[("count", "1")]),
        query(&[("count", "1"), ("count", "1")]),
        false,
    );
    check_same(
        query(&[("a", "1\nb=2")]),
        query(&[("a", "1"), ("b", "2")]),
        false,
    );
    let path = |path: &str| request(path, &[], Body::Empty);
    check_same(path("/Users/a%2db"), path("/Users/a-b"), true);
    check_same(path("/Schemas/urn%3Aietf"), path("/Schemas/urn:ietf"), true);
    check_same(path("/Users/a%2Fb"), path("/Users/a/b"), false);
    check_same(path("/Users"), path("/users"), false);
    check_same(path("/%ff"), path("/%fe"), false);
}
