//! scimulate: a SCIM 2.0 service provider in memory, and a recording and replaying proxy.
#![forbid(unsafe_code)]

pub mod clock;
pub mod exchange;
pub mod ids;
pub mod proxy;
pub mod scim;
