//! The database of media types, as `update-mime-database` would write it, without what only
//! speeds reading up (`mime.cache`) or describes types to people. gdk-pixbuf and GIO recognise
//! no file without it.
//!
//! Source: freedesktop.org, Shared MIME-info Database specification 0.21, sections 2.4 to 2.9.

use std::collections::{BTreeMap, BTreeSet};

use roxmltree::{Document, Node, ParsingOptions};

use super::Made;

/// Where packages describe types.
pub(in crate::root) const SOURCES: &str = "usr/share/mime/packages";

/// What the descriptions say.
#[derive(Default)]
struct Types {
    /// CommandClass, type, pattern, flag.
    globs: BTreeSet<(std::cmp::Reverse<u32>, String, String, &'static str)>,
    /// Priority and type, then the rules in the order of the descriptions.
    magic: BTreeMap<(std::cmp::Reverse<u32>, String), Vec<Vec<u8>>>,
    aliases: BTreeMap<String, String>,
    parents: BTreeSet<(String, String)>,
}

/// Which description is malformed.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::root) struct Malformed {
    /// The type or the place.
    pub(in crate::root) what: String,
}

/// The database from the descriptions by path, in the order of their names; `Override.xml` is
/// the last. Empty without descriptions.
pub(in crate::root) fn compose(sources: &BTreeMap<&str, &str>) -> Result<Vec<Made>, Malformed> {
    let mut types = Types::default();
    let mut paths: Vec<&str> = sources.keys().copied().filter(|path| path.ends_with(".xml")).collect();
    paths.sort_by_key(|path| (path.ends_with("/Override.xml"), *path));
    for path in &paths {
        let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
        let document = Document::parse_with_options(sources[path], options)
            .map_err(|error| Malformed { what: format!("{path}: {error}") })?;
        for node in document.root_element().children().filter(|node| node.has_tag_name_of("mime-type")) {
            types.add(&node)?;
        }
    }
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let file = |name: &str, bytes: Vec<u8>| (format!("usr/share/mime/{name}"), bytes);
    Ok(vec![
        file("aliases", lines(types.aliases.iter())),
        file("globs2", types.globs_text()),
        file("magic", types.magic_bytes()),
        file("subclasses", lines(types.parents.iter().map(|(child, parent)| (child, parent)))),
    ])
}

fn lines<'a>(pairs: impl Iterator<Item = (&'a String, &'a String)>) -> Vec<u8> {
    pairs.map(|(left, right)| format!("{left} {right}\n")).collect::<String>().into_bytes()
}

trait Tag {
    fn has_tag_name_of(&self, name: &str) -> bool;
}

impl Tag for Node<'_, '_> {
    fn has_tag_name_of(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }
}

impl Types {
    fn add(&mut self, node: &Node<'_, '_>) -> Result<(), Malformed> {
        let name = attribute(node, "type")?;
        for child in node.children().filter(Node::is_element) {
            match child.tag_name().name() {
                "glob" => {
                    let weight = number(&child, "weight", 50)?;
                    let pattern = attribute(&child, "pattern")?;
                    let sensitive = child.attribute("case-sensitive") == Some("true");
                    // Readers compare names in small letters with patterns without a flag.
                    let (pattern, flag) =
                        if sensitive { (pattern, ":cs") } else { (pattern.to_lowercase(), "") };
                    self.globs.insert((std::cmp::Reverse(weight), name.clone(), pattern, flag));
                }
                "glob-deleteall" => self.globs.retain(|(_, other, ..)| *other != name),
                "magic" => {
                    let priority = number(&child, "priority", 50)?;
                    let mut bytes = Vec::new();
                    matches(&child, 0, &mut bytes)?;
                    let key = (std::cmp::Reverse(priority), name.clone());
                    self.magic.entry(key).or_default().push(bytes);
                }
                "magic-deleteall" => self.magic.retain(|(_, other), _| *other != name),
                "alias" => {
                    self.aliases.insert(attribute(&child, "type")?, name.clone());
                }
                "sub-class-of" => {
                    self.parents.insert((name.clone(), attribute(&child, "type")?));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn globs_text(&self) -> Vec<u8> {
        let mut text = String::from("# Patterns of file names by media type.\n");
        for (std::cmp::Reverse(weight), name, pattern, flag) in &self.globs {
            text.push_str(&format!("{weight}:{name}:{pattern}{flag}\n"));
            // Readers that know no flags take the second line, others ignore it.
            if !flag.is_empty() {
                text.push_str(&format!("{weight}:{name}:{pattern}\n"));
            }
        }
        text.into_bytes()
    }

    fn magic_bytes(&self) -> Vec<u8> {
        let mut bytes = b"MIME-Magic\0\n".to_vec();
        for ((std::cmp::Reverse(priority), name), rules) in &self.magic {
            for rule in rules {
                bytes.extend_from_slice(format!("[{priority}:{name}]\n").as_bytes());
                bytes.extend_from_slice(rule);
            }
        }
        bytes
    }
}

fn malformed(node: &Node<'_, '_>) -> Malformed {
    let tag = node.tag_name().name();
    let about = node.ancestors().find_map(|node| {
        node.has_tag_name_of("mime-type").then(|| node.attribute("type").unwrap_or_default().to_owned())
    });
    Malformed { what: format!("<{tag}> of {}", about.unwrap_or_default()) }
}

fn attribute(node: &Node<'_, '_>, name: &str) -> Result<String, Malformed> {
    let plain = |text: &&str| !text.is_empty() && !text.contains('\n');
    node.attribute(name).filter(plain).map(str::to_owned).ok_or_else(|| malformed(node))
}

fn number(node: &Node<'_, '_>, name: &str, otherwise: u32) -> Result<u32, Malformed> {
    let Some(text) = node.attribute(name) else { return Ok(otherwise) };
    text.parse().ok().filter(|number| *number <= 100).ok_or_else(|| malformed(node))
}

/// Deeper than any rule is.
const DEPTH: u32 = 30;

fn matches(parent: &Node<'_, '_>, depth: u32, bytes: &mut Vec<u8>) -> Result<(), Malformed> {
    for node in parent.children().filter(|node| node.has_tag_name_of("match")) {
        let fail = || malformed(&node);
        if depth > DEPTH {
            return Err(fail());
        }
        let offset = attribute(&node, "offset")?;
        let (start, end) = offset.split_once(':').unwrap_or((&offset, &offset));
        let (start, end): (u32, u32) = (start.parse().map_err(|_| fail())?, end.parse().map_err(|_| fail())?);
        let range = end.checked_sub(start).ok_or_else(fail)? + 1;
        let kind = attribute(&node, "type")?;
        let text = node.attribute("value").ok_or_else(fail)?;
        let value = value(&kind, text).ok_or_else(fail)?;
        let length = u16::try_from(value.len()).map_err(|_| fail())?;
        if depth > 0 {
            bytes.extend_from_slice(depth.to_string().as_bytes());
        }
        bytes.extend_from_slice(format!(">{start}=").as_bytes());
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(&value);
        if let Some(text) = node.attribute("mask") {
            let mask = mask(&kind, text).filter(|mask| mask.len() == value.len()).ok_or_else(fail)?;
            bytes.push(b'&');
            bytes.extend_from_slice(&mask);
        }
        match kind.as_str() {
            "host16" => bytes.extend_from_slice(b"~2"),
            "host32" => bytes.extend_from_slice(b"~4"),
            _ => {}
        }
        if range != 1 {
            bytes.extend_from_slice(format!("+{range}").as_bytes());
        }
        bytes.push(b'\n');
        matches(&node, depth + 1, bytes)?;
    }
    Ok(())
}

/// The bytes to look for; words of the host's order are written in network order.
fn value(kind: &str, text: &str) -> Option<Vec<u8>> {
    match kind {
        "string" => unescaped(text),
        "byte" => Some(vec![u8::try_from(integer(text)?).ok()?]),
        "big16" | "host16" => Some(u16::try_from(integer(text)?).ok()?.to_be_bytes().to_vec()),
        "little16" => Some(u16::try_from(integer(text)?).ok()?.to_le_bytes().to_vec()),
        "big32" | "host32" => Some(u32::try_from(integer(text)?).ok()?.to_be_bytes().to_vec()),
        "little32" => Some(u32::try_from(integer(text)?).ok()?.to_le_bytes().to_vec()),
        _ => None,
    }
}

fn mask(kind: &str, text: &str) -> Option<Vec<u8>> {
    match kind {
        "string" => hex::decode(text.strip_prefix("0x")?).ok(),
        _ => value(kind, text),
    }
}

/// A number as C writes it.
fn integer(text: &str) -> Option<u64> {
    match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None if text.len() > 1 && text.starts_with('0') => u64::from_str_radix(text, 8).ok(),
        None => text.parse().ok(),
    }
}

/// A string with C's escapes.
fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'\\' {
            bytes.push(*first);
            continue;
        }
        let digits = |is: fn(&u8) -> bool, most: usize, from: &[u8]| {
            from.iter().take(most).take_while(|byte| is(byte)).count()
        };
        let (next, after) = rest.split_first()?;
        let number = |from: &[u8], radix| {
            std::str::from_utf8(from).ok().and_then(|text| u32::from_str_radix(text, radix).ok())
        };
        match next {
            b'x' => {
                let count = digits(u8::is_ascii_hexdigit, 2, after);
                bytes.push(u8::try_from(number(&after[..count], 16)?).ok()?);
                rest = &after[count..];
            }
            b'0'..=b'7' => {
                let count = digits(|byte| (b'0'..=b'7').contains(byte), 3, rest);
                bytes.push(u8::try_from(number(&rest[..count], 8)?).ok()?);
                rest = &rest[count..];
            }
            other => {
                bytes.push(match other {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 8,
                    b'f' => 12,
                    b'v' => 11,
                    b'a' => 7,
                    same => *same,
                });
                rest = after;
            }
        }
    }
    Some(bytes)
}
