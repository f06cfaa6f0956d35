//! TLS out of a step: ended with a certificate of the build's authority, for the host that was meant.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::server::{answer, behind};
use crate::{World, allowing};

fn client(trusted: Option<&str>, protocols: &[&str]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = trusted {
        roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    config
}

fn get(config: ClientConfig, at: SocketAddr, server: &'static str) -> std::io::Result<String> {
    let name = ServerName::try_from(server).unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut stream = StreamOwned::new(connection, TcpStream::connect(at).unwrap());
    stream.write_all(format!("GET /a HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}

fn world() -> (World, SocketAddr, crate::server::Asked) {
    let (mut options, asked) =
        behind(allowing(&["127.0.0.2"]), |_, stream| answer(stream, "403 Forbidden", ""));
    // Whom the gateway itself trusts does not matter here.
    options.client.ca_bundle = Some(include_bytes!("../../../remote/tests/it/tls/authority.pem").to_vec());
    let listener = TcpListener::bind("127.0.0.2:0").unwrap();
    let at = listener.local_addr().unwrap();
    (World::new(options, vec![listener]), at, asked)
}

#[test]
fn the_authority_signs_for_the_host_and_the_real_one_is_asked_by_tls() {
    let (mut world, at, asked) = world();
    for protocols in [&[][..], &["h2", "http/1.1"]] {
        let config = client(Some(world.gateway.certificate()), protocols);
        let got = get(config, at, "127.0.0.2").unwrap();
        assert!(got.starts_with("HTTP/1.1 502 Bad Gateway\r\n"), "the proxy refuses: {got}");
    }
    let asked = asked.lock().unwrap().clone();
    assert!(asked[0].starts_with(&format!("CONNECT {at} HTTP/1.1\r\n")), "{asked:?}");
    assert!(world.problems()[0].starts_with(&format!("`https://{at}/a` cannot be had: ")));
}

#[test]
fn a_program_that_trusts_others_is_named() {
    let (mut world, at, _) = world();
    get(client(None, &[]), at, "127.0.0.2").unwrap_err();
    let problems = world.problems();
    assert_eq!(
        problems,
        [format!("`{at}` is refused: the program does not accept the gateway's certificate")]
    );
}

#[test]
fn another_builds_authority_is_not_trusted() {
    let (_world, at, _) = world();
    let (other, _, _) = world();
    get(client(Some(other.gateway.certificate()), &[]), at, "127.0.0.2").unwrap_err();
}

#[test]
fn the_name_must_be_that_of_the_address() {
    let (mut world, at, _) = world();
    let config = client(Some(world.gateway.certificate()), &[]);
    get(config, at, "other.test").unwrap_err();
    let problems = world.problems();
    assert!(problems[0].contains("asks for the certificate of `other.test`"), "{problems:?}");
}

#[test]
fn http_2_alone_is_refused() {
    let (mut world, at, _) = world();
    let config = client(Some(world.gateway.certificate()), &["h2"]);
    get(config, at, "127.0.0.2").unwrap_err();
    let problems = world.problems();
    assert!(problems[0].contains("its TLS cannot be spoken"), "{problems:?}");
}
