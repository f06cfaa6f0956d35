//! `Packages`: the index of one pocket, component and architecture. Decompresses and parses in
//! one pass and keeps only the fields that solving and fetching need, as one text with offsets:
//! 70,000 packages take some 30 MB. Dependency fields stay text until a package is visited.
//!
//! Source: deb822(5), the Debian wiki's "RepositoryFormat", "Packages Indices".

use std::io::{self, BufRead, Read};

use packwright_oci::{Digest, RelPath};

use crate::archive::Pocket;
use crate::relation::{self, Relation, RelationError};
use crate::release::IndexFile;
use crate::version;

/// The packages of one index file.
#[derive(Debug, Clone, Default)]
pub struct Packages {
    pocket: String,
    text: String,
    records: Vec<Record>,
}

/// One package of an index, borrowed.
#[derive(Clone, Copy)]
pub struct Package<'a> {
    packages: &'a Packages,
    record: &'a Record,
}

/// Fields that are kept. The order is that of [`FIELDS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Package,
    Version,
    Architecture,
    Filename,
    Size,
    Sha256,
    Depends,
    PreDepends,
    Conflicts,
    Breaks,
    Provides,
    InstalledSize,
    Priority,
}

const FIELDS: [(&str, Field); 13] = [
    ("Package", Field::Package),
    ("Version", Field::Version),
    ("Architecture", Field::Architecture),
    ("Filename", Field::Filename),
    ("Size", Field::Size),
    ("SHA256", Field::Sha256),
    ("Depends", Field::Depends),
    ("Pre-Depends", Field::PreDepends),
    ("Conflicts", Field::Conflicts),
    ("Breaks", Field::Breaks),
    ("Provides", Field::Provides),
    ("Installed-Size", Field::InstalledSize),
    ("Priority", Field::Priority),
];

#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: u32,
    length: u32,
}

#[derive(Debug, Clone)]
struct Record {
    spans: [Span; FIELDS.len()],
    digest: Digest,
    size: u64,
}

/// Why an index is not believed or not readable.
#[derive(Debug, thiserror::Error)]
pub enum PackagesError {
    /// The bytes are not those the release file lists.
    #[error(
        "`{name}` is not what the release file lists: {found_size} bytes {found}, expected {size} bytes {digest}"
    )]
    NotAsListed {
        /// The index file.
        name: String,
        /// Expected digest.
        digest: Digest,
        /// Expected size in bytes.
        size: u64,
        /// Digest of what came.
        found: Digest,
        /// Size of what came.
        found_size: u64,
    },
    /// It cannot be decompressed.
    #[error("`{name}` cannot be decompressed")]
    Decompress {
        /// The index file.
        name: String,
        /// What the decompressor said.
        source: io::Error,
    },
    /// A line or a paragraph is not as it must be.
    #[error("`{name}` line {line}: {reason}")]
    Malformed {
        /// The index file.
        name: String,
        /// Line in the decompressed text, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

impl PackagesError {
    /// What to do about it.
    pub fn fix(&self) -> String {
        match self {
            PackagesError::NotAsListed { .. } => {
                "fetch the release file and the index again; if it stays so, use another mirror".to_owned()
            }
            PackagesError::Decompress { .. } | PackagesError::Malformed { .. } => {
                "use another mirror".to_owned()
            }
        }
    }
}

/// An index of all of Debian is 55 MB; the limit stops a decompression bomb.
const TEXT_LIMIT: u64 = 1 << 30;

impl Packages {
    /// Checks the compressed bytes against `file`, then decompresses and parses them.
    ///
    /// Errors: other bytes than listed, not xz, a malformed paragraph.
    pub fn read(file: &IndexFile, pocket: &Pocket, bytes: &[u8]) -> Result<Packages, PackagesError> {
        let found = Digest::of(bytes);
        if found != file.digest || bytes.len() as u64 != file.size {
            return Err(PackagesError::NotAsListed {
                name: file.name.clone(),
                digest: file.digest,
                size: file.size,
                found,
                found_size: bytes.len() as u64,
            });
        }
        let text = liblzma::read::XzDecoder::new(bytes).take(TEXT_LIMIT);
        Packages::parse(&file.name, &pocket.name, io::BufReader::with_capacity(1 << 18, text))
    }

    /// Parses an uncompressed index. `name` appears in errors, `pocket` in the packages.
    pub fn parse(name: &str, pocket: &str, mut reader: impl BufRead) -> Result<Packages, PackagesError> {
        let mut packages = Packages { pocket: pocket.to_owned(), ..Packages::default() };
        let mut paragraph = Paragraph::default();
        let mut line = Vec::with_capacity(4096);
        let mut number = 0;
        loop {
            line.clear();
            let length = reader
                .read_until(b'\n', &mut line)
                .map_err(|source| PackagesError::Decompress { name: name.to_owned(), source })?;
            number += 1;
            while line.last().is_some_and(u8::is_ascii_whitespace) {
                line.pop();
            }
            let outcome = if line.is_empty() {
                packages.finish(&mut paragraph)
            } else {
                packages.take_line(&mut paragraph, &line)
            };
            outcome.map_err(|reason| PackagesError::Malformed {
                name: name.to_owned(),
                line: number,
                reason,
            })?;
            if length == 0 {
                return Ok(packages);
            }
        }
    }

    /// The packages in the order of the index.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Package<'_>> {
        self.records.iter().map(|record| Package { packages: self, record })
    }

    /// How many packages there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is no package.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// The package at this place of the index.
    pub(crate) fn at(&self, place: usize) -> Package<'_> {
        Package { packages: self, record: &self.records[place] }
    }

    fn take_line(&mut self, paragraph: &mut Paragraph, line: &[u8]) -> Result<(), String> {
        paragraph.begun = true;
        if matches!(line[0], b' ' | b'\t') {
            let Some(field) = paragraph.continues else { return Ok(()) };
            let span = &mut paragraph.spans[field as usize];
            self.text.push(' ');
            self.text.push_str(readable(line)?.trim());
            span.length = offset(self.text.len())? - span.start;
            return Ok(());
        }
        paragraph.continues = None;
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            return Err("a field needs a colon".to_owned());
        };
        let Some((_, field)) = FIELDS.iter().find(|(name, _)| name.as_bytes() == &line[..colon]) else {
            return Ok(());
        };
        let span = &mut paragraph.spans[*field as usize];
        if span.length > 0 {
            return Err(format!("the field `{}` is given twice", FIELDS[*field as usize].0));
        }
        let value = readable(&line[colon + 1..])?.trim();
        *span = Span { start: offset(self.text.len())?, length: offset(value.len())? };
        self.text.push_str(value);
        paragraph.continues = Some(*field);
        Ok(())
    }

    fn finish(&mut self, paragraph: &mut Paragraph) -> Result<(), String> {
        let Paragraph { spans, begun, .. } = std::mem::take(paragraph);
        if !begun {
            return Ok(());
        }
        let value = |field: Field| {
            let value = self.slice(spans[field as usize]);
            match value.is_empty() {
                true => Err(format!("the paragraph above has no `{}`", FIELDS[field as usize].0)),
                false => Ok(value),
            }
        };
        let name = value(Field::Package)?;
        if !relation::is_package_name(name) {
            return Err(format!("`{name}` is not a package name"));
        }
        version::check(value(Field::Version)?).map_err(|error| error.to_string())?;
        value(Field::Architecture)?;
        value(Field::Filename)?.parse::<RelPath>().map_err(|error| error.to_string())?;
        let size =
            value(Field::Size)?.parse().map_err(|_| format!("the size of `{name}` is not a number"))?;
        let digest = Digest::from_hex(value(Field::Sha256)?).map_err(|error| error.to_string())?;
        self.records.push(Record { spans, digest, size });
        Ok(())
    }

    fn slice(&self, span: Span) -> &str {
        &self.text[span.start as usize..][..span.length as usize]
    }
}

#[derive(Default)]
struct Paragraph {
    spans: [Span; FIELDS.len()],
    continues: Option<Field>,
    begun: bool,
}

fn readable(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|_| "a field is not UTF-8".to_owned())
}

fn offset(length: usize) -> Result<u32, String> {
    u32::try_from(length).map_err(|_| "the index is too large".to_owned())
}

impl<'a> Package<'a> {
    fn field(&self, field: Field) -> &'a str {
        self.packages.slice(self.record.spans[field as usize])
    }

    /// Package name.
    pub fn name(&self) -> &'a str {
        self.field(Field::Package)
    }

    /// Version with epoch and revision.
    pub fn version(&self) -> &'a str {
        self.field(Field::Version)
    }

    /// `amd64`, `all`.
    pub fn architecture(&self) -> &'a str {
        self.field(Field::Architecture)
    }

    /// Path of the file below the mirror.
    pub fn path(&self) -> &'a str {
        self.field(Field::Filename)
    }

    /// Digest of the file.
    pub fn digest(&self) -> Digest {
        self.record.digest
    }

    /// Size of the file in bytes.
    pub fn size(&self) -> u64 {
        self.record.size
    }

    /// Size when unpacked, in KiB as the packager's machine estimated it.
    pub fn installed_kib(&self) -> Option<u64> {
        self.field(Field::InstalledSize).parse().ok()
    }

    /// How basic it is: 0 for `required` to 4 for `extra` and anything else. Decides between
    /// providers of a virtual package, as in rules of other tools for `awk`.
    pub fn priority(&self) -> u8 {
        match self.field(Field::Priority) {
            "required" => 0,
            "important" => 1,
            "standard" => 2,
            "optional" => 3,
            _ => 4,
        }
    }

    /// The pocket it is in.
    pub fn pocket(&self) -> &'a str {
        &self.packages.pocket
    }

    /// `Pre-Depends` and `Depends`, in this order.
    pub fn depends(&self, architecture: &str) -> Result<Vec<Relation<'a>>, RelationError> {
        let mut relations = relation::parse(self.field(Field::PreDepends), architecture)?;
        relations.extend(relation::parse(self.field(Field::Depends), architecture)?);
        Ok(relations)
    }

    /// `Conflicts` and `Breaks`: for a root without maintainer scripts both mean "not together".
    pub fn conflicts(&self, architecture: &str) -> Result<Vec<Relation<'a>>, RelationError> {
        let mut relations = relation::parse(self.field(Field::Conflicts), architecture)?;
        relations.extend(relation::parse(self.field(Field::Breaks), architecture)?);
        Ok(relations)
    }

    /// The raw `Provides` field; empty when there is none.
    pub(crate) fn provides_text(&self) -> &'a str {
        self.field(Field::Provides)
    }
}

#[cfg(test)]
mod tests;
