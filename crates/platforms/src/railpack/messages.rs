//! The diagnostics that only the reader of Railpack's files reports; those that it shares with Nixpacks are in
//! `nixpacks/messages.rs`.

use packwright_planner::{Diagnostic, Origin};

use crate::nixpacks::plan::Item;

/// Why files of another image are not taken.
pub(super) const OTHER_IMAGE: &str =
    "the image is made of Debian packages that the plan chooses, not of other images";
/// Why files outside of the application are not in the image.
pub(super) const OUTSIDE: &str = "of what the build leaves, only what is below /app is in the image";
/// Why a choice of inputs changes nothing.
pub(super) const INPUTS: &str =
    "every step sees the files that it needs, and all that the build leaves below /app is in the image";
/// Why caches change nothing.
pub(super) const CACHES: &str = "the caches of package managers are kept between builds by themselves";
/// Why a list of secrets of one step changes nothing.
pub(super) const STEP_SECRETS: &str =
    "secrets are given to all steps that see the source; `--secret` gives them";
/// Why a word that brings files back cannot be followed.
pub(super) const NEGATED: &str = "files can be left out here, and not be brought back";

/// A file under this name with the keys of Railway's.
pub(super) fn foreign(origin: &Origin) -> Diagnostic {
    Diagnostic::info(
        "railpack/foreign-file",
        format!("{origin} has the keys of railway.json and is not read"),
    )
    .why("Railpack ignores these keys, and Railway does not look for them under this name")
    .fix("call the file `railway.json`")
    .at(origin.clone())
}

/// A provider that Railpack does not have.
pub(super) fn unknown_provider(item: &Item) -> Diagnostic {
    let Item { value, origin } = item;
    Diagnostic::warning("railpack/value", format!("{origin}: `{value}` is no provider of Railpack"))
        .why("what is detected takes its place, as in Railpack")
        .fix("name one that it has, such as `node`, `python` or `staticfile`")
        .at(origin.clone())
}

/// A command whose quotes do not match.
pub(super) fn quotes(item: &Item) -> Diagnostic {
    let Item { value, origin } = item;
    Diagnostic::error("railpack/value", format!("{origin}: the quotes of `{value}` do not match"))
        .fix("close them, or write the command as a text, which goes to a shell")
        .at(origin.clone())
}

/// A file whose text is not among the assets.
pub(super) fn no_asset(item: &Item) -> Diagnostic {
    let Item { value, origin } = item;
    Diagnostic::error("railpack/value", format!("{origin}: the step has no asset `{value}`"))
        .fix("put the text of the file into the `assets` of the step")
        .at(origin.clone())
}

/// A variable with two values in two steps.
pub(super) fn two_values(name: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning("railpack/two-values", format!("{origin}: another step gives `{name}` another value"))
        .why("the variables of steps are those of the whole build; the first value counts")
        .fix("set it in the command itself")
        .at(origin.clone())
}

/// A script that is to be started and is not there.
pub(super) fn no_script(item: &Item) -> Diagnostic {
    let Item { value, origin } = item;
    Diagnostic::warning("railpack/no-script", format!("{origin}: there is no file `{value}`"))
        .fix("name a script of the source")
        .at(origin.clone())
}

/// The name of this reader.
pub(super) const PLATFORM: &str = "railpack";
