//! Getting out through proxies.

use std::io::{Read, Write};
use std::net::TcpStream;

use packwright_remote::{Client, ClientOptions, ProxySettings, RemoteError};

use crate::get;
use crate::server::{Server, ok, status};

fn through(proxy: ProxySettings) -> Client {
    Client::new(ClientOptions { proxy, ..crate::options() }).unwrap()
}

#[test]
fn plain_http_asks_the_proxy_for_the_whole_address() {
    let proxy = Server::of(b"from the proxy");
    let address = proxy.url("").replace("http://", "http://me:pass@");
    let client = through(ProxySettings { http: Some(address), ..ProxySettings::default() });
    // The host's name is the proxy's business.
    for path in ["/debian/a?b=c", "/debian/d"] {
        let (bytes, _) = get(&client, &format!("http://mirror.invalid:8080{path}")).unwrap();
        assert_eq!(bytes, b"from the proxy");
    }
    let asked = proxy.asked();
    assert_eq!(asked[0].line, "GET http://mirror.invalid:8080/debian/a?b=c HTTP/1.1");
    assert_eq!(asked[1].line, "GET http://mirror.invalid:8080/debian/d HTTP/1.1");
    assert_eq!(asked[0].field("host"), Some("mirror.invalid:8080"));
    assert_eq!(asked[0].field("proxy-authorization"), Some("Basic bWU6cGFzcw=="));
    assert_eq!(asked[0].field("authorization"), None);
}

#[test]
fn some_hosts_are_reached_directly() {
    let proxy = Server::of(b"from the proxy");
    let server = Server::of(b"directly");
    let client = through(ProxySettings {
        http: Some(proxy.authority()),
        https: None,
        no_proxy: Some("localhost, 127.0.0.1".to_owned()),
    });
    assert_eq!(get(&client, &server.url("/")).unwrap().0, b"directly");
    assert_eq!(get(&client, "http://elsewhere.invalid/").unwrap().0, b"from the proxy");
    assert_eq!(server.asked()[0].field("proxy-authorization"), None);
}

#[test]
fn https_goes_through_a_tunnel() {
    let proxy = Server::new(|asked, _, stream| match asked.line.starts_with("CONNECT ") {
        true => status(stream, "403 Forbidden", &[]),
        false => ok(stream, b"not this way"),
    });
    let client = Client::new(ClientOptions {
        ca_bundle: Some(crate::tls::authority().into_bytes()),
        proxy: ProxySettings {
            http: None,
            https: Some(proxy.url("").replace("http://", "http://me:pass@")),
            no_proxy: None,
        },
        ..crate::options()
    })
    .unwrap();
    let error = get(&client, "https://mirror.invalid/x").unwrap_err();
    assert!(matches!(error, RemoteError::Unreachable { .. }), "{error}");
    let said = format!("{error:?}");
    assert!(said.contains("proxy") && !said.contains("pass"), "{said}");
    let asked = &proxy.asked()[0];
    assert_eq!(asked.line, "CONNECT mirror.invalid:443 HTTP/1.1");
    assert_eq!(asked.field("proxy-authorization"), Some("Basic bWU6cGFzcw=="));
}

#[test]
fn tunnels_carry_what_is_inside() {
    let target = crate::tls::server();
    let to = target.clone();
    let proxy = Server::new(move |_, _, stream| {
        let Ok(mut onward) = TcpStream::connect(&to) else { return };
        let _ = stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n");
        let (mut back, mut out) = (onward.try_clone().unwrap(), stream.try_clone().unwrap());
        let answers = std::thread::spawn(move || {
            let _ = std::io::copy(&mut back, &mut out);
            let _ = out.shutdown(std::net::Shutdown::Both);
        });
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer) {
            if onward.write_all(&buffer[..count]).is_err() {
                break;
            }
        }
        let _ = onward.shutdown(std::net::Shutdown::Write);
        let _ = answers.join();
    });
    let port = target.rsplit(':').next().unwrap().to_owned();
    let client = Client::new(ClientOptions {
        ca_bundle: Some(crate::tls::authority().into_bytes()),
        proxy: ProxySettings { https: Some(proxy.authority()), ..ProxySettings::default() },
        ..crate::options()
    })
    .unwrap();
    let (bytes, _) = get(&client, &format!("https://localhost:{port}/")).unwrap();
    assert_eq!(bytes, b"secret hello");
    assert_eq!(proxy.asked()[0].line, format!("CONNECT localhost:{port} HTTP/1.1"));
}

#[test]
fn addresses_of_proxies_that_are_none() {
    for (http, https) in [
        (Some("http://"), None),
        (Some("https://proxy:1"), None),
        (Some("socks5://proxy:1"), None),
        (None, Some("http://user:secret@")),
        (None, Some("ftp://user:secret@proxy")),
    ] {
        let proxy =
            ProxySettings { http: http.map(str::to_owned), https: https.map(str::to_owned), no_proxy: None };
        let error = Client::new(ClientOptions { proxy, ..crate::options() }).err().unwrap();
        assert!(matches!(error, RemoteError::Proxy { .. }), "{error}");
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
        assert!(error.fix().is_some());
    }
}
