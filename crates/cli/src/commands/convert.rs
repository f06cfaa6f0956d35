//! `packwright convert`: writes a platform's files from what the files of other platforms declare and
//! from the plan. Needs neither store nor network, and overwrites nothing.

use std::fs;
use std::io::Write;
use std::path::Path;

use packwright::planner::Diagnostic;
use packwright::platforms::{Conversion, Converted};

use crate::exit::Exit;
use crate::flags::groups::LogFlags;
use crate::flags::platforms::Convert;
use crate::flags::values;
use crate::host::Host;
use crate::output;
use crate::report::{Failure, Report};
use crate::session::source;
use crate::terminal::notices::show_notices;

pub(super) fn convert(flags: &Convert, host: &Host) -> Result<Exit, Failure> {
    let source = source(host, &flags.source_dir.dir, &[])?;
    let catalog = flags.source.catalog();
    let plan = catalog.plan(&source, &flags.source.plan_options(&flags.environment))?;
    let environment = values::environment(&flags.environment);
    let model = catalog.model(&source, plan.root.as_ref(), &environment).completed(
        &plan,
        &source,
        &catalog.buildpacks(),
    );
    let write = packwright::platforms::platform(&flags.to)
        .and_then(|platform| platform.write)
        .expect("the flag takes the names of platforms with a writer");
    let converted = write(&Conversion { model: &model, image: flags.image.as_deref() });
    match &flags.output {
        None => output::result(&printed(&converted))?,
        Some(dir) => save(&converted, &host.absolute(dir))?,
    }
    let said: Vec<Diagnostic> = plan.diagnostics.iter().chain(&converted.losses).cloned().collect();
    show_notices(&said, LogFlags::default(), host.terminal);
    Ok(Exit::Done)
}

/// All files; each below its name when there are several, as `head` and `tail` print them.
fn printed(converted: &Converted) -> String {
    let mut files = converted.files.iter();
    match (files.next(), files.next()) {
        (Some((_, only)), None) => only.clone(),
        _ => converted.files.iter().map(|(path, text)| format!("==> {path} <==\n{text}\n")).collect(),
    }
}

/// Writes all files, or none when one of them is there already.
fn save(converted: &Converted, dir: &Path) -> Result<(), Failure> {
    if let Some(there) = converted.files.keys().map(|path| dir.join(path)).find(|path| path.exists()) {
        return Err(Failure::usage(
            Report::new(format!("`{}` is there already", there.display()))
                .fix("move it away, or write the files into another directory"),
        ));
    }
    for (path, text) in &converted.files {
        let path = dir.join(path);
        let parent = path.parent().unwrap_or(dir);
        let made = fs::create_dir_all(parent)
            .and_then(|()| fs::OpenOptions::new().write(true).create_new(true).open(&path))
            .and_then(|mut file| file.write_all(text.as_bytes()));
        made.map_err(|error| {
            Failure::usage(
                Report::new(format!("cannot write `{}`", path.display()))
                    .because(&error)
                    .fix("check the directory and its permissions"),
            )
        })?;
        output::message(&format!("wrote {}\n", path.display()));
    }
    Ok(())
}
