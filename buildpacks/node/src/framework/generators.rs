//! Builders of sites with a configuration of a few lines.

use packwright_buildpack::planner::{Fallback, Requested};

use super::build_result::{BuildResult, BuiltSite, default_dir};
use super::view::{AppView, Findings};

/// Source: Eleventy documentation, "Configuration", "Output Directory".
pub(super) fn eleventy(look: &AppView<'_>, notes: &mut Findings) -> BuildResult {
    let configs = [("eleventy.config", &["js", "mjs", "cjs"][..]), (".eleventy", &["js"])];
    let config = configs.iter().find_map(|(stem, ends)| look.config(stem, ends));
    let dir = look
        .option("eleventy", &["--output"])
        .or_else(|| config.as_ref().and_then(|config| config.text(&["dir", "output"], notes)));
    BuiltSite::shape(clean(dir, || default_dir("_site", "eleventy")), Fallback::NotFound, &[])
}

/// Source: Vue CLI documentation, "Configuration Reference".
pub(super) fn vue_cli(look: &AppView<'_>, notes: &mut Findings) -> BuildResult {
    let config = look.config("vue.config", &["js", "cjs", "mjs", "ts"]);
    let dir = look
        .option("vue-cli-service build", &["--dest"])
        .or_else(|| config.as_ref().and_then(|config| config.text(&["outputDir"], notes)));
    BuiltSite::shape(clean(dir, || default_dir("dist", "vue-cli-service build")), Fallback::Index, &[])
}

/// Source: Rsbuild documentation, "output.distPath".
pub(super) fn rsbuild(look: &AppView<'_>, notes: &mut Findings) -> BuildResult {
    let config = look.config("rsbuild.config", &["ts", "mts", "js", "mjs", "cjs"]);
    let dir = config.as_ref().and_then(|config| {
        let inner = config.text(&["output", "distPath", "root"], notes);
        inner.or_else(|| config.text(&["output", "distPath"], notes))
    });
    BuiltSite::shape(clean(dir, || default_dir("dist", "rsbuild build")), Fallback::Index, &["static/**"])
}

/// Source: webpack documentation, "Output".
pub(super) fn webpack(look: &AppView<'_>, notes: &mut Findings) -> BuildResult {
    let stems = ["webpack.config", "webpack.prod", "webpack.config.prod", "webpack.common", "rspack.config"];
    let configs = stems.iter().filter_map(|stem| look.config(stem, &["js", "cjs", "mjs", "ts"]));
    let named = configs.into_iter().find_map(|config| config.text(&["output", "path"], notes));
    let dir = look.option("webpack", &["-o", "--output-path"]).or(named);
    BuiltSite::shape(clean(dir, || default_dir("dist", "webpack")), Fallback::Index, &[])
}

fn clean(dir: Option<Requested<String>>, default: impl Fn() -> Requested<String>) -> Requested<String> {
    let mut dir = dir.unwrap_or_else(default);
    dir.value = dir.value.trim_start_matches("./").trim_matches('/').to_owned();
    dir
}
