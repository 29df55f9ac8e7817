//! The one integration test binary: a file a capability.
#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, and says where"
)]

mod diagnostics;
mod exchange;
mod filter;
mod proxy;
mod record;
mod replay;
mod scenario;
mod support;
mod watch;
