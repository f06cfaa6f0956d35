//! A Debian mirror on the loopback that serves what the shared store has, and can be made to
//! lie: bytes are flipped, answers cut short.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde::Deserialize;

use crate::shared::Shared;

/// What is done to the files whose path holds a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lie {
    /// One bit in the middle is another.
    Flipped,
    /// The connection ends in the middle.
    Cut,
    /// The server says that it has a problem.
    Unavailable,
}

/// A mirror that serves until it is dropped.
pub(crate) struct Mirror {
    port: u16,
    stop: Arc<AtomicBool>,
    /// How many lies were told.
    lies: Arc<AtomicUsize>,
}

/// The parts of a lock that say what was where.
#[derive(Deserialize)]
struct Lock {
    releases: Vec<Release>,
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Release {
    pocket: String,
    digest: String,
}

#[derive(Deserialize)]
struct Package {
    path: String,
    digest: String,
}

impl Mirror {
    /// Serves what the lock text `lock` names out of the shared store; files whose path holds
    /// `part` as `lie` says.
    pub(crate) fn serve(lock: &str, part: &str, lie: Option<Lie>) -> Mirror {
        let lock: Lock = toml::from_str(lock).unwrap();
        let mut known: BTreeMap<String, String> = BTreeMap::new();
        for release in lock.releases {
            known.insert(format!("dists/{}/InRelease", release.pocket), release.digest);
        }
        for package in lock.packages {
            known.insert(package.path, package.digest);
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let site = Arc::new(Site { known, part: part.to_owned(), lie, lies: Arc::default() });
        let (stop, lies) = (Arc::new(AtomicBool::new(false)), Arc::clone(&site.lies));
        let ended = Arc::clone(&stop);
        thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let site = Arc::clone(&site);
                // A client that goes away in the middle is its own affair.
                thread::spawn(move || drop(site.answer(&stream)));
            }
        });
        Mirror { port, stop, lies }
    }

    /// The flags that make it the mirror.
    pub(crate) fn flags(&self) -> [String; 4] {
        let at = |name: &str| format!("http://127.0.0.1:{}/{name}", self.port);
        ["--mirror".to_owned(), at("debian"), "--security-mirror".to_owned(), at("security")]
    }

    pub(crate) fn lies_told(&self) -> usize {
        self.lies.load(Ordering::SeqCst)
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener up; when that fails it is gone already.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

struct Site {
    /// Path below the archive's root, digest.
    known: BTreeMap<String, String>,
    part: String,
    lie: Option<Lie>,
    lies: Arc<AtomicUsize>,
}

impl Site {
    /// The file at `path`, which starts with the archive's name.
    fn file(&self, path: &str) -> Option<PathBuf> {
        let (_, path) = path.trim_start_matches('/').split_once('/')?;
        let hex = match path.rsplit_once("/by-hash/SHA256/") {
            Some((_, hex)) => hex,
            None => self.known.get(path)?.strip_prefix("sha256:")?,
        };
        let file = Shared::First.path().join("blobs/sha256").join(hex);
        file.is_file().then_some(file)
    }

    fn answer(&self, mut stream: &TcpStream) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        let mut request = String::new();
        reader.read_line(&mut request)?;
        let mut line = String::new();
        while reader.read_line(&mut line)? > 2 {
            line.clear();
        }
        let path = request.split(' ').nth(1).unwrap_or_default();
        let Some(file) = self.file(path) else {
            return stream
                .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        };
        let mut bytes = fs::read(file)?;
        let length = bytes.len();
        let lie = self.lie.filter(|_| path.contains(&self.part));
        if lie.is_some() {
            self.lies.fetch_add(1, Ordering::SeqCst);
        }
        match lie {
            Some(Lie::Flipped) => bytes[length / 2] ^= 1,
            Some(Lie::Cut) => bytes.truncate(length / 2),
            Some(Lie::Unavailable) => {
                return stream.write_all(
                    b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                );
            }
            None => {}
        }
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
        stream.write_all(&bytes)
    }
}
