//! Requests for a Python version, from every place and in every form, and the version that each gives.

use packwright_buildpack::planner::{Base, Delivered, MemoryTree, Origin, PlanOptions};

use super::with_env;

/// Where a request stands, its words, and the result: the version as it is asked for and who
/// delivers it, or the code of the error.
const REQUESTS: &[(&str, &str, &str)] = &[
    (".python-version", "3", "3.13 from Debian trixie"),
    (".python-version", "3.13", "3.13 from Debian trixie"),
    (".python-version", "3.11.*", "3.11 from Debian bookworm"),
    (".python-version", "3.14", "3.14 by uv"),
    (".python-version", "3.12.4", "3.12.4 by uv"),
    (".python-version", "cpython-3.10", "3.10 by uv"),
    (".python-version", "cpython@3.10", "3.10 by uv"),
    (".python-version", "cpython3.11", "3.11 from Debian bookworm"),
    (".python-version", "cpython-3.12.4-linux-x86_64-gnu", "3.12.4 by uv"),
    (".python-version", "3.12.4/envs/shop", "3.12.4 by uv"),
    (".python-version", "3.11 3.12", "3.11 from Debian bookworm"),
    (".python-versions", "3.11\n3.12\n", "3.11 from Debian bookworm"),
    (".python-version", ">=3.12,<3.13", "3.12 by uv"),
    (".python-version", "pypy3.10", "python/version-unreadable"),
    (".python-version", "3.12-slim", "python/version-unreadable"),
    (".python-version", "3.7", "python/version-unavailable"),
    (".python-version", "2.7.18", "python/version-unavailable"),
    (".python-version", "3.12.99", "python/version-unavailable"),
    (".python-version", "4", "python/version-unavailable"),
    (".tool-versions", "nodejs 22.1.0\npython 3.12.4", "3.12.4 by uv"),
    (".tool-versions", "python 3.11.2 system", "3.11.2 from Debian bookworm"),
    (".tool-versions", "nodejs 22.1.0", "3.13 from Debian trixie"),
    (".tool-versions", "python system", "python/version-unreadable"),
    ("mise.toml", "[tools]\npython = \"3.12\"", "3.12 by uv"),
    ("mise.toml", "[tools]\npython = [\"3.11\", \"3.12\"]", "3.11 from Debian bookworm"),
    ("mise.toml", "[tools]\npython = { version = \"3.14\" }", "3.14 by uv"),
    ("mise.toml", "[tools]\npython = \"latest\"", "3.13 from Debian trixie"),
    ("runtime.txt", "python-3.12.4", "3.12.4 by uv"),
    ("runtime.txt", "python-3.11.9", "3.11.9 from Debian bookworm"),
    ("runtime.txt", "python 3.11.9", "3.11.9 from Debian bookworm"),
    ("runtime.txt", "pypy3.10-7.3.12", "python/version-unreadable"),
    ("mise.local.toml", "[tools]\n\"core:python\" = \"3.11\"", "3.11 from Debian bookworm"),
    ("runtime.txt", "python-3.6.15", "python/version-unavailable"),
    ("Pipfile", "[requires]\npython_version = \"3.9\"", "3.9 by uv"),
    ("Pipfile", "[requires]\npython_full_version = \"3.12.4\"", "3.12.4 by uv"),
    ("Pipfile", "[requires]\npython_version = \"*\"", "3.13 from Debian trixie"),
    ("requires-python", ">=3.9,<3.13", "3.11 from Debian bookworm"),
    ("requires-python", "~=3.12", "3.13 from Debian trixie"),
    ("requires-python", "~=3.12.0", "3.12 by uv"),
    ("requires-python", ">=3.13.1", "3.13 from Debian trixie"),
    ("requires-python", ">=3.13.6", "3.15 by uv"),
    ("requires-python", ">=3.13.6,<3.14", "3.13 by uv"),
    ("requires-python", "==3.11.7", "3.11.7 by uv"),
    ("requires-python", "<3.12", "3.11 from Debian bookworm"),
    ("requires-python", "<3.11", "3.10 by uv"),
    ("requires-python", "!=3.13.*", "3.11 from Debian bookworm"),
    ("requires-python", ">=3.12,!=3.13.*,<3.14", "3.12 by uv"),
    ("requires-python", "==3.12.*,<3.12.5", "3.12.4 by uv"),
    ("requires-python", "<3.8", "python/version-unavailable"),
    ("requires-python", ">=4", "python/version-unavailable"),
    ("poetry", "^3.10", "3.13 from Debian trixie"),
    ("poetry", "~3.12", "3.12 by uv"),
    ("poetry", ">=3.8,<3.11", "3.10 by uv"),
    ("poetry", "3.12.*", "3.12 by uv"),
    ("poetry", "^2.7 || ~3.9", "3.9 by uv"),
    ("setup.cfg", ">=3.7,<3.11", "3.10 by uv"),
    ("environment.yml", "python=3.12", "3.12 by uv"),
    ("environment.yml", "python=3.11.2", "3.11.2 from Debian bookworm"),
    ("environment.yml", "python>=3.10", "3.13 from Debian trixie"),
    ("environment.yml", "python", "3.13 from Debian trixie"),
    ("PACKWRIGHT_PYTHON_VERSION", "3.12", "3.12 by uv"),
    ("PACKWRIGHT_PYTHON_VERSION", ">=3.9,<3.11", "3.10 by uv"),
];

#[test]
fn requests_and_the_versions_they_give() {
    for (place, request, expected) in REQUESTS {
        let mut options = PlanOptions::default();
        let file = match *place {
            "requires-python" => {
                format!("//- /pyproject.toml\n[project]\nname = \"x\"\nrequires-python = \"{request}\"\n")
            }
            "poetry" => format!(
                "//- /pyproject.toml\n[tool.poetry.dependencies]\npython = \"{request}\"\n//- /poetry.lock\npackage = []\n"
            ),
            "setup.cfg" => {
                format!("//- /setup.py\nsetup()\n//- /setup.cfg\n[options]\npython_requires = {request}\n")
            }
            "environment.yml" => format!("//- /environment.yml\ndependencies:\n  - {request}\n"),
            "PACKWRIGHT_PYTHON_VERSION" => {
                options = with_env([(place, request)]);
                String::new()
            }
            name => format!("//- /{name}\n{request}\n"),
        };
        let tree = MemoryTree::parse(&format!("//- /main.py\nprint()\n{file}"));
        let found = match super::planned(&tree, &options) {
            Ok(plan) => {
                let python = &plan.versions[0];
                let Base::Debian { suite, .. } = &plan.base;
                let by = match &python.delivered {
                    Delivered::Package(_) => format!("from Debian {suite}"),
                    Delivered::Answer { .. } => "by uv".to_owned(),
                };
                assert!(
                    matches!(python.origin, Origin::Default(_))
                        || python.origin.to_string().contains(place.trim_end_matches("-python"))
                        || matches!(*place, "poetry" | "requires-python"),
                    "{place} {request}: {}",
                    python.origin
                );
                format!("{} {by}", python.wanted)
            }
            Err(error) => error.problems()[0].code.clone(),
        };
        assert_eq!(found, *expected, "{place}: {request}");
    }
}
