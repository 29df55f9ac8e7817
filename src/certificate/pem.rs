//! Certificate chains and private keys in PEM files (RFC 7468), checked against each other before anything is made of them.

use super::provider;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a certificate chain and its private key are; both may be in one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Files {
    /// The chain, the certificate of the key first.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// Why files are not a certificate with its key: what was expected, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The system does not give the file.
    #[error("cannot read {}: {cause}; check the path, and that this user may read it", path.display())]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        cause: String,
    },
    /// Something else, or the key in the place of the certificate.
    #[error("{} holds no certificate; expected PEM, with a line -----BEGIN CERTIFICATE-----", path.display())]
    NoCertificate {
        /// Which file.
        path: PathBuf,
    },
    /// Something else, or the certificate in the place of the key.
    #[error("{} holds no private key; expected PEM, with a line such as -----BEGIN PRIVATE KEY-----", path.display())]
    NoKey {
        /// Which file.
        path: PathBuf,
    },
    /// Nobody is there to be asked for a passphrase.
    #[error(
        "the private key in {} is encrypted; write it without its passphrase: `openssl pkey -in OLD.pem -out NEW.pem`",
        path.display()
    )]
    EncryptedKey {
        /// Which file.
        path: PathBuf,
    },
    /// PEM that breaks off, or holds no base64.
    #[error("{} is not whole: {cause}; expected PEM; write the file again", path.display())]
    Broken {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// Of a kind that TLS as it is spoken here does not use.
    #[error(
        "the private key in {} cannot be used: {cause}; expected RSA of at least 2048 bits, ECDSA on P-256 or P-384, or Ed25519",
        path.display()
    )]
    UnusableKey {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// Not X.509, or a version of long ago.
    #[error(
        "the certificate in {} cannot be used: {cause}; expected X.509 of version 3, with the names of the server as subjectAltName",
        path.display()
    )]
    UnusableCertificate {
        /// Which file.
        path: PathBuf,
        /// What is wrong.
        cause: String,
    },
    /// Two that do not belong together.
    #[error(
        "the private key in {} does not belong to the first certificate in {}; expected a pair, and in a chain the server's own certificate first",
        key.display(), certificate.display()
    )]
    Mismatch {
        /// The file of the certificate.
        certificate: PathBuf,
        /// The file of the key.
        key: PathBuf,
    },
}

impl Files {
    /// The chain with its key, which match.
    pub fn load(&self) -> Result<Arc<CertifiedKey>, CertificateError> {
        let chain = certificates(&self.certificate)?;
        let key = private_key(&self.key)?;
        let provider = provider();
        let unusable_key = |error: Error| CertificateError::UnusableKey {
            path: self.key.clone(),
            cause: error.to_string(),
        };
        let key = provider
            .key_provider
            .load_private_key(key)
            .map_err(unusable_key)?;
        let identity = CertifiedKey::new(chain, key);
        match identity.keys_match() {
            // A key that does not tell its public half is believed.
            Ok(()) | Err(Error::InconsistentKeys(InconsistentKeys::Unknown)) => {
                Ok(Arc::new(identity))
            }
            Err(Error::InconsistentKeys(_)) => Err(CertificateError::Mismatch {
                certificate: self.certificate.clone(),
                key: self.key.clone(),
            }),
            Err(error) => Err(CertificateError::UnusableCertificate {
                path: self.certificate.clone(),
                cause: error.to_string(),
            }),
        }
    }
}

/// All certificates of a file, of which there is at least one.
pub fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, CertificateError> {
    let bytes = read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&bytes).collect();
    match found {
        Ok(found) if found.is_empty() => Err(CertificateError::NoCertificate {
            path: path.to_owned(),
        }),
        found => found.map_err(|error| broken(path, &error)),
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, CertificateError> {
    let bytes = read(path)?;
    let holds = |text: &[u8]| bytes.windows(text.len()).any(|window| window == text);
    // PKCS #8 says it in its label, the older forms in a header.
    if holds(b"BEGIN ENCRYPTED PRIVATE KEY") || holds(b"Proc-Type: 4,ENCRYPTED") {
        return Err(CertificateError::EncryptedKey {
            path: path.to_owned(),
        });
    }
    PrivateKeyDer::from_pem_slice(&bytes).map_err(|error| match error {
        pem::Error::NoItemsFound => CertificateError::NoKey {
            path: path.to_owned(),
        },
        error => broken(path, &error),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, CertificateError> {
    fs::read(path).map_err(|error| CertificateError::Unreadable {
        path: path.to_owned(),
        cause: error.to_string(),
    })
}

fn broken(path: &Path, error: &pem::Error) -> CertificateError {
    CertificateError::Broken {
        path: path.to_owned(),
        cause: error.to_string(),
    }
}
