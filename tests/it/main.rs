//! The one integration test binary: a file a capability.

mod exchange;
mod replay;
