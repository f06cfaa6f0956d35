//! The command as people call it: what it prints, where, and with which status it ends. Nothing
//! here needs a network; builds that do are tests of the whole house.

#![allow(clippy::unwrap_used)] // A test that cannot set its stage fails.

mod command_lines;
mod compat;
mod failures;
mod help;
mod plans;
mod platforms;
mod railpack;
mod signals;
mod store;
mod verify;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use expect_test::Expect;

/// A directory with a source tree, a home and a store of its own.
struct Stage {
    dir: tempfile::TempDir,
}

/// What came of a command.
#[derive(Debug)]
struct Answer {
    status: i32,
    stdout: String,
    stderr: String,
}

impl Stage {
    /// A stage whose source tree is written down as one text: each line `//- /path` starts a
    /// file.
    fn with(files: &str) -> Stage {
        let stage = Stage { dir: tempfile::tempdir().expect("there is room for a test") };
        fs::create_dir_all(stage.source()).unwrap();
        for file in files.split("//- /").skip(1) {
            let (path, content) = file.split_once('\n').unwrap();
            let path = stage.source().join(path.trim());
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        stage
    }

    fn source(&self) -> PathBuf {
        self.dir.path().join("shop")
    }

    /// The command in the source tree, with this environment and no other.
    fn command(&self, line: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_packwright"));
        command.args(line.split_whitespace()).current_dir(self.source());
        command.env_clear().env("HOME", self.dir.path()).env("PATH", "/usr/bin:/bin");
        command
    }

    fn run(&self, line: &str) -> Answer {
        self.finish(&mut self.command(line))
    }

    fn finish(&self, command: &mut Command) -> Answer {
        let output = command.stdin(Stdio::null()).output().expect("the command starts");
        let text = |bytes: Vec<u8>| {
            let text = String::from_utf8(bytes).expect("everything it prints is UTF-8");
            text.replace(&self.path(), "<stage>")
        };
        Answer {
            status: output.status.code().expect("no signal ends it"),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }

    fn path(&self) -> String {
        self.dir.path().canonicalize().unwrap().display().to_string()
    }
}

impl Answer {
    /// Status, standard output and standard error as one text.
    fn check(&self, expected: &Expect) {
        let Answer { status, stdout, stderr } = self;
        let mut text = format!("status {status}\n");
        for (title, part) in [("stdout", stdout), ("stderr", stderr)] {
            if !part.is_empty() {
                text.push_str(&format!("-- {title}\n{part}"));
            }
        }
        expected.assert_eq(&text);
    }
}

/// The last line of `stderr` as JSON.
fn last_json(stderr: &str) -> serde_json::Value {
    let line = stderr.lines().last().expect("there is a line");
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// All that is to be read, as text.
fn all(reader: &mut impl Read) -> String {
    let mut text = String::new();
    reader.read_to_string(&mut text).unwrap();
    text
}

/// Whether a path is there.
fn is_there(path: impl AsRef<Path>) -> bool {
    path.as_ref().exists()
}
