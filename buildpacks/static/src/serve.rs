//! How a site is served: nginx with its configuration, copies that are compressed already, and
//! the process.
//!
//! nginx is the server since it is the smallest in Debian that shows compressed copies, falls back
//! to a page and marks what browsers may keep, without a script of ours answering requests. What
//! was weighed is in the README.

use std::collections::BTreeMap;

use packwright_planner::{
    Command, Fallback, Input, LayerKind, Origin, Output, Package, Process, RelPath, Scope, Selection,
    StaticSite, Step,
};

use crate::pattern;

/// Whose configuration the server has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Configuration {
    /// Ours.
    Made,
    /// A file of the repository.
    Own(RelPath),
}

/// Where the configuration and the start program lie.
const DIR: &str = "opt/static";

/// The packages: the server for the image, what compresses for the build.
pub(crate) fn packages() -> Vec<Package> {
    let package = |name: &str, scope, why: &str| Package {
        name: name.to_owned(),
        scope,
        layer: LayerKind::Runtime,
        why: why.to_owned(),
    };
    vec![
        package("nginx", Scope::Run, "serves the site"),
        package("libnginx-mod-http-brotli-static", Scope::Run, "shows copies compressed with brotli"),
        package(
            "libnginx-mod-http-headers-more-filter",
            Scope::Run,
            "takes headers out of answers without a body",
        ),
        package("brotli", Scope::Build, "compresses copies of texts"),
        package("gzip", Scope::Build, "compresses copies of texts"),
        package("findutils", Scope::Build, "finds texts worth compressing"),
    ]
}

/// `static.compress`: compressed copies in the site's directory, and the configuration.
pub(crate) fn step(site: &StaticSite, source: &Selection, configuration: &Configuration) -> Step {
    let input = match &site.step {
        Some(step) => Input::Step(step.clone()),
        None => Input::Source(source.clone()),
    };
    let mut inputs = vec![input];
    let place = match configuration {
        Configuration::Made => write("nginx.conf", &made(site)),
        Configuration::Own(path) => {
            inputs.push(Input::Source(Selection::files([path])));
            Command::exec(["cp", &format!("/app/{path}"), &format!("/{DIR}/nginx.conf")])
        }
    };
    let output = |path: RelPath| Output { path, layer: Some(LayerKind::Build), scrub: Vec::new() };
    let name = "static.compress".parse().expect("a step name");
    let mut step = Step::new(name, "compresses texts ahead of time and configures the server");
    step.inputs = inputs;
    step.commands = vec![
        Command::exec(["mkdir", "-p", &format!("/{DIR}")]),
        place,
        write("start", include_str!("serve/start.sh")),
        Command::exec(["chmod", "755", &format!("/{DIR}/start")]),
        Command::exec(["bash", "-c", include_str!("serve/compress.sh")]),
    ];
    step.environment = BTreeMap::from([("SITE".to_owned(), format!("/{}", dir(site)))]);
    step.outputs = vec![output(dir(site)), output(DIR.parse().expect("a relative path"))];
    step
}

/// The process that serves the site.
pub(crate) fn process(origin: &Origin) -> Process {
    Process {
        name: "web".parse().expect("a process name"),
        command: Command::Exec(vec![format!("/{DIR}/start")]),
        origin: origin.clone(),
    }
}

/// The site's directory from the root.
fn dir(site: &StaticSite) -> RelPath {
    let app: RelPath = "app".parse().expect("a relative path");
    match &site.dir {
        Some(dir) => app.join(dir.as_str()).expect("a directory below another"),
        None => app,
    }
}

fn write(name: &str, text: &str) -> Command {
    Command::write(&format!("/{DIR}/{name}"), text)
}

/// Whether nginx can be told this directory: there is no way to write a `$` that is no variable,
/// and a line of its configuration is a line.
pub(crate) fn can_be_named(dir: &RelPath) -> bool {
    !dir.as_str().contains(|character: char| character == '$' || character.is_control())
}

/// `text` as it stands between double quotes.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Our configuration for `site`, whose directory [`can_be_named`]; its digest is put in when the site is there.
fn made(site: &StaticSite) -> String {
    let locations = match site.fallback {
        Fallback::NotFound => include_str!("serve/not-found.conf"),
        Fallback::Index => include_str!("serve/index.conf"),
    };
    let immutable: String = site
        .immutable
        .iter()
        .map(|glob| {
            format!("        \"~^/{}$\" \"public, max-age=31536000, immutable\";\n", pattern::regex(glob))
        })
        .collect();
    include_str!("serve/nginx.conf")
        .replace("@root@", &quoted(&format!("/{}", dir(site))))
        .replace("@immutable@", &immutable)
        .replace("@locations@", locations)
}
