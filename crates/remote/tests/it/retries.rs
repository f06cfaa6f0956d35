//! Trying again, going on where it stopped, and mirrors.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use packwright_oci::Digest;
use packwright_remote::{Expect, RemoteError, Request, Watch};

use crate::server::{Server, head, ok, status};
use crate::{Told, client, exactly, get, get_expecting, url};

const CONTENT: &[u8] = &[42; 100_000];

#[test]
fn a_server_that_recovers() {
    let server = Server::new(|_, number, stream| match number {
        0 | 1 => status(stream, "503 Unavailable", &[]),
        _ => ok(stream, b"hello"),
    });
    let told = Told::default();
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|progress| told.note(progress) };
    let request = Request::new(url(&server.url("/")), Expect::at_most(10));
    assert_eq!(client().bytes(&request, &watch).unwrap().0, b"hello");
    assert_eq!(told.words(), ["retrying", "retrying", "started Some(5)", "received 5", "finished"]);
}

#[test]
fn a_server_that_does_not_recover() {
    let server = Server::new(|_, _, stream| status(stream, "503 Unavailable", &[]));
    let error = get(&client(), &server.url("/")).unwrap_err();
    assert!(matches!(error, RemoteError::Status { status: 503, .. }), "{error}");
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn the_server_says_how_long_to_wait_within_limits() {
    for (asked_for, at_least, at_most) in [("0", 0, 200), ("3600", 290, 1500), ("soon", 0, 200)] {
        let server = Server::new(move |_, number, stream| match number {
            0 => status(stream, "429 Slow Down", &[("Retry-After", asked_for)]),
            _ => ok(stream, b"hello"),
        });
        let begin = Instant::now();
        get(&client(), &server.url("/")).unwrap();
        let took = begin.elapsed().as_millis();
        assert!((at_least..=at_most).contains(&took), "Retry-After {asked_for}: {took} ms");
    }
}

#[test]
fn a_stop_ends_the_wait() {
    let server = Server::new(|_, _, stream| status(stream, "503 Later", &[("Retry-After", "3600")]));
    let mut options = crate::options();
    options.retry.longest_pause = Duration::from_secs(60);
    let client = packwright_remote::Client::new(options).unwrap();
    let cancel = AtomicBool::new(false);
    let request = Request::new(url(&server.url("/")), Expect::at_most(10));
    let progress = |_: packwright_remote::Progress<'_>| cancel.store(true, Ordering::SeqCst);
    let begin = Instant::now();
    let error = client.bytes(&request, &Watch { cancel: &cancel, progress: &progress }).unwrap_err();
    assert!(matches!(error, RemoteError::Cancelled), "{error}");
    assert!(begin.elapsed() < Duration::from_secs(2));
}

/// Sends half of it at first; obeys `Range` afterwards if `ranges` says so.
fn cut_off(ranges: bool) -> Server {
    Server::new(move |asked, number, stream| {
        let start: usize = asked
            .field("range")
            .filter(|_| ranges)
            .map(|range| range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap())
            .unwrap_or(0);
        let length = (CONTENT.len() - start).to_string();
        let range = format!("bytes {start}-{}/{}", CONTENT.len() - 1, CONTENT.len());
        match start {
            0 => head(stream, "200 OK", &[("Content-Length", &length)]),
            _ => {
                head(stream, "206 Partial Content", &[("Content-Length", &length), ("Content-Range", &range)])
            }
        }
        let end = if number == 0 { CONTENT.len() / 2 } else { CONTENT.len() };
        let _ = stream.write_all(&CONTENT[start..end]);
    })
}

#[test]
fn a_download_goes_on_where_it_stopped() {
    let server = cut_off(true);
    let opened = AtomicUsize::new(0);
    let open = || {
        opened.fetch_add(1, Ordering::SeqCst);
        Ok(Vec::new())
    };
    let told = Told::default();
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|progress| told.note(progress) };
    let request = Request::new(url(&server.url("/")), exactly(CONTENT));
    let (bytes, fetched) = client().fetch(&request, open, &watch).unwrap();
    assert!(bytes == CONTENT);
    assert_eq!(fetched.digest, Digest::of(CONTENT));
    assert_eq!(opened.load(Ordering::SeqCst), 1);
    assert_eq!(server.asked()[1].field("range"), Some("bytes=50000-"));
    assert!(!told.words().iter().any(|word| word.starts_with("lost")));
}

#[test]
fn or_begins_anew_when_the_server_cannot() {
    let server = cut_off(false);
    let told = Told::default();
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|progress| told.note(progress) };
    let request = Request::new(url(&server.url("/")), exactly(CONTENT));
    let (bytes, _) = client().bytes(&request, &watch).unwrap();
    assert!(bytes == CONTENT);
    assert_eq!(server.asked()[1].field("range"), Some("bytes=50000-"));
    assert!(told.words().contains(&"lost 50000".to_owned()));
}

/// A cache in front of a mirror that gave half of an older file, and the right one from then on.
#[test]
fn a_mix_of_two_files_begins_anew() {
    let server = Server::new(move |asked, number, stream| {
        let start: usize = asked
            .field("range")
            .map(|range| range.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap())
            .unwrap_or(0);
        let length = (CONTENT.len() - start).to_string();
        let range = format!("bytes {start}-{}/{}", CONTENT.len() - 1, CONTENT.len());
        match start {
            0 => head(stream, "200 OK", &[("Content-Length", &length)]),
            _ => {
                head(stream, "206 Partial Content", &[("Content-Length", &length), ("Content-Range", &range)])
            }
        }
        let _ = match number {
            0 => stream.write_all(&vec![b'?'; CONTENT.len() / 2]),
            _ => stream.write_all(&CONTENT[start..]),
        };
    });
    let told = Told::default();
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|progress| told.note(progress) };
    let request = Request::new(url(&server.url("/")), exactly(CONTENT));
    let (bytes, _) = client().bytes(&request, &watch).unwrap();
    assert!(bytes == CONTENT);
    let ranges: Vec<Option<String>> =
        server.asked().iter().map(|asked| asked.field("range").map(str::to_owned)).collect();
    assert_eq!(ranges, [None, Some("bytes=50000-".to_owned()), None]);
    let words = told.words();
    assert!(words.contains(&"lost 100000".to_owned()), "{words:?}");
}

/// Whole answers are not asked for twice: what is wrong stays wrong.
#[test]
fn a_mix_that_is_wrong_as_a_whole_too_is_refused() {
    let server = Server::new(move |asked, number, stream| {
        let is_part = asked.field("range").is_some();
        let (length, half) = (CONTENT.len().to_string(), CONTENT.len() / 2);
        match is_part {
            false => head(stream, "200 OK", &[("Content-Length", &length)]),
            true => {
                let range = format!("bytes {half}-{}/{length}", CONTENT.len() - 1);
                let half = half.to_string();
                head(stream, "206 Partial Content", &[("Content-Length", &half), ("Content-Range", &range)])
            }
        }
        let count = if number == 0 || is_part { half } else { CONTENT.len() };
        let _ = stream.write_all(&vec![b'?'; count]);
    });
    let request = Request::new(url(&server.url("/")), exactly(CONTENT));
    let cancel = AtomicBool::new(false);
    let watch = Watch { cancel: &cancel, progress: &|_| {} };
    let error = client().bytes(&request, &watch).unwrap_err();
    assert!(matches!(error, RemoteError::Digest { .. }), "{error}");
    assert_eq!(server.asked().len(), 3);
}

#[test]
fn or_when_nothing_could_tell_a_mix() {
    let server = cut_off(true);
    let (bytes, _) = get(&client(), &server.url("/")).unwrap();
    assert!(bytes == CONTENT);
    assert_eq!(server.asked()[1].field("range"), None);
}

#[test]
fn or_when_the_server_dislikes_the_range() {
    for answer in ["416 Range Not Satisfiable", "206 Partial Content"] {
        let server = Server::new(move |asked, number, stream| {
            if asked.field("range").is_some() {
                // Of the wrong part, when it is 206.
                let fields = [("Content-Range", "bytes 7-99/100"), ("Content-Length", "0")];
                return head(stream, answer, &fields);
            }
            head(stream, "200 OK", &[("Content-Length", &CONTENT.len().to_string())]);
            let end = if number == 0 { 10 } else { CONTENT.len() };
            let _ = stream.write_all(&CONTENT[..end]);
        });
        let (bytes, _) = get_expecting(&client(), &[&server.url("/")], exactly(CONTENT)).unwrap();
        assert!(bytes == CONTENT, "{answer}");
    }
}

#[test]
fn a_server_that_always_stops_early() {
    let server = Server::new(|_, _, stream| {
        head(stream, "200 OK", &[("Content-Length", "10")]);
        let _ = stream.write_all(b"hello");
    });
    let error = get(&client(), &server.url("/")).unwrap_err();
    assert!(matches!(error, RemoteError::CutOff { received: 5, .. }), "{error}");
    assert!(error.is_transient());
}

#[test]
fn the_next_mirror_takes_over() {
    let missing = Server::new(|_, _, stream| status(stream, "404 Not Found", &[]));
    let wrong = Server::of(b"jello");
    let down = Server::new(|_, _, stream| status(stream, "500 Broken", &[]));
    let good = Server::of(b"hello");
    let all = [missing.url("/a"), wrong.url("/b"), down.url("/c"), good.url("/d")];
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let (bytes, fetched) = get_expecting(&client(), &all, exactly(b"hello")).unwrap();
    assert_eq!(bytes, b"hello");
    assert_eq!(fetched.url, url(&good.url("/d")));
    assert_eq!(down.asked().len(), 1, "a good mirror is better than a second try");

    let error = get_expecting(&client(), &all[..3], exactly(b"hello")).unwrap_err();
    let RemoteError::Several { errors } = &error else { panic!("{error}") };
    assert_eq!(errors.len(), 3);
    assert!(!error.is_transient(), "two of them will not get better");
    assert_eq!((missing.asked().len(), wrong.asked().len(), down.asked().len()), (2, 2, 4));
}

#[test]
fn a_request_without_addresses() {
    let error = get_expecting(&client(), &[], Expect::at_most(1)).unwrap_err();
    assert!(matches!(error, RemoteError::NoAddress), "{error}");
}
