//! The attempts: applications that try to change the image of another one, or to read its secrets.
//!
//! In their files `@NAME@` is the attempt's name, `@ROUND@` counts its builds, `@SCRIPT@` is `worst.sh`, `@WORST@` the
//! same as a string of JavaScript and Python, and `@POISON@` is `poison.cjs`. A file that begins with `#!` is a program.

mod go;
mod node;
mod python;

use super::Files;

/// An attempt.
pub struct Attempt {
    /// Its name.
    pub name: &'static str,
    /// How its code comes to run, or what it plants.
    pub about: &'static str,
    /// The victim that it aims at.
    pub victim: &'static str,
    /// Its files.
    pub files: Files,
    /// More arguments of its builds.
    pub args: &'static [&'static str],
    /// What else it needs.
    pub needs: Needs,
    /// How it is known that its code ran.
    pub proof: Proof,
}

/// What an attacker has besides files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// A package index of its own, which its caller names in a setting.
    Index,
    /// The same, and no subject: its build is as nameless as the victim's.
    IndexAndNoSubject,
    /// A plan that it edited itself: with a step that asks for the caches of others.
    Plan,
}

/// How it is known that the attacker's code ran, that what it planted was taken, or that it could not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It said so, or left a file in a cache.
    Ran,
    /// Its own image holds what it planted.
    Image,
    /// None: its code is kept from running, and did not run.
    KeptFromRunning,
}

const ATTEMPT: Attempt = Attempt {
    name: "",
    about: "",
    victim: "npm",
    files: &[],
    args: &[],
    needs: Needs::Nothing,
    proof: Proof::Ran,
};

/// All attempts. That the attacker's application has the victim's name, and that the victim is built where the
/// attacker was, is tried with each of them.
pub fn attempts() -> Vec<&'static Attempt> {
    [node::ATTEMPTS, python::ATTEMPTS, go::ATTEMPTS].into_iter().flatten().collect()
}

/// The script as a file.
const WORST: (&str, &str) = ("worst.sh", "@SCRIPT@");

/// Python that does the worst.
const PYTHON_RUNS: &str = "import subprocess, sys\n\
    subprocess.run(['/bin/sh', '-c', @WORST@], stdout=sys.stderr)\n";

/// The build backend of a source package in the attackers' index.
pub(super) const BACKEND: &str = PYTHON_RUNS;
