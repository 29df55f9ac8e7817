//! Record, kill and replay with the program itself in front of a service provider (itself again).

use crate::support::client::Client;
use crate::support::program::{Program, save};
use serde_json::Value;
use std::collections::HashSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// The exchanges on disk, and whatever else lies there.
fn files(folder: &Path) -> (Vec<String>, Vec<String>) {
    let names = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let is_exchange = |name: &String| {
        !name.starts_with('.')
            && Path::new(name)
                .extension()
                .is_some_and(|extension| extension == "json")
    };
    let (mut exchanges, others): (Vec<_>, Vec<_>) = names.partition(is_exchange);
    exchanges.sort();
    (exchanges, others)
}

#[test]
fn a_recorded_client_cannot_tell_the_recording_from_the_service_provider() {
    let folder = tempfile::tempdir().unwrap();
    let scenario = folder.path().join("sp.ron");
    save(&scenario, "Scenario(auth: [Bearer(\"hush-token\")])");
    let out = folder.path().join("recording");
    let steps = |address| {
        let mut client = Client::new(address, "hush-token");
        let made = client.send(
            "POST",
            "/scim/v2/Users",
            "{\"userName\": \"ann\", \"password\": \"hush-password\"}",
        );
        let path = format!("/scim/v2/Users/{}", made.json()["id"].as_str().unwrap());
        let patch =
            "{\"Operations\": [{\"op\": \"replace\", \"path\": \"title\", \"value\": \"Dr\"}]}";
        let mut replies = vec![
            made,
            client.get(&path),
            client.send("PATCH", &path, patch),
            client.get(&path),
        ];
        replies.push(client.get("/scim/v2/Users?filter=userName%20eq%20%22ann%22&count=5"));
        replies.push(client.send("POST", "/scim/v2/Users", "{\"userName\": \"ANN\"}"));
        replies.push(client.send("DELETE", &path, ""));
        replies.push(client.get(&path));
        // What differs from one listener to the next: its port.
        let port = format!(":{address}").replace("127.0.0.1", "");
        let plain = |reply: &crate::support::client::Reply| {
            (
                reply.status,
                reply.body.replace(&address.to_string(), "HOST"),
                reply
                    .header("location")
                    .map(|l| l.replace(&address.to_string(), "HOST")),
            )
        };
        assert!(port.contains(':'));
        replies.iter().map(plain).collect::<Vec<_>>()
    };
    let upstream = Program::start(&["serve", "--log", "off", scenario.to_str().unwrap()]);
    let mut recorder = Program::start(&[
        "record",
        "--log",
        "off",
        "--upstream",
        upstream.base(),
        "--out",
        out.to_str().unwrap(),
    ]);
    let live = steps(recorder.address());
    assert_eq!(
        live.iter().map(|(status, ..)| *status).collect::<Vec<_>>(),
        [201, 200, 200, 200, 200, 409, 204, 404]
    );
    recorder.signal("TERM");
    assert_eq!(recorder.wait().code(), Some(0));
    drop(upstream);

    let (exchanges, _) = files(&out);
    assert_eq!(exchanges.len(), live.len(), "{exchanges:?}");
    assert_eq!(exchanges[0], "0001-POST-Users-201.json");
    for name in &exchanges {
        let text = std::fs::read_to_string(out.join(name)).unwrap();
        assert!(!text.contains("hush-"), "{name} holds a secret:\n{text}");
        assert!(
            !text.contains("http://127.0.0.1"),
            "{name} holds a base URL:\n{text}"
        );
    }

    let player = Program::start(&["replay", "--log", "off", out.to_str().unwrap()]);
    assert_eq!(steps(player.address()), live);
    let miss = Client::new(player.address(), "")
        .get("/scim/v2/Users?filter=userName%20eq%20%22bob%22&count=5");
    assert_eq!(miss.status, 404);
    let detail = miss.json()["detail"].as_str().unwrap().to_owned();
    assert!(
        detail.contains("GET /Users") && detail.contains("bob") && detail.contains("ann"),
        "{detail}"
    );
}

#[test]
fn a_recorder_that_is_killed_leaves_whole_files_and_all_that_clients_saw() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("recording");
    let upstream = Program::start(&["serve", "--log", "off"]);
    let mut recorder = Program::start(&[
        "record",
        "--log",
        "off",
        "--upstream",
        upstream.base(),
        "--out",
        out.to_str().unwrap(),
    ]);
    let seen: Arc<Mutex<HashSet<String>>> = Arc::default();
    let (address, enough) = (recorder.address(), 400);
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let seen = seen.clone();
            std::thread::spawn(move || {
                let mut connection = Client::new(address, "demo-token");
                for n in 0.. {
                    let name = format!("user-{client}-{n}");
                    let Ok(reply) = connection.try_send(
                        "POST",
                        "/scim/v2/Users",
                        &format!("{{\"userName\": \"{name}\"}}"),
                    ) else {
                        return;
                    };
                    assert_eq!(reply.status, 201, "{reply:?}");
                    seen.lock().unwrap().insert(name);
                }
            })
        })
        .collect();
    while seen.lock().unwrap().len() < enough {
        std::thread::yield_now();
    }
    recorder.signal("KILL");
    recorder.wait();
    for client in clients {
        client.join().unwrap();
    }
    let (exchanges, _) = files(&out);
    let mut recorded = HashSet::new();
    for name in exchanges {
        let text = std::fs::read_to_string(out.join(&name)).unwrap();
        let exchange: Value = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{name} is not whole: {error}"));
        assert_eq!(exchange["response"]["status"], 201);
        recorded.insert(
            exchange["request"]["body"]["userName"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
    }
    let seen = seen.lock().unwrap();
    let lost: Vec<_> = seen.difference(&recorded).collect();
    assert!(
        lost.is_empty(),
        "clients saw answers that are not on disk: {lost:?}"
    );
}
