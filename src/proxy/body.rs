//! Bodies that pass through the proxy: whole in memory up to a limit, and frame by frame above it.
//!
//! Above the limit, what was read ahead goes first and the rest follows as it comes. A streamed body keeps one frame back, so that it knows
//! the last one before it lets it go: that is when the recording is written. Trailers are not passed on (`TE` and `Trailer` belong to one
//! connection, and SCIM has no use for them).

use super::Filed;
use bytes::{Bytes, BytesMut};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// Why a body ended early.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A body on its way through the proxy.
pub struct Body(Kind);

enum Kind {
    Whole(Bytes),
    Streamed(Streamed),
}

struct Streamed {
    held: Option<Bytes>,
    /// `None` when it has ended.
    rest: Option<UnsyncBoxBody<Bytes, BoxError>>,
    completed: Option<Completed>,
    /// The last frame waits for it.
    filing: Option<Pin<Box<dyn Future<Output = Filed> + Send>>>,
}

/// Called before the last frame of a streamed body goes on, which waits for what it returns.
pub(super) type Completed = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = Filed> + Send>> + Send>;

impl Body {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self(Kind::Whole(bytes))
    }

    pub(super) fn streamed<B>(ahead: Bytes, rest: B, completed: Option<Completed>) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(Kind::Streamed(Streamed {
            held: Some(ahead),
            rest: Some(rest.map_err(Into::into).boxed_unsync()),
            completed,
            filing: None,
        }))
    }
}

impl Streamed {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        while let Some(rest) = &mut self.rest {
            match ready!(Pin::new(rest).poll_frame(cx)) {
                Some(Ok(frame)) => {
                    let Ok(data) = frame.into_data() else {
                        continue;
                    };
                    if let Some(before) = self.held.replace(data) {
                        return Poll::Ready(Some(Ok(before)));
                    }
                }
                Some(Err(error)) => {
                    self.rest = None;
                    self.held = None;
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    self.rest = None;
                    self.filing = self.completed.take().map(|completed| completed());
                }
            }
        }
        if let Some(filing) = &mut self.filing {
            ready!(filing.as_mut().poll(cx));
            self.filing = None;
        }
        Poll::Ready(self.held.take().map(Ok))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let data = match &mut self.0 {
            Kind::Whole(bytes) if bytes.is_empty() => None,
            Kind::Whole(bytes) => Some(Ok(std::mem::take(bytes))),
            Kind::Streamed(streamed) => ready!(streamed.poll(cx)),
        };
        Poll::Ready(data.map(|result| result.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_empty(),
            Kind::Streamed(streamed) => streamed.rest.is_none() && streamed.held.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Kind::Streamed(_) => SizeHint::default(), // a Content-Length that was announced is in the headers
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Whole(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Streamed(_) => f.write_str("Body(streamed)"),
        }
    }
}

/// What reading ahead found.
pub(super) enum Ahead<B> {
    /// The body has no more than the limit.
    Whole(Bytes),
    /// It has more: what was read, and the rest.
    More(Bytes, B),
}

/// Why reading ahead stopped.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("{0}")]
    BrokenOff(BoxError),
    #[error("no further byte came in time")]
    Silent,
}

/// Reads `body` until it ends or is longer than `limit`; each frame may take `patience`, or as long as it likes.
pub(super) async fn read_ahead<B>(
    mut body: B,
    limit: usize,
    patience: Option<Duration>,
) -> Result<Ahead<B>, ReadError>
where
    B: http_body::Body<Data = Bytes> + Unpin,
    B::Error: Into<BoxError>,
{
    let mut first = Bytes::new();
    let mut more = BytesMut::new();
    loop {
        if first.len().max(more.len()) > limit {
            let read = if more.is_empty() {
                first
            } else {
                more.freeze()
            };
            return Ok(Ahead::More(read, body));
        }
        let Some(frame) = within(patience, body.frame()).await? else {
            let read = if more.is_empty() {
                first
            } else {
                more.freeze()
            };
            return Ok(Ahead::Whole(read));
        };
        let frame = frame.map_err(|error| ReadError::BrokenOff(error.into()))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        // Most bodies are one frame: only a second one makes it worth copying.
        if first.is_empty() {
            first = data;
        } else {
            if more.is_empty() {
                more.extend_from_slice(&first);
            }
            more.extend_from_slice(&data);
        }
    }
}

async fn within<T>(
    patience: Option<Duration>,
    work: impl Future<Output = T>,
) -> Result<T, ReadError> {
    match patience {
        Some(patience) => tokio::time::timeout(patience, work)
            .await
            .map_err(|_| ReadError::Silent),
        None => Ok(work.await),
    }
}
