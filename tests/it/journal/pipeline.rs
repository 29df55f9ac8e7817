//! What is served over a socket is kept, when a journal is there to keep it.

use crate::support::client::{Client, raw};
use scimulate::exchange::Body;
use scimulate::journal::{Journal, Moment, Verification};
use scimulate::net::{AccessLog, Backend, Limits, LogMode, Server};
use scimulate::scenario;
use scimulate::service::{Tenant, Tenants};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::net::TcpListener;

const TOKEN: &str = "t0ken-of-the-journal";

/// Serves the tenants `one` and `two`, each with one user, until the test ends.
async fn serve(journal: Option<Arc<Journal>>) -> SocketAddr {
    let tenants = ["one", "two"].map(|name| {
        let text = format!(
            "Scenario(auth: [Bearer(\"{TOKEN}\")], ids: Sequential(\"{{type}}-{{n}}\"), users: [{{\"userName\": \"ann\"}}])"
        );
        let (scenario, _) = scenario::load(Path::new(&format!("{name}.ron")), &text);
        Tenant::build(&scenario.unwrap()).unwrap()
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server {
        backend: Backend::Service(Arc::new(Tenants::new(tenants.into()))),
        tls: None,
        limits: Limits {
            body: 1_000,
            ..Limits::default()
        },
        log: AccessLog::new(LogMode::Off, std::io::sink()),
        journal,
    };
    tokio::spawn(server.run(listener, std::future::pending()));
    address
}

/// Runs `client`, which blocks, beside the server; what it was answered is kept before it is sent.
async fn kept(client: impl FnOnce(SocketAddr) + Send + 'static) -> Moment {
    let journal = Arc::new(Journal::default());
    let address = serve(Some(journal.clone())).await;
    tokio::task::spawn_blocking(move || client(address))
        .await
        .unwrap();
    journal.moment()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_served_is_kept_before_the_client_has_its_answer() {
    let moment = kept(|address| {
        let mut client = Client::new(address, TOKEN);
        let body = r#"{"userName": "zoe", "active": "True", "password": "hunter2-hunter2"}"#;
        assert_eq!(client.send("POST", "/one/scim/v2/Users", body).status, 201);
        assert_eq!(
            client
                .get("/two/scim/v2/Users/user-1?attributes=userName")
                .status,
            200
        );
        assert_eq!(client.get("/two/scim/Users/user-9").status, 404);
    })
    .await;
    let summaries: Vec<_> = moment
        .entries()
        .map(|entry| format!("{} {entry}", entry.tenant))
        .collect();
    assert_eq!(
        summaries,
        [
            "one exchange 1 POST /Users 201",
            "two exchange 2 GET /Users/user-1 200",
            "two exchange 3 GET /Users/user-9 404",
        ]
    );
    let told = format!("{moment:?}");
    assert!(!told.contains(TOKEN) && !told.contains("hunter2"), "{told}");
    let created = moment.entry(1).unwrap();
    let leniencies: Vec<_> = created.leniencies.names().collect();
    assert!(leniencies.contains(&"boolean_text"), "{leniencies:?}");
    let asked = json!([
        {"method": "POST", "body": "active eq \"True\" and password pr", "response": "active eq true", "count": {"exactly": 1}},
        {"path": "/Users/*", "status": 404, "response": "detail co \"user-9\"", "count": {"exactly": 1}},
        {"query": {"attributes": "userName"}, "response": "userName eq \"ann\"", "count": {"exactly": 1}},
    ]);
    let asked: Verification = serde_json::from_value(asked).unwrap();
    let verdict = moment.verify(None, &asked);
    assert!(verdict.is_ok(), "{verdict}");
    assert_eq!(moment.verify(Some("one"), &asked).failures.len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_not_let_in_is_kept_and_so_is_what_was_too_large_to_read() {
    let moment = kept(|address| {
        assert_eq!(
            Client::new(address, "wrong-t0ken-here")
                .get("/one/scim/v2/Users")
                .status,
            401
        );
        let head = "POST /one/scim/v2/Users HTTP/1.1\r\nhost: x\r\ncontent-length: 5000\r\n\r\n";
        assert_eq!(raw(address, head.as_bytes()).status, 413);
    })
    .await;
    let statuses: Vec<_> = moment
        .entries()
        .map(|entry| entry.exchange.response.status)
        .collect();
    assert_eq!(statuses, [401, 413]);
    assert!(!format!("{moment:?}").contains("wrong-t0ken"));
    let too_large = &moment.latest().unwrap().exchange.request;
    assert!(
        matches!(&too_large.body, Body::Cut { kept } if kept.is_empty()),
        "{too_large:?}"
    );
    assert!(
        too_large
            .headers
            .iter()
            .any(|(name, value)| name == "content-length" && value == "5000")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_journal_the_answers_are_the_same() {
    let bodies = |address: SocketAddr| {
        let mut client = Client::new(address, TOKEN);
        let reply = client.get("/one/scim/v2/Users/user-1?attributes=userName");
        (reply.status, reply.json())
    };
    let with = serve(Some(Arc::new(Journal::default()))).await;
    let without = serve(None).await;
    let both = tokio::task::spawn_blocking(move || (bodies(with), bodies(without)));
    let (with, without) = both.await.unwrap();
    assert_eq!(with, without);
    let Value::Object(user) = &with.1 else {
        panic!("{with:?}");
    };
    assert_eq!(user["userName"], "ann");
}
