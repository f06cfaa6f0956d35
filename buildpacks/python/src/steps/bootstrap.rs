//! The installer: `python.uv` brings uv, by the pip that Debian ships as a wheel. Every step that runs
//! uv with network starts from [`uv_step`].

use packwright_buildpack::planner::{Cache, Command, Network, Output, Sharing, Step};

use super::base::{after, path, step};
use crate::clients::{INDEX_SETTINGS, NETWORK_FAILURES};
use crate::messages;
use crate::pins::{UV_HASHES, UV_VERSION};
use crate::releases::Delivery;

/// The installer: uv behind a script that understands pip's settings.
pub(crate) const UV: &str = "/opt/uv/uv";

/// pip, run out of the wheel that Debian ships; for a shell.
pub(super) const PIP: &str = "\"$(echo /usr/share/python-wheels/pip-*.whl)/pip\"";

/// A step that runs uv with network: its settings, cache and environment.
pub(crate) fn uv_step(step_name: &str, why: &str, variables: &[String]) -> Step {
    let mut fetch = step(step_name, why);
    fetch.inputs.push(after("python.uv"));
    fetch.hint = Some(messages::INSTALL_HINT.to_owned());
    fetch.network = Network::Fetch;
    fetch.transient = transient();
    fetch.settings = settings();
    fetch.source_settings = variables.to_vec();
    fetch.caches.push(Cache {
        name: "uv".to_owned(),
        path: path("packwright/cache/uv"),
        // Installations run foreign code, and uv takes out unchecked what it unpacked or built.
        sharing: Sharing::Application,
    });
    let environment = [
        ("UV_CACHE_DIR", "/packwright/cache/uv"),
        // The cache is another file system than the environment.
        ("UV_LINK_MODE", "copy"),
        ("UV_NO_PROGRESS", "1"),
        ("UV_PYTHON_DOWNLOADS", "never"),
        ("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"),
        // Build backends written in Python see the host's bundle too.
        ("REQUESTS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt"),
        // Names of the throw-away directories in which uv builds would stay in debugging information.
        ("CFLAGS", "-g0"),
        ("CXXFLAGS", "-g0"),
    ];
    fetch.environment =
        environment.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    fetch
}

fn settings() -> Vec<String> {
    INDEX_SETTINGS.iter().map(|&name| name.to_owned()).collect()
}

fn transient() -> Vec<String> {
    NETWORK_FAILURES.iter().map(|&text| text.to_owned()).collect()
}

/// `python.uv`: the pinned installer, brought by the pip that Debian ships as a wheel.
pub(crate) fn uv(delivery: &Delivery) -> Step {
    let hashes: Vec<String> = UV_HASHES.iter().map(|hash| format!("--hash=sha256:{hash}")).collect();
    let mut uv = step("python.uv", "brings uv, which installs for every package manager");
    uv.network = Network::Fetch;
    uv.transient = transient();
    uv.settings = settings();
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
    uv.outputs.push(Output { path: path("opt/uv"), layer: None, scrub: Vec::new() });
    uv
}

/// Of an index that fails, pip says no more than that it has no such version; the reason is in its
/// log.
const TELL_WHY: &str = "code=$?; while IFS= read -r line; do \
    case \"$line\" in *\"Could not fetch URL\"*) printf '%s\\n' \"${line#* }\" >&2 ;; esac; \
    done < /tmp/pip.log; exit $code;";

/// uv does not read pip's variables; an index that was set for pip is meant for uv too.
///
/// What uv built from source is built anew: another compiler or library may be there.
const UV_SCRIPT: &str = r#"#!/bin/sh
rm -rf "$UV_CACHE_DIR"/sdists-v*
if [ -n "$PIP_INDEX_URL" ] && [ -z "$UV_DEFAULT_INDEX$UV_INDEX_URL" ]; then
  export UV_DEFAULT_INDEX="$PIP_INDEX_URL"
fi
if [ -n "$PIP_EXTRA_INDEX_URL" ] && [ -z "$UV_INDEX$UV_EXTRA_INDEX_URL" ]; then
  export UV_EXTRA_INDEX_URL="$PIP_EXTRA_INDEX_URL"
fi
exec /opt/uv/lib/bin/uv "$@"
"#;
