//! The promises of sources and sinks, on a layout in memory and on archives.

use std::collections::BTreeMap;

use packwright_oci::archive::{DockerArchive, OciArchive, read_oci_archive};
use packwright_oci::conformance::{image, image_sink, image_source};
use packwright_oci::layout::read_image;
use packwright_oci::{
    ArchiveLimits, ContentSource, Digest, Image, ImageSink, ImageSource, MemoryLayout, MemoryStore, Platform,
    TransferError, pull,
};

fn platform() -> Platform {
    Platform { os: "linux".to_owned(), architecture: "amd64".to_owned(), variant: None }
}

#[test]
fn a_layout_keeps_its_promises() {
    let mut layout = MemoryLayout::default().named("app");
    image_sink(&mut layout, &|layout| pull(layout, &platform()).ok().map(|image| image.digest)).unwrap();

    let mut layout = MemoryLayout::default().named("one");
    let (one, layers) = image(&[1; 100]).unwrap();
    let (two, more) = image(&[2; 100]).unwrap();
    layout.put(&one, &layers).unwrap();
    let mut layout = layout.named("two");
    layout.put(&two, &more).unwrap();
    image_source(&layout, &two, &more).unwrap();
    image_source(&layout.named("one"), &one, &layers).unwrap();
}

#[test]
fn a_document_that_was_changed_is_refused() {
    let mut layout = MemoryLayout::default();
    let (image, layers) = image(&[1; 100]).unwrap();
    layout.put(&image, &layers).unwrap();
    for bytes in layout.files.values_mut() {
        if bytes == &image.config {
            bytes.push(b' ');
        }
    }
    assert!(matches!(pull(&layout, &platform()), Err(TransferError::Layout(_))));
}

/// An archive that is written anew for each image, as a file is.
struct Rewritten<F> {
    bytes: Vec<u8>,
    write: F,
}

impl<F> ImageSink for Rewritten<F>
where
    F: Fn(&mut Vec<u8>, &Image, &dyn ContentSource) -> Result<(), TransferError>,
{
    fn put(&mut self, image: &Image, layers: &dyn ContentSource) -> Result<(), TransferError> {
        let mut draft = Vec::new();
        (self.write)(&mut draft, image, layers)?;
        self.bytes = draft;
        Ok(())
    }
}

#[test]
fn an_oci_archive_keeps_its_promises() {
    let write = |out: &mut Vec<u8>, image: &Image, layers: &dyn ContentSource| {
        OciArchive { out, name: Some("app".to_owned()), epoch: 0 }.put(image, layers)
    };
    let mut archive = Rewritten { bytes: Vec::new(), write };
    image_sink(&mut archive, &|archive| {
        let mut blobs = MemoryStore::new();
        let layout =
            read_oci_archive(archive.bytes.as_slice(), &mut blobs, &ArchiveLimits::default()).ok()?;
        let mut fetch = |descriptor: &packwright_oci::Descriptor| {
            Ok(blobs.get(&descriptor.digest).unwrap_or_default().to_vec())
        };
        read_image(layout.find(Some("app")).ok()?, &platform(), &mut fetch).ok().map(|image| image.digest)
    })
    .unwrap();
}

#[test]
fn a_docker_archive_keeps_its_promises() {
    let write = |out: &mut Vec<u8>, image: &Image, layers: &dyn ContentSource| {
        DockerArchive { out, names: vec!["app:latest".to_owned()], epoch: 0 }.put(image, layers)
    };
    let images: BTreeMap<String, Digest> = [vec![1; 3_000], vec![2; 70_000]]
        .map(|bytes| image(&bytes).unwrap().0)
        .map(|image| (format!("{}.json", image.config_digest().hex()), image.digest))
        .into();
    let mut archive = Rewritten { bytes: Vec::new(), write };
    // It has no manifest with a digest; the configuration's name stands for it.
    image_sink(&mut archive, &|archive| {
        let named = |name: &&String| archive.bytes.windows(name.len()).any(|bytes| bytes == name.as_bytes());
        images.keys().find(named).map(|name| images[name])
    })
    .unwrap();
}

#[test]
fn sources_and_sinks_are_objects() {
    let mut layout = MemoryLayout::default();
    let (image, layers) = image(&[1; 100]).unwrap();
    let sink: &mut dyn ImageSink = &mut layout;
    sink.put(&image, &layers).unwrap();
    let source: Box<dyn ImageSource> = Box::new(layout);
    assert_eq!(pull(&*source, &platform()).unwrap(), image);
}
