//! A session that is recorded twice: nothing is different, whatever the ids, the dates and the port.

use crate::support::client::Client;
use crate::support::program::{Program, run, save};
use std::path::Path;

/// Makes two users and a group, pages, changes, compares versions, deletes; `status` is asked for nobody.
fn session(client: &mut Client) {
    let base = "/scim/v2";
    let made = |client: &mut Client, kind: &str, body: &str| {
        let answer = client.send("POST", &format!("{base}/{kind}"), body);
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    };
    for document in ["ServiceProviderConfig", "ResourceTypes", "Schemas"] {
        client.get(&format!("{base}/{document}"));
    }
    let ann = made(
        client,
        "Users",
        r#"{"userName": "ann", "password": "hush-9931", "emails": [{"value": "a@x", "type": "work"}]}"#,
    );
    let bob = made(
        client,
        "Users",
        &format!(
            r#"{{"userName": "bob", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {{"manager": {{"value": "{ann}"}}}}}}"#
        ),
    );
    let all = made(
        client,
        "Groups",
        &format!(
            r#"{{"displayName": "All", "members": [{{"value": "{ann}"}}, {{"value": "{bob}"}}]}}"#
        ),
    );
    client.get(&format!("{base}/Users?filter=id%20eq%20%22{bob}%22"));
    client.get(&format!(
        "{base}/Groups?filter=members.value%20eq%20%22{ann}%22"
    ));
    let patch = format!(
        r#"{{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{{"op": "remove", "path": "members[value eq \"{ann}\"]"}}]}}"#
    );
    client.send("PATCH", &format!("{base}/Groups/{all}"), &patch);
    client.get(&format!("{base}/Groups/{all}"));
    let bulk = format!(
        r#"{{"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [{{"method": "POST", "path": "/Users", "bulkId": "one", "data": {{"userName": "cy"}}}}, {{"method": "DELETE", "path": "/Users/{ann}"}}]}}"#
    );
    client.send("POST", &format!("{base}/Bulk"), &bulk);
    client.get(&format!("{base}/Users/{ann}"));
    client.get(&format!("{base}/Users?count=2"));
    client.send("POST", &format!("{base}/Users"), r#"{"userName": "bob"}"#);
}

/// Records the session with a provider of this seed, and what `record` says at its end.
fn record(
    home: &Path,
    name: &str,
    seed: u32,
    scenario: &str,
    more: &[&str],
) -> (Option<i32>, String) {
    let file = home.join(format!("{name}.ron"));
    save(
        &file,
        &format!("Scenario(seed: {seed}, auth: [Bearer(\"tok-{seed}-abcdef\")], {scenario})"),
    );
    let provider = Program::start(&[
        "serve",
        file.to_str().unwrap(),
        "--no-control",
        "--log",
        "off",
    ]);
    let out = home.join(name);
    let mut arguments = vec![
        "record",
        "--upstream",
        provider.base(),
        "--out",
        out.to_str().unwrap(),
        "--log",
        "off",
    ];
    arguments.extend(more);
    let mut recorder = Program::start(&arguments);
    session(&mut Client::new(
        recorder.address(),
        &format!("tok-{seed}-abcdef"),
    ));
    recorder.signal("TERM");
    let code = recorder.wait().code();
    (code, recorder.says("recorded 14 exchanges"))
}

#[test]
fn two_recordings_of_one_session_are_the_same() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name).to_str().unwrap().to_owned();
    let users = r#"users: [{"userName": "zed"}]"#;
    assert_eq!(record(home.path(), "first", 7, users, &[]).0, Some(0));
    let second = record(
        home.path(),
        "second",
        8,
        users,
        &["--compare", &at("first")],
    );
    assert_eq!(second.0, Some(0), "{}", second.1);
    let (code, printed, said) = run(&["diff", &at("first"), &at("second")]);
    assert_eq!(
        (code, printed.as_str()),
        (Some(0), "14 exchanges: nothing is different\n"),
        "{said}"
    );

    // A provider that answers otherwise is found out, live and afterwards, with the same words.
    let other =
        r#"users: [{"userName": "zed"}], provider: Provider(patch: false, filter_max_results: 50)"#;
    let (code, _) = record(
        home.path(),
        "third",
        9,
        other,
        &["--compare", &at("first"), "--ignore", "detail"],
    );
    assert_eq!(code, Some(1));
    let (code, printed, _) = run(&["diff", &at("first"), &at("third"), "--ignore", "detail"]);
    assert_eq!(code, Some(1));
    for expected in [
        "patch.supported",
        "true, now false",
        "filter.maxResults",
        "PATCH /Groups/{group#1}\n  error  status",
        "200, now 501",
    ] {
        assert!(printed.contains(expected), "{expected}: {printed}");
    }
}

#[test]
fn who_compares_needs_live_answers() {
    let first = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/first");
    let first = first.to_str().unwrap();
    let (code, _, said) = run(&[
        "record",
        "--mode",
        "none",
        "--out",
        first,
        "--compare",
        first,
    ]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--mode none asks for none"), "{said}");
    let (code, _, said) = run(&[
        "record",
        "--upstream",
        "http://127.0.0.1:1",
        "--out",
        "x",
        "--ignore",
        "meta",
    ]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("--compare"), "{said}");
}

#[test]
fn a_recording_does_not_differ_from_itself() {
    let first = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/first");
    let first = first.to_str().unwrap();
    let (code, printed, _) = run(&["diff", first, first]);
    assert_eq!(
        (code, printed.as_str()),
        (Some(0), "59 exchanges: nothing is different\n")
    );
}
