//! Plans for Railpack's command lines: what counts before what, and where variables go.

use std::collections::BTreeMap;

use packwright_engine::planner::MemoryTree;

use super::*;

const FLASK: &str =
    "//- /requirements.txt\nflask\ngunicorn\n//- /app.py\nfrom flask import Flask\n\napp = Flask(__name__)\n";

fn planned(files: &str, line: CommandLine, variables: &[(&str, &str)]) -> Plan {
    let environment: BTreeMap<String, String> =
        variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let source = Source::tree(MemoryTree::parse(files));
    let caller = Caller::new(line, environment);
    plan(&Catalog::default(), &source, &caller).unwrap().unwrap().plan
}

fn start(plan: &Plan) -> String {
    plan.default_process().unwrap().command.to_string()
}

#[test]
fn an_option_is_overridden_by_variables_and_the_file() {
    let line = || CommandLine { start: Some("option".to_owned()), ..CommandLine::default() };
    assert_eq!(start(&planned(FLASK, line(), &[])), "option");
    assert_eq!(start(&planned(FLASK, line(), &[("RAILPACK_START_CMD", "variable")])), "variable");
    let file = format!("{FLASK}//- /railpack.json\n{{\"deploy\": {{\"startCommand\": \"file\"}}}}\n");
    assert_eq!(start(&planned(&file, line(), &[("RAILPACK_START_CMD", "variable")])), "file");
    // Of a Procfile one process is started; files of other platforms do not count.
    let others = format!(
        "{FLASK}//- /Procfile\nworker: run\n//- /render.yaml\nservices:\n  - {{type: web, name: a, runtime: python, startCommand: other}}\n"
    );
    assert_eq!(start(&planned(&others, CommandLine::default(), &[])), "run");
}

#[test]
fn variables_are_for_the_build_and_no_port_is_set() {
    let plan = planned(FLASK, CommandLine::default(), &[("STAGE", "live"), ("API_SECRET", "0123456789")]);
    assert!(!plan.environment.contains_key("STAGE") && !plan.environment.contains_key("PORT"));
    assert!(!plan.to_json().contains("0123456789"));
    let node = "//- /package.json\n{\"name\": \"a\", \"scripts\": {\"build\": \"make\", \"start\": \"node a.js\"}}\n//- /a.js\n";
    let plan = planned(node, CommandLine::default(), &[("STAGE", "live")]);
    assert!(plan.steps.iter().any(|step| step.environment.get("STAGE").is_some_and(|value| value == "live")));
    assert!(!plan.environment.contains_key("STAGE"));
}

#[test]
fn versions_of_an_earlier_build_count_where_nobody_asks() {
    let line = || CommandLine {
        previous: vec!["python@3.12".to_owned(), "node@20".to_owned()],
        ..CommandLine::default()
    };
    let version = |files: &str| planned(files, line(), &[]).versions[0].wanted.clone();
    assert_eq!(version(FLASK), "3.12");
    assert_eq!(version(&format!("{FLASK}//- /.python-version\n3.11\n")), "3.11");
}

#[test]
fn what_is_told_has_the_form_of_railpack() {
    let plan = planned(&format!("{FLASK}//- /.python-version\n3.13\n"), CommandLine::default(), &[]);
    let told = serde_json::to_value(Info::of(&plan, &[])).unwrap();
    assert_eq!(
        told,
        serde_json::json!({
            "resolvedPackages": {
                "python": {"name": "python", "requestedVersion": "3.13", "source": ".python-version:1"}
            },
            "metadata": {"providers": "python", "pythonPackageManager": "pip"},
            "detectedProviders": ["python"],
            "success": true,
        })
    );
    let told = serde_json::to_value(Info::failed(["no".to_owned()])).unwrap();
    assert_eq!(
        told,
        serde_json::json!({"logs": [{"Level": "error", "Msg": "no", "DocsPath": ""}], "success": false})
    );
}
