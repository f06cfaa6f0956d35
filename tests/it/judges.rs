//! What other people's programs say about our images.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::command::finish;
use crate::fixture::{Fixture, destination, packwright};
use crate::layout::Layout;
use crate::outside;
use crate::place::is_root;
use crate::podman::{Container, load, podman};
use crate::running::free_port;

/// The same trials for one fixture of each kind, under its name.
macro_rules! each {
    ($($module:ident: $name:literal),* $(,)?) => {
        $(mod $module {
            use crate::fixture::Fixture;

            #[test]
            fn fits_the_schemas_and_skopeo() {
                super::fits_the_schemas_and_skopeo(&Fixture::read($name));
            }

            #[test]
            fn runs_under_podman() {
                super::runs_under_podman(&Fixture::read($name));
            }

            #[test]
            fn is_unpacked_by_umoci() {
                super::is_unpacked_by_umoci(&Fixture::read($name));
            }

            #[test]
            fn is_valid_for_crane() {
                super::is_valid_for_crane(&Fixture::read($name));
            }
        })*
    };
}

one_fixture_of_each_kind!(each);

/// Demands that all documents of `layout` fit the schemas of the image specification.
#[track_caller]
fn fits_the_schemas(layout: &Layout) {
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
fn inspected(reference: &str) -> Value {
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

fn fits_the_schemas_and_skopeo(fixture: &Fixture) {
    let checkout = fixture.checkout();
    let layout = checkout.build();
    fits_the_schemas(&layout);
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

/// `skopeo copy` to a docker archive, `podman load`, and the fixture's demands.
fn runs_under_podman(fixture: &Fixture) {
    let Some(podman) = podman() else { return };
    let checkout = fixture.checkout();
    let layout = checkout.build();
    let name = format!("packwright-tests/{}:1", fixture.name);
    let image = load(podman, &copied(&layout, &name));
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
        let script =
            "id -u; touch /tmp/t /app/t && echo can write; touch /usr/t /opt/t 2>/dev/null || echo not there";
        assert_eq!(web.exec(&["sh", "-c", script]).ok().stdout(), "1000\ncan write\nnot there\n");
        web.stops();

        // As Kubernetes and OpenShift start it.
        let port = free_port();
        let web = start(
            &[
                "--read-only",
                "--read-only-tmpfs=false",
                "--tmpfs",
                "/tmp",
                "--user",
                "12345:0",
                "--cap-drop",
                "all",
            ],
            port,
        );
        web.wait_for_port(port);
        fixture.answers_on(port);
        assert_eq!(web.exec(&["id", "-u"]).ok().stdout(), "12345\n");
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

fn is_unpacked_by_umoci(fixture: &Fixture) {
    let checkout = fixture.checkout();
    let layout = checkout.build();
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
    // Of a site that is built, nothing but what was built is there.
    let whole = checkout.plan()["source"]["include"] == serde_json::json!(["**"]);
    for (path, bytes) in crate::layout::contents(&checkout.dir).into_iter().filter(|_| whole) {
        assert!(
            fs::read(root.join("app").join(&path)).is_ok_and(|found| found == bytes),
            "{}",
            path.display()
        );
    }
    crate::place::remove(&bundle);
}

fn is_valid_for_crane(fixture: &Fixture) {
    let checkout = fixture.checkout();
    let archive = checkout.beside("image.tar");
    let output = format!("{}:packwright-tests/{}:2", destination("docker-archive", &archive), fixture.name);
    finish(checkout.with(&mut packwright(["build", "-o", &output]))).ok();
    finish(outside::crane().args(["validate", "--tarball"]).arg(&archive)).ok();
}

#[test]
fn our_own_archives_are_read_by_podman_and_skopeo() {
    let fixture = Fixture::read("python-fastapi");
    let checkout = fixture.checkout();
    let (docker, oci) = (checkout.beside("docker.tar"), checkout.beside("oci.tar"));
    let mut command = packwright(["build", "-t", "packwright-tests/ours:3"]);
    command.args(["-o", &destination("docker-archive", &docker), "-o", &destination("oci-archive", &oci)]);
    finish(command.arg(&checkout.dir)).ok();
    let layout = checkout.build();
    assert_eq!(inspected(&destination("oci-archive", &oci))["Digest"], layout.digest());
    assert_eq!(
        inspected(&destination("docker-archive", &docker))["Layers"].as_array().unwrap().len(),
        layout.layers().len()
    );
    let Some(podman) = podman() else { return };
    let image = load(podman, &docker);
    assert!(image.ends_with("packwright-tests/ours:3"), "{image}");
    let port = free_port();
    let web = Container::start(&image, &["--env", &format!("PORT={port}")], &[]);
    web.wait_for_port(port);
    fixture.answers_on(port);
    web.stops();
    let other = Container::start(&image, &["--env", "TIDE=low"], &["sh", "-c", "echo $TIDE tide && exit 7"]);
    other.wait_for_text("low tide");
    assert_eq!(other.ends(), 7);
}

#[test]
fn images_with_zstd_fit_the_schemas_and_skopeo() {
    let fixture = Fixture::read("python-fastapi");
    let checkout = fixture.checkout();
    let gzip = checkout.build();
    let dir = checkout.beside("zstd.oci");
    let mut command = packwright(["build", "--compression", "zstd", "-o", &destination("oci", &dir)]);
    finish(command.arg(&checkout.dir)).ok();
    let zstd = Layout::open(&dir);
    assert_ne!(zstd.digest(), gzip.digest());
    // The same layers in other wrapping.
    assert_eq!(zstd.config_digest(), gzip.config_digest());
    fits_the_schemas(&zstd);
    assert_eq!(inspected(&destination("oci", &dir))["Digest"], zstd.digest());
    let media = zstd.manifest()["layers"][0]["mediaType"].clone();
    assert_eq!(media, "application/vnd.oci.image.layer.v1.tar+zstd");
    // skopeo checks every digest on the way; Docker's own format knows no zstd.
    let copy = destination("oci", &checkout.beside("copy.oci"));
    let mut skopeo = outside::debian("skopeo");
    finish(skopeo.args(["--insecure-policy", "copy", "-q", &destination("oci", &dir), &copy])).ok();
    assert_eq!(inspected(&copy)["Digest"], zstd.digest());

    let Some(podman) = podman() else { return };
    let archive = checkout.beside("zstd.tar");
    let mut command =
        packwright(["build", "--compression", "zstd", "-o", &destination("oci-archive", &archive)]);
    finish(command.arg(&checkout.dir)).ok();
    let port = free_port();
    let web = Container::start(&load(podman, &archive), &["--env", &format!("PORT={port}")], &[]);
    web.wait_for_port(port);
    fixture.answers_on(port);
    web.stops();
}

/// The judges can say no: what was changed by one byte does not please them.
#[test]
fn judges_refuse_a_changed_image() {
    let checkout = Fixture::read("python-fastapi").checkout();
    let layout = checkout.build();
    let spoilt = checkout.beside("spoilt.oci");
    crate::place::copy(layout.dir(), &spoilt);
    let layer = layout.layers().pop().unwrap();
    let blob = spoilt.join(layout.blob_path(&layer).strip_prefix(layout.dir()).unwrap());
    spoil(&blob);
    let mut skopeo = outside::debian("skopeo");
    skopeo.args(["--insecure-policy", "copy", "-q", &destination("oci", &spoilt)]);
    let told = finish(skopeo.arg(destination("docker-archive", &checkout.beside("spoilt.tar"))));
    assert_ne!(told.code(), 0, "{}", told.story());

    let config = layout.blob_path(&layout.config_digest());
    let changed = checkout.beside("config.json");
    fs::write(&changed, fs::read_to_string(config).unwrap().replace("\"rootfs\"", "\"rotfs\"")).unwrap();
    let told = finish(outside::schemas().arg("application/vnd.oci.image.config.v1+json").arg(&changed));
    assert_eq!(told.code(), 1, "{}", told.story());
}

/// Flips a bit in the middle of a file.
fn spoil(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}
