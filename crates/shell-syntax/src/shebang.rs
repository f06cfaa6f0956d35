//! The first line of a script, where it names an interpreter.

/// The interpreter that a script names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shebang {
    /// The interpreter as it is written, `/bin/sh` for example; what `env` looks up, where it is `env`.
    pub program: String,
    /// The words behind it.
    pub arguments: Vec<String>,
}

impl Shebang {
    /// The interpreter's name without its directory.
    pub fn name(&self) -> &str {
        self.program.rsplit('/').next().unwrap_or(&self.program)
    }
}

/// The interpreter in a script's first line; `None` when the line names none.
pub fn shebang(script: &str) -> Option<Shebang> {
    let line = script.lines().next()?.strip_prefix("#!")?;
    let mut words = line.split_whitespace().map(str::to_owned).peekable();
    let mut program = words.next()?;
    if program == "env" || program.ends_with("/env") {
        words.next_if(|word| word == "-S" || word == "--split-string");
        // Variables before the interpreter are set by `env`.
        while words.next_if(|word| word.contains('=')).is_some() {}
        program = words.next()?;
    }
    Some(Shebang { program, arguments: words.collect() })
}
