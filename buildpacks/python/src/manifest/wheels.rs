//! Reads the file names of published wheels: which of them can a Python on 64-bit Linux with glibc
//! install?
//!
//! Source: Python packaging user guide, "Binary distribution format", "Platform compatibility
//! tags".

use crate::releases::Delivery;

/// Whether one of `files`, names or addresses, is a wheel for `delivery`. The machine is taken as
/// x86_64, as for markers.
pub(crate) fn any_fits<'a>(files: impl IntoIterator<Item = &'a str>, delivery: &Delivery) -> bool {
    files.into_iter().any(|file| fits(file, delivery.minor).unwrap_or(false))
}

/// Whether `file`, a name or an address, is a wheel.
pub(crate) fn is_wheel(file: &str) -> bool {
    stem(file).is_some()
}

/// The name of a wheel without its suffix.
fn stem(file: &str) -> Option<&str> {
    file.split(['#', '?']).next()?.rsplit('/').next()?.strip_suffix(".whl")
}

/// `None` for what is no wheel.
fn fits(file: &str, (major, minor): (u64, u64)) -> Option<bool> {
    let name = stem(file)?;
    let mut tags = name.rsplit('-');
    let (platforms, abis, pythons) = (tags.next()?, tags.next()?, tags.next()?);
    let platform = platforms.split('.').any(|one| {
        one == "any" || one == "linux_x86_64" || (one.starts_with("manylinux") && one.ends_with("_x86_64"))
    });
    let stable = abis.split('.').any(|abi| abi == "abi3");
    let free = abis.split('.').any(|abi| abi == "none");
    let python = pythons.split('.').any(|python| {
        let Some((kind, number)) = python.split_at_checked(2) else { return false };
        let Some((first, rest)) = number.split_at_checked(1) else { return false };
        let lower: u64 = if rest.is_empty() { 0 } else { rest.parse().unwrap_or(u64::MAX) };
        if first.parse() != Ok(major) {
            return false;
        }
        match kind {
            "py" => free && lower <= minor,
            "cp" if stable => lower <= minor,
            "cp" if free => rest.is_empty() || lower <= minor,
            "cp" => {
                lower == minor
                    && abis
                        .split('.')
                        .any(|abi| abi == format!("cp{major}{minor}") || abi == format!("cp{major}{minor}m"))
            }
            _ => false,
        }
    });
    Some(platform && python)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        let fit = |name: &str| fits(name, (3, 13)).unwrap_or(false);
        for name in [
            "a-1.0-py3-none-any.whl",
            "a-1.0-py2.py3-none-any.whl",
            "https://files.example/a/a-1.0-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl#sha256=0",
            "a-1.0-cp37-abi3-manylinux2014_x86_64.whl",
            "a-1.0-1-py3-none-manylinux1_x86_64.whl",
        ] {
            assert!(fit(name), "{name}");
        }
        for name in [
            "a-1.0.tar.gz",
            "a-1.0-py2-none-any.whl",
            "a-1.0-cp312-cp312-manylinux_2_17_x86_64.whl",
            "a-1.0-cp313-cp313t-manylinux_2_17_x86_64.whl",
            "a-1.0-cp314-abi3-manylinux_2_17_x86_64.whl",
            "a-1.0-cp313-cp313-musllinux_1_1_x86_64.whl",
            "a-1.0-cp313-cp313-win_amd64.whl",
            "a-1.0-cp313-cp313-manylinux_2_17_aarch64.whl",
            "a-1.0-pp310-pypy310_pp73-manylinux_2_17_x86_64.whl",
        ] {
            assert!(!fit(name), "{name}");
        }
    }
}
