//! Faults of a scenario that only the connection can carry out: late answers, none, half of one, and slow ones.
//!
//! None outlives its client, and a server that stops waits for none: what is late is sent at once then, and what was never to come ends.
//! Over HTTP/2 it is the stream that ends, for the connection is others' too.

use super::pipeline::Body;
use super::socket::Ending;
use crate::faults::Wire;
use bytes::Bytes;
use http::Response;
use http::header::CONTENT_LENGTH;
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt as _, Either};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::timeout;

/// The connection ends here, as the scenario has it.
#[derive(Debug, thiserror::Error)]
#[error("a fault of the scenario ended the connection")]
pub(super) struct Broken;

/// How long HTTP/2 has to send the last bytes of a stream that breaks off: it throws away what it has not sent by then.
const LAST_BYTES: Duration = Duration::from_millis(50);

/// Does to `response` what `wire` says. `ending` is the end of the connection, where it may be ended; `stopping` changes when the
/// server stops.
pub(super) async fn carry_out(
    wire: Wire,
    response: Response<Body>,
    mut stopping: watch::Receiver<()>,
    ending: Option<Ending>,
) -> Result<Response<Body>, Broken> {
    match wire {
        Wire::Delay(time) => {
            let _ = timeout(time, stopping.changed()).await;
            Ok(response)
        }
        Wire::Timeout => {
            // A client that leaves ends this future.
            let _ = stopping.changed().await;
            Err(Broken)
        }
        Wire::Disconnect { after_bytes, reset } => {
            if let Some(ending) = ending.as_ref().filter(|_| reset) {
                ending.be_a_reset();
            }
            let Some(most) = after_bytes else {
                return Err(Broken);
            };
            break_off(response, most, ending, stopping).await
        }
        Wire::Dribble { bytes, every } => {
            let (head, body) = response.into_parts();
            let rest = body.collect().await.map_err(|_| Broken)?.to_bytes();
            let spoilt = Spoilt {
                rest,
                step: bytes,
                pause: Pause::new(every, stopping),
                end: End::Whole,
            };
            Ok(Response::from_parts(
                head,
                Either::Right(Either::Right(spoilt)),
            ))
        }
    }
}

/// The response whose body ends after `most` bytes, without having been whole.
async fn break_off(
    response: Response<Body>,
    most: usize,
    ending: Option<Ending>,
    stopping: watch::Receiver<()>,
) -> Result<Response<Body>, Broken> {
    let (mut head, body) = response.into_parts();
    let whole = body.collect().await.map_err(|_| Broken)?.to_bytes();
    if whole.is_empty() {
        return Err(Broken);
    }
    // Where more was promised than there is, the length stays open and the end of it is missing.
    if most < whole.len() {
        head.headers.insert(CONTENT_LENGTH, whole.len().into());
    }
    let last = if ending.is_some() {
        Duration::ZERO
    } else {
        LAST_BYTES
    };
    let spoilt = Spoilt {
        rest: whole.slice(..most.min(whole.len())),
        step: usize::MAX,
        pause: Pause::new(last, stopping),
        end: End::Broken(ending),
    };
    Ok(Response::from_parts(
        head,
        Either::Right(Either::Right(spoilt)),
    ))
}

/// The body of an answer that comes slowly, or breaks off.
pub(super) struct Spoilt {
    rest: Bytes,
    /// How many bytes go at a time.
    step: usize,
    pause: Pause,
    end: End,
}

enum End {
    /// All of it was sent.
    Whole,
    /// It breaks off: the connection, or the stream where there is no way to end that.
    Broken(Option<Ending>),
}

/// The time before each piece of a body.
struct Pause {
    length: Duration,
    stopping: watch::Receiver<()>,
    under_way: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Pause {
    fn new(length: Duration, stopping: watch::Receiver<()>) -> Self {
        Self {
            length,
            stopping,
            under_way: None,
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.length.is_zero() {
            return Poll::Ready(());
        }
        let (length, stopping) = (self.length, &self.stopping);
        let under_way = self.under_way.get_or_insert_with(|| {
            let mut stopping = stopping.clone();
            Box::pin(async move {
                let _ = timeout(length, stopping.changed()).await;
            })
        });
        ready!(under_way.as_mut().poll(cx));
        self.under_way = None;
        Poll::Ready(())
    }
}

impl http_body::Body for Spoilt {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        if self.rest.is_empty() {
            return match &self.end {
                End::Whole => Poll::Ready(None),
                End::Broken(Some(ending)) => {
                    // An error here would take the bytes with it that are still to be written.
                    ending.come_after_the_last_byte();
                    Poll::Pending
                }
                End::Broken(None) => {
                    ready!(self.pause.poll(cx));
                    Poll::Ready(Some(Err(Broken)))
                }
            };
        }
        ready!(self.pause.poll(cx));
        let length = self.step.min(self.rest.len());
        let piece = self.rest.split_to(length);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && matches!(self.end, End::Whole)
    }

    fn size_hint(&self) -> SizeHint {
        match self.end {
            End::Whole => SizeHint::with_exact(self.rest.len() as u64),
            End::Broken(_) => SizeHint::default(),
        }
    }
}
