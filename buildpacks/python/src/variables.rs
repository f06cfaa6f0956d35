//! Environment variables of the image that keep installed packages within its promises: `/app` may
//! be read-only, and the application reports to no third party. A variable is set only for a package
//! that would break a promise without it. Each can be overridden when the image is run.

use crate::dependencies::Dependencies;

/// One variable.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Requirements that read it; one of them is enough.
    packages: &'static [&'static str],
    /// Its name.
    pub(crate) name: &'static str,
    /// Its value.
    pub(crate) value: &'static str,
    /// What it is for.
    pub(crate) why: &'static str,
}

/// What brings Jupyter's kernels.
const JUPYTER: &[&str] = &["voila", "jupyterlab", "notebook", "jupyter", "ipykernel", "jupyter-server"];

/// The variables.
///
/// Sources: each package's own code and documentation, tried on a root that is read-only and with
/// SIGTERM, November 2026.
const VARIABLES: &[Variable] = &[
    Variable {
        packages: &["gradio"],
        name: "GRADIO_ANALYTICS_ENABLED",
        value: "False",
        why: "the application reports to nobody",
    },
    Variable {
        packages: &["streamlit"],
        name: "STREAMLIT_BROWSER_GATHER_USAGE_STATS",
        value: "false",
        why: "the application reports to nobody",
    },
    // Without it every notebook is answered with 500 when `/app` is read-only.
    Variable {
        packages: JUPYTER,
        name: "JUPYTER_DATA_DIR",
        value: "/tmp/jupyter",
        why: "Jupyter keeps a key and its ways to kernels there, and /app may be read-only",
    },
    Variable {
        packages: JUPYTER,
        name: "IPYTHONDIR",
        value: "/tmp/ipython",
        why: "kernels write a history, and /app may be read-only",
    },
    // Its control socket lies in the home directory otherwise.
    Variable {
        packages: &["gunicorn"],
        name: "XDG_RUNTIME_DIR",
        value: "/tmp",
        why: "gunicorn makes a socket there, and /app may be read-only",
    },
];

/// The variables that the requirements, and the `servers` that are added to them, want.
pub(crate) fn wanted<'a>(
    dependencies: &'a Dependencies,
    servers: &'a [&'static str],
) -> impl Iterator<Item = &'static Variable> + 'a {
    let is_there = |package: &&str| dependencies.have(package) || servers.contains(package);
    VARIABLES.iter().filter(move |variable| variable.packages.iter().any(is_there))
}
