//! The installer: `python.uv` brings uv, by the pip that Debian ships as a wheel. Every step that runs
//! uv with network starts from [`uv_step`].

use packwright_buildpack::client::{self, Client};
use packwright_buildpack::planner::{Command, Output, Step};
use packwright_buildpack::step::{self, CERTIFICATES, path};

use crate::messages;
use crate::pins::{UV_HASHES, UV_VERSION};
use crate::releases::Delivery;

/// The installer: uv behind a script that understands pip's settings.
pub(crate) const UV: &str = "/opt/uv/uv";

/// pip, run out of the wheel that Debian ships; for a shell.
pub(super) const PIP: &str = "\"$(echo /usr/share/python-wheels/pip-*.whl)/pip\"";

/// A step that runs uv with network: its settings, cache and environment. `variables` are those that
/// the manifests name. uv obeys pip's settings, too.
pub(crate) fn uv_step(step_name: &str, why: &str, variables: &[String]) -> Step {
    let mut fetch = client_step(step_name, why, &[&client::UV, &client::PIP]);
    fetch.source_settings = variables.to_vec();
    fetch
}

/// A step that runs uv with network as `clients`, of which uv is the first.
pub(crate) fn client_step(step_name: &str, why: &str, clients: &[&Client]) -> Step {
    step::fetch(step_name, why, clients)
        .after(step::name("python.uv"))
        .hinted(messages::INSTALL_HINT)
        // The cache is another file system than the environment.
        .with("UV_LINK_MODE", "copy")
        .with("UV_PYTHON_DOWNLOADS", "never")
        // Build backends written in Python see the host's bundle too.
        .with("REQUESTS_CA_BUNDLE", CERTIFICATES)
        // Names of the throw-away directories in which uv builds would stay in debugging information.
        .with("CFLAGS", "-g0")
        .with("CXXFLAGS", "-g0")
}

/// `python.uv`: the pinned installer, brought by the pip that Debian ships as a wheel.
pub(crate) fn uv(delivery: &Delivery) -> Step {
    let hashes: Vec<String> = UV_HASHES.iter().map(|hash| format!("--hash=sha256:{hash}")).collect();
    let why = "brings uv, which installs for every package manager";
    let mut uv = step::fetch("python.uv", why, &[&client::PIP]);
    uv.commands = vec![
        Command::Shell(format!("printf '%s\\n' 'uv=={UV_VERSION} {}' > /tmp/uv.txt", hashes.join(" "))),
        Command::Shell(format!(
            "{} {PIP} install --quiet --no-cache-dir \
             --no-compile --no-deps --only-binary :all: --require-hashes --root-user-action ignore \
             --disable-pip-version-check --log /tmp/pip.log --target /opt/uv/lib -r /tmp/uv.txt \
             || {{ {TELL_WHY} }}",
            delivery.bootstrap()
        )),
        Command::Shell(format!("printf '%s\\n' '{}' > {UV} && chmod 755 {UV}", UV_SCRIPT.trim_end())),
    ];
    uv.leaves(Output::between_steps(path("opt/uv")))
}

/// Of an index that fails, pip says no more than that it has no such version; the reason is in its
/// log.
const TELL_WHY: &str = "code=$?; while IFS= read -r line; do \
    case \"$line\" in *\"Could not fetch URL\"*) printf '%s\\n' \"${line#* }\" >&2 ;; esac; \
    done < /tmp/pip.log; exit $code;";

/// uv does not read pip's variables; an index that was set for pip is meant for uv too.
///
/// What uv built from source is built anew: another compiler or library may be there. A step that runs uv several times
/// with the same ones says so.
const UV_SCRIPT: &str = r#"#!/bin/sh
if [ -z "$PACKWRIGHT_KEEP_BUILT" ]; then rm -rf "$UV_CACHE_DIR"/sdists-v*; fi
if [ -n "$PIP_INDEX_URL" ] && [ -z "$UV_DEFAULT_INDEX$UV_INDEX_URL" ]; then
  export UV_DEFAULT_INDEX="$PIP_INDEX_URL"
fi
if [ -n "$PIP_EXTRA_INDEX_URL" ] && [ -z "$UV_INDEX$UV_EXTRA_INDEX_URL" ]; then
  export UV_EXTRA_INDEX_URL="$PIP_EXTRA_INDEX_URL"
fi
exec /opt/uv/lib/bin/uv "$@"
"#;
