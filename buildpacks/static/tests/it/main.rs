//! Plans of small trees: what a person would see.

#![allow(clippy::unwrap_used, reason = "a test that has nothing to look at must fail")]

use expect_test::{Expect, expect};
use packwright_planner::{
    Buildpack, Claim, Command, Diagnostic, Fallback, Input, Language, LayerKind, MemoryTree, Origin, Plan,
    PlanContext, PlanError, PlanOptions, Proposal, Requested, Role, StaticSite, plan,
};
use packwright_static::Static;

fn planned(text: &str, packs: &[&dyn Buildpack], variables: &[(&str, &str)]) -> Result<Plan, PlanError> {
    let environment = variables.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let options = PlanOptions { environment, ..PlanOptions::default() };
    plan(&MemoryTree::parse(text), packs, &packwright_platforms::model, &options)
}

fn described(result: &Result<Plan, PlanError>) -> String {
    let mut out = String::new();
    let plan = match result {
        Ok(plan) => plan,
        Err(error) => {
            for problem in error.problems() {
                out += &format!("error {}: {}\n", problem.code, problem.message);
            }
            return out;
        }
    };
    out += &format!("{}\n", plan.buildpacks.join(" "));
    for process in &plan.processes {
        out += &format!("{}: {} by {}\n", process.name, process.command, process.origin);
    }
    out += &format!("source {:?} without {:?}\n", plan.source.include, plan.source.exclude);
    for step in plan.steps.iter().filter(|step| step.name.as_str() == "static.compress") {
        for input in &step.inputs {
            out += &match input {
                Input::Step(name) => format!("  < {name}\n"),
                Input::Source(selection) => format!("  < source {}\n", selection.include.join(" ")),
            };
        }
        out += &format!("  SITE={}\n", step.environment["SITE"]);
        for output in &step.outputs {
            out += &format!("  > {} {:?}\n", output.path, output.layer);
        }
    }
    let subjects = ["language", "site", "server", "missing pages"];
    for decision in plan.decisions.iter().filter(|found| subjects.contains(&found.subject.as_str())) {
        out += &format!("{} = {} by {}\n", decision.subject, decision.value, decision.origin);
        for loser in &decision.overridden {
            out += &format!("  not {} by {}\n", loser.value, loser.origin);
        }
    }
    plan.diagnostics.iter().for_each(|found| out += &format!("{}: {}\n", found.code, found.message));
    out
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&described(&planned(text, &[&Static], &[])));
}

/// The configuration of the server that the plan writes.
fn configuration(plan: &Plan) -> String {
    let step = plan.steps.iter().find(|step| step.name.as_str() == "static.compress").unwrap();
    let is_conf = |command: &&Command| command.to_string().contains("/opt/static/nginx.conf <<");
    step.commands.iter().find(is_conf).unwrap().to_string()
}

/// A language that claims the tree as it is told, and makes a site when it is told.
struct Other {
    claim: Claim,
    site: Option<StaticSite>,
}

impl Buildpack for Other {
    fn language(&self) -> &Language {
        const { &Language::new("other", "Other").manifests(&["other.txt"]) }
    }

    fn detect(&self, _context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        Some(self.claim.by(Origin::file(&"other.txt".parse().unwrap())))
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        if context.role != Role::Owner {
            return Ok(None);
        }
        let mut proposal = Proposal::new();
        proposal.site = self.site.clone();
        Ok(Some(proposal))
    }
}

#[test]
fn a_page_at_the_top() {
    check(
        "//- /index.html\n<p>\n//- /css/a.css\np {}\n",
        expect![[r#"
        static
        web: /opt/static/start by index.html
        source ["**"] without ["Staticfile", "nginx.conf", "Procfile", "packwright.toml", "packwright.lock"]
          < source **
          SITE=/app
          > app Some(Build)
          > opt/static Some(Build)
        language = static (has files to serve) by index.html
        site = the top of the tree by index.html
        server = nginx, configured by Packwright by default: the repository has no nginx.conf
        missing pages = 404.html, with status 404 by default: nothing asks for another page
    "#]],
    );
}

#[test]
fn known_directories_and_what_loses() {
    check(
        "//- /public/index.html\n<p>\n//- /dist/index.html\n<p>\n//- /api/notes.txt\n\n",
        expect![[r#"
        static
        web: /opt/static/start by public/index.html
        source ["public"] without ["Staticfile", "nginx.conf", "Procfile", "packwright.toml", "packwright.lock"]
          < source public
          SITE=/app/public
          > app/public Some(Build)
          > opt/static Some(Build)
        language = static (has files to serve) by public/index.html
        site = public/ by public/index.html
          not dist/ by dist/index.html
        server = nginx, configured by Packwright by default: the repository has no nginx.conf
        missing pages = 404.html, with status 404 by default: nothing asks for another page
    "#]],
    );
    check(
        "//- /index.html\n<p>\n//- /public/index.html\n<p>\n",
        expect![[r#"
        static
        web: /opt/static/start by index.html
        source ["**"] without ["Staticfile", "nginx.conf", "Procfile", "packwright.toml", "packwright.lock"]
          < source **
          SITE=/app
          > app Some(Build)
          > opt/static Some(Build)
        language = static (has files to serve) by index.html
        site = the top of the tree by index.html
          not public/ by public/index.html
        server = nginx, configured by Packwright by default: the repository has no nginx.conf
        missing pages = 404.html, with status 404 by default: nothing asks for another page
    "#]],
    );
}

#[test]
fn staticfile() {
    check(
        "//- /Staticfile\n# Cloud Foundry\nroot: web\npushstate: enabled\ndirectory: visible\n//- /web/index.html\n<p>\n",
        expect![[r#"
            static
            web: /opt/static/start by Staticfile:2
            source ["web"] without ["Staticfile", "nginx.conf", "Procfile", "packwright.toml", "packwright.lock"]
              < source web
              SITE=/app/web
              > app/web Some(Build)
              > opt/static Some(Build)
            language = static (has files to serve) by Staticfile:2
            site = web/ by Staticfile:2
            server = nginx, configured by Packwright by default: the repository has no nginx.conf
            missing pages = index.html, with status 200 by Staticfile:3
            static/staticfile-key: Staticfile:4: `directory` is not used
        "#]],
    );
    check(
        "//- /Staticfile\n---\nroot: \"./\"\nindex_fallback: true\n//- /index.html\n<p>\n",
        expect![[r#"
            static
            web: /opt/static/start by Staticfile:2
            source ["**"] without ["Staticfile", "nginx.conf", "Procfile", "packwright.toml", "packwright.lock"]
              < source **
              SITE=/app
              > app Some(Build)
              > opt/static Some(Build)
            language = static (has files to serve) by Staticfile:2
            site = the top of the tree by Staticfile:2
              not the top of the tree by index.html
            server = nginx, configured by Packwright by default: the repository has no nginx.conf
            missing pages = index.html, with status 200 by Staticfile:3
        "#]],
    );
}

#[test]
fn staticfile_with_faults() {
    check(
        "//- /Staticfile\nroot: ../up\npushstate: maybe\nhello\n//- /index.html\n<p>\n",
        expect![[r#"
        error static/staticfile: Staticfile:1: `../up` is no directory of the tree
        error static/staticfile: Staticfile:2: `pushstate` is `maybe`, neither true nor false
        error static/staticfile: Staticfile:3: `hello` is no line of a Staticfile
    "#]],
    );
    check(
        "//- /Staticfile\nroot: web\n//- /index.html\n<p>\n",
        expect![[r#"
        error static/no-page: Staticfile:1 names web/ as a site, and there is no index.html in it
    "#]],
    );
    check(
        "//- /Staticfile\n",
        expect![[r#"
        error static/no-page: Staticfile names the top of the tree as a site, and there is no index.html in it
    "#]],
    );
}

#[test]
fn the_caller_names_the_directory() {
    let text = "//- /index.html\n<p>\n//- /web/index.html\n<p>\n//- /Staticfile\nroot: .\n";
    let found = described(&planned(text, &[&Static], &[("PACKWRIGHT_STATIC_ROOT", "web/")]));
    expect![[r#"
        static
        web: /opt/static/start by --env PACKWRIGHT_STATIC_ROOT=web/
        source ["web"] without ["Staticfile", "nginx.conf", "Procfile", "packwright.toml", "packwright.lock"]
          < source web
          SITE=/app/web
          > app/web Some(Build)
          > opt/static Some(Build)
        language = static (has files to serve) by --env PACKWRIGHT_STATIC_ROOT=web/
        site = web/ by --env PACKWRIGHT_STATIC_ROOT=web/
          not the top of the tree by Staticfile:1
          not the top of the tree by index.html
        server = nginx, configured by Packwright by default: the repository has no nginx.conf
        missing pages = 404.html, with status 404 by default: nothing asks for another page
    "#]]
    .assert_eq(&found);
}

#[test]
fn folders_without_a_page_are_nothing() {
    check(
        "//- /public/robots.txt\n\n//- /dist/a.js\n\n",
        expect![[r#"
        error plan/nothing-detected: no application was recognised
    "#]],
    );
}

/// A `public/` folder never takes over; a tool's settings do not keep a site from being one.
#[test]
fn other_languages() {
    let text = "//- /other.txt\n\n//- /public/index.html\n<p>\n";
    for claim in [Claim::Tools, Claim::Program, Claim::Server] {
        let other = Other { claim, site: None };
        let result = planned(text, &[&other, &Static], &[("PACKWRIGHT_NONE", "")]);
        let owner = match &result {
            Ok(plan) => plan.buildpacks[0].clone(),
            Err(error) => error.problems()[0].code.clone(),
        };
        let expected = if claim == Claim::Tools { "static" } else { "plan/no-process" };
        assert_eq!(owner, expected, "{claim:?}");
    }
}

fn made_site(fallback: Fallback) -> Other {
    let site = StaticSite {
        dir: Some("dist".parse().unwrap()),
        step: Some("other.build".parse().unwrap()),
        fallback,
        immutable: vec!["assets/**".to_owned()],
        origin: Origin::file(&"other.txt".parse().unwrap()),
    };
    Other { claim: Claim::Site, site: Some(site) }
}

#[test]
fn a_site_that_another_language_makes() {
    let result = planned("//- /other.txt\n\n", &[&made_site(Fallback::Index), &Static], &[]);
    expect![[r#"
        other static
        web: /opt/static/start by other.txt
        source ["**"] without []
          < other.build
          SITE=/app/dist
          > app/dist Some(Build)
          > opt/static Some(Build)
        language = other (builds a site of files) by other.txt
        server = nginx, configured by Packwright by default: the repository has no nginx.conf
        missing pages = index.html, with status 200 by other.txt
    "#]]
    .assert_eq(&described(&result));
    let conf = configuration(&result.unwrap());
    for line in [
        "root \"/app/dist\";",
        "\"~^/assets/.*(?:/.*)?$\" \"public, max-age=31536000, immutable\";",
        "try_files $uri $uri.html $uri/index.html /index.html;",
        "listen ${PORT};",
    ] {
        assert!(conf.contains(line), "{line} in {conf}");
    }
    let left = conf.lines().filter(|line| line.contains('@') && !line.contains("@health"));
    assert!(left.clone().all(|line| line.contains("@etag@")), "{:?}", left.collect::<Vec<_>>());
}

#[test]
fn a_site_with_a_page_for_what_is_missing() {
    let result = planned("//- /other.txt\n\n", &[&made_site(Fallback::NotFound), &Static], &[]);
    let conf = configuration(&result.unwrap());
    assert!(conf.contains("try_files $uri $uri.html $uri/ =404;"), "{conf}");
    assert!(!conf.contains("/index.html;"), "{conf}");
}

#[test]
fn a_configuration_for_the_server_of_another_image_is_left_aside() {
    let text = "//- /index.html\n<p>\n//- /nginx.conf\nserver { listen 80; root /usr/share/nginx/html; }\n";
    let plan = planned(text, &[&Static], &[]).unwrap();
    let server = plan.decisions.iter().find(|found| found.subject == "server").unwrap();
    assert_eq!(server.value, "nginx, configured by Packwright");
    let told: Vec<&str> = plan.diagnostics.iter().map(|found| found.code.as_str()).collect();
    assert_eq!(told, ["static/configuration-unused"]);
    assert!(configuration(&plan).contains("listen"));
}

#[test]
fn the_repository_configures_the_server() {
    let text = "//- /index.html\n<p>\n//- /nginx.conf\nevents {}\nhttp { server { listen ${PORT}; } }\n";
    let result = planned(text, &[&Static], &[]);
    expect![[r#"
        static
        web: /opt/static/start by index.html
        source ["**"] without ["Staticfile", "nginx.conf", "Procfile", "packwright.toml", "packwright.lock"]
          < source **
          < source nginx.conf
          SITE=/app
          > app Some(Build)
          > opt/static Some(Build)
        language = static (has files to serve) by index.html
        site = the top of the tree by index.html
        server = nginx, configured by the repository by nginx.conf
        static/own-configuration: nginx.conf configures the server, and nothing of ours does
    "#]]
    .assert_eq(&described(&result));
}

/// The build leaves nothing in the image but the server: what compresses is for the build.
#[test]
fn packages() {
    let plan = planned("//- /index.html\n<p>\n", &[&Static], &[]).unwrap();
    let lines: String = plan
        .packages
        .iter()
        .filter(|package| package.layer != LayerKind::Base)
        .map(|package| format!("{:?} {}\n", package.scope, package.name))
        .collect();
    expect![[r#"
        Run nginx
        Run libnginx-mod-http-brotli-static
        Run libnginx-mod-http-headers-more-filter
        Build brotli
        Build gzip
        Build findutils
    "#]]
    .assert_eq(&lines);
}

#[test]
fn a_directory_whose_name_is_a_pattern_is_served() {
    let plan = planned("//- /Staticfile\nroot: [a]{b,c}*\n//- /[a]{b,c}*/index.html\n<p>\n", &[&Static], &[]);
    let plan = plan.unwrap();
    let step = plan.steps.iter().find(|step| step.name.as_str() == "static.compress").unwrap();
    let Input::Source(selection) = &step.inputs[0] else { panic!("the site is the source's") };
    for selection in [selection, &plan.source] {
        let chosen = selection.matcher().unwrap();
        assert!(chosen(&"[a]{b,c}*/index.html".parse().unwrap()));
        assert!(!chosen(&"ab/index.html".parse().unwrap()));
    }
}

#[test]
fn a_directory_stands_between_quotes_in_the_configuration() {
    let tree = "//- /Staticfile\nroot: it's \\ a \"; x {\n//- /it's \\ a \"; x {/index.html\n<p>\n";
    let plan = planned(tree, &[&Static], &[]).unwrap();
    let expected = r#"        root "/app/it's \\ a \"; x {";"#;
    let made = configuration(&plan);
    assert!(made.lines().any(|line| line == expected), "{made}");
}

#[test]
fn a_directory_that_nginx_cannot_be_told_is_refused() {
    let refused = expect![[r#"
        error static/directory-name: the directory `a$b` has a `$` or a control character in its name
    "#]];
    refused.assert_eq(&described(&planned(
        "//- /Staticfile\nroot: a$b\n//- /a$b/index.html\n<p>\n",
        &[&Static],
        &[],
    )));
    let site = StaticSite {
        dir: Some("a\nb".parse().unwrap()),
        step: None,
        fallback: Fallback::NotFound,
        immutable: Vec::new(),
        origin: Origin::file(&"other.txt".parse().unwrap()),
    };
    let refused = expect![[r#"
        error static/directory-name: the directory `a\nb` has a `$` or a control character in its name
    "#]];
    let other = Other { claim: Claim::Site, site: Some(site) };
    refused.assert_eq(&described(&planned("//- /other.txt\n\n", &[&other, &Static], &[])));
}
