//! TLS by rustls, as a URL asks for it.

use std::sync::Arc;

use percent_encoding::percent_decode_str;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{CertificateError, ClientConfig, RootCertStore};
use tokio_postgres_rustls::MakeRustlsConnect;
use typed_sse_core::store::{StoreError, StoreErrorKind};

/// Trusts the certificates of this file, or what the system trusts.
pub(crate) fn connector(root: Option<&str>) -> Result<MakeRustlsConnect, StoreError> {
    // The application's own choice of cryptography stays.
    let provider = CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| Arc::new(ring::default_provider()));
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let mut config = config
        .map_err(|_| other("the cryptography that this process has chosen has no TLS 1.2 or 1.3".to_owned()))?
        .with_root_certificates(roots(root)?)
        .with_no_client_auth();
    // What `sslnegotiation=direct` requires.
    config.alpn_protocols = vec![b"postgresql".to_vec()];
    Ok(MakeRustlsConnect::new(config))
}

fn roots(file: Option<&str>) -> Result<RootCertStore, StoreError> {
    let mut roots = RootCertStore::empty();
    let certificates = match file {
        None => rustls_native_certs::load_native_certs().certs,
        Some(file) => {
            let path = percent_decode_str(file).decode_utf8_lossy();
            let read = CertificateDer::pem_file_iter(&*path).and_then(Iterator::collect);
            let unread = |_| other(format!("the file `{path}` of `sslrootcert` cannot be read as PEM"));
            read.map_err(unread)?
        }
    };
    // A system may have one that nobody can read, beside hundreds.
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 {
        return Err(other(match file {
            None => "this system trusts no certificate: install `ca-certificates`, or name a file by `sslrootcert` in the URL".to_owned(),
            Some(_) => "the file of `sslrootcert` has no certificate".to_owned(),
        }));
    }
    Ok(roots)
}

/// Why there is no connection, if it is for the certificate.
pub(crate) fn refused(error: &tokio_postgres::Error) -> Option<&'static str> {
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let rustls = inner.and_then(|inner| inner.downcast_ref()).or_else(|| error.downcast_ref());
        if let Some(rustls::Error::InvalidCertificate(wrong)) = rustls {
            return Some(words(wrong));
        }
        source = error.source();
    }
    None
}

fn words(wrong: &CertificateError) -> &'static str {
    match wrong {
        CertificateError::UnknownIssuer => {
            "has a certificate that is not trusted: name the certificate of its authority by `sslrootcert` in the URL"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "has a certificate for another name: write the host in the URL as its certificate has it"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "has a certificate that has expired"
        }
        _ => "has a certificate that is not valid",
    }
}

fn other(words: String) -> StoreError {
    StoreError::new(StoreErrorKind::Other, words)
}
