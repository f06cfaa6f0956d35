//! Small archives for tests, built in memory: indexes from a line per package, packages from
//! files and scripts. Nothing here is real Debian data.

use std::io::Write;

use packwright_oci::Digest;

use crate::index::Index;
use crate::packages::Packages;
use crate::solve::SolvedPackage;

/// An index of paragraphs written short: the first line is `name version`, further lines are
/// fields. Paragraphs are separated by empty lines.
pub(crate) fn packages(pocket: &str, text: &str) -> Packages {
    let mut full = String::new();
    for paragraph in text.trim().split("\n\n") {
        let (first, fields) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
        let (name, version) = first.trim().split_once(' ').expect("`name version`");
        let digest = Digest::of(first.as_bytes()).hex();
        full.push_str(&format!("Package: {name}\nVersion: {version}\nArchitecture: amd64\n"));
        full.push_str(&format!("Filename: pool/{name}.deb\nSize: 1\nSHA256: {digest}\n"));
        for field in fields.lines() {
            full.push_str(field.trim());
            full.push('\n');
        }
        full.push('\n');
    }
    Packages::parse("Packages", pocket, full.as_bytes()).expect("a readable index")
}

pub(crate) fn index(text: &str) -> Index {
    Index::new("amd64", vec![packages("test", text)]).expect("a readable index")
}

/// A package file that is being built.
pub(crate) struct Deb {
    pub(crate) name: String,
    pub(crate) version: String,
    fields: String,
    control: Vec<(String, Vec<u8>)>,
    pub(crate) data: tar::Builder<Vec<u8>>,
}

impl Deb {
    pub(crate) fn new(name: &str) -> Deb {
        Deb {
            name: name.to_owned(),
            version: "1.0".to_owned(),
            fields: String::new(),
            control: Vec::new(),
            data: tar::Builder::new(Vec::new()),
        }
    }

    pub(crate) fn field(mut self, line: &str) -> Deb {
        self.fields.push_str(line);
        self.fields.push('\n');
        self
    }

    pub(crate) fn control(mut self, name: &str, text: &str) -> Deb {
        self.control.push((name.to_owned(), text.as_bytes().to_vec()));
        self
    }

    pub(crate) fn dir(self, path: &str) -> Deb {
        self.member(path, tar::EntryType::Directory, "", b"", 0o755)
    }

    pub(crate) fn file(self, path: &str, content: &str) -> Deb {
        self.member(path, tar::EntryType::Regular, "", content.as_bytes(), 0o644)
    }

    pub(crate) fn symlink(self, path: &str, target: &str) -> Deb {
        self.member(path, tar::EntryType::Symlink, target, b"", 0o777)
    }

    pub(crate) fn hardlink(self, path: &str, target: &str) -> Deb {
        self.member(path, tar::EntryType::Link, target, b"", 0o644)
    }

    /// Any member, with paths written raw, as a hostile packer would.
    pub(crate) fn member(
        mut self,
        path: &str,
        kind: tar::EntryType,
        target: &str,
        content: &[u8],
        mode: u32,
    ) -> Deb {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_size(content.len() as u64);
        let gnu = header.as_gnu_mut().expect("a GNU header");
        gnu.name[..path.len()].copy_from_slice(path.as_bytes());
        gnu.linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_cksum();
        self.data.append(&header, content).expect("writing to memory");
        self
    }

    fn paragraph(&self) -> String {
        format!(
            "Package: {}\nVersion: {}\nArchitecture: amd64\n{}Description: a test\n more of it\n",
            self.name, self.version, self.fields
        )
    }

    /// The file, with data compressed as `suffix` says: ``, `.gz`, `.xz` or `.zst`.
    pub(crate) fn build_as(self, suffix: &str) -> (SolvedPackage, Vec<u8>) {
        let mut control = tar::Builder::new(Vec::new());
        let mut members = self.control.clone();
        members.push(("control".to_owned(), self.paragraph().into_bytes()));
        for (name, content) in members {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            control.append_data(&mut header, format!("./{name}"), content.as_slice()).expect("in memory");
        }
        let control = control.into_inner().expect("in memory");
        let data = self.data.into_inner().expect("in memory");
        let bytes = archive(&[
            ("debian-binary", b"2.0\n".to_vec()),
            ("control.tar.gz", compressed(".gz", &control)),
            (&format!("data.tar{suffix}"), compressed(suffix, &data)),
        ]);
        (chosen(&self.name, &self.version, &bytes), bytes)
    }

    pub(crate) fn build(self) -> (SolvedPackage, Vec<u8>) {
        self.build_as(".xz")
    }
}

/// What an index would say of these bytes.
pub(crate) fn chosen(name: &str, version: &str, bytes: &[u8]) -> SolvedPackage {
    SolvedPackage {
        name: name.to_owned(),
        version: version.to_owned(),
        architecture: "amd64".to_owned(),
        pocket: "test".to_owned(),
        path: format!("pool/{name}.deb"),
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
    }
}

/// An `ar` archive.
pub(crate) fn archive(members: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = b"!<arch>\n".to_vec();
    for (name, content) in members {
        bytes.extend_from_slice(
            format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 100644, content.len()).as_bytes(),
        );
        bytes.extend_from_slice(content);
        if content.len() % 2 == 1 {
            bytes.push(b'\n');
        }
    }
    bytes
}

pub(crate) fn compressed(suffix: &str, bytes: &[u8]) -> Vec<u8> {
    match suffix {
        ".gz" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).expect("in memory");
            encoder.finish().expect("in memory")
        }
        ".xz" => {
            let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 0);
            encoder.write_all(bytes).expect("in memory");
            encoder.finish().expect("in memory")
        }
        ".zst" => zstd::stream::encode_all(bytes, 1).expect("in memory"),
        _ => bytes.to_vec(),
    }
}
