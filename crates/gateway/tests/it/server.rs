//! A proxy for plain http that answers every request itself, as a closure says, and closes the connection.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use packwright_gateway::GatewayOptions;

/// Requests as they came: first line and header fields, then what came of the body.
pub(crate) type Asked = Arc<Mutex<Vec<String>>>;

/// What the proxy writes for a request. Runs until the tests end.
pub(crate) fn behind(
    options: GatewayOptions,
    answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static,
) -> (GatewayOptions, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = options;
    let proxy = Some(listener.local_addr().unwrap().to_string());
    options.client.proxy.http.clone_from(&proxy);
    options.client.proxy.https = proxy;
    let asked = Asked::default();
    let noted = Arc::clone(&asked);
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, noted, answer) = (stream.unwrap(), Arc::clone(&noted), Arc::clone(&answer));
            std::thread::spawn(move || {
                let request = read(&stream);
                noted.lock().unwrap().push(request.clone());
                answer(&request, &mut stream);
                let _ = stream.shutdown(std::net::Shutdown::Write);
            });
        }
    });
    (options, asked)
}

fn read(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut text = String::new();
    while reader.read_line(&mut text).unwrap() > 2 {}
    let head = text.to_ascii_lowercase();
    if let Some((_, rest)) = head.split_once("content-length: ") {
        let length: usize = rest.lines().next().unwrap().parse().unwrap();
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        text.push_str(&String::from_utf8(body).unwrap());
    }
    if head.contains("transfer-encoding: chunked") {
        while !text.ends_with("0\r\n\r\n") {
            reader.read_line(&mut text).unwrap();
        }
    }
    text
}

/// Writes an answer that ends by its length.
pub(crate) fn answer(stream: &mut TcpStream, head: &str, body: &str) {
    let head = head.replace('\n', "\r\n");
    let text = format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(text.as_bytes()).unwrap();
}
