//! What the index says about Python: which versions it chooses among, and its answer, which the step
//! `python.interpreter` writes.

use packwright_buildpack::planner::{Diagnostic, Origin, Overridden, PlanContext};

use super::wanted::Wanted;
use crate::against::Fact;
use crate::messages;
use crate::releases::{Delivery, default_release};
use crate::steps::INTERPRETER_STEP;

/// The answer of the index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The Python that it chooses; `None` where it knows none for which everything fits together.
    pub(super) taken: Option<Delivery>,
    /// What speaks against Pythons, the best ones first.
    pub(super) facts: Vec<Fact>,
}

/// Of `all` that can be had, the best first, the minor versions among which the index chooses: those of Debian, then
/// what is downloaded instead, the newest that is older than Debian's newest first.
pub(crate) fn candidates(all: &[Delivery]) -> Vec<Delivery> {
    let mut each: Vec<Delivery> = Vec::new();
    for one in all {
        if !each.iter().any(|known| known.minor == one.minor) {
            each.push(one.clone());
        }
    }
    let newest = default_release().minor;
    // Stable: what stands first stays first within its kind.
    each.sort_by_key(|one| (one.download.is_some(), one.minor > newest));
    each
}

/// The answer for `candidates` among the options of `context`; `None` where nobody asked yet.
///
/// Errors: it is none, or about other candidates.
pub(super) fn answer(
    context: &PlanContext<'_>,
    candidates: &[Delivery],
) -> Result<Option<Answer>, Vec<Diagnostic>> {
    let step = packwright_buildpack::step::name(INTERPRETER_STEP);
    let Some(text) = context.options.answers.get(&step) else { return Ok(None) };
    let read = || {
        let (first, facts) = text.split_once('\n').unwrap_or((text, ""));
        let taken = match first.trim() {
            "-" => None,
            name => Some(candidates.iter().find(|one| one.name == name)?.clone()),
        };
        let facts: Option<Vec<Fact>> = facts.lines().map(Fact::parse).collect();
        Some(Answer { taken, facts: facts? })
    };
    read().map(Some).ok_or_else(|| vec![messages::answer_unreadable(text)])
}

impl Answer {
    /// The facts against `python`.
    pub(super) fn against(&self, python: &str) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(move |fact| fact.python == python)
    }

    /// The candidates before the one that is taken, with what speaks against each.
    pub(super) fn overridden(&self, candidates: &[Delivery]) -> Vec<Overridden> {
        let Some(taken) = &self.taken else { return Vec::new() };
        let better = candidates.iter().take_while(|one| one.name != taken.name);
        let lost = better.filter_map(|one| {
            let facts: Vec<String> = self.against(one.name).map(Fact::to_string).collect();
            (!facts.is_empty()).then(|| Overridden::new(one.name, said(&facts)))
        });
        lost.collect()
    }
}

/// The index as the origin of `facts`.
fn said(facts: &[String]) -> Origin {
    const TOLD: usize = 3;
    let mut text = facts.iter().take(TOLD).cloned().collect::<Vec<_>>().join("; ");
    if facts.len() > TOLD {
        text += &format!("; and {} more", facts.len() - TOLD);
    }
    Origin::Detected(text)
}

/// Whether a request leaves open which minor version it is.
pub(super) fn leaves_open(wanted: &Wanted) -> bool {
    matches!(wanted, Wanted::Range(_))
}
