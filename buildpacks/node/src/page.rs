//! The pages of an application that is built for browsers: which files of the source they load. Reads the pages'
//! `<script>` tags and nothing else.

use packwright_buildpack::planner::{RelPath, SourceTree, has, text};

use crate::manifest::{PackageJson, beside};

/// Where pages lie, from the application's directory, and the directory from which they name their files.
const PAGES: &[(&str, &str)] = &[("index.html", ""), ("public/index.html", "public")];

/// The files of the source that the application's pages load as scripts: they are for browsers, and no program.
pub(crate) fn sources(tree: &dyn SourceTree, app: &PackageJson) -> Vec<RelPath> {
    let mut found = Vec::new();
    for (page, dir) in PAGES {
        let Some(path) = app.beside(page) else { continue };
        let Ok(Some(html)) = text(tree, path.as_str()) else { continue };
        let base = if dir.is_empty() { app.dir.clone() } else { app.beside(dir) };
        let named = scripts(&html).filter_map(|name| beside(base.as_ref(), name.trim_start_matches('/')));
        found.extend(named.filter(|path| has(tree, path.as_str())));
    }
    found
}

/// The values of `src` of all script tags.
fn scripts(html: &str) -> impl Iterator<Item = &str> {
    html.split("<script").skip(1).filter_map(|rest| {
        let tag = &rest[..rest.find('>')?];
        let value = tag[tag.find("src=")? + 4..].trim_start();
        match value.chars().next()? {
            quote @ ('"' | '\'') => value[1..].split(quote).next(),
            _ => value.split(|end: char| end.is_whitespace() || end == '/').next(),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_of_a_page() {
        let html = "<script type=module src=\"/src/main.ts\"></script><script>let src = 1</script>\n<script src='./a.js' defer></script><!-- --><script src=b.js></script><script src=";
        assert_eq!(scripts(html).collect::<Vec<_>>(), ["/src/main.ts", "./a.js", "b.js"]);
    }
}
