//! Composes a root from a real mirror and writes it to a directory:
//! `root SUITE ARCHIVE-URL SECURITY-URL OUT REQUEST…`. With `-` for OUT it only solves.
//!
//! For trying the crate by hand, as root. It downloads with `curl`, since this crate does no
//! I/O, and writes without care: the real thing is the engine.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for a person at a terminal")]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{self, Read};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::Path;
use std::process::Command;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use packwright_debian::{Accounts, Index, Mirror, Packages, Release, Request, Rules, Substituted, Suite};
use packwright_debian::{Unpacked, compose, solve, unpack};
use packwright_oci::{ContentSink, Digest, Node};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Contents as files named by digest.
struct Folder<'a>(&'a Path);

impl ContentSink for Folder<'_> {
    fn store(&mut self, content: &mut dyn Read) -> io::Result<(Digest, u64)> {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        let digest = Digest::of(&bytes);
        fs::write(self.0.join(digest.hex()), &bytes)?;
        Ok((digest, bytes.len() as u64))
    }
}

fn get(url: &str) -> Outcome<Vec<u8>> {
    let output = Command::new("curl").args(["-sSf", url]).output()?;
    match output.status.success() {
        true => Ok(output.stdout),
        false => Err(format!("{url}: {}", String::from_utf8_lossy(&output.stderr)).into()),
    }
}

fn index(suite: &Suite, mirror: &Mirror) -> Outcome<Index> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let mut sources = Vec::new();
    for pocket in &suite.pockets {
        let base = mirror.base(pocket)?;
        let bytes = get(&format!("{base}/{}", pocket.inrelease_path()))?;
        let start = Instant::now();
        let release = Release::verify(&bytes, suite, pocket, now)?;
        eprintln!("{}: verified in {:?}, signed by {:?}", pocket.name, start.elapsed(), release.signed_by);
        for file in release.package_indexes(suite, "amd64")? {
            let bytes = get(&format!("{base}/{}", file.path))?;
            let start = Instant::now();
            let packages = Packages::read(&file, pocket, &bytes)?;
            eprintln!("{}: {} packages in {:?}", file.path, packages.len(), start.elapsed());
            sources.push(packages);
        }
    }
    let start = Instant::now();
    let index = Index::new("amd64", sources)?;
    eprintln!("merged in {:?}", start.elapsed());
    Ok(index)
}

fn write(tree: &packwright_oci::Tree, contents: &Path, out: &Path) -> io::Result<()> {
    fs::create_dir_all(out)?;
    for (path, entry) in tree.iter() {
        let place = out.join(path.as_str());
        match &entry.node {
            Node::Dir => fs::create_dir(&place)?,
            Node::File { digest, .. } => {
                fs::copy(contents.join(digest.hex()), &place)?;
            }
            Node::Symlink { target } => symlink(target, &place)?,
            Node::Hardlink { target } => fs::hard_link(out.join(target.as_str()), &place)?,
            Node::Whiteout => {}
        }
        if matches!(entry.node, Node::Dir | Node::File { .. }) {
            chown(&place, Some(entry.uid), Some(entry.gid))?;
            fs::set_permissions(&place, fs::Permissions::from_mode(entry.mode))?;
        }
    }
    Ok(())
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [suite, archive, security, out, requests @ ..] = arguments.as_slice() else {
        return Err("usage: root SUITE ARCHIVE-URL SECURITY-URL OUT REQUEST…".into());
    };
    let suite = Suite::debian(suite)?;
    let mirror = Mirror { archive: archive.clone(), security: Some(security.clone()) };
    let index = index(&suite, &mirror)?;
    let requests: Vec<Request> =
        requests.iter().map(|text| Request::parse(text)).collect::<Result<_, _>>()?;
    let start = Instant::now();
    let solution = solve(&index, &requests, Substituted::standard())?;
    let size: u64 = solution.packages.iter().map(|package| package.size).sum();
    eprintln!("solved in {:?}: {} packages, {size} bytes", start.elapsed(), solution.packages.len());
    eprintln!("satisfied without a package: {}", solution.substituted.join(" "));
    for package in &solution.packages {
        println!("{} {} {} {}", package.name, package.version, package.pocket, package.path);
    }
    if out == "-" {
        return Ok(());
    }
    let out = Path::new(out);
    let contents = out.with_extension("contents");
    fs::create_dir_all(&contents)?;
    let mut unpacked: BTreeMap<String, Unpacked> = BTreeMap::new();
    let mut unpacking = std::time::Duration::ZERO;
    for package in &solution.packages {
        let base = mirror.base(suite.pocket(&package.pocket)?)?;
        let bytes = get(&format!("{base}/{}", package.path))?;
        let start = Instant::now();
        let one = unpack(package, bytes.as_slice(), &mut Folder(&contents), &Rules::image());
        let one = one.map_err(|error| format!("{error}: {:?}", error.problem))?;
        unpacking += start.elapsed();
        unpacked.insert(package.name.clone(), one);
    }
    eprintln!("unpacked in {unpacking:?}");
    let start = Instant::now();
    let root = compose(&unpacked.values().collect::<Vec<_>>(), &Accounts::standard())
        .map_err(|error| format!("{error}\nfix: {}", error.fix()))?;
    eprintln!("composed in {:?}: {} entries, {} bytes", start.elapsed(), root.tree.len(), root.tree.size());
    for note in &root.notes {
        eprintln!("note: {}: {}", note.package, note.text);
    }
    for (digest, bytes) in &root.made {
        fs::write(contents.join(digest.hex()), bytes)?;
    }
    write(&root.tree, &contents, out)?;
    Ok(())
}
