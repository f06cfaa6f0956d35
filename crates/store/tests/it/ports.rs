//! The ports' promises, on a directory and in memory.

use packwright_store::{MemoryActions, MemoryContents, StoreBlobs, StoreFiles, conformance};

use crate::store;

#[test]
fn contents_keep_their_promises() {
    let (_dir, store) = store();
    conformance::content_store(&StoreFiles(&store)).unwrap();
    conformance::content_store(&StoreBlobs(&store)).unwrap();
    conformance::content_store(&MemoryContents::default()).unwrap();
}

#[test]
fn actions_keep_their_promises() {
    let (_dir, store) = store();
    conformance::action_cache(&store, &StoreFiles(&store)).unwrap();
    conformance::action_cache(&MemoryActions::default(), &MemoryContents::default()).unwrap();
}

#[test]
fn results_move_between_a_directory_and_memory() {
    let (_dir, store) = store();
    let (actions, contents) = (MemoryActions::default(), MemoryContents::default());
    conformance::moves((&store, &StoreFiles(&store)), (&actions, &contents)).unwrap();
    let (_other_dir, other) = crate::store();
    conformance::moves((&actions, &contents), (&other, &StoreFiles(&other))).unwrap();
}
