//! Tar archives byte by byte, so that they can be wrong in any way.

/// An archive under construction. Headers get a right checksum whatever else they hold.
#[derive(Default)]
pub(crate) struct Raw(pub(crate) Vec<u8>);

impl Raw {
    pub(crate) fn new() -> Raw {
        Raw::default()
    }

    /// A member with the fields given here, then whatever `change` does to its header.
    pub(crate) fn changed(
        mut self,
        name: &[u8],
        flag: u8,
        link: &[u8],
        content: &[u8],
        change: impl FnOnce(&mut [u8; 512]),
    ) -> Raw {
        let mut header = [0; 512];
        header[..name.len()].copy_from_slice(name);
        header[100..108].copy_from_slice(b"0000644\0");
        header[108..116].copy_from_slice(b"0000000\0");
        header[116..124].copy_from_slice(b"0000000\0");
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[136..148].copy_from_slice(b"00000000000\0");
        header[156] = flag;
        header[157..157 + link.len()].copy_from_slice(link);
        header[257..265].copy_from_slice(b"ustar\x0000");
        change(&mut header);
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        self.0.extend_from_slice(&header);
        self.0.extend_from_slice(content);
        self.0.resize(self.0.len().next_multiple_of(512), 0);
        self
    }

    pub(crate) fn member(self, name: &str, flag: u8, link: &str, content: &[u8]) -> Raw {
        self.changed(name.as_bytes(), flag, link.as_bytes(), content, |_| {})
    }

    pub(crate) fn file(self, name: &str, content: &[u8]) -> Raw {
        self.member(name, b'0', "", content)
    }

    pub(crate) fn dir(self, name: &str) -> Raw {
        self.member(name, b'5', "", b"")
    }

    pub(crate) fn pax(self, records: &[(&str, &[u8])]) -> Raw {
        let mut bytes = Vec::new();
        for (key, value) in records {
            let rest = key.len() + value.len() + 3;
            let length = (rest..).find(|n| n - n.to_string().len() == rest).unwrap();
            bytes.extend_from_slice(format!("{length} {key}=").as_bytes());
            bytes.extend_from_slice(value);
            bytes.push(b'\n');
        }
        self.member("PaxHeaders/x", b'x', "", &bytes)
    }

    pub(crate) fn end(mut self) -> Vec<u8> {
        self.0.extend_from_slice(&[0; 1024]);
        self.0
    }
}
