//! Every word that the buildpack says to people. Nothing here decides anything.

use packwright_planner::{Diagnostic, Origin, RelPath, SourceError};

use crate::data::SHELLS;

fn error_at(code: &str, origin: &Origin, message: String) -> Diagnostic {
    Diagnostic::error(code, message).at(origin.clone())
}

pub(crate) fn unreadable(path: &RelPath, error: &SourceError) -> Diagnostic {
    error_at("shell/unreadable", &Origin::file(path), error.to_string()).fix(error.fix())
}

pub(crate) fn no_script(value: &str, origin: &Origin) -> Diagnostic {
    error_at("shell/no-script", origin, format!("{origin}: there is no file `{value}` in the tree"))
        .fix("give the path of a script in the repository, such as `bin/start.sh`")
}

pub(crate) fn unknown_shell(name: &str, origin: &Origin) -> Diagnostic {
    let known: Vec<&str> = SHELLS.iter().map(|&(name, _)| name).collect();
    error_at("shell/unknown-shell", origin, format!("{origin} names `{name}`, which is no known shell"))
        .why(format!("the known shells are {}", known.join(", ")))
        .fix("write the script for one of them, or start it from a Procfile and ask for its interpreter with `--env PACKWRIGHT_PACKAGES=<package>`")
}

pub(crate) fn carriage_return(origin: &Origin) -> Diagnostic {
    Diagnostic::warning("shell/line-ends", format!("{origin} ends with a carriage return"))
        .why("a shell takes it for a part of the last word of the line")
        .fix("save the script with line ends of Unix")
        .at(origin.clone())
}
