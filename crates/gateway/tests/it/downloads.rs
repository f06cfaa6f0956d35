//! Answers that are kept, and who gets them.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use packwright_gateway::{Downloads, GatewayOptions, MemoryDownloads, conformance};

use crate::server::{Asked, answer, behind};
use crate::{World, allowing, say};

/// A world with a cache.
fn world(cache: &Arc<MemoryDownloads>, options: GatewayOptions) -> (World, SocketAddr, Asked) {
    let (mut options, asked) = behind(options, |request, stream| match request {
        _ if request.to_ascii_lowercase().contains("if-none-match: \"e\"") => {
            answer(stream, "304 Not Modified\nETag: \"e\"\nCache-Control: max-age=100", "");
        }
        _ if request.contains("/forever") => {
            answer(stream, "200 OK\nCache-Control: max-age=99999, immutable\nX-Kept: yes", "forever");
        }
        _ if request.contains("/private") => {
            answer(stream, "200 OK\nCache-Control: private, max-age=9", "mine")
        }
        _ => answer(stream, "200 OK\nCache-Control: max-age=100\nETag: \"e\"", "for a while"),
    });
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    let cache = Arc::clone(cache);
    options.downloads = Some(Downloads { cache, max_age: Duration::from_secs(3600), now });
    let listener = TcpListener::bind("127.0.0.2:0").unwrap();
    let at = listener.local_addr().unwrap();
    (World::new(options, vec![listener]), at, asked)
}

fn get(at: SocketAddr, path: &str, more: &str) -> String {
    say(at, &format!("GET {path} HTTP/1.1\nHost: {at}\n{more}Connection: close\n\n"))
}

#[test]
fn the_cache_in_memory_keeps_what_it_promises() {
    conformance::download_cache(&MemoryDownloads::default()).unwrap();
}

#[test]
fn what_never_changes_is_fetched_once() {
    let cache = Arc::default();
    let (mut world, at, asked) = world(&cache, allowing(&["127.0.0.2"]));
    let first = get(at, "/forever?a=b", "");
    assert!(first.ends_with("forever"), "{first}");
    let again = get(at, "/forever?a=b", "Cache-Control: max-age=0\n");
    assert!(again.starts_with("HTTP/1.1 200 OK\r\n") && again.ends_with("\r\n\r\nforever"), "{again}");
    assert!(again.contains("x-kept: yes\r\n") && again.contains("content-length: 7\r\n"), "{again}");
    assert_eq!(asked.lock().unwrap().len(), 1);
    get(at, "/forever?a=c", "");
    assert_eq!(asked.lock().unwrap().len(), 2, "the query is part of the key");
    world.end();
    let transfers = world.session.transfers();
    assert!(
        transfers.iter().any(|transfer| transfer.cached) && transfers.iter().any(|transfer| !transfer.cached)
    );
}

#[test]
fn a_header_of_one_application_makes_no_answer_of_another_one() {
    let cache = Arc::default();
    let (_world, at, asked) = world(&cache, allowing(&["127.0.0.2"]));
    get(at, "/forever", "X-Forwarded-Host: evil.test\n");
    get(at, "/forever", "Authorization: Bearer one\n");
    get(at, "/forever", "Authorization: Bearer two\n");
    get(at, "/forever", "");
    assert_eq!(asked.lock().unwrap().len(), 4);
    get(at, "/forever", "");
    assert_eq!(asked.lock().unwrap().len(), 4);
}

#[test]
fn what_is_private_or_changes_something_is_asked_for_each_time() {
    let cache = Arc::default();
    let (_world, at, asked) = world(&cache, allowing(&["127.0.0.2"]));
    get(at, "/private", "");
    get(at, "/private", "");
    say(at, &format!("POST /forever HTTP/1.1\nHost: {at}\nContent-Length: 0\nConnection: close\n\n"));
    say(at, &format!("POST /forever HTTP/1.1\nHost: {at}\nContent-Length: 0\nConnection: close\n\n"));
    assert_eq!(asked.lock().unwrap().len(), 4);
}

#[test]
fn what_may_have_changed_is_asked_about() {
    let cache = Arc::default();
    let (_world, at, asked) = world(&cache, allowing(&["127.0.0.2"]));
    get(at, "/a", "");
    assert!(get(at, "/a", "").ends_with("for a while"));
    assert_eq!(asked.lock().unwrap().len(), 1);
    let again = get(at, "/a", "Cache-Control: no-cache\n");
    assert!(again.starts_with("HTTP/1.1 200 OK\r\n") && again.ends_with("for a while"), "{again}");
    let asked = asked.lock().unwrap().clone();
    assert!(asked[1].to_ascii_lowercase().contains("if-none-match: \"e\""), "{asked:?}");
}

#[test]
fn what_a_rule_opens_is_not_there_for_a_build_without_it() {
    let cache: Arc<MemoryDownloads> = Arc::default();
    let listener = TcpListener::bind("127.0.0.2:0").unwrap();
    let at = listener.local_addr().unwrap();
    drop(listener);
    for (rules, status) in [(allowing(&["127.0.0.2"]), "200"), (GatewayOptions::default(), "403")] {
        let (mut options, _) = behind(rules, |_, stream| {
            answer(stream, "200 OK\nCache-Control: max-age=99999, immutable", "inside");
        });
        let (cache, now) = (Arc::clone(&cache), SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000));
        options.downloads = Some(Downloads { cache, max_age: Duration::ZERO, now });
        let _world = World::new(options, vec![TcpListener::bind(at).unwrap()]);
        assert!(get(at, "/a", "").starts_with(&format!("HTTP/1.1 {status} ")));
    }
}
