//! [`LayerOptions`]: what the caller decides about the bytes of a layer.

use std::num::NonZero;

use crate::profile::Profile;

/// How a layer's tar archive is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Uncompressed.
    None,
    /// A sequence of gzip members, which every reader of OCI images understands.
    Gzip,
    /// A sequence of zstd frames: smaller and faster, for readers of image-spec 1.1.
    Zstd,
}

impl Compression {
    /// The media type of a layer stored this way.
    ///
    /// Source: OCI image-spec, media-types.md.
    pub const fn media_type(self) -> &'static str {
        match self {
            Compression::None => "application/vnd.oci.image.layer.v1.tar",
            Compression::Gzip => "application/vnd.oci.image.layer.v1.tar+gzip",
            Compression::Zstd => "application/vnd.oci.image.layer.v1.tar+zstd",
        }
    }
}

/// What decides a layer's bytes besides its tree. The number of threads does not change them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayerOptions {
    /// The rules of the encoding.
    pub profile: Profile,
    /// The time of every member, in seconds since 1970: the profile's own, or
    /// `SOURCE_DATE_EPOCH`.
    pub epoch: u64,
    /// How the archive is stored.
    pub compression: Compression,
    /// How many threads compress. With one, the caller's thread does.
    pub threads: NonZero<usize>,
}

impl LayerOptions {
    /// The options of `profile`: its own epoch, gzip, one thread.
    pub fn new(profile: Profile) -> LayerOptions {
        LayerOptions {
            profile,
            epoch: profile.epoch(),
            compression: Compression::Gzip,
            threads: NonZero::<usize>::MIN,
        }
    }

    /// The same options with another `epoch`.
    pub fn with_epoch(mut self, epoch: u64) -> LayerOptions {
        self.epoch = epoch;
        self
    }

    /// The same options with another `compression`.
    pub fn with_compression(mut self, compression: Compression) -> LayerOptions {
        self.compression = compression;
        self
    }

    /// The same options with another `threads`.
    pub fn with_threads(mut self, threads: NonZero<usize>) -> LayerOptions {
        self.threads = threads;
        self
    }
}

impl Default for LayerOptions {
    /// The current profile with its own epoch, gzip, one thread.
    fn default() -> LayerOptions {
        LayerOptions::new(Profile::CURRENT)
    }
}
