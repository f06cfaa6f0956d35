//! [`ContainerEngine`]: the Docker engine that this machine reaches, spoken to over its socket, without a client. It
//! takes finished images and names them; it builds and runs nothing.
//!
//! Source: Docker Engine API, "Import images", "Tag an image", "Ping"; podman serves the same paths.

use std::fs::File;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where Docker listens unless something else is said.
const USUAL: &str = "unix:///var/run/docker.sock";

/// Most bytes of an answer that are kept: an engine says what it loaded in a few lines.
const LONGEST_ANSWER: u64 = 1 << 20;

/// How long an engine may be silent before it counts as gone; it unpacks a large image in that time.
const PATIENCE: Duration = Duration::from_secs(600);

/// An engine, by its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ContainerEngine {
    address: Address,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Address {
    Socket(PathBuf),
    /// Host and port; plain HTTP.
    Tcp(String),
}

/// Why the image is not in an engine.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EngineError {
    /// The address is of a kind that needs another program, or is none.
    #[error("the Docker engine at `{address}` cannot be reached from here")]
    Address {
        /// The address.
        address: String,
    },
    /// Nobody answers there.
    #[error("no Docker engine answers at `{address}`")]
    Silent {
        /// The address.
        address: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// It answers with an error.
    #[error("the Docker engine at `{address}` refuses {what}: {answer}")]
    Refused {
        /// The address.
        address: String,
        /// What it was asked for.
        what: String,
        /// Its words.
        answer: String,
    },
}

impl EngineError {
    /// What to do.
    pub(crate) fn fix(&self) -> &'static str {
        match self {
            EngineError::Address { .. } => {
                "name a socket or plain TCP with `--docker-host unix:///PATH`, or give `-o DIR` to get the image into files"
            }
            EngineError::Silent { .. } => {
                "start the engine, name it with `--docker-host` or DOCKER_HOST, or give `-o DIR` to get the image into files"
            }
            EngineError::Refused { .. } => {
                "see the log of the engine; `-o DIR` puts the image into files for `docker load`"
            }
        }
    }
}

impl ContainerEngine {
    /// The engine at `address`, as `docker --host` takes it, or where Docker usually listens.
    pub(crate) fn at(address: Option<&str>) -> Result<ContainerEngine, EngineError> {
        let text = address.unwrap_or(USUAL).trim();
        let address = match text.split_once("://") {
            Some(("unix", path)) if path.starts_with('/') => Address::Socket(path.into()),
            Some(("tcp" | "http", host)) => {
                let host = host.trim_end_matches('/');
                let has_port = host.rsplit(':').next().is_some_and(|port| port.parse::<u16>().is_ok());
                Address::Tcp(if has_port { host.to_owned() } else { format!("{host}:2375") })
            }
            _ => return Err(EngineError::Address { address: text.to_owned() }),
        };
        Ok(ContainerEngine { address, text: text.to_owned() })
    }

    /// Its address, for people.
    pub(crate) fn address(&self) -> &str {
        &self.text
    }

    /// Asks whether somebody answers.
    pub(crate) fn ping(&self) -> Result<(), EngineError> {
        self.ask("GET", "/_ping", "a ping", None).map(drop)
    }

    /// Loads the archive `file`, which names its image after the first of `names`, and gives it the others too.
    pub(crate) fn load(&self, file: &Path, names: &[String]) -> Result<(), EngineError> {
        let answer = self.ask("POST", "/images/load?quiet=1", "the image", Some(file))?;
        // It streams what it does, and says in the stream that it failed.
        if let Some(error) = answer.lines().find(|line| line.contains("\"error\"")) {
            return Err(self.refused("the image", error));
        }
        let Some((first, others)) = names.split_first() else { return Ok(()) };
        for other in others {
            let (repository, tag) = parted(other);
            let (first, repository, tag) = (encoded(first), encoded(repository), encoded(tag));
            let path = format!("/images/{first}/tag?repo={repository}&tag={tag}");
            self.ask("POST", &path, &format!("the name `{other}`"), None)?;
        }
        Ok(())
    }

    fn refused(&self, what: &str, answer: &str) -> EngineError {
        let answer = answer.trim().to_owned();
        EngineError::Refused { address: self.text.clone(), what: what.to_owned(), answer }
    }

    /// The body of the answer to one request.
    fn ask(&self, method: &str, path: &str, what: &str, body: Option<&Path>) -> Result<String, EngineError> {
        let silent = |source| EngineError::Silent { address: self.text.clone(), source };
        let (status, answer) = match &self.address {
            Address::Socket(socket) => UnixStream::connect(socket).and_then(|stream| {
                stream.set_read_timeout(Some(PATIENCE))?;
                exchange(stream, "docker", method, path, body)
            }),
            Address::Tcp(host) => TcpStream::connect(host).and_then(|stream| {
                stream.set_read_timeout(Some(PATIENCE))?;
                exchange(stream, host, method, path, body)
            }),
        }
        .map_err(silent)?;
        match status {
            200..=299 => Ok(answer),
            _ => Err(self.refused(what, &answer)),
        }
    }
}

/// A name without its tag, and the tag, `latest` where there is none.
fn parted(name: &str) -> (&str, &str) {
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, tag),
        _ => (name, "latest"),
    }
}

/// A text as a part of an address. The slashes of a name stay, as the engine's routes want them.
fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/:".contains(&byte);
    let one = |byte: u8| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(one).collect()
}

/// Sends one request on a connection of its own, and reads the answer to its end: status and body.
fn exchange(
    mut stream: impl Read + Write,
    host: &str,
    method: &str,
    path: &str,
    body: Option<&Path>,
) -> io::Result<(u16, String)> {
    let file = body.map(File::open).transpose()?;
    let length = file.as_ref().map_or(Ok(0), |file| file.metadata().map(|facts| facts.len()))?;
    let kind = if file.is_some() { "Content-Type: application/x-tar\r\n" } else { "" };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{kind}Content-Length: {length}\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    if let Some(file) = file {
        // An engine that refuses may answer before it has everything.
        match io::copy(&mut file.take(length), &mut stream) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            copied => drop(copied?),
        }
    }
    stream.flush()?;
    let mut answer = Vec::new();
    match stream.take(LONGEST_ANSWER).read_to_end(&mut answer) {
        Err(error) if answer.is_empty() => return Err(error),
        _ => {}
    }
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    let status = status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the answer is no HTTP"))?;
    let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    Ok((status, if chunked { without_sizes(body) } else { body.to_owned() }))
}

/// A body in chunks without the lines that say how long they are.
fn without_sizes(body: &str) -> String {
    let is_size = |line: &&str| !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_hexdigit());
    body.split("\r\n").filter(|line| !is_size(line)).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
