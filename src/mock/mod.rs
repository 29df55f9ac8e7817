//! A service provider that runs, for a test to start and to ask: [`MockProvider`]. The verbs of the command line serve by way of
//! [`Serving`], as it does.
//!
//! It asks of its tenants what the control API is asked, by the same words, and reads no file but the scenarios that it is given and
//! what they name. It follows no file: a test that wants another scenario starts another provider.

mod builder;
mod error;
mod provider;
mod running;
mod serving;

pub use builder::Builder;
pub(crate) use builder::DEMO;
pub use error::Error;
pub use provider::MockProvider;
pub use serving::{Beside, Serving};
