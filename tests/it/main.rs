//! The one integration test binary: a file a capability.
mod diagnostics;
mod scenario;
mod watch;
