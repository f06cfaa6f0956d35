//! Results of steps and layers by key: in the store, and in a cache that machines share. The
//! store's own records and roots do not go through here.

use std::time::SystemTime;

use packwright_oci::{Digest, Tree};
use packwright_planner::Diagnostic;
use packwright_store::{
    ActionCache, ActionResult, ContentStore, Namespace, Store, StoreBlobs, StoreError, StoreFiles, copy_all,
    has_all,
};

use crate::context::BuildContext;
use crate::error::BuildError;
use crate::event::Event;
use crate::shared_cache::SharedCache;

/// Which part of the store the contents of a result go into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ContentKind {
    /// Files that roots link to.
    Files,
    /// Bytes that are delivered as they are.
    Blobs,
}

/// Whether a result may come from other machines and go to them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RemoteCaching {
    Allowed,
    /// For answers that expire: each machine asks for its own. For keys that no other store has.
    Never,
}

/// A kind of result, and a key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ResultKey {
    pub(crate) namespace: Namespace,
    pub(crate) digest: Digest,
    pub(crate) contents: ContentKind,
    pub(crate) remote: RemoteCaching,
}

/// The result under `key`, whole and in the store; `None` when it has to be made. One of the store
/// that is not `fresh` does not count.
pub(crate) fn find(
    context: &BuildContext<'_>,
    key: &ResultKey,
    fresh: impl Fn(SystemTime) -> bool,
) -> Result<Option<(Tree, Digest)>, BuildError> {
    let actions: &dyn ActionCache = context.store;
    if let Some(ActionResult { tree, digest, written }) = actions.get(key.namespace, &key.digest)?
        && fresh(written)
        && has_all(&*key.contents.of(context.store), &tree)?
    {
        return Ok(Some((tree, digest)));
    }
    let Some(shared) = shared(context, key) else { return Ok(None) };
    match take_over(context, key, shared) {
        Ok(found) => Ok(found),
        Err(error) => {
            warn(context, "taken from", error);
            Ok(None)
        }
    }
}

/// Keeps `tree` under `key`; gives the tree's digest. The contents of its files are in the store,
/// and on disk. `made_from` are the stored trees that the work was done with: when one of their contents turns out
/// to be damaged, the store forgets the result.
pub(crate) fn keep(
    context: &BuildContext<'_>,
    key: &ResultKey,
    tree: &Tree,
    made_from: &[Digest],
) -> Result<Digest, BuildError> {
    let digest = context.store.put_result(key.namespace, &key.digest, tree, made_from)?;
    if let Some(shared) = shared(context, key) {
        let given = copy_all(&*key.contents.of(context.store), shared.contents, tree)
            .and_then(|()| shared.actions.put(key.namespace, &key.digest, tree));
        if let Err(error) = given {
            warn(context, "given to", error);
        }
    }
    Ok(digest)
}

fn shared<'a>(context: &BuildContext<'a>, key: &ResultKey) -> Option<SharedCache<'a>> {
    context.shared.filter(|_| key.remote == RemoteCaching::Allowed)
}

fn take_over(
    context: &BuildContext<'_>,
    key: &ResultKey,
    shared: SharedCache<'_>,
) -> Result<Option<(Tree, Digest)>, StoreError> {
    let Some(found) = shared.actions.get(key.namespace, &key.digest)? else { return Ok(None) };
    copy_all(shared.contents, &*key.contents.of(context.store), &found.tree)?;
    context.store.commit()?;
    let actions: &dyn ActionCache = context.store;
    let digest = actions.put(key.namespace, &key.digest, &found.tree)?;
    Ok(Some((found.tree, digest)))
}

fn warn(context: &BuildContext<'_>, what: &str, error: StoreError) {
    let message = format!("a result was not {what} the shared cache");
    context.tell(Event::Noticed(Diagnostic::warning("cache/shared", message).why(error.to_string())));
}

impl ContentKind {
    fn of(self, store: &Store) -> Box<dyn ContentStore + '_> {
        match self {
            ContentKind::Files => Box::new(StoreFiles(store)),
            ContentKind::Blobs => Box::new(StoreBlobs(store)),
        }
    }
}
