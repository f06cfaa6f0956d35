//! Which commands of maintainer scripts are harmless in an image, and which have an effect on files that
//! their arguments state in full. A table with a reason for every row, and the readers of arguments.
//! A command that is in neither is unknown.

use super::abstract_run::PossibleCommand;
use crate::alternatives::{self, Offer};

/// What a command does, as far as an image is concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum CommandClass {
    /// An image lacks nothing without it.
    Harmless,
    /// It offers a generic name.
    Offer(Offer),
    /// It has these effects, which the builder of a root produces.
    Effects(Vec<FileEffect>),
    /// It may do anything.
    Unknown,
}

/// A file, directory or link that a script makes. Paths are absolute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileEffect {
    /// A directory with a mode, unless it is there.
    Directory(String, u32),
    /// An empty file, unless it is there.
    Empty(String),
    /// A symbolic link with a text, unless something is at its path.
    Link {
        /// Where.
        path: String,
        /// The text.
        target: String,
    },
    /// A copy of a file that the packages bring, unless something is at its path.
    Copy {
        /// What is copied.
        from: String,
        /// Where to.
        to: String,
    },
    /// A path that the script removes: no package may bring it.
    Absent(String),
}

/// When a command is harmless.
#[derive(Debug, Clone, Copy)]
pub(super) enum When {
    /// Whatever its arguments.
    Always,
    /// With one of these as an argument.
    With(&'static [&'static str]),
    /// Without any argument that begins like one of these.
    Without(&'static [&'static str]),
}

use When::{Always, With, Without};

const NO_INIT: &str = "there is no init system";
const DESKTOP: &str = "serves desktops";
const READS: &str = "only reads";
const QUESTIONS: &str = "no questions are asked; defaults apply";
const MANUALS: &str = "registers manuals";
const FONTS: &str = "registers fonts of a display server";
const BYTECODE: &str = "bytecode is compiled where Python runs";
const SPELLING: &str = "registers dictionaries for editors; programs look into their directories";
const KERNEL: &str = "concerns the host's kernel";

/// In the order of names; a name with `/` is the end of a path.
pub(super) const HARMLESS: &[(&str, When, &str)] = &[
    (".", With(&["/usr/share/debconf/confmodule"]), QUESTIONS),
    ("/emacs-package-install", Always, "configures an editor"),
    ("/gio-querymodules", Always, "a list that only saves looking into a directory"),
    ("/glib-compile-schemas", Always, DESKTOP),
    ("/gtk-query-immodules-2.0", Always, "lists input methods, which desktops use"),
    ("/gtk-query-immodules-3.0", Always, "lists input methods, which desktops use"),
    ("aa-enabled", Always, KERNEL),
    ("apparmor_parser", Always, KERNEL),
    ("basename", Always, READS),
    ("cat", Always, READS),
    ("command", With(&["-v"]), READS),
    ("cut", Always, READS),
    ("db_beginblock", Always, QUESTIONS),
    ("db_capb", Always, QUESTIONS),
    ("db_endblock", Always, QUESTIONS),
    ("db_fget", Always, QUESTIONS),
    ("db_fset", Always, QUESTIONS),
    ("db_get", Always, QUESTIONS),
    ("db_go", Always, QUESTIONS),
    ("db_input", Always, QUESTIONS),
    ("db_purge", Always, QUESTIONS),
    ("db_set", Always, QUESTIONS),
    ("db_stop", Always, QUESTIONS),
    ("db_subst", Always, QUESTIONS),
    ("db_title", Always, QUESTIONS),
    ("db_unregister", Always, QUESTIONS),
    ("db_version", Always, QUESTIONS),
    ("deb-systemd-helper", Always, NO_INIT),
    ("deb-systemd-invoke", Always, NO_INIT),
    ("dirname", Always, READS),
    ("dpkg", With(&["--print-architecture", "-s", "-L", "--status", "--listfiles"]), READS),
    ("dpkg-divert", With(&["--list", "--listpackage", "--truename", "--remove"]), "nothing is diverted"),
    ("dpkg-maintscript-helper", Always, "removes or moves files of earlier versions"),
    ("dpkg-query", Always, READS),
    ("dpkg-statoverride", With(&["--list"]), "nothing is overridden"),
    ("dpkg-trigger", Always, "the work is done when a root is composed"),
    ("echo", Always, READS),
    ("egrep", Always, READS),
    ("fc-cache", Always, "the font cache is made at first use"),
    ("find", Without(&["-delete", "-exec", "-ok", "-fprint", "-fls"]), READS),
    ("getcap", Always, READS),
    ("getent", Always, READS),
    ("grep", Always, READS),
    ("gtk-update-icon-cache", Always, DESKTOP),
    ("head", Always, READS),
    ("id", Always, READS),
    ("install-docs", Always, MANUALS),
    ("install-info", Always, MANUALS),
    ("invoke-rc.d", Always, NO_INIT),
    ("ldconfig", Always, "the builder of a root makes the linker's cache"),
    ("ls", Always, READS),
    ("md5sum", Always, READS),
    ("printf", Always, READS),
    ("py3compile", Always, BYTECODE),
    ("pycompile", Always, BYTECODE),
    ("pypy3compile", Always, BYTECODE),
    ("pypycompile", Always, BYTECODE),
    ("readlink", Always, READS),
    ("rmdir", Always, "an empty directory does no harm"),
    ("sha256sum", Always, READS),
    ("ss", Always, READS),
    ("stat", Always, READS),
    ("systemctl", Always, NO_INIT),
    ("systemd-tmpfiles", Always, NO_INIT),
    ("tr", Always, READS),
    ("type", Always, READS),
    ("ucf", With(&["--purge"]), "nothing is remembered of configuration files"),
    ("ucfq", Always, READS),
    ("ucfr", Always, "remembers which package brought a configuration file"),
    ("udevadm", Always, "there are no devices"),
    ("uname", Always, READS),
    ("update-catalog", Always, "registers SGML catalogs"),
    ("update-default-ispell", Always, SPELLING),
    ("update-default-wordlist", Always, SPELLING),
    ("update-desktop-database", Always, DESKTOP),
    ("update-dictcommon-aspell", Always, SPELLING),
    ("update-dictcommon-hunspell", Always, SPELLING),
    ("update-fonts-alias", Always, FONTS),
    ("update-fonts-dir", Always, FONTS),
    ("update-fonts-scale", Always, FONTS),
    ("update-icon-caches", Always, DESKTOP),
    ("update-menus", Always, DESKTOP),
    ("update-rc.d", Always, NO_INIT),
    ("wc", Always, READS),
    ("which", Always, READS),
];

/// The class of a command.
pub(super) fn classify(command: &PossibleCommand) -> CommandClass {
    let Some(Some(name)) = command.words.first() else { return CommandClass::Unknown };
    let arguments = &command.words[1..];
    let read = match name.as_str() {
        "update-alternatives" | "/usr/bin/update-alternatives" => return alternative(&command.words),
        "mkdir" => directories(arguments),
        "ln" => link(arguments),
        "rm" => absent(arguments),
        "touch" => empty(arguments),
        "install" => nothing_installed(arguments),
        "ucf" => configuration(arguments),
        _ => None,
    };
    match read {
        Some(effects) => CommandClass::Effects(effects),
        None if is_harmless(name, arguments) => CommandClass::Harmless,
        None => CommandClass::Unknown,
    }
}

fn is_harmless(name: &str, arguments: &[Option<String>]) -> bool {
    let has = |known: &&str| arguments.iter().any(|argument| argument.as_deref() == Some(*known));
    let begins = |start: &&str| {
        // An argument that is not known could be any.
        arguments.iter().any(|argument| argument.as_deref().is_none_or(|text| text.starts_with(*start)))
    };
    HARMLESS
        .iter()
        .filter(|(known, _, _)| {
            *known == name
                || (known.starts_with('/') && name.starts_with("/usr/lib/") && name.ends_with(*known))
        })
        .any(|(_, when, _)| match when {
            Always => true,
            With(arguments) => arguments.iter().any(has),
            Without(starts) => !starts.iter().any(begins),
        })
}

fn alternative(words: &[Option<String>]) -> CommandClass {
    let removes = ["--remove", "--remove-all", "--auto", "--display", "--list", "--query"];
    match alternatives::offer(words) {
        Some(offer) => CommandClass::Offer(offer),
        None if words.iter().flatten().any(|word| word == "--install" || word == "--set") => {
            CommandClass::Unknown
        }
        None if words.iter().flatten().any(|word| removes.contains(&word.as_str())) => CommandClass::Harmless,
        None => CommandClass::Unknown,
    }
}

/// Options and operands, when all are known and the options are among `known`.
fn operands<'a>(arguments: &'a [Option<String>], known: &[&str]) -> Option<Vec<&'a str>> {
    let mut operands = Vec::new();
    let mut options = true;
    for argument in arguments {
        let argument = argument.as_deref()?;
        match argument {
            "--" if options => options = false,
            _ if options && argument.starts_with('-') => known.contains(&argument).then_some(())?,
            _ => operands.push(argument),
        }
    }
    Some(operands)
}

fn is_plain_path(path: &str) -> bool {
    path.starts_with('/')
        && !path.contains(['*', '?', '[', '\n'])
        && !path.split('/').any(|part| part == "..")
}

fn directories(arguments: &[Option<String>]) -> Option<Vec<FileEffect>> {
    let (mode, arguments) = match arguments {
        [Some(option), Some(mode), rest @ ..] if option == "-m" => (u32::from_str_radix(mode, 8).ok()?, rest),
        _ => (0o755, arguments),
    };
    let paths = operands(arguments, &["-p", "--parents"])?;
    // A directory that others than root may write to needs a reviewed row.
    let made = |path: &&str| {
        (is_plain_path(path) && mode & !0o755 == 0).then(|| FileEffect::Directory((*path).to_owned(), mode))
    };
    paths.iter().map(made).collect()
}

fn empty(arguments: &[Option<String>]) -> Option<Vec<FileEffect>> {
    let paths = operands(arguments, &[])?;
    paths.iter().map(|path| is_plain_path(path).then(|| FileEffect::Empty((*path).to_owned()))).collect()
}

/// `install --mode 644 /dev/null FILE` makes an empty file.
fn nothing_installed(arguments: &[Option<String>]) -> Option<Vec<FileEffect>> {
    let words: Vec<&str> = arguments.iter().map(Option::as_deref).collect::<Option<_>>()?;
    match words.as_slice() {
        ["--mode" | "-m", "644", "/dev/null", path] if is_plain_path(path) => {
            Some(vec![FileEffect::Empty((*path).to_owned())])
        }
        _ => None,
    }
}

fn link(arguments: &[Option<String>]) -> Option<Vec<FileEffect>> {
    let known = ["-s", "-sf", "-fs", "-sfn", "-sfT", "-sT", "-sn", "-snf", "-nsf"];
    let symbolic = arguments.iter().flatten().any(|argument| known.contains(&argument.as_str()));
    match operands(arguments, &known)?.as_slice() {
        [target, path] if symbolic && is_plain_path(path) && !path.ends_with('/') && !target.is_empty() => {
            Some(vec![FileEffect::Link { path: (*path).to_owned(), target: (*target).to_owned() }])
        }
        _ => None,
    }
}

fn absent(arguments: &[Option<String>]) -> Option<Vec<FileEffect>> {
    let paths = operands(arguments, &["-f", "-r", "-rf", "-fr", "-v"])?;
    paths.iter().map(|path| is_plain_path(path).then(|| FileEffect::Absent((*path).to_owned()))).collect()
}

fn configuration(arguments: &[Option<String>]) -> Option<Vec<FileEffect>> {
    match operands(arguments, &["--three-way", "--debconf-ok"])?.as_slice() {
        [from, to] if is_plain_path(from) && is_plain_path(to) => {
            Some(vec![FileEffect::Copy { from: (*from).to_owned(), to: (*to).to_owned() }])
        }
        _ => None,
    }
}
