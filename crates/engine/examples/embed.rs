//! An embedding in thirty lines: plan, pin, build and deliver a directory.
//!
//! `cargo run --example embed -- DIR MIRROR`, where MIRROR is the base address of a Debian mirror.

#![allow(clippy::print_stdout, reason = "an example shows what it did")]

use std::{error::Error, path::Path, time::SystemTime};

use packwright_engine::debian::Mirror;
use packwright_engine::planner::{AppModel, Buildpack, Ignoring, PlanOptions};
use packwright_engine::remote::{Client, ClientOptions};
use packwright_engine::store::{Store, scan};
use packwright_engine::{BuildContext, HostFiles, ImageOptions, Stop, Strictness, best_isolation};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(dir), Some(mirror)) = (arguments.next(), arguments.next()) else {
        return Err("usage: embed DIR MIRROR".into());
    };
    let buildpacks: [&dyn Buildpack; 1] = [&packwright_python::Python];
    let ignoring = Ignoring::new(buildpacks.iter().map(|buildpack| buildpack.language()));
    let source = scan(Path::new(&dir), &ignoring)?;
    let plan =
        packwright_engine::plan(&source, &buildpacks, &|_| AppModel::default(), &PlanOptions::default())?;

    let store = Store::open(&std::env::temp_dir().join("packwright-embed"))?;
    let client = Client::new(ClientOptions::default())?;
    let stop = Stop::new()?;
    let show = |event| println!("{event:?}");
    let context = BuildContext {
        mirror: Some(Mirror { archive: mirror.clone(), security: Some(format!("{mirror}-security")) }),
        isolation: best_isolation(&store, &[])?,
        host: HostFiles {
            ca_bundle: Some("/etc/ssl/certs/ca-certificates.crt".into()),
            resolv_conf: Some("/etc/resolv.conf".into()),
            hosts: Some("/etc/hosts".into()),
        },
        ..BuildContext::new(&store, &client, &stop, SystemTime::now(), &show)
    };
    let source = packwright_engine::snapshot_dir(&store, &source)?;
    let lock = packwright_engine::pin(&context, &plan, &source, Strictness::Lenient)?;
    let built = packwright_engine::build(&context, &plan, &lock, &source, &ImageOptions::default())?;
    packwright_engine::deliver(&context, &built.image, built.epoch, &"oci:embedded.oci".parse()?)?;
    println!("{}", built.image.digest);
    Ok(())
}
