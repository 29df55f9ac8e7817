//! An authority and a server's certificate for one run. The keys stay in memory, and the authority's is gone when the certificate is signed.

use super::provider;
use jiff::{Span, Timestamp, civil::Date, tz::Offset};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::CertifiedKey;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

/// Clients refuse certificates that are valid for more than 398 days.
const DAYS: i64 = 397;

/// What was made.
#[derive(Debug)]
pub struct SelfSigned {
    /// What clients are shown.
    pub identity: Arc<CertifiedKey>,
    /// The certificate of the authority that signed it, as PEM: what clients have to trust.
    pub authority: String,
}

/// Making a certificate failed, which is a defect.
#[derive(Debug, thiserror::Error)]
#[error("cannot make a certificate: {0}")]
pub struct SelfSignedError(String);

impl SelfSigned {
    /// A certificate for this machine as it calls itself, and for `host`, valid from the day before `now`.
    pub fn new(host: IpAddr, now: Timestamp) -> Result<Self, SelfSignedError> {
        Self::make(host, now).map_err(|error| SelfSignedError(error.to_string()))
    }

    fn make(host: IpAddr, now: Timestamp) -> Result<Self, Box<dyn std::error::Error>> {
        let today = Offset::UTC.to_datetime(now).date();
        let midnight = |date: Date| {
            rcgen::date_time_ymd(
                i32::from(date.year()),
                date.month().unsigned_abs(),
                date.day().unsigned_abs(),
            )
        };
        let valid = |mut params: CertificateParams| -> Result<CertificateParams, jiff::Error> {
            // The clock of a client may be behind ours.
            params.not_before = midnight(today.checked_sub(Span::new().days(1))?);
            params.not_after = midnight(today.checked_add(Span::new().days(DAYS - 1))?);
            // Strict clients want the key of the issuer named.
            params.use_authority_key_identifier_extension = true;
            Ok(params)
        };

        let mut params = valid(CertificateParams::new(Vec::new())?)?;
        // A client that trusts another run's finds no issuer, rather than one of this name with another key.
        let name = format!("scimulate, an authority made {now:.3}");
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;

        let mut names = vec!["localhost".to_owned()];
        for address in [
            IpAddr::from(Ipv4Addr::LOCALHOST),
            IpAddr::from(Ipv6Addr::LOCALHOST),
            host,
        ] {
            let name = address.to_string();
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let mut params = valid(CertificateParams::new(names)?)?;
        params
            .distinguished_name
            .push(DnType::CommonName, "scimulate");
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &authority)?;

        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        let identity = CertifiedKey::from_der(vec![certificate.der().clone()], key, &provider())?;
        Ok(Self {
            identity: Arc::new(identity),
            authority: authority.pem(),
        })
    }
}
