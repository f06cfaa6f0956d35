//! A Python that Debian does not have: uv downloads it, and it becomes `/opt/python`. Debian's
//! own Python runs the installer and stays out of the image.

use packwright_buildpack::client::{self, Client};
use packwright_buildpack::planner::{Command, Delivered, LayerKind, Output, Package, Step};
use packwright_buildpack::step::{self, after, name, path, words};

use crate::messages;
use crate::releases::Delivery;
use crate::steps::{self, INTERPRETER_STEP, UV, answer};

/// The answer that holds the exact version.
const VERSION: &str = "version.txt";

/// The answer that holds which bytes the list of downloads gives for that version.
const DOWNLOAD: &str = "download.txt";

/// The step that finds the exact version.
const VERSION_STEP: &str = "python.version";

/// The step that downloads it.
const RUNTIME_STEP: &str = "python.runtime";

/// What of a downloaded Python has no use in an image:
/// - the tests of the standard library, its editor and its windows, which need Tcl and Tk;
/// - pip and its wheel: the application's environment is made without it;
/// - libraries to link programs with statically;
/// - manual pages.
const SCRUB: &[&str] = &[
    "bin/{2to3,idle,pip,pydoc}*",
    "lib/*.a",
    "lib/{itcl,libtcl,libtk,tcl,tdbc,thread,tk}*",
    "lib/python3.*/config-*/*.a",
    "lib/python3.*/ensurepip",
    "lib/python3.*/idlelib",
    "lib/python3.*/lib-dynload/{_ctypes_test,_test,_tkinter,_xxtestfuzz,xxlimited}*",
    "lib/python3.*/lib2to3/tests",
    "lib/python3.*/site-packages/pip*",
    "lib/python3.*/test",
    "lib/python3.*/tkinter",
    "lib/python3.*/turtledemo",
    "lib/python3.*/{ctypes,distutils,sqlite3,unittest}/test{,s}",
    "share/man",
];

/// Writes the version that uv would take, of the list as it is now: uv would keep an older one in
/// its cache. The list is the one that uv carries within itself, unless
/// `UV_PYTHON_DOWNLOADS_JSON_URL` names another.
const NEWEST: &str = "import json, sys\n\
    known = [one for one in json.load(open('/tmp/downloads.json'))\n\
    \x20        if one['implementation'] == 'cpython' and one['variant'] == 'default']\n\
    if not known:\n\
    \x20   sys.exit('uv knows no download of Python ' + sys.argv[1] + ' for this machine')\n\
    parts = lambda one: [one['version_parts'][part] for part in ('major', 'minor', 'patch')]\n\
    open(sys.argv[2], 'w').write(max(known, key=parts)['version'] + '\\n')\n";

/// Says which bytes a list of one's own gives for the version in the first file: a digest of the
/// digests that stand there. uv's own list comes with uv. Writes it into the second file, or with
/// `check` compares it with what stands there.
///
/// Two lists may give other bytes for one version, and no key of a step holds what a variable of
/// the caller says: the answer does. uv compares the bytes with the list, so the list must be that
/// of the answer.
///
/// Source: uv documentation, "Environment variables", `UV_PYTHON_DOWNLOADS_JSON_URL`.
const BYTES: &str = "import base64, hashlib, json, os, sys, urllib.parse, urllib.request\n\
    version, answer = open(sys.argv[1]).read().strip(), sys.argv[2]\n\
    place, said = os.environ.get('UV_PYTHON_DOWNLOADS_JSON_URL'), 'the list of uv'\n\
    if place:\n\
    \x20   parts = urllib.parse.urlsplit(place if '://' in place else 'file://' + os.path.abspath(place))\n\
    \x20   ask = urllib.request.Request(parts._replace(netloc=parts.netloc.rpartition('@')[2]).geturl())\n\
    \x20   if parts.username:\n\
    \x20       pair = ':'.join(urllib.parse.unquote(part or '') for part in (parts.username, parts.password))\n\
    \x20       ask.add_header('Authorization', 'Basic ' + base64.b64encode(pair.encode()).decode())\n\
    \x20   known = json.load(urllib.request.urlopen(ask, timeout=60)).values()\n\
    \x20   number = lambda one: '.'.join(str(one[part]) for part in ('major', 'minor', 'patch'))\n\
    \x20   same = [one for one in known if one['name'] == 'cpython' and number(one) == version]\n\
    \x20   bytes = sorted({one.get('sha256') or one['url'] for one in same})\n\
    \x20   said = hashlib.sha256('\\n'.join(bytes).encode()).hexdigest()\n\
    if sys.argv[3:] != ['check']:\n\
    \x20   open(answer, 'w').write(said + '\\n')\n\
    elif open(answer).read().strip() != said:\n\
    \x20   sys.exit('the list of downloads gives other bytes for Python ' + version + ' than when its '\n\
    \x20            'version was found; see UV_PYTHON_DOWNLOADS_JSON_URL, or find the version anew')\n";

/// Moves what uv unpacked to its place. uv wrote the place where it unpacked into a few texts;
/// `EXTERNALLY-MANAGED` is a note for people who would install into this Python.
const MOVE: &str = "import pathlib, shutil\n\
    source = [one for one in pathlib.Path('/tmp/python').glob('cpython-*') if not one.is_symlink()][0]\n\
    target = pathlib.Path('/opt/python')\n\
    shutil.move(source, target)\n\
    texts = ['bin/python*-config', 'lib/pkgconfig/*.pc', 'lib/python3.*/_sysconfigdata*.py',\n\
    \x20        'lib/python3.*/config-*/Makefile']\n\
    for text in (file for pattern in texts for file in target.glob(pattern) if not file.is_symlink()):\n\
    \x20   content = text.read_text()\n\
    \x20   text.write_text(content.replace(str(source), str(target)).replace('/install', str(target)))\n\
    for mark in target.glob('lib/python3.*/EXTERNALLY-MANAGED'):\n\
    \x20   mark.unlink()\n";

/// Compiles the standard library to bytecode that is never checked against its source, in one
/// process and a fixed order, in place of what imports until now have written; what is scrubbed
/// afterwards is left out.
const BYTECODE: &str = "import compileall, py_compile, re\n\
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH\n\
    skip = re.compile('/(test|tests|idlelib|tkinter|turtledemo|ensurepip|site-packages)/')\n\
    compileall.compile_dir('/opt/python/lib', quiet=2, rx=skip, force=True, invalidation_mode=mode)\n";

/// Where the exact version is known from.
pub(crate) fn delivered() -> Delivered {
    Delivered::Answer { step: name(VERSION_STEP), path: step::answer("python", VERSION) }
}

/// Puts the steps that bring a downloaded Python between the installer and what needs it. Nothing
/// is done for a Python of Debian.
pub(crate) fn bring(delivery: &Delivery, made: &mut Vec<Step>) {
    let Some(request) = &delivery.download else {
        return;
    };
    if made.first().is_none_or(|first| first.name != name("python.uv")) {
        made.insert(0, steps::uv(delivery));
    }
    for step in made[1..].iter_mut().filter(|step| step.name != name(INTERPRETER_STEP)) {
        step.inputs.insert(0, after(RUNTIME_STEP));
    }
    let request = match &delivery.bounds {
        Some(bounds) => format!("{bounds},=={}.*", delivery.name),
        None => request.clone(),
    };
    made.splice(1..1, [version(delivery, &request), runtime(delivery)]);
}

/// The packages of the image that the interpreter needs, and those that bring it.
pub(crate) fn packages(delivery: &Delivery, fetches: bool) -> Vec<Package> {
    let suite = delivery.suite_name();
    let run = |name: &str, why: &str| Package::run(name, LayerKind::Runtime, why);
    let interpreter = |name: String, text: &str| match delivery.download {
        Some(_) => Package::build(name, LayerKind::Runtime, format!("{text}, which runs the installer")),
        None => Package::run(name, LayerKind::Runtime, text),
    };
    let mut packages = vec![
        interpreter(format!("python{suite}-minimal"), "the interpreter"),
        interpreter(format!("libpython{suite}-stdlib"), "the standard library"),
    ];
    if delivery.download.is_some() {
        packages.push(run("libc6", "the downloaded interpreter needs nothing else"));
    }
    packages.extend([
        run("libstdc++6", "wheels with C++ code expect it on every Linux"),
        run("media-types", "types of files for the module `mimetypes`"),
        run("netbase", "names of ports and protocols for the module `socket`"),
    ]);
    if fetches {
        packages.push(Package::build("python3-pip-whl", LayerKind::Runtime, "brings the installer"));
    }
    packages
}

/// The packages that fetch from version control; git's own scripts use `sed` and `grep`.
pub(crate) fn git() -> impl Iterator<Item = Package> {
    ["git", "sed", "grep"]
        .into_iter()
        .map(|name| Package::build(name, LayerKind::System, "requirements come from version control"))
}

/// The package with the headers of the interpreter; a downloaded one brings its own.
pub(crate) fn headers(delivery: &Delivery) -> Option<String> {
    delivery.download.is_none().then(|| format!("python{}-dev", delivery.name))
}

fn version(delivery: &Delivery, request: &str) -> Step {
    let mut version = downloading(VERSION_STEP, "finds the exact version of Python");
    let list = words(&[UV, "--no-cache", "python", "list", "--only-downloads", "--all-versions"]);
    let list = [list, words(&["--output-format", "json"])].concat();
    let list = Command::Exec([list, vec![request.to_owned()]].concat());
    version.commands = vec![
        Command::Shell(format!("{list} > /tmp/downloads.json")),
        Command::Exec(words(&[&delivery.bootstrap(), "-c", NEWEST, request, &answer(VERSION)])),
        Command::Exec(words(&[&delivery.bootstrap(), "-c", BYTES, &answer(VERSION), &answer(DOWNLOAD)])),
    ];
    step::answering(version, "python", &[VERSION, DOWNLOAD])
}

fn runtime(delivery: &Delivery) -> Step {
    let mut runtime = downloading(RUNTIME_STEP, "downloads Python, which Debian does not have");
    runtime.inputs.push(after(VERSION_STEP));
    let check = words(&[&delivery.bootstrap(), "-c", BYTES, &answer(VERSION), &answer(DOWNLOAD), "check"]);
    runtime.commands = vec![
        Command::Exec(check),
        Command::Shell(format!(
            "{UV} --no-cache python install --no-bin --install-dir /tmp/python \"cpython-$(cat {})\"",
            answer(VERSION)
        )),
        Command::Exec(words(&[&delivery.bootstrap(), "-c", MOVE])),
        Command::Exec(words(&[&delivery.interpreter(), "-B", "-c", BYTECODE])),
    ];
    runtime.leaves(Output::layer(path("opt/python"), LayerKind::Runtime).without(SCRUB))
}

/// uv as the client of downloads of Python: where those come from, instead of packages.
///
/// Source: uv documentation, "Environment variables".
const PYTHON_DOWNLOADS: Client = Client {
    settings: &[
        "UV_PYTHON_INSTALL_MIRROR",
        "UV_PYTHON_DOWNLOADS_JSON_URL",
        "UV_PYTHON_CPYTHON_BUILD",
        "UV_HTTP_*",
    ],
    ..client::UV
};

fn downloading(step: &str, why: &str) -> Step {
    steps::client_step(step, why, &[&PYTHON_DOWNLOADS])
        .hinted(messages::DOWNLOAD_HINT)
        .with("UV_PYTHON_DOWNLOADS", "manual")
}
