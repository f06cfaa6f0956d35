//! Whom to trust for https.

use std::sync::Arc;

use ureq::tls::{PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

use crate::RemoteError;

/// TLS settings that trust the certificates of a PEM bundle and no others.
///
/// Errors: a bundle without a certificate, one that is not PEM.
pub(crate) fn tls(ca_bundle: &[u8]) -> Result<TlsConfig, RemoteError> {
    let wrong = |why: String| RemoteError::CaBundle { why };
    let mut certificates = Vec::new();
    for item in parse_pem(ca_bundle) {
        if let PemItem::Certificate(certificate) = item.map_err(|error| wrong(error.to_string()))? {
            certificates.push(certificate);
        }
    }
    if certificates.is_empty() {
        return Err(wrong("it holds no certificate".to_owned()));
    }
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(RootCerts::new_with_certs(&certificates))
        .build())
}
