//! Who answers: the stateful service, the upstream behind the proxy, a recording, or a function of another room.

use super::partial::Completed;
use crate::proxy::Proxy;
use crate::replay::Stage;
use crate::scim::ScimError;
use crate::service::Tenants;
use bytes::Bytes;
use http::{Request, Response};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// What a server serves.
#[derive(Debug, Clone)]
pub enum Backend {
    /// Directories in memory.
    Service(Arc<Tenants>),
    /// A service provider elsewhere.
    Proxy(Proxy),
    /// A service provider of the past.
    Replay(Arc<Stage>),
    /// A service provider of the past, and for what it was not asked then, the one elsewhere.
    Completed(Arc<Completed>),
    /// Something that is not SCIM.
    Function(Arc<dyn Function>),
}

/// A synchronous function from requests to answers. It is called on a thread on which it may take its time.
pub trait Function: Send + Sync + fmt::Debug {
    /// The answer to a request whose body is here.
    fn answer(&self, request: &Request<Bytes>) -> Reply;

    /// The answer to a request that did not get so far, or at which [`Function::answer`] panicked.
    fn refuse(&self, error: &ScimError) -> Response<Bytes>;
}

/// A body that goes on as there is more to say.
pub trait Feed: Send + fmt::Debug {
    /// What has come since it was last asked; empty when nothing has. It is called on a thread on which it may take its time, and only
    /// when there is room for what it says.
    fn take(&mut self) -> Bytes;
}

/// What a function answers.
#[derive(Debug)]
pub enum Reply {
    /// This.
    Now(Response<Bytes>),
    /// This, unless it has another when it is asked again; the client waits for that.
    Unless {
        /// What is answered in the end.
        response: Response<Bytes>,
        /// Says when to ask again.
        changed: watch::Receiver<u64>,
        /// How long the client waits, from when its request was here.
        at_most: Duration,
    },
    /// This, with a body that goes on.
    Stream {
        /// The head of it.
        response: Response<Bytes>,
        /// What there is to say.
        feed: Box<dyn Feed>,
        /// Says when to ask it again.
        changed: watch::Receiver<u64>,
    },
}
