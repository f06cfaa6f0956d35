//! The `pip` that commands of a declared build find.

use packwright_buildpack::planner::Command;

/// Where the build finds stand-ins for programs that are not installed.
pub(super) const SHIMS: &str = "/tmp/packwright-bin";

/// pip for scripts that install in the middle: what the manifests name is there already, and uv
/// says so; anything else it would have to fetch.
const PIP_SHIM: &str = "#!/bin/sh\n\
    # Installers are no packages of the application.\n\
    new=; for word in \"$@\"; do case \"$word\" in install|-*|pip|setuptools|wheel) ;; *) new=1 ;; esac; done\n\
    if [ \"$1\" = install ] && [ -z \"$new\" ]; then echo \"pip is not needed here: packages are installed already\"; exit 0; fi\n\
    exec /opt/uv/uv pip \"$@\"\n";

/// The command that puts it into [`SHIMS`].
pub(super) fn place() -> Command {
    Command::Shell(format!(
        "mkdir -p {SHIMS} && printf '%s' '{}' > {SHIMS}/pip && chmod 755 {SHIMS}/pip && ln -s pip {SHIMS}/pip3",
        PIP_SHIM.replace('\'', r"'\''")
    ))
}
