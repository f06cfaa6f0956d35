//! [`Surroundings`]: the process's environment, directory, clock and terminal, read once and
//! turned into values that the library is given. Nothing else reads the environment.

mod host;
mod mirror;
mod terminal;

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use packwright_engine::Secret;
use packwright_engine::planner::{Diagnostic, Plan};

use crate::application::buildpacks;
use crate::flags::{SecretFlag, SecretFrom};
use crate::report::{Failure, Report};

pub(crate) use mirror::Addresses;
pub(crate) use terminal::Terminal;

/// What the command finds around it.
#[derive(Debug)]
pub(crate) struct Surroundings {
    variables: BTreeMap<OsString, OsString>,
    /// The working directory.
    pub(crate) current_dir: PathBuf,
    /// When the command started.
    pub(crate) now: SystemTime,
    /// Where messages go.
    pub(crate) terminal: Terminal,
}

/// A place with who chose it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Located {
    /// The place.
    pub(crate) path: PathBuf,
    /// Who chose it: a flag, a variable, or words.
    pub(crate) origin: String,
}

impl Surroundings {
    /// Reads everything once.
    ///
    /// Errors: the working directory is gone.
    pub(crate) fn read() -> Result<Surroundings, Failure> {
        let variables: BTreeMap<OsString, OsString> = env::vars_os().collect();
        let current_dir = env::current_dir()
            .map_err(|error| Report::new("the working directory cannot be used").because(&error))?;
        let terminal = Terminal::of(&variables);
        Ok(Surroundings { variables, current_dir, now: SystemTime::now(), terminal })
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

    fn raw(&self, name: &str) -> Option<&OsString> {
        self.variables.get(std::ffi::OsStr::new(name)).filter(|value| !value.is_empty())
    }

    /// `path` from the working directory.
    pub(crate) fn absolute(&self, path: &Path) -> PathBuf {
        self.current_dir.join(path)
    }

    /// Where the store is.
    ///
    /// Errors: nothing says where.
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

    /// The variables of this environment that steps of `plan` are to see: those that a buildpack lists
    /// among a step's settings, and of those that files of the source name (`.npmrc` for one) the
    /// ones that a language's clients obey. A file of the source must not reach for others.
    ///
    /// Errors: one of them is not UTF-8.
    pub(crate) fn settings(&self, plan: &Plan) -> Result<BTreeMap<String, String>, Failure> {
        let mut settings = BTreeMap::new();
        for name in self.named(plan).filter(|name| is_passed_on(plan, name)) {
            if let Some(value) = self.text(name)? {
                settings.insert(name.to_owned(), value);
            }
        }
        Ok(settings)
    }

    /// What is said about variables that files of the source name, that are set, and that are not
    /// passed on.
    pub(crate) fn withheld(&self, plan: &Plan) -> Vec<Diagnostic> {
        let withheld = self.named(plan).filter(|name| !is_passed_on(plan, name));
        let is_given = |name: &str| {
            plan.steps.iter().any(|step| {
                step.environment.contains_key(name)
                    || step.secrets.iter().any(|secret| secret.as_str() == name)
            })
        };
        withheld
            .filter(|name| !is_given(name))
            .map(|name| {
                Diagnostic::warning("settings/withheld", format!("the variable `{name}` is not passed on"))
                    .why("a file of the source names it, and it is none of a package manager")
                    .fix(format!("give it with `--secret {name}` if that is meant"))
            })
            .collect()
    }

    /// The variables that are set and that a step of `plan` names.
    fn named<'a>(&'a self, plan: &'a Plan) -> impl Iterator<Item = &'a str> {
        let names = self.variables.keys().filter_map(|name| name.to_str());
        names.filter(|name| plan.steps.iter().any(|step| step.obeys(name)))
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
    pub(crate) fn with(variables: &[(&str, &str)]) -> Surroundings {
        let variables: BTreeMap<OsString, OsString> =
            variables.iter().map(|(name, value)| (name.into(), value.into())).collect();
        let terminal = Terminal::of(&variables);
        Surroundings { variables, current_dir: "/here".into(), now: SystemTime::UNIX_EPOCH, terminal }
    }
}

/// Whether the variable `name`, which a step of `plan` names, is passed on to it.
fn is_passed_on(plan: &Plan, name: &str) -> bool {
    plan.steps.iter().any(|step| step.lists(name))
        || buildpacks().iter().any(|buildpack| buildpack.language().obeys(name))
}

#[cfg(test)]
mod tests;
