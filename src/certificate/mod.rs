//! Certificates and private keys (RFC 7644 section 7.2): read from PEM files, or made for one run.
//!
//! It opens no connection, watches no file and decides about nobody's trust.

mod pem;
mod self_signed;

pub use pem::{CertificateError, Files, certificates};
pub use self_signed::{SelfSigned, SelfSignedError};

use rustls::crypto::{CryptoProvider, ring};
use std::sync::Arc;

/// The provider of cryptography. Whoever needs one is given it, and none is installed for the whole process, where a second one would meet it.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}
