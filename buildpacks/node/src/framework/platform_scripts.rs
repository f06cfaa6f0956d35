//! Scripts of `package.json` that a platform runs when it builds: in the place of `build`, or around it. They count
//! where that platform is chosen or its files are there, and where no other script builds.

use packwright_buildpack::planner::{Command, Diagnostic, Origin, has};

use crate::application::AppContext;
use crate::messages;
use crate::process::{self, line};

/// A platform with scripts of its own.
struct Platform {
    /// What the caller calls it.
    name: &'static str,
    /// Files that only it reads.
    files: &'static [&'static str],
    /// Scripts that it runs in the place of `build`, the first that is there.
    instead: &'static [&'static str],
    /// A script that it runs before.
    before: Option<&'static str>,
}

/// Source: Heroku Dev Center, "Heroku Node.js Support", "Customizing the build process"; Google Cloud's buildpacks,
/// "Building a Node.js application", `gcp-build`; Vercel's documentation, "Build Command".
const PLATFORMS: &[Platform] = &[
    Platform {
        name: "heroku",
        files: &["Procfile", "app.json", "heroku.yml"],
        instead: &["heroku-postbuild", "heroku-build"],
        before: Some("heroku-prebuild"),
    },
    Platform { name: "appengine", files: &["app.yaml"], instead: &["gcp-build"], before: None },
    Platform {
        name: "vercel",
        files: &["vercel.json"],
        instead: &["vercel-build", "now-build"],
        before: None,
    },
];

/// The script that a platform builds with, and what there is to say.
#[derive(Default)]
pub(super) struct PlatformScripts {
    /// The script that builds.
    pub(super) script: Option<&'static str>,
    /// The one before it.
    pub(super) before: Option<&'static str>,
    /// A script that does not run.
    pub(super) told: Option<Diagnostic>,
}

/// Chooses among the scripts; `usual` is the one that builds otherwise.
pub(super) fn scripts(subject: &AppContext<'_>, usual: Option<&str>) -> PlatformScripts {
    let app = subject.project.app;
    let context = subject.project.context;
    let chosen = context.model.customs.platform.as_deref();
    let is_here = |platform: &Platform| match chosen {
        Some(chosen) => chosen == platform.name,
        None => platform.files.iter().any(|file| has(context.tree, file)),
    };
    let named = |names: &[&'static str]| names.iter().copied().find(|name| app.script(name).is_some());
    let mut found = PlatformScripts::default();
    for platform in PLATFORMS {
        let before = platform.before.filter(|name| app.script(name).is_some());
        let Some(script) = named(platform.instead) else {
            if is_here(platform) {
                found.before = found.before.or(before);
            }
            continue;
        };
        if found.script.is_none() && (usual.is_none() || is_here(platform)) {
            found.script = Some(script);
            found.before = before;
        } else if found.told.is_none()
            && let Some(usual) = usual
            && let Some(asked) = app.script(script)
            && !is_same(subject, script, usual)
        {
            found.told = Some(messages::platform_script_unused(script, usual, platform.name, &asked.origin));
        }
    }
    found
}

/// Whether two scripts come to the same commands.
fn is_same(subject: &AppContext<'_>, script: &str, usual: &str) -> bool {
    let text = |name: &str| Some(line(&process::flat(subject).expand(name)?.ok()?.segments));
    text(script).is_some() && text(script) == text(usual)
}

/// The command that runs the script before the one that builds.
pub(super) fn with_before(subject: &AppContext<'_>, before: &str, script: &str) -> (Command, Origin) {
    let line = format!("{} && {}", (subject.run)(before), (subject.run)(script));
    let app = subject.project.app;
    let origin = app.script(script).map_or(Origin::file(&app.path), |script| script.origin.clone());
    (Command::Shell(line), origin)
}
