//! The one integration test binary: a file a capability.
#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, and says where"
)]

mod exchange;
mod proxy;
mod record;
mod support;
