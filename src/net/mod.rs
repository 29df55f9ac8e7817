//! Sockets: listeners, TLS, limits, deadlines, drain, and the way of one request. It knows no rule of SCIM.

mod access_log;
mod arrival;
mod backend;
mod connection;
mod fault;
mod partial;
mod pipeline;
mod server;
mod socket;
mod stream;
mod tls;

pub use access_log::{AccessLog, LogMode};
pub use backend::{Backend, Feed, Function, Reply};
pub use partial::Completed;
pub use server::{Limits, Server};
pub use tls::Tls;
