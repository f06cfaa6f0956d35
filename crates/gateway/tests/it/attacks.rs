//! What a step and a server try against the gateway on the level of HTTP.
//!
//! | Attempt | What stops it |
//! |---|---|
//! | another host, by an address in another notation, escapes, users, an IPv6 literal, a whole address | the host of a request is that of its connection |
//! | a field within a field, a folded line, a name with a blank | the parser; the fields are written anew from what was read |
//! | a request within a body, with any method | bodies have one clear end; a connection to a server that carried one is not used again |
//! | two lengths, a length and a coding, another coding than `chunked`, in a response | the client: an error, or the coding counts |
//! | credentials in trailers | trailers are passed over |
//! | a redirect to a host that has no claim to a credential | redirects are passed back; the program asks anew, and is checked anew |
//! | `CONNECT`, other protocols by `Upgrade`, 101 without having been asked | refused, or not passed on |
//! | a head without end | 64 KiB, then 431 |
//! | connections that are held open | they are the step's own; other steps have theirs |

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use packwright_gateway::{
    Credential, CredentialHost, Gateway, GatewayOptions, Placeholder, SessionOptions, Sockets,
};

use crate::server::{Asked, answer, behind};
use crate::{World, allowing, say};

fn listener(host: &str) -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind((host, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn world(options: GatewayOptions) -> (World, SocketAddr) {
    let (listener, at) = listener("127.0.0.2");
    (World::new(options, vec![listener]), at)
}

fn fine() -> (World, SocketAddr, Asked) {
    let (options, asked) = behind(allowing(&["127.0.0.2"]), |_, stream| answer(stream, "200 OK", "fine"));
    let (world, at) = world(options);
    (world, at, asked)
}

#[test]
fn a_host_has_one_notation() {
    let (_world, at, asked) = fine();
    let port = at.port();
    let hosts = [
        format!("[::1]:{port}"),
        "[::1]".to_owned(),
        format!("[::ffff:127.0.0.2]:{port}"),
        format!("[::ffff:7f00:2]:{port}"),
        format!("127.0.0.2%2eevil.test:{port}"),
        format!("127.0.0.2%00:{port}"),
        format!("me@127.0.0.2:{port}"),
        format!("127.0.0.2:{port}@evil.test"),
        format!("0x7f.2:{port}"),
        format!("127.2:{port}"),
        format!("2130706434:{port}"),
        format!("127.0.0.2:{port}:{port}"),
        format!("127.0.0.2:+{port}"),
        format!("127.0.0.2..:{port}"),
        format!("127.0.0.2/:{port}"),
        format!("127.0.0.2, evil.test:{port}"),
        String::new(),
    ];
    for host in hosts {
        for request in [
            format!("GET / HTTP/1.1\nHost: {host}\nConnection: close\n\n"),
            format!("GET http://{host}/ HTTP/1.1\nHost: {at}\nConnection: close\n\n"),
        ] {
            let got = say(at, &request);
            let is_refused =
                ["400", "421"].iter().any(|status| got.starts_with(&format!("HTTP/1.1 {status} ")));
            assert!(is_refused, "{request}{got}");
        }
    }
    assert_eq!(asked.lock().unwrap().len(), 0);
    // The host of the target counts, and the server is told no other.
    let got = say(at, &format!("GET http://{at}/a HTTP/1.1\nHost: evil.test\nConnection: close\n\n"));
    assert!(got.ends_with("fine"), "{got}");
    let asked = asked.lock().unwrap().clone();
    assert!(
        !asked[0].contains("evil.test") && asked[0].to_lowercase().contains(&format!("\r\nhost: {at}\r\n"))
    );
}

#[test]
fn a_field_holds_no_other_one() {
    let (_world, at, asked) = fine();
    for fields in
        ["X: a\r X-In: b", "X: a\n X-In: b", "X-In : b", "X\t: b", "X: a\0b", "X: a\x7fb", ": b", " X: b"]
    {
        let got = say(at, &format!("GET / HTTP/1.1\nHost: {at}\n{fields}\nConnection: close\n\n"));
        assert!(got.starts_with("HTTP/1.1 400 "), "{fields:?}: {got}");
    }
    for target in ["/a b", "/\x01", "/a\tb"] {
        let got = say(at, &format!("GET {target} HTTP/1.1\nHost: {at}\nConnection: close\n\n"));
        assert!(got.starts_with("HTTP/1.1 400 "), "{target:?}: {got}");
    }
    assert_eq!(asked.lock().unwrap().len(), 0);
    // Escapes stay escapes.
    let got = say(at, &format!("GET /a%0d%0aX-In:%20b HTTP/1.1\nHost: {at}\nConnection: close\n\n"));
    assert!(got.ends_with("fine"), "{got}");
    assert!(!asked.lock().unwrap()[0].to_lowercase().contains("\r\nx-in"));
}

#[test]
fn a_body_is_no_request_whatever_the_method() {
    let inner = "GET /inner HTTP/1.1\r\nHost: x\r\n\r\n";
    let sized = (format!("Content-Length: {}", inner.len()), inner.to_owned());
    let chunked =
        ("Transfer-Encoding: chunked".to_owned(), format!("{:x}\r\n{inner}\r\n0\r\n\r\n", inner.len()));
    for method in ["GET", "HEAD", "DELETE", "OPTIONS", "POST", "PUT", "PROPFIND"] {
        for (field, body) in [&sized, &chunked] {
            let (_world, at, asked) = fine();
            let next = format!("GET /next HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n");
            let text = format!("{method} /outer HTTP/1.1\r\nHost: {at}\r\n{field}\r\n\r\n{body}{next}");
            let got = say(at, &text.replace("\r\n", "\n"));
            let asked = asked.lock().unwrap().clone();
            assert!(asked[0].starts_with(&format!("{method} http://{at}/outer ")), "{asked:?}");
            assert!(asked[0].ends_with(body), "{method} {field}: {asked:?}");
            assert!(asked[0].to_lowercase().contains("\r\nconnection: close\r\n"), "{asked:?}");
            assert!(asked[1].starts_with(&format!("GET http://{at}/next ")), "{got} {asked:?}");
            assert_eq!(asked.len(), 2, "{asked:?}");
        }
    }
}

#[test]
fn trailers_carry_nothing_on() {
    let (options, asked) = behind(allowing(&["127.0.0.2"]), |_, stream| {
        let head = "HTTP/1.1 200 OK\r\nTrailer: X-End\r\nTransfer-Encoding: chunked\r\n\r\n";
        write!(stream, "{head}4\r\nfine\r\n0\r\nX-End: 1\r\nContent-Length: 9\r\n\r\n").unwrap();
    });
    let (_world, at) = world(options);
    let post = format!("POST / HTTP/1.1\nHost: {at}\nTransfer-Encoding: chunked\n\n3\nabc\n0\n");
    let got = say(
        at,
        &format!(
            "{post}Authorization: Bearer x\nHost: evil\n\nGET /2 HTTP/1.1\nHost: {at}\nConnection: close\n\n"
        ),
    );
    assert_eq!(got.matches("\r\n4\r\nfine\r\n0\r\n\r\n").count(), 2, "{got}");
    assert!(!got.to_lowercase().contains("x-end"), "{got}");
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 2);
    assert!(!asked.join("").contains("Bearer") && !asked.join("").contains("evil"), "{asked:?}");
}

#[test]
fn a_redirect_takes_no_credential_along() {
    let (there, target) = listener("127.0.0.3");
    let location = format!("302 Found\nLocation: http://{target}/taken");
    let (mut options, asked) = behind(allowing(&["127.0.0.2", "127.0.0.3"]), move |request, stream| {
        match request.contains("/taken") {
            true => answer(stream, "200 OK", "taken"),
            false => answer(stream, &location, ""),
        }
    });
    options.credentials.insert("127.0.0.2", None, Credential::new("Bearer given").over_http());
    let (here, at) = listener("127.0.0.2");
    let own = CredentialHost::new("127.0.0.2", None).over_http();
    let token = Placeholder::new("TOKEN", "real", vec![own]);
    let seen = token.text().to_owned();
    let mut world = World::of_session(options, vec![here, there], |gateway| {
        gateway.session_with(SessionOptions { placeholders: vec![token], ..SessionOptions::default() })
    });
    let first = say(at, &format!("GET /a HTTP/1.1\nHost: {at}\nConnection: close\n\n"));
    assert!(first.contains(&format!("location: http://{target}/taken\r\n")), "{first}");
    assert_eq!(asked.lock().unwrap().len(), 1, "nobody follows but the program");
    let ask = |field: &str| {
        say(target, &format!("GET /taken HTTP/1.1\nHost: {target}\n{field}Connection: close\n\n"))
    };
    assert!(ask("").ends_with("taken"));
    assert!(ask(&format!("Authorization: Bearer {seen}\n")).starts_with("HTTP/1.1 403 "));
    let asked = asked.lock().unwrap().clone();
    assert!(asked[0].contains("Bearer given") && !asked[1].contains("given"), "{asked:?}");
    assert_eq!(asked.len(), 2);
    assert_eq!(world.problems().len(), 1);
}

#[test]
fn no_other_protocol_is_switched_to() {
    let (options, asked) = behind(allowing(&["127.0.0.2"]), |_, stream| {
        let _ = stream.write_all(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: own\r\nConnection: Upgrade\r\n\r\nraw bytes",
        );
    });
    let (_world, at) = world(options);
    for fields in ["Upgrade: websocket", "Upgrade: h2c, websocket", "Upgrade: tls/1.0"] {
        let got = say(at, &format!("GET / HTTP/1.1\nHost: {at}\n{fields}\nConnection: Upgrade\n\n"));
        assert!(got.starts_with("HTTP/1.1 501 "), "{got}");
    }
    for method in ["connect", "CONNECT"] {
        assert!(say(at, &format!("{method} {at} HTTP/1.1\nHost: {at}\n\n")).starts_with("HTTP/1.1 405 "));
    }
    assert_eq!(asked.lock().unwrap().len(), 0);
    // Two such fields are not one, and are not passed on; a server that switches unasked is not followed.
    let twice = "Upgrade: websocket\nUpgrade: other";
    let got = say(at, &format!("GET / HTTP/1.1\nHost: {at}\n{twice}\nConnection: close\n\n"));
    assert!(!got.contains("raw bytes") && !got.to_lowercase().contains("upgrade: own"), "{got}");
    let asked = asked.lock().unwrap().clone();
    assert!(!asked.join("").to_lowercase().contains("upgrade"), "{asked:?}");
}

#[test]
fn a_response_has_one_end() {
    for head in [
        "Content-Length: 4\r\nContent-Length: 40",
        "Content-Length: 40\r\nContent-Length: 4",
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Content-Length: -4",
        "Content-Length: 4, 40",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
    ] {
        let text = format!(
            "HTTP/1.1 200 OK\r\nCache-Control: max-age=9\r\n{head}\r\n\r\nfineHTTP/1.1 200 OK\r\nX-In: 1\r\nContent-Length: 3\r\n\r\nbad"
        );
        let (options, _) = behind(allowing(&["127.0.0.2"]), move |_, stream| {
            let _ = stream.write_all(text.as_bytes());
        });
        let (_world, at) = world(options);
        // The second response is never the answer to the second request.
        let request =
            format!("GET /1 HTTP/1.1\nHost: {at}\n\nGET /2 HTTP/1.1\nHost: {at}\nConnection: close\n\n");
        let got = say(at, &request);
        assert!(!got.contains("x-in: 1\r\n"), "{head}: {got}");
    }
}

/// What the client does not undo would reach the program as if it were the content.
#[test]
fn a_response_in_an_unknown_coding_is_refused() {
    for (version, coding, status) in [
        ("1.1", "gzip, chunked", "502"),
        ("1.1", "gzip", "502"),
        ("1.1", "chunked, chunked", "502"),
        ("1.0", "chunked", "502"),
        ("1.1", "Chunked", "200"),
        ("1.1", "identity", "200"),
    ] {
        let (options, _) = behind(allowing(&["127.0.0.2"]), move |_, stream| {
            let head = format!("HTTP/{version} 200 OK\r\nTransfer-Encoding: {coding}");
            let _ = write!(stream, "{head}\r\n\r\n4\r\nfine\r\n0\r\n\r\n");
        });
        let (_world, at) = world(options);
        let got = say(at, &format!("GET / HTTP/1.1\nHost: {at}\nConnection: close\n\n"));
        assert!(got.starts_with(&format!("HTTP/1.1 {status} ")), "{version} {coding}: {got}");
    }
}

#[test]
fn a_head_has_an_end() {
    let (_world, at, asked) = fine();
    let got = say(at, &format!("GET / HTTP/1.1\nHost: {at}\nX: {}", "y".repeat(70_000)));
    assert!(got.starts_with("HTTP/1.1 431 "), "{got}");
    let (options, _) = behind(allowing(&["127.0.0.2"]), |_, stream| {
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nX: {}", "y".repeat(1 << 20));
    });
    let (_large, there) = world(options);
    let got = say(there, &format!("GET / HTTP/1.1\nHost: {there}\nConnection: close\n\n"));
    assert!(got.starts_with("HTTP/1.1 502 ") && got.len() < 2000, "{got}");
    assert_eq!(asked.lock().unwrap().len(), 0);
}

#[test]
fn a_body_that_is_announced_and_not_sent_holds_its_own_connection_alone() {
    let (_world, at, asked) = fine();
    let mut waiting = TcpStream::connect(at).unwrap();
    let head = format!("POST / HTTP/1.1\r\nHost: {at}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n");
    waiting.write_all(head.as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(&waiting).read_line(&mut line).unwrap();
    assert_eq!(line, "HTTP/1.1 100 Continue\r\n");
    assert!(say(at, &format!("GET / HTTP/1.1\nHost: {at}\nConnection: close\n\n")).ends_with("fine"));
    // The proxy notes a request once it is whole.
    assert_eq!(asked.lock().unwrap().len(), 1);
}

/// A step that holds all connections that it may have keeps no other step of its build from the network.
#[test]
fn connections_of_one_step_are_not_those_of_another() {
    let (options, _) = behind(allowing(&["127.0.0.2"]), |_, stream| answer(stream, "200 OK", "fine"));
    let gateway = Gateway::new(options).unwrap();
    let serve = |at: TcpListener| {
        let session = gateway.session();
        let resolver = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let (resolver_stream, _) = listener("127.0.0.1");
        let listeners = vec![at];
        let serving =
            session.serve(Sockets { listeners, resolver, resolver_stream, refusals: None }).unwrap();
        (session, serving)
    };
    let ((slow, slow_at), (other, other_at)) = (listener("127.0.0.2"), listener("127.0.0.2"));
    let (slow, other) = (Arc::new(serve(slow)), serve(other));
    // More than it may have: the rest waits in the kernel's queue.
    let held: Vec<TcpStream> = (0..600)
        .map_while(|_| {
            let mut stream = TcpStream::connect_timeout(&slow_at, Duration::from_millis(500)).ok()?;
            stream.write_all(b"GET / HTTP/1.1\r\n").ok()?;
            Some(stream)
        })
        .collect();
    let begin = Instant::now();
    let got = say(other_at, &format!("GET / HTTP/1.1\nHost: {other_at}\nConnection: close\n\n"));
    assert!(got.ends_with("fine"), "{got}");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    let mut first = held.first().unwrap();
    first.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert!(first.read(&mut [0]).is_err(), "it is still open");
    drop((held, slow, other));
}
