//! Content codings on their way through the proxy and into a recording (RFC 9110 section 8.4): bytes go on as they came, recordings are
//! read without them.

use crate::support::coded::coded;
use crate::support::front::{
    SCIM, get, header, only_file, post, request, send, serve_recording, serve_to,
};
use crate::support::upstream::Upstream;
use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response};
use http_body_util::Full;
use scimulate::proxy::Config;
use scimulate::replay::Player;
use serde_json::{Value, json};
use tempfile::TempDir;

const NAMES: [&str; 4] = ["gzip", "deflate", "br", "zstd"];

fn response(coding: &str, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    Response::builder()
        .header("content-type", SCIM)
        .header("content-encoding", coding)
        .header("vary", "accept-encoding")
        .body(Full::new(body.into()))
        .unwrap()
}

fn sent(base: &str, coding: &str, body: impl Into<Bytes>) -> Request<Full<Bytes>> {
    let mut sent = post(format!("{base}/Users"), body);
    let coding = HeaderValue::try_from(coding).unwrap();
    sent.headers_mut().insert("content-encoding", coding);
    sent
}

#[tokio::test]
async fn a_coded_body_passes_byte_for_byte_and_is_recorded_and_replayed_without_its_coding() {
    let text = r#"{"userName":"bjensen","displayName":"bjensen bjensen"}"#;
    for name in NAMES {
        let body = coded(name, text.as_bytes());
        let (answered, coding) = (body.clone(), name);
        let upstream = Upstream::start(move |_| response(coding, answered.clone())).await;
        let folder = TempDir::new().unwrap();
        let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
        let got = send(sent(&base, name, body.clone())).await;
        assert_eq!(got.headers()["content-encoding"], name);
        assert_eq!(got.headers()["content-length"], body.len().to_string());
        assert!(got.body() == &body, "{name}");
        let seen = upstream.only_request();
        assert_eq!(seen.headers()["content-encoding"], name);
        assert!(seen.body() == &body, "{name}");

        let (_, file) = only_file(folder.path());
        for half in ["request", "response"] {
            assert_eq!(file[half]["body"].to_string(), text);
            assert_eq!(header(&file[half], "content-encoding"), Some(name));
        }

        for (coding, body) in [("identity", Bytes::from(text)), (name, body.into())] {
            let request = Request::post("/scim/v2/Users")
                .header("content-type", SCIM)
                .header("content-encoding", coding);
            // A write is answered once.
            let player = Player::load(folder.path()).unwrap();
            let again = player.answer(&base, &request.body(body).unwrap());
            assert_eq!(again.status(), 200, "{:?}", again.body());
            assert_eq!(again.body(), text);
            assert!(!again.headers().contains_key("content-encoding"));
            assert_eq!(again.headers()["content-length"], text.len().to_string());
        }
    }
}

#[tokio::test]
async fn a_url_under_a_coding_is_moved_and_the_body_goes_on_without_the_coding() {
    for name in NAMES {
        let upstream = Upstream::start(move |request| {
            let base = format!(
                "http://{}/api/scim",
                request.headers()["host"].to_str().unwrap()
            );
            let body = json!({"meta": {"location": format!("{base}/Users/1")}}).to_string();
            response(name, coded(name, body.as_bytes()))
        })
        .await;
        let folder = TempDir::new().unwrap();
        let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
        let body = json!({"manager": {"$ref": format!("{base}/Users/2")}}).to_string();
        let got = send(sent(&base, name, coded(name, body.as_bytes()))).await;
        let expected = json!({"meta": {"location": format!("{base}/Users/1")}}).to_string();
        assert_eq!(got.body(), &expected);
        assert!(!got.headers().contains_key("content-encoding"));
        assert_eq!(got.headers()["content-length"], expected.len().to_string());
        let seen = upstream.only_request();
        assert!(!seen.headers().contains_key("content-encoding"));
        assert_eq!(seen.body(), &body.replace(&base, &upstream.base));

        let (_, file) = only_file(folder.path());
        assert_eq!(file["request"]["body"]["manager"]["$ref"], "{base}/Users/2");
        assert_eq!(
            file["response"]["body"]["meta"]["location"],
            "{base}/Users/1"
        );
        assert_eq!(header(&file["response"], "content-encoding"), Some(name));
    }
}

#[tokio::test]
async fn a_secret_under_a_coding_is_in_no_recording() {
    let secret = "pa55word-of-bjensen";
    for name in NAMES {
        let whole = coded(
            name,
            json!({"password": secret, "a": "x"}).to_string().as_bytes(),
        );
        // Without its end, it is text that was cut.
        for body in [whole.clone(), whole[..whole.len() - 1].to_vec()] {
            let answered = body.clone();
            let upstream = Upstream::start(move |_| response(name, answered.clone())).await;
            let folder = TempDir::new().unwrap();
            let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
            let got = send(sent(&base, name, body.clone())).await;
            assert!(got.body() == &body);
            let (text, _) = only_file(folder.path());
            assert!(!text.contains("pa55word"), "{name}: {text}");
            assert!(!text.contains("cGE1NXdvcmQ"), "nor in base64: {text}");
        }
    }
}

/// What the recording has of an answer in this coding that the proxy cannot read to its end.
async fn check_cut(coding: &'static str, body: Vec<u8>, limits: [usize; 2], expected: Value) {
    let answered = body.clone();
    let upstream = Upstream::start(move |_| response(coding, answered.clone())).await;
    let folder = TempDir::new().unwrap();
    let mut config = Config::new(&upstream.base);
    [config.body_limit, config.recorded_limit] = limits;
    let base = serve_recording(config, folder.path()).await;
    let got = send(get(format!("{base}/Users"))).await;
    assert_eq!(got.headers()["content-encoding"], coding);
    assert!(got.body() == &body, "{coding}: byte for byte");
    let (_, file) = only_file(folder.path());
    assert_eq!(file["response"]["body_text"], expected);
    assert_eq!(file["response"]["body_cut"], true);
    assert_eq!(file["ended"], Value::Null, "the exchange is whole");
    let player = Player::load(folder.path()).unwrap();
    let request = Request::get("/scim/v2/Users").body(Bytes::new()).unwrap();
    assert_eq!(player.answer(&base, &request).status(), 502);
}

#[tokio::test]
async fn what_cannot_be_decoded_passes_and_is_recorded_as_far_as_it_can_be_read() {
    let limits = [1 << 20, 1 << 20];
    check_cut("compress", b"\x1f\x9d\x90abc".to_vec(), limits, "".into()).await;
    check_cut("gzip", b"{\"id\": \"no gzip\"}".to_vec(), limits, "".into()).await;
    check_cut("gzip, aes128gcm", coded("gzip", b"{}"), limits, "".into()).await;
    let mut damaged = coded("gzip", b"{\"id\": 1}");
    let checksum = damaged.len() - 8;
    damaged[checksum] ^= 1;
    check_cut("gzip", damaged, limits, "{\"id\": 1}".into()).await;
}

#[tokio::test]
async fn a_body_that_is_small_under_its_coding_and_large_without_it_passes_and_is_cut() {
    let bomb = vec![b'a'; 1 << 20];
    let small = coded("gzip", &bomb);
    assert!(small.len() < 5000, "{}", small.len());
    let kept: Value = "a".repeat(2000).into();
    check_cut("gzip", small.clone(), [5000, 2000], kept.clone()).await;
    check_cut(
        "gzip, gzip",
        coded("gzip", &small),
        [5000, 2000],
        "a".repeat(2000).into(),
    )
    .await;
    // Larger than the limit under its coding too, so that it streams.
    let text: String = (0..20_000).map(|n| n.to_string()).collect();
    check_cut(
        "gzip",
        coded("gzip", text.as_bytes()),
        [20_000, 100],
        text[..100].into(),
    )
    .await;
}

#[tokio::test]
async fn the_codings_that_the_client_accepts_reach_the_upstream_if_they_can_be_decoded() {
    for (asked, expected) in [
        (None, None),
        (
            Some("gzip, deflate, br, zstd"),
            Some("gzip, deflate, br, zstd"),
        ),
        (Some("gzip;q=0.8, compress"), Some("gzip;q=0.8")),
        (Some("dcz"), Some("identity")),
    ] {
        let upstream = Upstream::start(|_| response("identity", "{}")).await;
        let base = serve_to(&upstream.base).await;
        let mut sent = get(format!("{base}/Users"));
        if let Some(asked) = asked {
            let asked = HeaderValue::from_static(asked);
            sent.headers_mut().insert("accept-encoding", asked);
        }
        send(sent).await;
        let seen = upstream.only_request();
        let found = seen.headers().get("accept-encoding");
        assert_eq!(found.map(|it| it.to_str().unwrap()), expected);
    }
}

#[tokio::test]
async fn an_answer_without_content_keeps_the_coding_that_it_would_have() {
    let upstream = Upstream::start(|_| response("gzip", coded("gzip", b"{}"))).await;
    let folder = TempDir::new().unwrap();
    let base = serve_recording(Config::new(&upstream.base), folder.path()).await;
    let got = send(request(Method::HEAD, format!("{base}/Users"))).await;
    assert_eq!(got.headers()["content-encoding"], "gzip");
    assert_eq!(
        got.headers()["content-length"],
        coded("gzip", b"{}").len().to_string()
    );
    let (_, file) = only_file(folder.path());
    assert_eq!(file["response"]["body_cut"], Value::Null);
}
