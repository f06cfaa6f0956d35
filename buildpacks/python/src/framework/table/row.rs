//! [`Framework`]: one row of the tables, and how a row is read.

use crate::framework::kinds::Gateway;

/// A framework.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Framework {
    /// What people call it.
    pub(crate) name: &'static str,
    /// What plans call it.
    pub(crate) id: &'static str,
    /// The top-level module that it is imported from.
    pub(crate) module: &'static str,
    /// Requirements that bring it, the usual one first.
    pub(crate) packages: &'static [&'static str],
    /// What tells that a file holds an application of it, and how that starts; the strongest
    /// first.
    pub(crate) signs: &'static [Sign],
    /// Servers that are installed as dependencies of the framework itself.
    pub(crate) brings: &'static [&'static str],
    /// Whether people also use it as a library, so that an import alone means nothing.
    pub(crate) is_library_too: bool,
}

/// One way to recognise and start an application.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Sign {
    /// What stands in the file.
    pub(crate) mark: Mark,
    /// What is done with it.
    pub(crate) launch: Launch,
}

/// What stands in a file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    /// `name = Class(…)` at the top level, or a function that returns one: dotted paths.
    Makes(&'static [&'static str]),
    /// A call or a decorator anywhere: a dotted path, `.method`, or `module.*`. The whole file is
    /// the application.
    Calls(&'static [&'static str]),
    /// A call as for [`Mark::Calls`] that has one of `values` for `argument`, which may stand first.
    CallsWith { calls: &'static [&'static str], argument: &'static str, values: &'static [&'static str] },
    /// A class of this name at the top level.
    Class(&'static str),
}

/// How an application starts.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Launch {
    /// A server of this kind is pointed at the object.
    Server(Gateway),
    /// A program is pointed at it: words with `{module}`, `{name}`, `{file}`; the second line is
    /// for a factory, where the program takes one.
    Program(&'static str, Option<&'static str>),
}

impl Launch {
    /// Whether the program is given the module, and not the file.
    pub(crate) fn names_the_module(&self) -> bool {
        match self {
            Launch::Server(_) => true,
            Launch::Program(line, _) => line.contains("{module"),
        }
    }
}

impl Framework {
    /// Whether the requirements, as told by `have`, bring it.
    pub(crate) fn is_required(&self, have: impl Fn(&str) -> bool) -> bool {
        self.packages.iter().any(|package| have(package))
    }

    /// The classes of its applications.
    pub(crate) fn classes(&self) -> impl Iterator<Item = &'static str> {
        self.signs.iter().flat_map(|sign| match sign.mark {
            Mark::Makes(classes) => classes.iter().copied(),
            Mark::Calls(_) | Mark::CallsWith { .. } | Mark::Class(_) => [].iter().copied(),
        })
    }
}
