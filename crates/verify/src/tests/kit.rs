//! Images for the tests: files as one text, ELF files as values.

use packwright_oci::{Entry, ImageConfig, MemoryStore, RelPath, Tree};
use packwright_planner::{Command, Diagnostic, Origin, Process, Severity};

use crate::{Image, Use, verify};

/// An image under construction.
pub(super) struct Stage {
    pub(super) tree: Tree,
    pub(super) contents: MemoryStore,
    pub(super) config: ImageConfig,
    processes: Vec<Process>,
}

impl Stage {
    /// An image for amd64 with glibc, a shell, `env`, and these files: each line `//- /path [MODE|-> TARGET]` starts
    /// one. The working directory is `/app`, which belongs to the user 1000 that processes run as.
    pub(super) fn with(files: &str) -> Stage {
        let config = ImageConfig {
            architecture: "amd64".to_owned(),
            working_dir: Some("/app".to_owned()),
            user: Some("1000:1000".to_owned()),
            env: vec![("PATH".to_owned(), "/opt/venv/bin:/usr/local/bin:/usr/bin:/bin".to_owned())],
            ..ImageConfig::default()
        };
        let mut stage =
            Stage { tree: Tree::new(), contents: MemoryStore::new(), config, processes: Vec::new() };
        stage.add(&path("app"), Entry::dir(0o755).owned_by(1000, 1000));
        stage.add(&path("bin"), Entry::symlink("usr/bin"));
        stage.add(&path("lib64"), Entry::symlink("usr/lib64"));
        stage.elf("usr/lib64/ld-linux-x86-64.so.2", &Elf::library("ld-linux-x86-64.so.2"));
        let libc = Elf { offers: &["GLIBC_2.2.5", "GLIBC_2.36"], ..Elf::library("libc.so.6") };
        stage.elf("usr/lib/x86_64-linux-gnu/libc.so.6", &libc);
        for program in ["bash", "sh", "env"] {
            stage.elf(&format!("usr/bin/{program}"), &Elf::PROGRAM);
        }
        for file in files.split("//- /").skip(1) {
            let (head, content) = file.split_once('\n').unwrap();
            let (name, rest) = head.split_once(' ').unwrap_or((head, "644"));
            match rest.strip_prefix("-> ") {
                Some(target) => stage.add(&path(name), Entry::symlink(target)),
                None => {
                    let mode = u32::from_str_radix(rest, 8).unwrap();
                    stage.bytes(name, content.as_bytes(), mode);
                }
            }
        }
        stage
    }

    fn add(&mut self, path: &RelPath, entry: Entry) {
        self.tree.insert(path.clone(), entry).unwrap();
    }

    pub(super) fn bytes(&mut self, name: &str, content: &[u8], mode: u32) {
        let digest = self.contents.insert(content);
        self.add(&path(name), Entry::file(digest, content.len() as u64, mode));
    }

    pub(super) fn elf(&mut self, name: &str, elf: &Elf<'_>) {
        self.bytes(name, &elf.bytes(), 0o755);
    }

    /// With the process `web` of `Procfile:1`.
    pub(super) fn web(mut self, command: &str) -> Stage {
        let origin = Origin::line(&path("Procfile"), 1);
        self.processes.push(Process::web(Command::shell(command), origin));
        self
    }

    /// With the process `name` of `Procfile:2`.
    pub(super) fn process(mut self, name: &str, command: &str) -> Stage {
        let origin = Origin::line(&path("Procfile"), 2);
        let name = name.parse().unwrap();
        self.processes.push(Process { name, command: Command::shell(command), origin });
        self
    }

    /// With what a container starts as a process.
    pub(super) fn entry_point(mut self) -> Stage {
        let command = Command::Exec(self.config.entrypoint.clone());
        let origin = Origin::Option("the image's configuration".to_owned());
        self.processes.push(Process { name: "entrypoint".parse().unwrap(), command, origin });
        self
    }

    /// All findings: severity and code, message, why, fix.
    pub(super) fn said(&self) -> String {
        let Stage { tree, contents, config, processes } = self;
        let mut text = String::new();
        for finding in verify(&Image { tree, contents, config, processes }).unwrap() {
            let finding = finding.diagnostic;
            text.push_str(&format!("{:?} {}: {}\n", finding.severity, finding.code, finding.message));
            for (label, more) in [("why", finding.why), ("fix", finding.fix)] {
                if let Some(more) = more {
                    text.push_str(&format!("  {label}: {more}\n"));
                }
            }
        }
        text
    }

    /// The files that lack a library, with how they are loaded.
    pub(super) fn used(&self) -> Vec<(String, Use)> {
        let Stage { tree, contents, config, processes } = self;
        let found = verify(&Image { tree, contents, config, processes }).unwrap();
        let needing = found.into_iter().filter_map(|finding| finding.needing);
        needing.map(|needing| (format!("/{}", needing.path), needing.used)).collect()
    }

    /// The codes of all findings, those of errors with a `!`.
    pub(super) fn codes(&self) -> Vec<String> {
        let Stage { tree, contents, config, processes } = self;
        let found = verify(&Image { tree, contents, config, processes }).unwrap();
        let sign = |finding: &Diagnostic| match finding.severity {
            Severity::Error => "!",
            _ => "",
        };
        found
            .iter()
            .map(|finding| &finding.diagnostic)
            .map(|finding| format!("{}{}", finding.code.trim_start_matches("verify/"), sign(finding)))
            .collect()
    }
}

pub(super) fn path(text: &str) -> RelPath {
    text.parse().unwrap()
}

/// A 64-bit ELF file with a dynamic section and version tables, and nothing else.
#[derive(Clone, Copy)]
pub(super) struct Elf<'a> {
    pub(super) machine: u16,
    /// `EI_OSABI`.
    pub(super) system: u8,
    pub(super) interpreter: &'a str,
    pub(super) soname: &'a str,
    pub(super) needed: &'a [&'a str],
    pub(super) rpath: &'a str,
    pub(super) runpath: &'a str,
    pub(super) requires: &'a [(&'a str, &'a str)],
    pub(super) offers: &'a [&'a str],
}

impl<'a> Elf<'a> {
    const NOTHING: Elf<'static> = Elf {
        machine: 62,
        system: 0,
        interpreter: "",
        soname: "",
        needed: &[],
        rpath: "",
        runpath: "",
        requires: &[],
        offers: &[],
    };

    /// A program that needs the C library.
    pub(super) const PROGRAM: Elf<'static> =
        Elf { interpreter: "/lib64/ld-linux-x86-64.so.2", needed: &["libc.so.6"], ..Elf::NOTHING };

    /// What a program loads by path.
    pub(super) const MODULE: Elf<'static> = Elf { needed: &["libc.so.6"], ..Elf::NOTHING };

    pub(super) fn library(soname: &'a str) -> Elf<'a> {
        Elf { soname, ..Elf::NOTHING }
    }

    /// Header, three segments, texts, dynamic section, version tables, four sections.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut strings = vec![0];
        let mut string = |text: &str| {
            let at = strings.len() as u64;
            strings.extend_from_slice(text.as_bytes());
            strings.push(0);
            at
        };
        let mut dynamic: Vec<(u64, u64)> = self.needed.iter().map(|name| (1, string(name))).collect();
        for (tag, text) in [(14, self.soname), (15, self.rpath), (29, self.runpath)] {
            if !text.is_empty() {
                dynamic.push((tag, string(text)));
            }
        }
        let mut needs = Vec::new();
        for (at, (library, version)) in self.requires.iter().enumerate() {
            let next: u32 = if at + 1 == self.requires.len() { 0 } else { 32 };
            let (library, version) = (string(library) as u32, string(version) as u32);
            // Version, count, file, first, next; hash, flags and number, name, next.
            for field in [1 | (1 << 16), library, 16, next, 0, 2 << 16, version, 0] {
                needs.extend_from_slice(&u32::to_le_bytes(field));
            }
        }
        let mut definitions = Vec::new();
        for (at, version) in self.offers.iter().enumerate() {
            let next: u32 = if at + 1 == self.offers.len() { 0 } else { 28 };
            let version = string(version) as u32;
            // Version and flags, number and count, hash, first, next; name, next.
            for field in [1, (at as u32 + 1) | (1 << 16), 0, 20, next, version, 0] {
                definitions.extend_from_slice(&u32::to_le_bytes(field));
            }
        }
        let interpreter = [self.interpreter.as_bytes(), &[0]].concat();
        let mut bytes = vec![0; 64 + 3 * 56];
        let mut put = |part: &[u8]| {
            bytes.resize(bytes.len().next_multiple_of(8), 0);
            let at = bytes.len() as u64;
            bytes.extend_from_slice(part);
            (at, part.len() as u64)
        };
        let interpreter = put(&interpreter);
        let strings = put(&strings);
        dynamic.extend([(5, 0x1000 + strings.0), (10, strings.1), (0, 0)]);
        let dynamic = put(&dynamic
            .iter()
            .flat_map(|(tag, value)| [tag.to_le_bytes(), value.to_le_bytes()])
            .flatten()
            .collect::<Vec<_>>());
        let (needs, definitions) = (put(&needs), put(&definitions));
        let sections = [
            (0, 0, (0, 0), 0),
            (0, 3, strings, 0),
            (0, 0x6fff_fffe, needs, 1),
            (0, 0x6fff_fffd, definitions, 1),
        ];
        let mut table = Vec::new();
        for (name, kind, (offset, size), link) in sections {
            table.extend_from_slice(&u32::to_le_bytes(name));
            table.extend_from_slice(&u32::to_le_bytes(kind));
            for field in [0, 0, offset, size] {
                table.extend_from_slice(&u64::to_le_bytes(field));
            }
            table.extend_from_slice(&u32::to_le_bytes(link));
            table.extend_from_slice(&u32::to_le_bytes(0));
            table.extend_from_slice(&[0; 16]);
        }
        let (table, _) = put(&table);
        let length = bytes.len() as u64;
        let header = [
            &b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0"[..],
            &3u16.to_le_bytes(),
            &self.machine.to_le_bytes(),
            &1u32.to_le_bytes(),
            &0u64.to_le_bytes(),
            &64u64.to_le_bytes(),
            &table.to_le_bytes(),
            &0u32.to_le_bytes(),
            &[64u16, 56, 3, 64, 4, 1].map(u16::to_le_bytes).concat(),
        ]
        .concat();
        bytes[..64].copy_from_slice(&header);
        bytes[7] = self.system;
        let kind = if self.interpreter.is_empty() { 0 } else { 3 };
        for (at, (kind, (offset, size))) in
            [(1u32, (0, length)), (kind, interpreter), (2, dynamic)].into_iter().enumerate()
        {
            let mut segment = [kind.to_le_bytes(), 4u32.to_le_bytes()].concat();
            for field in [offset, 0x1000 + offset, 0, size, size, 8] {
                segment.extend_from_slice(&u64::to_le_bytes(field));
            }
            bytes[64 + at * 56..64 + (at + 1) * 56].copy_from_slice(&segment);
        }
        bytes
    }
}
