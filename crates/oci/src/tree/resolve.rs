//! Paths of a tree with their symbolic links followed inside it: an absolute target means the tree's own root. Opens
//! nothing.

use super::{Node, Tree};
use crate::RelPath;

/// As many links as Linux follows, with room for the parts of paths between them.
const STEPS: u32 = 400;

impl Tree {
    /// Where `path`, from the root with or without a leading slash, leads when every symbolic link on the way is
    /// followed; `None` when that is not in the tree, or is the root itself.
    ///
    /// Source: path_resolution(7).
    pub fn resolve(&self, path: &str) -> Option<RelPath> {
        let mut todo: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
        let mut at: Vec<String> = Vec::new();
        let mut steps = 0;
        while let Some(part) = todo.pop() {
            steps += 1;
            if steps > STEPS {
                return None;
            }
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    at.pop();
                    continue;
                }
                _ => at.push(part),
            }
            if let Node::Symlink { target } = &self.get(&at.join("/"))?.node {
                at.pop();
                if target.starts_with('/') {
                    at.clear();
                }
                todo.extend(target.split('/').rev().map(str::to_owned));
            }
        }
        at.join("/").parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Digest, Entry, Tree};

    #[test]
    fn links_are_followed_inside_the_root() {
        let mut tree = Tree::new();
        let mut add =
            |path: &str, entry: Entry| tree.insert(path.parse().expect("a path"), entry).expect("a place");
        add("usr/bin/x", Entry::file(Digest::of(b""), 0, 0o755));
        add("bin", Entry::symlink("usr/bin"));
        add("usr/bin/y", Entry::symlink("../../bin/x"));
        add("loop", Entry::symlink("loop"));
        add("out", Entry::symlink("../../../usr/bin/x"));
        let found = |path: &str| tree.resolve(path).map(|path| path.to_string());
        for path in ["/bin/x", "/usr/bin/y", "/bin/y", "/out"] {
            assert_eq!(found(path).as_deref(), Some("usr/bin/x"), "{path}");
        }
        assert_eq!(found("/loop"), None);
        assert_eq!(found("/gone"), None);
    }
}
