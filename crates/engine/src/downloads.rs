//! [`StoreDownloads`]: the gateway's download cache in the store. Contents are blobs, shared with everything else that
//! has the same bytes; what is known of an answer is a record, which keeps its content from being pruned.

use std::io::{self, Read, Write};
use std::sync::Arc;

use packwright_gateway::{DownloadCache, Incoming, Kept};
use packwright_oci::Digest;
use packwright_store::{BlobWriter, Store};
use serde::{Deserialize, Serialize};

use crate::namespace::DOWNLOAD;

/// The download cache in a store. Any number of builds use it at once.
#[derive(Debug, Clone)]
pub struct StoreDownloads(Arc<Store>);

impl StoreDownloads {
    /// The one of `store`.
    pub fn new(store: Arc<Store>) -> StoreDownloads {
        StoreDownloads(store)
    }
}

/// The record of an answer.
#[derive(Serialize, Deserialize)]
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
        let record = self.0.record::<DownloadRecord>(DOWNLOAD, key).map_err(io::Error::other)?;
        let Some(DownloadRecord { status, fields, content, size, current_at }) =
            record.map(|record| record.value)
        else {
            return Ok(None);
        };
        if !self.0.has_blob(&content, Some(size)) {
            return Ok(None);
        }
        let fields = fields.into_iter().map(|(name, value)| (name, value.into_bytes())).collect();
        Ok(Some(Kept { status, fields, content, size, current_at }))
    }

    fn open(&self, digest: &Digest) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(self.0.open_blob(digest).map_err(io::Error::other)?))
    }

    fn incoming(&self) -> io::Result<Box<dyn Incoming + '_>> {
        Ok(Box::new(IncomingBlob(self.0.blob_writer().map_err(io::Error::other)?)))
    }

    fn keep(&self, key: &Digest, kept: &Kept) -> io::Result<()> {
        let text =
            |(name, value): &(String, Vec<u8>)| Some((name.clone(), String::from_utf8(value.clone()).ok()?));
        // What is no text would come back as something else; such an answer is fetched each time.
        let Some(fields) = kept.fields.iter().map(text).collect() else { return Ok(()) };
        let Kept { status, content, size, current_at, .. } = *kept;
        let record = DownloadRecord { status, fields, content, size, current_at };
        self.0.put_record(DOWNLOAD, key, &record).map_err(io::Error::other)
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
        self.0.finish(None).map(|(digest, _)| digest).map_err(io::Error::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_come_back_as_they_were_kept() {
        let dir = tempfile::tempdir().unwrap();
        let cache = StoreDownloads::new(Arc::new(Store::open(&dir.path().join("store")).unwrap()));
        let key = Digest::of(b"key");
        assert_eq!(cache.find(&key).unwrap(), None);
        let mut incoming = cache.incoming().unwrap();
        incoming.write_all(b"content").unwrap();
        let content = incoming.keep().unwrap();
        let fields = vec![("etag".to_owned(), b"\"e\"".to_vec())];
        let kept = Kept { status: 302, fields, content, size: 7, current_at: 5 };
        cache.keep(&key, &kept).unwrap();
        assert_eq!(cache.find(&key).unwrap(), Some(kept));
        let mut bytes = Vec::new();
        cache.open(&content).unwrap().read_to_end(&mut bytes).unwrap();
        assert_eq!(bytes, b"content");
        drop(cache.incoming().unwrap());
    }
}
