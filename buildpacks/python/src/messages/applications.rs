//! Messages about frameworks, servers, settings and how an application starts.

use packwright_buildpack::planner::{Diagnostic, Origin, RelPath};

use crate::entry::types::NearMiss;
use crate::framework::table::Framework;

pub(crate) fn server_added(server: &str) -> Diagnostic {
    Diagnostic::info(
        "python/server-added",
        format!("{server} is installed although the project does not ask for it"),
    )
    .why("the application needs a server that listens on PORT")
    .fix(format!("add {server} to the requirements, to choose its version yourself"))
}

pub(crate) fn setuptools_added(setuptools: &str, package: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::info("python/setuptools-added", format!("{setuptools} is installed for {package}"))
        .why(format!("this {package} imports pkg_resources, which newer releases of setuptools do not have"))
        .fix(format!("move to a newer {package}, or name setuptools in the requirements"))
        .at(origin.clone())
}

pub(crate) fn framework_not_required(name: &str, id: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning(
        "python/framework-not-required",
        format!("{origin} uses {name}, which the project does not ask for"),
    )
    .fix(format!("add {id} to the requirements"))
    .at(origin.clone())
}

/// The code of [`several_applications`].
pub(crate) const SEVERAL_APPLICATIONS: &str = "python/several-applications";

/// Two of a kind; each with its reference and the place it stands.
pub(crate) fn several_applications(
    framework: &str,
    (chosen, at): (&str, &Origin),
    (other, other_at): (&str, &Origin),
) -> Diagnostic {
    Diagnostic::warning(
        SEVERAL_APPLICATIONS,
        format!("there is more than one application; {framework}'s `{chosen}` is started"),
    )
    .why(format!("`{chosen}` stands in {at}, `{other}` in {other_at}"))
    .fix("name the one to start in a Procfile: `web: <command>`")
    .at(at.clone())
}

/// The same of workers, which a declared `web` does not settle.
pub(crate) fn several_workers(
    framework: &str,
    chosen: (&str, &Origin),
    other: (&str, &Origin),
) -> Diagnostic {
    let code = "python/several-workers".to_owned();
    Diagnostic { code, ..several_applications(framework, chosen, other) }
}

/// A start imports the module `name`, which the line of an ignore file leaves out.
pub(crate) fn module_left_out(name: &str, origin: &Origin, ignored: &Origin) -> Diagnostic {
    Diagnostic::warning(
        "python/module-left-out",
        format!("{origin} imports `{name}`, and {ignored} leaves a file or directory of that name out"),
    )
    .why("what an ignore file names is not in the image; a volume that brings it elsewhere is no part of an image")
    .fix(format!("take the line out of {}, if the module is the project's own", ignored_file(ignored)))
    .at(origin.clone())
}

fn ignored_file(origin: &Origin) -> String {
    match origin {
        Origin::File { path, .. } => path.to_string(),
        _ => "the ignore file".to_owned(),
    }
}

/// A start imports `name`, and there is no list of requirements; `list` is a file that may be one.
pub(crate) fn nothing_listed(name: &str, origin: &Origin, list: Option<&&RelPath>) -> Diagnostic {
    let fix = match list {
        Some(list) => format!("write `-r {list}` into a requirements.txt at the top, or rename the list"),
        None => {
            "list the packages in a requirements.txt or a pyproject.toml; where the list lies in a directory \
                 above, plan there and say how the application starts in a Procfile: `web: <command>`"
                .to_owned()
        }
    };
    Diagnostic::error(
        "python/nothing-listed",
        format!("{origin} imports `{name}`, and no file says what to install"),
    )
    .why("neither Python nor the source has this module, so the image would end at that line")
    .fix(fix)
    .at(origin.clone())
}

/// The code of [`application_missing`] and of [`django_gateway_missing`].
pub(crate) const APPLICATION_MISSING: &str = "python/application-missing";

pub(crate) fn application_missing(framework: &Framework, used: &Origin, near: &[NearMiss]) -> Diagnostic {
    let wanted = match framework.classes().next() {
        Some(class) => {
            let call = class.rsplit('.').next().unwrap_or(class);
            format!("a top-level `<name> = {call}(…)` or a function without arguments that returns one")
        }
        None => format!("a file that calls {}", framework.name),
    };
    let mut why = format!("{used} uses {}; looked in the project's modules for {wanted}", framework.name);
    for miss in near.iter().take(5) {
        why += &format!("; {}: {}", miss.origin, miss.reason);
    }
    Diagnostic::error(APPLICATION_MISSING, format!("no file makes a {} application", framework.name))
        .why(why)
        .fix("say how the application starts in a Procfile: `web: <command>`")
        .at(near.first().map_or(used, |miss| &miss.origin).clone())
}

/// Which of `functions` the Functions Framework shall serve is not said.
pub(crate) fn function_unclear(file: &RelPath, functions: &[(String, Origin)], variable: &str) -> Diagnostic {
    let names: Vec<&str> = functions.iter().map(|(name, _)| name.as_str()).collect();
    let (why, example) = match names.first() {
        Some(first) => (format!("{file} has {}", names.join(", ")), *first),
        None => (
            format!("{file} has no function that `functions_framework.http` or another decorator marks"),
            "NAME",
        ),
    };
    Diagnostic::error("python/function-unclear", "nothing says which function the Functions Framework serves")
        .why(why)
        .fix(format!("name it with `--env {variable}={example}`, or in a Procfile: `web: functions-framework --target={example} --port=$PORT`"))
        .at(Origin::file(file))
}

/// A requirement drives a browser, and none is in the image.
pub(crate) fn browser_missing(package: &str, debian: &[&str], told: &str) -> Diagnostic {
    Diagnostic::warning(
        "python/browser-missing",
        format!("{package} starts a browser, and none is in the image"),
    )
    .why("its own download of browsers is no package that a lock could hold; Debian's are packages")
    .fix(format!(
        "add {} with `--env PACKWRIGHT_PACKAGES=\"{}\"` or an Aptfile, and {told}",
        debian.join(", "),
        debian.join(" ")
    ))
}

/// Data of NLTK that a file asks for and no step brings.
pub(crate) fn nltk_data(path: &RelPath, names: &[&str]) -> Diagnostic {
    let names = names.join(" ");
    Diagnostic::warning("python/nltk-data", format!("{path} asks for {names}, which are not in the image"))
        .why("Heroku downloads them in its build; they are no packages, and the steps here download packages alone")
        .fix(format!(
            "run `python -m nltk.downloader -d nltk_data {names}` and commit `nltk_data`: NLTK looks for it in HOME, \
             which is the application's directory"
        ))
        .at(Origin::file(path))
}

/// A requirement starts a program that this Debian suite no longer has.
pub(crate) fn program_gone(requirement: &str, program: &str, suite: &str) -> Diagnostic {
    Diagnostic::warning(
        "python/program-missing",
        format!("{requirement} starts {program}, and none is in the image"),
    )
    .why(format!("Debian {suite} no longer has {program}; bookworm has"))
    .fix("choose Python 3.11 (`.python-version`), which is bookworm's, or write PDF with weasyprint or a browser")
}

/// Debian packages of a `packages.txt` that only the hosts of some frameworks install.
pub(crate) fn packages_file_unread(path: &RelPath) -> Diagnostic {
    Diagnostic::info("python/packages-file", format!("{path} is not read"))
        .why("the places that run applications of Streamlit and Gradio read it, and this is none")
        .fix("write names of Debian packages into an Aptfile, or into PACKWRIGHT_PACKAGES")
        .at(Origin::file(path))
}

/// A word that is no name of a Debian package.
pub(crate) fn packages_file_name(word: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::error("python/packages-file", format!("{origin}: `{word}` is no name of a Debian package"))
        .fix("write names of Debian packages, one a line")
        .at(origin.clone())
}

pub(crate) fn reflex_unsupported(config: &RelPath) -> Diagnostic {
    Diagnostic::error("python/reflex", format!("{config} belongs to Reflex, which is not supported"))
        .why("Reflex builds its pages with Node while it starts, and serves them from two ports")
        .fix("export the pages with `reflex export --frontend-only`, and start the backend in a Procfile: `web: reflex run --env prod --backend-only --backend-host 0.0.0.0 --backend-port $PORT`")
        .at(Origin::file(config))
}

pub(crate) fn notebook_missing(program: &str) -> Diagnostic {
    Diagnostic::error(
        "python/notebook-missing",
        format!("{program} is asked for, and there is no notebook to show"),
    )
    .why("looked for files that end in `.ipynb`, outside of hidden directories")
    .fix("commit the notebook, or say how the application starts in a Procfile: `web: <command>`")
}

pub(crate) fn kernel_added(kernel: &str) -> Diagnostic {
    Diagnostic::info(
        "python/kernel-added",
        format!("{kernel} is installed although the project does not ask for it"),
    )
    .why("notebooks need it to run their cells")
    .fix(format!("add {kernel} to the requirements, to choose its version yourself"))
}

pub(crate) fn several_notebooks(count: usize) -> Diagnostic {
    Diagnostic::info("python/several-notebooks", format!("there are {count} notebooks, and visitors choose among them"))
        .fix("name the one to show in a Procfile: `web: voila <notebook> --port=$PORT --Voila.ip=0.0.0.0 --no-browser`")
}

pub(crate) fn main_missing(looked_for: &[&str]) -> Diagnostic {
    Diagnostic::error("python/main-missing", "nothing says how the application starts")
        .why(format!(
            "looked for {}, for scripts in pyproject.toml, for packages with `__main__.py`, and for web applications",
            looked_for.join(", ")
        ))
        .fix("say how it starts in a Procfile: `web: <command>`, or `worker: <command>`")
}

pub(crate) fn django_gateway_missing(manage: &RelPath) -> Diagnostic {
    Diagnostic::error(
        APPLICATION_MISSING,
        "the Django project has no application for a server",
    )
    .why("neither the settings name a WSGI_APPLICATION or ASGI_APPLICATION, nor is there a wsgi.py or asgi.py in a package of the project")
    .fix("add the wsgi.py that `django-admin startproject` makes, or say how the application starts in a Procfile: `web: <command>`")
    .at(Origin::file(manage))
}

pub(crate) fn settings_not_found(module: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning(
        "python/settings-not-found",
        format!("{origin} names the settings `{module}`, which are no file of the source tree"),
    )
    .why("without them nobody knows whether static files must be collected")
    .fix("correct the name; an ignored file counts as missing")
    .at(origin.clone())
}

pub(crate) fn settings_unnamed(variable: &str, manage: &RelPath) -> Diagnostic {
    Diagnostic::warning("python/settings-unnamed", format!("nothing says which settings {manage} works with"))
        .why(format!(
            "neither it nor the module of the server has a value for {variable}: static files are not collected, and \
             the image starts only where {variable} is set"
        ))
        .fix(format!("name the settings that the image runs with: `--env {variable}=<package>.settings`"))
        .at(Origin::file(manage))
}

pub(crate) fn static_root_unset(module: &str) -> Diagnostic {
    Diagnostic::info(
        "python/static-root-unset",
        format!("static files are not collected: `{module}` sets no STATIC_ROOT"),
    )
    .fix("set STATIC_ROOT if the image shall serve static files")
}

pub(crate) fn collectstatic_off(variable: &str) -> Diagnostic {
    Diagnostic::info("python/collectstatic-off", format!("static files are not collected: {variable} is set"))
}

pub(crate) fn collected_at_start(origin: &Origin) -> Diagnostic {
    Diagnostic::info(
        "python/collectstatic-at-start",
        format!("static files are not collected in the build: {origin} does it"),
    )
    .at(origin.clone())
}

pub(crate) fn not_collected_there(platform: &str) -> Diagnostic {
    Diagnostic::info(
        "python/collectstatic-not-there",
        format!("static files are not collected: builds of {platform} do it only where a file asks for it"),
    )
    .fix("write `python manage.py collectstatic --noinput` into the build command or the start command")
}

/// The code of [`settings_need`].
pub(crate) const SETTINGS_NEED: &str = "python/settings-need-variable";

pub(crate) fn settings_need(name: &str, origin: &Origin) -> Diagnostic {
    Diagnostic::warning(
        SETTINGS_NEED,
        format!("{origin} needs the variable {name}, and collectstatic runs without it"),
    )
    .why("the build knows no configuration; only secret keys get a dummy")
    .fix(format!("give {name} a default in the settings, or set DISABLE_COLLECTSTATIC=1"))
    .at(origin.clone())
}
