//! Files of platforms that no reader here knows, as far as they say how an application is built and started: that they are not
//! read is said, since what they declare is missing in the plan. This module reads none of them.

use packwright_planner::{Diagnostic, Origin, SourceTree, has};

/// The files, with their platform.
///
/// Source: docs.digitalocean.com, "App Spec"; caprover.com, "Captain Definition File"; docs.aws.amazon.com, "App Runner
/// configuration file"; zeabur.com/docs, "zbpack.json"; doc.scalingo.com, "JSON Manifest"; learn.microsoft.com, "Kudu deployment
/// file"; vercel.com/docs, "Legacy project configuration".
const FILES: &[(&str, &str)] = &[
    (".do/app.yaml", "DigitalOcean App Platform"),
    (".do/deploy.template.yaml", "DigitalOcean App Platform"),
    ("captain-definition", "CapRover"),
    ("apprunner.yaml", "AWS App Runner"),
    ("zbpack.json", "Zeabur"),
    ("scalingo.json", "Scalingo"),
    (".deployment", "Azure App Service"),
    ("now.json", "Vercel"),
];

/// A remark for each file that is there.
pub(crate) fn remarks(tree: &dyn SourceTree) -> impl Iterator<Item = Diagnostic> {
    let there = FILES.iter().filter(|(file, _)| has(tree, file));
    there.map(|(file, platform)| {
        let at = Origin::file(&file.parse().expect("a name in the table is a path"));
        Diagnostic::info("platform/unread", format!("{file} is a file of {platform}, and is not read"))
            .why("commands, variables and versions that it declares are not in the plan")
            .fix("declare what is started in a Procfile, and variables with `--env`")
            .at(at)
    })
}
