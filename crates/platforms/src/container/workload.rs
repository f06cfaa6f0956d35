//! [`ContainerPart`]: one component of the application, assembled from the containers that run it.

use std::collections::BTreeMap;

use packwright_planner::{
    Command, Component, DeclaredProcess, Diagnostic, Port, ProcessKind, ProcessName, Requested, Strategy,
    Variable, VariableValue, Volume,
};

use crate::container::names::process_name;
use crate::table::Document;

/// The most containers that count. Nobody writes as many; it keeps what is made of a file in
/// proportion to the file.
pub(crate) const CONTAINERS: usize = 500;

/// The variable by which a process knows where it is to listen.
const PORT: &str = "PORT";

/// How many images are named where there are several.
const SHOWN: usize = 8;

/// A part of an application whose containers are read one after the other.
#[derive(Default)]
pub(crate) struct ContainerPart {
    component: Component,
    /// Whether its image is one that Packwright made, whose processes have names already.
    is_named: bool,
    /// The images that its containers run.
    images: Vec<Requested<String>>,
    /// How many containers there were.
    containers: usize,
    /// Where variables are in the environment.
    places: BTreeMap<String, usize>,
    /// The variables `PORT` of containers that listen there, one for each.
    told: Vec<(Requested<Port>, Variable)>,
}

impl ContainerPart {
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

    /// The image of one of its containers. [`ContainerPart::finish_images`] makes a strategy of them.
    pub(crate) fn image(&mut self, reference: Requested<String>) {
        let is_new = !self.images.iter().any(|known| known.value == reference.value);
        if is_new && self.images.len() < CONTAINERS {
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
                let shown = self.images.iter().take(SHOWN).map(|image| image.value.as_str());
                let shown = shown.collect::<Vec<_>>().join(", ");
                let more = if self.images.len() > SHOWN { ", …" } else { "" };
                let message = format!("the containers run {} images: {shown}{more}", self.images.len());
                let told = Diagnostic::info("containers/several-images", message);
                let why = "which directory of the source makes which is not said; all count as one part";
                document.say(told.why(why).at(first.origin.clone()));
            }
        }
    }

    /// Adds the variables of a container. Of several values for one name the first counts.
    pub(crate) fn variables(&mut self, document: &Document, variables: Vec<Variable>) {
        for variable in variables {
            let place = self.places.get(&variable.name);
            match place.map(|&place| &self.component.environment[place]) {
                Some(known) if known.value != variable.value => {
                    let at = variable.origin.clone();
                    let message =
                        format!("{at}: `{}` has another value than in {}", variable.name, known.origin);
                    let told = Diagnostic::info("containers/several-values", message);
                    let why = "containers have variables of their own there, here a part has one set; the first counts";
                    document.say(told.why(why).at(at));
                }
                Some(_) => {}
                None => {
                    self.places.insert(variable.name.clone(), self.component.environment.len());
                    self.component.environment.push(variable);
                }
            }
        }
    }

    /// Where a container with these variables listens. A `PORT` of the same number says so, and is no
    /// variable of the whole part: each container has its own.
    pub(crate) fn listens(&mut self, port: Requested<u16>, variables: &mut Vec<Variable>) -> Requested<Port> {
        let says = |variable: &Variable| {
            variable.name == PORT && variable.value == VariableValue::Literal(port.value.to_string())
        };
        let told = variables.iter().find(|variable| says(variable)).cloned();
        variables.retain(|variable| !says(variable));
        let value = if told.is_some() { Port::Variable } else { Port::Fixed(port.value) };
        let listens = Requested { value, origin: port.origin };
        if self.told.len() < CONTAINERS {
            self.told.extend(told.map(|told| (listens.clone(), told)));
        }
        listens
    }

    /// Adds a directory that lasts.
    pub(crate) fn volume(&mut self, volume: Volume) {
        let volumes = &self.component.volumes;
        let is_new = !volumes.iter().any(|known| known.path.value == volume.path.value);
        if is_new && volumes.len() < CONTAINERS {
            self.component.volumes.push(volume);
        }
    }

    /// Adds the process of a container. Release commands are joined, in their order; another
    /// process of a name that is there already gets a number. What is beyond [`CONTAINERS`] is left.
    pub(crate) fn process(&mut self, document: &Document, mut process: DeclaredProcess) {
        self.containers += 1;
        if self.containers > CONTAINERS {
            if self.containers == CONTAINERS + 1 {
                let at = process.origin.clone();
                let message = format!("{at}: this container and those behind it are not read");
                let told = Diagnostic::warning("containers/too-many", message);
                let told = told.why(format!("there are more than {CONTAINERS}"));
                document.say(told.fix("split the file into those of several applications").at(at));
            }
            return;
        }
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
    /// none has that name. Its `PORT` is that of the part; without such a process, that of the first
    /// one that has one.
    pub(crate) fn finish(mut self) -> Component {
        self.name_web();
        let web = self.component.processes.iter().find(|process| process.name.as_str() == "web");
        let port = web.and_then(|web| web.port.as_ref());
        let told = self.told.into_iter().find(|(listens, _)| port.is_none_or(|port| port == listens));
        match (told, self.places.get(PORT)) {
            (Some((_, told)), Some(&place)) if port.is_some() => self.component.environment[place] = told,
            (Some((_, told)), None) => self.component.environment.push(told),
            _ => {}
        }
        self.component
    }

    fn name_web(&mut self) {
        let processes = &mut self.component.processes;
        let is_web = |process: &DeclaredProcess| process.name.as_str() == "web";
        if self.is_named
            || processes.iter().any(|process| is_web(process) && process.kind == ProcessKind::Web)
        {
            return;
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
    }
}
