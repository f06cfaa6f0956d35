//! [`Shelf`]: the place of one request's answer in the download cache.

use packwright_oci::Digest;
use packwright_remote::Answered;

use crate::answer::Answer;
use crate::cache::{Incoming, Kept};
use crate::freshness;
use crate::http::head::{self, Fields, Framing, Request};
use crate::record::Transfer;
use crate::visit::{Keeper, Visit};

/// Where the answer to a request is kept, and what is there already.
pub(crate) struct Shelf<'a> {
    keeper: &'a Keeper,
    key: Digest,
    kept: Option<Kept>,
    /// Whether the address names its content.
    never_changes: bool,
}

/// A place that an answer is going to have.
pub(crate) struct Place<'a> {
    keeper: &'a Keeper,
    key: Digest,
    fields: Fields,
    current_at: u64,
    copy: Option<Box<dyn Incoming + 'a>>,
}

impl<'a> Shelf<'a> {
    /// The shelf for a request of `text` with these fields; `None` if there is no cache, or nothing to keep.
    ///
    /// What only a rule lets a build reach is kept apart from what everybody reaches: another build, without the rule,
    /// must not get it from here.
    pub(crate) fn of(
        visit: &'a Visit,
        text: &str,
        is_allowed: bool,
        request: &Request,
        fields: &Fields,
    ) -> Option<Shelf<'a>> {
        let keeper = visit.shared.downloads.as_ref()?;
        if request.method != "GET" || request.framing != Framing::None {
            return None;
        }
        let never_changes = freshness::names_its_content(text);
        let text = if is_allowed { format!("{text} by rule") } else { text.to_owned() };
        let key = freshness::key(&text, fields)?;
        // A record whose content is gone is none.
        let kept = keeper.cache.find(&key).ok().flatten();
        let kept = kept.filter(|kept| keeper.cache.open(&kept.content).is_ok());
        Some(Shelf { keeper, key, kept, never_changes })
    }

    /// The kept answer, if nobody has to be asked.
    pub(crate) fn current(&self, request: &Request) -> Option<Answer<'a>> {
        let kept = self.kept.as_ref()?;
        let is_current = freshness::is_current(kept, &request.fields, self.keeper.now(), self.keeper.max_age);
        (self.never_changes || is_current).then(|| self.answer(kept)).flatten()
    }

    /// The fields that ask whether the kept answer is still current.
    pub(crate) fn conditions(&self) -> Fields {
        self.kept.as_ref().map(freshness::conditions).unwrap_or_default()
    }

    /// The kept answer, if the server says that it is still current.
    pub(crate) fn renewed(&self, answered: &Answered) -> Option<Answer<'a>> {
        let kept = self.kept.as_ref().filter(|_| answered.status == 304)?;
        let fields = head::passed_back(&answered.fields);
        let renewed = freshness::renewed(kept, &fields, self.keeper.now());
        // If that fails, it is asked again the next time.
        let _ = self.keeper.cache.keep(&self.key, &renewed);
        self.answer(&renewed)
    }

    /// Where to keep an answer, if it may be kept.
    pub(crate) fn place(&self, answered: &Answered) -> Option<Place<'a>> {
        let fields = head::passed_back(&answered.fields);
        let (fields, current_at) = freshness::to_keep(answered.status, &fields, self.keeper.now())?;
        let copy = self.keeper.cache.incoming().ok();
        Some(Place { keeper: self.keeper, key: self.key, fields, current_at, copy })
    }

    fn answer(&self, kept: &Kept) -> Option<Answer<'a>> {
        let body = self.keeper.cache.open(&kept.content).ok()?;
        let mut fields = kept.fields.clone();
        let age = self.keeper.now().saturating_sub(kept.current_at);
        fields.push(("age".to_owned(), age.to_string().into_bytes()));
        Some(Answer { status: 200, fields, length: Some(kept.size), body, cached: true })
    }
}

impl<'a> Place<'a> {
    /// Takes out what the body is written to.
    pub(crate) fn open(mut self) -> (Option<Box<dyn Incoming + 'a>>, Place<'a>) {
        (self.copy.take(), self)
    }

    /// Keeps the answer whose body was copied. Whatever fails here, it is fetched again the next time.
    pub(crate) fn keep(self, copy: Box<dyn Incoming + 'a>, transfer: &Transfer) {
        let (fields, content, size) = (self.fields, transfer.digest, transfer.size);
        if copy.keep().is_ok_and(|digest| digest == content) {
            let kept = Kept { fields, content, size, current_at: self.current_at };
            let _ = self.keeper.cache.keep(&self.key, &kept);
        }
    }
}
