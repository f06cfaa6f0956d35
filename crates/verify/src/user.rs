//! What the image's user may do with a file. Knows numbers alone: names of users are looked up by nobody here.

use packwright_oci::{Entry, ImageConfig};

/// The user that processes run as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct User(Option<(u32, Option<u32>)>);

impl User {
    /// The configuration's `user`. Root, a name and a missing one may do everything, as far as is known here.
    pub(crate) fn of(config: &ImageConfig) -> User {
        let text = config.user.as_deref().unwrap_or_default();
        let (uid, gid) = text.split_once(':').map_or((text, None), |(uid, gid)| (uid, Some(gid)));
        // A group by name is not known here, nor are the groups of a user without one.
        let gid = gid.and_then(|gid| gid.parse().ok());
        let uid: Option<u32> = uid.parse().ok();
        User(uid.filter(|uid| *uid != 0).map(|uid| (uid, gid)))
    }

    /// Whether it may execute the file.
    pub(crate) fn executes(self, entry: &Entry) -> bool {
        match self.0 {
            None => entry.mode & 0o111 != 0,
            Some(_) => entry.mode & self.bits(entry, 0o1) != 0,
        }
    }

    /// Whether it may make files in the directory.
    pub(crate) fn writes(self, entry: &Entry) -> bool {
        self.0.is_none() || entry.mode & self.bits(entry, 0o2) != 0
    }

    /// `bit` in the place that counts for this user.
    fn bits(self, entry: &Entry, bit: u32) -> u32 {
        match self.0 {
            Some((uid, _)) if uid == entry.uid => bit << 6,
            Some((_, Some(gid))) if gid == entry.gid => bit << 3,
            // It may be in the file's group.
            Some((_, None)) => bit << 3 | bit,
            _ => bit,
        }
    }
}
