//! [`Lines`]: from pieces of output to lines.

/// Longest line that is passed on whole. The rest of a longer one is dropped, not passed on as
/// a line of its own: a secret across the seam would not be found.
const LONGEST: usize = 16 << 10;

/// Puts the two output streams of a process together into lines. A carriage return ends a line
/// as well, as progress bars use it.
#[derive(Default)]
pub(crate) struct Lines {
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Lines {
    pub(crate) fn new() -> Lines {
        Lines::default()
    }

    /// Takes in `bytes` and passes on the lines that are complete.
    pub(crate) fn push(&mut self, stderr: bool, bytes: &[u8], show: &mut impl FnMut(bool, &[u8])) {
        let open = if stderr { &mut self.stderr } else { &mut self.stdout };
        for &byte in bytes {
            if matches!(byte, b'\n' | b'\r') {
                if !open.is_empty() {
                    show(stderr, open);
                }
                open.clear();
            } else if open.len() < LONGEST {
                open.push(byte);
            }
        }
    }

    /// Passes on what has no line end.
    pub(crate) fn finish(self, show: &mut impl FnMut(bool, &[u8])) {
        for (stderr, open) in [(false, self.stdout), (true, self.stderr)] {
            if !open.is_empty() {
                show(stderr, &open);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_of_a_long_line_is_dropped() {
        let mut lines = Lines::new();
        let mut seen = Vec::new();
        let mut show = |_, line: &[u8]| seen.push(line.len());
        lines.push(false, &vec![b'x'; LONGEST + 5], &mut show);
        lines.push(false, b"y\nnext\n", &mut show);
        assert_eq!(seen, [LONGEST, 4]);
    }

    #[test]
    fn streams_are_kept_apart_and_ends_are_found() {
        let mut lines = Lines::new();
        let mut seen = Vec::new();
        let mut show = |stderr, line: &[u8]| seen.push((stderr, String::from_utf8_lossy(line).into_owned()));
        lines.push(false, b"one\ntw", &mut show);
        lines.push(true, b"err\r\n", &mut show);
        lines.push(false, b"o\n\nthree", &mut show);
        lines.finish(&mut show);
        let seen: Vec<(bool, &str)> = seen.iter().map(|(stderr, line)| (*stderr, line.as_str())).collect();
        assert_eq!(seen, [(false, "one"), (true, "err"), (false, "two"), (false, "three")]);
    }
}
