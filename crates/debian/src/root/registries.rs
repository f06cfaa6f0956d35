//! Registries that maintainer scripts would make by running the programs that read them: plug-ins of
//! Graphviz, image loaders of gdk-pixbuf, the database of media types. Functions of the tree and
//! of texts the packages bring; nothing is loaded or run.
//!
//! Plug-ins are described by tables, since only their code knows what they can do. A plug-in
//! that is in no table is left out, as it would be when it could not be loaded.

use packwright_oci::{Node, Tree};

pub(super) mod media_types;
#[cfg(test)]
mod tests;

/// A file to be made, with its text.
pub(super) type Made = (String, Vec<u8>);

/// What `dot -c` writes where all plug-ins are there, a section for each.
///
/// Source: Graphviz 2.42 in both suites, whose files are equal.
const GRAPHVIZ: &str = include_str!("registries/graphviz.txt");

/// What `gdk-pixbuf-query-loaders` writes: the loader's file, then its lines; sections are
/// separated by empty lines.
///
/// Source: gdk-pixbuf 2.42 with the loaders of both suites.
const LOADERS: &str = include_str!("registries/loaders.txt");

/// `config6a` beside Graphviz's plug-ins, without which `dot` knows no layout.
pub(super) fn graphviz(tree: &Tree) -> Option<Made> {
    let directory = directory_of(tree, "/graphviz/libgvplugin_core.so.6")?;
    let mut text = String::new();
    let mut wanted = false;
    for line in GRAPHVIZ.lines() {
        if let Some(library) =
            line.split_once(' ').map(|(first, _)| first).filter(|one| one.starts_with("lib"))
        {
            wanted = tree.get(&format!("{directory}/{library}")).is_some();
        }
        if wanted {
            text.push_str(line);
            text.push('\n');
        }
    }
    Some((format!("{directory}/config6a"), text.into_bytes()))
}

/// `loaders.cache` beside gdk-pixbuf's loaders.
pub(super) fn image_loaders(tree: &Tree) -> Option<Made> {
    let loaders = tree
        .iter()
        .find(|(path, entry)| entry.is_dir() && path.as_str().ends_with("/gdk-pixbuf-2.0/2.10.0/loaders"))
        .map(|(path, _)| path.as_str())?;
    let mut text = String::from("# GdkPixbuf Image Loader Modules file\n");
    for section in LOADERS.split("\n\n") {
        let Some((file, lines)) = section.trim_start().split_once('\n') else { continue };
        let path = format!("{loaders}/{file}");
        if tree.get(&path).is_some() {
            text.push_str(&format!("\"/{path}\"\n{}\n\n", lines.trim_end()));
        }
    }
    Some((format!("{}.cache", loaders), text.into_bytes()))
}

/// The directory below `/usr/lib` of the file whose path ends so.
fn directory_of(tree: &Tree, end: &str) -> Option<String> {
    let found = tree.iter().find(|(path, entry)| {
        let file = matches!(entry.node, Node::File { .. } | Node::Symlink { .. });
        file && path.as_str().starts_with("usr/lib/") && path.as_str().ends_with(end)
    });
    found?.0.as_str().rsplit_once('/').map(|(directory, _)| directory.to_owned())
}
