//! The Python that the versions of packages leave: upper bounds, removed modules, hints of another image.

use expect_test::{Expect, expect};

use super::{Part, check};

fn version(text: &str, expected: Expect) {
    check(&format!("//- /main.py\nprint()\n{text}"), &[Part::Suite, Part::Versions, Part::Remarks], expected);
}

#[test]
fn an_upper_bound_counts_as_a_pin_does() {
    version(
        "//- /requirements.txt\nnumpy<2\n",
        expect![[r#"
        suite bookworm
        python 3.11 by requirements.txt:1
        Info python/version-with-wheels: Python is 3.11 and not 3.13
          why: in the versions that are asked for, these are not made for Python 3.13: numpy
          fix: update them, or write 3.13 into .python-version to have it all the same
    "#]],
    );
    version(
        "//- /pyproject.toml\n[project]\nname = \"x\"\ndependencies = [\"tiktoken==0.7.0\"]\n",
        expect![[r#"
            suite bookworm
            python 3.11 by pyproject.toml:3
            Info python/version-with-wheels: Python is 3.11 and not 3.13
              why: in the versions that are asked for, these are not made for Python 3.13: tiktoken
              fix: update them, or write 3.13 into .python-version to have it all the same
        "#]],
    );
    // What is asked for counts first; a compiler comes then.
    check(
        "//- /main.py\n//- /.python-version\n3.13\n//- /requirements.txt\nnumpy>=1.21,<2.0\n",
        &[Part::Versions, Part::Remarks],
        expect![[r#"
            python 3.13 by .python-version:1
            Info python/built-from-source: numpy is built from source, for which a compiler is brought
              why: the versions that are asked for have no wheel for Python 3.13
              fix: ask for newer versions, or for an older Python
        "#]],
    );
    version(
        "//- /requirements.txt\nnumpy<3\n",
        expect![[r#"
        suite trixie
        python 3.13 by default: the newest Python of the current Debian
    "#]],
    );
}

#[test]
fn packages_that_import_what_is_gone() {
    version(
        "//- /requirements.txt\npydub~=0.25.1\n",
        expect![[r#"
        suite bookworm
        python 3.11 by requirements.txt:1
        Info python/version-with-wheels: Python is 3.11 and not 3.13
          why: in the versions that are asked for, these are not made for Python 3.13: pydub
          fix: update them, or write 3.13 into .python-version to have it all the same
    "#]],
    );
    version(
        "//- /requirements.txt\npydub\naudioop-lts\n",
        expect![[r#"
        suite trixie
        python 3.13 by default: the newest Python of the current Debian
    "#]],
    );
    version(
        "//- /.python-version\n3.13\n//- /requirements.txt\nWebOb==1.8.7\n",
        expect![[r#"
        suite trixie
        python 3.13 by .python-version:1
        Warning python/module-removed: webob imports cgi, which Python 3.13 has no more
          why: importing it fails when the application starts
          fix: add legacy-cgi to the requirements, move to a newer webob, or ask for Python 3.11
    "#]],
    );
}

#[test]
fn a_dockerfile_that_speaks_of_an_older_python() {
    version(
        "//- /requirements.txt\nflask\n//- /Dockerfile\nFROM python:3.9-alpine\nCMD python main.py\n",
        expect![[r#"
            suite bookworm
            python 3.11 by Dockerfile:1
            Info dockerfile/not-built: Dockerfile is read for hints; its instructions are not run
              why: the image is made from the source itself; what `RUN`, `COPY` and `ADD` do is not done
              fix: put what the application needs of them into its manifests, or into the commands of a platform's file
            Info python/version-nearest: Dockerfile:1 speaks of Python 3.9, and 3.11 is taken, the nearest that Debian has
              why: nothing else asks for a version, and what describes another image is no reason to download one
              fix: write 3.9 into .python-version to have it
        "#]],
    );
}

#[test]
fn forms_of_runtime_txt() {
    for line in ["python3.11", "python 3.11", "Python-3.11.4", "3.11", "python-3.11.x"] {
        let tree = format!("//- /main.py\n//- /runtime.txt\n{line}\n");
        let told = super::HARNESS.describe(&tree, &[Part::Suite, Part::Remarks]);
        assert!(
            told.starts_with("suite bookworm\n") && told.contains("python/runtime-form"),
            "{line}: {told}"
        );
    }
    version(
        "//- /runtime.txt\npypy3.9-7.3\n",
        expect![[r#"
        Error python/version-unreadable: runtime.txt:1: `pypy3.9-7.3` is not understood as a version of Python
          why: Debian bookworm has 3.11, Debian trixie has 3.13, and uv downloads 3.8 to 3.15
          fix: write a version such as `3.13`
    "#]],
    );
}
