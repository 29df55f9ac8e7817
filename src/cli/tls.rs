//! TLS as it is asked for on the command line: in front of every verb that listens, and towards the upstream of `record`.
//!
//! Files are read before a port is bound. Those of the certificate in front are followed as scenario files are.

use super::exit::{Exit, Failure, say};
use super::listen::write_whole;
use crate::certificate::{CertificateError, Files, SelfSigned};
use crate::clock;
use crate::net::Tls;
use crate::proxy::TlsConfig;
use crate::scenario::watch::Watcher;
use clap::Args;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// In front.
#[derive(Debug, Args)]
#[command(next_help_heading = "TLS")]
pub(super) struct FrontOptions {
    /// Serve https with this certificate chain (PEM), the server's own first; read again when it changes
    #[arg(
        long = "tls-cert",
        value_name = "FILE",
        requires = "key",
        env = "SCIMULATE_TLS_CERT"
    )]
    certificate: Option<PathBuf>,

    /// The private key of that certificate (PEM, no passphrase)
    #[arg(
        long = "tls-key",
        value_name = "FILE",
        requires = "certificate",
        env = "SCIMULATE_TLS_KEY"
    )]
    key: Option<PathBuf>,

    /// Serve https with a certificate made for this run: `localhost`, `127.0.0.1`, `::1` and the address of --listen
    #[arg(
        long = "tls-self-signed",
        conflicts_with_all = ["certificate", "key"],
        env = "SCIMULATE_TLS_SELF_SIGNED"
    )]
    self_signed: bool,

    /// Write the authority of that certificate here (PEM): the file that clients trust
    #[arg(
        long = "tls-ca-out",
        value_name = "FILE",
        requires = "self_signed",
        env = "SCIMULATE_TLS_CA_OUT"
    )]
    authority_out: Option<PathBuf>,
}

/// What was read or made of it.
pub(super) struct Front {
    pub(super) tls: Tls,
    kind: Kind,
}

enum Kind {
    Files {
        /// They are followed for as long as it lives.
        _following: Watcher,
    },
    SelfSigned {
        authority: String,
        out: Option<PathBuf>,
    },
}

impl FrontOptions {
    /// Reads the certificate, or makes it; `None` when plain HTTP is to be spoken.
    ///
    /// # Errors
    /// When a file cannot be read, is not what it should be, or does not go with the other.
    pub(super) fn load(&self, listen: SocketAddr) -> Result<Option<Front>, Failure> {
        if self.self_signed {
            let made = SelfSigned::new(listen.ip(), clock::now());
            let made = made.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
            return Ok(Some(Front {
                tls: Tls::new(made.identity),
                kind: Kind::SelfSigned {
                    authority: made.authority,
                    out: self.authority_out.clone(),
                },
            }));
        }
        let (Some(certificate), Some(key)) = (&self.certificate, &self.key) else {
            return Ok(None);
        };
        let files = Files {
            certificate: certificate.clone(),
            key: key.clone(),
        };
        let (tls, watcher) = follow(files)?;
        Ok(Some(Front {
            tls,
            kind: Kind::Files {
                _following: watcher,
            },
        }))
    }
}

impl Front {
    /// Writes what clients have to trust, where that was asked for.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn publish(&self) -> Result<(), Failure> {
        let Kind::SelfSigned {
            authority,
            out: Some(path),
        } = &self.kind
        else {
            return Ok(());
        };
        write_whole(path, authority.trim_end()).map_err(|error| {
            let message = format!(
                "cannot write {}: {error}; choose another place with --tls-ca-out",
                path.display()
            );
            Failure::new(Exit::Failed, message)
        })
    }

    /// What curl needs in order to trust it, with a space behind.
    pub(super) fn curl_option(&self) -> String {
        match &self.kind {
            // Whether curl knows the issuer is not known here.
            Kind::Files { .. } => String::new(),
            Kind::SelfSigned { out: None, .. } => "-k ".to_owned(),
            Kind::SelfSigned {
                out: Some(path), ..
            } => format!("--cacert {} ", path.display()),
        }
    }
}

/// The files as they are, and from then on as they become.
fn follow(files: Files) -> Result<(Tls, Watcher), Failure> {
    let mut paths = vec![files.certificate.clone(), files.key.clone()];
    paths.dedup();
    // Watching begins before the first reading, so that no change falls between.
    let (changed, changes) = std::sync::mpsc::channel::<PathBuf>();
    let watcher = Watcher::start(paths, move |path| {
        // The receiver is gone only when the program ends.
        let _ = changed.send(path.to_owned());
    });
    let watcher = watcher.map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    if let Some(reason) = watcher.fallback() {
        anstream::eprintln!(
            "note: {reason}; certificates are looked at four times a second instead"
        );
    }
    let tls = Tls::new(files.load().map_err(|error| unusable(&error))?);
    let shown = tls.clone();
    std::thread::spawn(move || {
        for path in changes {
            reload(&shown, &files, &path);
        }
    });
    Ok((tls, watcher))
}

/// A file changed: the next handshake shows the new certificate, or the old one stays and the reason is said.
fn reload(tls: &Tls, files: &Files, changed: &Path) {
    match files.load() {
        Ok(identity) => {
            tls.replace(identity);
            anstream::eprintln!("reloaded {}", changed.display());
        }
        Err(error) => {
            say(&error.to_string());
            anstream::eprintln!(
                "{} is not loaded; the certificate stays as it was",
                changed.display()
            );
        }
    }
}

/// What to say of plain HTTP that others can reach (RFC 7644 section 7.2).
pub(super) fn in_clear(address: SocketAddr) -> Option<String> {
    (!address.ip().to_canonical().is_loopback()).then(|| {
        format!(
            "warning: plain HTTP at {address}, which other machines may reach: tokens and personal data travel in clear; \
             serve https with --tls-cert FILE --tls-key FILE or --tls-self-signed, or listen on 127.0.0.1"
        )
    })
}

/// Towards the upstream.
#[derive(Debug, Args)]
#[command(next_help_heading = "TLS to the upstream")]
pub(super) struct UpstreamOptions {
    /// Trust these authorities too (PEM), besides those that this machine trusts
    #[arg(long, value_name = "FILE", env = "SCIMULATE_UPSTREAM_CA")]
    upstream_ca: Option<PathBuf>,

    /// Take any certificate of the upstream, expired, of another name or of anybody
    #[arg(
        long,
        conflicts_with = "upstream_ca",
        env = "SCIMULATE_INSECURE_UPSTREAM"
    )]
    insecure_upstream: bool,

    /// The certificate chain (PEM) to show when the upstream asks for one
    #[arg(
        long,
        value_name = "FILE",
        requires = "upstream_key",
        env = "SCIMULATE_UPSTREAM_CERT"
    )]
    upstream_cert: Option<PathBuf>,

    /// The private key of that certificate (PEM, no passphrase)
    #[arg(
        long,
        value_name = "FILE",
        requires = "upstream_cert",
        env = "SCIMULATE_UPSTREAM_KEY"
    )]
    upstream_key: Option<PathBuf>,
}

impl UpstreamOptions {
    pub(super) fn config(self) -> TlsConfig {
        TlsConfig {
            authorities: self.upstream_ca,
            any_certificate: self.insecure_upstream,
            identity: self
                .upstream_cert
                .zip(self.upstream_key)
                .map(|(certificate, key)| Files { certificate, key }),
        }
    }
}

/// What is wrong with a file, as the end of the program.
pub(super) fn unusable(error: &CertificateError) -> Failure {
    let exit = match error {
        CertificateError::Unreadable { .. } => Exit::Failed,
        _ => Exit::Usage,
    };
    Failure::new(exit, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::in_clear;

    #[track_caller]
    fn check(address: &str, warned: bool) {
        let said = in_clear(address.parse().expect("an address"));
        assert_eq!(said.is_some(), warned, "{address}");
        if let Some(said) = said {
            assert!(
                said.contains(address) && said.contains("--tls-self-signed"),
                "{said}"
            );
        }
    }

    #[test]
    fn plain_http_is_warned_of_where_others_can_reach_it() {
        check("127.0.0.1:8080", false);
        check("127.9.9.9:1", false);
        check("[::1]:8080", false);
        check("[::ffff:127.0.0.1]:8080", false);
        check("0.0.0.0:8080", true);
        check("[::]:8080", true);
        check("192.0.2.1:8080", true);
    }
}
