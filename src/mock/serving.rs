//! A server whole: SCIM on one socket, and on another the control API if there is one, until both are told to stop.

use crate::control::{Control, Subscription, Wait};
use crate::net::{AccessLog, Backend, Feed, Function, LogMode, Reply, Server};
use crate::scim::ScimError;
use bytes::Bytes;
use http::{Request, Response};
use std::io;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What is about to be served.
#[derive(Debug)]
pub struct Serving {
    /// SCIM.
    pub server: Server,
    /// Its socket.
    pub listener: TcpListener,
    /// The control API.
    pub beside: Option<Beside>,
}

/// The control API beside what is served.
#[derive(Debug)]
pub struct Beside {
    /// Its socket, which does not block.
    pub listener: std::net::TcpListener,
    /// Where it is, without a path.
    pub url: String,
    /// It.
    pub control: Arc<Control>,
}

impl Serving {
    /// Serves until `stop` completes; then requests under way are finished, within the server's limit for that.
    ///
    /// # Errors
    /// When a socket cannot be used, which is a defect of the system.
    pub async fn run(self, stop: impl Future<Output = ()>) -> io::Result<()> {
        let Self {
            server,
            listener,
            beside,
        } = self;
        let (stopping, mut stopped) = watch::channel(());
        let stop = async move {
            stop.await;
            drop(stopping);
        };
        let limits = server.limits;
        let control = async move {
            let Some(beside) = beside else {
                return Ok(());
            };
            let server = Server {
                backend: Backend::Function(beside.control),
                tls: None,
                limits,
                // What is logged is exchanges of SCIM.
                log: AccessLog::new(LogMode::Off, io::sink()),
                journal: None,
            };
            let listener = TcpListener::from_std(beside.listener)?;
            let stop = async move {
                // Nothing is ever sent: it ends when the other half is dropped.
                let _ = stopped.changed().await;
            };
            server.run(listener, stop).await
        };
        let (served, controlled) = tokio::join!(server.run(listener, stop), control);
        served.and(controlled)
    }
}

/// Two rooms on one floor meet here.
impl Function for Control {
    fn answer(&self, request: &Request<Bytes>) -> Reply {
        // Before the answer, so that nothing falls between.
        let changed = self.journal().subscribe();
        let mut response = Control::answer(self, request);
        if let Some(subscription) = response.extensions_mut().remove::<Subscription>() {
            let feed = Box::new(subscription);
            return Reply::Stream {
                response,
                feed,
                changed,
            };
        }
        match response.extensions_mut().remove() {
            None => Reply::Now(response),
            Some(Wait(at_most)) => Reply::Unless {
                response,
                changed,
                at_most,
            },
        }
    }

    fn refuse(&self, error: &ScimError) -> Response<Bytes> {
        Control::refusal(error)
    }
}

impl Feed for Subscription {
    fn take(&mut self) -> Bytes {
        Subscription::take(self)
    }
}
