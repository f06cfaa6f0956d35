//! A server that does to each connection what a closure says. Ends with its value.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// `GET /path HTTP/1.1`.
    pub(crate) line: String,
    /// Header fields in order, names in lower case.
    pub(crate) fields: Vec<(String, String)>,
}

impl Asked {
    pub(crate) fn path(&self) -> &str {
        self.line.split(' ').nth(1).unwrap()
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

pub(crate) struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Calls `answer` with each request, its number from 0, and the connection to write to;
    /// the connection is closed afterwards.
    pub(crate) fn new(answer: impl Fn(&Asked, usize, &mut TcpStream) + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let stop = Arc::new(AtomicBool::new(false));
        let (noted, stopped, answer) = (asked.clone(), stop.clone(), Arc::new(answer));
        let thread = std::thread::spawn(move || {
            let mut workers = Vec::new();
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                let mut stream = stream.unwrap();
                let (noted, answer) = (noted.clone(), answer.clone());
                workers.push(std::thread::spawn(move || {
                    let Some(asked) = read_request(&stream) else { return };
                    let number = {
                        let mut noted = noted.lock().unwrap();
                        noted.push(asked.clone());
                        noted.len() - 1
                    };
                    answer(&asked, number, &mut stream);
                    // Closing with unread bytes would reset the connection under the answer.
                    let _ = stream.shutdown(std::net::Shutdown::Write);
                }));
            }
            workers.into_iter().for_each(|worker| drop(worker.join()));
        });
        Server { address, asked, stop, thread: Some(thread) }
    }

    /// Answers every request with 200 and `content`.
    pub(crate) fn of(content: &'static [u8]) -> Server {
        Server::new(move |_, _, stream| ok(stream, content))
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn authority(&self) -> String {
        self.address.to_string()
    }

    /// All requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

pub(crate) fn read_request(stream: impl Read) -> Option<Asked> {
    let mut lines = BufReader::new(stream).lines();
    let line = lines.next()?.ok()?;
    let fields = lines
        .map_while(|line| line.ok().filter(|line| !line.is_empty()))
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        })
        .collect();
    Some(Asked { line, fields })
}

pub(crate) fn ok(stream: &mut impl Write, content: &[u8]) {
    head(stream, "200 OK", &[("Content-Length", &content.len().to_string())]);
    let _ = stream.write_all(content);
}

pub(crate) fn status(stream: &mut impl Write, status: &str, fields: &[(&str, &str)]) {
    let mut all = vec![("Content-Length", "4")];
    all.extend(fields);
    head(stream, status, &all);
    let _ = stream.write_all(b"oops");
}

pub(crate) fn head(stream: &mut impl Write, status: &str, fields: &[(&str, &str)]) {
    let mut text = format!("HTTP/1.1 {status}\r\n");
    for (name, value) in fields {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("Connection: close\r\n\r\n");
    let _ = stream.write_all(text.as_bytes());
}
