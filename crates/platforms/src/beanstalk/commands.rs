//! Commands that Elastic Beanstalk runs on its machines. Each is a release command, a step that the build
//! already does, or something that works on Amazon's machines alone.

use packwright_planner::{Command, DeclaredProcess, Moment, Origin, ProcessKind};
use packwright_shell_syntax::{Dialect, Joint, ListItem, Simple, Word, parse};

/// Places of Amazon's machines.
const PLACES: &[&str] = &[
    "/opt/python",
    "/var/app",
    "/opt/elasticbeanstalk",
    "/var/www",
    "/etc/",
    "/home/ec2-user",
    "/usr/bin/yum",
];

/// Programs that only change the machine.
const PROGRAMS: &[&str] = &[
    "yum",
    "dnf",
    "amazon-linux-extras",
    "rpm",
    "systemctl",
    "service",
    "initctl",
    "supervisorctl",
    "sudo",
    "chkconfig",
    "aws",
    "easy_install",
    "eb",
    "certbot",
    "amazon-cloudwatch-agent-ctl",
    "swapon",
    "mkswap",
    "nginx",
    "httpd",
];

/// The release command as the files have it so far.
#[derive(Default)]
pub(super) struct Release {
    lines: Vec<String>,
    origin: Option<Origin>,
    ignored: bool,
}

impl Release {
    /// Adds a command; `ignored` says whether its failure is.
    pub(super) fn add(&mut self, line: &str, origin: &Origin, ignored: bool) {
        self.lines.push(line.to_owned());
        self.origin.get_or_insert_with(|| origin.clone());
        self.ignored |= ignored;
    }

    pub(super) fn into_process(self) -> Option<DeclaredProcess> {
        let name = "release".parse().expect("a process name");
        let mut process = DeclaredProcess::new(name, Command::shell(self.lines.join(" && ")), self.origin?);
        if self.ignored {
            process.kind = ProcessKind::Release(Moment::BeforeTrafficAnyway);
        }
        Some(process)
    }
}

/// A command without what only prepares Amazon's machine: the virtual environment, the directory.
pub(super) fn bare(line: &str) -> String {
    let line = line.trim();
    let script = parse(line, Dialect::Bash);
    let prepares = script.list.windows(2).take_while(|pair| {
        matches!(pair[1].joint, Joint::And | Joint::Semicolon | Joint::Newline) && is_preparation(&pair[0])
    });
    let start = prepares.last().map_or(0, |pair| pair[1].pipeline.start);
    let mut rest = line[start..].to_owned();
    let mut words: Vec<&Word> = script.commands().into_iter().flat_map(words_of).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.start));
    for word in words.into_iter().filter(|word| word.start >= start) {
        let place = word.start - start..word.start - start + word.raw.len();
        // Offsets in backquotes count in a text of their own.
        if rest.get(place.clone()) == Some(word.raw.as_str()) {
            rest.replace_range(place, in_image(&word.raw));
        }
    }
    rest
}

fn words_of(simple: &Simple) -> impl Iterator<Item = &Word> {
    simple.words.iter().chain(simple.redirections.iter().map(|redirection| &redirection.target))
}

/// Whether a command only makes ready the machine for those behind it.
fn is_preparation(item: &ListItem) -> bool {
    let words = item.simple().map(Simple::unquoted).unwrap_or_default();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["source" | ".", path] => path.ends_with("/activate"),
        ["cd", path] => PLACES.iter().any(|place| path.starts_with(place)),
        ["export", setting] => has_place(setting),
        _ => false,
    }
}

/// A word as it is in the image, where programs of the virtual environment are found by their names.
fn in_image(word: &str) -> &str {
    let of_environment =
        ["/var/app/venv/", "/opt/python/run/venv/"].iter().any(|place| word.starts_with(place));
    match word.rsplit_once("/bin/") {
        Some((_, program)) if of_environment => program,
        _ => word
            .strip_prefix("/var/app/staging/")
            .or_else(|| word.strip_prefix("/var/app/current/"))
            .unwrap_or(word),
    }
}

/// Why a command can only run on one of Amazon's machines, when it can.
pub(super) fn of_machine(line: &str) -> Option<&'static str> {
    let script = parse(line, Dialect::Bash);
    let rest = script.rest.as_ref().map_or("", |rest| &line[rest.start..]);
    if script.words().into_iter().any(|word| has_place(&word.raw)) || has_place(rest) {
        return Some("it names a place of Amazon's machines");
    }
    let starts = Command::shell(line).programs();
    let mut programs = starts.iter().map(String::as_str).chain(rest.split_whitespace().next());
    programs
        .any(|program| PROGRAMS.contains(&program.rsplit('/').next().unwrap_or(program)))
        .then_some("it changes the machine, which an image is not")
}

/// Whether a text names a place of Amazon's machines.
pub(super) fn has_place(text: &str) -> bool {
    PLACES.iter().any(|place| text.contains(place))
}

/// Whether the build does by itself all that a line does: it collects static files, or installs.
pub(super) fn is_built(line: &str) -> bool {
    const WORDS: [&[&str]; 5] =
        [&["collectstatic"], &["pip", "install"], &["pip3", "install"], &["npm", "install"], &["npm", "ci"]];
    let base = |word: &String| word.rsplit('/').next().unwrap_or(word).to_owned();
    let commands = Command::shell(line).simple_commands();
    let mut works = commands.iter().filter(|words| does_something(words)).peekable();
    works.peek().is_some()
        && works.all(|words| {
            let words: Vec<String> = words.iter().map(base).collect();
            WORDS.iter().any(|wanted| words.windows(wanted.len()).any(|found| found == *wanted))
        })
}

/// Whether a command leaves anything behind when its line is over.
fn does_something(words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["cd" | "echo" | "export" | "set" | "true" | ":", ..] => false,
        ["source" | ".", path] => !path.ends_with("/activate"),
        _ => true,
    }
}
