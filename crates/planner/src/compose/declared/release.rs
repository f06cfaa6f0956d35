//! The release command that the files declare themselves, and whether it changes a database.

use super::present_languages::PresentLanguages;
use crate::compose::line::{self, Kind, Part};
use crate::{Component, DeclaredProcess, Moment, ProcessKind, Requested};

/// What the files themselves declare to run for a release.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum DeclaredRelease {
    /// Nothing.
    None,
    /// Commands, and none of them changes a database.
    Others,
    /// Commands that change a database, or may.
    Migrates,
}

/// What the files declare to run for every release.
pub(super) fn declared_release(component: &Component, here: &PresentLanguages<'_, '_>) -> DeclaredRelease {
    let is_each_time = |process: &&DeclaredProcess| {
        let once = ProcessKind::Release(Moment::FirstTime);
        process.name.as_str() == "release" || process.is_release() && process.kind != once
    };
    // What a script does is not known, nor what a block does.
    let is_script =
        |words: &Vec<String>| words.iter().any(|word| word.starts_with("./") || word.ends_with(".sh"));
    let migrates = |part: &Part| {
        part.commands.is_empty() && part.kind == Kind::Works
            || part.commands.iter().any(is_script)
            || here.releases(part)
    };
    let mut release = DeclaredRelease::None;
    for process in component.processes.iter().filter(is_each_time) {
        let Some(value) = process.command.clone() else { return DeclaredRelease::Migrates };
        let read = line::read(&Requested { value, origin: process.origin.clone() });
        if read.parts().any(migrates) {
            return DeclaredRelease::Migrates;
        }
        release = DeclaredRelease::Others;
    }
    release
}
