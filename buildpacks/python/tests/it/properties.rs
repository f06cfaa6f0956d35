//! What holds for every tree.

use packwright_buildpack::planner::{Input, MemoryTree, PlanOptions, SourceTree};
use proptest::prelude::*;

use super::planned;

/// Names that mean something.
const NAMES: &[&str] = &[
    "main.py",
    "app.py",
    "manage.py",
    "wsgi.py",
    "shop/__init__.py",
    "shop/api.py",
    "src/shop/app.py",
    "site_/settings.py",
    "requirements.txt",
    "pyproject.toml",
    "uv.lock",
    "poetry.lock",
    ".python-version",
    "runtime.txt",
    "Procfile",
    "Pipfile",
    "Pipfile.lock",
    "pdm.lock",
    "pylock.toml",
    "setup.py",
    "setup.cfg",
    "environment.yml",
    ".tool-versions",
    "mise.toml",
];

/// Contents that fit some of the names and not others.
const CONTENTS: &[&str] = &[
    "",
    "from flask import Flask\napp = Flask(__name__)\n",
    "from fastapi import FastAPI\ndef create():\n    return FastAPI()\n",
    "import os, django\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')\n",
    "INSTALLED_APPS = ['django.contrib.staticfiles']\nSTATIC_ROOT = 'x'\n",
    "flask\ndjango>=5 ; python_version > '3'\n",
    "-r requirements.txt\n-c shop/api.py\nfastapi[standard]\n",
    "[project]\nname = 'x'\nrequires-python = '>=3.11'\ndependencies = ['fastapi']\n",
    "[[package]]\nname = 'x'\nversion = '1'\nsource = { virtual = '.' }\n",
    "3.11\n",
    "python-3.13.x\n",
    "web: x\nworker: y\n",
    "def (:\n  ==\n",
    "[packages]\nflask = '*'\nx = { git = 'https://git.example/x', ref = 'main' }\n[requires]\npython_version = '3.12'\n",
    "{\"_meta\": {\"hash\": {}}, \"default\": {\"flask\": {\"version\": \"==3.0\"}}}",
    "[metadata]\nlock_version = '4.5.0'\n[[package]]\nname = 'flask'\nversion = '3.0'\ngroups = ['default']\n",
    "lock-version = '1.0'\n[[packages]]\nname = 'flask'\nversion = '3.0'\n",
    "from setuptools import setup\nsetup(name='x', install_requires=['flask'], python_requires='>=3.9')\n",
    "[options]\ninstall_requires =\n  flask\n  celery>=5\n",
    "dependencies:\n  - python=3.12\n  - flask\n  - pip:\n    - celery\n",
    "-e .\n-e git+https://git.example/x@main#egg=x\ngit+https://git.example/y.git\n",
    "[tools]\npython = '3.14'\n",
];

fn files() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let file = (prop::sample::select(NAMES), prop::sample::select(CONTENTS));
    prop::collection::vec(file, 0..8).prop_map(|mut files| {
        files.sort();
        files.dedup_by_key(|file| file.0);
        files
    })
}

fn tree<'a>(files: impl IntoIterator<Item = &'a (&'a str, &'a str)>) -> MemoryTree {
    let mut tree = MemoryTree::new();
    for (name, content) in files {
        tree.add(name.parse().expect("a relative path"), *content);
    }
    tree
}

fn with_main(name: &str, content: impl Into<Vec<u8>>) -> MemoryTree {
    let mut tree = MemoryTree::parse("//- /main.py\nprint()\n");
    tree.add(name.parse().expect("a relative path"), content);
    tree
}

proptest! {
    #[test]
    fn the_plan_does_not_depend_on_the_order_of_files(files in files(), turn in 0usize..8) {
        let options = PlanOptions::default();
        let mut turned = files.clone();
        turned.reverse();
        let middle = turn.min(turned.len());
        turned.rotate_left(middle);
        prop_assert_eq!(planned(&tree(&files), &options), planned(&tree(&turned), &options));
    }

    #[test]
    fn any_bytes_are_answered(
        name in prop::sample::select(NAMES),
        content in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        if let Err(error) = planned(&with_main(name, content), &PlanOptions::default()) {
            prop_assert!(!error.problems().is_empty());
        }
    }

    #[test]
    fn any_requirements_are_answered(
        content in "([a-z=<>!~;\\[\\]()'\"@#\\\\ \n\r-]|--hash=|-r |python_version|\\PC){0,120}",
    ) {
        if let Err(error) = planned(&with_main("requirements.txt", content), &PlanOptions::default()) {
            prop_assert!(!error.problems().is_empty());
        }
    }

    #[test]
    fn every_step_follows_what_it_needs(files in files()) {
        let tree = tree(&files);
        let Ok(plan) = planned(&tree, &PlanOptions::default()) else {
            return Ok(());
        };
        for (index, step) in plan.steps.iter().enumerate() {
            let before = &plan.steps[..index];
            prop_assert!(before.iter().all(|other| other.name != step.name));
            for input in &step.inputs {
                match input {
                    Input::Step(name) => prop_assert!(before.iter().any(|other| other.name == *name)),
                    Input::Source(selection) => prop_assert!(
                        tree.files().is_empty() || selection.matcher().is_ok()
                    ),
                }
            }
        }
    }
}
