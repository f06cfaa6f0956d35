//! Settings in which the services of one directory differ, although one image holds them all.

use packwright_planner::{Component, Diagnostic, Origin, ProcessKind, Task};

use crate::table::Document;

/// Settles what one image cannot hold, and says so. The services that answer requests count before the others: they
/// are the application.
pub(super) fn settle(document: &Document, components: &mut [Component]) {
    components.sort_by_key(|part| !part.processes.iter().any(|process| process.kind == ProcessKind::Web));
    for at in 0..components.len() {
        let (before, rest) = components.split_at_mut(at);
        let Some(part) = rest.first_mut() else { continue };
        let same_dir = |known: &&mut Component| known.dir() == part.dir();
        let earlier: Vec<&mut Component> = before.iter_mut().filter(same_dir).collect();
        for known in earlier {
            apart(document, known, part);
        }
    }
}

/// Compares two services of one directory; the first one counts.
fn apart(document: &Document, known: &mut Component, part: &mut Component) {
    let (site, program) = match (known.publish.is_some(), part.publish.is_some()) {
        (true, false) => (Some(&mut *known), &mut *part),
        (false, true) => (Some(&mut *part), &mut *known),
        _ => (None, &mut *part),
    };
    if let Some(site) = site {
        beside(document, site, program);
        return;
    }
    if let (Some(first), Some(other)) = (commands(known), commands(part))
        && first.0 != other.0
    {
        document.say(
            Diagnostic::warning(
                "render/differs",
                format!("{}: this build is not run: `{}`", other.1, other.0),
            )
            .why(format!("{} builds the same directory, and one image holds both services", first.1))
            .fix("give both services the same `buildCommand`")
            .at(other.1.clone()),
        );
    }
    for variable in &part.environment {
        let Some(first) = known.variable(&variable.name).filter(|first| first.value != variable.value) else {
            continue;
        };
        let message = format!("{}: this value of {} is not used", variable.origin, variable.name);
        document.say(
            Diagnostic::warning("render/differs", message)
                .why(format!("{} says something else, and one image holds both services", first.origin))
                .fix("set the variable where each process runs")
                .at(variable.origin.clone()),
        );
    }
    for wish in &part.versions {
        let first = known.versions.iter().find(|first| first.tool == wish.tool);
        let Some(first) = first.filter(|first| first.version.value != wish.version.value) else { continue };
        let origin = &wish.version.origin;
        document.say(
            Diagnostic::warning(
                "render/differs",
                format!("{origin}: this version of {} is not used", wish.tool),
            )
            .why(format!(
                "{} asks for {}, and one image holds both services",
                first.version.origin, first.version.value
            ))
            .fix("have both services ask for the same version")
            .at(origin.clone()),
        );
    }
    join_releases(known, part);
}

/// A site in the directory of a program: the image is the program's.
fn beside(document: &Document, site: &mut Component, program: &Component) {
    let name = site.name.as_ref().map_or("", |name| &name.value);
    let origin = site.name.as_ref().map_or_else(|| document.line(1), |name| name.origin.clone());
    let other = program.name.as_ref().map_or("", |name| &name.value);
    document.say(
        Diagnostic::warning(
            "render/site-beside-program",
            format!("{origin}: the site `{name}` is not part of the image"),
        )
        .why(format!("`{other}` is built from the same directory, and an image is one of both"))
        .fix("give the site a `rootDir` of its own")
        .at(origin),
    );
    site.publish = None;
    site.phases.clear();
    site.statics.clear();
    site.environment.clear();
    site.versions.clear();
    site.language = None;
    // Its name must not become the name of the whole.
    site.name = None;
}

/// The commands of a build as one text, and where they are.
fn commands(part: &Component) -> Option<(String, Origin)> {
    let runs = part.phases.iter().flat_map(|phase| &phase.tasks).filter_map(|task| match task {
        Task::Run(command) => Some(command),
        Task::Detected => None,
    });
    let runs: Vec<_> = runs.collect();
    let texts: Vec<String> = runs.iter().map(|command| command.value.to_string()).collect();
    Some((texts.join(" && "), runs.first()?.origin.clone()))
}

/// Two services that each have a command before their deployment have it run one after the other.
fn join_releases(known: &mut Component, part: &mut Component) {
    for process in &mut part.processes {
        let ProcessKind::Release(_) = process.kind else { continue };
        let first = known.processes.iter_mut().find(|first| first.name == process.name);
        let Some(first) = first else { continue };
        if let (Some(one), Some(other)) = (&first.command, &process.command)
            && one != other
        {
            let joined = packwright_planner::Command::shell(format!("{one} && {other}"));
            first.command = Some(joined);
        }
    }
    part.processes.retain(|process| {
        !process.is_release() || !known.processes.iter().any(|first| first.name == process.name)
    });
}
