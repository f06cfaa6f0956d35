//! Requirements that drive a browser which they do not bring: what is said where the plan has none.

use packwright_buildpack::planner::{Diagnostic, PlanContext};

use crate::dependencies::Dependencies;
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

/// What is said of each that the project asks for, unless the caller or a platform's file asks for a browser.
pub(crate) fn remarks(context: &PlanContext<'_>, dependencies: &Dependencies) -> Vec<Diagnostic> {
    let is_browser = |name: &str| BROWSERS.contains(&name);
    let by_file = context.model.packages.iter().any(|package| is_browser(&package.name.value));
    let asked = context.options.environment.get("PACKWRIGHT_PACKAGES");
    let by_caller = asked.is_some_and(|names| names.split([' ', ',']).any(is_browser));
    let drivers = DRIVERS.iter().filter(|driver| dependencies.ask_for(driver.package));
    let drivers = drivers.filter(|_| !by_file && !by_caller);
    drivers.map(|driver| messages::browser_missing(driver.package, driver.debian, driver.told)).collect()
}
