//! Two hundred tests at once over real connections, each on a fork of its own: nobody sees anybody, and all get the same ids.

use super::*;
use crate::support::client::Client;
use crate::support::program::{Program, save};

const TESTS: usize = 200;

#[test]
fn two_hundred_tests_at_once_have_a_directory_each() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.ron");
    save(
        &file,
        r#"Scenario(clock: Fixed("2026-01-01T00:00:00Z"), population: Population(users: 50, groups: 5))"#,
    );
    let program = Program::start(&["serve", "--log", "off", file.to_str().unwrap()]);
    let (scim, control) = (program.address(), program.control());
    // Nobody writes before all have forked, so that each fork begins alike.
    let fork = &|| {
        let made = Client::new(control, "").send("POST", "/tenants", r#"{"fork": "acme"}"#);
        assert_eq!(made.status, 201, "{made:?}");
        made.json()["name"].as_str().unwrap().to_owned()
    };
    let names: Vec<_> = std::thread::scope(|scope| {
        let forks: Vec<_> = (0..TESTS).map(|_| scope.spawn(fork)).collect();
        forks.into_iter().map(|it| it.join().unwrap()).collect()
    });
    let own = &|n: usize, name: &str| {
        let base = format!("/{name}/scim/v2");
        let mut client = Client::new(scim, "");
        let mut ids = Vec::new();
        for user in 0..3 {
            let body = json!({"userName": format!("user{user}"), "title": format!("test {n}")});
            let made = client.send("POST", &format!("{base}/Users"), &body.to_string());
            assert_eq!(made.status, 201, "{made:?}");
            ids.push(made.json()["id"].clone());
            let list = client
                .get(&format!("{base}/Users?filter=title%20sw%20%22test%20%22"))
                .json();
            let users = list["Resources"].as_array().unwrap();
            assert_eq!(users.len(), user + 1, "{list}");
            assert!(
                users.iter().all(|it| it["title"] == format!("test {n}")),
                "{list}"
            );
        }
        let first = ids[0].as_str().unwrap();
        assert_eq!(
            client
                .send("DELETE", &format!("{base}/Users/{first}"), "")
                .status,
            204
        );
        let list = client.get(&format!("{base}/Users?count=0")).json();
        assert_eq!(list["totalResults"], 52);
        ids
    };
    let ids: Vec<_> = std::thread::scope(|scope| {
        let tests = names.iter().enumerate();
        let tests: Vec<_> = tests
            .map(|(n, name)| scope.spawn(move || own(n, name)))
            .collect();
        tests.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|it| *it == ids[0]), "each the same ids");
    let list = Client::new(scim, "").get("/scim/v2/Users?count=0").json();
    assert_eq!(list["totalResults"], 50);
}
