//! What is said about frameworks, scripts, processes and native needs.

use packwright_buildpack::planner::{Diagnostic, Origin, RelPath};

use packwright_buildpack::problem::{error_at, info_at, warning_at};

/// What to write when nothing else says how to start.
const PROCFILE: &str = "say how it starts in a Procfile: `web: <command>`, or `worker: <command>`";

pub(crate) fn scripts_in_circle(running: &[String], name: &str, origin: &Origin) -> Diagnostic {
    let way: Vec<&str> = running.iter().map(String::as_str).chain([name]).collect();
    error_at("node/scripts-in-circle", origin, format!("the script `{name}` runs itself"))
        .why(format!("scripts run each other in this order: {}", way.join(", ")))
        .fix("take one of the calls out")
}

pub(crate) fn watcher_starts(program: &str, file: Option<&str>, line: &str, origin: &Origin) -> Diagnostic {
    let instead = file.map_or("the program itself".to_owned(), |file| format!("`node {file}`"));
    warning_at("node/watcher-starts", origin, format!("the start script runs `{line}`, which waits for files to change"))
        .why(format!("{program} is for development: in an image no file changes, and a program that crashed stays down until one does"))
        .fix(format!("start {instead} and keep {program} in a script `dev`"))
}

pub(crate) fn old_algorithms(package: &str, version: &str, option: &str, origin: &Origin) -> Diagnostic {
    info_at("node/old-algorithms", origin, format!("the build runs with `{option}`"))
        .why(format!(
            "{package} {version} hashes with MD4, which Node has only with this option from version 17 on"
        ))
        .fix(format!("update {package}, so that the build needs no old algorithm"))
}

pub(crate) fn released(line: &str, is_process: bool, origin: &Origin) -> Diagnostic {
    let told = warning_at("node/released", origin, format!("the build runs without `{line}`"))
        .why("it changes a database, which no step of a build reaches");
    match is_process {
        true => told.fix("run the process `release` before the new image gets requests; `--build-network` keeps the command in the build"),
        false => told.fix(format!("run it before the new image gets requests, for example as `release: {line}` in a Procfile")),
    }
}

pub(crate) fn development_asked(line: &str, origin: &Origin) -> Diagnostic {
    warning_at("node/development-asked", origin, format!("the start script runs `{line}`, which asks for development"))
        .why("with `NODE_ENV=development` programs show errors to everybody, compile while they run, and load what only developers need")
        .fix("leave the variable to the script `dev`, or add a script `start:prod` without it")
}

pub(crate) fn development_command(line: &str, instead: &str, origin: &Origin) -> Diagnostic {
    warning_at("node/development-command", origin, format!("the start script runs `{line}`, which is for development"))
        .why("it asks questions, or changes what it finds: an image has no terminal, and its data is not a developer's")
        .fix(format!("run `{instead}` in its place"))
}

pub(crate) fn platform_script_unused(
    script: &str,
    usual: &str,
    platform: &str,
    origin: &Origin,
) -> Diagnostic {
    warning_at("node/platform-script-unused", origin, format!("the script `{script}` does not run: `{usual}` builds"))
        .why(format!("no file and no option says that the application is for {platform}, where `{script}` runs in its place"))
        .fix(format!("choose the platform with `--platform {platform}`, or let `{usual}` do what `{script}` does"))
}

pub(crate) fn public_variable_unknown(name: &str, origin: &Origin) -> Diagnostic {
    warning_at("node/public-variable-unknown", origin, format!("the build does not get `{name}` of {origin}"))
        .why("its value stands on a variable that no file of the source sets, or two front ends set it differently")
        .fix(format!("give it with `--env {name}=VALUE`"))
}

pub(crate) fn package_added(package: &str, origin: &Origin) -> Diagnostic {
    info_at("node/package-added", origin, format!("{package} is installed as well, which no manifest names"))
        .why(format!("what {origin} asks for needs it in an image; packwright.lock keeps its version"))
        .fix(format!("add {package} to the dependencies to choose the version yourself"))
}

pub(crate) fn kept_in_front(before: &str, after: &str, origin: &Origin) -> Diagnostic {
    info_at("node/kept-in-front", origin, format!("the image starts `{after}` in the place of `{before}`"))
        .why("that one goes to the background and ends, and the image would end with it")
}

pub(crate) fn downloads_at_start(program: &str, name: &str, origin: &Origin) -> Diagnostic {
    warning_at(
        "node/downloads-at-start",
        origin,
        format!("`{program}` downloads {name} whenever the image starts"),
    )
    .why(format!(
        "{name} is no dependency of the project, so its version is open and its bytes are not in the image"
    ))
    .fix(format!("add {name} to the dependencies"))
}

pub(crate) fn development_loaded(package: &str, origin: &Origin) -> Diagnostic {
    warning_at(
        "node/development-at-start",
        origin,
        format!("{origin} loads {package}, a development dependency, when the image starts"),
    )
    .why("so the image has all development dependencies")
    .fix(format!("move {package} to `dependencies`, or load it only where it is needed"))
}

pub(crate) fn kept_for_start(package: &str, origin: &Origin) -> Diagnostic {
    info_at("node/kept-for-start", origin, format!("the image has {package}, a development dependency"))
        .why(format!("{origin} needs it when the image starts, as the server reads its configuration then"))
        .fix(format!("move {package} to `dependencies`; a configuration in JavaScript needs no TypeScript"))
}

pub(crate) fn development_at_start(program: &str, package: &str, origin: &Origin) -> Diagnostic {
    warning_at(
        "node/development-at-start",
        origin,
        format!("the image starts `{program}` of {package}, a development dependency"),
    )
    .why("the image therefore has all development dependencies")
    .fix(format!("move {package} to `dependencies`"))
}

pub(crate) fn program_unknown(program: &str, packages: &[&str], origin: &Origin) -> Diagnostic {
    warning_at(
        "node/program-unknown",
        origin,
        format!("the image starts `{program}`, which nothing is known to bring"),
    )
    .why(format!("no dependency is called {}; another one may bring it", packages.join(" or ")))
    .fix(format!("add the package that brings `{program}` to the dependencies, or correct the script"))
}

pub(crate) fn env_file_missing(path: &str, origin: &Origin) -> Diagnostic {
    info_at(
        "node/env-file-missing",
        origin,
        format!("the start script reads {path}, which is not in the image; it starts without"),
    )
    .why("files called `.env` hold secrets and stay out of images, and node does not start without a file that `--env-file` names")
    .fix("give the image its variables when it starts")
}

pub(crate) fn types_not_stripped(path: &str, node: (u64, u64), origin: &Origin) -> Diagnostic {
    error_at("node/types-not-stripped", origin, format!("{path} is TypeScript, which Node {}.{} does not run", node.0, node.1))
        .why("Node runs TypeScript without its types from 22.18 on")
        .fix("ask for a newer Node (`engines.node`), add `tsx` to the dependencies and start with it, or compile in a script `build`")
}

pub(crate) fn start_file_missing(file: &str, origin: &Origin) -> Diagnostic {
    error_at(
        "node/start-file-missing",
        origin,
        format!("the start script runs {file}, which is no file of the source"),
    )
    .why("there is no script `build` that could make it; an ignored file counts as missing")
    .fix("correct the name, or add the script `build` that makes the file")
}

pub(crate) fn nothing_starts(manifest: &RelPath, looked: &[String], names: &[&str]) -> Diagnostic {
    let named = match looked {
        [] => String::new(),
        looked => format!(", {} (no such file)", looked.join(", ")),
    };
    Diagnostic::error("node/nothing-starts", "nothing says how the application starts")
        .why(format!(
            "looked for a script `start`, `main`, `exports` and `bin` in {manifest}{named}, and for files called {} there and in src/",
            names.join(", ")
        ))
        .fix(format!("add a script `start` to {manifest}, or {PROCFILE}"))
        .at(Origin::file(manifest))
}

pub(crate) fn build_not_repeated(line: &str, origin: &Origin) -> Diagnostic {
    info_at(
        "node/build-not-repeated",
        origin,
        format!("`{line}` at the start of the start script is left out"),
    )
    .why("the image is built with it already")
}

pub(crate) fn setting_computed(name: &str, origin: &Origin) -> Diagnostic {
    warning_at(
        "node/setting-computed",
        origin,
        format!("`{name}` is computed: its value is not known before the build"),
    )
    .why("configuration is read and not run; the plan is made as if it were not set")
    .fix(format!("write the value of `{name}` as a literal, or say how the application starts in a Procfile"))
}

pub(crate) fn built_for_elsewhere(what: &str, remedy: &str, origin: &Origin) -> Diagnostic {
    error_at("node/built-for-elsewhere", origin, format!("{what} makes nothing that runs in an image"))
        .fix(format!("{remedy}; or add a script `start` that serves what the build makes"))
}

pub(crate) fn adapter_missing(framework: &str, remedy: &str, origin: &Origin) -> Diagnostic {
    error_at(
        "node/adapter-missing",
        origin,
        format!("{framework} has no adapter, so its build makes no server"),
    )
    .fix(remedy)
}

pub(crate) fn server_missing(package: &str, origin: &Origin) -> Diagnostic {
    error_at("node/server-missing", origin, "nothing starts the server that the build makes".to_owned())
        .why(format!("{package} would, and is no dependency; there is no script `start` either"))
        .fix(format!("add {package} to the dependencies, or a script `start` that runs the server"))
}

pub(crate) fn handler_without_server(what: &str, origin: &Origin) -> Diagnostic {
    error_at(
        "node/server-missing",
        origin,
        format!("{what} makes a handler and no server, and there is no script `start`"),
    )
    .fix(format!("add a script `start` that runs your server, or {PROCFILE}"))
}

/// Printed by the build step, within single quotes.
pub(crate) fn standalone_missing(server: &str) -> String {
    format!(
        "packwright: next build made no {server}. Does next.config set outputFileTracingRoot to another directory? Name it there as a literal path"
    )
}

pub(crate) fn angular_without_project(origin: &Origin) -> Diagnostic {
    error_at(
        "node/angular-project-missing",
        origin,
        "no angular.json names an application to build".to_owned(),
    )
    .why("it says where the build writes, and whether there is a server")
    .fix("add angular.json, or name the directory with --env PACKWRIGHT_STATIC=dist/<project>/browser")
}

pub(crate) fn several_projects(chosen: &str, others: &[&str], origin: &Origin) -> Diagnostic {
    warning_at(
        "node/several-projects",
        origin,
        format!("angular.json has several applications; `{chosen}` is built"),
    )
    .why(format!("the others are {}", others.join(", ")))
    .fix("name the one to build in the script `build`: `ng build <project>`")
}

pub(crate) fn outside_of_tree(dir: &str, origin: &Origin) -> Diagnostic {
    error_at(
        "node/output-outside",
        origin,
        format!("the build writes to `{dir}`, which is no directory of its own in the source"),
    )
    .fix("let it write to a directory below the application")
}

pub(crate) fn static_server_takes_over(line: &str, dir: &str, origin: &Origin) -> Diagnostic {
    info_at("node/static-server", origin, format!("the files in {dir} are served by the image's own server, not by `{line}`"))
        .why("the build has made them; the script serves for development, or needs Node and its packages in the image")
        .fix("to keep the script, set --env PACKWRIGHT_STATIC=0")
}

pub(crate) fn build_missing(manifest: &RelPath, dir: &str, origin: &Origin) -> Diagnostic {
    error_at("node/build-missing", origin, format!("nothing makes {dir}: {manifest} has no script `build`"))
        .fix("add a script `build`")
}

pub(crate) fn development_server_replaced(line: &str, instead: &str, origin: &Origin) -> Diagnostic {
    warning_at(
        "node/development-server",
        origin,
        format!("`{line}` serves for development; the image starts `{instead}`"),
    )
    .why("it compiles while people look at it, with packages that are for development")
    .fix(format!("let the script `start` run `{instead}`, or say how it starts in a Procfile"))
}

pub(crate) fn keys_not_loaded(options: &str, file: &str) -> Diagnostic {
    Diagnostic::warning(
        "node/keys-not-loaded",
        "NODE_OPTIONS is set, so that Next has no keys for server actions and draft mode",
    )
    .why(format!("no image holds keys; /{file} makes them at start, and `{options}` does not load it"))
    .fix(format!("set it to `{options} --require=/{file}`"))
    .at(Origin::Option("--env NODE_OPTIONS".to_owned()))
}

pub(crate) fn development_server(line: &str, origin: &Origin) -> Diagnostic {
    warning_at(
        "node/development-server",
        origin,
        format!("the image starts `{line}`, which serves for development"),
    )
    .why("it compiles while people look at it; nothing else is known to start the application")
    .fix("add a script `build`, and a script `start` for what it makes")
}

pub(crate) fn browser_unusable(package: &str, origin: &Origin) -> Diagnostic {
    warning_at("node/browser-missing", origin, format!("{package} finds no browser in the image by itself"))
        .why("it downloads its own, which the build does not; Debian's Chromium is at /usr/bin/chromium, in the variable CHROMIUM_PATH")
        .fix(format!("pass it on where {package} is used: `launch({{ executablePath: process.env.CHROMIUM_PATH }})`"))
}
