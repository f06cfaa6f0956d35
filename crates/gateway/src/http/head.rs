//! Heads of requests and responses. `httparse` reads the lines; this module decides how long the body is, and refuses a
//! head that two readers could understand differently (request smuggling).
//!
//! Source: RFC 9112, sections 3, 5 and 6; RFC 9110, section 7.6.1.

/// The largest head that is taken, in bytes.
pub(crate) const LARGEST: usize = 64 * 1024;

/// Most header fields.
const MOST_FIELDS: usize = 128;

/// Header fields: names in lower case, values as they came, in order.
pub(crate) type Fields = Vec<(String, Vec<u8>)>;

/// The head of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// As it came: `/path?query`, `http://host/path`, `host:443`, `*`.
    pub(crate) target: String,
    /// The minor version: 0 or 1.
    pub(crate) minor: u8,
    pub(crate) fields: Fields,
    pub(crate) framing: Framing,
}

/// How the body of a message ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is none.
    None,
    /// After so many bytes.
    Sized(u64),
    /// After the last chunk.
    Chunked,
}

/// Why a head is refused, with the status that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub(crate) struct BadHead {
    pub(crate) status: u16,
    pub(crate) why: &'static str,
}

/// Fields that concern one connection, and are never passed on.
const OF_THE_CONNECTION: [&str; 9] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
];

/// The request that `bytes` begin with, and the length of its head; `None` while the head is not whole.
pub(crate) fn request(bytes: &[u8]) -> Result<Option<(Request, usize)>, BadHead> {
    let mut slots = [httparse::EMPTY_HEADER; MOST_FIELDS];
    let mut parsed = httparse::Request::new(&mut slots);
    let length = match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) if bytes.len() < LARGEST => return Ok(None),
        Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
            return Err(BadHead { status: 431, why: "the head of the request is too large" });
        }
        Err(_) => return Err(BadHead { status: 400, why: "the head of the request is not HTTP/1.1" }),
    };
    let fields: Fields =
        parsed.headers.iter().map(|field| (field.name.to_ascii_lowercase(), field.value.to_vec())).collect();
    let minor = parsed.version.unwrap_or(1);
    let framing = framing(&fields, minor)?;
    let method = parsed.method.unwrap_or_default().to_owned();
    let target = parsed.path.unwrap_or_default().to_owned();
    Ok(Some((Request { method, target, minor, fields, framing }, length)))
}

/// A body with both kinds of end, or with two lengths, is how one request is smuggled inside another one.
fn framing(fields: &Fields, minor: u8) -> Result<Framing, BadHead> {
    let bad = |why| Err(BadHead { status: 400, why });
    let codings: Vec<&[u8]> = values(fields, "transfer-encoding").collect();
    let lengths: Vec<&[u8]> = values(fields, "content-length").collect();
    match (codings.as_slice(), lengths.as_slice()) {
        ([], []) => Ok(Framing::None),
        ([], [first, others @ ..]) => {
            let is_number = !first.is_empty() && first.iter().all(u8::is_ascii_digit);
            let number = std::str::from_utf8(first).ok().and_then(|text| text.parse().ok());
            match number {
                Some(length) if is_number && others.iter().all(|other| other == first) => {
                    Ok(Framing::Sized(length))
                }
                _ => bad("the length of the body is not clear"),
            }
        }
        ([coding], []) if minor >= 1 && coding.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunked),
        (_, []) => Err(BadHead { status: 501, why: "the coding of the body is not known" }),
        _ => bad("the body has both a length and a coding"),
    }
}

impl Request {
    /// The only value of a field; `None` if it is missing, or is there more than once.
    pub(crate) fn only(&self, name: &str) -> Option<&str> {
        let mut values = values(&self.fields, name);
        match (values.next(), values.next()) {
            (Some(value), None) => std::str::from_utf8(value).ok().map(str::trim),
            _ => None,
        }
    }

    /// Whether a field that is a list names `token`.
    pub(crate) fn lists(&self, name: &str, token: &str) -> bool {
        lists(&self.fields, name, token)
    }

    /// Whether the connection stays open after the answer.
    pub(crate) fn keeps_open(&self) -> bool {
        self.minor >= 1 && !self.lists("connection", "close")
    }

    /// The host that is asked, with port if there is one, and the path with query. The host in the target counts
    /// before the field, as RFC 9112, section 3.2.2 has it.
    pub(crate) fn asked(&self) -> Result<(String, String), BadHead> {
        let bad = |why| BadHead { status: 400, why };
        // A path may hold an address.
        let absolute = self.target.split_once("://").filter(|_| !self.target.starts_with('/'));
        if let Some((scheme, rest)) = absolute {
            if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
                return Err(bad("the address has another scheme than http and https"));
            }
            let end = rest.find(['/', '?']).unwrap_or(rest.len());
            let path = if rest[end..].starts_with('/') {
                rest[end..].to_owned()
            } else {
                format!("/{}", &rest[end..])
            };
            return Ok((rest[..end].to_owned(), path));
        }
        let host = self.only("host").ok_or_else(|| bad("it names no host, or several"))?;
        match self.target.starts_with('/') {
            true => Ok((host.to_owned(), self.target.clone())),
            false => Err(bad("its target is no path")),
        }
    }

    /// What is passed on to the server. The client that passes it on makes `Host` and the fields of the body itself.
    pub(crate) fn passed_on(&self) -> Fields {
        let own = ["host", "content-length", "upgrade"];
        end_to_end(&self.fields).filter(|(name, _)| !own.contains(&name.as_str())).cloned().collect()
    }
}

/// The fields of an answer that are passed on, without its length. `Alt-Svc` names ways that steps do not have.
pub(crate) fn passed_back(fields: &Fields) -> Fields {
    let dropped = ["alt-svc", "content-length", "upgrade"];
    end_to_end(fields).filter(|(name, _)| !dropped.contains(&name.as_str())).cloned().collect()
}

/// The length that an answer announces, when that is how its body ends.
pub(crate) fn announced_length(fields: &Fields) -> Option<u64> {
    if values(fields, "transfer-encoding").next().is_some() {
        return None;
    }
    std::str::from_utf8(values(fields, "content-length").next()?).ok()?.trim().parse().ok()
}

fn end_to_end(fields: &Fields) -> impl Iterator<Item = &(String, Vec<u8>)> {
    fields
        .iter()
        .filter(|(name, _)| !OF_THE_CONNECTION.contains(&name.as_str()) && !lists(fields, "connection", name))
}

fn lists(fields: &Fields, name: &str, token: &str) -> bool {
    values(fields, name)
        .flat_map(|value| value.split(|byte| *byte == b','))
        .any(|part| part.trim_ascii().eq_ignore_ascii_case(token.as_bytes()))
}

pub(crate) fn values<'a>(fields: &'a Fields, name: &str) -> impl Iterator<Item = &'a [u8]> {
    fields.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_slice())
}

/// The head of a response.
pub(crate) fn response(status: u16, fields: &Fields) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status} {}\r\n", reason(status)).into_bytes();
    for (name, value) in fields {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes.extend_from_slice(b"\r\n");
    bytes
}

/// What people read beside the number; programs print it, and some are searched for it.
///
/// Source: RFC 9110, section 15.
fn reason(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        416 => "Range Not Satisfiable",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        _ => "Answer",
    }
}

#[cfg(test)]
mod tests;
