//! The closing check: whether the finished image is whole. Pure functions over its files, its configuration and its
//! processes; [`verify`] says what is missing. Nothing here fetches, repairs or runs anything.
//!
//! ```text
//! Tree + contents + config + processes ──verify──▶ errors and warnings
//! ```
//!
//! A builder calls it before an image is delivered; `packwright verify IMAGE` calls it for an image of any origin.
//! Contents are read only where it matters, and in parts: first lines of scripts, headers, dynamic sections and
//! version tables of ELF files, Python's lists of installed files, `package.json` beside native modules.
//!
//! | What is looked at | Finding | Severity |
//! |---|---|---|
//! | the program of every process, through links, by the image's `PATH` or by path; the interpreters of scripts; what `npm run`, `npm start` and the same of pnpm, Yarn and bun start | it is not there, cannot be executed, or is of another platform | error |
//! | a process's program and all libraries that are loaded with it | interpreter, library or symbol version missing | error |
//! | every other ELF file that executes or is named as a library, outside of what the distribution brings | library or symbol version missing | warning |
//! | programs on `PATH` and in Python's virtual environments, outside of what the distribution brings | the interpreter of the script is not there | warning |
//! | Python distributions | two write the same file with different contents | warning |
//! | Node packages | native modules, and none for this platform; links in `node_modules` that lead nowhere | warning |
//!
//! A process that is for development by its name (`dev`, `development`, or one of these as a part of the name: `dev-css`)
//! gives warnings alone, unless it is the image's first. Its line is in the Procfile because Heroku and others read no
//! other file, its programs are left out of an image for production on purpose, and nobody starts it there. Every other
//! process is an error, also one beside `web`: an image whose `worker` cannot start is not whole.
//!
//! What an image needs beyond its processes may be optional: a plugin for a database that nobody uses is no reason to
//! refuse an image, so it is a warning. What cannot be known is not claimed:
//!
//! - Commands: words with variables, substitutions and patterns; names after `source`, `eval` or a changed `PATH`, and
//!   in a shell that reads a profile or `BASH_ENV` before; libraries of a command that sets `LD_LIBRARY_PATH`;
//!   what stands beside `||`, behind a test, in `if`, `case` and loops; what a program before it in the line may have
//!   made, where the image's user can write.
//! - Files for another processor, another system or another C library, such as the prebuilt variants in
//!   `node_modules`: nothing loads them here, unless a process names them. An image for amd64 executes programs for 386
//!   too, one for arm64 those for arm.
//! - Images for other systems than Linux: nothing of them is looked at, which is said.
//! - Libraries, and versions of them, that are elsewhere in the image: a program may load them by path before those
//!   that need them, as wheels for CUDA do, or bring its own, as the interpreter of conda does. Libraries of a graphics
//!   driver, which come with the host.
//! - What the distribution's packages need of each other (files below `/usr` but not `/usr/local`, `/bin`, `/sbin`,
//!   `/lib*`): the solver of the distribution has seen to it. A process's program is followed there, too.
//! - Damaged ELF files that no process starts.
//!
//! A missing library carries how the file that needs it is loaded ([`Use`]), for a builder that adds what is missing:
//! when a process starts; by its name (programs with an interpreter, `*.node`, and modules with an ABI tag in their
//! name, as Python's build tools write them, with all that these load); or by a path that only the code knows (every
//! other library). What is loaded by path is often one of several variants, or a plugin of a window system.

mod command;
mod elf;
mod files;
mod findings;
mod image;
mod ld_cache;
mod libraries;
mod loader;
mod node;
mod package_script;
mod place;
mod programs;
mod python;
mod user;
mod wrapper;

use std::collections::BTreeSet;

pub use files::{Contents, ReadSeek, Unreadable};
pub use findings::{Finding, Missing, NeedingFile, Use};
pub use image::Image;

use files::Files;

/// Number of the rules: the same image and the same number give the same findings.
pub const RULES: u32 = 2;

/// What is missing in `image`: errors before warnings, each kind in the order of the table above, then by path.
///
/// Errors: contents that cannot be read. Malformed contents are none.
pub fn verify(image: &Image<'_>) -> Result<Vec<Finding>, Unreadable> {
    if !["", "linux"].contains(&image.config.os.as_str()) {
        return Ok(vec![findings::of_other_system(&image.config.os).into()]);
    }
    let files = Files::new(image.tree, image.contents);
    let mut followed = BTreeSet::new();
    let mut found = programs::findings(image, &files, &mut followed)?;
    found.extend(libraries::findings(image, &files, &followed)?);
    found.extend(programs::scripts(image, &files, &followed)?);
    found.extend(python::findings(&files)?.into_iter().map(Finding::from));
    found.extend(node::findings(image, &files)?.into_iter().map(Finding::from));
    // Stable: the order within a severity stays.
    found.sort_by_key(|finding| std::cmp::Reverse(finding.diagnostic.severity));
    Ok(found)
}

/// The libraries that files of `image` lack, and nothing else of [`verify`]; no process is followed. For a part of an
/// image, before the rest of it is made.
///
/// Errors: contents that cannot be read.
pub fn lacking_libraries(image: &Image<'_>) -> Result<Vec<Finding>, Unreadable> {
    let files = Files::new(image.tree, image.contents);
    libraries::lacking(image, &files, &BTreeSet::new())
}

#[cfg(test)]
mod tests;
