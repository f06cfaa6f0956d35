//! Heads as clients send them, and as attackers do.

use super::*;

fn read(text: &str) -> Result<Option<(Request, usize)>, BadHead> {
    request(text.replace('\n', "\r\n").as_bytes())
}

fn whole(text: &str) -> Request {
    read(text).unwrap().unwrap().0
}

#[test]
fn a_request_is_read_when_its_head_is_whole() {
    assert_eq!(read("GET / HTTP/1.1\nHost: a\n"), Ok(None));
    let request = whole("GET /p?q HTTP/1.1\nHOST:  a.test \nX: y\n\n");
    assert_eq!((request.method.as_str(), request.target.as_str(), request.minor), ("GET", "/p?q", 1));
    assert_eq!(request.asked(), Ok(("a.test".to_owned(), "/p?q".to_owned())));
    assert_eq!(request.framing, Framing::None);
    assert!(request.keeps_open());
    assert!(!whole("GET / HTTP/1.1\nHost: a\nConnection: x, Close\n\n").keeps_open());
    assert!(!whole("GET / HTTP/1.0\nHost: a\n\n").keeps_open());
}

#[test]
fn ends_of_bodies_are_clear_or_refused() {
    let of = |fields: &str| whole_or(fields).map(|request| request.framing);
    assert_eq!(of("Content-Length: 5"), Ok(Framing::Sized(5)));
    assert_eq!(of("Content-Length: 5\nContent-Length: 5"), Ok(Framing::Sized(5)));
    assert_eq!(of("Transfer-Encoding: Chunked"), Ok(Framing::Chunked));
    for fields in [
        "Content-Length: 5\nContent-Length: 6",
        "Content-Length: +5",
        "Content-Length: 5, 5",
        "Content-Length:",
        "Content-Length: 99999999999999999999",
        "Content-Length: 5\nTransfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\nTransfer-Encoding: chunked",
    ] {
        assert!(of(fields).is_err(), "{fields}");
    }
}

fn whole_or(fields: &str) -> Result<Request, BadHead> {
    Ok(read(&format!("POST / HTTP/1.1\nHost: a\n{fields}\n\n"))?.unwrap().0)
}

#[test]
fn hosts_are_asked_for_once() {
    assert!(whole("GET / HTTP/1.1\nHost: a\nHost: b\n\n").asked().is_err());
    assert!(whole("GET / HTTP/1.1\n\n").asked().is_err());
    assert!(whole("OPTIONS * HTTP/1.1\nHost: a\n\n").asked().is_err());
    assert!(whole("GET ftp://a/ HTTP/1.1\nHost: a\n\n").asked().is_err());
    let absolute = whole("GET http://b:80?x HTTP/1.1\nHost: a\n\n");
    assert_eq!(absolute.asked(), Ok(("b:80".to_owned(), "/?x".to_owned())));
}

#[test]
fn what_concerns_the_connection_stays() {
    let request = whole(
        "GET / HTTP/1.1\nHost: a\nConnection: close, X-Hop\nX-Hop: 1\nTE: trailers\nExpect: 100-continue\n\
         Proxy-Authorization: x\nUpgrade: h2c\nAccept: y\nRange: bytes=1-\n\n",
    );
    let names: Vec<String> = request.passed_on().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["accept", "range"]);
}

#[test]
fn what_is_no_http_is_refused() {
    for text in ["SSH-2.0-OpenSSH_9\n", "GET /\n\n", "GET / HTTP/2.0\n\n", "G\0T / HTTP/1.1\n\n"] {
        assert_eq!(read(text).unwrap_err().status, 400, "{text:?}");
    }
    let endless = format!("GET / HTTP/1.1\nX: {}", "y".repeat(LARGEST));
    assert_eq!(read(&endless).unwrap_err().status, 431);
    let many = format!("GET / HTTP/1.1\n{}\n", "X: y\n".repeat(MOST_FIELDS + 1));
    assert_eq!(read(&many).unwrap_err().status, 431);
}

#[test]
fn answers_are_written_as_they_came() {
    let fields = vec![("x-a".to_owned(), b"b".to_vec())];
    assert_eq!(response(404, &fields), b"HTTP/1.1 404 Not Found\r\nx-a: b\r\n\r\n");
    let fields: Fields =
        [("content-length", "5"), ("transfer-encoding", "chunked"), ("etag", "x"), ("alt-svc", "h3")]
            .map(|(name, value)| (name.to_owned(), value.into()))
            .into();
    assert_eq!(announced_length(&fields), None);
    assert_eq!(passed_back(&fields), [("etag".to_owned(), b"x".to_vec())]);
    assert_eq!(announced_length(&vec![("content-length".to_owned(), b"5".to_vec())]), Some(5));
}
