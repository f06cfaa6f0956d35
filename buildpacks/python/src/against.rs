//! [`Fact`]: one thing that speaks against a Python, as the index or the published files say it. It decides nothing.

use std::fmt;

/// What speaks against a Python.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fact {
    /// The Python.
    pub(crate) python: String,
    /// Why not.
    pub(crate) why: Against,
}

/// Why a Python is not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Against {
    /// A release has wheels for other Pythons, and none for this one.
    Wheel { package: String, version: String },
    /// A release does not accept this Python.
    Range { package: String, version: String },
    /// A file of a release imports a module that this Python has no more.
    Module { package: String, version: String, module: String, file: String },
    /// No versions fit together.
    Nothing,
}

impl Fact {
    /// The package that has no wheel.
    pub(crate) fn without_wheel(&self) -> Option<&str> {
        match &self.why {
            Against::Wheel { package, .. } => Some(package),
            _ => None,
        }
    }

    /// Reads a line of the answer; `None` when it is none.
    pub(crate) fn parse(line: &str) -> Option<Fact> {
        let mut words = line.split(' ').filter(|word| !word.is_empty());
        let (python, kind) = (words.next()?.to_owned(), words.next()?);
        let rest: Vec<String> = words.map(str::to_owned).collect();
        let why = match (kind, rest.as_slice()) {
            ("wheel", [package, version]) => {
                Against::Wheel { package: package.clone(), version: version.clone() }
            }
            ("range", [package, version]) => {
                Against::Range { package: package.clone(), version: version.clone() }
            }
            ("module", [package, version, module, file @ ..]) if !file.is_empty() => Against::Module {
                package: package.clone(),
                version: version.clone(),
                module: module.clone(),
                file: file.join(" "),
            },
            ("none", []) => Against::Nothing,
            _ => return None,
        };
        Some(Fact { python, why })
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Fact { python, why } = self;
        match why {
            Against::Wheel { package, version } => {
                write!(f, "{package} {version} has no wheel for Python {python}")
            }
            Against::Range { package, version } => {
                write!(f, "{package} {version} does not accept Python {python}")
            }
            Against::Module { package, version, module, file } => {
                write!(f, "{file} of {package} {version} imports {module}, which Python {python} has no more")
            }
            Against::Nothing => write!(f, "no versions fit together with Python {python}"),
        }
    }
}
