//! Parts of steps in the form that this buildpack uses.

use packwright_buildpack::planner::{Command, Input, LayerKind, Output, Selection};
use packwright_buildpack::step::{path, words};

/// An input that is all source files but installed packages.
pub(crate) fn whole_source() -> Input {
    let exclude = vec!["**/node_modules".to_owned()];
    Input::Source(Selection { exclude, ..Selection::all() })
}

/// The commands that run one of our own programs with npm's Node: as a file, so that what people
/// read when it fails is a line.
pub(crate) fn program(file: &str, text: &str, arguments: &[String]) -> [Command; 2] {
    let file = format!("/tmp/{file}");
    let mut line = words(&["/opt/npm/node", &file]);
    line.extend(arguments.iter().cloned());
    [Command::write(&file, text), Command::Exec(line)]
}

/// Everything that a step changed or added below `/app`.
pub(crate) fn app_output(layer: Option<LayerKind>, scrub: Vec<String>) -> Output {
    Output { path: path("app"), layer, scrub }
}
