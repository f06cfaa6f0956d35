//! What is not reached, and how it is told.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use packwright_gateway::GatewayOptions;

use crate::server::{answer, behind};
use crate::{World, allowing, say};

#[test]
fn the_machine_itself_is_refused_with_reason_and_remedy() {
    let (options, asked) = behind(GatewayOptions::default(), |_, stream| answer(stream, "200 OK", "oops"));
    let listener = TcpListener::bind("127.0.0.2:0").unwrap();
    let at = listener.local_addr().unwrap();
    let mut world = World::new(options, vec![listener]);
    let got = say(at, &format!("GET /latest/meta-data HTTP/1.1\nHost: {at}\n\n"));
    assert!(got.starts_with("HTTP/1.1 403 Forbidden\r\n"), "{got}");
    assert!(got.contains("fix: if steps may reach it, say so: `--allow-host 127.0.0.2`"), "{got}");
    assert_eq!(
        world.problems(),
        [format!(
            "`http://{at}` is refused: it is the machine itself (loopback), and steps reach public addresses only"
        )]
    );
    assert!(asked.lock().unwrap().is_empty());
}

#[test]
fn denying_wins_over_allowing() {
    let mut options = allowing(&["127.0.0.2"]);
    options.rules.deny = vec!["127.0.0.2".parse().unwrap()];
    let listener = TcpListener::bind("127.0.0.2:0").unwrap();
    let at = listener.local_addr().unwrap();
    let mut world = World::new(options, vec![listener]);
    let got = say(at, &format!("GET / HTTP/1.1\nHost: {at}\n\n"));
    assert!(got.starts_with("HTTP/1.1 403 ") && got.contains("`--deny-host` names it"), "{got}");
    assert_eq!(world.problems().len(), 1);
}

#[test]
fn other_protocols_are_refused_by_name() {
    let listener = TcpListener::bind("127.0.0.2:0").unwrap();
    let at = listener.local_addr().unwrap();
    let mut world = World::new(allowing(&["127.0.0.2"]), vec![listener]);
    let mut stream = TcpStream::connect(at).unwrap();
    stream.write_all(b"\0\x01binary").unwrap();
    assert!(!matches!(stream.read(&mut [0; 16]), Ok(1..)));
    drop(stream);
    world.end();
    let problems = world.session.problems();
    assert!(problems[0].to_string().contains("neither HTTP nor TLS"), "{problems:?}");
    assert!(problems[0].fix.as_ref().unwrap().contains("--network host"), "{problems:?}");
}

#[test]
fn a_text_that_is_no_http_is_answered_in_http() {
    let listener = TcpListener::bind("127.0.0.2:0").unwrap();
    let at = listener.local_addr().unwrap();
    let mut world = World::new(allowing(&["127.0.0.2"]), vec![listener]);
    assert!(say(at, "EHLO me\n").starts_with("HTTP/1.1 400 "));
    assert_eq!(world.problems().len(), 1);
}
