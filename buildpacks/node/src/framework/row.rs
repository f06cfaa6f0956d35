//! [`FrameworkRow`]: what is known about a framework, as data. Names no framework.

use packwright_buildpack::planner::Fallback;

use super::build_result::{BuildResult, BuiltSite, default_dir};
use super::view::{AppView, Findings};

/// A framework.
pub(super) struct FrameworkRow {
    /// What plans call it.
    pub(super) id: &'static str,
    /// What people call it.
    pub(super) name: &'static str,
    /// The packages of which one speaks for it.
    pub(super) packages: &'static [&'static str],
    /// Commands that build with it.
    pub(super) tools: &'static [&'static str],
    /// Whether a package is enough: otherwise the build script must call one of the tools, since
    /// many a project has the package for something else.
    pub(super) certain: bool,
    /// Whether it makes pages about something else more often than not: documentation, a collection of
    /// components. Beside an application it is never built in its place.
    pub(super) is_about_others: bool,
    /// Scripts that build with it, the first that is there.
    pub(super) scripts: &'static [&'static str],
    /// The command that builds when no script does.
    pub(super) build: Option<&'static str>,
    /// What the build makes.
    pub(super) shape: fn(&AppView<'_>, &mut Findings) -> BuildResult,
    /// Variables of the build.
    pub(super) environment: &'static [(&'static str, &'static str)],
    /// Directories, from the application's, that make the next build faster and do not change
    /// what it makes.
    pub(super) caches: &'static [&'static str],
    /// What the settling script calls it, when its output differs from build to build.
    pub(super) settle: Option<&'static str>,
}

/// What most rows have.
pub(super) const ROW: FrameworkRow = FrameworkRow {
    id: "",
    name: "",
    packages: &[],
    tools: &[],
    certain: true,
    is_about_others: false,
    scripts: &["build"],
    build: None,
    shape: |_, _| BuiltSite::shape(default_dir("dist", "the build"), Fallback::Index, &[]),
    environment: &[],
    caches: &[],
    settle: None,
};
