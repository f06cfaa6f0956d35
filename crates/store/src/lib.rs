//! The local store: everything that a build keeps between two runs. Also the two ways in which a directory on disk
//! becomes a value: an application as a `SourceTree`, the output of a step as a `Tree`.
//!
//! ```text
//! <store>/format                 one line: `packwright-store 1`
//!         files/<hh>/<hex>       file contents by digest, mode 0444
//!         files/<hh>/<hex>.x     the same for executables, mode 0555
//!         blobs/sha256/<hex>     stored bytes: packages, indexes, compressed layers, configs
//!         trees/<hex>.json       trees by the digest of this very file
//!         roots/<hex>/           a tree as a directory, its files hard links into `files`
//!         roots/<hex>.made       per boot, what its files looked like when they were last compared with the tree
//!         records/<namespace>/<hex>  results of earlier work: digest line, then JSON
//!         caches/<name>/         directories that steps keep for themselves
//!         scratch/<pid>-<n>/     one per process that uses the store; locked as long as that process runs
//!         locks/                 empty files, there while processes lock them
//! ```
//!
//! Any number of processes and threads use one store at once. A content is written to a temporary
//! file, which is then renamed to its digest, so an entry is either absent or complete. A crash can
//! still leave an entry whose bytes never reached the disk. The store notices this by the length
//! when it links the entry, or by the digest when it reads it, and removes such an entry. With it go the notes
//! that roots with this content are whole, and the results of work that was done with it. A root is compared with
//! its tree before it is given out. Directories are moved into `scratch` before they are removed, so that an
//! interruption leaves a whole one or none.
//!
//! A store has one user: one that another user owns or can write into is refused.
//!
//! Records are the roots of garbage collection: [`Store::prune`] removes what no record names,
//! directly or through a tree. All files and directories of roots, and of copies of them, carry the same time
//! ([`FILE_TIME`]), so that no clock reaches a build step through them.
//!
//! Two ports cover what a cache can share between machines: [`ContentStore`], bytes by digest, and
//! [`ActionCache`], trees by the key of the work that made them. A [`Store`] implements both, and so
//! do [`MemoryContents`] and [`MemoryActions`] for tests. A client of a shared cache belongs in a crate of
//! its own. [`conformance`] tests what every implementation promises. Roots, locks and records exist only in a
//! [`Store`].
//!
//! The crate takes all paths from its caller. It reads the clock for two purposes, neither of which reaches an
//! image: to note when a record was last used, and to tell whether a source file is too young for its time stamp
//! to be trusted.

mod blobs;
mod capture;
mod confined_dir;
pub mod conformance;
mod copies;
mod damage;
mod disk_tree;
mod error;
mod files;
mod format;
mod known_files;
mod layout;
mod links;
mod listing;
mod lock;
mod memory;
mod merge;
mod namespace;
mod output_dir;
mod ports;
mod proof;
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
mod verify;
mod xattrs;

pub use blobs::{BlobWriter, StoreBlobs};
pub use capture::{
    CaptureError, CaptureRules, Captured, Layering, Modes, SkippedEntry, SpecialKind, StrippedEntry, capture,
};
pub use copies::CopiedModes;
pub use disk_tree::{DiskTree, IngestError, SourceAttributes};
pub use error::StoreError;
pub use format::{FILE_TIME, FORMAT};
pub use known_files::KnownFiles;
pub use lock::{LockGuard, LockKind, LockWait, lock_file};
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
pub use verify::Verified;
