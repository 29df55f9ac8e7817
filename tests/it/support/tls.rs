//! Authorities, certificates and handshakes of tests. Every key is made for the test that uses it.

use super::client::{Client, connect};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject as _};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, ServerConfig, StreamOwned,
    SupportedProtocolVersion,
};
use scimulate::certificate::{Files, provider};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;

/// A connection past its handshake.
pub(crate) type Secure = StreamOwned<ClientConnection, TcpStream>;

/// Signs certificates.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key.
pub(crate) struct Issued {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        Self::named("an authority")
    }

    pub(crate) fn named(name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate with these names, valid for ever.
    pub(crate) fn issue(&self, names: &[&str]) -> Issued {
        self.issue_with(names, |_| {})
    }

    /// The same with something else about it.
    pub(crate) fn issue_with(
        &self,
        names: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> Issued {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(names).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        Issued {
            certificate: params.signed_by(&key, &self.0).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }
}

impl Issued {
    pub(crate) fn der(&self) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(self.certificate.as_bytes()).unwrap()
    }

    /// Both in one file, so that one save replaces both.
    pub(crate) fn both(&self) -> String {
        format!("{}{}", self.certificate, self.key)
    }

    pub(crate) fn save(&self, folder: &Path) -> Files {
        let files = Files {
            certificate: folder.join("cert.pem"),
            key: folder.join("key.pem"),
        };
        std::fs::write(&files.certificate, &self.certificate).unwrap();
        std::fs::write(&files.key, &self.key).unwrap();
        files
    }

    /// A server that shows it, and asks for certificates of `clients` if there is one.
    pub(crate) fn server(&self, alpn: &[&str], clients: Option<&Authority>) -> Arc<ServerConfig> {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_safe_default_protocol_versions()
            .unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => {
                let roots = Arc::new(roots(&clients.pem()));
                let verifier =
                    rustls::server::WebPkiClientVerifier::builder_with_provider(roots, provider());
                builder.with_client_cert_verifier(verifier.build().unwrap())
            }
        };
        let key = PrivateKeyDer::from_pem_slice(self.key.as_bytes()).unwrap();
        let mut config = builder.with_single_cert(vec![self.der()], key).unwrap();
        config.alpn_protocols = protocols(alpn);
        Arc::new(config)
    }
}

pub(crate) fn roots(authority: &str) -> RootCertStore {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(authority.as_bytes()) {
        roots.add(certificate.unwrap()).unwrap();
    }
    roots
}

fn protocols(alpn: &[&str]) -> Vec<Vec<u8>> {
    alpn.iter().map(|name| name.as_bytes().to_vec()).collect()
}

/// A client that trusts `authority`.
pub(crate) fn trusting(authority: &str, alpn: &[&str]) -> ClientConfig {
    trusting_in(rustls::ALL_VERSIONS, authority, alpn)
}

/// The same in some versions only.
pub(crate) fn trusting_in(
    versions: &[&'static SupportedProtocolVersion],
    authority: &str,
    alpn: &[&str],
) -> ClientConfig {
    let mut config = ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots(authority))
        .with_no_client_auth();
    config.alpn_protocols = protocols(alpn);
    config
}

/// A handshake with the server at `address`, which has to be `name`.
pub(crate) fn handshake(
    config: ClientConfig,
    address: SocketAddr,
    name: &str,
) -> io::Result<Secure> {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = connect(address);
    while connection.is_handshaking() {
        connection.complete_io(&mut stream)?;
    }
    Ok(StreamOwned::new(connection, stream))
}

/// A client of the program at `address`, of which it trusts the authority.
#[track_caller]
pub(crate) fn client(authority: &str, address: SocketAddr, token: &str) -> Client {
    let stream = handshake(
        trusting(authority, &["http/1.1"]),
        address,
        &address.ip().to_string(),
    );
    Client::over(stream.expect("a handshake"), address, token)
}

/// The certificate that a new connection is shown.
#[track_caller]
pub(crate) fn shown(authority: &str, address: SocketAddr) -> CertificateDer<'static> {
    let stream = handshake(trusting(authority, &[]), address, &address.ip().to_string())
        .expect("a handshake");
    stream.conn.peer_certificates().unwrap()[0]
        .clone()
        .into_owned()
}
