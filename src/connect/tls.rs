//! TLS to the upstream (RFC 7644 section 7.2; RFC 9110 section 4.3.4): whom it trusts, as whom it comes, and what a failure means to a person.

use super::ConnectError;
use crate::certificate::{self, CertificateError, Files, certificates};
use jiff::Timestamp;
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::SingleCertAndKey;
use rustls::{
    AlertDescription, CertificateError as Refused, ClientConfig, ConfigBuilder,
    DigitallySignedStruct, Error, RootCertStore, SignatureScheme, WantsVerifier,
};
use std::path::PathBuf;
use std::sync::Arc;

/// How an upstream whose URL is `https` is known, and how we are known to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsConfig {
    /// Authorities that are trusted besides those of this machine, as PEM.
    pub authorities: Option<PathBuf>,
    /// Whether the upstream may show any certificate, so that nothing says who it is.
    pub any_certificate: bool,
    /// The certificate that we show when we are asked for one.
    pub identity: Option<Files>,
}

impl TlsConfig {
    /// Reads what it names, and the authorities of this machine if they are needed.
    pub(super) fn client(&self) -> Result<ClientConfig, ConnectError> {
        let builder = if self.any_certificate {
            versions()
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(AnyCertificate))
        } else {
            versions().with_root_certificates(self.roots()?)
        };
        Ok(match &self.identity {
            None => builder.with_no_client_auth(),
            Some(files) => {
                let identity: Arc<dyn ResolvesClientCert> =
                    Arc::new(SingleCertAndKey::from(files.load()?));
                builder.with_client_cert_resolver(identity)
            }
        })
    }

    fn roots(&self) -> Result<RootCertStore, ConnectError> {
        let mut roots = RootCertStore::empty();
        // Stores of old systems hold some that nobody can read; those that can be read are enough.
        let native = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(native.certs);
        if let Some(path) = &self.authorities {
            for authority in certificates(path)? {
                roots
                    .add(authority)
                    .map_err(|error| CertificateError::UnusableCertificate {
                        path: path.clone(),
                        cause: error.to_string(),
                    })?;
            }
        }
        if roots.is_empty() {
            let cause = native
                .errors
                .first()
                .map_or_else(|| "none were found".to_owned(), ToString::to_string);
            return Err(ConnectError::NoAuthorities { cause });
        }
        Ok(roots)
    }
}

/// For an upstream without TLS: nothing is read and nobody is trusted.
pub(super) fn none() -> ClientConfig {
    versions()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth()
}

fn versions() -> ConfigBuilder<ClientConfig, WantsVerifier> {
    ClientConfig::builder_with_provider(certificate::provider())
        .with_safe_default_protocol_versions()
        .expect("the provider has suites for TLS 1.2 and 1.3")
}

/// Takes every certificate, also one that it cannot read: old and home-made ones are what this is asked for. As nobody is known by such a
/// certificate, its signature on the handshake proves nothing and is not looked at.
#[derive(Debug)]
struct AnyCertificate;

impl ServerCertVerifier for AnyCertificate {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        certificate::provider()
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// What an error of TLS means, and what to do.
pub fn explain(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(refused) => explain_certificate(refused),
        Error::AlertReceived(alert) => explain_alert(*alert),
        Error::InvalidMessage(_) => {
            "what listens there does not speak TLS; if it speaks plain HTTP, give its http URL"
                .to_owned()
        }
        Error::PeerIncompatible(reason) => {
            format!(
                "it does not speak TLS as it is spoken here ({reason:?}); it has to offer TLS 1.2 or 1.3"
            )
        }
        other => format!("{other}; see its log"),
    }
}

fn explain_certificate(refused: &Refused) -> String {
    let advice = "or take any certificate with --insecure-upstream";
    let (what, advice) = match refused {
        Refused::UnknownIssuer => (
            "is of an issuer that is not known here".to_owned(),
            format!("give the issuer's own certificate with --upstream-ca FILE, {advice}"),
        ),
        // What an authority leaves behind that was made anew.
        Refused::BadSignature => (
            "is not signed by the authority that is known here, but by one of the same name"
                .to_owned(),
            format!("give that one's certificate with --upstream-ca FILE, {advice}"),
        ),
        Refused::NotValidForNameContext {
            expected,
            presented,
        } => (
            format!(
                "is not for `{}` but for {}",
                expected.to_str(),
                names(presented)
            ),
            format!("give the URL with a name that stands in the certificate, {advice}"),
        ),
        Refused::ExpiredContext { not_after, .. } => (
            format!("expired at {}", instant(*not_after)),
            format!("renew it, check the clock of this machine, {advice}"),
        ),
        Refused::NotValidYetContext { not_before, .. } => (
            format!("is not valid before {}", instant(*not_before)),
            format!("check the clock of this machine, {advice}"),
        ),
        Refused::Other(other) if other.to_string() == "CaUsedAsEndEntity" => (
            "is an authority's, and an authority is no server".to_owned(),
            format!(
                "make it without `CA:TRUE` (`openssl req -x509 -addext basicConstraints=CA:FALSE …`), {advice}"
            ),
        ),
        other => (
            format!("is refused ({other})"),
            format!("replace it, {advice}"),
        ),
    };
    format!("its certificate {what}; {advice}")
}

/// What the upstream says of us.
fn explain_alert(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CertificateRequired => {
            "it asks for a client certificate; give one with --upstream-cert FILE --upstream-key FILE".to_owned()
        }
        AlertDescription::HandshakeFailure => {
            "it refuses the handshake; if it asks for a client certificate, give one with --upstream-cert FILE --upstream-key FILE, \
             and otherwise see its log"
                .to_owned()
        }
        AlertDescription::UnknownCA
        | AlertDescription::BadCertificate
        | AlertDescription::UnsupportedCertificate
        | AlertDescription::CertificateRevoked
        | AlertDescription::CertificateExpired
        | AlertDescription::CertificateUnknown
        | AlertDescription::DecryptError
        | AlertDescription::AccessDenied => {
            format!("it refuses the client certificate ({alert:?}); give one that it trusts with --upstream-cert FILE --upstream-key FILE")
        }
        AlertDescription::UnrecognisedName => {
            "it does not know itself by the host of this URL; give the URL with the name that it has".to_owned()
        }
        AlertDescription::ProtocolVersion => "it does not offer TLS 1.2 or 1.3, the versions that are spoken here".to_owned(),
        other => format!("it ended the handshake ({other:?}); see its log"),
    }
}

/// The names of a certificate, which rustls writes `DnsName("sp.example")` and `IpAddress(192.0.2.1)`.
fn names(presented: &[String]) -> String {
    let bare = |name: &String| {
        let inner = name
            .split_once('(')
            .map_or(name.as_str(), |(_, inner)| inner);
        format!("`{}`", inner.trim_end_matches(')').trim_matches('"'))
    };
    match presented {
        [] => "no name at all".to_owned(),
        names => names.iter().map(bare).collect::<Vec<_>>().join(", "),
    }
}

fn instant(time: UnixTime) -> String {
    i64::try_from(time.as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .map_or_else(|| "an unknown time".to_owned(), |time| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(error: &Error, parts: &[&str]) {
        let found = explain(error);
        for part in parts {
            assert!(found.contains(part), "{part:?} is not in {found:?}");
        }
    }

    #[test]
    fn each_reason_comes_with_what_to_do() {
        let certificate = Error::InvalidCertificate;
        check(
            &certificate(Refused::UnknownIssuer),
            &["not known", "--upstream-ca FILE", "--insecure-upstream"],
        );
        let other_name = |presented: &[&str]| {
            certificate(Refused::NotValidForNameContext {
                expected: ServerName::try_from("sp.example").unwrap(),
                presented: presented.iter().map(ToString::to_string).collect(),
            })
        };
        check(
            &other_name(&["DnsName(\"a.example\")", "IpAddress(192.0.2.1)"]),
            &[
                "not for `sp.example` but for `a.example`, `192.0.2.1`;",
                "name",
            ],
        );
        check(&other_name(&[]), &["but for no name at all;"]);
        let second = |seconds| UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let expired = Refused::ExpiredContext {
            time: second(86_400),
            not_after: second(60),
        };
        check(
            &certificate(expired),
            &["expired at 1970-01-01T00:01:00Z;", "renew it"],
        );
        let early = Refused::NotValidYetContext {
            time: second(0),
            not_before: second(60),
        };
        check(
            &certificate(early),
            &["not valid before 1970-01-01T00:01:00Z;", "clock"],
        );
        check(
            &certificate(Refused::Revoked),
            &["refused", "--insecure-upstream"],
        );
        let alert = Error::AlertReceived;
        check(
            &alert(AlertDescription::CertificateRequired),
            &["asks for a client certificate", "--upstream-cert FILE"],
        );
        check(
            &alert(AlertDescription::HandshakeFailure),
            &["--upstream-cert FILE", "see its log"],
        );
        check(
            &alert(AlertDescription::UnknownCA),
            &["refuses the client certificate (UnknownCA)"],
        );
        check(
            &alert(AlertDescription::InternalError),
            &["InternalError", "see its log"],
        );
        check(
            &Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType),
            &["does not speak TLS", "http URL"],
        );
        check(&Error::DecryptError, &["see its log"]);
    }
}
