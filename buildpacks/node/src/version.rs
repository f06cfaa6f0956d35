//! Which Node, and which Bun: what all requests allow, and the release line that is taken. Where
//! requests come from and whose words count is the kit's.
//!
//! The exact release is found when the plan is pinned: here is no list of releases, only of lines.

pub(crate) mod lines;
mod manifests;
pub(crate) mod range;
mod releases;
mod request;
pub(crate) mod runtime;

use packwright_buildpack::planner::{Decision, Delivered, Diagnostic, PlanContext, ToolVersion};
use packwright_buildpack::step;
use packwright_buildpack::version::{Releases, collect, unavailable};

use crate::manifest::PackageJson;
use crate::messages;
use lines::LineStatus;
use range::Range;
pub(crate) use runtime::JsRuntime;

/// The chosen version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RuntimeVersion {
    /// Of what.
    pub(crate) runtime: JsRuntime,
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

/// Chooses the version of `runtime` for the package `app` of the workspace `root`, which may be the
/// same. The release satisfies all requests; the first one decides whose words it is called by.
///
/// Errors: every request that cannot be understood, requests that exclude each other unless the caller
/// chose, and a version that cannot be had.
pub(crate) fn choose(
    runtime: JsRuntime,
    context: &PlanContext<'_>,
    root: &PackageJson,
    app: &PackageJson,
) -> Result<RuntimeVersion, Vec<Diagnostic>> {
    let tool = runtime.tool();
    let manifests = manifests::requests(context.tree, runtime, root, app);
    let requests = collect(tool, context, app.dir.as_ref(), manifests);
    let mut choice = packwright_buildpack::version::choose(tool, requests, &runtime)?;
    let counting = if choice.first_decides { 1 } else { choice.voices.len() };
    let wanted = releases::together(choice.voices.iter().take(counting).map(|voice| &voice.wanted));
    let mut range = wanted.unwrap_or_else(|| Range::line(choice.release.major));
    if runtime == JsRuntime::Node {
        let Some(line) = lines::allowed(&range).first().copied() else {
            let first = choice.voices.iter().map(|voice| &voice.request.said).take(1);
            let unavailable = |said| unavailable(tool, said, &runtime.available(), &runtime.nearest(&range));
            return Err(first.map(unavailable).collect());
        };
        if let LineStatus::Ended(day) = line.status {
            choice.diagnostics.push(messages::version_ended(line, day, &choice.origin));
        }
        range = range.both(&Range::line(line.major));
    }
    let wanted = range.prefix();
    let asked = choice.asked().unwrap_or(&wanted).to_owned();
    let value = match asked.trim_start_matches('v') == wanted {
        true => wanted.clone(),
        false => format!("{wanted} for `{asked}`"),
    };
    let delivered =
        Delivered::Answer { step: step::name(runtime.version_step()), path: runtime.version_answer() };
    Ok(RuntimeVersion {
        runtime,
        major: range.span().map_or(0, |(from, _)| from.0),
        version: choice.tool_version(tool, wanted, delivered),
        range,
        asked,
        decision: choice.decision(tool, value),
        diagnostics: choice.diagnostics,
    })
}
