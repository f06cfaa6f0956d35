//! [`start`]: an image's process in the sandbox, for trying an application without a container
//! engine.

use std::collections::BTreeMap;
use std::ffi::OsString;

use packwright_oci::{ImageConfig, Node, Tree};
use packwright_planner::{Plan, ProcessName};
use packwright_sandbox::{
    Access, Isolation, Mount, Network, Outcome, Privilege, Root, Sandbox, Stream, User,
};
use packwright_store::CopiedModes;

use crate::app_user::APP_USER;
use crate::context::BuildContext;
use crate::error::BuildError;
use crate::hosts;
use crate::process::PROCESS_DIR;
use crate::step_sandbox::CA_BUNDLE;

/// Which process of which image is started, and with which variables.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StartOptions<'a> {
    /// The image's layers, the base first.
    pub layers: &'a [Tree],
    /// The image's configuration.
    pub config: &'a ImageConfig,
    /// The process; the image's default one when `None`.
    pub process: Option<&'a ProcessName>,
    /// Variables besides the image's own.
    pub environment: BTreeMap<String, String>,
}

impl<'a> StartOptions<'a> {
    /// The default process of the image that `layers` (the base first) and `config` describe.
    pub fn new(layers: &'a [Tree], config: &'a ImageConfig) -> StartOptions<'a> {
        StartOptions { layers, config, process: None, environment: BTreeMap::new() }
    }
}

/// Runs the process until it ends by itself, or until the context's `stop` ends it or passes
/// it a signal. It runs as the user that our images name, whatever the configuration says, sees
/// the host's network, and files it writes are gone afterwards.
///
/// `output` is called with each piece of standard output and standard error.
pub fn start(
    context: &BuildContext<'_>,
    start: &StartOptions<'_>,
    output: &mut dyn FnMut(Stream, &[u8]),
) -> Result<Outcome, BuildError> {
    let isolation = context.isolation.ok_or(BuildError::NoIsolationToRun)?;
    let scratch = context.scratch()?;
    let whole = start.layers.iter().fold(Tree::new(), |below, layer| below.overlaid(layer));
    let argv = argv(start, &whole)?;
    let root = match isolation {
        Isolation::Overlay => {
            let upper = context.subdir(&scratch, "upper")?;
            context.store.copy_root(&writable(&whole), &upper, CopiedModes::OfTree)?;
            let work = context.subdir(&scratch, "work")?;
            Root::Overlay { lowers: vec![context.root(&whole)?], upper, work }
        }
        _ => {
            let dir = context.subdir(&scratch, "root")?;
            context.store.copy_root(&whole, &dir, CopiedModes::OfTree)?;
            Root::Directory(dir)
        }
    };
    let mut sandbox = Sandbox::new(root, argv);
    if isolation == Isolation::Chroot {
        sandbox.privilege = Privilege::Chroot;
    }
    let (uid, gid) = APP_USER;
    sandbox.user = User { uid, gid };
    sandbox.cwd = start.config.working_dir.clone().unwrap_or_else(|| "/".to_owned()).into();
    sandbox.network = Network::Host;
    let variables = start.config.env.iter().map(|(name, value)| (name, value)).chain(&start.environment);
    sandbox.env = variables.map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
    let host = &context.host;
    sandbox.mounts.push(hosts::mount(&sandbox, host.hosts.as_deref(), &context.subdir(&scratch, "etc")?)?);
    for (file, target) in [(&host.resolv_conf, "etc/resolv.conf"), (&host.ca_bundle, CA_BUNDLE)] {
        if let Some(file) = file {
            sandbox.mounts.push(Mount::Bind {
                source: file.clone(),
                target: format!("/{target}").into(),
                access: Access::ReadOnly,
            });
        }
    }
    let report = packwright_sandbox::run(&sandbox, output, context.cancellation.control())?;
    Ok(report.outcome)
}

/// What the process may write to. Roots share their files with the store and have them read-only;
/// the process has no right to override that, so it gets copies of its own.
fn writable(whole: &Tree) -> Tree {
    let app = Plan::app_dir();
    whole.filter(|path, entry| {
        let is_plain = entry.is_dir() || matches!(entry.node, Node::File { .. });
        path.is_within(&app) && is_plain && entry.uid == APP_USER.0 && entry.mode & 0o200 != 0
    })
}

fn argv(start: &StartOptions<'_>, whole: &Tree) -> Result<Vec<String>, BuildError> {
    let Some(name) = start.process else {
        return match start.config.entrypoint.is_empty() && start.config.cmd.is_empty() {
            true => Err(BuildError::NothingToStart),
            false => Ok(start.config.entrypoint.iter().chain(&start.config.cmd).cloned().collect()),
        };
    };
    let path = format!("{PROCESS_DIR}/{name}");
    match whole.get(&path) {
        Some(_) => Ok(vec![format!("/{path}")]),
        None => {
            let dir = PROCESS_DIR.parse().map_err(BuildError::Path)?;
            let known = whole.below(&dir).map(|(path, _)| path.name().to_owned()).collect();
            Err(BuildError::NoSuchProcess { process: name.clone(), known })
        }
    }
}
