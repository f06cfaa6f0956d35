//! Images of others: made by podman from Debian's packages and from what pip, npm and Go install, as people make them.
//! `packwright verify` finds nothing in those that work but what is said beside them, and in each that was broken on
//! purpose what was broken.
//!
//! ```text
//! images/whole.txt    images that work; a warning that is true is named beside the image
//!        broken.txt   images that each lack one thing, which is an error or a warning
//! ```
//!
//! An image in these files is a line `#- NAME`, lines `#! SEVERITY CODE TEXT` for what has to be said about it, and its
//! Containerfile. `/mnt/get` there installs Debian packages, `/mnt/machine` runs a program with what this machine says
//! about package indexes and certificates; both are mounted, and in no image.

use std::fmt::Write as _;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use serde_json::Value;

use crate::command::{finish, say};
use crate::fixture::{destination, packwright_on};
use crate::outside;
use crate::place;
use crate::podman::podman;
use crate::stores::OwnStore;

const WHOLE: &str = include_str!("images/whole.txt");
const BROKEN: &str = include_str!("images/broken.txt");

/// Debian's suites that images are made from, with the names that Containerfiles have for them.
const BASES: &[(&str, &str)] = &[("debian", "trixie"), ("bookworm", "bookworm")];

/// Variables of this machine that tell package clients where indexes and proxies are.
const OF_CLIENTS: &[&str] = &[
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "npm_config_registry",
    "NPM_CONFIG_REGISTRY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
];

/// Names images, separated by commas, when not all are to be made; for working on one.
const SOME: &str = "PACKWRIGHT_TESTS_IMAGES";

/// What is kept of the store between two images.
const LEFT: &str = "1500M";

/// An image with what is to be said about it.
struct Image {
    name: &'static str,
    says: Vec<Said>,
    containerfile: String,
}

/// A finding: severity, code, and a part of its text.
#[derive(Debug, PartialEq, Eq)]
struct Said {
    severity: String,
    code: String,
    text: String,
}

/// Makes all images and looks at them: the trial of the gate.
pub fn all() {
    let some = std::env::var(SOME).ok();
    let asked =
        |image: &Image| some.as_ref().is_none_or(|some| some.split(',').any(|name| name == image.name));
    let (whole, broken) = (images(WHOLE), images(BROKEN));
    assert!(whole.iter().all(|image| image.says.iter().all(|said| said.severity == "warning")));
    assert!(broken.iter().all(|image| !image.says.is_empty()));
    let workshop = Workshop::new();
    let mut problems = Vec::new();
    for image in whole.iter().chain(&broken).filter(|image| asked(image)) {
        problems.extend(workshop.problem_of(image));
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

/// The images of a file.
fn images(text: &'static str) -> Vec<Image> {
    let of = |part: &'static str| {
        let (name, rest) = part.split_once('\n').expect("an image has lines");
        let said = rest.lines().filter_map(|line| line.strip_prefix("#! ")).map(|line| {
            let [severity, code, text] = line.splitn(3, ' ').collect::<Vec<_>>()[..] else {
                panic!("severity, code and text: {line}")
            };
            Said { severity: severity.to_owned(), code: code.to_owned(), text: text.to_owned() }
        });
        Image { name, says: said.collect(), containerfile: rest.to_owned() }
    };
    text.split("#- ").skip(1).map(of).collect()
}

/// Where images are made.
struct Workshop {
    dir: tempfile::TempDir,
    store: OwnStore,
}

impl Workshop {
    /// With the images that others are made from.
    fn new() -> Workshop {
        let workshop = Workshop { dir: place::new_dir("images"), store: OwnStore::empty() };
        let mounted = workshop.mounted();
        fs::create_dir_all(mounted.join("archives/partial")).unwrap();
        let program = |name: &str, text: &str| {
            fs::write(mounted.join(name), text).unwrap();
            fs::set_permissions(mounted.join(name), Permissions::from_mode(0o755)).unwrap();
        };
        program("get", GET);
        program("machine", &machine(&mounted));
        for (name, suite) in BASES {
            let archive = workshop.dir.path().join(format!("{name}.tar"));
            let mut debian = outside::debian("mmdebstrap");
            debian.args([
                "--quiet",
                "--variant=minbase",
                "--include=ca-certificates",
                "--skip=cleanup/apt/lists",
            ]);
            debian.args([
                "--dpkgopt=path-exclude=/usr/share/man/*",
                "--dpkgopt=path-exclude=/usr/share/locale/*",
            ]);
            debian
                .args(["--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=force-unsafe-io", suite])
                .arg(&archive);
            debian.args(std::env::var("PACKWRIGHT_DEBIAN_MIRROR").ok());
            finish(&mut debian).ok();
            // No package starts a server when it is installed; some link to pages of the manual.
            let text = format!(
                "FROM scratch\nADD {name}.tar /\nRUN printf '#!/bin/sh\\nexit 101\\n' > /usr/sbin/policy-rc.d && \
                 chmod +x /usr/sbin/policy-rc.d && mkdir -p /usr/share/man/man1\n"
            );
            finish(&mut workshop.build(name, &text, workshop.dir.path())).ok();
            fs::remove_file(archive).unwrap();
        }
        workshop
    }

    /// What Containerfiles see as `/mnt`.
    fn mounted(&self) -> PathBuf {
        self.dir.path().join("mounted")
    }

    /// podman, told to make `localhost/NAME`.
    fn build(&self, name: &str, containerfile: &str, context: &Path) -> Command {
        let file = self.dir.path().join("Containerfile");
        fs::write(&file, containerfile).unwrap();
        let mut build = podman().expect("images are made with podman, which needs root or a range of ids");
        build.args([
            "build",
            "--quiet",
            "--layers=false",
            "--pull=never",
            "--isolation=chroot",
            "--network=host",
        ]);
        build.arg(format!("--volume={}:/mnt", self.mounted().display()));
        build.arg(format!("--tag=localhost/{name}")).arg("--file").arg(file).arg(context);
        build
    }

    /// What is wrong about what is said of `image`.
    fn problem_of(&self, image: &Image) -> Option<String> {
        let start = Instant::now();
        let context = self.dir.path().join("context");
        fs::create_dir_all(&context).unwrap();
        let name = format!("packwright-images/{}", image.name);
        let layout = self.dir.path().join("layout");
        let built = finish(&mut self.build(&name, &image.containerfile, &context));
        let podman = || podman().expect("it made the image");
        let pushed = built.status.success().then(|| {
            let mut push = podman();
            finish(push.args(["push", "--quiet", &name, &destination("oci", &layout)]))
        });
        let made = start.elapsed();
        let problem = match &pushed {
            Some(pushed) if pushed.status.success() => self.judged(image, &layout),
            Some(pushed) => Some(format!("is not pushed: {}", pushed.story())),
            None => Some(format!("is not made: {}", built.story())),
        };
        say(&format!(
            "images: {} {} (made in {:.0} s, looked at in {:.1} s)",
            image.name,
            problem.as_deref().unwrap_or("is judged right"),
            made.as_secs_f64(),
            (start.elapsed() - made).as_secs_f64()
        ));
        if layout.exists() {
            place::remove(&layout);
        }
        // Stages of the build as well.
        finish(podman().args(["rmi", "--force", &name]));
        finish(podman().args(["image", "prune", "--force"]));
        finish(&mut packwright_on(self.store.path(), ["cache", "prune", "--max-size", LEFT]));
        problem.map(|problem| format!("{} {problem}", image.name))
    }

    /// What is said wrongly, or not said, about the image in `layout`.
    fn judged(&self, image: &Image, layout: &Path) -> Option<String> {
        let place = destination("oci", layout);
        let told = finish(&mut packwright_on(self.store.path(), ["verify", "--format", "json", &place]));
        let Ok(answer) = serde_json::from_slice::<Value>(&told.stdout) else {
            return Some(format!("cannot be looked at: {}", told.story()));
        };
        let findings: Vec<&Value> = answer["findings"].as_array().into_iter().flatten().collect();
        let is = |finding: &Value, said: &Said| {
            let text = |key: &str| finding[key].as_str().unwrap_or_default();
            let whole = format!("{} {}", text("message"), text("why"));
            text("severity") == said.severity && text("code") == said.code && whole.contains(&said.text)
        };
        let mut problem = String::new();
        for said in &image.says {
            if !findings.iter().any(|finding| is(finding, said)) {
                write!(problem, "\n  is not told: {} {} {}", said.severity, said.code, said.text).unwrap();
            }
        }
        for finding in findings {
            if !image.says.iter().any(|said| is(finding, said)) {
                write!(problem, "\n  is told: {finding}").unwrap();
            }
        }
        (!problem.is_empty()).then_some(problem)
    }
}

/// Installs Debian packages. What one image needed is not fetched again for the next.
const GET: &str = "#!/bin/sh\n\
    export DEBIAN_FRONTEND=noninteractive\n\
    exec apt-get install -y -q --no-install-recommends -o APT::Sandbox::User=root \
    -o Dir::Cache::archives=/mnt/archives -o Binary::apt-get::APT::Keep-Downloaded-Packages=true \"$@\"\n";

/// A script that runs its words with what this machine's environment says to package clients.
fn machine(mounted: &Path) -> String {
    let mut text = "#!/bin/sh\n".to_owned();
    for name in OF_CLIENTS {
        if let Ok(value) = std::env::var(name) {
            writeln!(text, "export {name}='{}'", value.replace('\'', r"'\''")).unwrap();
        }
    }
    let certificates =
        std::env::var("SSL_CERT_FILE").unwrap_or("/etc/ssl/certs/ca-certificates.crt".to_owned());
    if fs::copy(certificates, mounted.join("certificates.pem")).is_ok() {
        for name in
            ["SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "npm_config_cafile"]
        {
            writeln!(text, "export {name}=/mnt/certificates.pem").unwrap();
        }
    }
    // Caches would be in the image.
    text + "export PIP_NO_CACHE_DIR=1 npm_config_cache=/mnt/npm\nexec \"$@\"\n"
}
