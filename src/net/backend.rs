//! Who answers: the stateful service, the upstream behind the proxy, or a recording.

use crate::proxy::Proxy;
use crate::replay::Player;
use crate::service::Tenants;
use std::sync::Arc;

/// What a server serves.
#[derive(Debug, Clone)]
pub enum Backend {
    /// Directories in memory.
    Service(Arc<Tenants>),
    /// A service provider elsewhere.
    Proxy(Proxy),
    /// A service provider of the past.
    Replay(Arc<Player>),
}
