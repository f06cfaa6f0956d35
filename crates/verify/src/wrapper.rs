//! Commands that start another one, which their arguments name: shells that are given a script, `env`, `timeout`, the
//! first processes of containers. Text alone; a call that is not understood names none.

/// A script that a shell is given as a word.
pub(crate) struct Opened<'a> {
    pub(crate) text: &'a str,
    /// Whether the shell reads the files of login shells or of interactive ones before.
    pub(crate) reads_profile: bool,
}

/// The script among the arguments of a shell.
///
/// Source: POSIX.1-2024 (sh), bash(1), "Invocation".
pub(crate) fn opened(arguments: &[Option<String>]) -> Option<Opened<'_>> {
    let (mut is_script, mut reads_profile) = (false, false);
    let mut rest = arguments.iter();
    loop {
        let word = rest.next()?.as_deref()?;
        match word.strip_prefix(['-', '+']) {
            None => return is_script.then_some(Opened { text: word, reads_profile }),
            Some("-login") => reads_profile = true,
            Some("-norc" | "-noprofile" | "-posix" | "-restricted" | "-verbose") => {}
            Some(long) if long.is_empty() || long.starts_with('-') => return None,
            Some(options) => {
                is_script |= options.contains('c');
                reads_profile |= options.contains(['l', 'i']);
                // It takes the name of an option.
                if options.ends_with(['o', 'O']) {
                    rest.next()?;
                }
            }
        }
    }
}

/// A command that another one starts in turn.
pub(crate) struct Wrapped<'a> {
    /// Names of the variables that are set for it.
    pub(crate) sets: Vec<&'a str>,
    pub(crate) rest: &'a [Option<String>],
}

/// The command that the program `name` starts in turn, where its arguments say so plainly.
///
/// Source: POSIX.1-2024 (env, nice, nohup, timeout), GNU coreutils 9 (stdbuf), util-linux (setsid), the manuals of
/// tini, catatonit, dumb-init, gosu and su-exec.
pub(crate) fn wrapped<'a>(name: &str, arguments: &'a [Option<String>]) -> Option<Wrapped<'a>> {
    let (flags, takes): (&[&str], &[&str]) = match name {
        "env" => (&[], &["-u"]),
        "nohup" | "gosu" | "su-exec" => (&[], &[]),
        "nice" => (&[], &["-n"]),
        "stdbuf" => (&[], &["-i", "-o", "-e"]),
        "setsid" => (&["-c", "-f", "-w"], &[]),
        "timeout" => (&["--foreground", "--preserve-status", "-v"], &["-k", "-s"]),
        "tini" => (&["-s", "-g", "-v", "-vv", "-vvv", "-w"], &["-p", "-e"]),
        "catatonit" => (&["-g"], &[]),
        "dumb-init" => (&["-c", "-v", "--single-child", "--verbose"], &["-r"]),
        _ => return None,
    };
    let mut rest = arguments;
    loop {
        let [Some(word), behind @ ..] = rest else { return None };
        match word.as_str() {
            "--" => {
                rest = behind;
                break;
            }
            word if flags.contains(&word) => rest = behind,
            word if takes.contains(&word) => rest = behind.get(1..)?,
            word if word.starts_with('-') => {
                // A value that is written onto its option.
                takes
                    .iter()
                    .find(|option| word.len() > 2 && !word.starts_with("--") && word.starts_with(**option))?;
                rest = behind;
            }
            _ => break,
        }
    }
    let mut sets = Vec::new();
    if name == "env" {
        while let [Some(word), behind @ ..] = rest {
            let Some((variable, _)) = word.split_once('=') else { break };
            sets.push(variable);
            rest = behind;
        }
    }
    // How long, and as whom.
    if ["timeout", "gosu", "su-exec"].contains(&name) {
        rest = rest.get(1..)?;
    }
    (!rest.is_empty()).then_some(Wrapped { sets, rest })
}
