//! The files of an environment that stay out of the image, each with its reason.

/// Files of installers that differ from run to run, and files of widespread packages that no program
/// in an image reads. Patterns from the environment's directory:
/// - `.lock`, `.gitignore`, `CACHEDIR.TAG`: uv's own marks on an environment that it manages;
/// - activation scripts: the image has the environment on its PATH;
/// - the tests of pandas, numpy and tornado, with their data: 60 MB that no other module of them
///   imports. numpy's are named file by file: its `testing` takes a helper from among them;
/// - Panel's source maps: debuggers alone ask for them, and they are a tenth of its size.
///
/// Source: searched for imports in pandas 1.5, 2.2 and 3, numpy 1.26, 2.0, 2.2 and newer, tornado 6.
/// Not here: tests of all other packages, since some import theirs.
pub(super) const ENVIRONMENT: &[&str] = &[
    ".lock",
    ".gitignore",
    "CACHEDIR.TAG",
    "bin/activate*",
    "bin/Activate.ps1",
    "lib/python3.*/site-packages/pandas/tests",
    "lib/python3.*/site-packages/numpy/**/tests/test_*",
    "lib/python3.*/site-packages/numpy/**/tests/__pycache__/test_*",
    "lib/python3.*/site-packages/numpy/**/tests/data",
    "lib/python3.*/site-packages/tornado/test",
    "lib/python3.*/site-packages/panel/**/*.map",
];
