//! What a step deletes in its outputs is gone: for later steps and in the image, on every way of isolation.

use packwright_planner::LayerKind;
use packwright_sandbox::Isolation;

use super::*;
use crate::build::{ImageOptions, build};

/// A step that runs `script`, with `rm`, on the source and then the results of `needs`, and leaves `/app`.
fn named(name: &str, needs: &[&str], shell: &[String], script: &str) -> Step {
    let rm = format!("rm() {{ {} --library-path /app /app/rm \"$@\"; }}", shell[0]);
    let mut step = step(Network::None, shell.to_vec(), &format!("{rm}; {script}"));
    step.name = format!("toy.{name}").parse().unwrap();
    step.inputs.extend(needs.iter().map(|name| Input::Step(format!("toy.{name}").parse().unwrap())));
    step.caches = Vec::new();
    step.outputs =
        vec![Output { path: "app".parse().unwrap(), layer: Some(LayerKind::Build), scrub: Vec::new() }];
    step
}

/// The text files of the image that the steps make of `source`, with their contents, and its digest.
fn image(isolation: Isolation, source: &[(&str, &str)], steps: &[(&str, &[&str], &str)]) -> (String, Digest) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::open(&dir.path().join("store")).unwrap();
    let client = Client::new(ClientOptions::default()).unwrap();
    let stop = Cancellation::new().unwrap();
    let context = BuildContext {
        isolation: Some(isolation),
        ..BuildContext::new(&store, &client, &stop, SystemTime::UNIX_EPOCH, &|_| {})
    };
    let (mut tree, shell) = shell(&store);
    let mut programs: Vec<String> = tree.iter().map(|(path, _)| path.to_string()).collect();
    let (digest, size) = store.add_file(&mut std::fs::File::open("/bin/rm").unwrap()).unwrap();
    tree.insert("app/rm".parse().unwrap(), Entry::file(digest, size, 0o755)).unwrap();
    programs.push("app/rm".to_owned());
    for (path, text) in source {
        let (digest, size) = store.add_file(&mut text.as_bytes()).unwrap();
        tree.insert(format!("app/{path}").parse().unwrap(), Entry::file(digest, size, 0o644)).unwrap();
    }
    let plan = plan(steps.iter().map(|(name, needs, script)| named(name, needs, &shell, script)).collect());
    let built = build(&context, &plan, &lock(), &tree, &ImageOptions::default()).unwrap();
    let whole = built.trees.iter().fold(Tree::new(), |below, layer| below.overlaid(layer));
    let mut shown = String::new();
    for (path, entry) in whole.iter().filter(|(path, _)| !programs.contains(&path.to_string())) {
        if let packwright_oci::Node::File { digest, .. } = &entry.node {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut store.open_file(digest).unwrap(), &mut text).unwrap();
            shown += &format!("{path}={} ", text.trim());
        }
    }
    (shown.trim_end().to_owned(), built.image.digest)
}

fn check(source: &[(&str, &str)], steps: &[(&str, &[&str], &str)], expected: &str) {
    let dir = tempfile::tempdir().unwrap();
    let probes = packwright_sandbox::probe(dir.path(), &[]);
    let works = |isolation| probes.iter().any(|probe| probe.isolation == isolation && probe.works());
    let mut digests = Vec::new();
    for isolation in [Isolation::Overlay, Isolation::Copy, Isolation::Chroot] {
        if works(isolation) {
            let (shown, digest) = image(isolation, source, steps);
            assert_eq!(shown, expected, "{isolation}");
            digests.push(digest);
        }
    }
    digests.dedup();
    assert_eq!(digests.len(), 1, "no way of isolation works, or they differ");
}

#[test]
fn what_a_step_deletes_is_gone_for_later_steps_and_in_the_image() {
    check(
        &[("dist/old.html", "o"), ("dist/logo", "l"), ("seed", "s"), ("data/a/b", "d"), ("kept", "k")],
        &[
            (
                "one",
                &[],
                "rm /app/dist/old.html /app/seed; rm -r /app/data; echo 1 > /app/gen; echo n > /app/dist/new",
            ),
            ("two", &["one"], "rm /app/gen; seen=$(echo /app/[!l]* /app/dist/*); echo $seen > /app/out"),
        ],
        "app/dist/logo=l app/dist/new=n app/kept=k \
         app/out=/app/dist /app/kept /app/rm /app/sh /app/dist/logo /app/dist/new",
    );
}

#[test]
fn what_a_later_step_makes_again_is_there() {
    check(
        &[("seed", "s\n"), ("dir/x", "x"), ("other", "o\n")],
        &[
            ("one", &[], "rm /app/seed; rm -r /app/dir; echo changed > /app/other"),
            // The first and the last are as in the source again.
            ("two", &["one"], "echo s > /app/seed; echo file > /app/dir; echo o > /app/other"),
        ],
        "app/dir=file app/other=o app/seed=s",
    );
}
