//! One request of a step: checked, sent to the real server, its answer streamed back and recorded. Bodies are never
//! whole in memory.

use std::io::{self, BufRead, Read, Write};

use packwright_oci::Hasher;
use packwright_remote::{Answered, Body, Message, RemoteError, Url};

use crate::destination::Destination;
use crate::http::body::{self, Incoming};
use crate::http::head::{self, BadHead, Fields, Framing, Request};
use crate::record::Transfer;
use crate::visit::Visit;
use crate::wall::Refused;
use crate::wire::CHUNK;

/// Why a request is not sent on, and what the program is told.
struct Refusal {
    status: u16,
    what: String,
    why: String,
    fix: Option<String>,
}

/// Answers one request; whether another one may follow on the connection.
///
/// # Errors
///
/// A connection that broke.
pub(crate) fn one(
    visit: &Visit,
    to: &Destination,
    request: &Request,
    wire: &mut (impl BufRead + Write),
) -> io::Result<bool> {
    let _on_its_way = visit.request();
    let url = match checked(visit, to, request) {
        Ok(url) => url,
        Err(refusal) => {
            visit.refuse(&refusal.what, refusal.why.clone(), refusal.fix.clone());
            say(wire, refusal.status, &refusal.text())?;
            return Ok(false);
        }
    };
    if request.lists("expect", "100-continue") && request.framing != Framing::None {
        wire.write_all(&head::answer(100, &Fields::new()))?;
        wire.flush()?;
    }
    let fields = passed_on(visit, to, request);
    let message = Message { method: &request.method, url: &url, fields: &fields };
    let mut content = Incoming::new(wire, request.framing);
    let outgoing = match request.framing {
        Framing::None => Body::None,
        Framing::Sized(length) => Body::Sized(&mut content, length),
        Framing::Chunked => Body::Chunked(&mut content),
    };
    let answered = visit.shared.client.exchange(&message, outgoing);
    let is_whole = content.is_whole();
    match answered {
        Ok(answered) => {
            let keep = is_whole && request.keeps_open();
            let transfer = pass_back(request, &url, answered, wire, keep)
                .inspect_err(|error| blame(visit, &url, error))
                .map_err(Broken::into_io)?;
            let can_follow = transfer.1;
            visit.record().add(transfer.0);
            Ok(keep && can_follow)
        }
        Err(error) => {
            let (status, text) = not_had(visit, to, &url, &error);
            say(wire, status, &text)?;
            Ok(false)
        }
    }
}

/// Whether `request` is for the host that the connection is for, and may be sent there; its address.
fn checked(visit: &Visit, to: &Destination, request: &Request) -> Result<Url, Refusal> {
    let refusal = |status, why: String, fix| Refusal { status, what: to.origin(), why, fix };
    let bad = |bad: BadHead| refusal(bad.status, bad.why.to_owned(), None);
    if request.method.eq_ignore_ascii_case("CONNECT") {
        return Err(refusal(405, "it is asked to be a proxy, and there is none in a step".to_owned(), None));
    }
    if request.only("upgrade").is_some_and(|to| !to.eq_ignore_ascii_case("h2c")) {
        let why = "the connection is to change to another protocol, and steps reach the network by http and https only";
        let fix = "let the steps have the host's network: `--network host`".to_owned();
        return Err(refusal(501, why.to_owned(), Some(fix)));
    }
    let (authority, path) = request.asked().map_err(bad)?;
    let Some(to) = &called(&authority, to) else {
        let why = format!("a connection to it carries a request for `{authority}`");
        return Err(refusal(421, why, None));
    };
    // From here on by the name that the program has for it.
    let refusal = |status, why: String, fix| Refusal { status, what: to.origin(), why, fix };
    if let Err(refused) = visit.shared.rules.check(&to.host, to.port, None) {
        return Err(refusal(403, refused.why(), Some(refused.fix(&to.host))));
    }
    format!("{}{path}", to.origin())
        .parse()
        .map_err(|_| refusal(400, "its path cannot be requested".to_owned(), None))
}

/// Whom a request is for, by the name that it has there; `None` if that is not whom its connection is for.
fn called(authority: &str, to: &Destination) -> Option<Destination> {
    let usual = if to.is_https { 443 } else { 80 };
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) => match port.parse() {
            Ok(port) => (host, port),
            Err(_) => return None,
        },
        None => (authority, usual),
    };
    to.called(host).filter(|_| port == to.port)
}

fn passed_on(visit: &Visit, to: &Destination, request: &Request) -> Fields {
    let mut fields = request.passed_on();
    if let Some(value) = visit.shared.credentials.of(&to.host, to.port, to.is_https) {
        fields.retain(|(name, _)| name != "authorization");
        fields.push(("authorization".to_owned(), value.as_bytes().to_vec()));
    }
    fields
}

/// Why an answer was not passed back whole.
enum Broken {
    /// The server did not send all of it.
    Server(u64, io::Error),
    /// The program took no more.
    Program(io::Error),
}

impl Broken {
    fn into_io(self) -> io::Error {
        match self {
            Broken::Server(_, error) | Broken::Program(error) => error,
        }
    }
}

/// Streams an answer; what to record of it, and whether the connection can go on.
fn pass_back(
    request: &Request,
    url: &Url,
    answered: Answered,
    wire: &mut impl Write,
    keep: bool,
) -> Result<(Transfer, bool), Broken> {
    let Answered { status, fields, body: mut content } = answered;
    let length = head::announced_length(&fields);
    let mut fields = head::passed_back(&fields);
    let has_body = request.method != "HEAD" && !matches!(status, 100..=199 | 204 | 304);
    let is_chunked = has_body && length.is_none() && request.minor >= 1;
    let can_follow = !has_body || length.is_some() || is_chunked;
    if let Some(length) = length {
        fields.push(("content-length".to_owned(), length.to_string().into_bytes()));
    } else if is_chunked {
        fields.push(("transfer-encoding".to_owned(), b"chunked".to_vec()));
    }
    if !keep || !can_follow {
        fields.push(("connection".to_owned(), b"close".to_vec()));
    }
    wire.write_all(&head::answer(status, &fields)).map_err(Broken::Program)?;
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; if has_body { CHUNK } else { 0 }];
    let mut is_open = has_body;
    while is_open {
        let count = match content.read(&mut buffer) {
            Ok(0) => {
                is_open = false;
                continue;
            }
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Broken::Server(hasher.length(), error)),
        };
        let bytes = &buffer[..count];
        hasher.update(bytes);
        match is_chunked {
            true => body::write_chunk(wire, bytes),
            false => wire.write_all(bytes),
        }
        .map_err(Broken::Program)?;
    }
    let size = hasher.length();
    if has_body && length.is_some_and(|length| length != size) {
        return Err(Broken::Server(size, io::ErrorKind::UnexpectedEof.into()));
    }
    if is_chunked {
        wire.write_all(body::LAST_CHUNK).map_err(Broken::Program)?;
    }
    wire.flush().map_err(Broken::Program)?;
    let transfer = Transfer {
        address: url.to_string(),
        method: request.method.clone(),
        status,
        size,
        digest: hasher.finish(),
        cached: false,
    };
    Ok((transfer, can_follow))
}

fn blame(visit: &Visit, url: &Url, broken: &Broken) {
    if let Broken::Server(received, error) = broken {
        let why = format!("the answer was cut off after {received} bytes ({error})");
        visit.fail(&url.to_string(), why, None);
    }
}

/// What is recorded, and what the program is told, when there is no answer.
fn not_had(visit: &Visit, to: &Destination, url: &Url, error: &RemoteError) -> (u16, String) {
    match error {
        RemoteError::Refused { why, .. } => {
            let refused = [Refused::Denied].into_iter().find(|refused| refused.why() == *why);
            let fix = refused.unwrap_or(Refused::Kind("")).fix(&to.host);
            let refusal = Refusal { status: 403, what: url.to_string(), why: why.clone(), fix: Some(fix) };
            visit.refuse(&refusal.what, refusal.why.clone(), refusal.fix.clone());
            (refusal.status, refusal.text())
        }
        error => {
            let status = if matches!(error, RemoteError::Timeout { .. }) { 504 } else { 502 };
            visit.fail(&url.to_string(), error.to_string(), error.fix());
            (status, error.to_string())
        }
    }
}

impl Refusal {
    fn text(&self) -> String {
        let fix = self.fix.as_ref().map(|fix| format!("\nfix: {fix}")).unwrap_or_default();
        format!("`{}` is refused: {}{fix}", self.what, self.why)
    }
}

/// Answers in the gateway's own words, and wants no further request on this connection.
pub(crate) fn say(wire: &mut impl Write, status: u16, text: &str) -> io::Result<()> {
    let text = format!("packwright: {text}\n");
    let fields = [
        ("content-type", "text/plain; charset=utf-8".to_owned()),
        ("content-length", text.len().to_string()),
        ("connection", "close".to_owned()),
    ];
    let fields: Fields = fields.map(|(name, value)| (name.to_owned(), value.into_bytes())).into();
    wire.write_all(&head::answer(status, &fields))?;
    wire.write_all(text.as_bytes())?;
    wire.flush()
}
