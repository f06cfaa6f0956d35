//! Heroku's buildpacks by name and URL, and what does their work here. The tables translate Heroku's
//! vocabulary; they say nothing about how a language is built.

use packwright_planner::{
    Component, Declarations, Diagnostic, FileWeight, Origin, RelPath, Requested, Scope, Strategy,
    VariableValue,
};

use crate::dir_view::DirView;
use crate::heroku::source::{PLATFORM, line_of};
use crate::table::{Document, Table};
use crate::{names, tool_names};

/// What a buildpack is to us.
enum Known {
    /// A language, by the name it has here.
    Language(&'static str),
    /// Its work is done here anyway.
    Done,
    /// It serves files; what `static.json` says is read.
    Site,
    /// It brings these Debian packages.
    Packages(&'static [(&'static str, Scope)]),
    /// It builds the directory that this variable names.
    Directory(&'static str),
}

/// Buildpacks by the last part of their name, without `heroku-buildpack-` and the like.
const KNOWN: &[(&str, Known)] = &[
    ("apt", Known::Done),
    ("multi", Known::Done),
    ("multi-procfile", Known::Done),
    ("inline", Known::Done),
    ("locale", Known::Done),
    ("poetry", Known::Done),
    ("python-poetry", Known::Done),
    ("pnpm", Known::Done),
    ("static", Known::Site),
    ("monorepo", Known::Directory("APP_BASE")),
    ("subdir", Known::Directory("PROJECT_PATH")),
    ("subdir-heroku", Known::Directory("PROJECT_PATH")),
    ("geo", Known::Packages(&[("gdal-bin", Scope::Run), ("libgdal-dev", Scope::Run)])),
    ("geo-buildpack", Known::Packages(&[("gdal-bin", Scope::Run), ("libgdal-dev", Scope::Run)])),
    ("ffmpeg", Known::Packages(&[("ffmpeg", Scope::Run)])),
    ("ffmpeg-latest", Known::Packages(&[("ffmpeg", Scope::Run)])),
    ("imagemagick", Known::Packages(&[("imagemagick", Scope::Run)])),
    ("graphviz", Known::Packages(&[("graphviz", Scope::Run)])),
    ("tesseract", Known::Packages(&[("tesseract-ocr", Scope::Run)])),
    ("jemalloc", Known::Packages(&[("libjemalloc2", Scope::Run)])),
    ("cmake", Known::Packages(&[("cmake", Scope::Build)])),
    ("libvips", Known::Packages(&[("libvips-dev", Scope::Run)])),
    ("vips", Known::Packages(&[("libvips-dev", Scope::Run)])),
    ("google-chrome", Known::Packages(&[("chromium", Scope::Run)])),
    ("chrome-for-testing", Known::Packages(&[("chromium", Scope::Run), ("chromium-driver", Scope::Run)])),
    ("chromedriver", Known::Packages(&[("chromium-driver", Scope::Run)])),
    ("jvm", Known::Language("java")),
    ("jvm-common", Known::Language("java")),
    ("gradle", Known::Language("java")),
    ("java-war", Known::Language("java")),
    ("nodejs", Known::Language("node")),
    ("js", Known::Language("node")),
];

/// Reads `.buildpacks`: one address a line.
pub(super) fn read(view: &DirView<'_>) -> Option<Declarations> {
    let seen = match crate::heroku::source::seen(view, ".buildpacks")? {
        Ok(seen) => seen,
        Err(refused) => return Some(refused),
    };
    let mut declared = Declarations::new(PLATFORM, &seen.path, FileWeight::Decides);
    let document = Document::new(PLATFORM, &seen.path, FileWeight::Decides);
    let lines = seen.text.lines().enumerate().map(|(index, line)| (line.trim(), index as u32 + 1));
    let listed: Vec<Requested<String>> = lines
        .filter(|(line, _)| !line.is_empty() && !line.starts_with('#'))
        .map(|(line, number)| Requested { value: line.to_owned(), origin: document.line(number) })
        .collect();
    if !listed.is_empty() {
        apply(view, &document, declared.component(), &listed);
    }
    declared.diagnostics.extend(document.into_diagnostics());
    Some(declared)
}

/// The buildpacks that `app.json` lists.
pub(super) fn listed(table: &Table<'_>) -> Vec<Requested<String>> {
    let Some(value) = table.value("buildpacks") else { return Vec::new() };
    if value.items().iter().any(|item| item.word().is_some()) || value.items().is_empty() {
        return table.texts("buildpacks");
    }
    let rows = table.tables("buildpacks").into_iter();
    rows.filter_map(|row| {
        let url = row.text("url");
        if url.is_none() {
            let line = line_of(&row.origin());
            table.document().refuse(line, "a buildpack has no `url`", "write its name: `heroku/python`");
        }
        url
    })
    .collect()
}

/// What the buildpacks mean for a component.
pub(super) fn apply(
    view: &DirView<'_>,
    document: &Document,
    component: &mut Component,
    listed: &[Requested<String>],
) {
    let Some(first) = listed.first() else { return };
    let list = listed.iter().map(|pack| pack.value.clone()).collect();
    let strategy = Strategy::Buildpacks { builder: None, list };
    component.strategy = Some(Requested { value: strategy, origin: first.origin.clone() });
    for pack in listed {
        match known(&pack.value) {
            // The last language is the one that says how the application starts.
            Some(KnownBuildpack::Language(language)) => {
                component.language =
                    Some(Requested { value: language.to_owned(), origin: pack.origin.clone() });
            }
            Some(KnownBuildpack::Table(Known::Language(_) | Known::Done)) => {}
            Some(KnownBuildpack::Table(Known::Site)) => site(view, component, &pack.origin),
            Some(KnownBuildpack::Table(Known::Packages(packages))) => {
                for &(name, scope) in *packages {
                    let name = Requested { value: name.to_owned(), origin: pack.origin.clone() };
                    component.packages.extend(names::apt(PLATFORM, &name, scope).packages);
                }
            }
            Some(KnownBuildpack::Table(Known::Directory(variable))) => {
                directory(document, component, variable, pack)
            }
            None => document.say(unknown(pack)),
        }
    }
}

/// A buildpack that is known.
enum KnownBuildpack {
    Language(&'static str),
    Table(&'static Known),
}

fn known(address: &str) -> Option<KnownBuildpack> {
    let name = short(address);
    if let Some((_, known)) = KNOWN.iter().find(|(known, _)| *known == name) {
        return Some(match known {
            Known::Language(language) => KnownBuildpack::Language(language),
            known => KnownBuildpack::Table(known),
        });
    }
    tool_names::tool(&name).map(KnownBuildpack::Language)
}

/// The language that a buildpack is for.
pub(crate) fn language(address: &str) -> Option<&'static str> {
    match known(address)? {
        KnownBuildpack::Language(language) => Some(language),
        KnownBuildpack::Table(_) => None,
    }
}

/// The last part of a buildpack's name: `python` of `heroku/python`, of
/// `https://github.com/heroku/heroku-buildpack-python.git#v100`, of `urn:cnb:registry:heroku/python@1`.
fn short(address: &str) -> String {
    let address = address.trim().split(['#', '?', '@']).next().unwrap_or_default();
    let last = address.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
    let last = last.to_ascii_lowercase();
    let bare =
        [".git", ".tgz", ".tar.gz"].iter().find_map(|ending| last.strip_suffix(ending)).unwrap_or(&last);
    let bare = bare.strip_prefix("heroku-").unwrap_or(bare);
    let bare = bare.strip_prefix("buildpack-").or_else(|| bare.strip_suffix("-buildpack")).unwrap_or(bare);
    bare.to_owned()
}

/// The directory that the buildpack for static sites serves.
///
/// Source: heroku/heroku-buildpack-static, README: `root` of `static.json`, `public_html` without.
fn site(view: &DirView<'_>, component: &mut Component, origin: &Origin) {
    let read = view.read(PLATFORM, FileWeight::Decides, "static.json").and_then(Result::ok);
    let root = read.and_then(|seen| {
        let value = packwright_documents::json(&seen.text).ok()?;
        let root = value.get("root")?;
        let origin = Origin::line(&seen.path, root.line);
        let text = root.text()?.trim_matches('/');
        Some(Requested { value: text.to_owned(), origin })
    });
    let usual = || Requested { value: "public_html".to_owned(), origin: origin.clone() };
    component.publish = Some(root.filter(|root| !root.value.is_empty()).unwrap_or_else(usual));
}

/// The directory that a variable names.
fn directory(document: &Document, component: &mut Component, variable: &str, pack: &Requested<String>) {
    let found = component.variable(variable).map(|found| (found.value.clone(), found.origin.clone()));
    match found {
        Some((VariableValue::Literal(text), origin)) => match text.trim_matches('/').parse::<RelPath>() {
            Ok(value) => component.root = Some(Requested { value, origin }),
            Err(error) => {
                document.refuse(line_of(&origin), &error.to_string(), "name a directory below the top")
            }
        },
        _ => document.say(
            Diagnostic::warning(
                "heroku/directory",
                format!("{}: `{}` builds the directory that {variable} names", pack.origin, pack.value),
            )
            .fix(format!("say which one with `--root`, or set {variable} below `env`"))
            .at(pack.origin.clone()),
        ),
    }
}

fn unknown(pack: &Requested<String>) -> Diagnostic {
    Diagnostic::warning(
        "heroku/unknown-buildpack",
        format!("{}: the buildpack `{}` is not run", pack.origin, pack.value),
    )
    .why("buildpacks of Heroku are programs for its own build machines; what does their work here is not known for this one")
    .fix("name the packages that it brings in an Aptfile, or do its work in a command of the build")
    .at(pack.origin.clone())
}
