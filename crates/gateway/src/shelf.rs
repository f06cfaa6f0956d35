//! [`Shelf`]: the place of one request's answer in the download cache.

use packwright_oci::Digest;
use packwright_remote::Answered;

use crate::answer::Answer;
use crate::cache::{Incoming, Kept};
use crate::expected::{self, Demand};
use crate::freshness;
use crate::http::head::{self, Fields, Framing, Request};
use crate::record::Transfer;
use crate::target::Target;
use crate::visit::{Keeper, Visit};

const LENGTH: &str = "content-length";

/// Where the answer to a request is kept, and what is there already.
pub(crate) struct Shelf<'a> {
    keeper: &'a Keeper,
    address: &'a str,
    key: Digest,
    kept: Option<Kept>,
    /// Whether it is about the head alone.
    is_head: bool,
    /// Whether the address names its content.
    never_changes: bool,
    has_query: bool,
}

/// A place that an answer is going to have.
pub(crate) struct Place<'a> {
    keeper: &'a Keeper,
    key: Digest,
    status: u16,
    fields: Fields,
    current_at: u64,
    copy: Option<Box<dyn Incoming + 'a>>,
}

impl<'a> Shelf<'a> {
    /// The shelf for a request to `target` with these fields; `None` if there is no cache, or nothing to keep.
    ///
    /// What only a rule lets a build reach is kept apart from what everybody reaches: another build, without the rule,
    /// must not get it from here.
    pub(crate) fn of(
        visit: &'a Visit,
        target: &'a Target,
        request: &Request,
        fields: &Fields,
    ) -> Option<Shelf<'a>> {
        let keeper = visit.shared.downloads.as_ref()?;
        let is_head = request.method == "HEAD";
        if !(is_head || request.method == "GET") || request.framing != Framing::None {
            return None;
        }
        let text = &target.text;
        let (never_changes, has_query) = (freshness::names_its_content(text), text.contains('?'));
        let text = if target.is_allowed { format!("{text} by rule") } else { text.clone() };
        let text = if is_head { format!("HEAD {text}") } else { text };
        let key = freshness::key(&text, fields)?;
        // A record whose content is gone is none.
        let kept = keeper.cache.find(&key).ok().flatten();
        let kept = kept.filter(|kept| keeper.cache.open(&kept.content).is_ok());
        Some(Shelf { keeper, address: &target.address, key, kept, is_head, never_changes, has_query })
    }

    /// The kept answer, if nobody has to be asked: it is current, or is the one that is demanded.
    pub(crate) fn current(&self, request: &Request, demand: Option<&Demand<'_>>) -> Option<Answer<'a>> {
        let kept = self.kept.as_ref()?;
        let is_current = || {
            self.never_changes && !freshness::asks_anew(&request.fields)
                // What is asked by a query and says nothing of its currency may be an answer of the moment.
                || !(self.has_query && freshness::says_nothing(&kept.fields))
                    && freshness::is_current(kept, &request.fields, self.keeper.now(), self.keeper.max_age)
        };
        let fits = match (demand, kept.status) {
            (None, 200) => is_current(),
            (None, 206) => self.never_changes,
            (None, _) => false,
            (Some(_), _) if self.is_head => true,
            (Some(demand), 200) => demand.has(&kept.content) || self.is_borne(demand, kept) && is_current(),
            (Some(demand), 206) => demand.has(&kept.content),
            (Some(demand), _) => !demand.is_recorded(),
        };
        fits.then(|| self.answer(kept)).flatten()
    }

    /// The fields that ask whether the kept answer is still current.
    pub(crate) fn conditions(&self, demand: Option<&Demand<'_>>) -> Fields {
        self.to_renew(demand).map(freshness::conditions).unwrap_or_default()
    }

    /// The kept answer, if the server says that it is still current.
    pub(crate) fn renewed(&self, answered: &Answered, demand: Option<&Demand<'_>>) -> Option<Answer<'a>> {
        let kept = self.to_renew(demand).filter(|_| answered.status == 304)?;
        let fields = head::passed_back(&answered.fields);
        let renewed = freshness::renewed(kept, &fields, self.keeper.now());
        // If that fails, it is asked again the next time.
        let _ = self.keeper.cache.keep(&self.key, &renewed);
        self.answer(&renewed)
    }

    /// The kept document in which versions are looked up, when no server can be asked for a newer one: what it leads to
    /// must be in the record anyway.
    pub(crate) fn stale(&self, demand: Option<&Demand<'_>>) -> Option<Answer<'a>> {
        demand.and_then(|_| self.to_renew(demand)).and_then(|kept| self.answer(kept))
    }

    /// The kept answer, if it may be handed out as long as the server confirms it.
    fn to_renew(&self, demand: Option<&Demand<'_>>) -> Option<&Kept> {
        let kept = self.kept.as_ref().filter(|kept| kept.status == 200 && !self.is_head)?;
        demand.is_none_or(|demand| self.is_borne(demand, kept)).then_some(kept)
    }

    fn is_borne(&self, demand: &Demand<'_>, kept: &Kept) -> bool {
        demand.bears(expected::looks_up(self.address, &kept.fields))
    }

    /// Where to keep an answer, if it may be kept.
    pub(crate) fn place(&self, answered: &Answered) -> Option<Place<'a>> {
        // Without either, the end of the connection is the end of the body, be it broken or not.
        if !self.is_head
            && !["content-length", "transfer-encoding"]
                .iter()
                .any(|name| head::values(&answered.fields, name).next().is_some())
        {
            return None;
        }
        let fields = head::passed_back(&answered.fields);
        let (mut fields, current_at) = freshness::to_keep(answered.status, &fields, self.keeper.now())?;
        if self.is_head {
            // It is the length of what is not there.
            fields.extend(answered.fields.iter().filter(|(name, _)| name == LENGTH).cloned());
        }
        let copy = self.keeper.cache.incoming().ok();
        Some(Place { keeper: self.keeper, key: self.key, status: answered.status, fields, current_at, copy })
    }

    fn answer(&self, kept: &Kept) -> Option<Answer<'a>> {
        let body = self.keeper.cache.open(&kept.content).ok()?;
        let mut fields = kept.fields.clone();
        let age = self.keeper.now().saturating_sub(kept.current_at);
        fields.push(("age".to_owned(), age.to_string().into_bytes()));
        let length = match self.is_head {
            true => head::announced_length(&fields),
            false => Some(kept.size),
        };
        fields.retain(|(name, _)| name != LENGTH);
        Some(Answer { status: kept.status, fields, length, body, cached: true })
    }
}

impl<'a> Place<'a> {
    /// Takes out what the body is written to.
    pub(crate) fn open(mut self) -> (Option<Box<dyn Incoming + 'a>>, Place<'a>) {
        (self.copy.take(), self)
    }

    /// Keeps the answer whose body was copied. Whatever fails here, it is fetched again the next time.
    pub(crate) fn keep(self, copy: Box<dyn Incoming + 'a>, transfer: &Transfer) {
        let (status, fields, content, size) = (self.status, self.fields, transfer.digest, transfer.size);
        if copy.keep().is_ok_and(|digest| digest == content) {
            let kept = Kept { status, fields, content, size, current_at: self.current_at };
            let _ = self.keeper.cache.keep(&self.key, &kept);
        }
    }
}
