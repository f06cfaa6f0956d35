//! The Python that the index chooses: when it is asked, and what its answer decides.

use expect_test::{Expect, expect};
use packwright_buildpack::planner::{Command, MemoryTree, Plan, PlanOptions};

use super::{HARNESS, Part, check_with, planned};

const STEP: &str = "python.interpreter";

fn plan_of(text: &str) -> Plan {
    planned(&MemoryTree::parse(&format!("//- /main.py\nprint()\n{text}")), &PlanOptions::default()).unwrap()
}

fn answered(text: &str, answer: &str, expected: Expect) {
    let answers = [(STEP.parse().unwrap(), answer.to_owned())].into();
    let options = PlanOptions { answers, ..PlanOptions::default() };
    check_with(
        &format!("//- /main.py\nprint()\n{text}"),
        &options,
        &[Part::Suite, Part::Versions, Part::Reasons],
        expected,
    );
}

/// The Pythons that the step is asked about.
fn asked(text: &str) -> Option<String> {
    let plan = plan_of(text);
    let question = plan.question.as_ref()?;
    assert_eq!((question.step.as_str(), &question.answer), (STEP, &None));
    let step = plan.steps.iter().find(|step| step.name == question.step).unwrap();
    assert!(step.resolves && step.outputs.iter().any(|output| output.path == question.path));
    // Nothing waits for it, nor it for anything but uv.
    assert_eq!(step.inputs.iter().filter(|input| format!("{input:?}").contains("Step")).count(), 1);
    let Command::Exec(line) = step.commands.last().unwrap() else { panic!("{:?}", step.commands) };
    line.iter().find(|word| word.contains(',') && word.starts_with("3.")).cloned()
}

#[test]
fn the_index_is_asked_where_versions_are_bound_and_python_is_open() {
    let all = Some("3.13,3.11,3.12,3.10,3.9,3.8,3.15,3.14".to_owned());
    assert_eq!(asked("//- /requirements.txt\nnumpy==1.26.4\n"), all);
    assert_eq!(asked("//- /requirements.txt\nflask>=3,<4\n"), all);
    assert_eq!(asked("//- /.python-version\n3\n//- /requirements.txt\nnumpy<2\n"), all);
    let project = "//- /pyproject.toml\n[project]\nname = \"x\"\nrequires-python = \">=3.10,<3.13\"\n";
    assert_eq!(
        asked(&format!("{project}dependencies = [\"numpy~=1.26\"]\n")),
        Some("3.11,3.12,3.10".to_owned())
    );
    // A list with hashes is installed as it is, and is asked about all the same.
    assert_eq!(asked("//- /requirements.txt\nrich==14.0.0 --hash=sha256:00\n"), all);
    // Nothing is bound; one is asked for; a lock names the wheels.
    assert_eq!(asked("//- /requirements.txt\nflask\nrequests>=2\n"), None);
    assert_eq!(asked("//- /.python-version\n3.11\n//- /requirements.txt\nnumpy<2\n"), None);
    assert_eq!(asked("//- /Dockerfile\nFROM python:3.11\n//- /requirements.txt\nnumpy<2\n"), None);
    let uv = "//- /pyproject.toml\n[project]\nname = \"x\"\nversion = \"0\"\ndependencies = [\"a==1\"]\n\
              //- /uv.lock\nversion = 1\nrequires-python = \">=3.11\"\n[[package]]\nname = \"x\"\nversion = \"0\"\n\
              source = { virtual = \".\" }\ndependencies = [{ name = \"a\" }]\n[[package]]\nname = \"a\"\n\
              version = \"1\"\nsource = { registry = \"https://index.test/simple\" }\n\
              wheels = [{ url = \"https://index.test/a-1-py3-none-any.whl\", hash = \"sha256:00\" }]\n";
    assert_eq!(asked(uv), None);
}

#[test]
fn words_on_a_pipe_reach_the_question() {
    let text = "//- /Pipfile\n[packages]\nnumpy = \"<2\"\n";
    let plan = plan_of(text);
    let step = plan.steps.iter().find(|step| step.name.as_str() == STEP).unwrap();
    let line = step.commands.last().unwrap().to_string();
    assert!(
        line.starts_with("printf '%s\\n' 'numpy<2' | /usr/bin/python3.11 /tmp/interpreter.py "),
        "{line}"
    );
    assert!(line.ends_with(" -- -"), "{line}");
}

#[test]
fn the_answer_decides_and_says_why() {
    answered(
        "//- /requirements.txt\nflask\nnumpy==1.26.4\n",
        "3.11\n3.13 wheel numpy 1.26.4\n",
        expect![[r#"
            suite bookworm
            python 3.11 by detected: numpy 1.26.4 has no wheel for Python 3.13
            language = python (has a program) by detected: main.py in main.py, which does not read PORT
            python version = 3.11 by detected: numpy 1.26.4 has no wheel for Python 3.13
              not 3.13 by detected: numpy 1.26.4 has no wheel for Python 3.13
            python package manager = pip by requirements.txt
            python framework = none by default: no file uses a web framework
            application = main.py by main.py
        "#]],
    );
    // What only the index knows: a package that a package asks for.
    answered(
        "//- /requirements.txt\nlangchain==0.0.300\n",
        "3.11\n3.13 wheel numpy 1.26.4\n",
        expect![[r#"
        suite bookworm
        python 3.11 by detected: numpy 1.26.4 has no wheel for Python 3.13
        language = python (has a program) by detected: main.py in main.py, which does not read PORT
        python version = 3.11 by detected: numpy 1.26.4 has no wheel for Python 3.13
          not 3.13 by detected: numpy 1.26.4 has no wheel for Python 3.13
        python package manager = pip by requirements.txt
        python framework = none by default: no file uses a web framework
        application = main.py by main.py
    "#]],
    );
    // The tables would say otherwise.
    answered(
        "//- /requirements.txt\nnumpy<2\n",
        "3.13\n",
        expect![[r#"
            suite trixie
            python 3.13 by default: the newest Python of the current Debian
            language = python (has a program) by detected: main.py in main.py, which does not read PORT
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = none by default: no file uses a web framework
            application = main.py by main.py
        "#]],
    );
    answered(
        "//- /requirements.txt\nnumba==0.53.1\n",
        "3.9\n3.13 range llvmlite 0.36.0\n3.11 range llvmlite 0.36.0\n3.12 range llvmlite 0.36.0\n\
         3.10 range llvmlite 0.36.0\n",
        expect![[r#"
            suite trixie
            python 3.9 by detected: llvmlite 0.36.0 does not accept Python 3.13
            language = python (has a program) by detected: main.py in main.py, which does not read PORT
            python version = 3.9 by detected: llvmlite 0.36.0 does not accept Python 3.13
              not 3.13 by detected: llvmlite 0.36.0 does not accept Python 3.13
              not 3.11 by detected: llvmlite 0.36.0 does not accept Python 3.11
              not 3.12 by detected: llvmlite 0.36.0 does not accept Python 3.12
              not 3.10 by detected: llvmlite 0.36.0 does not accept Python 3.10
            python package manager = pip by requirements.txt
            python framework = none by default: no file uses a web framework
            application = main.py by main.py
        "#]],
    );
    answered(
        "//- /pyproject.toml\n[project]\nname = \"x\"\nrequires-python = \">=3.10\"\ndependencies = [\"web.py==0.62\"]\n",
        "3.11\n3.13 module web-py 0.62 cgi web/webapi.py\n",
        expect![[r#"
            suite bookworm
            python 3.11 by pyproject.toml:3
            language = python (has a program) by detected: main.py in main.py, which does not read PORT
            python version = 3.11 by pyproject.toml:3
              not 3.13 by detected: web/webapi.py of web-py 0.62 imports cgi, which Python 3.13 has no more
            python package manager = pip by pyproject.toml
            python framework = none by default: no file uses a web framework
            application = main.py by main.py
        "#]],
    );
}

#[test]
fn what_no_python_has_is_built_or_said() {
    answered(
        "//- /requirements.txt\nnumpy<2\nodd==1.0\n",
        "3.11\n3.13 wheel numpy 1.26.4\n3.13 wheel odd 1.0\n3.11 wheel odd 1.0\n",
        expect![[r#"
            suite bookworm
            python 3.11 by detected: numpy 1.26.4 has no wheel for Python 3.13; odd 1.0 has no wheel for Python 3.13
            language = python (has a program) by detected: main.py in main.py, which does not read PORT
            python version = 3.11 by detected: numpy 1.26.4 has no wheel for Python 3.13; odd 1.0 has no wheel for Python 3.13
              not 3.13 by detected: numpy 1.26.4 has no wheel for Python 3.13; odd 1.0 has no wheel for Python 3.13
            python package manager = pip by requirements.txt
            python framework = none by default: no file uses a web framework
            application = main.py by main.py
            python packages built from source = odd by requirements.txt
            Info python/built-from-source: odd is built from source, for which a compiler is brought
              why: the versions that are asked for have no wheel for Python 3.11
              fix: ask for newer versions, or for an older Python
        "#]],
    );
    answered(
        "//- /requirements.txt\nweb.py==0.62\n",
        "3.13\n3.13 module web-py 0.62 cgi web/webapi.py\n",
        expect![[r#"
            suite trixie
            python 3.13 by default: the newest Python of the current Debian
            language = python (has a program) by detected: main.py in main.py, which does not read PORT
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = none by default: no file uses a web framework
            application = main.py by main.py
            Warning python/module-removed: web/webapi.py of web-py 0.62 imports cgi, which Python 3.13 has no more
              why: importing it fails when the application starts
              fix: add the package that brings cgi back, move to a newer web-py, or ask for an older Python
        "#]],
    );
    // Nothing fits: uv says why when it resolves.
    answered(
        "//- /requirements.txt\na==1\nb==1\n",
        "-\n3.13 none\n3.11 none\n",
        expect![[r#"
        suite trixie
        python 3.13 by default: the newest Python of the current Debian
        language = python (has a program) by detected: main.py in main.py, which does not read PORT
        python version = 3.13 by default: the newest Python of the current Debian
        python package manager = pip by requirements.txt
        python framework = none by default: no file uses a web framework
        application = main.py by main.py
    "#]],
    );
}

#[test]
fn an_answer_that_is_none() {
    for answer in ["", "2.7\n", "3.13\nrubbish\n", "3.13\n3.13 wheel numpy\n"] {
        let answers = [(STEP.parse().unwrap(), answer.to_owned())].into();
        let options = PlanOptions { answers, ..PlanOptions::default() };
        let tree = MemoryTree::parse("//- /main.py\n//- /requirements.txt\nnumpy<2\n");
        let told = HARNESS.told(&HARNESS.planned(&tree, &options), &[Part::Remarks]);
        assert!(told.contains("python/answer-unreadable"), "{answer}: {told}");
    }
}
