//! [`Language`]: what is true of a language in every application, as data that its buildpack
//! declares. The planner and the rooms above it read these tables and know no language by name.

/// What is true of a language in every application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Language {
    /// Its name in lower case; the names of its steps start with it.
    pub name: &'static str,
    /// Its name as people write it.
    pub title: &'static str,
    /// File names that speak for it, from the top of an application: for the message when nothing is
    /// found, and to find directories worth asking about.
    pub manifests: &'static [&'static str],
    /// How the names of its source files end, with the dot.
    pub source_suffixes: &'static [&'static str],
    /// Files that name a version of it, manifests aside.
    pub version_files: &'static [&'static str],
    /// Its package managers, by the names of their commands.
    pub package_managers: &'static [&'static str],
    /// Variables of the caller's environment that its clients obey (package managers, the language's
    /// own commands), in lower case: a whole name, or with `*` at the end all names that start so.
    pub client_variables: &'static [&'static str],
    /// Variables that its tools put into the files of a front end, public by their names: a whole name, or with
    /// `*` at the end all names that start so.
    pub public_variables: &'static [&'static str],
    /// Names of files and directories that its tools make and that never go into an image, at any
    /// depth, each with the reason.
    pub never_in_image: &'static [(&'static str, &'static str)],
    /// Names of files that mark the directory they are in as made by its tools: such a directory never
    /// goes into an image. Each with the reason.
    pub never_beside: &'static [(&'static str, &'static str)],
    /// Names of directories with the packages of others or with build output: no application is
    /// looked for there.
    pub build_dirs: &'static [&'static str],
    /// Whether a buildpack builds it. One that is only recognised claims its applications so that
    /// the error can name it.
    pub is_supported: bool,
}

impl Language {
    /// A language of which only the names are known.
    pub const fn new(name: &'static str, title: &'static str) -> Language {
        Language {
            name,
            title,
            manifests: &[],
            source_suffixes: &[],
            version_files: &[],
            package_managers: &[],
            client_variables: &[],
            public_variables: &[],
            never_in_image: &[],
            never_beside: &[],
            build_dirs: &[],
            is_supported: true,
        }
    }

    /// Only recognised, not built.
    pub const fn unsupported(self) -> Language {
        Language { is_supported: false, ..self }
    }

    /// With these [`Language::manifests`].
    pub const fn manifests(self, manifests: &'static [&'static str]) -> Language {
        Language { manifests, ..self }
    }

    /// With these [`Language::source_suffixes`].
    pub const fn source_suffixes(self, source_suffixes: &'static [&'static str]) -> Language {
        Language { source_suffixes, ..self }
    }

    /// With these [`Language::version_files`].
    pub const fn version_files(self, version_files: &'static [&'static str]) -> Language {
        Language { version_files, ..self }
    }

    /// With these [`Language::package_managers`].
    pub const fn package_managers(self, package_managers: &'static [&'static str]) -> Language {
        Language { package_managers, ..self }
    }

    /// With these [`Language::client_variables`].
    pub const fn client_variables(self, client_variables: &'static [&'static str]) -> Language {
        Language { client_variables, ..self }
    }

    /// With these [`Language::public_variables`].
    pub const fn public_variables(self, public_variables: &'static [&'static str]) -> Language {
        Language { public_variables, ..self }
    }

    /// With these [`Language::never_in_image`].
    pub const fn never_in_image(self, never_in_image: &'static [(&'static str, &'static str)]) -> Language {
        Language { never_in_image, ..self }
    }

    /// With these [`Language::never_beside`].
    pub const fn never_beside(self, never_beside: &'static [(&'static str, &'static str)]) -> Language {
        Language { never_beside, ..self }
    }

    /// With these [`Language::build_dirs`].
    pub const fn build_dirs(self, build_dirs: &'static [&'static str]) -> Language {
        Language { build_dirs, ..self }
    }

    /// Whether the variable `name` is one that the language's clients obey, in upper or lower case.
    pub fn obeys(&self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        self.client_variables.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *known,
        })
    }

    /// Whether the variable `name` is public by its name.
    pub fn publishes(&self, name: &str) -> bool {
        self.public_variables.iter().any(|known| match known.strip_suffix('*') {
            Some(start) => name.len() > start.len() && name.starts_with(start),
            None => name == *known,
        })
    }

    /// Whether no application is looked for in a directory called `name`, because the language's
    /// tools fill it.
    pub fn fills(&self, name: &str) -> bool {
        self.build_dirs.contains(&name) || self.never_in_image.iter().any(|(never, _)| *never == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEA: Language = Language::new("tea", "Tea")
        .client_variables(&["tea_*", "kettle"])
        .never_in_image(&[("leaves", "the build makes them")])
        .build_dirs(&["pot"]);

    #[test]
    fn variables_are_known_by_name_or_by_prefix_in_any_case() {
        assert!(TEA.obeys("TEA_MIRROR") && TEA.obeys("tea_mirror") && TEA.obeys("KETTLE"));
        assert!(!TEA.obeys("KETTLE_TOKEN") && !TEA.obeys("TEAPOT") && !TEA.obeys("MY_TEA_"));
    }

    #[test]
    fn directories_that_tools_fill_hold_no_application() {
        assert!(TEA.fills("leaves") && TEA.fills("pot"));
        assert!(!TEA.fills("app"));
    }
}
