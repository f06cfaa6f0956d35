//! Commands that Elastic Beanstalk runs on its machines. Each is a release command, a step that the build
//! already does, or something that works on Amazon's machines alone.

use packwright_planner::{Command, DeclaredProcess, Moment, Origin, ProcessKind};

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

/// A command without what only makes ready Amazon's machine: the virtual environment, the directory.
pub(super) fn bare(line: &str) -> String {
    let mut rest = line.trim();
    while let Some((first, behind)) = first_of(rest) {
        let words: Vec<&str> = first.split_whitespace().collect();
        let activates = matches!(words.as_slice(), ["source" | ".", path] if path.ends_with("/activate"));
        let enters =
            matches!(words.as_slice(), ["cd", path] if PLACES.iter().any(|place| path.starts_with(place)));
        let exports = matches!(words.as_slice(), ["export", setting] if has_place(setting));
        if !activates && !enters && !exports {
            break;
        }
        rest = behind.trim();
    }
    // Programs of the virtual environment are found by their names.
    let words = rest.split(' ').map(|word| {
        let place = ["/var/app/venv/", "/opt/python/run/venv/"].iter().any(|place| word.starts_with(place));
        match word.rsplit_once("/bin/") {
            Some((_, program)) if place => program,
            _ => word
                .strip_prefix("/var/app/staging/")
                .or_else(|| word.strip_prefix("/var/app/current/"))
                .unwrap_or(word),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The first command of a line, and what follows it.
fn first_of(line: &str) -> Option<(&str, &str)> {
    let ends = [
        line.find("&&").map(|at| (at, 2)),
        line.find(';').map(|at| (at, 1)),
        line.find('\n').map(|at| (at, 1)),
    ];
    let (at, length) = ends.into_iter().flatten().min()?;
    Some((&line[..at], &line[at + length..]))
}

/// Why a command can only run on one of Amazon's machines, when it can.
pub(super) fn of_machine(line: &str) -> Option<&'static str> {
    if has_place(line) {
        return Some("it names a place of Amazon's machines");
    }
    let starts = line.split(['&', ';', '|', '\n']).filter_map(|part| part.split_whitespace().next());
    let mut programs = starts.map(|word| word.rsplit('/').next().unwrap_or(word));
    programs
        .any(|program| PROGRAMS.contains(&program))
        .then_some("it changes the machine, which an image is not")
}

/// Whether a text names a place of Amazon's machines.
pub(super) fn has_place(text: &str) -> bool {
    PLACES.iter().any(|place| text.contains(place))
}

/// Whether the build does by itself what a command does: it collects static files, or installs.
pub(super) fn is_built(line: &str) -> bool {
    ["collectstatic", "pip install", "pip3 install", "npm install", "npm ci"]
        .iter()
        .any(|word| line.contains(word))
}
