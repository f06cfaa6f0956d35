//! Redirects, and who gets to see credentials.

use packwright_remote::{Expect, RemoteError, Request, Watch};

use crate::server::{Server, head, ok};
use crate::{client, get, url};

fn redirecting_to(location: String) -> Server {
    Server::new(move |asked, _, stream| match asked.path() {
        "/end" | "/dir/end" | "/end?q=1" => ok(stream, b"here"),
        _ => head(stream, "302 Found", &[("Location", &location), ("Content-Length", "0")]),
    })
}

#[test]
fn relative_and_absolute_ones_are_followed() {
    for location in ["/end", "end", "../end", "./../dir/./end", "/end?q=1", "/end#fragment"] {
        let server = redirecting_to(location.to_owned());
        let (bytes, fetched) = get(&client(), &server.url("/dir/start")).unwrap();
        assert_eq!(bytes, b"here", "{location}");
        assert!(fetched.url.to_string().contains("end"), "{}", fetched.url);
        assert_eq!(server.asked().len(), 2);
    }
    let end = Server::of(b"there");
    let server = redirecting_to(end.url("/x"));
    assert_eq!(get(&client(), &server.url("/")).unwrap().0, b"there");
}

#[test]
fn not_for_ever() {
    let server = redirecting_to("/again".to_owned());
    let error = get(&client(), &server.url("/")).unwrap_err();
    assert!(matches!(error, RemoteError::Redirect { .. }), "{error}");
    assert!(!error.is_transient());
    assert_eq!(server.asked().len(), 6);
}

#[test]
fn not_anywhere() {
    for location in
        ["ftp://host/x", "file:///etc/passwd", "http://", "http://[::1", "http:///x", "//", "\u{7f}"]
    {
        let server = redirecting_to(location.to_owned());
        let error = get(&client(), &server.url("/")).unwrap_err();
        let is_refused = matches!(error, RemoteError::Redirect { .. } | RemoteError::Protocol { .. });
        assert!(is_refused, "{location}: {error}");
    }
    let server = Server::new(|_, _, stream| head(stream, "301 Moved", &[("Content-Length", "0")]));
    let error = get(&client(), &server.url("/")).unwrap_err();
    assert!(error.to_string().contains("redirects to nowhere"), "{error}");
}

#[test]
fn credentials_stay_at_their_host() {
    let other = Server::of(b"there");
    let server = redirecting_to(other.url("/x"));
    let address = server.url("/start").replace("http://", "http://user:p%40ss@");
    let mut request = Request::new(url(&address), Expect::at_most(100));
    request.headers.push(("X-Token".to_owned(), "secret".to_owned()));
    let cancel = std::sync::atomic::AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|_| {} };
    client().bytes(&request, &watch).unwrap();
    let first = &server.asked()[0];
    // "user:p@ss"
    assert_eq!(first.field("authorization"), Some("Basic dXNlcjpwQHNz"));
    assert_eq!(first.field("x-token"), Some("secret"));
    assert_eq!(first.path(), "/start");
    let second = &other.asked()[0];
    assert_eq!((second.field("authorization"), second.field("x-token")), (None, None));
    assert!(!format!("{request:?}").contains("secret"));
}

#[test]
fn credentials_follow_on_the_same_host() {
    let server = redirecting_to("/end".to_owned());
    get(&client(), &server.url("/start").replace("http://", "http://user:pass@")).unwrap();
    assert!(server.asked()[1].field("authorization").is_some());
}

#[test]
fn credentials_that_a_server_hands_out_are_not_used() {
    let other = Server::of(b"there");
    let server = redirecting_to(other.url("/x").replace("http://", "http://theirs:pass@"));
    get(&client(), &server.url("/")).unwrap();
    assert_eq!(other.asked()[0].field("authorization"), None);
}

#[test]
fn nothing_secret_is_shown() {
    let server = Server::new(|_, _, stream| crate::server::status(stream, "404 Not Found", &[]));
    let address = server.url("/x?signature=secret").replace("http://", "http://user:secret@");
    let error = get(&client(), &address).unwrap_err();
    let said = format!("{error} {error:?} {:?}", error.fix());
    assert!(!said.contains("secret"), "{said}");
    assert_eq!(server.asked()[0].path(), "/x?signature=secret");
}
