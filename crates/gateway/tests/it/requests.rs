//! Requests and answers on their way through.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use packwright_gateway::{Credential, CredentialHost, Placeholder, SessionOptions};
use packwright_oci::Digest;

use crate::server::{answer, behind};
use crate::{World, allowing, say};

fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.2:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[test]
fn answers_come_as_they_are_and_are_recorded() {
    let (options, asked) = behind(allowing(&["127.0.0.2"]), |_, stream| {
        answer(stream, "404 Not Found\nX-Own: a\nETag: \"b\"\nAlt-Svc: h3\nKeep-Alive: 5", "not here");
    });
    let (listener, at) = listener();
    let mut world = World::new(options, vec![listener]);
    let got = say(at, &format!("GET /a/b?secret=1 HTTP/1.1\nHost: {at}\nX-Mine: y\nConnection: close\n\n"));
    assert!(
        got.starts_with("HTTP/1.1 404 Not Found\r\nx-own: a\r\netag: \"b\"\r\ncontent-length: 8\r\n"),
        "{got}"
    );
    assert!(got.ends_with("\r\n\r\nnot here"), "{got}");
    assert!(!got.contains("alt-svc") && !got.contains("keep-alive"), "{got}");
    let asked = asked.lock().unwrap()[0].to_lowercase();
    assert!(asked.starts_with(&format!("get http://{at}/a/b?secret=1 http/1.1\r\n")), "{asked}");
    assert!(asked.contains("\r\nx-mine: y\r\n"), "{asked}");
    world.end();
    let transfers = world.session.transfers();
    assert_eq!(transfers.len(), 1);
    let transfer = &transfers[0];
    assert_eq!(transfer.address, format!("http://{at}/a/b?…"), "no query, it may hold a signature");
    assert_eq!((transfer.method.as_str(), transfer.status, transfer.size), ("GET", 404, 8));
    assert_eq!(transfer.digest, Digest::of(b"not here"));
    assert_eq!(world.session.problems(), []);
}

#[test]
fn a_connection_carries_many_requests() {
    let (options, asked) = behind(allowing(&["127.0.0.2"]), |request, stream| {
        match request.split(' ').next() {
            Some("HEAD") => answer(stream, "200 OK\nX-H: 1", "nine more"),
            Some("PUT") => answer(stream, "201 Created", ""),
            // Without a length: it ends with the connection.
            _ => stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nendless").unwrap(),
        }
    });
    let (listener, at) = listener();
    let mut world = World::new(options, vec![listener]);
    let got = say(
        at,
        &format!(
            "HEAD /1 HTTP/1.1\nHost: {at}\n\nPUT /2 HTTP/1.1\nHost: {at}\nContent-Length: 5\nExpect: \
             100-continue\n\nhelloPOST /3 HTTP/1.1\nHost: {at}\nTransfer-Encoding: chunked\n\n3\nabc\n0\n\nGET /4 \
             HTTP/1.1\nHost: {at}\nConnection: close\n\n"
        ),
    );
    let expected = "HTTP/1.1 200 OK\nx-h: 1\ncontent-length: 9\n\nHTTP/1.1 100 Continue\n\nHTTP/1.1 201 \
                    Created\ncontent-length: 0\n\nHTTP/1.1 200 OK\ntransfer-encoding: \
                    chunked\n\n7\nendless\n0\n\nHTTP/1.1 200 OK\ntransfer-encoding: chunked\nconnection: \
                    close\n\n7\nendless\n0\n\n";
    assert_eq!(got.replace("\r\n", "\n"), expected);
    let asked = asked.lock().unwrap().clone();
    assert!(asked[1].ends_with("\r\n\r\nhello"), "{asked:?}");
    assert!(!asked[1].to_lowercase().contains("expect"), "{asked:?}");
    assert!(asked[2].contains("3\r\nabc\r\n0\r\n\r\n"), "{asked:?}");
    world.end();
    assert_eq!(world.session.transfers().len(), 4);
}

#[test]
fn an_answer_that_is_cut_off_stays_cut_off() {
    let (options, _) = behind(allowing(&["127.0.0.2"]), |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this").unwrap();
    });
    let (listener, at) = listener();
    let mut world = World::new(options, vec![listener]);
    let got = say(at, &format!("GET / HTTP/1.1\nHost: {at}\n\n"));
    assert!(got.contains("content-length: 100") && got.ends_with("only this"), "{got}");
    let problems = world.problems();
    assert!(problems[0].contains("was cut off after 9 bytes"), "{problems:?}");
    assert_eq!(world.session.transfers(), []);
}

#[test]
fn a_server_that_drips_is_given_up() {
    let (mut options, _) = behind(allowing(&["127.0.0.2"]), |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n").unwrap();
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until && stream.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    options.client.timeouts.stall = Duration::from_millis(300);
    let (listener, at) = listener();
    let mut world = World::new(options, vec![listener]);
    let begin = Instant::now();
    say(at, &format!("GET / HTTP/1.1\nHost: {at}\n\n"));
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    let problems = world.problems();
    assert!(problems[0].contains("(fewer than 4096 bytes in 300ms)"), "{problems:?}");
    assert_eq!(world.session.transfers(), []);
}

#[test]
fn a_server_that_cannot_be_reached_is_told() {
    let mut options = allowing(&["127.0.0.2"]);
    options.client.proxy.http = Some("127.0.0.1:9".to_owned());
    let (listener, at) = listener();
    let mut world = World::new(options, vec![listener]);
    let got = say(at, &format!("GET / HTTP/1.1\nHost: {at}\n\n"));
    assert!(
        got.starts_with("HTTP/1.1 502 Bad Gateway\r\n") && got.contains("packwright: cannot reach"),
        "{got}"
    );
    let problems = world.problems();
    assert!(problems[0].contains("cannot be had: cannot reach"), "{problems:?}");
}

#[test]
fn what_is_for_another_host_or_unclear_is_refused() {
    let (options, asked) = behind(allowing(&["127.0.0.2"]), |_, stream| answer(stream, "200 OK", "oops"));
    let (listener, at) = listener();
    let mut world = World::new(options, vec![listener]);
    for (request, status) in [
        ("GET / HTTP/1.1\nHost: other.test\n\n".to_owned(), "421"),
        ("GET / HTTP/1.1\nHost: 127.0.0.2\n\n".to_owned(), "421"),
        (format!("GET http://other.test/ HTTP/1.1\nHost: {at}\n\n"), "421"),
        ("GET / HTTP/1.1\n\n".to_owned(), "400"),
        (format!("CONNECT {at} HTTP/1.1\nHost: {at}\n\n"), "405"),
        (format!("GET / HTTP/1.1\nHost: {at}\nUpgrade: websocket\nConnection: Upgrade\n\n"), "501"),
        (format!("POST / HTTP/1.1\nHost: {at}\nContent-Length: 3\nTransfer-Encoding: chunked\n\nabc"), "400"),
    ] {
        let got = say(at, &request);
        assert!(got.starts_with(&format!("HTTP/1.1 {status} ")), "{request}{got}");
    }
    assert!(asked.lock().unwrap().is_empty());
    let problems = world.problems();
    assert!(problems.iter().any(|line| line.contains("carries a request for `other.test`")), "{problems:?}");
}

#[test]
fn credentials_go_to_their_own_host_and_replace_what_was_sent() {
    let (mut options, asked) =
        behind(allowing(&["127.0.0.2", "127.0.0.3"]), |_, stream| answer(stream, "200 OK", ""));
    options.credentials.insert("127.0.0.2", None, Credential::new("Bearer own").over_http());
    options.credentials.insert("127.0.0.3", None, Credential::new("Bearer not over http"));
    let ((first, at), other) = (listener(), TcpListener::bind("127.0.0.3:0").unwrap());
    let there = other.local_addr().unwrap();
    let mut world = World::new(options, vec![first, other]);
    for at in [at, there] {
        say(at, &format!("GET / HTTP/1.1\nHost: {at}\nAuthorization: placeholder\nConnection: close\n\n"));
    }
    world.end();
    let asked = asked.lock().unwrap().clone();
    assert!(
        asked[0].contains("authorization: Bearer own\r\n") && !asked[0].contains("placeholder"),
        "{asked:?}"
    );
    assert!(asked[1].contains("authorization: placeholder\r\n"), "{asked:?}");
}

#[test]
fn a_placeholder_becomes_its_value_on_the_way_to_its_own_host_alone() {
    let (options, asked) =
        behind(allowing(&["127.0.0.2", "127.0.0.3"]), |_, stream| answer(stream, "200 OK", "fine"));
    let ((first, at), other) = (listener(), TcpListener::bind("127.0.0.3:0").unwrap());
    let there = other.local_addr().unwrap();
    let own = CredentialHost::new("127.0.0.2", Some(at.port()));
    let token = Placeholder::new("NPM_TOKEN", "the-real-token", vec![own.clone().over_http()]);
    let encrypted = Placeholder::new("OTHER_TOKEN", "the-other-token", vec![own]);
    let seen = [token.text().to_owned(), encrypted.text().to_owned()];
    let mut world = World::of_session(options, vec![first, other], |gateway| {
        let placeholders = vec![token, encrypted];
        gateway.session_with(SessionOptions { placeholders, ..SessionOptions::default() })
    });
    let ask = |at: SocketAddr, token: &str| {
        say(at, &format!("GET /a HTTP/1.1\nHost: {at}\nAuthorization: Bearer {token}\nConnection: close\n\n"))
    };
    assert!(ask(at, &seen[0]).ends_with("fine"));
    for got in [ask(there, &seen[0]), ask(at, &seen[1])] {
        assert!(got.starts_with("HTTP/1.1 403 ") && !got.contains("the-"), "{got}");
    }
    let expected = [
        format!("`http://{at}` is refused: it carries the credential `OTHER_TOKEN` without encryption"),
        format!("`http://{there}` is refused: it carries the credential `NPM_TOKEN`, which is for `{at}`"),
    ];
    assert_eq!(world.problems(), expected);
    let asked = asked.lock().unwrap().clone();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].contains("authorization: Bearer the-real-token\r\n"), "{asked:?}");
}

#[test]
fn the_machine_may_be_called_by_its_name() {
    let (options, asked) = behind(allowing(&["localhost"]), |_, stream| answer(stream, "200 OK", ""));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = listener.local_addr().unwrap();
    let mut world = World::new(options, vec![listener]);
    let ask =
        |host: &str| say(at, &format!("GET / HTTP/1.1\nHost: {host}:{}\nConnection: close\n\n", at.port()));
    assert!(ask("localhost").starts_with("HTTP/1.1 200 "));
    assert!(ask("127.0.0.1").starts_with("HTTP/1.1 403 "));
    assert_eq!(world.problems().len(), 1);
    assert_eq!(asked.lock().unwrap().len(), 1);
}

#[test]
fn large_bodies_stream_through() {
    let (options, _) = behind(allowing(&["127.0.0.2"]), |_, stream| {
        let block = vec![7u8; 1 << 20];
        stream
            .write_all(format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", 32 << 20).as_bytes())
            .unwrap();
        for _ in 0..32 {
            stream.write_all(&block).unwrap();
        }
    });
    let (listener, at) = listener();
    let mut world = World::new(options, vec![listener]);
    let mut stream = TcpStream::connect(at).unwrap();
    write!(stream, "GET / HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n").unwrap();
    let mut count = 0;
    let mut buffer = vec![0; 1 << 16];
    while let Ok(read @ 1..) = stream.read(&mut buffer) {
        count += read;
    }
    assert!(count > 32 << 20, "{count}");
    world.end();
    assert_eq!(world.session.transfers()[0].size, 32 << 20);
}

#[test]
fn a_path_may_hold_an_address_and_no_server_repeats_what_it_is_told() {
    let (options, asked) = behind(allowing(&["127.0.0.2"]), |_, stream| answer(stream, "200 OK", "got"));
    let (listener, at) = listener();
    let mut world = World::new(options, vec![listener]);
    let get = |method: &str, path: &str| {
        say(at, &format!("{method} {path} HTTP/1.1\nHost: {at}\nConnection: close\n\n"))
    };
    assert!(get("GET", "/dl?url=https://x.test/y").ends_with("\r\n\r\ngot"));
    assert!(get("TRACE", "/").starts_with("HTTP/1.1 405 "));
    assert_eq!(asked.lock().unwrap().len(), 1);
    assert_eq!(world.problems().len(), 1);
}
