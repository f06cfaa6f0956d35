//! A model as a list of facts, one for each leaf, and the facts that a loss explains.

use std::collections::BTreeMap;
use std::fmt::Debug;

use packwright_planner::{
    AppModel, Component, DeclaredProcess, Diagnostic, Moment, Origin, Port, ProcessKind, Requested, Task,
    VariableValue,
};

/// What a model says at one place.
struct Fact {
    value: String,
    /// The words under which losses are looked up: `process`, `health`, …
    about: Vec<&'static str>,
    /// The leaf's origin, its process's, its part's.
    origins: Vec<Origin>,
    /// Whether a platform that has to have it may make it up: the name of a part, its language,
    /// its image, what its builds tell themselves.
    may_appear: bool,
}

type Facts = BTreeMap<String, Fact>;

/// Which facts a loss with this code is about: those that have one of the words.
fn about(code: &str) -> &'static [&'static str] {
    match code.rsplit('/').next().and_then(|name| name.split('-').next()).unwrap_or_default() {
        "L01" | "L02" => &["command"],
        "L03" => &["release"],
        "L06" => &["value"],
        "L07" => &["told", "value", "tells"],
        "L08" => &["port"],
        "L09" => &["static", "publish"],
        "L10" => &["health"],
        "L11" => &["scale", "size", "plan"],
        "L12" => &["cron"],
        "L13" => &["volume"],
        "L14" => &["component"],
        "L15" => &["overlay"],
        "L16" => &["build"],
        "L17" => &["package"],
        "L19" => &["bare", "strategy", "command"],
        "L25" => &["version"],
        "L26" => &["domain"],
        "L27" => &["service"],
        "L28" => &["stop"],
        "L29" => &["ignore"],
        "L30" | "L32" => &["variable"],
        "L31" => &["port"],
        _ => &[],
    }
}

/// Where `read` differs from `model`, less what `losses` name. A loss with a place is about the
/// leaf there, or all of its kind in the process or part there, or the variables that it names;
/// one without is about all of its kind. Origins, diagnostics, and the order of what has a name
/// do not count; neither does a port that the platform chooses, which is what most do.
pub(crate) fn differences(model: &AppModel, read: &AppModel, losses: &[Diagnostic]) -> Vec<String> {
    let (wanted, found) = (facts(model), facts(read));
    let lost = |place: &str, fact: &Fact| {
        losses.iter().any(|loss| {
            let kinds = about(&loss.code);
            let here = loss.at.as_ref().is_none_or(|at| fact.origins.contains(at));
            let named = place.strip_suffix(" scope").and_then(|place| place.rsplit(' ').next());
            let named = named.is_some_and(|name| loss.message.contains(&format!("`{name}`")));
            (here || named) && fact.about.iter().any(|word| kinds.contains(word))
        })
    };
    let mut differences = Vec::new();
    for (place, fact) in &wanted {
        let got = found.get(place);
        if got.is_none_or(|got| got.value != fact.value) && !lost(place, fact) {
            let got = got.map_or("nothing", |got| &got.value);
            differences.push(format!("{place}: {} became {got}", fact.value));
        }
    }
    // A process that had to be renamed is there under the name that the loss says.
    let renamed = |place: &str| {
        let name = place.split_once(": process ").and_then(|(_, rest)| rest.split(' ').next());
        let told = |name: &str| {
            let name = format!("`{name}`");
            losses.iter().any(|loss| loss.code.contains("L14") && loss.message.contains(&name))
        };
        name.is_some_and(told)
    };
    let new = |(place, fact): &(&String, &Fact)| {
        !wanted.contains_key(*place) && !fact.may_appear && !renamed(place)
    };
    for (place, fact) in found.iter().filter(new) {
        differences.push(format!("{place}: {} came from nowhere", fact.value));
    }
    differences
}

fn facts(model: &AppModel) -> Facts {
    let mut facts = Facts::new();
    let mut say = |place: String, value: &dyn Debug, about: &[&'static str], origins: Vec<Origin>| {
        let told = crate::PLATFORMS.iter().flat_map(|platform| platform.build_variables);
        let told = told.map(|(name, _)| *name).chain(["PORT"]);
        let told = told.map(|name| format!(": variable {name} ")).any(|name| place.contains(&name));
        let may_appear = told
            || place == "name"
            || [": name", ": language", ": strategy"].iter().any(|end| place.ends_with(end));
        facts.insert(place, Fact { value: format!("{value:?}"), about: about.to_vec(), origins, may_appear });
    };
    if let Some(name) = &model.name {
        say("name".to_owned(), &name.value, &["component"], vec![name.origin.clone()]);
    }
    for (number, service) in model.services.iter().enumerate() {
        let at = vec![service.origin.clone()];
        // By kind: not every platform lets a service have a name.
        let before = model.services[..number].iter().filter(|known| known.kind == service.kind).count();
        let place = |field: &str| format!("service {} {before} {field}", service.kind);
        say(place("name"), &service.name, &["service", "tells"], at.clone());
        say(place("version"), &service.version, &["service", "version"], at.clone());
        say(place("plan"), &service.plan, &["service", "plan"], at.clone());
        say(place("tells"), &service.tells, &["service", "tells"], at);
    }
    for domain in &model.domains {
        say(format!("domain {}", domain.value), &"", &["domain"], vec![domain.origin.clone()]);
    }
    for overlay in &model.overlays {
        let name = &overlay.name.value;
        say(format!("overlay {name}"), &"", &["overlay"], vec![overlay.name.origin.clone()]);
        for variable in &overlay.environment {
            let at = vec![variable.origin.clone(), overlay.name.origin.clone()];
            say(format!("overlay {name} {}", variable.name), &variable.value, &["overlay", "value"], at);
        }
    }
    for part in &model.components {
        component(part, &mut say);
    }
    facts
}

type Say<'a> = &'a mut dyn FnMut(String, &dyn Debug, &[&'static str], Vec<Origin>);

fn component(part: &Component, say: Say<'_>) {
    let dir = part.dir().map_or("top", |dir| dir.as_str()).to_owned();
    let of_part: Vec<Origin> = part
        .root
        .iter()
        .map(|root| &root.origin)
        .chain(part.name.iter().map(|name| &name.origin))
        .cloned()
        .collect();
    let at = |origin: &Origin| -> Vec<Origin> { [std::slice::from_ref(origin), &of_part].concat() };
    let mut add = |place: String, value: &dyn Debug, about: &[&'static str], origins: Vec<Origin>| {
        say(format!("{dir}: {place}"), value, &[about, &["component"]].concat(), origins);
    };
    let mut field = |name: &'static str, text: &Option<Requested<String>>, about: &'static str| {
        if let Some(text) = text {
            add(name.to_owned(), &text.value, &[about], at(&text.origin));
        }
    };
    field("name", &part.name, "component");
    field("language", &part.language, "build");
    field("manager", &part.manager, "build");
    field("publish", &part.publish, "publish");
    if let Some(strategy) = &part.strategy {
        add("strategy".to_owned(), &strategy.value, &["build", "strategy"], at(&strategy.origin));
    }
    for wish in &part.versions {
        add(format!("version of {}", wish.tool), &wish.version.value, &["version"], at(&wish.version.origin));
    }
    for package in &part.packages {
        add(
            format!("package {}", package.name.value),
            &package.scope,
            &["package"],
            at(&package.name.origin),
        );
    }
    for (number, phase) in part.phases.iter().enumerate() {
        let mut runs = 0;
        let mut of_phase = of_part.clone();
        for task in &phase.tasks {
            let Task::Run(command) = task else { continue };
            let place = format!("build {number} {runs}");
            add(place, &(phase.work, &command.value), &["build", "command"], at(&command.origin));
            of_phase.push(command.origin.clone());
            runs += 1;
        }
        // It has no line of its own: what is said about the commands beside it is about it too.
        if let Some(place) = phase.tasks.iter().position(|task| *task == Task::Detected) {
            add(format!("build {number} detected"), &(phase.work, place), &["build"], of_phase);
        }
    }
    for process in &part.processes {
        facts_of_process(process, &of_part, &mut add);
    }
    for variable in &part.environment {
        let told: &[&'static str] = match variable.value {
            VariableValue::Service(_) => &["variable", "value", "told"],
            _ => &["variable", "value"],
        };
        let place = |field: &str| format!("variable {} {field}", variable.name);
        add(place("value"), &variable.value, told, at(&variable.origin));
        add(place("scope"), &variable.scope, &["variable", "scope"], at(&variable.origin));
    }
    for mount in &part.statics {
        let value = (&mount.dir, &mount.expires, &mount.fallback);
        add(format!("static {}", mount.url.value), &value, &["static"], at(&mount.url.origin));
    }
    for volume in &part.volumes {
        let value = (&volume.name, &volume.megabytes);
        add(format!("volume {}", volume.path.value), &value, &["volume"], at(&volume.path.origin));
    }
    for pattern in &part.ignore {
        add(format!("ignore {}", pattern.value), &"", &["ignore"], at(&pattern.origin));
    }
}

fn facts_of_process(process: &DeclaredProcess, of_part: &[Origin], add: Say<'_>) {
    let mut kinds: Vec<&'static str> = match &process.kind {
        ProcessKind::Release(Moment::FirstTime) => vec!["release", "first"],
        ProcessKind::Release(_) => vec!["release"],
        ProcessKind::Cron(_) => vec!["cron"],
        ProcessKind::Private => vec!["private"],
        ProcessKind::Web | ProcessKind::Worker => vec!["process"],
    };
    if process.command.is_none() {
        kinds.push("bare");
    }
    let mut say = |field: &'static str, value: &dyn Debug, leaf: Option<&Origin>| {
        let origins = leaf.into_iter().chain([&process.origin]).chain(of_part).cloned().collect();
        add(
            format!("process {} {field}", process.name),
            value,
            &[kinds.as_slice(), &[field]].concat(),
            origins,
        );
    };
    say("kind", &process.kind, None);
    say("command", &process.command, None);
    let scale =
        process.scale.as_ref().map(|scale| (scale.value.min, scale.value.max.unwrap_or(scale.value.min)));
    leaf(&mut say, "port", &process.port.clone().filter(|port| port.value != Port::Variable));
    leaf(&mut say, "health", &process.health);
    if let (Some(value), Some(scale)) = (scale, &process.scale) {
        say("scale", &value, Some(&scale.origin));
    }
    leaf(&mut say, "size", &process.size);
    leaf(&mut say, "stop", &process.stop);
}

fn leaf<T: Debug>(
    say: &mut impl FnMut(&'static str, &dyn Debug, Option<&Origin>),
    field: &'static str,
    value: &Option<Requested<T>>,
) {
    if let Some(value) = value {
        say(field, &value.value, Some(&value.origin));
    }
}

#[cfg(test)]
mod tests;
