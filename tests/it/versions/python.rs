//! Python, against Debian's packages and uv's list of downloads.

use std::collections::BTreeMap;
use std::fs;

use packwright_planner::Lock;
use serde_json::{Value, json};

use super::{Case, Expected, Planned, Source, planned, run, show};
use crate::command::finish;
use crate::fixture::packwright;

/// The newest of uv's downloads that pip's `packaging` takes for the wish and for the plan; where
/// the version is known from Debian, that version when the wish takes it.
const JUDGE: &str = "import glob, json, subprocess, sys\n\
    sys.path.insert(0, glob.glob('/usr/share/python-wheels/pip-*.whl')[0])\n\
    from pip._vendor.packaging.specifiers import SpecifierSet\n\
    from pip._vendor.packaging.version import Version\n\
    words = ['/opt/uv/uv', 'python', 'list', '--only-downloads', '--all-versions', '--output-format', 'json']\n\
    known = [one['version'] for one in json.loads(subprocess.check_output(words))\n\
    \x20        if one['implementation'] == 'cpython' and one['variant'] == 'default']\n\
    def newest(row):\n\
    \x20   all = [row['debian']] if row['debian'] else known\n\
    \x20   fit = [one for one in all if SpecifierSet(row['wish']).contains(one)\n\
    \x20          and (row['debian'] or SpecifierSet(row['wanted']).contains(one))]\n\
    \x20   return max(fit, key=Version, default='none')\n\
    open('/app/answers/judged', 'w').write(json.dumps([newest(row) for row in json.loads(sys.argv[1])]))\n";

type Version = (&'static str, &'static str, &'static str, Option<&'static str>);

/// A program that needs nothing, with further `files`.
fn app(files: &str) -> String {
    format!("//- main.py\nimport os\nprint(os.environ['PORT'])\n{files}")
}

fn case(name: &'static str, files: &str, (wanted, origin, wish, exactly): Version) -> Case {
    let expected = Expected::Version { wanted, origin, wish, exactly };
    Case { name, tree: app(files), args: &[], tool: "python", expected }
}

fn project(wish: &str) -> String {
    format!(
        "//- pyproject.toml\n[project]\nname = \"shop\"\nversion = \"1\"\nrequires-python = \"{wish}\"\n\
         dependencies = []\n"
    )
}

fn requires(wish: &'static str, wanted: &'static str, exactly: Option<&'static str>) -> Case {
    case(wish, &project(wish), (wanted, "pyproject.toml:4", wish, exactly))
}

fn pinned(text: &str) -> String {
    format!("//- .python-version\n{text}\n")
}

fn fails(name: &'static str, files: &str, code: &'static str, says: &'static [&'static str]) -> Case {
    Case { name, tree: app(files), args: &[], tool: "python", expected: Expected::Problem { code, says } }
}

/// All rows. What uv downloads is in the list that the pinned uv carries within itself; what a
/// Debian suite has keeps its number as long as the suite lives.
pub(super) fn cases() -> Vec<Case> {
    let mut all = vec![
        case("nothing", "", ("3.13", "default", "", Some("3.13.5"))),
        case(
            ".python-version 3.11",
            &pinned("3.11"),
            ("3.11", ".python-version:1", "==3.11.*", Some("3.11.2")),
        ),
        case(".python-version 3.12", &pinned("3.12"), ("3.12", ".python-version:1", "==3.12.*", None)),
        case(
            ".python-version 3.12.4",
            &pinned("# ours\n3.12.4"),
            ("3.12.4", ".python-version:2", "==3.12.4", Some("3.12.4")),
        ),
        case(".python-version 3", &pinned("3"), ("3.13", ".python-version:1", "==3.*", Some("3.13.5"))),
        requires(">=3.10", "3.13", Some("3.13.5")),
        requires("~=3.12", "3.13", Some("3.13.5")),
        requires("==3.11.*", "3.11", Some("3.11.2")),
        requires(">=3.12,<3.13", "3.12", None),
        requires("~=3.12.4", "3.12", None),
        requires(">=3.14", "3.15", None),
        requires("<3.11", "3.10", None),
        requires(">3.13.5,<3.14", "3.13", None),
        requires("==3.10.*,!=3.10.20,<3.10.21", "3.10.19", Some("3.10.19")),
        case(
            "runtime.txt python-3.9.19",
            "//- runtime.txt\npython-3.9.19\n",
            ("3.9.19", "runtime.txt:1", "==3.9.19", Some("3.9.19")),
        ),
        case(
            ".tool-versions python 3.10.14",
            "//- .tool-versions\nnodejs 20\npython 3.10.14\n",
            ("3.10.14", ".tool-versions:2", "==3.10.14", Some("3.10.14")),
        ),
        case(
            "mise.toml python = \"3.14\"",
            "//- mise.toml\n[tools]\npython = \"3.14\"\n",
            ("3.14", "mise.toml:2", "==3.14.*", None),
        ),
        case(
            ".python-version 3.11, requires-python >=3.10",
            &(pinned("3.11") + &project(">=3.10")),
            ("3.11", ".python-version:1", ">=3.10,<3.12", Some("3.11.2")),
        ),
        case(
            "--env 3.12, .python-version 3.13",
            &pinned("3.13"),
            ("3.12", "--env PACKWRIGHT_PYTHON_VERSION=3.12", "==3.12.*", None),
        )
        .with_args(&["--env", "PACKWRIGHT_PYTHON_VERSION=3.12"]),
    ];
    let unavailable = "python/version-unavailable";
    all.extend([
        fails(
            ".python-version 2.7",
            &pinned("2.7"),
            unavailable,
            &[".python-version:1", "uv downloads 3.8 to"],
        ),
        fails(".python-version 3.12.99", &pinned("3.12.99"), unavailable, &[".python-version:1", "3.12.99"]),
        fails("requires-python >=3.99", &project(">=3.99"), unavailable, &["pyproject.toml:4", ">=3.99"]),
        fails("requires-python >=3.12,<3.11", &project(">=3.12,<3.11"), unavailable, &["pyproject.toml:4"]),
        fails(
            ".python-version pypy3.10",
            &pinned("pypy3.10"),
            "python/version-unreadable",
            &[".python-version:1", "pypy3.10"],
        ),
    ]);
    all
}

/// The upstream versions of the packages by which Debian delivers Python, by package.
fn of_debian(planned: &[Planned<'_>]) -> BTreeMap<String, String> {
    let mut versions = BTreeMap::new();
    for one in planned {
        let Source::Package(name) = one.source() else { continue };
        if versions.contains_key(&name) {
            continue;
        }
        let file = one.dir.path().join("packwright.lock");
        finish(packwright(["lock"]).args(one.case.args).arg(one.dir.path())).ok();
        let lock = Lock::from_text(&fs::read_to_string(&file).unwrap()).unwrap();
        let package = lock.packages.iter().find(|package| package.name == name).expect("the lock has it");
        let upstream = package.version.split('-').next().unwrap().to_owned();
        versions.insert(name, upstream);
    }
    versions
}

#[test]
fn python_versions() {
    let cases = cases();
    let (planned, mut rows) = planned(&cases);
    let debian = of_debian(&planned);
    let known = |one: &Planned<'_>| match one.source() {
        Source::Package(name) => Some(debian[&name].clone()),
        Source::Step { .. } => None,
    };
    let row = |one: &Planned<'_>| {
        let wanted = match one.wanted().matches('.').count() {
            1 => format!("=={}.*", one.wanted()),
            _ => format!("=={}", one.wanted()),
        };
        json!({ "wish": one.wish(), "wanted": wanted, "debian": known(one) })
    };
    // A plan that downloads goes first: its root has what the judge needs.
    let mut order: Vec<&Planned<'_>> = planned.iter().collect();
    order.sort_by_key(|one| known(one).is_some());
    let asked: Vec<Value> = order.iter().map(|one| row(one)).collect();
    let judge = json!({ "exec": ["/usr/bin/python3.13", "-c", JUDGE, json!(asked).to_string()] });
    let (judged, answers) = run(&order, judge);
    let mut wrong = Vec::new();
    for (number, one) in order.iter().enumerate() {
        let (resolved, source) = match (known(one), answers.get(&number)) {
            (Some(version), _) => (version, "Debian"),
            (None, version) => (version.expect("the step found it").clone(), "uv"),
        };
        let (row, problem) = one.judge(&resolved, judged[number].as_str().unwrap(), source);
        rows.insert(number, row);
        wrong.extend(problem);
    }
    show("Python", &rows, &wrong);
}

/// A Debian suite has one patch of its Python. Who asks for another is told what comes instead,
/// and under `--strict` gets nothing.
#[test]
fn another_patch_of_debians_is_said() {
    let case =
        case(".python-version 3.13.7", &pinned("3.13.7"), ("3.13.7", ".python-version:1", "==3.13.7", None));
    let (planned, _) = planned(std::slice::from_ref(&case));
    let dir = planned[0].dir.path();
    let told = finish(packwright(["lock"]).arg(dir)).ok();
    assert!(
        told.stderr().contains("python 3.13.7 was asked for, 3.13.5 is what you get"),
        "{}",
        told.story()
    );
    finish(packwright(["lock", "--strict"]).arg(dir)).failed(1, &["3.13.7", "3.13.5", "fix:"]);
}
