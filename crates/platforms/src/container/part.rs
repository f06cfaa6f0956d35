//! [`Part`]: one part of an application, put together from the containers that run it.

use packwright_planner::{
    Command, Component, DeclaredProcess, Diagnostic, ProcessKind, ProcessName, Requested, Strategy, Variable,
    Volume,
};

use super::process_name;
use crate::table::Document;

/// A part of an application whose containers are read one after the other.
#[derive(Default)]
pub(crate) struct Part {
    component: Component,
    /// Whether its image is one that Packwright made, whose processes have names already.
    is_named: bool,
    /// The images that its containers run.
    images: Vec<Requested<String>>,
}

impl Part {
    /// The part so far, for what is not about containers.
    pub(crate) fn component(&mut self) -> &mut Component {
        &mut self.component
    }

    /// Its processes have the names that they have in the image.
    pub(crate) fn named(&mut self) {
        self.is_named = true;
    }

    /// How its image is built, or called. Of several answers the first counts.
    pub(crate) fn strategy(&mut self, document: &Document, strategy: Requested<Strategy>) {
        match &self.component.strategy {
            Some(known) if known.value != strategy.value => {
                let at = strategy.origin.clone();
                let message = format!("{at}: another image than in {}, for the same part", known.origin);
                let told = Diagnostic::info("containers/several-images", message);
                document.say(told.why("the first one counts").at(at));
            }
            Some(_) => {}
            None => self.component.strategy = Some(strategy),
        }
    }

    /// The image of one of its containers. [`Part::finish_images`] makes a strategy of them.
    pub(crate) fn image(&mut self, reference: Requested<String>) {
        if !self.images.iter().any(|known| known.value == reference.value) {
            self.images.push(reference);
        }
    }

    /// Says which image it is, when its containers agree about it.
    pub(crate) fn finish_images(&mut self, document: &Document) {
        match self.images.as_slice() {
            [] => {}
            [only] => {
                let value = Strategy::Image(only.value.clone());
                self.strategy(document, Requested { value, origin: only.origin.clone() });
            }
            [first, ..] => {
                let references: Vec<&str> = self.images.iter().map(|image| image.value.as_str()).collect();
                let message =
                    format!("the containers run {} images: {}", references.len(), references.join(", "));
                let told = Diagnostic::info("containers/several-images", message);
                let why = "which directory of the source makes which is not said; all count as one part";
                document.say(told.why(why).at(first.origin.clone()));
            }
        }
    }

    /// Adds the variables of a container. Of several values for one name the first counts.
    pub(crate) fn variables(&mut self, document: &Document, variables: Vec<Variable>) {
        for variable in variables {
            match self.component.environment.iter().find(|known| known.name == variable.name) {
                Some(known) if known.value != variable.value => {
                    let at = variable.origin.clone();
                    let message =
                        format!("{at}: `{}` has another value than in {}", variable.name, known.origin);
                    let told = Diagnostic::info("containers/several-values", message);
                    let why = "containers have variables of their own there, here a part has one set; the first counts";
                    document.say(told.why(why).at(at));
                }
                Some(_) => {}
                None => self.component.environment.push(variable),
            }
        }
    }

    /// Adds a directory that lasts.
    pub(crate) fn volume(&mut self, volume: Volume) {
        if !self.component.volumes.iter().any(|known| known.path.value == volume.path.value) {
            self.component.volumes.push(volume);
        }
    }

    /// Adds the process of a container. Release commands are joined, in their order; another
    /// process of a name that is there already gets a number.
    pub(crate) fn process(&mut self, mut process: DeclaredProcess) {
        let processes = &mut self.component.processes;
        let known = processes.iter_mut().find(|known| known.name == process.name);
        match known {
            Some(known) if known.is_release() && process.is_release() => {
                known.command = match (known.command.take(), process.command) {
                    (Some(first), Some(second)) => Some(Command::Shell(format!("{first} && {second}"))),
                    (first, second) => first.or(second),
                };
            }
            Some(_) => {
                let numbered =
                    |number: usize| process_name(&format!("{:.58}-{number}", process.name.as_str()));
                let free = |name: &ProcessName| !processes.iter().any(|known| known.name == *name);
                // There are more numbers than processes.
                if let Some(name) = (2..processes.len() + 3).filter_map(numbered).find(free) {
                    process.name = name;
                    processes.push(process);
                }
            }
            None => processes.push(process),
        }
    }

    /// The part as a whole. The process that answers requests is called `web`: the first one, when
    /// none has that name.
    pub(crate) fn finish(mut self) -> Component {
        let processes = &mut self.component.processes;
        let is_web = |process: &DeclaredProcess| process.name.as_str() == "web";
        if self.is_named
            || processes.iter().any(|process| is_web(process) && process.kind == ProcessKind::Web)
        {
            return self.component;
        }
        let of = |kind: ProcessKind| processes.iter().position(|process| process.kind == kind);
        let place = processes.iter().position(|process| is_web(process) && !process.is_release());
        if let (Some(place), Ok(web)) =
            (place.or(of(ProcessKind::Web)).or(of(ProcessKind::Private)), "web".parse())
        {
            let process = &mut processes[place];
            process.name = web;
            process.kind = ProcessKind::Web;
        }
        self.component
    }
}
