//! Variables of front ends in `.env` files that belong to the source: `VITE_API_URL` in `.env.production`. The files
//! are in no image and in no step, since they hold secrets too; what is public by its name reaches the plan as a
//! variable. Files that `.gitignore` names, and `.env.local` and the like, are for one machine and not read.

use std::fs;
use std::path::Path;

use packwright_engine::oci::RelPath;
use packwright_engine::planner::{IgnoreFile, Ignoring, Language, PublicVariable, SourceTree, text};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 << 10;

/// The variables of all directories with a manifest of one of the languages, as files of the directory `top` set
/// them, in the order of directories, `.env` before `.env.<mode>`. A file that cannot be read has none.
pub(crate) fn read(top: &Path, tree: &dyn SourceTree, languages: &[&Language]) -> Vec<PublicVariable> {
    if languages.iter().all(|language| language.public_variables.is_empty()) {
        return Vec::new();
    }
    let is_manifest = |name: &str| languages.iter().any(|language| language.manifests.contains(&name));
    let manifests = tree.files().iter().filter(|file| is_manifest(file.path.name()));
    let mut dirs: Vec<Option<RelPath>> = manifests.map(|file| file.path.parent()).collect();
    dirs.sort();
    dirs.dedup();
    let mut found = Vec::new();
    for dir in dirs {
        for file in files(top, dir.as_ref()) {
            if is_ignored(tree, &file) {
                continue;
            }
            let Ok(text) = fs::read_to_string(top.join(file.as_str())) else { continue };
            found.extend(
                variables(&file, &text)
                    .filter(|found| languages.iter().any(|one| one.publishes(&found.name))),
            );
        }
    }
    found
}

/// `.env` and `.env.<mode>` in a directory, as far as they are for every machine.
fn files(top: &Path, dir: Option<&RelPath>) -> Vec<RelPath> {
    let place = dir.map_or(top.to_owned(), |dir| top.join(dir.as_str()));
    let Ok(entries) = fs::read_dir(place) else { return Vec::new() };
    let mut names = Vec::new();
    for entry in entries.flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        let mode = name.strip_prefix(".env").map(|rest| rest.strip_prefix('.').unwrap_or(rest));
        let is_shared = match mode {
            Some("") => true,
            Some(mode) => name.starts_with(".env.") && !mode.contains('.') && mode != "local",
            None => false,
        };
        // A link may lead out of the source.
        let fits = entry.metadata().is_ok_and(|about| about.is_file() && about.len() <= LARGEST);
        if is_shared && fits {
            names.push(name);
        }
    }
    names.sort();
    let path = |name: String| dir.map_or(name.clone(), |dir| format!("{dir}/{name}")).parse().ok();
    names.into_iter().filter_map(path).collect()
}

/// Whether a `.gitignore` beside the file or above it names the file, so that it is not of the source.
fn is_ignored(tree: &dyn SourceTree, file: &RelPath) -> bool {
    let mut dirs = vec![None];
    let mut dir = file.parent();
    while let Some(inner) = dir {
        dir = inner.parent();
        dirs.insert(1, Some(inner));
    }
    let mut ignoring = Ignoring::default();
    for dir in dirs {
        let name = dir.map_or(".gitignore".to_owned(), |dir| format!("{dir}/.gitignore"));
        let (Ok(path), Ok(Some(text))) = (name.parse(), text(tree, &name)) else { continue };
        ignoring = ignoring.read(IgnoreFile::Git, &path, &text).0;
    }
    let above = std::iter::successors(file.parent(), RelPath::parent);
    // What never belongs into an image is not meant here, only what the files say.
    let is_named = |path: &RelPath, is_dir: bool| ignoring.named_by(path, is_dir).is_some();
    is_named(file, false) || above.into_iter().any(|dir| is_named(&dir, true))
}

/// The assignments of a text as dotenv reads them; values over several lines are left out.
fn variables<'a>(file: &'a RelPath, text: &'a str) -> impl Iterator<Item = PublicVariable> + 'a {
    text.lines().enumerate().filter_map(|(index, line)| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (name, value) = line.split_once('=')?;
        let name = name.trim();
        let is_name =
            !name.is_empty() && name.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_');
        let value = unquoted(value.trim()).filter(|_| is_name && !line.starts_with('#'))?;
        Some(PublicVariable { file: file.clone(), line: index as u32 + 1, name: name.to_owned(), value })
    })
}

/// A value without its quotes, and without the comment behind it.
fn unquoted(value: &str) -> Option<String> {
    match value.chars().next() {
        Some(quote @ ('"' | '\'' | '`')) => {
            let (inner, _) = value[1..].split_once(quote)?;
            Some(if quote == '"' { inner.replace("\\n", "\n") } else { inner.to_owned() })
        }
        _ => Some(value.split(" #").next().unwrap_or(value).trim().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_as_dotenv_reads_them() {
        let text =
            "# VITE_NO=1\nVITE_A=a b # c\nexport VITE_B = \"x # y\"\nVITE_C='$D'\nVITE_D=\"open\nE F=1\n";
        let file: RelPath = ".env".parse().unwrap();
        let told: Vec<String> = variables(&file, text)
            .map(|found| format!("{}:{}={}", found.line, found.name, found.value))
            .collect();
        assert_eq!(told, ["2:VITE_A=a b", "3:VITE_B=x # y", "4:VITE_C=$D"]);
    }

    #[test]
    fn public_names_of_files_that_belong_to_the_source() {
        const LANGUAGE: Language =
            Language::new("tea", "Tea").manifests(&["tea.json"]).public_variables(&["VITE_*"]);
        let top = std::env::temp_dir().join(format!("packwright-public-{}", std::process::id()));
        fs::create_dir_all(top.join("web")).unwrap();
        for (name, text) in [
            (".env", "VITE_A=1\nSECRET=2\n"),
            (".env.local", "VITE_B=1\n"),
            (".env.production", "VITE_C=1\n"),
            ("web/.env", "VITE_D=1\n"),
            ("web/.env.example", "VITE_E=1\n"),
        ] {
            fs::write(top.join(name), text).unwrap();
        }
        let tree = |git: &str| {
            packwright_engine::planner::MemoryTree::parse(&format!(
                "//- /tea.json\n//- /web/tea.json\n//- /.gitignore\n{git}\n"
            ))
        };
        let told = |git: &str| -> Vec<String> {
            read(&top, &tree(git), &[&LANGUAGE])
                .iter()
                .map(|found| format!("{} {}", found.file, found.name))
                .collect()
        };
        let all = [".env VITE_A", ".env.production VITE_C", "web/.env VITE_D", "web/.env.example VITE_E"];
        assert_eq!(told("node_modules"), all);
        assert_eq!(told(".env"), [all[1], all[3]]);
        assert_eq!(told("/web"), [all[0], all[1]]);
        fs::remove_dir_all(&top).unwrap();
    }
}
