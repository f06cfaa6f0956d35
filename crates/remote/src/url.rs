//! [`Url`]: an address that can be fetched and shown. Showing leaves out what is secret.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ureq::http::Uri;

/// An `http` or `https` address. Displayed without user name, password, and query, which may
/// hold a signature.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Url(Arc<Parts>);

/// Shared, because every error names its address.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Parts {
    scheme: Scheme,
    /// With brackets when it is an IPv6 address; lower case.
    host: String,
    port: Option<u16>,
    /// Starts with `/`; with the query.
    path: String,
    /// `user:password`, decoded.
    credentials: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn name(self) -> &'static str {
        match self {
            Scheme::Http => "http",
            Scheme::Https => "https",
        }
    }
}

/// Why a text is not an address to fetch from.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an address of the form http[s]://host/path: {why}")]
pub struct UrlError {
    /// The text, without what looks like credentials.
    pub text: String,
    /// What is wrong with it.
    pub why: String,
}

impl Url {
    /// The address of `tail` below this one: `http://host/debian` and `pool/x` make
    /// `http://host/debian/pool/x`. Characters outside those of paths are escaped; a query of
    /// this address is dropped.
    pub fn below(&self, tail: &str) -> Url {
        let base = self.0.path.split('?').next().unwrap_or_default().trim_end_matches('/');
        let mut path = format!("{base}/");
        for byte in tail.trim_start_matches('/').bytes() {
            match byte {
                b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => path.push(char::from(byte)),
                // Source: RFC 3986, section 3.3, "pchar" and "/".
                b'-' | b'.' | b'_' | b'~' | b'!' | b'$' | b'&' | b'\'' | b'(' | b')' | b'*' | b'+' | b','
                | b';' | b'=' | b':' | b'@' | b'/' => path.push(char::from(byte)),
                _ => path.push_str(&format!("%{byte:02X}")),
            }
        }
        self.with(|parts| parts.path = path)
    }

    /// Whether the transport is encrypted.
    pub fn is_https(&self) -> bool {
        self.0.scheme == Scheme::Https
    }

    /// The host, in lower case, with brackets around an IPv6 address.
    pub fn host(&self) -> &str {
        &self.0.host
    }

    /// The port, also when it is the usual one.
    pub fn port(&self) -> u16 {
        self.0.port.unwrap_or(match self.0.scheme {
            Scheme::Http => 80,
            Scheme::Https => 443,
        })
    }

    fn with(&self, change: impl FnOnce(&mut Parts)) -> Url {
        let mut parts = Parts::clone(&self.0);
        change(&mut parts);
        Url(Arc::new(parts))
    }

    /// Whether credentials for `other` may be sent here.
    pub(crate) fn is_same_origin(&self, other: &Url) -> bool {
        (self.0.scheme, &self.0.host, self.port()) == (other.0.scheme, &other.0.host, other.port())
    }

    /// The address as it is requested: without credentials, with the query.
    pub(crate) fn wire(&self) -> String {
        format!("{}{}", self.origin(), self.0.path)
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        let scheme = self.0.scheme.name();
        match self.0.port {
            Some(port) => format!("{scheme}://{}:{port}", self.0.host),
            None => format!("{scheme}://{}", self.0.host),
        }
    }

    /// The value of the `Authorization` header.
    pub(crate) fn basic(&self) -> Option<String> {
        let credentials = self.0.credentials.as_ref()?;
        Some(format!("Basic {}", BASE64_STANDARD.encode(credentials)))
    }

    /// Where a `Location` header of this address leads. Credentials in it are dropped: a server
    /// has none to give away.
    ///
    /// Source: RFC 3986, section 5.2.
    pub(crate) fn join(&self, location: &str) -> Result<Url, UrlError> {
        let location = location.split('#').next().unwrap_or_default();
        let has_scheme = location
            .split_once(':')
            .is_some_and(|(before, _)| !before.is_empty() && !before.contains(['/', '?']));
        if has_scheme {
            let url: Url = location.parse()?;
            return Ok(url.with(|parts| parts.credentials = None));
        }
        let absolute = if let Some(rest) = location.strip_prefix("//") {
            format!("{}://{rest}", self.0.scheme.name())
        } else {
            let (path, query) = match location.split_once('?') {
                Some((path, query)) => (path, format!("?{query}")),
                None => (location, String::new()),
            };
            let own = self.0.path.split('?').next().unwrap_or_default();
            let merged = match path {
                "" => own.to_owned(),
                _ if path.starts_with('/') => path.to_owned(),
                _ => format!("{}/{path}", own.rsplit_once('/').map_or("", |(dir, _)| dir)),
            };
            format!("{}{}{query}", self.origin(), without_dots(&merged))
        };
        let url: Url = absolute.parse()?;
        let credentials = match url.is_same_origin(self) {
            true => self.0.credentials.clone(),
            false => None,
        };
        Ok(url.with(|parts| parts.credentials = credentials))
    }
}

/// Source: RFC 3986, section 5.2.4.
fn without_dots(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    let last = path.rsplit('/').next().unwrap_or_default();
    for part in path.split('/').skip(1) {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    let end = if matches!(last, "." | "..") { "/" } else { "" };
    format!("/{}{end}", parts.join("/"))
}

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Url, UrlError> {
        let wrong = |why: &str| UrlError { text: redacted(text), why: why.to_owned() };
        let text_without_fragment = text.split('#').next().unwrap_or_default();
        let uri: Uri =
            text_without_fragment.parse().map_err(|_| wrong("it holds characters that may not be there"))?;
        let scheme = match uri.scheme_str() {
            Some("http") => Scheme::Http,
            Some("https") => Scheme::Https,
            Some(_) => return Err(wrong("only http and https are supported")),
            None => return Err(wrong("the scheme is missing")),
        };
        let authority = uri.authority().ok_or_else(|| wrong("the host is missing"))?;
        if authority.host().is_empty() {
            return Err(wrong("the host is missing"));
        }
        let after_host = authority.as_str().rsplit_once(authority.host()).map_or("", |(_, after)| after);
        if authority.port_u16().is_none() && !matches!(after_host, "" | ":") {
            return Err(wrong("the port is not a number up to 65535"));
        }
        let credentials = match authority.as_str().rsplit_once('@') {
            Some((userinfo, _)) => {
                let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
                let part =
                    |part| decoded(part).ok_or_else(|| wrong("its user name or password is not valid"));
                Some(format!("{}:{}", part(user)?, part(password)?))
            }
            None => None,
        };
        let path = match uri.path_and_query().map(|path| path.as_str()) {
            None | Some("") => "/".to_owned(),
            Some(path) if path.starts_with('/') => path.to_owned(),
            Some(query) => format!("/{query}"),
        };
        Ok(Url(Arc::new(Parts {
            scheme,
            host: authority.host().to_ascii_lowercase(),
            port: authority.port_u16(),
            path,
            credentials,
        })))
    }
}

/// `text` with its `%` escapes resolved.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first != b'%' {
            bytes.push(*first);
            rest = tail;
            continue;
        }
        let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &tail[2..];
    }
    String::from_utf8(bytes).ok()
}

/// A text that may be an address, without what may be credentials or a signed query.
fn redacted(text: &str) -> String {
    let text = match text.split_once('?') {
        Some((before, _)) => format!("{before}?…"),
        None => text.to_owned(),
    };
    let (scheme, rest) = match text.split_once("//") {
        Some((scheme, rest)) => (format!("{scheme}//"), rest),
        None => (String::new(), text.as_str()),
    };
    let end = rest.find('/').unwrap_or(rest.len());
    match rest[..end].rfind('@') {
        Some(at) => format!("{scheme}…@{}", &rest[at + 1..]),
        None => format!("{scheme}{rest}"),
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.path.split_once('?') {
            Some((path, _)) => write!(f, "{}{path}?…", self.origin()),
            None => write!(f, "{}{}", self.origin(), self.0.path),
        }
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
