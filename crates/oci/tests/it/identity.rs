//! Tree → layer → tree is the identity, layer → tree → layer too, and differences overlay back
//! to where they came from.

use std::collections::BTreeMap;
use std::io::{self, Read};

use packwright_oci::{
    ArchiveLimits, Compression, ContentSource, DecodedLayer, Digest, Entry, LayerError, LayerOptions,
    MemoryStore, Node, RelPath, Tree, decode_layer, encode_layer,
};
use proptest::prelude::*;

use crate::samples::{encode, file, one_of_everything, path, several_blocks};

fn decode(bytes: &[u8]) -> (DecodedLayer, MemoryStore) {
    let mut store = MemoryStore::new();
    let layer = decode_layer(bytes, &mut store, &ArchiveLimits::default()).unwrap();
    (layer, store)
}

/// The same tree with the first name of every file being the file.
fn first_names_first(tree: &Tree) -> Tree {
    let mut groups: BTreeMap<RelPath, Vec<RelPath>> = BTreeMap::new();
    for (path, entry) in tree.iter() {
        if let Node::Hardlink { target } = &entry.node {
            groups.entry(target.clone()).or_default().push(path.clone());
        }
    }
    let mut entries = BTreeMap::from(tree.clone());
    for (target, mut names) in groups {
        let file = entries[&target].clone();
        names.push(target);
        names.sort();
        let first = names.remove(0);
        for name in names {
            let node = Node::Hardlink { target: first.clone() };
            entries.insert(name, Entry { node, ..file.clone() });
        }
        entries.insert(first, file);
    }
    Tree::try_from(entries).unwrap()
}

fn check_identity(tree: &Tree, store: &MemoryStore) {
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        let (bytes, layer) = encode(tree, store, compression, 1);
        let (decoded, contents) = decode(&bytes);
        assert_eq!(decoded.tree, first_names_first(tree));
        assert_eq!(decoded.diff_id, layer.diff_id);
        assert_eq!(decoded.tar_size, layer.tar_size);
        assert_eq!((layer.digest, layer.size), (Digest::of(&bytes), bytes.len() as u64));
        assert!(decoded.opaque.is_empty() && decoded.implied.is_empty());
        let (again, _) = encode(&decoded.tree, &contents, compression, 1);
        assert!(again == bytes, "the layer of the decoded tree differs");
    }
}

#[test]
fn one_of_everything_comes_back() {
    let (tree, store) = one_of_everything();
    check_identity(&tree, &store);
}

#[test]
fn threads_and_reads_do_not_reach_the_bytes() {
    struct ByThrees<'a>(&'a MemoryStore);
    struct Threes<R>(R);
    impl<R: Read> Read for Threes<R> {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            let most = bytes.len().min(300_003);
            self.0.read(&mut bytes[..most])
        }
    }
    impl ContentSource for ByThrees<'_> {
        fn open(&self, digest: &Digest) -> io::Result<Box<dyn Read + '_>> {
            Ok(Box::new(Threes(self.0.open(digest)?)))
        }
    }
    let (tree, store) = several_blocks();
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        let (one, layer) = encode(&tree, &store, compression, 1);
        let (four, same) = encode(&tree, &store, compression, 4);
        assert!(one == four && layer == same, "{compression:?} depends on threads");
        let options = LayerOptions::default().with_compression(compression);
        let mut pieces = Vec::new();
        encode_layer(&tree, &ByThrees(&store), &options, &mut pieces).unwrap();
        assert!(one == pieces, "{compression:?} depends on reads");
        assert_eq!(decode(&one).0.tree, tree);
    }
}

#[test]
fn a_changed_content_is_noticed() {
    struct Wrong(Vec<u8>);
    impl ContentSource for Wrong {
        fn open(&self, _: &Digest) -> io::Result<Box<dyn Read + '_>> {
            Ok(Box::new(self.0.as_slice()))
        }
    }
    let mut tree = Tree::new();
    tree.insert(path("a"), file(&mut MemoryStore::new(), b"right", 0o644)).unwrap();
    let encode = |contents: &dyn ContentSource| {
        encode_layer(&tree, contents, &LayerOptions::default(), &mut Vec::new())
    };
    for wrong in ["wrong", "righ", "right!"] {
        let refused = encode(&Wrong(wrong.into()));
        assert!(
            matches!(&refused, Err(LayerError::ContentCorrupted { path, .. }) if path.as_str() == "a"),
            "{wrong}: {refused:?}"
        );
    }
    let refused = encode(&MemoryStore::new());
    assert!(matches!(refused, Err(LayerError::ContentUnreadable { .. })), "{refused:?}");
    assert!(encode(&Wrong("right".into())).is_ok());
}

#[test]
fn what_no_layer_can_hold_is_refused() {
    let store = MemoryStore::new();
    let refused = |name: &str, entry: Entry| {
        let mut tree = Tree::new();
        tree.insert(path(name), entry).unwrap();
        encode_layer(&tree, &store, &LayerOptions::default(), &mut Vec::new()).unwrap_err()
    };
    let whiteout = refused("a/.wh.b", Entry::dir(0o755));
    assert!(matches!(whiteout, LayerError::WhiteoutName { .. }), "{whiteout:?}");
    let mode = refused("a", Entry::dir(0o100_755));
    assert!(matches!(mode, LayerError::Member { .. }), "{mode:?}");
    let nul = refused("a", Entry::symlink("x\0y"));
    assert!(matches!(nul, LayerError::Member { .. }), "{nul:?}");
    let dangling = Entry { node: Node::Hardlink { target: path("x") }, ..Entry::dir(0o644) };
    let dangling = refused("a", dangling);
    assert!(matches!(dangling, LayerError::HardlinkTarget { .. }), "{dangling:?}");
}

/// An independent reader must see the same members.
#[test]
fn another_reader_sees_the_same() {
    let (tree, store) = one_of_everything();
    let (bytes, _) = encode(&tree, &store, Compression::None, 1);
    let expected = first_names_first(&tree);
    let mut archive = tar::Archive::new(bytes.as_slice());
    let mut seen = 0;
    for member in archive.entries().unwrap() {
        let mut member = member.unwrap();
        let name = String::from_utf8(member.path_bytes().into_owned()).unwrap();
        let name = name.trim_end_matches('/').to_owned();
        let plain = name.replace(".wh.", "");
        let entry = expected.get(&plain).unwrap_or_else(|| panic!("{name} is not in the tree"));
        seen += 1;
        assert_eq!(member.header().mtime().unwrap(), 315_532_800);
        if entry.node == Node::Whiteout {
            assert_ne!(name, plain);
            continue;
        }
        assert_eq!(member.header().mode().unwrap(), entry.mode, "{name}");
        let link = member.link_name_bytes().map(|link| String::from_utf8(link.into()).unwrap());
        match &entry.node {
            Node::File { digest, size } => {
                let mut content = Vec::new();
                member.read_to_end(&mut content).unwrap();
                assert_eq!((Digest::of(&content), content.len() as u64), (*digest, *size));
            }
            Node::Symlink { target } => assert_eq!(link.as_ref(), Some(target)),
            Node::Hardlink { target } => assert_eq!(link.as_deref(), Some(target.as_str())),
            Node::Dir => assert!(member.header().entry_type().is_dir()),
            Node::Whiteout => unreachable!("handled above"),
        }
    }
    assert_eq!(seen, tree.len());
}

fn part() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[ab]",
        2 => "[a-c.+-]{2,3}".prop_filter("no dots alone", |part| !matches!(part.as_str(), "..")),
        1 => "[é日ß]{1,3}",
        1 => "x{95,160}",
    ]
}

fn name() -> impl Strategy<Value = RelPath> {
    proptest::collection::vec(part(), 1..5).prop_filter_map("whiteout names", |parts| {
        let plain = parts.iter().all(|part| !part.starts_with(".wh."));
        plain.then(|| parts.join("/").parse().ok()).flatten()
    })
}

#[derive(Debug, Clone)]
enum Made {
    Dir,
    File(Vec<u8>),
    Symlink(String),
    Hardlink(prop::sample::Index),
    Whiteout,
}

fn made(whiteouts: u32) -> impl Strategy<Value = Made> {
    prop_oneof![
        3 => Just(Made::Dir),
        6 => proptest::collection::vec(any::<u8>(), 0..1500).prop_map(Made::File),
        2 => "[a-z/.é]{1,120}".prop_map(Made::Symlink),
        3 => any::<prop::sample::Index>().prop_map(Made::Hardlink),
        whiteouts => Just(Made::Whiteout),
    ]
}

type Description = Vec<(RelPath, Made, u32, u32, u32)>;

fn description(whiteouts: u32) -> impl Strategy<Value = Description> {
    let owner = prop_oneof![Just(0_u32), 0..70_000_u32, any::<u32>()];
    let one = (name(), made(whiteouts), 0..=0o7777_u32, owner.clone(), owner);
    proptest::collection::vec(one, 0..25)
}

fn build(description: &Description, store: &mut MemoryStore) -> Tree {
    let mut tree = Tree::new();
    for (path, made, mode, uid, gid) in description {
        let entry = match made {
            Made::Dir => Entry::dir(*mode),
            Made::File(content) => file(store, content, *mode),
            Made::Symlink(target) => Entry::symlink(target.as_str()),
            Made::Whiteout => Entry::whiteout(),
            Made::Hardlink(index) => {
                let files: Vec<(RelPath, Entry)> = tree
                    .iter()
                    .filter(|(_, entry)| matches!(entry.node, Node::File { .. }))
                    .map(|(path, entry)| (path.clone(), entry.clone()))
                    .collect();
                if files.is_empty() {
                    continue;
                }
                let (target, file) = index.get(&files).clone();
                if target == *path || target.is_within(path) {
                    continue;
                }
                let entry = Entry { node: Node::Hardlink { target: target.clone() }, ..file };
                // The insertion may make another name the file.
                if tree.insert(path.clone(), entry).is_ok() {
                    assert!(matches!(
                        tree.get(target.as_str()).map(|entry| &entry.node),
                        Some(Node::File { .. })
                    ));
                }
                continue;
            }
        };
        let entry = if matches!(made, Made::Whiteout) { entry } else { entry.owned_by(*uid, *gid) };
        // A path below a file is no path; the description may well ask for it.
        let _ = tree.insert(path.clone(), entry);
    }
    tree
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn trees_come_back(description in description(2)) {
        let mut store = MemoryStore::new();
        let tree = build(&description, &mut store);
        check_identity(&tree, &store);
    }

    #[test]
    fn changes_lead_from_one_tree_to_the_other(
        before in description(0),
        after in description(0),
        kept in any::<u64>(),
    ) {
        let mut store = MemoryStore::new();
        let lower = build(&before, &mut store);
        // The upper tree shares some of the lower one, so that little changes.
        let mut both: Description = before
            .iter()
            .enumerate()
            .filter(|(position, _)| kept >> (position % 64) & 1 == 1)
            .map(|(_, one)| one.clone())
            .collect();
        both.extend(after);
        let upper = build(&both, &mut store);
        let layer = upper.changes_from(&lower);
        prop_assert_eq!(&lower.clone().overlaid(&layer), &upper);
        prop_assert!(upper.changes_from(&upper).is_empty());
        // And through bytes, as a reader of the image sees it.
        let (bytes, _) = encode(&layer, &store, Compression::None, 1);
        let (decoded, _) = decode(&bytes);
        let seen = decoded.over(lower);
        prop_assert_eq!(first_names_first(&seen), first_names_first(&upper));
        // What overlaid, filtered and cut trees promise.
        prop_assert!(Tree::try_from(BTreeMap::from(seen)).is_ok());
    }

    #[test]
    fn removal_and_filters_leave_trees(description in description(0), seed in any::<u64>()) {
        let mut store = MemoryStore::new();
        let tree = build(&description, &mut store);
        let pick = |path: &RelPath| Digest::of(format!("{seed}{path}").as_bytes()).hex().as_str() < "8";
        let filtered = tree.filter(|path, _| pick(path));
        prop_assert!(Tree::try_from(BTreeMap::from(filtered)).is_ok());
        let mut cut = tree.clone();
        for (path, _) in tree.iter().filter(|(path, _)| pick(path)) {
            cut.remove(path);
        }
        prop_assert!(Tree::try_from(BTreeMap::from(cut)).is_ok());
    }
}
