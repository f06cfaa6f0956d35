//! An embedding in thirty lines: plan, pin, build and deliver a directory.
//!
//! `cargo run --example embed -- DIR MIRROR`, where MIRROR is the base address of a Debian mirror.

#![allow(clippy::print_stdout, reason = "an example shows what it did")]

use std::{error::Error, path::Path, time::SystemTime};

use packwright::debian::Mirror;
use packwright::planner::{AppModel, Buildpack, PlanOptions};
use packwright::remote::{Client, ClientOptions};
use packwright::store::{Store, scan};
use packwright::{HostFiles, ImageOptions, Stop, Strictness, Workshop, best_rung};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(dir), Some(mirror)) = (arguments.next(), arguments.next()) else {
        return Err("usage: embed DIR MIRROR".into());
    };
    let buildpacks: [&dyn Buildpack; 1] = [&packwright_python::Python];
    let source = scan(Path::new(&dir))?;
    let plan = packwright::plan(&source, &buildpacks, &|_| AppModel::default(), &PlanOptions::default())?;

    let store = Store::open(&std::env::temp_dir().join("packwright-embed"))?;
    let client = Client::new(ClientOptions::default())?;
    let stop = Stop::new()?;
    let show = |event| println!("{event:?}");
    let workshop = Workshop {
        mirror: Some(Mirror { archive: mirror.clone(), security: Some(format!("{mirror}-security")) }),
        rung: best_rung(&store, &[])?,
        host: HostFiles {
            ca_bundle: Some("/etc/ssl/certs/ca-certificates.crt".into()),
            resolv_conf: Some("/etc/resolv.conf".into()),
            hosts: Some("/etc/hosts".into()),
        },
        ..Workshop::new(&store, &client, &stop, SystemTime::now(), &show)
    };
    let source = packwright::snapshot_dir(&store, &source)?;
    let lock = packwright::pin(&workshop, &plan, &source, Strictness::Lenient)?;
    let built = packwright::build(&workshop, &plan, &lock, &source, &ImageOptions::default())?;
    packwright::deliver(&workshop, &built.image, built.epoch, &"oci:embedded.oci".parse()?)?;
    println!("{}", built.image.digest);
    Ok(())
}
