//! What the recorder leaves on disk of the traffic between a client and a scripted upstream.

mod crash;
mod full;
mod modes;
mod slow;

use crate::support::front::{
    Later, answer, begin, get, header, names, only_file, post, recorder, send, serve,
    serve_recording,
};
use crate::support::upstream::{Upstream, scripted};
use bytes::Bytes;
use http_body_util::BodyExt;
use scimulate::proxy::Config;
use scimulate::replay::Player;
use serde_json::{Value, json};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::oneshot;

#[tokio::test]
async fn each_side_sees_its_own_base_and_the_recording_neither() {
    let upstream = Upstream::start(|request| {
        let base = format!("http://{}/api/scim", request.headers()["host"].to_str().unwrap());
        let body = json!({ "id": "1", "displayName": base, "meta": { "location": format!("{base}/Users/1") } });
        let mut response = answer(201, body.to_string());
        let location = format!("{base}/Users/1").parse().unwrap();
        response.headers_mut().insert("location", location);
        response
    })
    .await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
    let sent = json!({ "nickName": base, "manager": { "$ref": format!("{base}/Users/7") } });
    let got = send(post(format!("{base}/Users?a=1"), sent.to_string())).await;

    let seen = upstream.only_request();
    let body: Value = serde_json::from_slice(seen.body()).unwrap();
    assert_eq!(
        body["manager"]["$ref"],
        format!("{}/Users/7", upstream.base)
    );
    assert_eq!(body["nickName"], base, "text of a person stays");
    assert_eq!(
        seen.headers()["content-length"],
        seen.body().len().to_string()
    );

    let body: Value = serde_json::from_slice(got.body()).unwrap();
    assert_eq!(body["meta"]["location"], format!("{base}/Users/1"));
    assert_eq!(body["displayName"], upstream.base, "text of a person stays");
    assert_eq!(got.headers()["location"], format!("{base}/Users/1"));
    assert_eq!(
        got.headers()["content-length"],
        got.body().len().to_string()
    );

    assert_eq!(names(folder.path()), ["0001-POST-Users-201.json"]);
    let (_, file) = only_file(folder.path());
    assert_eq!(file["request"]["path"], "/Users");
    assert_eq!(file["request"]["query"], json!([["a", "1"]]));
    assert_eq!(file["request"]["body"]["manager"]["$ref"], "{base}/Users/7");
    assert_eq!(file["response"]["status"], 201);
    assert_eq!(
        file["response"]["body"]["meta"]["location"],
        "{base}/Users/1"
    );
    assert_eq!(
        header(&file["response"], "location"),
        Some("{base}/Users/1")
    );
}

#[tokio::test]
async fn a_compressed_answer_passes_untouched_and_is_not_kept() {
    let bytes: &[u8] = b"\x1f\x8b\x08\x00\xff";
    let upstream = Upstream::start(move |_| {
        let mut response = answer(200, bytes);
        response
            .headers_mut()
            .insert("content-encoding", "gzip".parse().unwrap());
        response
    })
    .await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
    let got = send(get(format!("{base}/Users"))).await;
    assert_eq!(got.body(), bytes);
    assert_eq!(got.headers()["content-encoding"], "gzip");
    let (_, file) = only_file(folder.path());
    // A secret in it could not be found, so that nothing of it is written.
    assert_eq!(file["response"]["body_cut"], true);
    assert!(!file.to_string().contains("H4sI") && file["response"]["body_text"] == "");
}

/// RFC 7644 section 3.12 leaves redirections to the client, and what stands between it and a provider answers as it likes.
#[tokio::test]
async fn what_is_no_scim_and_what_leads_elsewhere_passes_is_kept_and_is_replayed() {
    const ANSWERS: [(u16, &str, &str, &str); 5] = [
        (502, "content-type", "text/html", "<h1>502 Bad Gateway</h1>"),
        (503, "x-down", "yes", ""),
        (429, "retry-after", "30", "slow down"),
        (307, "location", "http://elsewhere.example/Users", ""),
        (308, "location", "http://elsewhere.example/Users", ""),
    ];
    let upstream = Upstream::start(|request| {
        let asked = request.uri().path().rsplit('/').next().unwrap();
        let is_asked = |(status, ..): &&(u16, _, _, _)| status.to_string() == asked;
        let (status, name, value, body) = *ANSWERS.iter().find(is_asked).unwrap();
        http::Response::builder()
            .status(status)
            .header(name, value)
            .body(body.into())
            .unwrap()
    })
    .await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
    for (status, name, value, body) in ANSWERS {
        let got = send(post(format!("{base}/Users/{status}"), "{}".to_owned())).await;
        assert_eq!(got.status(), status);
        assert_eq!(
            (&got.headers()[name], got.body()),
            (&value.parse().unwrap(), &Bytes::from(body))
        );
    }
    assert_eq!(upstream.seen().len(), ANSWERS.len(), "nothing is followed");
    let player = Player::load(folder.path()).unwrap();
    for (status, name, value, body) in ANSWERS {
        let request = http::Request::post(format!("/scim/v2/Users/{status}"));
        let request = request.header("content-type", "application/scim+json");
        let again = player.answer(&base, &request.body(Bytes::from("{}")).unwrap());
        assert_eq!(again.status(), status);
        assert_eq!(
            (&again.headers()[name], again.body()),
            (&value.parse().unwrap(), &Bytes::from(body))
        );
    }
}

#[tokio::test]
async fn bodies_above_the_limit_pass_whole_and_are_cut_in_the_recording() {
    let upstream = Upstream::start(|request| answer(200, request.body().clone())).await;
    let folder = TempDir::new().unwrap();
    let mut config = Config::new(&upstream.base);
    config.body_limit = 1000;
    let base = serve_recording(config, folder.path()).await;
    let large = json!({ "$ref": base, "text": "x".repeat(300_000) }).to_string();
    let got = send(post(format!("{base}/Users"), large.clone())).await;
    let seen = upstream.only_request();
    assert_eq!(seen.headers()["content-length"], large.len().to_string());
    assert!(seen.body() == large.as_bytes());
    assert!(got.body() == large.as_bytes());
    assert_eq!(got.headers()["content-length"], large.len().to_string());
    let (text, file) = only_file(folder.path());
    for half in ["request", "response"] {
        assert_eq!(file[half]["body_cut"], true);
        let kept = large[..1000].replace(&base, "{base}");
        assert_eq!(file[half]["body_text"], kept);
    }
    assert!(text.len() < 5000, "{}", text.len());
}

#[tokio::test]
async fn a_large_answer_flows_before_it_is_whole_and_is_on_disk_before_it_ends() {
    let (first_arrived, first_seen) = oneshot::channel::<()>();
    let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            .await
            .unwrap();
        for _ in 0..2 {
            stream.write_all(b"4\r\nabcd\r\n").await.unwrap();
            stream.flush().await.unwrap();
        }
        first_seen.await.unwrap();
        stream.write_all(b"4\r\nefgh\r\n0\r\n\r\n").await.unwrap();
    })
    .await;
    let folder = TempDir::new().unwrap();
    let mut config = Config::new(&upstream);
    config.body_limit = 2;
    let base = serve_recording(config, folder.path()).await;
    let mut got = begin(get(format!("{base}/Users"))).await.into_body();
    let first = got.frame().await.unwrap().unwrap().into_data().unwrap();
    assert!(first.starts_with(b"abcd"));
    assert!(
        names(folder.path()).is_empty(),
        "the answer is not complete"
    );
    first_arrived.send(()).unwrap();
    let rest = got.collect().await.unwrap().to_bytes();
    assert!(rest.ends_with(b"efgh"));
    assert_eq!(names(folder.path()), ["0001-GET-Users-200.json"]);
}

#[tokio::test]
async fn exchanges_are_numbered_in_the_order_of_arrival() {
    let upstream = Upstream::start(|_| answer(200, "{}")).await;
    let folder = TempDir::new().unwrap();
    let recorder = recorder(folder.path()).0;
    let proxy = Config::new(&upstream.base).build(Some(recorder)).unwrap();
    let base = "http://own/scim/v2";
    let (sender, receiver) = oneshot::channel();
    let later = post(format!("{base}/Slow"), "").map(|_| Later::after("", receiver));
    let mut slow = pin!(proxy.answer(base, later));
    let begun = slow.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(begun.is_pending());
    let fast = proxy.answer(base, get(format!("{base}/Fast"))).await;
    assert_eq!(fast.status(), 200);
    assert_eq!(names(folder.path()), ["0002-GET-Fast-200.json"]);
    sender.send(Bytes::from("{}")).unwrap();
    assert_eq!(slow.await.status(), 200);
    assert_eq!(
        names(folder.path()),
        ["0001-POST-Slow-200.json", "0002-GET-Fast-200.json"]
    );
}

#[tokio::test]
async fn no_secret_reaches_the_disk_and_every_secret_reaches_the_upstream() {
    let upstream = Upstream::start(|request| {
        let mut response = answer(200, request.body().clone());
        let cookie = "session=SECRET-3; Path=/".parse().unwrap();
        response.headers_mut().insert("set-cookie", cookie);
        response
    })
    .await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
    let body = json!({ "userName": "kept", "password": "SECRET-1" }).to_string();
    let mut sent = post(format!("{base}/Users"), body.clone());
    let bearer = "Bearer SECRET-2".parse().unwrap();
    sent.headers_mut().insert("authorization", bearer);
    let got = send(sent).await;
    assert_eq!(got.body(), &body);
    assert_eq!(
        upstream.only_request().headers()["authorization"],
        "Bearer SECRET-2"
    );
    let (text, _) = only_file(folder.path());
    assert!(text.contains("kept"));
    assert!(!text.contains("SECRET-"), "{text}");
}

#[tokio::test]
async fn traffic_goes_on_when_nothing_can_be_written_and_losses_are_counted() {
    let upstream = Upstream::start(|_| answer(200, "{}")).await;
    let parent = TempDir::new().unwrap();
    let folder = parent.path().join("recording");
    let (recorder, heard) = recorder(&folder);
    let proxy = Config::new(&upstream.base)
        .build(Some(recorder.clone()))
        .unwrap();
    let base = serve(proxy).await;
    assert_eq!(send(get(format!("{base}/Users"))).await.status(), 200);
    assert_eq!(names(&folder).len(), 1);
    assert_eq!(recorder.lost(), None);
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::write(&folder, "in the way").unwrap();
    for _ in 0..100 {
        assert_eq!(send(get(format!("{base}/Users"))).await.status(), 200);
    }
    let lost = recorder.lost().unwrap();
    assert_eq!((lost.count, lost.is_losing), (100, true));
    assert!(lost.reason.contains("cannot write"), "{lost:?}");
    std::fs::remove_file(&folder).unwrap();
    std::fs::create_dir(&folder).unwrap();
    send(get(format!("{base}/Users"))).await;
    assert!(!recorder.lost().unwrap().is_losing);
    assert_eq!((recorder.written(), recorder.losses()), (2, 100));
    // Not a line for each.
    let heard = heard.lock().unwrap().join("\n");
    let [first, last] = heard.lines().collect::<Vec<_>>()[..] else {
        panic!("{heard}");
    };
    assert!(
        first.starts_with("an exchange is not recorded, and the traffic goes on: cannot write"),
        "{first}"
    );
    assert_eq!(last, "recording again; 100 exchanges are lost");
}
