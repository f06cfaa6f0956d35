//! The server as its clients see it: a plan, a build whose progress is streamed, a build that is
//! cancelled, a client that goes away. The mirror takes connections and never answers, so nothing
//! here needs a network.

#![allow(clippy::unwrap_used, reason = "a test ends with the first surprise")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use packwright::Builder;
use packwright::debian::Mirror;
use packwright::store::Store;
use packwright_embedding::Server;
use serde_json::Value;

/// A server with one application, and a mirror of which the test holds the other end.
struct Stage {
    address: SocketAddr,
    mirror: TcpListener,
    _runtime: tokio::runtime::Runtime,
    _dir: tempfile::TempDir,
}

impl Stage {
    fn new() -> Stage {
        let dir = tempfile::tempdir().unwrap();
        let app = dir.path().join("applications/bot");
        std::fs::create_dir_all(&app).unwrap();
        // Without a version, so that nothing is asked before the build says what it thinks of the lock.
        std::fs::write(app.join("requirements.txt"), "rich\n").unwrap();
        std::fs::write(app.join("bot.py"), "print('hello')\n").unwrap();
        std::fs::write(app.join("packwright.lock"), lock()).unwrap();
        let mirror = TcpListener::bind("127.0.0.1:0").unwrap();
        let archive = format!("http://{}/debian", mirror.local_addr().unwrap());
        let store = Store::open(&dir.path().join("store")).unwrap();
        let builder = Builder::new(store).mirror(Mirror { security: Some(archive.clone()), archive });
        let server = Server::new(builder, dir.path().join("applications"), dir.path().join("images"));
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_io().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        drop(runtime.spawn(server.serve(listener)));
        Stage { address, mirror, _runtime: runtime, _dir: dir }
    }

    /// Sends a request; gives what follows the head of the response.
    fn ask(&self, request: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(stream, "{request} HTTP/1.1\r\nhost: build\r\n\r\n").unwrap();
        let mut answer = BufReader::new(stream);
        let mut line = String::new();
        while line != "\r\n" {
            line.clear();
            assert!(answer.read_line(&mut line).unwrap() > 0, "the head has no end");
        }
        answer
    }
}

/// A lock that fits no plan, so that the first update is the warning about it.
fn lock() -> String {
    let lock = packwright::planner::Lock {
        format: packwright::planner::LOCK_FORMAT.to_owned(),
        requests: packwright::oci::Digest::of(b"other requests"),
        profile: packwright::oci::Profile::CURRENT.number(),
        architecture: "amd64".to_owned(),
        releases: Default::default(),
        substituted: Default::default(),
        packages: Default::default(),
        added: Default::default(),
        resolutions: Default::default(),
        fetched: Default::default(),
    };
    lock.to_text()
}

fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

fn next(answer: &mut BufReader<TcpStream>) -> Value {
    let mut line = String::new();
    answer.read_line(&mut line).unwrap();
    json(&line)
}

#[test]
fn a_plan_is_answered_at_once() {
    let mut text = String::new();
    Stage::new().ask("GET /plans/bot").read_to_string(&mut text).unwrap();
    assert_eq!(json(&text)["buildpacks"], serde_json::json!(["python"]));
}

#[test]
fn an_application_that_is_not_there_is_an_error_with_a_remedy() {
    let mut text = String::new();
    Stage::new().ask("GET /plans/nothing").read_to_string(&mut text).unwrap();
    let answer = json(&text);
    assert!(answer["error"].as_str().unwrap().starts_with("cannot read the directory"), "{answer}");
    assert!(answer["fix"].is_string(), "{answer}");
}

#[test]
fn a_build_streams_its_progress_until_it_is_cancelled() {
    let stage = Stage::new();
    let mut build = stage.ask("POST /builds/bot");
    let number = next(&mut build)["build"].clone();
    let update = next(&mut build);
    assert_eq!((&update["build"], &update["event"]["event"]), (&number, &"noticed".into()), "{update}");
    // The build is in the middle of things when it has asked the mirror.
    let _connection = stage.mirror.accept().unwrap();
    let asked = Instant::now();
    let cancelled = next(&mut stage.ask(&format!("DELETE /builds/{number}")));
    assert_eq!(cancelled["cancelled"], true);
    let lines: Vec<String> = build.lines().map(Result::unwrap).collect();
    assert_eq!(json(lines.last().unwrap())["error"], "the build was cancelled");
    assert!(asked.elapsed() < Duration::from_secs(5), "it took {:?}", asked.elapsed());
    let again = next(&mut stage.ask(&format!("DELETE /builds/{number}")));
    assert_eq!(again["cancelled"], false);
}

#[test]
fn builds_at_the_same_time_have_numbers_of_their_own_and_end_alone() {
    let stage = Stage::new();
    let mut builds = [stage.ask("POST /builds/bot"), stage.ask("POST /builds/bot")];
    let numbers = builds.each_mut().map(|build| next(build)["build"].as_u64().unwrap());
    assert_ne!(numbers[0], numbers[1]);
    next(&mut stage.ask(&format!("DELETE /builds/{}", numbers[0])));
    let [first, mut second] = builds;
    let last = first.lines().map(Result::unwrap).last().unwrap();
    assert_eq!(json(&last)["error"], "the build was cancelled");
    assert_eq!(next(&mut second)["build"], numbers[1]);
    next(&mut stage.ask(&format!("DELETE /builds/{}", numbers[1])));
}
