//! The tokens of JavaScript and TypeScript, in as much detail as it takes to keep code apart from
//! texts and comments.

/// One token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A name, a keyword or a number.
    Word(String),
    /// A text, without its quotes; a template without expressions is one too.
    Text(String),
    /// A template with expressions, or a regular expression.
    Opaque,
    /// Any other character; `?.` is the mark `.`.
    Mark(char),
}

/// Words after which an expression starts, so that `/` opens a regular expression.
const BEFORE_EXPRESSION: &[&str] = &["return", "typeof", "case", "in", "of", "do", "else", "void", "await"];

/// All tokens with their lines, counted from 1.
pub(super) fn tokens(text: &str) -> Vec<(Token, u32)> {
    let mut reader = Reader { rest: text, line: 1, found: Vec::new() };
    if text.starts_with("#!") {
        reader.line_comment();
    }
    while let Some(character) = reader.peek() {
        reader.token(character);
    }
    reader.found
}

struct Reader<'a> {
    rest: &'a str,
    line: u32,
    found: Vec<(Token, u32)>,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.rest = &self.rest[character.len_utf8()..];
        if character == '\n' {
            self.line += 1;
        }
        Some(character)
    }

    fn push(&mut self, token: Token, line: u32) {
        self.found.push((token, line));
    }

    fn token(&mut self, character: char) {
        let line = self.line;
        match character {
            _ if character.is_whitespace() => {
                self.bump();
            }
            '/' if self.rest.starts_with("//") => self.line_comment(),
            '/' if self.rest.starts_with("/*") => self.block_comment(),
            '/' if self.expression_starts() => self.regular_expression(line),
            '"' | '\'' => {
                let text = self.quoted(character);
                self.push(Token::Text(text), line);
            }
            '`' => self.template(line),
            '?' if self.rest.starts_with("?.") => {
                self.rest = &self.rest[2..];
                self.push(Token::Mark('.'), line);
            }
            _ if is_name(character) => {
                let end = self.rest.find(|next| !is_name(next)).unwrap_or(self.rest.len());
                let word = self.rest[..end].to_owned();
                self.rest = &self.rest[end..];
                self.push(Token::Word(word), line);
            }
            _ => {
                self.bump();
                self.push(Token::Mark(character), line);
            }
        }
    }

    fn line_comment(&mut self) {
        let end = self.rest.find('\n').unwrap_or(self.rest.len());
        self.rest = &self.rest[end..];
    }

    fn block_comment(&mut self) {
        let end = self.rest[2..].find("*/").map_or(self.rest.len(), |end| end + 4);
        self.line += count_lines(&self.rest[..end]);
        self.rest = &self.rest[end..];
    }

    /// Whether an operator cannot stand here, so that `/` opens a regular expression. `<` comes
    /// before it in the closing tags of JSX.
    fn expression_starts(&self) -> bool {
        match self.found.last() {
            None => true,
            Some((Token::Word(word), _)) => BEFORE_EXPRESSION.contains(&word.as_str()),
            Some((Token::Text(_) | Token::Opaque, _)) => false,
            Some((Token::Mark(mark), _)) => !matches!(mark, ')' | ']' | '}' | '<' | '>'),
        }
    }

    /// Ends at the end of the line at the latest: then it was none.
    fn regular_expression(&mut self, line: u32) {
        self.bump();
        let mut in_class = false;
        while let Some(character) = self.peek() {
            if character == '\n' {
                break;
            }
            self.bump();
            match character {
                '\\' => {
                    self.bump();
                }
                '[' => in_class = true,
                ']' => in_class = false,
                '/' if !in_class => break,
                _ => {}
            }
        }
        self.push(Token::Opaque, line);
    }

    /// A text in quotes. It ends at the end of the line at the latest: an apostrophe in JSX is
    /// no quote.
    fn quoted(&mut self, quote: char) -> String {
        self.bump();
        let mut text = String::new();
        while let Some(character) = self.peek() {
            if character == '\n' {
                break;
            }
            self.bump();
            match character {
                '\\' => text.extend(self.bump()),
                _ if character == quote => break,
                _ => text.push(character),
            }
        }
        text
    }

    fn template(&mut self, line: u32) {
        self.bump();
        let mut text = String::new();
        let mut computed = false;
        while let Some(character) = self.bump() {
            match character {
                '\\' => text.extend(self.bump()),
                '`' => break,
                '$' if self.peek() == Some('{') => {
                    computed = true;
                    self.expression();
                }
                _ => text.push(character),
            }
        }
        self.push(if computed { Token::Opaque } else { Token::Text(text) }, line);
    }

    /// Passes the braces of a template's expression; what is in it counts as code.
    fn expression(&mut self) {
        self.bump();
        let mut depth = 1;
        while let Some(character) = self.peek() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                self.bump();
                return;
            }
            if matches!(character, '{' | '}') {
                self.bump();
            } else {
                self.token(character);
            }
        }
    }
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$'
}

fn count_lines(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}
