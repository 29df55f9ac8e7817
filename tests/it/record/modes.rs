//! Record modes by VCR's names: what is asked of the upstream, what the folder answers, and what a write makes of that.

use crate::support::client::{Client, Reply};
use crate::support::front::names;
use crate::support::program::{Program, command, run};
use std::path::Path;
use tempfile::TempDir;

/// A recorder before `provider`; `extra` has the mode.
fn recorder(provider: &str, out: &Path, extra: &[&str]) -> Program {
    let out = out.display().to_string();
    let mut arguments = vec!["record", "--upstream", provider, "--out", &out];
    arguments.extend(extra);
    Program::start(&arguments)
}

fn client(of: &Program) -> Client {
    Client::new(of.address(), "demo-token")
}

fn how(reply: &Reply) -> &str {
    reply.header("scimulate-match").unwrap_or("live")
}

fn ends(mut program: Program) -> (Option<i32>, String) {
    program.signal("TERM");
    let code = program.wait().code();
    (code, program.rest())
}

fn user(name: &str) -> String {
    format!(r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"{name}"}}"#)
}

#[test]
fn all_records_again_what_is_recorded_already() {
    let provider = Program::start(&["serve", "--no-control"]);
    let folder = TempDir::new().unwrap();
    for _ in 0..2 {
        let recorder = recorder(provider.base(), folder.path(), &["--mode", "all"]);
        let reply = client(&recorder).get("/scim/v2/Users?count=1");
        assert_eq!((reply.status, how(&reply)), (200, "live"));
        assert_eq!(ends(recorder).0, Some(0));
    }
    assert_eq!(
        names(folder.path()),
        ["0001-GET-Users-200.json", "0002-GET-Users-200.json"]
    );
}

#[test]
fn new_answers_what_was_there_and_records_what_was_not() {
    let provider = Program::start(&["serve", "--no-control"]);
    let folder = TempDir::new().unwrap();
    let new = ["--mode", "new"];
    let first = recorder(provider.base(), folder.path(), &new);
    let mut asks = client(&first);
    assert_eq!(how(&asks.get("/scim/v2/Users?count=1")), "live");
    // What this session has recorded it does not answer with.
    assert_eq!(how(&asks.get("/scim/v2/Users?count=1")), "live");
    drop(asks);
    assert_eq!(ends(first).0, Some(0));

    let again = recorder(provider.base(), folder.path(), &new);
    let mut asks = client(&again);
    let reply = asks.get("/scim/v2/Users?count=1");
    assert_eq!((reply.status, how(&reply)), (200, "exact; exchange=1"));
    let reply = asks.get("/scim/v2/Users?count=2");
    assert_eq!((reply.status, how(&reply)), (200, "forwarded; exchange=3"));
    drop(asks);
    let (code, said) = ends(again);
    assert_eq!(code, Some(0));
    assert!(said.contains("exact; exchange=1"), "{said}");
    assert!(said.contains("0003-GET-Users-200.json"), "{said}");
    assert!(said.contains("recorded 1 exchange in"), "{said}");
    assert_eq!(names(folder.path()).len(), 3);
}

/// Talkback, asked so, answers a GET behind a PATCH with what was before it.
#[test]
fn in_new_a_write_has_every_read_that_it_could_have_changed_asked_again() {
    let provider = Program::start(&["serve", "--no-control"]);
    let folder = TempDir::new().unwrap();
    let first = recorder(provider.base(), folder.path(), &["--mode", "all"]);
    let mut asks = client(&first);
    let listed = |of: &Reply, at: usize| -> String {
        let id = &of.json()["Resources"][at]["id"];
        id.as_str().expect("an id").to_owned()
    };
    let users = asks.get("/scim/v2/Users");
    let groups = asks.get("/scim/v2/Groups");
    let (one, two) = (listed(&users, 0), listed(&users, 1));
    let reads = [
        (format!("/scim/v2/Users/{one}"), false),
        (format!("/scim/v2/Users/{two}"), true),
        ("/scim/v2/Users".to_owned(), false),
        ("/scim/v2/Users?count=1".to_owned(), false),
        ("/scim/v2/".to_owned(), false),
        (format!("/scim/v2/Groups/{}", listed(&groups, 0)), false),
        ("/scim/v2/Groups".to_owned(), false),
        ("/scim/v2/Schemas".to_owned(), true),
        ("/scim/v2/ResourceTypes".to_owned(), true),
        ("/scim/v2/ServiceProviderConfig".to_owned(), true),
    ];
    let search = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"count":1}"#;
    for (path, _) in &reads {
        asks.get(path);
    }
    asks.send("POST", "/scim/v2/.search", search);
    drop(asks);
    ends(first);

    let again = recorder(provider.base(), folder.path(), &["--mode", "new"]);
    let mut asks = client(&again);
    for (path, _) in &reads {
        assert!(how(&asks.get(path)).starts_with("exact"), "{path}");
    }
    let found = asks.send("POST", "/scim/v2/.search", search);
    assert!(how(&found).starts_with("exact"), "a search changes nothing");
    let patch = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","path":"title","value":"Changed"}]}"#;
    let reply = asks.send("PATCH", &reads[0].0, patch);
    assert!(how(&reply).starts_with("forwarded; exchange="), "{reply:?}");
    for (path, stays) in &reads {
        let reply = asks.get(path);
        assert_eq!(
            how(&reply).starts_with("exact"),
            *stays,
            "{path} {}",
            reply.head
        );
    }
    assert_eq!(asks.get(&reads[0].0).json()["title"], "Changed");
    let found = asks.send("POST", "/scim/v2/.search", search);
    assert!(how(&found).starts_with("forwarded"));
}

#[test]
fn in_new_a_resource_that_names_one_that_was_written_to_is_asked_again() {
    let provider = Program::start(&["serve", "--no-control"]);
    let folder = TempDir::new().unwrap();
    let first = recorder(provider.base(), folder.path(), &["--mode", "all"]);
    let mut asks = client(&first);
    let boss = asks.send("POST", "/scim/v2/Users", &user("boss")).json();
    let boss = boss["id"].as_str().unwrap();
    let extension = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    let made = format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","{extension}"],"userName":"clerk","{extension}":{{"manager":{{"value":"{boss}"}}}}}}"#
    );
    let clerk = asks.send("POST", "/scim/v2/Users", &made).json();
    let clerk = format!("/scim/v2/Users/{}", clerk["id"].as_str().unwrap());
    asks.get(&clerk);
    drop(asks);
    ends(first);
    let again = recorder(provider.base(), folder.path(), &["--mode", "new"]);
    let mut asks = client(&again);
    // The recording has the clerk once it has answered for making one.
    for made in [&user("boss"), &made] {
        assert!(how(&asks.send("POST", "/scim/v2/Users", made)).starts_with("exact"));
    }
    assert!(how(&asks.get(&clerk)).starts_with("exact"));
    asks.send("DELETE", &format!("/scim/v2/Users/{boss}"), "");
    assert!(how(&asks.get(&clerk)).starts_with("forwarded"));
}

#[test]
fn once_records_into_an_empty_folder_and_then_only_answers() {
    let provider = Program::start(&["serve", "--no-control"]);
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("once");
    let once = ["--mode", "once"];
    let first = recorder(provider.base(), &folder, &once);
    assert_eq!(how(&client(&first).get("/scim/v2/Users")), "live");
    assert_eq!(ends(first).0, Some(0));
    let again = recorder(provider.base(), &folder, &once);
    let mut asks = client(&again);
    assert_eq!(how(&asks.get("/scim/v2/Users")), "exact; exchange=1");
    let missed = asks.get("/scim/v2/Groups");
    assert_eq!((missed.status, how(&missed)), (404, "none"));
    assert!(missed.body.contains("--mode once"), "{}", missed.body);
    drop(asks);
    let (code, said) = ends(again);
    assert_eq!(code, Some(1));
    assert!(said.contains("1 request had no recorded answer"), "{said}");
    assert_eq!(names(&folder).len(), 1);
}

#[test]
fn none_asks_nobody_and_is_what_ci_gets() {
    let provider = Program::start(&["serve", "--no-control"]);
    let folder = TempDir::new().unwrap();
    let first = recorder(provider.base(), folder.path(), &[]);
    client(&first).get("/scim/v2/Users");
    ends(first);
    let out = folder.path().display().to_string();
    let none = Program::start(&["record", "--out", &out, "--mode", "none"]);
    let mut asks = client(&none);
    assert_eq!(how(&asks.get("/scim/v2/Users")), "exact; exchange=1");
    drop(asks);
    assert_eq!(ends(none).0, Some(0));

    let mut in_ci = command(&["record", "--out", &out]);
    in_ci.env("CI", "true");
    let in_ci = Program::start_command(in_ci);
    let missed = client(&in_ci).send("POST", "/scim/v2/Users", &user("new"));
    assert_eq!(missed.status, 404);
    assert!(missed.body.contains("because CI is set"), "{}", missed.body);
    let (code, said) = ends(in_ci);
    assert_eq!(code, Some(1));
    assert!(said.contains("because CI is set"), "{said}");
    assert_eq!(names(folder.path()).len(), 1);
}

#[test]
fn a_mode_that_cannot_be_says_why() {
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("none yet").display().to_string();
    let (code, _, said) = run(&["record", "--out", &out, "--mode", "none"]);
    assert_eq!(code, Some(3));
    assert!(said.contains("--mode none records nothing"), "{said}");
    for mode in ["all", "new", "once"] {
        let (code, _, said) = run(&["record", "--out", &out, "--mode", mode]);
        assert_eq!(code, Some(2));
        assert!(
            said.contains("--upstream URL") && said.contains(mode),
            "{said}"
        );
    }
    let (code, _, said) = run(&["record", "--out", &out, "--mode", "some"]);
    assert_eq!(code, Some(2));
    assert!(said.contains("once"), "{said}");
}
