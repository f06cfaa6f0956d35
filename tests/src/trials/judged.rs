//! What other people's programs say about our images.

use std::fs;
use std::path::PathBuf;

use packwright_planner::Selection;
use serde_json::Value;

use super::Subject;
use crate::command::finish;
use crate::fixture::{destination, packwright};
use crate::layout::Layout;
use crate::outside;
use crate::place::is_root;
use crate::podman::{Container, load, podman};
use crate::running::free_port;

/// Demands that all documents of `layout` fit the schemas of the image specification.
#[track_caller]
pub fn fits_the_schemas(layout: &Layout) {
    let documents = [
        ("application/vnd.oci.layout.header.v1+json", layout.dir().join("oci-layout")),
        ("application/vnd.oci.image.index.v1+json", layout.dir().join("index.json")),
        ("application/vnd.oci.image.manifest.v1+json", layout.blob_path(layout.digest())),
        ("application/vnd.oci.image.config.v1+json", layout.blob_path(&layout.config_digest())),
    ];
    let mut schemas = outside::schemas();
    for (kind, file) in &documents {
        schemas.arg(kind).arg(file);
    }
    finish(&mut schemas).ok();
}

/// What skopeo finds at `reference`.
#[track_caller]
pub fn inspected(reference: &str) -> Value {
    let told = finish(outside::debian("skopeo").args(["--insecure-policy", "inspect", reference])).ok();
    serde_json::from_slice(&told.stdout).unwrap()
}

/// Copies `layout` to a docker archive beside it, with skopeo, which checks every digest.
#[track_caller]
fn copied(layout: &Layout, name: &str) -> PathBuf {
    let archive = layout.dir().with_extension("skopeo.tar");
    let mut skopeo = outside::debian("skopeo");
    skopeo.args(["--insecure-policy", "copy", "-q", &destination("oci", layout.dir())]);
    finish(skopeo.arg(format!("{}:{name}", destination("docker-archive", &archive)))).ok();
    archive
}

/// The documents fit the schemas of the image specification, and skopeo finds what we promise.
pub fn fits_the_schemas_and_skopeo(subject: &Subject) {
    let layout = subject.layout();
    fits_the_schemas(layout);
    let found = inspected(&destination("oci", layout.dir()));
    assert_eq!(found["Digest"], layout.digest());
    assert_eq!(found["Os"], "linux");
    assert_eq!(found["Layers"].as_array().unwrap().len(), layout.layers().len());
    assert!(
        found["Labels"]["dev.packwright.image"].as_str().is_some_and(|label| label.contains("processes"))
    );
    let names = layout.layers().iter().flat_map(|layer| layout.members(layer)).collect::<Vec<_>>();
    assert!(names.iter().all(|member| member.names.0.unwrap_or(0) == 0 && member.names.1.unwrap_or(0) == 0));
    assert!(names.iter().all(|member| member.time == 315_532_800), "one time for all files");
}

/// A line for `sh` that prints the user's number.
const WHO: &str =
    "while read key id rest; do if test $key = Uid:; then echo $id; fi; done < /proc/self/status";

/// `skopeo copy` to a docker archive, `podman load`, and the fixture's demands.
pub fn runs_under_podman(subject: &Subject) {
    let Some(podman) = podman() else { return };
    let (fixture, layout) = (&subject.fixture, subject.layout());
    let name = format!("packwright-tests/{}:1", fixture.name);
    let archive = copied(layout, &name);
    let image = load(podman, &archive);
    fs::remove_file(&archive).unwrap();
    let env = fixture.env_flags();
    let start_with = |flags: &[&str], port: u16, words: &[&str]| {
        let port = format!("PORT={port}");
        let flags: Vec<&str> =
            env.iter().map(String::as_str).chain(["--env", &port]).chain(flags.iter().copied()).collect();
        Container::start(&image, &flags, words)
    };
    let start = |flags: &[&str], port: u16| start_with(flags, port, &[]);
    if fixture.serves() {
        let port = free_port();
        let web = start(&[], port);
        web.wait_for_port(port);
        fixture.answers_on(port);
        // With what `sh` does by itself: images of programs that stand alone have no other program.
        let script = format!(
            "{WHO}; : > /tmp/t; : > /app/t; echo can write; (: > /usr/t) 2>/dev/null || (: > /opt/t) 2>/dev/null || echo not there"
        );
        assert_eq!(web.exec(&["sh", "-c", &script]).ok().stdout(), "1000\ncan write\nnot there\n");
        web.stops();

        // As Kubernetes and OpenShift start it.
        let port = free_port();
        let words = "--read-only --read-only-tmpfs=false --tmpfs /tmp --user 12345:0 --cap-drop all";
        let mounts = fixture.demands.mounts.iter().map(|place| format!("--tmpfs={place}:mode=1777"));
        let flags: Vec<String> = words.split(' ').map(str::to_owned).chain(mounts).collect();
        let web = start(&flags.iter().map(String::as_str).collect::<Vec<_>>(), port);
        web.wait_for_port(port);
        fixture.answers_on(port);
        assert_eq!(web.exec(&["sh", "-c", WHO]).ok().stdout(), "12345\n");
        web.stops();
    }
    for (name, text) in &fixture.demands.run {
        let entrypoint = format!("/packwright/process/{name}");
        let process = match fixture.serves() {
            // As Fly and Render start it: they leave the entry point, which is the web process, alone.
            true => start_with(&[], free_port(), &[&entrypoint]),
            false => start(&["--entrypoint", &entrypoint], free_port()),
        };
        process.wait_for_text(text);
        match name.as_str() {
            "release" => assert_eq!(process.ends(), 0, "{}", process.logs()),
            _ => process.stops(),
        }
    }
}

/// umoci unpacks every entry, and the sources that the plan chooses are in `/app` byte for byte, and no others.
pub fn is_unpacked_by_umoci(subject: &Subject) {
    let (checkout, layout) = (&subject.checkout, subject.layout());
    let bundle = checkout.beside("bundle");
    let mut umoci = outside::debian("umoci");
    umoci.args(["unpack", "--image", &format!("{}:latest", layout.dir().display())]);
    if !is_root() {
        umoci.arg("--rootless");
    }
    finish(umoci.arg(&bundle)).ok();
    let root = bundle.join("rootfs");
    for (_, path) in layout
        .paths()
        .iter()
        .filter(|(_, path)| !path.rsplit('/').next().unwrap_or_default().starts_with(".wh."))
    {
        assert!(fs::symlink_metadata(root.join(path)).is_ok(), "{path} was not unpacked");
    }
    let plan = subject.plan();
    let source: Selection = serde_json::from_value(plan["source"].clone()).unwrap();
    let is_chosen = source.matcher().unwrap();
    let top = checkout.dir.join(plan["root"].as_str().unwrap_or_default());
    for (path, bytes) in crate::layout::contents(&top) {
        let found = fs::read(root.join("app").join(&path)).ok();
        let expected = is_chosen(&path.to_str().unwrap().parse().unwrap()).then_some(bytes);
        assert!(found == expected, "{}", path.display());
    }
    crate::place::remove(&bundle);
}

/// crane validates our docker archive.
pub fn is_valid_for_crane(subject: &Subject) {
    let (fixture, checkout) = (&subject.fixture, &subject.checkout);
    let archive = checkout.beside("image.tar");
    let output = format!("{}:packwright-tests/{}:2", destination("docker-archive", &archive), fixture.name);
    finish(checkout.with(&mut packwright(["build", "-o", &output]))).ok();
    finish(outside::crane().args(["validate", "--tarball"]).arg(&archive)).ok();
    fs::remove_file(&archive).unwrap();
}
