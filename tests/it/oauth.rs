//! Tokens that are asked for (RFC 6749) and shown (RFC 6750), and the clock by which they expire.

use crate::support::client::raw;
use crate::support::program::Program;
use crate::support::sp::{Answer, Sp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::Request;
use jiff::SignedDuration;
use serde_json::{Value, json};

const SCENARIO: &str = r#"Scenario(seed: 7, clock: Fixed("2026-01-01T00:00:00Z"), users: [{"userName": "ann"}], auth: [
    OAuth(client_id: "idp", client_secret: "s3cret", expires_in_s: 3600, refresh: true, refresh_expires_in_s: 86400,
        username: "ann", password: "pass word", scope: "scim.read scim.write"),
    OAuth(client_id: "a b:c", client_secret: "p%+&", access: Read),
    Bearer("fixed-token"),
])"#;
const FORM: &str = "application/x-www-form-urlencoded";
const GRANT: &str = "grant_type=client_credentials&client_id=idp&client_secret=s3cret";

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

fn request(method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Request<Bytes> {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Bytes::from(body.to_owned())).unwrap()
}

fn ask(sp: &Sp, authorization: Option<&str>, form: &str) -> Answer {
    let mut headers = vec![("content-type", FORM)];
    headers.extend(authorization.map(|it| ("authorization", it)));
    sp.request(&request("POST", "/oauth2/token", &headers, form))
}

#[track_caller]
fn granted(sp: &Sp, form: &str) -> Value {
    let answer = ask(sp, None, form);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer.json()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a text").to_owned()
}

/// What a request for users with this token is answered: its status and challenge.
fn users(sp: &Sp, token: &str) -> (u16, Option<String>) {
    let bearer = format!("Bearer {token}");
    let target = "/scim/v2/Users";
    let answer = sp.request(&request("GET", target, &[("authorization", &bearer)], ""));
    let challenge = answer.header("www-authenticate").map(str::to_owned);
    (answer.status, challenge)
}

fn advance(sp: &Sp, seconds: i64) {
    let moved = sp
        .tenant()
        .directory
        .advance(SignedDuration::from_secs(seconds));
    moved.unwrap().unwrap();
}

#[test]
fn a_client_is_given_a_token_that_lets_it_in() {
    let sp = Sp::with(SCENARIO);
    let given = granted(&sp, GRANT);
    assert_eq!(
        (&given["token_type"], &given["expires_in"]),
        (&json!("Bearer"), &json!(3600))
    );
    assert_eq!(given["scope"], "scim.read scim.write");
    assert_eq!(users(&sp, &text(&given["access_token"])).0, 200);
    // A refresh token is none to come in with, and one of the scenario lets in as ever.
    assert_eq!(users(&sp, &text(&given["refresh_token"])).0, 401);
    assert_eq!(users(&sp, "fixed-token").0, 200);
    // Who can only read, can only read.
    let header = basic("a+b%3Ac", "p%25%2B%26");
    let given = ask(&sp, Some(&header), "grant_type=client_credentials").json();
    let bearer = format!("Bearer {}", text(&given["access_token"]));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", "application/scim+json"),
    ];
    let refused = sp.request(&request(
        "POST",
        "/scim/v2/Users",
        &headers,
        r#"{"userName": "x"}"#,
    ));
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert!(given.get("refresh_token").is_none() && given.get("scope").is_none());
}

#[test]
fn what_is_wrong_with_a_request_for_a_token_has_the_code_of_the_rfc() {
    let sp = Sp::with(SCENARIO);
    let idp = basic("idp", "s3cret");
    let idp = Some(idp.as_str());
    let cases: [(Option<&str>, &str, u16, &str); 19] = [
        (None, "", 401, "invalid_client"),
        (None, "grant_type=client_credentials", 401, "invalid_client"),
        (
            None,
            "grant_type=client_credentials&client_id=idp&client_secret=other",
            401,
            "invalid_client",
        ),
        (
            None,
            "grant_type=client_credentials&client_id=other&client_secret=s3cret",
            401,
            "invalid_client",
        ),
        (
            Some("Basic ???"),
            "grant_type=client_credentials",
            401,
            "invalid_client",
        ),
        (
            Some("Bearer fixed-token"),
            "grant_type=client_credentials",
            401,
            "invalid_client",
        ),
        (idp, "", 400, "invalid_request"),
        (idp, GRANT, 400, "invalid_request"),
        (
            idp,
            "grant_type=client_credentials&client_id=other",
            400,
            "invalid_request",
        ),
        (
            idp,
            "grant_type=client_credentials&grant_type=password",
            400,
            "invalid_request",
        ),
        (idp, "grant_type=", 400, "invalid_request"),
        (
            idp,
            "grant_type=authorization_code&code=x",
            400,
            "unsupported_grant_type",
        ),
        (
            idp,
            "grant_type=client_credentials&scope=scim.delete",
            400,
            "invalid_scope",
        ),
        (
            idp,
            "grant_type=client_credentials&scope=a%22b",
            400,
            "invalid_scope",
        ),
        (
            idp,
            "grant_type=password&username=ann",
            400,
            "invalid_request",
        ),
        (
            idp,
            "grant_type=password&username=ann&password=other",
            400,
            "invalid_grant",
        ),
        (idp, "grant_type=refresh_token", 400, "invalid_request"),
        (
            idp,
            "grant_type=refresh_token&refresh_token=refresh-1-00",
            400,
            "invalid_grant",
        ),
        (
            None,
            "grant_type=password&username=ann&password=pass+word&client_id=a+b%3Ac&client_secret=p%25%2B%26",
            400,
            "unauthorized_client",
        ),
    ];
    for (authorization, form, status, code) in cases {
        let answer = ask(&sp, authorization, form);
        let found = (answer.status, text(&answer.json()["error"]));
        assert_eq!(found, (status, code.to_owned()), "{authorization:?} {form}");
        let described = text(&answer.json()["error_description"]);
        assert!(described.len() > 10, "{described}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge.is_some(), status == 401, "{form}");
    }
}

#[test]
fn the_endpoint_takes_a_form_by_post_and_no_secret_in_the_url() {
    let sp = Sp::with(SCENARIO);
    let form = [("content-type", FORM)];
    let json = [("content-type", "application/json")];
    for (method, target, headers, body, status) in [
        ("GET", "/oauth2/token", &form, "", 405),
        ("PUT", "/oauth2/token", &form, GRANT, 405),
        (
            "POST",
            "/oauth2/token?client_secret=s3cret",
            &form,
            GRANT,
            400,
        ),
        (
            "POST",
            "/oauth2/token",
            &json,
            r#"{"grant_type": "client_credentials"}"#,
            400,
        ),
        ("POST", "/oauth2/token", &form, GRANT, 200),
    ] {
        let answer = sp.request(&request(method, target, headers, body));
        assert_eq!(
            answer.status,
            status,
            "{method} {target}: {}",
            answer.text()
        );
        assert_eq!(answer.header("allow").is_some(), status == 405);
    }
    // Where no client is given tokens, nothing is there.
    let without = Sp::with(r#"Scenario(auth: [Bearer("t")])"#);
    assert_eq!(ask(&without, None, GRANT).status, 404);
}

#[test]
fn the_password_of_a_resource_owner_is_exchanged_for_a_token() {
    let sp = Sp::with(SCENARIO);
    let form = "grant_type=password&username=ann&password=pass+word&client_id=idp&client_secret=s3cret&scope=scim.read";
    let given = granted(&sp, form);
    assert_eq!(given["scope"], "scim.read");
    // It stands for its owner.
    let bearer = format!("Bearer {}", text(&given["access_token"]));
    let me = sp.request(&request(
        "GET",
        "/scim/v2/Me",
        &[("authorization", &bearer)],
        "",
    ));
    assert_eq!(me.json()["userName"], "ann");
}

#[test]
fn a_token_expires_by_the_clock_of_the_scenario_and_is_refreshed_once() {
    let sp = Sp::with(SCENARIO);
    let given = granted(&sp, GRANT);
    let token = text(&given["access_token"]);
    advance(&sp, 3599);
    assert_eq!(users(&sp, &token).0, 200);
    advance(&sp, 1);
    let (status, challenge) = users(&sp, &token);
    let challenge = challenge.unwrap();
    assert_eq!(status, 401);
    assert!(
        challenge.starts_with("Bearer realm=") && challenge.contains("error=\"invalid_token\""),
        "{challenge}"
    );
    assert!(
        challenge.contains("error_description=\"the token has expired\""),
        "{challenge}"
    );
    let refresh = |token: &Value| {
        format!(
            "grant_type=refresh_token&client_id=idp&client_secret=s3cret&refresh_token={}",
            text(token)
        )
    };
    let renewed = granted(&sp, &refresh(&given["refresh_token"]));
    assert_eq!(users(&sp, &text(&renewed["access_token"])).0, 200);
    let again = ask(&sp, None, &refresh(&given["refresh_token"]));
    assert_eq!(again.json()["error"], "invalid_grant");
    assert!(text(&again.json()["error_description"]).contains("used before"));
    let less = format!("{}&scope=scim.read", refresh(&renewed["refresh_token"]));
    assert_eq!(granted(&sp, &less)["scope"], "scim.read");
    // A refresh token expires, too.
    let given = granted(&sp, GRANT);
    advance(&sp, 86_400);
    let late = ask(&sp, None, &refresh(&given["refresh_token"]));
    assert_eq!(late.json()["error"], "invalid_grant");
    // Nobody shows a token where none is asked for, and one that was never given is unknown.
    let (status, challenge) = users(&sp, "access-1-00");
    assert_eq!(status, 401);
    assert!(!challenge.unwrap().contains("expired"));
    let none = sp.request(&request("GET", "/scim/v2/Users", &[], ""));
    assert!(!none.header("www-authenticate").unwrap().contains("error="));
}

#[test]
fn tokens_follow_from_the_seed_and_belong_to_their_tenant() {
    let [one, two] = [(); 2].map(|()| text(&granted(&Sp::with(SCENARIO), GRANT)["access_token"]));
    assert_eq!(one, two);
    let other = Sp::named("other", SCENARIO);
    assert_ne!(one, text(&granted(&other, GRANT)["access_token"]));
    assert_eq!(users(&other, &one).0, 401);
}

#[test]
fn a_fault_can_stand_before_the_token_endpoint_and_others_leave_it_alone() {
    let with = |faults: &str| {
        Sp::with(&SCENARIO.replacen("seed: 7", &format!("seed: 7, faults: [{faults}]"), 1))
    };
    let sp = with(
        r#"Fault(on: (path: "/oauth2/token", nth: [1]), then: Status(503, retry_after_s: 2))"#,
    );
    let refused = ask(&sp, None, GRANT);
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (503, Some("2"))
    );
    granted(&sp, GRANT);
    let sp = with("Fault(on: (method: \"POST\"), then: Status(500))");
    granted(&sp, GRANT);
}

#[test]
fn discovery_says_that_tokens_are_taken() {
    let sp = Sp::with(r#"Scenario(auth: [OAuth(client_id: "a", client_secret: "b")])"#);
    let config = sp.request(&request("GET", "/scim/v2/ServiceProviderConfig", &[], ""));
    assert_eq!(
        config.json()["authenticationSchemes"][0]["type"],
        "oauthbearertoken"
    );
}

#[test]
fn tenants_have_endpoints_of_their_own_and_no_secret_is_in_log_or_journal() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["acme", "globex"].map(|name| {
        let path = folder.path().join(format!("{name}.ron"));
        std::fs::write(&path, SCENARIO).unwrap();
        path.display().to_string()
    });
    let program = Program::start(&["serve", &files[0], &files[1]]);
    let address = program.address();
    let ask = |path: &str, form: &str| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: {FORM}\r\nconnection: close\r\n"
        );
        raw(
            address,
            format!("{head}content-length: {}\r\n\r\n{form}", form.len()).as_bytes(),
        )
    };
    let form =
        "grant_type=password&username=ann&password=pass+word&client_id=idp&client_secret=s3cret";
    let given = ask("/acme/oauth2/token", form).json();
    let secrets = [&given["access_token"], &given["refresh_token"]].map(text);
    let show = |tenant: &str| {
        let head = format!("GET /{tenant}/scim/v2/Users HTTP/1.1\r\nhost: {address}\r\n");
        raw(
            address,
            format!("{head}authorization: Bearer {}\r\n\r\n", secrets[0]).as_bytes(),
        )
        .status
    };
    assert_eq!((show("acme"), show("globex")), (200, 401));
    assert_eq!(ask("/oauth2/token", form).status, 404);
    let refresh = format!(
        "grant_type=refresh_token&refresh_token={}&client_id=idp&client_secret=s3cret",
        secrets[1]
    );
    assert_eq!(ask("/acme/oauth2/token", &refresh).status, 200);
    // A fork takes what its base has given out.
    let mut control = crate::support::client::Client::new(program.control(), "");
    control.send("POST", "/tenants", r#"{"fork": "acme", "name": "forked"}"#);
    assert_eq!(show("forked"), 200);
    let journal = control.get("/tenants/acme/journal").body;
    assert!(
        journal.contains("/oauth2/token") && journal.contains("username=ann"),
        "{journal}"
    );
    let log = program.says("GET    /forked/scim/v2/Users");
    for secret in secrets
        .iter()
        .map(String::as_str)
        .chain(["s3cret", "pass+word", "pass word"])
    {
        assert!(!journal.contains(secret), "{secret} in {journal}");
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

#[test]
fn a_reload_keeps_the_tokens_of_clients_that_are_still_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acme.ron");
    std::fs::write(&path, SCENARIO).unwrap();
    let program = Program::start(&["serve", &path.display().to_string(), "--watch", "off"]);
    let address = program.address();
    let token = |id: &str, secret: &str| {
        let form = format!("grant_type=client_credentials&client_id={id}&client_secret={secret}");
        let head =
            format!("POST /oauth2/token HTTP/1.1\r\nhost: {address}\r\ncontent-type: {FORM}\r\n");
        let reply = raw(
            address,
            format!("{head}content-length: {}\r\n\r\n{form}", form.len()).as_bytes(),
        );
        text(&reply.json()["access_token"])
    };
    let tokens = [token("idp", "s3cret"), token("a+b%3Ac", "p%25%2B%26")];
    let changed = SCENARIO
        .replace("a b:c", "somebody else")
        .replace("\"ann\"}", "\"bob\"}");
    std::fs::write(&path, changed).unwrap();
    let mut control = crate::support::client::Client::new(program.control(), "");
    assert_eq!(control.send("POST", "/reload", "").status, 200);
    let statuses = tokens.map(|token| {
        let mut client = crate::support::client::Client::new(address, &token);
        client.get("/scim/v2/Users").status
    });
    assert_eq!(statuses, [200, 401]);
}
