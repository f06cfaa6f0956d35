//! Writes a small image of two layers to standard output: `oci-archive` or `docker-archive`,
//! with `gzip`, `zstd` or `none`. What the tests build, for looking at with other tools.

#[allow(dead_code)]
#[path = "../tests/it/samples.rs"]
mod samples;

use std::collections::BTreeMap;
use std::io;

use packwright_oci::archive::{PlainLayer, write_docker_archive, write_oci_archive};
use packwright_oci::{
    Compression, ContentSource, Entry, History, Image, ImageConfig, LayerDescriptor, Profile, Tree,
    decode_layer,
};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [format, compression] = arguments.as_slice() else {
        return Err("usage: image oci-archive|docker-archive gzip|zstd|none".into());
    };
    let compression = match compression.as_str() {
        "gzip" => Compression::Gzip,
        "zstd" => Compression::Zstd,
        "none" => Compression::None,
        other => return Err(format!("no compression `{other}`").into()),
    };
    let (mut lower, mut store) = samples::several_blocks();
    for name in ["gone", "app/gone/deep", "app/stays"] {
        let entry = samples::file(&mut store, name.as_bytes(), 0o644);
        lower.insert(name.parse()?, entry)?;
    }
    lower.insert("home".parse()?, Entry::dir(0o750).owned_by(1000, 1000))?;
    let (upper, more) = samples::one_of_everything();
    for (_, content) in more.iter() {
        store.insert(content);
    }
    let mut blobs = store.clone();
    let mut layers = Vec::new();
    let mut plain: BTreeMap<_, Vec<u8>> = BTreeMap::new();
    let mut seen = Tree::new();
    for tree in [&lower, &upper] {
        let (bytes, layer) = samples::encode(tree, &store, compression, 2);
        let (tar, _) = samples::encode(tree, &store, Compression::None, 1);
        seen = decode_layer(bytes.as_slice(), &mut store.clone(), &Default::default())?.over(seen);
        plain.insert(layer.diff_id, tar);
        blobs.insert(bytes);
        layers.push(LayerDescriptor::from(&layer));
    }
    let epoch = Profile::CURRENT.epoch();
    let step = |text: &str| History {
        created: Some(epoch as i64),
        created_by: Some(text.to_owned()),
        ..History::default()
    };
    let config = ImageConfig {
        architecture: "amd64".to_owned(),
        os: "linux".to_owned(),
        created: Some(epoch as i64),
        env: vec![("PATH".to_owned(), "/usr/bin".to_owned()), ("PORT".to_owned(), "8080".to_owned())],
        entrypoint: vec!["/app/main".to_owned()],
        working_dir: Some("/app".to_owned()),
        user: Some("1000:1000".to_owned()),
        exposed_ports: ["8080/tcp".to_owned()].into(),
        labels: BTreeMap::from([("z".to_owned(), "1".to_owned()), ("a".to_owned(), "2".to_owned())]),
        history: vec![step("packwright: base"), step("packwright: app")],
        ..ImageConfig::default()
    };
    let annotations = BTreeMap::from([("org.opencontainers.image.title".to_owned(), "sample".to_owned())]);
    let image = Image::assemble(&config, layers, annotations)?;
    let mut out = io::stdout().lock();
    if format == "oci-archive" {
        write_oci_archive(&image, Some("sample:1"), &blobs as &dyn ContentSource, epoch, &mut out)?;
    } else {
        let mut open = |layer: &LayerDescriptor| {
            let tar = &plain[&layer.diff_id];
            Ok(PlainLayer { size: tar.len() as u64, read: Box::new(tar.as_slice()) })
        };
        let names = ["localhost/sample:1".to_owned()];
        write_docker_archive(&image, &names, &mut open, epoch, &mut out)?;
    }
    Ok(())
}
