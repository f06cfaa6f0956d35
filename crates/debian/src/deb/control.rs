//! `control.tar`: the control paragraph, maintainer scripts and lists, all as text.

use std::collections::BTreeMap;
use std::io::Read;

use super::ar::plain;
use super::error::Problem;

/// What the control archive holds.
pub(super) struct Control {
    pub(super) paragraph: String,
    pub(super) scripts: BTreeMap<String, String>,
    pub(super) conffiles: Vec<String>,
    pub(super) md5sums: String,
    pub(super) triggers: String,
}

/// The largest control archives (of kernels and TeX) have some MB of checksums.
const LIMIT: u64 = 32 << 20;

const SCRIPTS: [&str; 5] = ["preinst", "postinst", "prerm", "postrm", "config"];

pub(super) fn read(name: &str, member: &mut dyn Read) -> Result<Control, Problem> {
    let mut texts = BTreeMap::new();
    let mut archive = tar::Archive::new(plain(name, "control.tar", member)?.take(LIMIT));
    for entry in archive.entries().map_err(Problem::io("reading the control archive"))? {
        let mut entry = entry.map_err(Problem::io("reading the control archive"))?;
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let path = String::from_utf8_lossy(&entry.path_bytes()).trim_start_matches("./").to_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(Problem::io(format!("reading `{path}`")))?;
        // Scripts may hold Latin-1 in comments; nothing here is decided by such bytes.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if texts.insert(path.clone(), text).is_some() {
            return Err(Problem::Twice(path));
        }
    }
    if archive.into_inner().limit() == 0 {
        return Err(Problem::TooLarge { what: "the control archive".to_owned(), limit: LIMIT });
    }
    let mut take = |name: &str| texts.remove(name).unwrap_or_default();
    let mut paragraph = take("control").trim_end().to_owned();
    paragraph.push('\n');
    let conffiles = take("conffiles");
    Ok(Control {
        paragraph,
        conffiles: conffiles.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect(),
        md5sums: take("md5sums"),
        triggers: take("triggers"),
        scripts: SCRIPTS
            .iter()
            .map(|name| ((*name).to_owned(), take(name)))
            .filter(|(_, text)| !text.is_empty())
            .collect(),
    })
}
