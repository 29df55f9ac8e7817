//! The one integration test binary: a file a capability.
mod diagnostics;
mod filter;
mod scenario;
mod watch;
