//! Dockerfiles: real ones, unusual ones and broken ones.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use packwright_planner::{Command, MemoryTree};
use proptest::prelude::*;

use super::*;
use crate::dir_view::DirView;
use crate::test_languages::LANGUAGES;

fn read_text(text: &str) -> Declarations {
    let mut tree = MemoryTree::new();
    tree.add("Dockerfile".parse().unwrap(), text.as_bytes().to_vec());
    let environment = BTreeMap::new();
    declarations(&DirView { tree: &tree, dir: None, languages: LANGUAGES, environment: &environment })
        .remove(0)
}

/// What is declared and said, a line each; the word that nothing is run aside.
fn describe(declared: &Declarations) -> String {
    let mut out = String::new();
    for part in &declared.components {
        for wish in &part.versions {
            out += &format!("{} {} {}\n", wish.version.origin, wish.tool, wish.version.value);
        }
        for process in &part.processes {
            out += &format!("{} {} = {:?}\n", process.origin, process.name, process.command);
            if let Some(port) = &process.port {
                out += &format!("  {} {:?}\n", port.origin, port.value);
            }
            if let Some(health) = &process.health {
                out += &format!("  {} {:?}\n", health.origin, health.value);
            }
            if let Some(stop) = &process.stop {
                out += &format!("  {} {:?}\n", stop.origin, stop.value);
            }
        }
        for variable in &part.environment {
            out += &format!(
                "{} {} = {:?} {:?}\n",
                variable.origin, variable.name, variable.value, variable.scope
            );
        }
        for package in &part.packages {
            out += &format!("{} package {} {:?}\n", package.name.origin, package.name.value, package.scope);
        }
        for volume in &part.volumes {
            out += &format!("{} volume {}\n", volume.path.origin, volume.path.value);
        }
    }
    for found in declared.diagnostics.iter().filter(|found| found.code != "dockerfile/not-built") {
        out += &format!("{:?} {} {}\n", found.severity, found.code, found.message);
    }
    out
}

fn check(text: &str, expected: Expect) {
    expected.assert_eq(&describe(&read_text(text)));
}

#[test]
fn a_django_application_in_two_stages() {
    check(
        r#"# syntax=docker/dockerfile:1
ARG PYTHON_VERSION=3.12
FROM node:20-alpine AS assets
WORKDIR /src
COPY package*.json ./
RUN npm ci && npm run build

FROM python:${PYTHON_VERSION}-slim-bookworm AS base
ENV PYTHONUNBUFFERED=1 \
    # the settings
    DJANGO_SETTINGS_MODULE="shop.settings" \
    PATH="/venv/bin:$PATH"
RUN apt-get update && apt-get install -y --no-install-recommends \
      libpq-dev=15.* \
      gettext \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app

FROM base
ARG SECRET_KEY=dummy
COPY . .
COPY --from=assets /src/dist static
RUN SECRET_KEY=$SECRET_KEY python manage.py collectstatic --noinput
VOLUME ["/app/media"]
USER app
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=3s --start-period=1m30s --retries=3 \
  CMD curl -f http://localhost:8000/healthz || exit 1
STOPSIGNAL SIGINT
ENTRYPOINT ["tini", "--"]
CMD ["gunicorn", "shop.wsgi", "--bind", "0.0.0.0:8000"]
"#,
        expect![[r#"
            Dockerfile:8 python 3.12
            Dockerfile:3 node 20
            Dockerfile:31 web = Some(Exec(["gunicorn", "shop.wsgi", "--bind", "0.0.0.0:8000"]))
              Dockerfile:26 Fixed(8000)
              Dockerfile:27 Health { probe: Http("/healthz"), interval: Some(30), timeout: Some(3), grace: Some(90), retries: Some(3) }
              Dockerfile:29 Stop { signal: Some("SIGINT"), grace: None }
            Dockerfile:9 PYTHONUNBUFFERED = Literal("1") Both
            Dockerfile:11 DJANGO_SETTINGS_MODULE = Literal("shop.settings") Both
            Dockerfile:20 SECRET_KEY = Withheld Build
            Dockerfile:14 package libpq-dev Build
            Dockerfile:14 package libpq5 Run
            Dockerfile:15 package gettext Run
            Dockerfile:24 volume /app/media
            Info dockerfile/variables-left-out Dockerfile:9: PATH left out
            Info dockerfile/packages Dockerfile:14: the file installs libpq-dev, gettext
            Warning dockerfile/secret Dockerfile:20: SECRET_KEY has a value that looks like a secret
            Info dockerfile/without-effect Dockerfile:25: `USER app` has no effect
        "#]],
    );
}

#[test]
fn the_table_of_entry_points_and_commands() {
    let command = |lines: &str| {
        let declared = read_text(&format!("FROM python:3.12\n{lines}\n"));
        declared.components[0].processes.first().and_then(|process| process.command.clone()).map_or_else(
            || "none".to_owned(),
            |command| match command {
                Command::Shell(line) => format!("line {line}"),
                Command::Exec(words) => format!("words {words:?}"),
            },
        )
    };
    let cases = [
        ("CMD run x", "line run x"),
        ("CMD [\"run\", \"x\"]", "words [\"run\", \"x\"]"),
        ("ENTRYPOINT entry y", "line entry y"),
        ("ENTRYPOINT entry y\nCMD run x", "line entry y"),
        ("ENTRYPOINT [\"entry\", \"y\"]", "words [\"entry\", \"y\"]"),
        ("ENTRYPOINT [\"entry\"]\nCMD run x", "words [\"entry\", \"/bin/sh\", \"-c\", \"run x\"]"),
        ("ENTRYPOINT [\"entry\"]\nCMD [\"run\"]", "words [\"entry\", \"run\"]"),
        ("CMD [\"run\"]\nENTRYPOINT [\"entry\"]", "words [\"entry\", \"run\"]"),
        ("CMD ['run']", "line ['run']"),
        ("CMD [\"run\"] x", "words [\"run\"]"),
        ("CMD [\"run\",]", "line [\"run\",]"),
        ("CMD a\nCMD b", "line b"),
        ("SHELL [\"bash\", \"-c\"]\nCMD run x", "words [\"bash\", \"-c\", \"run x\"]"),
        ("ENTRYPOINT [\"/usr/bin/tini\", \"-g\", \"--\"]\nCMD run x", "line run x"),
        ("CMD [\"bash\"]", "none"),
        ("CMD tail -f /dev/null", "none"),
        ("CMD []", "none"),
        ("", "none"),
    ];
    for (lines, expected) in cases {
        assert_eq!(command(lines), expected, "{lines}");
    }
}

#[test]
fn an_entry_point_of_a_stage_takes_the_command_of_its_base_away() {
    check(
        "FROM python:3.12 AS base\nCMD [\"old\"]\nFROM base\nENTRYPOINT [\"new\"]\n",
        expect![[r#"
            Dockerfile:1 python 3.12
            Dockerfile:4 web = Some(Exec(["new"]))
        "#]],
    );
    check(
        "FROM python:3.12 AS base\nCMD [\"old\"]\nFROM base AS last\n",
        expect![[r#"
        Dockerfile:1 python 3.12
        Dockerfile:2 web = Some(Exec(["old"]))
    "#]],
    );
}

#[test]
fn here_documents_are_no_instructions() {
    check(
        "FROM python:3.11\nRUN <<EOF\napt-get install -y imagemagick\nCMD no\nEOF\nRUN python3 <<-'END' && echo a\n\tFROM nothing\n\tEND\nCOPY <<one.txt <<two.txt /x/\nCMD a\none.txt\nCMD b\ntwo.txt\nCMD [\"run\"]\n",
        expect![[r#"
            Dockerfile:1 python 3.11
            Dockerfile:14 web = Some(Exec(["run"]))
            Dockerfile:3 package imagemagick Run
            Info dockerfile/packages Dockerfile:3: the file installs imagemagick
        "#]],
    );
    check(
        "FROM python:3.11\nRUN <<EOF\nCMD no\n",
        expect![[r#"
        Dockerfile:1 python 3.11
        Dockerfile:3 web = Some(Shell("no"))
        Warning dockerfile/value Dockerfile:2: no line `EOF` ends the here-document
    "#]],
    );
}

#[test]
fn continuation_lines_comments_and_the_escape_directive() {
    check(
        "# escape=`\nFROM python:3.11\nENV A=`\n# a comment\n\n  b C:\\d=1\nCMD run `\n  x\n",
        expect![[r#"
        Dockerfile:2 python 3.11
        Dockerfile:7 web = Some(Shell("run   x"))
        Dockerfile:3 A = Literal("") Both
        Dockerfile:6 C:\d = Literal("1") Both
        Warning dockerfile/value Dockerfile:6: `ENV`: `b` is no `name=value`
    "#]],
    );
    check(
        "\u{feff}from python:3.11\r\ncmd run \\\r\n x\r\n",
        expect![[r#"
        Dockerfile:1 python 3.11
        Dockerfile:2 web = Some(Shell("run  x"))
    "#]],
    );
    check(
        "FROM python:3.11\nCMD run \\",
        expect![[r#"
        Dockerfile:1 python 3.11
        Dockerfile:2 web = Some(Shell("run"))
    "#]],
    );
}

#[test]
fn variables() {
    check(
        "ARG V=3.12\nARG TAG\nFROM python:$V-slim AS a\nARG V\nENV A=$V B=\"${A:-none} x\" C='$V' D=\\$V E=${V:+yes} F=${NO} G=${V%.12}\nENV H the rest \"of it\"\nENV I=$A\nARG SHA\nENV SHA=$SHA\nEXPOSE $V ${PORT:-8000}/tcp 53/udp 9000-9010\n",
        expect![[r#"
            Dockerfile:3 python 3.12
            Dockerfile:10 web = None
              Dockerfile:10 Fixed(8000)
            Dockerfile:5 A = Literal("3.12") Both
            Dockerfile:5 B = Literal("none x") Both
            Dockerfile:5 C = Literal("$V") Both
            Dockerfile:5 D = Literal("$V") Both
            Dockerfile:5 E = Literal("yes") Both
            Dockerfile:5 F = Optional Both
            Dockerfile:5 G = Optional Both
            Dockerfile:6 H = Literal("the rest of it") Both
            Dockerfile:7 I = Literal("3.12") Both
            Dockerfile:9 SHA = Optional Both
            Dockerfile:4 V = Literal("3.12") Build
            Warning dockerfile/value Dockerfile:10: `EXPOSE`: `$V` is no port
            Info dockerfile/ports Dockerfile:10: 9000 is not the port of `web`
        "#]],
    );
    check(
        "ARG NAME\nFROM $NAME\nENV PORT 8000\n",
        expect![[r#"
        Dockerfile:3 PORT = Literal("8000") Both
        Warning dockerfile/value Dockerfile:2: `NAME` in `FROM` has no default
    "#]],
    );
}

#[test]
fn secrets_are_not_kept() {
    check(
        "FROM python:3.12\nENV DJANGO_SECRET_KEY 'foobar'\nENV DATABASE_URL=postgres://u:p@db/x SECRET_KEY=${SECRET_KEY}\nARG API_TOKEN=abc\n",
        expect![[r#"
            Dockerfile:1 python 3.12
            Dockerfile:2 DJANGO_SECRET_KEY = Withheld Both
            Dockerfile:3 DATABASE_URL = Withheld Both
            Dockerfile:3 SECRET_KEY = Optional Both
            Dockerfile:4 API_TOKEN = Withheld Build
            Warning dockerfile/secret Dockerfile:2: DJANGO_SECRET_KEY has a value that looks like a secret
            Warning dockerfile/secret Dockerfile:3: DATABASE_URL has a value that looks like a secret
            Warning dockerfile/secret Dockerfile:4: API_TOKEN has a value that looks like a secret
        "#]],
    );
}

#[test]
fn images_say_versions() {
    let says = |image: &str| -> String {
        runtimes(image).iter().map(|(tool, version)| format!("{tool} {version} ")).collect()
    };
    let cases = [
        ("python:3.12-slim", "python 3.12 "),
        ("docker.io/library/node:20.11-alpine3.19@sha256:00", "node 20.11 "),
        ("ghcr.io/astral-sh/uv:python3.12-bookworm-slim", "python 3.12 "),
        ("tiangolo/uvicorn-gunicorn-fastapi:python3.11", "python 3.11 "),
        ("nikolaik/python-nodejs:python3.11-nodejs20-slim", "python 3.11 node 20 "),
        ("gcr.io/distroless/python3-debian12", "python 3 "),
        ("gcr.io/distroless/nodejs20-debian12", "node 20 "),
        ("mcr.microsoft.com/devcontainers/python:1-3.12-bookworm", "python 3.12 "),
        ("public.ecr.aws/lambda/python:3.12", "python 3.12 "),
        ("oven/bun:1.1", "bun 1.1 "),
        ("localhost:5000/python:3.9", "python 3.9 "),
        ("python:latest", ""),
        ("python", ""),
        ("nginx:1.27", ""),
        ("scratch", ""),
        ("", ""),
    ];
    for (image, expected) in cases {
        assert_eq!(says(image), expected, "{image}");
    }
}

#[test]
fn packages_are_named_and_not_more() {
    check(
        "FROM debian:12 AS build\nRUN apt-get -qq update; DEBIAN_FRONTEND=noninteractive apt-get -y -o Dpkg::Use-Pty=0 install build-essential git ./x.deb $MORE\nFROM python:3.12\nRUN if true; then apt-get install -y libpq5 || exit 1; fi && (apt install \"ffmpeg\" 2>&1)\nRUN apk add --no-cache --virtual .deps gcc musl-dev\nRUN echo apt-get install nothing\n",
        expect![[r#"
            Dockerfile:3 python 3.12
            Dockerfile:2 package build-essential Build
            Dockerfile:2 package git Build
            Dockerfile:4 package libpq5 Run
            Dockerfile:4 package ffmpeg Run
            Info dockerfile/packages Dockerfile:2: the file installs build-essential, git, libpq5, ffmpeg
            Info dockerfile/foreign-packages Dockerfile:2: the file installs gcc, musl-dev, which are not installed
        "#]],
    );
}

#[test]
fn lines_that_are_wrong() {
    check(
        "RUN early\nFROM\nFROM a b c d\nRUNN x\nENV A\nENV A=1 B\nEXPOSE x\nHEALTHCHECK x\nHEALTHCHECK --interval=soon CMD x\nSHELL bash\n}{\nCMD $X [\nCMD [\"run\", \"$PORT\"]\n",
        expect![[r#"
            Dockerfile:13 web = Some(Exec(["run", "$PORT"]))
              Dockerfile:9 Health { probe: Exec(Shell("x")), interval: None, timeout: None, grace: None, retries: None }
            Dockerfile:6 A = Literal("1") Both
            Warning dockerfile/value Dockerfile:1: `RUN` comes before the first `FROM`
            Warning dockerfile/value Dockerfile:2: `FROM` has nothing behind it
            Warning dockerfile/value Dockerfile:3: `FROM` is `FROM <image> [AS <name>]`
            Warning dockerfile/value Dockerfile:4: `RUNN` is no instruction
            Warning dockerfile/value Dockerfile:6: `ENV`: `B` is no `name=value`
            Warning dockerfile/value Dockerfile:7: `EXPOSE`: `x` is no port
            Warning dockerfile/value Dockerfile:8: `HEALTHCHECK` is followed by `CMD` or `NONE`
            Warning dockerfile/value Dockerfile:9: `--interval=soon` is no time such as `30s`
            Warning dockerfile/value Dockerfile:10: `SHELL` takes a list in JSON
            Warning dockerfile/value Dockerfile:11: `}{` is no instruction
            Warning dockerfile/no-shell Dockerfile:13: `$PORT` stays as it is written
        "#]],
    );
    check(
        "# nothing\n",
        expect![[r#"
        Warning dockerfile/no-stage Dockerfile has no `FROM`
    "#]],
    );
    check(
        "",
        expect![[r#"
        Warning dockerfile/no-stage Dockerfile has no `FROM`
    "#]],
    );
}

#[test]
fn places_in_another_image() {
    check(
        "FROM python:3.12\nWORKDIR /usr\nWORKDIR src\nENV PYTHONPATH=/usr/src PIP_NO_CACHE_DIR=1\nCMD python /usr/src/main.py --out=/usr/srcs\nEXPOSE 80 443\n",
        expect![[r#"
            Dockerfile:1 python 3.12
            Dockerfile:5 web = Some(Shell("python /usr/src/main.py --out=/usr/srcs"))
              Dockerfile:6 Fixed(80)
            Info dockerfile/variables-left-out Dockerfile:4: PYTHONPATH, PIP_NO_CACHE_DIR left out
            Warning dockerfile/path Dockerfile:5: `/usr/src/main.py` will not be there
            Info dockerfile/ports Dockerfile:6: 443 is not the port of `web`
        "#]],
    );
}

#[test]
fn seconds_of_go() {
    for (text, expected) in [
        ("30s", Some(30)),
        ("1m30s", Some(90)),
        ("500ms", Some(1)),
        ("0s", Some(0)),
        ("1.5h", Some(5400)),
        ("3", None),
        ("", None),
        ("xs", None),
    ] {
        assert_eq!(process::seconds(text), expected, "{text}");
    }
}

#[test]
fn containerfiles_and_links() {
    let tree =
        MemoryTree::parse("//- /Containerfile\nFROM python:3.12\nEXPOSE 80\n//- /Dockerfile.dev\nFROM x\n");
    let environment = BTreeMap::new();
    let found =
        declarations(&DirView { tree: &tree, dir: None, languages: LANGUAGES, environment: &environment });
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].files[0].as_str(), "Containerfile");
}

fn lines() -> impl proptest::strategy::Strategy<Value = String> {
    let word = prop_oneof![
        proptest::sample::select(vec![
            "FROM",
            "ARG",
            "ENV",
            "RUN",
            "CMD",
            "ENTRYPOINT",
            "EXPOSE",
            "HEALTHCHECK",
            "SHELL",
            "WORKDIR",
            "USER",
            "python:3.12",
            "AS",
            "base",
            "A=1",
            "\\\n",
            "\n",
            "\n",
            "<<EOF",
            "EOF",
            "[\"a\"]",
            "${A:-${B}}",
            "$A",
            "'",
            "\"",
            "#",
            "--interval=3s",
            "CMD",
            "8000",
            "apt-get install x",
            "# escape=`\n",
            "`",
            "SECRET_KEY=hunter2hunter2",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ];
    proptest::collection::vec(word, 0..40).prop_map(|words| words.join(" "))
}

proptest! {
    /// Any text is answered; every place is a line of the file, no process is there twice, and no
    /// value of a secret is kept.
    #[test]
    fn any_text(text in prop_oneof![lines(), "(?s).{0,200}"]) {
        let declared = read_text(&text);
        let count = text.replace("\r\n", "\n").replace('\r', "\n").split('\n').count() as u32;
        let json = format!("{declared:?}");
        for piece in json.split("line: Some(").skip(1) {
            let line: u32 = piece.split(')').next().unwrap().parse().unwrap();
            prop_assert!((1..=count).contains(&line), "{line} of {count}");
        }
        prop_assert!(declared.components.iter().all(|part| part.processes.len() <= 1));
        for variable in declared.components.iter().flat_map(|part| &part.environment) {
            let kept = matches!(&variable.value, VariableValue::Literal(value) if value == "hunter2hunter2");
            prop_assert!(variable.name != "SECRET_KEY" || !kept);
        }
    }
}

#[test]
fn commands_are_read_as_their_shell_reads_them() {
    for (command, code) in [
        ("CMD [\"gunicorn\", \"-c\", \"conf.py\", \"-b\", \"0.0.0.0:$PORT\"]", "dockerfile/no-shell"),
        ("CMD [\"env\", \"A=1\", \"bash\", \"-c\", \"serve $PORT\"]", "none"),
        ("CMD tail -f '/dev/null' # waits", "dockerfile/idle"),
        ("CMD exec sleep infinity", "dockerfile/idle"),
        ("CMD [\"bash\", \"-c\", \"sleep infinity\"]", "dockerfile/idle"),
        ("CMD '/srv/a b'/run.sh # in /srv/a/b", "none"),
        ("CMD run '/srv/a/my file'", "dockerfile/path"),
        ("CMD PYTHONPATH=\"/srv/a/lib\" run", "dockerfile/path"),
    ] {
        let declared = read_text(&format!("FROM python:3.12\nWORKDIR /srv/a\n{command}\n"));
        let told = declared.diagnostics.iter().find(|found| found.code != "dockerfile/not-built");
        assert_eq!(told.map_or("none", |told| &told.code), code, "{command}");
    }
}

#[test]
fn packages_are_those_that_a_shell_would_install() {
    for (run, expected) in [
        ("apt-get install -y 'libpq5' \"curl\"=8.1 # git", vec!["libpq5", "curl"]),
        ("echo 'then; apt-get install git' && apt-get install -y curl >/dev/null 2>&1", vec!["curl"]),
        ("A='x y' apt-get install -o 'Dpkg::Options::=a b' curl", vec!["curl"]),
        ("while ! apt-get install curl; do sleep 1; done", vec!["curl"]),
    ] {
        let declared = read_text(&format!("FROM python:3.12\nRUN {run}\n"));
        let packages = declared.components.iter().flat_map(|part| &part.packages);
        let names: Vec<&str> = packages.map(|package| package.name.value.as_str()).collect();
        assert_eq!(names, expected, "{run}");
    }
}

#[test]
fn variables_of_the_clients_of_a_language_are_left_out_and_the_languages_say_which() {
    let text =
        "FROM x\nENV PIP_INDEX_URL=a NPM_TOKEN=b TEA_MIRROR=c NIXPACKS_X=d DEBIAN_FRONTEND=e STAGE=f\n";
    check(
        text,
        expect![[r#"
            Dockerfile:2 TEA_MIRROR = Literal("c") Both
            Dockerfile:2 STAGE = Literal("f") Both
            Info dockerfile/variables-left-out Dockerfile:2: PIP_INDEX_URL, NPM_TOKEN, NIXPACKS_X, DEBIAN_FRONTEND left out
        "#]],
    );
}
