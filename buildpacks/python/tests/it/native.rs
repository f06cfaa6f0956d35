//! Debian packages for what requirements need.

use expect_test::{Expect, expect};

use super::{Part, check, with_env};

const BOT: &str = "//- /bot.py\nprint()\n";

fn packages(requirements: &str, expected: Expect) {
    let tree = format!("//- /requirements.txt\n{}\n{BOT}", requirements.replace(' ', "\n"));
    let plan =
        super::planned(&packwright_buildpack::planner::MemoryTree::parse(&tree), &with_env([])).unwrap();
    let mut out = String::new();
    for package in plan
        .packages
        .iter()
        .filter(|package| package.layer == packwright_buildpack::planner::LayerKind::System)
    {
        out += &format!("{:?} {}: {}\n", package.scope, package.name, package.why);
    }
    expected.assert_eq(&out);
}

#[test]
fn what_is_compiled() {
    packages(
        "psycopg2 mysqlclient",
        expect![[r#"
            Build build-essential: mysqlclient is published as source and loads MariaDB's client
            Build pkgconf: mysqlclient is published as source and loads MariaDB's client
            Build perl-base: mysqlclient is published as source and loads MariaDB's client
            Build sed: mysqlclient is published as source and loads MariaDB's client
            Build grep: mysqlclient is published as source and loads MariaDB's client
            Build findutils: mysqlclient is published as source and loads MariaDB's client
            Build diffutils: mysqlclient is published as source and loads MariaDB's client
            Build tar: mysqlclient is published as source and loads MariaDB's client
            Build gzip: mysqlclient is published as source and loads MariaDB's client
            Build python3.13-dev: mysqlclient is published as source and loads MariaDB's client
            Build libmariadb-dev: mysqlclient is published as source and loads MariaDB's client
            Build libpq-dev: psycopg2 is published as source and loads PostgreSQL's client
        "#]],
    );
    packages(
        "uwsgi",
        expect![[r#"
            Build build-essential: uwsgi is published as source and is linked to Python's library
            Build pkgconf: uwsgi is published as source and is linked to Python's library
            Build perl-base: uwsgi is published as source and is linked to Python's library
            Build sed: uwsgi is published as source and is linked to Python's library
            Build grep: uwsgi is published as source and is linked to Python's library
            Build findutils: uwsgi is published as source and is linked to Python's library
            Build diffutils: uwsgi is published as source and is linked to Python's library
            Build tar: uwsgi is published as source and is linked to Python's library
            Build gzip: uwsgi is published as source and is linked to Python's library
            Build python3.13-dev: uwsgi is published as source and is linked to Python's library
        "#]],
    );
}

#[test]
fn what_has_wheels_needs_no_compiler() {
    packages("psycopg2-binary psycopg[binary] lxml pillow opencv-python-headless numpy", expect![""]);
    packages(
        "psycopg opencv-python weasyprint pydub",
        expect![[r#"
            Run libc-bin: psycopg loads PostgreSQL's client
            Run libpq5: psycopg loads PostgreSQL's client
            Run ffmpeg: pydub starts ffmpeg
            Run libpango-1.0-0: weasyprint loads Pango, and needs a font to write with
            Run libpangoft2-1.0-0: weasyprint loads Pango, and needs a font to write with
            Run libharfbuzz-subset0: weasyprint loads Pango, and needs a font to write with
            Run fonts-dejavu-core: weasyprint loads Pango, and needs a font to write with
        "#]],
    );
}

#[test]
fn a_program_that_only_an_older_debian_has() {
    check(
        &format!("//- /.python-version\n3.11\n//- /requirements.txt\npdfkit\n{BOT}"),
        &[Part::Packages, Part::Remarks],
        expect![[r#"
            Run Runtime python3.11-minimal
            Run Runtime libpython3.11-stdlib
            Run Runtime libstdc++6
            Run Runtime media-types
            Run Runtime netbase
            Build Runtime python3-pip-whl
            Run System wkhtmltopdf
        "#]],
    );
    check(
        &format!("//- /.python-version\n3.13\n//- /requirements.txt\npdfkit\n{BOT}"),
        &[Part::Packages, Part::Remarks],
        expect![[r#"
            Run Runtime python3.13-minimal
            Run Runtime libpython3.13-stdlib
            Run Runtime libstdc++6
            Run Runtime media-types
            Run Runtime netbase
            Build Runtime python3-pip-whl
            Warning python/program-missing: pdfkit starts wkhtmltopdf, and none is in the image
              why: Debian trixie no longer has wkhtmltopdf; bookworm has
              fix: choose Python 3.11 (`.python-version`), which is bookworm's, or write PDF with weasyprint or a browser
        "#]],
    );
}

#[test]
fn an_extra_that_is_compiled() {
    check(
        &format!("//- /requirements.txt\npsycopg[c]>=3.2\n{BOT}"),
        &[Part::Packages, Part::Remarks],
        expect![[r#"
            Run Runtime python3.13-minimal
            Run Runtime libpython3.13-stdlib
            Run Runtime libstdc++6
            Run Runtime media-types
            Run Runtime netbase
            Build Runtime python3-pip-whl
            Build System build-essential
            Build System pkgconf
            Build System perl-base
            Build System sed
            Build System grep
            Build System findutils
            Build System diffutils
            Build System tar
            Build System gzip
            Build System python3.13-dev
            Build System libpq-dev
        "#]],
    );
}

#[test]
fn markers_are_obeyed() {
    packages("psycopg2;sys_platform=='win32'", expect![[""]]);
}

#[test]
fn names_of_the_suite() {
    check(
        &format!("//- /.python-version\n3.11\n//- /requirements.txt\npython-magic\npython-ldap\n{BOT}"),
        &[Part::Packages],
        expect![[r#"
            Run Runtime python3.11-minimal
            Run Runtime libpython3.11-stdlib
            Run Runtime libstdc++6
            Run Runtime media-types
            Run Runtime netbase
            Build Runtime python3-pip-whl
            Run System libmagic1
            Build System build-essential
            Build System pkgconf
            Build System perl-base
            Build System sed
            Build System grep
            Build System findutils
            Build System diffutils
            Build System tar
            Build System gzip
            Build System python3.11-dev
            Build System libldap-dev
            Build System libsasl2-dev
        "#]],
    );
}

#[test]
fn decisions_say_why() {
    check(
        &format!("//- /requirements.txt\nmysqlclient\npdf2image\nuwsgi\n{BOT}"),
        &[Part::Reasons],
        expect![[r#"
            language = python (has a program) by detected: bot.py in bot.py, which does not read PORT
            python version = 3.13 by default: the newest Python of the current Debian
            python package manager = pip by requirements.txt
            python framework = none by default: no file uses a web framework
            application = bot.py by bot.py
            system packages for mysqlclient = a compiler and libmariadb-dev for the build by detected: mysqlclient is published as source and loads MariaDB's client
            system packages for pdf2image = poppler-utils by detected: pdf2image starts pdftoppm
            system packages for uwsgi = a compiler for the build by detected: uwsgi is published as source and is linked to Python's library
        "#]],
    );
}

#[test]
fn geodjango() {
    check(
        "//- /requirements.txt\ndjango\ngunicorn\n//- /manage.py\nimport django, os\n\
         os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'maps.settings')\n\
         //- /maps/settings.py\nINSTALLED_APPS = ['django.contrib.gis']\n\
         //- /maps/wsgi.py\nimport os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'maps.settings')\n",
        &[Part::Packages],
        expect![[r#"
            Run Runtime python3.13-minimal
            Run Runtime libpython3.13-stdlib
            Run Runtime libstdc++6
            Run Runtime media-types
            Run Runtime netbase
            Build Runtime python3-pip-whl
            Run System libc-bin
            Run System libgdal36
            Run System libgeos-c1t64
            Run System libproj25
            Run System proj-data
        "#]],
    );
}
