//! Every language and platform that Packwright knows. The one place that lists them: the command
//! line, embedders, benches and tests take their lists from here.

use std::sync::Arc;

use packwright_engine::planner::Buildpack;
use packwright_platforms::{PLATFORMS, Platform};

use crate::unsupported;

/// Every language that Packwright knows. Where several claim a tree equally strongly, the first
/// one in this list owns it. At the end are the languages that are recognised and not built, so
/// that an application in one of them is an error that names it.
pub fn languages() -> Vec<Arc<dyn Buildpack>> {
    let built: [Arc<dyn Buildpack>; 5] = [
        Arc::new(packwright_python::Python),
        Arc::new(packwright_node::Node),
        Arc::new(packwright_go::Go),
        Arc::new(packwright_shell::Shell),
        Arc::new(packwright_static::Static),
    ];
    built.into_iter().chain(unsupported::all()).collect()
}

/// Every platform whose files Packwright reads, in the order of precedence.
pub fn platforms() -> Vec<&'static Platform> {
    PLATFORMS.iter().collect()
}
