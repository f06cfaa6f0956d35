//! A Python that Debian lacks, downloaded by uv from a mirror on the loopback.
//!
//! No package registry has uv's own builds, so the mirror offers Debian's: the interpreter and its
//! standard library out of an image that was built before, as one archive of the form that uv
//! unpacks, in a list of downloads of the form that uv reads. It is offered as the version that it
//! is. The plan is that of a version that Debian lacks, with this version's number in it: Debian's
//! own would be taken otherwise. Being no standalone build, it finds its libraries in the image.
//!
//! Source of the forms: uv documentation, "Environment variables", and uv's own list of downloads.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use flate2::Compression;
use flate2::write::GzEncoder;
use packwright_planner::Digest;
use serde_json::{Value, json};

use crate::command::finish;
use crate::fixture::{Fixture, destination, packwright, packwright_on};
use crate::layout::Layout;
use crate::place;
use crate::running::{Running, free_port};
use crate::stores::OwnStore;

/// What people set to say where Pythons are downloaded from.
const MIRROR: &str = "UV_PYTHON_INSTALL_MIRROR";
const LIST: &str = "UV_PYTHON_DOWNLOADS_JSON_URL";

/// A version that Debian lacks and nobody else here asks for, so that no store has it.
const LACKING: &str = "3.14.2";

/// The libraries that Debian's Python loads, beside those of every image.
const LIBRARIES: &[&str] =
    &["libbz2-1.0", "libexpat1", "libffi8", "liblzma5", "libsqlite3-0", "libssl3t64", "libuuid1", "zlib1g"];

/// What is served, by path; a path that ends in `*` stands for all that begin so.
type Shelf = BTreeMap<String, Vec<u8>>;

/// A web server that lasts until it is dropped.
struct Mirror {
    port: u16,
    stop: Arc<AtomicBool>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Mirror {
    /// Serves what `shelf` makes for the server's own address.
    fn serve(shelf: impl FnOnce(&str) -> Shelf) -> Mirror {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shelf = Arc::new(shelf(&address(port)));
        let (stop, asked) = (Arc::new(AtomicBool::new(false)), Arc::<Mutex<Vec<String>>>::default());
        let (ended, heard) = (Arc::clone(&stop), Arc::clone(&asked));
        thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let (shelf, heard) = (Arc::clone(&shelf), Arc::clone(&heard));
                // A client that goes away in the middle is its own affair.
                thread::spawn(move || drop(answer(&stream, &shelf, &heard)));
            }
        });
        Mirror { port, stop, asked }
    }

    fn address(&self) -> String {
        address(self.port)
    }

    /// The paths that were asked for.
    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl Drop for Mirror {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener up; when that fails it is gone already.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn address(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn answer(mut stream: &TcpStream, shelf: &Shelf, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    asked.lock().unwrap().push(path.to_owned());
    let found = shelf.iter().find(|(name, _)| match name.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => *name == path,
    });
    let Some((_, bytes)) = found else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    };
    write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", bytes.len())?;
    stream.write_all(bytes)
}

/// The Python of an image as uv's builds are packed: all of it below `python/`.
fn archive(image: &Layout) -> Vec<u8> {
    let encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut archive = tar::Builder::new(encoder);
    let mut interpreters = 0;
    for layer in image.layers() {
        let plain = image.plain(&layer);
        for member in tar::Archive::new(plain.as_slice()).entries().unwrap() {
            let mut member = member.unwrap();
            let path = member.path().unwrap().to_str().unwrap().to_owned();
            let is_interpreter = path == "usr/bin/python3.13";
            let kept = is_interpreter || path.starts_with("usr/lib/python3.13/");
            let (kind, mut header) = (member.header().entry_type(), member.header().clone());
            // Directories come with what they hold. Debian links into /etc, which a download lacks.
            let link = member.link_name().unwrap().map(|link| link.into_owned());
            if !kept || kind.is_dir() || link.as_deref().is_some_and(Path::is_absolute) {
                continue;
            }
            interpreters += usize::from(is_interpreter);
            let path = format!("python/{}", path.strip_prefix("usr/").unwrap());
            match link {
                Some(link) => archive.append_link(&mut header, path, link).unwrap(),
                None => {
                    let mut bytes = Vec::new();
                    member.read_to_end(&mut bytes).unwrap();
                    archive.append_data(&mut header, path, bytes.as_slice()).unwrap();
                }
            }
        }
    }
    assert_eq!(interpreters, 1);
    archive.into_inner().unwrap().finish().unwrap()
}

/// A list with one download, for every processor that uv may run on here.
fn list(version: &str, url: &str, digest: &str) -> Vec<u8> {
    let [major, minor, patch] =
        <[u64; 3]>::try_from(version.split('.').map(|part| part.parse().unwrap()).collect::<Vec<u64>>())
            .unwrap();
    let arch = std::env::consts::ARCH;
    let download = json!({
        "name": "cpython",
        "arch": { "family": arch, "variant": null },
        "os": "linux",
        "libc": "gnu",
        "major": major,
        "minor": minor,
        "patch": patch,
        "prerelease": "",
        "url": url,
        "sha256": digest,
        "variant": null,
    });
    json!({ format!("cpython-{version}-linux-{arch}-gnu"): download }).to_string().into_bytes()
}

/// The plan of `dir`, which asks for 3.12, as if it had asked for 3.13 and Debian had none.
fn plan_for_the_mirror(dir: &Path) -> Value {
    let text = crate::fixture::plan(dir).to_string();
    assert!(text.contains("/opt/python/bin/python3.12"), "{text}");
    let mut plan: Value = serde_json::from_str(&text.replace("3.12", "3.13")).unwrap();
    for name in LIBRARIES {
        let package =
            json!({ "name": name, "scope": "run", "layer": "runtime", "why": "Debian's Python loads it" });
        plan["packages"].as_array_mut().unwrap().push(package);
    }
    let script = "python --version; python -c 'import sys; print(sys.base_prefix, sys.prefix)'";
    let tells =
        json!({ "name": "tells", "command": { "shell": script }, "origin": { "option": "the test" } });
    plan["processes"].as_array_mut().unwrap().push(tells);
    plan
}

/// The version of Debian's Python in the image, from the mark that each package leaves.
fn debian_version(image: &Layout) -> String {
    let status = image.file("var/lib/dpkg/status.d/python3.13-minimal").expect("its Python is Debian's");
    let status = String::from_utf8(status).unwrap();
    let version = status.lines().find_map(|line| line.strip_prefix("Version: ")).unwrap();
    version.split('-').next().unwrap().to_owned()
}

#[test]
fn a_python_that_debian_lacks_comes_from_a_mirror() {
    let fixture = Fixture::read("python-flask");
    let checkout = fixture.checkout();
    let debian = checkout.build();
    let version = debian_version(&debian);
    let packed = archive(&debian);
    let digest = Digest::of(&packed).hex();
    let mirror = Mirror::serve(|address| {
        let url = format!("{address}/python.tar.gz");
        [("/list.json".to_owned(), list(&version, &url, &digest)), ("/python.tar.gz".to_owned(), packed)]
            .into()
    });

    fs::write(checkout.dir.join(".python-version"), "3.12\n").unwrap();
    let file = checkout.beside("plan.json");
    fs::write(&file, plan_for_the_mirror(&checkout.dir).to_string()).unwrap();
    // Its own store: no other test must take this Python for uv's.
    let store = OwnStore::with_packages();
    let image = checkout.beside("mirrored");
    let mut build = packwright_on(store.path(), ["build", "-o", &destination("oci", &image), "--plan"]);
    build.arg(&file).arg(&checkout.dir).env(LIST, format!("{}/list.json", mirror.address()));
    finish(&mut build).ok();
    assert!(mirror.asked().contains(&"/python.tar.gz".to_owned()), "{:?}", mirror.asked());

    let paths: Vec<String> = Layout::open(&image).paths().into_iter().map(|(_, path)| path).collect();
    let has = |wanted: &str| paths.iter().any(|path| path == wanted);
    assert!(has("opt/python/bin/python3.13") && has("opt/venv/bin/python"));
    for path in &paths {
        assert!(!path.starts_with("usr/bin/python"), "{path} is in the image");
        assert!(!path.starts_with("usr/lib/python3"), "{path} is in the image");
        assert!(!path.starts_with("var/lib/dpkg/status.d/python"), "{path} is in the image");
        assert!(!path.starts_with("var/lib/dpkg/status.d/libpython"), "{path} is in the image");
    }

    let run = |more: &[&str]| {
        let mut command = packwright_on(store.path(), ["run"]);
        command.args(more).arg(destination("oci", &image)).env_remove("PORT");
        command
    };
    let port = free_port();
    let mut web = Running::start(&mut run(&["-p", &port.to_string()]));
    web.wait_for_port(port);
    fixture.answers_on(port);
    web.ends_on_sigterm();
    let told = finish(&mut run(&["--process", "tells"])).ok();
    assert_eq!(told.stdout(), format!("Python {version}\n/opt/python /opt/venv\n"), "{}", told.story());
}

/// An application that asks for [`LACKING`]. Its plan is not edited.
fn asking() -> tempfile::TempDir {
    let dir = place::new_dir("lacking");
    fs::write(dir.path().join("main.py"), "import os\nprint(os.environ['PORT'])\n").unwrap();
    fs::write(dir.path().join(".python-version"), format!("{LACKING}\n")).unwrap();
    dir
}

#[test]
fn a_mirror_that_does_not_answer_may_answer_later() {
    let dir = asking();
    // Nothing listens on port 1.
    for (variable, step) in [(MIRROR, "python.runtime"), (LIST, "python.version")] {
        let told = finish(packwright(["build"]).arg(dir.path()).env(variable, "http://127.0.0.1:1/builds"));
        told.failed(75, &[step, "http://127.0.0.1:1/builds", "could not be reached", "fix:", variable]);
    }
}

#[test]
fn a_mirror_that_lacks_the_build_is_an_error() {
    let dir = asking();
    let mirror = Mirror::serve(|_| Shelf::new());
    let address = format!("{}/builds", mirror.address());
    let told = finish(packwright(["build"]).arg(dir.path()).env(MIRROR, &address));
    told.failed(1, &["python.runtime", "404", "fix:", MIRROR]);
    let asked = mirror.asked();
    assert!(asked.iter().any(|path| path.contains(&format!("cpython-{LACKING}"))), "{asked:?}");
    let told = finish(packwright(["build"]).arg(dir.path()).env(LIST, &address));
    told.failed(1, &["python.version", "404", "fix:", LIST]);
    let other = Mirror::serve(|address| {
        [("/list.json".to_owned(), list("3.13.1", &format!("{address}/python.tar.gz"), &"0".repeat(64)))]
            .into()
    });
    let told =
        finish(packwright(["build"]).arg(dir.path()).env(LIST, format!("{}/list.json", other.address())));
    told.failed(1, &["python.version", LACKING, "fix:", LIST]);
}

/// The digests are those of the list that uv carries within itself: a mirror is not trusted.
#[test]
fn bytes_that_are_not_the_build_are_refused() {
    let dir = asking();
    let mut archive = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = tar::Header::new_gnu();
    let script = b"#!/bin/sh\necho not Python\n";
    header.set_size(script.len() as u64);
    header.set_mode(0o755);
    archive.append_data(&mut header, "python/bin/python3.14", script.as_slice()).unwrap();
    let packed = archive.into_inner().unwrap().finish().unwrap();
    let digest = Digest::of(&packed).hex();
    let mirror = Mirror::serve(|_| [("/*".to_owned(), packed)].into());
    let told = finish(packwright(["build"]).arg(dir.path()).env(MIRROR, mirror.address()));
    told.failed(1, &["python.runtime", "ash mismatch", &digest, "fix:"]);
    assert!(!mirror.asked().is_empty());
}
