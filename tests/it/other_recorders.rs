//! What goes wrong in other recorders, and must not here. Each test says whose failure it is; those that a capability's own file shows
//! already stand there, and replay by state is not meant here.

use crate::support::front::{SCIM, answer, get, names, only_file, post, send, serve_recording};
use crate::support::upstream::Upstream;
use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::Full;
use scimulate::proxy::Config;
use scimulate::replay::Player;
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;

const BASE: &str = "http://replayed.example/scim/v2";

/// Asks what was recorded, under our own base.
fn ask(player: &Player, method: &Method, target: &str, body: &str) -> Response<Bytes> {
    let request = Request::builder()
        .method(method)
        .uri(format!("/scim/v2{target}"))
        .header("content-type", SCIM);
    let body = Bytes::copy_from_slice(body.as_bytes());
    player.answer(BASE, &request.body(body).unwrap())
}

fn matched(response: &Response<Bytes>) -> &str {
    response.headers()["scimulate-match"].to_str().unwrap()
}

fn patch(url: String, body: &str) -> Request<Full<Bytes>> {
    let mut request = post(url, body.to_owned());
    *request.method_mut() = Method::PATCH;
    request
}

/// The exchanges on disk, in order.
fn exchanges(folder: &Path) -> Vec<Value> {
    let read = |name| std::fs::read(folder.join(name)).unwrap();
    names(folder)
        .iter()
        .map(|name| serde_json::from_slice(&read(name)).unwrap())
        .collect()
}

/// `WireMock` 3.13 records `equalToJson` with `ignoreExtraElements`: what asks for more was answered as if it had not.
#[tokio::test]
async fn a_request_that_asks_for_more_than_was_recorded_is_another_request() {
    let upstream = Upstream::start(|_| answer(200, "{}")).await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
    let one = r#"{"Operations": [{"op": "replace", "path": "active", "value": false}]}"#;
    send(patch(format!("{base}/Users/1"), one)).await;
    let player = Player::load(folder.path()).unwrap();
    let level = |body: &str| matched(&ask(&player, &Method::PATCH, "/Users/1", body)).to_owned();
    assert_eq!(level(one), "exact; exchange=1");
    for more in [
        r#"{"Operations": [{"op": "replace", "path": "active", "value": false}, {"op": "remove", "path": "title"}]}"#,
        r#"{"Operations": [{"op": "replace", "path": "active", "value": false, "x": 1}]}"#,
        r#"{"Operations": [{"op": "replace", "path": "active", "value": false}], "x": 1}"#,
        r#"{"Operations": []}"#,
    ] {
        assert_eq!(level(more), "none", "{more}");
    }
}

/// `MockServer` 8 makes `/Users/{id}` of a recorded id: a GET for any id had another user's body.
#[tokio::test]
async fn what_was_recorded_of_one_resource_never_answers_for_another() {
    let upstream = Upstream::start(|request| {
        let id = request.uri().path().rsplit('/').next().unwrap();
        answer(200, json!({ "id": id }).to_string())
    })
    .await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
    let (ann, bob) = (
        "2819c223-7f76-453a-919d-413861904646",
        "3f4c5e8d-9d0b-4b52-8a3f-0d6f8f2b7c11",
    );
    send(get(format!("{base}/Users/{ann}"))).await;
    let player = Player::load(folder.path()).unwrap();
    let of = |id| ask(&player, &Method::GET, &format!("/Users/{id}"), "");
    let right: Value = serde_json::from_slice(of(ann).body()).unwrap();
    assert_eq!(right["id"], ann);
    assert_eq!(of(bob).status(), 404);
    assert_eq!(matched(&of(bob)), "none");
    // And Mountebank answers 200 with nothing where nothing was recorded.
    let error: Value = serde_json::from_slice(of(bob).body()).unwrap();
    assert_eq!(
        error["schemas"],
        json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
    );
}

/// Mountebank (issues 751, 656) sends JSON on in a form of its own, and keeps it as an escaped string.
#[tokio::test]
async fn json_goes_on_byte_for_byte_in_both_directions_and_is_json_on_disk() {
    let written = "{ \"b\" : 1.5,\r\n\t\"a\":[ ],\"n\":100, \"z\\u006fe\" : \"zo\\u00eb \\/\" }\n";
    let upstream = Upstream::start(move |_| answer(200, written)).await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
    let got = send(post(format!("{base}/Users"), written)).await;
    assert_eq!(got.body(), written);
    assert_eq!(upstream.only_request().body(), written);
    let (_, file) = only_file(folder.path());
    for half in ["request", "response"] {
        let body = file[half]["body"].as_object().unwrap();
        assert_eq!(body.keys().collect::<Vec<_>>(), ["b", "a", "n", "zoe"]);
        assert_eq!(body["zoe"], "zoë /");
    }
}

/// httpmock 0.9 leaves two unlike files of one answer, one for a client that takes gzip and one for a client that does not.
#[tokio::test]
async fn a_client_that_takes_gzip_and_one_that_does_not_leave_equal_exchanges() {
    const PLAIN: &str = "{\"userName\": \"ann\"}";
    const CODED: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\x02\xff\xab\x56\x2a\x2d\x4e\x2d\xf2\x4b\xcc\x4d\x55\xb2\x52\x50\x4a\xcc\xcb\x53\xaa\x05\0\x52\x2b\x8a\x9d\x13\0\0\0";
    let upstream = Upstream::start(|request| {
        let taken = request.headers().get("accept-encoding");
        if !taken.is_some_and(|taken| taken.to_str().unwrap().contains("gzip")) {
            return answer(200, PLAIN);
        }
        let mut coded = answer(200, CODED);
        let coding = "gzip".parse().unwrap();
        coded.headers_mut().insert("content-encoding", coding);
        coded
    })
    .await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
    let mut takes_gzip = get(format!("{base}/Users/1"));
    let codings = "gzip, deflate, br".parse().unwrap();
    takes_gzip.headers_mut().insert("accept-encoding", codings);
    send(takes_gzip).await;
    send(get(format!("{base}/Users/1"))).await;
    let recorded = exchanges(folder.path());
    assert_eq!(recorded.len(), 2);
    for exchange in &recorded {
        assert_eq!(exchange["response"]["body"], json!({ "userName": "ann" }));
    }
    // Whoever asks is answered, and with what that client can read.
    let player = Player::load(folder.path()).unwrap();
    for number in 1..=2 {
        let again = ask(&player, &Method::GET, "/Users/1", "");
        assert_eq!(matched(&again), format!("exact; exchange={number}"));
        assert!(!again.headers().contains_key("content-encoding"));
        let body: Value = serde_json::from_slice(again.body()).unwrap();
        assert_eq!(body["userName"], "ann");
    }
}

/// go-vcr (issue 54) changed the live answer too when it redacted the recorded one, and the client's next request failed.
#[tokio::test]
async fn what_the_recording_hides_the_client_gets() {
    let upstream = Upstream::start(|_| {
        let token = json!({ "access_token": "HUSH-1", "token_type": "Bearer", "expires_in": 60 });
        let mut answer = answer(200, token.to_string());
        let cookie = "session=HUSH-2; HttpOnly".parse().unwrap();
        answer.headers_mut().insert("set-cookie", cookie);
        answer
    })
    .await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
    let got = send(post(
        format!("{base}/token"),
        "{\"client_secret\": \"HUSH-3\"}",
    ))
    .await;
    let body: Value = serde_json::from_slice(got.body()).unwrap();
    assert_eq!(body["access_token"], "HUSH-1");
    assert_eq!(got.headers()["set-cookie"], "session=HUSH-2; HttpOnly");
    let seen = upstream.only_request();
    assert_eq!(seen.body(), "{\"client_secret\": \"HUSH-3\"}");
    let (text, _) = only_file(folder.path());
    assert!(
        text.contains("expires_in") && !text.contains("HUSH"),
        "{text}"
    );
}

/// Polly.js (issue 323) loses answers of clients side by side, vcrpy (issue 516) plays them in another order.
#[tokio::test]
async fn clients_side_by_side_find_their_own_answers_on_disk_and_in_replay() {
    const CLIENTS: usize = 16;
    const EACH: usize = 20;
    let upstream = Upstream::start(|request| answer(201, request.body().clone())).await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
    let body = |client: usize, n: usize| json!({ "userName": format!("{client}-{n}") }).to_string();
    let mut running = tokio::task::JoinSet::new();
    for client in 0..CLIENTS {
        let base = base.clone();
        running.spawn(async move {
            for n in 0..EACH {
                let got = send(post(format!("{base}/Users"), body(client, n))).await;
                assert_eq!(got.body(), &body(client, n));
            }
        });
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
    let recorded = exchanges(folder.path());
    assert_eq!(recorded.len(), CLIENTS * EACH);
    for exchange in &recorded {
        assert_eq!(exchange["request"]["body"], exchange["response"]["body"]);
    }
    let player = Player::load(folder.path()).unwrap();
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (player, body) = (&player, &body);
            // Backwards, and each thread at its own pace: nobody's order is that of the recording.
            scope.spawn(move || {
                for n in (0..EACH).rev() {
                    let got = ask(player, &Method::POST, "/Users", &body(client, n));
                    let said: Value = serde_json::from_slice(got.body()).unwrap();
                    assert_eq!(said["userName"], format!("{client}-{n}"));
                }
            });
        }
    });
    assert_eq!(player.misses(), 0);
}
