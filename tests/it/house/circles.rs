//! Circles between the files of a crate: files that need each other cannot be read one at a time.
//!
//! A file needs another one when it names an item of it by a path: `crate::a::Item`, `super::Item`,
//! `a::item()` for its own module `a`. An item that is only passed on by `use` belongs to the file that defines
//! it. That a module declares another one is no need, and tests do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use super::names::{Names, names};
use super::{crates_below, files, root};
use crate::command::say;

/// How many files of a crate are in circles. The crates that are not named here have none and get none. A number
/// only becomes smaller, and the row goes with its last circle.
const IN_CIRCLES: &[(&str, usize)] = &[
    ("buildpacks/go", 6),
    ("crates/buildpack", 6),
    ("crates/debian", 7),
    ("crates/engine", 5),
    ("crates/sandbox", 9),
    ("crates/shell-syntax", 5),
];

/// A module of a crate: the words of its path, none for the crate itself.
type Module = Vec<String>;

/// The files of the crate in `dir`, by module.
fn modules(dir: &Path) -> BTreeMap<Module, Names> {
    let source = dir.join("src");
    let mut modules = BTreeMap::new();
    for path in files(&source, "rs") {
        let below = path.strip_prefix(&source).unwrap().with_extension("");
        let mut module: Module = below.iter().map(|word| word.to_str().unwrap().to_owned()).collect();
        if module.iter().any(|word| word == "tests" || word == "bin") {
            continue;
        }
        match module.last().map(String::as_str) {
            Some("lib" | "main") if module.len() == 1 => module.clear(),
            Some("mod") => drop(module.pop()),
            _ => {}
        }
        modules.insert(module, names(&fs::read_to_string(&path).unwrap()));
    }
    modules
}

/// How often an item may be passed on before it is found.
const FAR: usize = 8;

/// The files that define the item that `path` names in the file of `module`.
fn owners(
    modules: &BTreeMap<Module, Names>,
    module: &Module,
    path: &[String],
    far: usize,
) -> BTreeSet<Module> {
    let Some(path) = (far < FAR).then(|| absolute(modules, module, path)).flatten() else {
        return BTreeSet::new();
    };
    let known = (0..=path.len()).rev().find(|length| modules.contains_key(&path[..*length]));
    let (file, rest) = path.split_at(known.expect("the crate itself is a module"));
    let Some(item) = rest.first() else { return BTreeSet::new() };
    let (file, names) = (file.to_vec(), &modules[file]);
    if item == "*" || names.defines.contains(item) {
        return [file].into();
    }
    if let Some(from) = names.imports.get(item) {
        let path: Vec<String> = from.iter().chain(&rest[1..]).cloned().collect();
        return owners(modules, &file, &path, far + 1);
    }
    // Passed on with all its neighbours, or made by a macro.
    let all = names.all_of.iter().flat_map(|from| {
        let path: Vec<String> = from.iter().chain(rest).cloned().collect();
        owners(modules, &file, &path, far + 1)
    });
    all.filter(|owner| modules[owner].defines.contains(item)).collect()
}

/// `path`, as the file of `module` writes it, from the crate on; none where it leads out of the crate.
fn absolute(modules: &BTreeMap<Module, Names>, module: &Module, path: &[String]) -> Option<Vec<String>> {
    let (first, rest) = path.split_first()?;
    let mut from = match first.as_str() {
        "crate" => Vec::new(),
        "self" => module.clone(),
        "super" => module.split_last()?.1.to_vec(),
        child => {
            let mut below = module.clone();
            below.push(child.to_owned());
            if !modules.contains_key(&below) {
                // What was brought in by name.
                let brought = modules[module].imports.get(child)?;
                let other_crate = !matches!(brought[0].as_str(), "crate" | "self" | "super");
                return if other_crate { None } else { absolute(modules, module, &[brought, rest].concat()) };
            }
            below
        }
    };
    let mut rest = rest.iter();
    for word in rest.by_ref() {
        match word.as_str() {
            "super" => drop(from.pop()),
            word => {
                from.push(word.to_owned());
                break;
            }
        }
    }
    from.extend(rest.cloned());
    Some(from)
}

/// Whom each file needs.
fn needs(modules: &BTreeMap<Module, Names>) -> BTreeMap<Module, BTreeSet<Module>> {
    let needs = modules.iter().map(|(module, names)| {
        let owners = names.paths.iter().flat_map(|path| owners(modules, module, path, 0));
        (module.clone(), owners.filter(|owner| owner != module).collect())
    });
    needs.collect()
}

/// The circles: files each of which needs each other one, by way of others perhaps.
fn circles(needs: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<BTreeSet<Module>> {
    let reached = |from: &Module| {
        let mut reached = BTreeSet::new();
        let mut waiting = vec![from];
        while let Some(file) = waiting.pop() {
            waiting.extend(needs[file].iter().filter(|next| reached.insert((*next).clone())));
        }
        reached
    };
    let reach: BTreeMap<&Module, BTreeSet<Module>> = needs.keys().map(|file| (file, reached(file))).collect();
    let circle = |file: &Module| {
        let circle = reach[file].iter().filter(|other| reach[other].contains(file));
        circle.cloned().collect::<BTreeSet<_>>()
    };
    needs.keys().map(circle).filter(|circle| circle.len() > 1).collect()
}

/// A circle as people read it, with the needs within it.
fn tell(circle: &BTreeSet<Module>, needs: &BTreeMap<Module, BTreeSet<Module>>) -> String {
    let name = |module: &Module| match module.is_empty() {
        true => "the crate's root".to_owned(),
        false => module.join("/"),
    };
    let line = |file: &Module| {
        let others: Vec<String> = needs[file].intersection(circle).map(name).collect();
        format!("    {} needs {}\n", name(file), others.join(", "))
    };
    circle.iter().map(line).collect()
}

#[test]
fn files_that_need_each_other_become_fewer() {
    let root = root();
    let dirs = ["buildpacks", "crates"].iter().flat_map(|dir| crates_below(&root.join(dir)));
    let (mut table, mut breaches) = (String::new(), String::new());
    for dir in dirs {
        let name = dir.strip_prefix(&root).unwrap().to_str().unwrap();
        let modules = modules(&dir);
        let needs = needs(&modules);
        let circles = circles(&needs);
        let count: usize = circles.iter().map(BTreeSet::len).sum();
        let most = IN_CIRCLES.iter().find(|(row, _)| *row == name).map_or(0, |(_, most)| *most);
        if most > 0 {
            table += &format!("\n{name}: {count} of {} files are in circles, {most} may be", modules.len());
        }
        if count > most {
            breaches += &format!("{name} has {count} files in circles and may have {most}\n");
            circles.iter().for_each(|circle| breaches += &format!("  circle\n{}", tell(circle, &needs)));
        }
    }
    say(&format!("files in circles; no other crate has any{table}"));
    assert_eq!(breaches, "", "\n{breaches}");
}

/// The search finds a circle, also through an item that is passed on and one that is brought in by name.
#[test]
fn a_circle_is_found() {
    let crate_of = |files: &[(&str, &str)]| -> BTreeMap<Module, Names> {
        let module =
            |path: &str| path.split('/').filter(|word| !word.is_empty()).map(str::to_owned).collect();
        files.iter().map(|(path, text)| (module(path), names(text))).collect()
    };
    let circle = |files: &[(&str, &str)]| -> Vec<usize> {
        let needs = needs(&crate_of(files));
        circles(&needs).iter().map(BTreeSet::len).collect()
    };
    let root = ("", "mod a;\nmod b;\npub use a::{A, self as alpha};\npub use b::*;");
    assert_eq!(circle(&[root, ("a", "use crate::B;\npub struct A(B);"), ("b", "pub struct B;")]), [0; 0]);
    let a = ("a", "pub struct A;\nfn new() -> crate::B { crate::B }");
    assert_eq!(circle(&[root, a, ("b", "use crate::A;\npub struct B;")]), [2]);
    assert_eq!(circle(&[root, a, ("b", "use super::a;\npub struct B;\nfn of() { a::A; }")]), [2]);
    assert_eq!(
        circle(&[root, a, ("b", "// crate::A\npub struct B(&str);\nconst S: &str = \"crate::A\";")]),
        [0; 0]
    );
    let parent = ("a", "mod c;\npub struct A;\nfn new() { c::make() }");
    assert_eq!(circle(&[root, parent, ("a/c", "use super::A;\npub fn make() {}"), ("b", "")]), [2]);
}
