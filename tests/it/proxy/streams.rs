//! Bodies that are larger than memory should hold: they pass as fast as they are taken, whole, and their recording is cut.

use super::protocols::{Content, pieces, stand};
use crate::support::front::{begin, get, only_file, recorded};
use crate::support::upstream::scripted;
use bytes::Bytes;
use http::Request;
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use scimulate::proxy::Config;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, oneshot};

const MEBIBYTE: usize = 1024 * 1024;
const LARGE: usize = 100 * MEBIBYTE;

/// What the proxy, and the sockets on both sides of it, may hold at most.
const HELD: usize = 40 * MEBIBYTE;

/// Lets everybody else do what they can.
async fn let_others_run() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_hundred_mebibytes_pass_as_they_are_taken_and_are_cut_in_the_recording() {
    let written = Arc::new(AtomicUsize::new(0));
    let counted = written.clone();
    let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {LARGE}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let piece = vec![b'x'; MEBIBYTE];
        for _ in 0..LARGE / MEBIBYTE {
            stream.write_all(&piece).await.unwrap();
            counted.fetch_add(piece.len(), Ordering::Relaxed);
        }
    })
    .await;
    let folder = TempDir::new().unwrap();
    let mut config = Config::new(&upstream);
    config.recorded_limit = 1000;
    let (base, _) = stand(config, folder.path(), None).await;
    let mut got = begin(get(format!("{base}/Users"))).await.into_body();
    let mut read = 0;
    let mut yields = 0;
    while let Some(frame) = got.frame().await {
        read += frame.unwrap().into_data().unwrap().len();
        // A slow client: now and then everybody else runs until nothing more fits anywhere.
        if read / MEBIBYTE > yields {
            yields = read / MEBIBYTE;
            let_others_run().await;
        }
        let ahead = written.load(Ordering::Relaxed).saturating_sub(read);
        assert!(ahead <= HELD, "{ahead} bytes are held");
    }
    assert_eq!(read, LARGE);
    recorded(folder.path(), 1).await;
    let (text, file) = only_file(folder.path());
    assert_eq!(file["response"]["body_text"], "x".repeat(1000));
    assert_eq!(file["response"]["body_cut"], true);
    assert!(text.len() < 3000);
}

/// Sends a body on a connection of its own; `None` where the connection broke.
async fn upload(base: &str, length: usize, body: Content) -> Option<(u16, Bytes)> {
    let authority = base.split('/').nth(2).unwrap();
    let stream = TcpStream::connect(authority).await.unwrap();
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::post("/scim/v2/Users")
        .header("host", authority)
        .header("content-length", length);
    let (head, body) = sender
        .send_request(request.body(body).unwrap())
        .await
        .ok()?
        .into_parts();
    let body = body.collect().await.ok()?.to_bytes();
    Some((head.status.as_u16(), body))
}

#[tokio::test]
async fn an_upload_goes_no_faster_than_the_upstream_takes_it() {
    let (go_on, told_to) = oneshot::channel();
    let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
        told_to.await.unwrap();
        let mut sink = tokio::io::sink();
        let mut body = (&mut stream).take(LARGE as u64);
        tokio::io::copy(&mut body, &mut sink).await.unwrap();
        let answer = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}";
        stream.write_all(answer).await.unwrap();
    })
    .await;
    let folder = TempDir::new().unwrap();
    let mut config = Config::new(&upstream);
    config.recorded_limit = 1000;
    let (base, _) = stand(config, folder.path(), None).await;
    let taken = Arc::new(AtomicUsize::new(0));
    let piece = Bytes::from(vec![b'x'; MEBIBYTE]);
    let counted = taken.clone();
    let frames = std::iter::repeat_n(piece, LARGE / MEBIBYTE).map(move |piece| {
        counted.fetch_add(piece.len(), Ordering::Relaxed);
        Ok(Frame::data(piece))
    });
    let body = StreamBody::new(futures_util::stream::iter(frames)).boxed_unsync();
    let sent = tokio::spawn(async move { upload(&base, LARGE, body).await });
    // Until nothing moves any more.
    let mut before = usize::MAX;
    while before != taken.load(Ordering::Relaxed) {
        before = taken.load(Ordering::Relaxed);
        for _ in 0..100 {
            let_others_run().await;
        }
    }
    assert!(before <= HELD, "{before} bytes are held");
    go_on.send(()).unwrap();
    assert_eq!(sent.await.unwrap().unwrap(), (201, "{}".into()));
    recorded(folder.path(), 1).await;
    let (_, file) = only_file(folder.path());
    assert_eq!(file["request"]["body_cut"], true);
    assert_eq!(file["response"]["status"], 201);
}

/// A body of `first`, which is above the limit, and what comes later.
fn slow_body(first: &'static [u8], later: mpsc::UnboundedReceiver<Bytes>) -> Content {
    let later = futures_util::stream::unfold(later, async |mut later| {
        let piece = later.recv().await?;
        Some((Ok(Frame::data(piece)), later))
    });
    let first = futures_util::stream::iter([Ok(Frame::data(Bytes::from_static(first)))]);
    let frames = futures_util::StreamExt::chain(first, later);
    StreamBody::new(frames).boxed_unsync()
}

#[tokio::test]
async fn an_upload_that_takes_its_time_is_no_silence_of_the_upstream() {
    let (heard, was_heard) = oneshot::channel();
    let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
        let mut body = [0; 8];
        stream.read_exact(&mut body[..4]).await.unwrap();
        heard.send(()).unwrap();
        stream.read_exact(&mut body[4..]).await.unwrap();
        let answer = b"HTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\n{}";
        stream.write_all(answer).await.unwrap();
    })
    .await;
    let folder = TempDir::new().unwrap();
    let mut config = Config::new(&upstream);
    config.body_limit = 2;
    config.answer_timeout = Duration::from_millis(20);
    let (base, _) = stand(config, folder.path(), None).await;
    let (later, rest) = mpsc::unbounded_channel();
    let sent = tokio::spawn(async move { upload(&base, 8, slow_body(b"abcd", rest)).await });
    was_heard.await.unwrap();
    // Several times as long as the upstream may be silent.
    tokio::time::sleep(Duration::from_millis(100)).await;
    later.send("efgh".into()).unwrap();
    drop(later);
    assert_eq!(sent.await.unwrap().unwrap(), (201, "{}".into()));
}

#[tokio::test]
async fn an_upstream_that_is_silent_after_an_upload_is_a_gateway_timeout() {
    let (upstream, _task) = scripted(async move |mut stream: TcpStream| {
        let _ = stream.read_to_end(&mut Vec::new()).await;
    })
    .await;
    let folder = TempDir::new().unwrap();
    let mut config = Config::new(&upstream);
    config.body_limit = 2;
    config.answer_timeout = Duration::from_millis(20);
    let (base, _) = stand(config, folder.path(), None).await;
    let body = pieces(vec!["abcd".into(), "efgh".into()], None);
    let (status, _) = upload(&base, 8, body).await.unwrap();
    assert_eq!(status, 504);
    recorded(folder.path(), 1).await;
    let (_, file) = only_file(folder.path());
    assert_eq!(file["ended"]["by"], "upstream");
}
