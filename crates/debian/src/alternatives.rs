//! `update-alternatives --install`, read from maintainer scripts without running them: which
//! generic names (`awk`, `cc`, `editor`) a package offers and at which priority.
//!
//! Source: update-alternatives(1).

/// One offer of a package: a generic name with what it can stand for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Name of the alternative: `awk`.
    pub name: String,
    /// The highest wins.
    pub priority: i64,
    /// The generic path first, then the slaves' paths that follow it.
    pub links: Vec<OfferLink>,
}

/// One link of an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferLink {
    /// Generic path, absolute: `/usr/bin/awk`.
    pub link: String,
    /// Name below `/etc/alternatives`.
    pub name: String,
    /// What it stands for, absolute: `/usr/bin/mawk`.
    pub target: String,
}

/// A script's commands, continuation lines joined; comments and here-documents are not
/// recognised, as they cannot hide a command that runs.
pub(crate) fn commands(script: &str) -> Vec<String> {
    let mut commands = Vec::new();
    let mut joined = String::new();
    for line in script.lines() {
        let line = line.trim();
        match line.strip_suffix('\\') {
            Some(part) => joined = format!("{joined}{part} "),
            None => commands.push(std::mem::take(&mut joined) + line),
        }
    }
    if !joined.is_empty() {
        commands.push(joined);
    }
    commands
}

/// The offers of one command line. `None` when it installs an alternative in a way that cannot
/// be read without running it; an empty list when it installs none.
pub(crate) fn offers(command: &str) -> Option<Vec<Offer>> {
    let mut words = command.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
    if !words.by_ref().any(|word| word.ends_with("update-alternatives")) {
        return Some(Vec::new());
    }
    let words: Vec<&str> = words.take_while(|word| !matches!(*word, "||" | "&&" | ";" | "|")).collect();
    let Some(start) = words.iter().position(|word| *word == "--install") else {
        return Some(Vec::new());
    };
    let field = |at: usize| words.get(start + at).copied().filter(|word| is_literal(word));
    let main =
        OfferLink { link: field(1)?.to_owned(), name: field(2)?.to_owned(), target: field(3)?.to_owned() };
    let priority = field(4)?.trim_end_matches(';').parse().ok()?;
    let mut offer = Offer { name: main.name.clone(), priority, links: vec![main] };
    let slaves = words.iter().enumerate().skip(start + 5).filter(|(_, word)| **word == "--slave");
    for (at, _) in slaves {
        let field = |offset: usize| words.get(at + offset).copied().filter(|word| is_literal(word));
        offer.links.push(OfferLink {
            link: field(1)?.to_owned(),
            name: field(2)?.to_owned(),
            target: field(3)?.trim_end_matches(';').to_owned(),
        });
    }
    let literal = words[start..].iter().all(|word| is_literal(word));
    literal.then(|| vec![offer])
}

fn is_literal(word: &str) -> bool {
    !word.contains(['$', '`', '*', '(', ')', '{', '}'])
}

#[cfg(test)]
mod tests;
