//! Which Node, and which Bun: collects what the files and the caller ask for, finds what all of
//! them allow, and chooses the release line. The choice carries its origin.
//!
//! The exact release is found when the plan is pinned: here is no list of releases, only of lines.

pub(crate) mod lines;
pub(crate) mod range;
mod request;
mod sources;
pub(crate) mod tool;

use packwright_planner::{
    Decision, Delivered, Diagnostic, Origin, Overridden, PlanContext, Requested, Severity, ToolVersion,
};

use crate::manifest::PackageJson;
use crate::messages;
use lines::{LineStatus, ReleaseLine};
use range::Range;
pub(crate) use tool::JsRuntime;

/// The chosen version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuntimeVersion {
    /// Of what.
    pub(crate) tool: JsRuntime,
    /// The version as far as it was asked for.
    pub(crate) version: ToolVersion,
    /// The releases of which the newest is taken.
    pub(crate) range: Range,
    /// The words in which it was asked for.
    pub(crate) asked: String,
    /// The least major number that it can have; with Node the major number.
    pub(crate) major: u64,
    /// The choice, with what else was said.
    pub(crate) decision: Decision,
    /// What people should know.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// One voice: what it wants and in which words.
struct Voice {
    range: Range,
    said: Requested<String>,
}

/// Chooses the version of `tool` for the package `app` of the workspace `root`, which may be the
/// same.
///
/// Precedence: the caller's variable, a chosen platform's files, files that hold a version alone, `.tool-versions`, mise's
/// file, `volta`, `devEngines`, `engines`, the default. The release satisfies all of them; the
/// first one decides whose wish it is called.
///
/// Errors: every wish that cannot be understood, wishes that exclude each other unless the caller
/// chose, and a version that cannot be had.
pub(crate) fn choose(
    tool: JsRuntime,
    context: &PlanContext<'_>,
    root: &PackageJson,
    app: &PackageJson,
) -> Result<RuntimeVersion, Vec<Diagnostic>> {
    let sources::Sayings {
        mut wishes,
        hint,
        first_counts: by_caller,
        mut problems,
        remarks: mut diagnostics,
    } = sources::sayings(tool, context, root, app);
    if let Some(hint) = hint {
        match is_alive(tool, &hint.value) {
            true => wishes.push(hint),
            false => diagnostics.push(messages::hint_not_taken(tool, &hint)),
        }
    }
    let mut voices: Vec<Voice> = Vec::new();
    for (index, said) in wishes.into_iter().enumerate() {
        match request::parse(tool, &said.value) {
            Ok(range) => voices.push(Voice { range, said }),
            Err(unclear) if by_caller && index == 0 => {
                return Err(vec![messages::version_unclear(tool, unclear, &said)]);
            }
            Err(unclear) => problems.push(messages::version_unclear(tool, unclear, &said)),
        }
    }
    let range = agreed(tool, &voices, by_caller, &mut problems);
    if by_caller {
        // The caller's word counts whatever the files say.
        diagnostics.extend(
            problems.into_iter().map(|problem| Diagnostic { severity: Severity::Warning, ..problem }),
        );
    } else if !problems.is_empty() {
        return Err(problems);
    }
    let first = voices.first().map(|voice| voice.said.clone()).unwrap_or_else(|| default(tool));
    let range = match tool {
        JsRuntime::Bun => range.unwrap_or_else(|| Range::line(1)),
        JsRuntime::Node => {
            let range = range.unwrap_or_else(|| Range::line(default_line().major));
            let Some(line) = lines::best(&range) else {
                return Err(vec![messages::version_unavailable(&first, &range)]);
            };
            diagnostics.extend(ended(line, &first.origin));
            range.both(&Range::line(line.major))
        }
    };
    let overridden = voices
        .iter()
        .skip(1)
        .map(|voice| Overridden { value: voice.said.value.clone(), origin: voice.said.origin.clone() });
    Ok(chosen(tool, range, first, overridden.collect(), diagnostics))
}

/// Whether a hint names a line that still gets fixes.
fn is_alive(tool: JsRuntime, text: &str) -> bool {
    let Ok(range) = request::parse(tool, text) else { return false };
    tool == JsRuntime::Bun
        || lines::best(&range).is_some_and(|line| !matches!(line.status, LineStatus::Ended(_)))
}

/// The releases that all voices allow; `None` when there is no voice. Those that exclude each
/// other are problems, unless the caller chose.
fn agreed(
    tool: JsRuntime,
    voices: &[Voice],
    by_caller: bool,
    problems: &mut Vec<Diagnostic>,
) -> Option<Range> {
    let (first, others) = voices.split_first()?;
    let mut range = first.range.clone();
    if by_caller {
        return Some(range);
    }
    for (index, other) in others.iter().enumerate() {
        let both = range.both(&other.range);
        if both.is_empty() {
            let before = &voices[..=index];
            let against: Vec<_> = match before.iter().find(|voice| voice.range.both(&other.range).is_empty())
            {
                Some(one) => vec![&one.said],
                None => before.iter().map(|voice| &voice.said).collect(),
            };
            problems.push(messages::versions_differ(tool, &against, &other.said));
        } else {
            range = both;
        }
    }
    Some(range)
}

fn default_line() -> &'static ReleaseLine {
    lines::long_term().next().unwrap_or(lines::newest())
}

fn default(tool: JsRuntime) -> Requested<String> {
    let (value, why) = match tool {
        JsRuntime::Node => {
            (default_line().major.to_string(), "the newest line of Node with long-term support")
        }
        JsRuntime::Bun => ("1".to_owned(), "the newest Bun"),
    };
    Requested { value, origin: Origin::Default(why.to_owned()) }
}

fn ended(line: &ReleaseLine, origin: &Origin) -> Option<Diagnostic> {
    match line.status {
        LineStatus::Ended(day) => Some(messages::version_ended(line, day, origin)),
        LineStatus::LongTerm | LineStatus::Current => None,
    }
}

fn chosen(
    tool: JsRuntime,
    range: Range,
    said: Requested<String>,
    overridden: Vec<Overridden>,
    diagnostics: Vec<Diagnostic>,
) -> RuntimeVersion {
    let wanted = range.prefix();
    let Requested { value: asked, origin } = said;
    let value = match asked.trim_start_matches('v') == wanted {
        true => wanted.clone(),
        false => format!("{wanted} for `{asked}`"),
    };
    RuntimeVersion {
        tool,
        major: range.span().map_or(0, |(from, _)| from.0),
        version: ToolVersion {
            tool: tool.name().to_owned(),
            wanted,
            origin: origin.clone(),
            delivered: Delivered::Answer {
                step: tool.version_step().parse().expect("the names of steps are constants"),
                path: tool.version_answer(),
            },
        },
        range,
        asked,
        decision: Decision { subject: format!("{} version", tool.name()), value, origin, overridden },
        diagnostics,
    }
}
