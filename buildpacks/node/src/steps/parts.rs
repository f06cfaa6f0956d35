//! Parts of steps: names, paths, inputs, commands and outputs in the form that this buildpack uses.

use packwright_planner::{Command, Input, LayerKind, Output, RelPath, Selection, Step, StepName};

pub(crate) fn name(text: &str) -> StepName {
    text.parse().expect("the names of steps are constants")
}

pub(crate) fn path(text: &str) -> RelPath {
    text.parse().expect("the paths of steps are constants")
}

/// An input that is all outputs of the step `step`.
pub(crate) fn after(step: &str) -> Input {
    Input::Step(name(step))
}

/// An input that is all source files but installed packages.
pub(crate) fn whole_source() -> Input {
    let exclude = vec!["**/node_modules".to_owned()];
    Input::Source(Selection { exclude, ..Selection::all() })
}

/// The words of a command line.
pub(crate) fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// A command in exec form.
pub(crate) fn exec(line: &[&str]) -> Command {
    Command::Exec(words(line))
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

/// A step without commands.
pub(crate) fn step(step_name: &str, why: &str) -> Step {
    Step::new(name(step_name), why)
}
