//! [`Dialect`]: Platform.sh or Upsun. Both have the same applications, in different files.

/// Which of the two platforms wrote a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Platform.sh.
    Platformsh,
    /// Upsun.
    Upsun,
}

impl Dialect {
    /// The beginning of codes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Dialect::Platformsh => "platformsh",
            Dialect::Upsun => "upsun",
        }
    }

    /// What the platform calls itself.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Dialect::Platformsh => "Platform.sh",
            Dialect::Upsun => "Upsun",
        }
    }

    /// A code of this platform's diagnostics.
    pub(crate) fn code(self, name: &str) -> String {
        format!("{}/{name}", self.name())
    }
}
