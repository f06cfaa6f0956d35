//! Files that are served as they are: those that a build makes, and those that a script serves.

use packwright_buildpack::planner::{
    Claim, Command, Decision, Fallback, Overridden, Requested, Selection, StaticSite,
};

use super::finish::{built, declared};
use super::run::run;
use crate::application::{Application, Modules};
use crate::framework::build;
use crate::framework::build_result::{BuiltSite, Shipped};
use crate::framework::recognition::{Recognition, keeps_script};
use crate::messages;
use crate::process::StartCommand;

/// Files that the build makes, served by the image's own server. A script that starts a real
/// program wins over it.
pub(crate) fn site(case: &mut Recognition<'_>, site: BuiltSite) -> Application {
    if case
        .starts
        .start
        .as_ref()
        .is_some_and(|start| site.instead_of.contains(&start.analysis.program.as_str()))
    {
        case.starts.other = case.starts.start.take();
    }
    if let Some(start) = case.starts.start.take() {
        let loser =
            Overridden { value: format!("files of {}", site.dir.value), origin: site.dir.origin.clone() };
        return run(case, start, Some(loser), true);
    }
    if keeps_script(case.subject)
        && let Some(start) = case.starts.other.take()
    {
        let loser =
            Overridden { value: format!("files of {}", site.dir.value), origin: site.dir.origin.clone() };
        return run(case, start, Some(loser), true);
    }
    let mut application = case.application(Claim::Site);
    let Some(dir) = build::app_path(case, &site.dir.value).filter(|path| path.as_str() != "app") else {
        case.warn(messages::outside_of_tree(&site.dir.value, &site.dir.origin));
        return application;
    };
    application.claim.origin = site.dir.origin.clone();
    let dirs = vec![site.dir.value.clone()];
    let ship = Shipped::Alone(dirs.clone());
    application.build = match case.row {
        Some(_) => build::framework(case, &dirs, &ship, &site.layout),
        None => build::script(case).map(|mut built| {
            built.outputs.retain(|_| false);
            built.outputs.extend(build::directory(case, &site.dir.value));
            built
        }),
    };
    let other = case.starts.other.take();
    application.decisions.push(
        Decision::new("served files", site.dir.value.clone(), site.dir.origin.clone()).over(
            other.iter().map(|other| Overridden { value: other.text.clone(), origin: other.origin.clone() }),
        ),
    );
    if let Some(other) = other {
        application.diagnostics.push(messages::static_server_takes_over(
            &other.text,
            &site.dir.value,
            &other.origin,
        ));
    }
    let step = application.build.as_ref().map(|_| "node.build".parse().expect("a step name"));
    if step.is_none() {
        case.warn(messages::build_missing(&case.subject.project.app.path, &site.dir.value, &site.dir.origin));
    }
    let inner = dir.below(&"app".parse().expect("a constant path"));
    application.site = Some(StaticSite {
        dir: inner,
        step,
        fallback: site.fallback,
        immutable: site.immutable,
        origin: site.dir.origin,
    });
    application.modules = Modules::None;
    application.source = Selection::of(Vec::<String>::new());
    declared(case, &mut application);
    built(case, &mut application);
    application
}

/// A script that only serves files: the image's own server does, without Node.
pub(super) fn files(case: &mut Recognition<'_>, other: StartCommand) -> Application {
    let commands = Command::shell(&other.text).simple_commands();
    let behind = |words: &'_ Vec<String>| {
        let at = words.iter().position(|word| *word == other.analysis.program)?;
        Some(words[at + 1..].to_vec())
    };
    let arguments = commands.iter().rev().find_map(behind);
    let arguments = arguments.unwrap_or_else(|| commands.concat().into_iter().skip(1).collect());
    let valued = ["-l", "--listen", "-p", "--port", "-a", "-c", "-d", "-g", "--config"];
    let named = arguments.iter().enumerate().find(|(index, word)| {
        !word.starts_with('-')
            && !index.checked_sub(1).is_some_and(|before| valued.contains(&arguments[before].as_str()))
    });
    let single = arguments.iter().any(|word| matches!(word.as_str(), "-s" | "--single" | "--spa"));
    let named =
        named.map_or(".", |(_, dir)| dir.as_str()).trim_start_matches("./").trim_matches('/').to_owned();
    let public = other.analysis.program == "http-server" && case.subject.project.has("public/index.html");
    let dir = match named.as_str() {
        "" | "." if public => "public".to_owned(),
        "" | "." => String::new(),
        named => named.to_owned(),
    };
    let fallback = if single { Fallback::Index } else { Fallback::NotFound };
    if !dir.is_empty() && case.script.is_some() {
        let site = BuiltSite {
            dir: Requested { value: dir, origin: other.origin.clone() },
            fallback,
            immutable: Vec::new(),
            layout: Vec::new(),
            instead_of: &[],
        };
        case.starts.other = Some(other);
        return self::site(case, site);
    }
    let mut application = case.application(Claim::Site);
    application.claim.origin = other.origin.clone();
    let shown = if dir.is_empty() { "the source" } else { &dir };
    application.diagnostics.push(messages::static_server_takes_over(&other.text, shown, &other.origin));
    application.modules = Modules::None;
    application.build = build::script(case);
    let inner = case.subject.project.path(&dir).or(case.subject.project.dir().cloned());
    application.source = match &inner {
        Some(inner) => Selection::files([inner]),
        None => Selection {
            exclude: [
                "package.json",
                "package-lock.json",
                "yarn.lock",
                "pnpm-lock.yaml",
                "bun.lock",
                "Procfile",
            ]
            .map(str::to_owned)
            .to_vec(),
            ..Selection::all()
        },
    };
    application.decisions.push(
        Decision::new("served files", shown, other.origin.clone())
            .over([Overridden { value: other.text, origin: other.origin.clone() }]),
    );
    application.site =
        Some(StaticSite { dir: inner, step: None, fallback, immutable: Vec::new(), origin: other.origin });
    declared(case, &mut application);
    built(case, &mut application);
    application
}
