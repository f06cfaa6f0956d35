//! The ports' promises, on a directory and in memory.

use packwright_store::{Blobs, Files, MemoryActions, MemoryContents, conformance};

use crate::store;

#[test]
fn contents_keep_their_promises() {
    let (_dir, store) = store();
    conformance::content_store(&Files(&store)).unwrap();
    conformance::content_store(&Blobs(&store)).unwrap();
    conformance::content_store(&MemoryContents::default()).unwrap();
}

#[test]
fn actions_keep_their_promises() {
    let (_dir, store) = store();
    conformance::action_cache(&store, &Files(&store)).unwrap();
    conformance::action_cache(&MemoryActions::default(), &MemoryContents::default()).unwrap();
}

#[test]
fn results_move_between_a_directory_and_memory() {
    let (_dir, store) = store();
    let (actions, contents) = (MemoryActions::default(), MemoryContents::default());
    conformance::moves((&store, &Files(&store)), (&actions, &contents)).unwrap();
    let (_other_dir, other) = crate::store();
    conformance::moves((&actions, &contents), (&other, &Files(&other))).unwrap();
}
