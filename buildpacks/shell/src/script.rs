//! What a shell script says of itself: its interpreter, the programs it calls, whether it reads
//! `PORT`. Reads words and lines; runs nothing and understands no shell.

/// The interpreter that a script names, with arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Interpreter {
    /// Its name without directory: `bash`.
    pub(crate) name: String,
    /// What the line gives it besides the script.
    pub(crate) arguments: Vec<String>,
}

/// The interpreter in the first line; `None` when it names none.
pub(crate) fn interpreter(text: &str) -> Option<Interpreter> {
    let line = text.lines().next()?.strip_prefix("#!")?;
    let mut words = line.split_whitespace().map(str::to_owned).peekable();
    let base = |word: &str| word.rsplit('/').next().unwrap_or(word).to_owned();
    let mut name = base(&words.next()?);
    if name == "env" {
        words.next_if(|word| word == "-S" || word == "--split-string");
        // Variables before the interpreter are the line's own.
        while words.next_if(|word| word.contains('=')).is_some() {}
        name = base(&words.next()?);
    }
    Some(Interpreter { name, arguments: words.collect() })
}

/// The words of each line with its number, from 1, without comments.
pub(crate) fn words(text: &str) -> impl Iterator<Item = (u32, &str)> {
    text.lines().enumerate().flat_map(|(index, line)| {
        let line = match line.trim_start().starts_with('#') {
            true => "",
            false => line.split(" #").next().unwrap_or_default(),
        };
        let words = line.split(|char: char| !(char.is_alphanumeric() || "_-.".contains(char)));
        words.filter(|word| !word.is_empty()).map(move |word| (index as u32 + 1, word))
    })
}

#[cfg(test)]
mod tests;
