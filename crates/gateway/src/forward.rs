//! One request of a step: checked, sent to the real server, its answer streamed back and recorded. Bodies are never
//! whole in memory.

use std::io::{self, BufRead, Write};

use packwright_remote::{Body, Message, RemoteError, Url};

use crate::answer::{self, Answer, Asked, Broken, say};
use crate::destination::Destination;
use crate::freshness;
use crate::http::body::Incoming;
use crate::http::head::{self, BadHead, Fields, Framing, Request};
use crate::placeholder::{self, NotSent};
use crate::shelf::{Place, Shelf};
use crate::target::Target;
use crate::visit::Visit;
use crate::wall::Refused;

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
    let checked = checked(visit, to, request).and_then(|target| {
        let fields = passed_on(visit, &target, request)?;
        Ok((target, fields))
    });
    let (target, mut fields) = match checked {
        Ok(checked) => checked,
        Err(refusal) => {
            visit.refuse(&refusal.what, refusal.why.clone(), refusal.fix.clone());
            say(wire, refusal.status, &refusal.text())?;
            return Ok(false);
        }
    };
    let demand = visit.demand(&target.address, target.is_named);
    if demand.is_some() {
        fields.retain(|(name, _)| !freshness::asks_for_a_change(name));
    }
    let demanded = demand.as_ref();
    let asked = Asked { request, address: &target.address, demand, keep: request.keeps_open() };
    let shelf = Shelf::of(visit, &target, request, &fields);
    if let Some(answer) = shelf.as_ref().and_then(|shelf| shelf.current(request, demanded)) {
        return back(visit, &asked, answer, wire, None);
    }
    fields.extend(shelf.as_ref().map(|shelf| shelf.conditions(demanded)).unwrap_or_default());
    if request.lists("expect", "100-continue") && request.framing != Framing::None {
        wire.write_all(&head::answer(100, &Fields::new()))?;
        wire.flush()?;
    }
    let message = Message { method: &request.method, url: &target.url, fields: &fields };
    let mut content = Incoming::new(wire, request.framing);
    let outgoing = match request.framing {
        Framing::None => Body::None,
        Framing::Sized(length) => Body::Sized(&mut content, length),
        Framing::Chunked => Body::Chunked(&mut content),
    };
    let answered = visit.shared.client.exchange(&message, outgoing);
    let asked = Asked { keep: content.is_whole() && request.keeps_open(), ..asked };
    let answered = match answered {
        Ok(answered) => answered,
        Err(error) => {
            let is_refused = matches!(error, RemoteError::Refused { .. });
            if let Some(answer) = shelf.filter(|_| !is_refused).and_then(|shelf| shelf.stale(demanded)) {
                return back(visit, &asked, answer, wire, None);
            }
            let (status, text) = not_had(visit, to, &target.url, &error);
            say(wire, status, &text)?;
            return Ok(false);
        }
    };
    if let Some(answer) = shelf.as_ref().and_then(|shelf| shelf.renewed(&answered, demanded)) {
        return back(visit, &asked, answer, wire, None);
    }
    // Where something is demanded, other answers lose their bytes.
    let is_kept = demand.is_none() || matches!(answered.status, 200 | 206);
    let place = shelf.as_ref().filter(|_| is_kept).and_then(|shelf| shelf.place(&answered));
    let answer = Answer {
        status: answered.status,
        fields: head::passed_back(&answered.fields),
        length: head::announced_length(&answered.fields),
        body: answered.body,
        cached: false,
    };
    back(visit, &asked, answer, wire, place)
}

/// Passes an answer back, records it, and keeps it at its place in the cache; whether another request may follow.
fn back(
    visit: &Visit,
    asked: &Asked<'_>,
    answer: Answer<'_>,
    wire: &mut impl Write,
    place: Option<Place<'_>>,
) -> io::Result<bool> {
    let (copy, place) = place.map(Place::open).unzip();
    let copy = copy.flatten();
    let is_counted = !answer::may_be_anything(asked, &answer);
    if is_counted {
        visit.record().begin();
    }
    let result = answer::pass_back(asked, answer, wire, copy, visit.options.is_recorded);
    if is_counted && result.as_ref().err().is_none_or(|broken| !broken.is_begun()) {
        visit.record().end();
    }
    let passed = match result {
        Ok(passed) => passed,
        Err(broken) => {
            blame(visit, asked, &broken);
            if let Broken::Unexpected { is_begun: false, .. } = broken {
                let text = format!("`{}` is refused: it is not what the lock has", asked.address);
                say(wire, 403, &text)?;
                return Ok(false);
            }
            return Err(broken.into_io());
        }
    };
    // First of all: the program has everything, and may end while the copy is written.
    visit.record().add(passed.transfer.clone());
    if let Some(error) = passed.gone {
        return Err(error);
    }
    if let (Some(copy), Some(place)) = (passed.copy, place) {
        place.keep(copy, &passed.transfer);
    }
    Ok(asked.keep && passed.can_follow)
}

/// Whether `request` is for the host that the connection is for, and may be sent there; its address.
fn checked(visit: &Visit, to: &Destination, request: &Request) -> Result<Target, Refusal> {
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
    // From here on by the name that the program has for it.
    let refusal = |status, why: String, fix| Refusal { status, what: to.origin(), why, fix };
    if let Err(refused) = visit.shared.rules.check(&to.host, to.port, None) {
        return Err(refusal(403, refused.why(), Some(refused.fix(&to.host))));
    }
    let text = format!("{}{path}", to.origin());
    let url: Url = text.parse().map_err(|_| refusal(400, "its path cannot be requested".to_owned(), None))?;
    let address = url.to_string();
    Ok(Target {
        url,
        origin: to.origin(),
        address,
        text,
        is_allowed: visit.shared.rules.allows(&to.host, to.port),
        is_named: visit.shared.rules.names(&to.host, to.port),
    })
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

/// The fields that the server gets, with the credentials that are for it.
fn passed_on(visit: &Visit, target: &Target, request: &Request) -> Result<Fields, Refusal> {
    let url = &target.url;
    let mut fields = request.passed_on();
    let put = placeholder::put_in(&visit.options.placeholders, url, &target.text, &mut fields).map_err(
        |not_sent| {
            let NotSent { why, fix } = not_sent;
            Refusal { status: 403, what: target.origin.clone(), why, fix: Some(fix) }
        },
    )?;
    if put {
        return Ok(fields);
    }
    if let Some(value) = visit.shared.credentials.of(url.host(), url.port(), url.is_https()) {
        fields.retain(|(name, _)| name != "authorization");
        fields.push(("authorization".to_owned(), value.as_bytes().to_vec()));
    }
    Ok(fields)
}

fn blame(visit: &Visit, asked: &Asked<'_>, broken: &Broken) {
    match broken {
        Broken::Server { received, error, .. } => {
            let why = format!("the answer was cut off after {received} bytes ({error})");
            visit.fail(asked.address, why, None);
        }
        Broken::Unexpected { digest, .. } => {
            if let Some(demand) = &asked.demand {
                visit.refuse_unexpected(asked.address, demand.refusal(digest));
            }
        }
        Broken::Program(_) => {}
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
