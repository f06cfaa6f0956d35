//! `Aptfile`: operating-system packages by their Debian names.
//!
//! The names may be Ubuntu's, since Heroku's stacks are; what Debian has not is said when the
//! packages are solved.

use packwright_planner::{Declarations, Diagnostic, FileWeight, Origin, Requested, Scope};

use crate::dir_view::DirView;
use crate::heroku::source::PLATFORM;
use crate::names;

/// Reads the `Aptfile`.
pub(super) fn read(view: &DirView<'_>) -> Option<Declarations> {
    let seen = match crate::heroku::source::seen(view, "Aptfile")? {
        Ok(seen) => seen,
        Err(refused) => return Some(refused),
    };
    let mut declared = Declarations::new(PLATFORM, &seen.path, FileWeight::Decides);
    for (index, line) in seen.text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let origin = Origin::line(&seen.path, index as u32 + 1);
        if let Some(told) = refused(line, &origin) {
            declared.diagnostics.push(told);
            continue;
        }
        let names = line.split_whitespace().take_while(|word| !word.starts_with('#'));
        for word in names {
            match name(word) {
                Ok(plain) => {
                    let name = Requested { value: plain.to_owned(), origin: origin.clone() };
                    let named = names::apt(PLATFORM, &name, Scope::Run);
                    declared.component().packages.extend(named.packages);
                    declared.diagnostics.extend(named.told);
                }
                Err(()) => {
                    let message = format!("{origin}: `{word}` is no name of a package");
                    declared.diagnostics.push(
                        Diagnostic::error("heroku/apt-name", message)
                            .fix("write names of Debian packages, one a line")
                            .at(origin.clone()),
                    );
                }
            }
        }
    }
    Some(declared)
}

/// Why a line that is no list of names is not used.
fn refused(line: &str, origin: &Origin) -> Option<Diagnostic> {
    let (code, message, why, fix) = if let Some(repository) = line.strip_prefix(":repo:") {
        (
            "heroku/apt-repository",
            format!("the archive `{}` is not used", repository.trim()),
            "packages come from the archive that the build is given, which is checked by its key",
            "delete the line and use Debian's own package, or build on an image that has the package",
        )
    } else if line.split_whitespace().any(|word| word.contains("://") || word.ends_with(".deb")) {
        (
            "heroku/apt-address",
            format!("the package at `{line}` is not used"),
            "what is behind an address is not checked by any key and can change",
            "use Debian's own package, or keep the file in the repository and unpack it in a command of the build",
        )
    } else if line.starts_with('-') {
        (
            "heroku/apt-option",
            format!("the option `{line}` is not used"),
            "no apt runs here",
            "delete the line; recommended packages are left out anyway",
        )
    } else {
        return None;
    };
    // Where the caller chooses Heroku, what is asked for and cannot be had is an error: see `ASKED_FOR`.
    let told = Diagnostic::warning(code, format!("{origin}: {message}"));
    Some(told.why(why).fix(fix).at(origin.clone()))
}

/// The name of a package, with its version if it has one, in `name`, `name=version`, `name:arch`
/// or `name/suite`.
///
/// Source: Debian policy, 5.6.1.
pub(crate) fn name(word: &str) -> Result<&str, ()> {
    let plain = word.split([':', '/']).next().unwrap_or(word);
    let name = plain.split('=').next().unwrap_or(plain);
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let begins = name.bytes().next().is_some_and(letter);
    let valid = begins && name.len() > 1 && name.bytes().all(|byte| letter(byte) || b"+-.".contains(&byte));
    // A version may have a colon, the epoch, so that what follows it is kept then.
    let whole = if word.contains('=') { word } else { plain };
    if valid { Ok(whole) } else { Err(()) }
}
