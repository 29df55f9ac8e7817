//! scimulate: a SCIM 2.0 service provider in memory, and a recording and replaying proxy.
#![forbid(unsafe_code)]

pub mod cli;
pub mod clock;
pub mod directory;
pub mod exchange;
pub mod ids;
pub mod net;
pub mod proxy;
pub mod replay;
pub mod scenario;
pub mod scim;
pub mod service;
