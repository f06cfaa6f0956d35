//! Requests of others, passed on.

use std::io::{ErrorKind, Read, Write};
use std::thread::sleep;
use std::time::{Duration, Instant};

use packwright_remote::{Answered, Body, Client, ClientOptions, Message, ProxySettings, RemoteError, Wall};

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
        true => Err(format!("{host} is the loopback")),
        false => Ok(()),
    });
    let walled = Client::new(ClientOptions { wall: Some(wall.clone()), ..options() }).unwrap();
    let port = server.authority().rsplit(':').next().unwrap().to_owned();
    for host in ["localhost", "127.0.0.1"] {
        let error = send(&walled, "GET", &format!("http://{host}:{port}/"), &[], Body::None).unwrap_err();
        assert!(matches!(&error, RemoteError::Refused { why, .. } if why.contains(host)), "{error:?}");
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
