//! What a Go file says: its package, what it imports, embeds and links, whether it is built for
//! Linux, and where it listens. Reads text with a small scanner; a file that is no Go says nothing.
//!
//! Source: The Go Programming Language Specification, "Source file organization"; `go help
//! buildconstraint`; documentation of `cmd/cgo` and of package `embed`.

use packwright_buildpack::listening::Address;

/// What one file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct GoFile {
    /// The name in its package clause.
    pub(crate) package: String,
    /// Import paths, and their lines.
    pub(crate) imports: Vec<(String, u32)>,
    /// Flags of `#cgo` lines: the kind (`LDFLAGS`, `pkg-config`), a word, the line.
    pub(crate) cgo: Vec<(String, String, u32)>,
    /// Patterns of `//go:embed`, and their lines.
    pub(crate) embeds: Vec<(String, u32)>,
    /// The line of the first call that listens.
    pub(crate) serves: Option<u32>,
    /// Whether it reads the variable `PORT`.
    pub(crate) reads_port: bool,
    /// The first address that is written where it listens: host, port, line.
    pub(crate) address: Option<(String, u16, u32)>,
    /// The first flag of the command line that says where to listen.
    pub(crate) flag: Option<PortFlag>,
}

/// A flag of the command line that says where a program listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PortFlag {
    /// Its name, without dashes.
    pub(crate) name: String,
    /// Whether it takes the port alone, and not an address with one.
    pub(crate) is_port: bool,
    /// The port unless the flag is given, if it is written there.
    pub(crate) default: Option<u16>,
    /// Where it is defined.
    pub(crate) line: u32,
}

/// What stands in code that listens.
const SERVES: &[&str] =
    &["ListenAndServe", "http.Serve(", "http.ServeTLS(", "net.Listen(", "tls.Listen(", "http3.Listen"];

/// Calls and fields that an address is given to, where the file listens.
const ADDRESSED: &[&str] = &[
    "ListenAndServe(",
    "ListenAndServeTLS(",
    ".Run(",
    ".Start(",
    ".Listen(",
    "Addr:",
    "net.Listen(\"tcp\",",
];

/// Names of flags that say where a program listens.
const FLAGS: &[&str] = &[
    "addr",
    "address",
    "bind",
    "http",
    "http-addr",
    "http-port",
    "listen",
    "listen-addr",
    "listen-address",
    "port",
    "web.listen-address",
];

/// Methods that define a flag. Sources: packages `flag`, `github.com/spf13/pflag`, kingpin.
const DEFINES: &[&str] = &[
    "String(",
    "StringP(",
    "StringVar(",
    "StringVarP(",
    "Int(",
    "IntP(",
    "IntVar(",
    "IntVarP(",
    "Uint(",
    "UintVar(",
    "Flag(",
];

/// Systems and processors by which the name of a file can end. Files of ours are for Linux.
const ELSEWHERE: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "illumos",
    "ios",
    "js",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "wasm",
    "386",
    "arm",
    "mips",
    "mipsle",
    "ppc64",
    "riscv64",
    "s390x",
    "test",
];

/// Whether a file of this name is part of a program for Linux, as far as its name says.
pub(crate) fn is_built(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".go") else { return false };
    let hidden = name.starts_with(['.', '_']);
    // The first part is no system: `windows.go` is built everywhere.
    let is_elsewhere = stem.split('_').skip(1).any(|part| ELSEWHERE.contains(&part));
    !hidden && !is_elsewhere
}

impl GoFile {
    /// Reads a file; `None` when it is not part of a build for Linux, or is no Go.
    pub(crate) fn read(text: &str) -> Option<GoFile> {
        let mut file = GoFile::default();
        let mut header = Header::Package;
        let mut in_comment = false;
        for (line, number) in text.lines().zip(1..) {
            let trimmed = line.trim();
            if let Some(constraint) = trimmed.strip_prefix("//go:build ")
                && header == Header::Package
                && !holds(constraint)
            {
                return None;
            }
            if let Some(patterns) = trimmed.strip_prefix("//go:embed ") {
                file.embeds.extend(embedded(patterns).into_iter().map(|pattern| (pattern, number)));
            }
            file.cgo_line(trimmed, number);
            let code = without_comments(line, &mut in_comment);
            let code = code.trim();
            if code.is_empty() {
                continue;
            }
            header = match header {
                Header::Package => {
                    file.package = code.strip_prefix("package ")?.trim().trim_end_matches(';').to_owned();
                    Header::Imports
                }
                Header::Imports if code.starts_with("import (") => Header::Block,
                Header::Imports if code.starts_with("import") => {
                    file.import(code, number);
                    Header::Imports
                }
                Header::Block if code.starts_with(')') => Header::Imports,
                Header::Block => {
                    file.import(code, number);
                    Header::Block
                }
                Header::Imports | Header::Body => {
                    file.body(code, number);
                    Header::Body
                }
            };
        }
        (header != Header::Package).then_some(file)
    }

    /// Whether it imports this package, or one below it.
    pub(crate) fn imports(&self, package: &str) -> Option<u32> {
        let is = |path: &str| {
            path.strip_prefix(package).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.imports.iter().find(|(path, _)| is(path)).map(|(_, line)| *line)
    }

    fn import(&mut self, code: &str, line: u32) {
        let path = code.split(['"', '`']).nth(1);
        self.imports.extend(path.map(|path| (path.to_owned(), line)));
    }

    /// A line of the comment above `import "C"`: `#cgo linux LDFLAGS: -lsqlite3`.
    fn cgo_line(&mut self, line: &str, number: u32) {
        let line = line.trim_start_matches("//").trim_start();
        let Some((names, flags)) = line.strip_prefix("#cgo ").and_then(|rest| rest.split_once(':')) else {
            return;
        };
        let mut names: Vec<&str> = names.split_whitespace().collect();
        let Some(kind) = names.pop() else { return };
        let elsewhere = |name: &&str| ELSEWHERE.contains(name);
        if names.is_empty() || !names.iter().all(|name| name.split(',').any(|name| elsewhere(&name))) {
            let words = flags.split_whitespace();
            self.cgo.extend(words.map(|word| (kind.to_owned(), word.to_owned(), number)));
        }
    }

    fn body(&mut self, code: &str, line: u32) {
        if self.serves.is_none() && SERVES.iter().any(|call| code.contains(call)) {
            self.serves = Some(line);
        }
        self.reads_port |=
            ["\"PORT\"", "env:\"PORT", "envconfig:\"PORT"].iter().any(|text| code.contains(text));
        if self.flag.is_none() {
            self.flag = port_flag(code, line);
        }
        if self.address.is_some() {
            return;
        }
        let given = ADDRESSED.iter().find_map(|call| {
            let rest = code.split_once(call)?.1.trim_start();
            rest.strip_prefix('"')?.split('"').next()
        });
        if let Some(text) = given
            && let Address { host, port: Some(port) } = Address::of(text)
        {
            self.address = Some((host.to_owned(), port, line));
        }
    }
}

/// The flag that a line defines, if it says where to listen: `flag.Int("port", 9000, "…")`.
fn port_flag(code: &str, line: u32) -> Option<PortFlag> {
    let (of, arguments) = DEFINES.iter().find_map(|method| {
        let (before, arguments) = code.split_once(method)?;
        Some((before.strip_suffix('.')?, arguments))
    })?;
    let of = of.trim_end_matches("()").rsplit(|c: char| !c.is_alphanumeric()).next()?.to_lowercase();
    if !of.contains("flag") && !matches!(of.as_str(), "fs" | "app" | "kingpin") {
        return None;
    }
    let mut texts = arguments.split('"').skip(1).step_by(2);
    let name = texts.next().filter(|name| FLAGS.contains(name))?;
    let after = arguments.split_once(name)?.1.trim_start_matches('"');
    let number = after.split([',', ')']).find_map(|word| word.trim().parse().ok());
    let text = || texts.find_map(|text| text.rsplit(':').next()?.parse().ok());
    let is_port = name.ends_with("port");
    Some(PortFlag { name: name.to_owned(), is_port, default: number.or_else(text), line })
}

/// The patterns of a `//go:embed` line; those in quotes may have spaces.
fn embedded(line: &str) -> Vec<String> {
    let mut patterns = Vec::new();
    let mut rest = line.trim();
    while let Some(first) = rest.chars().next() {
        let quoted = rest.strip_prefix(['"', '`']).and_then(|inner| inner.split_once(first));
        let (pattern, after) = quoted.or_else(|| rest.split_once(char::is_whitespace)).unwrap_or((rest, ""));
        patterns.push(pattern.to_owned());
        rest = after.trim_start();
    }
    patterns
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Header {
    Package,
    Imports,
    Block,
    Body,
}

/// A line without its comments; `in_comment` says whether it starts within one, and afterwards
/// whether the next one does.
fn without_comments(line: &str, in_comment: &mut bool) -> String {
    let mut code = String::new();
    let mut rest = line;
    let mut quote: Option<char> = None;
    while let Some(first) = rest.chars().next() {
        if *in_comment {
            let Some((_, after)) = rest.split_once("*/") else { return code };
            *in_comment = false;
            rest = after;
            continue;
        }
        if quote.is_none() && rest.starts_with("//") {
            break;
        }
        if quote.is_none() && rest.starts_with("/*") {
            *in_comment = true;
            rest = &rest[2..];
            continue;
        }
        let escaped = quote == Some('"') && first == '\\' && rest.len() > 1;
        match quote {
            Some(open) if open == first => quote = None,
            None if matches!(first, '"' | '`') => quote = Some(first),
            _ => {}
        }
        let end =
            first.len_utf8() + if escaped { rest[1..].chars().next().map_or(0, char::len_utf8) } else { 0 };
        code.push_str(&rest[..end]);
        rest = &rest[end..];
    }
    code
}

/// Whether a build constraint holds on Linux with the usual compiler and no tags.
fn holds(constraint: &str) -> bool {
    let spaced = constraint.replace('(', " ( ").replace(')', " ) ").replace('!', " ! ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    any(&mut rest, 0).unwrap_or(true)
}

/// How deep parentheses may lie in each other.
const DEPTH: u32 = 20;

fn any(rest: &mut &[&str], depth: u32) -> Option<bool> {
    let mut value = all(rest, depth)?;
    while let ["||", more @ ..] = rest {
        *rest = more;
        value |= all(rest, depth)?;
    }
    Some(value)
}

fn all(rest: &mut &[&str], depth: u32) -> Option<bool> {
    let mut value = one(rest, depth)?;
    while let ["&&", more @ ..] = rest {
        *rest = more;
        value &= one(rest, depth)?;
    }
    Some(value)
}

fn one(rest: &mut &[&str], depth: u32) -> Option<bool> {
    let (first, more) = rest.split_first()?;
    *rest = more;
    match *first {
        "!" if depth < DEPTH => Some(!one(rest, depth + 1)?),
        "(" if depth < DEPTH => {
            let value = any(rest, depth + 1)?;
            let (_, more) = rest.split_first().filter(|(close, _)| **close == ")")?;
            *rest = more;
            Some(value)
        }
        "!" | "(" => None,
        tag => Some(
            matches!(tag, "linux" | "unix" | "amd64" | "arm64" | "gc" | "cgo") || tag.starts_with("go1."),
        ),
    }
}

#[cfg(test)]
mod tests;
