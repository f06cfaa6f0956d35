//! Links and documents, on small trees.

use std::io;

use super::*;

/// Regular files that hold their own path, and links.
struct Linked(Vec<SourceFile>);

impl Linked {
    fn new(files: &[&str], links: &[(&str, &str)]) -> Linked {
        let regular = files.iter().map(|path| SourceFile {
            path: path.parse().unwrap(),
            kind: FileKind::Regular { size: 1, executable: false },
        });
        let link = links.iter().map(|(path, target)| SourceFile {
            path: path.parse().unwrap(),
            kind: FileKind::Symlink { target: (*target).to_owned() },
        });
        let mut all: Vec<SourceFile> = regular.chain(link).collect();
        all.sort_by(|a, b| a.path.cmp(&b.path));
        Linked(all)
    }
}

impl SourceTree for Linked {
    fn files(&self) -> &[SourceFile] {
        &self.0
    }

    fn read(&self, path: &RelPath) -> io::Result<Vec<u8>> {
        Ok(path.as_str().as_bytes().to_vec())
    }
}

fn read(tree: &Linked, path: &str) -> String {
    match text(tree, &path.parse().unwrap()) {
        Ok(found) => found.unwrap_or_else(|| "nothing".to_owned()),
        Err(error) => error.to_string(),
    }
}

#[test]
fn links_are_followed_within_the_tree() {
    let tree = Linked::new(
        &["config/python", "shared/deep/file"],
        &[
            (".python-version", "config/python"),
            ("app/.nvmrc", "../.python-version"),
            ("lib", "shared/deep"),
            ("shared/up", "./deep/../deep/file"),
        ],
    );
    assert_eq!(read(&tree, ".python-version"), "config/python");
    assert_eq!(read(&tree, "app/.nvmrc"), "config/python");
    assert_eq!(read(&tree, "lib/file"), "shared/deep/file");
    assert_eq!(read(&tree, "shared/up"), "shared/deep/file");
    assert_eq!(read(&tree, "config/python"), "config/python");
    assert_eq!(read(&tree, "config/node"), "nothing");
}

#[test]
fn links_that_lead_to_no_file_are_problems() {
    let tree = Linked::new(
        &["dir/file"],
        &[
            ("absolute", "/etc/passwd"),
            ("above", "../outside"),
            ("dangling", "dir/none"),
            ("loop", "dir/loop"),
            ("dir/loop", "../loop"),
            ("self", "self"),
            ("directory", "dir"),
        ],
    );
    assert_eq!(read(&tree, "absolute"), "absolute is a link to /etc/passwd, which is outside of the tree");
    assert_eq!(read(&tree, "above"), "above is a link to ../outside, which is outside of the tree");
    assert_eq!(read(&tree, "dangling"), "dangling is a link to dir/none, which is not in the tree");
    assert_eq!(read(&tree, "loop"), "loop is a link to dir/loop, which leads through too many links");
    assert_eq!(read(&tree, "self"), "self is a link to self, which leads through too many links");
    assert_eq!(read(&tree, "directory"), "directory is a link to dir, which is a directory");
    let problem = text(&tree, &"dangling".parse().unwrap()).unwrap_err().diagnostic("python");
    assert_eq!(problem.code, "python/broken-link");
}

#[test]
fn below_a_link_to_a_directory_a_file_may_be_missing() {
    let tree = Linked::new(
        &["conf/mise/config.toml"],
        &[(".config", "conf"), (".mise", "nowhere"), ("mise", "loop"), ("loop", "mise"), ("up", "..")],
    );
    assert_eq!(read(&tree, ".config/mise/config.toml"), "conf/mise/config.toml");
    assert_eq!(read(&tree, ".config/mise.toml"), "nothing");
    assert_eq!(read(&tree, ".config/mise"), "nothing");
    assert_eq!(read(&tree, ".mise/config.toml"), "nothing");
    assert_eq!(read(&tree, "mise/a"), "mise/a is a link to loop, which leads through too many links");
    assert_eq!(read(&tree, "up/a"), "up/a is a link to .., which is outside of the tree");
}

#[test]
fn files_of_a_directory_behind_a_link() {
    let tree = Linked::new(
        &["conf/b.toml", "conf/c/d.toml", "top"],
        &[(".mise/conf.d", "../conf"), ("conf/a.toml", "b.toml"), ("all", "."), ("gone", "nowhere")],
    );
    let files = |dir: &str| -> Vec<String> {
        files_in(&tree, &dir.parse().unwrap()).unwrap().iter().map(ToString::to_string).collect()
    };
    assert_eq!(files(".mise/conf.d"), [".mise/conf.d/a.toml", ".mise/conf.d/b.toml"]);
    assert_eq!(files("conf"), ["conf/a.toml", "conf/b.toml"]);
    assert_eq!(files("all"), ["all/all", "all/gone", "all/top"]);
    assert_eq!(files("gone"), Vec::<String>::new());
}

#[test]
fn a_broken_document_names_its_place() {
    let tree = packwright_planner::MemoryTree::parse("//- /a.toml\n[tools]\nnode = \n");
    let error = toml_file(&tree, &"a.toml".parse().unwrap()).unwrap_err();
    let problem = error.diagnostic("node");
    assert_eq!(problem.code, "node/broken-manifest");
    assert!(problem.message.starts_with("a.toml:2:"), "{}", problem.message);
}

#[test]
fn directories_upwards() {
    let dirs = upwards(Some(&"a/b".parse().unwrap()));
    let told: Vec<String> =
        dirs.iter().map(|dir| dir.as_ref().map_or("top".into(), ToString::to_string)).collect();
    assert_eq!(told, ["a/b", "a", "top"]);
    assert_eq!(upwards(None), [None]);
}

#[test]
fn a_step_that_sees_a_link_sees_where_it_leads() {
    let tree = Linked::new(
        &["requirements/prod.txt"],
        &[("requirements.txt", "current"), ("current", "requirements/prod.txt"), ("gone", "nowhere")],
    );
    let mut steps = [crate::step::step("x.install", "installs")];
    steps[0].inputs.push(crate::step::source(["requirements.txt", "gone", "*.cfg"]));
    show_link_targets(&tree, &mut steps);
    let seen = ["requirements.txt", "gone", "*.cfg", "current", "requirements/prod.txt"];
    assert_eq!(steps[0].inputs, [crate::step::source(seen)]);
}

#[test]
fn what_sees_a_link_sees_its_target() {
    let tree = Linked::new(&["a/one", "two"], &[("link", "a/one"), ("lost", "nothing")]);
    let files = ["link", "two", "lost", "a"].map(str::to_owned).to_vec();
    assert_eq!(with_targets(&tree, files), ["link", "two", "lost", "a", "a/one"]);
}
