//! Where a shell line is while it changes its directory, as far as its words tell.

/// A walk from the directory in which the line starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Walk {
    now: Place,
    before: Place,
    pushed: Vec<Place>,
}

/// The directories below the start; nothing when that is not known.
type Place = Option<Vec<String>>;

/// Ways to write the directory one is in.
const HERE: &[&str] =
    &[".", "./", "$PWD", "${PWD}", "$(pwd)", "`pwd`", "$(cd . && pwd)", "$(cd \".\" && pwd)"];

impl Walk {
    /// At the start.
    pub(super) fn new() -> Walk {
        Walk { now: Some(Vec::new()), before: None, pushed: Vec::new() }
    }

    /// Whether it is elsewhere than where it started, or may be.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.now.as_ref().is_none_or(|dirs| !dirs.is_empty())
    }

    /// Goes where a command goes; most stay.
    pub(super) fn follow(&mut self, words: &[String]) {
        let mut words = words.iter().map(String::as_str).filter(|word| *word != "--");
        let (command, target) = (words.next(), words.next());
        match (command, target) {
            (Some("cd"), Some("-" | "$OLDPWD")) => std::mem::swap(&mut self.now, &mut self.before),
            (Some("cd"), target) => self.go(target),
            (Some("pushd"), target) => {
                self.pushed.push(self.now.clone());
                self.go(target);
            }
            (Some("popd"), _) => {
                self.before = std::mem::replace(&mut self.now, self.pushed.pop().flatten());
            }
            _ => {}
        }
    }

    /// Is where nobody knows.
    pub(super) fn lose(&mut self) {
        self.now = None;
    }

    fn go(&mut self, target: Option<&str>) {
        self.before = self.now.clone();
        match target {
            Some(target) if HERE.contains(&target) => {}
            Some(target) if !target.starts_with(['/', '~', '-']) && !target.contains(['$', '`', '*']) => {
                for part in target.split('/').filter(|part| !part.is_empty() && *part != ".") {
                    let Some(dirs) = &mut self.now else { return };
                    match part {
                        ".." if dirs.pop().is_none() => self.now = None,
                        ".." => {}
                        name => dirs.push(name.to_owned()),
                    }
                }
            }
            _ => self.now = None,
        }
    }
}
