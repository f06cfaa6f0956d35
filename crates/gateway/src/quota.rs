//! [`CacheQuota`]: how much one session may add to the download cache, and [`Quota`], which counts it. Without it, a step
//! could fill the host's disk with responses of a server of its own.
//!
//! What is over the quota is still passed on and recorded; it is only not kept. A share of the quota is taken before
//! bytes are written, and given back when nothing of them stays.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use packwright_oci::Digest;

use crate::cache::{DownloadCache, Incoming};

/// How much one session may add to the download cache. Responses that are served from the cache add nothing; one that is
/// fetched again counts again, even where its content is stored already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheQuota {
    /// Bytes of contents and of header fields.
    pub bytes: u64,
    /// Files. Each response counts as two, its content and its record.
    pub files: u64,
}

impl Default for CacheQuota {
    /// 32 GiB in 200,000 files: several times what the largest application downloads.
    fn default() -> CacheQuota {
        CacheQuota { bytes: 32 << 30, files: 200_000 }
    }
}

/// Files for each response: its content and its record.
const FILES_OF_A_RESPONSE: u64 = 2;

/// The quota of one session, and what is used of it.
#[derive(Debug)]
pub(crate) struct Quota {
    most: CacheQuota,
    used: Mutex<Used>,
}

#[derive(Debug, Default)]
struct Used {
    bytes: u64,
    files: u64,
    /// Whether something was not kept because there was no room.
    is_exceeded: bool,
}

impl Quota {
    pub(crate) fn new(most: CacheQuota) -> Quota {
        Quota { most, used: Mutex::default() }
    }

    /// Whether something was not kept because of the quota.
    pub(crate) fn is_exceeded(&self) -> bool {
        self.used().is_exceeded
    }

    /// A writer for the content of a response with `fields` bytes of header fields, of which `announced` bytes are to
    /// come, as far as that is known; `None` if the quota or the cache has no room.
    pub(crate) fn incoming<'a>(
        &'a self,
        cache: &'a dyn DownloadCache,
        fields: u64,
        announced: Option<u64>,
    ) -> Option<Box<dyn Incoming + 'a>> {
        let mut share = Share { quota: self, bytes: 0, files: 0 };
        // Nothing is written of what will not fit.
        let fits = self.has_room(fields.saturating_add(announced.unwrap_or(0)));
        if !fits || !share.take(fields, FILES_OF_A_RESPONSE) {
            return None;
        }
        let incoming = cache.incoming().ok()?;
        Some(Box::new(CountedIncoming { incoming, share }))
    }

    /// Takes `bytes` for a record that replaces a smaller one; whether there is room.
    pub(crate) fn take_for_growth(&self, bytes: u64) -> bool {
        let mut share = Share { quota: self, bytes: 0, files: 0 };
        let is_taken = share.take(bytes, 0);
        share.stays();
        is_taken
    }

    fn has_room(&self, bytes: u64) -> bool {
        let mut used = self.used();
        let fits = used.bytes.saturating_add(bytes) <= self.most.bytes;
        used.is_exceeded |= !fits;
        fits
    }

    fn used(&self) -> MutexGuard<'_, Used> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What one content has taken of the quota. It is given back when this is dropped, unless it [stays](Share::stays).
struct Share<'a> {
    quota: &'a Quota,
    bytes: u64,
    files: u64,
}

impl Share<'_> {
    /// Takes more of the quota; whether there is room for all of it.
    fn take(&mut self, bytes: u64, files: u64) -> bool {
        let most = self.quota.most;
        let mut used = self.quota.used();
        let (all_bytes, all_files) = (used.bytes.saturating_add(bytes), used.files.saturating_add(files));
        if all_bytes > most.bytes || all_files > most.files {
            used.is_exceeded = true;
            return false;
        }
        (used.bytes, used.files) = (all_bytes, all_files);
        self.bytes += bytes;
        self.files += files;
        true
    }

    /// Gives nothing back: it is in the cache now.
    fn stays(mut self) {
        (self.bytes, self.files) = (0, 0);
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut used = self.quota.used();
        used.bytes -= self.bytes;
        used.files -= self.files;
    }
}

/// A content on its way into the cache. Writing fails where the quota ends.
struct CountedIncoming<'a> {
    // Dropped first: the bytes are gone before their share is given back.
    incoming: Box<dyn Incoming + 'a>,
    share: Share<'a>,
}

impl Write for CountedIncoming<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.share.take(bytes.len() as u64, 0) {
            return Err(io::ErrorKind::QuotaExceeded.into());
        }
        self.incoming.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.incoming.flush()
    }
}

impl Incoming for CountedIncoming<'_> {
    fn keep(self: Box<Self>) -> io::Result<Digest> {
        let CountedIncoming { incoming, share } = *self;
        let digest = incoming.keep()?;
        share.stays();
        Ok(digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cache::MemoryDownloads;

    fn quota(bytes: u64, files: u64) -> Quota {
        Quota::new(CacheQuota { bytes, files })
    }

    #[test]
    fn what_is_not_kept_gives_its_share_back() {
        let (cache, quota) = (MemoryDownloads::default(), quota(100, 2));
        for _ in 0..3 {
            let mut broken = quota.incoming(&cache, 10, None).unwrap();
            broken.write_all(&[1; 80]).unwrap();
        }
        assert!(!quota.is_exceeded());
        let mut kept = quota.incoming(&cache, 10, Some(90)).unwrap();
        kept.write_all(&[2; 90]).unwrap();
        kept.keep().unwrap();
        assert!(quota.incoming(&cache, 0, None).is_none(), "no more files");
        assert!(quota.is_exceeded() && !quota.take_for_growth(1));
    }

    #[test]
    fn what_is_written_and_what_is_announced_counts() {
        let (cache, quota) = (MemoryDownloads::default(), quota(100, 100));
        assert!(quota.incoming(&cache, 10, Some(91)).is_none());
        assert!(quota.incoming(&cache, 10, Some(u64::MAX)).is_none());
        let mut first = quota.incoming(&cache, 10, None).unwrap();
        first.write_all(&[1; 50]).unwrap();
        let mut second = quota.incoming(&cache, 10, Some(30)).unwrap();
        second.write_all(&[2; 30]).unwrap();
        assert_eq!(second.write_all(&[2]).unwrap_err().kind(), io::ErrorKind::QuotaExceeded);
        drop(first);
        second.write_all(&[2; 60]).unwrap();
    }
}
