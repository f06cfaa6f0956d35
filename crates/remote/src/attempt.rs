//! One try at one address: request, redirects, head of the response. No retries, no sinks.

use std::time::Duration;

use ureq::BodyReader;
use ureq::http::{HeaderMap, Response};

use crate::error::from_ureq;
use crate::{Client, RemoteError, Request, Url};

/// A response whose body is about to be read.
pub(crate) struct Answer {
    /// Who answered, after redirects.
    pub(crate) url: Url,
    /// How many bytes of the content come before those of the body.
    pub(crate) skipped: u64,
    /// The length of the whole content, when it is announced.
    pub(crate) size: Option<u64>,
    pub(crate) body: BodyReader<'static>,
}

/// Most redirects that are followed.
const MOST_REDIRECTS: usize = 5;

impl Client {
    /// Asks for the content at `url`, from the byte `start` on. The server may begin at the
    /// first byte nevertheless.
    pub(crate) fn attempt(&self, url: &Url, request: &Request, start: u64) -> Result<Answer, RemoteError> {
        let mut at = url.clone();
        for _ in 0..=MOST_REDIRECTS {
            let response = self.ask(&at, at.is_same_origin(url).then_some(request), start)?;
            let status = response.status().as_u16();
            if matches!(status, 301 | 302 | 303 | 307 | 308) {
                at = redirected(&at, response.headers())?;
                continue;
            }
            return answer(at, response, start);
        }
        Err(RemoteError::Redirect {
            url: url.clone(),
            to: format!("`{at}`"),
            why: format!("more than {MOST_REDIRECTS} redirects"),
        })
    }

    /// Sends one request. Header fields of `request` and credentials go to its own host alone,
    /// hence the option.
    fn ask(
        &self,
        url: &Url,
        request: Option<&Request>,
        start: u64,
    ) -> Result<Response<ureq::Body>, RemoteError> {
        let route = self.route(url)?;
        let mut builder = route.agent.get(url.wire());
        if let Some(authorization) = url.basic() {
            builder = builder.header("Authorization", authorization);
        }
        for (name, value) in request.iter().flat_map(|request| &request.headers) {
            builder = builder.header(name, value);
        }
        if let Some(authorization) = route.proxy_authorization {
            builder = builder.header("Proxy-Authorization", authorization);
        }
        if start > 0 {
            builder = builder.header("Range", format!("bytes={start}-"));
        }
        builder.call().map_err(|error| from_ureq(url, error))
    }
}

fn answer(url: Url, response: Response<ureq::Body>, start: u64) -> Result<Answer, RemoteError> {
    let status = response.status().as_u16();
    let headers = response.headers();
    let length = text(headers, "content-length").and_then(|text| text.parse::<u64>().ok());
    let (skipped, size) = match status {
        200 => (0, length),
        206 if start > 0 => match text(headers, "content-range").and_then(content_range) {
            Some((first, size)) if first == start => (start, size),
            _ => {
                let why = "it sends another part of the content than was asked for".to_owned();
                return Err(RemoteError::Protocol { url, why });
            }
        },
        _ => {
            let retry_after = text(headers, "retry-after")
                .and_then(|text| text.trim().parse().ok())
                .map(Duration::from_secs);
            return Err(RemoteError::Status { url, status, retry_after });
        }
    };
    let body = response.into_body().into_with_config().limit(u64::MAX).reader();
    Ok(Answer { url, skipped, size, body })
}

/// First byte and whole length of `bytes <first>-<last>/<length or *>`.
///
/// Source: RFC 9110, section 14.4.
fn content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, size) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, _) = range.split_once('-')?;
    Some((first.parse().ok()?, size.parse().ok()))
}

fn redirected(url: &Url, headers: &HeaderMap) -> Result<Url, RemoteError> {
    let refuse =
        |to: String, why: &str| Err(RemoteError::Redirect { url: url.clone(), to, why: why.to_owned() });
    let Some(location) = text(headers, "location") else {
        return refuse("nowhere".to_owned(), "the address is missing");
    };
    let to = match url.join(location) {
        Ok(to) => to,
        Err(error) => return refuse(format!("`{}`", error.text), &error.why),
    };
    if url.is_https() && !to.is_https() {
        return refuse(format!("`{to}`"), "it is not encrypted any more");
    }
    Ok(to)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}
