//! Declared builds from real platform files: the commands that each language gets, the release command, and
//! the diagnostics.

use super::*;
use crate::compose::declared::{SettledBuild, Share, seen_by, settle_build, without_releases};
use crate::{BuildWork, Claim, CommandKind, Language, Phase, PlanContext, Requested, Task};

/// A language by its telling file, with commands as its real one has them.
struct Of {
    language: Language,
    installs: &'static [&'static str],
    releases: &'static [&'static str],
    runs: &'static [&'static str],
}

const SNAKE: Of = Of {
    language: Language::new("snake", "snake").manifests(&["requirements.txt"]),
    installs: &[
        "pip install -r",
        "pip install --upgrade pip",
        "poetry install",
        "uv sync",
        "python -m venv",
        "source venv/",
        ". .venv/",
    ],
    releases: &["python manage.py migrate", "poetry run python manage.py migrate", "alembic upgrade"],
    runs: &["python", "pip", "poetry", "uv", "alembic"],
};

const WEB: Of = Of {
    language: Language::new("web", "web").manifests(&["package.json"]),
    installs: &["npm ci", "npm install", "yarn install", "corepack", "pnpm i", "bun install"],
    releases: &["npx prisma migrate deploy"],
    runs: &["npm", "npx", "yarn", "pnpm", "bun"],
};

impl Buildpack for Of {
    fn language(&self) -> &Language {
        &self.language
    }

    fn detect(&self, _context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        None
    }

    fn propose(&self, _context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        Ok(None)
    }

    fn classify(&self, words: &[String]) -> Option<CommandKind> {
        let line = words.join(" ");
        let begins = |known: &[&str]| known.iter().any(|known| line.starts_with(known));
        let has_package = line.contains("install black");
        match line.as_str() {
            _ if begins(self.releases) => Some(CommandKind::Releases),
            "yarn" if self.language.name == "web" => Some(CommandKind::Installs),
            _ if begins(self.installs) && !has_package && !line.contains("--prefix w") => {
                Some(CommandKind::Installs)
            }
            _ if self.runs.contains(&words[0].as_str()) => Some(CommandKind::Runs),
            _ => None,
        }
    }
}

/// What comes of a build command.
struct Came {
    owner: Vec<String>,
    helper: Vec<String>,
    release: String,
    exposed: Vec<String>,
    told: Vec<String>,
    /// For another platform's file.
    converted: Vec<String>,
}

fn texts(commands: impl IntoIterator<Item = Requested<Command>>) -> Vec<String> {
    commands.into_iter().map(|command| command.value.to_string()).collect()
}

fn came(command: &str, tree: &str) -> Came {
    let tree = MemoryTree::parse(tree);
    let origin = Origin::line(&"render.yaml".parse().unwrap(), 7);
    let command = Requested { value: Command::shell(command), origin };
    let phases = vec![Phase::of("build", BuildWork::All, vec![command])];
    let component = Component { phases, ..Component::default() };
    let packs: [&dyn Buildpack; 2] = [&SNAKE, &WEB];
    let mut converted = component.clone();
    without_releases(&mut converted, &tree, None, &packs);
    let SettledBuild { component, remarks, exposed, .. } = settle_build(component, &tree, None, &packs);
    let seen = |pack: &dyn Buildpack, share| {
        let build = seen_by(Some(pack), share, &component, &tree, &packs, &[]).build;
        build.map_or(Vec::new(), |build| texts(build.before))
    };
    let release = component.processes.first().and_then(|process| process.command.clone());
    Came {
        owner: seen(&SNAKE, Share::Owner),
        helper: seen(&WEB, Share::Helper),
        release: release.map_or_else(|| "none".to_owned(), |command| command.to_string()),
        exposed: exposed.iter().map(|secret| format!("{} {}", secret.origin, secret.name)).collect(),
        told: remarks.iter().map(|found| found.code.replace("plan/", "")).collect(),
        converted: texts(converted.phases.remove(0).tasks.into_iter().filter_map(|task| match task {
            Task::Run(command) => Some(command),
            Task::Detected => None,
        })),
    }
}

const SNAKES: &str = "//- /requirements.txt\n";
const BOTH: &str = "//- /requirements.txt\n//- /package.json\n//- /web/package.json\n";

#[test]
fn lines_of_build_commands() {
    for (command, owner, release) in [
        ("pip install -r requirements.txt", &[][..], "none"),
        ("pip install --upgrade pip && pip install -r requirements.txt", &[], "none"),
        (
            "pip install -r requirements.txt && python manage.py collectstatic --no-input && python manage.py migrate",
            &["python manage.py collectstatic --no-input"],
            "python manage.py migrate",
        ),
        ("poetry install --no-root || exit 1; make build", &["make build"], "none"),
        ("uv sync --frozen && uv run compile", &["uv run compile"], "none"),
        ("make build", &["make build"], "none"),
        (
            "python -m venv venv && source venv/bin/activate && pip install -r requirements.txt && python manage.py migrate",
            &[],
            "python manage.py migrate",
        ),
        ("pip install -r requirements.txt || { echo 'no packages'; exit 1; }\nmake", &["make"], "none"),
        ("pip install \\\n  -r requirements.txt \\\n  --no-cache-dir && make", &["make"], "none"),
        (
            "export DJANGO_SETTINGS_MODULE=a.b && python manage.py migrate && python manage.py collectstatic",
            &["export DJANGO_SETTINGS_MODULE=a.b && python manage.py collectstatic"],
            "export DJANGO_SETTINGS_MODULE=a.b && python manage.py migrate",
        ),
        (
            "cat > .env <<EOF\nDEBUG=0\nEOF\npip install -r requirements.txt\npython manage.py migrate\nmake",
            &["cat > .env <<EOF\nDEBUG=0\nEOF\nmake"],
            "python manage.py migrate",
        ),
        (
            "set -euo pipefail; pip install -r requirements.txt; python manage.py migrate; make",
            &["set -euo pipefail; make"],
            "python manage.py migrate",
        ),
        (
            "VERSION=$(git describe || echo 1) && pip install -r requirements.txt && make",
            &["VERSION=$(git describe || echo 1) && make"],
            "none",
        ),
        (
            "cd api && pip install -r ../requirements.txt; cd .. && pip install -r requirements.txt && make",
            &["cd api && pip install -r ../requirements.txt; cd .. && make"],
            "none",
        ),
        ("pip install black && black .", &["pip install black && black ."], "none"),
    ] {
        let came = came(command, SNAKES);
        assert_eq!(
            (came.owner, came.release),
            (owner.iter().map(|&text| text.to_owned()).collect(), release.to_owned()),
            "{command}"
        );
    }
}

#[test]
fn each_language_gets_its_own() {
    for (command, owner, helper, told) in [
        (
            "corepack enable && pnpm i --frozen-lockfile && pnpm build",
            "",
            "pnpm build",
            "install-known install-known",
        ),
        ("bun install && bun run build && make", "make", "bun run build", "install-known"),
        (
            "npm ci --prefix web && npm run build --prefix web",
            "",
            "npm ci --prefix web && npm run build --prefix web",
            "build-elsewhere",
        ),
        (
            "npm ci --prefix=web && npm run build --prefix=web",
            "",
            "npm ci --prefix=web && npm run build --prefix=web",
            "build-elsewhere",
        ),
        ("npm ci --prefix=none && make", "make", "", "install-known"),
        (
            "cd web && yarn && yarn build && cd .. && pip install -r requirements.txt && make",
            "cd web && cd .. && make",
            "cd web && yarn && yarn build",
            "install-known build-elsewhere",
        ),
        (
            "pip install -r requirements.txt; npm ci; npm run build; python manage.py collectstatic",
            "python manage.py collectstatic",
            "npm run build",
            "install-known install-known",
        ),
    ] {
        let came = came(command, BOTH);
        let found = (came.owner.join(" + "), came.helper.join(" + "), came.told.join(" "));
        assert_eq!(found, (owner.to_owned(), helper.to_owned(), told.to_owned()), "{command}");
    }
    let alone = came("cd web && yarn && yarn build", "//- /requirements.txt\n//- /web/package.json\n");
    assert_eq!(alone.told, ["build-elsewhere"]);
}

/// As Render's own example for Django has it, with what people add.
const SCRIPT: &str = "#!/usr/bin/env bash
# exit on error
set -o errexit

pip install -r requirements.txt

python manage.py collectstatic --no-input
python manage.py migrate
if [[ $CREATE_SUPERUSER ]]; then
  python manage.py createsuperuser --no-input
fi
";

fn with(path: &str, script: &str) -> String {
    format!("{SNAKES}//- /{path}\n{script}")
}

#[test]
fn scripts_of_build_commands() {
    let rest = "if [[ $CREATE_SUPERUSER ]]; then\n  python manage.py createsuperuser --no-input\nfi";
    let whole = format!("bash -c 'set -o errexit\npython manage.py collectstatic --no-input\n{rest}'");
    for command in [
        "./build.sh",
        "bash build.sh",
        "chmod a+x build.sh && ./build.sh",
        "chmod +x ./build.sh; bash ./build.sh",
    ] {
        let came = came(command, &with("build.sh", SCRIPT));
        let is_cut = !command.contains(';');
        let owner = if is_cut { whole.clone() } else { command.to_owned() };
        let release = if is_cut { "python manage.py migrate" } else { "none" };
        assert_eq!((came.owner, came.release.as_str()), (vec![owner], release), "{command}");
    }
    for (command, path, script, owner) in [
        ("set -e\n./b.sh\nmake", "b.sh", "pip install -r x\nmake a\n", &["make a", "set -e && make"][..]),
        ("export A=1\n./b.sh", "b.sh", "pip install -r x\n", &["export A=1\n./b.sh"]),
        ("./b.sh", "b.sh", "#!/bin/bash -ex\npip install -r x\nmake a\n", &["set -ex\nmake a"]),
        ("bash -e b.sh", "b.sh", "pip install -r x\nmake a\n", &["set -e\nmake a"]),
        (
            "./b.sh",
            "b.sh",
            "#!/bin/sh\ncd \"$(dirname \"$0\")\"\npip install -r x\nmake a\n",
            &["cd \".\"\nmake a"],
        ),
        (
            "./b.sh",
            "b.sh",
            "#!/bin/bash\n# $0 it\ncd \"$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" && pwd)\" || exit 1\npip install -r x\nmake a\n",
            &["cd \"$PWD\" || exit 1\nmake a"],
        ),
        (
            "sh ci/b.sh",
            "ci/b.sh",
            "cd \"$(dirname \"$0\")/..\"\npip install -r x\nmake a\n",
            &["cd \"ci/..\"\nmake a"],
        ),
        ("./b.sh", "b.sh", "pip install -r x\necho \"$0 done\"\n", &["./b.sh"]),
        ("./b.sh", "b.sh", "pip install -r x\nawk '{print $0}' y # $0\n", &["awk '{print $0}' y"]),
        ("./b.sh", "b.sh", "pip install -r x\nif [[ $0 = a ]]; then make; fi\n", &["./b.sh"]),
        ("./b.sh", "b.sh", "pip install -r x\nmake \"${A:-$0}\"\n", &["./b.sh"]),
        ("./b.sh", "b.sh", "pip install -r x\nmake $((0))\ncat <<E\n$0\nE\n", &["./b.sh"]),
        (
            "./b.sh",
            "b.sh",
            "pip install -r x\nmake \"`dirname $0`\" 'in $(dirname $0)'\n",
            &["make \".\" 'in $(dirname $0)'"],
        ),
        ("./b.sh", "b.sh", "pip install -r x \"$@\"\nmake ${1:-all}\n", &["make ${1:-all}"]),
        ("./b.sh all", "b.sh", "pip install -r x\n", &["./b.sh all"]),
        (". ./b.sh && make", "b.sh", "pip install -r x\nexport A=1\n", &[". ./b.sh && make"]),
        ("./b.sh", "b.sh", "#!/usr/bin/env fish\npip install -r x\n", &["./b.sh"]),
        ("./b.sh", "b.sh", "f() {\n  pip install -r x\n}\nf\npython y\n", &["./b.sh"]),
        (
            "./b.sh",
            "b.sh",
            "./b.sh && ./b.sh && pip install -r x\n",
            &["./b.sh && ./b.sh", "./b.sh && ./b.sh", "./b.sh && ./b.sh", "./b.sh && ./b.sh"],
        ),
    ] {
        let came = came(command, &with(path, script));
        if command == "./b.sh" && script.starts_with("f()") {
            // The function is whole, and what calls it with it.
            assert_eq!(came.owner, ["f() {\n  pip install -r x\n}\nf\npython y\n"], "{script}");
            continue;
        }
        let owner: Vec<String> = owner.iter().map(|&text| text.to_owned()).collect();
        assert_eq!(came.owner, owner, "{command}: {script}");
    }
}

#[test]
fn a_migration_that_only_the_shell_knows_of_is_said() {
    let came = came("pip install -r x; if [ $A ]; then python manage.py migrate; fi", SNAKES);
    assert_eq!(came.release, "none");
    assert_eq!(came.told, ["install-known", "migrates-in-build"]);
    for quiet in [
        "pip install -r x; if [ $A ]; then echo 'now; python manage.py migrate'; fi",
        "pip install -r x; if [ $A ]; then make; fi # or; python manage.py migrate",
        "pip install -r x; cat <<E > y\npython manage.py migrate\nE",
    ] {
        assert_eq!(self::came(quiet, SNAKES).told, ["install-known"], "{quiet}");
    }
    let inside = "pip install -r x; if [ $A ]; then sh -c 'cd y && python manage.py migrate'; fi";
    assert_eq!(self::came(inside, SNAKES).told, ["install-known", "migrates-in-build"]);
    let script = "# python manage.py migrate\npip install -r x\npython manage.py migrate\n";
    for (command, told) in [
        ("./b.sh all && sh ./b.sh all", vec!["migrates-in-build"]),
        ("sh c.sh", Vec::new()),
        ("cd x && sh b.sh a", Vec::new()),
    ] {
        assert_eq!(self::came(command, &with("b.sh", script)).told, told, "{command}");
    }
    assert_eq!(
        self::came("./b.sh all", &with("b.sh", &script[..script.len() - 27])).told,
        Vec::<String>::new()
    );
}

#[test]
fn another_platform_gets_the_build_without_what_is_released() {
    for (command, converted) in [
        (
            "./build.sh",
            &[
                "bash -c 'set -o errexit\npip install -r requirements.txt\npython manage.py collectstatic --no-input\nif [[ $CREATE_SUPERUSER ]]; then\n  python manage.py createsuperuser --no-input\nfi'",
            ][..],
        ),
        ("pip install -r x && python manage.py migrate && make", &["pip install -r x && make"]),
        ("python manage.py migrate", &[]),
        ("pip install -r x && make", &["pip install -r x && make"]),
        (
            "make && ./build.sh",
            &[
                "make && bash -c 'set -o errexit\npip install -r requirements.txt\npython manage.py collectstatic --no-input\nif [[ $CREATE_SUPERUSER ]]; then\n  python manage.py createsuperuser --no-input\nfi'",
            ],
        ),
    ] {
        assert_eq!(came(command, &with("build.sh", SCRIPT)).converted, converted, "{command}");
    }
    let plain = SCRIPT.replace("python manage.py migrate\n", "");
    assert_eq!(came("./build.sh", &with("build.sh", &plain)).converted, ["./build.sh"]);
}

#[test]
fn a_declared_release_is_asked_whether_it_migrates() {
    let told = |release: &str| {
        let origin = Origin::line(&"Procfile".parse().unwrap(), 2);
        let process =
            DeclaredProcess::new("release".parse().unwrap(), Command::shell(release), origin.clone());
        let command = Requested { value: Command::shell("python manage.py migrate"), origin };
        let phases = vec![Phase::of("build", BuildWork::All, vec![command])];
        let component = Component { processes: vec![process], phases, ..Component::default() };
        let SettledBuild { component, remarks, .. } =
            settle_build(component, &MemoryTree::parse(SNAKES), None, &[&SNAKE]);
        assert_eq!(component.processes.len(), 1);
        remarks[0].fix.clone().unwrap()
    };
    for release in ["python manage.py migrate --noinput && make", "./release.sh", "if a; then b; fi"] {
        assert!(told(release).starts_with("delete it there"), "{release}");
    }
    assert!(told("python manage.py createcachetable").starts_with("add it to the release command"));
}

/// A language that counts how often it is asked about a command.
struct Counting(std::sync::atomic::AtomicUsize);

impl Buildpack for Counting {
    fn language(&self) -> &Language {
        &SNAKE.language
    }

    fn detect(&self, _context: &PlanContext<'_>) -> Option<Requested<Claim>> {
        None
    }

    fn propose(&self, _context: &PlanContext<'_>) -> Result<Option<Proposal>, Vec<Diagnostic>> {
        Ok(None)
    }

    fn classify(&self, words: &[String]) -> Option<CommandKind> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        SNAKE.classify(words)
    }
}

#[test]
fn a_line_more_is_the_same_work_more() {
    let asked = |lines: usize, line: &str| {
        let counting = Counting(Default::default());
        let tree = MemoryTree::parse(SNAKES);
        let origin = Origin::line(&"render.yaml".parse().unwrap(), 1);
        let command = Requested { value: Command::shell(line.repeat(lines)), origin };
        let phases = vec![Phase::of("build", BuildWork::All, vec![command])];
        let component = Component { phases, ..Component::default() };
        let SettledBuild { component, .. } = settle_build(component, &tree, None, &[&counting]);
        seen_by(Some(&counting), Share::Owner, &component, &tree, &[&counting], &[]);
        counting.0.into_inner()
    };
    for line in ["make a\n", "pip install -r x; python manage.py migrate && make\n", "./none.sh || true\n"] {
        let (few, many) = (asked(1_000, line), asked(10_000, line));
        assert!(few > 0 && many <= 10 * few, "{few} {many} {line}");
    }
}

#[test]
fn scripts_that_name_each_other_come_to_a_few() {
    let line = "./a.sh && ./b.sh && pip install -r x && ";
    let script = format!("{}make\n", line.repeat(200));
    let tree = format!("{SNAKES}//- /a.sh\n{script}//- /b.sh\n{script}");
    let came = came("./a.sh && export A=1 && ./b.sh", &tree);
    let size: usize = came.owner.iter().map(String::len).sum();
    assert!(size < 50 * script.len(), "{size}");
}

#[test]
fn secrets_of_scripts_are_in_no_command() {
    let script = "export API_TOKEN=abcdef123456\npip install -r x\npython manage.py migrate\nmake\n";
    let found = came("./b.sh", &with("b.sh", script));
    assert_eq!(found.owner, ["export API_TOKEN=\"$API_TOKEN\"\nmake"]);
    assert_eq!(found.release, "export API_TOKEN=\"$API_TOKEN\" && python manage.py migrate");
    assert_eq!(found.exposed, ["b.sh API_TOKEN"]);
    assert!(found.converted.iter().all(|command| !command.contains("abcdef123456")));
    let script = "pip install -r x\nserve --password hunter2\n";
    let found = came("./b.sh", &with("b.sh", script));
    assert_eq!((found.owner, found.exposed.len()), (vec!["./b.sh".to_owned()], 1));
}
