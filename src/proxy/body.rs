//! Bodies that pass through the proxy: whole in memory up to a limit, and frame by frame above it.
//!
//! Above the limit, what was read ahead goes first and the rest follows as it comes, no faster than it is taken. A streamed answer keeps one
//! frame back, so that the last one is known before it goes on: that is when the recording is written. Trailers are not passed on, in either
//! direction: HTTP/1.1 can send them only with chunks, where other bodies have their length here, and SCIM has no use for them (RFC 9110
//! section 6.5.1 allows it). For the same reason the upstream gets no `TE` and the client no `Trailer`.

use super::draft::Draft;
use super::recorder::Filed;
use crate::connect::root;
use crate::exchange::Side;
use bytes::{Bytes, BytesMut};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::{BodyExt, combinators::UnsyncBoxBody};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// Why a body ended early.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A body on its way through the proxy.
pub struct Body(Kind);

enum Kind {
    Whole(Bytes),
    Upload(Upload),
    Download(Download),
}

/// The body of a request above the limit.
struct Upload {
    ahead: Option<Bytes>,
    rest: Rest,
    progress: Arc<Progress>,
}

/// The body of an answer above the limit.
struct Download {
    held: Option<Bytes>,
    /// `None` when it has ended.
    rest: Option<Rest>,
    draft: Option<Draft>,
    /// The last frame, or the failure, waits for it.
    filing: Option<Pin<Box<dyn Future<Output = Filed> + Send>>>,
    failure: Option<BoxError>,
    /// When the exchange has taken too long.
    until: Option<Pin<Box<Sleep>>>,
}

type Rest = UnsyncBoxBody<Bytes, BoxError>;

/// Whether a request that streams is on its way: the upstream owes no answer before it is there.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The upstream takes more, and the client has not sent more.
    awaits_client: AtomicBool,
    /// Some of it went on since somebody asked.
    has_moved: AtomicBool,
}

impl Progress {
    /// Whether the upstream may still be silent; asked once in the time that is given to it.
    pub(super) fn excuses_silence(&self) -> bool {
        let has_moved = self.has_moved.swap(false, Ordering::Relaxed);
        has_moved || self.awaits_client.load(Ordering::Relaxed)
    }
}

impl Body {
    pub(super) fn whole(bytes: Bytes) -> Self {
        Self(Kind::Whole(bytes))
    }

    /// A request whose first bytes are `ahead`.
    pub(super) fn upload<B>(ahead: Bytes, rest: B, progress: Arc<Progress>) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(Kind::Upload(Upload {
            ahead: Some(ahead),
            rest: rest.map_err(Into::into).boxed_unsync(),
            progress,
        }))
    }

    /// An answer whose first bytes are `ahead`, and which is recorded before the last of it goes on.
    pub(super) fn download<B>(
        ahead: Bytes,
        rest: B,
        draft: Option<Draft>,
        until: Option<Instant>,
    ) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self(Kind::Download(Download {
            held: Some(ahead),
            rest: Some(rest.map_err(Into::into).boxed_unsync()),
            draft,
            filing: None,
            failure: None,
            until: until.map(|until| Box::pin(sleep_until(until))),
        }))
    }
}

impl Upload {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        let progress = &self.progress;
        progress.has_moved.store(true, Ordering::Relaxed);
        if let Some(ahead) = self.ahead.take() {
            return Poll::Ready(Some(Ok(ahead)));
        }
        let polled = poll_data(&mut self.rest, cx);
        progress
            .awaits_client
            .store(polled.is_pending(), Ordering::Relaxed);
        polled
    }
}

impl Download {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
        while let Some(rest) = &mut self.rest {
            let mut polled = poll_data(rest, cx);
            if let (Poll::Pending, Some(until)) = (&polled, &mut self.until)
                && until.as_mut().poll(cx).is_ready()
            {
                polled = Poll::Ready(Some(Err(ReadError::TooLong.into())));
            }
            match ready!(polled) {
                Some(Ok(data)) => {
                    if let Some(before) = self.held.replace(data) {
                        return Poll::Ready(Some(Ok(before)));
                    }
                }
                Some(Err(error)) => {
                    self.rest = None;
                    self.held = None;
                    if let Some(draft) = self.draft.take() {
                        let why = format!("it broke off: {}", root(error.as_ref()));
                        self.filing = Some(Box::pin(draft.ended(Side::Upstream, why)));
                    }
                    self.failure = Some(error);
                }
                None => {
                    self.rest = None;
                    if let Some(draft) = self.draft.take() {
                        self.filing = Some(Box::pin(draft.complete()));
                    }
                }
            }
        }
        if let Some(filing) = &mut self.filing {
            ready!(filing.as_mut().poll(cx));
            self.filing = None;
        }
        if let Some(failure) = self.failure.take() {
            return Poll::Ready(Some(Err(failure)));
        }
        Poll::Ready(self.held.take().map(Ok))
    }
}

/// The next data of a body; trailers are left out.
fn poll_data(rest: &mut Rest, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, BoxError>>> {
    loop {
        match ready!(Pin::new(&mut *rest).poll_frame(cx)) {
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Poll::Ready(Some(Ok(data)));
                }
            }
            Some(Err(error)) => return Poll::Ready(Some(Err(error))),
            None => return Poll::Ready(None),
        }
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
            Kind::Upload(upload) => ready!(upload.poll(cx)),
            Kind::Download(download) => ready!(download.poll(cx)),
        };
        Poll::Ready(data.map(|result| result.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.is_empty(),
            Kind::Upload(_) => false,
            Kind::Download(download) => {
                download.rest.is_none() && download.held.is_none() && download.failure.is_none()
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            // A Content-Length that was announced is in the headers.
            Kind::Upload(_) | Kind::Download(_) => SizeHint::default(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Whole(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Kind::Upload(_) | Kind::Download(_) => f.write_str("Body(streamed)"),
        }
    }
}

/// What reading ahead found.
pub(super) enum ReadAhead<B> {
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
    #[error("the exchange took too long")]
    TooLong,
}

/// How long somebody waits: for each piece, and for all of them.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Patience {
    pub(super) each: Option<Duration>,
    pub(super) until: Option<Instant>,
}

impl Patience {
    /// What `work` comes to, in time.
    pub(super) async fn within<T>(self, work: impl Future<Output = T>) -> Result<T, ReadError> {
        let next = self.each.map(|each| Instant::now() + each);
        let (at, error) = match (next, self.until) {
            (None, None) => return Ok(work.await),
            (Some(next), Some(until)) if until < next => (until, ReadError::TooLong),
            (Some(next), _) => (next, ReadError::Silent),
            (None, Some(until)) => (until, ReadError::TooLong),
        };
        tokio::time::timeout_at(at, work).await.map_err(|_| error)
    }
}

/// Reads `body` until it ends or is longer than `limit`, and shows `seen` each piece.
pub(super) async fn read_ahead<B>(
    mut body: B,
    limit: usize,
    patience: Patience,
    mut seen: impl FnMut(&Bytes),
) -> Result<ReadAhead<B>, ReadError>
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
            return Ok(ReadAhead::More(read, body));
        }
        let Some(frame) = patience.within(body.frame()).await? else {
            let read = if more.is_empty() {
                first
            } else {
                more.freeze()
            };
            return Ok(ReadAhead::Whole(read));
        };
        let frame = frame.map_err(|error| ReadError::BrokenOff(error.into()))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        seen(&data);
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
