//! `mounts`: directories that outlive an instance.

use packwright_planner::{Origin, Requested, Volume};

use super::reader::{ApplicationReader, from_app};
use crate::table::Table;

impl ApplicationReader<'_> {
    pub(super) fn volumes(&mut self, table: &Table<'_>) {
        let disk = table.number("disk");
        let mut sized = Vec::new();
        for (path, mount) in table.named_tables("mounts") {
            let source = mount.text("source");
            let name = mount.text("source_path");
            let service = mount.text("service");
            let kind = source.as_ref().map_or("", |source| source.value.as_str());
            let path = Requested { value: from_app(&path), origin: mount.origin() };
            match kind {
                "tmp" | "temporary" => {
                    let line = line_of(&path.origin);
                    let why = "it does not outlive an instance; the application may write to its own directory in the image";
                    self.document.without_effect(line, &format!("the mount `{}`", path.value), why);
                }
                "local" | "instance" | "storage" | "service" => {
                    if kind != "service" {
                        sized.push(self.component.volumes.len());
                    }
                    let name = name.or(service).map(|name| name.value).filter(|name| !name.is_empty());
                    self.component.volumes.push(Volume { name, path, megabytes: None });
                }
                other => {
                    let line = line_of(&path.origin);
                    let message = format!("the mount `{}` has the source `{other}`", path.value);
                    self.document.refuse(
                        line,
                        &message,
                        "write `local`, `instance`, `storage`, `service` or `tmp`",
                    );
                }
            }
        }
        // Several mounts share what `disk` says.
        if let (Some(disk), [only]) = (disk, sized.as_slice()) {
            self.component.volumes[*only].megabytes = Some(disk.value);
        }
    }
}

fn line_of(origin: &Origin) -> u32 {
    match origin {
        Origin::File { line: Some(line), .. } => *line,
        _ => 1,
    }
}
