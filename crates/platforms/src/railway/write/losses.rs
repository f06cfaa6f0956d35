//! The settings of a component that Railway's files cannot hold, and what to do instead.

use packwright_planner::{Component, Strategy, VariableValue};

use crate::write::{Converted, Loss};

/// Says what of a component is in no file of Railway's.
pub(super) fn lose(made: &mut Converted, part: &Component) {
    if let Some(name) = &part.name {
        made.lose(
            Loss::Components,
            format!("the name `{}` is not in the file", name.value),
            "give it to the service on Railway",
            Some(&name.origin),
        );
    }
    if let Some(manager) = &part.manager {
        made.lose(
            Loss::Build,
            format!("the package manager `{}` is not in the file", manager.value),
            "keep the lock file of that manager alone",
            Some(&manager.origin),
        );
    }
    if let Some(strategy) = part
        .strategy
        .as_ref()
        .filter(|strategy| !matches!(&strategy.value, Strategy::Detect | Strategy::Program(_)))
    {
        made.lose(
            Loss::Build,
            "the image is built by Railpack",
            "set `builder` when another build is meant",
            Some(&strategy.origin),
        );
    }
    if let Some(publish) = &part.publish {
        let instead =
            format!("set the variable `RAILPACK_STATIC_FILE_ROOT` to `{}` on Railway", publish.value);
        made.lose(
            Loss::StaticFiles,
            format!("the directory of the site, `{}`, is not in the file", publish.value),
            &instead,
            Some(&publish.origin),
        );
    }
    for mount in &part.statics {
        made.lose(
            Loss::StaticFiles,
            format!("Railway serves no files by itself, such as those at {}", mount.url.value),
            "let the application serve them",
            Some(&mount.url.origin),
        );
    }
    for (number, volume) in part.volumes.iter().enumerate() {
        let what = format!("the directory {} does not last by itself", volume.path.value);
        let kept = number == 0
            && volume.path.value.starts_with('/')
            && volume.name.is_none()
            && volume.megabytes.is_none();
        let instead =
            if kept { continue } else { "attach a volume to the service on Railway, which has one at most" };
        made.lose(Loss::Volume, what, instead, Some(&volume.path.origin));
    }
    for variable in &part.environment {
        let what = format!("`{}` is not in the file", variable.name);
        let instead = match &variable.value {
            VariableValue::Literal(value) => format!("set it to `{value}` in the variables of the service"),
            VariableValue::Generated => {
                "set it to `${{secret()}}` in the variables of the service".to_owned()
            }
            VariableValue::Service(from) => format!(
                "set it to a reference such as `${{{{{}.VARIABLE}}}}` in the variables of the service",
                from.service
            ),
            _ => "set it in the variables of the service".to_owned(),
        };
        made.lose(Loss::Variables, what, &instead, Some(&variable.origin));
    }
}
