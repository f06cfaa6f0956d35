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

/// The offer of `update-alternatives … --install LINK NAME TARGET PRIORITY [--slave …]…`, given
/// as words. `None` when it is something else, or when a word of it is not known.
pub(crate) fn offer(words: &[Option<String>]) -> Option<Offer> {
    let start = words.iter().position(|word| word.as_deref() == Some("--install"))?;
    let words: Vec<&str> = words[start + 1..].iter().map(Option::as_deref).collect::<Option<_>>()?;
    let (main, rest) = words.split_at_checked(4)?;
    let [link, name, target, priority] = main else { return None };
    let mut offer = Offer {
        name: (*name).to_owned(),
        priority: priority.parse().ok()?,
        links: vec![offer_link(link, name, target)?],
    };
    for slave in rest.chunks(4) {
        let ["--slave", link, name, target] = slave else { return None };
        offer.links.push(offer_link(link, name, target)?);
    }
    Some(offer)
}

fn offer_link(link: &str, name: &str, target: &str) -> Option<OfferLink> {
    let good = link.starts_with('/') && target.starts_with('/') && !name.is_empty() && !name.contains('/');
    good.then(|| OfferLink { link: link.to_owned(), name: name.to_owned(), target: target.to_owned() })
}

#[cfg(test)]
mod tests;
