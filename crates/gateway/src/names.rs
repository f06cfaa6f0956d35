//! The host names that one step asked for, and the addresses in 198.18.0.0/15 that the stub resolver gave them, one for
//! each name ("fake IPs"). Pure.
//!
//! Source: RFC 2544, appendix C.2.2: the range is for measurements of networks and is routed nowhere.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Where the resolver answers.
pub(crate) const RESOLVER: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 1);

/// The address of the first name.
const FIRST: u32 = RESOLVER.to_bits() + 1;

/// Most names of one step: memory is bounded, whatever the step asks.
const MOST: usize = 100_000;

/// The longest name that is taken.
///
/// Source: RFC 1035, section 2.3.4.
const LONGEST: usize = 253;

/// The names that a step asked for, in the order in which it did.
#[derive(Debug, Default)]
pub(crate) struct NameTable {
    by_name: BTreeMap<String, Ipv4Addr>,
    by_number: Vec<String>,
}

impl NameTable {
    /// The address that stands for `name`, always the same one; `None` when there are no more, or for what cannot be
    /// a host name.
    pub(crate) fn address_of(&mut self, name: &str) -> Option<Ipv4Addr> {
        let name = normal(name)?;
        if let Some(address) = self.by_name.get(&name) {
            return Some(*address);
        }
        if self.by_number.len() >= MOST {
            return None;
        }
        let address = Ipv4Addr::from_bits(FIRST + self.by_number.len() as u32);
        self.by_number.push(name.clone());
        self.by_name.insert(name, address);
        Some(address)
    }

    /// The name that `address` stands for.
    pub(crate) fn name_of(&self, address: Ipv4Addr) -> Option<&str> {
        let number = address.to_bits().checked_sub(FIRST)?;
        self.by_number.get(usize::try_from(number).ok()?).map(String::as_str)
    }
}

/// Whether `address` can stand for a name, and is no address of a host.
pub(crate) fn stands_for_a_name(address: Ipv4Addr) -> bool {
    matches!(address.octets(), [198, 18 | 19, ..])
}

/// A host name in lower case without the final dot; `None` for what cannot be one.
pub(crate) fn normal(name: &str) -> Option<String> {
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    (name.len() <= LONGEST && name.split('.').all(is_label)).then_some(name)
}

#[cfg(test)]
mod tests;
