//! [`LANGUAGES`]: facts of two languages as the readers get them from buildpacks, for the tests. No reader
//! may use them.

use packwright_planner::Language;

const PYTHON: Language = Language::new("python", "Python")
    .manifests(&["requirements.txt", "Pipfile", "main.py"])
    .package_managers(&["pip", "poetry"])
    .client_variables(&["pip_*"]);

const NODE: Language = Language::new("node", "Node.js")
    .manifests(&["package.json"])
    .package_managers(&["npm", "pnpm"])
    .client_variables(&["npm_*"]);

const RUBY: Language = Language::new("ruby", "Ruby").manifests(&["Gemfile"]).unsupported();

/// Two languages that are built, and one that is only recognised.
pub(crate) const LANGUAGES: &[&Language] = &[&PYTHON, &NODE, &RUBY];
