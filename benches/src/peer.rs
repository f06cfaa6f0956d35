//! The same application with buildah and a Dockerfile, on a root that is ready.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::process::{Measured, median, run, seconds};

/// Rounds of the peer.
const ROUNDS: usize = 5;

/// Prints the peer's rows, as ratios to ours, or why there are none.
///
/// The peer starts from our own image, which has Python and the dependencies in it, so that it
/// has less to do than we have: it copies the source and commits.
pub(crate) fn compare(room: &Path, app: &Path, noop: Duration, edit: Duration) {
    if Command::new("buildah").arg("--version").output().is_err() {
        println!("\nbuildah is not installed: no comparison.");
        return;
    }
    let image = room.join("cold-1.oci");
    let file = format!("FROM oci:{}:latest\nCOPY --chown=1000:0 . /app\n", image.display());
    let dockerfile = room.join("Dockerfile");
    fs::write(&dockerfile, file).expect("the room is writable");
    let build = || -> Measured {
        run(Command::new("buildah")
            .args(["--root", &text(&room.join("buildah")), "--runroot", &text(&room.join("buildah-run"))])
            .args(["--storage-driver", "overlay", "build", "--isolation", "chroot", "--layers", "-f"])
            .args([&text(&dockerfile), "-t", "peer", &text(app)]))
    };
    build();
    let again: Vec<Measured> = (0..ROUNDS).map(|_| build()).collect();
    let edited: Vec<Measured> = (0..ROUNDS)
        .map(|round| {
            fs::write(app.join("shop/note.py"), format!("PEER = {round}\n")).expect("the copy is writable");
            build()
        })
        .collect();
    println!(
        "\n| Against buildah, which only copies the source onto our image | buildah | ours / buildah |\n|---|---|---|"
    );
    for (what, theirs, ours) in
        [("no-op rebuild", median(&again), noop), ("edit of one file", median(&edited), edit)]
    {
        println!("| {what} | {} | {:.2} |", seconds(theirs), ours.as_secs_f64() / theirs.as_secs_f64());
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("temporary paths are UTF-8").to_owned()
}
