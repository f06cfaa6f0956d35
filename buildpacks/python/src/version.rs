//! Which Python: the facts of Python for the kit's choice of a version, and what follows from it.
//!
//! The kit collects and orders the requests. Here is how they are read ([`Wanted`]), which releases
//! there are, and that wheels count: where requests leave a choice, the index is asked ([`index`]), and as
//! long as it has not answered, that one of Debian's is taken for which fewer packages lack a wheel.

mod index;
mod wanted;

use packwright_buildpack::planner::{
    Decision, Delivered, Diagnostic, Origin, PlanContext, Requested, ToolVersion,
};
use packwright_buildpack::version::{
    self, Choice, Disagreement, Hints, Manifests, Notation, Releases, Request, Requests, Source, Tool,
    Unclear, VersionFile, Voice, Word,
};

use crate::against::Fact;
use crate::messages;
use crate::releases::{Delivery, default_release, of_debian};
use crate::runtime;
use crate::steps::INTERPRETER_STEP;
use crate::wheel_coverage::WheelCoverage;
use index::Answer;
use wanted::Wanted;

/// Python, as version managers and messages know it.
const TOOL: Tool = Tool {
    language: "python",
    name: "python",
    title: "Python",
    option: "PACKWRIGHT_PYTHON_VERSION",
    names: &["python"],
    prefixes: &["cpython-", "python-"],
    files: &[
        VersionFile::words(".python-version"),
        VersionFile::words(".python-versions"),
        VersionFile::TOOL_VERSIONS,
        VersionFile::MISE,
        VersionFile::prefixed("runtime.txt", "python-"),
    ],
    hints: Hints::Last,
    example: "3.13",
};

/// The chosen Python.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ChosenPython {
    /// Where it comes from.
    pub(crate) delivery: Delivery,
    /// The version as far as it was asked for.
    pub(crate) tool: ToolVersion,
    /// The choice, with the requests that lost.
    pub(crate) decision: Decision,
    /// A version that is not taken, since Debian lacks it, for which the lock file holds more wheels.
    pub(crate) with_more_wheels: Option<&'static str>,
    /// The packages that have wheels for other Pythons and none for it, where the index was asked.
    pub(crate) without_wheels: Option<Vec<String>>,
    /// What people should know.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Chooses the Python version. `requests` are those of the manifests, in falling precedence;
/// `coverage` knows for which Python the packages have wheels.
///
/// Errors: requests that cannot be understood; a first request that cannot be delivered.
pub(crate) fn choose(
    context: &PlanContext<'_>,
    requests: Vec<(Requested<String>, Notation)>,
    coverage: Option<WheelCoverage<'_>>,
) -> Result<ChosenPython, Vec<Diagnostic>> {
    // Where the index has answered, the tables have nothing to say.
    let is_asked = coverage.is_some_and(|coverage| coverage.is_of_the_index());
    let step = packwright_buildpack::step::name(INTERPRETER_STEP);
    let is_answered = is_asked && context.options.answers.contains_key(&step);
    let tables = coverage.filter(|_| !is_answered);
    let pythons = Pythons { coverage: tables };
    let manifests = Manifests { pins: Vec::new(), requests };
    let mut requests = version::collect(&TOOL, context, None, manifests);
    let nearest = take_nearest(&pythons, &mut requests);
    let mut choice = version::choose(&TOOL, requests, &pythons)?;
    let candidates = if is_asked { open_to_the_index(&choice) } else { Vec::new() };
    let answer = index::answer(context, &candidates)?.filter(|_| !candidates.is_empty());
    if let Some(answer) = &answer {
        take(answer, &candidates, &mut choice);
    }
    let mut delivery = choice.release.clone();
    let mut diagnostics = choice.diagnostics.clone();
    diagnostics.extend(nearest);
    let facts: Vec<Fact> = answer.iter().flat_map(|answer| answer.against(delivery.name)).cloned().collect();
    diagnostics.extend(facts.iter().filter_map(messages::module_imported));
    diagnostics.extend(
        tables
            .iter()
            .flat_map(|coverage| coverage.missing_modules(&delivery))
            .map(|missing| messages::module_missing(&missing, delivery.name)),
    );
    if choice.voices.is_empty() && answer.is_none() {
        diagnostics.extend(pythons.remark(&default_release(), &delivery));
    }
    delivery.candidates = candidates.iter().map(|one| one.name).collect();
    delivery.bounds = bounds(&delivery, &choice.voices);
    let lacking = |one: &Delivery| tables.map_or(0, |coverage| coverage.lacking(one).len());
    let fitting = choice.fitting.iter();
    let better = fitting.filter(|one| one.download.is_some() && lacking(one) < lacking(&delivery));
    let with_more_wheels = better.min_by_key(|one| lacking(one)).map(|one| one.name);
    let wanted = match (choice.voices.first().map(|voice| &voice.wanted), &delivery.download) {
        (_, Some(request)) => request.clone(),
        (Some(Wanted::Exact { patch: Some(patch), .. }), None) => format!("{}.{patch}", delivery.name),
        _ => delivery.name.to_owned(),
    };
    let delivered = match delivery.download {
        None => Delivered::Package(format!("python{}-minimal", delivery.name)),
        Some(_) => runtime::delivered(),
    };
    Ok(ChosenPython {
        tool: choice.tool_version(&TOOL, &wanted, delivered),
        decision: choice.decision(&TOOL, wanted),
        delivery,
        with_more_wheels,
        without_wheels: answer
            .map(|_| facts.iter().filter_map(Fact::without_wheel).map(str::to_owned).collect()),
        diagnostics,
    })
}

/// The Pythons among which the index chooses; none where one is asked for, or only one can be had.
fn open_to_the_index(choice: &Choice<Wanted, Delivery>) -> Vec<Delivery> {
    if !choice.voices.iter().all(|voice| index::leaves_open(&voice.wanted)) {
        return Vec::new();
    }
    let candidates = match choice.voices.is_empty() {
        true => {
            index::candidates(&Wanted::exact("3").iter().flat_map(Wanted::deliveries).collect::<Vec<_>>())
        }
        false => index::candidates(&choice.fitting),
    };
    if candidates.len() > 1 { candidates } else { Vec::new() }
}

/// Lets `answer` decide; what speaks against better candidates stands in the decision.
fn take(answer: &Answer, candidates: &[Delivery], choice: &mut Choice<Wanted, Delivery>) {
    let Some(taken) = &answer.taken else { return };
    let lost = answer.overridden(candidates);
    if let (Some(first), true) = (lost.first(), choice.voices.is_empty()) {
        choice.origin = first.origin.clone();
    }
    choice.overridden.splice(0..0, lost);
    choice.release = taken.clone();
}

/// Where only a hint speaks, and of a Python from before all of Debian's, lets it ask for the oldest that Debian
/// has: packages of that time are more likely made for it than for the newest.
fn take_nearest(pythons: &Pythons<'_>, requests: &mut Requests) -> Option<Diagnostic> {
    let hint = requests.hints.first_mut().filter(|_| requests.requests.is_empty())?;
    let oldest = of_debian().next()?;
    let word = Word::of(&hint.version);
    let wanted = match word {
        Word::Version(_) => pythons.read(hint, word).ok()?,
        _ => return None,
    };
    match wanted {
        Wanted::Exact { minor, .. } if minor < oldest.minor && minor >= (3, 0) => {
            let remark = messages::version_nearest(&hint.said, oldest.name);
            hint.version = oldest.name.to_owned();
            Some(remark)
        }
        _ => None,
    }
}

/// The conditions of those requests that `delivery` fulfils on its third number, when uv is to choose
/// that one: the newest in uv's list fulfils them, the newest in a list of one's own need not.
fn bounds(delivery: &Delivery, voices: &[Voice<Wanted>]) -> Option<String> {
    let is_open = delivery.download.as_deref() == Some(delivery.name);
    let takers = voices.iter().filter(|voice| is_open && voice.wanted.takes(delivery));
    let mut bounds: Vec<String> = takers.filter_map(|voice| voice.wanted.bound(delivery)).collect();
    bounds.sort();
    bounds.dedup();
    (!bounds.is_empty()).then(|| bounds.join(","))
}

/// The Pythons that can be had, and what the project's packages say about them.
struct Pythons<'a> {
    coverage: Option<WheelCoverage<'a>>,
}

impl Pythons<'_> {
    /// Of the Pythons of Debian in `fitting`, the newest of those for which the fewest packages lack a
    /// wheel: a release that is older than a Python often cannot even be compiled for it.
    fn with_wheels(&self, newest: &Delivery, fitting: &[Delivery]) -> Delivery {
        let Some(coverage) = self.coverage else { return newest.clone() };
        let of_debian = fitting.iter().filter(|one| one.download.is_none() && newest.download.is_none());
        of_debian.min_by_key(|one| coverage.lacking(one).len()).unwrap_or(newest).clone()
    }

    /// That `best` is taken and not `newest`, because of the wheels.
    fn remark(&self, newest: &Delivery, best: &Delivery) -> Option<Diagnostic> {
        let coverage = self.coverage.filter(|_| best != newest)?;
        let origin = coverage.origin(newest)?;
        let lacking = coverage.lacking(best);
        let mut names = coverage.lacking(newest);
        names.retain(|name| !lacking.contains(name));
        Some(messages::version_with_wheels(best.name, newest.name, &names, &origin))
    }
}

impl Releases for Pythons<'_> {
    type Wanted = Wanted;
    type Release = Delivery;

    fn read(&self, request: &Request, word: Word<'_>) -> Result<Wanted, Unclear> {
        let wanted = match (word, request.source) {
            (Word::Newest, _) => Wanted::exact("3"),
            (Word::Version(text), Source::Manifest(Notation::Range)) => Wanted::range(text),
            (Word::Version(text), _) => Wanted::exact_or_range(wanted::of_cpython(text)),
            _ => None,
        };
        wanted.ok_or(Unclear::Unknown)
    }

    fn candidates(&self, wanted: &Wanted) -> Vec<Delivery> {
        wanted.deliveries()
    }

    fn fits(&self, wanted: &Wanted, release: &Delivery) -> bool {
        wanted.takes(release)
    }

    fn default(&self) -> (Delivery, Origin) {
        let newest = default_release();
        let all: Vec<Delivery> = of_debian().rev().collect();
        let best = self.with_wheels(&newest, &all);
        let by_wheels = self.coverage.and_then(|coverage| coverage.origin(&newest));
        let origin = by_wheels.filter(|_| best != newest);
        let by_default = || Origin::Default("the newest Python of the current Debian".to_owned());
        (best, origin.unwrap_or_else(by_default))
    }

    fn name(&self, release: &Delivery) -> String {
        release.name.to_owned()
    }

    fn available(&self) -> String {
        messages::available()
    }

    fn nearest(&self, wanted: &Wanted) -> String {
        wanted.nearest()
    }

    fn disagreement(&self) -> Disagreement {
        Disagreement::Warning
    }

    /// Nothing is downloaded for a hint.
    fn takes_hint(&self, hint: &Wanted) -> bool {
        hint.deliveries().iter().any(|delivery| delivery.download.is_none())
    }

    fn is_overridden(&self, first: &Wanted, other: &Wanted, release: &Delivery) -> bool {
        let patches_differ = match (first, other) {
            (Wanted::Exact { patch: Some(first), .. }, Wanted::Exact { patch: Some(other), .. }) => {
                first != other
            }
            (Wanted::Exact { .. }, Wanted::Exact { .. }) => false,
            (_, other) => !other.takes(release),
        };
        patches_differ || !other.takes_minor(release)
    }

    fn contradicts(&self, other: &Wanted, release: &Delivery) -> bool {
        !other.takes_minor(release)
    }

    fn best(&self, fitting: &[Delivery], remarks: &mut Vec<Diagnostic>) -> Option<Delivery> {
        let newest = fitting.first()?;
        let best = self.with_wheels(newest, fitting);
        remarks.extend(self.remark(newest, &best));
        Some(best)
    }
}

impl ChosenPython {
    /// The Debian suite that has this version.
    pub(crate) fn suite(&self) -> Requested<String> {
        Requested {
            value: self.delivery.suite.to_owned(),
            origin: Origin::Detected(match self.delivery.download {
                None => {
                    format!("Python {} is part of Debian {}", self.delivery.name, self.delivery.suite)
                }
                Some(_) => format!("Python {} is part of no Debian and is downloaded", self.tool.wanted),
            }),
        }
    }
}
