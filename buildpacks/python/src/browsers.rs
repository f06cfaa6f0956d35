//! Requirements that drive a browser which they do not bring. Where the source names Debian's browser by its path, it
//! is a package of the image; otherwise it is said that there is none.

use packwright_buildpack::planner::{
    Decision, Diagnostic, LayerKind, Origin, Package, PlanContext, SourceTree,
};

use crate::dependencies::Dependencies;
use crate::entry;
use crate::manifest::text;
use crate::messages;

/// A requirement that starts a browser.
struct Driver {
    package: &'static str,
    /// Debian packages that it can work with.
    debian: &'static [&'static str],
    /// What the code has to say to find them.
    told: &'static str,
}

/// The requirements. Source: each one's documentation: playwright, "Browsers" and `executable_path`; pyppeteer,
/// `executablePath`; selenium, "Driver Location", looks for `chromedriver` along PATH.
const DRIVERS: &[Driver] = &[
    Driver {
        package: "playwright",
        debian: &["chromium", "fonts-liberation"],
        told: "start it with `launch(executable_path=\"/usr/bin/chromium\", args=[\"--no-sandbox\"])`",
    },
    Driver {
        package: "pyppeteer",
        debian: &["chromium", "fonts-liberation"],
        told: "start it with `launch(executablePath=\"/usr/bin/chromium\", args=[\"--no-sandbox\"])`",
    },
    Driver {
        package: "selenium",
        debian: &["chromium", "chromium-driver", "fonts-liberation"],
        told: "start it headless and with `--no-sandbox`",
    },
];

/// Browsers of Debian.
const BROWSERS: &[&str] = &["chromium", "firefox-esr", "chromium-headless-shell"];

/// Programs of Debian that a driver is told by their paths, and the packages that have them. Source: Debian's Contents
/// index.
const PATHS: &[(&str, &str)] = &[
    ("/usr/bin/chromium", "chromium"),
    ("/usr/bin/chromedriver", "chromium-driver"),
    ("/usr/bin/firefox-esr", "firefox-esr"),
];

/// What a page needs to be shown with text.
const FONTS: &str = "fonts-liberation";

/// What follows from the drivers among the requirements.
#[derive(Debug, Default)]
pub(crate) struct Browsers {
    /// The browser, for the image.
    pub(crate) packages: Vec<Package>,
    /// The place that names it.
    pub(crate) decisions: Vec<Decision>,
    /// That there is none.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// For each driver that will be installed, unless the caller or a platform's file asks for a browser; `tree` is what
/// the application is looked for in.
pub(crate) fn of(context: &PlanContext<'_>, tree: &dyn SourceTree, dependencies: &Dependencies) -> Browsers {
    let drivers: Vec<&Driver> = DRIVERS.iter().filter(|driver| dependencies.have(driver.package)).collect();
    let is_browser = |name: &str| BROWSERS.contains(&name);
    let by_file = context.model.packages.iter().any(|package| is_browser(&package.name.value));
    let asked = context.options.environment.get("PACKWRIGHT_PACKAGES");
    let by_caller = asked.is_some_and(|names| names.split([' ', ',']).any(is_browser));
    if drivers.is_empty() || by_file || by_caller {
        return Browsers::default();
    }
    let named = named_in(tree);
    let Some((_, at)) = named.first() else {
        let missing = |driver: &Driver| messages::browser_missing(driver.package, driver.debian, driver.told);
        let diagnostics = drivers.into_iter().map(missing).collect();
        return Browsers { diagnostics, ..Browsers::default() };
    };
    let package = |(name, origin): &(&str, Origin)| {
        Package::run(*name, LayerKind::System, format!("{origin} names a program of it"))
    };
    let fonts = Package::run(FONTS, LayerKind::System, "a browser shows text with them");
    let names: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
    Browsers {
        packages: named.iter().map(package).chain([fonts]).collect(),
        decisions: vec![Decision::new("browser", names.join(" "), at.clone())],
        diagnostics: Vec::new(),
    }
}

/// The packages whose programs the project's modules name, each with the first place.
fn named_in(tree: &dyn SourceTree) -> Vec<(&'static str, Origin)> {
    let mut named: Vec<(&'static str, Origin)> = Vec::new();
    for path in entry::files(tree) {
        let Some(source) = text(tree, path).ok().flatten() else { continue };
        for (line, number) in source.lines().zip(1..) {
            for (program, package) in PATHS {
                if says(line, program) && named.iter().all(|(known, _)| known != package) {
                    named.push((package, Origin::line(path, number)));
                }
            }
        }
    }
    named
}

/// Whether `line` holds the whole path: `/usr/bin/chromium-browser` is none of Debian's.
fn says(line: &str, path: &str) -> bool {
    let is_more = |next: char| next.is_alphanumeric() || next == '-' || next == '_' || next == '/';
    line.match_indices(path).any(|(at, _)| !line[at + path.len()..].starts_with(is_more))
}
