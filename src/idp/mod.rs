//! The client side of SCIM: an identity provider whose directory is a file, and which pushes its changes as a real one does.
//!
//! - `directory`: people and groups from a file; `flat`: a person as paths and values, and where two differ
//! - `dialect`: what Okta, Entra ID and Oracle send for a change; pure
//! - `plan`: what was pushed beside what is wanted, as changes in their order; pure
//! - `rules`: what each makes of a failure: again when, never again, quarantine; pure
//! - `state`: what was pushed and what is in doubt, in one file that survives a crash
//! - `pace`, `target`, `credentials`, `push`: the clock, the wire, and the work
//!
//! It knows service providers by what they answer.

pub mod credentials;
pub mod dialect;
pub mod directory;
pub mod flat;
pub mod pace;
pub mod plan;
pub mod push;
pub mod rules;
pub mod state;
pub mod target;
