//! What a tree comes to, as far as frameworks and processes decide it: one text for each tree.

use packwright_buildpack::planner::{
    Buildpack, Diagnostic, Fallback, LayerKind, MemoryTree, Package, PlanContext, PlanOptions, Proposal,
    Role, Scope, Severity,
};
use packwright_node::Node;

/// A `package.json` of a few lines: dependencies, development dependencies, scripts.
pub(crate) fn manifest(dependencies: &[&str], development: &[&str], scripts: &[(&str, &str)]) -> String {
    let table = |names: &[&str]| {
        let entries: Vec<String> = names
            .iter()
            .map(|name| match name.rsplit_once(' ') {
                Some((name, range)) => format!("\"{name}\": \"{range}\""),
                None => format!("\"{name}\": \"*\""),
            })
            .collect();
        entries.join(", ")
    };
    let scripts: Vec<String> = scripts.iter().map(|(name, line)| format!("\"{name}\": {line:?}")).collect();
    format!(
        "//- /package.json\n{{\n\"dependencies\": {{{}}},\n\"devDependencies\": {{{}}},\n\"scripts\": {{{}}}\n}}\n",
        table(dependencies),
        table(development),
        scripts.join(",\n")
    )
}

/// What the tree written as `text` comes to.
pub(crate) fn told(text: &str) -> String {
    told_with(text, &PlanOptions::default())
}

/// The same with options.
pub(crate) fn told_with(text: &str, options: &PlanOptions) -> String {
    let tree = MemoryTree::parse(text);
    let model = packwright_platforms::model(&tree).component(None);
    let given = PlanContext { tree: &tree, model: &model, options, role: Role::Owner };
    let Some(claim) = Node.detect(&given) else { return "nothing\n".to_owned() };
    let said = match Node.propose(&given) {
        Ok(Some(proposal)) => describe(&proposal),
        Ok(None) => "nothing\n".to_owned(),
        Err(problems) => problems.iter().map(problem).collect(),
    };
    format!("{:?} by {}\n{said}", claim.value, claim.origin)
}

/// Options with variables.
pub(crate) fn with_env(name: &str, value: &str) -> PlanOptions {
    let environment = [(name.to_owned(), value.to_owned())].into();
    PlanOptions { environment, ..PlanOptions::default() }
}

fn describe(proposal: &Proposal) -> String {
    let mut out = String::new();
    for step in &proposal.steps {
        match step.name.as_str() {
            "node.build" => {
                for command in &step.commands {
                    let text = command.to_string();
                    if !text.starts_with("cat > ") {
                        out += &format!("  $ {text}\n");
                    }
                }
                for output in &step.outputs {
                    out += &format!("  > {}\n", output.path);
                }
            }
            "node.prune" if step.commands.is_empty() => out += "  all packages\n",
            "node.prune" => out += "  production packages\n",
            _ => {}
        }
    }
    if let Some(site) = &proposal.site {
        let dir = site.dir.as_ref().map_or("all".to_owned(), ToString::to_string);
        let fallback = match site.fallback {
            Fallback::Index => "index",
            Fallback::NotFound => "404",
        };
        let made = if site.step.is_some() { "" } else { " of the source" };
        out += &format!("  files in {dir}{made}, else {fallback}, for ever {}\n", site.immutable.join(" "));
    }
    if !proposal.source.include.is_empty() {
        out += "  source\n";
    }
    if proposal.environment.get("PATH").is_some_and(|path| path.value.contains("/opt/manager")) {
        out += "  package manager\n";
    }
    for (name, setting) in &proposal.environment {
        if !["PATH", "NODE_ENV"].contains(&name.as_str()) {
            out += &format!("  {name}={}\n", setting.value);
        }
    }
    for process in &proposal.processes {
        out += &format!("{}: {}\n", process.name, process.command);
    }
    for decision in &proposal.decisions {
        if ["node version", "node package manager", "bun version", "build command"]
            .contains(&decision.subject.as_str())
        {
            continue;
        }
        out += &format!("{} = {} by {}\n", decision.subject, decision.value, decision.origin);
        for loser in &decision.overridden {
            out += &format!("  not {} by {}\n", loser.value, loser.origin);
        }
    }
    out += &proposal.process_missing.iter().map(problem).collect::<String>();
    let ours = |found: &&Diagnostic| found.code != "node/no-lock" && found.code != "node/lock-missing";
    out += &proposal.diagnostics.iter().filter(ours).map(problem).collect::<String>();
    out
}

/// The Debian packages that are not there for Node itself, and the variables they come with.
pub(crate) fn native(text: &str) -> String {
    let tree = MemoryTree::parse(text);
    let model = packwright_platforms::model(&tree).component(None);
    let given =
        PlanContext { tree: &tree, model: &model, options: &PlanOptions::default(), role: Role::Owner };
    let proposal = Node.propose(&given).unwrap().unwrap();
    let mut out = String::new();
    // Those of the rules for packages say which one asks.
    let of_library = |package: &&Package| {
        let of_tools = ["scripts of packages", "packages with native code", "node-gyp", "commands that pnpm"];
        package.layer == LayerKind::System && !of_tools.iter().any(|start| package.why.starts_with(start))
    };
    for package in proposal.packages.iter().filter(of_library) {
        let scope = if package.scope == Scope::Run { "run" } else { "build" };
        out += &format!("{scope} {}\n", package.name);
    }
    for (name, setting) in &proposal.environment {
        if !["PATH", "NODE_ENV"].contains(&name.as_str()) {
            out += &format!("{name}={}\n", setting.value);
        }
    }
    let warnings = proposal.diagnostics.iter().filter(|found| found.severity == Severity::Warning);
    out += &warnings.filter(|found| !found.code.contains("lock")).map(problem).collect::<String>();
    out
}

fn problem(problem: &Diagnostic) -> String {
    let mut out = format!("{:?} {}: {}\n", problem.severity, problem.code, problem.message);
    if let Some(fix) = &problem.fix {
        out += &format!("  fix: {fix}\n");
    }
    out
}

/// What is said when the step of this name fails.
pub(crate) fn hint_of(text: &str, step: &str) -> Option<String> {
    let tree = MemoryTree::parse(text);
    let model = packwright_platforms::model(&tree).component(None);
    let options = PlanOptions::default();
    let given = PlanContext { tree: &tree, model: &model, options: &options, role: Role::Owner };
    let proposal = Node.propose(&given).ok().flatten()?;
    proposal.steps.into_iter().find(|found| found.name.as_str() == step)?.hint
}
