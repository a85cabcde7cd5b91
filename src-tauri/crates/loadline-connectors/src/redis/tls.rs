//! TLS to a server, checked against the system's authorities and the account's own.

use super::address::{Address, Tls};
use crate::ConnectError;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// What to do where the server speaks no TLS.
pub(super) const NO_TLS: &str =
    "Turn TLS on at the server, or write redis:// where it has none and the network between is trusted.";

/// Encrypts a connection.
///
/// # Errors
/// [`ConnectError::Tls`] when the server speaks no TLS or its certificate is not trusted; [`ConnectError::InvalidConfig`]
/// when `ca_file` cannot be read.
pub(super) async fn encrypt(address: &Address, plain: TcpStream) -> Result<TlsStream<TcpStream>, ConnectError> {
    let failed = |why: String| ConnectError::tls(address.endpoint(), &why, NO_TLS);
    let name = ServerName::try_from(address.host.clone()).map_err(|e| failed(e.to_string()))?;
    let connector = TlsConnector::from(Arc::new(configuration(address)?));
    connector.connect(name, plain).await.map_err(|e| failed(crate::http::innermost(&e)))
}

fn configuration(address: &Address) -> Result<ClientConfig, ConnectError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let unusable = |why: String| ConnectError::tls(address.endpoint(), &why, NO_TLS);
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|e| unusable(e.to_string()))?;
    if address.tls == Tls::Unverified {
        let verifier = Arc::new(Unverified(provider));
        return Ok(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth());
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(path) = &address.ca_file {
        let refused = |why: String| ConnectError::config("ca_file", format!("{path}: {why}"));
        let pem = CertificateDer::pem_file_iter(path).map_err(|e| refused(e.to_string()))?;
        let own: Vec<_> = pem.filter_map(Result::ok).collect();
        if roots.add_parsable_certificates(own).0 == 0 {
            return Err(refused("it holds no certificate in PEM form".to_owned()));
        }
    }
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Accepts any certificate: encrypted, but without knowing to whom. Only on this machine, or where the account says so.
#[derive(Debug)]
struct Unverified(Arc<CryptoProvider>);

impl ServerCertVerifier for Unverified {
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
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
