//! Where Debian packages come from: flag, environment, or the apt sources of this machine.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use packwright::debian::{Mirror, sources};
use packwright::remote::Url;

use super::environment::Host;
use crate::report::{Failure, Report};

/// The addresses of the two archives, each with its origin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Addresses {
    /// The main archive.
    pub(crate) archive: Option<(Url, String)>,
    /// The security archive.
    pub(crate) security: Option<(Url, String)>,
    mirror: Option<Mirror>,
}

impl Addresses {
    /// The mirror as the library takes it; `None` without a main archive.
    pub(crate) fn mirror(&self) -> Option<Mirror> {
        self.mirror.clone()
    }
}

impl Host {
    /// Looks for each address separately: in its flag, in the environment, in the apt sources. The
    /// apt sources are read only when an address is still missing.
    ///
    /// Errors: an address that is not a URL; apt sources that cannot be read.
    pub(crate) fn addresses(
        &self,
        archive: Option<&str>,
        security: Option<&str>,
    ) -> Result<Addresses, Failure> {
        let mut archive = self.given("--mirror", archive, "PACKWRIGHT_DEBIAN_MIRROR")?;
        let mut security = self.given("--security-mirror", security, "PACKWRIGHT_DEBIAN_SECURITY_MIRROR")?;
        let is_missing = archive.is_none() || security.is_none();
        if is_missing && let Some(found) = apt_sources(Path::new("/etc/apt"))? {
            archive = archive.or(Some((found.mirror.archive, found.archive_origin)));
            security = security.or(found.mirror.security.zip(found.security_origin));
        }
        let mirror = archive.as_ref().map(|(archive, _)| Mirror {
            archive: archive.clone(),
            security: security.as_ref().map(|(security, _)| security.clone()),
        });
        Ok(Addresses { archive: checked(archive)?, security: checked(security)?, mirror })
    }

    fn given(
        &self,
        flag: &str,
        value: Option<&str>,
        variable: &str,
    ) -> Result<Option<(String, String)>, Failure> {
        match value {
            Some(value) => Ok(Some((value.to_owned(), flag.to_owned()))),
            None => Ok(self.text(variable)?.map(|value| (value, variable.to_owned()))),
        }
    }
}

fn checked(given: Option<(String, String)>) -> Result<Option<(Url, String)>, Failure> {
    let Some((text, origin)) = given else { return Ok(None) };
    match text.parse() {
        Ok(url) => Ok(Some((url, origin))),
        Err(error) => Err(Failure::usage(
            Report::of(&error, None)
                .why(format!("{origin} says so"))
                .fix("correct the address of the mirror"),
        )),
    }
}

/// What the apt sources in `dir` say, in the order in which apt reads them.
fn apt_sources(dir: &Path) -> Result<Option<sources::FoundMirror>, Failure> {
    let mut files = vec![dir.join("sources.list")];
    files.extend(parts(&dir.join("sources.list.d"))?);
    let mut entries = Vec::new();
    for file in files {
        let name = file.display().to_string();
        let text = match fs::read(&file) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(unreadable(&file, &error)),
        };
        entries.extend(sources::parse(&name, &text).map_err(|error| {
            let fix = "correct the line, or give the mirror with `--mirror URL`";
            Failure::from(Report::of(&error, Some(fix.to_owned())))
        })?);
    }
    Ok(sources::debian_mirror(&entries))
}

/// The files of `sources.list.d` that apt reads, sorted.
fn parts(dir: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(dir, &error)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| unreadable(dir, &error))?.path();
        if path.extension().is_some_and(|ending| ending == "list" || ending == "sources") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Report::new(format!("`{}` cannot be read", path.display()))
        .because(error)
        .fix("make it readable, or give the mirror with `--mirror URL` and `--security-mirror URL`")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn apt_sources_are_read_in_both_formats() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(apt_sources(dir.path()).unwrap(), None);
        fs::create_dir(dir.path().join("sources.list.d")).unwrap();
        let stanza = "Types: deb\nURIs: http://a.test/debian\nSuites: trixie trixie-updates\nComponents: main\n\n\
                      Types: deb\nURIs: http://a.test/security\nSuites: trixie-security\nComponents: main\n";
        fs::write(dir.path().join("sources.list.d/debian.sources"), stanza).unwrap();
        fs::write(dir.path().join("sources.list.d/notes.txt"), "not for apt").unwrap();
        let found = apt_sources(dir.path()).unwrap().unwrap();
        assert_eq!(found.mirror.archive, "http://a.test/debian");
        assert_eq!(found.mirror.security.as_deref(), Some("http://a.test/security"));
        fs::write(dir.path().join("sources.list"), "nonsense\n").unwrap();
        let failure = apt_sources(dir.path()).unwrap_err();
        assert!(failure.reports[0].message.contains("sources.list:1"), "{failure:?}");
    }

    #[test]
    fn an_address_must_be_one() {
        let host = Host::with(&[("PACKWRIGHT_DEBIAN_MIRROR", "ftp://a.test")]);
        assert!(host.addresses(None, Some("http://b.test")).is_err());
        let found = host.addresses(Some("http://a.test/debian"), Some("http://b.test/s")).unwrap();
        assert_eq!(found.archive.unwrap().1, "--mirror");
        assert_eq!(found.mirror.unwrap().archive, "http://a.test/debian");
    }
}
