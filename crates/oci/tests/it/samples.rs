//! Trees to try things on.

use std::num::NonZero;

use packwright_oci::{
    Compression, EncodedLayer, Entry, LayerOptions, MemoryStore, Node, RelPath, Tree, encode_layer,
};

pub(crate) fn path(text: &str) -> RelPath {
    text.parse().expect("the samples name plain paths")
}

pub(crate) fn encode(
    tree: &Tree,
    store: &MemoryStore,
    compression: Compression,
    threads: usize,
) -> (Vec<u8>, EncodedLayer) {
    let threads = NonZero::new(threads).expect("the samples use at least one thread");
    let options = LayerOptions::default().with_compression(compression).with_threads(threads);
    let mut out = Vec::new();
    let layer = encode_layer(tree, store, &options, &mut out).expect("the samples can be encoded");
    (out, layer)
}

pub(crate) fn file(store: &mut MemoryStore, content: &[u8], mode: u32) -> Entry {
    Entry::file(store.insert(content), content.len() as u64, mode)
}

/// One of everything a tree can hold.
pub(crate) fn one_of_everything() -> (Tree, MemoryStore) {
    let mut store = MemoryStore::new();
    let mut tree = Tree::new();
    let mut add = |name: &str, entry: Entry| {
        tree.insert(path(name), entry).expect("the samples put files below directories")
    };
    let shared = file(&mut store, b"#!/bin/sh\nexec app\n", 0o755);
    add("bin", Entry::symlink("usr/bin"));
    add("app", Entry::dir(0o755).owned_by(1000, 1000));
    add("app/main", shared.clone());
    // The tree calls the later name the file; the layer must not.
    add("app/also", Entry { node: Node::Hardlink { target: path("app/main") }, ..shared });
    add("app/empty", file(&mut store, b"", 0o644).owned_by(1000, 0));
    add("app/-first", file(&mut store, b"sorts before .wh.", 0o600));
    add("app/gone", Entry::whiteout());
    add("gone", Entry::whiteout());
    add("tmp", Entry::dir(0o1777));
    add("usr/bin/su", file(&mut store, &[7; 3000], 0o4755));
    let mut capable = file(&mut store, b"ping", 0o755);
    capable.xattrs.insert(
        "security.capability".to_owned(),
        vec![1, 0, 0, 2, 0, 0x20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    );
    capable.xattrs.insert("user.note".to_owned(), b"line\nfeed".to_vec());
    add("usr/bin/ping", capable);
    add("usr/share/größe/日本語.txt", file(&mut store, "ä".as_bytes(), 0o644));
    add("usr/share/link", Entry::symlink("größe/日本語.txt"));
    let long = format!("usr/lib/{}/{}", "a".repeat(120), "b".repeat(90));
    add(&long, file(&mut store, b"fits with a prefix", 0o644));
    let longer = format!("usr/lib/{}", "c".repeat(180));
    add(&longer, Entry::symlink(format!("../{}", "d".repeat(150))));
    add("usr/lib/owned", file(&mut store, b"x", 0o644).owned_by(2_097_151, 2_097_152));
    (tree, store)
}

/// Files that fill several blocks of every compressor, compressible and not.
pub(crate) fn several_blocks() -> (Tree, MemoryStore) {
    let mut store = MemoryStore::new();
    let mut tree = Tree::new();
    let mut state = 1_u64;
    for number in 0..9_usize {
        let content: Vec<u8> = (0..1_300_000 + number * 77)
            .map(|position| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let noise = (state >> 56) as u8;
                if number.is_multiple_of(2) { noise & 0x0f } else { (position / 100) as u8 }
            })
            .collect();
        let entry = file(&mut store, &content, 0o644);
        tree.insert(path(&format!("data/{number}")), entry).expect("the samples put files below directories");
    }
    (tree, store)
}
