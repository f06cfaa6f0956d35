//! AdonisJS: its build is a copy of the application, compiled, which starts by itself.

use packwright_buildpack::planner::Origin;

use super::build_result::{BuildResult, BuiltServer, Shipped};
use super::view::{AppView, Findings};

/// Scripts of the template that start in the directory of the build, which is not where a script runs.
const SAME: &[&str] =
    &["node bin/server.js", "node build/bin/server.js", "node server.js", "node build/server.js"];

/// Source: AdonisJS documentation, "Deployment", "Creating standalone builds"; version 5 has its entry at the top.
pub(super) fn shape(look: &AppView<'_>, _notes: &mut Findings) -> BuildResult {
    let evidence = look.dependency(&["@adonisjs/core"]).unwrap_or(Origin::Default("AdonisJS".to_owned()));
    let file = if look.has("bin/server.ts") { "build/bin/server.js" } else { "build/server.js" };
    let ship = Shipped::With(vec!["build".to_owned()]);
    BuildResult::Server(BuiltServer {
        same: SAME,
        environment: vec![("HOST", "0.0.0.0", "AdonisJS listens to the address in it")],
        ..BuiltServer::new(&["node", file], ship, evidence)
    })
}
