//! Which `)` closes a substitution: not that of a subshell, nor that of a pattern in a `case`.

use crate::token::TokenKind;

/// What is open in the commands of a substitution, as far as its `)` depends on it.
pub(crate) struct Nesting {
    brackets: usize,
    /// For each open `case`, how many brackets were open before it.
    cases: Vec<usize>,
    /// Whether the word of a `case` was read and its `in` was not.
    is_case_head: bool,
    /// Whether a word that stands here would be the name of a command.
    names_command: bool,
}

impl Default for Nesting {
    fn default() -> Nesting {
        Nesting { brackets: 0, cases: Vec::new(), is_case_head: false, names_command: true }
    }
}

impl Nesting {
    /// Reads one token; whether it is the `)` that closes the substitution.
    pub(crate) fn is_closed_by(&mut self, kind: TokenKind, text: &str) -> bool {
        match kind {
            TokenKind::Operator(")") if self.cases.last() == Some(&self.brackets) => {
                self.names_command = true
            }
            TokenKind::Operator(")") if self.brackets == 0 => return true,
            TokenKind::Operator(")") => {
                self.brackets -= 1;
                self.names_command = false;
            }
            TokenKind::Operator(operator) => {
                self.brackets += usize::from(operator == "(");
                self.names_command = true;
            }
            TokenKind::Newline => self.names_command = true,
            TokenKind::Word => self.word(text),
            _ => {}
        }
        false
    }

    fn word(&mut self, text: &str) {
        match text {
            "in" if self.is_case_head => {
                self.is_case_head = false;
                self.names_command = true;
                return;
            }
            "case" if self.names_command => {
                self.cases.push(self.brackets);
                self.is_case_head = true;
            }
            "esac" if self.names_command => drop(self.cases.pop()),
            _ => {}
        }
        let opens = ["if", "then", "elif", "else", "while", "until", "do", "{", "!", "time"];
        self.names_command &= opens.contains(&text);
    }
}
