//! The socket of a connection, which can be told to end: early, or with a reset. Faults of a scenario do that, and nothing else.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Says how and when a connection ends. Clones are about the same one.
#[derive(Debug, Clone, Default)]
pub(super) struct Ending(Arc<Ordered>);

#[derive(Debug, Default)]
struct Ordered {
    reset: AtomicBool,
    after_the_last_byte: AtomicBool,
}

impl Ending {
    /// Whenever it ends, it does with a reset (RST).
    pub(super) fn be_a_reset(&self) {
        self.0.reset.store(true, Ordering::Relaxed);
    }

    /// It ends as soon as everything is sent that is there to be sent.
    pub(super) fn come_after_the_last_byte(&self) {
        self.0.after_the_last_byte.store(true, Ordering::Relaxed);
    }

    fn is_a_reset(&self) -> bool {
        self.0.reset.load(Ordering::Relaxed)
    }

    fn comes_after_the_last_byte(&self) -> bool {
        self.0.after_the_last_byte.load(Ordering::Relaxed)
    }
}

pub(super) struct Socket {
    stream: TcpStream,
    ending: Ending,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, ending: Ending) -> Self {
        Self { stream, ending }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.ending.is_a_reset() {
            // Where the system does not do it, the connection ends the ordinary way.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // HTTP has handed over all it has before it flushes.
        ready!(Pin::new(&mut self.stream).poll_flush(cx))?;
        if self.ending.comes_after_the_last_byte() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.ending.is_a_reset() {
            // An end of the ordinary way would come before the reset.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
