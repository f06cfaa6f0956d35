//! Starts that would end at once, or that nobody could reach: imports that nothing brings, files of a package that are
//! run by their path, settings that nobody names.

use expect_test::expect;
use packwright_buildpack::planner::{MemoryTree, PlanOptions};
use packwright_buildpack::testing::Part;

use super::{check, planned};

fn remarks(tree: &str) -> Vec<String> {
    match planned(&MemoryTree::parse(tree), &PlanOptions::default()) {
        Ok(plan) => plan.diagnostics.iter().map(|one| format!("{}: {}", one.code, one.message)).collect(),
        Err(error) => error.problems().iter().map(|one| format!("{}: {}", one.code, one.message)).collect(),
    }
}

fn starts(tree: &str) -> Vec<String> {
    let plan = planned(&MemoryTree::parse(tree), &PlanOptions::default()).unwrap();
    plan.processes.iter().map(|process| format!("{}: {}", process.name, process.command)).collect()
}

#[test]
fn imports_that_nothing_brings() {
    let main = "//- /main.py\nimport os, util\nfrom yaml import safe_load\n//- /lib/util.py\n";
    check(
        main,
        &[Part::Remarks],
        expect![[r#"
            Error python/nothing-listed: main.py:2 imports `yaml`, and no file says what to install
              why: neither Python nor the source has this module, so the image would end at that line
              fix: list the packages in a requirements.txt or a pyproject.toml; where the list lies in a directory above, plan there and say how the application starts in a Procfile: `web: <command>`
        "#]],
    );
    // The list is there, where no tool looks for it.
    check(
        &format!("{main}//- /requirements/dev.txt\n//- /requirements/requirements.txt\npyyaml\n"),
        &[Part::Remarks],
        expect![[r#"
            Error python/nothing-listed: main.py:2 imports `yaml`, and no file says what to install
              why: neither Python nor the source has this module, so the image would end at that line
              fix: write `-r requirements/requirements.txt` into a requirements.txt at the top, or rename the list
        "#]],
    );
    // Django's module for the server.
    let django = "//- /manage.py\nimport django\n//- /shop/wsgi.py\nfrom django.core.wsgi import get_wsgi_application\n";
    assert!(remarks(django)[0].starts_with("python/nothing-listed: shop/wsgi.py:1"), "{:?}", remarks(django));
    for fine in [
        // One that the program can do without, one that the source has, one that a command brings.
        "//- /main.py\ntry:\n    import yaml\nexcept ImportError:\n    yaml = None\n".to_owned(),
        "//- /main.py\nimport yaml\n//- /vendor/yaml/__init__.py\n".to_owned(),
        format!("{main}//- /Procfile\nweb: sh start\n"),
        format!("{main}//- /requirements.txt\n"),
    ] {
        assert!(remarks(&fine).iter().all(|one| !one.starts_with("python/nothing-listed")), "{fine}");
    }
}

/// Docker's bind mount of the directory is none of an image.
#[test]
fn a_module_that_an_ignore_file_leaves_out() {
    let tree = |line: &str| {
        format!(
            "//- /bot.py\nfrom database import Manager\n//- /requirements.txt\ndiscord.py\n//- /.dockerignore\nvenv/\n{line}\n"
        )
    };
    let said = remarks(&tree("./database/"));
    assert!(
        said.iter().any(|one| one.starts_with("python/module-left-out: bot.py:1 imports `database`")),
        "{said:?}"
    );
    assert!(remarks(&tree("data/")).is_empty());
}

/// The list at the top belongs to what lies below.
#[test]
fn an_incomplete_application_with_its_list_at_the_top() {
    let tree = "//- /requirements.txt\nflask\n//- /web/main.py\nfrom flask import Flask\ndef make(config):\n    return Flask(config)\n";
    assert_eq!(remarks(tree), ["python/application-missing: no file makes a Flask application"]);
    // Where another directory has a list, it is not known whose the one at the top is.
    let own = format!(
        "{tree}//- /api/requirements.txt\n//- /api/main.py\nif __name__ == '__main__':\n    print()\n"
    );
    assert!(remarks(&own)[0].starts_with("plan/several-applications"), "{:?}", remarks(&own));
}

/// Python runs a file by its path outside of its package.
#[test]
fn a_server_in_a_package() {
    let tree = |import: &str| {
        format!(
            "//- /requirements.txt\ntornado\n//- /viewer/__init__.py\n//- /viewer/handlers.py\n\
             //- /viewer/app.py\nfrom tornado import web\n{import}\n\
             def main():\n    web.Application([]).listen(int(os.environ['PORT']))\n\
             if __name__ == '__main__':\n    main()\n"
        )
    };
    assert_eq!(starts(&tree("from .handlers import x")), ["web: python -m viewer.app"]);
    assert_eq!(starts(&tree("import os")), ["web: python viewer/app.py"]);
}

/// The module that launches what another one made with Gradio.
#[test]
fn gradio_launched_elsewhere() {
    let tree = "//- /requirements.txt\ngradio\n//- /ui.py\nimport gradio\ndef make():\n    return gradio.Blocks()\n\
         //- /main.py\nfrom ui import make\nmake().launch(server_name='0.0.0.0', server_port=7860)\n";
    assert_eq!(starts(tree), ["web: python main.py"]);
    let remarks = remarks(tree);
    assert!(remarks.iter().any(|one| one.starts_with("python/port-fixed: main.py:2")), "{remarks:?}");
}

/// `packages` with wheels for other systems alone are for those.
#[test]
fn packages_of_other_systems() {
    let package = |file: &str| {
        format!(
            "//- /pyproject.toml\n[project]\nname='a'\nversion='1'\ndependencies=['pywin32']\n//- /main.py\n\
             //- /uv.lock\n[[package]]\nname='a'\nsource={{virtual='.'}}\ndependencies=[{{name='pywin32'}}]\n\
             [[package]]\nname='pywin32'\nsource={{registry='https://index.example/simple'}}\n{file}\n"
        )
    };
    let builds = |file: &str| remarks(&package(file)).iter().any(|one| one.contains("built from source"));
    assert!(!builds("wheels=[{url='https://x.org/pywin32-311-cp313-cp313-win_amd64.whl'}]"));
    assert!(builds("sdist={url='https://x.org/pywin32-311.tar.gz'}"));
}

#[test]
fn one_application_with_two_names_and_a_declared_one() {
    let two = "//- /requirements.txt\nflask\n//- /shop/wsgi.py\nfrom flask import Flask\napplication = app = Flask('x')\n";
    assert!(remarks(two).iter().all(|one| !one.contains("more than one")), "{:?}", remarks(two));
    let rivals = "//- /requirements.txt\nflask\n//- /a.py\nfrom flask import Flask\napp = Flask('x')\n\
         //- /b.py\nfrom flask import Flask\napp = Flask('x')\n";
    assert!(remarks(rivals).iter().any(|one| one.contains("more than one")));
    let said = remarks(&format!("{rivals}//- /Procfile\nweb: gunicorn b:app\n"));
    assert!(said.iter().all(|one| !one.contains("more than one")), "{said:?}");
}

/// The project of Django waits for a variable.
#[test]
fn settings_that_nobody_names() {
    let tree = "//- /requirements.txt\ndjango\n//- /manage.py\nimport django\n\
         //- /shop/wsgi.py\nfrom django.core.wsgi import get_wsgi_application\napplication = get_wsgi_application()\n";
    let said = remarks(tree);
    assert!(said.iter().any(|one| one.starts_with("python/settings-unnamed")), "{said:?}");
}

/// The project's own code needs a compiler, and Rust's when it is Rust.
#[test]
fn projects_that_are_compiled() {
    let compilers = |files: &str| {
        let tree = format!("{files}//- /main.py\n//- /ring/__init__.py\n");
        let plan = planned(&MemoryTree::parse(&tree), &PlanOptions::default()).unwrap();
        let packages = plan.packages.iter().map(|package| package.name.as_str());
        let known = ["build-essential", "libpython3.13-dev", "python3.13-dev", "cargo", "rustc"];
        packages.filter(|name| known.contains(name)).map(str::to_owned).collect::<Vec<_>>()
    };
    let pyproject = |backend: &str| {
        format!(
            "//- /pyproject.toml\n[build-system]\nrequires=['{backend}>=1']\nbuild-backend='x'\n\
             [project]\nname='ring'\nversion='1'\n"
        )
    };
    let c = compilers("//- /setup.py\nfrom setuptools import setup\nsetup(name='ring', ext_modules=[one])\n");
    assert!(c.contains(&"build-essential".to_owned()) && !c.contains(&"cargo".to_owned()), "{c:?}");
    assert_eq!(compilers(&pyproject("meson_python")), c);
    let rust = compilers(&pyproject("maturin"));
    assert!(rust.ends_with(&["rustc".to_owned(), "cargo".to_owned()]), "{rust:?}");
    assert!(compilers(&pyproject("hatchling")).is_empty());
}

/// Gunicorn obeys PORT only where nothing else names an address.
#[test]
fn settings_of_gunicorn() {
    let fixed = |line: &str, file: &str, bind: &str| {
        let tree = format!(
            "//- /requirements.txt\ngunicorn\nflask\n//- /Procfile\nweb: {line}\n//- /{file}\nworkers = 2\nbind = {bind}\n"
        );
        let said = remarks(&tree).into_iter();
        said.filter(|one| one.contains("port-fixed") || one.contains("host-local")).collect::<Vec<_>>()
    };
    let settings = "gunicorn.conf.py";
    let found = ["python/port-fixed: gunicorn.conf.py:2 listens on port 8000, whatever PORT says"];
    assert_eq!(fixed("gunicorn app:app", settings, "'0.0.0.0:8000'"), found);
    assert_eq!(fixed("gunicorn -c gunicorn.conf.py app:app", settings, "'0.0.0.0:8000'"), found);
    assert_eq!(fixed("exec gunicorn --config=conf/g.py app:app", "conf/g.py", "'127.0.0.1:80'").len(), 2);
    assert!(fixed("gunicorn --bind 0.0.0.0:$PORT app:app", settings, "'0.0.0.0:8000'").is_empty());
    assert!(fixed("gunicorn app:app", settings, "f\"0.0.0.0:{os.environ['PORT']}\"").is_empty());
    assert!(fixed("gunicorn app:app", "other.py", "'0.0.0.0:8000'").is_empty());
}
