//! A body that goes on as there is more to say: it ends when its client leaves or the server stops.

use super::Feed;
use super::pipeline::Body;
use bytes::Bytes;
use http::Response;
use http_body_util::{Either, channel};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::watch;

/// After so long a silence something is said, or a proxy between would end it, and a client that is gone would not be noticed.
const SILENCE: Duration = Duration::from_secs(15);

/// What is said then: a comment.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

pub(super) type Streamed = channel::Channel<Bytes, Infallible>;

/// The response whose body is what `feed` has, each time `changed` says that there may be more.
pub(super) fn open(
    response: Response<Bytes>,
    feed: Box<dyn Feed>,
    changed: watch::Receiver<u64>,
    stopping: watch::Receiver<()>,
) -> Response<Body> {
    let (sender, body) = channel::Channel::new(1);
    tokio::spawn(tell(sender, feed, changed, stopping));
    response.map(|_| Either::Left(Either::Right(body)))
}

async fn tell(
    mut sender: channel::Sender<Bytes, Infallible>,
    mut feed: Box<dyn Feed>,
    mut changed: watch::Receiver<u64>,
    mut stopping: watch::Receiver<()>,
) {
    loop {
        // Before it is asked, so that nothing falls between.
        changed.mark_unchanged();
        let asked = tokio::task::spawn_blocking(move || (feed.take(), feed));
        let Ok((mut bytes, same)) = asked.await else {
            return;
        };
        feed = same;
        if bytes.is_empty() {
            bytes = tokio::select! {
                biased;
                _ = stopping.changed() => return,
                changed = changed.changed() => match changed {
                    Ok(()) => continue,
                    Err(_) => return,
                },
                () = tokio::time::sleep(SILENCE) => COMMENT,
            };
        }
        tokio::select! {
            biased;
            _ = stopping.changed() => return,
            sent = sender.send_data(bytes) => if sent.is_err() {
                return;
            },
        }
    }
}
