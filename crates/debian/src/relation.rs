//! Dependency fields: `Depends: a (>= 1), b:any | c [amd64] <!nocheck>`. Parses and matches;
//! knows no index.
//!
//! Source: Debian Policy 7.1, deb-control(5), deb-src-control(5) for the restriction formulas.

use std::fmt;

use crate::version;

/// One comma-separated part of a dependency field: any of the alternatives will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relation<'a> {
    /// In the order written. Alternatives that do not apply to the architecture are left out.
    pub alternatives: Vec<Alternative<'a>>,
}

/// One package, perhaps of certain versions only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alternative<'a> {
    /// Package name without qualifier.
    pub name: &'a str,
    /// What stood after the colon: `any`, `native` or an architecture.
    pub qualifier: Option<&'a str>,
    /// Restriction on the version.
    pub version: Option<(Operator, &'a str)>,
}

/// How a version must compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `<<`
    Earlier,
    /// `<=`
    EarlierOrEqual,
    /// `=`
    Equal,
    /// `>=`
    LaterOrEqual,
    /// `>>`
    Later,
}

/// Why a dependency field cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{part}` is not a dependency: {reason}")]
pub struct RelationError {
    /// The part that cannot be read.
    pub part: String,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl Operator {
    /// Whether `have` compares so with `want`.
    pub fn holds(self, have: &str, want: &str) -> bool {
        let order = version::compare(have, want);
        match self {
            Operator::Earlier => order.is_lt(),
            Operator::EarlierOrEqual => order.is_le(),
            Operator::Equal => order.is_eq(),
            Operator::LaterOrEqual => order.is_ge(),
            Operator::Later => order.is_gt(),
        }
    }

    fn parse(text: &str) -> Option<Operator> {
        match text {
            "<<" => Some(Operator::Earlier),
            // A lone `<` or `>` is the obsolete spelling of "or equal"; dpkg reads it so.
            "<=" | "<" => Some(Operator::EarlierOrEqual),
            "=" => Some(Operator::Equal),
            ">=" | ">" => Some(Operator::LaterOrEqual),
            ">>" => Some(Operator::Later),
            _ => None,
        }
    }
}

impl Alternative<'_> {
    /// Whether a real package of this name has a fitting version.
    pub fn accepts(&self, have: &str) -> bool {
        self.version.is_none_or(|(operator, want)| operator.holds(have, want))
    }

    /// Whether a `Provides` of this name fits; a provided name without a version satisfies only
    /// relations without a version.
    pub fn accepts_provided(&self, have: Option<&str>) -> bool {
        match (self.version, have) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some((operator, want)), Some(have)) => operator.holds(have, want),
        }
    }

    /// Whether the qualifier allows packages of `architecture` on a system of that one
    /// architecture.
    pub fn is_for(&self, architecture: &str) -> bool {
        match self.qualifier {
            None | Some("any" | "native" | "all") => true,
            Some(other) => other == architecture,
        }
    }
}

/// Parses a whole field for a system of `architecture` and no build profile.
///
/// Errors: the part that is malformed. Empty parts (a trailing comma) are allowed, as in dpkg.
pub fn parse<'a>(text: &'a str, architecture: &str) -> Result<Vec<Relation<'a>>, RelationError> {
    let mut relations = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let mut alternatives = Vec::new();
        let mut applies = false;
        for one in part.split('|') {
            if let Some(alternative) = parse_alternative(one.trim(), architecture)? {
                applies = true;
                alternatives.push(alternative);
            }
        }
        if applies {
            relations.push(Relation { alternatives });
        }
    }
    Ok(relations)
}

/// Parses one alternative; `None` when its architecture list or profile formula excludes it.
pub fn parse_alternative<'a>(
    text: &'a str,
    architecture: &str,
) -> Result<Option<Alternative<'a>>, RelationError> {
    let fail = |reason| RelationError { part: text.to_owned(), reason };
    let end = text.find(|c: char| c.is_whitespace() || "([<".contains(c)).unwrap_or(text.len());
    let (name, mut rest) = text.split_at(end);
    let (name, qualifier) = match name.split_once(':') {
        Some((name, qualifier)) => (name, Some(qualifier)),
        None => (name, None),
    };
    if !is_package_name(name) {
        return Err(fail("the package name is malformed"));
    }
    if qualifier.is_some_and(|qualifier| !is_package_name(qualifier)) {
        return Err(fail("the architecture after the colon is malformed"));
    }
    let mut alternative = Alternative { name, qualifier, version: None };
    let mut applies = true;
    let mut profiles: Option<bool> = None;
    loop {
        rest = rest.trim_start();
        let Some(first) = rest.chars().next() else { break };
        let close = match first {
            '(' => ')',
            '[' => ']',
            '<' => '>',
            _ => return Err(fail("there is text after the package name")),
        };
        let (inner, after) = rest[1..].split_once(close).ok_or_else(|| fail("a bracket is not closed"))?;
        let inner = inner.trim();
        match first {
            '(' if alternative.version.is_some() => return Err(fail("it has two versions")),
            '(' => {
                let end = inner.find(|c: char| !"<>=".contains(c)).unwrap_or(inner.len());
                let (operator, want) = inner.split_at(end);
                let operator = Operator::parse(operator).ok_or_else(|| fail("the operator is unknown"))?;
                let want = want.trim();
                version::check(want).map_err(|_| fail("the version is malformed"))?;
                alternative.version = Some((operator, want));
            }
            '[' => applies &= architecture_listed(inner, architecture),
            _ => {
                // Groups are joined by "or", the words of one group by "and".
                let group = inner.split_whitespace().all(|word| word.starts_with('!'));
                profiles = Some(profiles.unwrap_or(false) || group);
            }
        }
        rest = after;
    }
    Ok((applies && profiles.unwrap_or(true)).then_some(alternative))
}

/// Whether `name` is a package name: lower-case letters, digits, `+`, `-`, `.`.
pub fn is_package_name(name: &str) -> bool {
    name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"+-._".contains(&byte))
}

fn architecture_listed(list: &str, architecture: &str) -> bool {
    let matches = |word: &str| {
        word == architecture || matches!(word, "any" | "linux-any") || word == format!("any-{architecture}")
    };
    let mut negative = false;
    for word in list.split_whitespace() {
        match word.strip_prefix('!') {
            Some(word) if matches(word) => return false,
            Some(_) => negative = true,
            None if matches(word) => return true,
            None => {}
        }
    }
    negative
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operator::Earlier => "<<",
            Operator::EarlierOrEqual => "<=",
            Operator::Equal => "=",
            Operator::LaterOrEqual => ">=",
            Operator::Later => ">>",
        })
    }
}

impl fmt::Display for Alternative<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        if let Some(qualifier) = self.qualifier {
            write!(f, ":{qualifier}")?;
        }
        match self.version {
            Some((operator, version)) => write!(f, " ({operator} {version})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Relation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, alternative) in self.alternatives.iter().enumerate() {
            let joint = if at == 0 { "" } else { " | " };
            write!(f, "{joint}{alternative}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
