//! Reads netrc files: machines with their logins and passwords. Pure; who gets them is decided elsewhere.
//!
//! Source: GNU inetutils, "The .netrc file"; curl, `lib/netrc.c`; Python, `netrc.py`.

/// A line for one machine.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Machine {
    pub(crate) host: String,
    pub(crate) login: Option<String>,
    pub(crate) password: Option<String>,
}

/// What a file says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Netrc {
    /// In the order of the file.
    pub(crate) machines: Vec<Machine>,
    /// Whether it has an entry for all other machines.
    pub(crate) has_default: bool,
}

/// What the words that come next are about.
enum About {
    Nothing,
    Machine,
    Default,
}

impl Netrc {
    /// Reads a file. Macros, accounts and what is no word of the format are passed over.
    pub(crate) fn read(text: &str) -> Netrc {
        let mut netrc = Netrc::default();
        let mut about = About::Nothing;
        let mut rest = text;
        while let Some(word) = next_word(&mut rest) {
            match word.as_str() {
                "machine" => {
                    let host = next_word(&mut rest).unwrap_or_default();
                    netrc.machines.push(Machine { host, ..Machine::default() });
                    about = About::Machine;
                }
                "default" => {
                    netrc.has_default = true;
                    about = About::Default;
                }
                "login" | "user" | "password" | "account" => {
                    let value = next_word(&mut rest);
                    if let (About::Machine, Some(machine)) = (&about, netrc.machines.last_mut()) {
                        match word.as_str() {
                            "password" => machine.password = value,
                            "account" => {}
                            _ => machine.login = value,
                        }
                    }
                }
                // A macro ends with an empty line.
                "macdef" => rest = rest.split_once("\n\n").map_or("", |(_, rest)| rest),
                comment if comment.starts_with('#') => {
                    rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
                }
                _ => {}
            }
        }
        netrc
    }
}

/// Takes a word off `text`: up to white space, or in quotes, where a backslash stands before a quote.
fn next_word(text: &mut &str) -> Option<String> {
    *text = text.trim_start();
    let mut letters = text.char_indices();
    let first = letters.next()?.1;
    if first != '"' {
        let (word, rest) = text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()));
        *text = rest;
        return Some(word.to_owned());
    }
    let mut word = String::new();
    let mut escaped = false;
    for (at, letter) in letters {
        match letter {
            '\\' if !escaped => escaped = true,
            '"' if !escaped => {
                *text = &text[at + 1..];
                return Some(word);
            }
            _ => {
                word.push(letter);
                escaped = false;
            }
        }
    }
    *text = "";
    Some(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(host: &str, login: &str, password: &str) -> Machine {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Machine { host: host.to_owned(), login: given(login), password: given(password) }
    }

    #[test]
    fn machines_are_read_in_all_ways_of_writing_them() {
        let text = "# mine: machine no.test password x\nmachine a.test login me password #pass\n\
                    machine b.test\n\tlogin token\n\n\tmachine \"c.test\" password \"two \\\"words\\\"\" account x\n\
                    macdef init\n machine in.macro.test password y\n\nmachine d.test #the last\n password z";
        let expected = [
            machine("a.test", "me", "#pass"),
            machine("b.test", "token", ""),
            machine("c.test", "", "two \"words\""),
            machine("d.test", "", "z"),
        ];
        assert_eq!(Netrc::read(text), Netrc { machines: expected.into(), has_default: false });
    }

    #[test]
    fn what_is_for_all_others_is_no_machine() {
        let netrc = Netrc::read("machine a.test login me password one default login you password two");
        assert_eq!(netrc, Netrc { machines: vec![machine("a.test", "me", "one")], has_default: true });
        assert_eq!(Netrc::read("nothing of the kind"), Netrc::default());
    }
}
