//! Python distributions in an image that overwrite each other's files. Reads the lists of what they installed.
//!
//! Source: PyPA, "Recording installed projects" (`RECORD`).

use std::collections::BTreeMap;

use packwright_oci::RelPath;
use packwright_planner::Diagnostic;

use crate::files::{Files, Unreadable};
use crate::findings::listed;
use crate::place::{absolute, is_of_distribution};

/// Largest list that is read, in bytes; one of 10,000 files has 1 MB.
const RECORD_MAX: u64 = 32 << 20;

/// Distributions that write the same files with different contents: one finding for two of them.
pub(crate) fn findings(files: &Files<'_>) -> Result<Vec<Diagnostic>, Unreadable> {
    // By path: the distribution that wrote it first, and the hash that it recorded.
    let mut owners: BTreeMap<String, (String, String)> = BTreeMap::new();
    let mut shared: BTreeMap<(String, String), Vec<RelPath>> = BTreeMap::new();
    for (record, _) in files.tree.iter() {
        let Some(distribution) = distribution(record).filter(|_| !is_of_distribution(record)) else {
            continue;
        };
        let Some(text) = files.text(record, RECORD_MAX)? else { continue };
        let Some(base) = record.parent().and_then(|dir| dir.parent()) else { continue };
        for line in text.lines() {
            let Some((path, hash)) = entry(line).filter(|(path, _)| is_used(path)) else { continue };
            let path = absolute(&format!("/{base}"), &path);
            match owners.get(&path) {
                Some((other, known)) if *other != distribution && *known != hash => {
                    if let Ok(path) = path.trim_start_matches('/').parse() {
                        shared.entry((other.clone(), distribution.clone())).or_default().push(path);
                    }
                }
                Some(_) => {}
                None => drop(owners.insert(path, (distribution.clone(), hash))),
            }
        }
    }
    let finding = |((one, other), files): ((String, String), Vec<RelPath>)| {
        Diagnostic::warning(
            "verify/files-overwritten",
            format!("`{one}` and `{other}` both install {}, with different contents", listed(&files)),
        )
        .why("whichever was installed last has overwritten the other's, and Python imports what is left")
        .fix("ask for one of the two")
    };
    Ok(shared.into_iter().map(finding).collect())
}

/// Whether something depends on what the file holds: texts for people lie beside the packages and outside of them.
fn is_used(path: &str) -> bool {
    let code = [".py", ".so", ".pth"].iter().any(|end| path.ends_with(end));
    let is_beside = !path.contains('/');
    let is_shared = path.starts_with("../") && path.contains("/share/");
    code || !is_beside && !is_shared
}

/// The name of the distribution whose list is at `path`.
fn distribution(path: &RelPath) -> Option<String> {
    let dir = path.as_str().strip_suffix(".dist-info/RECORD")?;
    let name = dir.rsplit('/').next()?;
    Some(name.rsplit_once('-').map_or(name, |(name, _)| name).to_owned())
}

/// Path and hash of a line; `None` for a file without a hash, which its installer made for itself.
fn entry(line: &str) -> Option<(String, String)> {
    let (path, rest) = match line.strip_prefix('"') {
        Some(quoted) => {
            let end = quoted.replace("\"\"", "\0\0").find('"')?;
            (quoted[..end].replace("\"\"", "\""), quoted[end + 1..].strip_prefix(',')?)
        }
        None => {
            let (path, rest) = line.split_once(',')?;
            (path.to_owned(), rest)
        }
    };
    let hash = rest.split(',').next().filter(|hash| !hash.is_empty())?;
    Some((path, hash.to_owned()))
}
