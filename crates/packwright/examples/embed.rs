//! An embedding in thirty lines: plan, pin, build and deliver a directory.
//!
//! `cargo run -p packwright --example embed -- DIR MIRROR`, where MIRROR is the base address of a
//! Debian mirror.

#![allow(clippy::print_stdout, reason = "an example shows what it did")]

use std::error::Error;

use packwright::debian::Mirror;
use packwright::store::Store;
use packwright::{BuildOptions, Builder, HostFiles, Source};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(dir), Some(mirror)) = (arguments.next(), arguments.next()) else {
        return Err("usage: embed DIR MIRROR".into());
    };
    let store = Store::open(&std::env::temp_dir().join("packwright-embed"))?;
    let builder = Builder::new(store)
        .mirror(Mirror { archive: mirror.clone(), security: Some(format!("{mirror}-security")) })
        .host_files(
            HostFiles::default()
                .ca_bundle("/etc/ssl/certs/ca-certificates.crt")
                .resolv_conf("/etc/resolv.conf")
                .hosts("/etc/hosts"),
        )
        .settings(std::env::vars());
    let options = BuildOptions::default().on_progress(|update| println!("{update:?}"));
    let build = builder.build(&Source::dir(dir)?, &options)?;
    build.deliver(&"oci:embedded.oci".parse()?)?;
    println!("{}", build.digest());
    Ok(())
}
