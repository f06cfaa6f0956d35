//! The local store: everything a build keeps between two runs, and directories as values.
//!
//! ```text
//! <store>/format                 one line: `packwright-store 1`
//!         files/<hh>/<hex>       file contents by digest, mode 0444
//!         files/<hh>/<hex>.x     the same for executables, mode 0555
//!         blobs/sha256/<hex>     stored bytes: packages, indexes, compressed layers, configs
//!         trees/<hex>.json       trees by the digest of this very file
//!         roots/<hex>/           a tree as a directory, its files hard links into `files`
//!         roots/<hex>.made       the boot in which that directory was made or last checked
//!         records/<namespace>/<hex>  results of earlier work: digest line, then JSON
//!         caches/<name>/         directories that steps keep for themselves
//!         scratch/<pid>-<n>/     one per user of the store; its lock says that it lives
//!         locks/                 empty files to lock
//! ```
//!
//! Any number of processes and threads use one store at once. Contents are written under a name
//! of their own and renamed to their digest, so a name is either absent or whole. What a crash
//! may still leave behind (a file whose bytes never reached the disk) is found by its length
//! when it is linked and by its digest when it is read; such an entry is removed, never used.
//!
//! Records make things reachable: what no record names, directly or through a tree, goes at
//! the next [`Store::prune`]. All files and directories of roots carry the same time
//! ([`FILE_TIME`]), so that no clock reaches a build step through them.
//!
//! What a build keeps goes through two ports where it can: [`ContentStore`], bytes by digest, and
//! [`ActionCache`], trees by the key of the work that made them. A [`Store`] is both;
//! [`MemoryContents`] and [`MemoryActions`] are their twins for tests, and a cache that machines
//! share is another crate's. [`conformance`] says what all of them promise. Roots, locks and
//! records are the directory's own.
//!
//! The crate takes all paths from its caller. It reads the clock for two things that reach no
//! image: when a record was last used, and whether a source file is too young to trust its
//! time stamp.

mod blobs;
mod capture;
mod confined_dir;
pub mod conformance;
mod copies;
mod disk_tree;
mod error;
mod files;
mod format;
mod layout;
mod links;
mod lock;
mod memory;
mod merge;
mod namespace;
mod output_dir;
mod ports;
mod prune;
mod records;
mod roots;
mod scan;
mod scratch;
mod stat_cache;
mod store;
mod trees;
mod usage;
mod verified_reader;
mod xattrs;

pub use blobs::{BlobWriter, StoreBlobs};
pub use capture::{
    CaptureError, CaptureRules, Captured, Layering, Modes, SkippedEntry, SpecialKind, capture,
};
pub use disk_tree::{DiskTree, IngestError, SourceAttributes};
pub use error::StoreError;
pub use format::{FILE_TIME, FORMAT};
pub use lock::LockGuard;
pub use memory::{MemoryActions, MemoryContents};
pub use merge::{merged, subtree};
pub use namespace::Namespace;
pub use output_dir::{OutputDir, OutputEntry};
pub use ports::{ActionCache, ActionResult, ContentStore, StoreFiles, copy_all, has_all};
pub use prune::{PrunePolicy, Pruned};
pub use records::Record;
pub use scan::{ScanError, ScanProblem, scan};
pub use scratch::{Scratch, remove_tree};
pub use store::Store;
pub use usage::{DiskUsage, StoreUsage};
pub use verified_reader::VerifiedReader;
