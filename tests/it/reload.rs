//! Hot reload: a request sees the old world or the new one, whole, and a broken file changes nothing.

mod asked;
mod folders;
mod load;

use crate::support::client::Client;
use crate::support::program::{Program, save};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A world in which everything says `n`, so that a mixture would show.
fn world(n: usize) -> String {
    let users: Vec<_> = (0..20).map(|u| format!("{{\"userName\": \"user{u}\", \"displayName\": \"world {n}\", \"title\": \"world {n}\"}}")).collect();
    format!(
        "Scenario(\n  users: [{}],\n  groups: [{{\"displayName\": \"world {n}\", \"members\": [\"user0\"]}}],\n)",
        users.join(",\n")
    )
}

fn scenario(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("world.ron");
    save(&file, text);
    (folder, file)
}

fn titles(body: &serde_json::Value) -> Vec<String> {
    let list = body["Resources"].as_array().cloned().unwrap_or_default();
    list.iter()
        .map(|user| format!("{}{}", user["title"], user["displayName"]))
        .collect()
}

#[test]
fn a_change_is_live_and_a_mistake_keeps_the_old_world() {
    let (_folder, file) = scenario(&world(1));
    let program = Program::start(&["serve", "--log", "off", file.to_str().unwrap()]);
    let mut client = Client::new(program.address(), "");
    let groups = |client: &mut Client| {
        client.get("/scim/v2/Groups").json()["Resources"][0]["displayName"].clone()
    };
    assert_eq!(groups(&mut client), "world 1");

    save(&file, &world(2));
    program.says("reloaded");
    assert_eq!(groups(&mut client), "world 2");

    // In place, as some editors save.
    std::fs::write(&file, world(3)).unwrap();
    program.says("reloaded");
    assert_eq!(groups(&mut client), "world 3");

    save(&file, &world(4).replace("users:", "user:"));
    let said = program.says("stays as it was");
    assert!(
        said.contains("world.ron:2:3") && said.contains("`users`"),
        "{said}"
    );
    assert_eq!(groups(&mut client), "world 3");

    save(&file, &world(5).replace("\"user0\"]", "\"user99\"]"));
    let said = program.says("stays as it was");
    assert!(said.contains("`user99` names nobody"), "{said}");
    assert_eq!(groups(&mut client), "world 3");

    save(&file, &world(6));
    program.says("reloaded");
    assert_eq!(groups(&mut client), "world 6");
}

#[test]
fn a_schema_in_a_file_of_its_own_is_followed_too() {
    let schema = |attribute: &str| {
        format!(
            r#"{{"id": "urn:example:Car", "attributes": [{{"name": "{attribute}", "type": "string"}}]}}"#
        )
    };
    let (folder, file) = scenario(
        r#"Scenario(schemas: ["car.json"], resource_types: [ResourceType(name: "Car", schema: "urn:example:Car")],
            resources: {"Car": [{"plate": "X 1", "colour": "red"}]})"#,
    );
    let car = folder.path().join("car.json");
    std::fs::write(&car, schema("plate")).unwrap();
    let program = Program::start(&["serve", "--log", "off", file.to_str().unwrap()]);
    let mut client = Client::new(program.address(), "");
    let first = |client: &mut Client| client.get("/scim/v2/Cars").json()["Resources"][0].clone();
    assert_eq!(first(&mut client)["plate"], "X 1");

    save(&car, &schema("colour"));
    program.says("reloaded");
    assert_eq!(
        (
            &first(&mut client)["colour"],
            first(&mut client).get("plate")
        ),
        (&serde_json::json!("red"), None)
    );

    save(&car, "{");
    let said = program.says("stays as it was");
    assert!(
        said.contains("car.json is not JSON") && said.contains("world.ron:1:20"),
        "{said}"
    );
    assert_eq!(first(&mut client)["colour"], "red");

    save(&car, &schema("plate"));
    program.says("reloaded");
    assert_eq!(first(&mut client)["plate"], "X 1");
}

#[test]
fn reset_forgets_what_clients_made_and_keep_does_not() {
    for (on_reload, left) in [("Reset", 1), ("Keep", 2)] {
        let text = |title: &str| {
            format!(
                "Scenario(on_reload: {on_reload}, users: [{{\"userName\": \"file\", \"title\": \"{title}\"}}])"
            )
        };
        let (_folder, file) = scenario(&text("before"));
        let program = Program::start(&["serve", "--log", "off", file.to_str().unwrap()]);
        let mut client = Client::new(program.address(), "");
        let made = client.send("POST", "/scim/v2/Users", "{\"userName\": \"client\"}");
        let location = format!("/scim/v2/Users/{}", made.json()["id"].as_str().unwrap());
        let before = client.get(&location);
        save(&file, &text("after"));
        program.says("reloaded");
        let users = client.get("/scim/v2/Users").json();
        assert_eq!(users["totalResults"], left, "{on_reload}");
        assert_eq!(users["Resources"][0]["title"], "after");
        let after = client.get(&location);
        if on_reload == "Keep" {
            assert_eq!(after.body, before.body);
        } else {
            assert_eq!(after.status, 404);
        }
    }
}

#[test]
fn two_hundred_reloads_under_load_give_no_failed_and_no_mixed_answer() {
    let (_folder, file) = scenario(&world(0));
    let program = Program::start(&["serve", "--log", "off", file.to_str().unwrap()]);
    let stop = Arc::new(AtomicBool::new(false));
    let answers = Arc::new(AtomicU64::new(0));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (address, stop, answers) = (program.address(), stop.clone(), answers.clone());
            std::thread::spawn(move || {
                // One connection for all: a reload drops none.
                let mut client = Client::new(address, "");
                while !stop.load(Ordering::Relaxed) {
                    let reply = client.get("/scim/v2/Users");
                    assert_eq!(reply.status, 200, "{reply:?}");
                    let titles = titles(&reply.json());
                    assert_eq!(titles.len(), 20);
                    assert!(
                        titles.iter().all(|title| *title == titles[0]),
                        "a mixture: {titles:?}"
                    );
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for n in 1..=200 {
        // Each third one is broken, each in another way.
        let text = match n % 9 {
            3 => world(n).replace("Scenario(", "Scenario("[..8].trim_end()),
            6 => world(n).replace("userName\": \"user7\"", "userName\": \"user6\""),
            0 => world(n).replace("title", "title\" \""),
            _ => world(n),
        };
        save(&file, &text);
        program.says(if n % 3 == 0 {
            "stays as it was"
        } else {
            "reloaded"
        });
    }
    stop.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.join().expect("no reader saw a failure");
    }
    assert!(answers.load(Ordering::Relaxed) > 200, "there was load");
    let last = Client::new(program.address(), "")
        .get("/scim/v2/Users")
        .json();
    assert_eq!(titles(&last)[0], "\"world 200\"\"world 200\"");
}
