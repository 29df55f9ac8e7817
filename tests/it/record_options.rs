//! What `record` is told of the traffic: whose credentials go on, what may pass, how much is kept, when it is forced to the disk.

use crate::support::client::Client;
use crate::support::front::{
    answer, get, names, only_file, post, request, send, serve, serve_recording,
};
use crate::support::program::{Program, run};
use crate::support::upstream::Upstream;
use http::{HeaderValue, Method};
use scimulate::clock;
use scimulate::exchange::redact::Redactor;
use scimulate::exchange::{Folder, Recording, Sync};
use scimulate::proxy::{Config, Recorder};
use serde_json::json;
use tempfile::TempDir;

#[tokio::test]
async fn the_credentials_of_the_upstream_stand_for_those_of_the_client_and_stay_off_the_disk() {
    let upstream = Upstream::start(|_| answer(200, "{}")).await;
    let folder = TempDir::new().unwrap();
    let config = Config {
        authorization: Some(HeaderValue::from_static("Bearer the-real-one")),
        ..Config::new(&upstream.base)
    };
    let base = serve_recording(config, folder.path()).await;
    let mut sent = get(format!("{base}/Users"));
    let shown = HeaderValue::from_static("Bearer sandbox");
    sent.headers_mut().insert("authorization", shown);
    assert_eq!(send(sent).await.status(), 200);
    let seen = upstream.only_request();
    let all: Vec<_> = seen.headers().get_all("authorization").iter().collect();
    assert_eq!(all, ["Bearer the-real-one"]);
    let (_, file) = only_file(folder.path());
    let written = file.to_string();
    assert!(
        !written.contains("the-real-one") && !written.contains("sandbox"),
        "{written}"
    );
}

#[tokio::test]
async fn a_client_without_credentials_has_those_of_the_upstream_too() {
    let upstream = Upstream::start(|_| answer(200, "{}")).await;
    let config = Config {
        authorization: Some(HeaderValue::from_static("Basic YTpi")),
        ..Config::new(&upstream.base)
    };
    let base = serve(config.build(None).unwrap()).await;
    send(get(format!("{base}/Users"))).await;
    assert_eq!(
        upstream.only_request().headers()["authorization"],
        "Basic YTpi"
    );
}

#[tokio::test]
async fn a_proxy_that_only_reads_lets_get_and_head_through_and_nothing_else() {
    let upstream = Upstream::start(|_| answer(200, "{}")).await;
    let folder = TempDir::new().unwrap();
    let config = Config {
        read_only: true,
        ..Config::new(&upstream.base)
    };
    let base = serve_recording(config, folder.path()).await;
    for method in [
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
        Method::OPTIONS,
    ] {
        let refused = send(request(method.clone(), format!("{base}/Users/1"))).await;
        assert_eq!(refused.status(), 403, "{method}");
        let body: serde_json::Value = serde_json::from_slice(refused.body()).unwrap();
        assert!(
            body["detail"].as_str().unwrap().contains("--read-only"),
            "{body}"
        );
    }
    assert_eq!(send(get(format!("{base}/Users"))).await.status(), 200);
    assert_eq!(
        send(request(Method::HEAD, format!("{base}/Users")))
            .await
            .status(),
        200
    );
    // What did not reach the upstream is in no recording, nor does it leave a gap.
    assert_eq!(
        names(folder.path()),
        ["0001-GET-Users-200.json", "0002-HEAD-Users-200.json"]
    );
}

#[tokio::test]
async fn a_body_that_is_read_whole_may_still_be_cut_in_the_recording() {
    let long = json!({"nickName": "x".repeat(500)}).to_string();
    let answered = long.clone();
    let upstream = Upstream::start(move |_| answer(201, answered.clone())).await;
    let folder = TempDir::new().unwrap();
    let config = Config {
        recorded_limit: 100,
        ..Config::new(&upstream.base)
    };
    let base = serve_recording(config, folder.path()).await;
    let got = send(post(format!("{base}/Users"), long.clone())).await;
    assert_eq!(got.body(), &long);
    assert_eq!(upstream.only_request().body(), &long);
    let (_, file) = only_file(folder.path());
    for side in ["request", "response"] {
        assert_eq!(file[side]["body_cut"], true, "{file}");
        assert!(file[side].to_string().len() < 400, "{file}");
    }
}

#[test]
fn exchanges_are_written_whole_whenever_they_are_forced_to_the_disk() {
    for sync in [Sync::Never, Sync::Close, Sync::Each] {
        let folder = TempDir::new().unwrap();
        let recording = Recording {
            upstream: "http://sp.example/scim".to_owned(),
            base_path: "/scim/v2".to_owned(),
            started: clock::now().to_string(),
            version: "0".to_owned(),
            redaction: "secrets".to_owned(),
            key: String::new(),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let upstream = Upstream::start(|_| answer(200, "{}")).await;
            let opened = Folder::open(folder.path(), &recording)
                .unwrap()
                .synced(sync);
            let recorder = Recorder::new(opened, Redactor::default(), |error| panic!("{error}"));
            let proxy = Config::new(&upstream.base)
                .build(Some(recorder.clone()))
                .unwrap();
            let base = serve(proxy).await;
            for _ in 0..3 {
                send(get(format!("{base}/Users"))).await;
            }
            recorder.close().unwrap();
            assert_eq!((recorder.written(), recorder.losses()), (3, 0));
        });
        assert_eq!(names(folder.path()).len(), 3, "{sync:?}");
    }
}

#[test]
fn the_program_takes_them_and_says_at_the_end_what_it_has() {
    let provider = Program::start(&["serve", "--no-control"]);
    let folder = TempDir::new().unwrap();
    let out = folder.path().join("out").display().to_string();
    let mut recorder = Program::start(&[
        "record",
        "--upstream",
        provider.base(),
        "--out",
        &out,
        "--read-only",
        "--sync",
        "close",
        "--upstream-auth",
        "Bearer demo-token",
        "--max-recorded-body",
        "50",
    ]);
    let mut client = Client::new(recorder.address(), "nobody's");
    assert_eq!(client.get("/scim/v2/Users").json()["totalResults"], 7);
    assert_eq!(client.send("POST", "/scim/v2/Users", "{}").status, 403);
    drop(client);
    recorder.signal("TERM");
    let said = recorder.says("recorded 1 exchange in");
    assert!(!said.contains("demo-token"), "{said}");
    assert!(recorder.wait().success());
    for wrong in ["demo-token", "Bearer ", "Digest x", "Bearer a\nb"] {
        let arguments = [
            "record",
            "--upstream",
            provider.base(),
            "--out",
            &out,
            "--upstream-auth",
            wrong,
        ];
        let (code, _, told) = run(&arguments);
        assert_eq!(code, Some(2), "{wrong}: {told}");
        assert!(
            told.contains("--upstream-auth is") && !told.contains("demo-token"),
            "{told}"
        );
    }
}
