//! [`Host`]: the process's environment, working directory, clock and terminal, read once and turned
//! into values that the library is given. Nothing else reads the environment.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use packwright::planner::Plan;
use packwright::{Catalog, Secret};

use super::terminal::Terminal;
use crate::flags::values::{SecretFlag, SecretFrom};
use crate::report::{Failure, Report};

/// The process that the command runs in.
#[derive(Debug)]
pub(crate) struct Host {
    variables: BTreeMap<OsString, OsString>,
    /// The working directory.
    pub(crate) current_dir: PathBuf,
    /// When the command started.
    pub(crate) now: SystemTime,
    /// Where messages go.
    pub(crate) terminal: Terminal,
}

/// A path with its origin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    /// The path.
    pub(crate) path: PathBuf,
    /// The flag or variable that names it.
    pub(crate) origin: String,
}

impl Host {
    /// Reads everything once.
    ///
    /// Errors: the working directory is gone.
    pub(crate) fn read() -> Result<Host, Failure> {
        let variables: BTreeMap<OsString, OsString> = env::vars_os().collect();
        let current_dir = env::current_dir()
            .map_err(|error| Report::new("the working directory cannot be used").because(&error))?;
        let terminal = Terminal::of(&variables);
        Ok(Host { variables, current_dir, now: SystemTime::now(), terminal })
    }

    /// The variable `name`, when it is set to something.
    ///
    /// Errors: its value is not UTF-8.
    pub(crate) fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        let Some(value) = self.raw(name) else { return Ok(None) };
        match value.to_str() {
            Some(text) => Ok(Some(text.to_owned())),
            None => Err(Failure::usage(
                Report::new(format!("the environment variable `{name}` is not UTF-8"))
                    .fix("set it to text, or unset it"),
            )),
        }
    }

    pub(super) fn raw(&self, name: &str) -> Option<&OsString> {
        self.variables.get(std::ffi::OsStr::new(name)).filter(|value| !value.is_empty())
    }

    /// `path` from the working directory.
    pub(crate) fn absolute(&self, path: &Path) -> PathBuf {
        self.current_dir.join(path)
    }

    /// Where the store is.
    ///
    /// Errors: no flag and no variable says where.
    pub(crate) fn store(&self, flag: Option<&Path>) -> Result<Located, Failure> {
        let located = |path: PathBuf, origin: &str| Located { path, origin: origin.to_owned() };
        if let Some(flag) = flag {
            return Ok(located(self.absolute(flag), "--store"));
        }
        if let Some(path) = self.raw("PACKWRIGHT_STORE") {
            return Ok(located(self.absolute(Path::new(path)), "PACKWRIGHT_STORE"));
        }
        // Source: XDG Base Directory Specification: a relative path is invalid and ignored.
        if let Some(cache) = self.raw("XDG_CACHE_HOME").map(Path::new).filter(|path| path.is_absolute()) {
            return Ok(located(cache.join("packwright"), "XDG_CACHE_HOME"));
        }
        match self.raw("HOME").map(Path::new).filter(|path| path.is_absolute()) {
            Some(home) => Ok(located(home.join(".cache/packwright"), "HOME")),
            None => Err(Failure::usage(
                Report::new("it is not known where to keep the store")
                    .why("none of PACKWRIGHT_STORE, XDG_CACHE_HOME and HOME names an absolute path")
                    .fix("name a directory with `--store DIR` or in PACKWRIGHT_STORE"),
            )),
        }
    }

    /// The application that the build is of, if the user names one.
    pub(crate) fn subject(&self, flag: Option<&str>) -> Result<Option<String>, Failure> {
        match flag {
            Some(flag) => Ok(Some(flag.to_owned())),
            None => self.text("PACKWRIGHT_SUBJECT"),
        }
    }

    /// All variables that are text, for the library, which gives steps of `plan` those that they
    /// may see.
    ///
    /// Errors: a variable that a step may see is not UTF-8.
    pub(crate) fn settings(
        &self,
        catalog: &Catalog,
        plan: &Plan,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let mut settings = BTreeMap::new();
        for name in self.variables.keys().filter_map(|name| name.to_str()) {
            match self.text(name) {
                Ok(value) => settings.extend(value.map(|value| (name.to_owned(), value))),
                Err(failure) if catalog.passes_on(plan, name) => return Err(failure),
                Err(_) => {}
            }
        }
        Ok(settings)
    }

    /// The secret that `flag` names, with its value.
    ///
    /// Errors: the variable is not set, the file cannot be read, the value is too short.
    pub(crate) fn secret(&self, flag: &SecretFlag) -> Result<Secret, Failure> {
        use std::os::unix::ffi::OsStringExt;
        let name = &flag.name;
        let value = match &flag.from {
            SecretFrom::Variable(variable) => match self.raw(variable) {
                Some(value) => value.clone().into_vec(),
                None => {
                    return Err(Failure::usage(
                        Report::new(format!("the secret `{name}` has no value"))
                            .why(format!("the environment variable `{variable}` is not set"))
                            .fix(format!("set `{variable}`, or give a file with `--secret {name}=FILE`")),
                    ));
                }
            },
            SecretFrom::File(file) => fs::read(self.absolute(file)).map_err(|error| {
                Failure::usage(
                    Report::new(format!("the secret `{name}` has no value"))
                        .why(format!("`{}` cannot be read: {error}", file.display()))
                        .fix("name a file that you can read"),
                )
            })?,
        };
        Ok(Secret::new(name.clone(), value)?)
    }

    /// The time of all files, in seconds since 1970: the flag's, or that of SOURCE_DATE_EPOCH.
    ///
    /// Source: reproducible-builds.org, "SOURCE_DATE_EPOCH specification".
    pub(crate) fn epoch(&self, flag: Option<u64>) -> Result<Option<u64>, Failure> {
        let Some(text) = self.text("SOURCE_DATE_EPOCH")?.filter(|_| flag.is_none()) else {
            return Ok(flag);
        };
        match text.parse() {
            Ok(epoch) => Ok(Some(epoch)),
            Err(_) => Err(Failure::usage(
                Report::new(format!("SOURCE_DATE_EPOCH is `{text}`"))
                    .why("it has to be a number of seconds since 1970")
                    .fix("set it to a number, or unset it"),
            )),
        }
    }

    #[cfg(test)]
    pub(crate) fn with(variables: &[(&str, &str)]) -> Host {
        let variables: BTreeMap<OsString, OsString> =
            variables.iter().map(|(name, value)| (name.into(), value.into())).collect();
        let terminal = Terminal::of(&variables);
        Host { variables, current_dir: "/here".into(), now: SystemTime::UNIX_EPOCH, terminal }
    }
}
