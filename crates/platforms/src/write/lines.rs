//! The commands that install and build an application as people write them, for platforms that run the commands of
//! their file and nothing that they detect. They follow from a plan.

use packwright_planner::{
    AppModel, BuildWork, Command, Decision, Origin, Phase, Plan, RelPath, Requested, Step, Task,
};

/// How each package manager installs what the application runs with, in an environment that has its language and the
/// manager that comes with it. Managers of Python put what they lock where pip installs.
///
/// Source: the documentation of each manager.
const INSTALLS: &[(&str, &str)] = &[
    (
        "poetry",
        "pip install poetry poetry-plugin-export && poetry export -o /tmp/requirements.txt && pip install -r /tmp/requirements.txt",
    ),
    (
        "uv",
        "pip install uv && uv export --frozen --no-dev --no-emit-project -o /tmp/requirements.txt && pip install -r /tmp/requirements.txt",
    ),
    (
        "pdm",
        "pip install pdm && pdm export --prod -o /tmp/requirements.txt && pip install -r /tmp/requirements.txt",
    ),
    (
        "pipenv",
        "pip install pipenv && pipenv requirements > /tmp/requirements.txt && pip install -r /tmp/requirements.txt",
    ),
    ("npm", "npm ci"),
    ("pnpm", "npx pnpm install --frozen-lockfile"),
    ("yarn", "yarn install --immutable || yarn install --frozen-lockfile"),
    ("bun", "npx bun install --frozen-lockfile"),
];

/// The model with these commands for the application that `plan` builds, where its files declare no build.
pub fn with_build_lines(mut model: AppModel, plan: &Plan) -> AppModel {
    let commands = commands(plan);
    let here = model.components.iter_mut().find(|part| part.dir() == plan.root.as_ref());
    if let Some(part) = here.filter(|part| part.phases.is_empty() && part.publish.is_none())
        && !commands.is_empty()
    {
        let line: Vec<String> = commands.iter().map(|command| command.value.clone()).collect();
        let line = Requested { value: Command::shell(line.join(" && ")), origin: commands[0].origin.clone() };
        let tasks = vec![Task::Run(line)];
        part.phases.push(Phase { name: "build".to_owned(), work: BuildWork::All, tasks });
    }
    model
}

/// The lines of all languages, those of helpers before the owner's: it may use what they build.
fn commands(plan: &Plan) -> Vec<Requested<String>> {
    let mut found = Vec::new();
    for language in plan.buildpacks.iter().rev() {
        let subject = format!("{language} package manager");
        let manager = plan.decisions.iter().find(|decision| decision.subject == subject);
        found.extend(manager.and_then(|decision| install(decision, plan.root.as_ref())));
        let builds = |step: &&Step| {
            [".build", ".static"].iter().any(|end| step.name.as_str().strip_suffix(end) == Some(language))
        };
        for step in plan.steps.iter().filter(builds) {
            let lines = step.commands.iter().filter_map(plain);
            let origin = || Origin::Detected(step.why.clone());
            found.extend(lines.map(|value| Requested { value, origin: origin() }));
        }
    }
    found
}

fn install(decision: &Decision, root: Option<&RelPath>) -> Option<Requested<String>> {
    let name = decision.value.split_whitespace().next()?;
    let value = match name {
        "pip" => match &decision.origin {
            Origin::File { path, .. } if path.name().ends_with(".txt") => {
                let here = root.and_then(|root| path.below(root)).unwrap_or_else(|| path.clone());
                format!("pip install -r {here}")
            }
            _ => "pip install .".to_owned(),
        },
        name => INSTALLS.iter().find(|(known, _)| *known == name)?.1.to_owned(),
    };
    Some(Requested { value, origin: decision.origin.clone() })
}

/// A command of a step as it is outside of it: programs are found by their name. Scripts of the step's own have
/// no place elsewhere.
fn plain(command: &Command) -> Option<String> {
    let Command::Exec(words) = command else { return None };
    let (program, rest) = words.split_first()?;
    let is_own = rest.iter().any(|word| word.starts_with('/') || word.contains('\n'));
    let program = program.rsplit('/').next()?.to_owned();
    let words = std::iter::once(program).chain(rest.iter().cloned());
    (!is_own).then(|| Command::Exec(words.collect()).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_of_steps_are_called_by_their_names() {
        let said = |words: &[&str]| plain(&Command::Exec(words.iter().map(ToString::to_string).collect()));
        let collects = said(&["/opt/venv/bin/python", "manage.py", "collectstatic", "--noinput"]);
        assert_eq!(collects.as_deref(), Some("python manage.py collectstatic --noinput"));
        assert_eq!(said(&["npm", "run", "build"]).as_deref(), Some("npm run build"));
        assert_eq!(said(&["/opt/npm/node", "/opt/npm/find.cjs"]), None);
        assert_eq!(plain(&Command::shell("cat > x")), None);
    }

    #[test]
    fn what_installs_follows_from_the_manager_and_its_file() {
        let line = |value: &str, file: &str| {
            let origin = Origin::file(&file.parse().unwrap());
            let (subject, overridden) = ("python package manager".to_owned(), Vec::new());
            let decision = Decision { subject, value: value.to_owned(), origin, overridden };
            install(&decision, Some(&"api".parse().unwrap())).map(|line| line.value)
        };
        assert_eq!(line("pip", "api/requirements.txt").as_deref(), Some("pip install -r requirements.txt"));
        assert_eq!(line("pip", "api/pyproject.toml").as_deref(), Some("pip install ."));
        assert_eq!(line("npm 10.9", "api/package-lock.json").as_deref(), Some("npm ci"));
        assert_eq!(line("conda", "environment.yml"), None);
    }
}
