//! Forwards one request of a step: checks it, sends it to the real server, streams the response back and records it.
//! Bodies are streamed, and never held in memory as a whole.

use std::io::{self, BufRead, Write};

use packwright_remote::{Body, Message, RemoteError, Url, WallRefusal};

use crate::cache_entry::{CacheEntry, PendingEntry};
use crate::destination::Destination;
use crate::freshness;
use crate::http::body::BodyReader;
use crate::http::head::{self, BadHead, Fields, Framing, Request};
use crate::placeholder::{self, NotSent};
use crate::response::{self, PassBackError, RequestInfo, Response, say};
use crate::session_state::SessionState;
use crate::upstream::Upstream;

/// A refused request: the status and text that the program gets, and what the record says.
struct Refusal {
    status: u16,
    what: String,
    why: String,
    fix: Option<String>,
}

/// Answers one request. Returns whether the connection can carry another one.
///
/// # Errors
///
/// A connection that broke.
pub(crate) fn one(
    session: &SessionState,
    to: &Destination,
    request: &Request,
    wire: &mut (impl BufRead + Write),
) -> io::Result<bool> {
    let _in_flight = session.request();
    let checked = checked(session, to, request).and_then(|upstream| {
        let fields = passed_on(session, &upstream, request)?;
        Ok((upstream, fields))
    });
    let (upstream, mut fields) = match checked {
        Ok(checked) => checked,
        Err(refusal) => {
            session.refuse(&refusal.what, refusal.why.clone(), refusal.fix.clone());
            say(wire, refusal.status, &refusal.text())?;
            return Ok(false);
        }
    };
    let constraint = session.constraint(&upstream.address, upstream.is_named);
    if constraint.is_some() {
        fields.retain(|(name, _)| !freshness::asks_for_a_change(name));
    }
    let demanded = constraint.as_ref();
    let asked = RequestInfo { request, address: &upstream.address, constraint, keep: request.keeps_open() };
    let entry = CacheEntry::of(session, &upstream, request, &fields);
    if let Some(response) = entry.as_ref().and_then(|entry| entry.current(request, demanded)) {
        return back(session, &asked, response, wire, None);
    }
    fields.extend(entry.as_ref().map(|entry| entry.conditions(demanded)).unwrap_or_default());
    if request.lists("expect", "100-continue") && request.framing != Framing::None {
        wire.write_all(&head::response(100, &Fields::new()))?;
        wire.flush()?;
    }
    let message = Message { method: &request.method, url: &upstream.url, fields: &fields };
    let mut content = BodyReader::new(wire, request.framing);
    let outgoing = match request.framing {
        Framing::None => Body::None,
        Framing::Sized(length) => Body::Sized(&mut content, length),
        Framing::Chunked => Body::Chunked(&mut content),
    };
    let answered = session.gateway.client.exchange(&message, outgoing);
    let asked = RequestInfo { keep: content.is_whole() && request.keeps_open(), ..asked };
    let answered = match answered {
        Ok(answered) => answered,
        Err(error) => {
            let is_refused = matches!(error, RemoteError::Refused { .. });
            if let Some(response) = entry.filter(|_| !is_refused).and_then(|entry| entry.stale(demanded)) {
                return back(session, &asked, response, wire, None);
            }
            let (status, text) = not_had(session, &upstream.url, &error);
            say(wire, status, &text)?;
            return Ok(false);
        }
    };
    if let Some(response) = entry.as_ref().and_then(|entry| entry.renewed(&answered, demanded)) {
        return back(session, &asked, response, wire, None);
    }
    // In a locked build the bodies of other statuses are dropped, so there is nothing to store.
    let is_kept = constraint.is_none() || matches!(answered.status, 200 | 206);
    let pending = entry.as_ref().filter(|_| is_kept).and_then(|entry| entry.pending(&answered));
    let response = Response {
        status: answered.status,
        fields: head::passed_back(&answered.fields),
        length: head::announced_length(&answered.fields),
        body: answered.body,
        cached: false,
    };
    back(session, &asked, response, wire, pending)
}

/// Passes a response back, records it and stores it in the cache. Returns whether the connection can carry another
/// request.
fn back(
    session: &SessionState,
    asked: &RequestInfo<'_>,
    response: Response<'_>,
    wire: &mut impl Write,
    pending: Option<PendingEntry<'_>>,
) -> io::Result<bool> {
    let (copy, pending) = pending.map(PendingEntry::open).unzip();
    let copy = copy.flatten();
    let is_counted = !response::may_be_anything(asked, &response);
    if is_counted {
        session.record().begin();
    }
    let rest = session.options.is_recorded.then_some(response::REST);
    let result = response::pass_back(asked, response, wire, copy, rest);
    if is_counted && result.as_ref().err().is_none_or(|broken| !broken.is_begun()) {
        session.record().end();
    }
    let passed = match result {
        Ok(passed) => passed,
        Err(broken) => {
            blame(session, asked, &broken);
            if let PassBackError::Unexpected { is_begun: false, .. } = broken {
                let text = format!("`{}` is refused: it is not what the lock has", asked.address);
                say(wire, 403, &text)?;
                return Ok(false);
            }
            return Err(broken.into_io());
        }
    };
    // First of all: the program has everything, and may end while the copy is written.
    session.record().add(passed.transfer.clone());
    if let Some(error) = passed.gone {
        return Err(error);
    }
    if let (Some(copy), Some(pending)) = (passed.copy, pending) {
        pending.keep(copy, &passed.transfer);
    }
    Ok(asked.keep && passed.can_follow)
}

/// Checks that `request` is for the host of its connection and that the rules allow it. Returns where to send it.
fn checked(session: &SessionState, to: &Destination, request: &Request) -> Result<Upstream, Refusal> {
    let refusal = |status, why: String, fix| Refusal { status, what: to.origin(), why, fix };
    let bad = |bad: BadHead| refusal(bad.status, bad.why.to_owned(), None);
    if request.method.eq_ignore_ascii_case("CONNECT") {
        return Err(refusal(405, "it is asked to be a proxy, and there is none in a step".to_owned(), None));
    }
    if ["TRACE", "TRACK"].iter().any(|method| request.method.eq_ignore_ascii_case(method)) {
        let why = "a server would repeat what the gateway says to it, credentials among it".to_owned();
        return Err(refusal(405, why, None));
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
    // Messages from here on use the name that the program used.
    let refusal = |status, why: String, fix| Refusal { status, what: to.origin(), why, fix };
    if let Err(refused) = session.gateway.rules.check(&to.host, to.port, None) {
        return Err(refusal(403, refused.why(), Some(refused.fix(&to.host))));
    }
    let text = format!("{}{path}", to.origin());
    let url: Url = text.parse().map_err(|_| refusal(400, "its path cannot be requested".to_owned(), None))?;
    let address = url.to_string();
    Ok(Upstream {
        url,
        origin: to.origin(),
        address,
        text,
        is_allowed: session.gateway.rules.allows(&to.host, to.port),
        is_named: session.gateway.rules.names(&to.host, to.port),
    })
}

/// The destination of a request, under the name that its `Host` has; `None` if that is not the host of the connection.
fn called(authority: &str, to: &Destination) -> Option<Destination> {
    let usual = if to.is_https { 443 } else { 80 };
    let (host, port) = match authority.rsplit_once(':') {
        // Digits alone: the standard library reads a sign as well.
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, port.parse().ok()?),
        Some(_) => return None,
        None => (authority, usual),
    };
    to.called(host).filter(|_| port == to.port)
}

/// The header fields of the request to the server, with the credentials for that server put in.
fn passed_on(session: &SessionState, upstream: &Upstream, request: &Request) -> Result<Fields, Refusal> {
    let url = &upstream.url;
    let mut fields = request.passed_on();
    let put = placeholder::put_in(&session.options.placeholders, url, &upstream.text, &mut fields).map_err(
        |not_sent| {
            let NotSent { why, fix } = not_sent;
            Refusal { status: 403, what: upstream.origin.clone(), why, fix: Some(fix) }
        },
    )?;
    if put {
        return Ok(fields);
    }
    if let Some(value) = session.gateway.credentials.of(url.host(), url.port(), url.is_https()) {
        fields.retain(|(name, _)| name != "authorization");
        fields.push(("authorization".to_owned(), value.as_bytes().to_vec()));
    }
    Ok(fields)
}

fn blame(session: &SessionState, asked: &RequestInfo<'_>, broken: &PassBackError) {
    match broken {
        PassBackError::Server { received, error, .. } => {
            let why = format!("the answer was cut off after {received} bytes ({error})");
            session.fail(asked.address, why, None);
        }
        PassBackError::Unexpected { digest, .. } => {
            if let Some(constraint) = &asked.constraint {
                session.refuse_unexpected(asked.address, constraint.refusal(digest));
            }
        }
        PassBackError::Program(_) => {}
    }
}

/// Records why there is no response. Returns the status and text for the program.
fn not_had(session: &SessionState, url: &Url, error: &RemoteError) -> (u16, String) {
    match error {
        RemoteError::Refused { refusal: WallRefusal { why, fix }, .. } => {
            let refusal = Refusal { status: 403, what: url.to_string(), why: why.clone(), fix: fix.clone() };
            session.refuse(&refusal.what, refusal.why.clone(), refusal.fix.clone());
            (refusal.status, refusal.text())
        }
        error => {
            let status = if matches!(error, RemoteError::Timeout { .. }) { 504 } else { 502 };
            session.fail(&url.to_string(), error.to_string(), error.fix());
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
