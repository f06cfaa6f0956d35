//! The properties of the objects in a script, each with its path, and what their values say.

use super::literal::JsLiteral;
use super::tokens::Token;

/// A property somewhere in a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Property {
    /// Names from the outermost object to this property, see [`super::script::Script::property`].
    pub(super) path: Vec<String>,
    /// The index of the first token of its value.
    pub(super) value: usize,
    /// Its line.
    pub(super) line: u32,
}

/// An open bracket.
struct Frame {
    kind: BracketKind,
    /// The path of what stands in it.
    path: Vec<String>,
    /// The key whose value is being read, in an object.
    key: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum BracketKind {
    Object,
    Block,
    Call,
    List,
}

/// Words after which `{` opens an object.
const BEFORE_OBJECT: &[&str] = &["return", "default", "yield", "await"];

/// Stands in a path for what is spread into an object.
pub(super) const SPREAD: &str = "...";

/// How many names lead from one to the next before it is called computed.
const NAMES: usize = 4;

/// All properties of all objects, in the order of the file; of assignments to a property of a
/// name (`config.output = …`) too.
pub(super) fn properties(tokens: &[(Token, u32)]) -> Vec<Property> {
    let mut found = Vec::new();
    let mut frames = vec![Frame { kind: BracketKind::Block, path: Vec::new(), key: None }];
    let mut index = 0;
    while let Some((token, line)) = tokens.get(index) {
        let nested = frames.len() > 1;
        let frame = frames.last_mut().expect("the outermost frame is never closed");
        match token {
            Token::Mark(open @ ('{' | '(' | '[')) => {
                let kind = match open {
                    '(' => BracketKind::Call,
                    '[' => BracketKind::List,
                    _ if opens_object(tokens, index, frame.kind) => BracketKind::Object,
                    _ => BracketKind::Block,
                };
                let path = inner_path(frame, kind);
                frames.push(Frame { kind, path, key: None });
                if kind == BracketKind::Object {
                    index = key(tokens, index + 1, &mut frames, &mut found);
                    continue;
                }
            }
            Token::Mark('}' | ')' | ']') if nested => {
                frames.pop();
            }
            Token::Mark(',') if frame.kind == BracketKind::Object => {
                frame.key = None;
                index = key(tokens, index + 1, &mut frames, &mut found);
                continue;
            }
            Token::Mark('=') if frame.kind == BracketKind::Block && frame.path.is_empty() => {
                if let Some(name) = assigned(tokens, index) {
                    found.push(Property { path: vec![name], value: index + 1, line: *line });
                }
            }
            _ => {}
        }
        index += 1;
    }
    found
}

fn opens_object(tokens: &[(Token, u32)], index: usize, parent: BracketKind) -> bool {
    match index.checked_sub(1).map(|before| &tokens[before].0) {
        None => false,
        Some(Token::Word(word)) => BEFORE_OBJECT.contains(&word.as_str()),
        Some(Token::Mark(':')) => parent != BracketKind::Block,
        Some(Token::Mark(mark)) => matches!(mark, '(' | '[' | ',' | '=' | '?' | '&' | '|' | '.'),
        Some(_) => false,
    }
}

/// The path of what stands in a bracket that opens in `frame`. Calls and functions around an
/// outermost object leave it the outermost one.
fn inner_path(frame: &Frame, kind: BracketKind) -> Vec<String> {
    let mut path = frame.path.clone();
    match &frame.key {
        Some(key) => path.push(key.clone()),
        // What is spread into an object is there on conditions.
        None if frame.kind == BracketKind::Object => path.push(SPREAD.to_owned()),
        None => {}
    }
    match kind {
        BracketKind::Object => {}
        BracketKind::List => path.push("[]".to_owned()),
        BracketKind::Call if !path.is_empty() => path.push("()".to_owned()),
        BracketKind::Block if !path.is_empty() => path.push("{}".to_owned()),
        BracketKind::Call | BracketKind::Block => {}
    }
    path
}

/// Reads the key at `index` of the object that is open; gives where to read on.
fn key(tokens: &[(Token, u32)], index: usize, frames: &mut [Frame], found: &mut Vec<Property>) -> usize {
    let frame = frames.last_mut().expect("an object is open");
    let Some((Token::Word(name) | Token::Text(name), line)) = tokens.get(index) else { return index };
    let path = || frame.path.iter().cloned().chain([name.clone()]).collect();
    match tokens.get(index + 1).map(|(token, _)| token) {
        Some(Token::Mark(':')) => {
            found.push(Property { path: path(), value: index + 2, line: *line });
            frame.key = Some(name.clone());
            index + 2
        }
        Some(Token::Mark(',' | '}')) => {
            found.push(Property { path: path(), value: index, line: *line });
            index + 1
        }
        Some(Token::Mark('(')) => {
            frame.key = Some(name.clone());
            index + 1
        }
        // `async name()`, `get name()`
        Some(Token::Word(_)) => {
            frame.key = Some(name.clone());
            index + 1
        }
        _ => index,
    }
}

/// The last name of `name.name =`; none for comparisons.
fn assigned(tokens: &[(Token, u32)], index: usize) -> Option<String> {
    if matches!(tokens.get(index + 1), Some((Token::Mark('=' | '>'), _))) {
        return None;
    }
    match tokens.get(index.checked_sub(3)?..index)? {
        [(Token::Word(_), _), (Token::Mark('.'), _), (Token::Word(name), _)] => Some(name.clone()),
        _ => None,
    }
}

/// What the value that starts at `index` says.
pub(super) fn literal(tokens: &[(Token, u32)], index: usize, names: usize) -> JsLiteral {
    let token = |at: usize| tokens.get(at).map(|(token, _)| token);
    match token(index) {
        Some(Token::Text(text)) if ends(tokens, index + 1) => JsLiteral::Text(text.clone()),
        Some(Token::Word(word)) if ends(tokens, index + 1) => match word.as_str() {
            "true" => JsLiteral::Bool(true),
            "false" => JsLiteral::Bool(false),
            "undefined" | "null" => JsLiteral::Nothing,
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                JsLiteral::Number(number.to_owned())
            }
            _ if names < NAMES => match declared(tokens, word) {
                Some(at) if at != index => literal(tokens, at, names + 1),
                _ => JsLiteral::Computed,
            },
            _ => JsLiteral::Computed,
        },
        Some(Token::Word(word)) => {
            let (name, open) = match (token(index + 1), token(index + 2)) {
                (Some(Token::Mark('.')), Some(Token::Word(inner))) => (inner, index + 3),
                _ => (word, index + 1),
            };
            if name == "URL" || word == "new" || word == "fileURLToPath" {
                return url(tokens, index).map_or(JsLiteral::Computed, JsLiteral::Path);
            }
            match token(open) {
                Some(Token::Mark('(')) if name == "resolve" || name == "join" => {
                    let from_here = name == "resolve" || !matches!(token(open + 1), Some(Token::Text(_)));
                    let kind = if from_here { JsLiteral::Path } else { JsLiteral::Text };
                    joined(tokens, open + 1).map_or(JsLiteral::Computed, kind)
                }
                Some(Token::Mark('(')) => match closing(tokens, open) {
                    Some(close) if ends(tokens, close + 1) => JsLiteral::Call(name.clone()),
                    _ => JsLiteral::Computed,
                },
                _ => JsLiteral::Computed,
            }
        }
        _ => JsLiteral::Computed,
    }
}

/// Whether a value is over at `index`.
fn ends(tokens: &[(Token, u32)], index: usize) -> bool {
    let line = |at: usize| tokens.get(at).map_or(0, |(_, line)| *line);
    match tokens.get(index).map(|(token, _)| token) {
        None => true,
        Some(Token::Mark(mark)) => matches!(mark, ',' | '}' | ')' | ']' | ';'),
        // `as const`, `satisfies X`, or a new statement in the next line
        Some(Token::Word(word)) => {
            word == "as" || word == "satisfies" || index > 0 && line(index) > line(index - 1)
        }
        Some(_) => false,
    }
}

/// The index of the bracket that closes the one at `open`.
fn closing(tokens: &[(Token, u32)], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (index, (token, _)) in tokens.iter().enumerate().skip(open) {
        match token {
            Token::Mark('(' | '[' | '{') => depth += 1,
            Token::Mark(')' | ']' | '}') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(index);
                }
            }
            _ => {}
        }
    }
    None
}

/// Where the value of the only `const`, `let` or `var` called `name` starts.
fn declared(tokens: &[(Token, u32)], name: &str) -> Option<usize> {
    let mut declarations = tokens.windows(3).enumerate().filter_map(|(index, window)| match window {
        [(Token::Word(keyword), _), (Token::Word(word), _), (Token::Mark('='), _)]
            if word == name && ["const", "let", "var"].contains(&keyword.as_str()) =>
        {
            Some(index + 3)
        }
        _ => None,
    });
    let first = declarations.next()?;
    declarations.next().is_none().then_some(first)
}

/// The path that `resolve(__dirname, 'a', 'b')` makes; only the file's directory and texts.
fn joined(tokens: &[(Token, u32)], mut index: usize) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    loop {
        match tokens.get(index).map(|(token, _)| token)? {
            Token::Text(text) => {
                parts.push(text);
                index += 1;
            }
            Token::Word(word) if word == "__dirname" && parts.is_empty() => index += 1,
            Token::Word(word) if parts.is_empty() && (word == "import" || word == "process") => {
                // `import.meta.dirname`, `process.cwd()`
                while !matches!(tokens.get(index)?.0, Token::Mark(',')) {
                    match &tokens.get(index)?.0 {
                        Token::Word(word)
                            if ["import", "meta", "dirname", "process", "cwd"].contains(&word.as_str()) => {}
                        Token::Mark('.' | '(' | ')') => {}
                        _ => return None,
                    }
                    index += 1;
                }
            }
            Token::Mark(',') => index += 1,
            Token::Mark(')') if ends(tokens, index + 1) => return Some(parts.join("/")),
            _ => return None,
        }
    }
}

/// The path of `new URL('x', import.meta.url)`, with or without `fileURLToPath` around it.
fn url(tokens: &[(Token, u32)], index: usize) -> Option<String> {
    let near = tokens.get(index..)?;
    let name =
        near.iter().take(5).position(|(token, _)| matches!(token, Token::Word(word) if word == "URL"))?;
    match near.get(name + 1..name + 9)? {
        [
            (Token::Mark('('), _),
            (Token::Text(path), _),
            (Token::Mark(','), _),
            (Token::Word(import), _),
            (Token::Mark('.'), _),
            (Token::Word(meta), _),
            (Token::Mark('.'), _),
            (Token::Word(url), _),
        ] if import == "import" && meta == "meta" && url == "url" => Some(path.clone()),
        _ => None,
    }
}
