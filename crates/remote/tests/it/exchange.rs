//! Requests of others, passed on.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use packwright_remote::{
    Answered, Body, Client, ClientOptions, Message, ProxySettings, RemoteError, Wall, WallRefusal,
};

use crate::server::{Server, head, ok, status};
use crate::{client, options, url};

fn send(
    client: &Client,
    method: &str,
    address: &str,
    fields: &[(&str, &str)],
    body: Body<'_>,
) -> Result<Answered, RemoteError> {
    let fields: Vec<(String, Vec<u8>)> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
    client.exchange(&Message { method, url: &url(address), fields: &fields }, body)
}

fn text(mut answered: Answered) -> String {
    let mut text = String::new();
    answered.body.read_to_string(&mut text).unwrap();
    text
}

#[test]
fn statuses_and_fields_come_as_they_are() {
    let server = Server::new(|_, _, stream| {
        status(stream, "302 Found", &[("Location", "/elsewhere"), ("X-One", "1"), ("X-One", "2")]);
    });
    let answered = send(&client(), "GET", &server.url("/a?b"), &[("accept", "x/y")], Body::None).unwrap();
    assert_eq!(answered.status, 302);
    let ones: Vec<_> = answered.fields.iter().filter(|(name, _)| name == "x-one").collect();
    assert_eq!(ones.len(), 2);
    assert_eq!(text(answered), "oops");
    let asked = server.asked();
    assert_eq!(asked.len(), 1, "no redirect is followed");
    assert_eq!(asked[0].line, "GET /a?b HTTP/1.1");
    assert_eq!(asked[0].field("accept"), Some("x/y"));
}

/// A byte now and then satisfies a limit on the time between two of them.
#[test]
fn a_server_that_drips_is_given_up() {
    let server = Server::new(|_, _, stream| {
        head(stream, "200 OK", &[("Content-Length", "100000")]);
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until && stream.write_all(b"x").is_ok() {
            sleep(Duration::from_millis(50));
        }
    });
    let hasty = Client::new(crate::hasty()).unwrap();
    let begin = Instant::now();
    let mut answered = send(&hasty, "GET", &server.url("/"), &[], Body::None).unwrap();
    let error = answered.read_to_end(&mut Vec::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(error.to_string().contains("fewer than 4096 bytes in 300ms"), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
}

/// What the reader does meanwhile is no fault of the server's.
#[test]
fn a_reader_may_take_its_time() {
    let server = Server::new(|_, _, stream| {
        head(stream, "200 OK", &[("Content-Length", "200")]);
        stream.write_all(&[7; 100]).unwrap();
        sleep(Duration::from_millis(50));
        stream.write_all(&[7; 100]).unwrap();
    });
    let mut options = options();
    options.timeouts.stall = Duration::from_secs(1);
    let client = Client::new(options).unwrap();
    let mut answered = send(&client, "GET", &server.url("/"), &[], Body::None).unwrap();
    answered.read_exact(&mut [0; 100]).unwrap();
    sleep(Duration::from_millis(1100));
    answered.read_exact(&mut [0; 100]).unwrap();
    assert_eq!(answered.read(&mut [0; 1]).unwrap(), 0);
}

#[test]
fn bodies_are_sent_with_and_without_a_length() {
    let server = Server::new(|_, _, stream| {
        // What is left of the request, so that the connection does not break under its sender.
        stream.set_read_timeout(Some(std::time::Duration::from_millis(100))).unwrap();
        while stream.read(&mut [0; 64]).is_ok_and(|count| count > 0) {}
        ok(stream, b"thanks");
    });
    let bodies = |sized| match sized {
        true => ("content-length", "5"),
        false => ("transfer-encoding", "chunked"),
    };
    for (number, sized) in [true, false].into_iter().enumerate() {
        let mut content = &b"hello"[..];
        let body = match sized {
            true => Body::Sized(&mut content, 5),
            false => Body::Chunked(&mut content),
        };
        let answered = send(&client(), "POST", &server.url("/"), &[], body).unwrap();
        assert_eq!(text(answered), "thanks");
        let asked = &server.asked()[number];
        assert!(asked.line.starts_with("POST / "), "{asked:?}");
        let (name, value) = bodies(sized);
        assert_eq!(asked.field(name), Some(value), "{asked:?}");
    }
}

/// Without a body there is a length all the same, where one is expected.
#[test]
fn an_empty_body_has_a_length() {
    let server = Server::of(b"thanks");
    for method in ["POST", "PUT", "PATCH", "DELETE", "GET", "HEAD"] {
        let answered = send(&client(), method, &server.url("/"), &[], Body::None).unwrap();
        assert_eq!(text(answered), if method == "HEAD" { "" } else { "thanks" });
        let asked = server.asked().pop().unwrap();
        let expected = matches!(method, "POST" | "PUT" | "PATCH").then_some("0");
        assert_eq!(asked.field("content-length"), expected, "{asked:?}");
        assert_eq!(asked.field("transfer-encoding"), None, "{asked:?}");
        assert_eq!(asked.field("connection"), None, "{asked:?}");
    }
}

/// The body of one request, and another request to a server that ignores bodies.
const SMUGGLED: &[u8] = b"GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n";

/// A server that keeps connections open and ignores the bodies of requests: it takes them for the next one.
/// Answers with the path, and tells how many connections there were.
fn careless() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&connections);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            count.fetch_add(1, Ordering::SeqCst);
            std::thread::spawn(move || {
                let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                while let Some(line) = lines.next() {
                    let path = line.split(' ').nth(1).unwrap_or("?").to_owned();
                    if lines.by_ref().take_while(|line| !line.is_empty()).count() == 0 {
                        return;
                    }
                    if path == "/smuggled" {
                        // An answer that nobody asked for is seen when the connection waits, one that comes late is not.
                        sleep(Duration::from_millis(200));
                    }
                    let length = path.len();
                    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{path}");
                    if (&stream).write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, connections)
}

#[test]
fn a_connection_that_carried_a_body_is_not_used_again() {
    let (address, connections) = careless();
    let client = client();
    let at = |path: &str| format!("{address}{path}");
    assert_eq!(text(send(&client, "GET", &at("a"), &[], Body::None).unwrap()), "/a");
    assert_eq!(text(send(&client, "POST", &at("b"), &[], Body::None).unwrap()), "/b");
    assert_eq!(connections.load(Ordering::SeqCst), 1, "without bodies one connection serves for all");
    for (method, sized) in [("GET", true), ("POST", true), ("POST", false)] {
        let mut content = SMUGGLED;
        let body = match sized {
            true => Body::Sized(&mut content, SMUGGLED.len() as u64),
            false => Body::Chunked(&mut content),
        };
        assert_eq!(text(send(&client, method, &at("c"), &[], body).unwrap()), "/c");
        assert_eq!(text(send(&client, "GET", &at("d"), &[], Body::None).unwrap()), "/d", "{method} {sized}");
    }
}

#[test]
fn addresses_in_unusual_notations_are_refused() {
    let server = Server::of(b"reached");
    let port = server.authority().rsplit(':').next().unwrap().to_owned();
    let settings = ProxySettings { http: Some(server.authority()), ..ProxySettings::default() };
    let proxied = Client::new(ClientOptions { proxy: settings, ..options() }).unwrap();
    let unusual = [
        "0xa9fea9fe",
        "0XA9FEA9FE",
        "2130706433",
        "127.1",
        "0251.0376.0251.0376",
        "0x7f.0.0.1",
        "127.0.0.0x1",
        "0",
        "0x",
        "127.0.0.1.",
        "1.2.3.4.5",
        "256.1.1.1",
        "host.1",
        "host.0x1.",
        "127.0.0.01",
        "[fe80::1%25lo]",
        "[v1.x]",
    ];
    for host in unusual {
        for client in [&client(), &proxied] {
            // What the address parser does not let pass is refused as well.
            let Ok(address) = format!("http://{host}:{port}/").parse() else { continue };
            let message = Message { method: "GET", url: &address, fields: &[] };
            let error = client.exchange(&message, Body::None).unwrap_err();
            let expected = "it is written in no usual way for an address";
            assert!(
                matches!(&error, RemoteError::Refused { refusal, .. } if refusal.why == expected),
                "{host}: {error:?}"
            );
            assert!(!error.is_transient());
        }
    }
    assert_eq!(server.asked().len(), 0);
    for host in ["127.0.0.1", "[::1]", "1host.test", "0xyz", "10.in-addr.test", "0x1.test", "1e1", "xn--1.a1"]
    {
        let answered = send(&proxied, "GET", &format!("http://{host}:9/"), &[], Body::None).unwrap();
        assert_eq!(text(answered), "reached", "{host}");
    }
    assert_eq!(text(send(&client(), "GET", &server.url("/"), &[], Body::None).unwrap()), "reached");
}

#[test]
fn any_method_goes_through_a_proxy() {
    let proxy = Server::of(b"from the proxy");
    let settings = ProxySettings { http: Some(proxy.authority()), ..ProxySettings::default() };
    let client = Client::new(ClientOptions { proxy: settings, ..options() }).unwrap();
    for method in ["HEAD", "POST", "PROPFIND"] {
        let mut content = &b"GET /x HTTP/1.1"[..];
        let body = match method {
            "POST" => Body::Sized(&mut content, 15),
            _ => Body::None,
        };
        send(&client, method, "http://host.invalid/a", &[], body).unwrap();
        let last = proxy.asked().pop().unwrap();
        assert_eq!(last.line, format!("{method} http://host.invalid/a HTTP/1.1"));
    }
}

#[test]
fn a_wall_is_asked_for_names_and_for_addresses() {
    let server = Server::new(|_, _, stream| ok(stream, b"behind"));
    let wall = Wall::new(|host, _, address| match address.is_loopback() {
        true => Err(WallRefusal { why: format!("{host} is the loopback"), fix: None }),
        false => Ok(()),
    });
    let walled = Client::new(ClientOptions { wall: Some(wall.clone()), ..options() }).unwrap();
    let port = server.authority().rsplit(':').next().unwrap().to_owned();
    for host in ["localhost", "127.0.0.1"] {
        let error = send(&walled, "GET", &format!("http://{host}:{port}/"), &[], Body::None).unwrap_err();
        assert!(
            matches!(&error, RemoteError::Refused { refusal, .. } if refusal.why.contains(host)),
            "{error:?}"
        );
        assert!(!error.is_transient());
    }
    assert_eq!(server.asked().len(), 0);
    // The proxy itself is the caller's choice; an address behind it is not.
    let settings = ProxySettings { http: Some(server.authority()), ..ProxySettings::default() };
    let proxied = Client::new(ClientOptions { wall: Some(wall), proxy: settings, ..options() }).unwrap();
    assert_eq!(text(send(&proxied, "GET", "http://name.invalid/", &[], Body::None).unwrap()), "behind");
    let error = send(&proxied, "GET", "http://127.0.0.1:9/", &[], Body::None).unwrap_err();
    assert!(matches!(error, RemoteError::Refused { .. }), "{error:?}");
}

#[test]
fn a_body_that_is_cut_off_is_an_error() {
    let server =
        Server::new(|_, _, stream| crate::server::head(stream, "200 OK", &[("Content-Length", "9")]));
    let mut answered = send(&client(), "GET", &server.url("/"), &[], Body::None).unwrap();
    assert!(answered.body.read_to_end(&mut Vec::new()).is_err());
}

#[test]
fn a_coding_that_is_not_undone_is_an_error() {
    for (coding, is_known) in [("chunked", true), ("gzip", false), ("gzip, chunked", false)] {
        let server = Server::new(move |_, _, stream| {
            head(stream, "200 OK", &[("Transfer-Encoding", coding)]);
            stream.write_all(b"4\r\nfine\r\n0\r\n\r\n").unwrap();
        });
        match send(&client(), "GET", &server.url("/"), &[], Body::None) {
            Ok(answered) => assert!(is_known && text(answered) == "fine", "{coding}"),
            Err(error) => assert!(!is_known && matches!(error, RemoteError::Protocol { .. }), "{error:?}"),
        }
    }
}
