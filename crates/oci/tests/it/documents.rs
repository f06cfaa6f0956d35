//! Configuration, manifest, index, layout and archives, as written and as read back.

use std::collections::BTreeMap;
use std::io;

use packwright_oci::archive::{PlainLayer, read_oci_archive, write_docker_archive, write_oci_archive};
use packwright_oci::image::{media_type, validate, verified};
use packwright_oci::layout::{blob_path, index_path, layout_files, merged_index, read_image};
use packwright_oci::{
    ArchiveError, ArchiveLimits, Compression, ContentSource, Descriptor, Digest, History, Image, ImageConfig,
    ImageError, Index, LayerDescriptor, Layout, LayoutError, LayoutFile, Manifest, ManifestOrIndex,
    MemoryStore, Platform, RelPath, Tree, decode_layer, uncompressed,
};

use crate::raw::Raw;
use crate::samples::{encode, file, path};

fn config() -> ImageConfig {
    ImageConfig {
        architecture: "amd64".to_owned(),
        os: "linux".to_owned(),
        created: Some(315_532_800),
        env: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned()), ("A".to_owned(), "b=c".to_owned())],
        entrypoint: vec!["/packwright/process/web".to_owned()],
        cmd: vec!["--port".to_owned()],
        working_dir: Some("/app".to_owned()),
        user: Some("1000:1000".to_owned()),
        exposed_ports: ["8080/tcp".to_owned()].into(),
        labels: BTreeMap::from([("z".to_owned(), "1".to_owned()), ("a".to_owned(), "<ä>".to_owned())]),
        stop_signal: Some("SIGTERM".to_owned()),
        history: vec![History {
            created: Some(315_532_800),
            created_by: Some("packwright: source".to_owned()),
            ..History::default()
        }],
        ..ImageConfig::default()
    }
}

fn sample() -> (Image, MemoryStore) {
    let mut store = MemoryStore::new();
    let mut tree = Tree::new();
    tree.insert(path("app/main"), file(&mut store, b"hello", 0o755)).unwrap();
    let (bytes, layer) = encode(&tree, &store, Compression::Gzip, 1);
    store.insert(bytes);
    let annotations =
        BTreeMap::from([("org.opencontainers.image.created".to_owned(), "1980-01-01T00:00:00Z".to_owned())]);
    let image = Image::assemble(&config(), vec![LayerDescriptor::from(&layer)], annotations).unwrap();
    (image, store)
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn the_documents_are_those_of_profile_1() {
    let (image, _) = sample();
    let layer = &image.layers[0];
    assert_eq!(
        text(&image.config),
        format!(
            concat!(
                r#"{{"architecture":"amd64","config":{{"Cmd":["--port"],"Entrypoint":["/packwright/process/web"],"#,
                r#""Env":["PATH=/usr/bin:/bin","A=b=c"],"ExposedPorts":{{"8080/tcp":{{}}}},"Labels":{{"a":"<ä>","z":"1"}},"#,
                r#""StopSignal":"SIGTERM","User":"1000:1000","WorkingDir":"/app"}},"created":"1980-01-01T00:00:00Z","#,
                r#""history":[{{"created":"1980-01-01T00:00:00Z","created_by":"packwright: source"}}],"os":"linux","#,
                r#""rootfs":{{"diff_ids":["{}"],"type":"layers"}}}}"#,
            ),
            layer.diff_id
        )
    );
    assert_eq!(
        text(&image.manifest),
        format!(
            concat!(
                r#"{{"annotations":{{"org.opencontainers.image.created":"1980-01-01T00:00:00Z"}},"#,
                r#""config":{{"digest":"{}","mediaType":"application/vnd.oci.image.config.v1+json","size":{}}},"#,
                r#""layers":[{{"digest":"{}","mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":{}}}],"#,
                r#""mediaType":"application/vnd.oci.image.manifest.v1+json","schemaVersion":2}}"#,
            ),
            image.config_digest(),
            image.config.len(),
            layer.digest,
            layer.size
        )
    );
    assert_eq!(
        image.digest.to_string(),
        "sha256:3cf07cd249a25ebcd27878a2498648c2949facf557e0a211c420e7d04a903703"
    );
}

#[test]
fn documents_come_back() {
    let (image, _) = sample();
    let (parsed, diff_ids) = ImageConfig::parse(&image.config).unwrap();
    assert_eq!(parsed, config());
    assert_eq!(diff_ids, [image.layers[0].diff_id]);
    let manifest = Manifest::parse(&image.manifest).unwrap();
    assert_eq!(manifest.to_json().unwrap(), image.manifest);
    let again = Image::from_documents(image.manifest.clone(), image.config.clone()).unwrap();
    assert_eq!(again, image);
    let attestation = Manifest {
        artifact_type: Some("application/spdx+json".to_owned()),
        config: Descriptor::of(media_type::EMPTY, b"{}"),
        subject: Some(image.descriptor().unwrap()),
        ..manifest
    };
    let json = attestation.to_json().unwrap();
    assert_eq!(Manifest::parse(&json).unwrap(), attestation);
    assert_eq!(
        attestation.config.digest.to_string(),
        "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    );
}

/// What Docker writes: nulls, fields of its own, fractions of seconds, year 1.
#[test]
fn configurations_of_others_are_read() {
    let diff = Digest::of(b"x");
    let json = format!(
        r#"{{"architecture":"arm64","variant":"v8","os":"linux","created":"0001-01-01T00:00:00Z","docker_version":"20",
        "container_config":{{"Hostname":"x"}},"config":{{"Hostname":"","User":"","Env":["A=1"],"Cmd":null,"Entrypoint":["/a"],
        "Volumes":{{"/data":{{}}}},"ExposedPorts":null,"Labels":null,"OnBuild":null,"Healthcheck":{{"Test":["NONE"]}}}},
        "history":[{{"created":"2024-02-29T23:59:60.123456789+01:00","created_by":"x","empty_layer":true}},{{"created_by":"y"}}],
        "rootfs":{{"type":"layers","diff_ids":["{diff}"]}}}}"#
    );
    let (config, diff_ids) = ImageConfig::parse(json.as_bytes()).unwrap();
    assert_eq!(diff_ids.len(), 1);
    assert_eq!(config.created, Some(-62_135_596_800));
    assert_eq!(config.platform().variant.as_deref(), Some("v8"));
    assert_eq!(config.user, None);
    assert_eq!(config.volumes.len(), 1);
    assert_eq!(config.history[0].created, Some(1_709_247_600));
    assert!(config.history[0].empty_layer && !config.history[1].empty_layer);
    let refused = |from: &str, to: &str| ImageConfig::parse(json.replace(from, to).as_bytes());
    assert!(matches!(refused("\"layers\"", "\"zfs\""), Err(ImageError::RootFs(_))));
    assert!(matches!(refused("A=1", "A"), Err(ImageError::Environment(_))));
    assert!(matches!(refused("sha256:", "sha512:"), Err(ImageError::DigestAlgorithm(_))));
    assert!(matches!(refused("0001-01", "0001-13"), Err(ImageError::Time(_))));
    assert!(matches!(refused("\"os\"", "\"architecture\""), Err(ImageError::Json { .. })));
}

#[test]
fn an_image_that_breaks_rules_is_not_made() {
    let (image, _) = sample();
    let broken = |change: &dyn Fn(&mut ImageConfig)| {
        let mut config = config();
        change(&mut config);
        match Image::assemble(&config, image.layers.clone(), BTreeMap::new()) {
            Err(ImageError::Invalid(violations)) => violations.len(),
            other => panic!("expected violations, got {other:?}"),
        }
    };
    assert_eq!(broken(&|config| config.architecture.clear()), 1);
    assert_eq!(broken(&|config| config.os = "Linux".to_owned()), 1);
    assert_eq!(broken(&|config| config.env.push(("A".to_owned(), "2".to_owned()))), 1);
    assert_eq!(broken(&|config| config.env.push((String::new(), "2".to_owned()))), 1);
    assert_eq!(broken(&|config| config.history.push(History::default())), 1);
    assert_eq!(
        broken(&|config| {
            config.exposed_ports.extend(["0/tcp".to_owned(), "http".to_owned(), "+1".to_owned()]);
        }),
        3
    );
    // A name with `=` would read back as another variable.
    let mut odd = config();
    odd.env = vec![("A=B".to_owned(), "c".to_owned())];
    let odd = Image::assemble(&odd, image.layers.clone(), BTreeMap::new());
    assert!(matches!(odd, Err(ImageError::EnvironmentName(_))));
    assert!(Image::assemble(&config(), Vec::new(), BTreeMap::new()).is_err());
    let annotation = BTreeMap::from([("org.opencontainers.image.created".to_owned(), "now".to_owned())]);
    assert!(Image::assemble(&config(), image.layers.clone(), annotation).is_err());
    assert!(validate(&image).is_empty());
    let mut docker = image.layers.clone();
    docker[0].media_type = media_type::DOCKER_LAYER.to_owned();
    let renamed = Image::assemble(&config(), docker.clone(), BTreeMap::new()).unwrap();
    assert_eq!(renamed.layers, image.layers);
    docker[0].media_type = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip".to_owned();
    assert!(Image::assemble(&config(), docker, BTreeMap::new()).is_err());
    for change in [
        |image: &mut Image| image.manifest.push(b' '),
        |image: &mut Image| image.config.push(b'\n'),
        |image: &mut Image| image.layers[0].size += 1,
        |image: &mut Image| image.layers.clear(),
        |image: &mut Image| image.digest = Digest::of(b"other"),
    ] {
        let mut changed = image.clone();
        change(&mut changed);
        assert!(!validate(&changed).is_empty(), "{changed:?}");
    }
}

#[test]
fn documents_that_two_readers_take_differently_are_refused() {
    let (image, _) = sample();
    let json = text(&image.manifest);
    let parse = |json: &str| ManifestOrIndex::parse(json.as_bytes(), None);
    let both = json.replacen('{', r#"{"manifests":[],"#, 1);
    assert!(matches!(parse(&both), Err(ImageError::Ambiguous)));
    let schema_1 = json.replacen('{', r#"{"fsLayers":[],"#, 1);
    assert!(matches!(parse(&schema_1), Err(ImageError::Ambiguous)));
    let twice = json.replacen('{', r#"{"schemaVersion":2,"#, 1);
    assert!(matches!(parse(&twice), Err(ImageError::Json { .. })));
    let version = json.replace("\"schemaVersion\":2", "\"schemaVersion\":1");
    assert!(matches!(parse(&version), Err(ImageError::SchemaVersion { .. })));
    let other = json.replace(media_type::MANIFEST, media_type::INDEX);
    assert!(matches!(parse(&other), Err(ImageError::MediaType { .. })));
    let escaping = json.replace("sha256:", "../../");
    assert!(matches!(parse(&escaping), Err(ImageError::Json { .. })));
    let negative = json.replace("\"size\":", "\"size\":-");
    assert!(matches!(parse(&negative), Err(ImageError::Json { .. })));
    let declared = ManifestOrIndex::parse(json.as_bytes(), Some(media_type::INDEX));
    assert!(matches!(declared, Err(ImageError::MediaType { .. })));
    assert!(ManifestOrIndex::parse(json.as_bytes(), Some(media_type::MANIFEST)).is_ok());
    let config = image.config.clone();
    let no_config = json.replace(media_type::CONFIG, "application/octet-stream");
    let refused = Image::from_documents(no_config.into_bytes(), config.clone());
    assert!(matches!(refused, Err(ImageError::MediaType { .. })));
    let refused = Image::from_documents(image.manifest.clone(), [config, vec![b' ']].concat());
    assert!(matches!(refused, Err(ImageError::Size { .. })));
}

#[test]
fn bytes_are_checked_by_size_then_digest() {
    let descriptor = Descriptor::of("text/plain", b"right");
    assert_eq!(verified(b"right", &descriptor).unwrap(), b"right");
    assert!(matches!(verified(b"wrong", &descriptor), Err(ImageError::Digest { .. })));
    assert!(matches!(verified(b"right!", &descriptor), Err(ImageError::Size { .. })));
}

#[test]
fn an_image_without_a_name_is_the_default_one_when_it_is_the_only_one() {
    let (image, _) = sample();
    let layout = |index: &[u8]| Layout::parse(br#"{"imageLayoutVersion": "1.0.0"}"#, index).unwrap();
    let index_of = |name: Option<&str>, before: Option<&[u8]>| {
        let parts = layout_files(&image, name, before).unwrap();
        match parts.into_iter().next_back() {
            Some((_, LayoutFile::Bytes(index))) => index,
            other => panic!("{other:?}"),
        }
    };
    let nameless = index_of(None, None);
    assert!(layout(&nameless).find(Some("latest")).is_ok());
    assert!(matches!(layout(&nameless).find(Some("other")), Err(LayoutError::NoSuchName { .. })));
    let named = index_of(Some("app"), None);
    assert!(matches!(layout(&named).find(Some("latest")), Err(LayoutError::NoSuchName { .. })));
    let two = index_of(Some("app"), Some(&nameless));
    assert!(matches!(layout(&two).find(Some("latest")), Err(LayoutError::NoSuchName { .. })));
}

#[test]
fn a_layout_is_written_with_its_index_last() {
    let (image, store) = sample();
    let parts = layout_files(&image, Some("app:1"), None).unwrap();
    let names: Vec<&str> = parts.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names.len(), 5);
    assert_eq!(names[3..], ["oci-layout", "index.json"]);
    let files: BTreeMap<RelPath, Vec<u8>> = parts
        .into_iter()
        .map(|(path, part)| match part {
            LayoutFile::Bytes(bytes) => (path, bytes),
            LayoutFile::Blob { digest, .. } => (path, store.get(&digest).unwrap().to_vec()),
        })
        .collect();
    for (path, bytes) in files.iter().filter(|(path, _)| path.as_str().starts_with("blobs/")) {
        assert_eq!(*path, blob_path(&Digest::of(bytes)));
    }
    let mut read = |path: &RelPath| files.get(path).cloned().ok_or(io::ErrorKind::NotFound.into());
    let layout = Layout::read(&mut read).unwrap();
    let descriptor = layout.find(Some("app:1")).unwrap();
    assert_eq!(descriptor, layout.find(None).unwrap());
    assert!(matches!(layout.find(Some("app:2")), Err(LayoutError::NoSuchName { .. })));
    let platform = config().platform();
    let mut fetch = |descriptor: &Descriptor| read(&blob_path(&descriptor.digest));
    assert_eq!(read_image(descriptor, &platform, &mut fetch).unwrap(), image);
    let missing = read_image(&Descriptor::of("x/y", b"z"), &platform, &mut fetch);
    assert!(matches!(missing, Err(LayoutError::Read { .. })));
    let huge = Descriptor { size: 1 << 40, ..descriptor.clone() };
    let huge = read_image(&huge, &platform, &mut fetch);
    assert!(matches!(huge, Err(LayoutError::TooLarge { .. })));
    let mut wrong = |_: &Descriptor| Ok(vec![b'{'; descriptor.size as usize]);
    let wrong = read_image(descriptor, &platform, &mut wrong);
    assert!(matches!(wrong, Err(LayoutError::Image(ImageError::Digest { .. }))));
}

#[test]
fn an_image_is_found_through_indexes_by_platform() {
    let (image, mut store) = sample();
    for document in [&image.config, &image.manifest] {
        store.insert(document.as_slice());
    }
    let wrap = |descriptor: Descriptor, store: &mut MemoryStore| {
        let index = Index {
            media_type: media_type::INDEX.to_owned(),
            artifact_type: None,
            manifests: vec![descriptor],
            subject: None,
            annotations: BTreeMap::new(),
        };
        let json = index.to_json().unwrap();
        assert_eq!(Index::parse(&json).unwrap(), index);
        store.insert(json.as_slice());
        let platform = index.manifests[0].platform.clone();
        Descriptor { platform, ..Descriptor::of(media_type::INDEX, &json) }
    };
    let amd64 = config().platform();
    let mut descriptor = image.descriptor().unwrap();
    for depth in 0..5 {
        let found = read_image(&descriptor, &amd64, &mut |descriptor| {
            Ok(store.get(&descriptor.digest).unwrap().to_vec())
        });
        match depth {
            0..4 => assert_eq!(found.unwrap(), image, "at depth {depth}"),
            _ => assert!(matches!(found, Err(LayoutError::TooDeep(_)))),
        }
        let arm64 = Platform { architecture: "arm64".to_owned(), ..amd64.clone() };
        let absent = read_image(&descriptor, &arm64, &mut |descriptor| {
            Ok(store.get(&descriptor.digest).unwrap().to_vec())
        });
        if depth > 0 {
            match absent {
                Err(LayoutError::NoSuchPlatform { known, .. }) => assert_eq!(known, ["linux/amd64"]),
                other => panic!("expected no platform, got {other:?}"),
            }
        }
        descriptor = wrap(descriptor, &mut store);
    }
}

#[test]
fn an_index_keeps_what_it_does_not_know() {
    let (image, _) = sample();
    let descriptor = image.descriptor().unwrap();
    let foreign = format!(
        r#"{{ "schemaVersion": 2, "annotations": {{"mine": "yes"}}, "x": [1], "manifests": [
        {{"mediaType":"{0}","digest":"{1}","size":1,"annotations":{{"org.opencontainers.image.ref.name":"app:1","y":"z"}}}},
        {{"mediaType":"{0}","digest":"{1}","size":1,"platform":{{"architecture":"s390x","os":"linux","os.version":"1"}}}},
        {{"mediaType":"{0}","digest":"{1}","size":1,"annotations":{{"org.opencontainers.image.ref.name":"other"}}}}]}}"#,
        media_type::MANIFEST,
        Digest::of(b"another image")
    );
    let merged = merged_index(Some(foreign.as_bytes()), &descriptor, Some("app:1")).unwrap();
    let index = Index::parse(&merged).unwrap();
    assert_eq!(index.manifests.len(), 3);
    assert_eq!(index.manifests[0].digest, image.digest);
    let kept = text(&merged);
    assert!(kept.contains(r#""mine":"yes""#) && kept.contains(r#""os.version":"1""#), "{kept}");
    assert!(kept.contains(r#""x":[1]"#) && !kept.contains(r#""y":"z""#), "{kept}");
    let again = merged_index(Some(&merged), &descriptor, Some("app:1")).unwrap();
    assert_eq!(again, merged, "writing twice changes nothing");
    let second_name = merged_index(Some(&merged), &descriptor, Some("app:2")).unwrap();
    assert_eq!(Index::parse(&second_name).unwrap().manifests.len(), 4);
    let nameless = merged_index(None, &descriptor, None).unwrap();
    assert_eq!(merged_index(Some(&nameless), &descriptor, None).unwrap(), nameless);
    let named = merged_index(Some(&nameless), &descriptor, Some("app:1")).unwrap();
    assert_eq!(Index::parse(&named).unwrap().manifests.len(), 1, "the same image gets its name");
    for name in ["", "/a", "a/", "a b", "a..b", "-a", "a-", "a//b", "ä"] {
        let refused = merged_index(None, &descriptor, Some(name));
        assert!(matches!(refused, Err(LayoutError::Name(_))), "{name}");
    }
    for name in ["a", "app:1.0", "registry.example:5000/team/app--x:1_2", "a@b"] {
        assert!(merged_index(None, &descriptor, Some(name)).is_ok(), "{name}");
    }
}

#[test]
fn an_oci_archive_comes_back() {
    let (image, store) = sample();
    let write = |store: &dyn ContentSource| {
        let mut out = Vec::new();
        write_oci_archive(&image, Some("app:1"), store, 315_532_800, &mut out).map(|()| out)
    };
    let bytes = write(&store).unwrap();
    assert_eq!(bytes, write(&store).unwrap());
    let mut sink = MemoryStore::new();
    let layout = read_oci_archive(bytes.as_slice(), &mut sink, &ArchiveLimits::default()).unwrap();
    let descriptor = layout.find(Some("app:1")).unwrap();
    let read = read_image(descriptor, &config().platform(), &mut |descriptor| {
        sink.get(&descriptor.digest).map(<[u8]>::to_vec).ok_or(io::ErrorKind::NotFound.into())
    });
    assert_eq!(read.unwrap(), image);
    let layer = sink.get(&image.layers[0].digest).unwrap();
    let layer = decode_layer(layer, &mut MemoryStore::new(), &ArchiveLimits::default()).unwrap();
    assert_eq!(layer.diff_id, image.layers[0].diff_id);

    let empty = write(&MemoryStore::new());
    assert!(matches!(empty, Err(ArchiveError::Blob { .. })), "{empty:?}");
    let mut tampered = bytes.clone();
    let place = tampered.windows(5).position(|window| window == b"amd64").unwrap();
    tampered[place] = b'x';
    let tampered = read_oci_archive(tampered.as_slice(), &mut sink, &ArchiveLimits::default());
    assert!(matches!(tampered, Err(ArchiveError::Corrupted { .. })), "{tampered:?}");
}

#[test]
fn archives_that_are_no_layouts_are_refused() {
    let read = |raw: Raw| {
        read_oci_archive(raw.end().as_slice(), &mut MemoryStore::new(), &ArchiveLimits::default())
            .unwrap_err()
    };
    let version = br#"{"imageLayoutVersion":"1.0.0"}"#;
    let index = br#"{"schemaVersion":2,"manifests":[]}"#;
    assert!(matches!(read(Raw::new().file("oci-layout", version)), ArchiveError::Missing(_)));
    assert!(matches!(read(Raw::new().file("index.json", index)), ArchiveError::Missing(_)));
    let twice = Raw::new().file("oci-layout", version).file("oci-layout", version);
    assert!(matches!(read(twice), ArchiveError::Member { .. }));
    let link = Raw::new().member("index.json", b'2', "/etc/passwd", b"");
    assert!(matches!(read(link), ArchiveError::Member { .. }));
    let blob = Raw::new().file("blobs/sha256/short", b"");
    assert!(matches!(read(blob), ArchiveError::Member { .. }));
    let old = Raw::new().file("oci-layout", br#"{"imageLayoutVersion":"2"}"#).file("index.json", index);
    assert!(matches!(read(old), ArchiveError::Layout(LayoutError::Version(_))));
    let fine = Raw::new().dir("./").file("./index.json", index).file("./oci-layout", version);
    let fine = fine.file("README", b"extra files are allowed").end();
    let layout = read_oci_archive(fine.as_slice(), &mut MemoryStore::new(), &ArchiveLimits::default());
    let refused = layout.unwrap().find(None).map(|_| ()).unwrap_err();
    assert!(matches!(refused, LayoutError::NotOne { count: 0, .. }));
    assert_eq!(index_path().as_str(), "index.json");
}

#[test]
fn a_docker_archive_holds_plain_layers() {
    let (image, store) = sample();
    let write = |size_change: u64, names: &[&str]| {
        let mut open = |layer: &LayerDescriptor| {
            let mut plain = Vec::new();
            io::copy(&mut uncompressed(store.open(&layer.digest)?)?, &mut plain)?;
            let size = plain.len() as u64 + size_change;
            Ok(PlainLayer { size, read: Box::new(io::Cursor::new(plain)) })
        };
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let mut out = Vec::new();
        write_docker_archive(&image, &names, &mut open, 315_532_800, &mut out).map(|()| out)
    };
    let bytes = write(0, &["localhost:5000/app:1"]).unwrap();
    let layer = decode_layer(bytes.as_slice(), &mut MemoryStore::new(), &ArchiveLimits::default()).unwrap();
    let diff_id = image.layers[0].diff_id.0.hex();
    let config = image.config_digest().hex();
    let mut names: Vec<&str> = layer.tree.iter().map(|(path, _)| path.as_str()).collect();
    names.sort_unstable();
    let mut expected = [format!("{config}.json"), format!("{diff_id}.tar"), "manifest.json".to_owned()];
    expected.sort_unstable();
    assert_eq!(names, expected);
    let manifest = format!(
        r#"[{{"Config":"{config}.json","Layers":["{diff_id}.tar"],"RepoTags":["localhost:5000/app:1"]}}]"#
    );
    assert!(bytes.windows(manifest.len()).any(|window| window == manifest.as_bytes()));
    assert!(matches!(write(1, &[]), Err(ArchiveError::Corrupted { .. })));
    for name in ["app", "App:1", "app:", "app:-1", "a b:1", ":1", "app:a/b"] {
        assert!(matches!(write(0, &[name]), Err(ArchiveError::Name(_))), "{name}");
    }
}
