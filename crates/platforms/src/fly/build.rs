//! `build` of `fly.toml`: how Fly.io builds the image.

use std::collections::BTreeMap;

use packwright_planner::{
    Component, Diagnostic, Origin, Requested, Scoped, Strategy, Variable, VariableValue, VersionRequest,
};

use crate::cnb;
use crate::dir_view::DirView;
use crate::table::{Document, Table};
use crate::tool_names;

/// Beginnings of build arguments `…_VERSION` that are a version of a tool and no language.
const TOOLS: &[&str] = &["poetry", "uv", "pipenv", "pdm", "npm", "pnpm", "yarn"];

/// Reads `build`.
pub(super) fn build(component: &mut Component, view: &DirView<'_>, document: &Document, table: &Table<'_>) {
    let Some(build) = table.table("build") else {
        found(view, document, table.origin());
        return;
    };
    build.leave(&["settings", "compression", "compression_level", "use_zstd"]);
    let image = build.text("image");
    let builder = build.text("builder");
    let buildpacks = build.texts("buildpacks");
    let dockerfile = build.text("dockerfile");
    let target =
        ["build-target", "build_target", "docker_build_target"].iter().find_map(|key| build.text(key));
    let args = arguments(component, &build);
    if let Some(entry) = build.entry("ignorefile") {
        let why =
            "what is left out of the source is said in `.dockerignore`, `.gitignore` and packwright.toml";
        document.without_effect(entry.line, "`build.ignorefile`", why);
    }
    if let Some(entry) = build.entry("compose") {
        let why = "containers that run beside the application's are described there";
        document.without_effect(entry.line, "`build.compose`", why);
    }
    let builtin = build.text("builtin");
    if let Some(builtin) = &builtin {
        document.say(
            Diagnostic::warning(
                "fly/builtin",
                format!("{}: the image `{}` is built into Fly.io's own tools", builtin.origin, builtin.value),
            )
            .why("it is made from the source as detected instead")
            .fix("compare what both do, then take the line out")
            .at(builtin.origin.clone()),
        );
    }
    let first = builder.as_ref().or(buildpacks.first()).map(|text| text.origin.clone());
    let of_dockerfile = dockerfile.as_ref().or(target.as_ref()).map(|text| text.origin.clone());
    let by_itself = builtin.map(|builtin| Requested {
        value: Strategy::Program(format!("Fly.io's built-in `{}`", builtin.value)),
        origin: builtin.origin,
    });
    component.strategy = match (image, first, of_dockerfile) {
        (Some(image), ..) => Some(Requested { value: Strategy::Image(image.value), origin: image.origin }),
        (None, Some(origin), _) => Some(Requested {
            value: Strategy::Buildpacks {
                builder: builder.map(|builder| builder.value),
                list: buildpacks.into_iter().map(|buildpack| buildpack.value).collect(),
            },
            origin,
        }),
        (None, None, Some(origin)) => Some(Requested {
            value: Strategy::Dockerfile {
                path: dockerfile
                    .map_or("Dockerfile".to_owned(), |path| path.value.trim_start_matches("./").to_owned()),
                target: target.map(|target| target.value),
                args,
            },
            origin,
        }),
        (None, None, None) => {
            if by_itself.is_none() {
                found(view, document, build.origin());
            }
            by_itself
        }
    };
}

/// Reads `args`: versions of languages become version_requests, the rest variables of the build. The plain
/// ones of these are given back.
fn arguments(component: &mut Component, build: &Table<'_>) -> BTreeMap<String, String> {
    let mut plain = BTreeMap::new();
    for (name, value) in build.pairs("args") {
        if let Some(wish) = cnb::version_request(&name, &value).or_else(|| wish(&name, &value)) {
            component.versions.push(wish);
            continue;
        }
        let variable = Variable::literal(&name, &value.value, value.origin);
        if let VariableValue::Literal(value) = &variable.value {
            plain.insert(name, value.clone());
        }
        component.environment.push(Variable { scope: Scoped::Build, ..variable });
    }
    plain
}

/// The wish that an argument such as `PYTHON_VERSION` is.
fn wish(name: &str, value: &Requested<String>) -> Option<VersionRequest> {
    let word = name.strip_suffix("_VERSION")?.to_ascii_lowercase();
    if TOOLS.contains(&word.as_str()) {
        return Some(VersionRequest { tool: word, version: value.clone() });
    }
    let tool = tool_names::tool(&word)?;
    // `3.12-slim` is a version of an image.
    let (_, version) = tool_names::runtime(&format!("{tool}:{}", value.value))?;
    Some(VersionRequest {
        tool: tool.to_owned(),
        version: Requested { value: version?, origin: value.origin.clone() },
    })
}

/// Says that Fly.io takes a Dockerfile that the file does not name.
fn found(view: &DirView<'_>, document: &Document, origin: Origin) {
    let Some(path) =
        ["Dockerfile", "dockerfile"].iter().find(|name| view.has(name)).and_then(|name| view.path(name))
    else {
        return;
    };
    document.say(
        Diagnostic::info("fly/dockerfile", format!("Fly.io builds {path}, which {origin} does not name"))
            .why("without another word it takes the Dockerfile beside its file; here the source is built as detected")
            .at(origin),
    );
}
