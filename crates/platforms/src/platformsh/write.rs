//! Writes Platform.sh's files: `.platform.app.yaml` (or `.platform/applications.yaml` for several
//! applications), `.platform/services.yaml`, `.platform/routes.yaml`. Upsun's writer uses the parts.
//!
//! Platform.sh builds from the source, so commands are written as they are. No value is written
//! that the model does not have, save where the platform insists on one: then it is a loss.

mod application;
mod environment;
mod processes;
mod project;
mod runtime;
#[cfg(test)]
pub(crate) mod tests;

use packwright_documents::{Content, to_yaml};
use packwright_planner::{AppModel, Component};

use crate::entries::Entries;
use crate::platformsh::dialect::Dialect;
use crate::write::{Conversion, Converted, Loss};

pub(crate) use project::{rest, routes, services};

/// Names that fit the platform's grammar for applications, in the order of the components.
pub(crate) fn names(model: &AppModel) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for part in &model.components {
        let wanted = part.name.as_ref().map_or("app", |name| &name.value);
        let fits = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        let name: String = wanted
            .to_ascii_lowercase()
            .chars()
            .map(|letter| if fits(letter) { letter } else { '-' })
            .collect();
        let base = match name.trim_matches('-') {
            "" => "app",
            name => name,
        };
        let numbered = (2u64..).map(|number| format!("{base}-{number}"));
        let mut free = std::iter::once(base.to_owned()).chain(numbered);
        names.extend(free.find(|name| !names.contains(name)));
    }
    names
}

/// Writes the files of Platform.sh.
pub(crate) fn write(conversion: &Conversion<'_>) -> Converted {
    let mut converted = Converted::default();
    let model = conversion.model;
    let names = names(model);
    let mut apps: Vec<Entries> = Vec::new();
    for (part, name) in model.components.iter().zip(&names) {
        let mut entries = Entries::default();
        entries.text("name", name);
        application(&mut entries, Dialect::Platformsh, model, part, name, &mut converted);
        apps.push(entries);
    }
    match <[Entries; 1]>::try_from(apps) {
        Ok([only]) => converted.file(super::APP, to_yaml(&only.value())),
        Err(apps) if apps.is_empty() => {}
        Err(apps) => {
            let list = apps.into_iter().map(|app| app.content().into()).collect();
            converted.file(super::APPS, to_yaml(&Content::List(list).into()));
        }
    }
    let found = services(Dialect::Platformsh, model, &mut converted);
    if !found.is_empty() {
        converted.file(super::SERVICES, to_yaml(&found.value()));
    }
    let found = routes(model, &names, &mut converted);
    if !found.is_empty() {
        converted.file(super::ROUTES, to_yaml(&found.value()));
    }
    rest(Dialect::Platformsh, model, &mut converted);
    converted
}

/// Writes one application below its name.
pub(crate) fn application(
    entries: &mut Entries,
    dialect: Dialect,
    model: &AppModel,
    part: &Component,
    name: &str,
    converted: &mut Converted,
) {
    if let Some(wanted) = part.name.as_ref().filter(|wanted| wanted.value != name) {
        let what = format!("the component `{}` is called `{name}`", wanted.value);
        converted.lose(Loss::Components, what, "use that name in routes", Some(&wanted.origin));
    }
    application::ApplicationWriter { dialect, model, part, converted }.write(entries);
}
