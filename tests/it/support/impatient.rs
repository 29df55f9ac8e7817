//! A server whose patience with a silent client a test can wait for.

use scimulate::net::{AccessLog, Backend, Limits, LogMode, Server, Tls};
use scimulate::service::Tenants;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Serves nothing, until the test ends.
pub(crate) async fn impatient(tls: Option<Tls>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = Server {
        backend: Backend::Service(Arc::new(Tenants::new(Vec::new()))),
        tls,
        limits: Limits {
            head_deadline: Duration::from_millis(50),
            ..Limits::default()
        },
        log: AccessLog::new(LogMode::Off, std::io::sink()),
        journal: None,
    };
    tokio::spawn(server.run(listener, std::future::pending()));
    address
}
