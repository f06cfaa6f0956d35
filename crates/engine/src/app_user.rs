//! The user that an application belongs to and that its processes run as.

/// The user and group that the image's processes run as.
pub const APP_USER: (u32, u32) = (1000, 0);
