//! What other people's programs say about archives and compressions, and that they can say no. What
//! they say about fixtures is in `packwright_tests::trials`.

use std::fs;
use std::path::Path;

use packwright_tests::trials::judged::{fits_the_schemas, inspected};

use crate::command::finish;
use crate::fixture::{Fixture, destination, packwright};
use crate::layout::Layout;
use crate::outside;
use crate::podman::{Container, load, podman};
use crate::running::free_port;

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
    assert!(image.name().ends_with("packwright-tests/ours:3"), "{}", image.name());
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
    let image = load(podman, &archive);
    let web = Container::start(&image, &["--env", &format!("PORT={port}")], &[]);
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
