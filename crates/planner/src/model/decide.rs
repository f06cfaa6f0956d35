//! [`decide`]: merges the declarations of many files into one model. Each field is decided separately: the
//! first file that sets it wins, and the values of other files are recorded as overridden.

mod application;
mod caller;
mod merge;

use std::collections::{BTreeMap, BTreeSet};

use packwright_oci::RelPath;

use super::app_model::{AppModel, PlatformFiles};
use super::component::{Component, Customs};
use super::declarations::{Declarations, FileWeight};
use super::service::ServiceKind;
use super::{checked, exposed};
use crate::diagnostic::Diagnostic;
use crate::origin::Origin;
use merge::{FileComponents, Merger};

/// The platform that the caller chooses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChosenPlatform {
    /// Its name.
    pub platform: String,
    /// The names of the platforms whose files it reads, the ones that count first; its own is
    /// among them.
    pub reads: Vec<String>,
    /// What it does differently with files that buildpacks read.
    pub customs: Customs,
}

/// Makes one model of `declared`, which is in falling precedence.
///
/// With a chosen platform only the files that it reads count, in its order; all others are
/// reported as not read. Without one, files that only give hints fill what the others leave open:
/// they are in [`Component::hints`], since what is detected in the source counts before them.
/// What the caller says by variables, which have an option for their origin, counts before all files.
/// What looks like a secret, in a variable or in a command, is not kept.
pub fn decide(mut declared: Vec<Declarations>, chosen: Option<&ChosenPlatform>) -> AppModel {
    let checked = checked::checked(&mut declared);
    let exposed = exposed::in_files(&declared, &checked.exposed);
    let mut model = AppModel { exposed, ..AppModel::default() };
    let (mut counting, unread) = match chosen {
        None => (declared, Vec::new()),
        Some(chosen) => of_platform(declared, chosen),
    };
    counting.sort_by_key(|declared| declared.weight);
    if let Some(chosen) = chosen {
        model.diagnostics.extend(remarks_on_choice(chosen, &counting, &unread));
    }
    let mut merger = Merger::default();
    model.name = merger.first("name", counting.iter().filter_map(|file| file.name.clone()));
    let mut places = places(&mut counting);
    if places.is_empty() && chosen.is_some() {
        places.insert(None, Vec::new());
    }
    for files in places.into_values() {
        let (deciding, hinting): (Vec<FileComponents>, Vec<FileComponents>) =
            files.into_iter().partition(|said| said.weight == FileWeight::Decides);
        let mut component = merger.place(deciding);
        let hints = merger.place(hinting);
        if component.root.is_none() {
            component.root = hints.root.clone();
        }
        component.hints = (!hints.is_empty()).then(|| Box::new(hints));
        component.customs = chosen.map(|chosen| chosen.customs.clone()).unwrap_or_default();
        model.components.push(component);
    }
    model.decisions = merger.into_decisions();
    join(&mut model, counting);
    checked.judge(&mut model);
    model
}

/// The components of all files by their directory, the top first.
fn places(counting: &mut [Declarations]) -> BTreeMap<Option<RelPath>, Vec<FileComponents>> {
    let mut places: BTreeMap<Option<RelPath>, Vec<FileComponents>> = BTreeMap::new();
    for file in counting {
        let mut here: BTreeMap<Option<RelPath>, Vec<Component>> = BTreeMap::new();
        for part in std::mem::take(&mut file.components) {
            here.entry(part.dir().cloned()).or_default().push(part);
        }
        for (dir, parts) in here {
            places.entry(dir).or_default().push(FileComponents { weight: file.weight, parts });
        }
    }
    places
}

/// Adds to `model` what is about no directory.
fn join(model: &mut AppModel, counting: Vec<Declarations>) {
    let mut kinds: BTreeSet<ServiceKind> = BTreeSet::new();
    let mut domains: BTreeSet<String> = BTreeSet::new();
    let about = |remark: &Diagnostic| {
        (remark.code.clone(), remark.message.clone(), remark.why.clone(), remark.at.clone())
    };
    let mut remarks: BTreeSet<_> = model.diagnostics.iter().map(about).collect();
    for file in counting {
        // Two files that speak of one database mean one database.
        let new: Vec<_> =
            file.services.into_iter().filter(|service| !kinds.contains(&service.kind)).collect();
        kinds.extend(new.iter().map(|service| service.kind.clone()));
        model.services.extend(new);
        model.domains.extend(file.domains.into_iter().filter(|domain| domains.insert(domain.value.clone())));
        model.overlays.extend(file.overlays);
        // Parts of a file that share a script have the same to say about it.
        model.diagnostics.extend(file.diagnostics.into_iter().filter(|remark| remarks.insert(about(remark))));
        let same =
            |known: &&mut PlatformFiles| known.platform == file.platform && known.weight == file.weight;
        match model.files.iter_mut().find(same) {
            Some(known) => known.files.extend(file.files),
            None => model.files.push(PlatformFiles {
                platform: file.platform,
                weight: file.weight,
                files: file.files,
            }),
        }
    }
}

/// The files that the platform reads, in its order, and those that it does not read.
fn of_platform(
    declared: Vec<Declarations>,
    chosen: &ChosenPlatform,
) -> (Vec<Declarations>, Vec<Declarations>) {
    let place = |file: &Declarations| chosen.reads.iter().position(|name| *name == file.platform);
    let (mut read, unread): (Vec<_>, Vec<_>) = declared.into_iter().partition(|file| place(file).is_some());
    read.sort_by_key(|file| place(file));
    for file in &mut read {
        file.weight = FileWeight::Decides;
    }
    (read, unread)
}

fn remarks_on_choice(
    chosen: &ChosenPlatform,
    read: &[Declarations],
    unread: &[Declarations],
) -> Vec<Diagnostic> {
    let mut remarks = Vec::new();
    if !read.iter().any(|file| file.platform == chosen.platform) {
        let message = format!("there is no file of {}", chosen.platform);
        remarks.push(
            Diagnostic::info("platform/no-file", message)
                .why("`--platform` chooses it; its rules apply to what is detected")
                .fix("leave the flag out to let the files of other platforms count"),
        );
    }
    remarks.extend(unread.iter().map(|file| {
        let files = file.files.iter().map(ToString::to_string);
        let options: BTreeSet<String> = file.components.iter().flat_map(caller::options).collect();
        let is_said = !options.is_empty();
        let names: Vec<String> = files.chain(options).collect();
        let message = format!("{} is not read: {} does not read it", names.join(", "), chosen.platform);
        // What the caller says is meant for this build.
        let remark = match is_said {
            true => Diagnostic::warning("platform/not-read", message),
            false => Diagnostic::info("platform/not-read", message),
        };
        remark
            .fix(format!("choose `--platform {}`, or none, to let it count", file.platform))
            .at(Origin::file(&file.files[0]))
    }));
    remarks
}

#[cfg(test)]
mod tests;
