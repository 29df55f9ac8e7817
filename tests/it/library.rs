//! The library: a provider that a Rust test starts, asks, forks and drops.

mod example;

use crate::support::client::{Client, Reply};
use scimulate::MockProvider;
use scimulate::journal::Bounds;
use serde_json::{Value, json};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

const SCENARIO: &str = r#"Scenario(auth: [Bearer("secret")], users: [{"userName": "bjensen"}],
    groups: [{"displayName": "Staff", "members": ["bjensen"]}])"#;

/// A runtime without a clock or IO, such as a provider must do with.
fn bare() -> Runtime {
    Builder::new_current_thread().build().unwrap()
}

fn started(scenario: &str) -> MockProvider {
    let provider = MockProvider::builder().scenario(scenario);
    provider.start_blocking().unwrap()
}

fn place(provider: &MockProvider) -> (SocketAddr, &str) {
    let rest = provider.base_url().strip_prefix("http://").unwrap();
    let (address, _) = rest.split_once('/').unwrap();
    (address.parse().unwrap(), &rest[address.len()..])
}

fn send(provider: &MockProvider, method: &str, path: &str, body: &str) -> Reply {
    let (address, base) = place(provider);
    let token = provider.token().unwrap_or_default();
    Client::new(address, token).send(method, &format!("{base}{path}"), body)
}

fn users(provider: &MockProvider) -> Value {
    send(provider, "GET", "/Users", "").json()["totalResults"].clone()
}

fn create(provider: &MockProvider, name: &str) {
    let body = json!({ "userName": name }).to_string();
    assert_eq!(send(provider, "POST", "/Users", &body).status, 201);
}

#[test]
fn a_provider_runs_under_whatever_runtime_awaits_it_and_ends_when_it_is_dropped() {
    let many = Builder::new_multi_thread().worker_threads(2).build();
    for runtime in [bare(), many.unwrap()] {
        let start = MockProvider::builder().scenario(SCENARIO).start();
        let provider = runtime.block_on(start).unwrap();
        assert_eq!(provider.token(), Some("secret"));
        assert_eq!(users(&provider), 1);
        let (address, _) = place(&provider);
        // Dropped outside of any runtime; the next is dropped inside of one.
        drop(provider);
        assert!(TcpStream::connect(address).is_err());
        runtime.block_on(async {
            let provider = MockProvider::builder().listen(address).start().await;
            drop(provider.unwrap());
        });
        drop(TcpListener::bind(address).expect("the port is free"));
    }
}

/// The README's example, with a stand-in for the code that would be tested.
#[test]
fn the_example_of_the_readme_runs() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));
    let here = include_str!("library/example.rs");
    let readme = readme.unwrap();
    let example = readme.split("```rust\n").nth(1).unwrap();
    let example = example.split("```").next().unwrap();
    assert!(
        here.contains(example),
        "tests/it/library/example.rs has the README's example, word for word"
    );
}

#[test]
fn a_shutdown_closes_the_sockets() {
    let provider = started(SCENARIO);
    let fork = provider.fork().unwrap();
    let (address, _) = place(&fork);
    assert_eq!(users(&fork), 1);
    bare().block_on(provider.shutdown());
    assert!(TcpStream::connect(address).is_err());
}

#[test]
fn twenty_providers_in_one_runtime_never_see_each_other() {
    bare().block_on(async {
        let mut all = Vec::new();
        for n in 0..20 {
            let text = format!("Scenario(users: [{{\"userName\": \"of{n}\"}}])");
            all.push(
                MockProvider::builder()
                    .scenario(text)
                    .start()
                    .await
                    .unwrap(),
            );
        }
        std::thread::scope(|scope| {
            for (n, provider) in all.iter().enumerate() {
                scope.spawn(move || {
                    (0..n).for_each(|m| create(provider, &format!("made{m}")));
                    assert_eq!(users(provider), n + 1);
                    assert_eq!(
                        provider.state().unwrap()["users"][0]["userName"],
                        format!("of{n}")
                    );
                });
            }
        });
    });
}

#[test]
fn a_fork_begins_as_its_base_is_and_neither_sees_what_the_other_does_then() {
    let base = started(SCENARIO);
    create(&base, "early");
    let fork = base.fork().unwrap();
    create(&base, "late");
    create(&fork, "own1");
    create(&fork, "own2");
    assert_eq!((users(&base), users(&fork)), (json!(3), json!(4)));
    let expected = json!({"method": "POST", "path": "/Users", "count": 2});
    base.verify(expected.clone()).unwrap();
    fork.verify(expected).unwrap();
    let url = fork.base_url().to_owned();
    assert!(url.starts_with(base.base_url().strip_suffix("/scim/v2").unwrap()));
    drop(fork);
    let (address, _) = place(&base);
    let (_, path) = url
        .strip_prefix("http://")
        .unwrap()
        .split_once('/')
        .unwrap();
    let gone = Client::new(address, "secret").get(&format!("/{path}/Users"));
    assert_eq!(gone.status, 404);
    // A fork holds the socket, whoever started it.
    let fork = base.fork().unwrap();
    drop(base);
    assert_eq!(users(&fork), 3);
}

#[test]
fn the_directory_can_be_marked_restored_replaced_and_reset() {
    let provider = started(SCENARIO);
    let mark = provider.checkpoint().unwrap();
    create(&provider, "ann");
    provider.restore(&mark).unwrap();
    assert_eq!(users(&provider), 1);
    let state = provider.state().unwrap();
    assert_eq!(state["groups"][0]["displayName"], "Staff");
    provider
        .put_state(json!({"users": [{"userName": "x"}, {"userName": "y"}]}))
        .unwrap();
    assert_eq!(users(&provider), 2);
    let refused = provider
        .put_state(json!({"users": [{"userName": ""}]}))
        .unwrap_err();
    assert!(
        refused.to_string().contains("users[0].userName"),
        "{refused}"
    );
    let refused = provider.restore("nowhere").unwrap_err();
    assert!(
        refused.to_string().contains("no checkpoint `nowhere`"),
        "{refused}"
    );
    provider.reset().unwrap();
    assert_eq!(provider.state().unwrap(), state);
}

#[test]
fn the_clock_is_moved_on() {
    let provider = started(r#"Scenario(clock: Fixed("2026-01-01T00:00:00Z"))"#);
    provider.advance(Duration::from_hours(2)).unwrap();
    let made = send(&provider, "POST", "/Users", r#"{"userName": "late"}"#).json();
    assert_eq!(made["meta"]["created"], "2026-01-01T02:00:00.000Z");
    assert!(provider.advance(Duration::MAX).is_err());
}

#[test]
fn the_journal_is_searched_in_the_words_of_the_control_api_and_has_no_secrets() {
    let provider = started(SCENARIO);
    let body = json!({"userName": "ann", "password": "t0p-s3cret"}).to_string();
    assert_eq!(send(&provider, "POST", "/Users", &body).status, 201);
    users(&provider);
    let found = provider.journal("method=POST&status=2xx").unwrap();
    assert_eq!(found.len(), 1);
    let exchange = &found[0].exchange;
    assert_eq!(
        (exchange.request.path.as_str(), exchange.response.status),
        ("/Users", 201)
    );
    assert!(!format!("{:?}", found[0].to_json()).contains("t0p-s3cret"));
    assert_eq!(provider.journal("").unwrap().len(), 2);
    let refused = provider.journal("colour=red").unwrap_err();
    assert!(refused.to_string().contains("colour"), "{refused}");
    provider.clear_journal();
    assert_eq!(provider.journal("").unwrap().len(), 0);
}

#[test]
fn a_journal_holds_no_more_than_it_is_given() {
    let bounds = Bounds {
        exchanges: 2,
        ..Bounds::default()
    };
    let provider = MockProvider::builder().scenario(SCENARIO).journal(bounds);
    let provider = provider.start_blocking().unwrap();
    (0..3).for_each(|_| drop(users(&provider)));
    assert_eq!(provider.journal("").unwrap().len(), 2);
}

#[test]
fn what_was_not_asked_is_explained_by_what_came_nearest() {
    let provider = started(SCENARIO);
    create(&provider, "ann");
    let expected = json!({"method": "POST", "path": "/Users", "body": "userName eq \"bob\""});
    let error = provider.verify(expected).unwrap_err();
    assert!(error.is_unverified());
    // `unwrap` prints the one, `{}` the other.
    for said in [error.to_string(), format!("{error:?}")] {
        assert!(said.contains("found none"), "{said}");
        assert!(
            said.contains(r#"userName is "ann", the filter wants "bob""#),
            "{said}"
        );
    }
    let error = provider.verify(json!({"methud": "POST"})).unwrap_err();
    assert!(
        !error.is_unverified() && error.to_string().contains("methud"),
        "{error}"
    );
}

#[test]
fn what_is_still_to_come_is_waited_for() {
    let provider = started(SCENARIO);
    let expected = json!({"method": "POST", "path": "/Users", "count": 2});
    let patience = Duration::from_mins(1);
    std::thread::scope(|scope| {
        scope.spawn(|| ["ann", "bob"].map(|name| create(&provider, name)));
        bare()
            .block_on(provider.verify_within(patience, expected))
            .unwrap();
    });
    let never = json!({"method": "DELETE"});
    let refused = bare().block_on(provider.verify_within(Duration::ZERO, never));
    assert!(refused.unwrap_err().is_unverified());
}

#[test]
fn several_tenants_share_a_socket_and_programs_beside_the_test_have_a_control_api() {
    let builder = MockProvider::builder()
        .tenant("acme", SCENARIO)
        .tenant("globex", "Scenario()");
    let provider = builder.control_api().start_blocking().unwrap();
    assert!(provider.base_url().ends_with("/acme/scim/v2"));
    let names: Vec<_> = provider
        .tenants()
        .iter()
        .map(|it| it.name().to_owned())
        .collect();
    assert_eq!(names, ["acme", "globex"]);
    let globex = provider.tenant("globex").unwrap();
    assert_eq!(
        (globex.token(), users(&globex), users(&provider)),
        (None, json!(0), json!(1))
    );
    assert!(provider.tenant("initech").is_none());
    let control = provider
        .control_url()
        .unwrap()
        .strip_prefix("http://")
        .unwrap();
    let listed = Client::new(control.parse().unwrap(), "")
        .get("/tenants")
        .json();
    assert_eq!(listed["tenants"].as_array().map(Vec::len), Some(2));
    // One that is dropped by such a program is gone for its handle, too.
    assert_eq!(
        Client::new(control.parse().unwrap(), "")
            .send("DELETE", "/tenants/globex", "")
            .status,
        204
    );
    assert!(globex.reset().unwrap_err().to_string().contains("globex"));
    assert!(globex.fork().is_err());
    assert!(started(SCENARIO).control_url().is_none());
}

#[test]
fn a_profile_and_the_demo_need_no_scenario() {
    let slack = MockProvider::builder()
        .profile("slack")
        .start_blocking()
        .unwrap();
    let answer = send(&slack, "GET", "/Users/nobody", "").json();
    assert_eq!(answer["Errors"]["code"], 404);
    let demo = MockProvider::builder().start_blocking().unwrap();
    assert_eq!(demo.token(), Some("demo-token"));
}

#[test]
fn a_start_that_fails_says_all_that_is_wrong() {
    let fails = |builder: scimulate::mock::Builder| builder.start_blocking().unwrap_err();
    let two = r#"Scenario(users: [{"userName": ""}, {"userNam": "x"}])"#;
    let error = fails(MockProvider::builder().scenario(two));
    let said = error.to_string();
    assert!(
        error.is_scenario() && said.matches("scenario.ron:1:").count() == 2,
        "{said}"
    );
    let error = fails(MockProvider::builder().scenario_file("no/such.ron"));
    assert!(
        error.is_system() && error.to_string().contains("no/such.ron"),
        "{error}"
    );
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let error = fails(MockProvider::builder().listen(held.local_addr().unwrap()));
    assert!(
        error.is_system() && error.to_string().contains("cannot listen on"),
        "{error}"
    );
    for (one, two, said) in [
        ("a", "a", "two tenants are named `a`"),
        ("a", "b/c", "cannot be part of a URL"),
    ] {
        let error = fails(
            MockProvider::builder()
                .tenant(one, "Scenario()")
                .tenant(two, "Scenario()"),
        );
        assert!(error.to_string().contains(said), "{error}");
    }
}

#[test]
fn a_scenario_file_names_its_tenant_and_what_stands_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.ron");
    std::fs::write(&file, r#"Scenario(users: ["people.json"])"#).unwrap();
    std::fs::write(
        folder.path().join("people.json"),
        r#"[{"userName": "ann"}]"#,
    )
    .unwrap();
    let provider = MockProvider::builder()
        .scenario_file(&file)
        .start_blocking()
        .unwrap();
    assert_eq!((provider.name(), users(&provider)), ("acme", json!(1)));
}
