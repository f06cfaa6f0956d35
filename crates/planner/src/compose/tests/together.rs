//! Several languages and several directories: the owner, helpers, server and location.

use super::super::*;
use crate::{
    Claim, Command, DeclaredProcess, Fallback, Input, Language, LayerKind, MemoryTree, NeededFiles, Network,
    Output, Overridden, Package, PlanContext, Process, Requested, Role, Scope, StaticSite, Step, Target, has,
};

/// A made-up language: it claims trees with `<name>.txt`, and builds `out` as a helper.
struct Made {
    language: Language,
    file: &'static str,
    claim: Claim,
    helps: bool,
    serves: bool,
    /// A file that it needs as the owner.
    needs: Option<&'static str>,
}

fn made(name: &'static str, file: &'static str, claim: Claim) -> Made {
    let manifests: &[&str] = Box::leak(Box::new([file]));
    let language = Language::new(name, name).manifests(manifests);
    Made { language, file, claim, helps: false, serves: false, needs: None }
}

fn step(name: &str, source: Selection) -> Step {
    Step {
        inputs: vec![Input::Source(source)],
        outputs: vec![Output {
            path: "app/out".parse().unwrap(),
            layer: Some(LayerKind::Build),
            scrub: Vec::new(),
        }],
        ..serde_json::from_str(&format!(
            r#"{{ "name": "{name}", "why": "", "commands": [], "outputs": [] }}"#
        ))
        .unwrap()
    }
}

impl Buildpack for Made {
    fn language(&self) -> &Language {
        &self.language
    }

    fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        let evidence = Origin::Detected(self.file.to_owned());
        has(context.tree, self.file).then(|| self.claim.by(evidence))
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        let origin = Origin::Detected(self.file.to_owned());
        let web = |command: &str| Process {
            name: "web".parse().unwrap(),
            command: Command::shell(command),
            origin: origin.clone(),
        };
        match context.role {
            Role::Server(site) if self.serves => {
                let dir = site.dir.as_ref().map_or(String::new(), ToString::to_string);
                Ok(Some(Proposal { processes: vec![web(&format!("serve {dir}"))], ..Proposal::new() }))
            }
            Role::Helper { .. } if self.helps && has(context.tree, self.file) => {
                let package = Package {
                    name: self.language.name.to_owned(),
                    scope: Scope::Build,
                    layer: LayerKind::Runtime,
                    why: String::new(),
                };
                let steps =
                    vec![step(&format!("{}.build", self.language.name), Selection::of(["assets/**"]))];
                Ok(Some(Proposal { packages: vec![package], steps, ..Proposal::new() }))
            }
            Role::Owner if has(context.tree, self.file) => {
                if has(context.tree, "broken.txt") {
                    let problems =
                        vec![Diagnostic::error("made/broken", format!("{} is broken", self.language.name))];
                    return Err(problems);
                }
                let site = (self.claim == Claim::Site).then(|| StaticSite {
                    dir: Some("out".parse().unwrap()),
                    step: Some(format!("{}.build", self.language.name).parse().unwrap()),
                    fallback: Fallback::Index,
                    immutable: Vec::new(),
                    origin: origin.clone(),
                });
                let processes = match site {
                    None => vec![web(self.language.name)],
                    Some(_) => Vec::new(),
                };
                let steps = vec![step(&format!("{}.static", self.language.name), Selection::all())];
                let needs = self.needs.map(|needed| NeededFiles {
                    path: needed.parse().unwrap(),
                    origin: origin.clone(),
                    missing: Some(Diagnostic::error("made/missing", format!("there is no {needed}"))),
                });
                let needs = needs.into_iter().collect();
                Ok(Some(Proposal { steps, site, processes, needs, ..Proposal::new() }))
            }
            _ => Ok(None),
        }
    }

    fn targets(&self, tree: &dyn SourceTree) -> Vec<Target> {
        match has(tree, "workspace.txt") {
            true => vec![Target { name: "@org/shop".to_owned(), path: "apps/shop".parse().unwrap() }],
            false => Vec::new(),
        }
    }
}

#[track_caller]
fn plan_with(tree: &str, packs: &[&Made], options: &PlanOptions) -> Result<Plan, PlanError> {
    let packs: Vec<&dyn Buildpack> = packs.iter().map(|&pack| pack as &dyn Buildpack).collect();
    plan(&MemoryTree::parse(tree), &packs, &|_| AppModel::default(), options)
}

fn problem(result: Result<Plan, PlanError>) -> Diagnostic {
    result.unwrap_err().problems().remove(0)
}

#[test]
fn the_strongest_claim_owns_and_the_others_are_named() {
    let (a, b) = (made("a", "a.txt", Claim::Program), made("b", "b.txt", Claim::Server));
    let plan = plan_with("//- /a.txt\n//- /b.txt\n", &[&a, &b], &PlanOptions::default()).unwrap();
    assert_eq!(plan.buildpacks, ["b"]);
    assert_eq!(plan.decisions[0].value, "b (has a web application or a declared process)");
    assert_eq!(plan.decisions[0].overridden[0].value, "a (has a program)");
    assert!(plan.diagnostics.is_empty());
}

#[test]
fn equal_claims_are_a_warning_and_the_caller_can_choose() {
    let (a, b) = (made("a", "a.txt", Claim::Server), made("b", "b.txt", Claim::Server));
    let tree = "//- /a.txt\n//- /b.txt\n";
    let plan = plan_with(tree, &[&a, &b], &PlanOptions::default()).unwrap();
    assert_eq!((plan.buildpacks[0].as_str(), plan.diagnostics[0].code.as_str()), ("a", "plan/two-languages"));
    let options = PlanOptions { buildpacks: vec!["b".to_owned()], ..PlanOptions::default() };
    let plan = plan_with(tree, &[&a, &b], &options).unwrap();
    assert_eq!((plan.buildpacks, plan.diagnostics), (vec!["b".to_owned()], Vec::new()));
    let options = PlanOptions { buildpacks: vec!["c".to_owned()], ..PlanOptions::default() };
    assert_eq!(problem(plan_with(tree, &[&a, &b], &options)).fix.unwrap(), "name one of a, b");
}

#[test]
fn what_is_wrong_with_a_language_that_lost_is_its_own_affair() {
    let (a, b) = (made("a", "a.txt", Claim::Server), made("b", "b.txt", Claim::Tools));
    let whole = Made { claim: Claim::Server, ..made("c", "c.txt", Claim::Server) };
    let tree = "//- /broken.txt\n//- /b.txt\n";
    assert_eq!(problem(plan_with(tree, &[&a, &b], &PlanOptions::default())).message, "b is broken");
    // Only `b` is broken here: `c` looks at another tree.
    struct Well(Made);
    impl Buildpack for Well {
        fn language(&self) -> &Language {
            self.0.language()
        }
        fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
            let tree = MemoryTree::parse("//- /c.txt\n");
            self.0.detect(&PlanContext { tree: &tree, ..*context })
        }
        fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
            let tree = MemoryTree::parse("//- /c.txt\n");
            self.0.propose(&PlanContext { tree: &tree, ..*context })
        }
    }
    let packs: [&dyn Buildpack; 2] = [&b, &Well(whole)];
    let found =
        plan(&MemoryTree::parse(tree), &packs, &|_| AppModel::default(), &PlanOptions::default()).unwrap();
    assert_eq!(found.buildpacks, ["c"]);
}

#[test]
fn a_helper_builds_before_the_owner_and_stays_out_of_the_image() {
    let owner = made("owner", "a.txt", Claim::Server);
    let helper = Made { helps: true, ..made("helper", "b.txt", Claim::Site) };
    let plan = plan_with("//- /a.txt\n//- /b.txt\n", &[&owner, &helper], &PlanOptions::default()).unwrap();
    assert_eq!(plan.buildpacks, ["owner", "helper"]);
    let names: Vec<&str> = plan.steps.iter().map(|step| step.name.as_str()).collect();
    assert_eq!(names, ["helper.build", "owner.static"]);
    assert_eq!(plan.steps[1].inputs.last(), Some(&Input::Step("helper.build".parse().unwrap())));
    assert!(plan.packages.iter().any(|package| package.name == "helper" && package.scope == Scope::Build));
    assert_eq!(plan.processes.len(), 1);
}

#[test]
fn a_front_end_in_a_directory_of_its_own_makes_what_the_owner_needs() {
    let owner = Made { needs: Some("web/ui/out/page"), ..made("owner", "a.txt", Claim::Server) };
    let helper = Made { helps: true, ..made("helper", "b.txt", Claim::Site) };
    let planned = |tree: &str| plan_with(tree, &[&owner, &helper], &PlanOptions::default());
    let plan = planned("//- /a.txt\n//- /web/b.txt\n//- /web/ui/b.txt\n").unwrap();
    assert_eq!(plan.buildpacks, ["owner", "helper"]);
    let dirs: Vec<Option<&str>> =
        plan.steps.iter().map(|step| step.dir.as_ref().map(RelPath::as_str)).collect();
    assert_eq!(dirs, [Some("web/ui"), None], "the nearest directory");
    assert_eq!(plan.steps[1].inputs.last(), Some(&Input::Step("helper.build".parse().unwrap())));
    let decision = plan.decisions.iter().find(|decision| decision.subject == "front end").unwrap();
    assert_eq!(decision.value, "helper in web/ui");
    assert_eq!(plan.processes.len(), 1);

    assert_eq!(problem(planned("//- /a.txt\n//- /other/b.txt\n")).code, "made/missing");
    // One at the top builds for the whole tree.
    let plan = planned("//- /a.txt\n//- /b.txt\n//- /web/b.txt\n").unwrap();
    assert_eq!(plan.steps.iter().find_map(|step| step.dir.clone()), None);
}

#[test]
fn a_site_is_served_by_whoever_can() {
    let site = made("site", "a.txt", Claim::Site);
    let server = Made { serves: true, ..made("server", "none", Claim::Files) };
    let plan = plan_with("//- /a.txt\n", &[&site, &server], &PlanOptions::default()).unwrap();
    assert_eq!(plan.buildpacks, ["site", "server"]);
    assert_eq!(plan.processes[0].command, Command::shell("serve out"));
    let alone = problem(plan_with("//- /a.txt\n", &[&site], &PlanOptions::default()));
    assert_eq!(alone.code, "plan/no-server");
}

#[test]
fn the_only_directory_with_an_application_is_taken() {
    let (a, b) = (made("a", "a.txt", Claim::Server), made("b", "b.txt", Claim::Files));
    let tree = "//- /README\n//- /page/b.txt\n//- /backend/a.txt\n//- /.hidden/a.txt\n//- /scripts/a.txt\n";
    let plan = plan_with(tree, &[&a, &b], &PlanOptions::default()).unwrap();
    assert_eq!(plan.root.unwrap().as_str(), "backend");
    assert_eq!(plan.decisions[0].subject, "directory");
    assert_eq!(plan.decisions[0].overridden[0].value, "`page` (b has files to serve)");
}

#[test]
fn what_is_wrong_at_the_top_is_said() {
    let (a, b) = (made("a", "a.txt", Claim::Tools), made("b", "b.txt", Claim::Server));
    let tree = "//- /a.txt\n//- /broken.txt\n//- /web/b.txt\n";
    let plan = plan_with(tree, &[&a, &b], &PlanOptions::default()).unwrap();
    assert_eq!(plan.root.unwrap().as_str(), "web");
    assert_eq!(
        (plan.diagnostics[0].code.as_str(), plan.diagnostics[0].severity),
        ("made/broken", Severity::Warning)
    );
    // Of the same language: a tool at the top and an application below.
    let (a, same) = (made("a", "a.txt", Claim::Tools), made("a", "b.txt", Claim::Server));
    assert_eq!(problem(plan_with(tree, &[&a, &same], &PlanOptions::default())).code, "made/broken");
    let options = PlanOptions { root: Some("web".parse().unwrap()), ..PlanOptions::default() };
    assert!(plan_with(tree, &[&a, &same], &options).is_ok());
}

#[test]
fn several_directories_are_listed_and_one_can_be_named() {
    let a = made("a", "a.txt", Claim::Server);
    let tree = "//- /web/a.txt\n//- /services/api/a.txt\n//- /web/inner/a.txt\n";
    let found = problem(plan_with(tree, &[&a], &PlanOptions::default()));
    assert_eq!(found.code, "plan/several-applications");
    assert_eq!(
        found.why.unwrap(),
        "`services/api` (a has a web application or a declared process); `web` (a has a web application or a declared process)"
    );
    for app in ["api", "services/api", "./services/api/"] {
        let options = PlanOptions { app: Some(app.to_owned()), ..PlanOptions::default() };
        let plan = plan_with(tree, &[&a], &options).unwrap();
        assert_eq!(plan.root.unwrap().as_str(), "services/api");
    }
    let options = PlanOptions { app: Some("shop".to_owned()), ..PlanOptions::default() };
    assert_eq!(problem(plan_with(tree, &[&a], &options)).code, "plan/no-such-app");
    let options = PlanOptions { root: Some("web/inner".parse().unwrap()), ..PlanOptions::default() };
    assert_eq!(plan_with(tree, &[&a], &options).unwrap().root.unwrap().as_str(), "web/inner");
    let options = PlanOptions { root: Some("nowhere".parse().unwrap()), ..PlanOptions::default() };
    assert_eq!(problem(plan_with(tree, &[&a], &options)).code, "plan/no-root");
}

#[test]
fn a_member_of_a_workspace_is_its_languages_to_choose() {
    let a = made("a", "a.txt", Claim::Server);
    let tree = "//- /a.txt\n//- /workspace.txt\n//- /apps/shop/x\n";
    for app in ["@org/shop", "shop", "apps/shop"] {
        let options = PlanOptions { app: Some(app.to_owned()), ..PlanOptions::default() };
        assert_eq!(plan_with(tree, &[&a], &options).unwrap().root, None);
    }
}

#[test]
fn a_workspace_without_an_application_of_its_own_lists_its_members() {
    let a = made("a", "a.txt", Claim::Server);
    let tree = "//- /workspace.txt\n//- /apps/shop/a.txt\n";
    let found = problem(plan_with(tree, &[&a], &PlanOptions::default()));
    assert_eq!(found.why.as_deref(), Some("@org/shop (apps/shop)"));
    assert_eq!(found.fix.as_deref(), Some("choose with `--app @org/shop`"));
}

#[test]
fn a_start_line_needs_no_language() {
    let a = made("a", "a.txt", Claim::Server);
    let options = PlanOptions { start: Some("./serve".to_owned()), ..PlanOptions::default() };
    let plan = plan_with("//- /serve\n", &[&a], &options).unwrap();
    assert!(plan.buildpacks.is_empty());
    assert_eq!(plan.processes[0].origin, Origin::Option("--start".to_owned()));
    let plan = plan_with("//- /a.txt\n", &[&a], &options).unwrap();
    assert_eq!(plan.processes[0].command, Command::shell("./serve"));
}

#[test]
fn the_network_is_open_to_builds_only_when_the_caller_says_so() {
    let a = made("a", "a.txt", Claim::Server);
    let closed = plan_with("//- /a.txt\n", &[&a], &PlanOptions::default()).unwrap();
    assert_eq!(closed.steps[0].network, Network::None);
    let options = PlanOptions { build_network: Network::Fetch, ..PlanOptions::default() };
    let open = plan_with("//- /a.txt\n", &[&a], &options).unwrap();
    assert_eq!(open.steps[0].network, Network::Fetch);
    assert_eq!(open.diagnostics[0].code, "plan/build-network");
}

#[test]
fn packages_can_be_asked_for() {
    let a = made("a", "a.txt", Claim::Server);
    let environment =
        [("PACKWRIGHT_PACKAGES", "ffmpeg, libpq5"), ("PACKWRIGHT_BUILD_PACKAGES", "git libpq5")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let options = PlanOptions { environment, ..PlanOptions::default() };
    let plan = plan_with("//- /a.txt\n", &[&a], &options).unwrap();
    let asked: Vec<_> = plan
        .packages
        .iter()
        .filter(|package| package.layer == LayerKind::System)
        .map(|package| (package.name.as_str(), package.scope))
        .collect();
    assert_eq!(asked, [("ffmpeg", Scope::Run), ("libpq5", Scope::Run), ("git", Scope::Build)]);
}

/// A language whose words name files as a buildpack sees them.
struct Telling;

impl Buildpack for Telling {
    fn language(&self) -> &Language {
        const { &Language::new("telling", "Telling").manifests(&["main.toy"]) }
    }

    fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        let evidence = Origin::Detected("`main.toy` is a toy, see web.toy.".to_owned());
        has(context.tree, "main.toy").then(|| Claim::Server.by(evidence))
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        if context.role != Role::Owner {
            return Ok(None);
        }
        let wish = context.model.version_requests("toy").next().cloned();
        let version = wish.unwrap_or(crate::Requested {
            value: "1".to_owned(),
            origin: Origin::line(&"main.toy".parse().unwrap(), 3),
        });
        let told = Decision {
            subject: "toy version".to_owned(),
            value: version.value,
            origin: version.origin,
            overridden: vec![Overridden {
                value: "2".to_owned(),
                origin: Origin::file(&"web.toy".parse().unwrap()),
            }],
        };
        let remark = Diagnostic::info("toy/x", "main.toy:3 asks for toy 1, other.toy does not")
            .why("`toy run main.toy` starts web; `main.toy` is read")
            .fix("add web.toy to Toyfile")
            .at(Origin::line(&"main.toy".parse().unwrap(), 3));
        let web = Process {
            name: "web".parse().unwrap(),
            command: Command::shell("toy main.toy"),
            origin: Origin::Detected("`main.toy` is a toy, see web.toy.".to_owned()),
        };
        Ok(Some(Proposal {
            decisions: vec![told],
            diagnostics: vec![remark],
            processes: vec![web],
            ..Proposal::new()
        }))
    }
}

#[test]
fn files_are_named_from_the_top_of_the_source() {
    let tree = MemoryTree::parse(
        "//- /api/main.toy\n//- /api/Toyfile\n//- /api/web\n//- /api/web.toy\n//- /main.toy\n",
    );
    let options = PlanOptions { root: Some("api".parse().unwrap()), ..PlanOptions::default() };
    let planned = |model: AppModel| plan(&tree, &[&Telling], &|_| model.clone(), &options).unwrap();
    let found = planned(AppModel::default());
    let decisions: Vec<String> = found.decisions.iter().map(|decision| decision.origin.to_string()).collect();
    assert_eq!(decisions, ["detected: `api/main.toy` is a toy, see api/web.toy.", "api/main.toy:3"]);
    assert_eq!(found.decisions[1].overridden[0].origin.to_string(), "api/web.toy");
    let remark = &found.diagnostics[0];
    assert_eq!(remark.message, "api/main.toy:3 asks for toy 1, other.toy does not");
    assert_eq!(remark.why.as_deref(), Some("`toy run main.toy` starts web; `api/main.toy` is read"));
    assert_eq!(remark.fix.as_deref(), Some("add api/web.toy to api/Toyfile"));
    assert_eq!(remark.at, Some(Origin::line(&"api/main.toy".parse().unwrap(), 3)));
    assert_eq!(found.processes[0].command, Command::shell("toy main.toy"));

    // What a file at the top declares for the directory is named from the top already.
    let path = "main.toy".parse().unwrap();
    let version = crate::Requested { value: "5".to_owned(), origin: Origin::line(&path, 9) };
    let component = Component {
        root: Some(crate::Requested { value: "api".parse().unwrap(), origin: Origin::line(&path, 8) }),
        versions: vec![crate::VersionRequest { tool: "toy".to_owned(), version }],
        ..Component::default()
    };
    let found = planned(AppModel { components: vec![component], ..AppModel::default() });
    assert_eq!(found.decisions[1].origin, Origin::line(&path, 9));
}

#[test]
fn a_directory_that_was_found_is_named_by_its_files() {
    let tree = MemoryTree::parse("//- /api/main.toy\n//- /api/web.toy\n");
    let found = plan(&tree, &[&Telling], &|_| AppModel::default(), &PlanOptions::default()).unwrap();
    assert_eq!(found.root.unwrap().as_str(), "api");
    assert_eq!(found.decisions[1].origin.to_string(), "detected: `api/main.toy` is a toy, see api/web.toy.");
}

#[test]
fn how_the_caller_starts_an_application_says_not_where_it_is() {
    let tree = MemoryTree::parse("//- /api/main.toy\n//- /api/web.toy\n");
    let root = crate::Requested {
        value: "api".parse().unwrap(),
        origin: Origin::line(&"render.yaml".parse().unwrap(), 3),
    };
    let name = Some(crate::Requested { value: "api".to_owned(), origin: root.origin.clone() });
    let named = Component { root: Some(root), name, ..Component::default() };
    let command = Command::shell("toy by variable");
    let called =
        DeclaredProcess::new("web".parse().unwrap(), command, Origin::Option("--env MAKER_START".to_owned()));
    let spoken = Component { processes: vec![called], ..Component::default() };
    let by_option = PlanOptions { start: Some("toy by option".to_owned()), ..PlanOptions::default() };
    for (components, options, started) in [
        (vec![spoken.clone(), named.clone()], PlanOptions::default(), "toy by variable"),
        (vec![named], by_option.clone(), "toy by option"),
        (vec![spoken], PlanOptions::default(), "toy by variable"),
        (Vec::new(), by_option, "toy by option"),
    ] {
        let model = AppModel { components, ..AppModel::default() };
        let plan = plan(&tree, &[&Telling], &|_| model.clone(), &options).unwrap();
        assert_eq!(plan.root.as_ref().map(RelPath::as_str), Some("api"), "{started}");
        assert_eq!(plan.processes[0].command, Command::shell(started));
        assert_eq!(plan.buildpacks, ["telling"]);
        let completed = model.completed(&plan, &tree, &[&Telling]);
        let started: Vec<_> = completed
            .components
            .iter()
            .map(|part| (part.dir().unwrap().as_str(), part.processes.len()))
            .collect();
        assert_eq!(started, [("api", 1)], "one part starts it");
    }
}
