//! Every language and platform that Packwright knows. The one place that lists them: the command
//! line, embedders, benches and tests take their lists from here.

use std::sync::Arc;

use packwright_engine::planner::Buildpack;
use packwright_platforms::{PLATFORMS, Platform};

use crate::unsupported;

/// Every language that Packwright knows and that the features of this crate include. Where several
/// claim a tree equally strongly, the first one in this list owns it. At the end are the languages
/// that are recognised and not built, so that an application in one of them is an error that names
/// it.
pub fn languages() -> Vec<Arc<dyn Buildpack>> {
    let built: Vec<Arc<dyn Buildpack>> = vec![
        #[cfg(feature = "python")]
        Arc::new(packwright_python::Python),
        #[cfg(feature = "node")]
        Arc::new(packwright_node::Node),
        #[cfg(feature = "go")]
        Arc::new(packwright_go::Go),
        #[cfg(feature = "shell")]
        Arc::new(packwright_shell::Shell),
        #[cfg(feature = "static")]
        Arc::new(packwright_static::Static),
    ];
    built.into_iter().chain(unsupported::all()).collect()
}

/// Every platform whose files Packwright reads, in the order of precedence.
pub fn platforms() -> Vec<&'static Platform> {
    PLATFORMS.iter().collect()
}
