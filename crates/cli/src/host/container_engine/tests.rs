//! The client against a server on a socket of the test's own, which keeps what it was asked.

use std::io::{BufRead, BufReader};
use std::os::unix::net::UnixListener;
use std::thread;

use super::*;

/// Asks a server that gives these answers, one for each connection: what came of it, and what it was asked.
fn served<T>(answers: &[&str], asks: impl FnOnce(ContainerEngine, &Path) -> T) -> (T, Vec<(String, usize)>) {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("engine.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let answers: Vec<String> = answers.iter().map(|&answer| answer.to_owned()).collect();
    let server = thread::spawn(move || {
        let mut asked = Vec::new();
        for answer in answers {
            let (stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream);
            let (mut first, mut length) = (String::new(), 0);
            reader.read_line(&mut first).unwrap();
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.strip_prefix("Content-Length: ") {
                    length = value.trim().parse().unwrap();
                }
                if line == "\r\n" {
                    break;
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).unwrap();
            reader.into_inner().write_all(answer.as_bytes()).unwrap();
            asked.push((first.trim().to_owned(), body.len()));
        }
        asked
    });
    let engine = ContainerEngine::at(Some(&format!("unix://{}", socket.display()))).unwrap();
    let file = dir.path().join("image.tar");
    std::fs::write(&file, "an archive").unwrap();
    let made = asks(engine, &file);
    (made, server.join().unwrap())
}

const DONE: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1c\r\n{\"stream\":\"Loaded image: a\"}\r\n0\r\n\r\n";

#[test]
fn an_image_is_loaded_and_gets_all_its_names() {
    let names = ["shop".to_owned(), "localhost:5000/me/shop:v1".to_owned()];
    let tagged = "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n";
    let (made, asked) = served(&[DONE, tagged], |engine, file| engine.load(file, &names));
    made.unwrap();
    let asked: Vec<(&str, usize)> = asked.iter().map(|(line, length)| (line.as_str(), *length)).collect();
    assert_eq!(
        asked,
        [
            ("POST /images/load?quiet=1 HTTP/1.1", 10),
            ("POST /images/shop/tag?repo=localhost:5000/me/shop&tag=v1 HTTP/1.1", 0),
        ]
    );
}

#[test]
fn what_the_engine_says_is_an_error() {
    let failed = "HTTP/1.1 200 OK\r\n\r\n{\"error\":\"no space left on device\"}\r\n";
    let refused = "HTTP/1.1 500 Internal Server Error\r\nContent-Length: 4\r\n\r\nfull";
    for (answer, said) in
        [(failed, "no space left on device"), (refused, "full"), ("nonsense", "no Docker engine")]
    {
        let (made, _) = served(&[answer], |engine, file| engine.load(file, &[]));
        let error = made.unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn addresses_are_those_of_docker() {
    let at = |text: &str| ContainerEngine::at(Some(text)).map(|engine| engine.address);
    assert_eq!(ContainerEngine::at(None).unwrap().address, Address::Socket("/var/run/docker.sock".into()));
    assert_eq!(at("unix:///run/x.sock").unwrap(), Address::Socket("/run/x.sock".into()));
    assert_eq!(at("tcp://10.0.0.1:2375").unwrap(), Address::Tcp("10.0.0.1:2375".to_owned()));
    assert_eq!(at("tcp://engine").unwrap(), Address::Tcp("engine:2375".to_owned()));
    for foreign in ["ssh://me@host", "npipe:////./pipe/docker_engine", "unix://relative", "here"] {
        assert!(at(foreign).is_err(), "{foreign}");
    }
    let gone = ContainerEngine::at(Some("unix:///nowhere/engine.sock")).unwrap();
    assert!(matches!(gone.ping(), Err(EngineError::Silent { .. })));
}
