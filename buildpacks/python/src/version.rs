//! Which Python: collects what the files and the caller ask for, chooses by precedence, and
//! reports what lost. The choice carries its origin.

mod files;
mod request;
mod wanted;

use packwright_planner::{
    Component, Decision, Delivered, Diagnostic, Origin, Overridden, PlanContext, PlanOptions, Requested,
    ToolVersion,
};

use crate::messages;
use crate::releases::{DEFAULT, DELIVERIES, Delivery};
use crate::runtime;
use crate::wheel_coverage::WheelCoverage;
pub(crate) use request::{Form, Wish};
use request::{Voice, voice};
use wanted::Wanted;

/// The variable by which the caller chooses.
pub(crate) const OPTION: &str = "PACKWRIGHT_PYTHON_VERSION";

/// The chosen Python.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ChosenPython {
    /// Where it comes from.
    pub(crate) delivery: Delivery,
    /// The version as far as it was asked for.
    pub(crate) tool: ToolVersion,
    /// The choice, with what else was said.
    pub(crate) decision: Decision,
    /// A version that is not taken, since Debian lacks it, for which the lock file holds more wheels.
    pub(crate) with_more_wheels: Option<&'static str>,
    /// What people should know.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Chooses the Python version. `wishes` are those of the manifests, in falling precedence.
///
/// Precedence: [`OPTION`], the files of a chosen platform, `.python-version`, `.tool-versions`,
/// mise's file, `runtime.txt`, the files of other platforms, the manifests, files that give hints,
/// the default. A chosen platform may read those files in another order, or not at all. Where these leave a choice, `published` tells for which Python the
/// packages are.
///
/// Errors: every voice that cannot be understood; a winner that cannot be delivered.
pub(crate) fn choose(
    context: &PlanContext<'_>,
    wishes: &[Wish],
    published: Option<WheelCoverage<'_>>,
) -> Result<ChosenPython, Vec<Diagnostic>> {
    let PlanContext { tree, options, model, .. } = *context;
    let mut diagnostics = Vec::new();
    let mut problems = Vec::new();
    let mut voices = Vec::new();
    let mut add = |found: Result<Option<Voice>, Diagnostic>| match found {
        Ok(voice) => voices.extend(voice),
        Err(problem) => problems.push(problem),
    };
    add(from_option(options));
    let declared = |model: &Component| -> Vec<Result<Option<Voice>, Diagnostic>> {
        let said = model.version_requests("python");
        said.map(|wish| voice(Wanted::exact_or_range(&wish.value), &wish.value, &wish.origin)).collect()
    };
    let is_chosen = model.is_chosen();
    declared(model).into_iter().filter(|_| is_chosen).for_each(&mut add);
    let usual = [".python-version", ".tool-versions", "mise.toml", "runtime.txt"].map(str::to_owned);
    for name in model.customs.version_files.as_deref().unwrap_or(&usual) {
        match name.as_str() {
            ".python-version" => add(files::python_version(tree, &mut diagnostics)),
            ".tool-versions" => add(files::tool_versions(tree, &mut diagnostics)),
            "mise.toml" => add(files::mise(tree, &mut diagnostics)),
            "runtime.txt" => add(files::runtime(tree, &mut diagnostics)),
            // A file of another language.
            _ => {}
        }
    }
    declared(model).into_iter().filter(|_| !is_chosen).for_each(&mut add);
    for wish in wishes {
        let wanted = match wish.form {
            Form::Version => Wanted::exact_or_range(&wish.text),
            Form::Range => Wanted::range(&wish.text),
        };
        add(voice(wanted, &wish.text, &wish.origin));
    }
    // A hint does not make a plan fail, and nothing is downloaded for one.
    let hints = model.hints.iter().flat_map(|hints| declared(hints)).filter_map(|hint| hint.ok()?);
    for hint in hints {
        match hint.wanted.deliveries().iter().any(|delivery| delivery.download.is_none()) {
            true => add(Ok(Some(hint))),
            false => diagnostics.push(messages::hint_not_taken(&hint.text, &hint.origin)),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    decide(&voices, published, diagnostics)
}

fn decide(
    voices: &[Voice],
    published: Option<WheelCoverage<'_>>,
    mut diagnostics: Vec<Diagnostic>,
) -> Result<ChosenPython, Vec<Diagnostic>> {
    let Some((first, others)) = voices.split_first() else {
        let all: Vec<&Delivery> = DELIVERIES.iter().rev().collect();
        let best = published.map_or(DEFAULT, |it| with_wheels(DEFAULT, &all, it, &mut diagnostics));
        let told = published.and_then(|it| it.origin(DEFAULT)).filter(|_| best != DEFAULT);
        let newest = || Origin::Default("the newest Python of the current Debian".to_owned());
        let origin = told.unwrap_or_else(newest);
        return Ok(chosen(best.clone(), best.name.to_owned(), origin, Vec::new(), diagnostics));
    };
    let deliveries = first.wanted.deliveries();
    // The best for the first voice that suits the others too; otherwise the best for the first.
    let suits_all = |one: &&Delivery| others.iter().all(|other| other.wanted.takes(one));
    let fitting: Vec<&Delivery> = deliveries.iter().filter(suits_all).collect();
    let Some(newest) = fitting.first().copied().or(deliveries.first()) else {
        return Err(vec![messages::version_unavailable(&first.text, &first.origin, &first.wanted.nearest())]);
    };
    let mut delivery =
        published.map_or(newest, |it| with_wheels(newest, &fitting, it, &mut diagnostics)).clone();
    delivery.bounds = bounds(&delivery, voices);
    let lacking = |one: &Delivery| published.map_or(0, |it| it.lacking(one).len());
    let downloads = fitting.iter().filter(|one| one.download.is_some() && lacking(one) < lacking(&delivery));
    let with_more_wheels = downloads.min_by_key(|one| lacking(one)).map(|one| one.name);
    let mut overridden = Vec::new();
    for other in others {
        let same_minor = other.wanted.takes_minor(&delivery);
        if !same_minor {
            diagnostics.push(messages::versions_differ(&delivery, &first.origin, &other.text, &other.origin));
        }
        let contradicts = match (&first.wanted, &other.wanted) {
            (Wanted::Exact { patch: a, .. }, Wanted::Exact { patch: b, .. }) => {
                a.is_some() && b.is_some() && a != b
            }
            (_, other) => !other.takes(&delivery),
        };
        if !same_minor || contradicts {
            overridden.push(Overridden { value: other.text.clone(), origin: other.origin.clone() });
        }
    }
    let wanted = match (&first.wanted, &delivery.download) {
        (_, Some(request)) => request.clone(),
        (Wanted::Exact { patch: Some(patch), .. }, None) => format!("{}.{patch}", delivery.name),
        _ => delivery.name.to_owned(),
    };
    let chosen = chosen(delivery, wanted, first.origin.clone(), overridden, diagnostics);
    Ok(ChosenPython { with_more_wheels, ..chosen })
}

/// What the voices that take `delivery` say about its third number, when uv is to choose that one:
/// the newest in uv's list fulfils it, the newest in a list of one's own need not.
fn bounds(delivery: &Delivery, voices: &[Voice]) -> Option<String> {
    let is_open = delivery.download.as_deref() == Some(delivery.name);
    let takers = voices.iter().filter(|voice| is_open && voice.wanted.takes(delivery));
    let mut bounds: Vec<String> = takers.filter_map(|voice| voice.wanted.bound(delivery)).collect();
    bounds.sort();
    bounds.dedup();
    (!bounds.is_empty()).then(|| bounds.join(","))
}

/// Of the Pythons of Debian that all voices take, the newest of those for which the fewest packages
/// lack a wheel: a release that is older than a Python often cannot even be compiled for it.
fn with_wheels<'a>(
    newest: &'a Delivery,
    fitting: &[&'a Delivery],
    published: WheelCoverage<'_>,
    diagnostics: &mut Vec<Diagnostic>,
) -> &'a Delivery {
    let debian = fitting.iter().copied().filter(|one| one.download.is_none() && newest.download.is_none());
    let best = debian.min_by_key(|one| published.lacking(one).len()).unwrap_or(newest);
    if best != newest
        && let Some(origin) = published.origin(newest)
    {
        let lacking = published.lacking(best);
        let mut names = published.lacking(newest);
        names.retain(|name| !lacking.contains(name));
        diagnostics.push(messages::version_with_wheels(best.name, newest.name, &names, &origin));
    }
    best
}

fn chosen(
    delivery: Delivery,
    wanted: String,
    origin: Origin,
    overridden: Vec<Overridden>,
    diagnostics: Vec<Diagnostic>,
) -> ChosenPython {
    let delivered = match delivery.download {
        None => Delivered::Package(format!("python{}-minimal", delivery.name)),
        Some(_) => runtime::delivered(),
    };
    ChosenPython {
        delivery,
        tool: ToolVersion {
            tool: "python".to_owned(),
            wanted: wanted.clone(),
            origin: origin.clone(),
            delivered,
        },
        decision: Decision { subject: "python version".to_owned(), value: wanted, origin, overridden },
        with_more_wheels: None,
        diagnostics,
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

fn from_option(options: &PlanOptions) -> Result<Option<Voice>, Diagnostic> {
    let Some(text) = options.environment.get(OPTION) else {
        return Ok(None);
    };
    let origin = Origin::Option(format!("--env {OPTION}={text}"));
    voice(Wanted::exact_or_range(text.trim()), text.trim(), &origin)
}
