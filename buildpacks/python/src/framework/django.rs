//! Django: found by `manage.py`, described by its settings, started by its WSGI or ASGI module.
//! Migrations are never part of a start command, and settings are read, not run.

mod naming;
mod settings;

use packwright_buildpack::planner::{
    Command, Decision, Diagnostic, LayerKind, Origin, Overridden, Process, RelPath, SourceTree,
};

use super::application::{Application, StaticFiles};
use super::kinds::{AppKind, Gateway};
use super::server::{ServeTarget, serve};
use crate::configuration::Configuration;
use crate::dependencies::Dependencies;
use crate::entry::is_identifier;
use crate::manifest::text;
use crate::messages;
use crate::syntax::Module;
use naming::default_of_variable;
use settings::{Settings, StaticRoot};

const SETTINGS_VARIABLE: &str = "DJANGO_SETTINGS_MODULE";

/// Which class of the settings counts, with django-configurations.
const CONFIGURATION: &str = "DJANGO_CONFIGURATION";

/// Heroku's switch; any value but empty and `0` turns `collectstatic` off.
const NO_COLLECTSTATIC: &str = "DISABLE_COLLECTSTATIC";

/// Variables that commonly hold the secret key; the settings' own are added.
const SECRET_KEYS: &[&str] = &["SECRET_KEY", "DJANGO_SECRET_KEY"];

/// A settings module and who named it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    module: String,
    origin: Origin,
}

/// `None` when no `manage.py` at the root or one level below is Django's.
pub(super) fn recognise(
    tree: &dyn SourceTree,
    configuration: &Configuration,
    dependencies: &Dependencies,
) -> Option<Application> {
    let (manage, module) = find_manage(tree)?;
    let root = manage.parent();
    let mut application = Application {
        import_roots: root.iter().cloned().collect(),
        decisions: vec![Decision::new("python framework", "django", Origin::file(&manage))],
        ..Application::default()
    };
    if !dependencies.have("django") && !dependencies.is_open() {
        let origin = Origin::file(&manage);
        application.diagnostics.push(messages::framework_not_required("Django", "django", &origin));
    }
    let by_manage = default_of_variable(&module, SETTINGS_VARIABLE)
        .map(|(value, line)| Named { module: value.to_owned(), origin: Origin::line(&manage, line) });
    // A variable that is set counts before every default in the files.
    let by_variable = configuration
        .get(SETTINGS_VARIABLE)
        .map(|said| Named { module: said.value.clone(), origin: said.origin.clone() });
    let first_named = by_variable.as_ref().or(by_manage.as_ref());
    let first = first_named.map(|named| Settings::read(tree, root.as_ref(), &named.module));
    let gateway = find_gateway(tree, root.as_ref(), first.as_ref(), first_named, dependencies);
    let by_gateway = gateway.as_ref().and_then(|gateway| {
        let file = gateway.file.as_ref()?;
        let source = text(tree, file).ok()??;
        let module = Module::parse(&source, &gateway.module, false);
        let (value, line) = default_of_variable(&module, SETTINGS_VARIABLE)?;
        Some(Named { module: value.to_owned(), origin: Origin::line(file, line) })
    });
    // The image runs with the settings that the gateway module names, so the build uses the same.
    let mut named = [by_variable, by_gateway, by_manage.clone()].into_iter().flatten();
    let chosen = named.next();
    if let Some(chosen) = &chosen {
        let overridden = named
            .filter(|other| other.module != chosen.module)
            .map(|other| Overridden::new(other.module, other.origin));
        application.decisions.push(
            Decision::new("django settings", chosen.module.clone(), chosen.origin.clone()).over(overridden),
        );
    }
    let gateway = gateway.or_else(|| djangos_own(chosen.as_ref()?, first.as_ref(), dependencies));
    start(&mut application, gateway, dependencies, &manage);
    if let Some(known) = &first {
        workers(&mut application, known, &manage);
    }
    match chosen {
        Some(chosen) => {
            let settings = Settings::read(tree, root.as_ref(), &chosen.module);
            application.apps = settings.apps.iter().cloned().collect();
            collect_static(&mut application, configuration, &manage, &chosen, settings);
        }
        None => application.diagnostics.push(messages::settings_unnamed(SETTINGS_VARIABLE, &manage)),
    }
    Some(application)
}

/// The `manage.py` nearest to the root that imports Django.
fn find_manage(tree: &dyn SourceTree) -> Option<(RelPath, Module)> {
    let mut found: Vec<&RelPath> = tree
        .files()
        .iter()
        .map(|file| &file.path)
        .filter(|path| path.name() == "manage.py" && path.depth() <= 2)
        .collect();
    found.sort_by_key(|path| path.depth());
    found.into_iter().find_map(|path| {
        let source = text(tree, path).ok()??;
        if !source.contains("django") {
            return None;
        }
        let module = Module::parse(&source, "manage", false);
        // The import usually stands in a function, where `imported` does not look.
        let is_django = module.imported().contains("django")
            || module.imports_anywhere("django")
            || default_of_variable(&module, SETTINGS_VARIABLE).is_some();
        is_django.then(|| (path.clone(), module))
    })
}

/// The module that holds the object for the server.
struct GatewayModule {
    gateway: Gateway,
    module: String,
    name: String,
    kind: AppKind,
    /// The settings that the start must name, where the module names none.
    settings: Option<String>,
    file: Option<RelPath>,
    origin: Origin,
}

/// Requirements by which a project uses ASGI.
const ASGI_ONLY: &[&str] = &["channels", "daphne"];

/// Servers for ASGI alone. `ASGI_APPLICATION` is not among the settings that Django writes, so
/// with one of these it is meant.
const ASGI_SERVERS: &[&str] = &["uvicorn", "hypercorn", "uvicorn-worker"];

/// ASGI when the project asks for channels or daphne, when its settings name an ASGI application
/// and a server for it is asked for, or when there is no WSGI module; WSGI otherwise.
fn find_gateway(
    tree: &dyn SourceTree,
    root: Option<&RelPath>,
    settings: Option<&Settings>,
    named: Option<&Named>,
    dependencies: &Dependencies,
) -> Option<GatewayModule> {
    let find = |gateway: Gateway, stem: &str, declared: Option<&(String, Origin)>| {
        let declared = declared.and_then(|(path, origin)| {
            let (module, name) = path.rsplit_once('.')?;
            Some(GatewayModule {
                gateway,
                module: module.to_owned(),
                name: name.to_owned(),
                kind: AppKind::Object,
                settings: None,
                file: settings::file_of(tree, root, module),
                origin: origin.clone(),
            })
        });
        // A package of the project that lacks the module is no reason to start what is not there.
        let is_there =
            |found: &GatewayModule| found.file.is_some() || !settings::has_package(tree, root, &found.module);
        let declared = declared.filter(is_there);
        declared.or_else(|| beside_settings(tree, root, gateway, stem, named))
    };
    let wsgi = find(Gateway::Wsgi, "wsgi", settings.and_then(|known| known.wsgi_application.as_ref()));
    let asgi = find(Gateway::Asgi, "asgi", settings.and_then(|known| known.asgi_application.as_ref()));
    let installed = |name: &&str| settings.is_some_and(|known| known.apps.contains(*name));
    let prefers_asgi = ASGI_ONLY.iter().any(|name| dependencies.ask_for(name) || installed(name))
        || (settings.is_some_and(|known| known.asgi_application.is_some())
            && ASGI_SERVERS.iter().any(|name| dependencies.ask_for(name)));
    match prefers_asgi {
        true => asgi.or(wsgi),
        false => wsgi.or(asgi),
    }
}

/// The function of Django itself that makes the application, for projects without a module that calls it.
///
/// Source: Django documentation, "How to deploy with WSGI"; `django/core/wsgi.py` and `asgi.py`.
fn djangos_own(
    named: &Named,
    settings: Option<&Settings>,
    dependencies: &Dependencies,
) -> Option<GatewayModule> {
    let settings = settings.filter(|known| known.was_read)?;
    let is_asgi = ASGI_ONLY.iter().any(|name| dependencies.ask_for(name) || settings.apps.contains(*name));
    let (gateway, stem) = match is_asgi {
        true => (Gateway::Asgi, "asgi"),
        false => (Gateway::Wsgi, "wsgi"),
    };
    Some(GatewayModule {
        gateway,
        module: format!("django.core.{stem}"),
        name: format!("get_{stem}_application"),
        kind: AppKind::Factory,
        settings: Some(named.module.clone()),
        file: None,
        origin: named.origin.clone(),
    })
}

/// `wsgi.py` or `asgi.py` in the settings' package or a package above it, otherwise the first
/// in the tree.
fn beside_settings(
    tree: &dyn SourceTree,
    root: Option<&RelPath>,
    gateway: Gateway,
    stem: &str,
    named: Option<&Named>,
) -> Option<GatewayModule> {
    let prefix = root.map_or(String::new(), |dir| format!("{dir}/"));
    let of = |file: &RelPath| {
        let inner = file.as_str().strip_prefix(&prefix)?.strip_suffix(".py")?;
        Some(GatewayModule {
            gateway,
            module: inner.replace('/', "."),
            name: "application".to_owned(),
            kind: AppKind::Object,
            settings: None,
            file: Some(file.clone()),
            origin: Origin::file(file),
        })
    };
    let mut package = named.map(|named| named.module.as_str());
    while let Some((parent, _)) = package.and_then(|module| module.rsplit_once('.')) {
        if let Some(file) = settings::file_of(tree, root, &format!("{parent}.{stem}")) {
            return of(&file);
        }
        package = Some(parent);
    }
    let name = format!("{stem}.py");
    let mut files: Vec<&RelPath> = tree
        .files()
        .iter()
        .map(|file| &file.path)
        .filter(|path| path.name() == name && path.as_str().starts_with(&prefix))
        .filter(|path| path.depth() <= root.map_or(0, RelPath::depth) + 2)
        .collect();
    files.sort_by_key(|path| path.depth());
    files.first().and_then(|file| of(file))
}

fn start(
    application: &mut Application,
    gateway: Option<GatewayModule>,
    dependencies: &Dependencies,
    manage: &RelPath,
) {
    let Some(gateway) = gateway else {
        application.process_missing = Some(messages::django_gateway_missing(manage));
        return;
    };
    let target = ServeTarget { module: &gateway.module, name: &gateway.name, kind: gateway.kind };
    let start = serve(gateway.gateway, target, &[], dependencies);
    application.added_server = start.added;
    application.file = gateway.file.clone();
    application.diagnostics.extend(start.diagnostics);
    let call = if gateway.kind == AppKind::Factory { "()" } else { "" };
    let reference = format!("{}:{}{call}", gateway.module, gateway.name);
    let command = match &gateway.settings {
        Some(settings) if is_word(settings) => Command::shell(format!(
            "{SETTINGS_VARIABLE}=\"${{{SETTINGS_VARIABLE}:-{settings}}}\" {}",
            start.command
        )),
        _ => start.command,
    };
    application.processes.push(Process::web(
        command,
        Origin::Detected(format!("Django application `{reference}` in {}", gateway.origin)),
    ));
    application.decisions.push(Decision::new("application", reference, gateway.origin));
}

/// Whether a dotted name can stand on a command line as it is.
fn is_word(dotted: &str) -> bool {
    dotted.split('.').all(is_identifier)
}

/// Applications of Django that work on queues, with the command that does.
const WORKERS: &[(&str, &str)] = &[
    ("django_q", "qcluster"),
    ("django_rq", "rqworker default"),
    ("django_dramatiq", "rundramatiq"),
    ("huey.contrib.djhuey", "run_huey"),
    ("procrastinate.contrib.django", "procrastinate worker"),
    ("django_tasks.backends.database", "db_worker"),
    ("django_tasks_db", "db_worker"),
    ("background_task", "process_tasks"),
];

/// One `worker` for the first of [`WORKERS`] that is installed.
fn workers(application: &mut Application, settings: &Settings, manage: &RelPath) {
    let found = WORKERS.iter().find(|(app, _)| settings.apps.contains(*app));
    if let Some((app, command)) = found {
        application.processes.push(Process::worker(
            Command::Exec(format!("python {manage} {command}").split(' ').map(str::to_owned).collect()),
            Origin::Detected(format!("`{app}` among INSTALLED_APPS")),
        ));
    }
}

fn collect_static(
    application: &mut Application,
    configuration: &Configuration,
    manage: &RelPath,
    named: &Named,
    settings: Settings,
) {
    if !settings.was_read {
        application.diagnostics.push(messages::settings_not_found(&named.module, &named.origin));
        return;
    }
    if !settings.apps.contains("django.contrib.staticfiles") {
        return;
    }
    let off = configuration.get(NO_COLLECTSTATIC);
    if off.is_some_and(|said| !said.value.is_empty() && said.value != "0") {
        application.diagnostics.push(messages::collectstatic_off(NO_COLLECTSTATIC));
        return;
    }
    let into = match settings.static_root {
        StaticRoot::Unset => {
            application.diagnostics.push(messages::static_root_unset(&named.module));
            return;
        }
        StaticRoot::Known(path) => Some(path),
        StaticRoot::Computed => None,
    };
    let mut secret_keys: Vec<String> = SECRET_KEYS.iter().map(|&name| name.to_owned()).collect();
    secret_keys.extend(settings.secret_variables);
    secret_keys.sort();
    secret_keys.dedup();
    let missing: Vec<Diagnostic> = settings
        .needed_variables
        .iter()
        .filter(|(name, _)| !secret_keys.contains(name) && configuration.get(name).is_none())
        .map(|(name, origin)| messages::settings_need(name, origin))
        .collect();
    application.diagnostics.extend(missing);
    let is_read = |name: &str| name == CONFIGURATION || settings.variables.contains(name);
    let variables = configuration.of_files().filter(|(name, _)| is_read(name) && *name != SETTINGS_VARIABLE);
    let variables = variables.map(|(name, value)| (name.clone(), value.clone())).collect();
    application.static_files = Some(StaticFiles {
        variables,
        manage: manage.clone(),
        settings: named.module.clone(),
        into,
        secret_keys,
        layer: LayerKind::Build,
        left_to_others: false,
    });
}
