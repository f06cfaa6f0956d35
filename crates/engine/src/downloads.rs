//! [`StoreDownloads`]: the gateway's download cache in the store. A content is a blob, shared with everything that has the
//! same bytes. A response is a record `download/<key>` that refers to its blob and so keeps it from being pruned.
//!
//! A step gets a thousand answers, and a disk may take a hundredth of a second to confirm one. So records wait in
//! memory until the end of the step, and are then written together.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};

use packwright_gateway::{CacheQuota, DownloadCache, Incoming, Kept};
use packwright_oci::Digest;
use packwright_planner::{Diagnostic, StepName};
use packwright_sandbox::Limits;
use packwright_store::{BlobWriter, Store};
use serde::{Deserialize, Serialize};

use crate::namespace::DOWNLOAD;

/// Most records that wait in memory.
const MOST_PENDING: usize = 4096;

/// The download cache in a store. Any number of builds use it at once, and each sees what the others have settled
/// (see [`DownloadCache::settle`]). Clones are the same cache: what one keeps, the others find at once.
#[derive(Debug, Clone)]
pub struct StoreDownloads(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    store: Arc<Store>,
    /// What is not written yet.
    pending: Mutex<BTreeMap<Digest, Arc<DownloadRecord>>>,
    /// Held while it is written, so that an older record does not come after a newer one.
    settling: Mutex<()>,
}

impl StoreDownloads {
    /// The one of `store`.
    pub fn new(store: Arc<Store>) -> StoreDownloads {
        let (pending, settling) = Default::default();
        StoreDownloads(Arc::new(Shared { store, pending, settling }))
    }
}

/// How much of what one try of a step downloads is kept: as much as the step may write to disk itself.
pub(crate) fn quota(limits: &Limits) -> CacheQuota {
    let most = CacheQuota::default();
    CacheQuota { bytes: limits.disk.unwrap_or(most.bytes), files: limits.files.unwrap_or(most.files) }
}

/// What is said of a step that downloaded more than that.
pub(crate) fn over_quota(step: &StepName, quota: CacheQuota) -> Diagnostic {
    let CacheQuota { bytes, files } = quota;
    Diagnostic::info("cache/downloads", format!("not all that step `{step}` downloaded is kept in the store"))
        .why(format!("of one step, responses of {bytes} bytes in {files} files are kept; a response is two files"))
        .fix("if the rest is to be kept too, raise `--max-disk` and `--max-files`; without them it is fetched again")
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, BTreeMap<Digest, Arc<DownloadRecord>>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes what is pending. What cannot be written is given up: it is fetched again then.
    fn settle(&self, _settling: MutexGuard<'_, ()>) -> io::Result<()> {
        // They stay pending meanwhile, to be found.
        let records: Vec<(Digest, Arc<DownloadRecord>)> =
            self.pending().iter().map(|(key, record)| (*key, Arc::clone(record))).collect();
        let to_write: Vec<(Digest, &DownloadRecord)> =
            records.iter().map(|(key, record)| (*key, &**record)).collect();
        let result = self.store.put_records(DOWNLOAD, &to_write).map_err(io::Error::other);
        let mut pending = self.pending();
        for (key, record) in &records {
            if pending.get(key).is_some_and(|now| Arc::ptr_eq(now, record)) {
                pending.remove(key);
            }
        }
        result
    }
}

/// The record of an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DownloadRecord {
    status: u16,
    fields: Vec<(String, String)>,
    content: Digest,
    size: u64,
    current_at: u64,
}

impl DownloadCache for StoreDownloads {
    fn find(&self, key: &Digest) -> io::Result<Option<Kept>> {
        let pending = self.0.pending().get(key).cloned();
        let record = match pending {
            Some(record) => Some(DownloadRecord::clone(&record)),
            None => self.0.store.record(DOWNLOAD, key).map_err(io::Error::other)?.map(|record| record.value),
        };
        let Some(DownloadRecord { status, fields, content, size, current_at }) = record else {
            return Ok(None);
        };
        if !self.0.store.has_blob(&content, Some(size)) {
            return Ok(None);
        }
        let fields = fields.into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
        Ok(Some(Kept { status, fields, content, size, current_at }))
    }

    fn open(&self, digest: &Digest) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.0.store.open_blob(digest).map_err(io::Error::other)?))
    }

    fn incoming(&self) -> io::Result<Box<dyn Incoming + '_>> {
        Ok(Box::new(IncomingBlob(self.0.store.blob_writer().map_err(io::Error::other)?)))
    }

    fn keep(&self, key: &Digest, kept: &Kept) -> io::Result<()> {
        let text =
            |(name, value): &(String, Vec<u8>)| Some((name.clone(), String::from_utf8(value.clone()).ok()?));
        // Records are JSON text: a response with a field that is not UTF-8 is not stored.
        let Some(fields) = kept.fields.iter().map(text).collect() else { return Ok(()) };
        let Kept { status, content, size, current_at, .. } = *kept;
        let record = DownloadRecord { status, fields, content, size, current_at };
        let count = {
            let mut pending = self.0.pending();
            pending.insert(*key, Arc::new(record));
            pending.len()
        };
        if count <= MOST_PENDING {
            return Ok(());
        }
        match self.0.settling.try_lock() {
            Ok(settling) => self.0.settle(settling),
            Err(TryLockError::Poisoned(poisoned)) => self.0.settle(poisoned.into_inner()),
            // Another thread is at it.
            Err(TryLockError::WouldBlock) => Ok(()),
        }
    }

    fn settle(&self) -> io::Result<()> {
        self.0.settle(self.0.settling.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct IncomingBlob<'a>(BlobWriter<'a>);

impl Write for IncomingBlob<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl Incoming for IncomingBlob<'_> {
    fn keep(self: Box<Self>) -> io::Result<Digest> {
        self.0.finish_unflushed(None).map(|(digest, _)| digest).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer whose content is there.
    fn kept(cache: &StoreDownloads) -> Kept {
        let mut incoming = cache.incoming().unwrap();
        incoming.write_all(b"content").unwrap();
        let content = incoming.keep().unwrap();
        let fields = vec![("etag".to_owned(), b"\"e\"".to_vec())];
        Kept { status: 302, fields, content, size: 7, current_at: 5 }
    }

    #[test]
    fn the_cache_in_a_store_keeps_what_it_promises() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(&dir.path().join("store")).unwrap());
        packwright_gateway::conformance::download_cache(&StoreDownloads::new(store)).unwrap();
        let drafts = std::fs::read_dir(dir.path().join("store/scratch")).unwrap();
        let left = drafts.flat_map(|dir| std::fs::read_dir(dir.unwrap().path()).unwrap());
        assert_eq!(left.count(), 0, "what was not kept left nothing");
    }

    #[test]
    fn what_is_settled_is_there_for_others() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(&dir.path().join("store")).unwrap());
        let (cache, other) = (StoreDownloads::new(Arc::clone(&store)), StoreDownloads::new(store));
        let (key, first) = (Digest::of(b"key"), kept(&cache));
        let second = Kept { status: 200, ..first.clone() };
        cache.settle().unwrap();
        cache.keep(&key, &first).unwrap();
        assert_eq!(cache.clone().find(&key).unwrap().as_ref(), Some(&first), "a clone is the same cache");
        assert_eq!(other.find(&key).unwrap(), None);
        cache.clone().settle().unwrap();
        assert_eq!(other.find(&key).unwrap().as_ref(), Some(&first));
        assert!(cache.0.pending().is_empty());
        cache.keep(&key, &second).unwrap();
        assert_eq!(
            cache.find(&key).unwrap().as_ref(),
            Some(&second),
            "what waits is newer than what is written"
        );
        assert_eq!(other.find(&key).unwrap().as_ref(), Some(&first));
        cache.settle().unwrap();
        assert_eq!(other.find(&key).unwrap(), Some(second));
    }

    #[test]
    fn as_much_is_kept_as_a_step_may_write() {
        let limits = Limits { disk: Some(7), ..crate::context::STEP_LIMITS };
        assert_eq!(quota(&limits), CacheQuota { bytes: 7, ..CacheQuota::default() });
        assert_eq!(quota(&crate::context::STEP_LIMITS), CacheQuota::default());
    }

    #[test]
    fn not_more_than_so_many_wait() {
        let dir = tempfile::tempdir().unwrap();
        let cache = StoreDownloads::new(Arc::new(Store::open(&dir.path().join("store")).unwrap()));
        let kept = kept(&cache);
        let key = |number: usize| Digest::of(&number.to_le_bytes());
        for number in 0..=MOST_PENDING {
            assert_eq!(cache.0.pending().len(), number);
            cache.keep(&key(number), &kept).unwrap();
        }
        assert!(cache.0.pending().is_empty());
        assert_eq!(cache.find(&key(0)).unwrap().as_ref(), Some(&kept));
        assert_eq!(cache.find(&key(MOST_PENDING)).unwrap(), Some(kept));
    }

    #[test]
    fn what_cannot_be_written_is_given_up() {
        let dir = tempfile::tempdir().unwrap();
        let cache = StoreDownloads::new(Arc::new(Store::open(&dir.path().join("store")).unwrap()));
        let (key, kept) = (Digest::of(b"key"), kept(&cache));
        std::fs::write(dir.path().join("store/records/download"), "in the way").unwrap();
        cache.keep(&key, &kept).unwrap();
        assert!(cache.settle().is_err());
        assert!(cache.0.pending().is_empty());
        cache.settle().unwrap();
    }
}
