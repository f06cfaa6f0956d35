//! The closing check of an image: [`verify`] for one that was read from somewhere, and the check of every image that
//! is built, before it can be delivered. What is looked at, and what is not claimed, is [`packwright_verify`]'s.
//!
//! What the check of a built image found is kept by its configuration, which names all of its layers: the same image
//! is not looked at again.

use std::collections::BTreeMap;

use packwright_oci::{Digest, Hasher, ImageConfig, Tree};
use packwright_planner::{Base, Command, Diagnostic, Origin, Plan, Process, Severity};
use packwright_verify::{Finding, Image, Missing};
use serde::{Deserialize, Serialize};

use crate::context::BuildContext;
use crate::error::BuildError;
use crate::event::Event;
use crate::label::{LABEL, Label};
use crate::lacking::{self, Adding, Lacking};
use crate::library_archive::LibraryArchive;
use crate::namespace::VERIFIED;
use crate::open::OpenedImage;
use crate::stored_files::{StoredFiles, unreadable};

/// What the check of a built image found; the record of it.
#[derive(Serialize, Deserialize)]
pub(crate) struct Checked {
    findings: Vec<Diagnostic>,
    /// The libraries that a package would bring.
    pub(crate) lacking: Vec<Lacking>,
}

/// What is missing in an image that was read: errors first. An image of ours is asked for its processes, any other one
/// for its entry point.
pub fn verify(context: &BuildContext<'_>, opened: &OpenedImage) -> Result<Vec<Diagnostic>, BuildError> {
    let found = findings(context, &opened.root, &opened.config, &processes(&opened.config))?;
    Ok(found.into_iter().map(|finding| finding.diagnostic).collect())
}

/// Looks at a built image. `document` is its configuration as it is stored, `layers` its trees from the bottom up. For
/// what the archive has, findings name the package.
pub(crate) fn check(
    context: &BuildContext<'_>,
    document: &[u8],
    config: &ImageConfig,
    layers: &[Tree],
    plan: &Plan,
    archive: &dyn LibraryArchive,
    adding: Adding,
) -> Result<Checked, BuildError> {
    let mut hasher = Hasher::new();
    hasher.update_framed(packwright_verify::RULES.to_string().as_bytes());
    hasher.update_framed(Digest::of(document).hex().as_bytes());
    let key = hasher.finish();
    if let Some(known) = context.store.record::<Checked>(VERIFIED, &key)? {
        return Ok(known.value);
    }
    let whole = layers.iter().fold(Tree::new(), |below, layer| below.overlaid(layer));
    let processes: Vec<Process> = plan.processes.iter().cloned().chain(entry_point(config)).collect();
    let found = findings(context, &whole, config, &processes)?;
    let packages = lacking::packages(context, archive, &found, adding)?;
    let is_final = packages.is_some();
    let lacking = packages.as_ref().map(|packages| lacking::of(&found, packages)).unwrap_or_default();
    let checked = Checked { findings: with_packages(plan, found, packages), lacking };
    if is_final {
        context.store.put_record(VERIFIED, &key, &checked)?;
    }
    Ok(checked)
}

/// Refuses an image that is not whole; gives and tells what is to be said about one that is.
pub(crate) fn judge(context: &BuildContext<'_>, checked: Checked) -> Result<Vec<Diagnostic>, BuildError> {
    let (errors, others): (Vec<Diagnostic>, Vec<Diagnostic>) =
        checked.findings.into_iter().partition(|finding| finding.severity == Severity::Error);
    others.iter().for_each(|finding| context.tell(Event::Noticed(finding.clone())));
    match errors.is_empty() {
        true => Ok(others),
        false => Err(BuildError::NotWhole { findings: errors }),
    }
}

/// `found` with the packages that bring what is missing; `packages` is `None` where the archive could not be asked.
fn with_packages(
    plan: &Plan,
    found: Vec<Finding>,
    packages: Option<BTreeMap<Missing, String>>,
) -> Vec<Diagnostic> {
    let Base::Debian { suite, .. } = &plan.base;
    let is_known = packages.is_some();
    let packages = packages.unwrap_or_default();
    let told = |Finding { diagnostic, missing, .. }: Finding| {
        let package = missing.as_ref().and_then(|missing| packages.get(missing));
        match (missing, package) {
            (Some(Missing::Library(_)), Some(package)) => diagnostic.fix(format!(
                "add the Debian package `{package}`: a line of `Aptfile`, or `--env PACKWRIGHT_PACKAGES={package}`"
            )),
            (Some(Missing::Library(_)), None) if is_known => {
                let fix = "bring the library with the package that needs it, or take a build of that package without it";
                diagnostic.why(format!("no package of Debian {suite} has it")).fix(fix)
            }
            (Some(Missing::Program(_)), Some(package)) => {
                let fix = diagnostic.fix.clone().unwrap_or_default();
                diagnostic.fix(format!("{fix}; the Debian package `{package}` has a program of this name"))
            }
            _ => diagnostic,
        }
    };
    found.into_iter().map(told).collect()
}

fn findings(
    context: &BuildContext<'_>,
    tree: &Tree,
    config: &ImageConfig,
    processes: &[Process],
) -> Result<Vec<Finding>, BuildError> {
    let contents = StoredFiles(context.store);
    let image = Image { tree, contents: &contents, config, processes };
    packwright_verify::verify(&image).map_err(unreadable)
}

/// What the image says that it runs.
fn processes(config: &ImageConfig) -> Vec<Process> {
    let label: Option<Label> = config.labels.get(LABEL).and_then(|text| serde_json::from_str(text).ok());
    let labelled = label.into_iter().flat_map(|label| label.processes).filter_map(|process| {
        let command = Command::Shell(process.command);
        Some(Process { name: process.name.parse().ok()?, command, origin: origin(&process.origin) })
    });
    labelled.chain(entry_point(config)).collect()
}

/// What a container of the image starts when nobody names something else.
fn entry_point(config: &ImageConfig) -> Option<Process> {
    let words: Vec<String> = match config.entrypoint.is_empty() {
        true => config.cmd.clone(),
        false => config.entrypoint.iter().chain(&config.cmd).cloned().collect(),
    };
    let name = "entrypoint".parse().ok()?;
    let origin = Origin::Option("the image's configuration".to_owned());
    (!words.is_empty()).then_some(Process { name, command: Command::Exec(words), origin })
}

/// The origin that `text` was written from.
fn origin(text: &str) -> Origin {
    let line = text.rsplit_once(':').and_then(|(path, line)| Some((path.parse().ok()?, line.parse().ok()?)));
    match (line, text.strip_prefix("detected: "), text.strip_prefix("default: ")) {
        (Some((path, line)), _, _) => Origin::line(&path, line),
        (None, Some(text), _) => Origin::Detected(text.to_owned()),
        (None, None, Some(text)) => Origin::Default(text.to_owned()),
        (None, None, None) => Origin::Option(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::SystemTime;

    use packwright_oci::Entry;
    use packwright_remote::{Client, ClientOptions};
    use packwright_store::Store;

    use super::*;
    use crate::cancellation::Cancellation;
    use crate::library_archive::DebianArchive;

    fn plan() -> Plan {
        Plan {
            format: packwright_planner::PLAN_FORMAT.to_owned(),
            buildpacks: Vec::new(),
            root: None,
            base: Base::Debian { suite: "trixie".to_owned(), origin: Origin::Default("test".to_owned()) },
            versions: Vec::new(),
            packages: Vec::new(),
            steps: Vec::new(),
            source: packwright_planner::Selection::all(),
            environment: BTreeMap::new(),
            port: None,
            processes: Vec::new(),
            question: None,
            decisions: Vec::new(),
            diagnostics: Vec::new(),
        }
    }

    #[test]
    fn an_image_that_is_not_whole_is_refused_and_its_check_is_done_once() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("store")).unwrap();
        let (digest, size) = store.add_file(&mut &b"#!/gone/python\n"[..]).unwrap();
        let mut tree = Tree::new();
        tree.insert("opt/bin/tool".parse().unwrap(), Entry::file(digest, size, 0o755)).unwrap();
        let config = ImageConfig {
            architecture: "amd64".to_owned(),
            env: vec![("PATH".to_owned(), "/opt/bin".to_owned())],
            ..ImageConfig::default()
        };
        let heard = Mutex::new(Vec::new());
        let hear = |event| match event {
            Event::Noticed(notice) if notice.severity == Severity::Info => {}
            Event::Noticed(notice) => heard.lock().unwrap().push(notice.code),
            other => panic!("{other:?}"),
        };
        let client = Client::new(ClientOptions::default()).unwrap();
        let stop = Cancellation::new().unwrap();
        let context = BuildContext::new(&store, &client, &stop, SystemTime::UNIX_EPOCH, &hear);
        let web =
            Process::web(Command::shell("gunicorn app:app"), Origin::line(&"Procfile".parse().unwrap(), 1));
        let mut plan = plan();
        let trees = [tree];
        let check = |document: &[u8], plan: &Plan| {
            let checked = check(
                &context,
                document,
                &config,
                &trees,
                plan,
                &DebianArchive::of(plan),
                Adding::Libraries,
            )?;
            judge(&context, checked)
        };
        for _ in 0..2 {
            check(b"one", &plan).unwrap();
        }
        plan.processes.push(web.clone());
        for _ in 0..2 {
            let error = check(b"other", &plan).unwrap_err();
            let BuildError::NotWhole { findings } = &error else { panic!("{error}") };
            assert_eq!(findings[0].at, Some(web.origin.clone()));
        }
        assert_eq!(*heard.lock().unwrap(), ["verify/interpreter-missing"; 4]);
        // What was found without a question left is known: nothing is opened again.
        std::fs::remove_dir_all(dir.path().join("store/files")).unwrap();
        assert_eq!(check(b"one", &plan).unwrap().len(), 1);
    }

    #[test]
    fn an_image_of_others_is_asked_for_its_entry_point_and_one_of_ours_for_its_processes() {
        let mut config = ImageConfig { cmd: vec!["serve".to_owned()], ..ImageConfig::default() };
        assert_eq!(processes(&config)[0].command, Command::exec(["serve"]));
        let label = r#"{"profile":1,"processes":[{"name":"web","command":"a && b","origin":"Procfile:3"}],"versions":[]}"#;
        config.labels = BTreeMap::from([(LABEL.to_owned(), label.to_owned())]);
        let found = processes(&config);
        assert_eq!(found[0].origin, Origin::line(&"Procfile".parse().unwrap(), 3));
        assert_eq!(found[0].command, Command::shell("a && b"));
        assert_eq!(found[1].name.as_str(), "entrypoint");
    }
}
