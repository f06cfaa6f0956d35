//! Credentials in the addresses of files and commands: which variables stand where the user and the password of an
//! address are, and so which hosts they are for. Knows no client.

use packwright_planner::{Command, Input, Network, SourceTree, Step};

use crate::files;

/// Binds variables to hosts: if an address in a file or command of a step has a variable as its user or password
/// (`https://${USER}:${PASSWORD}@host/`), every step with network that obeys the variable gets that host for it.
pub fn bind_addresses(tree: &dyn SourceTree, steps: &mut [Step]) {
    let mut found: Vec<(String, String)> = Vec::new();
    for step in steps.iter().filter(|step| step.network == Network::Fetch && !step.source_settings.is_empty())
    {
        for text in texts(tree, step) {
            found.extend(in_addresses(&text));
        }
    }
    // What one step finds out is installed by another one, which sees an answer and not the file.
    for step in steps.iter_mut().filter(|step| step.network == Network::Fetch) {
        for (name, address) in found.iter().filter(|(name, _)| step.obeys(name)).cloned().collect::<Vec<_>>()
        {
            step.bind(&name, [address]);
        }
    }
}

/// What a step runs, and the files that it sees by their names.
fn texts(tree: &dyn SourceTree, step: &Step) -> Vec<String> {
    let words = step.commands.iter().flat_map(|command| match command {
        Command::Exec(words) => words.clone(),
        Command::Shell(line) => vec![line.clone()],
    });
    let mut texts: Vec<String> = words.collect();
    for input in &step.inputs {
        let Input::Source(selection) = input else { continue };
        let paths = selection.include.iter().filter_map(|pattern| pattern.parse().ok());
        texts.extend(paths.filter_map(|path| files::text(tree, &path).ok().flatten()));
    }
    texts
}

/// The variables that are a part of users and passwords of addresses, each with the address that it is for.
pub fn in_addresses(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices("://") {
        let scheme = text[..at].rsplit(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        if !matches!(scheme, "http" | "https") {
            continue;
        }
        let rest = &text[at + 3..];
        let end = rest.find(|c: char| "/?#,;\"'".contains(c) || c.is_whitespace()).unwrap_or(rest.len());
        let Some((user, host)) = rest[..end].rsplit_once('@') else { continue };
        let address = format!("{scheme}://{host}/");
        found.extend(variables(user).map(|name| (name.to_owned(), address.clone())));
    }
    found
}

/// The names in `${NAME}` and its forms with a default.
pub fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split("${").skip(1).filter_map(|part| {
        let end = part.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
        Some(&part[..end]).filter(|name| !name.is_empty())
    })
}

#[cfg(test)]
mod tests {
    use packwright_planner::{Credential, MemoryTree};

    use super::*;
    use crate::client::PIP;
    use crate::step::{fetch, source};

    #[test]
    fn a_variable_before_an_at_sign_is_for_that_host() {
        let found = in_addresses(
            "--index-url https://${USER}:${PASS}@index.test:8443/simple/${DIR}\ngit+https://${TOKEN}@git.test/a \
             http://open.test/${NO}@x ssh://${KEY}@git.test/ https://me:pass@fixed.test",
        );
        let shown: Vec<(&str, &str)> = found.iter().map(|(name, at)| (name.as_str(), at.as_str())).collect();
        let index = "https://index.test:8443/";
        assert_eq!(shown, [("USER", index), ("PASS", index), ("TOKEN", "https://git.test/")]);
        assert_eq!(variables("${A-b} ${C} $D ${}").collect::<Vec<_>>(), ["A", "C"]);
    }

    #[test]
    fn steps_that_fetch_are_bound_by_what_any_of_them_sees() {
        let tree = MemoryTree::parse("//- /list.txt\n-i https://${PIP_TOKEN}@index.test/\n");
        let mut resolve = fetch("x.resolve", "resolves", &[&PIP]);
        resolve.inputs.push(source(["list.txt"]));
        let mut install = fetch("x.install", "installs", &[&PIP]);
        let build = crate::step::step("x.build", "builds");
        for step in [&mut resolve, &mut install] {
            step.source_settings = vec!["PIP_TOKEN".to_owned()];
        }
        let mut steps = [resolve, install, build];
        bind_addresses(&tree, &mut steps);
        let expected = Credential::Hosts(vec!["https://index.test/".to_owned()]);
        assert_eq!(steps[0].credentials["PIP_TOKEN"], expected);
        assert_eq!(steps[1].credentials["PIP_TOKEN"], expected);
        assert!(steps[2].credentials.is_empty());
    }
}
