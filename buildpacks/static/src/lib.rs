//! The static buildpack: sites that are files and nothing else, and the server for sites that
//! other buildpacks make.
//!
//! ```text
//! Staticfile, index.html ─▶ StaticSite ─┐
//! another language's     ─▶ StaticSite ─┴─▶ static.compress, nginx, `web`
//! ```
//!
//! It owns an application only when nothing there can run: its claim is among the weakest.

#![expect(
    clippy::result_large_err,
    reason = "a problem ends the plan: its size on the way out does not matter"
)]

mod messages;
mod pattern;
mod serve;
mod staticfile;

use packwright_planner::{
    BuildRunner, Buildpack, Claim, Decision, Diagnostic, Fallback, Language, Origin, Overridden, PlanContext,
    Proposal, RelPath, Requested, Role, Selection, SourceTree, StaticSite, has, text,
};

use serve::Configuration;
use staticfile::Staticfile;

/// The static buildpack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Static;

/// What is true of every site of files.
const LANGUAGE: Language = Language::new("static", "static files")
    .manifests(&["index.html", "public/index.html", "Staticfile"])
    .source_suffixes(&[".html", ".css"]);

/// The variable by which the caller names the site's directory.
const OPTION: &str = "PACKWRIGHT_STATIC_ROOT";

/// Where a site may lie, besides the top of the tree.
const DIRS: &[&str] = &["public", "dist", "build", "site", "_site", "www", "html"];

/// Files in which the repository speaks to us, and which are no part of a site.
const OURS: &[&str] = &["Staticfile", "nginx.conf", "Procfile", "packwright.toml", "packwright.lock"];

impl Buildpack for Static {
    fn language(&self) -> &Language {
        &LANGUAGE
    }

    fn detect(&self, context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        let evidence = match find_site(context) {
            Ok(found) => found?.site.origin,
            Err(problems) => problems
                .into_iter()
                .find_map(|problem| problem.at)
                .unwrap_or_else(|| Origin::file(&path("Staticfile"))),
        };
        Some(Claim::Files.by(evidence))
    }

    fn propose(&self, context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        let tree = context.tree;
        match context.role {
            Role::Owner => {
                let found = find_site(context)?;
                found.map(|found| own(tree, found)).transpose().map_err(|problem| vec![problem])
            }
            Role::Helper { .. } => Ok(None),
            Role::Server(site) => {
                let served = serve(tree, site, &Selection::all(), &site.origin);
                served.map(Some).map_err(|problem| vec![problem])
            }
        }
    }
}

/// A site of files in the tree.
struct Found {
    site: StaticSite,
    /// Who wants its fallback.
    fallback_by: Origin,
    decision: Decision,
    remarks: Vec<Diagnostic>,
}

/// The site, if there is one: the caller's directory, that of a platform file, that of `Staticfile`, the top of the tree,
/// then the known directories; all but the first three only with an `index.html`, and those, too, where no
/// declared build can make it.
fn find_site(given: &PlanContext<'_>) -> Result<Option<Found>, Vec<Diagnostic>> {
    let file = staticfile(given.tree)?;
    let mut places: Vec<Requested<Option<RelPath>>> = Vec::new();
    if let Some(value) = given.options.environment.get(OPTION) {
        let origin = Origin::Option(format!("--env {OPTION}={value}"));
        match staticfile::directory(value) {
            Some(value) => places.push(Requested { value, origin }),
            None => return Err(vec![messages::option_root(value, &origin)]),
        }
    }
    if let Some(publish) = &given.model.publish {
        match staticfile::directory(&publish.value) {
            Some(value) => places.push(Requested { value, origin: publish.origin.clone() }),
            None => return Err(vec![messages::option_root(&publish.value, &publish.origin)]),
        }
    }
    places.extend(file.as_ref().and_then(|file| file.root.clone()));
    let declared = places.len();
    let known = DIRS.iter().map(|&dir| Some(path(dir)));
    for value in [None].into_iter().chain(known) {
        let page = page_of(value.as_ref());
        if has(given.tree, &page) {
            places.push(Requested { value, origin: Origin::file(&path(&page)) });
        }
    }
    let mut places = places.into_iter();
    let Some(first) = places.next() else {
        return match file {
            Some(_) => {
                Err(vec![messages::no_page("the top of the tree", &Origin::file(&path("Staticfile")))])
            }
            None => Ok(None),
        };
    };
    let is_built =
        given.model.build.as_ref().is_some_and(|build| !build.before.is_empty() || !build.after.is_empty());
    if declared > 0 && !is_built && !has(given.tree, &page_of(first.value.as_ref())) {
        return Err(vec![messages::no_page(&shown(first.value.as_ref()), &first.origin)]);
    }
    let overridden =
        places.map(|lost| Overridden { value: shown(lost.value.as_ref()), origin: lost.origin }).collect();
    let file = file.unwrap_or_default();
    let nobody = || Origin::Default("nothing asks for another page".to_owned());
    let fallback_by = file.fallback.as_ref().map_or_else(nobody, |fallback| fallback.origin.clone());
    let site = StaticSite {
        dir: first.value,
        step: None,
        fallback: file.fallback.map_or(Fallback::NotFound, |fallback| fallback.value),
        immutable: Vec::new(),
        origin: first.origin.clone(),
    };
    let value = shown(site.dir.as_ref());
    let decision = Decision { subject: "site".to_owned(), value, origin: first.origin, overridden };
    Ok(Some(Found { site, fallback_by, decision, remarks: file.remarks }))
}

fn staticfile(tree: &dyn SourceTree) -> Result<Option<Staticfile>, Vec<Diagnostic>> {
    let path = path("Staticfile");
    let content = text(tree, path.as_str()).map_err(|error| vec![messages::unreadable(&path, &error)])?;
    content.map(|content| staticfile::parse(&path, &content)).transpose()
}

/// The proposal for an application that is a site.
///
/// Errors: see [`serve`].
fn own(tree: &dyn SourceTree, found: Found) -> Result<Proposal, Diagnostic> {
    let source = Selection {
        exclude: OURS.iter().map(|&name| name.to_owned()).collect(),
        ..found.site.dir.as_ref().map_or_else(Selection::all, |dir| Selection::files([dir]))
    };
    let mut proposal = serve(tree, &found.site, &source, &found.fallback_by)?;
    proposal.source = source;
    proposal.declared_build = BuildRunner::Planner { leaves: found.site.dir };
    proposal.decisions.insert(0, found.decision);
    proposal.diagnostics.extend(found.remarks);
    Ok(proposal)
}

/// What serving `site` takes, whoever makes it; `source` are the files that it is made of when
/// no step makes it, `fallback_by` says who wants its fallback.
///
/// Errors: a directory whose name cannot be written in the server's configuration.
fn serve(
    tree: &dyn SourceTree,
    site: &StaticSite,
    source: &Selection,
    fallback_by: &Origin,
) -> Result<Proposal, Diagnostic> {
    let own = path("nginx.conf");
    let mut proposal = Proposal::new();
    let mut decide = |subject: &str, value: &str, origin: Origin| {
        let (subject, value) = (subject.to_owned(), value.to_owned());
        proposal.decisions.push(Decision { subject, value, origin, overridden: Vec::new() });
    };
    // One without the port that platforms tell is for the server of another image.
    let listens = text(tree, own.as_str()).ok().flatten().map(|text| text.contains("${PORT}"));
    let configuration = if listens == Some(true) {
        decide("server", "nginx, configured by the repository", Origin::file(&own));
        proposal.diagnostics.push(messages::own_configuration(&own));
        Configuration::Own(own)
    } else {
        if let Some(dir) = site.dir.as_ref().filter(|dir| !serve::can_be_named(dir)) {
            return Err(messages::unservable(dir, &site.origin));
        }
        let why = match listens {
            Some(_) => "nginx.conf does not listen on ${PORT}".to_owned(),
            None => "the repository has no nginx.conf".to_owned(),
        };
        decide("server", "nginx, configured by Packwright", Origin::Default(why));
        let value = match site.fallback {
            Fallback::NotFound => "404.html, with status 404",
            Fallback::Index => "index.html, with status 200",
        };
        decide("missing pages", value, fallback_by.clone());
        if listens.is_some() {
            proposal.diagnostics.push(messages::configuration_for_another(&own));
        }
        Configuration::Made
    };
    proposal.packages = serve::packages();
    proposal.steps = vec![serve::step(site, source, &configuration)];
    proposal.processes = vec![serve::process(&site.origin)];
    Ok(proposal)
}

fn page_of(dir: Option<&RelPath>) -> String {
    dir.map_or("index.html".to_owned(), |dir| format!("{dir}/index.html"))
}

fn shown(dir: Option<&RelPath>) -> String {
    dir.map_or("the top of the tree".to_owned(), |dir| format!("{dir}/"))
}

fn path(text: &str) -> RelPath {
    text.parse().expect("a relative path")
}
