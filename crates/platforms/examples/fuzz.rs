//! Throws changed files of platforms at their readers, for as long as one likes.
//!
//! ```text
//! cargo run --release -p packwright-platforms --example fuzz -- SEEDS SECONDS [PLATFORM]…
//! ```
//!
//! `SEEDS` is a directory; every file in it, at any depth, whose path ends like a platform's file
//! is a seed. Each platform gets `SECONDS`. A text that makes a reader panic, that takes longer
//! than [`SLOW`], or that gives a line outside of the file, is printed and ends the run with
//! status 1. Memory is limited from outside (`ulimit -v`).

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program tells what it found")]

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use packwright_planner::{AppModel, MemoryTree, Origin, decide};
use packwright_platforms::{PLATFORMS, read};

/// The longest that a text of at most [`LARGE`] bytes may take.
const SLOW: Duration = Duration::from_secs(1);

/// How large a text grows.
const LARGE: usize = 256 * 1024;

/// Pieces that mean something in one of the formats.
const PIECES: &[&str] = &[
    "&a [*a,*a]",
    "&x ",
    "*x",
    "<<: *x",
    "<<: [*x, *x]",
    "!!binary ",
    "!Ref ",
    "? ",
    "- ",
    ": ",
    "|\n",
    ">-\n",
    "---\n",
    "...\n",
    "{",
    "}",
    "[",
    "]",
    "[[",
    "]]",
    "\"",
    "'",
    "\\",
    "\\u0000",
    "\\ud800",
    "\t",
    "\r\n",
    "\u{feff}",
    "\u{0}",
    "#",
    "//",
    "/*",
    "*/",
    "null",
    "~",
    "true",
    "1e999",
    "-0",
    "0x1F",
    "99999999999999999999",
    "${X:-${Y}}",
    "$$",
    "$(",
    "((x))",
    "{{ x }}",
    "...",
    "@auto",
    "../..",
    "/",
    "..",
    "web: ",
    "cmds = ",
    "services:",
    "env:",
    "run:",
    "processes",
    "\n\n\n",
    " ",
    "é",
    "\u{202e}",
];

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % sides.max(1) as u64) as usize
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [seeds, seconds, wanted @ ..] = arguments.as_slice() else {
        eprintln!("usage: fuzz SEEDS SECONDS [PLATFORM]…");
        return ExitCode::from(2);
    };
    let Ok(seconds) = seconds.parse() else {
        eprintln!("`{seconds}` is no number of seconds");
        return ExitCode::from(2);
    };
    let mut files = Vec::new();
    collect(Path::new(seeds), Path::new(""), &mut files);
    let platforms = PLATFORMS.iter().map(|platform| platform.name);
    for name in platforms.filter(|name| wanted.is_empty() || wanted.iter().any(|wanted| wanted == name)) {
        let seeds: Vec<&(String, String)> =
            files.iter().filter(|(path, text)| is_read(name, path, text)).collect();
        if seeds.is_empty() {
            println!("{name}: no seed is read by it");
            continue;
        }
        match fuzz(name, &seeds, Duration::from_secs(seconds)) {
            Ok((runs, slowest)) => {
                println!(
                    "{name}: {runs} texts from {} seeds in {seconds} s, slowest {slowest:?}",
                    seeds.len()
                );
            }
            Err((what, path, text)) => {
                println!("{name}: {what}\n--- {path}\n{text}\n---");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

/// All text files below `dir`, by their path in it; of a repository's path the last parts count.
fn collect(dir: &Path, below: &Path, found: &mut Vec<(String, String)>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    let mut entries: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    entries.sort();
    for path in entries {
        let Some(name) = path.file_name() else { continue };
        let inner = below.join(name);
        if path.is_dir() {
            collect(&path, &inner, found);
        } else if let (Ok(text), Some(path)) = (std::fs::read_to_string(&path), inner.to_str())
            && text.len() <= LARGE
        {
            // The same file as it is at the top, in a folder, and in a folder of a folder.
            let parts: Vec<&str> = path.split('/').collect();
            for depth in 1..=parts.len().min(3) {
                found.push((parts[parts.len() - depth..].join("/"), text.clone()));
            }
        }
    }
}

fn tree(path: &str, text: &str) -> Option<MemoryTree> {
    let mut tree = MemoryTree::new();
    tree.add(path.parse().ok()?, text.as_bytes().to_vec());
    Some(tree)
}

fn is_read(platform: &str, path: &str, text: &str) -> bool {
    let Some(tree) = tree(path, text) else { return false };
    let at_top = |file: &packwright_planner::Declarations| {
        file.platform == platform && file.components.iter().all(|component| component.dir().is_none())
    };
    catch_unwind(AssertUnwindSafe(|| read(&tree, &BTreeMap::new()).iter().any(at_top))).unwrap_or(true)
}

type Found = (String, String, String);

fn fuzz(platform: &str, seeds: &[&(String, String)], long: Duration) -> Result<(u64, Duration), Found> {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ platform.len() as u64);
    let (start, mut runs, mut slowest) = (Instant::now(), 0, Duration::ZERO);
    let mut pool: Vec<(String, String)> = seeds.iter().map(|seed| (*seed).clone()).collect();
    while start.elapsed() < long {
        let (path, text) = &pool[dice.roll(pool.len())];
        let path = path.clone();
        let other = &pool[dice.roll(pool.len())].1;
        let text = changed(text, other, &mut dice);
        let Some(tree) = tree(&path, &text) else { continue };
        let one = Instant::now();
        let answer = catch_unwind(AssertUnwindSafe(|| decide(read(&tree, &BTreeMap::new()), None)));
        let took = one.elapsed();
        slowest = slowest.max(took);
        runs += 1;
        let Ok(model) = answer else { return Err(("a panic".to_owned(), path, text)) };
        if took > SLOW {
            return Err((format!("it took {took:?}"), path, text));
        }
        if let Some(line) = outside(&model, &text) {
            return Err((format!("line {line} is not in the file"), path, text));
        }
        // What still says something is worth changing further.
        if !model.components.is_empty() && dice.roll(8) == 0 {
            match pool.len() < 2_000 {
                true => pool.push((path, text)),
                false => {
                    let at = seeds.len() + dice.roll(pool.len() - seeds.len());
                    pool[at] = (path, text);
                }
            }
        }
    }
    Ok((runs, slowest))
}

/// A line that the model names and the text does not have.
fn outside(model: &AppModel, text: &str) -> Option<u32> {
    let lines = text.split(['\n', '\r']).count() as u32;
    let far = |origin: &Origin| match origin {
        Origin::File { line: Some(line), .. } => (*line == 0 || *line > lines + 1).then_some(*line),
        _ => None,
    };
    let said = model.diagnostics.iter().filter_map(|found| found.at.as_ref());
    let processes = model.components.iter().flat_map(|part| &part.processes).map(|process| &process.origin);
    let variables =
        model.components.iter().flat_map(|part| &part.environment).map(|variable| &variable.origin);
    said.chain(processes).chain(variables).find_map(far)
}

fn changed(text: &str, other: &str, dice: &mut Dice) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(bytes.len() + 1);
        match dice.roll(8) {
            0 if !bytes.is_empty() => {
                let at = at.min(bytes.len() - 1);
                bytes[at] = dice.roll(256) as u8;
            }
            1 | 2 => {
                let piece = PIECES[dice.roll(PIECES.len())];
                bytes.splice(at..at, piece.bytes());
            }
            3 => {
                let end = (at + dice.roll(64)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                let (from, long) = (dice.roll(other.len() + 1), dice.roll(256));
                let piece = &other.as_bytes()[from..(from + long).min(other.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
            5 => {
                let lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
                let (one, two) = (dice.roll(lines.len()), dice.roll(lines.len()));
                let mut lines: Vec<Vec<u8>> = lines.into_iter().map(<[u8]>::to_vec).collect();
                match dice.roll(3) {
                    0 => lines.swap(one, two),
                    1 => lines.insert(one, lines[two].clone()),
                    _ => drop(lines.remove(one)),
                }
                bytes = lines.join(&b'\n');
            }
            6 => {
                // Deep, or long.
                let piece = PIECES[dice.roll(PIECES.len())];
                let times = 1 << dice.roll(12);
                bytes.splice(at..at, piece.repeat(times).into_bytes());
            }
            _ => {
                let end = (at + dice.roll(128)).min(bytes.len());
                let piece = bytes[at..end].repeat(1 + dice.roll(16));
                bytes.splice(at..end, piece);
            }
        }
        bytes.truncate(LARGE);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
