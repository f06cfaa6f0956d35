//! [`Info`]: what `railpack info` and `--info-out` tell about an application, as JSON of the same form.

use std::collections::BTreeMap;

use packwright_engine::planner::{Diagnostic, Plan, Severity};
use serde::Serialize;

/// The result of a plan, to be written as JSON. What Packwright does not know is left out, as Railpack leaves out what is
/// empty: the plan in Railpack's form, the version of Railpack, the exact versions of packages.
///
/// Source: railwayapp/railpack, `core/core.go`, `BuildResult`; `core/resolver`, `ResolvedPackage`; `core/logger`, `Msg`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    resolved_packages: BTreeMap<String, Package>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    detected_providers: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    logs: Vec<Message>,
    success: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Package {
    name: String,
    requested_version: String,
    source: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Message {
    level: &'static str,
    msg: String,
    docs_path: &'static str,
}

impl Info {
    /// What there is to tell about a plan and of what was said.
    pub fn of(plan: &Plan, said: &[Diagnostic]) -> Info {
        let packages = plan.versions.iter().map(|version| {
            let package = Package {
                name: version.tool.clone(),
                requested_version: version.wanted.clone(),
                source: version.origin.to_string(),
            };
            (version.tool.clone(), package)
        });
        let providers: Vec<String> =
            plan.buildpacks.iter().take(1).map(|name| provider(name).to_owned()).collect();
        let mut metadata = BTreeMap::new();
        metadata.extend(providers.first().map(|name| ("providers".to_owned(), name.clone())));
        for language in &plan.buildpacks {
            let subject = format!("{language} package manager");
            let decided = plan.decisions.iter().find(|decision| decision.subject == subject);
            metadata.extend(
                decided.map(|decision| (format!("{language}PackageManager"), decision.value.clone())),
            );
        }
        Info {
            resolved_packages: packages.collect(),
            metadata,
            detected_providers: providers,
            logs: said.iter().map(message).collect(),
            success: true,
        }
    }

    /// What there is to tell about a plan that failed: an error for each problem.
    pub fn failed(problems: impl IntoIterator<Item = String>) -> Info {
        let error = |msg| Message { level: "error", msg, docs_path: "" };
        Info {
            resolved_packages: BTreeMap::new(),
            metadata: BTreeMap::new(),
            detected_providers: Vec::new(),
            logs: problems.into_iter().map(error).collect(),
            success: false,
        }
    }
}

fn message(said: &Diagnostic) -> Message {
    let level = match said.severity {
        Severity::Info => "info",
        Severity::Warning => "warn",
        Severity::Error => "error",
    };
    let fix = said.fix.as_ref().map(|fix| format!("\n{fix}")).unwrap_or_default();
    Message { level, msg: format!("{}{fix}", said.message), docs_path: "" }
}

/// What Railpack calls a language.
///
/// Source: railwayapp/railpack, the methods `Name` in `core/providers`.
pub fn provider(buildpack: &str) -> &str {
    match buildpack {
        "go" => "golang",
        "static" => "staticfile",
        other => other,
    }
}
