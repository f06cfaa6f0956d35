//! The caller's own start line, which overrides every file.

use crate::command::Command;
use crate::model::{Component, DeclaredProcess};
use crate::options::PlanOptions;
use crate::origin::Origin;

/// The component with the caller's own start line in place of what the files say.
pub(super) fn with_start(mut component: Component, options: &PlanOptions) -> Component {
    let Some(line) = &options.start else { return component };
    let name = "web".parse().expect("a process name");
    let origin = Origin::Option("--start".to_owned());
    let mut web = DeclaredProcess::new(name, Command::shell(line), origin);
    if let Some(at) = component.processes.iter().position(|process| process.name == web.name) {
        let known = component.processes.remove(at);
        web.port = known.port;
    }
    component.processes.insert(0, web);
    component
}
