//! What every implementation of a port promises, as a test suite that any crate can run on its implementation.
//! Each function returns the first promise that is broken.

use std::collections::BTreeMap;
use std::io::{self, Read};

use packwright_oci::{Digest, Entry, Node, RelPath, Tree};

use crate::error::StoreError;
use crate::namespace::Namespace;
use crate::ports::{ActionCache, ContentStore, copy_all, has_all};

/// A description of the promise that is broken.
pub type BrokenPromise = String;

fn promise(holds: bool, promise: &str) -> Result<(), BrokenPromise> {
    match holds {
        true => Ok(()),
        false => Err(promise.to_owned()),
    }
}

fn succeeds<T>(result: Result<T, StoreError>, what: &str) -> Result<T, BrokenPromise> {
    result.map_err(|error| format!("{what}: {error}"))
}

/// Tests the promises of a [`ContentStore`]. `contents` must not hold contents of the suite yet.
pub fn content_store(contents: &dyn ContentStore) -> Result<(), BrokenPromise> {
    let bytes = b"the conformance suite's content";
    let (digest, size) = (Digest::of(bytes), bytes.len() as u64);
    promise(!succeeds(contents.has(&digest, size), "asking")?, "what was not put is not there")?;
    promise(
        matches!(contents.open(&digest), Err(StoreError::Missing { .. })),
        "opening what is not there is `Missing`",
    )?;

    let put = succeeds(contents.put(&mut &bytes[..], None), "putting")?;
    promise(put == (digest, size), "a content is named by its digest and length")?;
    promise(succeeds(contents.has(&digest, size), "asking")?, "what was put is there")?;
    promise(!succeeds(contents.has(&digest, size + 1), "asking")?, "it is there with its own length only")?;
    let mut read = Vec::new();
    let opened = succeeds(contents.open(&digest), "opening")?.read_to_end(&mut read);
    promise(opened.is_ok() && read == bytes, "what was put is what is read")?;
    let again = succeeds(contents.put(&mut &bytes[..], Some((digest, size))), "putting it again")?;
    promise(again == (digest, size), "the same content may be put twice")?;
    let empty = succeeds(contents.put(&mut io::empty(), None), "putting nothing")?;
    promise(empty == (Digest::of(b""), 0), "an empty content is one")?;

    let other = Digest::of(b"something else");
    for expected in [(other, 5), (Digest::of(b"short"), 6)] {
        let refused = contents.put(&mut &b"short"[..], Some(expected));
        promise(matches!(refused, Err(StoreError::Mismatch { .. })), "a wrong content is a `Mismatch`")?;
    }
    promise(!succeeds(contents.has(&other, 5), "asking")?, "a wrong content does not get the expected name")?;
    let torn = contents.put(&mut FailingReader(b"half of it"), None);
    promise(torn.is_err(), "a content that cannot be read to its end is not taken in")?;
    let half = succeeds(contents.has(&Digest::of(b"half of it"), 10), "asking")?;
    promise(!half, "half of a content is not there")?;

    let large: Vec<u8> = (0..3_000_000_u32).map(|number| number.to_le_bytes()[1]).collect();
    let named = succeeds(contents.put(&mut large.as_slice(), None), "putting a large content")?;
    let mut read = Vec::new();
    let opened = succeeds(contents.open(&named.0), "opening a large content")?.read_to_end(&mut read);
    promise(opened.is_ok() && read == large, "a large content is read as it was put")
}

/// A reader that gives some bytes, then fails.
struct FailingReader(&'static [u8]);

impl Read for FailingReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.is_empty() {
            true => Err(io::Error::other("torn")),
            false => self.0.read(buffer),
        }
    }
}

/// Tests the promises of an [`ActionCache`], which must not hold keys of the suite yet. `contents` is the content
/// store that is used with it.
pub fn action_cache(actions: &dyn ActionCache, contents: &dyn ContentStore) -> Result<(), BrokenPromise> {
    const ONE: Namespace = Namespace::new("conformance-one");
    const OTHER: Namespace = Namespace::new("conformance-other");
    let key = Digest::of(b"the conformance suite's key");
    let nothing = succeeds(actions.get(ONE, &key), "getting")?;
    promise(nothing.is_none(), "what was not put is not there")?;

    let mut trees = Vec::new();
    for text in ["first", "second"] {
        let (digest, size) = succeeds(contents.put(&mut text.as_bytes(), None), "putting a content")?;
        let mut tree = Tree::new();
        let path: RelPath = "dir/file".parse().map_err(|error| format!("a path: {error}"))?;
        let inserted = tree.insert(path, Entry::file(digest, size, 0o755));
        promise(inserted.is_ok(), "a tree takes a file")?;
        trees.push(tree);
    }
    for tree in &trees {
        let digest = succeeds(actions.put(ONE, &key, tree), "putting")?;
        let found = succeeds(actions.get(ONE, &key), "getting")?.ok_or("what was put is there")?;
        promise(found.tree == *tree, "what was put last is what is got")?;
        promise(found.digest == digest, "the digest is the one that putting gave")?;
        let whole = succeeds(has_all(contents, &found.tree), "asking")?;
        promise(whole, "the contents of a result are there")?;
    }
    promise(succeeds(actions.get(OTHER, &key), "getting")?.is_none(), "namespaces are apart")?;
    let other_key = Digest::of(b"another key");
    promise(succeeds(actions.get(ONE, &other_key), "getting")?.is_none(), "keys are apart")?;

    let link: RelPath = "link".parse().map_err(|error| format!("a path: {error}"))?;
    let target: RelPath = "nowhere".parse().map_err(|error| format!("a path: {error}"))?;
    let link =
        BTreeMap::from([(link, Entry { node: Node::Hardlink { target }, ..Entry::file(key, 0, 0o644) })]);
    if let Ok(loose) = Tree::try_from(link) {
        let refused = actions.put(OTHER, &key, &loose);
        promise(matches!(refused, Err(StoreError::LooseLink { .. })), "a loose link is refused")?;
    }
    Ok(())
}

/// Tests that a result can be copied from one pair of ports to another, as between a machine and a shared cache.
pub fn moves(
    from: (&dyn ActionCache, &dyn ContentStore),
    to: (&dyn ActionCache, &dyn ContentStore),
) -> Result<(), BrokenPromise> {
    const MOVES: Namespace = Namespace::new("conformance-moves");
    let key = Digest::of(b"moves");
    let (digest, size) = succeeds(from.1.put(&mut &b"it moves"[..], None), "putting a content")?;
    let mut tree = Tree::new();
    let path: RelPath = "file".parse().map_err(|error| format!("a path: {error}"))?;
    promise(tree.insert(path, Entry::file(digest, size, 0o644)).is_ok(), "a tree takes a file")?;
    let there = succeeds(from.0.put(MOVES, &key, &tree), "putting")?;

    let found = succeeds(from.0.get(MOVES, &key), "getting")?.ok_or("what was put is there")?;
    succeeds(copy_all(from.1, to.1, &found.tree), "copying")?;
    let here = succeeds(to.0.put(MOVES, &key, &found.tree), "putting")?;
    promise(there == here, "a tree has the same digest everywhere")?;
    promise(succeeds(has_all(to.1, &tree), "asking")?, "its contents came along")
}
