//! [`Catalog`]: the languages and platforms that take part, and the plans that follow from them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use packwright_engine::oci::RelPath;
use packwright_engine::planner::{
    AppModel, Buildpack, Ignoring, Language, Plan, PlanError, PlanOptions, Selection, Severity, SourceTree,
};
use packwright_platforms::Platform;

use crate::error::Error;
use crate::public_variables;
use crate::registry::{languages, platforms};
use crate::source::Source;

/// The languages and platforms that take part in a plan, and the platform to plan as.
///
/// Making a plan is a pure function of the source, the options and this catalog: it needs no
/// store, no network and no environment. [`Catalog::default`] has everything.
#[derive(Clone)]
pub struct Catalog {
    languages: Vec<Arc<dyn Buildpack>>,
    platforms: Vec<&'static Platform>,
    chosen: Option<&'static Platform>,
}

impl Default for Catalog {
    fn default() -> Catalog {
        Catalog { languages: languages(), platforms: platforms(), chosen: None }
    }
}

impl fmt::Debug for Catalog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let languages: Vec<&str> = self.languages.iter().map(|buildpack| buildpack.language().name).collect();
        let platforms: Vec<&str> = self.platforms.iter().map(|platform| platform.name).collect();
        f.debug_struct("Catalog")
            .field("languages", &languages)
            .field("platforms", &platforms)
            .field("chosen", &self.chosen.map(|platform| platform.name))
            .finish()
    }
}

impl Catalog {
    /// Adds `buildpack` in front of the others; one of the same name is replaced where it stands.
    #[must_use]
    pub fn buildpack(mut self, buildpack: impl Buildpack + 'static) -> Catalog {
        let added: Arc<dyn Buildpack> = Arc::new(buildpack);
        let name = added.language().name;
        match self.languages.iter_mut().find(|known| known.language().name == name) {
            Some(known) => *known = added,
            None => self.languages.insert(0, added),
        }
        self
    }

    /// Takes these languages and no others, in this order.
    #[must_use]
    pub fn languages(mut self, languages: impl IntoIterator<Item = Arc<dyn Buildpack>>) -> Catalog {
        self.languages = languages.into_iter().collect();
        self
    }

    /// Reads the files of these platforms and no others, in this order of precedence.
    #[must_use]
    pub fn platforms(mut self, platforms: impl IntoIterator<Item = &'static Platform>) -> Catalog {
        self.platforms = platforms.into_iter().collect();
        self
    }

    /// Plans as the platform called `name` would: its own files count, with its own rules, and
    /// those of others do not.
    ///
    /// Errors: the catalog has no such platform.
    pub fn as_platform(mut self, name: &str) -> Result<Catalog, Error> {
        let chosen = self.platforms.iter().copied().find(|platform| platform.name == name);
        self.chosen = Some(chosen.ok_or_else(|| Error::UnknownPlatform {
            name: name.to_owned(),
            known: self.platforms.iter().map(|platform| platform.name).collect(),
        })?);
        Ok(self)
    }

    /// The buildpacks, as the planner takes them.
    pub fn buildpacks(&self) -> Vec<&dyn Buildpack> {
        self.languages.iter().map(|buildpack| &**buildpack).collect()
    }

    /// What is true of the languages in every application.
    pub fn facts(&self) -> Vec<&Language> {
        self.languages.iter().map(|buildpack| buildpack.language()).collect()
    }

    /// The files in the directory `path` without what the tools of these languages make, and
    /// without `outputs`: files and directories, as absolute paths, that a build is going to write,
    /// whether they exist already or not. Ignore files are obeyed, with a chosen platform those that it reads;
    /// the files of platforms are read although an ignore file leaves them out of the image.
    ///
    /// Errors: the directory cannot be read; files that no image can have, all of them.
    pub fn source(&self, path: impl AsRef<Path>, outputs: &[PathBuf]) -> Result<Source, Error> {
        let ignoring = Ignoring::new(self.facts()).reading(packwright_platforms::is_read);
        let ignoring = match self.chosen.and_then(|platform| platform.ignore_files) {
            Some(files) => ignoring.obeying(files),
            None => ignoring,
        };
        Source::scan(path.as_ref(), &ignoring, outputs)
    }

    /// The plan for `source`. What the scan of the source noticed is among its diagnostics.
    ///
    /// [`PlanOptions::addressed`] need not be filled in: the prefixes of variables that speak to
    /// the builders of platforms are added.
    ///
    /// Errors: nothing was recognised; problems that keep the source from being built, all of them.
    pub fn plan(&self, source: &Source, options: &PlanOptions) -> Result<Plan, Error> {
        let mut options = options.clone();
        options.addressed.extend(packwright_platforms::ADDRESSED.map(str::to_owned));
        if let Some(top) = source.path() {
            options.public.extend(public_variables::read(top, source, &self.facts()));
        }
        let model = |_: &dyn SourceTree| self.model(source, options.root.as_ref(), &options.environment);
        let mut plan = packwright_engine::plan(source, &self.buildpacks(), &model, &options)
            .map_err(|error| with_ignored(error, source))?;
        for file in source.outside_image() {
            let here = match &plan.root {
                None => Some(file.clone()),
                Some(root) => file.below(root),
            };
            plan.source.exclude.extend(here.map(|path| Selection::literal(path.as_str())));
        }
        Ok(plan)
    }

    /// What the platform files of `source` declare, with what the scan noticed among the
    /// diagnostics. Files in `root` count wherever that is; `environment` are the caller's
    /// variables, some of which speak to platforms (`NIXPACKS_*`).
    pub fn model(
        &self,
        source: &Source,
        root: Option<&RelPath>,
        environment: &BTreeMap<String, String>,
    ) -> AppModel {
        let mut model = packwright_platforms::model_of(
            &self.platforms,
            source,
            &self.facts(),
            environment,
            self.chosen,
            root,
        );
        model.diagnostics.splice(0..0, source.diagnostics().iter().cloned());
        model
    }

    /// Takes a plan that was made elsewhere or edited, for `source`: what the scan of the source
    /// noticed becomes part of its diagnostics.
    ///
    /// Errors: one of its diagnostics is an error, or a warning when `strict`.
    pub fn adopt(&self, mut plan: Plan, source: &Source, strict: bool) -> Result<Plan, Error> {
        plan.diagnostics.splice(0..0, source.diagnostics().iter().cloned());
        let least = if strict { Severity::Warning } else { Severity::Error };
        let found = plan.diagnostics.iter().filter(|found| found.severity >= least);
        let problems: Vec<_> = found.cloned().collect();
        match problems.is_empty() {
            true => Ok(plan),
            false => Err(PlanError::Problems { problems }.into()),
        }
    }
}

/// The error with the ignore files that left something out, since they may be why nothing was recognised.
fn with_ignored(mut error: PlanError, source: &Source) -> PlanError {
    if let PlanError::NothingDetected { found, .. } = &mut error {
        let ignored = source.ignored();
        let files = ignored.iter().filter(|(reason, _)| reason.ends_with("ignore"));
        found.extend(files.map(|(file, count)| format!("and {count} that `{file}` leaves out")));
    }
    error
}
