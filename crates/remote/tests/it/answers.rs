//! What one server can do.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use packwright_oci::Digest;
use packwright_remote::{Client, Expect, RemoteError, Request, Watch};

use crate::server::{Server, head, ok, status};
use crate::{Told, client, exactly, get, get_expecting, url};

#[test]
fn a_download() {
    let server = Server::of(b"hello");
    let (bytes, fetched) = get(&client(), &server.url("/debian/x?y=1")).unwrap();
    assert_eq!(bytes, b"hello");
    assert_eq!((fetched.size, fetched.digest), (5, Digest::of(b"hello")));
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "GET /debian/x?y=1 HTTP/1.1");
    assert_eq!(asked.field("host"), Some(server.authority().as_str()));
    assert!(asked.field("user-agent").unwrap().starts_with("packwright/"));
    assert_eq!(asked.field("accept-encoding"), Some("identity"));
    assert_eq!(asked.field("authorization"), None);
    assert_eq!(asked.field("range"), None);
}

#[test]
fn what_is_told_adds_up() {
    let server = Server::new(|_, _, stream| ok(stream, &[7; 200_000]));
    let told = Told::default();
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|progress| told.note(progress) };
    let request = Request::new(url(&server.url("/")), Expect::at_most(1 << 20));
    client().bytes(&request, &watch).unwrap();
    let words = told.words();
    assert_eq!(words[0], "started Some(200000)");
    assert_eq!(words.last().unwrap(), "finished");
    let received: u64 =
        words.iter().filter_map(|word| word.strip_prefix("received ")?.parse::<u64>().ok()).sum();
    assert_eq!(received, 200_000);
}

#[test]
fn other_bytes_than_expected() {
    let server = Server::of(b"hello");
    let at = server.url("/x");
    let expect = Expect { digest: Some(Digest::of(b"jello")), ..exactly(b"hello") };
    let error = get_expecting(&client(), &[&at], expect).unwrap_err();
    assert!(matches!(error, RemoteError::Digest { .. }), "{error}");
    assert!(!error.is_transient());
    assert!(error.fix().is_some());
    assert_eq!(server.asked().len(), 1, "asking again does not help");
}

#[test]
fn another_length_than_expected() {
    let server = Server::new(|asked, _, stream| match asked.path() {
        "/announced" => ok(stream, b"hello"),
        _ => {
            head(stream, "200 OK", &[]);
            let _ = stream.write_all(b"hello");
        }
    });
    for path in ["/announced", "/silent"] {
        for size in [3, 9] {
            let expect = Expect { size: Some(size), digest: None, max: 100 };
            let error = get_expecting(&client(), &[&server.url(path)], expect).unwrap_err();
            assert!(
                matches!(error, RemoteError::Size { expected, .. } if expected == size),
                "{path} {size}: {error}"
            );
        }
    }
}

#[test]
fn never_more_than_allowed() {
    // Endless, and not announced.
    let server = Server::new(|asked, _, stream| {
        match asked.path() {
            "/announced" => head(stream, "200 OK", &[("Content-Length", "999999999999")]),
            "/chunked" => head(stream, "200 OK", &[("Transfer-Encoding", "chunked")]),
            _ => head(stream, "200 OK", &[]),
        }
        let chunk = format!("3e8\r\n{}\r\n", "x".repeat(1000));
        while stream.write_all(chunk.as_bytes()).is_ok() {}
    });
    for path in ["/announced", "/chunked", "/endless"] {
        let expect = Expect::at_most(100_000);
        let request = Request::new(url(&server.url(path)), expect);
        let cancel = AtomicBool::new(false);
        let watch = Watch { cancel: &cancel, progress: &|_| {} };
        let taken = std::sync::Mutex::new(0);
        let error = client().fetch(&request, || Ok(Counting(&taken)), &watch).err().unwrap();
        assert!(matches!(error, RemoteError::TooLarge { max: 100_000, .. }), "{path}: {error}");
        assert!(*taken.lock().unwrap() <= 100_000);
        assert!(!error.is_transient());
    }
}

struct Counting<'a>(&'a std::sync::Mutex<usize>);

impl Write for Counting<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        *self.0.lock().unwrap() += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn statuses() {
    let server = Server::new(|asked, _, stream| status(stream, &asked.path()[1..4], &[]));
    for (code, transient) in [
        ("404", false),
        ("403", false),
        ("410", false),
        ("204", false),
        ("206", false),
        ("304", false),
        ("500", true),
        ("503", true),
        ("429", true),
        ("408", true),
    ] {
        let error = get(&client(), &server.url(&format!("/{code}"))).unwrap_err();
        let RemoteError::Status { status, .. } = &error else { panic!("{code}: {error}") };
        assert_eq!(status.to_string(), code);
        assert_eq!(error.is_transient(), transient, "{code}");
        assert!(error.to_string().contains(&format!("answers with status {code}")), "{error}");
    }
}

#[test]
fn what_is_not_http() {
    for garbage in [
        &b"SSH-2.0-OpenSSH_9.9\r\n"[..],
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot hex\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
    ] {
        let server = Server::new(move |_, _, stream| drop(stream.write_all(garbage)));
        let result = get_expecting(&client(), &[&server.url("/")], exactly(b"hello"));
        let error = result.err().unwrap_or_else(|| panic!("{garbage:?} was believed"));
        assert!(!matches!(error, RemoteError::Sink { .. } | RemoteError::Cancelled), "{error}");
    }
}

#[test]
fn a_head_without_end() {
    let server = Server::new(|_, _, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        while stream.write_all(b"X-Filler: xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n").is_ok() {}
    });
    let error = get(&client(), &server.url("/")).unwrap_err();
    assert!(matches!(error, RemoteError::Protocol { .. }), "{error}");
}

#[test]
fn servers_that_say_nothing() {
    let server = Server::new(|asked, _, stream| {
        if asked.path() == "/body" {
            head(stream, "200 OK", &[("Content-Length", "10")]);
            let _ = stream.write_all(b"hel");
        }
        std::thread::sleep(Duration::from_millis(900));
    });
    let hasty = Client::new(crate::hasty()).unwrap();
    for path in ["/head", "/body"] {
        let error = get(&hasty, &server.url(path)).unwrap_err();
        assert!(matches!(error, RemoteError::Timeout { .. }), "{path}: {error}");
        assert!(error.is_transient());
    }
}

/// A byte now and then satisfies a limit on the time between two of them.
#[test]
fn a_server_that_drips() {
    let server = Server::new(|_, _, stream| {
        head(stream, "200 OK", &[("Content-Length", "100000")]);
        let until = Instant::now() + Duration::from_secs(20);
        while Instant::now() < until && stream.write_all(b"x").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    let hasty = Client::new(crate::hasty()).unwrap();
    let begin = Instant::now();
    let error = get(&hasty, &server.url("/")).unwrap_err();
    assert!(matches!(error, RemoteError::Timeout { .. }), "{error}");
    assert!(error.is_transient());
    // Three tries of 300 ms each.
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}", begin.elapsed());
    assert!(error.to_string().contains("fewer than 4096 bytes in 300ms"), "{error}");
}

/// What is slow and comes: pauses between pieces, each shorter than what counts as a stall.
#[test]
fn a_server_that_is_slow_and_brings_enough() {
    const PIECE: &[u8] = &[7; 5000];
    let server = Server::new(|_, _, stream| {
        head(stream, "200 OK", &[("Content-Length", "30000")]);
        for _ in 0..6 {
            let _ = stream.write_all(PIECE);
            std::thread::sleep(Duration::from_millis(300));
        }
    });
    let mut options = crate::options();
    options.timeouts.stall = Duration::from_secs(1);
    let client = Client::new(options).unwrap();
    assert_eq!(get(&client, &server.url("/")).unwrap().0.len(), 30_000);
}

#[test]
fn a_stop_reaches_who_waits_for_a_silent_server() {
    for path in ["/head", "/body"] {
        let server = Server::new(|asked, _, stream| {
            if asked.path() == "/body" {
                head(stream, "200 OK", &[("Content-Length", "10")]);
                let _ = stream.write_all(b"hel");
            }
            std::thread::sleep(Duration::from_secs(3));
        });
        let mut options = crate::options();
        options.timeouts.response = Duration::from_secs(60);
        options.timeouts.stall = Duration::from_secs(60);
        let client = Client::new(options).unwrap();
        let cancel = AtomicBool::new(false);
        let request = Request::new(url(&server.url(path)), Expect::at_most(100));
        let begin = Instant::now();
        let error = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(200));
                cancel.store(true, Ordering::SeqCst);
            });
            client.bytes(&request, &Watch { cancel: &cancel, progress: &|_| {} }).unwrap_err()
        });
        assert!(matches!(error, RemoteError::Cancelled), "{path}: {error}");
        assert!(begin.elapsed() < Duration::from_millis(1500), "{path}: {:?}", begin.elapsed());
        // The client is of use afterwards.
        let other = Server::of(b"hello");
        assert_eq!(get(&client, &other.url("/")).unwrap().0, b"hello");
    }
}

#[test]
fn nobody_there() {
    let unused = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = get(&client(), &format!("http://user:secret@{unused}/x")).unwrap_err();
    assert!(matches!(error, RemoteError::Unreachable { .. }), "{error}");
    assert!(error.is_transient());
    let said = format!("{error} {error:?} {:?}", error.fix());
    assert!(said.contains(&unused.to_string()) && !said.contains("secret"), "{said}");
    let error = get(&client(), "http://no-such-host.invalid/").unwrap_err();
    assert!(matches!(error, RemoteError::Unreachable { .. }), "{error}");
}

#[test]
fn https_without_trust() {
    let error = get(&client(), "https://localhost/").unwrap_err();
    assert!(matches!(error, RemoteError::NoTrust { .. }), "{error}");
    assert!(error.fix().unwrap().contains("ca-certificates"));
}

#[test]
fn a_sink_that_is_full() {
    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let server = Server::of(b"hello");
    let request = Request::new(url(&server.url("/")), Expect::at_most(10));
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|_| {} };
    let error = client().fetch(&request, || Ok(Full), &watch).err().unwrap();
    assert!(matches!(error, RemoteError::Sink { .. }), "{error}");
    assert_eq!(server.asked().len(), 1);
}
