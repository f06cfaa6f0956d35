//! `deploy` and `env` of `fly.toml`.

use packwright_planner::{Moment, ProcessKind, Scoped, VariableValue};

use super::App;
use crate::container::program;
use crate::entries::Entries;
use crate::write::Loss;

impl App<'_> {
    pub(super) fn deploy(&mut self, entries: &mut Entries) {
        let part = self.part;
        let mut deploy = Entries::default();
        let mut written = false;
        for process in part.processes.iter().filter(|process| process.is_release()) {
            let ProcessKind::Release(moment) = process.kind else { continue };
            let instead = match moment {
                Moment::BeforeTraffic | Moment::BeforeTrafficAnyway if !written => None,
                Moment::BeforeTraffic | Moment::BeforeTrafficAnyway => {
                    Some("let one process run both".to_owned())
                }
                // The published schema of the file does not know the key.
                Moment::FirstTime => {
                    Some(format!("add `seed_command = \"{}\"` to `[deploy]`", program(&process.name)))
                }
                Moment::AfterTraffic => {
                    Some("run it with `fly ssh console -C` after a deployment".to_owned())
                }
            };
            if let Some(instead) = instead {
                let what = format!("`{}`, which runs once, is not written", process.name);
                self.converted.lose(Loss::Release, what, &instead, Some(&process.origin));
                continue;
            }
            written = true;
            deploy.text("release_command", program(&process.name));
            if moment == Moment::BeforeTrafficAnyway {
                let what = format!("a failure of `{}` keeps the old version", process.name);
                self.converted.lose(
                    Loss::Release,
                    what,
                    "nothing, if that is as it should be",
                    Some(&process.origin),
                );
            }
        }
        entries.map("deploy", deploy);
    }

    pub(super) fn environment(&mut self, entries: &mut Entries) {
        let part = self.part;
        let mut env = Entries::default();
        let mut scoped = false;
        for variable in &part.environment {
            let name = &variable.name;
            match &variable.value {
                VariableValue::Literal(_) if name.starts_with("FLY_") => {
                    let what =
                        format!("{name} is not written: names that begin with `FLY_` are the platform's");
                    self.converted.lose(Loss::Scope, what, "choose another name", Some(&variable.origin));
                }
                VariableValue::Literal(value) => {
                    scoped |= variable.scope != Scoped::Run;
                    if variable.scope != Scoped::Build {
                        env.text(name, value);
                    }
                }
                VariableValue::Service(reference) => {
                    let what = format!(
                        "{name}, the {} of `{}`, is not written",
                        reference.property, reference.service
                    );
                    let instead = format!("`fly secrets set {name}=…`, unless attaching the service sets it");
                    self.converted.lose(Loss::ServiceBinding, what, &instead, Some(&variable.origin));
                    self.remarks.push(format!("fly secrets set {name}=…"));
                }
                value => {
                    let what = format!("{name} ({}) is not written", value.description());
                    let instead = format!("`fly secrets set {name}=…`");
                    self.converted.lose(Loss::Secret, what, &instead, Some(&variable.origin));
                    if *value != VariableValue::Optional {
                        self.remarks.push(format!("fly secrets set {name}=…"));
                    }
                }
            }
        }
        if scoped {
            let what = "variables of the build are not written, and all others are for the running application alone";
            self.converted.lose(Loss::Scope, what, "nothing: the image was built with them", None);
        }
        // A process that listens where PORT says is asked at the port that is written.
        if self.follows_port() && part.variable("PORT").is_none() {
            env.text("PORT", super::PORT.to_string());
        }
        entries.map("env", env);
    }
}
