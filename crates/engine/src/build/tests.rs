//! Builds that add what their images lack: the steps run in a real sandbox with the host's shell, which lacks its C
//! library in the image; the archive is of two packages.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;
use std::process::Command as Host;
use std::sync::Mutex;
use std::time::SystemTime;

use packwright_debian::Unpacked;
use packwright_oci::{Digest, Entry, Tree};
use packwright_planner::{
    AddedPackage, Base, Command, Input, LOCK_FORMAT, LayerKind, LockedPackage, Network, Origin, Output,
    PLAN_FORMAT, Scope, Selection, Step,
};
use packwright_remote::{Client, ClientOptions};
use packwright_store::Store;
use packwright_verify::Missing;

use super::*;
use crate::cancellation::Cancellation;
use crate::context::best_isolation;
use crate::growth::{Candidate, Growth};
use crate::namespace::PACKAGE;
use crate::packages::package_key;

/// Has `package` for the C library, and keeps how often it was asked.
struct Toy {
    package: Option<LockedPackage>,
    asked: Mutex<Vec<String>>,
}

impl LibraryArchive for Toy {
    fn packages_for(
        &self,
        _: &BuildContext<'_>,
        missing: &BTreeSet<Missing>,
    ) -> Result<BTreeMap<Missing, String>, BuildError> {
        self.asked.lock().unwrap().push(format!("{missing:?}"));
        let libc = Missing::Library("libc.so.6".to_owned());
        let package = self.package.iter().filter(|_| missing.contains(&libc));
        Ok(package.map(|package| (libc.clone(), package.name.clone())).collect())
    }

    fn grow(
        &self,
        _: &BuildContext<'_>,
        known: &[LockedPackage],
        candidates: &BTreeSet<Candidate>,
        asked_by: AskedBy,
    ) -> Result<Growth, BuildError> {
        let mut packages = known.to_vec();
        packages.extend(self.package.iter().map(|package| LockedPackage { asked_by, ..package.clone() }));
        let taken = candidates.iter().map(|candidate| candidate.name.clone()).collect();
        Ok(Growth { packages, substituted: BTreeSet::new(), taken })
    }
}

/// The loader and the C library of the host's shell.
fn libraries() -> (String, String) {
    let listed = Host::new("ldd").arg("/bin/sh").output().expect("ldd says what the shell needs");
    let listed = String::from_utf8(listed.stdout).unwrap();
    let file = |part: &str| {
        let words = listed.split_whitespace().filter(|word| word.starts_with('/'));
        words.map(str::to_owned).find(|word| word.contains(part)).expect(part)
    };
    (file("/ld-"), file("libc.so.6"))
}

fn stored(store: &Store, path: &str) -> Entry {
    let (digest, size) = store.add_file(&mut File::open(path).unwrap()).unwrap();
    Entry::file(digest, size, 0o755)
}

/// A package with one file, as if it had been unpacked.
fn package(store: &Store, name: &str, path: &str, file: Entry) -> LockedPackage {
    let locked = LockedPackage {
        name: name.to_owned(),
        version: "1".to_owned(),
        architecture: "amd64".to_owned(),
        scope: Scope::Run,
        layer: LayerKind::System,
        asked_by: AskedBy::Plan,
        pocket: "trixie".to_owned(),
        path: format!("pool/{name}.deb"),
        size: 1,
        digest: Digest::of(name.as_bytes()),
    };
    let mut tree = Tree::new();
    tree.insert(path.parse().unwrap(), file).unwrap();
    let unpacked = Unpacked {
        name: name.to_owned(),
        version: "1".to_owned(),
        architecture: "amd64".to_owned(),
        control: format!("Package: {name}\nVersion: 1\nArchitecture: amd64\nDescription: a toy\n"),
        scripts: BTreeMap::new(),
        conffiles: Vec::new(),
        md5sums: String::new(),
        triggers: String::new(),
        tree,
        libraries: BTreeMap::new(),
        texts: BTreeMap::new(),
    };
    store.put_record(PACKAGE, &package_key(&locked), &unpacked).unwrap();
    locked
}

fn step(name: &str, network: Network, script: &str, layer: LayerKind, out: &str) -> Step {
    let mut step = Step::new(name.parse().unwrap(), "is a toy");
    let words = ["/app/ld.so", "--library-path", "/app", "/app/sh", "-euc", script];
    step.commands = vec![Command::exec(words)];
    step.inputs = vec![Input::Source(Selection::all())];
    step.network = network;
    let output = Output { path: out.parse().unwrap(), layer: Some(layer), scrub: Vec::new() };
    step.outputs = vec![output];
    step
}

const LIBC: &str = "usr/lib/x86_64-linux-gnu/libc.so.6";

/// `brings` says which step copies the shell into the image. The second one tells whether it has the C library.
fn plan(brings: &str) -> Plan {
    let script = |name: &str, out: &str| match name == brings {
        true => format!("/app/ld.so --library-path /app /app/cat /app/sh > /{out}"),
        false => format!(": > /{out}"),
    };
    let fetched = "opt/fetched/tool.node";
    let script_of_fetch = script("toy.fetch", fetched);
    let fetch = step("toy.fetch", Network::Fetch, &script_of_fetch, LayerKind::Dependencies, fetched);
    let made = "opt/built/tool.node";
    let look = format!("{}\n[ ! -e /{LIBC} ] || echo seen", script("toy.build", made));
    let build = step("toy.build", Network::None, &look, LayerKind::Build, made);
    Plan {
        format: PLAN_FORMAT.to_owned(),
        buildpacks: Vec::new(),
        root: None,
        base: Base::Debian { suite: "trixie".to_owned(), origin: Origin::Default("toy".to_owned()) },
        versions: Vec::new(),
        packages: Vec::new(),
        steps: vec![fetch, build],
        source: Selection::of(["nothing"]),
        environment: BTreeMap::new(),
        port: None,
        processes: Vec::new(),
        question: None,
        decisions: Vec::new(),
        diagnostics: Vec::new(),
    }
}

/// What a build made, and what it told: codes of notices, names of steps that ran, what they printed.
struct Told {
    lock: Lock,
    built: Built,
    told: Vec<String>,
}

impl Told {
    fn has(&self, path: &str) -> bool {
        self.built.trees.iter().any(|tree| tree.get(path).is_some())
    }
}

fn built(dir: &Path, brings: &str, has_package: bool, locked: Option<&Lock>) -> (Told, usize) {
    let store = Store::open(&dir.join("store")).unwrap();
    let client = Client::new(ClientOptions::default()).unwrap();
    let stop = Cancellation::new().unwrap();
    let told = Mutex::new(Vec::new());
    let hear = |event: Event| {
        let text = match event {
            Event::Noticed(notice) => notice.code,
            Event::StepStarted { step, .. } => step.to_string(),
            Event::StepReused { step } => format!("{step} reused"),
            Event::StepOutput { line, .. } => line,
            _ => return,
        };
        told.lock().unwrap().push(text);
    };
    let context = BuildContext {
        isolation: best_isolation(&store, &[]).unwrap(),
        ..BuildContext::new(&store, &client, &stop, SystemTime::UNIX_EPOCH, &hear)
    };
    let (loader, libc) = libraries();
    let mut source = Tree::new();
    let cat = if Path::new("/usr/bin/cat").exists() { "/usr/bin/cat" } else { "/bin/cat" };
    for (name, path) in [("ld.so", &*loader), ("libc.so.6", &*libc), ("sh", "/bin/sh"), ("cat", cat)] {
        source.insert(format!("app/{name}").parse().unwrap(), stored(&store, path)).unwrap();
    }
    let base = package(&store, "base", "usr/lib64/ld-linux-x86-64.so.2", stored(&store, &loader));
    let libc = package(&store, "libc6", LIBC, stored(&store, &libc));
    let lock = Lock {
        format: LOCK_FORMAT.to_owned(),
        requests: Digest::of(b""),
        profile: Profile::CURRENT.number(),
        architecture: "amd64".to_owned(),
        releases: Vec::new(),
        substituted: Vec::new(),
        packages: vec![base],
        added: Vec::new(),
        resolutions: BTreeMap::new(),
        fetched: BTreeMap::new(),
    };
    let (plan, options) = (plan(brings), ImageOptions::default());
    let archive = Toy { package: has_package.then_some(libc), asked: Mutex::default() };
    let (lock, built) = match locked {
        Some(lock) => (lock.clone(), build(&context, &plan, lock, &source, &options).unwrap()),
        None => {
            let work = Work {
                context: &context,
                plan: &plan,
                source: &source,
                options: &options,
                archive: &archive,
            };
            adding(&work, lock).unwrap()
        }
    };
    let asked = archive.asked.lock().unwrap().len();
    let told = told.into_inner().unwrap();
    (Told { lock, built, told }, asked)
}

#[test]
fn what_fetched_files_lack_is_there_for_later_steps_and_in_the_lock() {
    let dir = tempfile::tempdir().unwrap();
    let (first, asked) = built(dir.path(), "toy.fetch", true, None);
    assert_eq!(first.told, ["toy.fetch", "toy.build", "seen", "image/library-added"]);
    assert_eq!(asked, 1);
    let why = "`/opt/fetched/tool.node` needs `libc.so.6`".to_owned();
    assert_eq!(first.lock.added, [AddedPackage { name: "libc6".to_owned(), why }]);
    assert!(first.has(LIBC));
    assert!(first.built.config.labels[LABEL].contains("tool.node"));
    // Again without the lock: nothing runs, and nobody is asked.
    let (again, asked) = built(dir.path(), "toy.fetch", true, None);
    assert_eq!(again.told, ["toy.fetch reused", "toy.build reused", "image/library-added"]);
    assert_eq!(asked, 0);
    assert_eq!(again.lock, first.lock);
    // From the lock, as it is written, and in another store.
    let lock = Lock::from_text(&first.lock.to_text()).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let (locked, _) = built(elsewhere.path(), "toy.fetch", false, Some(&lock));
    assert_eq!(locked.told, ["toy.fetch", "toy.build", "seen"]);
    let digests = [again.built, locked.built].map(|built| built.image.digest);
    assert_eq!(digests, [first.built.image.digest; 2]);
}

#[test]
fn what_the_finished_image_lacks_is_added_to_it_alone() {
    let dir = tempfile::tempdir().unwrap();
    let (first, _) = built(dir.path(), "toy.build", true, None);
    assert_eq!(first.told, ["toy.fetch", "toy.build", "image/library-added"], "no step is told twice");
    assert_eq!(first.lock.added.len(), 1);
    assert!(first.has(LIBC));
    let elsewhere = tempfile::tempdir().unwrap();
    let (locked, _) = built(elsewhere.path(), "toy.build", false, Some(&first.lock));
    assert_eq!(locked.built.image.digest, first.built.image.digest);
}

#[test]
fn what_no_package_brings_is_named_as_before() {
    let dir = tempfile::tempdir().unwrap();
    let (first, _) = built(dir.path(), "toy.fetch", false, None);
    assert_eq!(first.told, ["toy.fetch", "toy.build", "verify/library-missing"]);
    assert!(first.lock.added.is_empty() && !first.has(LIBC));
    assert_eq!(first.built.findings[0].why.as_deref(), Some("no package of Debian trixie has it"));
}
