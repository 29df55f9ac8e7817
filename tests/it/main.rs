//! The one integration test binary: a file a capability.

mod proxy;
mod record;
mod support;
