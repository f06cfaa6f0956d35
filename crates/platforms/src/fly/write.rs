//! Writes `fly.toml`: one for each component, in its directory.
//!
//! Fly.io runs an image. In one that Packwright made every process is a program of its own, so the
//! file says which of them run, and where they listen; how they start is in the image.

mod machine;
mod processes;
mod settings;
#[cfg(test)]
mod tests;

use packwright_documents::to_toml;
use packwright_planner::{AppModel, Component, Requested};

use crate::container::writing::label;
use crate::entries::Entries;
use crate::write::{Conversion, Converted, Loss};

/// What stands for an image that nobody has named.
const IMAGE: &str = "IMAGE";

/// The port of a process that listens where `PORT` says.
const PORT: u16 = 8080;

/// A file while it is written.
struct App<'a> {
    part: &'a Component,
    converted: &'a mut Converted,
    /// Lines for people at the start of the file.
    remarks: Vec<String>,
}

/// Writes the files of Fly.io.
pub(crate) fn write(conversion: &Conversion<'_>) -> Converted {
    let mut converted = Converted::default();
    let model = conversion.model;
    if conversion.image.is_none() {
        let what = format!("no image is named, `{IMAGE}` stands for it");
        converted.lose(
            Loss::Image,
            what,
            "build and push one, and write its reference into `build.image`",
            None,
        );
    }
    if model.components.len() > 1 {
        let what = "each component is an application of Fly.io, and all files name one image";
        converted.lose(
            Loss::Image,
            what,
            "build an image for each, and write its reference into `build.image`",
            None,
        );
    }
    for part in &model.components {
        let mut app = App { part, converted: &mut converted, remarks: Vec::new() };
        let entries = app.entries(conversion);
        let remarks: String = app.remarks.iter().map(|remark| format!("# {remark}\n")).collect();
        let path = match part.dir() {
            None => "fly.toml".to_owned(),
            Some(dir) => format!("{dir}/fly.toml"),
        };
        match to_toml(&entries.value()) {
            Ok(text) => converted.file(&path, format!("{remarks}{text}")),
            Err(unprintable) => {
                let what = format!("{path} is not written: {unprintable}");
                converted.lose(Loss::Components, what, "take that value out of the model", None);
            }
        }
    }
    rest(model, &mut converted);
    converted
}

impl App<'_> {
    fn entries(&mut self, conversion: &Conversion<'_>) -> Entries {
        let mut entries = Entries::default();
        let name = name(conversion.model, self.part);
        let fitted = name.as_deref().map(label);
        if let (Some(whole), Some(name), Some(fitted)) = (&conversion.model.name, &name, &fitted)
            && name != fitted
        {
            let what = format!("the name `{name}` is written as `{fitted}`");
            let instead = "choose a name of small letters, digits and `-`, as Fly.io takes it";
            self.converted.lose(Loss::Components, what, instead, Some(&whole.origin));
        }
        entries.maybe("app", fitted.as_deref());
        if let Some(name) = &self.part.name {
            let what = match own_name(self.part).filter(|_| conversion.model.name.is_none()) {
                Some(own) => {
                    format!("the application is called `{own}`, after its component `{}`", name.value)
                }
                None => format!("the component's name `{}` is not written", name.value),
            };
            self.converted.lose(
                Loss::Components,
                what,
                "nothing: an application of Fly.io has one name",
                Some(&name.origin),
            );
        }
        self.stop(&mut entries);
        let mut build = Entries::default();
        build.text("image", conversion.image.unwrap_or(IMAGE));
        entries.map("build", build);
        self.deploy(&mut entries);
        self.environment(&mut entries);
        self.processes(&mut entries);
        self.statics(&mut entries);
        self.mounts(&mut entries);
        self.sizes(&mut entries);
        self.in_the_image();
        entries
    }

    /// Says that the build is over when Fly.io gets the image.
    fn in_the_image(&mut self) {
        let part = self.part;
        let built = !part.phases.is_empty() || part.language.is_some() || part.manager.is_some();
        let parts = [
            (built || part.strategy.is_some(), Loss::Build, "how the image is built is not written"),
            (!part.versions.is_empty(), Loss::Versions, "versions of languages are not written"),
            (!part.packages.is_empty(), Loss::Packages, "packages of the system are not written"),
            (!part.ignore.is_empty(), Loss::Ignore, "which files are left out is not written"),
        ];
        for (_, loss, what) in parts.into_iter().filter(|(is_there, ..)| *is_there) {
            self.converted.lose(loss, what, "nothing: the image was built with it", None);
        }
        if let Some(publish) = &part.publish {
            let what = format!("that the site is in `{}` is not written", publish.value);
            self.converted.lose(
                Loss::StaticFiles,
                what,
                "nothing: the image's `web` serves it",
                Some(&publish.origin),
            );
        }
    }
}

/// The name of an application where none is given for the whole: its component's, made to fit. One
/// that is a process's own is none, as names are unique among all applications of Fly.io.
fn own_name(part: &Component) -> Option<String> {
    let name = part.name.as_ref().map(|name| label(&name.value))?;
    let of_process = part.processes.iter().any(|process| process.name.as_str() == name);
    (!of_process).then_some(name)
}

/// The name of a component's application.
fn name(model: &AppModel, part: &Component) -> Option<String> {
    let Some(Requested { value: whole, .. }) = &model.name else { return own_name(part) };
    let first = model.components.first().and_then(Component::dir);
    Some(match part.dir() {
        dir if dir == first => whole.clone(),
        Some(dir) => {
            let own = part.name.as_ref().map_or(dir.name(), |name| &name.value);
            format!("{whole}-{own}")
        }
        None => whole.clone(),
    })
}

/// What the platform has no file for.
fn rest(model: &AppModel, converted: &mut Converted) {
    for service in &model.services {
        let what = format!("the service `{}` ({}) is not written", service.name, service.kind);
        let instead = match service.kind {
            packwright_planner::ServiceKind::Postgres => "make it with `fly mpg create`, and attach it",
            packwright_planner::ServiceKind::Redis => {
                "make it with `fly redis create`, and set its address as a secret"
            }
            _ => "run it as an application of its own or elsewhere, and set its address as a secret",
        };
        converted.lose(Loss::Services, what, instead, Some(&service.origin));
    }
    for domain in &model.domains {
        let instead = format!("`fly certs add {}`", domain.value);
        converted.lose(
            Loss::Domains,
            format!("{} is not written", domain.value),
            &instead,
            Some(&domain.origin),
        );
    }
    for overlay in &model.overlays {
        let what = format!("what differs in `{}` is not written", overlay.name.value);
        converted.lose(
            Loss::Overlay,
            what,
            "write a second file, and deploy it with `--config`",
            Some(&overlay.name.origin),
        );
    }
}
