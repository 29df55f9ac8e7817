//! TLS before HTTP (RFC 7644 section 7.2; RFC 9325): versions 1.2 and 1.3, the protocol by ALPN, a certificate that can be replaced while
//! connections are served. Clients are not asked for one of theirs.

use super::socket::Socket;
use crate::certificate;
use arc_swap::ArcSwap;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{AlertDescription, Error, ServerConfig};
use std::io;
use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// HTTP/2 as ALPN calls it.
pub(super) const H2: &[u8] = b"h2";

/// The server's side of TLS. Clones have one certificate.
#[derive(Debug, Clone)]
pub struct Tls {
    config: Arc<ServerConfig>,
    shown: Arc<Shown>,
}

/// The certificate that the next handshake shows.
#[derive(Debug)]
struct Shown(ArcSwap<CertifiedKey>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

impl Tls {
    /// Shows clients `identity`.
    pub fn new(identity: Arc<CertifiedKey>) -> Self {
        let shown = Arc::new(Shown(ArcSwap::new(identity)));
        let mut config = ServerConfig::builder_with_provider(certificate::provider())
            .with_safe_default_protocol_versions()
            .expect("the provider has suites for TLS 1.2 and 1.3")
            .with_no_client_auth()
            .with_cert_resolver(shown.clone());
        config.alpn_protocols = vec![H2.to_vec(), b"http/1.1".to_vec()];
        Self {
            config: Arc::new(config),
            shown,
        }
    }

    /// Shows clients `identity` from the next handshake on; connections that are there stay.
    pub fn replace(&self, identity: Arc<CertifiedKey>) {
        self.shown.0.store(identity);
    }

    pub(super) async fn accept(&self, stream: Socket) -> io::Result<TlsStream<Socket>> {
        TlsAcceptor::from(self.config.clone()).accept(stream).await
    }
}

/// Why there is no connection, and what to do.
pub(super) fn explain(error: &Error) -> String {
    match error {
        Error::AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired,
        ) => format!("a client does not trust the certificate ({error}); give it the authority"),
        error => format!("a client came no further than the handshake of TLS: {error}"),
    }
}
