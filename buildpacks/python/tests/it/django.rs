//! Django projects.

use expect_test::{Expect, expect};

use super::{Part, check, check_with, with_env};

const MANAGE: &str = "//- /manage.py\nimport os\ndef main():\n    \
    os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')\n    \
    from django.core.management import execute_from_command_line\n\
    //- /requirements.txt\ndjango\ngunicorn\n";

const WSGI: &str =
    "//- /site_/wsgi.py\nimport os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')\n";

fn settings(text: &str, expected: Expect) {
    let tree = format!("{MANAGE}{WSGI}//- /site_/__init__.py\n//- /site_/settings.py\n{text}");
    check(&tree, &[Part::Processes, Part::Reasons, Part::Steps], expected);
}

/// The output of `python.static` for a STATIC_ROOT.
fn static_root(expression: &str) -> String {
    let tree = format!(
        "{MANAGE}{WSGI}//- /site_/settings.py\nimport os\nfrom os.path import dirname, join\n\
         from pathlib import Path\nBASE = Path(__file__).resolve().parent.parent\n\
         OLD = dirname(dirname(os.path.abspath(__file__)))\n\
         INSTALLED_APPS = ['django.contrib.staticfiles']\nSTATIC_ROOT = {expression}\n"
    );
    let tree = packwright_buildpack::planner::MemoryTree::parse(&tree);
    let plan = super::planned(&tree, &Default::default()).unwrap();
    let step = plan.steps.iter().find(|step| step.name.as_str() == "python.static");
    step.map_or("no step".to_owned(), |step| step.outputs[0].path.to_string())
}

#[test]
fn where_static_files_go() {
    for (expression, path) in [
        ("BASE / 'static' / 'all'", "app/static/all"),
        ("os.path.join(OLD, 'staticfiles')", "app/staticfiles"),
        ("join(OLD, 'a', '..', 'b')", "app/b"),
        ("str(BASE.joinpath('s'))", "app/s"),
        ("Path(__file__).parents[1] / 's'", "app/s"),
        ("Path(OLD, 's')", "app/s"),
        ("OLD + '/s'", "app/s"),
        ("'relative'", "app/relative"),
        ("'/var/www/static'", "var/www/static"),
        // What only runs can tell is taken from the whole of `/app`.
        ("os.environ.get('STATIC_ROOT', BASE / 's')", "app"),
        ("BASE / f'{x}'", "app"),
        ("os.environ.get('STATIC_ROOT', '/srv/static')", "srv/static"),
        ("env.str('STATIC_ROOT', default='/srv/static')", "srv/static"),
        ("None", "no step"),
    ] {
        assert_eq!(static_root(expression), path, "{expression}");
    }
}

#[test]
fn without_static_root() {
    settings(
        "INSTALLED_APPS = ['django.contrib.staticfiles']\n",
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT site_.wsgi:application
            language = python (has a web application or a declared process) by detected: Django application `site_.wsgi:application` in site_/wsgi.py
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = django by manage.py
            django settings = site_.settings by site_/wsgi.py:2
            application = site_.wsgi:application by site_/wsgi.py
            Info python/static-root-unset: static files are not collected: `site_.settings` sets no STATIC_ROOT
              fix: set STATIC_ROOT if the image shall serve static files
            python.resolve fetch resolves
              < source requirements.txt
              $ /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt requirements.txt
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
        "#]],
    );
}

#[test]
fn without_static_files() {
    check(
        &format!("{MANAGE}{WSGI}//- /site_/settings.py\nINSTALLED_APPS = ['shop']\nSTATIC_ROOT = 's'\n"),
        &[Part::Processes, Part::Reasons],
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT site_.wsgi:application
            language = python (has a web application or a declared process) by detected: Django application `site_.wsgi:application` in site_/wsgi.py
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = django by manage.py
            django settings = site_.settings by site_/wsgi.py:2
            application = site_.wsgi:application by site_/wsgi.py
        "#]],
    );
}

#[test]
fn apps_in_pieces() {
    settings(
        "import environ\nenv = environ.Env()\nOURS = ('shop',)\nTHEIRS = ['django.contrib.admin']\n\
         INSTALLED_APPS = THEIRS + list(OURS) + ['x']\nINSTALLED_APPS += ['django.contrib.staticfiles']\n\
         SECRET_KEY = env.str('SHOP_KEY')\nDATABASES = {'default': env.db('DATABASE_URL')}\n\
         DEBUG = os.environ.get('DEBUG')\nSTATIC_ROOT = 's'\nWSGI_APPLICATION = 'site_.wsgi.app'\n",
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT site_.wsgi:app
            language = python (has a web application or a declared process) by detected: Django application `site_.wsgi:app` in site_/settings.py:11
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = django by manage.py
            django settings = site_.settings by site_/wsgi.py:2
            application = site_.wsgi:app by site_/settings.py:11
            Warning python/settings-need-variable: site_/settings.py:8 needs the variable DATABASE_URL, and collectstatic runs without it
              why: the build knows no configuration; only secret keys get a dummy
              fix: give DATABASE_URL a default in the settings, or set DISABLE_COLLECTSTATIC=1
            python.resolve fetch resolves
              < source requirements.txt
              $ /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt requirements.txt
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            python.static
              < python.install
              < source **
              DJANGO_SECRET_KEY=packwright-build-only-dummy-this-key-signs-nothing-and-is-in-no-image
              DJANGO_SETTINGS_MODULE=site_.settings
              PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
              PYTHONDONTWRITEBYTECODE=1
              SECRET_KEY=packwright-build-only-dummy-this-key-signs-nothing-and-is-in-no-image
              SHOP_KEY=packwright-build-only-dummy-this-key-signs-nothing-and-is-in-no-image
              $ mkdir -p /app/s
              $ /opt/venv/bin/python manage.py collectstatic --noinput
              > app/s Build
        "#]],
    );
}

#[test]
fn variables_below_a_condition_may_not_be_needed() {
    check(
        &format!(
            "{MANAGE}{WSGI}//- /site_/settings.py\nimport os\nINSTALLED_APPS = ['django.contrib.staticfiles']\n\
             STATIC_ROOT = 's'\nif os.environ.get('USE_S3'):\n    BUCKET = os.environ['BUCKET']\nMAIL = os.environ['MAIL']\n"
        ),
        &[Part::Remarks],
        expect![[r#"
            Warning python/settings-need-variable: site_/settings.py:6 needs the variable MAIL, and collectstatic runs without it
              why: the build knows no configuration; only secret keys get a dummy
              fix: give MAIL a default in the settings, or set DISABLE_COLLECTSTATIC=1
        "#]],
    );
}

#[test]
fn settings_of_several_files() {
    check(
        "//- /manage.py\nimport os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings.local'\nimport django\n\
         //- /requirements.txt\nDjango>=5\n\
         //- /config/wsgi.py\nimport os\nos.environ.setdefault(\"DJANGO_SETTINGS_MODULE\", \"config.settings.production\")\n\
         //- /config/settings/base.py\nfrom pathlib import Path\nROOT = Path(__file__).resolve().parents[2]\n\
         INSTALLED_APPS = ['django.contrib.staticfiles']\nSTATIC_ROOT = str(ROOT / 'static')\n\
         WSGI_APPLICATION = 'config.wsgi.application'\n\
         //- /config/settings/local.py\nfrom .base import *\n\
         //- /config/settings/production.py\nfrom config.settings.base import *\nimport os\n\
         SECRET_KEY = os.environ['PROD_KEY']\nSTATIC_ROOT = ROOT / 'served'\n",
        &[Part::Processes, Part::Reasons, Part::Steps],
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT config.wsgi:application
            language = python (has a web application or a declared process) by detected: Django application `config.wsgi:application` in config/settings/base.py:5
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = django by manage.py
            django settings = config.settings.production by config/wsgi.py:2
              not config.settings.local by manage.py:2
            application = config.wsgi:application by config/settings/base.py:5
            Info python/server-added: gunicorn is installed although the project does not ask for it
              why: the application needs a server that listens on PORT
              fix: add gunicorn to the requirements, to choose its version yourself
            python.resolve fetch resolves
              < source requirements.txt
              $ printf '%s\n' gunicorn | /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt requirements.txt -
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            python.static
              < python.install
              < source **
              DJANGO_SECRET_KEY=packwright-build-only-dummy-this-key-signs-nothing-and-is-in-no-image
              DJANGO_SETTINGS_MODULE=config.settings.production
              PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
              PROD_KEY=packwright-build-only-dummy-this-key-signs-nothing-and-is-in-no-image
              PYTHONDONTWRITEBYTECODE=1
              SECRET_KEY=packwright-build-only-dummy-this-key-signs-nothing-and-is-in-no-image
              $ mkdir -p /app/served
              $ /opt/venv/bin/python manage.py collectstatic --noinput
              > app/served Build
        "#]],
    );
}

#[test]
fn a_project_in_a_directory() {
    check(
        "//- /requirements.txt\ndjango\ngunicorn\n//- /web/manage.py\nimport os, django\n\
         os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')\n\
         //- /web/site_/wsgi.py\n//- /web/site_/settings.py\n\
         INSTALLED_APPS = ['django.contrib.staticfiles']\nSTATIC_ROOT = 's'\n",
        &[Part::Processes, Part::Reasons, Part::Steps],
        expect![[r#"
            env PYTHONPATH=/app/web
            web: gunicorn --bind 0.0.0.0:$PORT site_.wsgi:application
            language = python (has a web application or a declared process) by detected: Django application `site_.wsgi:application` in web/site_/wsgi.py
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = django by web/manage.py
            django settings = site_.settings by web/manage.py:2
            application = site_.wsgi:application by web/site_/wsgi.py
            python.resolve fetch resolves
              < source requirements.txt
              $ /opt/uv/uv pip compile --quiet --python /usr/bin/python3.13 --generate-hashes --no-header --no-annotate --output-file /packwright/python/requirements.txt requirements.txt
              > packwright/python/requirements.txt
            python.install fetch
              < python.resolve
              $ /usr/bin/python3.13 -m venv --without-pip /opt/venv
              $ /opt/uv/uv pip install --python /opt/venv/bin/python --require-hashes -r /packwright/python/requirements.txt
              $ /opt/venv/bin/python -B -c 'import compileall, py_compile …
              > opt/venv Dependencies
            python.static
              < python.install
              < source **
              DJANGO_SECRET_KEY=packwright-build-only-dummy-this-key-signs-nothing-and-is-in-no-image
              DJANGO_SETTINGS_MODULE=site_.settings
              PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
              PYTHONDONTWRITEBYTECODE=1
              SECRET_KEY=packwright-build-only-dummy-this-key-signs-nothing-and-is-in-no-image
              $ mkdir -p /app/s
              $ /opt/venv/bin/python web/manage.py collectstatic --noinput
              > app/s Build
        "#]],
    );
}

#[test]
fn channels_wants_asgi() {
    check(
        "//- /manage.py\nimport os, django\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site_.settings')\n\
         //- /requirements.txt\ndjango\nchannels\ndaphne\n\
         //- /site_/wsgi.py\n//- /site_/asgi.py\n//- /site_/settings.py\nASGI_APPLICATION = 'site_.asgi.application'\n",
        &[Part::Processes, Part::Reasons],
        expect![[r#"
            web: daphne -b 0.0.0.0 -p $PORT site_.asgi:application
            language = python (has a web application or a declared process) by detected: Django application `site_.asgi:application` in site_/settings.py:1
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = django by manage.py
            django settings = site_.settings by manage.py:2
            application = site_.asgi:application by site_/settings.py:1
        "#]],
    );
}

#[test]
fn settings_that_are_not_there() {
    check(
        &format!("{MANAGE}{WSGI}"),
        &[Part::Processes, Part::Reasons],
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT site_.wsgi:application
            language = python (has a web application or a declared process) by detected: Django application `site_.wsgi:application` in site_/wsgi.py
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = django by manage.py
            django settings = site_.settings by site_/wsgi.py:2
            application = site_.wsgi:application by site_/wsgi.py
            Warning python/settings-not-found: site_/wsgi.py:2 names the settings `site_.settings`, which are no file of the source tree
              why: without them nobody knows whether static files must be collected
              fix: correct the name; an ignored file counts as missing
        "#]],
    );
}

#[test]
fn a_manage_py_of_something_else() {
    check(
        "//- /manage.py\nfrom flask_script import Manager\n//- /requirements.txt\nflask\ngunicorn\n\
         //- /app.py\nfrom flask import Flask\napp = Flask('x')\n",
        &[Part::Processes],
        expect![[r#"
            web: gunicorn --bind 0.0.0.0:$PORT app:app
        "#]],
    );
}

#[test]
fn switched_off() {
    let file = "//- /site_/settings.py\nINSTALLED_APPS = ['django.contrib.staticfiles']\nSTATIC_ROOT = 's'\n";
    check_with(
        &format!("{MANAGE}{WSGI}{file}"),
        &with_env([("DISABLE_COLLECTSTATIC", "1"), ("DJANGO_SETTINGS_MODULE", "site_.settings")]),
        &[Part::Reasons],
        expect![[r#"
            language = python (has a web application or a declared process) by detected: Django application `site_.wsgi:application` in site_/wsgi.py
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = django by manage.py
            django settings = site_.settings by --env DJANGO_SETTINGS_MODULE=site_.settings
            application = site_.wsgi:application by site_/wsgi.py
            Info python/collectstatic-off: static files are not collected: DISABLE_COLLECTSTATIC is set
        "#]],
    );
}

#[test]
fn variables_of_platform_files_choose_the_settings() {
    let split = "//- /site_/__init__.py\n//- /site_/settings.py\nINSTALLED_APPS = ['django.contrib.staticfiles']\n\
        //- /site_/production.py\nimport os\nfrom .settings import *\nSTATIC_ROOT = '/app/static'\nSHOP = os.environ['SHOP']\n";
    let app = "//- /app.json\n{\"env\": {\"DJANGO_SETTINGS_MODULE\": {\"value\": \"site_.production\"}, \"SHOP\": \"one\"}}\n";
    let collecting =
        super::Harness { hidden_steps: &["python.uv", "python.resolve", "python.install"], ..super::HARNESS };
    collecting.check(
        &format!("{MANAGE}{WSGI}{split}{app}"),
        &[Part::Steps, Part::Remarks],
        expect![[r#"
            python.static
              < source **
              DJANGO_SECRET_KEY=packwright-build-only-dummy-this-key-signs-nothing-and-is-in-no-image
              DJANGO_SETTINGS_MODULE=site_.production
              PATH=/opt/venv/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
              PYTHONDONTWRITEBYTECODE=1
              SECRET_KEY=packwright-build-only-dummy-this-key-signs-nothing-and-is-in-no-image
              SHOP=one
              $ mkdir -p /app/static
              $ /opt/venv/bin/python manage.py collectstatic --noinput
              > app/static Build
        "#]],
    );
    let procfile = "//- /Procfile\nweb: DJANGO_SETTINGS_MODULE=site_.production gunicorn site_.wsgi\n";
    check(
        &format!("{MANAGE}{WSGI}{split}{procfile}"),
        &[Part::Remarks],
        expect![[r#"
        Warning python/settings-need-variable: site_/production.py:4 needs the variable SHOP, and collectstatic runs without it
          why: the build knows no configuration; only secret keys get a dummy
          fix: give SHOP a default in the settings, or set DISABLE_COLLECTSTATIC=1
    "#]],
    );
}

#[test]
fn a_project_without_a_module_for_servers() {
    let tree = format!(
        "{MANAGE}//- /site_/__init__.py\n//- /site_/settings.py\nROOT_URLCONF = 'site_.urls'\nWSGI_APPLICATION = 'site_.wsgi.application'\n"
    );
    check(
        &tree,
        &[Part::Processes, Part::Remarks],
        expect![[r#"
        web: DJANGO_SETTINGS_MODULE="${DJANGO_SETTINGS_MODULE:-site_.settings}" gunicorn --bind 0.0.0.0:$PORT 'django.core.wsgi:get_wsgi_application()'
    "#]],
    );
}

/// Whether there is a step that collects, and the remarks about it, as `platform` builds.
fn collects(files: &str, platform: Option<&str>) -> (bool, Vec<String>) {
    let tree = format!(
        "{MANAGE}{WSGI}//- /site_/settings.py\nimport os\nINSTALLED_APPS = ['django.contrib.staticfiles']\n\
         STATIC_ROOT = 's'\nNAME = os.environ['PGDATABASE']\n{files}"
    );
    let tree = packwright_buildpack::planner::MemoryTree::parse(&tree);
    let chosen = platform.map(|name| packwright_platforms::platform(name).unwrap());
    let reader = |tree: &dyn packwright_buildpack::planner::SourceTree| {
        packwright_platforms::model_for(tree, &Default::default(), chosen)
    };
    let harness = super::Harness { reader: &reader, ..super::HARNESS };
    let plan = harness.planned(&tree, &Default::default()).unwrap();
    let said = plan.diagnostics.iter().map(|told| told.code.clone());
    let is_about = |code: &String| code.contains("collectstatic") || code.contains("settings-need");
    (plan.steps.iter().any(|step| step.name.as_str() == "python.static"), said.filter(is_about).collect())
}

#[test]
fn static_files_are_collected_where_the_platform_does_it_or_nothing_else_does() {
    let starts = "//- /Procfile\nweb: python manage.py collectstatic --noinput && gunicorn site_.wsgi\n";
    let by_script =
        "//- /Procfile\nweb: ./start.sh\n//- /start.sh\n#!/bin/sh\npython manage.py collectstatic\n";
    let releases = "//- /Procfile\nrelease: python manage.py collectstatic\nweb: gunicorn site_.wsgi\n";
    let need = || vec!["python/settings-need-variable".to_owned()];
    for (files, platform, made, said) in [
        ("", None, true, need()),
        ("", Some("heroku"), true, need()),
        ("", Some("cloudfoundry"), true, need()),
        (starts, Some("heroku"), true, need()),
        // What a release leaves is in no instance.
        (releases, None, true, need()),
        ("", Some("railway"), false, vec!["python/collectstatic-not-there".to_owned()]),
        ("", Some("render"), false, vec!["python/collectstatic-not-there".to_owned()]),
        (starts, None, false, vec!["python/collectstatic-at-start".to_owned()]),
        (starts, Some("nixpacks"), false, vec!["python/collectstatic-at-start".to_owned()]),
        (by_script, None, false, vec!["python/collectstatic-at-start".to_owned()]),
    ] {
        assert_eq!(collects(files, platform), (made, said), "{platform:?} {files}");
    }
    // The declared build does it, with what the settings need.
    let render = "//- /render.yaml\nservices:\n  - type: web\n    name: a\n    runtime: python\n    \
                  buildCommand: pip install -r requirements.txt && python manage.py collectstatic\n    startCommand: run\n";
    assert_eq!(collects(render, Some("render")), (false, need()));
}
