//! How much a step may add to the download cache, and that it gets the rest all the same.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use packwright_gateway::{CacheQuota, Downloads, MemoryDownloads, SessionOptions};
use packwright_oci::Digest;

use crate::server::{Asked, answer, behind};
use crate::{World, allowing, say};

/// A step with a quota. Its server sends `/<n>` as n bytes with their length, `/chunked/<n>` without it, `/cut/<n>`
/// without the last one, and `/old/<n>` to be confirmed each time, with another field.
fn world(bytes: u64, files: u64) -> (World, SocketAddr, Asked) {
    let count = Mutex::new(0);
    let (mut options, asked) = behind(allowing(&["127.0.0.2"]), move |request, stream| {
        let path = request.split(' ').nth(1).unwrap_or_default();
        let size: usize = path.rsplit('/').next().unwrap_or_default().parse().unwrap();
        let body = "x".repeat(size);
        if request.contains("/chunked/") {
            let head = "HTTP/1.1 200 OK\r\nCache-Control: max-age=9\r\nTransfer-Encoding: chunked\r\n\r\n";
            write!(stream, "{head}{size:x}\r\n{body}\r\n0\r\n\r\n").unwrap();
        } else if request.contains("/cut/") {
            let head = format!("HTTP/1.1 200 OK\r\nCache-Control: max-age=9\r\nContent-Length: {size}");
            write!(stream, "{head}\r\n\r\n{}", &body[1..]).unwrap();
        } else if request.to_ascii_lowercase().contains("if-none-match") {
            *count.lock().unwrap() += 1;
            let field = format!("X-{}: {}", count.lock().unwrap(), "y".repeat(1000));
            answer(stream, &format!("304 Not Modified\nETag: \"e\"\n{field}"), "");
        } else if request.contains("/old/") {
            answer(stream, "200 OK\nETag: \"e\"\nCache-Control: no-cache", &body);
        } else {
            answer(stream, "200 OK\nCache-Control: max-age=9", &body);
        }
    });
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    let cache = Arc::new(MemoryDownloads::default());
    options.downloads = Some(Downloads { cache, max_age: Duration::from_secs(3600), now });
    let listener = TcpListener::bind("127.0.0.2:0").unwrap();
    let at = listener.local_addr().unwrap();
    let world = World::of_session(options, vec![listener], |gateway| {
        let cache_quota = CacheQuota { bytes, files };
        gateway.session_with(SessionOptions { cache_quota, ..SessionOptions::default() })
    });
    (world, at, asked)
}

/// Asks for a path. Gives back how many `x` came, and how often the server was asked so far.
fn get(at: SocketAddr, asked: &Asked, path: &str) -> (usize, usize) {
    let got = say(at, &format!("GET {path} HTTP/1.1\nHost: {at}\nConnection: close\n\n"));
    let body = got.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (body.matches('x').count(), asked.lock().unwrap().len())
}

#[test]
fn what_is_over_the_quota_comes_and_is_recorded_and_not_kept() {
    let (mut world, at, asked) = world(100_000, 100);
    assert_eq!(get(at, &asked, "/40000"), (40_000, 1));
    assert!(!world.session.is_cache_quota_exceeded());
    assert_eq!(get(at, &asked, "/chunked/300000"), (300_000, 2));
    assert_eq!(get(at, &asked, "/chunked/300000"), (300_000, 3));
    assert_eq!(get(at, &asked, "/90000"), (90_000, 4));
    assert_eq!(get(at, &asked, "/90000"), (90_000, 5));
    assert!(world.session.is_cache_quota_exceeded());
    // What broke off left its share.
    assert_eq!(get(at, &asked, "/cut/50000").1, 6);
    assert_eq!(get(at, &asked, "/50000"), (50_000, 7));
    assert_eq!(get(at, &asked, "/50000"), (50_000, 7));
    assert_eq!(get(at, &asked, "/40000"), (40_000, 7));
    world.end();
    let large = Digest::of("x".repeat(300_000).as_bytes());
    assert!(world.session.transfers().iter().any(|transfer| transfer.digest == large));
}

#[test]
fn small_responses_count_as_files() {
    let (world, at, asked) = world(100_000, 4);
    for (path, count) in [("/1", 1), ("/2", 2), ("/3", 3), ("/3", 4), ("/2", 4), ("/1", 4)] {
        assert_eq!(get(at, &asked, path).1, count, "{path}");
    }
    assert!(world.session.is_cache_quota_exceeded());
}

#[test]
fn a_response_that_is_confirmed_again_and_again_does_not_grow_without_end() {
    let (world, at, asked) = world(5_000, 100);
    for count in 1..=10 {
        assert_eq!(get(at, &asked, "/old/10"), (10, count));
    }
    assert!(world.session.is_cache_quota_exceeded());
}
