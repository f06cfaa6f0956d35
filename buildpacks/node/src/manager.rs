//! Which package manager installs, in which version, and which file chooses it.
//!
//! ```text
//! packageManager > devEngines.packageManager > lock file > settings of yarn 2 > engines > npm
//! ```

mod berry;
pub(crate) mod kind;
mod version;

use packwright_buildpack::documents::Value;
use packwright_buildpack::planner::{
    Decision, Diagnostic, Origin, Overridden, RelPath, Requested, SourceTree, has,
};

use crate::lock::{self, LockContents, NodeLock};
use crate::manifest::PackageJson;
use crate::messages;
use crate::version::RuntimeVersion;

pub(crate) use berry::{BerrySettings, Linker};
pub(crate) use kind::PackageManager;
use version::NamedManager;
pub(crate) use version::{Hash, ManagerVersion};

/// The chosen package manager.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ManagerChoice {
    /// Which one.
    pub(crate) manager: PackageManager,
    /// In which version.
    pub(crate) version: Requested<ManagerVersion>,
    /// Its lock file.
    pub(crate) locked: Option<LockContents>,
    /// The settings of yarn 2 and later.
    pub(crate) berry: Option<BerrySettings>,
    /// Whether a file approves install scripts, which pnpm requires from version 10 on.
    pub(crate) approves: bool,
    /// How it was chosen.
    pub(crate) decision: Decision,
    /// What people should know.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// A package manager that a file names or implies.
#[derive(Debug, Clone)]
struct Candidate {
    manager: PackageManager,
    value: String,
    origin: Origin,
}

impl Candidate {
    fn overridden_value(&self) -> Overridden {
        Overridden { value: self.value.clone(), origin: self.origin.clone() }
    }
}

/// Chooses the package manager of the project whose root has this manifest, these settings of
/// pnpm and these of npm.
///
/// Errors: words that contradict each other, a version that is none, a lock file that cannot be
/// read.
pub(crate) fn choose(
    tree: &dyn SourceTree,
    root: &PackageJson,
    pnpm: Option<&Value>,
    npmrc: Option<&str>,
) -> Result<ManagerChoice, Vec<Diagnostic>> {
    let settings = berry::read(tree).map_err(|problem| vec![problem])?;
    let locks = lock::files(tree);
    let named = named(root).map_err(|problem| vec![problem])?;
    let candidates = candidates(&named, &locks, settings.as_ref(), root);
    let winner = choose_candidate(&candidates, &locks, named.first())?;

    let mut diagnostics = Vec::new();
    let mut locked = None;
    for file in &locks {
        if family(file.manager) == family(winner.manager) {
            locked = Some(lock::read(tree, file).map_err(|problem| vec![problem])?);
        } else {
            diagnostics.push(messages::lock_unused(&file.path, &winner.origin, winner.manager.name()));
        }
    }
    let manager = match (winner.manager, &locked, &settings) {
        // A lock of either line says which yarn it is, when nobody else does.
        (PackageManager::Yarn, Some(locked), _) if named.is_empty() => locked.manager,
        (PackageManager::Yarn, None, Some(_)) if named.is_empty() => PackageManager::Berry,
        (manager, ..) => manager,
    };
    let berry = (manager == PackageManager::Berry).then(|| settings.unwrap_or_default());
    if let Some(locked) = locked.as_ref().filter(|locked| locked.manager != manager) {
        return Err(vec![messages::lock_of_other_yarn(locked, manager, &winner.origin)]);
    }
    let mut version = version::wanted(manager, &named, root, locked.as_ref(), berry.as_ref())
        .map_err(|problem| vec![problem])?;
    let approves = manager == PackageManager::Pnpm && approves(root, pnpm, npmrc);
    let is_native = |locked: &LockContents| locked.packages().any(|(_, package)| package.is_native);
    if version.value == ManagerVersion::Range("^10".to_owned())
        && manager == PackageManager::Pnpm
        && locked.as_ref().is_some_and(is_native)
        && !approves
    {
        // Versions 9 and 10 write the same format. Nobody approved a script, so it was 9, or the
        // application does not run anywhere.
        version.value = ManagerVersion::Range("^9".to_owned());
    }
    let overridden = candidates
        .iter()
        .filter(|said| family(said.manager) != family(winner.manager))
        .map(Candidate::overridden_value);
    let decision = Decision::new(
        "node package manager",
        format!("{} {}", manager.name(), version.value).trim_end(),
        winner.origin.clone(),
    )
    .over(overridden);
    Ok(ManagerChoice { manager, version, locked, berry, approves, decision, diagnostics })
}

/// The package manager that the manifest and the names of files speak for, without a look into any
/// lock; npm where nothing does.
pub(crate) fn likely(tree: &dyn SourceTree, root: &PackageJson) -> PackageManager {
    let named = named(root).ok().and_then(|named| named.first().map(|named| named.manager));
    named.unwrap_or_else(|| match lock::files(tree).first().map(|lock| lock.manager) {
        // Which yarn made the lock stands in it; its settings tell as much.
        Some(PackageManager::Yarn) | None if has(tree, ".yarnrc.yml") => PackageManager::Berry,
        Some(manager) => manager,
        None => PackageManager::Npm,
    })
}

/// The choice with an npm that the chosen Node runs, where no file asks for a certain npm.
pub(crate) fn fitting(mut choice: ManagerChoice, node: &RuntimeVersion) -> ManagerChoice {
    if choice.version.value != ManagerVersion::Delivered {
        return choice;
    }
    let newest = node.range.span().and_then(|(_, below)| below);
    // What the npm of each line asks of Node in its `engines`.
    let range = match newest {
        Some(below) if below <= (14, 17, 0) => "^6",
        Some(below) if below <= (18, 17, 0) => "^9",
        Some(below) if below <= (20, 17, 0) => "^10",
        Some(below) if below > (21, 0, 0) && below <= (22, 9, 0) => "^10",
        _ => return choice,
    };
    choice.version = Requested {
        value: ManagerVersion::Range(range.to_owned()),
        origin: Origin::Default(format!("the newest npm that Node {} runs", node.version.wanted)),
    };
    choice.decision.value = format!("npm {range}");
    choice
}

/// Whether the root's manifest, pnpm's settings or npm's approve install scripts.
fn approves(root: &PackageJson, pnpm: Option<&Value>, npmrc: Option<&str>) -> bool {
    const KEYS: &[&str] =
        &["onlyBuiltDependencies", "onlyBuiltDependenciesFile", "dangerouslyAllowAllBuilds", "allowBuilds"];
    let tables = [root.json.get("pnpm"), pnpm];
    let says = |table: &Value| KEYS.iter().any(|key| table.get(key).is_some());
    tables.into_iter().flatten().any(says)
        || npmrc.is_some_and(|text| text.contains("dangerously-allow-all-builds"))
}

/// What `packageManager` and `devEngines` name, in this order.
fn named(root: &PackageJson) -> Result<Vec<NamedManager>, Diagnostic> {
    let mut all = Vec::new();
    if let Some(text) = &root.package_manager {
        all.push(version::parse_package_manager(text)?);
    }
    let engines = root.json.at(&["devEngines", "packageManager"]);
    let one = engines.into_iter().filter(|value| value.get("name").is_some());
    let several = engines.map_or(&[][..], Value::items).iter();
    for value in one.chain(several) {
        all.extend(version::parse_dev_engine(root, value)?);
    }
    Ok(all)
}

/// All that is said, in falling precedence.
fn candidates(
    named: &[NamedManager],
    locks: &[NodeLock],
    settings: Option<&BerrySettings>,
    root: &PackageJson,
) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = named
        .iter()
        .map(|found| Candidate {
            manager: found.manager,
            value: found.text.value.clone(),
            origin: found.text.origin.clone(),
        })
        .collect();
    all.extend(locks.iter().map(|file| Candidate {
        manager: file.manager,
        value: file.manager.name().to_owned(),
        origin: Origin::file(&file.path),
    }));
    if settings.is_some() {
        let origin = Origin::file(&path(".yarnrc.yml"));
        all.push(Candidate { manager: PackageManager::Yarn, value: "yarn".to_owned(), origin });
    }
    for manager in [PackageManager::Pnpm, PackageManager::Yarn, PackageManager::Bun, PackageManager::Npm] {
        if let Some(range) = root.engines.get(manager.name()) {
            let value = format!("{} {}", manager.name(), range.value);
            all.push(Candidate { manager, value, origin: range.origin.clone() });
        }
    }
    all
}

/// Both lines of yarn are one family: `yarn.lock` is the name of both their locks.
fn family(manager: PackageManager) -> PackageManager {
    if manager == PackageManager::Berry { PackageManager::Yarn } else { manager }
}

fn choose_candidate(
    candidates: &[Candidate],
    locks: &[NodeLock],
    named: Option<&NamedManager>,
) -> Result<Candidate, Vec<Diagnostic>> {
    if let Some(named) = named {
        let own = locks.iter().any(|file| family(file.manager) == family(named.manager));
        return match (own, locks) {
            (false, [other, ..]) => Err(vec![messages::manager_contradicts_lock(
                &named.text,
                named.manager,
                &other.path,
                other.manager,
            )]),
            _ => Ok(candidates[0].clone()),
        };
    }
    if let [first, second, ..] = locks {
        return Err(vec![messages::two_locks(&first.path, first.manager, &second.path, second.manager)]);
    }
    // `engines` is where people also write which managers are not to be used.
    let usable = candidates.iter().find(|said| match said.origin {
        Origin::File { line: Some(_), .. } => said
            .value
            .split_once(' ')
            .is_none_or(|(_, range)| crate::version::range::Range::parse(range).is_some()),
        _ => true,
    });
    Ok(usable.cloned().unwrap_or_else(|| Candidate {
        manager: PackageManager::Npm,
        value: "npm".to_owned(),
        origin: Origin::Default("the package manager that comes with Node".to_owned()),
    }))
}

fn path(text: &str) -> RelPath {
    text.parse().expect("constant names are paths")
}
