//! Sessions that know what to expect: other bytes do not come, and what is kept needs no server.

use std::io::Write;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use packwright_gateway::{
    Downloads, Expected, Gateway, GatewayOptions, MemoryDownloads, ProblemKind, SessionOptions, Transfer,
};
use packwright_oci::Digest;

use crate::server::{Asked, answer, behind};
use crate::{World, allowing, say};

fn expecting(expected: Expected) -> SessionOptions {
    SessionOptions { expected: Some(expected), is_recorded: true, ..SessionOptions::default() }
}

/// A server whose answers can be changed, and what is kept of them.
struct Stage {
    cache: Arc<MemoryDownloads>,
    /// Head and body of every answer; `None` when the server is gone.
    says: Arc<Mutex<Option<(String, String)>>>,
    at: SocketAddr,
    rules: GatewayOptions,
}

impl Stage {
    fn new() -> Stage {
        let listener = TcpListener::bind("127.0.0.2:0").unwrap();
        let at = listener.local_addr().unwrap();
        let rules = allowing(&["127.0.0.2"]);
        Stage { cache: Arc::default(), says: Arc::default(), at, rules }
    }

    /// A machine that has kept nothing, and the same server.
    fn elsewhere(&self) -> Stage {
        let (says, rules) = (Arc::clone(&self.says), self.rules.clone());
        Stage { cache: Arc::default(), says, at: self.at, rules }
    }

    fn says(&self, head: &str, body: &str) -> &Stage {
        *self.says.lock().unwrap() = Some((head.to_owned(), body.to_owned()));
        self
    }

    fn is_gone(&self) -> &Stage {
        *self.says.lock().unwrap() = None;
        self
    }

    /// A step that expects `expected`; anything when that is `None`. `days` have passed.
    fn step(&self, days: u64, expected: Option<&Expected>) -> (World, Asked) {
        let says = Arc::clone(&self.says);
        let reply = move |_: &str, stream: &mut TcpStream| {
            if let Some((head, body)) = &*says.lock().unwrap() {
                answer(stream, head, body);
            }
        };
        let (mut options, asked) = behind(self.rules.clone(), reply);
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + days * 24 * 3600);
        let cache = Arc::clone(&self.cache);
        options.downloads = Some(Downloads { cache, max_age: Duration::from_secs(3600), now });
        let listener = TcpListener::bind(self.at).unwrap();
        let open = |gateway: &Gateway| match expected {
            Some(expected) => gateway.session_with(expecting(expected.clone())),
            None => gateway.session(),
        };
        (World::of_session(options, vec![listener], open), asked)
    }

    /// The record of a step that asks for these paths.
    fn record(&self, paths: &[&str]) -> Expected {
        let (mut world, _) = self.step(0, None);
        paths.iter().for_each(|path| drop(self.get(path, "")));
        world.end();
        record(&world.session.transfers())
    }

    fn get(&self, path: &str, more: &str) -> String {
        let at = self.at;
        say(at, &format!("GET {path} HTTP/1.1\nHost: {at}\n{more}Connection: close\n\n"))
    }
}

fn record(transfers: &[Transfer]) -> Expected {
    let mut expected = Expected::default();
    for transfer in transfers.iter().filter(|transfer| transfer.brought_bytes()) {
        expected.insert(&transfer.address, transfer.digest, transfer.looks_up);
    }
    expected
}

const FILE: &str = "200 OK\nContent-Type: application/octet-stream";
const INDEX: &str = "200 OK\nContent-Type: text/html; charset=utf-8\nCache-Control: max-age=600\nETag: \"e\"";

#[test]
fn other_bytes_at_an_address_of_the_record_do_not_come() {
    let stage = Stage::new();
    let expected = stage.says(FILE, "as it was").record(&["/a?signature=1"]);
    let (mut world, _) = stage.elsewhere().step(1, Some(&expected));
    let same = stage.get("/a?signature=2", "");
    assert!(same.ends_with("\r\n\r\nas it was"), "{same}");
    stage.says(FILE, "changed!!");
    let other = stage.get("/a?signature=3", "");
    assert!(other.starts_with("HTTP/1.1 403 ") && !other.contains("changed"), "{other}");
    world.end();
    assert!(world.session.is_unexpected());
    let problems = world.session.problems();
    let (found, wanted) = (Digest::of(b"changed!!"), Digest::of(b"as it was"));
    let text = format!(
        "`http://{}/a?…` is refused: its bytes have the digest {found}, and the lock has {wanted}",
        stage.at
    );
    assert_eq!(problems.iter().map(ToString::to_string).collect::<Vec<_>>(), [text]);
    assert_eq!(problems[0].kind, ProblemKind::Refused);
    assert!(problems[0].fix.as_ref().unwrap().contains("`packwright lock`"));
    assert_eq!(world.session.transfers().len(), 1, "what was refused did not enter");
}

/// Signatures and tokens are in queries, so that the record has none of them.
#[test]
fn responses_to_several_queries_stand_side_by_side() {
    let stage = Stage::new();
    let (mut world, _) = stage.step(0, None);
    stage.says(FILE, "one").get("/file?version=1&token=secret", "");
    stage.says(FILE, "two").get("/file?version=2", "");
    world.end();
    let transfers = world.session.transfers();
    let address = format!("http://{}/file?…", stage.at);
    assert!(transfers.len() == 2 && transfers.iter().all(|transfer| transfer.address == address));
    let expected = record(&transfers);
    // From the store each query gets its own.
    let (mut world, asked) = stage.is_gone().step(400, Some(&expected));
    for (query, body) in [("version=2", "two"), ("version=1&token=secret", "one")] {
        let got = stage.get(&format!("/file?{query}"), "");
        assert!(got.ends_with(&format!("\r\n\r\n{body}")), "{query}: {got}");
    }
    assert_eq!(asked.lock().unwrap().len(), 0);
    world.end();
    // A server may give either for any of them, and nothing else.
    let (mut world, _) = stage.elsewhere().step(1, Some(&expected));
    for (query, body, enters) in
        [("version=1", "two", true), ("signature=3", "one", true), ("version=2", "six", false)]
    {
        let got = stage.says(FILE, body).get(&format!("/file?{query}"), "");
        assert_eq!(got.ends_with(&format!("\r\n\r\n{body}")), enters, "{query}: {got}");
    }
    world.end();
    assert!(world.session.is_unexpected());
}

#[test]
fn a_long_answer_is_broken_off_before_its_end() {
    let stage = Stage::new();
    let long = "x".repeat(1 << 20);
    let (_world, _) = stage.says(FILE, &long).step(1, Some(&Expected::default()));
    // The head promises a length that does not come.
    let got = stage.get("/b", "");
    assert!(got.contains("content-length: 1048576"), "{}", &got[..200]);
    assert!(got.len() < long.len(), "{}", got.len());
}

#[test]
fn what_is_kept_needs_no_server_however_old() {
    let stage = Stage::new();
    let expected = stage.says("200 OK\nETag: \"a\"\nCache-Control: max-age=1", "kept").record(&["/a"]);
    let (mut world, asked) = stage.is_gone().step(400, Some(&expected));
    let got = stage.get("/a", "Cache-Control: no-cache\nIf-None-Match: \"a\"\n");
    assert!(got.starts_with("HTTP/1.1 200 OK") && got.ends_with("\r\n\r\nkept"), "{got}");
    assert_eq!(world.problems(), [] as [&str; 0]);
    assert_eq!(asked.lock().unwrap().len(), 0);
    assert!(!world.session.is_unexpected());
}

#[test]
fn what_is_elsewhere_or_nowhere_is_kept_for_a_record_alone() {
    let stage = Stage::new();
    for (head, status) in
        [("302 Found\nLocation: /b\nCache-Control: max-age=60", "302"), ("404 Not Found", "404")]
    {
        let path = format!("/{status}");
        let expected = stage.says(head, "a page").record(&[&path]);
        assert_eq!(expected, Expected::default());
        {
            let (_world, asked) = stage.step(0, None);
            stage.get(&path, "");
            assert_eq!(asked.lock().unwrap().len(), 1, "without a record it is asked for");
        }
        let (mut world, asked) = stage.is_gone().step(400, Some(&expected));
        let got = stage.get(&path, "");
        assert!(got.starts_with(&format!("HTTP/1.1 {status} ")), "{got}");
        assert!(got.contains("content-length: 0\r\n") && got.ends_with("\r\n\r\n"), "{got}");
        assert_eq!(asked.lock().unwrap().len(), 0);
        assert_eq!(world.problems(), [] as [&str; 0]);
    }
}

#[test]
fn parts_and_heads_are_kept_for_a_record() {
    let stage = Stage::new();
    let part = "206 Partial Content\nContent-Range: bytes 4-7/8";
    let range = "Range: bytes=-4\n";
    let head = |stage: &Stage| {
        let at = stage.at;
        say(at, &format!("HEAD /a HTTP/1.1\nHost: {at}\nConnection: close\n\n"))
    };
    let (mut world, _) = stage.says(part, "part").step(0, None);
    stage.get("/a", range);
    stage.says(FILE, "12345678");
    let first = head(&stage);
    assert!(first.contains("content-length: 8\r\n"), "{first}");
    world.end();
    let expected = record(&world.session.transfers());
    drop(world);
    {
        let (_world, asked) = stage.says(part, "part").step(1, None);
        stage.get("/a", range);
        stage.says(FILE, "12345678");
        head(&stage);
        assert_eq!(asked.lock().unwrap().len(), 2, "without a record both are asked for");
    }
    let (mut world, asked) = stage.is_gone().step(400, Some(&expected));
    let got = stage.get("/a", range);
    assert!(got.starts_with("HTTP/1.1 206 ") && got.ends_with("\r\n\r\npart"), "{got}");
    assert!(got.contains("content-range: bytes 4-7/8\r\n"), "{got}");
    let got = head(&stage);
    assert!(got.starts_with("HTTP/1.1 200 ") && got.contains("content-length: 8\r\n"), "{got}");
    assert!(got.ends_with("\r\n\r\n"), "{got}");
    assert_eq!(asked.lock().unwrap().len(), 0);
    assert_eq!(world.problems(), [] as [&str; 0]);
}

#[test]
fn no_byte_comes_with_a_status_that_says_there_is_none() {
    let stage = Stage::new();
    let expected = stage.says(FILE, "as it was").record(&["/a"]);
    let (mut world, _) = stage
        .says("404 Not Found\nContent-Type: text/x-shellscript", "run me")
        .elsewhere()
        .step(1, Some(&expected));
    let got = stage.get("/a", "");
    assert!(got.starts_with("HTTP/1.1 404 ") && !got.contains("run me"), "{got}");
    assert_eq!(world.problems(), [] as [&str; 0]);
}

#[test]
fn documents_of_versions_may_change_at_known_hosts() {
    let stage = Stage::new();
    let expected = stage.says(INDEX, "old page").record(&["/simple/a/"]);
    let (mut world, _) = stage.says(INDEX, "new page").elsewhere().step(1, Some(&expected));
    assert!(stage.get("/simple/a/", "").ends_with("new page"));
    assert!(!world.session.is_unexpected());
    world.end();
    let transfers = world.session.transfers();
    assert!(transfers[0].looks_up && expected.accepts(&transfers[0]), "{transfers:?}");
    // The kept one is the one of the record: the server is not asked.
    let (mut world, asked) = stage.step(1, Some(&expected));
    assert!(stage.get("/simple/a/", "").ends_with("old page"));
    assert_eq!(asked.lock().unwrap().len(), 0);
    assert_eq!(world.problems(), [] as [&str; 0]);
}

#[test]
fn a_kept_document_of_versions_is_better_than_none() {
    let stage = Stage::new();
    let expected = stage.says(INDEX, "old page").record(&["/simple/a/"]);
    stage.says(INDEX, "new page");
    {
        let _world = stage.step(1, None);
        stage.get("/simple/a/", "");
    }
    let (mut world, _) = stage.is_gone().step(2, Some(&expected));
    assert!(stage.get("/simple/a/", "").ends_with("new page"));
    assert_eq!(world.problems(), [] as [&str; 0]);
}

#[test]
fn what_is_not_in_the_record_is_refused_by_name() {
    let stage = Stage::new();
    let expected = stage.says(FILE, "as it was").record(&["/a"]);
    let (mut world, _) = stage.says(FILE, "news").step(1, Some(&expected));
    let got = stage.get("/b", "");
    assert!(got.starts_with("HTTP/1.1 403 ") && !got.contains("news"), "{got}");
    stage.says(FILE, "as it was");
    assert!(stage.get("/moved/a", "").ends_with("as it was"), "the same bytes from another place");
    assert!(world.session.is_unexpected());
    let problems = world.problems();
    assert_eq!(problems.len(), 1);
    let named = format!("`http://{}/b` is refused: the lock has neither the address nor its bytes", stage.at);
    assert!(problems[0].starts_with(&named), "{problems:?}");
}

#[test]
fn chunks_do_not_end_when_they_are_other_ones() {
    let listener = TcpListener::bind("127.0.0.2:0").unwrap();
    let at = listener.local_addr().unwrap();
    let (options, _) = behind(allowing(&["127.0.0.2"]), |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").unwrap();
        for _ in 0..64 {
            stream.write_all(format!("10000\r\n{}\r\n", "x".repeat(0x10000)).as_bytes()).unwrap();
        }
        stream.write_all(b"0\r\n\r\n").unwrap();
    });
    let open = |gateway: &Gateway| gateway.session_with(expecting(Expected::default()));
    let mut world = World::of_session(options, vec![listener], open);
    let got = say(at, &format!("GET /a HTTP/1.1\nHost: {at}\nConnection: close\n\n"));
    assert!(got.contains("transfer-encoding: chunked") && !got.ends_with("\r\n0\r\n\r\n"), "{}", got.len());
    assert_eq!(world.problems().len(), 1);
}

/// A server that cuts its answer off has brought bytes into the step all the same.
#[test]
fn what_was_cut_off_leaves_the_record_incomplete() {
    let stage = Stage::new();
    let long = "x".repeat(1 << 20);
    let expected = stage.says(FILE, &long).record(&["/a"]);
    let other = stage.elsewhere();
    *other.says.lock().unwrap() = None;
    let (options, _) = behind(other.rules.clone(), |_, stream| {
        let half = "y".repeat(1 << 19);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/x-script\r\nContent-Length: 1048576\r\n\r\n";
        drop(stream.write_all(format!("{head}{half}").as_bytes()));
    });
    let listener = TcpListener::bind(other.at).unwrap();
    let open = |gateway: &Gateway| gateway.session_with(expecting(expected.clone()));
    let mut world = World::of_session(options, vec![listener], open);
    let got = other.get("/a", "");
    assert!(got.contains("yyyy"), "the program has some of it");
    world.end();
    assert!(!world.session.is_complete());
    assert!(!world.session.is_unexpected(), "whether it would have been another one is not known");
}

/// A program that takes what it wants and closes has bytes too: they are compared with the whole.
#[test]
fn a_program_that_goes_away_does_not_end_the_comparison() {
    let stage = Stage::new();
    let (long, other) = ("x".repeat(8 << 20), "y".repeat(8 << 20));
    let expected = stage.says(FILE, &long).record(&["/a"]);
    for (body, is_expected) in [(&long, true), (&other, false)] {
        let stage = stage.elsewhere();
        let (mut world, _) = stage.says(FILE, body).step(1, Some(&expected));
        let mut stream = TcpStream::connect(stage.at).unwrap();
        let request = format!("GET /a HTTP/1.1\r\nHost: {}\r\n\r\n", stage.at);
        stream.write_all(request.as_bytes()).unwrap();
        let mut some = [0; 300_000];
        std::io::Read::read_exact(&mut stream, &mut some).unwrap();
        drop(stream);
        world.end();
        assert_eq!(
            (world.session.is_unexpected(), world.session.transfers().len()),
            match is_expected {
                true => (false, 1),
                false => (true, 0),
            }
        );
        assert_eq!(world.session.is_complete(), is_expected);
    }
}

/// The server gives the type: it must not make a document of a file.
#[test]
fn a_file_is_no_document_whatever_the_server_says() {
    let stage = Stage::new();
    let expected = stage.says(FILE, "a wheel").record(&["/a.whl"]);
    let expected = {
        let mut expected = expected;
        let index = format!("http://{}/simple/", stage.at);
        expected.insert(&index, Digest::of(b"an index"), true);
        expected
    };
    let (mut world, _) = stage.elsewhere().says(INDEX, "evil").step(1, Some(&expected));
    for path in ["/a.whl", "/b.whl", "/install.sh"] {
        let got = stage.get(path, "");
        assert!(got.starts_with("HTTP/1.1 403 ") && !got.contains("evil"), "{path}: {got}");
    }
    assert!(stage.get("/simple/", "").ends_with("evil"), "an index may be a newer one");
    world.end();
    assert!(world.session.is_unexpected());
}
