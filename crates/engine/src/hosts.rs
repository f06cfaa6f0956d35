//! `/etc/hosts` of sandboxed processes: every machine knows its own name, as container runtimes see to it.
//! Settings of frameworks ask for it (`gethostbyname(gethostname())`), also where there is no network.
//!
//! The name has an address of the loopback interface: what listens there is reached by it from inside.

use std::fs;
use std::path::{Path, PathBuf};

use packwright_sandbox::{Access, Mount, Sandbox};

use crate::error::BuildError;

/// Where the names of machines are, from the root.
const HOSTS: &str = "/etc/hosts";

/// The names that every machine has.
const LOOPBACK: &str = "127.0.0.1 localhost\n::1 localhost\n";

/// Writes the table for `sandbox` to `dir/hosts`, and mounts it there: the names of `known`, a file of the host, or
/// those of the loopback interface alone, and the sandbox's own name.
pub(crate) fn mount(sandbox: &Sandbox, known: Option<&Path>, dir: &Path) -> Result<Mount, BuildError> {
    let disk = |path: &Path| {
        let path = path.to_owned();
        |source| BuildError::Disk { path, source }
    };
    let known = match known {
        Some(file) => fs::read_to_string(file).map_err(disk(file))?,
        None => LOOPBACK.to_owned(),
    };
    let source: PathBuf = dir.join("hosts");
    fs::write(&source, table(&known, &sandbox.hostname)).map_err(disk(&source))?;
    Ok(Mount::Bind { source, target: HOSTS.into(), access: Access::ReadOnly })
}

/// `known` with a line for `name`, unless it has one.
fn table(known: &str, name: &str) -> String {
    let mut lines = known.lines().map(|line| line.split('#').next().unwrap_or_default());
    let is_known = lines.any(|line| line.split_whitespace().skip(1).any(|word| word == name));
    let end = if known.is_empty() || known.ends_with('\n') { "" } else { "\n" };
    match is_known {
        true => known.to_owned(),
        // A line of its own: the address's first name stays what it was.
        false => format!("{known}{end}127.0.0.1 {name}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_name_is_added_once() {
        let own = "127.0.0.1 localhost\n::1 localhost\n127.0.0.1 packwright\n";
        assert_eq!(table(LOOPBACK, "packwright"), own);
        assert_eq!(table(own, "packwright"), own);
        assert_eq!(
            table("10.0.0.1 a # packwright", "packwright"),
            "10.0.0.1 a # packwright\n127.0.0.1 packwright\n"
        );
    }
}
