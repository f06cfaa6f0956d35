//! Measures from the tokens alone how deeply the syntax tree of a text may nest. Visiting and dropping
//! a tree are recursive, so a hostile file must be refused before it is parsed.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::{Mode, lexer::lex};

/// Nesting that no file written by people reaches.
const LIMIT: usize = 1000;

/// Whether the syntax tree of `text` may nest deeper than is safe. It never nests deeper than
/// this counts: brackets, indentation, and the operators of one expression.
pub(super) fn is_too_deep(text: &str) -> bool {
    let mut lexer = lex(text, Mode::Module);
    let mut indent: usize = 0;
    // Operators since the last comma, one number for each open bracket.
    let mut chains: Vec<usize> = vec![0];
    let mut sum: usize = 0;
    loop {
        let step = match lexer.next_token() {
            TokenKind::EndOfFile => return false,
            TokenKind::Name
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::String
            | TokenKind::FStringMiddle
            | TokenKind::TStringMiddle
            | TokenKind::Comment
            | TokenKind::NonLogicalNewline => 0,
            TokenKind::Indent => {
                indent += 1;
                0
            }
            TokenKind::Dedent => {
                indent = indent.saturating_sub(1);
                0
            }
            TokenKind::Newline => {
                chains = vec![0];
                sum = 0;
                0
            }
            TokenKind::Comma => {
                sum -= chains.last_mut().map_or(0, std::mem::take);
                0
            }
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => {
                // The bracket is a link of the chain around it, and starts its own.
                if let Some(chain) = chains.last_mut() {
                    *chain += 1;
                }
                sum += 1;
                chains.push(0);
                0
            }
            TokenKind::Rpar
            | TokenKind::Rsqb
            | TokenKind::Rbrace
            | TokenKind::FStringEnd
            | TokenKind::TStringEnd => {
                if chains.len() > 1 {
                    sum -= chains.pop().unwrap_or(0);
                }
                0
            }
            _ => 1,
        };
        sum += step;
        if let Some(chain) = chains.last_mut() {
            *chain += step;
        }
        if indent + sum > LIMIT {
            return true;
        }
    }
}
