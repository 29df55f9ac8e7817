//! Reloads that somebody asks for: SIGHUP, `POST /reload` and `POST /tenants/T/reload`, which answer when they are done.

use super::*;
use serde_json::{Value, json};

fn served(files: &[(&str, &str)], more: &[&str]) -> (tempfile::TempDir, Program) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        save(&folder.path().join(name), text);
    }
    let path = folder.path().to_str().unwrap();
    let mut arguments = vec!["serve", "--log", "off", "--watch", "off", path];
    arguments.extend(more);
    let program = Program::start(&arguments);
    (folder, program)
}

const ANN: &str = r#"Scenario(users: [{"userName": "ann"}])"#;
const KEEP: &str = r#"Scenario(on_reload: Keep, users: [{"userName": "ann"}])"#;

#[test]
fn what_is_asked_for_is_done_when_it_is_answered() {
    let (folder, program) = served(&[("reset.ron", ANN), ("keep.ron", KEEP)], &[]);
    let at = |name: &str| folder.path().join(name);
    let (mut scim, mut control) = (
        Client::new(program.address(), ""),
        Client::new(program.control(), ""),
    );
    for tenant in ["reset", "keep"] {
        for user in ["bob", "cid"] {
            let path = format!("/{tenant}/scim/v2/Users");
            let made = scim.send("POST", &path, &json!({ "userName": user }).to_string());
            assert_eq!(made.status, 201);
        }
    }
    let done = control.send("POST", "/reload", "");
    assert_eq!(done.status, 200, "{done:?}");
    let expected = json!({"tenants": [
        {"name": "keep", "outcome": "reloaded", "renewed": 1, "kept": 2, "dropped": 0, "not_kept": []},
        {"name": "reset", "outcome": "reloaded", "renewed": 1, "kept": 0, "dropped": 2, "not_kept": []},
    ]});
    assert_eq!(done.json(), expected);
    let said = program.says("reset.ron");
    assert!(
        said.contains("keep.ron: renewed 1, kept 2 made at run time"),
        "{said}"
    );
    assert!(
        said.contains("reset.ron: renewed 1, dropped 2 made at run time"),
        "{said}"
    );
    // One comes, one goes, and in one somebody is in the way.
    save(&at("new.ron"), ANN);
    std::fs::remove_file(at("reset.ron")).unwrap();
    save(&at("keep.ron"), &KEEP.replace("ann", "bob"));
    let done = control.send("POST", "/reload", "").json();
    assert_eq!(
        done["tenants"][0],
        json!({"name": "reset", "outcome": "dropped"})
    );
    assert_eq!(
        done["tenants"][1],
        json!({"name": "new", "outcome": "added"})
    );
    assert_eq!(
        (&done["tenants"][2]["kept"], &done["tenants"][2]["renewed"]),
        (&json!(1), &json!(1))
    );
    let lost = done["tenants"][2]["not_kept"][0].as_str().unwrap();
    assert!(lost.contains("another User has `bob`"), "{lost}");
    assert_eq!(scim.get("/reset/scim/v2/Users").status, 404);
    assert_eq!(scim.get("/new/scim/v2/Users").status, 200);
}

#[test]
fn what_is_broken_is_a_problem_that_says_why_and_the_rest_is_loaded() {
    let (folder, program) = served(&[("a.ron", ANN), ("b.ron", ANN)], &[]);
    let at = |name: &str| folder.path().join(name);
    let (mut scim, mut control) = (
        Client::new(program.address(), ""),
        Client::new(program.control(), ""),
    );
    save(&at("a.ron"), &ANN.replace("users", "user"));
    save(&at("b.ron"), &ANN.replace("ann", "bob"));
    let refused = control.send("POST", "/reload", "");
    assert_eq!(refused.status, 409, "{refused:?}");
    assert_eq!(
        refused.header("content-type"),
        Some("application/problem+json")
    );
    let problem = refused.json();
    assert_eq!(problem["errors"][0]["name"], "a");
    let told = problem["errors"][0]["diagnostics"][0].as_str().unwrap();
    assert!(told.contains("did you mean `users`?"), "{told}");
    assert_eq!(problem["errors"][1]["outcome"], "reloaded");
    let mut user = |tenant: &str| {
        let list = scim.get(&format!("/{tenant}/scim/v2/Users")).json();
        list["Resources"][0]["userName"].clone()
    };
    assert_eq!((user("a"), user("b")), (json!("ann"), json!("bob")));
    assert_eq!(control.send("POST", "/tenants/a/reload", "").status, 409);
    save(&at("a.ron"), &ANN.replace("ann", "ada"));
    assert_eq!(control.send("POST", "/tenants/a/reload", "").status, 200);
    assert_eq!(user("a"), "ada");
}

#[test]
fn what_has_no_file_is_not_loaded_again() {
    let (_folder, program) = served(&[("a.ron", ANN)], &["--control-token", "t"]);
    let mut control = Client::new(program.control(), "t");
    control.send("POST", "/tenants", r#"{"fork": "a", "name": "fork"}"#);
    let refused = control.send("POST", "/tenants/fork/reload", "");
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("/tenants/fork/reset"), "{refused:?}");
    assert_eq!(control.send("POST", "/tenants/none/reload", "").status, 404);
    assert_eq!(control.get("/reload").status, 405);
    assert_eq!(
        Client::new(program.control(), "")
            .send("POST", "/reload", "")
            .status,
        401
    );
    // A tenant that was dropped stays so.
    assert_eq!(control.send("DELETE", "/tenants/a", "").status, 204);
    assert_eq!(
        control.send("POST", "/reload", "").json(),
        json!({"tenants": []})
    );
    assert_eq!(control.send("POST", "/tenants/a/reload", "").status, 404);
    let demo = Program::start(&["serve", "--log", "off"]);
    let mut control = Client::new(demo.control(), "");
    assert_eq!(
        control.send("POST", "/reload", "").json(),
        json!({"tenants": []})
    );
    assert_eq!(control.send("POST", "/tenants/demo/reload", "").status, 409);
}

#[cfg(unix)]
#[test]
fn sighup_loads_everything_again() {
    let (folder, program) = served(&[("a.ron", ANN)], &[]);
    save(&folder.path().join("a.ron"), &ANN.replace("ann", "ada"));
    save(&folder.path().join("b.ron"), ANN);
    program.signal("HUP");
    program.says("reloaded");
    let mut scim = Client::new(program.address(), "");
    let list = scim.get("/a/scim/v2/Users").json();
    assert_eq!(list["Resources"][0]["userName"], "ada");
    assert_eq!(scim.get("/b/scim/v2/Users").status, 200);
    // Where there is nothing to load it does no harm.
    let demo = Program::start(&["serve", "--log", "off"]);
    demo.signal("HUP");
    demo.says("nothing is loaded again");
    assert_eq!(Client::new(demo.control(), "").get("/health").status, 200);
}

/// Whoever saves and asks has been served when the watcher sees the change: what is made after that stays.
#[test]
fn a_change_that_was_asked_for_is_not_made_twice() {
    let (folder, file) = scenario(ANN);
    let program = Program::start(&["serve", "--log", "off", file.to_str().unwrap()]);
    let (mut scim, mut control) = (
        Client::new(program.address(), ""),
        Client::new(program.control(), ""),
    );
    save(&file, &ANN.replace("ann", "ada"));
    assert_eq!(
        control.send("POST", "/tenants/world/reload", "").status,
        200
    );
    assert_eq!(
        scim.send("POST", "/scim/v2/Users", r#"{"userName": "bob"}"#)
            .status,
        201
    );
    program.says("reloaded");
    // A second change, which the watcher sees after the first: bob has gone with this one and not before.
    save(&folder.path().join("world.ron"), &ANN.replace("ann", "amy"));
    let said = program.says("reloaded");
    assert!(said.contains("dropped 1 made at run time"), "{said}");
    let health: Value = control.get("/health").json();
    assert_eq!(health["tenants"][0]["reload"]["state"], "ok");
}
