//! The layout of a ustar archive that reader and writer share: blocks, fields, checksum, padding.

/// The two zero blocks after the last member.
pub(crate) const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];

/// Length of a header and unit of padding, in bytes.
pub(crate) const BLOCK: usize = 512;

/// The largest number that eleven octal digits can hold: sizes and times.
pub(crate) const OCTAL_11: u64 = 0o77_777_777_777;

/// The largest number that seven octal digits can hold: owners.
pub(crate) const OCTAL_7: u64 = 0o7_777_777;

/// Byte ranges of a ustar header's fields.
///
/// Source: POSIX.1-2017, pax, "ustar Interchange Format".
pub(crate) mod field {
    use std::ops::Range;

    pub(crate) const NAME: Range<usize> = 0..100;
    pub(crate) const MODE: Range<usize> = 100..108;
    pub(crate) const UID: Range<usize> = 108..116;
    pub(crate) const GID: Range<usize> = 116..124;
    pub(crate) const SIZE: Range<usize> = 124..136;
    pub(crate) const MTIME: Range<usize> = 136..148;
    pub(crate) const CHECKSUM: Range<usize> = 148..156;
    pub(crate) const TYPE: usize = 156;
    pub(crate) const LINK: Range<usize> = 157..257;
    pub(crate) const MAGIC: Range<usize> = 257..265;
    pub(crate) const DEV_MAJOR: Range<usize> = 329..337;
    pub(crate) const DEV_MINOR: Range<usize> = 337..345;
    pub(crate) const PREFIX: Range<usize> = 345..500;
}

/// The sum of all bytes of a header, its checksum field counted as spaces.
pub(crate) fn checksum(header: &[u8; BLOCK]) -> u64 {
    header
        .iter()
        .enumerate()
        .map(|(position, byte)| if field::CHECKSUM.contains(&position) { b' ' } else { *byte })
        .map(u64::from)
        .sum()
}

/// How many zero bytes follow `size` bytes of content.
pub(crate) fn padding(size: u64) -> usize {
    (BLOCK - (size % BLOCK as u64) as usize) % BLOCK
}
