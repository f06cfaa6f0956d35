//! The caller's command line and environment in memory: where they lie, and how the first process blanks its copy.
//!
//! Pid 1 of a sandbox is a copy of the caller, and every process may read the command line of every other one.
//! Blanking needs no rights; changing where the kernel looks (`PR_SET_MM`) would. [`blank`] runs in the child: no
//! allocation, no panic.

use rustix::fs::{Mode, OFlags};

/// Addresses from the first byte to the one after the last.
pub(crate) type AddressRange = (u64, u64);

const ZEROS: [u8; 4096] = [0; 4096];

/// Where the kernel finds this process's command line and environment. Empty where it does not say.
///
/// Source: proc(5), `/proc/pid/stat`, fields 48 to 51.
pub(crate) fn ranges() -> Vec<AddressRange> {
    in_stat(&std::fs::read_to_string("/proc/self/stat").unwrap_or_default())
}

fn in_stat(stat: &str) -> Vec<AddressRange> {
    // The name may hold anything, and comes second; the third field follows its bracket.
    let Some((_, fields)) = stat.rsplit_once(')') else { return Vec::new() };
    let numbers: Vec<u64> =
        fields.split_whitespace().skip(45).take(4).map_while(|field| field.parse().ok()).collect();
    let (pairs, _) = numbers.as_chunks::<2>();
    pairs.iter().map(|[start, end]| (*start, *end)).filter(|(start, end)| 0 < *start && start < end).collect()
}

/// Overwrites `ranges` of this process with zeros. Through the kernel, which refuses a wrong address where a write
/// of our own would crash. What cannot be overwritten stays.
pub(crate) fn blank(ranges: &[AddressRange]) {
    let Ok(memory) = rustix::fs::open(c"/proc/self/mem", OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())
    else {
        return;
    };
    for &(mut at, end) in ranges {
        while at < end {
            let length = ZEROS.len().min((end - at) as usize);
            match ZEROS.get(..length).map(|zeros| rustix::io::pwrite(&memory, zeros, at)) {
                Some(Ok(written)) if written > 0 => at += written as u64,
                _ => break,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranges_are_those_of_the_kernel() {
        let line = |tail: &str| format!("7 (a) b) S {}{tail}", "0 ".repeat(44));
        assert_eq!(in_stat(&line("10 20 20 35 0")), [(10, 20), (20, 35)]);
        assert_eq!(in_stat(&line("0 0 0 0 0")), []);
        assert_eq!(in_stat(""), []);
        assert_eq!(ranges().len(), 2);
    }
}
