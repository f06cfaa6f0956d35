//! What the writers for platforms that run images share: building up values, object names, and the losses
//! that all of them have because the image already contains the build.

use packwright_documents::{Content, Entry, Value};
use packwright_planner::{
    AppModel, Command, Component, DeclaredProcess, Health, Port, Probe, ProcessKind, Requested, Scoped,
    ServiceReference, Strategy, Variable, VariableValue, Volume,
};

use crate::write::{Conversion, Converted, Loss, told_port};

/// The port of a process that listens where `PORT` says.
pub(crate) const PORT: u16 = 8080;

/// What stands where the image's reference is missing.
const PLACEHOLDER: &str = "IMAGE";

/// A map of those entries that have a value.
pub(crate) fn map<const N: usize>(entries: [(&str, Option<Value>); N]) -> Value {
    let entries = entries.into_iter();
    let entries = entries.filter_map(|(key, value)| Some(Entry::new(key, value?.content)));
    Value::from(Content::Map(entries.collect()))
}

/// A map of entries whose names are not known here; nothing when it is empty.
pub(crate) fn pairs(entries: Vec<(String, Value)>) -> Option<Value> {
    let entries: Vec<Entry> =
        entries.into_iter().map(|(key, value)| Entry::new(key, value.content)).collect();
    (!entries.is_empty()).then(|| Value::from(Content::Map(entries)))
}

/// A text.
pub(crate) fn text(text: impl Into<String>) -> Value {
    Value::from(Content::Text(text.into()))
}

/// A number.
pub(crate) fn number(number: impl Into<u64>) -> Value {
    Value::from(Content::Number(number.into().to_string()))
}

/// Yes or no.
pub(crate) fn flag(flag: bool) -> Value {
    Value::from(Content::Bool(flag))
}

/// A list; nothing when it is empty.
pub(crate) fn list(items: Vec<Value>) -> Option<Value> {
    (!items.is_empty()).then(|| Value::from(Content::List(items)))
}

/// The application's name, or that of its only part.
fn name_of(model: &AppModel) -> Option<&Requested<String>> {
    let part = model.components.first().filter(|_| model.components.len() == 1);
    model.name.as_ref().or(part.and_then(|part| part.name.as_ref()))
}

/// The application's name, as far as it fits what the platform takes; `app` when it has none.
pub(crate) fn app_name(model: &AppModel, out: &mut Converted) -> String {
    let Some(name) = name_of(model) else { return "app".to_owned() };
    let fitted = label(&name.value);
    if fitted != name.value {
        let what = format!("the name `{}` is written as `{fitted}`", name.value);
        out.lose(
            Loss::Components,
            what,
            "choose a name of small letters, digits and `-`",
            Some(&name.origin),
        );
    }
    fitted
}

/// The text as a name of small letters, digits and dashes, 40 at most; `app` when nothing is left.
pub(crate) fn label(text: &str) -> String {
    let fits = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let label: String = text.chars().map(fits).collect();
    let label: String = label.trim_matches(|c: char| c == '-').chars().take(40).collect();
    match label.trim_end_matches('-') {
        "" => "app".to_owned(),
        label => label.to_owned(),
    }
}

/// The parts of the model with what their names are to begin with: nothing when there is only one.
pub(crate) fn parts<'a>(model: &'a AppModel, out: &mut Converted) -> Vec<(String, &'a Component)> {
    let is_one = model.components.len() == 1;
    let mut parts: Vec<(String, &Component)> = Vec::new();
    for component in &model.components {
        let called = component.name.as_ref().map(|name| name.value.as_str());
        let called = called.or(component.dir().map(|dir| dir.as_str())).unwrap_or("app");
        let mut start = if is_one { String::new() } else { format!("{}-", label(called)) };
        while parts.iter().any(|(known, _)| *known == start) {
            start = format!("{}-{}-", label(called), parts.len() + 1);
        }
        if component.processes.is_empty() {
            let at = component.root.as_ref().map(|root| &root.origin);
            let what = format!("nothing is written for `{called}`: it has no process");
            out.lose(Loss::Components, what, "declare what it runs", at);
        }
        if let Some(root) = &component.root {
            let what = format!("that `{}` is the directory of a part is not written", root.value);
            out.lose(Loss::Components, what, "build an image of each directory", Some(&root.origin));
        }
        if let Some(name) = &component.name
            && is_one
            && name_of(model).is_some_and(|known| known.value != name.value)
        {
            let what = format!("that the part is called `{}` is not written", name.value);
            out.lose(Loss::Components, what, "give the application that name", Some(&name.origin));
        }
        parts.push((start, component));
    }
    parts
}

/// The reference of a part's image: the one that the caller gives, or the part's own.
pub(crate) fn image(
    conversion: &Conversion<'_>,
    place: usize,
    component: &Component,
    out: &mut Converted,
) -> String {
    let own = component.strategy.as_ref().and_then(|strategy| match &strategy.value {
        Strategy::Image(reference) => Some(reference.clone()),
        _ => None,
    });
    let given = conversion.image.filter(|_| place == 0).map(str::to_owned);
    given.or(own).unwrap_or_else(|| {
        let what = match place {
            0 => format!("no image is given, `{PLACEHOLDER}` stands where its reference belongs"),
            _ => format!("a part has no image, `{PLACEHOLDER}` stands where its reference belongs"),
        };
        let instead = match place {
            0 => "build it with `packwright build`, and convert again with `--image`",
            _ => "build one image for each part, and write its reference there",
        };
        out.lose(Loss::Image, what, instead, component.root.as_ref().map(|root| &root.origin));
        PLACEHOLDER.to_owned()
    })
}

/// Says what of the model the image has in it, or that platforms for images have no words for.
pub(crate) fn lose_what_is_in_the_image(model: &AppModel, title: &str, out: &mut Converted) {
    for component in &model.components {
        for wish in &component.versions {
            let what = format!(
                "{title} says no versions: {} {} is that of the image",
                wish.tool, wish.version.value
            );
            out.lose(Loss::Versions, what, "choose it when the image is built", Some(&wish.version.origin));
        }
        let is_built = match &component.strategy {
            None => false,
            Some(strategy) => !matches!(strategy.value, Strategy::Image(_)),
        };
        if is_built
            || !component.phases.is_empty()
            || component.language.is_some()
            || component.manager.is_some()
        {
            let what = format!("{title} does not build: how the image is made is not written");
            out.lose(
                Loss::Build,
                what,
                "keep the file that says it, and build with `packwright build`",
                None,
            );
        }
        if !component.packages.is_empty() {
            let what = format!("{title} installs no packages: those of the image count");
            out.lose(Loss::Packages, what, "keep the file that names them", None);
        }
        if let Some(publish) = &component.publish {
            let what = format!("{title} serves no files: the image has to serve `{}`", publish.value);
            out.lose(
                Loss::StaticFiles,
                what,
                "the image of a site has a server in it",
                Some(&publish.origin),
            );
        }
        for mount in &component.statics {
            let what = format!("{title} serves no files: the application has to serve `{}`", mount.url.value);
            out.lose(
                Loss::StaticFiles,
                what,
                "let the application or a proxy serve them",
                Some(&mount.url.origin),
            );
        }
        if !component.ignore.is_empty() {
            let what = format!("{title} leaves out no files: the image has what it has");
            out.lose(Loss::Ignore, what, "keep the file that names them", None);
        }
        let of = |scope: Scoped| {
            let names = component.environment.iter().filter(move |variable| variable.scope == scope);
            names.map(|variable| format!("`{}`", variable.name)).collect::<Vec<_>>()
        };
        let both = of(Scoped::Both);
        if !both.is_empty() {
            let what = format!("the build has none of these variables from {title}: {}", both.join(", "));
            out.lose(
                Loss::Scope,
                what,
                "give those that it needs with `--env` when the image is built",
                None,
            );
        }
        for variable in component.environment.iter().filter(|variable| variable.scope == Scoped::Build) {
            let what = format!("`{}` is for the build and is not written", variable.name);
            out.lose(
                Loss::Scope,
                what,
                "give it with `--env` when the image is built",
                Some(&variable.origin),
            );
        }
    }
    if !model.overlays.is_empty() {
        let names: Vec<&str> = model.overlays.iter().map(|overlay| overlay.name.value.as_str()).collect();
        let what = format!("what differs in other environments is not written: {}", names.join(", "));
        out.lose(Loss::Overlay, what, "write a file for each environment", None);
    }
}

/// The variables that the running application has, `PORT` left out when the process has one of
/// its own.
pub(crate) fn run_variables(component: &Component, has_port: bool) -> impl Iterator<Item = &Variable> {
    let of_run = component.environment.iter().filter(|variable| variable.scope != Scoped::Build);
    of_run.filter(move |variable| !has_port || variable.name != "PORT")
}

/// Where a process listens, and whether `PORT` tells it. For the process that answers requests a
/// `PORT` that a file sets counts before a port that one names, as it does in the image.
pub(crate) fn port(
    component: &Component,
    process: &DeclaredProcess,
    out: &mut Converted,
) -> Option<(u16, bool)> {
    if !matches!(process.kind, ProcessKind::Web | ProcessKind::Private) {
        return None;
    }
    let chosen = told_port(component);
    let variable = (chosen.unwrap_or(PORT), true);
    let Some(port) = &process.port else { return Some(variable) };
    Some(match (&port.value, chosen) {
        (Port::Fixed(number), Some(chosen)) if process.name.as_str() == "web" => {
            if *number != chosen {
                let what =
                    format!("`{}` listens on {chosen}, which is `PORT`, and not on {number}", process.name);
                out.lose(Loss::Port, what, "make the two agree", Some(&port.origin));
            }
            (chosen, true)
        }
        (Port::Fixed(number), _) => (*number, false),
        (Port::Variable, _) => variable,
        (Port::Socket(name), _) => {
            let what = format!(
                "`{}` is to listen on the socket in `{name}`, which only its platform makes",
                process.name
            );
            out.lose(Loss::Socket, what, "let it listen on the port in `PORT`", Some(&port.origin));
            variable
        }
    })
}

/// What a variable tells about another process of its part, when `host` and `port` are where that one
/// is reached: nothing for what is no address.
pub(crate) fn told_of_process(
    component: &Component,
    from: &ServiceReference,
    reached: impl Fn(&DeclaredProcess) -> (String, u16),
) -> Option<String> {
    let is_part = component.name.as_ref().is_some_and(|name| name.value == from.service);
    let process = component.processes.iter().find(|process| {
        let name = process.name.as_str();
        matches!(process.kind, ProcessKind::Web | ProcessKind::Private)
            && (name == from.service || is_part && name == "web")
    })?;
    let (host, port) = reached(process);
    match from.property.as_str() {
        "host" => Some(host),
        "port" => Some(port.to_string()),
        "host-port" => Some(format!("{host}:{port}")),
        _ => None,
    }
}

/// Says that a value has to be given where the file had another way to it; nothing for what is
/// required anyway.
pub(crate) fn lose_value(variable: &Variable, where_: &str, out: &mut Converted) {
    let name = &variable.name;
    let (loss, what) = match &variable.value {
        VariableValue::Withheld => {
            (Loss::Secret, format!("the value of `{name}` looks like a secret and is not written"))
        }
        VariableValue::Generated => (Loss::Secret, format!("nobody makes up `{name}`")),
        VariableValue::Elsewhere(place) => (Loss::Secret, format!("`{name}` does not come from {place}")),
        VariableValue::Service(from) => {
            (Loss::ServiceBinding, format!("`{name}` is not told by `{}`", from.service))
        }
        VariableValue::Literal(_) | VariableValue::Required | VariableValue::Optional => return,
    };
    out.lose(loss, what, where_, Some(&variable.origin));
}

/// Says that the size of a process cannot be written as it is.
pub(crate) fn lose_size(process: &DeclaredProcess, title: &str, out: &mut Converted) {
    if let Some(size) = &process.size {
        let what = format!("`{}` is no size that {title} knows", size.value);
        out.lose(Loss::Scale, what, "write how much processor and memory it may have", Some(&size.origin));
    }
}

/// The path in a container: relative ones are below the source.
pub(crate) fn mounted(volume: &Volume) -> String {
    match volume.path.value.starts_with('/') {
        true => volume.path.value.clone(),
        false => format!("/app/{}", volume.path.value.trim_start_matches("./")),
    }
}

/// The name of a volume: its own, or that of its path.
pub(crate) fn volume_name(volume: &Volume) -> String {
    label(volume.name.as_deref().unwrap_or(&volume.path.value))
}

/// The words of a health check that a container runs itself, as Docker and ECS have them; says what
/// is lost when there is no such command.
pub(crate) fn test(process: &DeclaredProcess, out: &mut Converted) -> Option<(Vec<String>, Health)> {
    let health = process.health.as_ref()?;
    let words = match &health.value.probe {
        Probe::Exec(Command::Exec(words)) => {
            std::iter::once("CMD").chain(words.iter().map(String::as_str)).map(str::to_owned).collect()
        }
        Probe::Exec(Command::Shell(line)) => vec!["CMD-SHELL".to_owned(), line.clone()],
        Probe::Http(_) | Probe::Tcp => {
            let asked = match &health.value.probe {
                Probe::Http(path) => format!("`{path}`"),
                _ => "the port".to_owned(),
            };
            let what =
                format!("nobody asks `{}` for {asked}: the image has no program for that", process.name);
            out.lose(Loss::Health, what, "let the proxy or load balancer in front ask", Some(&health.origin));
            return None;
        }
    };
    Some((words, health.value.clone()))
}

/// Says that a release command is run by hand.
pub(crate) fn lose_release(process: &DeclaredProcess, what: &str, instead: &str, out: &mut Converted) {
    out.lose(Loss::Release, format!("`{}` {what}", process.name), instead, Some(&process.origin));
}

/// Says that names under which the application is reached are not written.
pub(crate) fn lose_domains(model: &AppModel, title: &str, instead: &str, out: &mut Converted) {
    for domain in &model.domains {
        let what = format!("{title} knows no names: `{}` is not written", domain.value);
        out.lose(Loss::Domains, what, instead, Some(&domain.origin));
    }
}
