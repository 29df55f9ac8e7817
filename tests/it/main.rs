//! The one integration test binary: a file a capability.
#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, and says where"
)]

mod command_line;
mod diagnostics;
mod exchange;
mod filter;
mod house;
mod journey;
mod patch;
mod proxy;
mod readme;
mod record;
mod reload;
mod replay;
mod scenario;
mod support;
mod watch;
mod wire;
