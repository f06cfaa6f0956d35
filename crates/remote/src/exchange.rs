//! [`Client::exchange`]: one request of any method and its response, unchanged, for a caller that is a proxy. No redirect
//! is followed, no status is an error, and no digest is checked.

use std::fmt;
use std::io::{self, Read};
use std::net::IpAddr;

use ureq::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Version, header};
use ureq::{AsSendBody, SendBody};

use crate::error::from_ureq;
use crate::minimum_rate::MinimumRate;
use crate::wall::{WallRefusal, is_unusual_address};
use crate::{Client, RemoteError, Url};

/// A request to pass on.
#[derive(Clone)]
pub struct Message<'a> {
    /// `GET`, `POST` and so on.
    pub method: &'a str,
    /// Where to. Credentials in it are sent.
    pub url: &'a Url,
    /// Header fields, in order. Those that concern one connection alone (`Connection`, `Transfer-Encoding`, …) and
    /// `Host` are the client's own and have no place here.
    pub fields: &'a [(String, Vec<u8>)],
}

/// The body of a request.
pub enum Body<'a> {
    /// There is none.
    None,
    /// Exactly so many bytes.
    Sized(&'a mut dyn Read, u64),
    /// Bytes until their end.
    Chunked(&'a mut dyn Read),
}

/// The response of a server, unchanged.
pub struct Answered {
    /// The status code.
    pub status: u16,
    /// All header fields, with names in lower case. `Transfer-Encoding` has been undone already.
    pub fields: Vec<(String, Vec<u8>)>,
    /// The body, to its end as the server announced it; an error if that end does not come, or what comes is fewer
    /// than [`LEAST_PER_STALL`](crate::LEAST_PER_STALL) bytes in each [`Timeouts::stall`](crate::Timeouts::stall) of
    /// waiting.
    pub body: Box<dyn Read + Send>,
}

impl Client {
    /// Sends `message` with `body` and gives back the head of the answer, and its body to read.
    ///
    /// What has no body and changes nothing (`GET`, `HEAD`) is sent once more when the connection breaks before an
    /// answer: a server may close a connection that waited too long. A connection that carried a body is not used
    /// again: a server that takes that body for a request would answer the next one's sender with it.
    ///
    /// Errors: what keeps an answer from coming, [`RemoteError::Refused`] from the [`Wall`](crate::Wall) and for an
    /// address that is written in no usual way (`0x7f.1`, `2130706433`), [`RemoteError::Protocol`] for a response in a
    /// transfer coding other than `chunked`.
    pub fn exchange(&self, message: &Message<'_>, mut body: Body<'_>) -> Result<Answered, RemoteError> {
        let again = matches!(body, Body::None) && matches!(message.method, "GET" | "HEAD");
        match self.exchange_once(message, &mut body) {
            Err(RemoteError::Unreachable { .. }) if again => self.exchange_once(message, &mut body),
            other => other,
        }
    }

    fn exchange_once(&self, message: &Message<'_>, body: &mut Body<'_>) -> Result<Answered, RemoteError> {
        let url = message.url;
        let invalid = |why: &str| RemoteError::Protocol { url: url.clone(), why: why.to_owned() };
        let method: Method = message.method.parse().map_err(|_| invalid("the method is not valid"))?;
        if is_unusual_address(url.host()) {
            let refusal = WallRefusal {
                why: "it is written in no usual way for an address".to_owned(),
                fix: Some("write an IPv4 address as four decimal numbers with dots".to_owned()),
            };
            return Err(RemoteError::Refused { url: url.clone(), refusal });
        }
        let route = self.route(url)?;
        if let (true, Some(wall)) = (route.proxied, &self.options.wall)
            && let Ok(address) = url.host().trim_matches(['[', ']']).parse::<IpAddr>()
        {
            wall.check(url.host(), url.port(), address)
                .map_err(|refusal| RemoteError::Refused { url: url.clone(), refusal })?;
        }
        // The HTTP library would send an empty chunked body; many servers want a length.
        let wants_length = matches!(method, Method::POST | Method::PUT | Method::PATCH);
        let mut request = Request::builder().method(method).uri(url.wire());
        let fields = request.headers_mut().ok_or_else(|| invalid("it cannot be requested"))?;
        for (name, value) in message.fields {
            let name: HeaderName =
                name.parse().map_err(|_| invalid("the name of a header field is not valid"))?;
            let value = HeaderValue::from_bytes(value).map_err(|_| invalid("a header field is not valid"))?;
            fields.append(name, value);
        }
        let own = [("authorization", url.basic()), ("proxy-authorization", route.proxy_authorization)];
        for (name, value) in own {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                fields.insert(HeaderName::from_static(name), value);
            }
        }
        let (reader, length) = match body {
            Body::None => (None, wants_length.then_some(0)),
            Body::Sized(reader, length) => (Some(reader), Some(*length)),
            Body::Chunked(reader) => (Some(reader), None),
        };
        if let Some(length) = length {
            fields.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        if reader.is_some() {
            fields.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        let answered = match reader {
            None => send(&route.agent, request.body(()).map_err(|_| invalid("it cannot be requested"))?),
            Some(reader) => {
                let body = SendBody::from_reader(reader);
                send(&route.agent, request.body(body).map_err(|_| invalid("it cannot be requested"))?)
            }
        };
        let response = answered.map_err(|error| from_ureq(url, error))?;
        if !is_coding_known(response.version(), response.headers()) {
            return Err(invalid("the transfer coding of the response is not known"));
        }
        let fields = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec()))
            .collect();
        let status = response.status().as_u16();
        let body = response.into_body().into_with_config().limit(u64::MAX).reader();
        let body = Box::new(MinimumRate::new(body, self.options.timeouts.stall));
        Ok(Answered { status, fields, body })
    }
}

/// Whether the HTTP library undoes the transfer coding of a response: it knows `chunked` alone, from HTTP/1.1 on, and
/// would give out the bytes of every other one as they are. `identity` is none.
///
/// Source: RFC 9112, section 6.1.
fn is_coding_known(version: Version, fields: &HeaderMap) -> bool {
    let values = fields.get_all(header::TRANSFER_ENCODING).iter();
    let codings =
        values.flat_map(|value| value.as_bytes().split(|byte| *byte == b',')).map(<[u8]>::trim_ascii);
    let codings: Vec<&[u8]> = codings.filter(|coding| !coding.eq_ignore_ascii_case(b"identity")).collect();
    match codings.as_slice() {
        [] => true,
        [coding] => coding.eq_ignore_ascii_case(b"chunked") && version >= Version::HTTP_11,
        _ => false,
    }
}

fn send(
    agent: &ureq::Agent,
    request: Request<impl AsSendBody>,
) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
    let request = agent.configure_request(request).allow_non_standard_methods(true).build();
    agent.run(request)
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Header values may be secret.
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Message")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("fields", &names)
            .finish()
    }
}

impl fmt::Debug for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("Answered").field("status", &self.status).field("fields", &names).finish()
    }
}

impl Read for Answered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.body.read(buffer)
    }
}
