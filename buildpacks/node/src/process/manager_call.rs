//! What a command line of a package manager asks for: a script or a program, and of which package. Each manager
//! has its own grammar: where options may stand, which subcommands come before scripts of the same name, which
//! options choose another package. Looks at words only; whether a script exists is the caller's question.

/// A call of a package manager, by the places of its words.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ManagerCall {
    /// Which package it is about; nothing for the one in whose directory it runs.
    pub(crate) place: Option<Place>,
    /// What is asked for.
    pub(crate) asks: Asks,
}

/// The package that a call is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The one in this directory.
    Dir(String),
    /// The member of the workspace that has this name or directory.
    Member(String),
    /// Several or all members.
    Members,
}

/// What a call asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// The script whose name is the word at this place, with the words at the others as its arguments.
    Script {
        /// The place of the name.
        name: usize,
        /// The places of the arguments.
        arguments: Vec<usize>,
    },
    /// The program at this place, which an installed package brings.
    Program(usize),
    /// The program of the package that the word at this place names.
    Package(usize),
    /// The installation of what the manifest names.
    Install,
    /// Anything else that the manager does itself.
    Other,
}

/// The grammar of one manager.
struct Grammar {
    /// Options that name a directory.
    dir: &'static [&'static str],
    /// Options that name members of the workspace.
    member: &'static [&'static str],
    /// Options that mean several members.
    members: &'static [&'static str],
    /// Other options that take a value.
    valued: &'static [&'static str],
    /// Whether options count behind the script's name too, and unknown ones change nothing about what runs.
    anywhere: bool,
    /// Subcommands that come before scripts of the same name; every other word is a script.
    own: &'static [&'static str],
}

/// Source: npm's documentation, "Config" and "npm run-script": npm takes its options wherever they stand in front
/// of `--`, and hands on what is no option, and all behind `--`.
const NPM: Grammar = Grammar {
    dir: &["--prefix", "-C"],
    member: &["--workspace", "-w"],
    members: &["--workspaces", "-ws", "--ws"],
    valued: &["--loglevel", "--registry", "--userconfig", "--cache", "--script-shell", "--omit", "--include"],
    anywhere: true,
    own: &[],
};

/// Source: pnpm's documentation, "pnpm run" ("options listed after the script name are passed to the executed
/// script"), "Filtering", and the list of `pnpm help -a`.
const PNPM: Grammar = Grammar {
    dir: &["--dir", "-C"],
    member: &["--filter", "-F", "--filter-prod"],
    members: &["--recursive", "-r"],
    valued: &["--reporter", "--loglevel"],
    anywhere: false,
    own: &[
        "add",
        "approve-builds",
        "audit",
        "bin",
        "c",
        "cat-file",
        "cat-index",
        "config",
        "create",
        "dedupe",
        "deploy",
        "dlx",
        "doctor",
        "env",
        "exec",
        "fetch",
        "find-hash",
        "help",
        "i",
        "ignored-builds",
        "import",
        "init",
        "install",
        "install-test",
        "it",
        "licenses",
        "link",
        "list",
        "ln",
        "ls",
        "outdated",
        "pack",
        "patch",
        "patch-commit",
        "patch-remove",
        "prune",
        "publish",
        "rb",
        "rebuild",
        "recursive",
        "remove",
        "rm",
        "root",
        "run",
        "run-script",
        "self-update",
        "server",
        "setup",
        "store",
        "uninstall",
        "unlink",
        "up",
        "update",
        "upgrade",
        "version",
        "why",
    ],
};

/// Both lines of yarn. Source: yarn 1's documentation, "CLI Introduction"; `yarn --help` of yarn 4.
const YARN: Grammar = Grammar {
    dir: &["--cwd"],
    member: &[],
    members: &[],
    valued: &[],
    anywhere: false,
    own: &[
        "access",
        "add",
        "audit",
        "autoclean",
        "bin",
        "cache",
        "check",
        "config",
        "constraints",
        "create",
        "dedupe",
        "dlx",
        "exec",
        "explain",
        "generate-lock-entry",
        "global",
        "help",
        "import",
        "info",
        "init",
        "install",
        "licenses",
        "link",
        "list",
        "login",
        "logout",
        "node",
        "npm",
        "outdated",
        "owner",
        "pack",
        "patch",
        "patch-commit",
        "plugin",
        "policies",
        "publish",
        "rebuild",
        "remove",
        "run",
        "search",
        "set",
        "stage",
        "tag",
        "team",
        "unlink",
        "unplug",
        "up",
        "upgrade",
        "upgrade-interactive",
        "version",
        "versions",
        "why",
        "workspace",
        "workspaces",
    ],
};

/// Source: Bun's documentation, "bun run": built-in commands come before scripts of the same name.
const BUN: Grammar = Grammar {
    dir: &["--cwd"],
    member: &["--filter", "-F"],
    members: &[],
    valued: &[],
    anywhere: false,
    own: &[
        "a",
        "add",
        "audit",
        "build",
        "c",
        "completions",
        "create",
        "exec",
        "i",
        "info",
        "init",
        "install",
        "link",
        "outdated",
        "patch",
        "patch-commit",
        "pm",
        "publish",
        "remove",
        "repl",
        "rm",
        "run",
        "test",
        "unlink",
        "update",
        "upgrade",
        "why",
        "x",
    ],
};

/// Options that only ask for less output, for no questions, or for no error where a script is missing.
const QUIET: &[&str] = &[
    "-s",
    "--silent",
    "-q",
    "--quiet",
    "-y",
    "--yes",
    "--no-install",
    "--if-present",
    "--offline",
    "--stream",
    "--non-interactive",
];

/// Subcommands that install what the manifest names.
const INSTALLS: &[&str] = &["install", "i", "ci", "clean-install", "ic", "isntall"];

/// Reads the words of a command; `None` when they call no package manager, or in a way that is not understood.
pub(crate) fn read(words: &[&str]) -> Option<ManagerCall> {
    match words {
        ["npm", ..] => call(&NPM, words),
        ["pnpm", ..] => call(&PNPM, words),
        ["yarn" | "yarnpkg", ..] => call(&YARN, words),
        ["bun", ..] => call(&BUN, words),
        ["npx" | "bunx" | "pnpx", ..] => {
            let at = 1 + quiet(&words[1..]);
            let at = at + usize::from(words.get(at) == Some(&"--"));
            let asks = words.get(at).filter(|word| !word.starts_with('-')).map(|_| Asks::Package(at))?;
            Some(ManagerCall { place: None, asks })
        }
        _ => None,
    }
}

/// The package that a command is about, where that is another one than before: by options of a package
/// manager, or by `cd`.
pub(crate) fn place_of(words: &[&str]) -> Option<Place> {
    match words {
        ["cd" | "pushd", dir] => Some(Place::Dir((*dir).to_owned())),
        words => read(words)?.place,
    }
}

fn quiet(words: &[&str]) -> usize {
    words.iter().take_while(|word| QUIET.contains(word)).count()
}

/// The subcommand, what stands behind it, and the options in front of `--`.
struct Split {
    place: Option<Place>,
    /// Places of the words that are no options of the manager.
    plain: Vec<usize>,
}

fn call(grammar: &Grammar, words: &[&str]) -> Option<ManagerCall> {
    let Split { mut place, plain } = split(grammar, words)?;
    let verb = plain.first().map_or("install", |&at| words[at]);
    let script = |name: usize, arguments: &[usize]| Asks::Script { name, arguments: arguments.to_vec() };
    let is_npm = words[0] == "npm";
    let asks = match (words[0], plain.as_slice()) {
        ("npm", []) => Asks::Other,
        ("pnpm" | "bun", []) => Asks::Other,
        (_, [_, name, rest @ ..]) if is_run(verb, is_npm) => script(*name, rest),
        ("npm", [at, rest @ ..]) if ["start", "stop", "test", "restart"].contains(&verb) => script(*at, rest),
        ("npm", [_, at, ..]) if ["exec", "x"].contains(&verb) => Asks::Package(*at),
        ("pnpm" | "yarn" | "yarnpkg", [_, at, ..]) if verb == "exec" => Asks::Program(*at),
        ("yarn" | "yarnpkg", [at, _, ..]) if verb == "node" => Asks::Program(*at),
        ("bun", [_, at, ..]) if verb == "x" => Asks::Package(*at),
        ("yarn" | "yarnpkg", [_, member, rest @ ..]) if verb == "workspace" => {
            place = Some(Place::Member(words[*member].to_owned()));
            match rest {
                [run, name, rest @ ..] if words[*run] == "run" => script(*name, rest),
                [name, rest @ ..] if !YARN.own.contains(&words[*name]) => script(*name, rest),
                _ => Asks::Other,
            }
        }
        ("yarn" | "yarnpkg", _) if verb == "workspaces" => {
            place = Some(Place::Members);
            Asks::Other
        }
        _ if INSTALLS.contains(&verb) && plain.len() <= 1 => Asks::Install,
        ("npm", _) => Asks::Other,
        (_, [at, rest @ ..]) if !grammar.own.contains(&verb) => script(*at, rest),
        _ => Asks::Other,
    };
    Some(ManagerCall { place, asks })
}

fn is_run(verb: &str, is_npm: bool) -> bool {
    matches!(verb, "run" | "run-script") || is_npm && matches!(verb, "rum" | "urn")
}

/// Takes the manager's own options out of the words.
fn split(grammar: &Grammar, words: &[&str]) -> Option<Split> {
    let mut found = Split { place: None, plain: Vec::new() };
    let mut at = 1;
    while let Some(word) = words.get(at) {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) if word.starts_with('-') => (name, Some(value)),
            _ => (*word, None),
        };
        let is_done = !grammar.anywhere && has_script(grammar, words, &found.plain);
        match name {
            _ if is_done => found.plain.push(at),
            "--" if grammar.anywhere => {
                found.plain.extend(at + 1..words.len());
                break;
            }
            "--" => {}
            _ if !word.starts_with('-') || *word == "-" => found.plain.push(at),
            _ if grammar.members.contains(&name) => found.place = Some(Place::Members),
            _ if grammar.dir.contains(&name) || grammar.member.contains(&name) => {
                let value = match value {
                    Some(value) => value,
                    None => {
                        at += 1;
                        words.get(at)?
                    }
                };
                found.place = Some(chosen(grammar, name, value, found.place));
            }
            _ if grammar.valued.contains(&name) => at += usize::from(value.is_none()),
            _ if grammar.anywhere || QUIET.contains(&name) || is_of_install(&found.plain, words) => {}
            _ => return None,
        }
        at += 1;
    }
    Some(found)
}

/// Whether the name of a script was read, so that all that follows is for the script.
fn has_script(grammar: &Grammar, words: &[&str], plain: &[usize]) -> bool {
    match plain {
        [] => false,
        [verb] => !grammar.own.contains(&words[*verb]) && !is_run(words[*verb], false),
        [verb, _] => words[*verb] != "workspace",
        [_, _, third] => words[*third] != "run",
        _ => true,
    }
}

/// Options of an installation change how it installs, and not what the call is.
fn is_of_install(plain: &[usize], words: &[&str]) -> bool {
    plain.first().is_none_or(|&at| INSTALLS.contains(&words[at])) && words[0] != "bun"
}

fn chosen(grammar: &Grammar, name: &str, value: &str, before: Option<Place>) -> Place {
    if grammar.dir.contains(&name) {
        return Place::Dir(value.to_owned());
    }
    // A second choice, a pattern and pnpm's `...` for whatever depends on it mean several.
    let is_one = before.is_none() && !value.contains(['*', '[', '!', '{']) && !value.starts_with("...");
    match is_one {
        true => Place::Member(value.trim_end_matches("...").trim_end_matches('^').to_owned()),
        false => Place::Members,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &str) -> String {
        let words: Vec<&str> = line.split(' ').collect();
        let Some(call) = read(&words) else { return "-".to_owned() };
        let what = match call.asks {
            Asks::Script { name, arguments } => {
                let arguments: Vec<&str> = arguments.iter().map(|&at| words[at]).collect();
                format!("script {} [{}]", words[name], arguments.join(" "))
            }
            Asks::Program(at) => format!("program {}", words[at]),
            Asks::Package(at) => format!("package {}", words[at]),
            Asks::Install => "install".to_owned(),
            Asks::Other => "other".to_owned(),
        };
        match call.place {
            None => what,
            Some(Place::Dir(dir)) => format!("{what} in {dir}"),
            Some(Place::Member(member)) => format!("{what} of {member}"),
            Some(Place::Members) => format!("{what} of several"),
        }
    }

    #[test]
    fn each_manager_has_its_own_grammar() {
        for (line, expected) in [
            ("npm run build", "script build []"),
            ("npm run build --prefix client", "script build [] in client"),
            ("npm --prefix=client run build", "script build [] in client"),
            ("npm start -C server", "script start [] in server"),
            ("npm run start -w backend", "script start [] of backend"),
            ("npm run build --workspaces --if-present", "script build [] of several"),
            ("npm run build -ws", "script build [] of several"),
            ("npm run serve --port 3000 -- --quiet", "script serve [3000 --quiet]"),
            ("npm ci --prefix client", "install in client"),
            ("npm install --prefix client express", "other in client"),
            ("npm exec prisma migrate deploy", "package prisma"),
            ("npx --yes @11ty/eleventy --serve", "package @11ty/eleventy"),
            ("pnpm build --filter x", "script build [--filter x]"),
            ("pnpm --filter web... build", "script build [] of web"),
            ("pnpm --filter @a/* build", "script build [] of several"),
            ("pnpm -F web -F api build", "script build [] of several"),
            ("pnpm -r build", "script build [] of several"),
            ("pnpm -C web run start", "script start [] in web"),
            ("pnpm pack", "other"),
            ("pnpm exec next start", "program next"),
            ("yarn build --x", "script build [--x]"),
            ("yarn --cwd web build", "script build [] in web"),
            ("yarn workspace web start", "script start [] of web"),
            ("yarn workspace web run start --x", "script start [--x] of web"),
            ("yarn workspaces foreach -A run build", "other of several"),
            ("yarn --frozen-lockfile", "install"),
            ("yarn version", "other"),
            ("bun build ./src/index.ts --outdir dist", "other"),
            ("bun run build", "script build []"),
            ("bun test", "other"),
            ("bun run --cwd web build", "script build [] in web"),
            ("bun --filter web start", "script start [] of web"),
            ("bun --hot src/index.ts", "-"),
            ("node server.js", "-"),
        ] {
            assert_eq!(told(line), expected, "{line}");
        }
    }
}
