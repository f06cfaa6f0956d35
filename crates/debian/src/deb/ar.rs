//! The outer `ar` archive of a package: three members in a fixed order. Hashes what it reads.
//!
//! Source: deb(5), "Format".

use std::io::{self, Read};

use packwright_oci::{Digest, Hasher};

use super::error::Problem;

/// Hashes and counts what is read through it.
pub(super) struct Checked<R> {
    read: R,
    hasher: Hasher,
}

impl<R: Read> Checked<R> {
    pub(super) fn new(read: R) -> Checked<R> {
        Checked { read, hasher: Hasher::new() }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.read.read(buffer)?;
        self.hasher.update(&buffer[..length]);
        Ok(length)
    }
}

/// An archive whose magic has been read.
pub(super) struct Archive<R> {
    read: Checked<R>,
}

const MAGIC: &[u8] = b"!<arch>\n";

/// A header: name 16, time 12, owner 6, group 6, mode 8, size 10, end 2.
const HEADER: usize = 60;

impl<R: Read> Archive<R> {
    pub(super) fn open(mut read: Checked<R>) -> Result<Archive<R>, Problem> {
        let mut magic = [0; MAGIC.len()];
        read.read_exact(&mut magic).map_err(Problem::io("reading the outer archive"))?;
        if magic != MAGIC {
            return Err(Problem::Ar("it does not begin with `!<arch>`".to_owned()));
        }
        Ok(Archive { read })
    }

    /// The whole content of the next member, which must have this name. For short texts.
    pub(super) fn text(&mut self, expected: &str) -> Result<String, Problem> {
        let (name, size) = self.header()?.ok_or_else(|| missing(expected))?;
        if name != expected || size > 64 {
            return Err(Problem::Ar(format!("the first member is `{name}` of {size} bytes")));
        }
        let mut text = String::new();
        (&mut self.read)
            .take(size)
            .read_to_string(&mut text)
            .map_err(Problem::io("reading the outer archive"))?;
        self.pad(size)?;
        Ok(text)
    }

    /// Hands the next member to `consume`, which may leave some of it unread. Its name must
    /// begin with `stem`; members whose names begin with `_` are passed over.
    pub(super) fn member<T>(
        &mut self,
        stem: &str,
        mut consume: impl FnMut(&str, &mut dyn Read) -> Result<T, Problem>,
    ) -> Result<T, Problem> {
        loop {
            let (name, size) = self.header()?.ok_or_else(|| missing(stem))?;
            let mut member = (&mut self.read).take(size);
            let outcome = match name.starts_with(stem) {
                true => Some(consume(&name, &mut member)?),
                false if name.starts_with('_') => None,
                false => return Err(Problem::Ar(format!("`{name}` stands where `{stem}` belongs"))),
            };
            io::copy(&mut member, &mut io::sink()).map_err(Problem::io(format!("reading `{name}`")))?;
            if member.limit() > 0 {
                return Err(Problem::Ar(format!("`{name}` is cut short")));
            }
            self.pad(size)?;
            if let Some(outcome) = outcome {
                return Ok(outcome);
            }
        }
    }

    /// Reads to the end; gives digest and size of the whole file.
    pub(super) fn finish(mut self) -> Result<(Digest, u64), Problem> {
        io::copy(&mut self.read, &mut io::sink()).map_err(Problem::io("reading the outer archive"))?;
        let size = self.read.hasher.length();
        Ok((self.read.hasher.finish(), size))
    }

    fn header(&mut self) -> Result<Option<(String, u64)>, Problem> {
        let mut header = Vec::with_capacity(HEADER);
        (&mut self.read)
            .take(HEADER as u64)
            .read_to_end(&mut header)
            .map_err(Problem::io("reading the outer archive"))?;
        if header.is_empty() {
            return Ok(None);
        }
        if header.len() < HEADER || !header.ends_with(b"`\n") || !header.is_ascii() {
            return Err(Problem::Ar("a member has no proper header".to_owned()));
        }
        let field = |from: usize, to: usize| String::from_utf8_lossy(&header[from..to]).trim_end().to_owned();
        let name = field(0, 16).trim_end_matches('/').to_owned();
        let size = field(48, 58).parse().map_err(|_| Problem::Ar(format!("`{name}` has no size")))?;
        Ok(Some((name, size)))
    }

    fn pad(&mut self, size: u64) -> Result<(), Problem> {
        if size % 2 == 1 {
            let mut padding = Vec::new();
            (&mut self.read)
                .take(1)
                .read_to_end(&mut padding)
                .map_err(Problem::io("reading the outer archive"))?;
        }
        Ok(())
    }
}

fn missing(name: &str) -> Problem {
    Problem::Ar(format!("it has no member `{name}`"))
}

/// A reader over the plain bytes of a tar member, whose compression its name tells.
pub(super) fn plain<'a>(
    name: &str,
    stem: &str,
    member: &'a mut dyn Read,
) -> Result<Box<dyn Read + 'a>, Problem> {
    match name.strip_prefix(stem).unwrap_or_default() {
        "" => Ok(Box::new(member)),
        ".gz" => Ok(Box::new(flate2::read::MultiGzDecoder::new(member))),
        ".xz" => Ok(Box::new(liblzma::read::XzDecoder::new_multi_decoder(member))),
        ".zst" => {
            let decoder =
                zstd::stream::read::Decoder::new(member).map_err(Problem::io(format!("reading `{name}`")))?;
            Ok(Box::new(decoder))
        }
        _ => Err(Problem::Compression { member: name.to_owned() }),
    }
}
