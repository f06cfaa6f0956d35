//! Encrypted connections: who is trusted. The certificates in `tls/` were made for these tests
//! with openssl and are valid for a hundred years; the key protects nothing.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;

use packwright_remote::{Client, ClientOptions, RemoteError};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::get;

/// The bundle that trusts [`server`].
pub(crate) fn authority() -> String {
    include_str!("tls/authority.pem").to_owned()
}

/// Serves `secret hello`, or a redirect to plain http below `/down`, for `localhost`; gives its
/// address. Runs until the tests end.
pub(crate) fn server() -> String {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("tls/server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let config = config.clone();
            std::thread::spawn(move || {
                let connection = rustls::ServerConnection::new(config).unwrap();
                let mut stream = rustls::StreamOwned::new(connection, stream.unwrap());
                let mut request = [0; 4096];
                let Ok(length) = stream.read(&mut request) else { return };
                let answer = match request[..length].starts_with(b"GET /down") {
                    true => "HTTP/1.1 302 Found\r\nLocation: http://localhost/\r\nContent-Length: 0\r\n\r\n",
                    false => "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nConnection: close\r\n\r\nsecret hello",
                };
                let _ = stream.write_all(answer.as_bytes());
                stream.conn.send_close_notify();
                let _ = stream.flush();
            });
        }
    });
    address
}

fn trusting(bundle: &str) -> Client {
    Client::new(ClientOptions { ca_bundle: Some(bundle.as_bytes().to_vec()), ..crate::options() }).unwrap()
}

fn address(server: &str, host: &str, path: &str) -> String {
    format!("https://{host}:{}{path}", server.rsplit(':').next().unwrap())
}

#[test]
fn the_named_authority_is_trusted() {
    let server = server();
    let bundle = format!("# A comment\n{}\n{}", include_str!("tls/stranger.pem"), authority());
    let (bytes, _) = get(&trusting(&bundle), &address(&server, "localhost", "/")).unwrap();
    assert_eq!(bytes, b"secret hello");
}

#[test]
fn others_are_not() {
    let server = server();
    let stranger = trusting(include_str!("tls/stranger.pem"));
    let error = get(&stranger, &address(&server, "localhost", "/")).unwrap_err();
    assert!(matches!(error, RemoteError::Tls { .. }), "{error:?}");
    assert!(!error.is_transient());
    assert!(error.fix().unwrap().contains("CA bundle"));
}

#[test]
fn the_certificate_must_be_for_the_host() {
    let server = server();
    let error = get(&trusting(&authority()), &address(&server, "127.0.0.1", "/")).unwrap_err();
    assert!(matches!(error, RemoteError::Tls { .. }), "{error:?}");
}

#[test]
fn no_redirect_leaves_encryption() {
    let server = server();
    let error = get(&trusting(&authority()), &address(&server, "localhost", "/down")).unwrap_err();
    assert!(matches!(error, RemoteError::Redirect { .. }), "{error:?}");
    assert!(error.to_string().contains("not encrypted any more"), "{error}");
}

#[test]
fn a_server_that_speaks_no_tls() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = address(&listener.local_addr().unwrap().to_string(), "localhost", "/");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
            let _ = stream.read(&mut [0; 4096]);
        }
    });
    let error = get(&trusting(&authority()), &at).unwrap_err();
    assert!(matches!(error, RemoteError::Tls { .. }), "{error:?}");
}

#[test]
fn bundles_without_certificates() {
    for bundle in [
        "",
        "hello",
        "-----BEGIN CERTIFICATE-----\n???\n-----END CERTIFICATE-----\n",
        include_str!("tls/server.key"),
    ] {
        let options = ClientOptions { ca_bundle: Some(bundle.as_bytes().to_vec()), ..crate::options() };
        let error = Client::new(options).err().unwrap();
        assert!(matches!(error, RemoteError::CaBundle { .. }), "{error}");
        assert!(error.fix().is_some());
    }
}
