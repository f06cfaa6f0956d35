//! Chooses a release: reads every request, finds what fits them all, and says what lost. Which
//! releases there are, and what a request means, is the language's [`Releases`].

use packwright_planner::{Decision, Delivered, Diagnostic, Origin, Overridden, Severity, ToolVersion};

use super::{Request, Requests, Tool, Unclear, Word, messages};

/// What can be had of a tool, and what requests for it mean.
pub trait Releases {
    /// What a request means.
    type Wanted;
    /// One release, or a line of releases, that can be had.
    type Release: Clone;

    /// Reads a request; `word` is never [`Word::System`], [`Word::Revision`] nor
    /// [`Word::Relative`].
    ///
    /// Errors: why it means no version.
    fn read(&self, request: &Request, word: Word<'_>) -> Result<Self::Wanted, Unclear>;

    /// All releases that fulfil `wanted`, the best first.
    fn candidates(&self, wanted: &Self::Wanted) -> Vec<Self::Release>;

    /// Whether `release` fulfils `wanted`.
    fn fits(&self, wanted: &Self::Wanted, release: &Self::Release) -> bool;

    /// The release when nothing is asked for, and why it is that one.
    fn default(&self) -> (Self::Release, Origin);

    /// What people read of a release.
    fn name(&self, release: &Self::Release) -> String;

    /// What can be had, as the reason in messages.
    fn available(&self) -> String;

    /// Why a request cannot be read, in messages: what it would have to be. What can be had, unless
    /// the language has a grammar of its own for requests.
    fn readable(&self) -> String {
        self.available()
    }

    /// What can be had and is nearest to `wanted`.
    fn nearest(&self, wanted: &Self::Wanted) -> String;

    /// Whether requests that exclude each other are an error.
    fn disagreement(&self) -> Disagreement {
        Disagreement::Error
    }

    /// Whether a hint may decide: not when following it costs a download or gives a dead release.
    fn takes_hint(&self, _hint: &Self::Wanted) -> bool {
        true
    }

    /// Whether some release can satisfy all of these; asked where requests must agree.
    fn agree(&self, all: &[&Self::Wanted]) -> bool {
        let Some((first, others)) = all.split_first() else { return true };
        self.candidates(first).iter().any(|release| others.iter().all(|other| self.fits(other, release)))
    }

    /// Whether `other` lost against `first`, which gave `release`, and is told as overridden.
    fn is_overridden(&self, _first: &Self::Wanted, other: &Self::Wanted, release: &Self::Release) -> bool {
        !self.fits(other, release)
    }

    /// Whether people are warned that `release` is not what `other` asks for.
    fn contradicts(&self, other: &Self::Wanted, release: &Self::Release) -> bool {
        !self.fits(other, release)
    }

    /// The one to take of `fitting`, which has at least one, the best first.
    fn best(&self, fitting: &[Self::Release], _remarks: &mut Vec<Diagnostic>) -> Option<Self::Release> {
        fitting.first().cloned()
    }
}

/// What happens to requests that exclude each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disagreement {
    /// They are an error, unless the first one counts whatever the others say.
    Error,
    /// The first decides, and people are warned.
    Warning,
}

/// A request that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voice<W> {
    /// The request.
    pub request: Request,
    /// What it means.
    pub wanted: W,
}

/// The chosen release, and how it came to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice<W, R> {
    /// The release.
    pub release: R,
    /// Who chose it.
    pub origin: Origin,
    /// All that was asked for, in falling precedence; nothing when the default was taken.
    pub voices: Vec<Voice<W>>,
    /// Whether the first voice decided whatever the others say.
    pub first_decides: bool,
    /// The releases that fit all voices, the best first; nothing when none fits all.
    pub fitting: Vec<R>,
    /// What lost, in falling precedence.
    pub overridden: Vec<Overridden>,
    /// What people should know.
    pub diagnostics: Vec<Diagnostic>,
}

impl<W, R> Choice<W, R> {
    /// The words of the request that decided.
    pub fn asked(&self) -> Option<&str> {
        self.voices.first().map(|voice| voice.request.said.value.as_str())
    }

    /// The decision `<tool> version`, whose outcome people read as `value`.
    pub fn decision(&self, tool: &Tool, value: impl Into<String>) -> Decision {
        Decision::new(format!("{} version", tool.name), value, self.origin.clone())
            .over(self.overridden.iter().cloned())
    }

    /// The version for the plan.
    pub fn tool_version(&self, tool: &Tool, wanted: impl Into<String>, delivered: Delivered) -> ToolVersion {
        ToolVersion {
            tool: tool.name.to_owned(),
            wanted: wanted.into(),
            origin: self.origin.clone(),
            delivered,
        }
    }
}

/// Chooses a release of `tool`.
///
/// Errors: files and requests that cannot be understood, requests that exclude each other, a first
/// request for which there is no release. Where the first request counts whatever the others say,
/// what is wrong with the others is a warning.
pub fn choose<R: Releases>(
    tool: &Tool,
    requests: Requests,
    releases: &R,
) -> Result<Choice<R::Wanted, R::Release>, Vec<Diagnostic>> {
    let first_decides = requests.first_decides();
    let Requests { requests, hints, mut problems, remarks: mut diagnostics } = requests;
    let mut voices: Vec<Voice<R::Wanted>> = Vec::new();
    for (index, request) in requests.into_iter().enumerate() {
        match read(releases, &request) {
            Ok(wanted) => voices.push(Voice { request, wanted }),
            Err(unclear) => {
                let problem = messages::unreadable(tool, unclear, &request.said, &releases.readable());
                if first_decides && index == 0 {
                    return Err(vec![problem]);
                }
                problems.push(problem);
            }
        }
    }
    for hint in hints {
        match read(releases, &hint) {
            Ok(wanted) if releases.takes_hint(&wanted) => voices.push(Voice { request: hint, wanted }),
            _ => diagnostics.push(messages::hint_not_taken(tool, &hint.said)),
        }
    }
    if releases.disagreement() == Disagreement::Error && !first_decides {
        voices = agreeing(tool, releases, voices, &mut problems, &mut diagnostics);
    }
    match first_decides {
        true => diagnostics.extend(problems.into_iter().map(softened)),
        false if problems.is_empty() => {}
        false => return Err(problems),
    }
    let Some((first, others)) = voices.split_first() else {
        let (release, origin) = releases.default();
        return Ok(Choice {
            release,
            origin,
            voices,
            first_decides,
            fitting: Vec::new(),
            overridden: Vec::new(),
            diagnostics,
        });
    };
    let candidates = releases.candidates(&first.wanted);
    let suits_all = |release: &&R::Release| others.iter().all(|other| releases.fits(&other.wanted, release));
    let fitting: Vec<R::Release> = candidates.iter().filter(suits_all).cloned().collect();
    let best = releases.best(&fitting, &mut diagnostics).or_else(|| candidates.first().cloned());
    let Some(release) = best else {
        let (available, nearest) = (releases.available(), releases.nearest(&first.wanted));
        return Err(vec![messages::unavailable(tool, &first.request.said, &available, &nearest)]);
    };
    let origin = first.request.said.origin.clone();
    let mut overridden = Vec::new();
    for other in others {
        let said = &other.request.said;
        if releases.contradicts(&other.wanted, &release) {
            diagnostics.push(messages::overruled(tool, &releases.name(&release), &origin, said));
        }
        if releases.is_overridden(&first.wanted, &other.wanted, &release) {
            overridden.push(Overridden { value: said.value.clone(), origin: said.origin.clone() });
        }
    }
    Ok(Choice { release, origin, voices, first_decides, fitting, overridden, diagnostics })
}

fn read<R: Releases>(releases: &R, request: &Request) -> Result<R::Wanted, Unclear> {
    match Word::of(&request.version) {
        Word::System => Err(Unclear::System),
        Word::Revision => Err(Unclear::Revision),
        Word::Relative => Err(Unclear::Relative),
        word => releases.read(request, word),
    }
}

/// The voices that some release satisfies together. One that excludes those before it is a problem;
/// a hint that does so is left out, since a hint makes no plan fail.
fn agreeing<R: Releases>(
    tool: &Tool,
    releases: &R,
    voices: Vec<Voice<R::Wanted>>,
    problems: &mut Vec<Diagnostic>,
    remarks: &mut Vec<Diagnostic>,
) -> Vec<Voice<R::Wanted>> {
    let mut kept: Vec<Voice<R::Wanted>> = Vec::new();
    for voice in voices {
        let mut all: Vec<&R::Wanted> = kept.iter().map(|voice| &voice.wanted).collect();
        all.push(&voice.wanted);
        // What cannot be had at all is said of the request itself.
        if kept.is_empty() || releases.agree(&all) {
            kept.push(voice);
            continue;
        }
        if voice.request.source == super::Source::Hint {
            remarks.push(messages::hint_not_taken(tool, &voice.request.said));
            continue;
        }
        let excludes = |other: &&Voice<R::Wanted>| !releases.agree(&[&other.wanted, &voice.wanted]);
        let others: Vec<&Request> = match kept.iter().find(excludes) {
            Some(one) => vec![&one.request],
            None => kept.iter().map(|other| &other.request).collect(),
        };
        problems.push(messages::disagree(tool, &others, &voice.request));
    }
    kept
}

fn softened(problem: Diagnostic) -> Diagnostic {
    Diagnostic { severity: Severity::Warning, ..problem }
}
