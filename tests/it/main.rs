//! The one integration test binary: a file a capability.
#![allow(
    clippy::unwrap_used,
    reason = "a test that panics has failed, and says where"
)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "a row of a table reads best as `check(json!(…), …)`"
)]

mod check;
mod command_line;
mod comparison;
mod control;
mod diagnostics;
mod diff;
mod distill;
mod entities;
mod exchange;
mod exec;
mod extends;
mod faults;
mod filter;
mod har;
mod house;
mod idp;
mod journal;
mod leniency;
mod library;
mod lint;
mod model;
mod oauth;
mod other_recorders;
mod patch;
mod population;
mod profiles;
mod properties;
mod protocol;
mod provision;
mod proxy;
mod readme;
mod record;
mod record_options;
mod redact;
mod reload;
mod replay;
mod rfc;
mod rfc_examples;
mod scenario;
mod support;
mod tls;
mod transcript;
mod watch;
mod wire;
