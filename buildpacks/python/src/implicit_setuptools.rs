//! Adds setuptools for packages that import `pkg_resources` without declaring it.
//!
//! `venv` installed setuptools up to Python 3.11, and setuptools contained `pkg_resources` up to
//! version 81. Old requirements rely on that: they pin a package that imports `pkg_resources` and do
//! not name setuptools. The newest setuptools would not help them.

use packwright_buildpack::planner::Diagnostic;

use crate::manifest::Reference;
use crate::messages;

/// The releases of setuptools that have `pkg_resources`. Source: setuptools, "History", v82.0.0.
const SETUPTOOLS: &str = "setuptools<82";

/// Packages that import `pkg_resources` when they are used, and the last release whose files were
/// seen to do so.
const IMPORTING: &[(&str, &[u64])] = &[
    ("apscheduler", &[3, 10, 0]),
    ("djangorestframework-simplejwt", &[5, 3, 0]),
    ("drf-yasg", &[1, 21, 7]),
    ("gunicorn", &[20, 1, 0]),
    ("razorpay", &[1, 4, 2]),
    ("supervisor", &[4, 2, 5]),
];

/// What is required besides `listed`, in words.
pub(crate) fn requirements(listed: &[Reference]) -> Vec<String> {
    importing(listed).map(|_| SETUPTOOLS.to_owned()).into_iter().collect()
}

/// What people should know of that.
pub(crate) fn diagnostic(listed: &[Reference]) -> Option<Diagnostic> {
    importing(listed).map(|found| messages::setuptools_added(SETUPTOOLS, found.name.as_ref(), &found.origin))
}

/// The first requirement that needs it. Who names setuptools has chosen.
fn importing(listed: &[Reference]) -> Option<&Reference> {
    if listed.iter().any(|found| found.name.as_ref() == "setuptools") {
        return None;
    }
    listed.iter().find(|found| {
        let release = found.exact.as_ref().map(|version| version.release().to_vec());
        IMPORTING.iter().any(|(name, last)| {
            found.name.as_ref() == *name && release.as_ref().is_some_and(|own| own.as_slice() <= *last)
        })
    })
}
