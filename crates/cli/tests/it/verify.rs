//! `verify`, on image layouts that are made here by hand.

use std::fs;
use std::path::Path;

use expect_test::expect;
use packwright::oci::{
    Compression, Digest, Entry, Image, ImageConfig, LayerDescriptor, LayerOptions, MemoryStore, Profile,
    Tree, encode_layer,
};

use crate::Stage;

/// Writes the layout of an image with `files` (path, mode, content) and this entry point.
fn layout(dir: &Path, files: &[(&str, u32, &str)], entrypoint: &[&str]) {
    let (mut tree, mut contents) = (Tree::new(), MemoryStore::new());
    for (path, mode, content) in files {
        let digest = contents.insert(*content);
        tree.insert(path.parse().unwrap(), Entry::file(digest, content.len() as u64, *mode)).unwrap();
    }
    let options = LayerOptions::new(Profile::CURRENT).with_compression(Compression::None);
    let mut bytes = Vec::new();
    let layer = encode_layer(&tree, &contents, &options, &mut bytes).unwrap();
    let config = ImageConfig {
        architecture: match std::env::consts::ARCH {
            "x86_64" => "amd64".to_owned(),
            "aarch64" => "arm64".to_owned(),
            other => other.to_owned(),
        },
        os: "linux".to_owned(),
        entrypoint: entrypoint.iter().map(|word| (*word).to_owned()).collect(),
        working_dir: Some("/app".to_owned()),
        ..ImageConfig::default()
    };
    let descriptor = LayerDescriptor {
        media_type: Compression::None.media_type().to_owned(),
        digest: layer.digest,
        size: layer.size,
        diff_id: layer.diff_id,
        annotations: Default::default(),
    };
    let image = Image::assemble(&config, vec![descriptor], Default::default()).unwrap();
    let blobs = dir.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    for blob in [&bytes, &image.config, &image.manifest] {
        fs::write(blobs.join(Digest::of(blob).hex()), blob).unwrap();
    }
    fs::write(dir.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}","size":{},"annotations":{{"org.opencontainers.image.ref.name":"latest"}}}}]}}"#,
        image.digest,
        image.manifest.len()
    );
    fs::write(dir.join("index.json"), index).unwrap();
}

#[test]
fn an_image_that_lacks_an_interpreter_is_not_whole() {
    let stage = Stage::with("");
    let files = [("app/serve", 0o755, "#!/usr/bin/python3\n"), ("bin/true", 0o755, "a program\0")];
    layout(&stage.source().join("broken"), &files, &["./serve"]);
    let answer = stage.run("verify oci:broken");
    let digest =
        answer.stdout.split(' ').find(|word| word.starts_with("sha256:")).unwrap_or_default().to_owned();
    let shown = crate::Answer { stdout: answer.stdout.replace(&digest, "<digest>"), ..answer };
    shown.check(&expect![[r#"
        status 1
        -- stdout
        error: the process `entrypoint` (the image's configuration) starts `/app/serve`, whose interpreter `/usr/bin/python3` the image does not have
          fix: correct its first line, or bring the interpreter
        not whole <digest> (1 error, 0 warnings)
    "#]]);
    layout(&stage.source().join("whole"), &files, &["/bin/true"]);
    let answer = stage.run("verify oci:whole --format json");
    assert_eq!((answer.status, answer.stderr.as_str()), (0, ""), "{}", answer.stdout);
    let json: serde_json::Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!((&json["whole"], &json["findings"]), (&true.into(), &serde_json::json!([])));
}

#[test]
fn what_is_no_image_is_wrong_usage_or_a_failure() {
    let stage = Stage::with("");
    assert_eq!(stage.run("verify").status, 2);
    assert_eq!(stage.run("verify nothing").status, 2);
    assert_eq!(stage.run("verify oci:gone").status, 1);
}
