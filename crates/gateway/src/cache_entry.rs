//! [`CacheEntry`]: the entry of the download cache for one request, vacant or occupied. RFC 9111 calls an entry that may be
//! served without asking the server fresh; here it is `current`, and one that the server confirmed is `renewed`.

use packwright_oci::Digest;
use packwright_remote::Answered;

use crate::cache::{Incoming, Kept};
use crate::expected::{self, Constraint};
use crate::freshness;
use crate::http::head::{self, Fields, Framing, Request};
use crate::quota::Quota;
use crate::record::Transfer;
use crate::response::Response;
use crate::session_state::{HttpCache, SessionState};
use crate::upstream::Upstream;

const LENGTH: &str = "content-length";

/// The cache entry of a request: its key, and the stored response if there is one.
pub(crate) struct CacheEntry<'a> {
    http_cache: &'a HttpCache,
    quota: &'a Quota,
    address: &'a str,
    key: Digest,
    kept: Option<Kept>,
    /// Whether the request is a `HEAD`.
    is_head: bool,
    /// Whether the address contains the digest of its content.
    never_changes: bool,
    has_query: bool,
}

/// A response that is being stored while it is passed back.
pub(crate) struct PendingEntry<'a> {
    http_cache: &'a HttpCache,
    key: Digest,
    status: u16,
    fields: Fields,
    current_at: u64,
    copy: Option<Box<dyn Incoming + 'a>>,
}

impl<'a> CacheEntry<'a> {
    /// The entry for a request to `upstream` with these fields; `None` without a cache, and for requests whose responses
    /// are never stored (with a body, with conditions, or of another method than `GET` and `HEAD`).
    ///
    /// Responses from hosts that only a rule allows have keys of their own, so that a build without the rule cannot get
    /// them from the cache.
    pub(crate) fn of(
        session: &'a SessionState,
        upstream: &'a Upstream,
        request: &Request,
        fields: &Fields,
    ) -> Option<CacheEntry<'a>> {
        let http_cache = session.gateway.downloads.as_ref()?;
        let is_head = request.method == "HEAD";
        if !(is_head || request.method == "GET") || request.framing != Framing::None {
            return None;
        }
        let text = &upstream.text;
        let (never_changes, has_query) = (freshness::names_its_content(text), text.contains('?'));
        let text = if upstream.is_allowed { format!("{text} by rule") } else { text.clone() };
        let text = if is_head { format!("HEAD {text}") } else { text };
        let key = freshness::key(&text, fields)?;
        // A record whose content is gone is none.
        let kept = http_cache.cache.find(&key).ok().flatten();
        let kept = kept.filter(|kept| http_cache.cache.open(&kept.content).is_ok());
        Some(CacheEntry {
            http_cache,
            quota: &session.quota,
            address: &upstream.address,
            key,
            kept,
            is_head,
            never_changes,
            has_query,
        })
    }

    /// The stored response, if it can be served without asking the server: it is fresh, or has a demanded digest.
    pub(crate) fn current(
        &self,
        request: &Request,
        constraint: Option<&Constraint<'_>>,
    ) -> Option<Response<'a>> {
        let kept = self.kept.as_ref()?;
        let is_current = || {
            self.never_changes && !freshness::asks_anew(&request.fields)
                // What is asked by a query and says nothing of its currency may be a response of the moment.
                || !(self.has_query && freshness::says_nothing(&kept.fields))
                    && freshness::is_current(kept, &request.fields, self.http_cache.now(), self.http_cache.max_age)
        };
        let fits = match (constraint, kept.status) {
            (None, 200) => is_current(),
            (None, 206) => self.never_changes,
            (None, _) => false,
            (Some(_), _) if self.is_head => true,
            (Some(constraint), 200) => {
                constraint.has(&kept.content) || self.is_borne(constraint, kept) && is_current()
            }
            (Some(constraint), 206) => constraint.has(&kept.content),
            (Some(constraint), _) => !constraint.is_recorded(),
        };
        fits.then(|| self.response(kept)).flatten()
    }

    /// The fields of a conditional request that revalidates the stored response.
    pub(crate) fn conditions(&self, constraint: Option<&Constraint<'_>>) -> Fields {
        self.to_renew(constraint).map(freshness::conditions).unwrap_or_default()
    }

    /// The stored response, if the server confirmed it with 304.
    pub(crate) fn renewed(
        &self,
        answered: &Answered,
        constraint: Option<&Constraint<'_>>,
    ) -> Option<Response<'a>> {
        let kept = self.to_renew(constraint).filter(|_| answered.status == 304)?;
        let fields = head::passed_back(&answered.fields);
        let renewed = freshness::renewed(kept, &fields, self.http_cache.now());
        // A server could add fields with each confirmation. If it is not kept, it is asked again the next time.
        let grown = length(&renewed.fields).saturating_sub(length(&kept.fields));
        if length(&renewed.fields) <= head::LARGEST as u64 && self.quota.take_for_growth(grown) {
            let _ = self.http_cache.cache.keep(&self.key, &renewed);
        }
        self.response(&renewed)
    }

    /// For locked builds: the stored index document, when its server cannot be reached. The files that it leads to must
    /// have expected digests anyway.
    pub(crate) fn stale(&self, constraint: Option<&Constraint<'_>>) -> Option<Response<'a>> {
        constraint.and_then(|_| self.to_renew(constraint)).and_then(|kept| self.response(kept))
    }

    /// The stored response, if it may be served once the server has confirmed it.
    fn to_renew(&self, constraint: Option<&Constraint<'_>>) -> Option<&Kept> {
        let kept = self.kept.as_ref().filter(|kept| kept.status == 200 && !self.is_head)?;
        constraint.is_none_or(|constraint| self.is_borne(constraint, kept)).then_some(kept)
    }

    fn is_borne(&self, constraint: &Constraint<'_>, kept: &Kept) -> bool {
        constraint.bears(expected::looks_up(self.address, &kept.fields))
    }

    /// Where to keep a response, if it may be kept.
    pub(crate) fn pending(&self, answered: &Answered) -> Option<PendingEntry<'a>> {
        // Without either, the end of the connection is the end of the body, be it broken or not.
        if !self.is_head
            && !["content-length", "transfer-encoding"]
                .iter()
                .any(|name| head::values(&answered.fields, name).next().is_some())
        {
            return None;
        }
        let fields = head::passed_back(&answered.fields);
        let (mut fields, current_at) = freshness::to_keep(answered.status, &fields, self.http_cache.now())?;
        if self.is_head {
            // The length of the body that a `GET` would get.
            fields.extend(answered.fields.iter().filter(|(name, _)| name == LENGTH).cloned());
        }
        let announced = if self.is_head { None } else { head::announced_length(&answered.fields) };
        let copy = self.quota.incoming(&*self.http_cache.cache, length(&fields), announced);
        Some(PendingEntry {
            http_cache: self.http_cache,
            key: self.key,
            status: answered.status,
            fields,
            current_at,
            copy,
        })
    }

    fn response(&self, kept: &Kept) -> Option<Response<'a>> {
        let body = self.http_cache.cache.open(&kept.content).ok()?;
        let mut fields = kept.fields.clone();
        let age = self.http_cache.now().saturating_sub(kept.current_at);
        fields.push(("age".to_owned(), age.to_string().into_bytes()));
        let length = match self.is_head {
            true => head::announced_length(&fields),
            false => Some(kept.size),
        };
        fields.retain(|(name, _)| name != LENGTH);
        Some(Response { status: kept.status, fields, length, body, cached: true })
    }
}

/// The length in bytes of header fields, as far as their texts go.
fn length(fields: &Fields) -> u64 {
    fields.iter().map(|(name, value)| (name.len() + value.len()) as u64).sum()
}

impl<'a> PendingEntry<'a> {
    /// Splits off the writer for the body.
    pub(crate) fn open(mut self) -> (Option<Box<dyn Incoming + 'a>>, PendingEntry<'a>) {
        (self.copy.take(), self)
    }

    /// Stores the response once its body is written. An error is ignored: the response is fetched again the next time.
    pub(crate) fn keep(self, copy: Box<dyn Incoming + 'a>, transfer: &Transfer) {
        let (status, fields, content, size) = (self.status, self.fields, transfer.digest, transfer.size);
        if copy.keep().is_ok_and(|digest| digest == content) {
            let kept = Kept { status, fields, content, size, current_at: self.current_at };
            let _ = self.http_cache.cache.keep(&self.key, &kept);
        }
    }
}
