//! The parts that every step of this buildpack is made of: names, paths, inputs, answers.

use packwright_buildpack::planner::{Input, RelPath, Selection, Step, StepName};

/// Where steps leave texts for later steps.
const ANSWERS: &str = "packwright/python";

/// The absolute path of the answer `name`.
pub(crate) fn answer(name: &str) -> String {
    format!("/{ANSWERS}/{name}")
}

/// The path of the answer `name`, from the root.
pub(super) fn answer_path(name: &str) -> RelPath {
    path(&format!("{ANSWERS}/{name}"))
}

fn name(text: &str) -> StepName {
    text.parse().expect("the names of steps are constants")
}

pub(crate) fn path(text: &str) -> RelPath {
    text.parse().expect("the paths of steps are constants")
}

/// An input that is all outputs of the step `step`.
pub(crate) fn after(step: &str) -> Input {
    Input::Step(name(step))
}

/// An input that is the named source files.
pub(crate) fn source<T: ToString>(files: impl IntoIterator<Item = T>) -> Input {
    Input::Source(Selection::of(files))
}

/// The words of a command line.
pub(crate) fn words<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

/// A step without commands, for the functions below and for the managers.
pub(crate) fn step(step_name: &str, why: &str) -> Step {
    Step::new(name(step_name), why)
}
