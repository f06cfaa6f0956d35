//! An OCI image layout on disk, read with other people's code (`tar`, `flate2`): our own reader
//! must not be the judge of our own writer.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hasher};
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use walkdir::WalkDir;

/// An image layout with one image.
#[derive(Debug)]
pub struct Layout {
    dir: PathBuf,
    manifest: String,
}

impl Layout {
    /// The layout in `dir`.
    #[track_caller]
    pub fn open(dir: &Path) -> Layout {
        let index: Value = json(&dir.join("index.json"));
        let manifests = index["manifests"].as_array().expect("an index has manifests");
        assert_eq!(manifests.len(), 1, "one image was expected in {}: {index}", dir.display());
        let manifest = manifests[0]["digest"].as_str().expect("a descriptor has a digest").to_owned();
        Layout { dir: dir.to_owned(), manifest }
    }

    /// The directory.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The digest of the image: that of its manifest.
    pub fn digest(&self) -> &str {
        &self.manifest
    }

    /// The file that holds `digest`.
    pub fn blob_path(&self, digest: &str) -> PathBuf {
        self.dir.join("blobs").join(digest.replace(':', "/"))
    }

    /// The manifest of the image.
    pub fn manifest(&self) -> Value {
        json(&self.blob_path(&self.manifest))
    }

    /// The digest of the configuration.
    pub fn config_digest(&self) -> String {
        self.manifest()["config"]["digest"].as_str().unwrap().to_owned()
    }

    /// The configuration of the image.
    pub fn config(&self) -> Value {
        json(&self.blob_path(&self.config_digest()))
    }

    /// The digests of the layers, the base first.
    pub fn layers(&self) -> Vec<String> {
        let manifest = self.manifest();
        let layers = manifest["layers"].as_array().unwrap();
        layers.iter().map(|layer| layer["digest"].as_str().unwrap().to_owned()).collect()
    }

    /// The layer `digest` as a plain archive.
    pub fn plain(&self, digest: &str) -> Vec<u8> {
        let mut plain = Vec::new();
        let file = File::open(self.blob_path(digest)).unwrap();
        MultiGzDecoder::new(file).read_to_end(&mut plain).unwrap();
        plain
    }

    /// What is at `path` in the image, by the topmost layer that has it.
    pub fn file(&self, path: &str) -> Option<Vec<u8>> {
        for layer in self.layers().iter().rev() {
            let plain = self.plain(layer);
            let mut archive = tar::Archive::new(plain.as_slice());
            for member in archive.entries().unwrap() {
                let mut member = member.unwrap();
                if member.path().unwrap() == Path::new(path) {
                    let mut bytes = Vec::new();
                    member.read_to_end(&mut bytes).unwrap();
                    return Some(bytes);
                }
            }
        }
        None
    }

    /// What the archive says about each member of the layer `digest`.
    pub fn members(&self, digest: &str) -> Vec<Member> {
        let plain = self.plain(digest);
        let mut archive = tar::Archive::new(plain.as_slice());
        let member = |member: std::io::Result<tar::Entry<'_, &[u8]>>| {
            let mut member = member.unwrap();
            let mut content = Vec::new();
            member.read_to_end(&mut content).unwrap();
            let header = member.header();
            Member {
                path: String::from_utf8_lossy(&member.path_bytes()).into_owned(),
                link: member.link_name_bytes().map(|link| String::from_utf8_lossy(&link).into_owned()),
                kind: format!("{:?}", header.entry_type()),
                mode: header.mode().unwrap(),
                owner: (header.uid().unwrap(), header.gid().unwrap()),
                names: (header.username_bytes().map(<[u8]>::len), header.groupname_bytes().map(<[u8]>::len)),
                time: header.mtime().unwrap(),
                size: content.len(),
                content: hash(&content),
            }
        };
        archive.entries().unwrap().map(member).collect()
    }

    /// The paths of all members, with the layer each is in, counted from the base.
    pub fn paths(&self) -> Vec<(usize, String)> {
        let mut paths = Vec::new();
        for (number, layer) in self.layers().iter().enumerate() {
            let plain = self.plain(layer);
            let mut archive = tar::Archive::new(plain.as_slice());
            for member in archive.entries().unwrap() {
                let path = member.unwrap().path().unwrap().to_str().expect("our paths are UTF-8").to_owned();
                paths.push((number, path.trim_end_matches('/').to_owned()));
            }
        }
        paths
    }
}

/// A member of a layer, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path, as it stands in the archive.
    pub path: String,
    /// What it links to.
    pub link: Option<String>,
    /// What kind of entry it is.
    pub kind: String,
    /// Its permissions.
    pub mode: u32,
    /// User and group.
    pub owner: (u64, u64),
    /// How long the names of user and group are.
    pub names: (Option<usize>, Option<usize>),
    /// When it was changed, in seconds since 1970.
    pub time: u64,
    /// How many bytes it has.
    pub size: usize,
    /// Tells contents apart; means nothing outside of this run.
    pub content: u64,
}

fn hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

fn json(path: &Path) -> Value {
    let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files below `dir` with their bytes, to see whether something changed.
pub fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    WalkDir::new(dir)
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| (entry.path().strip_prefix(dir).unwrap().to_owned(), fs::read(entry.path()).unwrap()))
        .collect()
}
