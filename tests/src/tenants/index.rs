//! The attackers' package index, on the loopback: a source package whose build does the worst, and a wheel of the
//! victims' dependency that is another one than the registry's.
//!
//! Sources of the forms: Python packaging specifications, "Simple repository API", "Source distribution format",
//! "Binary distribution format"; PKWARE's application note on zip, 4.3.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use flate2::write::GzEncoder;
use flate2::{Compression, Crc};

/// An index that lasts until it is dropped.
pub(crate) struct Index {
    port: u16,
    stop: Arc<AtomicBool>,
}

/// A path, and what is served there.
type Page = (String, Vec<u8>);

impl Index {
    /// Serves the package `evilpkg` in the versions 1.0 and 2.0, whose build backends are the texts of `backends`,
    /// and `itsdangerous` 2.2.0 with the code `wheel`.
    pub(crate) fn serve(backends: [&str; 2], wheel: &str) -> Index {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let names = ["evilpkg-1.0.tar.gz", "evilpkg-2.0.tar.gz"];
        let archives = backends.iter().zip(["1.0", "2.0"]).map(|(backend, version)| sdist(version, backend));
        let wheel_name = "itsdangerous-2.2.0-py3-none-any.whl";
        let mut pages: Vec<Page> = vec![
            ("/sources/simple/evilpkg/".to_owned(), page(&names)),
            ("/wheels/simple/itsdangerous/".to_owned(), page(&[wheel_name])),
            (format!("/files/{wheel_name}"), itsdangerous(wheel)),
        ];
        pages.extend(names.iter().zip(archives).map(|(name, bytes)| (format!("/files/{name}"), bytes)));
        let (pages, stop) = (Arc::new(pages), Arc::new(AtomicBool::new(false)));
        let ended = Arc::clone(&stop);
        thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let pages = Arc::clone(&pages);
                // A client that goes away in the middle needs no answer.
                thread::spawn(move || drop(answer(&stream, &pages)));
            }
        });
        Index { port, stop }
    }

    /// The address of the index that has source packages.
    pub(crate) fn sources(&self) -> String {
        format!("http://127.0.0.1:{}/sources/simple", self.port)
    }

    /// The address of the index that has the wheel.
    pub(super) fn wheels(&self) -> String {
        format!("http://127.0.0.1:{}/wheels/simple", self.port)
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener up; when that fails it is gone already.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn answer(mut stream: &TcpStream, pages: &[Page]) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut words = request.split(' ');
    let (method, path) = (words.next(), words.next().unwrap_or_default());
    let Some((path, bytes)) = pages.iter().find(|(found, _)| found == path) else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    let kind = if path.ends_with('/') { "text/html" } else { "application/octet-stream" };
    let length = bytes.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )?;
    match method {
        Some("HEAD") => Ok(()),
        _ => stream.write_all(bytes),
    }
}

fn page(names: &[&str]) -> Vec<u8> {
    let links: String = names.iter().map(|name| format!("<a href=\"/files/{name}\">{name}</a>\n")).collect();
    format!("<!DOCTYPE html>\n<html><body>\n{links}</body></html>\n").into_bytes()
}

/// The source package `evilpkg`. Its metadata are whole, so that nothing is built to know them.
fn sdist(version: &str, backend: &str) -> Vec<u8> {
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, text) in [
        ("PKG-INFO", format!("Metadata-Version: 2.2\nName: evilpkg\nVersion: {version}\n")),
        (
            "pyproject.toml",
            format!(
                "[project]\nname = \"evilpkg\"\nversion = \"{version}\"\n\n[build-system]\nrequires = []\n\
                 build-backend = \"backend\"\nbackend-path = [\".\"]\n"
            ),
        ),
        ("backend.py", backend.to_owned()),
    ] {
        let mut header = tar::Header::new_ustar();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        let path = format!("evilpkg-{version}/{name}");
        archive.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

/// A wheel that says that it is `itsdangerous` 2.2.0.
fn itsdangerous(code: &str) -> Vec<u8> {
    let about = "itsdangerous-2.2.0.dist-info";
    let files = [
        ("itsdangerous/__init__.py".to_owned(), code.to_owned()),
        (
            format!("{about}/METADATA"),
            "Metadata-Version: 2.1\nName: itsdangerous\nVersion: 2.2.0\n".to_owned(),
        ),
        (
            format!("{about}/WHEEL"),
            "Wheel-Version: 1.0\nGenerator: attacker\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_owned(),
        ),
    ];
    let names = files.iter().map(|(name, _)| format!("{name},,\n"));
    let record: String = names.chain([format!("{about}/RECORD,,\n")]).collect();
    zip(&[&files[..], &[(format!("{about}/RECORD"), record)]].concat())
}

/// A zip archive of `files`, not compressed.
fn zip(files: &[(String, String)]) -> Vec<u8> {
    let (mut bytes, mut list) = (Vec::new(), Vec::new());
    for (name, text) in files {
        let mut crc = Crc::new();
        crc.update(text.as_bytes());
        let size = (text.len() as u32).to_le_bytes();
        let at = (bytes.len() as u32).to_le_bytes();
        // Version 2.0, no flags, stored, 1 January 1980.
        let about: Vec<u8> = [
            &[20, 0, 0, 0, 0, 0, 0, 0, 0x21, 0][..],
            &crc.sum().to_le_bytes(),
            &size,
            &size,
            &(name.len() as u16).to_le_bytes(),
            &[0, 0],
        ]
        .concat();
        bytes.extend([b"PK\x03\x04", &about[..], name.as_bytes(), text.as_bytes()].concat());
        // No comment, disk or attributes.
        list.extend([b"PK\x01\x02\x14\x00", &about[..], &[0; 10], &at, name.as_bytes()].concat());
    }
    let (count, size, at) = (files.len() as u16, list.len() as u32, bytes.len() as u32);
    bytes.extend(&list);
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    bytes.extend([size.to_le_bytes(), at.to_le_bytes()].concat());
    bytes.extend([0, 0]);
    bytes
}
