//! [`Placeholder`]: a text that a step sees instead of a credential. In requests to a host of the credential the gateway
//! replaces it by the value; a request that carries it to another host is refused.
//!
//! A placeholder is not secret. It is derived from the credential's name alone, so that a step sees the same text in
//! every build. It has only letters and digits, because clients validate what they read and escape what they write. It
//! is the base64 of a text with a colon, because some clients decode a password or a `user:password` pair first.
//!
//! A value is put into `Authorization` alone: servers repeat paths and other fields in their answers.

use std::fmt;

use base64::Engine;
use base64::alphabet::{Alphabet, STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::BASE64_STANDARD;
use memchr::memmem;
use packwright_oci::Digest;
use packwright_remote::Url;
use percent_encoding::percent_decode_str;

use crate::http::head::Fields;

/// A credential, the hosts that it is for, and what steps see in its place.
#[derive(Clone, PartialEq, Eq)]
pub struct Placeholder {
    name: String,
    /// What steps see.
    text: String,
    /// The same decoded from base64, as some clients send it.
    decoded: String,
    value: Vec<u8>,
    hosts: Vec<CredentialHost>,
}

/// A host that a credential is for, without its subdomains.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CredentialHost {
    /// In lower case, without brackets.
    host: String,
    port: Option<u16>,
    /// Whether it is sent without encryption too.
    plain: bool,
}

impl CredentialHost {
    /// A host, on one port alone if there is one, by https.
    pub fn new(host: &str, port: Option<u16>) -> CredentialHost {
        CredentialHost { host: normal(host), port, plain: false }
    }

    /// The same, over http too: only for a host that the caller named as http.
    #[must_use]
    pub fn over_http(self) -> CredentialHost {
        CredentialHost { plain: true, ..self }
    }

    fn is(&self, url: &Url) -> bool {
        self.host == normal(url.host()) && self.port.is_none_or(|port| port == url.port())
    }
}

impl fmt::Display for CredentialHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) if port != 443 => write!(f, "{}:{port}", self.host),
            _ => f.write_str(&self.host),
        }
    }
}

fn normal(host: &str) -> String {
    host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase()
}

/// Longest name that is a part of its placeholder as it is.
const LONGEST_NAME: usize = 60;

impl Placeholder {
    /// A placeholder for the credential `name` with this value. Without hosts it is sent to none.
    pub fn new(name: &str, value: impl Into<Vec<u8>>, hosts: Vec<CredentialHost>) -> Placeholder {
        let is_plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let mut decoded = match name.len() <= LONGEST_NAME && is_plain(name) {
            true => format!("packwright:placeholder-{name}."),
            // A plain name has no `-`, so that no two credentials have the same text.
            false => {
                let plain = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '_' };
                let name_part: String = name.chars().map(plain).take(LONGEST_NAME).collect();
                let digest = Digest::of(name.as_bytes()).hex();
                format!("packwright:placeholder-{name_part}-{}.", &digest[..16])
            }
        };
        // No padding: not every client accepts `=` where a token stands.
        while decoded.len() % 3 != 0 {
            decoded.push('.');
        }
        let text = BASE64_STANDARD.encode(&decoded);
        Placeholder { name: name.to_owned(), text, decoded, value: value.into(), hosts }
    }

    /// What steps see.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn is_in(&self, bytes: &[u8]) -> bool {
        memmem::find(bytes, self.text.as_bytes()).is_some()
            || memmem::find(bytes, self.decoded.as_bytes()).is_some()
    }

    /// Whether the value may be sent to `url`.
    fn check(&self, url: &Url) -> Result<(), NotSent> {
        let of_host: Vec<&CredentialHost> = self.hosts.iter().filter(|host| host.is(url)).collect();
        if of_host.iter().any(|host| url.is_https() || host.plain) {
            return Ok(());
        }
        let name = &self.name;
        Err(match (of_host.as_slice(), self.hosts.as_slice()) {
            ([_, ..], _) => NotSent {
                why: format!("it carries the credential `{name}` without encryption"),
                fix: "use https; or name the http address in a setting of the client, if others may read the credential".to_owned(),
            },
            (_, []) => NotSent {
                why: format!("it carries the credential `{name}`, and nothing says which host that is for"),
                fix: format!("name the host of `{name}` in the client's configuration or settings, or give it with `--secret {name}`: then the step sees its value"),
            },
            (_, hosts) => {
                let mut shown: Vec<String> = hosts.iter().map(ToString::to_string).collect();
                shown.dedup();
                NotSent {
                    why: format!("it carries the credential `{name}`, which is for `{}`", shown.join("`, `")),
                    fix: format!("if `{name}` is for `{}` too, say so where its host is named", url.host()),
                }
            }
        })
    }

    /// What a client that decodes the value has.
    fn decoded_value(&self) -> Vec<u8> {
        base64_decoded(&self.value).unwrap_or_else(|| self.value.clone())
    }

    /// The value as the whole of what follows `Basic`: as it is if it is encoded already.
    fn as_basic(&self) -> Vec<u8> {
        match base64_decoded(&self.value) {
            Some(pair) if pair.contains(&b':') => self.value.clone(),
            _ => BASE64_STANDARD.encode(&self.value).into_bytes(),
        }
    }
}

/// Never shows the value.
impl fmt::Debug for Placeholder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Placeholder({} for {:?})", self.name, self.hosts)
    }
}

/// Why a request is not sent, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotSent {
    pub(crate) why: String,
    pub(crate) fix: String,
}

/// Puts the values of `placeholders` into `fields` of a request for `url` with this `path`; whether there were any.
pub(crate) fn put_in(
    placeholders: &[Placeholder],
    url: &Url,
    path: &str,
    fields: &mut Fields,
) -> Result<bool, NotSent> {
    let mut put = false;
    if placeholders.is_empty() {
        return Ok(put);
    }
    let path: Vec<u8> = percent_decode_str(path).collect();
    if let Some(carried) = placeholders.iter().find(|placeholder| placeholder.is_in(&path)) {
        carried.check(url)?;
        return Err(misplaced(carried, "path"));
    }
    for (name, value) in fields {
        let basic = basic(value);
        let content = basic.and_then(base64_decoded);
        let is_in = |placeholder: &&Placeholder| {
            placeholder.is_in(value) || content.as_ref().is_some_and(|content| placeholder.is_in(content))
        };
        let carried: Vec<&Placeholder> = placeholders.iter().filter(is_in).collect();
        carried.iter().try_for_each(|placeholder| placeholder.check(url))?;
        let Some(first) = carried.first() else { continue };
        if name != "authorization" {
            return Err(misplaced(first, &format!("field `{name}`")));
        }
        let whole = carried.iter().find(|placeholder| basic == Some(placeholder.text.as_bytes()));
        let with_value = match (basic, whole, content) {
            (Some(_), Some(whole), _) => [b"Basic ", whole.as_basic().as_slice()].concat(),
            (Some(_), None, Some(content)) => {
                let content = with_values(content, &carried);
                format!("Basic {}", BASE64_STANDARD.encode(content)).into_bytes()
            }
            _ => with_values(value.clone(), &carried),
        };
        // A line end would begin another field.
        if with_value.iter().any(|byte| byte.is_ascii_control()) {
            return Err(NotSent {
                why: format!("the credential `{}` has several lines or control bytes", first.name),
                fix: "give a value of one line".to_owned(),
            });
        }
        *value = with_value;
        put = true;
    }
    Ok(put)
}

fn misplaced(placeholder: &Placeholder, place: &str) -> NotSent {
    let name = &placeholder.name;
    NotSent {
        why: format!(
            "it carries the credential `{name}` in its {place}, and credentials are sent in the field `authorization` alone"
        ),
        fix: format!("let the client send `{name}` as a token or password"),
    }
}

fn with_values(mut bytes: Vec<u8>, carried: &[&Placeholder]) -> Vec<u8> {
    for placeholder in carried {
        bytes = replaced(&bytes, placeholder.text.as_bytes(), &placeholder.value);
        bytes = replaced(&bytes, placeholder.decoded.as_bytes(), &placeholder.decoded_value());
    }
    bytes
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    for found in memmem::find_iter(bytes, from) {
        out.extend_from_slice(&bytes[at..found]);
        out.extend_from_slice(to);
        at = found + from.len();
    }
    out.extend_from_slice(&bytes[at..]);
    out
}

/// What follows the scheme `Basic` in a field.
fn basic(value: &[u8]) -> Option<&[u8]> {
    let value = value.trim_ascii();
    let (scheme, rest) = value.split_at(value.iter().position(|byte| *byte == b' ')?);
    scheme.eq_ignore_ascii_case(b"basic").then(|| rest.trim_ascii())
}

/// In either alphabet, with padding or without.
fn base64_decoded(text: &[u8]) -> Option<Vec<u8>> {
    let with = |alphabet: &Alphabet| {
        let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        GeneralPurpose::new(alphabet, config).decode(text).ok()
    };
    with(&STANDARD).or_else(|| with(&URL_SAFE))
}

#[cfg(test)]
mod tests;
